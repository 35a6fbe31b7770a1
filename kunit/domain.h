/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites of DMA domains share: two devices. The first is the test's; the second is another
 * edu device behind the IOMMU where there is one, else another platform device.
 */
#ifndef WDMDMA_KUNIT_DOMAIN_H
#define WDMDMA_KUNIT_DOMAIN_H

#include "v3.h"

struct wk_pair {
	struct kunit *test;
	struct wk_v3 a;			/* of the test's device */
	struct wk_v3 b;			/* of the other */
	struct device *dev_a, *dev_b;
	PDEVICE_OBJECT object_b;
	HANDLE domain;			/* a's own */
};

/* Adapters of 64 bits; b's goes @way. */
struct wk_pair wk_pair(struct kunit *test, enum wk_way way);
/* Another adapter of b's device; may be NULL */
PDMA_ADAPTER wk_pair_adapter(struct wk_pair *pair, DEVICE_DESCRIPTION description, ULONG *regs);
/* Puts b and gives its device back. */
void wk_pair_end(struct wk_pair *pair);

NTSTATUS wk_join(const struct wk_v3 *v3, HANDLE domain);
NTSTATUS wk_leave(const struct wk_v3 *v3);
HANDLE wk_domain(const struct wk_v3 *v3);

#endif
