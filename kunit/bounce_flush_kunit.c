// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a mapping that wdmdma copied: how much of it a flush brings back, and the ends that
 * bring nothing back.
 */
#include <linux/mm.h>
#include <linux/sizes.h>

#include "bounce.h"

#define WK_PAGES	4

/* One flush of a set whose registers map a page each. */
struct wk_sweep {
	const char *name;
	u64 start;
	u32 length;
	u32 back[WK_PAGES];	/* bytes of each page that come back */
	u32 left;		/* mappings left */
};

static const struct wk_sweep wk_sweeps[] = {
	{ "everything", 0, 4 * PAGE_SIZE, { PAGE_SIZE, PAGE_SIZE, PAGE_SIZE, PAGE_SIZE }, 0 },
	{ "more than everything", 0, U32_MAX, { PAGE_SIZE, PAGE_SIZE, PAGE_SIZE, PAGE_SIZE }, 0 },
	{ "first exactly", 0, PAGE_SIZE, { PAGE_SIZE }, 3 },
	{ "two exactly", 0, 2 * PAGE_SIZE, { PAGE_SIZE, PAGE_SIZE }, 2 },
	{ "short in the first", 0, 100, { 100 }, 0 },
	{ "one byte", 0, 1, { 1 }, 0 },
	{ "length 0", 0, 0, {}, 0 },
	{ "one byte into the second", 0, PAGE_SIZE + 1, { PAGE_SIZE, 1 }, 0 },
	{ "short in the third", 0, 2 * PAGE_SIZE + 777, { PAGE_SIZE, PAGE_SIZE, 777 }, 0 },
	{ "short by a byte", 0, 4 * PAGE_SIZE - 1,
	  { PAGE_SIZE, PAGE_SIZE, PAGE_SIZE, PAGE_SIZE - 1 }, 0 },
	{ "second exactly", PAGE_SIZE, PAGE_SIZE, { 0, PAGE_SIZE }, 3 },
	{ "short in the second", PAGE_SIZE, 10, { 0, 10 }, 1 },
	{ "last, too long", 3 * PAGE_SIZE, 3 * PAGE_SIZE, { 0, 0, 0, PAGE_SIZE }, 3 },
	{ "last, length 0", 3 * PAGE_SIZE, 0, {}, 3 },
	{ "start inside the first", 100, PAGE_SIZE, { 0, 100 }, 1 },
	{ "inside the first", 100, 200, {}, 4 },
};

static void wk_sweep_desc(const struct wk_sweep *sweep, char *desc)
{
	strscpy(desc, sweep->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_sweep, wk_sweeps, wk_sweep_desc);

/* Maps the pages of an MDL one by one, and lets the device write all of them. */
static void wk_map_pages(const struct wk_bounce *bounce, PMDL mdl, PVOID base, const u8 *device)
{
	u32 i;

	for (i = 0; i < WK_PAGES; i++) {
		ULONG bytes = PAGE_SIZE;
		u64 address = wk_map(bounce, mdl, base, i * PAGE_SIZE, &bytes, FALSE);

		KUNIT_ASSERT_NE(bounce->test, address, WK_NOTHING);
		KUNIT_ASSERT_EQ(bounce->test, bytes, PAGE_SIZE);
		wk_device_write(bounce->test, address, device + i * PAGE_SIZE, PAGE_SIZE);
	}
}

/* Decision 1: whole mappings end, but only Length bytes come back. */
static void wk_length_limits_what_comes_back(struct kunit *test)
{
	const struct wk_sweep *sweep = test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, WK_PAGES);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	u8 *expected = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, WK_PAGES);
	u64 copied = buffer->bytes;
	u32 i;

	wk_fill(device, buffer->bytes, 20);
	memcpy(expected, buffer->va, buffer->bytes);
	wk_map_pages(&bounce, mdl, base, device);
	wk_flush(&bounce, mdl, base, sweep->start, sweep->length, FALSE);
	for (i = 0; i < WK_PAGES; i++) {
		memcpy(expected + i * PAGE_SIZE, device + i * PAGE_SIZE, sweep->back[i]);
		copied += sweep->back[i];
	}
	wk_expect_same(test, buffer->va, expected, buffer->bytes);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes, copied);

	/* What was released has nothing more to give, what was left has all of it. */
	wk_flush(&bounce, mdl, base, 0, buffer->bytes, FALSE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes,
			copied + sweep->left * PAGE_SIZE);
	wk_flush(&bounce, mdl, base, 0, buffer->bytes, FALSE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes,
			copied + sweep->left * PAGE_SIZE);
	wk_map_pages(&bounce, mdl, base, device);
	wk_flush(&bounce, mdl, base, 0, buffer->bytes, FALSE);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 20);
	wk_free_set(&bounce, base, WK_PAGES);
}

/* A mapping over several pages: what comes back may end in any of them. */
static void wk_long_mapping_comes_back_in_part(struct kunit *test)
{
	static const u32 lengths[] = {
		1, 500, PAGE_SIZE - 77, PAGE_SIZE - 76, 5000, 3 * PAGE_SIZE,
	};
	struct wk_buffer *buffer = wk_alloc_scattered(test, WK_PAGES);
	/* Without scatter/gather it is a single mapping. */
	struct wk_bounce bounce = wk_get_forced(test, FALSE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 77, 3 * PAGE_SIZE);
	u8 *device = kunit_kzalloc(test, 3 * PAGE_SIZE, GFP_KERNEL);
	u8 *expected = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, WK_PAGES);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		wk_fill(buffer->va, buffer->bytes, i);
		wk_fill(device, 3 * PAGE_SIZE, 70 + i);
		wk_fill(expected, buffer->bytes, i);
		memcpy(expected + 77, device, lengths[i]);
		KUNIT_EXPECT_EQ(test, wk_transfer(&bounce, mdl, base, 0, 3 * PAGE_SIZE, FALSE,
						  device), 1);
		wk_flush(&bounce, mdl, base, 0, lengths[i], FALSE);
		wk_expect_same(test, buffer->va, expected, buffer->bytes);
	}
	wk_free_set(&bounce, base, WK_PAGES);
}

enum wk_end {
	WK_FREE_MAP_REGISTERS,
	WK_FREE_ADAPTER_CHANNEL,
	WK_DEALLOCATE_OBJECT,
	WK_PUT_DMA_ADAPTER,
};

struct wk_ending {
	const char *name;
	enum wk_end end;
	BOOLEAN scatter_gather;
};

static const struct wk_ending wk_endings[] = {
	{ "FreeMapRegisters", WK_FREE_MAP_REGISTERS, TRUE },
	{ "FreeAdapterChannel", WK_FREE_ADAPTER_CHANNEL, TRUE },
	{ "DeallocateObject", WK_DEALLOCATE_OBJECT, TRUE },
	{ "PutDmaAdapter", WK_PUT_DMA_ADAPTER, TRUE },
	{ "FreeMapRegisters, window", WK_FREE_MAP_REGISTERS, FALSE },
	{ "FreeAdapterChannel, window", WK_FREE_ADAPTER_CHANNEL, FALSE },
	{ "DeallocateObject, window", WK_DEALLOCATE_OBJECT, FALSE },
	{ "PutDmaAdapter, window", WK_PUT_DMA_ADAPTER, FALSE },
};

static void wk_ending_desc(const struct wk_ending *ending, char *desc)
{
	strscpy(desc, ending->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_ending, wk_endings, wk_ending_desc);

struct wk_abandoned {
	const struct wk_bounce *bounce;
	PMDL mdl;
	u8 *device;
};

static void wk_abandon(struct wk_call *call)
{
	struct wk_abandoned *abandoned = call->data;

	wk_transfer(abandoned->bounce, abandoned->mdl, call->base, 0, 2 * PAGE_SIZE, FALSE,
		    abandoned->device);
}

/* Whoever frees registers without a flush has lost what the device wrote, and is told so. */
static void wk_unflushed_data_is_dropped(struct kunit *test)
{
	const struct wk_ending *ending = test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	struct wk_bounce bounce = wk_get_forced(test, ending->scatter_gather, SZ_64K, 3);
	struct wk_abandoned abandoned = {
		.bounce = &bounce,
		.mdl = wk_mdl(test, buffer, 0, buffer->bytes),
		.device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL),
	};
	struct wk_call call;
	NTSTATUS status;

	wk_call_init(&call, bounce.adapter, DeallocateObjectKeepRegisters);
	if (ending->end == WK_FREE_ADAPTER_CHANNEL)
		call.action = KeepObject;
	if (ending->end == WK_DEALLOCATE_OBJECT)
		call.action = DeallocateObject;
	call.inside = wk_abandon;
	call.data = &abandoned;
	if (ending->end == WK_PUT_DMA_ADAPTER)
		wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	else
		wk_expect_unflushed(test, 1);
	status = bounce.ops->AllocateAdapterChannel(bounce.adapter, NULL, 3, wk_control, &call);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	if (ending->end == WK_FREE_MAP_REGISTERS)
		wk_free_set(&bounce, call.base, 3);
	if (ending->end == WK_FREE_ADAPTER_CHANNEL)
		bounce.ops->FreeAdapterChannel(bounce.adapter);
	if (ending->end == WK_PUT_DMA_ADAPTER)
		wk_put_adapter(test, bounce.adapter);
	else
		wk_expect_whole_pool(&bounce);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 1);
}

static void wk_dead_adapter_copies_nothing(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, 1);
	PVOID va = MmGetMdlVirtualAddress(mdl);

	wk_transfer(&bounce, mdl, base, 0, PAGE_SIZE, FALSE, device);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	wk_put_adapter(test, bounce.adapter);
	wk_expect_report(test, WD_REPORT_DEAD_ADAPTER, 1);
	KUNIT_EXPECT_FALSE(test, bounce.ops->FlushAdapterBuffers(bounce.adapter, mdl, base, va,
								 PAGE_SIZE, FALSE));
	wk_expect_refusal(&bounce, mdl, base, 0, PAGE_SIZE, WD_REPORT_DEAD_ADAPTER);
	wk_expect_pattern(test, buffer->va, PAGE_SIZE, 1);
}

/* The mappings of a set that are out of reach come back, those in reach need not. */
static void wk_mixed_mappings_in_parts(struct kunit *test)
{
	struct wdmdma_limits limits = {};
	struct wk_buffer *buffer = wk_alloc_split(test, "fnfn", &limits.last_address);
	struct wk_bounce bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, WK_PAGES);

	wk_fill(device, buffer->bytes, 25);
	wk_map_pages(&bounce, mdl, base, device);
	/* The device writes pages in reach itself. */
	wk_expect_same(test, buffer->va + PAGE_SIZE, device + PAGE_SIZE, PAGE_SIZE);
	wk_expect_same(test, buffer->va + 3 * PAGE_SIZE, device + 3 * PAGE_SIZE, PAGE_SIZE);
	wk_flush(&bounce, mdl, base, 2 * PAGE_SIZE, PAGE_SIZE, FALSE);
	wk_expect_same(test, buffer->va + PAGE_SIZE, device + PAGE_SIZE, 3 * PAGE_SIZE);
	KUNIT_EXPECT_NE(test, *buffer->va, *device);
	wk_flush(&bounce, mdl, base, 0, buffer->bytes, FALSE);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 25);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes, 4 * PAGE_SIZE);
	wk_free_set(&bounce, base, WK_PAGES);
}

/* An address for a direct mapping that fails for a while; a copy always works. */
static void wk_failing_maps_do_not_stop_copies(struct kunit *test)
{
	struct wdmdma_limits limits = {};
	struct wk_buffer *buffer = wk_alloc_split(test, "fn", &limits.last_address);
	struct wk_bounce bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, 2);
	u32 i;

	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(bounce.adapter, 1), 0);
		wk_fill(device, buffer->bytes, 80 + i);
		wk_transfer(&bounce, mdl, base, 0, PAGE_SIZE, FALSE, device);
		wk_flush(&bounce, mdl, base, 0, PAGE_SIZE, FALSE);
		wk_expect_pattern(test, buffer->va, PAGE_SIZE, 80 + i);
	}
	KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(bounce.adapter, 0), 0);
	wk_fill(device, buffer->bytes, 85);
	wk_transfer(&bounce, mdl, base, 0, buffer->bytes, FALSE, device);
	wk_flush(&bounce, mdl, base, 0, buffer->bytes, FALSE);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 85);
	wk_free_set(&bounce, base, 2);
}

/* A page that the device reaches, but that cannot be mapped now, is copied like any other. */
static void wk_failed_map_is_copied(struct kunit *test)
{
	struct wdmdma_limits limits[2] = {};
	struct wk_buffer *buffer = wk_alloc_split(test, "nNf", &limits[0].last_address);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	int i, write;

	for (i = 0; i < 2; i++) {
		struct wk_bounce bounce = wk_get_bounce(test, !i, SZ_64K, limits[i]);
		PVOID base = wk_take_set(&bounce, 3);

		for (write = 0; write < 2; write++) {
			wk_fill(device, 2 * PAGE_SIZE, 86 + i);
			KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(bounce.adapter, 1), 0);
			wk_transfer(&bounce, mdl, base, 5, 2 * PAGE_SIZE - 5, write, device);
			KUNIT_EXPECT_GT(test, wk_stats(test, bounce.adapter).bounced_bytes, 0);
			wk_flush(&bounce, mdl, base, 5, 2 * PAGE_SIZE - 5, write);
			wk_expect_pattern(test, buffer->va + 5, 2 * PAGE_SIZE - 5, 86 + i);
			wk_expect_pattern(test, device, 2 * PAGE_SIZE - 5, 86 + i);
		}
		wk_free_set(&bounce, base, 3);
	}
}

static struct kunit_case wk_bounce_flush_cases[] = {
	KUNIT_CASE_PARAM(wk_length_limits_what_comes_back, wk_sweep_gen_params),
	KUNIT_CASE(wk_long_mapping_comes_back_in_part),
	KUNIT_CASE_PARAM(wk_unflushed_data_is_dropped, wk_ending_gen_params),
	KUNIT_CASE(wk_dead_adapter_copies_nothing),
	KUNIT_CASE(wk_mixed_mappings_in_parts),
	KUNIT_CASE(wk_failing_maps_do_not_stop_copies),
	KUNIT_CASE(wk_failed_map_is_copied),
	{}
};

static struct kunit_suite wk_bounce_flush_suite = {
	.name = "wdmdma_bounce_flush",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_bounce_flush_cases,
};

kunit_test_suite(wk_bounce_flush_suite);
