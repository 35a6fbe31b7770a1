// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults that an IOMMU tells of (code 0x26), for domains of the IOMMU interface: those of other
 * domains are the kernel's, and in the log of its IOMMU driver alone. What the address was is found
 * out from the table of pages and from what was mapped and unmapped lately.
 *
 * Parameter 2 of the report is the DEVICE_OBJECT, 3 the address, 4 how the device came to it:
 * 0 reading, 1 writing what is not mapped, 2 and 3 the same where the mapping does not allow it.
 *
 * An IOMMU driver tells in an interrupt, so a work item does all of this.
 */
#include <linux/device.h>
#include <linux/kfifo.h>

#include "internal.h"
#include "mmu.h"
#include "verifier.h"

#define WD_SEEN_FAULTS	16	/* a power of 2; more at once are lost */
#define WD_SEEN_RANGES	256	/* ... */

struct wd_seen_fault {
	struct wd_mmu_domain *domain;	/* its handle only */
	struct device *dev;		/* referenced */
	u64 address;
	bool is_write;
};

/* Pages that were mapped or unmapped */
struct wd_seen_range {
	const struct wd_mmu_domain *domain;	/* identity only; NULL: unused */
	u64 first, pages;
	u32 stack;
	bool is_mapped;
};

static DEFINE_SPINLOCK(wd_seen_lock);
static DEFINE_KFIFO(wd_seen_faults, struct wd_seen_fault, WD_SEEN_FAULTS);	/* wd_seen_lock */
static struct wd_seen_range wd_seen_ranges[WD_SEEN_RANGES];			/* wd_seen_lock */
static u32 wd_seen_next;							/* wd_seen_lock */

static void wd_seen_work_fn(struct work_struct *work);
static DECLARE_WORK(wd_seen_work, wd_seen_work_fn);

/**
 * wd_fault_domain_begin() - decide whether the use of a new domain is verified
 * @domain: not published
 *
 * Context: Process, may sleep.
 */
void wd_fault_domain_begin(struct wd_mmu_domain *domain)
{
	domain->is_verified = wd_verifier_level();
	if (domain->is_verified)
		static_branch_inc(&wd_verifier_key);
}

/**
 * wd_fault_domain_end() - undo wd_fault_domain_begin()
 * @domain: nobody uses it any more
 *
 * Context: Process, may sleep.
 */
void wd_fault_domain_end(struct wd_mmu_domain *domain)
{
	struct wd_seen_range *range = wd_seen_ranges;
	unsigned long flags;

	if (!domain->is_verified)
		return;
	static_branch_dec(&wd_verifier_key);
	/* Another domain may be where it was. */
	spin_lock_irqsave(&wd_seen_lock, flags);
	for (; range < wd_seen_ranges + WD_SEEN_RANGES; range++)
		if (range->domain == domain)
			range->domain = NULL;
	spin_unlock_irqrestore(&wd_seen_lock, flags);
}

/**
 * wd_fault_note_range() - remember that pages were mapped or unmapped
 * @domain: verified
 * @first: number of the first page
 * @pages: how many
 * @is_mapped: which of the two
 *
 * Context: Any.
 */
void wd_fault_note_range(const struct wd_mmu_domain *domain, u64 first, u64 pages, bool is_mapped)
{
	struct wd_seen_range range = {
		.domain = domain,
		.first = first,
		.pages = pages,
		.stack = wd_stack_save(),
		.is_mapped = is_mapped,
	};
	unsigned long flags;

	spin_lock_irqsave(&wd_seen_lock, flags);
	wd_seen_ranges[wd_seen_next++ % WD_SEEN_RANGES] = range;
	spin_unlock_irqrestore(&wd_seen_lock, flags);
}

/**
 * wd_fault_note_fault() - remember a fault, to be reported soon
 * @domain: verified
 * @dev: whose it was
 * @address: the device's
 * @is_write: it was writing
 *
 * Context: Any.
 */
void wd_fault_note_fault(struct wd_mmu_domain *domain, struct device *dev, u64 address,
			 bool is_write)
{
	struct wd_seen_fault fault = {
		.domain = domain,
		.dev = dev,
		.address = address,
		.is_write = is_write,
	};
	unsigned long flags;

	spin_lock_irqsave(&wd_seen_lock, flags);
	if (!kfifo_is_full(&wd_seen_faults)) {
		get_device(dev);
		kfifo_put(&wd_seen_faults, fault);
	}
	spin_unlock_irqrestore(&wd_seen_lock, flags);
	queue_work(wd_workqueue, &wd_seen_work);
}

/* The newest range of a domain that has the page, mapped or unmapped; NULL: none is known. */
static const struct wd_seen_range *wd_seen_find(const struct wd_mmu_domain *domain, u64 page,
						bool is_mapped)
{
	const struct wd_seen_range *range;
	u32 i;

	lockdep_assert_held(&wd_seen_lock);
	for (i = 1; i <= WD_SEEN_RANGES; i++) {
		range = &wd_seen_ranges[(wd_seen_next - i) % WD_SEEN_RANGES];
		if (range->domain == domain && range->is_mapped == is_mapped &&
		    page >= range->first && page - range->first < range->pages)
			return range;
	}
	return NULL;
}

static void wd_seen_name(const struct wd_mmu_domain *domain, u64 page, bool is_mapped,
			 struct wd_violation *violation)
{
	const struct wd_seen_range *mapped, *unmapped = NULL;
	unsigned long flags;

	spin_lock_irqsave(&wd_seen_lock, flags);
	mapped = wd_seen_find(domain, page, true);
	if (!is_mapped)
		unmapped = wd_seen_find(domain, page, false);
	if (mapped || unmapped) {
		violation->kind = "logical range";
		violation->object = (void *)(uintptr_t)((mapped ? : unmapped)->first << PAGE_SHIFT);
	}
	if (mapped)
		violation->stack = mapped->stack;
	if (unmapped)
		violation->freed = unmapped->stack;
	spin_unlock_irqrestore(&wd_seen_lock, flags);
}

static void wd_seen_report(struct wd_mmu_domain *domain, const struct wd_seen_fault *fault)
{
	const u64 page = fault->address >> PAGE_SHIFT;
	const char *what = "nothing was mapped there";
	struct wd_violation violation = {
		.code = WD_REPORT_IOMMU_FAULT,
		.routine = "IOMMU",
		.dev = fault->dev,
	};
	DEVICE_OBJECT *object = NULL;
	struct wd_device *wdev;
	bool is_mapped;

	lockdep_assert_held(&wd_mmu_mutex);
	list_for_each_entry(wdev, &domain->devices, mmu_node)
		if (wdev->dev == fault->dev)
			object = &wdev->object;
	is_mapped = xa_load(&domain->pages, page);
	violation.params[0] = (struct wd_param)WD_PARAM(object);
	violation.params[1].value = fault->address;
	violation.params[2].value = (is_mapped ? 2 : 0) + fault->is_write;
	wd_seen_name(domain, page, is_mapped, &violation);
	if (is_mapped) {
		what = "it is mapped, but not for that";
	} else if (violation.object) {
		what = "it was unmapped before";
	} else if (page && xa_load(&domain->pages, page - 1)) {
		what = "that is behind what is mapped";
		wd_seen_name(domain, page - 1, true, &violation);
	} else if (xa_load(&domain->pages, page + 1)) {
		what = "that is before what is mapped";
		wd_seen_name(domain, page + 1, true, &violation);
	}
	wd_violate(&violation, "the device was %s %#llx: %s",
		   fault->is_write ? "writing" : "reading", fault->address, what);
}

static void wd_seen_work_fn(struct work_struct *work)
{
	struct wd_mmu_domain *domain;
	struct wd_seen_fault fault;

	while (kfifo_out_spinlocked(&wd_seen_faults, &fault, 1, &wd_seen_lock)) {
		mutex_lock(&wd_mmu_mutex);
		domain = wd_mmu_find_domain((PIOMMU_DMA_DOMAIN)fault.domain);
		if (domain && wd_verifier_selects(fault.dev))
			wd_seen_report(domain, &fault);
		mutex_unlock(&wd_mmu_mutex);
		put_device(fault.dev);
	}
}
