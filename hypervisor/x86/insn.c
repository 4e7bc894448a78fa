// SPDX-License-Identifier: GPL-2.0
/*
 * The instruction that a VP was at, read through the VP's own page tables. Both
 * are the root's to change at any moment: what is found is used once, and at
 * worst lets the root go on at a place of its own choice, as it always can.
 */
#include "hvx.h"

#define PTE_PRESENT (1ULL << 0)
#define PTE_LARGE (1ULL << 7)
#define PTE_ADDRESS 0x000ffffffffff000ULL
#define PTE32_LARGE_ADDRESS 0xffc00000ULL
#define CR3_PAE_ADDRESS 0xffffffe0ULL

#define REX_B (1U << 0)
#define REX_R (1U << 2)
#define REX_W (1U << 3)

#define OP_TWO_BYTES 0x0f
#define OP_MOV_DR 0x23 /* behind OP_TWO_BYTES: to a debug register */
#define OP_XCHG 0x87 /* register with r/m32 */
#define OP_MOV 0x89 /* register to r/m32 */
#define OP_MOV_OFFSET 0xa3 /* EAX to an address */
#define OP_MOV_IMMEDIATE 0xc7

/* Copy of the root's memory, within a page; false where it has none. */
static bool read_gpa(u64 gpa, void *to, u32 size)
{
	const void *from = hvx_npt_memory(gpa);

	if (!from)
		return false;
	memcpy(to, from, size);
	return true;
}

static bool is_long(const struct vmcb *v)
{
	return (v->efer & EFER_LMA) && (v->cs.attributes & SVM_CS_LONG);
}

/* AMD APM volume 2, chapter 5. Rights are not looked at: the VP was there. */
static bool translate(const struct vmcb *v, u64 linear, u64 *gpa)
{
	u32 size = v->cr4 & CR4_PAE ? 8 : 4, bits = size == 8 ? 9 : 10;
	u64 table = v->cr3 & PTE_ADDRESS;
	u32 level = size == 8 ? 3 : 2, shift;

	if (!(v->cr0 & CR0_PG)) {
		*gpa = linear;
		return true;
	}
	if (v->efer & EFER_LMA)
		level = v->cr4 & CR4_LA57 ? 5 : 4;
	else if (size == 8)
		table = v->cr3 & CR3_PAE_ADDRESS;
	for (;; level--) {
		u64 index, entry = 0, offset;
		bool large;

		shift = 12 + bits * (level - 1);
		index = linear >> shift & ((1U << bits) - 1);
		if (!read_gpa(table + index * size, &entry, size) ||
		    !(entry & PTE_PRESENT))
			return false;
		large = (entry & PTE_LARGE) && level <= 3 && level > 1 &&
			(size == 8 || (v->cr4 & CR4_PSE));
		if (level > 1 && !large) {
			table = entry & PTE_ADDRESS;
			continue;
		}
		offset = linear & ((1ULL << shift) - 1);
		entry &= size == 4 && large ? PTE32_LARGE_ADDRESS : PTE_ADDRESS;
		*gpa = (entry & ~((1ULL << shift) - 1)) | offset;
		return true;
	}
}

static u64 linear_rip(const struct vmcb *v)
{
	return is_long(v) ? v->rip : (u32)(v->cs.base + v->rip);
}

/* The bytes at RIP, as many as can be read. */
static u32 fetch(const struct vmcb *v, u8 code[HVX_MAX_INSN])
{
	u64 linear = linear_rip(v), gpa;
	u32 done = 0;

	while (done < HVX_MAX_INSN) {
		u32 part = hvx_min(HVX_MAX_INSN - done,
				   HVX_PAGE_SIZE - linear % HVX_PAGE_SIZE);

		if (!translate(v, linear, &gpa) ||
		    !read_gpa(gpa, code + done, part))
			break;
		done += part;
		linear += part;
	}
	return done;
}

/* Where the bytes of the page that RIP is in are. */
static void remember(struct hvx_cpu *cpu)
{
	const struct vmcb *v = cpu->vmcb;
	u64 page = hvx_page_down(linear_rip(v)), gpa;

	cpu->code.bytes = translate(v, page, &gpa) ? hvx_npt_memory(gpa) : NULL;
	cpu->code.cr3 = cpu->code.bytes ? v->cr3 : ~0ULL;
	cpu->code.page = page;
}

/**
 * hvx_insn_length - how long is the instruction that was intercepted
 * @cpu: the VP
 * @opcode: what it is without prefixes, first byte lowest; begins with 0x0f
 * @size: bytes of that
 *
 * For processors that do not say. There is hardly ever a prefix: one look at
 * the page that was remembered shows it, and only what does not look right is
 * read properly.
 *
 * Context: a VP's exit.
 * Return: bytes; @size where the code cannot be read or is something else by
 * now.
 */
u32 hvx_insn_length(struct hvx_cpu *cpu, u32 opcode, u32 size)
{
	u8 code[HVX_MAX_INSN];
	u32 n, i;

	if (hvx_insn_is_plain(cpu, linear_rip(cpu->vmcb), opcode, size))
		return size;
	hvx_view_begin(cpu);
	remember(cpu);
	n = fetch(cpu->vmcb, code);
	hvx_view_end(cpu);
	for (i = 0; i + size <= n && code[i] != OP_TWO_BYTES; i++)
		;
	if (i + size > n || memcmp(code + i, &opcode, size))
		i = 0;
	return i + size;
}

/* A register by the number it has in instructions. */
static u64 *reg_of(struct hvx_cpu *cpu, u32 number)
{
	struct hvx_regs *r = &cpu->regs;
	u64 *const table[16] = {
		&cpu->vmcb->rax, &r->rcx, &r->rdx, &r->rbx,
		&cpu->vmcb->rsp, &r->rbp, &r->rsi, &r->rdi,
		&r->r8, &r->r9, &r->r10, &r->r11,
		&r->r12, &r->r13, &r->r14, &r->r15,
	};

	return table[number];
}

/**
 * hvx_insn_mov_dr - decode a MOV to a debug register
 * @cpu: the VP; which register is known from the exit
 * @value: what is stored
 *
 * Context: between hvx_view_begin() and hvx_view_end().
 * Return: bytes of the instruction; 0 when it cannot be read, or is something
 * else by now.
 */
u32 hvx_insn_mov_dr(struct hvx_cpu *cpu, u64 *value)
{
	const struct vmcb *v = cpu->vmcb;
	u8 code[HVX_MAX_INSN];
	u32 n = fetch(v, code), i, number;

	for (i = 0; i < n && code[i] != OP_TWO_BYTES; i++)
		;
	if (i + 3 > n || code[i + 1] != OP_MOV_DR)
		return 0;
	number = code[i + 2] & 7;
	if (is_long(v) && i && (code[i - 1] & 0xf0) == 0x40 &&
	    (code[i - 1] & REX_B))
		number |= 8;
	*value = *reg_of(cpu, number);
	if (!is_long(v))
		*value = (u32)*value;
	return i + 3;
}

/* Prefixes that change nothing for a store whose address is known. */
static bool skip_prefixes(const u8 *code, u32 n, u32 *i, bool *short_address,
			  bool *locked)
{
	for (; *i < n; ++*i) {
		switch (code[*i]) {
		case 0x26:
		case 0x2e:
		case 0x36:
		case 0x3e:
		case 0x64:
		case 0x65:
			break;
		case 0x67:
			*short_address = true;
			break;
		case 0xf0:
			*locked = true;
			break;
		default:
			return true;
		}
	}
	return false;
}

/* Bytes of the address behind a ModRM byte of memory form, SIB included. */
static u32 address_bytes(u8 modrm, u8 sib)
{
	u32 mod = modrm >> 6, rm = modrm & 7;
	u32 length = rm == 4;

	if (mod == 1)
		return length + 1;
	if (mod == 2 || rm == 5 || (rm == 4 && (sib & 7) == 5))
		return length + 4;
	return length;
}

/**
 * hvx_insn_store - decode a store of 32 bits to memory
 * @cpu: the VP; where it stores is known from the nested page fault
 * @store: filled
 *
 * MOV from a register, of an immediate, or to an absolute address, and XCHG;
 * with any addressing form, in 32-bit and 64-bit code.
 *
 * Context: between hvx_view_begin() and hvx_view_end().
 * Return: false when it is another instruction, or cannot be read.
 */
bool hvx_insn_store(struct hvx_cpu *cpu, struct hvx_store *store)
{
	const struct vmcb *v = cpu->vmcb;
	bool short_address = false, locked = false;
	u8 code[HVX_MAX_INSN + 1] = { 0 }; /* a SIB byte may be looked for */
	u32 n = fetch(v, code), i = 0, rex = 0, number;
	u8 opcode, modrm;

	if (!is_long(v) && (!(v->cr0 & CR0_PE) || (v->rflags & RFLAGS_VM) ||
			    !(v->cs.attributes & SVM_CS_32)))
		return false;
	if (!skip_prefixes(code, n, &i, &short_address, &locked) ||
	    (short_address && !is_long(v)))
		return false;
	if (is_long(v) && (code[i] & 0xf0) == 0x40)
		rex = code[i++];
	if ((rex & REX_W) || i + 1 >= n)
		return false;
	opcode = code[i++];
	*store = (struct hvx_store){ .exchange = opcode == OP_XCHG };
	if (locked && !store->exchange)
		return false;
	if (opcode == OP_MOV_OFFSET) {
		store->value = v->rax;
		store->length = i + (is_long(v) && !short_address ? 8 : 4);
		return store->length <= n;
	}
	modrm = code[i++];
	if (modrm >> 6 == 3)
		return false;
	i += address_bytes(modrm, code[i]);
	number = (modrm >> 3 & 7) | (rex & REX_R ? 8 : 0);
	switch (opcode) {
	case OP_MOV:
	case OP_XCHG:
		store->reg = reg_of(cpu, number);
		store->value = *store->reg;
		break;
	case OP_MOV_IMMEDIATE:
		if (number & 7 || i + 4 > n)
			return false;
		memcpy(&store->value, code + i, 4);
		i += 4;
		break;
	default:
		return false;
	}
	store->length = i;
	return i <= n;
}
