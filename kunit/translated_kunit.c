// SPDX-License-Identifier: GPL-2.0-only
/*
 * Behind an IOMMU: one range of addresses for an MDL however its pages lie, below the reach of the
 * adapter, and nothing there any more when the mapping has ended. Where the test's device is not
 * translated the same calls lead to pages at their own addresses.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "v3.h"

#define WK_PAGES	8
#define WK_OFFSET	100
#define WK_BYTES	(WK_PAGES * PAGE_SIZE - 300)

static const struct wdmdma_limits wk_no_limits;

/* The device reaches the pages of @memory, from @offset on, through these elements. */
static void wk_expect_elements(struct kunit *test, const SCATTER_GATHER_LIST *list,
			       const struct wk_buffer *memory, size_t offset)
{
	ULONG i, at;

	for (i = 0; i < list->NumberOfElements; i++) {
		for (at = 0; at < list->Elements[i].Length; at += 256)
			wk_expect_at(test, list->Elements[i].Address.QuadPart + at, memory,
				     offset + at);
		offset += list->Elements[i].Length;
	}
}

/* Nothing is left where an IOMMU had made something of it. */
static void wk_expect_nothing_at(struct kunit *test, u64 address, size_t bytes)
{
	size_t at;

	for (at = 0; wk_joins(test) && at < bytes; at += PAGE_SIZE)
		KUNIT_EXPECT_EQ_MSG(test, wk_memory_at(test, address + at), 0,
				    "0x%llx is still mapped", address + at);
}

static struct wk_ask wk_sync_ask(PMDL mdl, ULONG bytes, PVOID context, PSCATTER_GATHER_LIST *list)
{
	return (struct wk_ask){
		.context = context, .mdl = mdl, .bytes = bytes,
		.flags = DMA_SYNCHRONOUS_CALLBACK, .list = list,
	};
}

static void wk_list_is_one_range(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, WK_PAGES);
	PMDL mdl = wk_mdl(test, memory, WK_OFFSET, WK_BYTES);
	u8 *device = kunit_kzalloc(test, WK_BYTES, GFP_KERNEL);
	struct wk_context context;
	PSCATTER_GATHER_LIST list;
	struct wk_ask ask = wk_sync_ask(mdl, WK_BYTES, &context, &list);
	u64 address;

	KUNIT_ASSERT_NOT_NULL(test, device);
	wk_context_init(&v3, &context);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, list->NumberOfElements, wk_joins(test) ? 1 : WK_PAGES);
	KUNIT_EXPECT_EQ(test, wk_list_bytes(list), WK_BYTES);
	wk_expect_elements(test, list, memory, WK_OFFSET);
	wk_device_read_list(test, list, device);
	KUNIT_EXPECT_MEMEQ(test, device, memory->va + WK_OFFSET, WK_BYTES);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).translated_maps, wk_joins(test));

	address = list->Elements[0].Address.QuadPart;
	wk_put_ex(&v3, list);
	wk_expect_nothing_at(test, address, WK_BYTES);
}

/* The bytes before and behind a transfer share its pages, but no further page is reached. */
static void wk_list_reaches_no_further_page(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, 4);
	PMDL mdl = wk_mdl(test, memory, PAGE_SIZE + 7, PAGE_SIZE);
	struct wk_context context;
	PSCATTER_GATHER_LIST list;
	struct wk_ask ask = wk_sync_ask(mdl, PAGE_SIZE, &context, &list);
	u64 first;

	wk_context_init(&v3, &context);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	first = list->Elements[0].Address.QuadPart;
	KUNIT_EXPECT_EQ(test, offset_in_page(first), 7);
	wk_expect_at(test, first, memory, PAGE_SIZE + 7);
	wk_expect_nothing_at(test, first - PAGE_SIZE, 1);
	wk_expect_nothing_at(test, first + 2 * PAGE_SIZE, 1);
	wk_put_ex(&v3, list);
}

/* MapTransfer of all that is left is one run, and what was read is where the CPU finds it. */
static void wk_transfer_is_one_run(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, WK_PAGES);
	PMDL mdl = wk_mdl(test, memory, WK_OFFSET, WK_BYTES);
	u8 *device = kunit_kzalloc(test, WK_BYTES, GFP_KERNEL);
	PVOID base = wk_get_set(&v3, WK_PAGES);
	u32 idle = wk_mappings(test);
	ULONG done, bytes, calls = 0;
	u64 address = 0;

	KUNIT_ASSERT_NOT_NULL(test, device);
	wk_fill(device, WK_BYTES, 9);
	for (done = 0; done < WK_BYTES; done += bytes, calls++) {
		bytes = WK_BYTES - done;
		address = v3.ops->MapTransfer(v3.adapter, mdl, base,
				(u8 *)MmGetMdlVirtualAddress(mdl) + done, &bytes, FALSE).QuadPart;
		KUNIT_ASSERT_GT(test, bytes, 0);
		wk_expect_at(test, address, memory, WK_OFFSET + done);
		wk_device_write(test, address, device + done, bytes);
	}
	KUNIT_EXPECT_EQ(test, calls, wk_joins(test) ? 1 : WK_PAGES);
	v3.ops->FlushAdapterBuffers(v3.adapter, mdl, base, MmGetMdlVirtualAddress(mdl), WK_BYTES,
				    FALSE);
	wk_expect_nothing_at(test, address, bytes);
	KUNIT_EXPECT_MEMEQ(test, memory->va + WK_OFFSET, device, WK_BYTES);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), idle);
	wk_end_set(&v3, base, WK_PAGES);
}

/* A device without scatter/gather gets its one range from the IOMMU, not from a copy. */
static void wk_one_range_without_scatter_gather(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_of(test, wk_description(3, FALSE, 64, SZ_64K), wk_no_limits);
	struct wk_buffer *memory = wk_alloc_scattered(test, WK_PAGES);
	PMDL mdl = wk_mdl(test, memory, WK_OFFSET, WK_BYTES);
	struct wk_context context;
	PSCATTER_GATHER_LIST list;
	struct wk_ask ask = wk_sync_ask(mdl, WK_BYTES, &context, &list);

	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).mapping,
			wk_joins(test) ? WDMDMA_TRANSLATED : WDMDMA_BOUNCED);
	wk_context_init(&v3, &context);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, list->NumberOfElements, 1);
	KUNIT_EXPECT_EQ(test, list->Elements[0].Length, WK_BYTES);
	if (wk_joins(test))
		wk_expect_elements(test, list, memory, WK_OFFSET);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).bounced_maps == 0, wk_joins(test));
	wk_put_ex(&v3, list);
}

/* Widths of the description, and ceilings that no width expresses */
static const struct wk_reach {
	const char *name;
	unsigned int bits;
	u64 limit;
	u64 last;
} wk_reaches[] = {
	{ "24 bits", 24, 0, DMA_BIT_MASK(24) },
	{ "28 bits", 28, 0, DMA_BIT_MASK(28) },
	{ "30 bits", 30, 0, DMA_BIT_MASK(30) },
	{ "32 bits", 32, 0, DMA_BIT_MASK(32) },
	{ "3 GiB", 64, 0xBFFFFFFF, 0xBFFFFFFF },
	{ "100 MB and a page", 64, 100000000, 100000000 },
	{ "64 bits", 64, 0, U64_MAX },
};

static void wk_reach_desc(const struct wk_reach *reach, char *desc)
{
	strscpy(desc, reach->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_reach, wk_reaches, wk_reach_desc);

/* Whatever is mapped in whatever way, the device reaches it; and the host's mask comes back. */
static void wk_addresses_are_in_reach(struct kunit *test)
{
	const struct wk_reach *reach = test->param_value;
	struct wk_world *world = test->priv;
	const struct wdmdma_limits limits = { .last_address = reach->limit };
	u64 host_mask = dma_get_mask(world->dev);
	struct wk_buffer *memory = wk_alloc_scattered(test, WK_PAGES);
	PMDL mdl = wk_mdl(test, memory, WK_OFFSET, WK_BYTES);
	struct wk_context contexts[4];
	PSCATTER_GATHER_LIST lists[4];
	struct wk_v3 v3;
	PHYSICAL_ADDRESS address;
	unsigned int i, j;
	void *va;

	if (!wk_joins(test) && reach->last < dma_get_required_mask(world->dev))
		return;	/* the bouncing suites' business */
	v3 = wk_v3_of(test, wk_description(3, TRUE, reach->bits, SZ_64K), limits);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).last_address, reach->last);
	/* The first of all: the addresses tried next are those behind the last ones. */
	va = v3.ops->AllocateCommonBuffer(v3.adapter, SZ_64K, &address, TRUE);
	KUNIT_ASSERT_NOT_NULL(test, va);
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		struct wk_ask ask = wk_sync_ask(mdl, WK_BYTES, &contexts[i], &lists[i]);

		wk_context_init(&v3, &contexts[i]);
		KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
		wk_expect_elements(test, lists[i], memory, WK_OFFSET);
		for (j = 0; j < lists[i]->NumberOfElements; j++) {
			const SCATTER_GATHER_ELEMENT *element = &lists[i]->Elements[j];

			KUNIT_EXPECT_NE(test, element->Address.QuadPart, 0);
			KUNIT_EXPECT_LE(test, element->Address.QuadPart + element->Length - 1,
					reach->last);
		}
	}
	KUNIT_EXPECT_LE(test, address.QuadPart + SZ_64K - 1, reach->last);
	wk_fill(va, SZ_64K, 11);
	for (i = 0; i < SZ_64K; i += PAGE_SIZE) {
		u8 byte;

		wk_device_read(test, address.QuadPart + i, &byte, 1);
		KUNIT_EXPECT_EQ(test, byte, wk_pattern(11, i));
	}
	v3.ops->FreeCommonBuffer(v3.adapter, SZ_64K, address, va, TRUE);
	wk_expect_nothing_at(test, address.QuadPart, SZ_64K);
	for (i = 0; i < ARRAY_SIZE(lists); i++)
		wk_put_ex(&v3, lists[i]);
	wk_put_adapter(test, v3.adapter);
	/* Adapters are taken apart by a work item. */
	KUNIT_EXPECT_TRUE(test, wk_wait_for(dma_get_mask(world->dev) == host_mask));
}

#define WK_FILLING	10	/* more lists than fit */
#define WK_WAITING	3

static NTSTATUS wk_ask_list(const struct wk_v3 *v3, PMDL mdl, struct wk_call *call)
{
	wk_call_init(call, v3->adapter, KeepObject);
	return v3->ops->GetScatterGatherList(v3->adapter, v3->object, mdl,
					     MmGetMdlVirtualAddress(mdl), MmGetMdlByteCount(mdl),
					     wk_list_control, call, TRUE);
}

/*
 * 24 bits hold 4096 pages, less the first: a few lists of all registers fill them. A request that
 * could be served at once fails then; those that had to wait stay in line until lists end.
 */
static void wk_lists_wait_for_addresses(struct kunit *test)
{
	struct wk_call *granted = kunit_kcalloc(test, WK_FILLING, sizeof(*granted), GFP_KERNEL);
	struct wk_call *waiting = kunit_kcalloc(test, WK_WAITING, sizeof(*waiting), GFP_KERNEL);
	struct wk_buffer *memory;
	unsigned int nr = 0, i;
	struct wk_v3 v3;
	PMDL mdl;

	KUNIT_ASSERT_NOT_NULL(test, granted);
	KUNIT_ASSERT_NOT_NULL(test, waiting);
	if (!wk_joins(test))
		return;
	v3 = wk_v3_of(test, wk_description(3, TRUE, 24, SZ_2M), wk_no_limits);
	memory = wk_alloc_contiguous(test, v3.regs - 1);
	mdl = wk_mdl(test, memory, 0, memory->bytes);
	while (nr < WK_FILLING && !wk_ask_list(&v3, mdl, &granted[nr]))
		nr++;
	KUNIT_ASSERT_LT(test, nr, WK_FILLING);
	KUNIT_ASSERT_GT(test, nr, WK_WAITING);
	KUNIT_EXPECT_EQ(test, wk_ask_list(&v3, mdl, &granted[nr]), STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, granted[nr].count, 0);

	wk_own_channel(&v3, 0);
	for (i = 0; i < WK_WAITING; i++)
		KUNIT_ASSERT_EQ(test, wk_ask_list(&v3, mdl, &waiting[i]), STATUS_SUCCESS);
	v3.ops->FreeAdapterChannel(v3.adapter);
	KUNIT_EXPECT_EQ(test, waiting[0].count, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).waiting, WK_WAITING);
	wk_calls_reset();
	for (i = 0; i < WK_WAITING; i++) {
		wk_put_ex(&v3, granted[i].list);
		KUNIT_ASSERT_TRUE(test, wk_wait_for(waiting[i].count == 1));
		KUNIT_EXPECT_EQ(test, waiting[i].order, i + 1);
		wk_expect_at(test, waiting[i].list->Elements[0].Address.QuadPart, memory, 0);
		KUNIT_EXPECT_LE(test, waiting[i].list->Elements[0].Address.QuadPart +
				memory->bytes - 1, DMA_BIT_MASK(24));
	}
	for (i = 0; i < WK_WAITING; i++)
		wk_put_ex(&v3, waiting[i].list);
	for (; i < nr; i++)
		wk_put_ex(&v3, granted[i].list);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).waiting, 0);
}

/* The narrowest adapter that lives decides for all of a device, and no longer than it lives. */
static void wk_mask_is_the_narrowest_adapters(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wk_v3 wide = wk_v3_of(test, wk_description(3, TRUE, 64, SZ_64K), wk_no_limits);
	struct wk_v3 narrow;
	u64 host_mask = dma_get_mask(world->dev);

	if (!wk_joins(test))
		return;
	narrow = wk_v3_of(test, wk_description(3, TRUE, 28, SZ_64K), wk_no_limits);
	KUNIT_EXPECT_EQ(test, dma_get_mask(world->dev), DMA_BIT_MASK(28));
	KUNIT_EXPECT_EQ(test, wk_stats(test, wide.adapter).last_address, U64_MAX);
	wk_put_adapter(test, narrow.adapter);
	/* Adapters are taken apart by a work item. */
	KUNIT_EXPECT_TRUE(test, wk_wait_for(dma_get_mask(world->dev) == host_mask));
}

static struct kunit_case wk_translated_cases[] = {
	KUNIT_CASE(wk_list_is_one_range),
	KUNIT_CASE(wk_list_reaches_no_further_page),
	KUNIT_CASE(wk_transfer_is_one_run),
	KUNIT_CASE(wk_one_range_without_scatter_gather),
	KUNIT_CASE_PARAM(wk_addresses_are_in_reach, wk_reach_gen_params),
	KUNIT_CASE(wk_lists_wait_for_addresses),
	KUNIT_CASE(wk_mask_is_the_narrowest_adapters),
	{}
};

static struct kunit_suite wk_translated_suite = {
	.name = "wdmdma_translated",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_translated_cases,
};

kunit_test_suites(&wk_translated_suite);
