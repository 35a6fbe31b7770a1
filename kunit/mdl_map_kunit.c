// SPDX-License-Identifier: GPL-2.0-only
/*
 * System mappings of MDLs: that there is one, also at DISPATCH_LEVEL, that it shows the right
 * bytes, and that it ends when it should and not before.
 */
#include <linux/bottom_half.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <wdmdma/seh.h>

#include "fixture.h"
#include "user_memory.h"

#define WK_PAGES	3
#define WK_OFFSET	100
#define WK_BYTES	(WK_PAGES * PAGE_SIZE - WK_OFFSET)

/* Three scattered pages of the process, locked for writing; they hold pattern 1 */
struct wk_locked {
	unsigned long va;
	struct wk_refs *refs;
	PMDL mdl;
};

static struct wk_locked wk_lock(struct kunit *test, bool map_on_lock)
{
	struct wk_locked locked = { .va = wk_user_alloc(test, WK_PAGES, 0) + WK_OFFSET };
	bool was = wdmdma_map_on_lock(map_on_lock);

	wk_user_fill(test, locked.va, WK_BYTES, 1);
	locked.refs = wk_refs_of(test, locked.va - WK_OFFSET, WK_PAGES);
	locked.mdl = wk_user_lock(test, locked.va, WK_BYTES, IoWriteAccess);
	wdmdma_map_on_lock(was);
	return locked;
}

static PVOID wk_map_at_dispatch_level(PMDL mdl)
{
	PVOID va;

	local_bh_disable();
	va = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
	local_bh_enable();
	return va;
}

static bool wk_is_mapped(const void *va)
{
	return vmalloc_to_page((void *)((unsigned long)va & PAGE_MASK));
}

/* What drivers do in StartIo and in DPCs */
static void wk_mapped_at_dispatch_level(struct kunit *test)
{
	struct wk_locked locked = wk_lock(test, true);
	u8 *va;

	KUNIT_EXPECT_FALSE(test, locked.mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
	va = wk_map_at_dispatch_level(locked.mdl);
	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_EXPECT_TRUE(test, locked.mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
	KUNIT_EXPECT_PTR_EQ(test, locked.mdl->MappedSystemVa, (PVOID)va);
	KUNIT_EXPECT_EQ(test, offset_in_page(va), WK_OFFSET);
	KUNIT_EXPECT_PTR_EQ(test, wk_map_at_dispatch_level(locked.mdl), (PVOID)va);
	wk_expect_pattern(test, va, WK_BYTES, 1);
	wk_fill(va, WK_BYTES, 2);
	wk_user_expect_pattern(test, locked.va, WK_BYTES, 2);

	MmUnmapLockedPages(va, locked.mdl);
	KUNIT_EXPECT_FALSE(test, locked.mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
	/* It is there for the next time. */
	KUNIT_EXPECT_PTR_EQ(test, wk_map_at_dispatch_level(locked.mdl), (PVOID)va);
	wk_user_unlock(locked.mdl);
	KUNIT_EXPECT_FALSE(test, wk_is_mapped(va));
	KUNIT_EXPECT_EQ(test, wk_refs_held(locked.refs), 0);
}

/* vunmap() sleeps: the mapping goes a little later, and the pages not before it. */
static void wk_unlocked_at_dispatch_level(struct kunit *test)
{
	struct wk_locked locked = wk_lock(test, true);
	u8 *va = wk_map_at_dispatch_level(locked.mdl);

	KUNIT_ASSERT_NOT_NULL(test, va);
	local_bh_disable();
	wk_user_unlock(locked.mdl);
	KUNIT_EXPECT_TRUE(test, !wk_is_mapped(va) || wk_refs_held(locked.refs));
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, wk_wait_for(!wk_is_mapped(va) && !wk_refs_held(locked.refs)));
}

/* With map_on_lock=0 scattered pages get a mapping where that may sleep, and only there. */
static void wk_not_mapped_in_advance(struct kunit *test)
{
	struct wk_locked locked = wk_lock(test, false);
	u8 *va;

	KUNIT_EXPECT_NULL(test, wk_map_at_dispatch_level(locked.mdl));
	KUNIT_EXPECT_FALSE(test, locked.mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
	va = MmGetSystemAddressForMdlSafe(locked.mdl, NormalPagePriority | MdlMappingNoExecute);
	KUNIT_ASSERT_NOT_NULL(test, va);
	wk_expect_pattern(test, va, WK_BYTES, 1);
	KUNIT_EXPECT_PTR_EQ(test, wk_map_at_dispatch_level(locked.mdl), (PVOID)va);
	local_bh_disable();
	MmUnmapLockedPages(va, locked.mdl);
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, wk_wait_for(!wk_is_mapped(va)));
	wk_user_unlock(locked.mdl);
}

/* Pages that follow each other are mapped as long as there is memory. */
static void wk_contiguous_pages(struct kunit *test)
{
	unsigned long va = wk_user_map(test, 1, WK_READ_WRITE);
	bool was = wdmdma_map_on_lock(false);
	PMDL mdl = wk_user_lock(test, va + 9, 10, IoWriteAccess);

	wdmdma_map_on_lock(was);
	KUNIT_EXPECT_PTR_EQ(test, wk_map_at_dispatch_level(mdl),
			    page_address(wk_mdl_page(mdl, 0)) + 9);
	wk_user_unlock(mdl);
}

/* A kernel buffer has its address already. */
static void wk_kernel_buffer(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, WK_PAGES);
	PMDL mdl = IoAllocateMdl(buffer->va + 5, WK_PAGES * PAGE_SIZE - 5, FALSE, FALSE, NULL);

	KUNIT_ASSERT_EQ(test, WdmProbeAndLockPages(mdl, KernelMode, IoWriteAccess), STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, wk_map_at_dispatch_level(mdl), (PVOID)(buffer->va + 5));
	MmUnlockPages(mdl);
	IoFreeMdl(mdl);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 1);
}

/* An MDL of an address that is another MDL's mapping: each undoes its own. */
static void wk_mapping_of_a_mapping(struct kunit *test)
{
	struct wk_locked locked = wk_lock(test, true);
	u8 *va = wk_map_at_dispatch_level(locked.mdl);
	PMDL inner = IoAllocateMdl(va + PAGE_SIZE, 50, FALSE, FALSE, NULL);

	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_ASSERT_EQ(test, WdmProbeAndLockPages(inner, KernelMode, IoWriteAccess),
			STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, wk_map_at_dispatch_level(inner), (PVOID)(va + PAGE_SIZE));
	wk_user_unlock(inner);
	KUNIT_ASSERT_TRUE(test, wk_is_mapped(va));
	wk_expect_pattern(test, va, WK_BYTES, 1);
	MmUnmapLockedPages(va, locked.mdl);
	KUNIT_EXPECT_TRUE(test, wk_is_mapped(va));
	wk_user_unlock(locked.mdl);
	KUNIT_EXPECT_FALSE(test, wk_is_mapped(va));
}

static PMDL wk_part(struct kunit *test, PMDL source, ULONG offset, ULONG bytes)
{
	PVOID va = (PVOID)((ULONG_PTR)MmGetMdlVirtualAddress(source) + offset);
	PMDL target = IoAllocateMdl(va, bytes, FALSE, FALSE, NULL);

	KUNIT_ASSERT_NOT_NULL(test, target);
	IoBuildPartialMdl(source, target, va, bytes);
	return target;
}

/* A part of pages mapped in advance can be mapped at DISPATCH_LEVEL, and has it for its own. */
static void wk_partial_of_locked(struct kunit *test)
{
	struct wk_locked locked = wk_lock(test, true);
	PMDL target = wk_part(test, locked.mdl, PAGE_SIZE, PAGE_SIZE);
	PMDL part = wk_part(test, target, 7, PAGE_SIZE - 7);
	u8 *va, *inner, *whole;

	KUNIT_EXPECT_FALSE(test, target->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
	va = wk_map_at_dispatch_level(target);
	inner = wk_map_at_dispatch_level(part);
	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_EXPECT_PTR_EQ(test, inner, va + 7);
	KUNIT_EXPECT_EQ(test, target->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA |
						  MDL_PARTIAL_HAS_BEEN_MAPPED),
			MDL_MAPPED_TO_SYSTEM_VA | MDL_PARTIAL_HAS_BEEN_MAPPED);
	KUNIT_EXPECT_EQ(test, va[0], wk_pattern(1, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, va[PAGE_SIZE - 1], wk_pattern(1, 2 * PAGE_SIZE - 1));
	IoFreeMdl(part);
	MmPrepareMdlForReuse(target);
	KUNIT_EXPECT_FALSE(test, target->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA |
						     MDL_PARTIAL_HAS_BEEN_MAPPED));
	whole = wk_map_at_dispatch_level(locked.mdl);
	KUNIT_EXPECT_PTR_EQ(test, whole + PAGE_SIZE, va);
	IoFreeMdl(target);
	wk_user_unlock(locked.mdl);
	KUNIT_EXPECT_FALSE(test, wk_is_mapped(va));
}

/* ... which a driver's rewriting of the field does not turn into another memory's */
static void wk_partial_with_false_address(struct kunit *test)
{
	struct wk_locked locked = wk_lock(test, true), other = wk_lock(test, true);
	PMDL target = wk_part(test, locked.mdl, PAGE_SIZE, PAGE_SIZE);
	u8 *va = wk_map_at_dispatch_level(other.mdl);

	target->MappedSystemVa = va + PAGE_SIZE;
	KUNIT_EXPECT_NULL(test, wk_map_at_dispatch_level(target));
	va = MmGetSystemAddressForMdlSafe(target, NormalPagePriority);
	KUNIT_ASSERT_NOT_NULL(test, va);
	*va = 0x5A;
	KUNIT_EXPECT_EQ(test, *((u8 *)wk_map_at_dispatch_level(locked.mdl) + PAGE_SIZE), 0x5A);
	IoFreeMdl(target);
	KUNIT_EXPECT_FALSE(test, wk_is_mapped(va));
	wk_user_unlock(locked.mdl);
	wk_user_unlock(other.mdl);
}

/* A part of a mapped MDL shares its mapping and never ends it. */
static void wk_partial_of_mapped(struct kunit *test)
{
	struct wk_locked locked = wk_lock(test, true);
	u8 *va = wk_map_at_dispatch_level(locked.mdl);
	PMDL target = wk_part(test, locked.mdl, 10, PAGE_SIZE);

	KUNIT_EXPECT_EQ(test, target->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA |
						  MDL_PARTIAL_HAS_BEEN_MAPPED),
			MDL_MAPPED_TO_SYSTEM_VA);
	KUNIT_EXPECT_PTR_EQ(test, MmGetSystemAddressForMdlSafe(target, LowPagePriority),
			    (PVOID)(va + 10));
	MmPrepareMdlForReuse(target);
	KUNIT_EXPECT_TRUE(test, target->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
	MmUnmapLockedPages(va + 10, target);
	KUNIT_EXPECT_FALSE(test, target->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
	MmUnmapLockedPages(va, locked.mdl);
	KUNIT_EXPECT_TRUE(test, wk_is_mapped(va));
	IoFreeMdl(target);
	wk_user_unlock(locked.mdl);
}

static void wk_partial_rebuilt_while_mapped(struct kunit *test)
{
	struct wk_locked locked = wk_lock(test, false);
	PMDL target = wk_part(test, locked.mdl, 0, 2 * PAGE_SIZE);
	u8 *va = MmGetSystemAddressForMdlSafe(target, NormalPagePriority);

	KUNIT_ASSERT_NOT_NULL(test, va);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	IoBuildPartialMdl(locked.mdl, target, (PVOID)locked.va, PAGE_SIZE);
	KUNIT_EXPECT_FALSE(test, wk_is_mapped(va));
	KUNIT_EXPECT_FALSE(test, target->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
	IoFreeMdl(target);
	wk_user_unlock(locked.mdl);
}

static bool wk_is_writable(u8 *va)
{
	u8 same = *va;

	__put_kernel_nofault(va, &same, u8, fault);
	return true;
fault:
	return false;
}

/* A mapping that must not be written is none of those that exist. */
static void wk_read_only_mapping(struct kunit *test)
{
	unsigned long user = wk_user_alloc(test, 1, 1);
	PMDL mdl = wk_user_lock(test, user, PAGE_SIZE, IoReadAccess);
	void *linear = page_address(wk_mdl_page(mdl, 0));
	u8 *va;

	va = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority | MdlMappingNoWrite);
	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_EXPECT_PTR_NE(test, (void *)va, linear);
	wk_expect_pattern(test, va, PAGE_SIZE, 1);
	if (pgprot_val(PAGE_KERNEL_RO) != pgprot_val(PAGE_KERNEL))
		KUNIT_EXPECT_FALSE(test, wk_is_writable(va));
	MmUnmapLockedPages(va, mdl);
	KUNIT_EXPECT_FALSE(test, wk_is_mapped(va));
	/* Where none can be made, a writable one does. */
	local_bh_disable();
	va = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority | MdlMappingNoWrite);
	local_bh_enable();
	KUNIT_EXPECT_PTR_EQ(test, (void *)va, linear);
	wk_user_unlock(mdl);
}

static void wk_map_misuse(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PMDL built = wk_mdl(test, buffer, 0, 100), fresh, empty;
	struct wk_locked locked = wk_lock(test, true);
	PVOID va = wk_map_at_dispatch_level(locked.mdl);

	fresh = IoAllocateMdl(buffer->va, 10, FALSE, FALSE, NULL);
	empty = wk_part(test, locked.mdl, 0, 10);
	empty->ByteCount = 0;
	empty->MdlFlags = MDL_PARTIAL;
	wk_expect_report(test, WD_REPORT_NOT_LOCKED, 2);
	KUNIT_EXPECT_NULL(test, MmMapLockedPages(fresh, KernelMode));
	KUNIT_EXPECT_NULL(test, MmMapLockedPages(empty, KernelMode));
	wk_expect_report(test, WD_REPORT_MISC, 2);
	KUNIT_EXPECT_NULL(test, MmMapLockedPages(locked.mdl, KernelMode));
	KUNIT_EXPECT_NULL(test, MmMapLockedPages(built, KernelMode));

	wk_expect_report(test, WD_REPORT_MISC, 3);
	MmUnmapLockedPages(va + 1, locked.mdl);
	KUNIT_EXPECT_TRUE(test, locked.mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
	MmUnmapLockedPages(buffer->va, built);
	MmUnmapLockedPages(buffer->va, fresh);
	MmUnmapLockedPages(va, locked.mdl);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	MmUnmapLockedPages(va, locked.mdl);
	IoFreeMdl(empty);
	IoFreeMdl(fresh);
	wk_user_unlock(locked.mdl);
}

/* Windows would stop the machine. */
static void wk_mapping_that_must_not_fail(struct kunit *test)
{
	struct wk_locked locked = wk_lock(test, false);
	PVOID va[2];

	wk_expect_report(test, WD_REPORT_MISC, 1);
	local_bh_disable();
	va[0] = MmMapLockedPages(locked.mdl, KernelMode);
	locked.mdl->MdlFlags |= MDL_MAPPING_CAN_FAIL;
	va[1] = MmMapLockedPages(locked.mdl, KernelMode);
	local_bh_enable();
	KUNIT_EXPECT_NULL(test, va[0]);
	KUNIT_EXPECT_NULL(test, va[1]);
	wk_user_unlock(locked.mdl);
}

static void wk_freed_while_mapped(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PMDL mdl = IoAllocateMdl(buffer->va, 10, FALSE, FALSE, NULL);
	struct wk_locked locked = wk_lock(test, true);
	PVOID va = wk_map_at_dispatch_level(locked.mdl);

	KUNIT_ASSERT_EQ(test, WdmProbeAndLockPages(mdl, KernelMode, IoReadAccess), STATUS_SUCCESS);
	KUNIT_EXPECT_NOT_NULL(test, MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
	wk_expect_report(test, WD_REPORT_MISC, 1);
	IoFreeMdl(mdl);
	/* Locked and mapped is one mistake. */
	wk_expect_report(test, WD_REPORT_MISC, 1);
	IoFreeMdl(locked.mdl);
	KUNIT_EXPECT_FALSE(test, wk_is_mapped(va));
	KUNIT_EXPECT_EQ(test, wk_refs_held(locked.refs), 0);
}

static void wk_advance_mapped(struct kunit *test)
{
	struct wk_locked locked = wk_lock(test, true);
	u8 *va = wk_map_at_dispatch_level(locked.mdl);

	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_EXPECT_EQ(test, MmAdvanceMdl(locked.mdl, PAGE_SIZE + 3), STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, MmGetSystemAddressForMdlSafe(locked.mdl, NormalPagePriority),
			    (PVOID)(va + PAGE_SIZE + 3));
	MmUnmapLockedPages(va + PAGE_SIZE + 3, locked.mdl);
	KUNIT_EXPECT_PTR_EQ(test, wk_map_at_dispatch_level(locked.mdl),
			    (PVOID)(va + PAGE_SIZE + 3));
	KUNIT_EXPECT_EQ(test, MmAdvanceMdl(locked.mdl, MmGetMdlByteCount(locked.mdl)),
			STATUS_SUCCESS);
	wk_user_unlock(locked.mdl);
	KUNIT_EXPECT_FALSE(test, wk_is_mapped(va));
	KUNIT_EXPECT_EQ(test, wk_refs_held(locked.refs), 0);
}

/* Pages of MmAllocatePagesForMdl are mapped in advance like any other. */
static void wk_allocated_pages(struct kunit *test)
{
	PHYSICAL_ADDRESS zero = {}, last = { .QuadPart = -1 };
	PMDL mdl = MmAllocatePagesForMdl(zero, last, zero, 64 * PAGE_SIZE);
	PVOID va;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	/* Not contiguous, or it would prove nothing */
	swap(MmGetMdlPfnArray(mdl)[0], MmGetMdlPfnArray(mdl)[1]);
	KUNIT_EXPECT_NULL(test, wk_map_at_dispatch_level(mdl));
	swap(MmGetMdlPfnArray(mdl)[0], MmGetMdlPfnArray(mdl)[1]);
	va = wk_map_at_dispatch_level(mdl);
	KUNIT_EXPECT_NOT_NULL(test, va);
	MmFreePagesFromMdl(mdl);
	KUNIT_EXPECT_FALSE(test, mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
	IoFreeMdl(mdl);
}

static void wk_mapping_for_the_process(struct kunit *test)
{
	struct wk_locked locked = wk_lock(test, true);
	NTSTATUS status = STATUS_SUCCESS;
	PVOID va = NULL;

	__try {
		va = MmMapLockedPagesSpecifyCache(locked.mdl, UserMode, MmCached, NULL, FALSE,
						  NormalPagePriority);
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		status = GetExceptionCode();
	}
	KUNIT_EXPECT_NULL(test, va);
	KUNIT_EXPECT_EQ(test, status, STATUS_NOT_SUPPORTED);
	KUNIT_EXPECT_FALSE(test, locked.mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
	wk_user_unlock(locked.mdl);
}

static struct kunit_case wk_mdl_map_cases[] = {
	KUNIT_CASE(wk_mapped_at_dispatch_level),
	KUNIT_CASE(wk_unlocked_at_dispatch_level),
	KUNIT_CASE(wk_not_mapped_in_advance),
	KUNIT_CASE(wk_contiguous_pages),
	KUNIT_CASE(wk_kernel_buffer),
	KUNIT_CASE(wk_mapping_of_a_mapping),
	KUNIT_CASE(wk_partial_of_locked),
	KUNIT_CASE(wk_partial_with_false_address),
	KUNIT_CASE(wk_partial_of_mapped),
	KUNIT_CASE(wk_partial_rebuilt_while_mapped),
	KUNIT_CASE(wk_read_only_mapping),
	KUNIT_CASE(wk_map_misuse),
	KUNIT_CASE(wk_mapping_that_must_not_fail),
	KUNIT_CASE(wk_freed_while_mapped),
	KUNIT_CASE(wk_advance_mapped),
	KUNIT_CASE(wk_allocated_pages),
	KUNIT_CASE(wk_mapping_for_the_process),
	{}
};

static struct kunit_suite wk_mdl_map_suite = {
	.name = "wdmdma_mdl_map",
	.suite_init = wk_user_suite_init,
	.suite_exit = wk_user_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_mdl_map_cases,
};

kunit_test_suite(wk_mdl_map_suite);
