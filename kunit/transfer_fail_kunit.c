// SPDX-License-Identifier: GPL-2.0-only
/*
 * MapTransferEx where something is in the way: mappings that fail, limits of the device, sets that
 * must not copy or have no registers, addresses out of reach.
 */
#include <linux/dma-mapping.h>
#include <linux/sizes.h>

#include "../wdmdma/internal.h"
#include "v3.h"

#define WK_ELEMENTS	8
#define WK_LIST_SIZE	(16 + 24 * WK_ELEMENTS)

static NTSTATUS wk_map(const struct wk_v3 *v3, PVOID base, PMDL mdl, u64 offset, ULONG *bytes,
		       BOOLEAN write, SCATTER_GATHER_LIST *list)
{
	return v3->ops->MapTransferEx(v3->adapter, mdl, base, offset, 0, bytes, write, list,
				      WK_LIST_SIZE, NULL, NULL);
}

static void wk_flush(const struct wk_v3 *v3, PVOID base, PMDL mdl, u64 offset, ULONG bytes,
		     BOOLEAN write)
{
	KUNIT_EXPECT_EQ(v3->test, v3->ops->FlushAdapterBuffersEx(v3->adapter, mdl, base, offset,
								 bytes, write), STATUS_SUCCESS);
}

static SCATTER_GATHER_LIST *wk_alloc_list(struct kunit *test)
{
	SCATTER_GATHER_LIST *list = kunit_kzalloc(test, WK_LIST_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, list);
	return list;
}

static const u32 wk_failures[] = { 1, 2, 3, 4, 5, 6 };

static void wk_failure_desc(const u32 *failures, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u mappings fail", *failures);
}

KUNIT_ARRAY_PARAM(wk_failure, wk_failures, wk_failure_desc);

/*
 * However many mappings fail, the set's own page takes the transfer on, and a call succeeds with
 * what it got to. The data arrives.
 */
static void wk_failing_maps_shorten(struct kunit *test)
{
	u32 failures = *(const u32 *)test->param_value;
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, 5);
	PMDL mdls[] = {
		wk_mdl(test, memory, 10, PAGE_SIZE), wk_mdl(test, memory, 2 * PAGE_SIZE, 0),
		wk_mdl(test, memory, 3 * PAGE_SIZE - 20, PAGE_SIZE),
	};
	SCATTER_GATHER_LIST *list = wk_alloc_list(test);
	ULONG total = 2 * PAGE_SIZE, done, bytes;
	PMDL chain = wk_link(mdls, 3);
	u8 *device = kunit_kzalloc(test, total, GFP_KERNEL);
	u8 *seen = kunit_kzalloc(test, total, GFP_KERNEL);
	int write;
	PVOID base;

	/* The set gets its page when mapping can fail. */
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 0), 0);
	base = wk_get_set(&v3, 6);
	for (write = 0; write <= 1; write++) {
		wk_fill(device, total, 70 + write);
		KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, failures), 0);
		for (done = 0; done < total; done += bytes) {
			bytes = total - done;
			KUNIT_ASSERT_EQ(test, wk_map(&v3, base, chain, done, &bytes, write, list),
					STATUS_SUCCESS);
			KUNIT_ASSERT_GT(test, bytes, 0);
			KUNIT_ASSERT_EQ(test, wk_list_bytes(list), bytes);
			if (write)
				wk_device_read_list(test, list, device + done);
			else
				wk_device_write_list(test, list, device + done);
			wk_flush(&v3, base, chain, done, bytes, write);
		}
		wk_chain_read(chain, 0, seen, total);
		KUNIT_EXPECT_MEMEQ(test, seen, device, total);
	}
	if (failures > 1)
		KUNIT_EXPECT_GT(test, wk_stats(test, v3.adapter).bounced_maps, 0);
	wk_end_set(&v3, base, 6);
	wk_expect_free(&v3);
}

/* Without such a page a call fails when it got nowhere, and then it has done nothing. */
static void wk_failing_maps_fail(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, 4);
	PMDL mdl = wk_mdl(test, memory, 0, 4 * PAGE_SIZE);
	SCATTER_GATHER_LIST *list = wk_alloc_list(test);
	PVOID base = wk_get_set(&v3, 4);
	u32 mappings = wk_mappings(test);
	ULONG bytes = 4 * PAGE_SIZE;

	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 1000), 0);
	KUNIT_EXPECT_EQ(test, wk_map(&v3, base, mdl, 0, &bytes, TRUE, list),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, bytes, 4 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 0), 0);
	/* No register was lost. */
	KUNIT_EXPECT_EQ(test, wk_map(&v3, base, mdl, 0, &bytes, TRUE, list), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, bytes, 4 * PAGE_SIZE);
	wk_flush(&v3, base, mdl, 0, bytes, TRUE);
	wk_end_set(&v3, base, 4);
	wk_expect_free(&v3);
}

/* What was mapped before the failure is a success, and is flushed as one. */
static void wk_failure_behind_the_first_piece(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, 1);
	SCATTER_GATHER_LIST *list = wk_alloc_list(test);
	PVOID base = wk_get_set(&v3, 4);
	PHYSICAL_ADDRESS logical;
	PVOID va = v3.ops->AllocateCommonBuffer(v3.adapter, PAGE_SIZE, &logical, TRUE);
	ULONG bytes = PAGE_SIZE + 300;
	PMDL mdls[2], chain;

	KUNIT_ASSERT_NOT_NULL(test, va);
	mdls[0] = IoAllocateMdl(va, 300, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, mdls[0]);
	MmBuildMdlForNonPagedPool(mdls[0]);
	mdls[1] = wk_mdl(test, memory, 0, PAGE_SIZE);
	chain = wk_link(mdls, 2);
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 1000), 0);
	KUNIT_EXPECT_EQ(test, wk_map(&v3, base, chain, 0, &bytes, TRUE, list), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, bytes, 300);
	KUNIT_EXPECT_EQ(test, list->NumberOfElements, 1);
	wk_flush(&v3, base, chain, 0, bytes, TRUE);
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 0), 0);
	IoFreeMdl(mdls[0]);
	v3.ops->FreeCommonBuffer(v3.adapter, PAGE_SIZE, logical, va, TRUE);
	wk_end_set(&v3, base, 4);
	wk_expect_free(&v3);
}

/* DMA_FAIL_ON_BOUNCE belongs to the set: mapping with it fails where wdmdma would copy. */
static void wk_fail_on_bounce(struct kunit *test)
{
	enum wk_way way = wk_way(test);
	struct wk_v3 v3 = wk_v3_way(test, way);
	struct wk_buffer *memory = wk_alloc_scattered(test, 2);
	PMDL mdl = wk_mdl(test, memory, 0, 2 * PAGE_SIZE);
	u8 list[16 + 2 * 24] __aligned(8);
	struct wk_context context;
	int forbidden;

	wk_context_init(&v3, &context);
	for (forbidden = 1; forbidden >= 0; forbidden--) {
		ULONG flags = DMA_SYNCHRONOUS_CALLBACK | (forbidden ? DMA_FAIL_ON_BOUNCE : 0);
		bool fails = forbidden && way != WK_DIRECT;
		ULONG bytes = 2 * PAGE_SIZE;
		NTSTATUS status;
		PVOID base;

		KUNIT_ASSERT_EQ(test, wk_channel_ex(&v3, &context, 2, flags, NULL, &base),
				STATUS_SUCCESS);
		status = v3.ops->MapTransferEx(v3.adapter, mdl, base, 0, 0, &bytes, FALSE,
					       (PSCATTER_GATHER_LIST)list, sizeof(list), NULL,
					       NULL);
		KUNIT_EXPECT_EQ(test, status,
				fails ? STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, bytes, 2 * PAGE_SIZE);
		v3.ops->FlushAdapterBuffersEx(v3.adapter, mdl, base, 0, bytes, FALSE);
		if (fails)
			wk_expect_report(test, WD_REPORT_MISC, 1);
		v3.ops->MapTransfer(v3.adapter, mdl, base, memory->va, &bytes, FALSE);
		KUNIT_EXPECT_EQ(test, bytes == 0, fails);
		v3.ops->FlushAdapterBuffers(v3.adapter, mdl, base, memory->va, bytes, FALSE);
		v3.ops->FreeAdapterChannel(v3.adapter);
	}
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).bounced_maps == 0, way == WK_DIRECT);
}

/* ... and that goes for the set's own page, which takes over where mapping fails. */
static void wk_fail_on_bounce_where_mapping_fails(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, 2);
	PMDL mdl = wk_mdl(test, memory, 0, 2 * PAGE_SIZE);
	SCATTER_GATHER_LIST *list = wk_alloc_list(test);
	struct wk_context context;
	int forbidden;

	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 0), 0);
	wk_context_init(&v3, &context);
	for (forbidden = 1; forbidden >= 0; forbidden--) {
		ULONG flags = DMA_SYNCHRONOUS_CALLBACK | (forbidden ? DMA_FAIL_ON_BOUNCE : 0);
		ULONG bytes = 2 * PAGE_SIZE;
		PVOID base;

		KUNIT_ASSERT_EQ(test, wk_channel_ex(&v3, &context, 2, flags, NULL, &base),
				STATUS_SUCCESS);
		KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 1000), 0);
		KUNIT_EXPECT_EQ(test, wk_map(&v3, base, mdl, 0, &bytes, TRUE, list),
				forbidden ? STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, bytes, forbidden ? 2 * PAGE_SIZE : PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).bounced_maps, !forbidden);
		KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 0), 0);
		wk_flush(&v3, base, mdl, 0, bytes, TRUE);
		v3.ops->FreeAdapterChannel(v3.adapter);
	}
}

/* 0 registers: R is the limit where nothing is copied; else there is nothing to copy through. */
static void wk_set_of_no_registers(struct kunit *test)
{
	enum wk_way way = wk_way(test);
	struct wk_v3 v3 = wk_v3_way(test, way);
	struct wk_buffer *memory = wk_alloc_contiguous(test, 20);
	PMDL mdl = wk_mdl(test, memory, 0, 20 * PAGE_SIZE);
	SCATTER_GATHER_LIST *list = wk_alloc_list(test);
	PVOID base = wk_get_set(&v3, 0);
	ULONG bytes = 20 * PAGE_SIZE;

	if (way == WK_DIRECT) {
		KUNIT_EXPECT_EQ(test, wk_map(&v3, base, mdl, 0, &bytes, TRUE, list),
				STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, bytes, v3.regs * PAGE_SIZE);
		wk_flush(&v3, base, mdl, 0, bytes, TRUE);
	} else {
		wk_expect_report(test, way == WK_POOL ? WD_REPORT_MISC : WD_REPORT_NOT_FLUSHED, 1);
		KUNIT_EXPECT_EQ(test, wk_map(&v3, base, mdl, 0, &bytes, TRUE, list),
				STATUS_INSUFFICIENT_RESOURCES);
		KUNIT_EXPECT_EQ(test, bytes, 20 * PAGE_SIZE);
	}
	wk_end_set(&v3, base, 0);
	wk_expect_free(&v3);
}

/* The segment limit of the device cuts runs, on page lines. */
static void wk_runs_are_cut_to_the_segment_limit(struct kunit *test)
{
	struct wk_buffer *memory = wk_alloc_contiguous(test, 8);
	struct wk_world *world = test->priv;
	SCATTER_GATHER_LIST *list = wk_alloc_list(test);
	PMDL mdl = wk_mdl(test, memory, 100, 7 * PAGE_SIZE);
	ULONG bytes = 7 * PAGE_SIZE, i;
	struct wk_v3 v3;
	PVOID base;

	dma_set_max_seg_size(world->dev, 2 * PAGE_SIZE + 50);
	v3 = wk_v3_way(test, WK_DIRECT);
	base = wk_get_set(&v3, 8);
	KUNIT_ASSERT_EQ(test, wk_map(&v3, base, mdl, 0, &bytes, TRUE, list), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, bytes, 7 * PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, list->NumberOfElements, 4);
	KUNIT_EXPECT_EQ(test, list->Elements[0].Length, 2 * PAGE_SIZE - 100);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_LE(test, list->Elements[i].Length, 2 * PAGE_SIZE);
	wk_flush(&v3, base, mdl, 0, bytes, TRUE);
	wk_end_set(&v3, base, 8);
}

/* UML has no translation that gives addresses out of reach, so the reach is lowered behind it. */
static void wk_unreachable_address_is_never_given_out(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wd_adapter *inside = container_of(v3.adapter, struct wd_adapter, public);
	struct wk_buffer *memory = wk_alloc_contiguous(test, 2);
	PMDL mdl = wk_mdl(test, memory, 0, 2 * PAGE_SIZE);
	SCATTER_GATHER_LIST *list = wk_alloc_list(test);
	PVOID base = wk_get_set(&v3, 2);
	u32 mappings = wk_mappings(test);
	u64 reach = inside->last_address;
	ULONG bytes = 2 * PAGE_SIZE;

	inside->last_address = wk_phys(memory, 2 * PAGE_SIZE - 2);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	KUNIT_EXPECT_EQ(test, wk_map(&v3, base, mdl, 0, &bytes, TRUE, list),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, bytes, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	inside->last_address = reach;
	wk_end_set(&v3, base, 2);
}

/* A translated adapter, whose pages the IOMMU does not join here: each try ends with a segment. */
static void wk_translated_pages_fit_the_list(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wd_adapter *inside = container_of(v3.adapter, struct wd_adapter, public);
	struct wk_buffer *memory = wk_alloc_scattered(test, 12);
	PMDL mdl = wk_mdl(test, memory, 100, 11 * PAGE_SIZE);
	SCATTER_GATHER_LIST *list = wk_alloc_list(test);
	PVOID base = wk_get_set(&v3, 12);
	u32 mappings = wk_mappings(test);
	ULONG bytes = 11 * PAGE_SIZE;

	inside->class = WDMDMA_TRANSLATED;
	KUNIT_EXPECT_EQ(test, wk_map(&v3, base, mdl, 0, &bytes, TRUE, list), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, list->NumberOfElements, WK_ELEMENTS);
	KUNIT_EXPECT_EQ(test, bytes, WK_ELEMENTS * PAGE_SIZE - 100);
	KUNIT_EXPECT_EQ(test, wk_list_bytes(list), bytes);
	wk_flush(&v3, base, mdl, 0, bytes, TRUE);
	inside->class = WDMDMA_DIRECT;
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	wk_end_set(&v3, base, 12);
}

/* A kept set serves any number of transfers. */
static void wk_set_is_used_again_and_again(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, wk_way(test));
	struct wk_buffer *memory = wk_alloc_scattered(test, 3);
	PMDL mdl = wk_mdl(test, memory, 77, 2 * PAGE_SIZE);
	SCATTER_GATHER_LIST *list = wk_alloc_list(test);
	PVOID base = wk_get_set(&v3, 3);
	unsigned int i;

	for (i = 0; i < 500; i++) {
		ULONG bytes = 2 * PAGE_SIZE - i;

		KUNIT_ASSERT_EQ(test, wk_map(&v3, base, mdl, i, &bytes, i & 1, list),
				STATUS_SUCCESS);
		KUNIT_ASSERT_EQ(test, bytes, 2 * PAGE_SIZE - i);
		wk_flush(&v3, base, mdl, i, bytes, i & 1);
	}
	wk_end_set(&v3, base, 3);
	wk_expect_free(&v3);
}

static struct kunit_case wk_transfer_fail_cases[] = {
	KUNIT_CASE_PARAM(wk_failing_maps_shorten, wk_failure_gen_params),
	KUNIT_CASE(wk_failing_maps_fail),
	KUNIT_CASE(wk_failure_behind_the_first_piece),
	KUNIT_CASE_PARAM(wk_fail_on_bounce, wk_way_gen_params),
	KUNIT_CASE(wk_fail_on_bounce_where_mapping_fails),
	KUNIT_CASE_PARAM(wk_set_of_no_registers, wk_way_gen_params),
	KUNIT_CASE(wk_runs_are_cut_to_the_segment_limit),
	KUNIT_CASE(wk_unreachable_address_is_never_given_out),
	KUNIT_CASE(wk_translated_pages_fit_the_list),
	KUNIT_CASE_PARAM(wk_set_is_used_again_and_again, wk_way_gen_params),
	{}
};

static struct kunit_suite wk_transfer_fail_suite = {
	.name = "wdmdma_transfer_fail",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_transfer_fail_cases,
};

kunit_test_suite(wk_transfer_fail_suite);
