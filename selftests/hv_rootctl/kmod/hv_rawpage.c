// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of the kernel for a test to deposit: hv_rawpage.h. What bears a mark
 * that is not true has it for as long as nobody else can see the page.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/page-flags.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "hv_rawpage.h"

static struct kmem_cache *objects;

static struct page *get_object(void)
{
	void *object = kmem_cache_alloc(objects, GFP_KERNEL);

	return object ? virt_to_page(object) : NULL;
}

static struct page *get_page_of(u32 kind)
{
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO;
	struct page *page;

	switch (kind) {
	case HV_RAWPAGE_SLAB:
		return get_object();
	case HV_RAWPAGE_COMPOUND:
	case HV_RAWPAGE_TAIL:
		page = alloc_pages(gfp | __GFP_COMP, 1);
		return page && kind == HV_RAWPAGE_TAIL ? page + 1 : page;
	}
	page = alloc_page(gfp);
	if (!page)
		return NULL;
	switch (kind) {
	case HV_RAWPAGE_SHARED:
		get_page(page);
		break;
	case HV_RAWPAGE_RESERVED:
		SetPageReserved(page);
		break;
	case HV_RAWPAGE_LRU:
		SetPageLRU(page);
		break;
	case HV_RAWPAGE_MAPPED:
		atomic_set(&page->_mapcount, 0);
		break;
	}
	return page;
}

static void put_page_of(u32 kind, struct page *page)
{
	switch (kind) {
	case HV_RAWPAGE_SLAB:
		kmem_cache_free(objects, page_address(page));
		return;
	case HV_RAWPAGE_COMPOUND:
		__free_pages(page, 1);
		return;
	case HV_RAWPAGE_TAIL:
		__free_pages(page - 1, 1);
		return;
	case HV_RAWPAGE_SHARED:
		put_page(page);
		break;
	case HV_RAWPAGE_RESERVED:
		ClearPageReserved(page);
		break;
	case HV_RAWPAGE_LRU:
		ClearPageLRU(page);
		break;
	case HV_RAWPAGE_MAPPED:
		atomic_set(&page->_mapcount, -1);
		break;
	}
	__free_page(page);
}

static long rawpage_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	struct hv_rawpage args;
	struct page *page;

	if (copy_from_user(&args, (void __user *)arg, sizeof(args)))
		return -EFAULT;
	if (args.kind >= HV_RAWPAGE_KINDS)
		return -EINVAL;
	switch (cmd) {
	case HV_RAWPAGE_GET:
		page = get_page_of(args.kind);
		if (!page)
			return -ENOMEM;
		args.gpa = page_to_phys(page);
		if (!copy_to_user((void __user *)arg, &args, sizeof(args)))
			return 0;
		put_page_of(args.kind, page);
		return -EFAULT;
	case HV_RAWPAGE_PUT:
		if (!pfn_valid(PHYS_PFN(args.gpa)))
			return -EINVAL;
		put_page_of(args.kind, pfn_to_page(PHYS_PFN(args.gpa)));
		return 0;
	}
	return -ENOIOCTLCMD;
}

static int rawpage_open(struct inode *inode, struct file *file)
{
	return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

static const struct file_operations rawpage_fops = {
	.owner = THIS_MODULE,
	.open = rawpage_open,
	.unlocked_ioctl = rawpage_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice rawpage_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "hv_rawpage",
	.fops = &rawpage_fops,
	.mode = 0600,
};

/* An object for each page; kmemleak must not look into those in a pool. */
static int __init rawpage_init(void)
{
	int err;

	objects = kmem_cache_create("hv_rawpage", PAGE_SIZE, PAGE_SIZE,
				    SLAB_NOLEAKTRACE, NULL);
	if (!objects)
		return -ENOMEM;
	err = misc_register(&rawpage_device);
	if (err)
		kmem_cache_destroy(objects);
	return err;
}
module_init(rawpage_init);

static void __exit rawpage_exit(void)
{
	misc_deregister(&rawpage_device);
	kmem_cache_destroy(objects);
}
module_exit(rawpage_exit);

MODULE_DESCRIPTION("Pages of the kernel for the hv_rootctl selftests");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
