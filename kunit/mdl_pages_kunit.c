// SPDX-License-Identifier: GPL-2.0-only
/*
 * MmAllocatePagesForMdl(Ex) and MmFreePagesFromMdl: which pages, how many, and that all of them are
 * given back.
 */
#include <linux/bottom_half.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include <wdmdma/ex.h>

#include "fake_driver.h"
#include "fixture.h"
#include "user_memory.h"

#define WK_BLOCK	16	/* pages */

static PHYSICAL_ADDRESS wk_address(u64 address)
{
	return (PHYSICAL_ADDRESS){ .QuadPart = address };
}

/* Pages of anywhere */
static PMDL wk_allocate(SIZE_T bytes, MEMORY_CACHING_TYPE type, ULONG flags)
{
	return MmAllocatePagesForMdlEx(wk_address(0), wk_address(-1), wk_address(0), bytes, type,
				       flags);
}

static PMDL wk_allocate_in(u64 low, u64 high, u64 skip, SIZE_T bytes, ULONG flags)
{
	return MmAllocatePagesForMdlEx(wk_address(low), wk_address(high), wk_address(skip), bytes,
				       MmCached, flags);
}

static void wk_free(PMDL mdl)
{
	MmFreePagesFromMdl(mdl);
	ExFreePool(mdl);
}

static u32 wk_pages(const MDL *mdl)
{
	return MmGetMdlByteCount(mdl) / PAGE_SIZE;
}

static u64 wk_page_phys(const MDL *mdl, u32 index)
{
	return (u64)MmGetMdlPfnArray(mdl)[index] << PAGE_SHIFT;
}

/* Frees a block page by page: what was freed last is what the page allocator gives out first. */
static u64 wk_try_free_block(struct kunit *test, int fill)
{
	struct page *page = alloc_pages(GFP_KERNEL, get_order(WK_BLOCK * PAGE_SIZE));
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	memset(page_address(page), fill, WK_BLOCK * PAGE_SIZE);
	split_page(page, get_order(WK_BLOCK * PAGE_SIZE));
	for (i = 0; i < WK_BLOCK; i++)
		__free_page(&page[i]);
	return page_to_phys(page);
}

/* The only windows a test can know to have free pages: a block that it has had and freed */
static u64 wk_free_block(struct kunit *test, int fill)
{
	unsigned int tries;

	for (tries = 0; tries < 32; tries++) {
		u64 block = wk_try_free_block(test, fill);
		PMDL mdl = wk_allocate_in(block, block + WK_BLOCK * PAGE_SIZE - 1, 0,
					  WK_BLOCK * PAGE_SIZE,
					  MM_ALLOCATE_FULLY_REQUIRED | MM_DONT_ZERO_ALLOCATION);

		if (!mdl)
			continue;
		wk_free(mdl);
		return block;
	}
	KUNIT_FAIL_AND_ABORT(test, "no block of memory stays free");
	return 0;
}

static void wk_plain_allocation(struct kunit *test)
{
	PMDL mdl = MmAllocatePagesForMdl(wk_address(0), wk_address(-1), wk_address(0),
					 5 * PAGE_SIZE - 1);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	KUNIT_EXPECT_NULL(test, MmGetMdlVirtualAddress(mdl));
	KUNIT_EXPECT_EQ(test, MmGetMdlByteCount(mdl), 5 * PAGE_SIZE);
	KUNIT_EXPECT_NULL(test, (void *)mdl->Process);
	KUNIT_EXPECT_NULL(test, mdl->Next);
	KUNIT_EXPECT_EQ(test, mdl->MdlFlags & ~MDL_ALLOCATED_FIXED_SIZE, MDL_PAGES_LOCKED);
	for (i = 0; i < 5; i++) {
		struct page *page = wk_mdl_page(mdl, i);

		KUNIT_EXPECT_EQ(test, page_count(page), 1);
		KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0, PAGE_SIZE));
	}
	wk_free(mdl);
}

/* With no address, CurrentVa is the offset: the device fills the pages, the driver maps them. */
static void wk_transfer_into_pages(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	PMDL mdl = wk_allocate(4 * PAGE_SIZE, MmCached, MM_ALLOCATE_FULLY_REQUIRED);
	u8 *data = kunit_kmalloc(test, 4 * PAGE_SIZE, GFP_KERNEL), *va;
	struct wk_call call;
	NTSTATUS status;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	wk_fill(data, 4 * PAGE_SIZE, 9);
	wk_call_init(&call, adapter, KeepObject);
	status = adapter->DmaOperations->GetScatterGatherList(adapter, NULL, mdl, (PVOID)100,
							      4 * PAGE_SIZE - 100, wk_list_control,
							      &call, FALSE);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	wk_device_write_list(test, call.list, data);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, FALSE);
	va = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
	KUNIT_ASSERT_NOT_NULL(test, va);
	wk_expect_pattern(test, va + 100, 4 * PAGE_SIZE - 100, 9);
	KUNIT_EXPECT_NULL(test, memchr_inv(va, 0, 100));
	MmUnmapLockedPages(va, mdl);
	wk_free(mdl);
}

static void wk_window(struct kunit *test)
{
	u64 block = wk_free_block(test, 0), low = block + PAGE_SIZE;
	u64 high = block + (WK_BLOCK - 1) * PAGE_SIZE - 1;
	long available = si_mem_available();
	PMDL mdl = wk_allocate_in(low, high, 0, 2 * WK_BLOCK * PAGE_SIZE, 0);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	/* Fewer than asked for, as there are no more */
	KUNIT_EXPECT_GE(test, wk_pages(mdl), 1);
	KUNIT_EXPECT_LE(test, wk_pages(mdl), WK_BLOCK - 2);
	for (i = 0; i < wk_pages(mdl); i++) {
		KUNIT_EXPECT_GE(test, wk_page_phys(mdl, i), low);
		KUNIT_EXPECT_LE(test, wk_page_phys(mdl, i) + PAGE_SIZE - 1, high);
	}
	wk_free(mdl);
	/* All or nothing; and what there is in the window is there afterwards. */
	KUNIT_EXPECT_NULL(test, wk_allocate_in(low, high, 0, 2 * WK_BLOCK * PAGE_SIZE,
					       MM_ALLOCATE_FULLY_REQUIRED));
	mdl = wk_allocate_in(low, high, 0, PAGE_SIZE, 0);
	KUNIT_EXPECT_NOT_NULL(test, (void *)mdl);
	if (mdl)
		wk_free(mdl);
	/* Every page that did not lie in it was given back. */
	KUNIT_EXPECT_GT(test, si_mem_available(), available * 3 / 4);
}

/* A page must lie in the window to its last byte. */
static void wk_window_of_one_page(struct kunit *test)
{
	u64 block = wk_free_block(test, 0);
	PMDL mdl = wk_allocate_in(block, block + PAGE_SIZE - 1, 0, PAGE_SIZE, 0);

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	KUNIT_EXPECT_EQ(test, wk_page_phys(mdl, 0), block);
	wk_free(mdl);
	KUNIT_EXPECT_NULL(test, wk_allocate_in(block, block + PAGE_SIZE - 2, 0, PAGE_SIZE, 0));
	KUNIT_EXPECT_NULL(test, wk_allocate_in(block + 1, block + PAGE_SIZE, 0, PAGE_SIZE, 0));
}

static void wk_window_without_memory(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, wk_allocate_in(1ULL << 50, -1, 0, PAGE_SIZE, 0));
	KUNIT_EXPECT_NULL(test, wk_allocate_in(0, 0, 0, PAGE_SIZE, 0));
	KUNIT_EXPECT_NULL(test, wk_allocate_in(0x2000, 0x1FFF, 0, PAGE_SIZE, 0));
}

/* Every second page of memory is in a window. */
static void wk_window_moves_up(struct kunit *test)
{
	u64 block = wk_free_block(test, 0);
	PMDL mdl = wk_allocate_in(block & SZ_4K, (block & SZ_4K) + PAGE_SIZE - 1, SZ_8K,
				  64 * PAGE_SIZE, MM_ALLOCATE_FULLY_REQUIRED);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	KUNIT_EXPECT_EQ(test, wk_pages(mdl), 64);
	for (i = 0; i < wk_pages(mdl); i++)
		KUNIT_EXPECT_EQ(test, wk_page_phys(mdl, i) & SZ_4K, block & SZ_4K);
	wk_free(mdl);

	/* Windows that overlap leave no gap. */
	mdl = wk_allocate_in(0, SZ_8K - 1, SZ_4K, 64 * PAGE_SIZE, MM_ALLOCATE_FULLY_REQUIRED);
	KUNIT_ASSERT_NOT_NULL(test, mdl);
	wk_free(mdl);
}

static void wk_one_contiguous_chunk(struct kunit *test)
{
	PMDL mdl = wk_allocate(7 * PAGE_SIZE, MmCached, MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	KUNIT_EXPECT_EQ(test, wk_pages(mdl), 7);
	for (i = 1; i < wk_pages(mdl); i++)
		KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[i], MmGetMdlPfnArray(mdl)[0] + i);
	wk_free(mdl);
	/* Larger than Linux has: nothing, and nothing said */
	KUNIT_EXPECT_NULL(test, wk_allocate(SZ_64M, MmCached,
					    MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS));
}

static void wk_contiguous_chunks(struct kunit *test)
{
	const ULONG flags = MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS;
	PMDL mdl = wk_allocate_in(0, -1, SZ_32K, 3 * SZ_32K, flags);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	KUNIT_EXPECT_EQ(test, wk_pages(mdl), 24);
	for (i = 0; i < wk_pages(mdl); i++) {
		if (i % 8)
			KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[i],
					MmGetMdlPfnArray(mdl)[i - 1] + 1);
		else
			KUNIT_EXPECT_EQ(test, wk_page_phys(mdl, i) % SZ_32K, 0);
	}
	wk_free(mdl);
	KUNIT_EXPECT_NULL(test, wk_allocate_in(0, -1, SZ_32K, SZ_32K + SZ_4K, flags));
	KUNIT_EXPECT_NULL(test, wk_allocate_in(0, -1, 3 * SZ_4K, 3 * SZ_4K, flags));
}

static void wk_contiguous_if_possible(struct kunit *test)
{
	PMDL mdl = wk_allocate(100 * PAGE_SIZE, MmCached,
			       MM_ALLOCATE_PREFER_CONTIGUOUS | MM_ALLOCATE_FULLY_REQUIRED);
	u32 i, neighbours = 0;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	KUNIT_EXPECT_EQ(test, wk_pages(mdl), 100);
	for (i = 1; i < wk_pages(mdl); i++)
		neighbours += MmGetMdlPfnArray(mdl)[i] == MmGetMdlPfnArray(mdl)[i - 1] + 1;
	/* 64 + 32 + 4, on a machine that has such blocks, and this one has */
	KUNIT_EXPECT_GE(test, neighbours, 97);
	wk_free(mdl);
}

static void wk_bad_allocations(struct kunit *test)
{
	const ULONG bad[] = { MM_ALLOCATE_FAST_LARGE_PAGES, MM_ALLOCATE_AND_HOT_REMOVE, 0x200,
			      0x80000000 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_NULL_MSG(test, wk_allocate(PAGE_SIZE, MmCached, bad[i]), "0x%x",
				      bad[i]);
	KUNIT_EXPECT_NULL(test, wk_allocate(0, MmCached, 0));
	KUNIT_EXPECT_NULL(test, wk_allocate(0xFFFFF001UL, MmCached, 0));
	KUNIT_EXPECT_NULL(test, wk_allocate(~0UL, MmCached, 0));
	KUNIT_EXPECT_NULL(test, wk_allocate(PAGE_SIZE, MmMaximumCacheType, 0));
	KUNIT_EXPECT_NULL(test, wk_allocate(PAGE_SIZE, -2, 0));
	KUNIT_EXPECT_NULL(test, wk_allocate_in(0, -1, 1, PAGE_SIZE, 0));
}

static void wk_accepted_flags(struct kunit *test)
{
	const ULONG good[] = { MM_ALLOCATE_FROM_LOCAL_NODE_ONLY, MM_ALLOCATE_NO_WAIT,
			       MM_ALLOCATE_TRIM_IF_NECESSARY, MM_ALLOCATE_FULLY_REQUIRED };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		PMDL mdl = wk_allocate(3 * PAGE_SIZE, MmCached, good[i]);

		KUNIT_ASSERT_NOT_NULL_MSG(test, mdl, "0x%x", good[i]);
		KUNIT_EXPECT_EQ(test, wk_pages(mdl), 3);
		wk_free(mdl);
	}
}

static bool wk_has_content(const MDL *mdl, u8 byte)
{
	u32 i;

	for (i = 0; i < wk_pages(mdl); i++)
		if (memchr(page_address(wk_mdl_page(mdl, i)), byte, PAGE_SIZE))
			return true;
	return false;
}

static void wk_zeroed_or_not(struct kunit *test)
{
	u64 block = wk_free_block(test, 0xC5);
	u64 last = block + WK_BLOCK * PAGE_SIZE - 1;
	PMDL mdl = wk_allocate_in(block, last, 0, WK_BLOCK * PAGE_SIZE, MM_DONT_ZERO_ALLOCATION);

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	KUNIT_EXPECT_TRUE(test, wk_has_content(mdl, 0xC5));
	wk_free(mdl);
	mdl = wk_allocate_in(block, last, 0, WK_BLOCK * PAGE_SIZE, 0);
	KUNIT_ASSERT_NOT_NULL(test, mdl);
	KUNIT_EXPECT_FALSE(test, wk_has_content(mdl, 0xC5));
	wk_free(mdl);
}

/* What the driver did to the header does not matter. */
static void wk_free_after_shrinking(struct kunit *test)
{
	PMDL mdl = wk_allocate(4 * PAGE_SIZE, MmCached, MM_ALLOCATE_FULLY_REQUIRED);
	struct page *pages[4];
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	for (i = 0; i < 4; i++) {
		pages[i] = wk_mdl_page(mdl, i);
		get_page(pages[i]);
	}
	mdl->ByteCount = 10;
	mdl->ByteOffset = 100;
	KUNIT_EXPECT_NOT_NULL(test, MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
	MmFreePagesFromMdl(mdl);
	KUNIT_EXPECT_EQ(test, mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA), 0);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ_MSG(test, page_count(pages[i]), 1, "page %u", i);
		KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[i], ~(PFN_NUMBER)0);
		put_page(pages[i]);
	}
	/* Nothing is left to free. */
	MmFreePagesFromMdl(mdl);
	IoFreeMdl(mdl);
}

static void wk_wrong_routine(struct kunit *test)
{
	PMDL allocated = wk_allocate(PAGE_SIZE, MmCached, 0);
	PMDL locked = wk_user_lock(test, wk_user_alloc(test, 1, 1), 10, IoReadAccess);
	struct page *page;

	KUNIT_ASSERT_NOT_NULL(test, allocated);
	wk_expect_report(test, WD_REPORT_NOT_LOCKED, 2);
	MmUnlockPages(allocated);
	MmFreePagesFromMdl(locked);
	KUNIT_EXPECT_TRUE(test, locked->MdlFlags & MDL_PAGES_LOCKED);
	KUNIT_EXPECT_TRUE(test, allocated->MdlFlags & MDL_PAGES_LOCKED);
	wk_user_unlock(locked);

	page = wk_mdl_page(allocated, 0);
	get_page(page);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	IoFreeMdl(allocated);
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	put_page(page);
}

/* The header went, the pages did not: the next user of the header's memory finds them. */
static void wk_header_freed_with_pages(struct kunit *test)
{
	void *memory = kunit_kzalloc(test, MmSizeOfMdl(NULL, PAGE_SIZE), GFP_KERNEL);
	unsigned long va = wk_user_alloc(test, 1, 1);
	struct wk_refs *refs = wk_refs_of(test, va, 1);
	PMDL mdl = memory;

	MmInitializeMdl(mdl, (PVOID)va, 10);
	KUNIT_ASSERT_EQ(test, WdmProbeAndLockPages(mdl, UserMode, IoReadAccess), STATUS_SUCCESS);
	memset(memory, 0, MmSizeOfMdl(NULL, PAGE_SIZE));
	MmInitializeMdl(mdl, memory, 10);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	KUNIT_ASSERT_EQ(test, WdmProbeAndLockPages(mdl, KernelMode, IoReadAccess), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 0);
	MmUnlockPages(mdl);
}

static void wk_pages_at_dispatch_level(struct kunit *test)
{
	struct page *page = NULL;
	PVOID va = NULL;
	PMDL mdl;
	u32 pages = 0;

	local_bh_disable();
	mdl = wk_allocate(8 * PAGE_SIZE, MmCached, MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS);
	if (mdl) {
		pages = wk_pages(mdl);
		page = wk_mdl_page(mdl, 7);
		get_page(page);
		va = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
		wk_free(mdl);
	}
	/* A cache type of its own cannot be had here. */
	mdl = wk_allocate(PAGE_SIZE, MmNonCached, 0);
	local_bh_enable();
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, pages, 8);
	KUNIT_EXPECT_PTR_EQ(test, va, page_address(page - 7));
	KUNIT_EXPECT_NULL(test, mdl);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(page_count(page) == 1));
	put_page(page);
}

static void wk_cache_types(struct kunit *test)
{
	const MEMORY_CACHING_TYPE types[] = { MmNonCached, MmCached, MmWriteCombined,
					      MmHardwareCoherentCached, MmNonCachedUnordered,
					      MmUSWCCached, MmNotMapped };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		PMDL mdl = wk_allocate(3 * PAGE_SIZE, types[i], MM_ALLOCATE_FULLY_REQUIRED);
		u8 *va;

		KUNIT_ASSERT_NOT_NULL(test, mdl);
		va = MmMapLockedPagesSpecifyCache(mdl, KernelMode, MmWriteCombined, NULL, FALSE,
						  NormalPagePriority);
		KUNIT_ASSERT_NOT_NULL_MSG(test, va, "type %d", types[i]);
		wk_fill(va, 3 * PAGE_SIZE, i);
		wk_expect_pattern(test, va, 3 * PAGE_SIZE, i);
		wk_free(mdl);
	}
}

static struct kunit_case wk_mdl_pages_cases[] = {
	KUNIT_CASE(wk_plain_allocation),
	KUNIT_CASE(wk_transfer_into_pages),
	KUNIT_CASE(wk_window),
	KUNIT_CASE(wk_window_of_one_page),
	KUNIT_CASE(wk_window_without_memory),
	KUNIT_CASE(wk_window_moves_up),
	KUNIT_CASE(wk_one_contiguous_chunk),
	KUNIT_CASE(wk_contiguous_chunks),
	KUNIT_CASE(wk_contiguous_if_possible),
	KUNIT_CASE(wk_bad_allocations),
	KUNIT_CASE(wk_accepted_flags),
	KUNIT_CASE(wk_zeroed_or_not),
	KUNIT_CASE(wk_free_after_shrinking),
	KUNIT_CASE(wk_wrong_routine),
	KUNIT_CASE(wk_header_freed_with_pages),
	KUNIT_CASE(wk_pages_at_dispatch_level),
	KUNIT_CASE(wk_cache_types),
	{}
};

static struct kunit_suite wk_mdl_pages_suite = {
	.name = "wdmdma_mdl_pages",
	.suite_init = wk_user_suite_init,
	.suite_exit = wk_user_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_mdl_pages_cases,
};

kunit_test_suite(wk_mdl_pages_suite);
