// SPDX-License-Identifier: GPL-2.0
/* Alone in this file, so that a test can bring its own: see hvctl.h. */
#include <sys/ioctl.h>

#include "hvctl.h"

int hvctl_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg);
}
