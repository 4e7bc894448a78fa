// SPDX-License-Identifier: GPL-2.0
/*
 * kexec KERNEL INITRD CMDLINE [crash]: load a kernel that replaces the running
 * one, and go there; with "crash", load it for when the running one crashes.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned long flags = 0;
	int kernel, initrd;

	if (argc != 4 && argc != 5)
		return 2;
	if (argc == 5)
		flags = KEXEC_FILE_ON_CRASH;
	kernel = open(argv[1], O_RDONLY);
	initrd = open(argv[2], O_RDONLY);
	if (kernel < 0 || initrd < 0 ||
	    syscall(SYS_kexec_file_load, kernel, initrd, strlen(argv[3]) + 1,
		    argv[3], flags)) {
		printf("kexec: %s\n", strerror(errno));
		return 1;
	}
	if (!flags)
		reboot(LINUX_REBOOT_CMD_KEXEC);
	return 0;
}
