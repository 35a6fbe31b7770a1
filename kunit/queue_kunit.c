// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order of requests: one FIFO per adapter for the channel and for lists, served by a loop and
 * never by recursion, from wherever something is released; and where no routine may run.
 */
#include <linux/bottom_half.h>
#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "fake_driver.h"
#include "fixture.h"

static NTSTATUS wk_allocate(PDMA_ADAPTER adapter, PDEVICE_OBJECT object, ULONG regs,
			    struct wk_call *call)
{
	return adapter->DmaOperations->AllocateAdapterChannel(adapter, object, regs, wk_control,
							      call);
}

static NTSTATUS wk_get_list(PDMA_ADAPTER adapter, PMDL mdl, struct wk_call *call)
{
	return adapter->DmaOperations->GetScatterGatherList(adapter, NULL, mdl,
				MmGetMdlVirtualAddress(mdl), MmGetMdlByteCount(mdl),
				wk_list_control, call, TRUE);
}

static void wk_put_list(struct wk_call *call)
{
	call->adapter->DmaOperations->PutScatterGatherList(call->adapter, call->list, TRUE);
}

static void wk_free_regs(PDMA_ADAPTER adapter, PVOID base, ULONG regs)
{
	adapter->DmaOperations->FreeMapRegisters(adapter, base, regs);
}

static void wk_free_channel(PDMA_ADAPTER adapter)
{
	adapter->DmaOperations->FreeAdapterChannel(adapter);
}

/* A request without device object that must succeed, now or later. */
static void wk_request(struct kunit *test, PDMA_ADAPTER adapter, ULONG regs, struct wk_call *call,
		       IO_ALLOCATION_ACTION action)
{
	wk_call_init(call, adapter, action);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, NULL, regs, call), STATUS_SUCCESS);
}

static struct wk_call *wk_alloc_calls(struct kunit *test, size_t count)
{
	struct wk_call *calls = kunit_kcalloc(test, count, sizeof(*calls), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, calls);
	wk_calls_reset();
	return calls;
}

static void wk_small_request_never_overtakes(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_limited_adapter(test, 2, SZ_64K, 8, NULL);
	struct wk_call *calls = wk_alloc_calls(test, 4);

	wk_request(test, adapter, 5, &calls[0], DeallocateObjectKeepRegisters);
	wk_request(test, adapter, 2, &calls[1], DeallocateObjectKeepRegisters);
	wk_request(test, adapter, 4, &calls[2], DeallocateObjectKeepRegisters);
	wk_request(test, adapter, 1, &calls[3], DeallocateObjectKeepRegisters);
	/* 1 register is free, 4 are wanted first */
	KUNIT_EXPECT_EQ(test, wk_calls(), 2);
	wk_free_regs(adapter, calls[1].base, 2);
	KUNIT_EXPECT_EQ_MSG(test, wk_calls(), 2, "3 registers are not 4");
	wk_free_regs(adapter, calls[0].base, 5);
	KUNIT_EXPECT_EQ(test, calls[2].order, 3);
	KUNIT_EXPECT_EQ(test, calls[3].order, 4);
	wk_free_regs(adapter, calls[2].base, 4);
	wk_free_regs(adapter, calls[3].base, 1);
}

static void wk_grants_in_the_order_of_requests(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	struct wk_call *calls = wk_alloc_calls(test, 10);
	DEVICE_OBJECT *objects = kunit_kcalloc(test, 10, sizeof(*objects), GFP_KERNEL);
	NTSTATUS status;
	int i;

	wk_request(test, adapter, 1, &calls[0], KeepObject);
	for (i = 1; i < 10; i++) {
		wk_call_init(&calls[i], adapter, DeallocateObject);
		status = wk_allocate(adapter, &objects[(i * 7) % 10], i % 4, &calls[i]);
		KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	}
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).waiting, 9);
	wk_free_channel(adapter);
	for (i = 1; i < 10; i++) {
		KUNIT_EXPECT_EQ(test, calls[i].count, 1);
		KUNIT_EXPECT_EQ(test, calls[i].order, i + 1);
		KUNIT_EXPECT_FALSE(test, calls[i].nested);
		KUNIT_EXPECT_TRUE(test, calls[i].bh_off);
		KUNIT_EXPECT_PTR_EQ(test, calls[i].device_object, &objects[(i * 7) % 10]);
	}
}

/* Decision 2: lists wait behind the owner of the channel, and in the same queue. */
static void wk_lists_and_channels_share_the_queue(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PDMA_ADAPTER adapter = wk_get_limited_adapter(test, 2, SZ_64K, 8, NULL);
	struct wk_call *calls = wk_alloc_calls(test, 5);
	PMDL mdl = wk_mdl(test, buffer, 0, 2 * PAGE_SIZE);

	wk_request(test, adapter, 6, &calls[0], KeepObject);
	wk_call_init(&calls[1], adapter, KeepObject);
	KUNIT_EXPECT_EQ(test, wk_get_list(adapter, mdl, &calls[1]), STATUS_SUCCESS);
	wk_request(test, adapter, 7, &calls[2], DeallocateObject);
	wk_call_init(&calls[3], adapter, KeepObject);
	KUNIT_EXPECT_EQ(test, wk_get_list(adapter, mdl, &calls[3]), STATUS_SUCCESS);
	wk_request(test, adapter, 0, &calls[4], DeallocateObject);
	KUNIT_EXPECT_EQ(test, wk_calls(), 1);

	wk_free_channel(adapter);
	KUNIT_EXPECT_EQ_MSG(test, wk_calls(), 2, "the list takes 2 registers, 6 of 7 are left");
	KUNIT_ASSERT_EQ(test, calls[1].order, 2);
	wk_put_list(&calls[1]);
	KUNIT_EXPECT_EQ(test, calls[2].order, 3);
	KUNIT_EXPECT_EQ(test, calls[3].order, 4);
	KUNIT_EXPECT_EQ(test, calls[4].order, 5);
	KUNIT_ASSERT_EQ(test, calls[3].count, 1);
	wk_put_list(&calls[3]);
}

/* Decisions 3 and 8: silently, for each adapter and device object. */
static void wk_second_wait_is_refused(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PDMA_ADAPTER sibling = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_call *calls = wk_alloc_calls(test, 7);
	DEVICE_OBJECT object = {}, other = {};
	int i;

	for (i = 0; i < 7; i++)
		wk_call_init(&calls[i], i < 5 ? adapter : sibling, KeepObject);
	/* Being the owner is not waiting. */
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, &object, 1, &calls[0]), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, &object, 1, &calls[1]), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, &object, 1, &calls[2]),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, &other, 1, &calls[3]), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, &other, 1, &calls[2]),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, wk_allocate(sibling, &object, 1, &calls[5]), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_allocate(sibling, &object, 1, &calls[6]), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).waiting, 2);
	KUNIT_EXPECT_EQ(test, wk_stats(test, sibling).waiting, 1);

	wk_free_channel(adapter);
	KUNIT_EXPECT_EQ(test, calls[1].count, 1);
	/* Its slot is free again; that of the one behind is not. */
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, &object, 1, &calls[4]), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, &other, 1, &calls[2]),
			STATUS_INSUFFICIENT_RESOURCES);
	for (i = 0; i < 3; i++)
		wk_free_channel(adapter);
	for (i = 0; i < 2; i++)
		wk_free_channel(sibling);
	KUNIT_EXPECT_EQ(test, calls[2].count, 0);
	KUNIT_EXPECT_LT(test, calls[3].order, calls[4].order);
	KUNIT_EXPECT_EQ(test, calls[6].count, 1);
}

struct wk_nest {
	struct wk_call inner;
	NTSTATUS status;
	unsigned int inside;	/* calls of the inner routine while the outer one ran */
};

static void wk_allocate_inside(struct wk_call *call)
{
	struct wk_nest *nest = call->data;

	nest->status = wk_allocate(call->adapter, call->device_object, 2, &nest->inner);
	nest->inside = nest->inner.count;
}

static void wk_nested_request_runs_afterwards(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_world *world = test->priv;
	struct wk_nest nest;
	struct wk_call outer;

	wk_calls_reset();
	wk_call_init(&nest.inner, adapter, DeallocateObject);
	wk_call_init(&outer, adapter, DeallocateObject);
	outer.inside = wk_allocate_inside;
	outer.data = &nest;
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, world->object, 1, &outer), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nest.status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nest.inside, 0);
	KUNIT_EXPECT_EQ(test, nest.inner.count, 1);
	KUNIT_EXPECT_EQ(test, nest.inner.order, 2);
	KUNIT_EXPECT_FALSE(test, nest.inner.nested);

	/* It waits like any other when the outer routine keeps the channel. */
	outer.action = KeepObject;
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, world->object, 1, &outer), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nest.inner.count, 1);
	wk_free_channel(adapter);
	KUNIT_EXPECT_EQ(test, nest.inner.count, 2);
}

#define WK_MANY	10000

struct wk_many {
	unsigned int nested;
	unsigned long lowest, highest;	/* stack addresses seen */
	unsigned int next;		/* context number of the next in order */
	unsigned int disordered;
	struct completion done;
};

struct wk_one {
	struct wk_many *many;
	PDMA_ADAPTER adapter;
	unsigned int number;
};

static unsigned int wk_many_depth;

static IO_ALLOCATION_ACTION wk_many_control(PDEVICE_OBJECT object, PIRP irp, PVOID base,
					    PVOID context)
{
	struct wk_one *one = context;
	struct wk_many *many = one->many;
	unsigned long here = (unsigned long)__builtin_frame_address(0);
	IO_ALLOCATION_ACTION action = DeallocateObjectKeepRegisters;

	many->nested += !!wk_many_depth++;
	many->disordered += one->number != many->next++;
	/* After so many routines a tasklet takes over, which has another stack. */
	if (in_task()) {
		many->lowest = min(many->lowest, here);
		many->highest = max(many->highest, here);
	}
	if (many->next == WK_MANY)
		complete(&many->done);
	/* That is all the next one waits for. Should it recurse, the stack is spared. */
	if (wk_many_depth > 4)
		action = DeallocateObject;
	else if (one->number % 2)
		wk_free_regs(one->adapter, base, 2);
	else
		wk_free_channel(one->adapter);
	wk_many_depth--;
	return action;
}

static void wk_long_queue_does_not_recurse(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_limited_adapter(test, 2, SZ_64K, 2, NULL);
	PDMA_OPERATIONS ops = adapter->DmaOperations;
	struct wk_one *ones = kvcalloc(WK_MANY, sizeof(*ones), GFP_KERNEL);
	struct wk_many many = { .lowest = ULONG_MAX };
	unsigned int i, failed = 0;
	struct wk_call first;

	KUNIT_ASSERT_NOT_NULL(test, ones);
	wk_many_depth = 0;
	init_completion(&many.done);
	wk_request(test, adapter, 2, &first, DeallocateObjectKeepRegisters);
	for (i = 0; i < WK_MANY; i++) {
		ones[i] = (struct wk_one){ &many, adapter, i };
		failed += ops->AllocateAdapterChannel(adapter, NULL, 2, wk_many_control,
						      &ones[i]) != STATUS_SUCCESS;
	}
	KUNIT_EXPECT_EQ(test, failed + many.next, 0);
	wk_free_regs(adapter, first.base, 2);
	KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&many.done, 10 * HZ), 0);
	KUNIT_EXPECT_EQ(test, many.next, WK_MANY);
	KUNIT_EXPECT_EQ(test, many.nested, 0);
	KUNIT_EXPECT_EQ(test, many.disordered, 0);
	KUNIT_EXPECT_EQ_MSG(test, many.lowest, many.highest, "the stack grows");
	kvfree(ones);
}

static void wk_free_older_set(struct wk_call *call)
{
	struct wk_call *older = call->data;

	wk_free_regs(call->adapter, older->base, 6);
	/* What it frees is for whoever is next, but only after this routine. */
	call->data = (void *)(unsigned long)wk_calls();
}

static void wk_free_inside_a_routine_wakes_later(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_limited_adapter(test, 2, SZ_64K, 8, NULL);
	struct wk_call *calls = wk_alloc_calls(test, 4);

	wk_request(test, adapter, 6, &calls[0], DeallocateObjectKeepRegisters);
	wk_request(test, adapter, 2, &calls[1], KeepObject);
	wk_call_init(&calls[2], adapter, DeallocateObjectKeepRegisters);
	calls[2].inside = wk_free_older_set;
	calls[2].data = &calls[0];
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, NULL, 2, &calls[2]), STATUS_SUCCESS);
	wk_request(test, adapter, 6, &calls[3], DeallocateObject);
	wk_free_channel(adapter);
	KUNIT_EXPECT_EQ(test, (unsigned long)calls[2].data, 3);
	KUNIT_EXPECT_EQ(test, calls[3].order, 4);
	KUNIT_EXPECT_FALSE(test, calls[3].nested);
	wk_free_regs(adapter, calls[2].base, 2);
}

static void wk_expect_soft_call(struct kunit *test, struct wk_call *call)
{
	KUNIT_EXPECT_NE_MSG(test, wait_for_completion_timeout(&call->done, HZ), 0,
			    "the routine never ran");
	KUNIT_EXPECT_EQ(test, call->count, 1);
	KUNIT_EXPECT_TRUE(test, call->bh_off);
	KUNIT_EXPECT_FALSE(test, call->in_task);
}

/* Decision 5: no routine runs with interrupts off; a tasklet runs it soon. */
static void wk_interrupts_off_defers_the_routine(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_call *calls = wk_alloc_calls(test, 2);
	NTSTATUS status[2];
	unsigned long flags;
	unsigned int early;
	int i;

	for (i = 0; i < 2; i++)
		wk_call_init(&calls[i], adapter, KeepObject);
	local_irq_save(flags);
	status[0] = wk_allocate(adapter, NULL, 1, &calls[0]);
	status[1] = wk_allocate(adapter, NULL, 1, &calls[1]);
	early = wk_calls();
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, status[0], STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, status[1], STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, early, 0);
	wk_expect_soft_call(test, &calls[0]);
	KUNIT_EXPECT_EQ(test, calls[1].count, 0);

	local_irq_save(flags);
	wk_free_channel(adapter);
	early = wk_calls();
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, early, 1);
	wk_expect_soft_call(test, &calls[1]);
	wk_free_channel(adapter);
}

static void wk_interrupts_off_wakes_waiters_of_registers(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_limited_adapter(test, 2, SZ_64K, 2, NULL);
	struct wk_call *calls = wk_alloc_calls(test, 2);
	unsigned long flags;
	unsigned int early;

	wk_request(test, adapter, 2, &calls[0], DeallocateObjectKeepRegisters);
	wk_request(test, adapter, 1, &calls[1], DeallocateObject);
	local_irq_save(flags);
	wk_free_regs(adapter, calls[0].base, 2);
	early = wk_calls();
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, early, 1);
	wk_expect_soft_call(test, &calls[1]);
}

static void wk_put_with_interrupts_off(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_call *calls = wk_alloc_calls(test, 1);
	unsigned long flags;
	NTSTATUS status;

	wk_call_init(&calls[0], adapter, KeepObject);
	local_irq_save(flags);
	status = wk_allocate(adapter, NULL, 1, &calls[0]);
	wk_put_adapter(test, adapter);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	/* The tasklet that would have served it finds the adapter dead. */
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&calls[0].done, HZ / 20), 0);
}

/* Only a built list waits when it cannot be mapped at once: Get can say that it failed. */
static NTSTATUS wk_build_list(PDMA_ADAPTER adapter, PMDL mdl, struct wk_call *call, void *memory)
{
	return adapter->DmaOperations->BuildScatterGatherList(adapter, NULL, mdl,
				MmGetMdlVirtualAddress(mdl), MmGetMdlByteCount(mdl),
				wk_list_control, call, TRUE, memory, PAGE_SIZE);
}

/* A list that cannot be mapped now is tried again, and nobody passes it. */
static void wk_starved_list_keeps_its_place(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, 2 * PAGE_SIZE);
	void *memory = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct wk_call *calls = wk_alloc_calls(test, 2);
	struct wdmdma_adapter_stats stats;
	unsigned int early;
	NTSTATUS status;

	KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(adapter, 3), 0);
	wk_call_init(&calls[0], adapter, KeepObject);
	wk_call_init(&calls[1], adapter, DeallocateObject);
	local_bh_disable();	/* keeps the retry away */
	status = wk_build_list(adapter, mdl, &calls[0], memory);
	wk_allocate(adapter, NULL, 1, &calls[1]);
	wdmdma_get_adapter_stats(adapter, &stats);
	early = wk_calls();
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, stats.waiting, 2);
	KUNIT_EXPECT_EQ(test, early, 0);
	KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&calls[1].done, HZ), 0);
	KUNIT_EXPECT_EQ(test, calls[0].order, 1);
	KUNIT_EXPECT_EQ(test, calls[1].order, 2);
	if (calls[0].count)
		wk_put_list(&calls[0]);
}

/*
 * What is released may be what a starved list lacks, so it is tried before its time: inside
 * FreeMapRegisters; after a flush, in which no routine may run, from a tasklet.
 */
static void wk_release_serves_a_starved_list(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PDMA_OPERATIONS ops = adapter->DmaOperations;
	PMDL mdl = wk_mdl(test, buffer, 0, 2 * PAGE_SIZE);
	void *memory = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct wk_call *calls = wk_alloc_calls(test, 3);
	ULONG bytes = PAGE_SIZE;
	int i;

	wk_request(test, adapter, 1, &calls[2], DeallocateObjectKeepRegisters);
	ops->MapTransfer(adapter, mdl, calls[2].base, buffer->va, &bytes, TRUE);
	for (i = 0; i < 2; i++) {
		unsigned int early, inside;

		wk_call_init(&calls[i], adapter, KeepObject);
		KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(adapter, 1), 0);
		local_bh_disable();
		wk_build_list(adapter, mdl, &calls[i], memory);
		early = calls[i].count;
		if (i)
			wk_free_regs(adapter, calls[2].base, 1);
		else
			ops->FlushAdapterBuffers(adapter, mdl, calls[2].base, buffer->va, bytes,
						 TRUE);
		inside = calls[i].count;
		local_bh_enable();
		KUNIT_EXPECT_EQ(test, early, 0);
		KUNIT_EXPECT_EQ(test, inside, i);
		KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&calls[i].done, HZ), 0);
		/* A work item would have come later. */
		KUNIT_EXPECT_EQ(test, calls[i].in_task, i);
		wk_put_list(&calls[i]);
	}
}

static void wk_put_forgets_a_starved_list(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, 2 * PAGE_SIZE);
	void *memory = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct wk_call *calls = wk_alloc_calls(test, 1);

	KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(adapter, 1000), 0);
	wk_call_init(&calls[0], adapter, KeepObject);
	KUNIT_EXPECT_EQ(test, wk_build_list(adapter, mdl, &calls[0], memory), STATUS_SUCCESS);
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);	/* that was promised to run */
	wk_put_adapter(test, adapter);
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&calls[0].done, HZ / 20), 0);
}

static void wk_put_forgets_mixed_waiters(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PDMA_ADAPTER adapter = wk_get_limited_adapter(test, 2, SZ_64K, 2, NULL);
	struct wk_call *calls = wk_alloc_calls(test, 3);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);

	wk_request(test, adapter, 2, &calls[0], DeallocateObjectKeepRegisters);
	wk_call_init(&calls[1], adapter, KeepObject);
	KUNIT_EXPECT_EQ(test, wk_get_list(adapter, mdl, &calls[1]), STATUS_SUCCESS);
	wk_request(test, adapter, 1, &calls[2], KeepObject);
	/* Neither was promised to run, so neither is missed. */
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	wk_put_adapter(test, adapter);
	KUNIT_EXPECT_EQ(test, wk_calls(), 1);
}

struct wk_interrupt {
	struct hrtimer timer;
	PDMA_ADAPTER adapter;
	PVOID base;
	PMDL mdl;
	struct wk_call call;
	struct completion done;
	/* recorded */
	bool hard;
	NTSTATUS status;
	u64 address;
	ULONG bytes;
	BOOLEAN flushed;
};

static enum hrtimer_restart wk_interrupt(struct hrtimer *timer)
{
	struct wk_interrupt *irq = container_of(timer, struct wk_interrupt, timer);
	PDMA_ADAPTER adapter = irq->adapter;

	irq->hard = in_hardirq();
	irq->status = wk_allocate(adapter, NULL, 1, &irq->call);
	irq->address = adapter->DmaOperations->MapTransfer(adapter, irq->mdl, irq->base,
					MmGetMdlVirtualAddress(irq->mdl), &irq->bytes,
					TRUE).QuadPart;
	irq->flushed = adapter->DmaOperations->FlushAdapterBuffers(adapter, irq->mdl, irq->base,
					MmGetMdlVirtualAddress(irq->mdl), 1, TRUE);
	wk_free_regs(adapter, irq->base, 1);
	wk_free_channel(adapter);
	adapter->DmaOperations->PutDmaAdapter(adapter);
	complete(&irq->done);
	return HRTIMER_NORESTART;
}

/* Decision 5: a DISPATCH_LEVEL routine does nothing in a hard interrupt but report. */
static void wk_hard_interrupt_is_refused(struct kunit *test)
{
	struct wk_interrupt *irq = kunit_kzalloc(test, sizeof(*irq), GFP_KERNEL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_call owner;

	wk_request(test, adapter, 1, &owner, KeepObject);
	irq->adapter = adapter;
	irq->base = owner.base;
	irq->mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	irq->bytes = PAGE_SIZE;
	wk_call_init(&irq->call, adapter, DeallocateObject);
	init_completion(&irq->done);
	wk_expect_report(test, WD_REPORT_IRQL, 6);
	hrtimer_init(&irq->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	irq->timer.function = wk_interrupt;
	hrtimer_start(&irq->timer, ms_to_ktime(1), HRTIMER_MODE_REL_HARD);
	wait_for_completion(&irq->done);
	hrtimer_cancel(&irq->timer);

	KUNIT_EXPECT_TRUE(test, irq->hard);
	KUNIT_EXPECT_FALSE(test, NT_SUCCESS(irq->status));
	KUNIT_EXPECT_EQ(test, irq->call.count, 0);
	KUNIT_EXPECT_EQ(test, irq->address, -1ULL);
	KUNIT_EXPECT_EQ(test, irq->bytes, 0);
	KUNIT_EXPECT_FALSE(test, irq->flushed);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).sets_live, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).waiting, 0);
	wk_free_channel(adapter);
}

static struct kunit_case wk_queue_cases[] = {
	KUNIT_CASE(wk_small_request_never_overtakes),
	KUNIT_CASE(wk_grants_in_the_order_of_requests),
	KUNIT_CASE(wk_lists_and_channels_share_the_queue),
	KUNIT_CASE(wk_second_wait_is_refused),
	KUNIT_CASE(wk_nested_request_runs_afterwards),
	KUNIT_CASE(wk_long_queue_does_not_recurse),
	KUNIT_CASE(wk_free_inside_a_routine_wakes_later),
	KUNIT_CASE(wk_interrupts_off_defers_the_routine),
	KUNIT_CASE(wk_interrupts_off_wakes_waiters_of_registers),
	KUNIT_CASE(wk_put_with_interrupts_off),
	KUNIT_CASE(wk_starved_list_keeps_its_place),
	KUNIT_CASE(wk_release_serves_a_starved_list),
	KUNIT_CASE(wk_put_forgets_a_starved_list),
	KUNIT_CASE(wk_put_forgets_mixed_waiters),
	KUNIT_CASE(wk_hard_interrupt_is_refused),
	{}
};

static struct kunit_suite wk_queue_suite = {
	.name = "wdmdma_queue",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_queue_cases,
};

kunit_test_suite(wk_queue_suite);
