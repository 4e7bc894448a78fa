// SPDX-License-Identifier: GPL-2.0
/*
 * What a root partition can do to the machine, and must not do to the
 * hypervisor: were it to succeed, nobody would be there to say so.
 */
#include "modes.h"

#define PORT_DATA 0x60 /* of the keyboard controller */
#define PORT_COMMAND 0x64
#define PORT_CONTROL 0x92 /* "system control port A" */

#define CONTROL_A20 0x02
#define STATUS_OUTPUT_FULL 0x01
#define STATUS_INPUT_FULL 0x02
#define COMMAND_READ_OUTPUT 0xd0
#define COMMAND_WRITE_OUTPUT 0xd1
#define COMMAND_DISABLE_A20 0xdd
#define OUTPUT_NO_RESET 0x01
#define OUTPUT_A20 0x02

static void wait_status(u8 bit, bool set)
{
	u32 patience = 100000;

	while (!(in_8(PORT_COMMAND) & bit) == set && --patience)
		;
}

static u8 output_port(void)
{
	wait_status(STATUS_INPUT_FULL, false);
	out_8(PORT_COMMAND, COMMAND_READ_OUTPUT);
	wait_status(STATUS_OUTPUT_FULL, true);
	return in_8(PORT_DATA);
}

/*
 * Address line 20 masked would put the root's memory in place of the
 * hypervisor's code.
 */
void hostile_a20_by_the_control_port(void)
{
	u8 before = in_8(PORT_CONTROL);

	EXPECT_EQ(before & CONTROL_A20, CONTROL_A20);
	out_8(PORT_CONTROL, before & ~CONTROL_A20);
	EXPECT_EQ(in_8(PORT_CONTROL), before);
	/* As a part of something wider. */
	out_16(PORT_CONTROL - 1, (before & ~CONTROL_A20) << 8);
	EXPECT_EQ(in_8(PORT_CONTROL), before);
	/* QEMU gives all bytes of it to the port that it begins with. */
	out_16(PORT_CONTROL, before);
	EXPECT_EQ(in_8(PORT_CONTROL), before);
	out_32(PORT_CONTROL, before);
	EXPECT_EQ(in_8(PORT_CONTROL), before);
}

void hostile_a20_by_the_keyboard_controller(void)
{
	u8 before = output_port();

	EXPECT_EQ(before & OUTPUT_A20, OUTPUT_A20);
	out_8(PORT_COMMAND, COMMAND_DISABLE_A20);
	EXPECT_EQ(output_port(), before);
	out_8(PORT_COMMAND, COMMAND_WRITE_OUTPUT);
	out_8(PORT_DATA, OUTPUT_NO_RESET);
	EXPECT_EQ(output_port() & OUTPUT_A20, OUTPUT_A20);
	out_16(PORT_COMMAND, COMMAND_WRITE_OUTPUT);
	out_16(PORT_DATA, OUTPUT_NO_RESET);
	EXPECT_EQ(output_port() & OUTPUT_A20, OUTPUT_A20);
}
