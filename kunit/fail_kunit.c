// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory runs out in every place: each call is made again and again, with its first, second, third
 * ... allocation failing, until none was left to fail. A call either says so with the status that
 * the contract has for it, or succeeds; nothing is lost (the fixture and kmemleak look), and the
 * next call works.
 */
#include <linux/mm.h>
#include <linux/sizes.h>

#include "fail.h"

#define WK_WAITERS	16

struct wk_setup {
	const char *name;
	ULONG version;
	bool bounced;
	BOOLEAN scatter_gather;
	bool bh_off;
};

static const struct wk_setup wk_setups[] = {
	{ "direct, version 1", 1, false, TRUE, false },
	{ "direct", 2, false, TRUE, false },
	{ "direct, bottom halves off", 2, false, TRUE, true },
	{ "bounced", 2, true, TRUE, false },
	{ "bounced, bottom halves off", 2, true, TRUE, true },
	{ "window", 2, true, FALSE, false },
	{ "window, bottom halves off", 2, true, FALSE, true },
};

static void wk_setup_desc(const struct wk_setup *setup, char *desc)
{
	strscpy(desc, setup->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_setup, wk_setups, wk_setup_desc);

static void wk_set_limits(struct wk_fail *fail, bool force_bounce)
{
	struct wdmdma_limits limits = { .force_bounce = force_bounce };
	struct wk_world *world = fail->test->priv;

	KUNIT_ASSERT_EQ(fail->test, wdmdma_set_limits(world->object, &limits), 0);
}

static struct wk_fail *wk_fail(struct kunit *test)
{
	const struct wk_setup *setup = test->param_value;
	struct wk_fail *fail = kunit_kzalloc(test, sizeof(*fail), GFP_KERNEL);
	ULONG regs;

	KUNIT_ASSERT_NOT_NULL(test, fail);
	fail->test = test;
	fail->bh_off = setup->bh_off;
	fail->buffer = wk_alloc_scattered(test, 4);
	fail->mdl = wk_mdl(test, fail->buffer, 10, 3 * PAGE_SIZE);
	fail->memory = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	fail->description = wk_description(setup->version, setup->scatter_gather, 64, SZ_64K);
	wk_set_limits(fail, setup->bounced);
	fail->bounce.test = test;
	fail->bounce.forced = setup->bounced;
	fail->bounce.adapter = wk_get_described_adapter(test, &fail->description, &regs);
	KUNIT_ASSERT_NOT_NULL(test, fail->bounce.adapter);
	fail->bounce.ops = fail->bounce.adapter->DmaOperations;
	fail->bounce.regs = regs;
	wk_calls_reset();
	return fail;
}

static void wk_call_channel(struct wk_fail *fail)
{
	const struct wk_bounce *bounce = &fail->bounce;
	struct wk_call *call = fail->control_context ? : &fail->call;

	wk_call_init(call, bounce->adapter, DeallocateObjectKeepRegisters);
	fail->status = bounce->ops->AllocateAdapterChannel(bounce->adapter, NULL, 1, wk_control,
							   call);
}

static bool wk_judge_channel(struct wk_fail *fail)
{
	struct kunit *test = fail->test;

	if (fail->status != STATUS_SUCCESS) {
		KUNIT_EXPECT_EQ(test, fail->status, STATUS_INSUFFICIENT_RESOURCES);
		KUNIT_EXPECT_EQ(test, fail->call.count, 0);
		return false;
	}
	KUNIT_ASSERT_EQ(test, fail->call.count, 1);
	return true;
}

static void wk_take_and_free_channel(struct wk_fail *fail)
{
	wk_call_channel(fail);
	if (fail->call.count)
		wk_free_set(&fail->bounce, fail->call.base, 1);
}

static void wk_map_and_flush(struct wk_fail *fail)
{
	/* One page: the MDL starts at offset 10. */
	fail->bytes = PAGE_SIZE - 10;
	fail->address = wk_map(&fail->bounce, fail->mdl, fail->base, 0, &fail->bytes, TRUE);
	fail->bounce.ops->FlushAdapterBuffers(fail->bounce.adapter, fail->mdl, fail->base,
					      MmGetMdlVirtualAddress(fail->mdl), PAGE_SIZE, TRUE);
}

static void wk_allocate_adapter_channel(struct kunit *test)
{
	struct wk_fail *fail = wk_fail(test);
	struct wk_bounce *bounce = &fail->bounce;
	unsigned int nth, failures = 0, live = 0;
	PVOID bases[16];

	/* Sets are kept: a released one comes again, with all its memory. */
	for (nth = 1; live < ARRAY_SIZE(bases); nth++) {
		if (!wk_inject(fail, wk_call_channel, nth))
			nth = 0;
		if (wk_judge_channel(fail)) {
			bases[live++] = fail->call.base;
			fail->base = fail->call.base;
			/* A set that was granted has all that mapping needs. */
			wk_inject(fail, wk_map_and_flush, 1);
			KUNIT_EXPECT_NE(test, fail->address, WK_NOTHING);
		} else {
			failures++;
		}
		KUNIT_EXPECT_EQ(test, wk_stats(test, bounce->adapter).sets_live, live);
		KUNIT_EXPECT_EQ(test, wk_stats(test, bounce->adapter).waiting, 0);
	}
	KUNIT_EXPECT_GE_MSG(test, failures, 2, "the set and its records are allocated");
	while (live--)
		wk_free_set(bounce, bases[live], 1);
	/* In steady state there is nothing that could fail. */
	wk_expect_no_allocation(fail, NULL, wk_take_and_free_channel, "a set that was used before");
	KUNIT_EXPECT_EQ(test, fail->call.count, 1);
	wk_expect_whole_pool(bounce);
}

/* The page that a set has in reserve where mappings can fail */
static void wk_reserve_page(struct kunit *test)
{
	struct wk_fail *fail = wk_fail(test);

	wk_call_channel(fail);
	KUNIT_ASSERT_EQ(test, fail->call.count, 1);
	wk_free_set(&fail->bounce, fail->call.base, 1);
	wdmdma_fail_next_maps(fail->bounce.adapter, 0);
	wk_inject(fail, wk_call_channel, 1);
	if (!wk_judge_channel(fail)) {
		wk_call_channel(fail);
		KUNIT_ASSERT_TRUE(test, wk_judge_channel(fail));
	}
	wk_free_set(&fail->bounce, fail->call.base, 1);
}

/* A request that has to wait needs its memory at once, or it is refused at once. */
static bool wk_judge_waiting(struct wk_fail *fail)
{
	struct kunit *test = fail->test;
	u32 waiting = wk_stats(test, fail->bounce.adapter).waiting;

	KUNIT_EXPECT_EQ(test, fail->call.count, 0);
	if (fail->status != STATUS_SUCCESS) {
		KUNIT_EXPECT_EQ(test, fail->status, STATUS_INSUFFICIENT_RESOURCES);
		KUNIT_EXPECT_EQ(test, waiting, 0);
		return false;
	}
	KUNIT_EXPECT_EQ(test, waiting, 1);
	/* Its turn comes; the channel then goes to the next owner. */
	fail->bounce.ops->FreeAdapterChannel(fail->bounce.adapter);
	KUNIT_EXPECT_EQ(test, fail->call.count, 1);
	if (fail->call.list)
		wk_put_list(&fail->bounce, fail->call.list, TRUE);
	else
		wk_free_set(&fail->bounce, fail->call.base, 1);
	wk_call_init(&fail->call, fail->bounce.adapter, KeepObject);
	fail->bounce.ops->AllocateAdapterChannel(fail->bounce.adapter, NULL, 1, wk_control,
						 &fail->call);
	KUNIT_ASSERT_EQ(test, fail->call.count, 1);
	return true;
}

static void wk_call_list(struct wk_fail *fail)
{
	const struct wk_bounce *bounce = &fail->bounce;

	wk_call_init(&fail->call, bounce->adapter, KeepObject);
	fail->status = bounce->ops->GetScatterGatherList(bounce->adapter, NULL, fail->mdl,
							 MmGetMdlVirtualAddress(fail->mdl),
							 3 * PAGE_SIZE, wk_list_control,
							 &fail->call, TRUE);
}

static void wk_requests_that_wait(struct kunit *test)
{
	struct wk_fail *fail = wk_fail(test);
	struct wk_bounce *bounce = &fail->bounce;
	unsigned int nth, waiting = 0, failures = 0;
	struct wk_call owner, *waiters;

	wk_call_init(&owner, bounce->adapter, KeepObject);
	bounce->ops->AllocateAdapterChannel(bounce->adapter, NULL, 1, wk_control, &owner);
	KUNIT_ASSERT_EQ(test, owner.count, 1);
	wk_sweep(fail, wk_call_channel, wk_judge_waiting, 0);
	wk_sweep(fail, wk_call_list, wk_judge_waiting, 1);

	/* Requests that go on waiting: each needs memory of its own, once no set is left over. */
	waiters = kunit_kcalloc(test, WK_WAITERS, sizeof(*waiters), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, waiters);
	while (waiting < 4) {
		fail->control_context = &waiters[waiting++];
		wk_inject(fail, wk_call_channel, 0);
	}
	for (nth = 1; waiting < WK_WAITERS; nth++) {
		fail->control_context = &waiters[waiting];
		if (!wk_inject(fail, wk_call_channel, nth))
			nth = 0;
		if (fail->status == STATUS_SUCCESS)
			waiting++;
		else
			failures++;
		KUNIT_EXPECT_EQ(test, wk_stats(test, bounce->adapter).waiting, waiting);
	}
	KUNIT_EXPECT_GE(test, failures, 1);
	bounce->ops->FreeAdapterChannel(bounce->adapter);
	while (waiting--) {
		KUNIT_ASSERT_EQ(test, waiters[waiting].count, 1);
		wk_free_set(bounce, waiters[waiting].base, 1);
	}
	wk_expect_whole_pool(bounce);
}

static bool wk_judge_list(struct wk_fail *fail)
{
	struct kunit *test = fail->test;

	KUNIT_EXPECT_EQ(test, wk_stats(test, fail->bounce.adapter).lists_live, fail->call.count);
	if (fail->status != STATUS_SUCCESS) {
		KUNIT_EXPECT_EQ(test, fail->status, STATUS_INSUFFICIENT_RESOURCES);
		KUNIT_EXPECT_EQ(test, fail->call.count, 0);
		return false;
	}
	KUNIT_ASSERT_EQ(test, fail->call.count, 1);
	KUNIT_EXPECT_EQ(test, wk_list_bytes(fail->call.list), 3 * PAGE_SIZE);
	wk_put_list(&fail->bounce, fail->call.list, TRUE);
	return true;
}

static void wk_get_scatter_gather_list(struct kunit *test)
{
	struct wk_fail *fail = wk_fail(test);

	wk_sweep(fail, wk_call_list, wk_judge_list, 1);
	wk_expect_whole_pool(&fail->bounce);
}

static const struct wk_setup wk_ex_setups[] = {
	{ "direct", 3, false, TRUE, false },
	{ "bounced", 3, true, TRUE, false },
	{ "window, bottom halves off", 3, true, FALSE, true },
};

KUNIT_ARRAY_PARAM(wk_ex_setup, wk_ex_setups, wk_setup_desc);

static void wk_call_channel_ex(struct wk_fail *fail)
{
	const struct wk_bounce *bounce = &fail->bounce;

	wk_call_init(&fail->call, bounce->adapter, DeallocateObjectKeepRegisters);
	fail->status = bounce->ops->AllocateAdapterChannelEx(bounce->adapter, NULL, fail->context,
							     1, fail->flags, wk_control,
							     &fail->call, NULL);
}

static void wk_call_list_ex(struct wk_fail *fail)
{
	const struct wk_bounce *bounce = &fail->bounce;

	wk_call_init(&fail->call, bounce->adapter, KeepObject);
	fail->status = bounce->ops->GetScatterGatherListEx(bounce->adapter, NULL, fail->context,
							   fail->mdl, 0, 3 * PAGE_SIZE,
							   fail->flags, wk_list_control,
							   &fail->call, TRUE, NULL, NULL,
							   &fail->list);
	KUNIT_EXPECT_PTR_EQ(fail->test, fail->list, fail->call.list);
}

/* One context for all: what failed has not used it up. */
static void wk_ex_requests(struct kunit *test)
{
	struct wk_fail *fail = wk_fail(test);
	struct wk_bounce *bounce = &fail->bounce;
	unsigned int nth, failures, live = 0;
	PVOID bases[16];

	bounce->ops->InitializeDmaTransferContext(bounce->adapter, fail->context);
	for (fail->flags = 0; fail->flags <= DMA_SYNCHRONOUS_CALLBACK; fail->flags++) {
		failures = 0;
		for (nth = 1; live < 8 * (1 + fail->flags); nth++) {
			if (!wk_inject(fail, wk_call_channel_ex, nth))
				nth = 0;
			if (wk_judge_channel(fail))
				bases[live++] = fail->call.base;
			else
				failures++;
			KUNIT_EXPECT_EQ(test, wk_stats(test, bounce->adapter).sets_live, live);
		}
		KUNIT_EXPECT_GE(test, failures, 1);
		wk_sweep(fail, wk_call_list_ex, wk_judge_list, 1);
	}
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce->adapter).waiting, 0);
	while (live--)
		wk_free_set(bounce, bases[live], 1);
	wk_expect_whole_pool(bounce);
}

static void wk_call_shadow(struct wk_fail *fail)
{
	fail->shadow = NULL;
	fail->status = fail->bounce.ops->BuildMdlFromScatterGatherList(fail->bounce.adapter,
								       fail->list, fail->mdl,
								       &fail->shadow);
}

static bool wk_judge_shadow(struct wk_fail *fail)
{
	struct kunit *test = fail->test;

	if (fail->status != STATUS_SUCCESS) {
		KUNIT_EXPECT_EQ(test, fail->status, STATUS_INSUFFICIENT_RESOURCES);
		KUNIT_EXPECT_NULL(test, fail->shadow);
		return false;
	}
	KUNIT_ASSERT_NOT_NULL(test, fail->shadow);
	KUNIT_EXPECT_NOT_NULL(test, fail->shadow->Next);
	wk_put_list(&fail->bounce, fail->list, TRUE);
	fail->list = wk_get_list(&fail->bounce, fail->mdl, 0, 3 * PAGE_SIZE + 100, TRUE);
	return true;
}

/* A call that failed was not the first one: the next is not refused. */
static void wk_build_mdl_from_scatter_gather_list(struct kunit *test)
{
	struct wk_fail *fail = wk_fail(test);

	if (fail->description.Version < 2)
		return;
	fail->mdl->Next = wk_mdl(test, fail->buffer, 3 * PAGE_SIZE + 10, 100);
	fail->list = wk_get_list(&fail->bounce, fail->mdl, 0, 3 * PAGE_SIZE + 100, TRUE);
	wk_sweep(fail, wk_call_shadow, wk_judge_shadow, fail->bounce.forced ? 2 : 0);
	wk_put_list(&fail->bounce, fail->list, TRUE);
	fail->mdl->Next = NULL;
}

/* Routines that promise progress, or cannot say that they failed */

static void wk_take_base(struct wk_fail *fail)
{
	fail->base = wk_take_set(&fail->bounce, 4);
}

static void wk_free_base(struct wk_fail *fail)
{
	wk_free_set(&fail->bounce, fail->base, 4);
}

static void wk_take_list(struct wk_fail *fail)
{
	fail->list = wk_get_list(&fail->bounce, fail->mdl, 0, 3 * PAGE_SIZE, TRUE);
}

static void wk_put(struct wk_fail *fail)
{
	wk_put_list(&fail->bounce, fail->list, TRUE);
}

static void wk_take_channel(struct wk_fail *fail)
{
	wk_call_init(&fail->call, fail->bounce.adapter, KeepObject);
	fail->bounce.ops->AllocateAdapterChannel(fail->bounce.adapter, NULL, 2, wk_control,
						 &fail->call);
}

static void wk_free_channel(struct wk_fail *fail)
{
	fail->bounce.ops->FreeAdapterChannel(fail->bounce.adapter);
}

static void wk_build_and_put(struct wk_fail *fail)
{
	const struct wk_bounce *bounce = &fail->bounce;

	wk_call_init(&fail->call, bounce->adapter, KeepObject);
	fail->status = bounce->ops->BuildScatterGatherList(bounce->adapter, NULL, fail->mdl,
							   MmGetMdlVirtualAddress(fail->mdl),
							   3 * PAGE_SIZE, wk_list_control,
							   &fail->call, TRUE, fail->memory,
							   PAGE_SIZE);
	if (fail->call.count)
		wk_put_list(bounce, fail->call.list, TRUE);
}

static void wk_query(struct wk_fail *fail)
{
	const struct wk_bounce *bounce = &fail->bounce;
	ULONG size;

	bounce->ops->GetDmaAlignment(bounce->adapter);
	bounce->ops->ReadDmaCounter(bounce->adapter);
	if (fail->description.Version >= 2)
		fail->status = bounce->ops->CalculateScatterGatherList(bounce->adapter, fail->mdl,
						MmGetMdlVirtualAddress(fail->mdl), 3 * PAGE_SIZE,
						&size, NULL);
}

static void wk_routines_that_allocate_nothing(struct kunit *test)
{
	struct wk_fail *fail = wk_fail(test);

	wk_take_base(fail);
	wk_expect_no_allocation(fail, NULL, wk_map_and_flush, "MapTransfer or Flush");
	KUNIT_EXPECT_NE(test, fail->address, WK_NOTHING);
	KUNIT_EXPECT_GT(test, fail->bytes, 0);
	wk_free_base(fail);
	wk_expect_no_allocation(fail, wk_take_base, wk_free_base, "FreeMapRegisters");
	wk_expect_no_allocation(fail, wk_take_list, wk_put, "PutScatterGatherList");
	wk_expect_no_allocation(fail, wk_take_channel, wk_free_channel, "FreeAdapterChannel");
	wk_expect_no_allocation(fail, NULL, wk_query, "a query");
	KUNIT_EXPECT_EQ(test, fail->status, STATUS_SUCCESS);
	if (fail->description.Version < 2)
		return;
	wk_expect_no_allocation(fail, NULL, wk_build_and_put, "BuildScatterGatherList");
	KUNIT_EXPECT_EQ(test, fail->status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, fail->call.count, 1);
}

static void wk_call_long_map(struct wk_fail *fail)
{
	fail->bytes = 128 * PAGE_SIZE;
	fail->address = wk_map(&fail->bounce, fail->mdl, fail->base, 0, &fail->bytes, TRUE);
}

/* A set of no registers has little memory: MapTransfer shortens what it has none for. */
static void wk_map_transfer_shortens(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 128);
	struct wk_fail *fail = wk_fail(test);
	ULONG shortened;

	fail->description.MaximumLength = SZ_1M;
	wk_set_limits(fail, false);
	fail->description.ScatterGather = TRUE;
	fail->bounce.adapter = wk_get_described_adapter(test, &fail->description, NULL);
	fail->mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	fail->base = wk_take_set(&fail->bounce, 0);
	KUNIT_EXPECT_TRUE(test, wk_inject(fail, wk_call_long_map, 1));
	shortened = fail->bytes;
	wk_expect_at(test, fail->address, buffer, 0);
	KUNIT_EXPECT_GT(test, shortened, 0);
	KUNIT_EXPECT_LT(test, shortened, buffer->bytes);
	wk_flush(&fail->bounce, fail->mdl, fail->base, 0, shortened, TRUE);
	wk_call_long_map(fail);
	KUNIT_EXPECT_EQ(test, fail->bytes, buffer->bytes);
	wk_flush(&fail->bounce, fail->mdl, fail->base, 0, fail->bytes, TRUE);
	wk_free_set(&fail->bounce, fail->base, 0);
}

#define WK_UNTOUCHED	0x5A5A5A5AU

static void wk_call_get_adapter(struct wk_fail *fail)
{
	struct wk_world *world = fail->test->priv;

	fail->bytes = WK_UNTOUCHED;
	fail->adapter = IoGetDmaAdapter(world->object, &fail->description, &fail->bytes);
}

static bool wk_judge_get_adapter(struct wk_fail *fail)
{
	struct wk_bounce bounce = fail->bounce;
	struct kunit *test = fail->test;

	if (!fail->adapter) {
		KUNIT_EXPECT_EQ(test, fail->bytes, WK_UNTOUCHED);
		return false;
	}
	/* With less memory there may be fewer registers, which can be had then. */
	KUNIT_EXPECT_GE(test, fail->bytes, 2);
	KUNIT_EXPECT_LE(test, fail->bytes, fail->bounce.regs);
	bounce.adapter = fail->adapter;
	bounce.regs = fail->bytes;
	wk_expect_whole_pool(&bounce);
	bounce.ops->PutDmaAdapter(fail->adapter);
	return true;
}

static void wk_put_spare_adapter(struct wk_fail *fail)
{
	fail->bounce.ops->PutDmaAdapter(fail->adapter);
}

static void wk_io_get_dma_adapter(struct kunit *test)
{
	struct wk_fail *fail = wk_fail(test);

	wk_expect_no_allocation(fail, wk_call_get_adapter, wk_put_spare_adapter, "PutDmaAdapter");
	if (fail->bh_off)
		return;
	wk_sweep(fail, wk_call_get_adapter, wk_judge_get_adapter, fail->bounce.forced ? 2 : 0);
}

static void wk_call_common_buffer(struct wk_fail *fail)
{
	fail->logical.QuadPart = WK_UNTOUCHED;
	fail->va = fail->bounce.ops->AllocateCommonBuffer(fail->bounce.adapter, SZ_8K,
							  &fail->logical, TRUE);
}

static void wk_free_common_buffer(struct wk_fail *fail)
{
	fail->bounce.ops->FreeCommonBuffer(fail->bounce.adapter, SZ_8K, fail->logical, fail->va,
					   TRUE);
}

static bool wk_judge_common_buffer(struct wk_fail *fail)
{
	if (!fail->va) {
		KUNIT_EXPECT_EQ(fail->test, fail->logical.QuadPart, WK_UNTOUCHED);
		return false;
	}
	KUNIT_EXPECT_EQ(fail->test, *(u8 *)fail->va, 0);
	wk_free_common_buffer(fail);
	return true;
}

static void wk_common_buffers(struct kunit *test)
{
	struct wk_fail *fail = wk_fail(test);

	wk_expect_no_allocation(fail, wk_call_common_buffer, wk_free_common_buffer,
				"FreeCommonBuffer");
	if (!fail->bh_off)
		wk_sweep(fail, wk_call_common_buffer, wk_judge_common_buffer, 2);
}

static void wk_call_device_object(struct wk_fail *fail)
{
	fail->object = wdmdma_get_device_object(&fail->pdev->dev);
}

static bool wk_judge_device_object(struct wk_fail *fail)
{
	if (!fail->object)
		return false;
	wdmdma_put_device_object(fail->object);
	return true;
}

static void wk_device_object(struct kunit *test)
{
	struct wk_fail *fail = kunit_kzalloc(test, sizeof(*fail), GFP_KERNEL);

	fail->test = test;
	fail->pdev = wk_add_device(test);
	wk_sweep(fail, wk_call_device_object, wk_judge_device_object, 2);
	wk_remove_device(fail->pdev);
}

static struct kunit_case wk_fail_cases[] = {
	KUNIT_CASE_PARAM(wk_allocate_adapter_channel, wk_setup_gen_params),
	KUNIT_CASE_PARAM(wk_reserve_page, wk_setup_gen_params),
	KUNIT_CASE_PARAM(wk_requests_that_wait, wk_setup_gen_params),
	KUNIT_CASE_PARAM(wk_get_scatter_gather_list, wk_setup_gen_params),
	KUNIT_CASE_PARAM(wk_ex_requests, wk_ex_setup_gen_params),
	KUNIT_CASE_PARAM(wk_build_mdl_from_scatter_gather_list, wk_setup_gen_params),
	KUNIT_CASE_PARAM(wk_routines_that_allocate_nothing, wk_setup_gen_params),
	KUNIT_CASE_PARAM(wk_map_transfer_shortens, wk_setup_gen_params),
	KUNIT_CASE_PARAM(wk_io_get_dma_adapter, wk_setup_gen_params),
	KUNIT_CASE_PARAM(wk_common_buffers, wk_setup_gen_params),
	KUNIT_CASE(wk_device_object),
	{}
};

static struct kunit_suite wk_fail_suite = {
	.name = "wdmdma_fail",
	.suite_init = wk_fail_suite_init,
	.suite_exit = wk_fail_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_fail_cases,
};

kunit_test_suite(wk_fail_suite);
