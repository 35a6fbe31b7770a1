/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Windows side of a test: routines that record what they were called with. The routine's
 * Context is a struct wk_call; the test judges what it recorded.
 */
#ifndef WDMDMA_KUNIT_FAKE_DRIVER_H
#define WDMDMA_KUNIT_FAKE_DRIVER_H

#include <linux/completion.h>
#include <linux/types.h>

#include <wdmdma/types.h>
#include <wdmdma/io.h>
#include <wdmdma/dma.h>

struct wk_call {
	/* set by the test */
	IO_ALLOCATION_ACTION action;		/* what wk_control() returns */
	void (*inside)(struct wk_call *call);	/* called after recording; optional */
	void *data;				/* for @inside */
	PDMA_ADAPTER adapter;			/* for @inside */

	/* recorded */
	unsigned int count;			/* times the routine was called */
	unsigned int order;			/* number of this call among all of this test */
	PDEVICE_OBJECT device_object;
	PIRP irp;
	PVOID base;				/* wk_control() */
	PSCATTER_GATHER_LIST list;		/* wk_list_control() */
	bool bh_off;
	bool in_task;
	bool nested;				/* called while another routine was running */
	struct completion done;			/* completed by each call */
};

/* Resets the order; every test that records starts with it. */
void wk_calls_reset(void);
/* Number of routines called since then. */
unsigned int wk_calls(void);
void wk_call_init(struct wk_call *call, PDMA_ADAPTER adapter, IO_ALLOCATION_ACTION action);

IO_ALLOCATION_ACTION wk_control(PDEVICE_OBJECT device_object, PIRP irp, PVOID base, PVOID context);
VOID wk_list_control(PDEVICE_OBJECT device_object, PIRP irp, PSCATTER_GATHER_LIST list,
		     PVOID context);

#endif
