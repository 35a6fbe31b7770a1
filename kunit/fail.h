/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls whose allocations fail. The kernel's fault injection counts the allocations of this thread.
 * Those of the debugging aids (KASAN's stacks, kmemleak's records) count as well; the aids can do
 * without.
 */
#ifndef WDMDMA_KUNIT_FAIL_H
#define WDMDMA_KUNIT_FAIL_H

#include "bounce.h"

/* Suites that inject failures: the kernel's settings are changed, and restored. */
int wk_fail_suite_init(struct kunit_suite *suite);
void wk_fail_suite_exit(struct kunit_suite *suite);

struct wk_fail {
	struct kunit *test;
	struct wk_bounce bounce;	/* the adapter */
	bool bh_off;
	struct wk_buffer *buffer;
	PMDL mdl;
	PVOID base;
	PSCATTER_GATHER_LIST list;
	u8 *memory;
	struct wk_call *control_context;	/* NULL: @call */
	u8 context[DMA_TRANSFER_CONTEXT_SIZE_V1];
	ULONG flags;			/* of a request of version 3 */

	/* results of a call */
	struct wk_call call;
	NTSTATUS status;
	ULONG bytes;
	u64 address;
	PMDL shadow;
	PVOID va;
	PHYSICAL_ADDRESS logical;
	PDMA_ADAPTER adapter;
	PDEVICE_OBJECT object;
	struct platform_device *pdev;
	DEVICE_DESCRIPTION description;
};

typedef void wk_fail_call(struct wk_fail *fail);
/* Looks at the results of a call, undoes them, and says whether it succeeded. */
typedef bool wk_fail_judge(struct wk_fail *fail);

/* Makes a call whose allocation number @nth fails; 0: none does. Was there one? */
bool wk_inject(struct wk_fail *fail, wk_fail_call *call, unsigned int nth);
/* Fails every allocation of a call in turn, until @least of them have made the call fail. */
void wk_sweep(struct wk_fail *fail, wk_fail_call *call, wk_fail_judge *judge, unsigned int least);
/* A call that must work without memory. @prepare may be NULL. */
void wk_expect_no_allocation(struct wk_fail *fail, wk_fail_call *prepare, wk_fail_call *call,
			     const char *name);

#endif
