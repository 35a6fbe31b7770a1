// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locking the pages of an MDL, and unlocking them.
 *
 * Pages of a process are pinned for DMA and remembered in a hold. Kernel memory does not move and
 * is its owner's to keep, so for it there is nothing to pin or to remember.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/uaccess.h>

#include <wdmdma/ex.h>

#include "frames.h"
#include "hold.h"
#include "internal.h"
#include "irql.h"
#include "mdl_map.h"
#include "seh.h"
#include "status.h"
#include "verifier.h"
#include "walk.h"

/* Flags of an MDL that must not be locked: it is another builder's, or locked */
#define WD_MDL_BUILT (MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL | MDL_PARTIAL | \
		      MDL_MAPPED_TO_SYSTEM_VA | MDL_IO_SPACE)

static bool wd_is_user_range(const MDL *mdl)
{
	ULONG_PTR va = wd_mdl_va(mdl), end;

	return !check_add_overflow(va, (ULONG_PTR)mdl->ByteCount, &end) &&
	       access_ok((void __user *)va, mdl->ByteCount);
}

/* All pages or none. */
static int wd_pin(struct wd_hold *hold, unsigned long va)
{
	unsigned int flags = hold->write ? FOLL_WRITE : 0;
	u32 pinned = 0;

	while (pinned < hold->nr_pages) {
		int ret = pin_user_pages_fast(va + (size_t)pinned * PAGE_SIZE,
					      hold->nr_pages - pinned, flags,
					      hold->pages + pinned);

		if (ret <= 0) {
			unpin_user_pages(hold->pages, pinned);
			return ret ? : -EFAULT;
		}
		pinned += ret;
	}
	return 0;
}

static int wd_lock_user(PMDL mdl, bool write)
{
	PPFN_NUMBER pfns = MmGetMdlPfnArray(mdl);
	struct wd_hold *hold;
	u32 i;
	int ret;

	if (!wd_is_user_range(mdl))
		return -EFAULT;
	if (!wd_irql_is_passive(NULL, "MmProbeAndLockPages"))
		return -EINVAL;
	if (!current->mm)
		return -EFAULT;

	hold = wd_hold_alloc(mdl, WD_HOLD_PINNED, wd_span_pages(mdl->ByteOffset, mdl->ByteCount));
	if (!hold)
		return -ENOMEM;
	hold->write = write;
	ret = wd_pin(hold, (unsigned long)mdl->StartVa);
	if (ret) {
		ExFreePool(hold);
		return ret;
	}
	wd_hold_map(hold);
	for (i = 0; i < hold->nr_pages; i++)
		pfns[i] = page_to_pfn(hold->pages[i]);
	mdl->Process = (struct _EPROCESS *)current->mm;
	wd_hold_insert(hold);
	return 0;
}

static int wd_lock_kernel(PMDL mdl)
{
	PVOID va = (PVOID)wd_mdl_va(mdl);

	if (object_is_on_stack(va))
		wd_report(WD_REPORT_NOT_LOCKED, NULL, "MmProbeAndLockPages", "%p is on the stack",
			  va);
	mdl->Process = NULL;
	return wd_frames_find(mdl);
}

/*
 * With UserMode the address must be a process's. A driver's own call can mean either: it means the
 * kernel if the kernel has a page there.
 */
static int wd_lock(PMDL mdl, KPROCESSOR_MODE mode, bool write)
{
	PFN_NUMBER pfn;
	int ret;

	if (mode == KernelMode && wd_va_to_pfn(mdl->StartVa, &pfn))
		ret = wd_lock_kernel(mdl);
	else
		ret = wd_lock_user(mdl, write);
	if (ret) {
		MmGetMdlPfnArray(mdl)[0] = WD_PFN_NONE;
		return ret;
	}
	mdl->MdlFlags &= ~MDL_WRITE_OPERATION;
	mdl->MdlFlags |= MDL_PAGES_LOCKED | (write ? MDL_WRITE_OPERATION : 0);
	return 0;
}

/**
 * wdmdma_wdm_probe_and_lock_pages() - MmProbeAndLockPages for drivers without __try
 * (WdmProbeAndLockPages)
 * @mdl: initialised, not built or locked
 * @mode: UserMode: the buffer must be the process's; KernelMode: or the kernel's
 * @operation: IoReadAccess if the pages will only be read
 *
 * Either all pages are locked, or none, and then the first frame is all ones and MDL_PAGES_LOCKED
 * clear. An MDL that was built or locked before is reported and stays as it is.
 *
 * Context: PASSIVE_LEVEL, in the process of the buffer; <= DISPATCH_LEVEL for kernel memory.
 * Return: STATUS_SUCCESS; STATUS_ACCESS_VIOLATION, the buffer is not the caller's to access so;
 * STATUS_INVALID_PARAMETER for no bytes or a bad argument; STATUS_INSUFFICIENT_RESOURCES, worth a
 * retry; STATUS_UNSUCCESSFUL when the process is being killed. DDI: MmProbeAndLockPages
 */
NTSTATUS wdmdma_wdm_probe_and_lock_pages(PMDL mdl, KPROCESSOR_MODE mode, LOCK_OPERATION operation)
{
	int ret;

	if (!wd_irql_is_dispatch(NULL, "MmProbeAndLockPages"))
		return STATUS_INVALID_PARAMETER;
	if (mdl->MdlFlags & WD_MDL_BUILT) {
		wd_report(WD_REPORT_MISC, NULL, "MmProbeAndLockPages",
			  "the MDL has been locked or built already, flags 0x%04X",
			  (USHORT)mdl->MdlFlags);
		return STATUS_INVALID_PARAMETER;
	}
	if (!mdl->ByteCount || mode < KernelMode || mode > UserMode ||
	    (unsigned int)operation > IoModifyAccess)
		return STATUS_INVALID_PARAMETER;

	wd_hold_drop_stale(mdl, "MmProbeAndLockPages");
	ret = wd_lock(mdl, mode, operation != IoReadAccess);
	return ret == -EFAULT ? STATUS_ACCESS_VIOLATION : wdmdma_status(ret);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_wdm_probe_and_lock_pages, WDMDMA);

/**
 * wdmdma_mm_probe_and_lock_pages() - lock the pages of a buffer (MmProbeAndLockPages)
 * @mdl: initialised, not built or locked
 * @mode: UserMode: the buffer must be the process's; KernelMode: or the kernel's
 * @operation: IoReadAccess if the pages will only be read
 *
 * As WdmProbeAndLockPages, but a failure is raised: the handler of the __try around it runs when
 * the body has ended. The caller owes one MmUnlockPages for a success.
 *
 * Context: PASSIVE_LEVEL, in the process of the buffer; <= DISPATCH_LEVEL for kernel memory.
 * DDI: MmProbeAndLockPages
 */
VOID wdmdma_mm_probe_and_lock_pages(PMDL mdl, KPROCESSOR_MODE mode, LOCK_OPERATION operation)
{
	bool was_built = mdl->MdlFlags & WD_MDL_BUILT;
	NTSTATUS status = wdmdma_wdm_probe_and_lock_pages(mdl, mode, operation);

	/* One report for one misuse */
	if (!NT_SUCCESS(status))
		wd_raise(status, was_built ? NULL : "MmProbeAndLockPages");
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_probe_and_lock_pages, WDMDMA);

static NTSTATUS wd_probe(const volatile void *va, SIZE_T bytes, ULONG alignment)
{
	if (!bytes)
		return STATUS_SUCCESS;
	if ((ULONG_PTR)va & (alignment - 1))
		return STATUS_DATATYPE_MISALIGNMENT;
	return access_ok((const void __user __force *)va, bytes) ? STATUS_SUCCESS :
								   STATUS_ACCESS_VIOLATION;
}

/**
 * wdmdma_probe_for_read() - is a range the process's, as far as addresses tell? (ProbeForRead)
 * @va: start of the range
 * @bytes: length; nothing is looked at for 0
 * @alignment: a power of two that @va must be a multiple of
 *
 * Nothing is read: what is not there shows when it is. Raises STATUS_DATATYPE_MISALIGNMENT or
 * STATUS_ACCESS_VIOLATION.
 *
 * Context: PASSIVE_LEVEL, in the process. DDI: ProbeForRead
 */
VOID wdmdma_probe_for_read(const volatile void *va, SIZE_T bytes, ULONG alignment)
{
	NTSTATUS status = wd_probe(va, bytes, alignment);

	if (status != STATUS_SUCCESS)
		wd_raise(status, "ProbeForRead");
}
EXPORT_SYMBOL_NS_GPL(wdmdma_probe_for_read, WDMDMA);

/**
 * wdmdma_probe_for_write() - can the process write a range? (ProbeForWrite)
 * @va: start of the range
 * @bytes: length; nothing is looked at for 0
 * @alignment: a power of two that @va must be a multiple of
 *
 * The pages are made present and writable, and their contents stay. Another thread can take them
 * away again at any time: only locking keeps them. Raises as ProbeForRead.
 *
 * Context: PASSIVE_LEVEL, in the process; sleeps. DDI: ProbeForWrite
 */
VOID wdmdma_probe_for_write(volatile void *va, SIZE_T bytes, ULONG alignment)
{
	NTSTATUS status = wd_probe(va, bytes, alignment);

	if (status == STATUS_SUCCESS && bytes &&
	    (!current->mm || !wd_irql_is_passive(NULL, "ProbeForWrite") ||
	     fault_in_safe_writeable((const char __user __force *)va, bytes)))
		status = STATUS_ACCESS_VIOLATION;
	if (status != STATUS_SUCCESS)
		wd_raise(status, "ProbeForWrite");
}
EXPORT_SYMBOL_NS_GPL(wdmdma_probe_for_write, WDMDMA);

/**
 * wdmdma_mm_unlock_pages() - undo MmProbeAndLockPages (MmUnlockPages)
 * @mdl: locked; no DMA mapping of it may be left
 *
 * Also undoes its system mapping. Pages locked for writing are marked as written. What must sleep,
 * to that end or for the mapping, is done later where sleeping is not certainly allowed; the MDL
 * can be freed or used again all the same.
 *
 * Context: <= DISPATCH_LEVEL, in any process. DDI: MmUnlockPages
 */
VOID wdmdma_mm_unlock_pages(PMDL mdl)
{
	struct wd_hold *hold;

	if (!wd_irql_is_dispatch(NULL, "MmUnlockPages"))
		return;
	hold = wd_hold_find(mdl);
	if (!(mdl->MdlFlags & MDL_PAGES_LOCKED) ||
	    mdl->MdlFlags & (MDL_SOURCE_IS_NONPAGED_POOL | MDL_PARTIAL) ||
	    (hold && hold->kind != WD_HOLD_PINNED)) {
		wd_report(WD_REPORT_NOT_LOCKED, NULL, "MmUnlockPages",
			  "the MDL was not locked by MmProbeAndLockPages, flags 0x%04X",
			  (USHORT)mdl->MdlFlags);
		return;
	}
	if (static_branch_unlikely(&wd_verifier_key))
		wd_check_mdl_unused(mdl, "MmUnlockPages");
	if (mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA)
		wd_mdl_unmap(mdl);
	mdl->MdlFlags &= ~(MDL_PAGES_LOCKED | MDL_IO_SPACE);
	if (hold)
		wd_hold_release(hold);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_unlock_pages, WDMDMA);

/**
 * wdmdma_mm_advance_mdl() - take bytes off the start of an MDL (MmAdvanceMdl)
 * @mdl: locked or built, and not mapped for DMA
 * @bytes: how many
 *
 * Pages that are no longer in it are unlocked, unless that must wait for MmUnlockPages because
 * sleeping is not certainly allowed here.
 *
 * Context: <= DISPATCH_LEVEL.
 * Return: STATUS_SUCCESS, or STATUS_INVALID_PARAMETER_2 when the MDL is shorter. DDI: MmAdvanceMdl
 */
NTSTATUS wdmdma_mm_advance_mdl(PMDL mdl, ULONG bytes)
{
	u64 offset = (u64)mdl->ByteOffset + bytes;
	u32 pages = wd_span_pages(mdl->ByteOffset, mdl->ByteCount);
	u32 passed = offset >> PAGE_SHIFT;
	PPFN_NUMBER pfns = MmGetMdlPfnArray(mdl);
	struct wd_hold *hold = NULL;

	if (bytes > mdl->ByteCount)
		return STATUS_INVALID_PARAMETER_2;
	if (mdl->MdlFlags & MDL_PAGES_LOCKED)
		hold = wd_hold_find(mdl);
	if (hold && passed)
		wd_hold_advance(hold, passed);

	memmove(pfns, pfns + passed, (pages - passed) * sizeof(*pfns));
	mdl->StartVa += (size_t)passed * PAGE_SIZE;
	mdl->ByteOffset = offset & ~PAGE_MASK;
	mdl->ByteCount -= bytes;
	/* A partial MDL has where it could be mapped there, even while it is not. */
	if (mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL | MDL_PARTIAL))
		mdl->MappedSystemVa += bytes;
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_advance_mdl, WDMDMA);
