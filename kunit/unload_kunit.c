// SPDX-License-Identifier: GPL-2.0-only
/*
 * What drivers leave behind for good: wdmdma says so when it is unloaded, and gives it back. That
 * is after the last test, so the lines are announced here, and kmemleak looks once more then.
 */
#include <linux/mm.h>

#include <wdmdma/thread.h>

#include "fixture.h"
#include "hardirq.h"
#include "user_memory.h"

static VOID wk_end_at_once(PVOID context)
{
}

/* The thread is gone, its handles are not. */
static void wk_handles_are_left(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		HANDLE handle;
		PVOID object;

		KUNIT_ASSERT_EQ(test, PsCreateSystemThread(&handle, 0, NULL, NULL, NULL,
							   wk_end_at_once, NULL), STATUS_SUCCESS);
		KUNIT_ASSERT_EQ(test, ObReferenceObjectByHandle(handle, 0, NULL, KernelMode,
								&object, NULL), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, wk_wait_for_object(object, 5000), STATUS_SUCCESS);
		ObDereferenceObject(object);
	}
	pr_info("wdmdma_kunit: expect WARNING 1: : 2 handles were never closed\n");
}

#define WK_PAGES	3

/* An MDL that its driver forgot, with pages of a process that is gone by then */
static struct {
	MDL mdl;
	PFN_NUMBER pfns[WK_PAGES];
} wk_forgotten;

static void wk_pages_are_left_locked(struct kunit *test)
{
	unsigned long va = wk_user_alloc(test, WK_PAGES, 7);
	struct wk_refs *refs = wk_refs_of(test, va, WK_PAGES);

	MmInitializeMdl(&wk_forgotten.mdl, (PVOID)va, WK_PAGES * PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, WdmProbeAndLockPages(&wk_forgotten.mdl, UserMode, IoWriteAccess),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), WK_PAGES);
	pr_info("wdmdma_kunit: expect WARNING 1: : 3 pages of MDL\n");
}

static struct kunit_case wk_unload_cases[] = {
	KUNIT_CASE(wk_handles_are_left),
	KUNIT_CASE(wk_pages_are_left_locked),
	{}
};

static struct kunit_suite wk_unload_suite = {
	.name = "wdmdma_unload",
	.suite_init = wk_user_suite_init,
	.suite_exit = wk_user_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_unload_cases,
};

kunit_test_suite(wk_unload_suite);
