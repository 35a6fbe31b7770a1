// SPDX-License-Identifier: GPL-2.0-only
/*
 * AllocateCommonBufferWithBounds: inside both bounds or not at all, large pages, caching types.
 */
#include <linux/dma-mapping.h>
#include <linux/sizes.h>

#include "v3.h"

/* All that a call takes. */
struct wk_wish {
	u64 minimum, maximum;
	ULONG bytes, flags;
	int cache;		/* -1: no pointer */
	NODE_REQUIREMENT node;
	bool no_minimum, no_maximum;
};

static struct wk_wish wk_between(u64 minimum, u64 maximum, ULONG bytes)
{
	return (struct wk_wish){
		.minimum = minimum, .maximum = maximum, .bytes = bytes, .cache = -1,
	};
}

struct wk_common {
	u8 *va;
	PHYSICAL_ADDRESS address;
	ULONG bytes;
};

/* NULL leaves the address alone. */
static bool wk_allocate(const struct wk_v3 *v3, struct wk_wish wish, struct wk_common *common)
{
	PHYSICAL_ADDRESS minimum = { .QuadPart = wish.minimum };
	PHYSICAL_ADDRESS maximum = { .QuadPart = wish.maximum };
	MEMORY_CACHING_TYPE cache = wish.cache;

	*common = (struct wk_common){ .bytes = wish.bytes, .address.QuadPart = WK_UNTOUCHED };
	common->va = v3->ops->AllocateCommonBufferWithBounds(v3->adapter,
			wish.no_minimum ? NULL : &minimum, wish.no_maximum ? NULL : &maximum,
			wish.bytes, wish.flags, wish.cache == -1 ? NULL : &cache, wish.node,
			&common->address);
	if (!common->va)
		KUNIT_EXPECT_EQ(v3->test, common->address.QuadPart, WK_UNTOUCHED);
	return common->va;
}

static void wk_free(const struct wk_v3 *v3, const struct wk_common *common)
{
	v3->ops->FreeCommonBuffer(v3->adapter, common->bytes, common->address, common->va, TRUE);
	KUNIT_EXPECT_EQ(v3->test, wk_stats(v3->test, v3->adapter).buffers_live, 0);
}

static void wk_use(const struct wk_v3 *v3, const struct wk_common *common)
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

static const struct wk_good {
	const char *name;
	struct wk_wish wish;
} wk_goods[] = {
	{ "no bounds", { .no_minimum = true, .no_maximum = true, .bytes = 5000, .cache = -1 } },
	{ "bounds that say nothing", { .maximum = -1, .bytes = SZ_8K, .cache = -1 } },
	{ "a byte", { .maximum = -1, .bytes = 1, .cache = -1 } },
	{ "minimum in a page", { .minimum = 1, .maximum = -1, .bytes = SZ_4K, .cache = -1 } },
	{ "cached", { .maximum = -1, .bytes = SZ_64K + 1, .cache = MmCached } },
	{ "not cached", { .maximum = -1, .bytes = SZ_64K + 1, .cache = MmNonCached } },
	{ "a node", { .maximum = -1, .bytes = SZ_4K, .cache = -1, .node = 63 } },
	{ "any node", { .maximum = -1, .bytes = SZ_4K, .cache = -1, .node = MM_ANY_NODE_OK } },
};

static void wk_good_name(const struct wk_good *good, char *name)
{
	strscpy(name, good->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_good, wk_goods, wk_good_name);

static void wk_buffer_is_a_common_buffer(struct kunit *test)
{
	const struct wk_good *good = test->param_value;
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	u32 idle = wk_mappings(test);
	struct wk_common common;

	KUNIT_ASSERT_TRUE(test, wk_allocate(&v3, good->wish, &common));
	KUNIT_EXPECT_EQ(test, (ULONG_PTR)common.va % PAGE_SIZE, 0);
	KUNIT_EXPECT_EQ(test, common.address.QuadPart % PAGE_SIZE, 0);
	KUNIT_EXPECT_GE(test, (u64)common.address.QuadPart, good->wish.minimum);
	KUNIT_EXPECT_NE(test, common.address.QuadPart, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 1);
	wk_use(&v3, &common);
	wk_free(&v3, &common);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), idle);
}

static const struct wk_bad {
	const char *name;
	struct wk_wish wish;
} wk_bads[] = {
	{ "no length", { .maximum = -1, .cache = -1 } },
	{ "minimum above maximum",
	  { .minimum = SZ_2G, .maximum = SZ_1G, .bytes = 1, .cache = -1 } },
	{ "... unsigned", { .minimum = -1, .maximum = SZ_1G, .bytes = 1, .cache = -1 } },
	{ "maximum 0", { .maximum = 0, .bytes = 1, .cache = -1 } },
	{ "maximum below a page", { .maximum = SZ_4K - 2, .bytes = 1, .cache = -1 } },
	{ "maximum below the extent", { .maximum = SZ_8K - 2, .bytes = SZ_4K + 1, .cache = -1 } },
	{ "between them less than the extent",
	  { .minimum = SZ_1M, .maximum = SZ_1M + SZ_8K - 2, .bytes = SZ_8K, .cache = -1 } },
	{ "minimum rounded up leaves less than the extent",
	  { .minimum = SZ_1M + 1, .maximum = SZ_1M + SZ_8K - 1, .bytes = SZ_8K, .cache = -1 } },
	{ "minimum at the end of everything",
	  { .minimum = -1, .maximum = -1, .bytes = 1, .cache = -1 } },
	{ "... leaves a page", { .minimum = -4096, .maximum = -1, .bytes = SZ_8K, .cache = -1 } },
	{ "minimum above all memory",
	  { .minimum = 1ULL << 60, .maximum = -1, .bytes = SZ_4K, .cache = -1 } },
	{ "large pages and a maximum for small ones",
	  { .maximum = SZ_2M - 2, .bytes = 1, .flags = DOMAIN_COMMON_BUFFER_LARGE_PAGE,
	    .cache = -1 } },
	{ "large pages and a minimum that is rounded up to one",
	  { .minimum = SZ_2M + 1, .maximum = 2 * SZ_2M, .bytes = 1,
	    .flags = DOMAIN_COMMON_BUFFER_LARGE_PAGE, .cache = -1 } },
	{ "flags", { .maximum = -1, .bytes = 1, .flags = 2, .cache = -1 } },
	{ "flags beside large pages",
	  { .maximum = -1, .bytes = 1, .flags = 0x80000001, .cache = -1 } },
	{ "write combined", { .maximum = -1, .bytes = 1, .cache = MmWriteCombined } },
	{ "hardware coherent", { .maximum = -1, .bytes = 1, .cache = MmHardwareCoherentCached } },
	{ "no caching type at all", { .maximum = -1, .bytes = 1, .cache = 0x7FFFFFFF } },
	{ "4 GiB less a byte", { .maximum = -1, .bytes = 0xFFFFFFFF, .cache = -1 } },
};

static void wk_bad_name(const struct wk_bad *bad, char *name)
{
	strscpy(name, bad->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_bad, wk_bads, wk_bad_name);

static void wk_refused_allocates_nothing(struct kunit *test)
{
	const struct wk_bad *bad = test->param_value;
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_world *world = test->priv;
	u64 host_mask = world->dev->coherent_dma_mask;
	u32 idle = wk_mappings(test);
	struct wk_common common;

	KUNIT_EXPECT_FALSE(test, wk_allocate(&v3, bad->wish, &common));
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 0);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), idle);
	KUNIT_EXPECT_EQ(test, world->dev->coherent_dma_mask, host_mask);
}

static void wk_no_place_for_the_address(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);

	KUNIT_EXPECT_NULL(test, v3.ops->AllocateCommonBufferWithBounds(v3.adapter, NULL, NULL, 1, 0,
								       NULL, 0, NULL));
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 0);
}

/* The adapter's own reach is a bound, too: a minimum above it fails, a maximum above it is none. */
static void wk_reach_is_a_bound(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_of(test, wk_description(3, TRUE, 32, SZ_64K),
				   (struct wdmdma_limits){});
	struct wk_common common;

	KUNIT_EXPECT_FALSE(test, wk_allocate(&v3, wk_between(SZ_4G, -1, 1), &common));
	KUNIT_ASSERT_TRUE(test, wk_allocate(&v3, wk_between(0, -1, SZ_8K), &common));
	KUNIT_EXPECT_LE(test, common.address.QuadPart + SZ_8K - 1, 0xFFFFFFFF);
	wk_free(&v3, &common);
}

#define WK_STEPS	48

/* Whatever the minimum: a buffer above it, or none. What was tried on the way is given back. */
static void wk_minimum_is_never_missed(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_world *world = test->priv;
	u64 top = dma_get_required_mask(world->dev), step = top / WK_STEPS, minimum;
	u32 idle = wk_mappings(test);
	unsigned int found = 0, i;
	struct wk_common common;

	for (i = 0; i <= WK_STEPS; i++) {
		minimum = i * step;
		if (!wk_allocate(&v3, wk_between(minimum, -1, SZ_8K), &common))
			continue;
		found++;
		KUNIT_EXPECT_GE(test, (u64)common.address.QuadPart, minimum);
		wk_use(&v3, &common);
		wk_free(&v3, &common);
	}
	KUNIT_EXPECT_GT(test, found, 0);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), idle);
}

/*
 * The page that would be given out next is below the minimum; it takes another one. The addresses
 * of an IOMMU come in an order of their own.
 */
static void wk_rejected_pages_are_kept_meanwhile(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_common common[8], above;
	u64 lowest = U64_MAX, highest = 0;
	unsigned int i;

	if (wk_joins(test))
		return;
	for (i = 0; i < ARRAY_SIZE(common); i++) {
		KUNIT_ASSERT_TRUE(test, wk_allocate(&v3, wk_between(0, -1, SZ_4K), &common[i]));
		lowest = min_t(u64, lowest, common[i].address.QuadPart);
		highest = max_t(u64, highest, common[i].address.QuadPart);
	}
	for (i = 0; i < ARRAY_SIZE(common); i++)
		v3.ops->FreeCommonBuffer(v3.adapter, SZ_4K, common[i].address, common[i].va, TRUE);
	/* All eight are free again, and among the first that are tried. */
	KUNIT_ASSERT_TRUE(test, wk_allocate(&v3, wk_between(highest, -1, SZ_4K), &above));
	KUNIT_EXPECT_GE(test, (u64)above.address.QuadPart, highest);
	wk_free(&v3, &above);
}

/*
 * Behind an IOMMU a maximum in reach can be had, to the byte. Whether both bounds can depends on
 * what was allocated before; in no case is one of them missed.
 */
static void wk_translated_bounds_are_exact(struct kunit *test)
{
	static const u64 tops[] = { 0xC0000000, SZ_1G, SZ_256M, SZ_32M + SZ_4K, SZ_16M };
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_common common;
	unsigned int i;

	for (i = 0; wk_joins(test) && i < ARRAY_SIZE(tops); i++) {
		KUNIT_ASSERT_TRUE(test, wk_allocate(&v3, wk_between(0, tops[i] - 1, SZ_64K),
						    &common));
		KUNIT_EXPECT_LE(test, (u64)common.address.QuadPart + SZ_64K - 1, tops[i] - 1);
		wk_use(&v3, &common);
		wk_free(&v3, &common);
		if (!wk_allocate(&v3, wk_between(tops[i] - SZ_1M, tops[i] - 1, SZ_256K),
				 &common))
			continue;
		KUNIT_EXPECT_GE(test, (u64)common.address.QuadPart, tops[i] - SZ_1M);
		KUNIT_EXPECT_LE(test, (u64)common.address.QuadPart + SZ_256K - 1, tops[i] - 1);
		wk_use(&v3, &common);
		wk_free(&v3, &common);
	}
}

/* Length is the driver's, the extent whole large pages. */
static void wk_large_pages(struct kunit *test)
{
	static const ULONG sizes[] = { 1, SZ_4K, SZ_2M - 1, SZ_2M };
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	u32 idle = wk_mappings(test);
	struct wk_common common;
	struct wk_wish wish;
	unsigned int i;
	u8 byte = 0x3C;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		/* More than is free in one piece is a reason to fail, but not for all of them. */
		wish = wk_between(0, -1, sizes[i]);
		wish.flags = DOMAIN_COMMON_BUFFER_LARGE_PAGE;
		if (!wk_allocate(&v3, wish, &common)) {
			KUNIT_EXPECT_GT(test, i, 0);
			continue;
		}
		KUNIT_EXPECT_EQ(test, (u64)common.address.QuadPart % SZ_2M, 0);
		wk_use(&v3, &common);
		wk_device_write(test, common.address.QuadPart + SZ_2M - 1, &byte, 1);
		KUNIT_EXPECT_EQ(test, common.va[SZ_2M - 1], 0x3C);
		wk_free(&v3, &common);
	}
	KUNIT_EXPECT_EQ(test, wk_mappings(test), idle);
}

static struct kunit_case wk_buffer_bounds_cases[] = {
	KUNIT_CASE_PARAM(wk_buffer_is_a_common_buffer, wk_good_gen_params),
	KUNIT_CASE_PARAM(wk_refused_allocates_nothing, wk_bad_gen_params),
	KUNIT_CASE(wk_no_place_for_the_address),
	KUNIT_CASE(wk_reach_is_a_bound),
	KUNIT_CASE(wk_minimum_is_never_missed),
	KUNIT_CASE(wk_rejected_pages_are_kept_meanwhile),
	KUNIT_CASE(wk_translated_bounds_are_exact),
	KUNIT_CASE(wk_large_pages),
	{}
};

static struct kunit_suite wk_buffer_bounds_suite = {
	.name = "wdmdma_buffer_bounds",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_buffer_bounds_cases,
};

kunit_test_suite(wk_buffer_bounds_suite);
