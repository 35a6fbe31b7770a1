// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scatter/gather lists that wait: for registers of a small pool, for the channel, for a mapping
 * that failed, for interrupts to be on, for the routine that asked. Most tests use a pool of four
 * registers and MDLs of one, two or four pages.
 */
#include <linux/bottom_half.h>
#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "fake_driver.h"
#include "fixture.h"

#define WK_POOL		4
#define WK_LIST_BYTES	SZ_1K
#define WK_PATIENCE	(5 * HZ)

struct wk_pool {
	PDMA_ADAPTER adapter;
	const DMA_OPERATIONS *ops;
	PDEVICE_OBJECT object;
	struct wk_buffer *buffer;
	PMDL mdl[WK_POOL + 1];	/* by number of pages; 0 unused */
};

static struct wk_pool wk_pool(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wk_pool pool = {
		.adapter = wk_get_limited_adapter(test, 2, SZ_64K, WK_POOL, NULL),
		.object = world->object,
		.buffer = wk_alloc_scattered(test, WK_POOL + 1),
	};
	unsigned int i;

	pool.ops = pool.adapter->DmaOperations;
	for (i = 1; i <= WK_POOL; i++)
		pool.mdl[i] = wk_mdl(test, pool.buffer, 0, i * PAGE_SIZE);
	wk_calls_reset();
	return pool;
}

static NTSTATUS wk_get_again(struct wk_pool *pool, PMDL mdl, struct wk_call *call)
{
	return pool->ops->GetScatterGatherList(pool->adapter, pool->object, mdl,
			MmGetMdlVirtualAddress(mdl), MmGetMdlByteCount(mdl), wk_list_control, call,
			TRUE);
}

static NTSTATUS wk_get(struct wk_pool *pool, PMDL mdl, struct wk_call *call)
{
	wk_call_init(call, pool->adapter, KeepObject);
	return wk_get_again(pool, mdl, call);
}

static NTSTATUS wk_build(struct wk_pool *pool, PMDL mdl, struct wk_call *call, void *buffer)
{
	wk_call_init(call, pool->adapter, KeepObject);
	return pool->ops->BuildScatterGatherList(pool->adapter, pool->object, mdl,
			MmGetMdlVirtualAddress(mdl), MmGetMdlByteCount(mdl), wk_list_control, call,
			TRUE, buffer, WK_LIST_BYTES);
}

static void wk_put(struct wk_pool *pool, struct wk_call *call)
{
	pool->ops->PutScatterGatherList(pool->adapter, call->list, TRUE);
}

static void wk_fifo_order(struct kunit *test)
{
	struct wk_pool pool = wk_pool(test);
	struct wk_call first, second, large, small, late;

	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[2], &first), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[1], &second), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, first.count, 1);
	KUNIT_EXPECT_EQ(test, second.count, 1);

	/* One register is left, but nobody overtakes the head. */
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[4], &large), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[1], &small), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[1], &late), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_calls(), 2);
	KUNIT_EXPECT_EQ(test, wk_stats(test, pool.adapter).waiting, 3);

	wk_put(&pool, &first);
	KUNIT_EXPECT_EQ(test, wk_calls(), 2);
	wk_put(&pool, &second);
	KUNIT_EXPECT_EQ(test, large.order, 3);
	KUNIT_EXPECT_EQ(test, wk_calls(), 3);
	wk_put(&pool, &large);
	/* Both fit now and are called one after the other by the same Put. */
	KUNIT_EXPECT_EQ(test, small.order, 4);
	KUNIT_EXPECT_EQ(test, late.order, 5);
	KUNIT_EXPECT_FALSE(test, late.nested);
	KUNIT_EXPECT_TRUE(test, late.bh_off);
	KUNIT_EXPECT_EQ(test, wk_stats(test, pool.adapter).waiting, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, pool.adapter).lists_live, 2);
	wk_put(&pool, &small);
	wk_put(&pool, &late);
}

/* More than R never comes free, so such a request must not wait. */
static void wk_more_than_the_pool_fails_at_once(struct kunit *test)
{
	struct wk_pool pool = wk_pool(test);
	PMDL five = wk_mdl(test, pool.buffer, 0, 5 * PAGE_SIZE);
	u8 *memory = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
	struct wk_call first, waiting, call;

	KUNIT_EXPECT_EQ(test, wk_get(&pool, five, &call), STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[4], &first), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[1], &waiting), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_get(&pool, five, &call), STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, wk_build(&pool, five, &call, memory), STATUS_INSUFFICIENT_RESOURCES);
	wk_put(&pool, &first);
	KUNIT_EXPECT_EQ(test, waiting.count, 1);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_put(&pool, &waiting);
}

/* A wrong argument is refused also when the answer could wait, and leaves the queue alone. */
static void wk_bad_list_buffer_while_others_wait(struct kunit *test)
{
	struct wk_pool pool = wk_pool(test);
	u8 *memory = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
	struct wk_call first, waiting, call;
	NTSTATUS status;
	ULONG size = 0;

	pool.ops->CalculateScatterGatherList(pool.adapter, pool.mdl[4], pool.buffer->va,
					     4 * PAGE_SIZE, &size, NULL);
	KUNIT_ASSERT_LE(test, size, SZ_512);
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[4], &first), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_build(&pool, pool.mdl[1], &waiting, memory), STATUS_SUCCESS);
	wk_call_init(&call, pool.adapter, KeepObject);
	status = pool.ops->BuildScatterGatherList(pool.adapter, NULL, pool.mdl[4], pool.buffer->va,
						  4 * PAGE_SIZE, wk_list_control, &call, TRUE,
						  memory + SZ_512, size - 1);
	KUNIT_EXPECT_EQ(test, status, STATUS_BUFFER_TOO_SMALL);
	/* The waiting list has its buffer already. */
	wk_expect_report(test, WD_REPORT_MISC, 1);
	KUNIT_EXPECT_EQ(test, wk_build(&pool, pool.mdl[1], &call, memory),
			STATUS_INVALID_PARAMETER);
	/* ... and is not the driver's to put. */
	wk_expect_report(test, WD_REPORT_LIST_FREED, 1);
	pool.ops->PutScatterGatherList(pool.adapter, (PSCATTER_GATHER_LIST)memory, TRUE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, pool.adapter).waiting, 1);
	wk_put(&pool, &first);
	KUNIT_EXPECT_EQ(test, waiting.count, 1);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_put(&pool, &waiting);
}

/* CurrentIrp is that of the request; and one device object may wait any number of times. */
static void wk_current_irp_of_the_request(struct kunit *test)
{
	static IRP irps[4];
	struct wk_pool pool = wk_pool(test);
	struct wk_call first, calls[3], no_object;
	unsigned int i;

	pool.object->CurrentIrp = &irps[3];
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[4], &first), STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, first.irp, &irps[3]);
	KUNIT_EXPECT_PTR_EQ(test, first.device_object, pool.object);
	for (i = 0; i < 3; i++) {
		pool.object->CurrentIrp = &irps[i];
		KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[1], &calls[i]), STATUS_SUCCESS);
	}
	pool.object->CurrentIrp = NULL;
	pool.object = NULL;
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[1], &no_object), STATUS_SUCCESS);
	wk_put(&pool, &first);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_PTR_EQ(test, calls[i].irp, &irps[i]);
		KUNIT_EXPECT_PTR_EQ(test, calls[i].device_object, first.device_object);
		wk_put(&pool, &calls[i]);
	}
	KUNIT_EXPECT_EQ(test, no_object.count, 1);
	KUNIT_EXPECT_NULL(test, no_object.device_object);
	KUNIT_EXPECT_NULL(test, no_object.irp);
	wk_put(&pool, &no_object);
}

/* What the list needs to know of the MDL is read when the request is made. */
static void wk_mdl_rewritten_while_waiting(struct kunit *test)
{
	struct wk_pool pool = wk_pool(test);
	PMDL mdl = IoAllocateMdl(pool.buffer->va, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
	struct wk_call first, waiting;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[4], &first), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_get(&pool, mdl, &waiting), STATUS_SUCCESS);
	IoFreeMdl(mdl);
	wk_put(&pool, &first);
	KUNIT_ASSERT_EQ(test, waiting.count, 1);
	KUNIT_EXPECT_EQ(test, waiting.list->NumberOfElements, 2);
	wk_expect_at(test, waiting.list->Elements[1].Address.QuadPart, pool.buffer, PAGE_SIZE);
	wk_put(&pool, &waiting);
}

static IO_ALLOCATION_ACTION wk_keep(PDEVICE_OBJECT object, PIRP irp, PVOID base, PVOID context)
{
	*(PVOID *)context = base;
	return KeepObject;
}

/* Lists and channel requests share one FIFO: a list waits for whoever keeps the channel. */
static void wk_behind_the_owner_of_the_channel(struct kunit *test)
{
	struct wk_pool pool = wk_pool(test);
	struct wk_call call;
	PVOID base = NULL;
	NTSTATUS status;

	local_bh_disable();
	status = pool.ops->AllocateAdapterChannel(pool.adapter, pool.object, 1, wk_keep, &base);
	local_bh_enable();
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_get(&pool, pool.mdl[1], &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	local_bh_disable();
	pool.ops->FreeAdapterChannel(pool.adapter);
	local_bh_enable();
	KUNIT_ASSERT_EQ(test, call.count, 1);
	wk_put(&pool, &call);
	KUNIT_EXPECT_EQ(test, wk_stats(test, pool.adapter).sets_live, 0);
}

static void wk_put_inside(struct wk_call *call)
{
	struct wk_pool *pool = call->data;

	wk_put(pool, call);
}

/* Put inside the routine frees registers for the next one, which runs after it, not in it. */
static void wk_put_inside_the_routine(struct kunit *test)
{
	struct wk_pool pool = wk_pool(test);
	struct wk_call first, second, third;

	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[4], &first), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[4], &second), STATUS_SUCCESS);
	second.inside = wk_put_inside;
	second.data = &pool;
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[4], &third), STATUS_SUCCESS);
	third.inside = wk_put_inside;
	third.data = &pool;
	wk_put(&pool, &first);
	KUNIT_EXPECT_EQ(test, second.order, 2);
	KUNIT_EXPECT_EQ(test, third.order, 3);
	KUNIT_EXPECT_FALSE(test, third.nested);
	KUNIT_EXPECT_EQ(test, wk_stats(test, pool.adapter).lists_live, 0);
}

/* A driver whose routine finishes its transfer at once and starts the next one in the routine */
struct wk_relay {
	struct wk_pool *pool;
	unsigned int left;
	bool was_nested;
	bool has_failed;
	unsigned long first_frame, deepest;
};

static void wk_relay_inside(struct wk_call *call)
{
	struct wk_relay *relay = call->data;
	unsigned long frame = (unsigned long)__builtin_frame_address(0);

	if (!relay->first_frame)
		relay->first_frame = frame;
	/* A tasklet takes over after a while, on a stack of its own. */
	if (call->in_task && relay->first_frame > frame)
		relay->deepest = max(relay->deepest, relay->first_frame - frame);
	relay->was_nested |= call->nested;
	wk_put(relay->pool, call);
	if (relay->left && relay->left--)
		relay->has_failed |= wk_get_again(relay->pool, relay->pool->mdl[2], call) !=
				     STATUS_SUCCESS;
}

static void wk_thousand_lists_from_the_routine(struct kunit *test)
{
	struct wk_pool pool = wk_pool(test);
	struct wk_relay relay = { .pool = &pool, .left = 999 };
	struct wk_call call;

	wk_call_init(&call, pool.adapter, KeepObject);
	call.inside = wk_relay_inside;
	call.data = &relay;
	KUNIT_ASSERT_EQ(test, wk_get_again(&pool, pool.mdl[2], &call), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(call.count) == 1000));
	KUNIT_EXPECT_FALSE(test, relay.was_nested);
	KUNIT_EXPECT_FALSE(test, relay.has_failed);
	/* The first routine is called by another function than the others: some frames more. */
	KUNIT_EXPECT_LT(test, relay.deepest, 1024);
}

/* The routine frees all that the driver had: KASAN objects if any of it is used afterwards. */
static VOID wk_list_control_freeing(PDEVICE_OBJECT object, PIRP irp, PSCATTER_GATHER_LIST list,
				    PVOID context)
{
	struct wk_call *call = context;

	call->adapter->DmaOperations->PutScatterGatherList(call->adapter, list, TRUE);
	IoFreeMdl(call->data);
	kfree(call->base);	/* Build's buffer */
	kfree(call);
}

static NTSTATUS wk_request_that_frees(struct kunit *test, struct wk_pool *pool, bool build)
{
	struct wk_call *call = kzalloc(sizeof(*call), GFP_KERNEL);
	void *buffer = build ? kzalloc(WK_LIST_BYTES, GFP_KERNEL) : NULL;
	PMDL mdl = IoAllocateMdl(pool->buffer->va, PAGE_SIZE, FALSE, FALSE, NULL);

	KUNIT_ASSERT_NOT_NULL(test, call);
	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	wk_call_init(call, pool->adapter, KeepObject);
	call->data = mdl;
	call->base = buffer;
	if (!build)
		return pool->ops->GetScatterGatherList(pool->adapter, NULL, mdl, pool->buffer->va,
				PAGE_SIZE, wk_list_control_freeing, call, TRUE);
	return pool->ops->BuildScatterGatherList(pool->adapter, NULL, mdl, pool->buffer->va,
			PAGE_SIZE, wk_list_control_freeing, call, TRUE, buffer, WK_LIST_BYTES);
}

static void wk_everything_freed_inside_the_routine(struct kunit *test)
{
	struct wk_pool pool = wk_pool(test);
	struct wk_call first;
	int build;

	for (build = 0; build <= 1; build++)
		KUNIT_EXPECT_EQ(test, wk_request_that_frees(test, &pool, build), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_stats(test, pool.adapter).lists_live, 0);

	/* ... and by the same routines when they are called by Put */
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[4], &first), STATUS_SUCCESS);
	for (build = 0; build <= 1; build++)
		KUNIT_EXPECT_EQ(test, wk_request_that_frees(test, &pool, build), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_stats(test, pool.adapter).waiting, 2);
	wk_put(&pool, &first);
	KUNIT_EXPECT_EQ(test, wk_stats(test, pool.adapter).lists_live, 0);
}

static void wk_put_adapter_inside(struct wk_call *call)
{
	struct wk_pool *pool = call->data;

	wk_put(pool, call);
	pool->ops->PutDmaAdapter(pool->adapter);
}

static void wk_adapter_put_inside_the_routine(struct kunit *test)
{
	struct wk_pool pool = wk_pool(test);
	struct wk_world *world = test->priv;
	struct wk_call call;

	world->adapters[0] = NULL;
	wk_call_init(&call, pool.adapter, KeepObject);
	call.inside = wk_put_adapter_inside;
	call.data = &pool;
	KUNIT_EXPECT_EQ(test, wk_get_again(&pool, pool.mdl[1], &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 1);
}

/* Build is the routine that must not fail: it waits until the mapping works. */
static void wk_build_waits_for_a_mapping(struct kunit *test)
{
	struct wk_pool pool = wk_pool(test);
	u8 *memory = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
	struct wk_call call, behind;

	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(pool.adapter, 2), 0);
	KUNIT_ASSERT_EQ(test, wk_build(&pool, pool.mdl[2], &call, memory), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, pool.adapter).waiting, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, pool.adapter).lists_live, 0);
	/* A Get behind it keeps its place. */
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[1], &behind), STATUS_SUCCESS);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&behind.done, WK_PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, call.order, 1);
	KUNIT_EXPECT_EQ(test, behind.order, 2);
	KUNIT_EXPECT_TRUE(test, call.bh_off);
	KUNIT_EXPECT_PTR_EQ(test, (u8 *)call.list, memory);
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 2);
	wk_expect_at(test, call.list->Elements[1].Address.QuadPart, pool.buffer, PAGE_SIZE);
	wk_put(&pool, &call);
	wk_put(&pool, &behind);
}

static void wk_put_lets_the_starved_try_again(struct kunit *test)
{
	struct wk_pool pool = wk_pool(test);
	u8 *memory = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
	struct wk_call first, call;
	unsigned int before, after;
	NTSTATUS status;

	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[1], &first), STATUS_SUCCESS);
	wdmdma_fail_next_maps(pool.adapter, 1);
	/* The timer cannot do it: the only processor is ours. */
	local_bh_disable();
	status = wk_build(&pool, pool.mdl[2], &call, memory);
	before = call.count;
	wk_put(&pool, &first);
	after = call.count;
	local_bh_enable();
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, before, 0);
	KUNIT_EXPECT_EQ(test, after, 1);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&call.done, WK_PATIENCE), 0);
	wk_put(&pool, &call);
}

/* Get has said SUCCESS before its mapping fails: then it waits as well. */
static void wk_get_fails_to_map_after_waiting(struct kunit *test)
{
	struct wk_pool pool = wk_pool(test);
	struct wk_call first, call;

	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[4], &first), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[4], &call), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(pool.adapter, 2), 0);
	wk_put(&pool, &first);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&call.done, WK_PATIENCE), 0);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 4);
	wk_put(&pool, &call);
}

/* A driver that is at DISPATCH_LEVEL already gets its list at once. */
static void wk_bottom_halves_off(struct kunit *test)
{
	struct wk_pool pool = wk_pool(test);
	unsigned int count;
	struct wk_call call;

	local_bh_disable();
	wk_get(&pool, pool.mdl[1], &call);
	count = call.count;
	local_bh_enable();
	KUNIT_ASSERT_EQ(test, count, 1);
	wk_put(&pool, &call);
}

static void wk_note_interrupts(struct wk_call *call)
{
	*(bool *)call->data = irqs_disabled();
}

/* No routine runs with interrupts off: it would not be at DISPATCH_LEVEL as Linux knows it. */
static void wk_interrupts_off(struct kunit *test)
{
	struct wk_pool pool = wk_pool(test);
	unsigned int first_count, call_count;
	struct wk_call first, call;
	bool irqs_off = true;
	unsigned long flags;
	NTSTATUS status;

	wk_call_init(&first, pool.adapter, KeepObject);
	first.inside = wk_note_interrupts;
	first.data = &irqs_off;
	local_irq_save(flags);
	status = wk_get_again(&pool, pool.mdl[4], &first);
	first_count = first.count;
	local_irq_restore(flags);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, first_count, 0);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&first.done, WK_PATIENCE), 0);
	KUNIT_EXPECT_TRUE(test, first.bh_off);
	KUNIT_EXPECT_FALSE(test, irqs_off);

	/* Put frees at once, and who waits for it is served later. */
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[4], &call), STATUS_SUCCESS);
	local_irq_save(flags);
	wk_put(&pool, &first);
	call_count = call.count;
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, call_count, 0);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&call.done, WK_PATIENCE), 0);
	KUNIT_EXPECT_TRUE(test, call.bh_off);
	wk_put(&pool, &call);
}

/* What a driver's interrupt service routine must not do, and the one thing it may. */
struct wk_isr {
	struct hrtimer timer;
	struct wk_pool *pool;
	struct wk_call *live, call;
	u8 *memory;
	bool was_hardirq;
	NTSTATUS get, build, build_mdl, calculate;
	ULONG regs;
	struct completion done;
};

static enum hrtimer_restart wk_isr_run(struct hrtimer *timer)
{
	struct wk_isr *isr = container_of(timer, struct wk_isr, timer);
	struct wk_pool *pool = isr->pool;
	ULONG size;
	PMDL mdl;

	isr->was_hardirq = in_hardirq();
	isr->get = wk_get(pool, pool->mdl[1], &isr->call);
	isr->build = wk_build(pool, pool->mdl[1], &isr->call, isr->memory);
	isr->build_mdl = pool->ops->BuildMdlFromScatterGatherList(pool->adapter, isr->live->list,
								  pool->mdl[1], &mdl);
	wk_put(pool, isr->live);
	isr->calculate = pool->ops->CalculateScatterGatherList(pool->adapter, pool->mdl[3],
				pool->buffer->va, 3 * PAGE_SIZE, &size, &isr->regs);
	complete(&isr->done);
	return HRTIMER_NORESTART;
}

static void wk_hard_interrupt(struct kunit *test)
{
	struct wk_pool pool = wk_pool(test);
	struct wk_isr *isr = kunit_kzalloc(test, sizeof(*isr), GFP_KERNEL);
	struct wk_call live;

	KUNIT_ASSERT_NOT_NULL(test, isr);
	KUNIT_ASSERT_EQ(test, wk_get(&pool, pool.mdl[1], &live), STATUS_SUCCESS);
	isr->pool = &pool;
	isr->live = &live;
	isr->memory = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
	init_completion(&isr->done);
	wk_expect_report(test, WD_REPORT_IRQL, 4);
	hrtimer_init(&isr->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	isr->timer.function = wk_isr_run;
	hrtimer_start(&isr->timer, ms_to_ktime(1), HRTIMER_MODE_REL_HARD);
	wait_for_completion(&isr->done);
	hrtimer_cancel(&isr->timer);

	KUNIT_ASSERT_TRUE(test, isr->was_hardirq);
	KUNIT_EXPECT_EQ(test, isr->get, STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, isr->build, STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, isr->build_mdl, STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, isr->calculate, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, isr->regs, 3);
	KUNIT_EXPECT_EQ(test, isr->call.count, 0);
	/* The Put was refused too. */
	KUNIT_EXPECT_EQ(test, wk_stats(test, pool.adapter).lists_live, 1);
	wk_put(&pool, &live);
}

static struct kunit_case wk_sglist_wait_cases[] = {
	KUNIT_CASE(wk_fifo_order),
	KUNIT_CASE(wk_more_than_the_pool_fails_at_once),
	KUNIT_CASE(wk_bad_list_buffer_while_others_wait),
	KUNIT_CASE(wk_current_irp_of_the_request),
	KUNIT_CASE(wk_mdl_rewritten_while_waiting),
	KUNIT_CASE(wk_behind_the_owner_of_the_channel),
	KUNIT_CASE(wk_put_inside_the_routine),
	KUNIT_CASE(wk_thousand_lists_from_the_routine),
	KUNIT_CASE(wk_everything_freed_inside_the_routine),
	KUNIT_CASE(wk_adapter_put_inside_the_routine),
	KUNIT_CASE(wk_build_waits_for_a_mapping),
	KUNIT_CASE(wk_put_lets_the_starved_try_again),
	KUNIT_CASE(wk_get_fails_to_map_after_waiting),
	KUNIT_CASE(wk_bottom_halves_off),
	KUNIT_CASE(wk_interrupts_off),
	KUNIT_CASE(wk_hard_interrupt),
	{}
};

static struct kunit_suite wk_sglist_wait_suite = {
	.name = "wdmdma_sglist_wait",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_sglist_wait_cases,
};

kunit_test_suite(wk_sglist_wait_suite);
