// SPDX-License-Identifier: GPL-2.0
/*
 * A part of the demo: what happens to a program whose page is deposited under
 * it. Deposits one page of its own memory into a partition's pool (through
 * the test module hv_rawcall), lets a child process read it, and takes it back.
 *
 * usage: reader PARTITION
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

#include <hv/calls.h>
#include <hv/hypercall.h>
#include <hv/memory.h>
#include <hv/status.h>
#include "hv_rawcall.h"

enum { INPUT, OUTPUT, VICTIM, PAGES };

static int rawcall;
static u64 gpa[PAGES];

static u64 call(u64 control)
{
	struct hv_rawcall_regs regs = {
		.rcx = control,
		.rdx = gpa[INPUT],
		.r8 = gpa[OUTPUT],
	};

	if (ioctl(rawcall, HV_RAWCALL_CALL, &regs)) {
		perror("reader: HV_RAWCALL_CALL");
		exit(2);
	}
	return regs.rax;
}

/* Memory that changes behind the compiler's back. */
static u64 read_now(const u64 *p)
{
	return __atomic_load_n(p, __ATOMIC_SEQ_CST);
}

static int expect_success(const char *what, u64 result)
{
	u16 status = hv_result_status(result);

	printf("%s: %s, %u page\n", what, hv_status_name(status),
	       hv_result_reps(result));
	return status == HV_STATUS_SUCCESS && hv_result_reps(result) == 1;
}

int main(int argc, char **argv)
{
	struct hv_input_deposit_memory *deposit;
	struct hv_input_withdraw_memory *withdraw;
	struct hv_rawcall_pin pin = { .pages = PAGES };
	u64 *victim;
	char *pages;
	int status;
	pid_t pid;

	if (argc != 2) {
		fprintf(stderr, "usage: reader PARTITION\n");
		return 1;
	}
	pages = mmap(NULL, PAGES * HV_PAGE_SIZE, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	rawcall = open("/dev/hv_rawcall", O_RDWR | O_CLOEXEC);
	pin.user_addr = (uintptr_t)pages;
	pin.gpas = (uintptr_t)gpa;
	if (pages == MAP_FAILED || rawcall < 0 ||
	    ioctl(rawcall, HV_RAWCALL_PIN, &pin)) {
		perror("reader: /dev/hv_rawcall");
		return 2;
	}
	victim = (u64 *)(pages + VICTIM * HV_PAGE_SIZE);
	__atomic_store_n(victim, 0x1122334455667788, __ATOMIC_SEQ_CST);

	deposit = (struct hv_input_deposit_memory *)pages;
	deposit->partition_id = strtoull(argv[1], NULL, 0);
	deposit->gpa_page_list[0] = gpa[VICTIM] >> HV_PAGE_SHIFT;
	if (!expect_success("deposit of the reader's page",
			    call(hv_control_rep(HVCALL_DEPOSIT_MEMORY, 1, 0))))
		return 3;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		/* No core dump, no message of ours: the read is the point. */
		printf("read 0x%llx\n", read_now(victim));
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		return 2;
	if (WIFSIGNALED(status))
		printf("the reader was killed by signal %d (%s)\n",
		       WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		printf("the reader was NOT stopped\n");

	memset(pages, 0, HV_PAGE_SIZE);
	withdraw = (struct hv_input_withdraw_memory *)pages;
	withdraw->partition_id = strtoull(argv[1], NULL, 0);
	if (!expect_success("withdraw",
			    call(hv_control_rep(HVCALL_WITHDRAW_MEMORY, 1, 0))))
		return 3;
	if (*(u64 *)(pages + HV_PAGE_SIZE) != gpa[VICTIM] >> HV_PAGE_SHIFT) {
		printf("another page came back\n");
		return 3;
	}
	printf("the page is back and reads 0x%llx\n", read_now(victim));
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV &&
	       !read_now(victim) ? 0 : 3;
}
