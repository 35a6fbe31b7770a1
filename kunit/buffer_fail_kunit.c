// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory runs out while common buffers are made: each call is made again and again, with its first,
 * second, third ... allocation failing. It says so, or succeeds; nothing is lost, and the next call
 * works. What frees or flushes needs no memory.
 */
#include <linux/sizes.h>

#include "fail.h"

#define WK_ELEMENTS	5
#define WK_UNTOUCHED	0x5A5A5A5A

static const struct wk_setup {
	const char *name;
	bool bounced, bh_off;
} wk_setups[] = {
	{ "direct", false, false },
	{ "direct, bottom halves off", false, true },
	{ "bounced", true, false },
	{ "bounced, bottom halves off", true, true },
};

static void wk_setup_name(const struct wk_setup *setup, char *name)
{
	strscpy(name, setup->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_setup, wk_setups, wk_setup_name);

static struct wk_fail *wk_fail(struct kunit *test)
{
	const struct wk_setup *setup = test->param_value;
	struct wk_fail *fail = kunit_kzalloc(test, sizeof(*fail), GFP_KERNEL);
	struct wdmdma_limits limits = { .force_bounce = setup->bounced };
	struct wk_world *world = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, fail);
	fail->test = test;
	fail->buffer = wk_alloc_contiguous(test, 4);
	fail->mdl = wk_mdl(test, fail->buffer, 0, 4 * PAGE_SIZE);
	fail->description = wk_description(3, TRUE, 64, SZ_64K);
	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
	fail->bounce.test = test;
	fail->bounce.adapter = wk_get_described_adapter(test, &fail->description,
							&fail->bounce.regs);
	KUNIT_ASSERT_NOT_NULL(test, fail->bounce.adapter);
	fail->bounce.ops = fail->bounce.adapter->DmaOperations;
	return fail;
}

/* What allocates is called where it may be, what frees also with bottom halves off. */
static void wk_sweep_and_free(struct kunit *test, wk_fail_call *call, wk_fail_judge *judge,
			      wk_fail_call *undo, const char *name)
{
	const struct wk_setup *setup = test->param_value;
	struct wk_fail *fail = wk_fail(test);

	wk_sweep(fail, call, judge, 2);
	fail->bh_off = setup->bh_off;
	wk_expect_no_allocation(fail, call, undo, name);
	KUNIT_EXPECT_EQ(test, wk_stats(test, fail->bounce.adapter).buffers_live, 0);
}

static void wk_call_bounds(struct wk_fail *fail)
{
	PHYSICAL_ADDRESS minimum = { .QuadPart = PAGE_SIZE };
	MEMORY_CACHING_TYPE cache = MmNonCached;

	fail->logical.QuadPart = WK_UNTOUCHED;
	fail->va = fail->bounce.ops->AllocateCommonBufferWithBounds(fail->bounce.adapter, &minimum,
			NULL, SZ_8K, 0, &cache, 0, &fail->logical);
}

static void wk_undo_buffer(struct wk_fail *fail)
{
	fail->bounce.ops->FreeCommonBuffer(fail->bounce.adapter, SZ_8K, fail->logical, fail->va,
					   TRUE);
}

static bool wk_judge_buffer(struct wk_fail *fail)
{
	if (!fail->va) {
		KUNIT_EXPECT_EQ(fail->test, fail->logical.QuadPart, WK_UNTOUCHED);
		KUNIT_EXPECT_EQ(fail->test, wk_stats(fail->test, fail->bounce.adapter).buffers_live,
				0);
		return false;
	}
	wk_undo_buffer(fail);
	return true;
}

static void wk_buffers_with_bounds(struct kunit *test)
{
	wk_sweep_and_free(test, wk_call_bounds, wk_judge_buffer, wk_undo_buffer,
			  "FreeCommonBuffer");
}

/* @va is the vector. */
static void wk_call_vector(struct wk_fail *fail)
{
	const PHYSICAL_ADDRESS low = { .QuadPart = 0 }, high = { .QuadPart = -1 };

	fail->va = NULL;
	fail->status = fail->bounce.ops->AllocateCommonBufferVector(fail->bounce.adapter, low, high,
			MmCached, 0, 0, WK_ELEMENTS, SZ_8K, (PDMA_COMMON_BUFFER_VECTOR *)&fail->va);
}

static void wk_undo_vector(struct wk_fail *fail)
{
	fail->bounce.ops->FreeCommonBufferFromVector(fail->bounce.adapter, fail->va, 3);
	fail->bounce.ops->FreeCommonBufferVector(fail->bounce.adapter, fail->va);
}

static bool wk_judge_vector(struct wk_fail *fail)
{
	struct wdmdma_adapter_stats stats = wk_stats(fail->test, fail->bounce.adapter);

	KUNIT_EXPECT_EQ(fail->test, stats.buffers_live, fail->va ? WK_ELEMENTS : 0);
	KUNIT_EXPECT_EQ(fail->test, stats.vectors_live, fail->va ? 1 : 0);
	KUNIT_EXPECT_EQ(fail->test, fail->status,
			fail->va ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES);
	if (!fail->va)
		return false;
	wk_undo_vector(fail);
	return true;
}

static void wk_vectors(struct kunit *test)
{
	wk_sweep_and_free(test, wk_call_vector, wk_judge_vector, wk_undo_vector,
			  "FreeCommonBufferVector");
}

static void wk_call_create(struct wk_fail *fail)
{
	DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION part = {
		.ConfigType = CommonBufferConfigTypeSubSection,
		.SubSection = { PAGE_SIZE, SZ_8K },
	};

	fail->logical.QuadPart = WK_UNTOUCHED;
	fail->status = fail->bounce.ops->CreateCommonBufferFromMdl(fail->bounce.adapter, fail->mdl,
								   &part, 1, &fail->logical);
	fail->va = fail->status ? NULL : fail->buffer->va + PAGE_SIZE;
}

static bool wk_judge_create(struct wk_fail *fail)
{
	if (!fail->va)
		KUNIT_EXPECT_EQ(fail->test, fail->status, STATUS_INSUFFICIENT_RESOURCES);
	return wk_judge_buffer(fail);
}

static void wk_buffers_from_mdl(struct kunit *test)
{
	wk_sweep_and_free(test, wk_call_create, wk_judge_create, wk_undo_buffer,
			  "FreeCommonBuffer");
}

static void wk_call_flush(struct wk_fail *fail)
{
	fail->status = fail->bounce.ops->FlushDmaBuffer(fail->bounce.adapter, fail->mdl, TRUE);
	fail->status |= fail->bounce.ops->FlushDmaBuffer(fail->bounce.adapter, fail->mdl, FALSE);
}

static void wk_flush_dma_buffer(struct kunit *test)
{
	const struct wk_setup *setup = test->param_value;
	struct wk_fail *fail = wk_fail(test);

	wk_call_create(fail);
	KUNIT_ASSERT_NOT_NULL(test, fail->va);
	fail->bh_off = setup->bh_off;
	wk_expect_no_allocation(fail, NULL, wk_call_flush, "FlushDmaBuffer");
	KUNIT_EXPECT_EQ(test, fail->status, STATUS_SUCCESS);
	wk_undo_buffer(fail);
}

static struct kunit_case wk_buffer_fail_cases[] = {
	KUNIT_CASE_PARAM(wk_buffers_with_bounds, wk_setup_gen_params),
	KUNIT_CASE_PARAM(wk_vectors, wk_setup_gen_params),
	KUNIT_CASE_PARAM(wk_buffers_from_mdl, wk_setup_gen_params),
	KUNIT_CASE_PARAM(wk_flush_dma_buffer, wk_setup_gen_params),
	{}
};

static struct kunit_suite wk_buffer_fail_suite = {
	.name = "wdmdma_buffer_fail",
	.suite_init = wk_fail_suite_init,
	.suite_exit = wk_fail_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_buffer_fail_cases,
};

kunit_test_suite(wk_buffer_fail_suite);
