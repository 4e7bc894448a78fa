// SPDX-License-Identifier: GPL-2.0
/*
 * The machine's own tables: processors (MADT), proximity domains (SRAT), how to
 * switch it off (FADT), and how it would sleep (DSDT). Read once, before the root
 * runs; the root gets them untouched.
 */
#include "hvx.h"

#define RSDP_FIRST 0xe0000ULL
#define RSDP_LAST 0xffff0ULL
#define EBDA_SEGMENT 0x40eULL
#define TABLE_MAX (1U << 20)

struct rsdp {
	char signature[8];
	u8 checksum;
	char oem[6];
	u8 revision;
	u32 rsdt;
	u32 length;
	u64 xsdt;
} __attribute__((packed));

struct table {
	char signature[4];
	u32 length;
	u8 revision, checksum;
	char oem[6], oem_table[8];
	u32 oem_revision, creator, creator_revision;
} __attribute__((packed));
HV_ASSERT_SIZE(struct table, 36);

#define MADT_FIRST 44
#define MADT_APIC 0
#define MADT_IOAPIC 1
#define MADT_X2APIC 9
#define MADT_ENABLED 1U

struct madt_entry {
	u8 type, length;
	union {
		struct {
			u8 processor, apic_id;
			u32 flags;
		} __attribute__((packed)) apic;
		struct {
			u8 id, reserved;
			u32 address, first_irq;
		} __attribute__((packed)) ioapic;
		struct {
			u16 reserved;
			u32 apic_id, flags;
		} __attribute__((packed)) x2apic;
	};
} __attribute__((packed));

#define SRAT_FIRST 48
#define SRAT_MEMORY 1
#define SRAT_ENABLED 1U
#define SRAT_MAX 64

struct srat_memory {
	u8 type, length;
	u32 domain;
	u16 reserved1;
	u64 base, size;
	u32 reserved2, flags;
	u64 reserved3;
} __attribute__((packed));
HV_ASSERT_SIZE(struct srat_memory, 40);

#define FADT_DSDT 40
#define FADT_PM1A_CONTROL 64
#define FADT_PM1B_CONTROL 68
#define FADT_RESET_FLAGS 112
#define FADT_RESET_REGISTER 116 /* generic address: space, 3 bytes, u64 */
#define FADT_RESET_VALUE 128
#define FADT_RESET_SUPPORTED (1U << 10)
#define FADT_X_DSDT 140
#define ADDRESS_SPACE_IO 1

/* AML: what DSDTs name sleep states with. */
#define AML_ZERO 0x00
#define AML_ONE 0x01
#define AML_BYTE 0x0a
#define AML_PACKAGE 0x12
#define AML_LENGTH_BYTES(first) (1 + ((first) >> 6))

#define SLEEP_TYPE_SHIFT 10
#define PORT_RESET_CONTROL 0xcf9
#define PORT_KEYBOARD 0x64
#define KEYBOARD_RESET 0xfe

static struct {
	u64 base, end;
	u8 domain;
} domains[SRAT_MAX];
static u32 nr_domains;
static u16 reset_port;
static u8 reset_value;

static bool checksum_ok(const void *p, u32 length)
{
	const u8 *byte = p;
	u8 sum = 0;

	while (length--)
		sum += *byte++;
	return !sum;
}

static const struct rsdp *find_rsdp(u64 from, u64 to)
{
	for (; from <= to; from += 16) {
		const struct rsdp *r = (const void *)from;

		if (!memcmp(r->signature, "RSD PTR ", 8) && checksum_ok(r, 20))
			return r;
	}
	return NULL;
}

static const struct table *table_at(u64 address)
{
	const struct table *t = (const void *)address;

	if (!address || address > 0xffffffffULL - sizeof(*t) ||
	    t->length < sizeof(*t) || t->length > TABLE_MAX ||
	    address + t->length > 0x100000000ULL || !checksum_ok(t, t->length))
		return NULL;
	return t;
}

static const struct table *find_table(const struct table *root, u32 width,
				      const char *signature)
{
	const u8 *entry = (const u8 *)(root + 1);
	const u8 *end = (const u8 *)root + root->length;

	for (; entry + width <= end; entry += width) {
		const struct table *t;
		u64 address = 0;

		memcpy(&address, entry, width);
		t = table_at(address);
		if (t && !memcmp(t->signature, signature, 4))
			return t;
	}
	return NULL;
}

static void add_cpu(u32 apic_id)
{
	struct hvx_cpu *cpu;

	/* The processor that reads this is the first, whatever the order. */
	if (apic_id == hvx.cpus[0].apic_id)
		return;
	if (hvx.nr_cpus == HVX_MAX_CPUS) {
		hvx_print(HVX_LOG, "hypervisor: apic id %u: more than %u processors\n",
			  apic_id, HVX_MAX_CPUS);
		return;
	}
	cpu = &hvx.cpus[hvx.nr_cpus++];
	cpu->apic_id = apic_id;
}

static void add_ioapic(u32 address)
{
	if (hvx.nr_ioapics == HVX_MAX_IOAPICS)
		hvx_fatal("more than %u I/O APICs", HVX_MAX_IOAPICS);
	if (address % HVX_PAGE_SIZE)
		hvx_fatal("the I/O APIC at 0x%x is not at the start of a page",
			  address);
	hvx.ioapics[hvx.nr_ioapics++] = address;
}

static void read_madt(const struct table *madt)
{
	const u8 *p = (const u8 *)madt + MADT_FIRST;
	const u8 *end = (const u8 *)madt + madt->length;

	while (p + 2 <= end) {
		const struct madt_entry *e = (const void *)p;

		if (e->length < 2 || p + e->length > end)
			break;
		if (e->type == MADT_APIC && e->length >= 8 &&
		    (e->apic.flags & MADT_ENABLED))
			add_cpu(e->apic.apic_id);
		if (e->type == MADT_IOAPIC && e->length >= 12)
			add_ioapic(e->ioapic.address);
		if (e->type == MADT_X2APIC && e->length >= 16 &&
		    (e->x2apic.flags & MADT_ENABLED))
			add_cpu(e->x2apic.apic_id);
		p += e->length;
	}
}

static void read_srat(const struct table *srat)
{
	const u8 *p = (const u8 *)srat + SRAT_FIRST;
	const u8 *end = (const u8 *)srat + srat->length;

	while (p + 2 <= end && nr_domains < SRAT_MAX) {
		const struct srat_memory *m = (const void *)p;

		if (p[1] < 2 || p + p[1] > end)
			break;
		if (m->type == SRAT_MEMORY && m->length >= sizeof(*m) &&
		    (m->flags & SRAT_ENABLED) && m->size &&
		    m->domain < HVC_MAX_DOMAINS) {
			domains[nr_domains].base = m->base;
			domains[nr_domains].end = m->base + m->size;
			domains[nr_domains++].domain = m->domain;
		}
		p += p[1];
	}
}

/*
 * The type that the package behind the name of a sleep state begins with, as a
 * bit. The name is followed by the package's opcode, its length, the number of
 * its elements, and these.
 */
static u8 sleep_type(const u8 *package)
{
	const u8 *element = package + 1 + AML_LENGTH_BYTES(package[1]) + 1;

	if (package[0] != AML_PACKAGE)
		return 0;
	switch (element[0]) {
	case AML_ZERO:
	case AML_ONE:
		return 1U << element[0];
	case AML_BYTE:
		return element[1] < 8 ? 1U << element[1] : 0;
	}
	return 0;
}

/*
 * A machine that sleeps in S2 or S3 wakes up in the firmware, which goes where
 * the root has said: without the hypervisor.
 */
static void read_dsdt(const struct table *dsdt)
{
	const u8 *p = (const u8 *)(dsdt + 1);
	const u8 *end = (const u8 *)dsdt + dsdt->length;

	for (; p + 16 <= end; p++)
		if (!memcmp(p, "_S2_", 4) || !memcmp(p, "_S3_", 4))
			hvx.sleep.refused_types |= sleep_type(p + 4);
}

static void read_fadt(const struct table *fadt)
{
	const u8 *f = (const u8 *)fadt;
	const struct table *dsdt;
	u32 port = 0, flags = 0;
	u64 address = 0;

	if (fadt->length >= FADT_PM1B_CONTROL + 4) {
		memcpy(&port, f + FADT_PM1A_CONTROL, 4);
		hvx.sleep.pm1a_control = port;
		memcpy(&port, f + FADT_PM1B_CONTROL, 4);
		hvx.sleep.pm1b_control = port;
	}
	if (fadt->length >= FADT_DSDT + 4)
		memcpy(&address, f + FADT_DSDT, 4);
	if (fadt->length >= FADT_X_DSDT + 8 && !address)
		memcpy(&address, f + FADT_X_DSDT, 8);
	dsdt = table_at(address);
	if (dsdt)
		read_dsdt(dsdt);
	if (fadt->length > FADT_RESET_VALUE) {
		memcpy(&flags, f + FADT_RESET_FLAGS, 4);
		memcpy(&address, f + FADT_RESET_REGISTER + 4, 8);
		if ((flags & FADT_RESET_SUPPORTED) && address < 0x10000 &&
		    f[FADT_RESET_REGISTER] == ADDRESS_SPACE_IO) {
			reset_port = address;
			reset_value = f[FADT_RESET_VALUE];
		}
	}
}

/**
 * hvx_acpi_init - find the processors, the domains and the off switch
 *
 * Without tables the machine has the one processor that asks, one domain, and
 * cannot be switched off by HvEnterSleepState.
 *
 * Context: boot.
 */
void hvx_acpi_init(void)
{
	const struct rsdp *rsdp = NULL;
	const struct table *root = NULL, *t;
	u32 width = 8;
	u16 segment;

	hvx.nr_cpus = 1;
	hvx.cpus[0].apic_id = hvx_apic_id();
	hvx.cpus[0].bsp = true;
	memcpy(&segment, (void *)EBDA_SEGMENT, sizeof(segment));
	if (segment)
		rsdp = find_rsdp((u64)segment << 4, ((u64)segment << 4) + 0x3f0);
	if (!rsdp)
		rsdp = find_rsdp(RSDP_FIRST, RSDP_LAST);
	if (rsdp && rsdp->revision >= 2)
		root = table_at(rsdp->xsdt);
	if (rsdp && !root) {
		root = table_at(rsdp->rsdt);
		width = 4;
	}
	if (!root) {
		hvx_print(HVX_LOG, "hypervisor: no ACPI tables found\n");
		return;
	}
	t = find_table(root, width, "APIC");
	if (t)
		read_madt(t);
	t = find_table(root, width, "SRAT");
	if (t)
		read_srat(t);
	t = find_table(root, width, "FACP");
	if (t)
		read_fadt(t);
}

/**
 * hvx_domain - the proximity domain of an address
 * @address: in RAM
 *
 * Context: any.
 * Return: the domain's id, below HVC_MAX_DOMAINS; 0 where the SRAT is silent.
 */
u32 hvx_domain(u64 address)
{
	u32 i;

	for (i = 0; i < nr_domains; i++)
		if (address >= domains[i].base && address < domains[i].end)
			return domains[i].domain;
	return 0;
}

/**
 * hvx_power_off - enter S5 with the values the root has registered
 *
 * Context: any. Returns only when the machine does not obey, or when the
 * values are not known.
 */
void hvx_power_off(void)
{
	const struct hvx_sleep *s = &hvx.sleep;

	if (!s->s5_known || !s->pm1a_control)
		return;
	out16(s->pm1a_control,
	      (s->s5_type_a << SLEEP_TYPE_SHIFT) | HVX_SLEEP_ENABLE);
	if (s->pm1b_control)
		out16(s->pm1b_control,
		      (s->s5_type_b << SLEEP_TYPE_SHIFT) | HVX_SLEEP_ENABLE);
	hvx_delay(1000000);
}

/**
 * hvx_reset - reset the machine
 *
 * Context: any. Does not return.
 */
void hvx_reset(void)
{
	if (reset_port)
		out8(reset_port, reset_value);
	hvx_delay(10000);
	out8(PORT_KEYBOARD, KEYBOARD_RESET);
	hvx_delay(10000);
	out8(PORT_RESET_CONTROL, 0x02);
	out8(PORT_RESET_CONTROL, 0x06);
	hvx_delay(10000);
	hvx_fatal("the machine does not reset");
}
