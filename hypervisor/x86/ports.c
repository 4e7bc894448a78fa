// SPDX-License-Identifier: GPL-2.0
/*
 * I/O ports are the root's, but for those that would pull the ground from under
 * the hypervisor: address line 20, whose mask counts outside the guest, too. So
 * it stays on. The sleep control port is watched when a report is wanted.
 */
#include "hvx.h"

#define PORT_DATA 0x60 /* of the keyboard controller */
#define PORT_COMMAND 0x64
#define PORT_CONTROL 0x92 /* "system control port A" */

#define CONTROL_A20 0x02
#define OUTPUT_A20 0x02
#define COMMAND_WRITE_OUTPUT 0xd1 /* the next data is for the output port */
#define COMMAND_DISABLE_A20 0xdd
#define COMMAND_ENABLE_A20 0xdf

/**
 * hvx_ports_init - let accesses to watched ports exit
 *
 * Context: boot, after hvx_svm_init() and hvx_options().
 */
void hvx_ports_init(void)
{
	hvx_intercept_port(PORT_DATA);
	hvx_intercept_port(PORT_COMMAND);
	hvx_intercept_port(PORT_CONTROL);
	if (hvx.report && hvx.sleep.pm1a_control) {
		hvx_intercept_port(hvx.sleep.pm1a_control);
		hvx_intercept_port(hvx.sleep.pm1a_control + 1);
	}
}

/* What stands in for a byte that would mask address line 20. */
static u8 harmless(u16 port, u8 value)
{
	static bool writes_output;

	switch (port) {
	case PORT_CONTROL:
		return value | CONTROL_A20;
	case PORT_COMMAND:
		writes_output = value == COMMAND_WRITE_OUTPUT;
		return value == COMMAND_DISABLE_A20 ? COMMAND_ENABLE_A20 :
						      value;
	case PORT_DATA:
		if (writes_output)
			value |= OUTPUT_A20;
		writes_output = false;
	}
	return value;
}

/*
 * Byte by byte, as each is for a port of its own. One VP's command must not meet
 * another's data unseen.
 */
static void write_bytes(u16 port, u32 value, u32 bytes)
{
	static u32 lock;

	while (xchg32(&lock, 1))
		cpu_relax();
	for (; bytes--; port++, value >>= 8)
		out8(port, harmless(port, value));
	xchg32(&lock, 0);
}

static void write_port(u16 port, u32 value, u32 bytes)
{
	if (port != hvx.sleep.pm1a_control) {
		write_bytes(port, value, bytes);
		return;
	}
	if (bytes > 1 && (value & HVX_SLEEP_ENABLE)) {
		hvx_lock(hvx_core);
		hvx_report();
		hvx_unlock(hvx_core);
	}
	if (bytes == 1)
		out8(port, value);
	else if (bytes == 2)
		out16(port, value);
	else
		out32(port, value);
}

static u64 read_port(u16 port, u32 bytes, u64 rax)
{
	if (bytes == 1)
		return (rax & ~0xffULL) | in8(port);
	if (bytes == 2)
		return (rax & ~0xffffULL) | in16(port);
	return in32(port);
}

/**
 * hvx_exit_ioio - the root accesses a watched port
 * @cpu: the VP
 *
 * String instructions are not played: #GP.
 *
 * Context: a VP's exit.
 */
void hvx_exit_ioio(struct hvx_cpu *cpu)
{
	struct vmcb *v = cpu->vmcb;
	u64 info = v->exit_info1;
	u32 bytes = SVM_IOIO_SIZE(info);
	u16 port = SVM_IOIO_PORT(info);

	if (info & SVM_IOIO_STRING) {
		hvx_inject(cpu, VECTOR_GP, true, 0);
		return;
	}
	if (info & SVM_IOIO_IN)
		v->rax = read_port(port, bytes, v->rax);
	else
		write_port(port, v->rax, bytes);
	hvx_advance_to(cpu, v->exit_info2);
}
