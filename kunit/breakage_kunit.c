// SPDX-License-Identifier: GPL-2.0-only
/*
 * What once broke bouncing: buses whose addresses are not those of memory or do not cover all of
 * it, lines narrower than the bounce pages, MDLs that changed after their list was made.
 */
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "../wdmdma/internal.h"
#include "fake_driver.h"
#include "fixture.h"

static struct device *wk_dev(struct kunit *test)
{
	struct wk_world *world = test->priv;

	return world->dev;
}

static void wk_limit(struct kunit *test, struct wdmdma_limits limits)
{
	struct wk_world *world = test->priv;

	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
}

static PDMA_ADAPTER wk_get_any(struct kunit *test, BOOLEAN scatter_gather, ULONG bytes,
			       ULONG *regs)
{
	DEVICE_DESCRIPTION description = wk_description(2, scatter_gather, 64, bytes);
	PDMA_ADAPTER adapter = wk_get_described_adapter(test, &description, regs);

	KUNIT_ASSERT_NOT_NULL(test, adapter);
	return adapter;
}

static PSCATTER_GATHER_LIST wk_get_list(struct kunit *test, PDMA_ADAPTER adapter, PMDL mdl,
					BOOLEAN write)
{
	struct wk_call call;
	NTSTATUS status;

	wk_call_init(&call, adapter, KeepObject);
	status = adapter->DmaOperations->GetScatterGatherList(adapter, NULL, mdl,
			MmGetMdlVirtualAddress(mdl), MmGetMdlByteCount(mdl), wk_list_control, &call,
			write);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	return call.list;
}

static void wk_put_list(PDMA_ADAPTER adapter, PSCATTER_GATHER_LIST list, BOOLEAN write)
{
	adapter->DmaOperations->PutScatterGatherList(adapter, list, write);
}

/* A map of a bus that ends with an empty region; the device owns it then. */
static void wk_set_ranges(struct kunit *test, const struct bus_dma_region *regions, u32 count)
{
	struct bus_dma_region *map = kcalloc(count + 1, sizeof(*map), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, map);
	memcpy(map, regions, count * sizeof(*map));
	wk_dev(test)->dma_range_map = map;
}

/* The bounce pages lie between the lines, be they ever so narrow. */
static void wk_lines_narrower_than_the_pages(struct kunit *test)
{
	const u64 line = *(const u64 *)test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PMDL mdl = wk_mdl(test, buffer, 100, 2 * PAGE_SIZE);
	BOOLEAN scatter_gather;
	ULONG regs;

	dma_set_seg_boundary(wk_dev(test), line - 1);
	wk_limit(test, (struct wdmdma_limits){ .force_bounce = true });
	for (scatter_gather = 0; scatter_gather < 2; scatter_gather++) {
		PDMA_ADAPTER adapter = wk_get_any(test, scatter_gather, SZ_256K, &regs);
		PSCATTER_GATHER_LIST list;
		ULONG i;

		KUNIT_EXPECT_GE(test, regs, min_t(ULONG, line >> PAGE_SHIFT, 16));
		if (regs < 3)
			continue;
		list = wk_get_list(test, adapter, mdl, FALSE);
		for (i = 0; i < list->NumberOfElements; i++) {
			u64 first = list->Elements[i].Address.QuadPart;
			u64 last = first + list->Elements[i].Length - 1;

			KUNIT_EXPECT_EQ(test, first & ~(line - 1), last & ~(line - 1));
		}
		if (!scatter_gather)
			KUNIT_EXPECT_EQ(test, list->NumberOfElements, 1);
		wk_put_list(adapter, list, FALSE);
	}
}

static const u64 wk_lines[] = { SZ_8K, SZ_16K, SZ_64K, SZ_128K, SZ_1M };

static void wk_line_desc(const u64 *line, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%llu KiB", *line / SZ_1K);
}

KUNIT_ARRAY_PARAM(wk_line, wk_lines, wk_line_desc);

/* Memory that no region of the bus covers has no address at all. */
static void wk_memory_off_the_bus_is_bounced(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 4);
	u64 hole = wk_phys(buffer, PAGE_SIZE);
	const struct bus_dma_region regions[] = {
		{ .size = hole },
		{ .cpu_start = hole + PAGE_SIZE, .dma_start = hole + PAGE_SIZE, .size = SZ_8G },
	};
	PMDL mdl = wk_mdl(test, buffer, 100, 3 * PAGE_SIZE);
	PSCATTER_GATHER_LIST list;
	PDMA_ADAPTER adapter;
	u8 *data = kunit_kmalloc(test, 3 * PAGE_SIZE, GFP_KERNEL);
	ULONG i;

	KUNIT_ASSERT_NOT_NULL(test, data);
	wk_set_ranges(test, regions, ARRAY_SIZE(regions));
	/* Short of what the platform needs for all memory: it bounces. */
	wk_limit(test, (struct wdmdma_limits){
		.last_address = dma_get_required_mask(wk_dev(test)) - PAGE_SIZE,
	});
	adapter = wk_get_any(test, TRUE, SZ_64K, NULL);
	KUNIT_ASSERT_EQ(test, wk_stats(test, adapter).mapping, WDMDMA_BOUNCED);

	list = wk_get_list(test, adapter, mdl, FALSE);
	for (i = 0; i < list->NumberOfElements; i++) {
		u64 first = list->Elements[i].Address.QuadPart;

		KUNIT_EXPECT_TRUE(test, first >= hole + PAGE_SIZE ||
				  first + list->Elements[i].Length <= hole);
	}
	wk_fill(data, 3 * PAGE_SIZE, 7);
	wk_device_write_list(test, list, data);
	wk_put_list(adapter, list, FALSE);
	wk_expect_pattern(test, buffer->va + 100, 3 * PAGE_SIZE, 7);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).bounced_maps, 1);
}

/* It is the device's addresses that must not cross a line, and that must follow one another. */
static void wk_line_is_one_of_the_bus(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 4);
	const struct bus_dma_region region = {
		.cpu_start = 0,
		.dma_start = SZ_4G - wk_phys(buffer, 2 * PAGE_SIZE),
		.size = SZ_4G,
	};
	PMDL mdl = wk_mdl(test, buffer, 100, 3 * PAGE_SIZE);
	PSCATTER_GATHER_LIST list;
	PDMA_ADAPTER adapter;

	wk_set_ranges(test, &region, 1);
	adapter = wk_get_any(test, TRUE, SZ_64K, NULL);
	KUNIT_ASSERT_EQ(test, wk_stats(test, adapter).mapping, WDMDMA_DIRECT);

	list = wk_get_list(test, adapter, mdl, TRUE);
	KUNIT_EXPECT_EQ(test, list->NumberOfElements, 2);
	KUNIT_EXPECT_EQ(test, list->Elements[0].Address.QuadPart, SZ_4G - 2 * PAGE_SIZE + 100);
	KUNIT_EXPECT_EQ(test, list->Elements[0].Length, 2 * PAGE_SIZE - 100);
	wk_put_list(adapter, list, TRUE);
}

static void wk_regions_do_not_join(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 4);
	u64 middle = wk_phys(buffer, 2 * PAGE_SIZE);
	const struct bus_dma_region regions[] = {
		{ .size = middle },
		{ .cpu_start = middle, .dma_start = middle + SZ_1G, .size = SZ_4G },
	};
	PMDL mdl = wk_mdl(test, buffer, 100, 3 * PAGE_SIZE);
	PSCATTER_GATHER_LIST list;
	PDMA_ADAPTER adapter;

	wk_set_ranges(test, regions, ARRAY_SIZE(regions));
	adapter = wk_get_any(test, TRUE, SZ_64K, NULL);
	list = wk_get_list(test, adapter, mdl, TRUE);
	KUNIT_EXPECT_EQ(test, list->NumberOfElements, 2);
	KUNIT_EXPECT_EQ(test, list->Elements[0].Length, 2 * PAGE_SIZE - 100);
	wk_put_list(adapter, list, TRUE);
}

/* The frames of a list may be more than the MDL now has place for. */
static void wk_mdl_changed_before_build_mdl(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 8);
	PMDL mdl = wk_mdl(test, buffer, PAGE_SIZE - 1, 6 * PAGE_SIZE);
	PSCATTER_GATHER_LIST list;
	PDMA_ADAPTER adapter;
	PMDL target = NULL;
	NTSTATUS status;

	wk_limit(test, (struct wdmdma_limits){ .force_bounce = true });
	adapter = wk_get_any(test, TRUE, SZ_64K, NULL);
	list = wk_get_list(test, adapter, mdl, TRUE);
	mdl->ByteOffset = 0;
	status = adapter->DmaOperations->BuildMdlFromScatterGatherList(adapter, list, mdl, &target);
	KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER);
	mdl->ByteOffset = PAGE_SIZE - 1;
	wk_put_list(adapter, list, TRUE);
}

/* An IOMMU that does not join pages, as none does for memory that it lets the platform copy. */
static void wk_unjoined_pieces_go_through_the_window(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	PMDL mdl = wk_mdl(test, buffer, 100, 3 * PAGE_SIZE);
	u8 *data = kunit_kmalloc(test, 3 * PAGE_SIZE, GFP_KERNEL);
	PDMA_ADAPTER adapter = wk_get_any(test, FALSE, SZ_64K, NULL);
	struct wd_adapter *inside = container_of(adapter, struct wd_adapter, public);
	PSCATTER_GATHER_LIST list;

	KUNIT_ASSERT_NOT_NULL(test, data);
	inside->class = WDMDMA_TRANSLATED;
	inside->bounces_all = true;
	list = wk_get_list(test, adapter, mdl, FALSE);
	KUNIT_EXPECT_EQ(test, list->NumberOfElements, 1);
	wk_fill(data, 3 * PAGE_SIZE, 7);
	wk_device_write_list(test, list, data);
	wk_put_list(adapter, list, FALSE);
	wk_expect_pattern(test, buffer->va + 100, 3 * PAGE_SIZE, 7);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).lists_live, 0);
	inside->class = WDMDMA_BOUNCED;
}

/* Behind an IOMMU bounce pages have addresses like any memory, so the mask must be narrow. */
static void wk_bounced_and_translated_narrows_the_mask(struct kunit *test)
{
	struct wd_adapter *inside;
	PDMA_ADAPTER adapter;

	wk_limit(test, (struct wdmdma_limits){
		.last_address = DMA_BIT_MASK(32),
		.force_bounce = true,
	});
	adapter = wk_get_any(test, FALSE, SZ_64K, NULL);
	KUNIT_EXPECT_EQ(test, dma_get_mask(wk_dev(test)), DMA_BIT_MASK(64));
	inside = container_of(adapter, struct wd_adapter, public);
	inside->is_translated = true;
	/* The masks are chosen for all adapters whenever there is another. */
	wk_get_any(test, FALSE, SZ_64K, NULL);
	KUNIT_EXPECT_EQ(test, dma_get_mask(wk_dev(test)), DMA_BIT_MASK(32));
	inside->is_translated = false;
}

static struct kunit_case wk_breakage_cases[] = {
	KUNIT_CASE_PARAM(wk_lines_narrower_than_the_pages, wk_line_gen_params),
	KUNIT_CASE(wk_memory_off_the_bus_is_bounced),
	KUNIT_CASE(wk_line_is_one_of_the_bus),
	KUNIT_CASE(wk_regions_do_not_join),
	KUNIT_CASE(wk_mdl_changed_before_build_mdl),
	KUNIT_CASE(wk_unjoined_pieces_go_through_the_window),
	KUNIT_CASE(wk_bounced_and_translated_narrows_the_mask),
	{}
};

static struct kunit_suite wk_breakage_suite = {
	.name = "wdmdma_breakage",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_breakage_cases,
};

kunit_test_suite(wk_breakage_suite);
