// SPDX-License-Identifier: GPL-2.0-only
/*
 * MmProbeAndLockPages and MmUnlockPages: memory of a process. The device moves the bytes, the
 * process looks at them; and when all is over, nothing is pinned.
 */
#include <linux/bottom_half.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#include <wdmdma/seh.h>

#include "fake_driver.h"
#include "fixture.h"
#include "user_memory.h"

#define WK_GUARD	7	/* seed of bytes that nobody may change */

static NTSTATUS wk_get(PDMA_ADAPTER adapter, PMDL mdl, struct wk_call *call, BOOLEAN to_device)
{
	wk_call_init(call, adapter, KeepObject);
	return adapter->DmaOperations->GetScatterGatherList(adapter, NULL, mdl,
			MmGetMdlVirtualAddress(mdl), MmGetMdlByteCount(mdl), wk_list_control, call,
			to_device);
}

/* The device fills the MDL with pattern @seed, or is asserted to read that pattern from it. */
static void wk_transfer(struct kunit *test, PDMA_ADAPTER adapter, PMDL mdl, u32 seed,
			BOOLEAN to_device)
{
	ULONG bytes = MmGetMdlByteCount(mdl);
	u8 *data = kvzalloc(bytes, GFP_KERNEL);
	struct wk_call call;

	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_ASSERT_EQ(test, wk_get(adapter, mdl, &call, to_device), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	KUNIT_EXPECT_EQ(test, wk_list_bytes(call.list), bytes);
	if (to_device) {
		wk_device_read_list(test, call.list, data);
		wk_expect_pattern(test, data, bytes, seed);
	} else {
		wk_fill(data, bytes, seed);
		wk_device_write_list(test, call.list, data);
	}
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, to_device);
	kvfree(data);
}

static const struct wk_range_of_pages {
	unsigned int offset, bytes;	/* in four pages */
} wk_ranges[] = {
	{ 0, 1 }, { 4095, 1 }, { 4095, 2 }, { 0, 4096 }, { 100, 4096 }, { 0, 16384 },
	{ 1, 16383 }, { 4000, 8200 },
};

static void wk_range_name(const struct wk_range_of_pages *range, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%u bytes at %u", range->bytes, range->offset);
}

KUNIT_ARRAY_PARAM(wk_range, wk_ranges, wk_range_name);

static void wk_device_writes_user_memory(struct kunit *test)
{
	const struct wk_range_of_pages *range = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	unsigned long va = wk_user_alloc(test, 4, WK_GUARD), start = va + range->offset;
	struct wk_refs *refs = wk_refs_of(test, va, 4);
	PMDL mdl = wk_user_lock(test, start, range->bytes, IoWriteAccess);
	u8 *all = kunit_kzalloc(test, 4 * PAGE_SIZE, GFP_KERNEL);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, wk_refs_held(refs),
			(range->offset % PAGE_SIZE + range->bytes + PAGE_SIZE - 1) / PAGE_SIZE);
	wk_transfer(test, adapter, mdl, 3, FALSE);
	wk_user_unlock(mdl);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 0);
	wk_user_expect_pattern(test, start, range->bytes, 3);
	KUNIT_ASSERT_EQ(test, copy_from_user(all, (void __user *)va, 4 * PAGE_SIZE), 0);
	for (i = 0; i < 4 * PAGE_SIZE; i++)
		if ((i < range->offset || i >= range->offset + range->bytes) &&
		    all[i] != wk_pattern(WK_GUARD, i))
			break;
	KUNIT_EXPECT_EQ_MSG(test, i, 4 * PAGE_SIZE, "the byte there was changed");
}

static void wk_device_reads_user_memory(struct kunit *test)
{
	const struct wk_range_of_pages *range = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	unsigned long va = wk_user_alloc(test, 4, WK_GUARD) + range->offset;
	PMDL mdl;

	wk_user_fill(test, va, range->bytes, 5);
	mdl = wk_user_lock(test, va, range->bytes, IoReadAccess);
	wk_transfer(test, adapter, mdl, 5, TRUE);
	wk_user_unlock(mdl);
	wk_user_expect_pattern(test, va, range->bytes, 5);
}

static void wk_locked_mdl(struct kunit *test)
{
	unsigned long va = wk_user_alloc(test, 3, 1) + 100;
	PMDL mdl = wk_user_lock(test, va, 2 * PAGE_SIZE, IoModifyAccess);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, mdl->MdlFlags & ~MDL_ALLOCATED_FIXED_SIZE,
			MDL_PAGES_LOCKED | MDL_WRITE_OPERATION);
	KUNIT_EXPECT_PTR_EQ(test, (void *)mdl->Process, (void *)current->mm);
	KUNIT_EXPECT_PTR_EQ(test, MmGetMdlVirtualAddress(mdl), (PVOID)va);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, folio_maybe_dma_pinned(page_folio(wk_mdl_page(mdl, i))));
	MmUnlockPages(mdl);
	KUNIT_EXPECT_EQ(test, mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_IO_SPACE), 0);

	/* The header can be locked again, and for less. */
	KUNIT_ASSERT_EQ(test, WdmProbeAndLockPages(mdl, UserMode, IoReadAccess), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mdl->MdlFlags & ~MDL_ALLOCATED_FIXED_SIZE, MDL_PAGES_LOCKED);
	wk_user_unlock(mdl);
}

/* Memory that was only read so far is the zero page, everybody's. */
static void wk_write_lock_breaks_zero_page(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	unsigned long va = wk_user_map(test, 2, WK_READ_WRITE);
	PMDL mdl = wk_user_lock(test, va, 2 * PAGE_SIZE, IoReadAccess);

	KUNIT_EXPECT_TRUE(test, is_zero_pfn(MmGetMdlPfnArray(mdl)[0]));
	wk_user_unlock(mdl);
	mdl = wk_user_lock(test, va, 2 * PAGE_SIZE, IoWriteAccess);
	KUNIT_EXPECT_FALSE(test, is_zero_pfn(MmGetMdlPfnArray(mdl)[0]));
	KUNIT_EXPECT_FALSE(test, is_zero_pfn(MmGetMdlPfnArray(mdl)[1]));
	if (!is_zero_pfn(MmGetMdlPfnArray(mdl)[0]))
		wk_transfer(test, adapter, mdl, 2, FALSE);
	wk_user_unlock(mdl);
	wk_user_expect_pattern(test, va, 2 * PAGE_SIZE, 2);
	KUNIT_EXPECT_EQ(test, *(u8 *)page_address(ZERO_PAGE(0)), 0);
}

/* A private mapping of a file: the device's bytes are the process's alone. */
static void wk_write_lock_breaks_file_page(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	struct file *file = wk_user_file(test, 2, WK_GUARD);
	unsigned long va = wk_user_map_file(test, file, 2, WK_READ_WRITE, MAP_PRIVATE);
	unsigned long shared = wk_user_map_file(test, file, 2, PROT_READ, MAP_SHARED);
	PMDL mdl;

	wk_user_expect_pattern(test, va, 2 * PAGE_SIZE, WK_GUARD);
	mdl = wk_user_lock(test, va, 2 * PAGE_SIZE, IoWriteAccess);
	wk_transfer(test, adapter, mdl, 4, FALSE);
	wk_user_unlock(mdl);
	wk_user_expect_pattern(test, va, 2 * PAGE_SIZE, 4);
	wk_user_expect_pattern(test, shared, 2 * PAGE_SIZE, WK_GUARD);
}

/* A shared mapping: everybody sees the device's bytes. */
static void wk_write_lock_of_shared_file(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	struct file *file = wk_user_file(test, 2, WK_GUARD);
	unsigned long va = wk_user_map_file(test, file, 2, WK_READ_WRITE, MAP_SHARED);
	unsigned long other = wk_user_map_file(test, file, 2, PROT_READ, MAP_SHARED);
	PMDL mdl = wk_user_lock(test, va, 2 * PAGE_SIZE, IoWriteAccess);

	wk_transfer(test, adapter, mdl, 4, FALSE);
	wk_user_unlock(mdl);
	wk_user_expect_pattern(test, other, 2 * PAGE_SIZE, 4);
}

/* A lock that fails holds nothing, says so in the MDL, and can be tried again. */
static void wk_expect_refusal(struct kunit *test, unsigned long va, size_t bytes,
			      KPROCESSOR_MODE mode, LOCK_OPERATION operation, NTSTATUS status)
{
	PMDL mdl = IoAllocateMdl((PVOID)va, bytes, FALSE, FALSE, NULL);

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmGetMdlPfnArray(mdl)[0] = 1;
	KUNIT_EXPECT_EQ(test, WdmProbeAndLockPages(mdl, mode, operation), status);
	KUNIT_EXPECT_EQ(test, mdl->MdlFlags & ~MDL_ALLOCATED_FIXED_SIZE, 0);
	if (status == STATUS_ACCESS_VIOLATION)
		KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[0], ~(PFN_NUMBER)0);
	IoFreeMdl(mdl);
}

static void wk_read_only_memory(struct kunit *test)
{
	unsigned long va = wk_user_map(test, 2, PROT_READ);
	PMDL mdl;

	wk_expect_refusal(test, va, 2 * PAGE_SIZE, UserMode, IoWriteAccess,
			  STATUS_ACCESS_VIOLATION);
	wk_expect_refusal(test, va, 2 * PAGE_SIZE, UserMode, IoModifyAccess,
			  STATUS_ACCESS_VIOLATION);
	mdl = wk_user_lock(test, va, 2 * PAGE_SIZE, IoReadAccess);
	wk_user_unlock(mdl);
}

static void wk_hole_in_the_range(struct kunit *test)
{
	unsigned long va = wk_user_alloc(test, 4, 1);
	struct wk_refs *refs = wk_refs_of(test, va, 4);
	unsigned int hole;

	for (hole = 3; hole > 0; hole--) {
		KUNIT_ASSERT_EQ(test, vm_munmap(va + hole * PAGE_SIZE, PAGE_SIZE), 0);
		refs->nr_pages = hole;
		wk_expect_refusal(test, va + 1, 4 * PAGE_SIZE - 1, UserMode, IoWriteAccess,
				  STATUS_ACCESS_VIOLATION);
		KUNIT_EXPECT_EQ_MSG(test, wk_refs_held(refs), 0, "hole at page %u", hole);
		wk_expect_refusal(test, va, 4 * PAGE_SIZE, UserMode, IoReadAccess,
				  STATUS_ACCESS_VIOLATION);
		KUNIT_EXPECT_EQ_MSG(test, wk_refs_held(refs), 0, "hole at page %u", hole);
	}
}

static void wk_bad_ranges(struct kunit *test)
{
	unsigned long va = wk_user_alloc(test, 1, 1);
	const unsigned long top = ~0UL << PAGE_SHIFT;

	wk_expect_refusal(test, 0, 1, UserMode, IoReadAccess, STATUS_ACCESS_VIOLATION);
	wk_expect_refusal(test, TASK_SIZE, 1, UserMode, IoReadAccess, STATUS_ACCESS_VIOLATION);
	wk_expect_refusal(test, TASK_SIZE - PAGE_SIZE, 2 * PAGE_SIZE, UserMode, IoReadAccess,
			  STATUS_ACCESS_VIOLATION);
	wk_expect_refusal(test, top, 2 * PAGE_SIZE, UserMode, IoReadAccess,
			  STATUS_ACCESS_VIOLATION);
	wk_expect_refusal(test, top, 2 * PAGE_SIZE, KernelMode, IoReadAccess,
			  STATUS_ACCESS_VIOLATION);
	/* Wraps to the good page. */
	wk_expect_refusal(test, va, 0xFFFFF000U, UserMode, IoReadAccess, STATUS_ACCESS_VIOLATION);

	wk_expect_refusal(test, va, 0, UserMode, IoReadAccess, STATUS_INVALID_PARAMETER);
	wk_expect_refusal(test, va, 1, MaximumMode, IoReadAccess, STATUS_INVALID_PARAMETER);
	wk_expect_refusal(test, va, 1, -1, IoReadAccess, STATUS_INVALID_PARAMETER);
	wk_expect_refusal(test, va, 1, UserMode, IoModifyAccess + 1, STATUS_INVALID_PARAMETER);
	wk_expect_refusal(test, va, 1, UserMode, -1, STATUS_INVALID_PARAMETER);
}

/* An MDL of no bytes may have no room for a frame. */
static void wk_no_bytes_no_frame(struct kunit *test)
{
	u64 memory[sizeof(MDL) / sizeof(u64) + 1];
	PMDL mdl = (PMDL)memory;

	memset(memory, 0xA5, sizeof(memory));
	MmInitializeMdl(mdl, NULL, 0);
	KUNIT_EXPECT_EQ(test, WdmProbeAndLockPages(mdl, KernelMode, IoReadAccess),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, memory[ARRAY_SIZE(memory) - 1], 0xA5A5A5A5A5A5A5A5UL);
}

/* The thread has no address space, so no address is its own. */
static void wk_thread_without_memory(struct kunit *test)
{
	KUNIT_ASSERT_NULL(test, current->mm);
	wk_expect_refusal(test, PAGE_SIZE, 10, UserMode, IoReadAccess, STATUS_ACCESS_VIOLATION);
	wk_expect_refusal(test, PAGE_SIZE, 10, KernelMode, IoReadAccess, STATUS_ACCESS_VIOLATION);
}

static void wk_driver_locks_user_memory(struct kunit *test)
{
	unsigned long va = wk_user_alloc(test, 2, 1);
	PMDL mdl = IoAllocateMdl((PVOID)va, 2 * PAGE_SIZE, FALSE, FALSE, NULL);

	KUNIT_ASSERT_EQ(test, WdmProbeAndLockPages(mdl, KernelMode, IoWriteAccess), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, folio_maybe_dma_pinned(page_folio(wk_mdl_page(mdl, 1))));
	KUNIT_EXPECT_NOT_NULL(test, (void *)mdl->Process);
	wk_user_unlock(mdl);
}

/* Pinning user memory may sleep: where that is impossible it is refused without trying. */
static void wk_user_memory_at_dispatch_level(struct kunit *test)
{
	unsigned long va = wk_user_alloc(test, 1, 1);
	PMDL mdl = IoAllocateMdl((PVOID)va, PAGE_SIZE, FALSE, FALSE, NULL);
	NTSTATUS status;

	wk_expect_report(test, WD_REPORT_IRQL, 1);
	local_bh_disable();
	status = WdmProbeAndLockPages(mdl, UserMode, IoReadAccess);
	local_bh_enable();
	KUNIT_EXPECT_FALSE(test, NT_SUCCESS(status));
	KUNIT_EXPECT_FALSE(test, mdl->MdlFlags & MDL_PAGES_LOCKED);
	IoFreeMdl(mdl);
}

static void wk_locked_twice(struct kunit *test)
{
	unsigned long va = wk_user_alloc(test, 2, 1);
	struct wk_refs *refs = wk_refs_of(test, va, 2);
	PMDL mdl = wk_user_lock(test, va, 2 * PAGE_SIZE, IoWriteAccess);
	PFN_NUMBER frame = MmGetMdlPfnArray(mdl)[0];

	wk_expect_report(test, WD_REPORT_MISC, 1);
	KUNIT_EXPECT_EQ(test, WdmProbeAndLockPages(mdl, UserMode, IoWriteAccess),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_TRUE(test, mdl->MdlFlags & MDL_PAGES_LOCKED);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[0], frame);
	/* The raising form reports the misuse once as well. */
	wk_expect_report(test, WD_REPORT_MISC, 1);
	MmProbeAndLockPages(mdl, UserMode, IoWriteAccess);
	MmUnlockPages(mdl);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 0);

	wk_expect_report(test, WD_REPORT_NOT_LOCKED, 1);
	MmUnlockPages(mdl);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 0);
	IoFreeMdl(mdl);
}

static void wk_unlock_of_other_mdls(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PMDL built = wk_mdl(test, buffer, 0, 100);
	unsigned long va = wk_user_alloc(test, 1, 1);
	PMDL source = wk_user_lock(test, va, 100, IoReadAccess);
	PMDL partial = IoAllocateMdl((PVOID)va, 100, FALSE, FALSE, NULL);
	struct page *page = wk_mdl_page(source, 0);
	int refs = page_count(page);

	IoBuildPartialMdl(source, partial, (PVOID)va, 100);
	wk_expect_report(test, WD_REPORT_NOT_LOCKED, 2);
	MmUnlockPages(built);
	MmUnlockPages(partial);
	KUNIT_EXPECT_TRUE(test, built->MdlFlags & MDL_SOURCE_IS_NONPAGED_POOL);
	KUNIT_EXPECT_TRUE(test, partial->MdlFlags & MDL_PARTIAL);
	KUNIT_EXPECT_EQ(test, page_count(page), refs);
	IoFreeMdl(partial);
	wk_user_unlock(source);
}

/* Drivers write ByteCount, and reuse headers without unlocking: every pin is given back. */
static void wk_header_rewritten(struct kunit *test)
{
	unsigned long va = wk_user_alloc(test, 4, 1);
	struct wk_refs *refs = wk_refs_of(test, va, 4);
	PMDL mdl = wk_user_lock(test, va, 4 * PAGE_SIZE, IoWriteAccess);

	mdl->ByteCount = 10;
	mdl->ByteOffset = 5;
	MmUnlockPages(mdl);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 0);

	MmInitializeMdl(mdl, (PVOID)va, 4 * PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, WdmProbeAndLockPages(mdl, UserMode, IoWriteAccess), STATUS_SUCCESS);
	MmInitializeMdl(mdl, (PVOID)va, PAGE_SIZE);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	KUNIT_ASSERT_EQ(test, WdmProbeAndLockPages(mdl, UserMode, IoWriteAccess), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 1);
	wk_user_unlock(mdl);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 0);
}

static void wk_freed_while_locked(struct kunit *test)
{
	unsigned long va = wk_user_alloc(test, 3, 1);
	struct wk_refs *refs = wk_refs_of(test, va, 3);
	PMDL mdl = wk_user_lock(test, va, 3 * PAGE_SIZE, IoWriteAccess);

	wk_expect_report(test, WD_REPORT_MISC, 1);
	IoFreeMdl(mdl);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 0);
}

/* What the device wrote must reach the file, although the page was written out in between. */
static void wk_unlock_dirties_pages(struct kunit *test)
{
	struct file *file = wk_user_file(test, 2, 1);
	unsigned long va = wk_user_map_file(test, file, 2, WK_READ_WRITE, MAP_SHARED);
	struct wk_refs *refs = wk_refs_of(test, va, 2);
	unsigned int at_dispatch_level;

	for (at_dispatch_level = 0; at_dispatch_level < 2; at_dispatch_level++) {
		PMDL mdl = wk_user_lock(test, va, 2 * PAGE_SIZE, IoWriteAccess);

		ClearPageDirty(refs->pages[0]);
		ClearPageDirty(refs->pages[1]);
		if (at_dispatch_level)
			local_bh_disable();
		/* The header may go at once, although the pages may have to wait. */
		wk_user_unlock(mdl);
		if (at_dispatch_level)
			local_bh_enable();
		KUNIT_EXPECT_TRUE(test, wk_wait_for(!wk_refs_held(refs)));
		KUNIT_EXPECT_TRUE(test, PageDirty(refs->pages[0]));
		KUNIT_EXPECT_TRUE(test, PageDirty(refs->pages[1]));
	}
}

static void wk_unlock_after_reading_dirties_nothing(struct kunit *test)
{
	struct file *file = wk_user_file(test, 1, 1);
	unsigned long va = wk_user_map_file(test, file, 1, WK_READ_WRITE, MAP_SHARED);
	struct wk_refs *refs = wk_refs_of(test, va, 1);
	PMDL mdl = wk_user_lock(test, va, PAGE_SIZE, IoReadAccess);

	ClearPageDirty(refs->pages[0]);
	/* Not even if the driver says so: the pages were not locked for it. */
	mdl->MdlFlags |= MDL_WRITE_OPERATION;
	wk_user_unlock(mdl);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 0);
	KUNIT_EXPECT_FALSE(test, PageDirty(refs->pages[0]));
	SetPageDirty(refs->pages[0]);
}

/* Pins are counted per MDL. */
static void wk_two_mdls_of_one_page(struct kunit *test)
{
	unsigned long va = wk_user_alloc(test, 1, 1);
	struct wk_refs *refs = wk_refs_of(test, va, 1);
	PMDL first = wk_user_lock(test, va, 10, IoWriteAccess);
	PMDL second = wk_user_lock(test, va + 10, 10, IoReadAccess);

	wk_user_unlock(first);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 1);
	wk_user_unlock(second);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 0);
}

/* A part of user memory, as drivers cut a transfer into fragments */
static void wk_partial_of_user_memory(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	unsigned long va = wk_user_alloc(test, 4, WK_GUARD), part = va + PAGE_SIZE + 77;
	PMDL source = wk_user_lock(test, va + 5, 4 * PAGE_SIZE - 5, IoWriteAccess);
	PMDL target = IoAllocateMdl((PVOID)part, PAGE_SIZE, FALSE, FALSE, NULL);

	IoBuildPartialMdl(source, target, (PVOID)part, PAGE_SIZE);
	KUNIT_EXPECT_PTR_EQ(test, (void *)target->Process, (void *)current->mm);
	KUNIT_EXPECT_FALSE(test, target->MdlFlags & (MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA));
	wk_transfer(test, adapter, target, 6, FALSE);
	IoFreeMdl(target);
	wk_user_unlock(source);
	wk_user_expect_pattern(test, part, PAGE_SIZE, 6);
	wk_user_expect_pattern(test, va, PAGE_SIZE + 77, WK_GUARD);
}

static void wk_advance_user_mdl(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	unsigned long va = wk_user_alloc(test, 4, WK_GUARD);
	struct wk_refs *refs = wk_refs_of(test, va, 4);
	PMDL mdl = wk_user_lock(test, va + 100, 4 * PAGE_SIZE - 100, IoWriteAccess);

	KUNIT_EXPECT_EQ(test, MmAdvanceMdl(mdl, 4 * PAGE_SIZE), STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, MmAdvanceMdl(mdl, PAGE_SIZE - 101), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 4);
	KUNIT_EXPECT_EQ(test, MmAdvanceMdl(mdl, PAGE_SIZE + 11), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 2);
	KUNIT_EXPECT_PTR_EQ(test, MmGetMdlVirtualAddress(mdl), (PVOID)(va + 2 * PAGE_SIZE + 10));
	KUNIT_EXPECT_EQ(test, MmGetMdlByteCount(mdl), 2 * PAGE_SIZE - 10);
	wk_transfer(test, adapter, mdl, 8, FALSE);
	wk_user_expect_pattern(test, va + 2 * PAGE_SIZE + 10, 2 * PAGE_SIZE - 10, 8);
	wk_user_expect_pattern(test, va, 2 * PAGE_SIZE + 10, WK_GUARD);
	KUNIT_EXPECT_EQ(test, MmAdvanceMdl(mdl, 2 * PAGE_SIZE - 10), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, MmGetMdlByteCount(mdl), 0);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 0);
	wk_user_unlock(mdl);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 0);
}

/* At DISPATCH_LEVEL clean pages wait for the unlock. */
static void wk_advance_at_dispatch_level(struct kunit *test)
{
	unsigned long va = wk_user_alloc(test, 2, 1);
	struct wk_refs *refs = wk_refs_of(test, va, 2);
	PMDL mdl = wk_user_lock(test, va, 2 * PAGE_SIZE, IoWriteAccess);
	NTSTATUS status;

	ClearPageDirty(refs->pages[0]);
	local_bh_disable();
	status = MmAdvanceMdl(mdl, PAGE_SIZE + 1);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	wk_user_unlock(mdl);
	KUNIT_EXPECT_EQ(test, wk_refs_held(refs), 0);
	KUNIT_EXPECT_TRUE(test, PageDirty(refs->pages[0]));
}

/* What a probe raises */
static NTSTATUS wk_probe(unsigned long va, SIZE_T bytes, ULONG alignment, bool write)
{
	NTSTATUS status = STATUS_SUCCESS;

	__try {
		if (write)
			ProbeForWrite((PVOID)va, bytes, alignment);
		else
			ProbeForRead((PVOID)va, bytes, alignment);
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		status = GetExceptionCode();
	}
	return status;
}

static void wk_probes(struct kunit *test)
{
	unsigned long va = wk_user_alloc(test, 2, 7);
	unsigned long read_only = wk_user_map(test, 1, PROT_READ);
	unsigned long kernel = -PAGE_SIZE;	/* nobody's on any machine */
	bool write;

	for (write = false; ; write = true) {
		KUNIT_EXPECT_EQ(test, wk_probe(va + 8, PAGE_SIZE, 8, write), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, wk_probe(va + 4, 100, 8, write),
				STATUS_DATATYPE_MISALIGNMENT);
		KUNIT_EXPECT_EQ(test, wk_probe(kernel, 8, 1, write), STATUS_ACCESS_VIOLATION);
		KUNIT_EXPECT_EQ(test, wk_probe(va, -(SIZE_T)va + 1, 1, write),
				STATUS_ACCESS_VIOLATION);
		KUNIT_EXPECT_EQ(test, wk_probe(kernel, 0, 1, write), STATUS_SUCCESS);
		if (write)
			break;
	}
	KUNIT_EXPECT_EQ(test, wk_probe(read_only, 1, 1, false), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_probe(read_only, 1, 1, true), STATUS_ACCESS_VIOLATION);
	wk_user_expect_pattern(test, va, 2 * PAGE_SIZE, 7);
}

static struct kunit_case wk_mdl_user_cases[] = {
	KUNIT_CASE_PARAM(wk_device_writes_user_memory, wk_range_gen_params),
	KUNIT_CASE_PARAM(wk_device_reads_user_memory, wk_range_gen_params),
	KUNIT_CASE(wk_locked_mdl),
	KUNIT_CASE(wk_write_lock_breaks_zero_page),
	KUNIT_CASE(wk_write_lock_breaks_file_page),
	KUNIT_CASE(wk_write_lock_of_shared_file),
	KUNIT_CASE(wk_read_only_memory),
	KUNIT_CASE(wk_hole_in_the_range),
	KUNIT_CASE(wk_bad_ranges),
	KUNIT_CASE(wk_no_bytes_no_frame),
	KUNIT_CASE(wk_thread_without_memory),
	KUNIT_CASE(wk_driver_locks_user_memory),
	KUNIT_CASE(wk_user_memory_at_dispatch_level),
	KUNIT_CASE(wk_locked_twice),
	KUNIT_CASE(wk_unlock_of_other_mdls),
	KUNIT_CASE(wk_header_rewritten),
	KUNIT_CASE(wk_freed_while_locked),
	KUNIT_CASE(wk_unlock_dirties_pages),
	KUNIT_CASE(wk_unlock_after_reading_dirties_nothing),
	KUNIT_CASE(wk_two_mdls_of_one_page),
	KUNIT_CASE(wk_partial_of_user_memory),
	KUNIT_CASE(wk_advance_user_mdl),
	KUNIT_CASE(wk_advance_at_dispatch_level),
	KUNIT_CASE(wk_probes),
	{}
};

static struct kunit_suite wk_mdl_user_suite = {
	.name = "wdmdma_mdl_user",
	.suite_init = wk_user_suite_init,
	.suite_exit = wk_user_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_mdl_user_cases,
};

kunit_test_suite(wk_mdl_user_suite);
