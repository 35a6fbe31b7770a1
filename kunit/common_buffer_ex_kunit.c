// SPDX-License-Identifier: GPL-2.0-only
/*
 * AllocateCommonBufferEx: the highest address, which node, and cached or not.
 */
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "v3.h"

/* One common buffer, as the driver knows it */
struct wk_common {
	u8 *va;
	PHYSICAL_ADDRESS address;
	ULONG bytes;
};

static bool wk_allocate(const struct wk_v3 *v3, const u64 *maximum, ULONG bytes,
			struct wk_common *common)
{
	PHYSICAL_ADDRESS most = { .QuadPart = maximum ? *maximum : 0 };

	*common = (struct wk_common){ .bytes = bytes, .address.QuadPart = WK_UNTOUCHED };
	common->va = v3->ops->AllocateCommonBufferEx(v3->adapter, maximum ? &most : NULL, bytes,
						     &common->address, TRUE, 0);
	KUNIT_EXPECT_EQ_MSG(v3->test, most.QuadPart, maximum ? *maximum : 0, "only read");
	if (!common->va)
		KUNIT_EXPECT_EQ(v3->test, common->address.QuadPart, WK_UNTOUCHED);
	return common->va;
}

static void wk_free(const struct wk_v3 *v3, const struct wk_common *common)
{
	v3->ops->FreeCommonBuffer(v3->adapter, common->bytes, common->address, common->va, TRUE);
}

static void wk_use(const struct wk_v3 *v3, struct wk_common *common)
{
	u8 *copy = kunit_kzalloc(v3->test, common->bytes, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(v3->test, copy);
	KUNIT_EXPECT_FALSE_MSG(v3->test, memchr_inv(common->va, 0, common->bytes), "not zero");
	wk_fill(common->va, common->bytes, 90);
	wk_device_read(v3->test, common->address.QuadPart, copy, common->bytes);
	wk_expect_pattern(v3->test, copy, common->bytes, 90);
	wk_fill(copy, common->bytes, 91);
	wk_device_write(v3->test, common->address.QuadPart, copy, common->bytes);
	wk_expect_pattern(v3->test, common->va, common->bytes, 91);
	kunit_kfree(v3->test, copy);
}

static const ULONG wk_sizes[] = { 1, SZ_4K - 1, SZ_4K, SZ_4K + 1, SZ_64K + 3, SZ_1M };

static void wk_size_desc(const ULONG *bytes, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u bytes", *bytes);
}

KUNIT_ARRAY_PARAM(wk_size, wk_sizes, wk_size_desc);

static void wk_buffer_without_wishes(struct kunit *test)
{
	ULONG bytes = *(const ULONG *)test->param_value;
	struct wk_v3 v3 = wk_v3_of(test, wk_description(3, TRUE, 32, SZ_64K),
				   (struct wdmdma_limits){});
	struct wk_common common;

	KUNIT_ASSERT_TRUE(test, wk_allocate(&v3, NULL, bytes, &common));
	KUNIT_EXPECT_EQ(test, (ULONG_PTR)common.va % PAGE_SIZE, 0);
	KUNIT_EXPECT_EQ(test, common.address.QuadPart % PAGE_SIZE, 0);
	KUNIT_EXPECT_LE(test, common.address.QuadPart + round_up(bytes, PAGE_SIZE) - 1,
			0xFFFFFFFF);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 1);
	wk_use(&v3, &common);
	wk_free(&v3, &common);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 0);
}

/* The highest address of memory: without zones the lowest maximum that can be kept to */
static u64 wk_top(struct kunit *test)
{
	struct wk_world *world = test->priv;
	unsigned long pfn = PHYS_PFN(dma_get_required_mask(world->dev));

	while (!pfn_valid(pfn))
		pfn--;
	return PFN_PHYS(pfn + 1) - 1;
}

static void wk_maximum(struct kunit *test, const struct wk_v3 *v3, u64 maximum, bool possible)
{
	struct wk_common common;

	KUNIT_EXPECT_EQ_MSG(test, wk_allocate(v3, &maximum, SZ_8K, &common), possible,
			    "maximum 0x%llx", maximum);
	if (!common.va)
		return;
	KUNIT_EXPECT_LE(test, common.address.QuadPart + SZ_8K - 1, maximum);
	wk_use(v3, &common);
	wk_free(v3, &common);
}

/* Unsigned, inclusive, and counted in whole pages */
static void wk_maximum_values(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	u64 top = wk_top(test);

	wk_maximum(test, &v3, 0, false);
	wk_maximum(test, &v3, 1, false);
	wk_maximum(test, &v3, PAGE_SIZE - 2, false);
	wk_maximum(test, &v3, PAGE_SIZE - 1, false);
	wk_maximum(test, &v3, SZ_8K - 2, false);
	wk_maximum(test, &v3, top, true);
	/* The last page that lies below it is another one: a wish for less needs a lower zone. */
	wk_maximum(test, &v3, top - 1, IS_ENABLED(CONFIG_ZONE_DMA));
	wk_maximum(test, &v3, top + 1, true);
	wk_maximum(test, &v3, top + PAGE_SIZE - 1, true);
	wk_maximum(test, &v3, 0xBFFFFFFF, true);
	wk_maximum(test, &v3, 0xFFFFFFFF, true);
	wk_maximum(test, &v3, 0x100000000ULL, true);
	wk_maximum(test, &v3, 0x7FFFFFFFFFFFFFFFULL, true);
	wk_maximum(test, &v3, 0x8000000000000000ULL, true);
	wk_maximum(test, &v3, -1ULL, true);
	wk_maximum(test, &v3, -2ULL, true);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 0);
}

/* More than the adapter reaches is no more than the adapter reaches. */
static void wk_maximum_above_reach(struct kunit *test)
{
	struct wdmdma_limits limits = { .last_address = wk_top(test) };
	struct wk_v3 v3 = wk_v3_of(test, wk_description(3, TRUE, 64, SZ_64K), limits);

	wk_maximum(test, &v3, -1ULL, true);
	wk_maximum(test, &v3, limits.last_address, true);
	wk_maximum(test, &v3, limits.last_address * 4, true);
}

/*
 * A bus that gives the last 8 MiB of memory low addresses and the rest higher ones: there is room
 * for maxima between them.
 */
static void wk_shift_bus(struct kunit *test)
{
	struct wk_world *world = test->priv;
	u64 end = wk_top(test) + 1;
	struct bus_dma_region *map = kcalloc(3, sizeof(*map), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, map);
	map[0] = (struct bus_dma_region){ 0, SZ_16M, end - SZ_8M };
	map[1] = (struct bus_dma_region){ end - SZ_8M, SZ_8M, SZ_8M };
	world->dev->dma_range_map = map;
}

/* The maximum is the last byte that may be used, and not one less or more. */
static void wk_maximum_is_exact(struct kunit *test)
{
	unsigned int i, met = 0, tries = 0;
	struct wk_v3 v3;

	wk_shift_bus(test);
	v3 = wk_v3_way(test, WK_DIRECT);
	for (i = 0; i < 64; i++) {
		struct wk_common any, limited;
		u64 last;

		KUNIT_ASSERT_TRUE(test, wk_allocate(&v3, NULL, PAGE_SIZE, &any));
		last = any.address.QuadPart + PAGE_SIZE - 1;
		wk_free(&v3, &any);
		if (last < SZ_16M + PAGE_SIZE)
			continue;
		/* Mostly the page that was freed just now comes back. */
		tries++;
		if (wk_allocate(&v3, &last, PAGE_SIZE, &limited)) {
			KUNIT_EXPECT_LE(test, limited.address.QuadPart + PAGE_SIZE - 1, last);
			met += limited.address.QuadPart == any.address.QuadPart;
			wk_free(&v3, &limited);
		}
		last--;
		if (wk_allocate(&v3, &last, PAGE_SIZE, &limited)) {
			KUNIT_EXPECT_LE(test, limited.address.QuadPart + PAGE_SIZE - 1, last);
			wk_free(&v3, &limited);
		}
	}
	KUNIT_EXPECT_GT(test, tries, 0);
	KUNIT_EXPECT_GT_MSG(test, met, 0, "no maximum was met exactly in %u tries", tries);
}

static void wk_lengths(struct kunit *test)
{
	static const ULONG lengths[] = { 0, 0xFFFFFFFF, 0xFFFFF001, 0xFFFFF000 };
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	const u64 all_ones = -1ULL;
	struct wk_common common;
	int i;

	/* 0 is none, and 4 GiB are more than there is; neither wraps to something small. */
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		KUNIT_EXPECT_FALSE(test, wk_allocate(&v3, NULL, lengths[i], &common));
		KUNIT_EXPECT_FALSE(test, wk_allocate(&v3, &all_ones, lengths[i], &common));
	}
	KUNIT_EXPECT_NULL(test, v3.ops->AllocateCommonBufferEx(v3.adapter, NULL, PAGE_SIZE, NULL,
							       TRUE, 0));
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 0);
}

/* A hint, and no reason to fail; the device's own node is what it was. */
static void wk_node_is_a_hint(struct kunit *test)
{
	static const NODE_REQUIREMENT nodes[] = {
		0, 1, 63, 1024, 0x7FFFFFFF, MM_ANY_NODE_OK, 0xFFFFFFFF,
	};
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_world *world = test->priv;
	int node = dev_to_node(world->dev), i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		struct wk_common common = { .bytes = SZ_8K };

		common.va = v3.ops->AllocateCommonBufferEx(v3.adapter, NULL, SZ_8K,
							   &common.address, TRUE, nodes[i]);
		KUNIT_ASSERT_NOT_NULL_MSG(test, common.va, "node 0x%x", nodes[i]);
		wk_use(&v3, &common);
		wk_free(&v3, &common);
		KUNIT_EXPECT_EQ(test, dev_to_node(world->dev), node);
	}
}

/* Where memory cannot be uncached (UML) it is cached, and works; any free fits. */
static void wk_uncached_works(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_world *world = test->priv;
	u64 host_mask = world->dev->coherent_dma_mask, top = wk_top(test);
	PHYSICAL_ADDRESS maximum = { .QuadPart = top };
	BOOLEAN cached;

	for (cached = FALSE; cached <= TRUE; cached++) {
		struct wk_common common = { .bytes = 3 * PAGE_SIZE - 5 };

		common.va = v3.ops->AllocateCommonBufferEx(v3.adapter, &maximum, common.bytes,
							   &common.address, FALSE, MM_ANY_NODE_OK);
		KUNIT_ASSERT_NOT_NULL(test, common.va);
		KUNIT_EXPECT_LE(test, common.address.QuadPart + 3 * PAGE_SIZE - 1, top);
		wk_use(&v3, &common);
		v3.ops->FreeCommonBuffer(v3.adapter, common.bytes, common.address, common.va,
					 cached);
		KUNIT_EXPECT_EQ(test, world->dev->coherent_dma_mask, host_mask);
	}
	maximum.QuadPart = IS_ENABLED(CONFIG_ZONE_DMA) ? PAGE_SIZE - 1 : top - 1;
	top = maximum.QuadPart;
	KUNIT_EXPECT_NULL(test, v3.ops->AllocateCommonBufferEx(v3.adapter, &maximum, PAGE_SIZE,
							       &maximum, FALSE, 0));
	KUNIT_EXPECT_EQ(test, maximum.QuadPart, top);
	KUNIT_EXPECT_EQ(test, world->dev->coherent_dma_mask, host_mask);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 0);
}

static struct kunit_case wk_common_buffer_ex_cases[] = {
	KUNIT_CASE_PARAM(wk_buffer_without_wishes, wk_size_gen_params),
	KUNIT_CASE(wk_maximum_values),
	KUNIT_CASE(wk_maximum_above_reach),
	KUNIT_CASE(wk_maximum_is_exact),
	KUNIT_CASE(wk_lengths),
	KUNIT_CASE(wk_node_is_a_hint),
	KUNIT_CASE(wk_uncached_works),
	{}
};

static struct kunit_suite wk_common_buffer_ex_suite = {
	.name = "wdmdma_common_buffer_ex",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_common_buffer_ex_cases,
};

kunit_test_suite(wk_common_buffer_ex_suite);
