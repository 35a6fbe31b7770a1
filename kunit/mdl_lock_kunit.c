// SPDX-License-Identifier: GPL-2.0-only
/*
 * MmProbeAndLockPages of kernel memory, what frames an MDL holds whatever its memory is, and what
 * happens when an allocation fails.
 */
#include <linux/bottom_half.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <wdmdma/ex.h>

#include "fake_driver.h"
#include "fixture.h"
#include "hardirq.h"
#include "inject.h"
#include "user_memory.h"

#define WK_HUGE		65536U	/* pages: 256 MiB */
#define WK_RUN		64	/* pages */
#define WK_SWEEPS	10	/* the debugging aids' allocations may fail instead */

static u8 wk_static_data[2 * SZ_4K + 1];

static PMDL wk_lock(struct kunit *test, void *va, size_t bytes)
{
	PMDL mdl = IoAllocateMdl(va, bytes, FALSE, FALSE, NULL);

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	KUNIT_ASSERT_EQ(test, WdmProbeAndLockPages(mdl, KernelMode, IoWriteAccess), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, mdl->MdlFlags & MDL_PAGES_LOCKED);
	KUNIT_EXPECT_NULL(test, (void *)mdl->Process);
	return mdl;
}

static void wk_unlock(PMDL mdl)
{
	MmUnlockPages(mdl);
	IoFreeMdl(mdl);
}

/* Every frame is the number of a page, and of the right one: no address, no offset in it. */
static void wk_expect_frames(struct kunit *test, const MDL *mdl, struct page *const *pages)
{
	u32 nr_pages = (MmGetMdlByteOffset(mdl) + MmGetMdlByteCount(mdl) + PAGE_SIZE - 1) /
		       PAGE_SIZE;
	u32 i;

	for (i = 0; i < nr_pages; i++) {
		PFN_NUMBER pfn = MmGetMdlPfnArray(mdl)[i];

		KUNIT_EXPECT_TRUE_MSG(test, pfn_valid(pfn), "frame %u: 0x%lx", i, pfn);
		KUNIT_EXPECT_EQ_MSG(test, pfn, page_to_phys(pages[i]) >> PAGE_SHIFT, "frame %u", i);
	}
}

/* What other drivers and the DMA routines read there, for each kind of memory */
static void wk_pfns_are_page_frames(struct kunit *test)
{
	struct wk_buffer *scattered = wk_alloc_scattered(test, 4);
	struct wk_buffer *linear = wk_alloc_contiguous(test, 4);
	unsigned long user = wk_user_alloc(test, 4, 1);
	struct page *pages[4];
	unsigned int i;
	PMDL mdl;

	for (i = 0; i < 4; i++)
		pages[i] = virt_to_page(linear->va + i * PAGE_SIZE);
	mdl = wk_mdl(test, linear, 5, 4 * PAGE_SIZE - 5);
	wk_expect_frames(test, mdl, pages);
	mdl = wk_lock(test, linear->va + 5, 4 * PAGE_SIZE - 5);
	wk_expect_frames(test, mdl, pages);
	wk_unlock(mdl);

	mdl = wk_mdl(test, scattered, 4095, 3 * PAGE_SIZE);
	wk_expect_frames(test, mdl, scattered->pages);
	mdl = wk_lock(test, scattered->va + 4095, 3 * PAGE_SIZE);
	wk_expect_frames(test, mdl, scattered->pages);
	wk_unlock(mdl);

	KUNIT_ASSERT_EQ(test, get_user_pages_fast(user, 4, 0, pages), 4);
	for (i = 0; i < 4; i++)
		put_page(pages[i]);
	mdl = wk_user_lock(test, user + 77, 4 * PAGE_SIZE - 77, IoWriteAccess);
	wk_expect_frames(test, mdl, pages);
	wk_user_unlock(mdl);
}

static void wk_kernel_memory(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PHYSICAL_ADDRESS logical;
	u8 *common = adapter->DmaOperations->AllocateCommonBuffer(adapter, PAGE_SIZE, &logical,
								  TRUE);
	u8 *module = wk_static_data + 1;
	int refs = page_count(buffer->pages[1]);
	PMDL mdl;

	mdl = wk_lock(test, buffer->va + 100, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, mdl->MdlFlags & ~MDL_ALLOCATED_FIXED_SIZE,
			MDL_PAGES_LOCKED | MDL_WRITE_OPERATION);
	wk_unlock(mdl);
	KUNIT_EXPECT_EQ(test, page_count(buffer->pages[1]), refs);

	mdl = wk_lock(test, module, 2 * SZ_4K);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[1], vmalloc_to_pfn(module + PAGE_SIZE));
	KUNIT_EXPECT_PTR_EQ(test, MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority),
			    (PVOID)module);
	wk_unlock(mdl);

	KUNIT_ASSERT_NOT_NULL(test, common);
	mdl = wk_lock(test, common, PAGE_SIZE);
	wk_unlock(mdl);
	adapter->DmaOperations->FreeCommonBuffer(adapter, PAGE_SIZE, logical, common, TRUE);
}

/* Legal at DISPATCH_LEVEL, and then nothing may sleep */
static void wk_kernel_memory_at_dispatch_level(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PVOID va = NULL;
	NTSTATUS status;
	PMDL mdl;

	local_bh_disable();
	mdl = IoAllocateMdl(buffer->va, 3 * PAGE_SIZE, FALSE, FALSE, NULL);
	status = WdmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
	if (NT_SUCCESS(status)) {
		va = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
		MmUnlockPages(mdl);
	}
	IoFreeMdl(mdl);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, va, (PVOID)buffer->va);
}

static void wk_kernel_memory_with_a_hole(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PMDL mdl = IoAllocateMdl(buffer->va, 3 * PAGE_SIZE, FALSE, FALSE, NULL);

	KUNIT_EXPECT_EQ(test, WdmProbeAndLockPages(mdl, KernelMode, IoWriteAccess),
			STATUS_ACCESS_VIOLATION);
	KUNIT_EXPECT_FALSE(test, mdl->MdlFlags & MDL_PAGES_LOCKED);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[0], ~(PFN_NUMBER)0);
	/* And it cannot be passed off as the process's. */
	KUNIT_EXPECT_EQ(test, WdmProbeAndLockPages(mdl, UserMode, IoReadAccess),
			STATUS_ACCESS_VIOLATION);
	IoFreeMdl(mdl);
}

static void wk_stack_memory(struct kunit *test)
{
	u8 buffer[16] = {};
	PMDL mdl;

	wk_expect_report(test, WD_REPORT_NOT_LOCKED, 1);
	mdl = wk_lock(test, buffer, sizeof(buffer));
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[0], virt_to_phys(buffer) >> PAGE_SHIFT);
	wk_unlock(mdl);
}

/* A built MDL is not to be locked, and a locked one not to be built. */
static void wk_builders_do_not_mix(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PMDL built = wk_mdl(test, buffer, 0, 100), locked = wk_lock(test, buffer->va, 100);
	CSHORT flags = built->MdlFlags;

	wk_expect_report(test, WD_REPORT_MISC, 2);
	KUNIT_EXPECT_EQ(test, WdmProbeAndLockPages(built, KernelMode, IoReadAccess),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, built->MdlFlags, flags);
	flags = locked->MdlFlags;
	MmBuildMdlForNonPagedPool(locked);
	KUNIT_EXPECT_EQ(test, locked->MdlFlags, flags);
	wk_unlock(locked);
}

/*
 * 256 MiB of kernel memory: MDL.Size means nothing, and no 32-bit product may overflow. The same
 * pages again and again, in runs: UML's host allows a process about 65,000 mappings.
 */
static void wk_huge_kernel_mdl(struct kunit *test)
{
	struct wk_buffer *block = wk_alloc_contiguous(test, WK_RUN);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	struct page **pages = kvcalloc(WK_HUGE, sizeof(*pages), GFP_KERNEL);
	const ULONG bytes = WK_HUGE * PAGE_SIZE;
	u8 *va, *last;
	PMDL mdl, part;
	ULONG i;

	KUNIT_ASSERT_NOT_NULL(test, pages);
	for (i = 0; i < WK_HUGE; i++)
		pages[i] = virt_to_page(block->va) + i % WK_RUN;
	pages[WK_HUGE - 2] = buffer->pages[0];
	pages[WK_HUGE - 1] = buffer->pages[1];
	va = vmap(pages, WK_HUGE, VM_MAP, PAGE_KERNEL);
	kvfree(pages);
	KUNIT_ASSERT_NOT_NULL(test, va);
	last = va + bytes - 10;

	mdl = wk_lock(test, va, bytes);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[WK_HUGE - 2], page_to_pfn(buffer->pages[0]));
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[WK_HUGE - 1], page_to_pfn(buffer->pages[1]));
	part = IoAllocateMdl(last, 10, FALSE, FALSE, NULL);
	IoBuildPartialMdl(mdl, part, last, 10);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(part)[0], page_to_pfn(buffer->pages[1]));
	KUNIT_EXPECT_PTR_EQ(test, MmGetSystemAddressForMdlSafe(part, NormalPagePriority),
			    (PVOID)last);
	IoFreeMdl(part);
	KUNIT_EXPECT_EQ(test, MmAdvanceMdl(mdl, bytes - 10), STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, MmGetMdlVirtualAddress(mdl), (PVOID)last);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[0], page_to_pfn(buffer->pages[1]));
	wk_unlock(mdl);
	vunmap(va);
}

/* ... and of user memory: untouched, it is the zero page, however much there is. */
static void wk_huge_user_mdl(struct kunit *test)
{
	unsigned long va = wk_user_map(test, WK_HUGE, PROT_READ);
	bool was = wdmdma_map_on_lock(false);
	PMDL mdl = wk_user_lock(test, va, WK_HUGE * PAGE_SIZE, IoReadAccess);

	wdmdma_map_on_lock(was);
	KUNIT_EXPECT_TRUE(test, is_zero_pfn(MmGetMdlPfnArray(mdl)[0]));
	KUNIT_EXPECT_TRUE(test, is_zero_pfn(MmGetMdlPfnArray(mdl)[WK_HUGE - 1]));
	local_bh_disable();
	wk_user_unlock(mdl);
	local_bh_enable();
}

/* Allocations that fail */

/* One life of an MDL of user memory. Returns how far it came; all of it is undone. */
static unsigned int wk_life_of_user_mdl(unsigned long va, size_t bytes)
{
	PMDL mdl = IoAllocateMdl((PVOID)va, bytes, FALSE, FALSE, NULL), part;
	unsigned int steps = 0;
	NTSTATUS status;

	if (!mdl)
		return steps;
	steps++;
	status = WdmProbeAndLockPages(mdl, UserMode, IoWriteAccess);
	if (NT_SUCCESS(status)) {
		steps++;
		if (MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority | MdlMappingNoWrite))
			steps++;
		part = IoAllocateMdl((PVOID)va, bytes, FALSE, FALSE, NULL);
		if (part) {
			steps++;
			IoBuildPartialMdl(mdl, part, (PVOID)va, bytes);
			IoFreeMdl(part);
		}
		MmUnlockPages(mdl);
	} else if (status != STATUS_INSUFFICIENT_RESOURCES || mdl->MdlFlags & MDL_PAGES_LOCKED) {
		steps = 100;
	}
	IoFreeMdl(mdl);
	return steps;
}

/* All that may be called at DISPATCH_LEVEL, and was called above it */
struct wk_too_high {
	PMDL locked, allocated, plain, made;
	PVOID va, mapped;
	NTSTATUS status;
};

static void wk_call_too_high(void *data)
{
	PHYSICAL_ADDRESS zero = {}, last = { .QuadPart = -1 };
	struct wk_too_high *too_high = data;

	MmUnlockPages(too_high->locked);
	MmUnmapLockedPages(too_high->va, too_high->allocated);
	MmFreePagesFromMdl(too_high->allocated);
	IoFreeMdl(too_high->allocated);
	too_high->status = WdmProbeAndLockPages(too_high->plain, KernelMode, IoReadAccess);
	too_high->mapped = MmMapLockedPagesSpecifyCache(too_high->locked, KernelMode, MmCached,
							NULL, FALSE, NormalPagePriority);
	too_high->made = MmAllocatePagesForMdl(zero, last, zero, PAGE_SIZE);
}

/* In a hard interrupt each is refused with a report, and nothing has changed. */
static void wk_mdls_in_a_hard_interrupt(struct kunit *test)
{
	PHYSICAL_ADDRESS zero = {}, last = { .QuadPart = -1 };
	unsigned long user = wk_user_alloc(test, 2, 3);
	struct wk_refs *refs = wk_refs_of(test, user, 2);
	struct wk_too_high too_high = {};

	too_high.locked = wk_user_lock(test, user, 2 * PAGE_SIZE, IoWriteAccess);
	too_high.allocated = MmAllocatePagesForMdl(zero, last, zero, 2 * PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, too_high.allocated);
	too_high.va = MmGetSystemAddressForMdlSafe(too_high.allocated, NormalPagePriority);
	KUNIT_ASSERT_NOT_NULL(test, too_high.va);
	too_high.plain = IoAllocateMdl(wk_static_data, 100, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, too_high.plain);

	wk_expect_report(test, WD_REPORT_IRQL, 7);
	wk_in_hard_interrupt(wk_call_too_high, &too_high);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 2);
	KUNIT_EXPECT_TRUE(test, too_high.locked->MdlFlags & MDL_PAGES_LOCKED);
	KUNIT_EXPECT_EQ(test, too_high.status, STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_FALSE(test, too_high.plain->MdlFlags & MDL_PAGES_LOCKED);
	KUNIT_EXPECT_NULL(test, too_high.mapped);
	KUNIT_EXPECT_NULL(test, too_high.made);
	/* The pages are still there, and mapped. */
	KUNIT_EXPECT_TRUE(test, too_high.allocated->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
	memset(too_high.va, 0x5A, 2 * PAGE_SIZE);

	wk_user_unlock(too_high.locked);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 0);
	MmFreePagesFromMdl(too_high.allocated);
	ExFreePool(too_high.allocated);
	IoFreeMdl(too_high.plain);
}

/* One sweep of it. Returns how far the life that came least far came. */
static unsigned int wk_sweep_user_mdl(struct kunit *test, unsigned long va, struct wk_refs *refs)
{
	unsigned int nth, steps = 0, least = 4;
	bool failed = true;

	for (nth = 1; failed && nth < 100; nth++) {
		wk_fail_nth(nth);
		steps = wk_life_of_user_mdl(va, 4 * PAGE_SIZE);
		failed = wk_failed_nth();
		least = min(least, steps);
		KUNIT_EXPECT_LE_MSG(test, steps, 4, "allocation %u", nth);
		KUNIT_EXPECT_EQ_MSG(test, wk_refs_held(refs), 0, "allocation %u", nth);
	}
	KUNIT_EXPECT_EQ(test, steps, 4);
	KUNIT_EXPECT_GE(test, nth, 6);
	KUNIT_EXPECT_LT(test, nth, 100);
	return least;
}

static void wk_user_mdl_without_memory(struct kunit *test)
{
	unsigned long va = wk_user_alloc(test, 4, 1);
	struct wk_refs *refs = wk_refs_of(test, va, 4);
	unsigned int least = 4, i;

	if (!wk_inject_begin())
		kunit_skip(test, "this kernel cannot make allocations fail");
	for (i = 0; least && i < WK_SWEEPS; i++)
		least = wk_sweep_user_mdl(test, va, refs);
	wk_inject_end();
	KUNIT_EXPECT_EQ_MSG(test, least, 0, "IoAllocateMdl works without memory");
}

/* One sweep. Returns how many allocations failed with the call. */
static unsigned int wk_sweep_allocated_mdl(struct kunit *test)
{
	const ULONG flags = MM_ALLOCATE_FULLY_REQUIRED | MM_ALLOCATE_PREFER_CONTIGUOUS;
	PHYSICAL_ADDRESS zero = {}, last = { .QuadPart = -1 };
	unsigned int nth, failures = 0;
	bool failed = true;
	PMDL mdl = NULL;

	for (nth = 1; failed && nth < 100; nth++) {
		wk_fail_nth(nth);
		mdl = MmAllocatePagesForMdlEx(zero, last, zero, 7 * PAGE_SIZE, MmCached, flags);
		failed = wk_failed_nth();
		failures += !mdl;
		if (mdl) {
			KUNIT_EXPECT_EQ(test, MmGetMdlByteCount(mdl), 7 * PAGE_SIZE);
			MmFreePagesFromMdl(mdl);
			ExFreePool(mdl);
		}
	}
	KUNIT_EXPECT_NOT_NULL(test, (void *)mdl);
	KUNIT_EXPECT_LT(test, nth, 100);
	return failures;
}

static void wk_allocated_mdl_without_memory(struct kunit *test)
{
	unsigned int failures = 0, i;

	if (!wk_inject_begin())
		kunit_skip(test, "this kernel cannot make allocations fail");
	for (i = 0; failures < 2 && i < WK_SWEEPS; i++)
		failures = wk_sweep_allocated_mdl(test);
	wk_inject_end();
	/* One is sure, as the numbers shift when a slab is refilled. */
	KUNIT_EXPECT_GE(test, failures, 1);
}

static struct kunit_case wk_mdl_lock_cases[] = {
	KUNIT_CASE(wk_pfns_are_page_frames),
	KUNIT_CASE(wk_kernel_memory),
	KUNIT_CASE(wk_kernel_memory_at_dispatch_level),
	KUNIT_CASE(wk_kernel_memory_with_a_hole),
	KUNIT_CASE(wk_stack_memory),
	KUNIT_CASE(wk_builders_do_not_mix),
	KUNIT_CASE(wk_huge_kernel_mdl),
	KUNIT_CASE(wk_huge_user_mdl),
	KUNIT_CASE(wk_mdls_in_a_hard_interrupt),
	KUNIT_CASE(wk_user_mdl_without_memory),
	KUNIT_CASE(wk_allocated_mdl_without_memory),
	{}
};

static struct kunit_suite wk_mdl_lock_suite = {
	.name = "wdmdma_mdl_lock",
	.suite_init = wk_user_suite_init,
	.suite_exit = wk_user_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_mdl_lock_cases,
};

kunit_test_suite(wk_mdl_lock_suite);
