// SPDX-License-Identifier: GPL-2.0
/*
 * The first process of the machines on which scripts/bench compares what an
 * ordinary life costs with the hypervisor and without: to get here, then to
 * fork and execute. The instructions are counted from outside, by the marks.
 *
 * Where the modules load, it also asks the hypervisor for the exits of that
 * work and of a time with nothing to do, and prints them as scripts/bench
 * wants them, "shown:ID:WHAT:MIN:MEAN", per second of the machine's clock.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <hv/debug.h>
#include <hv/hypercall.h>
#include "kmod/hv_bench.h"
#include "mark.h"

#define FORKS 200 /* scripts/bench-profile knows */
#define IDLE_SECONDS 10
#define WHAT_IS_EXECUTED "nothing"

struct snapshot {
	double seconds;
	struct hv_output_debug exits;
};

static int bench = -1;

static void quit(const char *failed)
{
	if (failed)
		printf("bench-failed:%s\n", failed);
	else
		printf("bench-done\n");
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
}

static void load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		syscall(SYS_finit_module, fd, "", 0);
		close(fd);
	}
}

static void find_hypervisor(void)
{
	mkdir("/dev", 0755);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	load("/modules/hv_rootctl_lib.ko");
	load("/modules/hv_bench.ko");
	bench = open("/dev/hv_bench", O_RDWR | O_CLOEXEC);
}

static struct snapshot take(void)
{
	struct hv_bench_call call = {
		.control = hv_control_simple(HVCALL_DEBUG_MACHINE, false),
	};
	struct hv_input_debug_machine in = { .op = HV_DEBUG_EXITS };
	struct snapshot s = {};
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	s.seconds = t.tv_sec + t.tv_nsec / 1e9;
	if (bench < 0)
		return s;
	memcpy(call.input, &in, sizeof(in));
	if (ioctl(bench, HV_BENCH_CALL, &call) || call.result)
		quit("HV_DEBUG_EXITS");
	memcpy(&s.exits, call.output, sizeof(s.exits));
	return s;
}

static void show(const char *work, const struct snapshot *from)
{
	static const char *const reasons[HV_DEBUG_NR_EXITS] = {
		[HV_DEBUG_EXIT_CPUID] = "CPUID",
		[HV_DEBUG_EXIT_MSR] = "MSR",
		[HV_DEBUG_EXIT_VMMCALL] = "VMMCALL",
		[HV_DEBUG_EXIT_IOIO] = "ports",
		[HV_DEBUG_EXIT_NMI] = "NMI",
		[HV_DEBUG_EXIT_MMIO] = "APIC stores",
		[HV_DEBUG_EXIT_NPF] = "nested page faults",
		[HV_DEBUG_EXIT_IRET] = "IRET",
		[HV_DEBUG_EXIT_INVD] = "INVD",
		[HV_DEBUG_EXIT_WRITE_DR] = "debug registers",
		[HV_DEBUG_EXIT_OTHER] = "others",
	};
	struct snapshot to = take();
	double seconds = to.seconds - from->seconds, all = 0;
	unsigned int i;

	if (bench < 0)
		return;
	for (i = 0; i < HV_DEBUG_NR_EXITS; i++) {
		double n = to.exits.values[i] - from->exits.values[i];

		all += n / seconds;
		if (n)
			printf("shown:P9:exits per second, %s, %s:%.1f:%.1f\n",
			       work, reasons[i], n / seconds, n / seconds);
	}
	printf("shown:P9:exits per second, %s, all:%.1f:%.1f\n", work, all,
	       all);
}

static void fork_and_execute(void)
{
	static char *const args[] = { "/init", WHAT_IS_EXECUTED, NULL };
	int i, status;
	pid_t pid;

	for (i = 0; i < FORKS; i++) {
		pid = fork();
		if (!pid) {
			execv(args[0], args);
			_exit(1);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			quit("fork and execute");
	}
}

int main(int argc, char **argv)
{
	struct timespec idle = { .tv_sec = IDLE_SECONDS };
	struct snapshot s;

	if (argc > 1 && !strcmp(argv[1], WHAT_IS_EXECUTED))
		return 0;
	mark(MARK_NONE);

	find_hypervisor();
	fork_and_execute(); /* the first time is not like the others */
	s = take();
	mark(MARK_FORK);
	fork_and_execute();
	mark(MARK_NONE);
	show("fork work", &s);

	s = take();
	nanosleep(&idle, NULL);
	show("idle", &s);
	quit(NULL);
}
