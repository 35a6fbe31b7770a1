// SPDX-License-Identifier: GPL-2.0-only
/*
 * Register sets: what they cost, what becomes of them when memory is short, and large ones whose
 * records take several pages.
 */
#include <linux/bottom_half.h>
#include <linux/debugfs.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "../wdmdma/internal.h"
#include "fake_driver.h"
#include "fixture.h"

#define WK_NOTHING	(-1ULL)

/* More registers than the records of one page, and of two. */
#define WK_LARGE	300U

static NTSTATUS wk_allocate(PDMA_ADAPTER adapter, ULONG regs, struct wk_call *call)
{
	return adapter->DmaOperations->AllocateAdapterChannel(adapter, NULL, regs, wk_control,
							      call);
}

static PVOID wk_get_set(struct kunit *test, PDMA_ADAPTER adapter, ULONG regs)
{
	struct wk_call call;

	wk_call_init(&call, adapter, DeallocateObjectKeepRegisters);
	KUNIT_ASSERT_EQ(test, wk_allocate(adapter, regs, &call), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	return call.base;
}

static void wk_free_set(PDMA_ADAPTER adapter, PVOID base, ULONG regs)
{
	adapter->DmaOperations->FreeMapRegisters(adapter, base, regs);
}

static u64 wk_map(PDMA_ADAPTER adapter, PMDL mdl, PVOID base, u64 offset, ULONG bytes)
{
	return adapter->DmaOperations->MapTransfer(adapter, mdl, base,
				MmGetMdlVirtualAddress(mdl) + offset, &bytes, TRUE).QuadPart;
}

static void wk_flush(PDMA_ADAPTER adapter, PMDL mdl, PVOID base, u64 offset, ULONG bytes)
{
	adapter->DmaOperations->FlushAdapterBuffers(adapter, mdl, base,
				MmGetMdlVirtualAddress(mdl) + offset, bytes, TRUE);
}

/* Maps @count pages one by one; counts those that got the wrong address. */
static unsigned int wk_map_pages(struct kunit *test, PDMA_ADAPTER adapter,
				 struct wk_buffer *buffer, PMDL mdl, PVOID base, u32 count)
{
	unsigned int wrong = 0;
	u64 address;
	u32 i;

	for (i = 0; i < count; i++) {
		address = wk_map(adapter, mdl, base, (u64)i * PAGE_SIZE, PAGE_SIZE);
		wrong += wk_memory_at(test, address) != wk_phys(buffer, (size_t)i * PAGE_SIZE);
	}
	return wrong;
}

/* Sets the smallest order of pages whose allocation can be made to fail; returns the old one. */
static u32 wk_set_min_order(struct kunit *test, u32 order)
{
	struct dentry *dir = debugfs_lookup("fail_page_alloc", NULL);
	struct dentry *file = dir ? debugfs_lookup("min-order", dir) : NULL;
	u32 old;

	KUNIT_ASSERT_NOT_NULL_MSG(test, file, "no fault injection");
	old = *(u32 *)d_inode(file)->i_private;
	*(u32 *)d_inode(file)->i_private = order;
	dput(file);
	dput(dir);
	return old;
}

static const u32 wk_sizes[] = { 0, 1, 16, 120 };

static void wk_size_desc(const u32 *regs, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u registers", *regs);
}

KUNIT_ARRAY_PARAM(wk_size, wk_sizes, wk_size_desc);

/* Decision 14. Far more than could happen, so nothing fails: what is left over was not used. */
#define WK_FAULTS	100000

static void wk_steady_state_allocates_nothing(struct kunit *test)
{
	const u32 regs = *(const u32 *)test->param_value, pages = regs ? : 4;
	struct wk_buffer *buffer = wk_alloc_scattered(test, pages);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, 128 * PAGE_SIZE, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, pages * PAGE_SIZE);
	u32 round, wrong = 0, used = 0, min_order = wk_set_min_order(test, 0);
	struct wk_call call, waiter;

	for (round = 0; round < 5; round++) {
		/* The first round warms up; dma-debug itself allocates for the other direction. */
		current->fail_nth = round ? WK_FAULTS : 0;
		wk_call_init(&call, adapter, KeepObject);
		wk_allocate(adapter, regs, &call);
		wk_call_init(&waiter, adapter, DeallocateObjectKeepRegisters);
		wk_allocate(adapter, regs, &waiter);
		wrong += wk_map_pages(test, adapter, buffer, mdl, call.base, pages);
		wk_flush(adapter, mdl, call.base, 0, pages * PAGE_SIZE);
		adapter->DmaOperations->FreeAdapterChannel(adapter);
		wrong += wk_map_pages(test, adapter, buffer, mdl, waiter.base, pages);
		wk_flush(adapter, mdl, waiter.base, 0, pages * PAGE_SIZE);
		wk_free_set(adapter, waiter.base, regs);
		if (round)
			used += WK_FAULTS - current->fail_nth;
		current->fail_nth = 0;
	}
	wk_set_min_order(test, min_order);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ_MSG(test, used, 0, "allocations in steady state");
}

/*
 * Each allocation that a request makes fails once; nothing is left behind, and the next works. How
 * many there are varies, as the allocator has to get pages of its own now and then.
 */
static void wk_request_survives_lack_of_memory(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 120);
	PMDL mdl = wk_mdl(test, buffer, 0, 120 * PAGE_SIZE);
	u32 nth, left = 0, min_order = wk_set_min_order(test, 0);
	unsigned int refusals = 0;

	for (nth = 1; nth <= 15; nth++) {
		PDMA_ADAPTER adapter = wk_get_adapter(test, 2, 128 * PAGE_SIZE, NULL);
		struct wk_call call;
		NTSTATUS status;

		wk_call_init(&call, adapter, DeallocateObjectKeepRegisters);
		current->fail_nth = nth;
		status = wk_allocate(adapter, 120, &call);
		left = current->fail_nth;
		current->fail_nth = 0;
		if (status != STATUS_SUCCESS) {
			refusals++;
			KUNIT_EXPECT_EQ(test, status, STATUS_INSUFFICIENT_RESOURCES);
			KUNIT_EXPECT_EQ(test, call.count, 0);
			KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).sets_live, 0);
			KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).waiting, 0);
			call.base = wk_get_set(test, adapter, 120);
		}
		KUNIT_EXPECT_EQ(test, wk_map_pages(test, adapter, buffer, mdl, call.base, 120), 0);
		wk_flush(adapter, mdl, call.base, 0, 120 * PAGE_SIZE);
		wk_free_set(adapter, call.base, 120);
		wk_put_adapter(test, adapter);
	}
	wk_set_min_order(test, min_order);
	KUNIT_EXPECT_NE_MSG(test, left, 0, "there are more allocations than tried");
	/* The set, and pages of records */
	KUNIT_EXPECT_GE(test, refusals, 3);
}

/* Steps through the pages when flushing: in order, backwards, and jumping. 300 and 7 are coprime */
static const int wk_steps[] = { 1, -1, 7 };

static void wk_step_desc(const int *step, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "step %d", *step);
}

KUNIT_ARRAY_PARAM(wk_step, wk_steps, wk_step_desc);

static void wk_large_set_is_flushed_in_any_order(struct kunit *test)
{
	const int step = *(const int *)test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, WK_LARGE + 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, WK_LARGE * PAGE_SIZE, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, (WK_LARGE + 1) * PAGE_SIZE);
	PVOID base = wk_get_set(test, adapter, WK_LARGE);
	int round;
	u32 i;

	for (round = 0; round < 2; round++) {
		KUNIT_EXPECT_EQ(test, wk_map_pages(test, adapter, buffer, mdl, base, WK_LARGE), 0);
		wk_expect_report(test, WD_REPORT_NOT_FLUSHED, 2);
		KUNIT_EXPECT_EQ(test, wk_map(adapter, mdl, base, WK_LARGE * PAGE_SIZE, 1),
				WK_NOTHING);
		for (i = 0; i < WK_LARGE; i++) {
			u32 page = (WK_LARGE + i * step) % WK_LARGE;

			/* A partly flushed set keeps its count to the last mapping. */
			if (i == WK_LARGE - 1)
				KUNIT_EXPECT_EQ(test, wk_map(adapter, mdl, base, 0, 1), WK_NOTHING);
			wk_flush(adapter, mdl, base, (u64)page * PAGE_SIZE, PAGE_SIZE);
		}
	}
	wk_free_set(adapter, base, WK_LARGE);
}

/*
 * A set keeps records of mappings and entries of scatterlists in the same pages. Only a translated
 * adapter uses the latter, so this one is told that it is one.
 */
static void wk_records_do_not_overlap(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, WK_LARGE);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, WK_LARGE * PAGE_SIZE, NULL);
	struct wd_adapter *inside = container_of(adapter, struct wd_adapter, public);
	PMDL mdl = wk_mdl(test, buffer, 0, WK_LARGE * PAGE_SIZE);
	PVOID base = wk_get_set(test, adapter, WK_LARGE);
	unsigned int wrong = 0;
	u32 i;

	inside->class = WDMDMA_TRANSLATED;
	for (i = 0; i < WK_LARGE; i++)
		/* All that is left is put into a scatterlist, and does not become one segment. */
		wrong += wk_map(adapter, mdl, base, i * PAGE_SIZE, (WK_LARGE - i) * PAGE_SIZE) !=
			 wk_phys(buffer, i * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	wk_flush(adapter, mdl, base, 0, WK_LARGE * PAGE_SIZE);
	inside->class = WDMDMA_DIRECT;
	wk_free_set(adapter, base, WK_LARGE);
}

static void wk_large_set_is_freed_mapped(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, WK_LARGE);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, WK_LARGE * PAGE_SIZE, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, WK_LARGE * PAGE_SIZE);
	PVOID base = wk_get_set(test, adapter, WK_LARGE);

	KUNIT_EXPECT_EQ(test, wk_map_pages(test, adapter, buffer, mdl, base, WK_LARGE), 0);
	wk_flush(adapter, mdl, base, 100 * PAGE_SIZE, 100 * PAGE_SIZE);
	wk_expect_unflushed(test, 1);
	wk_free_set(adapter, base, WK_LARGE);
	/* The next set in that memory starts with all its registers. */
	base = wk_get_set(test, adapter, WK_LARGE);
	KUNIT_EXPECT_EQ(test, wk_map_pages(test, adapter, buffer, mdl, base, WK_LARGE), 0);
	wk_flush(adapter, mdl, base, 0, WK_LARGE * PAGE_SIZE);
	wk_free_set(adapter, base, WK_LARGE);
}

/* A set of no registers gets memory for its records as it is used. */
/* One page is mapped over and over: the device only reads it. */
static unsigned int wk_map_page_often(struct kunit *test, PDMA_ADAPTER adapter,
				      struct wk_buffer *buffer, PMDL mdl, PVOID base, u32 times)
{
	unsigned int wrong = 0;
	u32 i;

	for (i = 0; i < times; i++)
		wrong += wk_memory_at(test, wk_map(adapter, mdl, base, i, 1)) != wk_phys(buffer, i);
	return wrong;
}

/*
 * The memory for more registers than WD_EAGER_REGS comes while they are used, and goes when the set
 * does: the next one starts with less, and gets it again.
 */
static void wk_very_large_set_gives_memory_back(struct kunit *test)
{
	const u32 regs = WD_EAGER_REGS + 1000;
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, (regs - 1) * PAGE_SIZE, NULL);
	struct wd_adapter *inside = container_of(adapter, struct wd_adapter, public);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	struct wd_grant *grant;
	unsigned int i;

	wk_expect_report(test, WD_REPORT_NOT_FLUSHED, 3);
	for (i = 0; i < 3; i++) {
		PVOID base = wk_get_set(test, adapter, regs);
		ULONG bytes = 1;

		KUNIT_EXPECT_EQ(test, wk_map_page_often(test, adapter, buffer, mdl, base, regs), 0);
		/* That was the last. */
		adapter->DmaOperations->MapTransfer(adapter, mdl, base,
						    MmGetMdlVirtualAddress(mdl), &bytes, TRUE);
		KUNIT_EXPECT_EQ(test, bytes, 0);
		wk_flush(adapter, mdl, base, 0, PAGE_SIZE);
		wk_free_set(adapter, base, regs);
		grant = list_first_entry(&inside->free_grants, struct wd_grant, request.node);
		KUNIT_EXPECT_GE(test, grant->capacity, WD_EAGER_REGS);
		KUNIT_EXPECT_LT(test, grant->capacity, regs / 4 * 3);
	}
}

static void wk_zero_register_set_grows(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, WK_LARGE);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, WK_LARGE * PAGE_SIZE, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, WK_LARGE * PAGE_SIZE);
	PVOID base = wk_get_set(test, adapter, 0);
	int round;

	for (round = 0; round < 2; round++) {
		KUNIT_EXPECT_EQ(test, wk_map_pages(test, adapter, buffer, mdl, base, WK_LARGE), 0);
		wk_flush(adapter, mdl, base, 0, WK_LARGE * PAGE_SIZE);
	}
	wk_free_set(adapter, base, 0);
}

/* ... and where there is none, is given less rather than overrun. */
static void wk_zero_register_set_lacks_memory(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, WK_LARGE);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, WK_LARGE * PAGE_SIZE, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, WK_LARGE * PAGE_SIZE);
	PVOID base = wk_get_set(test, adapter, 0);
	u32 mapped = 0, min_order = wk_set_min_order(test, 0);
	u64 address;

	do {
		current->fail_nth = 1;
		address = wk_map(adapter, mdl, base, mapped * PAGE_SIZE, PAGE_SIZE);
		current->fail_nth = 0;
	} while (address != WK_NOTHING && ++mapped < WK_LARGE);
	wk_set_min_order(test, min_order);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	KUNIT_EXPECT_GT(test, mapped, 10);
	KUNIT_EXPECT_LT(test, mapped, WK_LARGE / 2);
	KUNIT_EXPECT_NE(test, wk_map(adapter, mdl, base, mapped * PAGE_SIZE, PAGE_SIZE),
			WK_NOTHING);
	wk_flush(adapter, mdl, base, 0, WK_LARGE * PAGE_SIZE);
	wk_free_set(adapter, base, 0);
}

/* A released set that comes back larger or smaller holds what it was asked for. */
static void wk_set_changes_its_size(struct kunit *test)
{
	static const u32 sizes[] = { 1, 49, 50, 51, 52, 100, 150, WK_LARGE, 3, 1 };
	struct wk_buffer *buffer = wk_alloc_scattered(test, WK_LARGE + 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, WK_LARGE * PAGE_SIZE, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, (WK_LARGE + 1) * PAGE_SIZE);
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		PVOID base = wk_get_set(test, adapter, sizes[i]);

		KUNIT_EXPECT_EQ(test, wk_map_pages(test, adapter, buffer, mdl, base, sizes[i]), 0);
		wk_expect_report(test, WD_REPORT_NOT_FLUSHED, 1);
		KUNIT_EXPECT_EQ(test, wk_map(adapter, mdl, base, sizes[i] * PAGE_SIZE, 1),
				WK_NOTHING);
		wk_flush(adapter, mdl, base, 0, WK_LARGE * PAGE_SIZE);
		wk_free_set(adapter, base, sizes[i]);
	}
}

/* A base names one set for ever: whoever kept an old one cannot touch the set that follows. */
static void wk_base_is_never_given_twice(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	PVOID *bases = kunit_kcalloc(test, 200, sizeof(*bases), GFP_KERNEL);
	unsigned int i, j, same = 0;

	for (i = 0; i < 200; i++) {
		bases[i] = wk_get_set(test, adapter, 1);
		for (j = 0; j < i; j++)
			same += bases[i] == bases[j];
		if (i < 199)
			wk_free_set(adapter, bases[i], 1);
	}
	KUNIT_EXPECT_EQ(test, same, 0);
	wk_expect_at(test, wk_map(adapter, mdl, bases[199], 0, PAGE_SIZE), buffer, 0);
	wk_expect_report(test, WD_REPORT_REGS_FREED, 2);
	KUNIT_EXPECT_EQ(test, wk_map(adapter, mdl, bases[198], 0, PAGE_SIZE), WK_NOTHING);
	wk_flush(adapter, mdl, bases[198], 0, PAGE_SIZE);
	wk_free_set(adapter, bases[198], 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).sets_live, 1);
	/* The mapping is still there: without this flush freeing would report it. */
	wk_flush(adapter, mdl, bases[199], 0, PAGE_SIZE);
	wk_free_set(adapter, bases[199], 1);
}

static void wk_many_sets_at_once(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, 2 * PAGE_SIZE);
	PVOID *bases = kunit_kcalloc(test, 1000, sizeof(*bases), GFP_KERNEL);
	unsigned int i, wrong = 0;

	for (i = 0; i < 1000; i++) {
		bases[i] = wk_get_set(test, adapter, 2);
		wrong += wk_map_pages(test, adapter, buffer, mdl, bases[i], 2);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).sets_live, 1000);
	for (i = 0; i < 1000; i++) {
		PVOID base = bases[(i * 7) % 1000];

		wk_flush(adapter, mdl, base, 0, 2 * PAGE_SIZE);
		wk_free_set(adapter, base, 2);
	}
}

/* The pool is counted to the register. */
static void wk_pool_is_used_up_exactly(struct kunit *test)
{
	PDMA_ADAPTER adapter;
	struct wk_call last;
	PVOID bases[5];
	ULONG regs, i;

	adapter = wk_get_limited_adapter(test, 2, SZ_64K, 10, &regs);
	KUNIT_EXPECT_EQ_MSG(test, regs, 10, "R is no more than the pool");
	for (i = 0; i < 5; i++)
		bases[i] = wk_get_set(test, adapter, 2);
	wk_call_init(&last, adapter, DeallocateObject);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, 10, &last), STATUS_SUCCESS);
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_EQ(test, last.count, 0);
		wk_free_set(adapter, bases[i], 2);
	}
	KUNIT_EXPECT_EQ(test, last.count, 1);
}

static struct kunit_case wk_mapreg_cases[] = {
	KUNIT_CASE_PARAM(wk_steady_state_allocates_nothing, wk_size_gen_params),
	KUNIT_CASE(wk_request_survives_lack_of_memory),
	KUNIT_CASE_PARAM(wk_large_set_is_flushed_in_any_order, wk_step_gen_params),
	KUNIT_CASE(wk_records_do_not_overlap),
	KUNIT_CASE(wk_large_set_is_freed_mapped),
	KUNIT_CASE(wk_very_large_set_gives_memory_back),
	KUNIT_CASE(wk_zero_register_set_grows),
	KUNIT_CASE(wk_zero_register_set_lacks_memory),
	KUNIT_CASE(wk_set_changes_its_size),
	KUNIT_CASE(wk_base_is_never_given_twice),
	KUNIT_CASE(wk_many_sets_at_once),
	KUNIT_CASE(wk_pool_is_used_up_exactly),
	{}
};

static struct kunit_suite wk_mapreg_suite = {
	.name = "wdmdma_mapreg",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_mapreg_cases,
};

kunit_test_suite(wk_mapreg_suite);
