// SPDX-License-Identifier: GPL-2.0
/*
 * The root's kernel: a bzImage, started by the 32-bit entry of the Linux/x86
 * boot protocol (Documentation/x86/boot.rst in a kernel's source).
 */
#include "hvx.h"

/* Low memory that every PC has and no firmware keeps: the root's from here. */
#define BOOT_PARAMS 0x10000ULL
#define CMDLINE 0x11000ULL
#define CMDLINE_END 0x12000ULL

#define SECTOR 512U
#define HEADER 0x1f1U
#define HEADER_MAX 0x290U /* the setup header ends before this */
#define MIN_VERSION 0x020cU /* has init_size, pref_address, xloadflags */
#define LOADED_HIGH 1U
#define LOADER_UNDEFINED 0xffU
#define E820_MAX 128U
#define FOUR_GIB (4ULL << 30)
#define MIN_LOAD 0x100000ULL

/* Offsets in the file's first sectors and in struct boot_params alike. */
struct setup_header {
	u8 setup_sects;
	u16 root_flags;
	u32 syssize;
	u16 ram_size, vid_mode, root_dev, boot_flag;
	u16 jump;
	char magic[4];
	u16 version;
	u32 realmode_switch;
	u16 start_sys_seg, kernel_version;
	u8 type_of_loader, loadflags;
	u16 setup_move_size;
	u32 code32_start, ramdisk_image, ramdisk_size, bootsect_kludge;
	u16 heap_end_ptr;
	u8 ext_loader_ver, ext_loader_type;
	u32 cmd_line_ptr, initrd_addr_max, kernel_alignment;
	u8 relocatable_kernel, min_alignment;
	u16 xloadflags;
	u32 cmdline_size, hardware_subarch;
	u64 hardware_subarch_data;
	u32 payload_offset, payload_length;
	u64 setup_data, pref_address;
	u32 init_size;
} __attribute__((packed));
HV_ASSERT_OFFSET(struct setup_header, magic, 0x202 - HEADER);
HV_ASSERT_OFFSET(struct setup_header, ramdisk_image, 0x218 - HEADER);
HV_ASSERT_OFFSET(struct setup_header, init_size, 0x260 - HEADER);

struct e820_entry {
	u64 base, size;
	u32 type;
} __attribute__((packed));

/* The first page of struct boot_params, where we fill it in. */
struct boot_params {
	u8 cursor_x, cursor_y; /* struct screen_info begins */
	u16 ext_mem_k, video_page;
	u8 video_mode, video_cols;
	u8 flags, unused2;
	u16 video_ega_bx, unused3;
	u8 video_lines, is_vga;
	u16 video_points; /* and so on */
	u8 reserved1[0x1e8 - 0x012];
	u8 e820_entries;
	u8 reserved2[HEADER - 0x1e9];
	u8 header[HEADER_MAX - HEADER];
	u8 reserved3[0x2d0 - HEADER_MAX];
	struct e820_entry e820[E820_MAX];
	u8 reserved4[0x1000 - 0x2d0 - E820_MAX * sizeof(struct e820_entry)];
} __attribute__((packed));
HV_ASSERT_SIZE(struct boot_params, 0x1000);
HV_ASSERT_OFFSET(struct boot_params, e820, 0x2d0);

static union {
	struct setup_header header;
	u8 bytes[HEADER_MAX - HEADER];
} setup;
static u32 setup_bytes;
static u64 kernel_at, initrd_at;

static void check_kernel(const struct hvx_module *kernel)
{
	const u8 *file = (const u8 *)kernel->base;
	const struct setup_header *h = &setup.header;
	u32 sectors;

	if (kernel->size < 4 * SECTOR)
		hvx_fatal("the kernel is too small to be one");
	/* The header's own length is in the byte before its magic number. */
	setup_bytes = 0x202 + file[0x201] - HEADER;
	if (setup_bytes > sizeof(setup))
		setup_bytes = sizeof(setup);
	memcpy(setup.bytes, file + HEADER, setup_bytes);
	if (memcmp(h->magic, "HdrS", 4) || h->version < MIN_VERSION ||
	    setup_bytes < sizeof(*h))
		hvx_fatal("the kernel is not a bzImage with boot protocol 2.12 or newer");
	sectors = h->setup_sects ? h->setup_sects : 4;
	if (!(h->loadflags & LOADED_HIGH) ||
	    (sectors + 1) * SECTOR >= kernel->size)
		hvx_fatal("the kernel has no protected-mode code");
	if (h->kernel_alignment & (h->kernel_alignment - 1) ||
	    h->kernel_alignment < HVX_PAGE_SIZE || h->init_size >= FOUR_GIB / 2)
		hvx_fatal("the kernel's header makes no sense");
}

/* The hypervisor's, or the other one's. */
static bool is_taken(u64 base, u64 end, const struct hvx_span *other)
{
	return hvx_is_hidden(base, end) ||
	       (base < other->end && end > other->base);
}

/* The highest place in RAM that is free: for the initrd. */
static u64 find_high(u64 size, u64 limit)
{
	const struct hvx_span none = { 0, 0 };
	u64 best = 0;
	u32 i, h;

	for (i = 0; i < hvx.nr_regions; i++) {
		u64 base = hvx.regions[i].pfn * HVX_PAGE_SIZE;
		u64 end = base + hvx.regions[i].pages * HVX_PAGE_SIZE;

		base = hvx_max(base, MIN_LOAD);
		end = hvx_min(end, limit);
		/* What is hidden is at the end, or at the beginning. */
		for (h = 0; h < ARRAY_SIZE(hvx.hidden); h++)
			if (hvx.hidden[h].end >= end)
				end = hvx_min(end, hvx.hidden[h].base);
		if (end < base + size)
			continue;
		end = hvx_page_down(end - size);
		if (!is_taken(end, end + size, &none))
			best = hvx_max(best, end);
	}
	return best;
}

/* The lowest aligned place from @from on: for the kernel. */
static u64 find_low(u64 size, u64 from, u64 align, const struct hvx_span *other)
{
	u32 i;

	for (i = 0; i < hvx.nr_regions; i++) {
		u64 base = hvx.regions[i].pfn * HVX_PAGE_SIZE;
		u64 end = base + hvx.regions[i].pages * HVX_PAGE_SIZE;

		base = (hvx_max(base, from) + align - 1) & ~(align - 1);
		end = hvx_min(end, FOUR_GIB);
		for (; base + size <= end; base += align)
			if (!is_taken(base, base + size, other))
				return base;
	}
	return 0;
}

/**
 * hvx_linux_place - move kernel and initrd to where the root finds them
 * @boot: the loader's modules; not used again at their old places
 *
 * Loaders put them right behind the hypervisor's image, in the way of all.
 *
 * Context: boot, when it is decided what the hypervisor keeps.
 */
void hvx_linux_place(struct hvx_boot *boot)
{
	const struct hvx_module *kernel = &boot->kernel;
	const struct hvx_module *initrd = &boot->initrd;
	const struct setup_header *h = &setup.header;
	struct hvx_span span = { 0, 0 };
	u32 skip;
	u64 size;

	check_kernel(kernel);
	skip = ((h->setup_sects ? h->setup_sects : 4) + 1) * SECTOR;
	size = kernel->size - skip;
	if (initrd->size) {
		initrd_at = find_high(initrd->size,
				      (u64)h->initrd_addr_max + 1);
		if (!initrd_at)
			hvx_fatal("not enough RAM for the initrd (%llu bytes)",
				  initrd->size);
		span.base = initrd_at;
		span.end = hvx_page_up(initrd_at + initrd->size);
		if (kernel->base < span.end &&
		    kernel->base + kernel->size > span.base)
			hvx_fatal("not enough RAM to move the initrd away");
		memmove((void *)initrd_at, (void *)initrd->base, initrd->size);
	}
	kernel_at = find_low(hvx_max(h->init_size, size), h->pref_address,
			     h->kernel_alignment, &span);
	if (!kernel_at || (kernel_at != h->pref_address &&
			   !h->relocatable_kernel))
		hvx_fatal("not enough RAM for the kernel");
	memmove((void *)kernel_at, (void *)(kernel->base + skip), size);
}

static void add_e820(struct boot_params *p, u64 base, u64 end, u32 type)
{
	if (base >= end)
		return;
	if (p->e820_entries == E820_MAX)
		hvx_fatal("the memory map has more than %u pieces", E820_MAX);
	p->e820[p->e820_entries++] =
		(struct e820_entry){ base, end - base, type };
}

/* RAM is the root's but for what is hidden, in ascending order. */
static void make_e820(struct boot_params *p, const struct hvx_boot *boot)
{
	u32 i, h;

	for (i = 0; i < boot->nr_map; i++) {
		u64 base = boot->map[i].base;
		u64 end = base + boot->map[i].size;

		if (boot->map[i].type == HVX_RAM) {
			end = hvx_min(end, HVX_MAX_ADDRESS);
			for (h = 0; h < ARRAY_SIZE(hvx.hidden); h++) {
				const struct hvx_span *s = &hvx.hidden[h];

				if (s->base >= end || s->end <= base)
					continue;
				add_e820(p, base, s->base, HVX_RAM);
				add_e820(p, s->base, s->end, HVX_RESERVED);
				base = s->end;
			}
		}
		add_e820(p, base, end, boot->map[i].type);
	}
}

/* The kernel's command line: the module's string without its file name. */
static const char *kernel_cmdline(const struct hvx_module *kernel)
{
	const char *s = kernel->string;

	while (*s && *s != ' ')
		s++;
	while (*s == ' ')
		s++;
	return s;
}

static void check_low_memory(void)
{
	u64 address;

	for (address = BOOT_PARAMS; address < CMDLINE_END;
	     address += HVX_PAGE_SIZE) {
		const struct hvc_frame *f = hvx_frame(address / HVX_PAGE_SIZE);

		if (!f || f->state != HVC_FRAME_ROOT)
			hvx_fatal("no RAM at 0x%llx for the boot parameters",
				  address);
	}
}

/**
 * hvx_linux_start - let a VP start with the kernel
 * @boot: memory map and command line
 * @cpu: the boot processor
 *
 * Context: boot, at its very end: the boot parameters are in the root's memory.
 */
void hvx_linux_start(const struct hvx_boot *boot, struct hvx_cpu *cpu)
{
	struct boot_params *p = (struct boot_params *)BOOT_PARAMS;
	struct setup_header *h = &setup.header;
	const char *cmdline = kernel_cmdline(&boot->kernel);
	size_t length = strlen(cmdline);

	check_low_memory();
	if (length > h->cmdline_size)
		hvx_fatal("the kernel takes %u bytes of command line only",
			  h->cmdline_size);
	memcpy((void *)CMDLINE, cmdline, length + 1);

	memset(p, 0, sizeof(*p));
	h->type_of_loader = LOADER_UNDEFINED;
	h->code32_start = kernel_at;
	h->cmd_line_ptr = CMDLINE;
	h->ramdisk_image = initrd_at;
	h->ramdisk_size = boot->initrd.size;
	memcpy(p->header, setup.bytes, setup_bytes);
	/* A VGA text screen of 80 by 25, as PC firmware leaves it. */
	p->video_mode = 3;
	p->video_cols = 80;
	p->video_lines = 25;
	p->is_vga = 1;
	p->video_points = 16;
	make_e820(p, boot);
	hvx_vmcb_linux(cpu, kernel_at, BOOT_PARAMS);
}
