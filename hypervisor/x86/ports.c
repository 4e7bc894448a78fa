// SPDX-License-Identifier: GPL-2.0
/*
 * I/O ports are the root's, but for those that would pull the ground from under
 * the hypervisor: address line 20, whose mask counts outside the guest, too,
 * stays on; and the machine does not sleep to wake up without the hypervisor.
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

static void watch_sleep_control(u16 port)
{
	if (!port)
		return;
	hvx_intercept_port(port);
	hvx_intercept_port(port + 1);
}

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
	watch_sleep_control(hvx.sleep.pm1a_control);
	watch_sleep_control(hvx.sleep.pm1b_control);
}

static bool is_sleep_control(u16 port)
{
	return port && (port == hvx.sleep.pm1a_control ||
			port == hvx.sleep.pm1b_control);
}

/* Of a value for a sleep control register, what the root may write. */
static u32 sleep_control(u16 port, u32 value)
{
	static u32 lines;

	if (!(value & HVX_SLEEP_ENABLE))
		return value;
	if (hvx.sleep.refused_types >> HVX_SLEEP_TYPE(value) & 1) {
		if (hvx_may_log(&lines))
			hvx_print(HVX_LOG, "hypervisor: sleep refused (0x%x)\n",
				  value);
		return value & ~HVX_SLEEP_ENABLE;
	}
	if (hvx.report && port == hvx.sleep.pm1a_control) {
		hvx_lock(hvx_core);
		hvx_report();
		hvx_unlock(hvx_core);
	}
	return value;
}

/* What stands in for a byte that would do harm. */
static u8 harmless(u16 port, u8 value)
{
	static bool writes_output;

	if (is_sleep_control(port - 1))
		return sleep_control(port - 1, value << 8) >> 8;
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
	if (!is_sleep_control(port) || bytes == 1) {
		write_bytes(port, value, bytes);
		return;
	}
	value = sleep_control(port, value);
	if (bytes == 2)
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
