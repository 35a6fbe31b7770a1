/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of a process. A test's thread is a kernel thread and has none of its own: from the first
 * wk_user_map() on it uses the address space of the task that loads the module, which is the one
 * that starts a suite. (kunit_vm_mmap() would do the same, and lose a struct mm_struct each time.)
 */
#ifndef WDMDMA_KUNIT_USER_MEMORY_H
#define WDMDMA_KUNIT_USER_MEMORY_H

#include <kunit/test.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>

#include <wdmdma/types.h>
#include <wdmdma/mdl.h>

#define WK_READ_WRITE	(PROT_READ | PROT_WRITE)

/* Instead of wk_suite_init() and wk_suite_exit() in suites with user memory */
int wk_user_suite_init(struct kunit_suite *suite);
void wk_user_suite_exit(struct kunit_suite *suite);

/* Private anonymous memory of @pages pages, untouched; asserted to exist. */
unsigned long wk_user_map(struct kunit *test, unsigned int pages, unsigned long prot);
/* The same, of a file, or shared. */
unsigned long wk_user_map_file(struct kunit *test, struct file *file, unsigned int pages,
			       unsigned long prot, unsigned long flags);
/* Private memory whose pages exist and hold pattern @seed; no two are physically adjacent. */
unsigned long wk_user_alloc(struct kunit *test, unsigned int pages, u32 seed);
/* A file of @pages pages that holds pattern @seed; closed when the test ends. */
struct file *wk_user_file(struct kunit *test, unsigned int pages, u32 seed);

void wk_user_fill(struct kunit *test, unsigned long va, size_t bytes, u32 seed);
/* Fails the test unless the process sees pattern @seed at @va. */
void wk_user_expect_pattern(struct kunit *test, unsigned long va, size_t bytes, u32 seed);

/* A locked MDL of the process's memory; the caller unlocks and frees it. */
PMDL wk_user_lock(struct kunit *test, unsigned long va, size_t bytes, LOCK_OPERATION operation);
void wk_user_unlock(PMDL mdl);
struct page *wk_mdl_page(const MDL *mdl, u32 index);

/* The references that the pages of a range have while nobody holds them */
struct wk_refs {
	u32 nr_pages;
	struct page **pages;
	int *refs;
};

struct wk_refs *wk_refs_of(struct kunit *test, unsigned long va, u32 pages);
/* How many of the pages have more references than they had? */
u32 wk_refs_held(const struct wk_refs *refs);

#endif
