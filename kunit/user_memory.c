// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of a process, for tests (user_memory.h).
 */
#include <linux/file.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "fixture.h"
#include "user_memory.h"

static struct mm_struct *wk_mm;	/* of the task that loaded the module */

int wk_user_suite_init(struct kunit_suite *suite)
{
	if (!current->mm)
		return -EINVAL;
	mmget(current->mm);
	wk_mm = current->mm;
	return wk_suite_init(suite);
}

void wk_user_suite_exit(struct kunit_suite *suite)
{
	wk_suite_exit(suite);
	mmput(wk_mm);
	wk_mm = NULL;
}

/*
 * For as long as the thread lives: its end gives back what mmget() takes, but not what
 * kthread_use_mm() does.
 */
static void wk_user_attach(void)
{
	if (current->mm)
		return;
	mmget(wk_mm);
	kthread_use_mm(wk_mm);
	mmdrop(wk_mm);
}

struct wk_user_range {
	unsigned long va;
	size_t bytes;
};

/* In another thread than the test's */
static void wk_user_unmap(void *data)
{
	struct wk_user_range *range = data;

	kthread_use_mm(wk_mm);
	vm_munmap(range->va, range->bytes);
	kthread_unuse_mm(wk_mm);
	kfree(range);
}

unsigned long wk_user_map_file(struct kunit *test, struct file *file, unsigned int pages,
			       unsigned long prot, unsigned long flags)
{
	struct wk_user_range *range = kzalloc(sizeof(*range), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, range);
	wk_user_attach();
	range->bytes = pages * PAGE_SIZE;
	range->va = vm_mmap(file, 0, range->bytes, prot, flags, 0);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR_VALUE(range->va), "mmap: %ld", (long)range->va);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, wk_user_unmap, range), 0);
	return range->va;
}

unsigned long wk_user_map(struct kunit *test, unsigned int pages, unsigned long prot)
{
	return wk_user_map_file(test, NULL, pages, prot, MAP_PRIVATE | MAP_ANONYMOUS);
}

static void wk_fput(void *file)
{
	fput(file);
}

struct file *wk_user_file(struct kunit *test, unsigned int pages, u32 seed)
{
	struct file *file = shmem_file_setup("wdmdma-kunit", pages * PAGE_SIZE, 0);

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, wk_fput, file), 0);
	wk_user_fill(test, wk_user_map_file(test, file, pages, WK_READ_WRITE, MAP_SHARED),
		     pages * PAGE_SIZE, seed);
	return file;
}

void wk_user_fill(struct kunit *test, unsigned long va, size_t bytes, u32 seed)
{
	u8 *copy = kvmalloc(bytes, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	wk_fill(copy, bytes, seed);
	KUNIT_EXPECT_EQ(test, copy_to_user((void __user *)va, copy, bytes), 0);
	kvfree(copy);
}

void wk_user_expect_pattern(struct kunit *test, unsigned long va, size_t bytes, u32 seed)
{
	u8 *copy = kvmalloc(bytes, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_EXPECT_EQ(test, copy_from_user(copy, (void __user *)va, bytes), 0);
	wk_expect_pattern(test, copy, bytes, seed);
	kvfree(copy);
}

/* Gets a page of @va, and asks whether it follows the one before. */
static bool wk_user_page_follows(struct kunit *test, unsigned long va, unsigned long *pfn)
{
	unsigned long before = *pfn;
	struct page *page;

	KUNIT_ASSERT_EQ(test, clear_user((void __user *)va, 1), 0);
	KUNIT_ASSERT_EQ(test, get_user_pages_fast(va, 1, 0, &page), 1);
	*pfn = page_to_pfn(page);
	put_page(page);
	return *pfn == before + 1;
}

/* Pages that go to no MDL keep apart those that do, mostly. */
static bool wk_user_try_alloc(struct kunit *test, unsigned long va, unsigned int pages)
{
	unsigned long spacer = wk_user_map(test, pages, WK_READ_WRITE), pfn = 0;
	bool scattered = true;
	unsigned int i;

	for (i = 0; i < pages; i++) {
		scattered &= !wk_user_page_follows(test, va + i * PAGE_SIZE, &pfn);
		KUNIT_ASSERT_EQ(test, clear_user((void __user *)(spacer + i * PAGE_SIZE), 1), 0);
	}
	return scattered;
}

unsigned long wk_user_alloc(struct kunit *test, unsigned int pages, u32 seed)
{
	unsigned long va;
	unsigned int tries = 32;

	do {
		KUNIT_ASSERT_NE(test, tries--, 0);
		va = wk_user_map(test, pages, WK_READ_WRITE);
	} while (!wk_user_try_alloc(test, va, pages));
	wk_user_fill(test, va, pages * PAGE_SIZE, seed);
	return va;
}

PMDL wk_user_lock(struct kunit *test, unsigned long va, size_t bytes, LOCK_OPERATION operation)
{
	PMDL mdl = IoAllocateMdl((PVOID)va, bytes, FALSE, FALSE, NULL);

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	KUNIT_ASSERT_EQ(test, WdmProbeAndLockPages(mdl, UserMode, operation), STATUS_SUCCESS);
	return mdl;
}

void wk_user_unlock(PMDL mdl)
{
	MmUnlockPages(mdl);
	IoFreeMdl(mdl);
}

struct page *wk_mdl_page(const MDL *mdl, u32 index)
{
	return pfn_to_page(MmGetMdlPfnArray(mdl)[index]);
}

struct wk_refs *wk_refs_of(struct kunit *test, unsigned long va, u32 pages)
{
	struct wk_refs *refs = kunit_kzalloc(test, sizeof(*refs), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, refs);
	refs->nr_pages = pages;
	refs->pages = kunit_kcalloc(test, pages, sizeof(*refs->pages), GFP_KERNEL);
	refs->refs = kunit_kcalloc(test, pages, sizeof(*refs->refs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, refs->pages);
	KUNIT_ASSERT_NOT_NULL(test, refs->refs);
	KUNIT_ASSERT_EQ(test, get_user_pages_fast(va, pages, 0, refs->pages), (int)pages);
	for (i = 0; i < pages; i++) {
		put_page(refs->pages[i]);
		refs->refs[i] = page_count(refs->pages[i]);
	}
	return refs;
}

u32 wk_refs_held(const struct wk_refs *refs)
{
	u32 held = 0, i;

	for (i = 0; i < refs->nr_pages; i++)
		if (page_count(refs->pages[i]) > refs->refs[i])
			held++;
	return held;
}
