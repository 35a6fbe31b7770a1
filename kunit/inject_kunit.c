// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fault injection for porters: calls that fail, adapters that are made otherwise. Each is what the
 * contract says of a bad day, data stay right, and with injection off everything works again.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "injected.h"
#include "v3.h"

/* All is ordered, but not enabled. */
static void wk_nothing_unless_enabled(struct kunit *test)
{
	struct wdmdma_injection injection = {
		.delay_ms = WK_DELAY_MS,
		.pool_registers = 2,
		.force_bounce = true,
		.fragment = true,
	};
	struct wk_bounce it;
	unsigned int i;

	for (i = 0; i < WDMDMA_NR_FAULTS; i++) {
		injection.faults[i].probability = 100;
		injection.faults[i].times = -1;
	}
	wk_set_injection(test, &injection);
	it = wk_injected_adapter(test);
	wk_expect_uninjected(&it);
}

static void wk_bad_settings_are_refused(struct kunit *test)
{
	struct wdmdma_injection injection = wk_injection(WDMDMA_FAIL_ADAPTERS, -2);

	KUNIT_EXPECT_EQ(test, wdmdma_set_injection(NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, wdmdma_set_injection(&injection), -EINVAL);
	injection = wk_injection(WDMDMA_FAIL_ADAPTERS, -1);
	injection.faults[0].probability = 101;
	KUNIT_EXPECT_EQ(test, wdmdma_set_injection(&injection), -EINVAL);
	injection = wk_injection(WDMDMA_FAIL_ADAPTERS, -1);
	injection.delay_ms = 60001;
	KUNIT_EXPECT_EQ(test, wdmdma_set_injection(&injection), -EINVAL);
	injection = wk_injection(WDMDMA_FAIL_ADAPTERS, -1);
	memset(injection.filter, 'a', sizeof(injection.filter));
	KUNIT_EXPECT_EQ(test, wdmdma_set_injection(&injection), -EINVAL);
	wk_injected_adapter(test);
}

static void wk_no_adapter(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	ULONG regs = WK_UNTOUCHED;
	struct wk_bounce it;

	wk_inject_fault(test, WDMDMA_FAIL_ADAPTERS, 2);
	KUNIT_EXPECT_NULL(test, wk_get_described_adapter(test, &description, &regs));
	KUNIT_EXPECT_NULL(test, wk_get_described_adapter(test, &description, &regs));
	KUNIT_EXPECT_EQ(test, regs, WK_UNTOUCHED);
	it = wk_injected_adapter(test);
	wk_expect_uninjected(&it);
}

static void wk_no_common_buffer(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_bounce it = wk_injected_adapter(test);
	PHYSICAL_ADDRESS address = { .QuadPart = WK_UNTOUCHED };

	wk_inject_fault(test, WDMDMA_FAIL_BUFFERS, -1);
	KUNIT_EXPECT_NULL(test, it.ops->AllocateCommonBuffer(it.adapter, SZ_4K, &address, TRUE));
	KUNIT_EXPECT_NULL(test, v3.ops->AllocateCommonBufferEx(v3.adapter, NULL, SZ_4K, &address,
							       TRUE, MM_ANY_NODE_OK));
	KUNIT_EXPECT_EQ(test, wk_stats(test, it.adapter).buffers_live, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 0);
	wk_inject_nothing(test);
	wk_expect_uninjected(&it);
}

/* A vector whose second buffer fails has none. */
static void wk_no_vector(struct kunit *test)
{
	struct wdmdma_injection injection = wk_injection(WDMDMA_FAIL_BUFFERS, 1);
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	PDMA_COMMON_BUFFER_VECTOR vector = NULL;
	PHYSICAL_ADDRESS low = {}, high = { .QuadPart = -1 };
	unsigned int i;

	injection.faults[WDMDMA_FAIL_BUFFERS].interval = 2;
	wk_set_injection(test, &injection);
	for (i = 0; i < 2; i++) {
		NTSTATUS status = v3.ops->AllocateCommonBufferVector(v3.adapter, low, high,
				MmCached, MM_ANY_NODE_OK, 0, 3, SZ_4K, &vector);

		KUNIT_EXPECT_EQ(test, status, i ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES);
		KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).vectors_live, i);
	}
	KUNIT_ASSERT_NOT_NULL(test, vector);
	v3.ops->FreeCommonBufferVector(v3.adapter, vector);
}

static void wk_no_list(struct kunit *test)
{
	struct wk_bounce it = wk_injected_adapter(test);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 4), 0, WK_INJECT_BYTES);
	void *buffer = kunit_kzalloc(test, SZ_1K, GFP_KERNEL);
	struct wk_call call;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	wk_inject_fault(test, WDMDMA_FAIL_LISTS, -1);
	KUNIT_EXPECT_EQ(test, wk_inject_try_list(&it, mdl, &call), STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, it.adapter).lists_live, 0);
	/* The driver's own memory is not ours to refuse. */
	KUNIT_EXPECT_EQ(test, wk_inject_try_build(&it, mdl, &call, buffer), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	wk_put_list(&it, call.list, TRUE);
	wk_inject_nothing(test);
	wk_expect_uninjected(&it);
}

/* BuildMdlFromScatterGatherList makes MDLs of what was copied. */
static void wk_no_mdl(struct kunit *test)
{
	struct wk_bounce it = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 4), 0, WK_INJECT_BYTES), target = NULL;
	PSCATTER_GATHER_LIST list = wk_get_list(&it, mdl, 0, WK_INJECT_BYTES, TRUE);

	wk_inject_fault(test, WDMDMA_FAIL_LISTS, 1);
	KUNIT_EXPECT_EQ(test, it.ops->BuildMdlFromScatterGatherList(it.adapter, list, mdl, &target),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_NULL(test, target);
	KUNIT_EXPECT_EQ(test, it.ops->BuildMdlFromScatterGatherList(it.adapter, list, mdl, &target),
			STATUS_SUCCESS);
	KUNIT_EXPECT_NOT_NULL(test, target);
	wk_put_list(&it, list, TRUE);
}

static void wk_no_set(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_bounce it = wk_injected_adapter(test);
	struct wk_context context;
	struct wk_call call;

	wk_context_init(&v3, &context);
	wk_inject_fault(test, WDMDMA_FAIL_SETS, -1);
	KUNIT_EXPECT_EQ(test, wk_inject_try_set(&it, &call), STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, it.adapter).sets_live, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, it.adapter).waiting, 0);
	wk_call_init(&call, v3.adapter, DeallocateObject);
	KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &context, 1, 0, &call, NULL),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_inject_nothing(test);
	KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &context, 1, 0, &call, NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	wk_expect_uninjected(&it);
}

/* A set has a page for that: MapTransfer shortens, and nothing is lost. */
static void wk_failing_map_shortens(struct kunit *test)
{
	struct wk_bounce it = wk_injected_adapter(test);
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 4);
	PMDL mdl = wk_mdl(test, buffer, 0, WK_INJECT_BYTES);
	struct wk_call call;
	ULONG bytes = WK_INJECT_BYTES;
	PVOID base;
	u64 address;

	wk_inject_fault(test, WDMDMA_FAIL_MAPS, -1);
	base = wk_take_set(&it, 4);
	wk_fill(buffer->va, WK_INJECT_BYTES, 3);
	address = wk_map(&it, mdl, base, 0, &bytes, TRUE);
	KUNIT_ASSERT_NE(test, address, WK_NOTHING);
	KUNIT_EXPECT_EQ(test, bytes, PAGE_SIZE);
	wk_flush(&it, mdl, base, 0, bytes, TRUE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, it.adapter).bounced_maps, 1);
	KUNIT_EXPECT_EQ(test, wk_inject_try_list(&it, mdl, &call), STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_inject_nothing(test);
	KUNIT_EXPECT_EQ(test, wk_inject_move(&it, buffer, mdl, base), 1);
	wk_free_set(&it, base, 4);
	wk_expect_uninjected(&it);
}

/* Get says that it failed; Build waits, and its routine is called when mapping works. */
static void wk_failing_map_delays_build(struct kunit *test)
{
	struct wk_bounce it = wk_injected_adapter(test);
	PMDL mdl = wk_mdl(test, wk_alloc_contiguous(test, 4), 0, WK_INJECT_BYTES);
	void *buffer = kunit_kzalloc(test, SZ_1K, GFP_KERNEL);
	struct wk_call call;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	wk_inject_fault(test, WDMDMA_FAIL_MAPS, 4);
	KUNIT_EXPECT_EQ(test, wk_inject_try_build(&it, mdl, &call, buffer), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	KUNIT_ASSERT_TRUE(test, wk_wait_for(READ_ONCE(call.count) == 1));
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 1);
	wk_put_list(&it, call.list, TRUE);
	wk_expect_uninjected(&it);
}

static void wk_small_pool(struct kunit *test)
{
	const struct wdmdma_injection injection = { .enabled = true, .pool_registers = 5 };
	struct wk_bounce it, later;

	wk_set_injection(test, &injection);
	it = wk_injected_adapter(test);
	it.pool = 5;
	KUNIT_EXPECT_EQ(test, it.regs, 5);
	wk_inject_nothing(test);
	/* An adapter keeps what it was made with. */
	wk_expect_whole_pool(&it);
	later = wk_injected_adapter(test);
	KUNIT_EXPECT_EQ(test, later.regs, 17);
	wk_expect_uninjected(&later);
}

static void wk_everything_is_copied(struct kunit *test)
{
	const struct wdmdma_injection injection = { .enabled = true, .force_bounce = true };
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 4);
	PMDL mdl = wk_mdl(test, buffer, 0, WK_INJECT_BYTES);
	struct wk_bounce it;
	PVOID base;

	wk_set_injection(test, &injection);
	it = wk_injected_adapter(test);
	it.forced = true;
	KUNIT_EXPECT_EQ(test, wk_stats(test, it.adapter).mapping, WDMDMA_BOUNCED);
	base = wk_take_set(&it, 4);
	wk_inject_move(&it, buffer, mdl, base);
	KUNIT_EXPECT_GE(test, wk_stats(test, it.adapter).bounced_bytes, 2 * WK_INJECT_BYTES);
	wk_free_set(&it, base, 4);
	wk_expect_whole_pool(&it);
	wk_inject_nothing(test);
	it = wk_injected_adapter(test);
	wk_expect_uninjected(&it);
}

/* What follows in memory is not joined: a page a mapping, a page an element. */
static void wk_no_pages_are_joined(struct kunit *test)
{
	const struct wdmdma_injection injection = { .enabled = true, .fragment = true };
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 5);
	PMDL mdl = wk_mdl(test, buffer, 100, WK_INJECT_BYTES);
	PSCATTER_GATHER_LIST list;
	struct wk_bounce it;
	PVOID base, va;
	unsigned int i;
	u8 *device = kunit_kzalloc(test, WK_INJECT_BYTES, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, device);
	wk_set_injection(test, &injection);
	it = wk_injected_adapter(test);
	KUNIT_EXPECT_EQ(test, it.regs, 17);
	base = wk_take_set(&it, 5);
	KUNIT_EXPECT_EQ(test, wk_transfer(&it, mdl, base, 0, WK_INJECT_BYTES, TRUE, device), 5);
	wk_expect_same(test, device, buffer->va + 100, WK_INJECT_BYTES);
	wk_flush(&it, mdl, base, 0, WK_INJECT_BYTES, TRUE);
	wk_free_set(&it, base, 5);

	list = wk_get_list(&it, mdl, 0, WK_INJECT_BYTES, FALSE);
	KUNIT_EXPECT_EQ(test, list->NumberOfElements, 5);
	for (i = 0; i < list->NumberOfElements; i++)
		KUNIT_EXPECT_LE(test, offset_in_page(list->Elements[i].Address.QuadPart) +
				      list->Elements[i].Length, PAGE_SIZE);
	wk_fill(device, WK_INJECT_BYTES, 9);
	wk_device_write_list(test, list, device);
	wk_put_list(&it, list, FALSE);
	va = buffer->va + 100;
	wk_expect_pattern(test, va, WK_INJECT_BYTES, 9);
	wk_put_adapter(test, it.adapter);
	wk_inject_nothing(test);
	it = wk_injected_adapter(test);
	wk_expect_uninjected(&it);
}

/* Without scatter/gather there is one run, whatever is injected. */
static void wk_one_run_stays_one(struct kunit *test)
{
	const struct wdmdma_injection injection = { .enabled = true, .fragment = true };
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	PMDL mdl = wk_mdl(test, buffer, 0, WK_INJECT_BYTES);
	struct wk_bounce it;
	PVOID base;

	wk_set_injection(test, &injection);
	it = wk_get_forced(test, FALSE, SZ_64K, 0);
	base = wk_take_set(&it, 4);
	KUNIT_EXPECT_EQ(test, wk_inject_move(&it, buffer, mdl, base), 1);
	wk_free_set(&it, base, 4);
}

static struct kunit_case wk_inject_cases[] = {
	KUNIT_CASE(wk_nothing_unless_enabled),
	KUNIT_CASE(wk_bad_settings_are_refused),
	KUNIT_CASE(wk_no_adapter),
	KUNIT_CASE(wk_no_common_buffer),
	KUNIT_CASE(wk_no_vector),
	KUNIT_CASE(wk_no_list),
	KUNIT_CASE(wk_no_mdl),
	KUNIT_CASE(wk_no_set),
	KUNIT_CASE(wk_failing_map_shortens),
	KUNIT_CASE(wk_failing_map_delays_build),
	KUNIT_CASE(wk_small_pool),
	KUNIT_CASE(wk_everything_is_copied),
	KUNIT_CASE(wk_no_pages_are_joined),
	KUNIT_CASE(wk_one_run_stays_one),
	{}
};

static struct kunit_suite wk_inject_suite = {
	.name = "wdmdma_inject",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit_injected,
	.test_cases = wk_inject_cases,
};

kunit_test_suite(wk_inject_suite);
