// SPDX-License-Identifier: GPL-2.0
/* Finding and opening the device. */
#include <fcntl.h>
#include <stdlib.h>

#include "hvctl.h"

const char *hvctl_device(const char *path)
{
	if (!path)
		path = getenv(HVCTL_DEVICE_ENV);
	if (!path || !*path)
		path = HVCTL_DEVICE;
	return path;
}

int hvctl_open(const char *path)
{
	return open(path, O_RDWR | O_CLOEXEC);
}
