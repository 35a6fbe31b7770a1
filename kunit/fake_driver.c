// SPDX-License-Identifier: GPL-2.0-only
/*
 * Routines that record (fake_driver.h). Tests run one at a time and UML has one processor, but
 * routines are also called from a tasklet and a work item: hence the atomics.
 */
#include <linux/atomic.h>
#include <linux/preempt.h>

#include "fake_driver.h"

static atomic_t wk_order;
static atomic_t wk_depth;

void wk_calls_reset(void)
{
	atomic_set(&wk_order, 0);
}

unsigned int wk_calls(void)
{
	return atomic_read(&wk_order);
}

void wk_call_init(struct wk_call *call, PDMA_ADAPTER adapter, IO_ALLOCATION_ACTION action)
{
	*call = (struct wk_call){ .action = action, .adapter = adapter };
	init_completion(&call->done);
}

static void wk_record(struct wk_call *call, PDEVICE_OBJECT device_object, PIRP irp)
{
	call->count++;
	call->order = atomic_inc_return(&wk_order);
	call->device_object = device_object;
	call->irp = irp;
	call->bh_off = in_softirq();
	call->in_task = in_task();
	call->nested = atomic_read(&wk_depth);
}

IO_ALLOCATION_ACTION wk_control(PDEVICE_OBJECT device_object, PIRP irp, PVOID base, PVOID context)
{
	struct wk_call *call = context;
	IO_ALLOCATION_ACTION action = call->action;

	wk_record(call, device_object, irp);
	call->base = base;
	atomic_inc(&wk_depth);
	if (call->inside)
		call->inside(call);
	atomic_dec(&wk_depth);
	complete(&call->done);
	return action;
}

VOID wk_list_control(PDEVICE_OBJECT device_object, PIRP irp, PSCATTER_GATHER_LIST list,
		     PVOID context)
{
	struct wk_call *call = context;

	wk_record(call, device_object, irp);
	call->list = list;
	atomic_inc(&wk_depth);
	if (call->inside)
		call->inside(call);
	atomic_dec(&wk_depth);
	complete(&call->done);
}
