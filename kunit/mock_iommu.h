/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An IOMMU on public headers only, for a machine that has none: its page tables really translate,
 * as the device of a test reads and writes memory through wk_mmu_access() alone. Devices are not
 * translated until they are attached to a domain.
 *
 * Where there is a real one (the edu device behind VT-d) wk_mmu_access() goes by that one's tables;
 * permissions and injected failures are the mock's.
 */
#ifndef WDMDMA_KUNIT_MOCK_IOMMU_H
#define WDMDMA_KUNIT_MOCK_IOMMU_H

#include <linux/types.h>

#include "fixture.h"

struct wk_mock_iommu {
	bool is_there;			/* else the machine has one of its own */
	/* set by tests, for what comes next */
	bool fail_attach;		/* -EBUSY */
	bool ready_late;		/* a domain has addresses only once it is attached */
	int fail_map_after;		/* so many pages are mapped, then -ENOMEM; < 0: never */
	u64 fail_unmap_at;		/* the page of this address is not unmapped; 0: none */
	/* a firmware's region of the devices that come; 0 bytes: none */
	u64 direct_start, direct_bytes;
	/* what happened */
	unsigned int nr_faults;
	u64 fault_address;
	bool fault_was_write;
	unsigned int nr_domains;	/* that live */
	unsigned int nr_pages;		/* that are mapped */
};

extern struct wk_mock_iommu wk_mock_iommu;

/* Suites whose devices are to be behind an IOMMU begin and end with these. */
int wk_mmu_suite_init(struct kunit_suite *suite);
void wk_mmu_suite_exit(struct kunit_suite *suite);

/* The device reads or writes memory. False is a fault; bytes of pages before it have been moved. */
bool wk_mmu_access(struct device *dev, u64 address, void *bytes, size_t count, bool write);

#endif
