// SPDX-License-Identifier: GPL-2.0-only
/*
 * AllocateAdapterChannelEx and FreeAdapterObject: every row of the table of flags, routine and
 * pointer, what a synchronous request is refused for, and who owns the channel afterwards.
 */
#include <linux/irqflags.h>
#include <linux/sizes.h>

#include "v3.h"

#define WK_SYNC		DMA_SYNCHRONOUS_CALLBACK
#define WK_POOL_REGS	4

struct wk_row {
	const char *name;
	bool sync, routine, pointer;
	bool works;
};

/* packet.md */
static const struct wk_row wk_rows[] = {
	{ "async, no routine, no pointer", false, false, false, false },
	{ "async, no routine, pointer", false, false, true, false },
	{ "async, routine, pointer", false, true, true, false },
	{ "async, routine, no pointer", false, true, false, true },
	{ "sync, no routine, no pointer", true, false, false, false },
	{ "sync, no routine, pointer", true, false, true, true },
	{ "sync, routine, no pointer", true, true, false, true },
	{ "sync, routine, pointer", true, true, true, true },
};

static void wk_row_desc(const struct wk_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_row, wk_rows, wk_row_desc);

/* Calls one row; the context is initialised. */
static NTSTATUS wk_ask_row(const struct wk_v3 *v3, const struct wk_row *row, PVOID context,
			   ULONG flags, struct wk_call *call, PVOID *base)
{
	return wk_channel_ex(v3, context, 2, flags | (row->sync ? WK_SYNC : 0),
			      row->routine ? call : NULL, row->pointer ? base : NULL);
}

struct wk_pointer {
	PVOID *pointer;
	PVOID seen;
};

static void wk_see_pointer(struct wk_call *call)
{
	struct wk_pointer *pointer = call->data;

	pointer->seen = *pointer->pointer;
}

static void wk_table(struct kunit *test)
{
	static const ULONG harmless[] = { 0, DMA_ZERO_BUFFERS, DMA_FAIL_ON_BOUNCE,
					  DMA_ZERO_BUFFERS | DMA_FAIL_ON_BOUNCE };
	const struct wk_row *row = test->param_value;
	struct wk_v3 v3 = wk_v3_pool(test, WK_POOL_REGS);
	struct wk_context context;
	IRP irp = {};
	int i;

	v3.object->CurrentIrp = &irp;
	wk_context_init(&v3, &context);
	for (i = 0; i < ARRAY_SIZE(harmless); i++) {
		PVOID base = WK_POISON;
		struct wk_pointer pointer = { .pointer = &base };
		struct wk_call call;

		wk_call_init(&call, v3.adapter, DeallocateObjectKeepRegisters);
		call.inside = wk_see_pointer;
		call.data = &pointer;
		KUNIT_EXPECT_EQ(test, wk_ask_row(&v3, row, &context, harmless[i], &call, &base),
				row->works ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
		KUNIT_EXPECT_EQ(test, call.count, row->works && row->routine);
		KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).sets_live, row->works);
		if (!row->works) {
			KUNIT_EXPECT_PTR_EQ(test, base, row->pointer ? NULL : WK_POISON);
			continue;
		}
		if (row->routine) {
			KUNIT_EXPECT_PTR_EQ(test, call.device_object, v3.object);
			KUNIT_EXPECT_PTR_EQ(test, call.irp, &irp);
			KUNIT_EXPECT_TRUE(test, call.bh_off);
			KUNIT_EXPECT_NOT_NULL(test, call.base);
			/* Stored before the routine is called */
			KUNIT_EXPECT_PTR_EQ(test, pointer.seen,
					    row->pointer ? call.base : WK_POISON);
		} else {
			v3.ops->FreeAdapterObject(v3.adapter, DeallocateObjectKeepRegisters);
			KUNIT_EXPECT_NOT_NULL(test, base);
		}
		KUNIT_EXPECT_PTR_EQ(test, base, !row->pointer ? WK_POISON :
				    row->routine ? call.base : base);
		wk_end_set(&v3, row->pointer ? base : call.base, 2);
	}
	v3.object->CurrentIrp = NULL;
	wk_expect_free(&v3);
}

static const ULONG wk_unknown_flags[] = { 0x08, 0x10, 0x100, 0x80000000, 0xFFFFFFF8 };

static void wk_flags_desc(const ULONG *flags, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "0x%08X", *flags);
}

KUNIT_ARRAY_PARAM(wk_flags, wk_unknown_flags, wk_flags_desc);

static void wk_unknown_flags_are_refused(struct kunit *test)
{
	ULONG flags = *(const ULONG *)test->param_value;
	struct wk_v3 v3 = wk_v3_pool(test, WK_POOL_REGS);
	struct wk_context context;
	struct wk_call call;
	int i;

	wk_context_init(&v3, &context);
	wk_call_init(&call, v3.adapter, DeallocateObject);
	for (i = 0; i < ARRAY_SIZE(wk_rows); i++) {
		PVOID base = WK_POISON;

		KUNIT_EXPECT_EQ(test, wk_ask_row(&v3, &wk_rows[i], &context, flags, &call, &base),
				STATUS_INVALID_PARAMETER);
		KUNIT_EXPECT_PTR_EQ(test, base, wk_rows[i].pointer ? NULL : WK_POISON);
	}
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_expect_free(&v3);
}

static void wk_limit_is_r(struct kunit *test, struct wk_v3 v3)
{
	struct wk_context context;
	struct wk_call call, refused;
	ULONG regs;

	wk_context_init(&v3, &context);
	for (regs = 0; regs <= v3.regs; regs++) {
		wk_call_init(&call, v3.adapter, DeallocateObject);
		KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &context, regs, 0, &call, NULL),
				STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, call.count, 1);
		KUNIT_EXPECT_NOT_NULL(test, call.base);
	}
	wk_call_init(&refused, v3.adapter, DeallocateObject);
	for (regs = v3.regs + 1; regs; regs = regs == U32_MAX ? 0 : U32_MAX) {
		PVOID base = WK_POISON;

		KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &context, regs, 0, &refused, NULL),
				STATUS_INSUFFICIENT_RESOURCES);
		KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &context, regs, WK_SYNC, &refused, &base),
				STATUS_INSUFFICIENT_RESOURCES);
		KUNIT_EXPECT_NULL(test, base);
		/* Nor is it queued. */
		wk_own_channel(&v3, 0);
		KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &context, regs, 0, &refused, NULL),
				STATUS_INSUFFICIENT_RESOURCES);
		KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).waiting, 0);
		v3.ops->FreeAdapterChannel(v3.adapter);
	}
	KUNIT_EXPECT_EQ(test, refused.count, 0);
	wk_expect_free(&v3);
}

/* Also where there is no pool, which would have no more than that */
static void wk_register_count_is_limited_by_r(struct kunit *test)
{
	wk_limit_is_r(test, wk_v3_pool(test, WK_POOL_REGS));
	wk_limit_is_r(test, wk_v3_way(test, WK_DIRECT));
}

/* What is in the way of a synchronous request (decision 2) */
enum wk_obstacle { WK_KEEPER, WK_SYNC_OWNER, WK_WAITER, WK_SHORT_POOL };

static const enum wk_obstacle wk_obstacles[] = {
	WK_KEEPER, WK_SYNC_OWNER, WK_WAITER, WK_SHORT_POOL,
};

static void wk_obstacle_desc(const enum wk_obstacle *obstacle, char *desc)
{
	static const char * const names[] = {
		"KeepObject", "synchronous owner", "somebody waits", "pool short",
	};

	strscpy(desc, names[*obstacle], KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_obstacle, wk_obstacles, wk_obstacle_desc);

static void wk_synchronous_request_does_not_wait(struct kunit *test)
{
	enum wk_obstacle obstacle = *(const enum wk_obstacle *)test->param_value;
	struct wk_v3 v3 = wk_v3_pool(test, WK_POOL_REGS);
	struct wk_context context, waiting_context;
	struct wk_call keeper, waiter, call;
	PVOID set = NULL, base = WK_POISON;
	u32 waiting;

	wk_context_init(&v3, &context);
	wk_context_init(&v3, &waiting_context);
	wk_call_init(&call, v3.adapter, DeallocateObject);
	wk_call_init(&keeper, v3.adapter, KeepObject);
	wk_call_init(&waiter, v3.adapter, DeallocateObject);
	if (obstacle == WK_KEEPER)
		wk_channel_ex(&v3, &waiting_context, 0, 0, &keeper, NULL);
	else if (obstacle == WK_SYNC_OWNER)
		wk_own_channel(&v3, 0);
	else
		set = wk_get_set(&v3, obstacle == WK_WAITER ? 1 : 3);
	if (obstacle == WK_WAITER)
		wk_channel_ex(&v3, &waiting_context, 4, 0, &waiter, NULL);

	waiting = wk_stats(test, v3.adapter).waiting;
	KUNIT_EXPECT_EQ(test, waiting, obstacle == WK_WAITER);
	KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &context, 2, WK_SYNC, &call, NULL),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &context, 2, WK_SYNC, &call, &base),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_NULL(test, base);
	base = WK_POISON;
	KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &context, 2, WK_SYNC, NULL, &base),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_NULL(test, base);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).waiting, waiting);
	/* Less is to be had where only the pool is short. */
	if (obstacle == WK_SHORT_POOL)
		KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &context, 1, WK_SYNC, &call, NULL),
				STATUS_SUCCESS);

	if (set)
		wk_end_set(&v3, set, obstacle == WK_WAITER ? 1 : 3);
	else
		v3.ops->FreeAdapterChannel(v3.adapter);
	KUNIT_EXPECT_EQ(test, waiter.count, obstacle == WK_WAITER);
	KUNIT_EXPECT_EQ(test, call.count, obstacle == WK_SHORT_POOL);
	KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &context, 2, WK_SYNC, &call, NULL),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 1 + (obstacle == WK_SHORT_POOL));
	wk_expect_free(&v3);
}

/* What a routine asks for */
struct wk_nested {
	struct wk_v3 *v3;
	PVOID context;
	struct wk_call *call;
	ULONG flags;
	PVOID base;
	bool frees;		/* the channel, before it asks */
	NTSTATUS status;
	unsigned int count;	/* calls of @call before the routine returned */
};

static void wk_ask_inside(struct wk_call *call)
{
	struct wk_nested *nested = call->data;
	bool sync = nested->flags & WK_SYNC;

	if (nested->frees)
		call->adapter->DmaOperations->FreeAdapterChannel(call->adapter);
	nested->status = wk_channel_ex(nested->v3, nested->context, 1, nested->flags,
				       nested->call, sync ? &nested->base : NULL);
	nested->count = nested->call ? nested->call->count : 0;
}

/* The routine of a list does not own the channel; that of a channel does. */
static void wk_synchronous_request_from_inside(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_pool(test, WK_POOL_REGS);
	struct wk_buffer *memory = wk_alloc_scattered(test, 1);
	PMDL mdl = wk_mdl(test, memory, 0, PAGE_SIZE);
	struct wk_context context;
	struct wk_call inner, outer;
	struct wk_nested nested = { .v3 = &v3, .context = &context, .call = &inner,
				    .flags = WK_SYNC };

	wk_context_init(&v3, &context);
	wk_call_init(&inner, v3.adapter, DeallocateObject);
	wk_call_init(&outer, v3.adapter, DeallocateObject);
	outer.inside = wk_ask_inside;
	outer.data = &nested;
	KUNIT_ASSERT_EQ(test, v3.ops->GetScatterGatherList(v3.adapter, v3.object, mdl, memory->va,
							   PAGE_SIZE, wk_list_control, &outer,
							   TRUE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nested.status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nested.count, 1);
	KUNIT_EXPECT_TRUE(test, inner.nested);
	KUNIT_EXPECT_PTR_EQ(test, nested.base, inner.base);
	wk_put_ex(&v3, outer.list);

	/* Without a routine it owns the channel when the outer routine has returned. */
	nested.call = NULL;
	wk_call_init(&outer, v3.adapter, DeallocateObject);
	outer.inside = wk_ask_inside;
	outer.data = &nested;
	KUNIT_ASSERT_EQ(test, v3.ops->GetScatterGatherList(v3.adapter, v3.object, mdl, memory->va,
							   PAGE_SIZE, wk_list_control, &outer,
							   TRUE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nested.status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &context, 0, WK_SYNC, &inner, NULL),
			STATUS_INSUFFICIENT_RESOURCES);
	v3.ops->FreeAdapterChannel(v3.adapter);
	wk_put_ex(&v3, outer.list);

	nested.call = &inner;
	wk_call_init(&outer, v3.adapter, DeallocateObject);
	outer.inside = wk_ask_inside;
	outer.data = &nested;
	KUNIT_ASSERT_EQ(test, v3.ops->AllocateAdapterChannel(v3.adapter, v3.object, 1, wk_control,
							     &outer), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nested.status, STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, inner.count, 1);
	wk_expect_free(&v3);
}

/* A8: whatever kind of request the routine belongs to, what it asks for runs after it. */
static void wk_request_from_a_synchronous_routine_is_not_nested(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_pool(test, WK_POOL_REGS);
	struct wk_context context, inner_context;
	struct wk_call inner, outer;
	struct wk_nested nested = { .v3 = &v3, .context = &inner_context, .call = &inner };
	int frees;

	wk_context_init(&v3, &context);
	wk_context_init(&v3, &inner_context);
	for (frees = 0; frees <= 1; frees++) {
		wk_call_init(&inner, v3.adapter, DeallocateObject);
		wk_call_init(&outer, v3.adapter, DeallocateObject);
		outer.inside = wk_ask_inside;
		outer.data = &nested;
		nested.frees = frees;
		KUNIT_ASSERT_EQ(test, wk_channel_ex(&v3, &context, 1, WK_SYNC, &outer, NULL),
				STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, nested.status, STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, nested.count, 0);
		KUNIT_EXPECT_EQ(test, inner.count, 1);
		KUNIT_EXPECT_FALSE(test, inner.nested);
	}
	wk_expect_free(&v3);
}

static void wk_interrupts_off(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_pool(test, WK_POOL_REGS);
	struct wk_context sync_context, async_context;
	struct wk_call sync, async;
	NTSTATUS sync_status, async_status;
	unsigned int sync_count, async_count;
	unsigned long flags;

	wk_context_init(&v3, &sync_context);
	wk_context_init(&v3, &async_context);
	wk_call_init(&sync, v3.adapter, DeallocateObject);
	wk_call_init(&async, v3.adapter, DeallocateObject);
	local_irq_save(flags);
	/* Now or not at all: so now. The other one runs where routines may. */
	sync_status = wk_channel_ex(&v3, &sync_context, 1, WK_SYNC, &sync, NULL);
	async_status = wk_channel_ex(&v3, &async_context, 1, 0, &async, NULL);
	sync_count = sync.count;
	async_count = async.count;
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, sync_status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, sync_count, 1);
	KUNIT_EXPECT_EQ(test, async_status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, async_count, 0);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(async.count) == 1));
	KUNIT_EXPECT_TRUE(test, async.bh_off);
	wk_expect_free(&v3);
}

struct wk_action {
	const char *name;
	IO_ALLOCATION_ACTION action;
	bool keeps_channel, keeps_regs;
	u32 report;
};

static const struct wk_action wk_actions[] = {
	{ "KeepObject", KeepObject, true, true },
	{ "DeallocateObject", DeallocateObject, false, false },
	{ "DeallocateObjectKeepRegisters", DeallocateObjectKeepRegisters, false, true },
	{ "0", (IO_ALLOCATION_ACTION)0, true, true, WD_REPORT_ACTION },
	{ "7", (IO_ALLOCATION_ACTION)7, true, true, WD_REPORT_ACTION },
};

static void wk_action_desc(const struct wk_action *action, char *desc)
{
	strscpy(desc, action->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_action, wk_actions, wk_action_desc);

/* Ends what wk_own_channel() or a routine began, and checks that it was what @action leaves. */
static void wk_expect_left(const struct wk_v3 *v3, const struct wk_action *action, PVOID base)
{
	struct kunit *test = v3->test;
	struct wk_context context;
	struct wk_call next;

	KUNIT_EXPECT_EQ(test, wk_stats(test, v3->adapter).sets_live, action->keeps_regs);
	wk_context_init(v3, &context);
	wk_call_init(&next, v3->adapter, DeallocateObject);
	KUNIT_EXPECT_EQ(test, wk_channel_ex(v3, &context, 1, 0, &next, NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, next.count, !action->keeps_channel);
	if (action->keeps_channel)
		v3->ops->FreeAdapterChannel(v3->adapter);
	else if (action->keeps_regs)
		wk_end_set(v3, base, 2);
	KUNIT_EXPECT_EQ(test, next.count, 1);
	wk_expect_free(v3);
}

static void wk_free_adapter_object(struct kunit *test)
{
	const struct wk_action *action = test->param_value;
	struct wk_v3 v3 = wk_v3_pool(test, WK_POOL_REGS);
	PVOID base = wk_own_channel(&v3, 2);

	if (action->report)
		wk_expect_report(test, action->report, 1);
	v3.ops->FreeAdapterObject(v3.adapter, action->action);
	wk_expect_left(&v3, action, base);
}

static void wk_action_of_a_synchronous_routine(struct kunit *test)
{
	const struct wk_action *action = test->param_value;
	struct wk_v3 v3 = wk_v3_pool(test, WK_POOL_REGS);
	struct wk_context context;
	struct wk_call call;

	if (action->report)
		wk_expect_report(test, action->report, 1);
	wk_context_init(&v3, &context);
	wk_call_init(&call, v3.adapter, action->action);
	KUNIT_ASSERT_EQ(test, wk_channel_ex(&v3, &context, 2, WK_SYNC, &call, NULL),
			STATUS_SUCCESS);
	wk_expect_left(&v3, action, call.base);
}

static void wk_free_adapter_object_drops_mappings(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_pool(test, WK_POOL_REGS);
	struct wk_buffer *memory = wk_alloc_scattered(test, 1);
	PMDL mdl = wk_mdl(test, memory, 0, PAGE_SIZE);
	PVOID base = wk_own_channel(&v3, 1);
	ULONG bytes = PAGE_SIZE;

	v3.ops->MapTransfer(v3.adapter, mdl, base, memory->va, &bytes, TRUE);
	KUNIT_ASSERT_EQ(test, bytes, PAGE_SIZE);
	wk_expect_unflushed(test, 1);
	v3.ops->FreeAdapterObject(v3.adapter, DeallocateObject);
	wk_expect_free(&v3);
}

/* NetAdapterCx calls it after each request, also when that failed and when all is over. */
static void wk_free_adapter_object_without_owner_is_silent(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_pool(test, WK_POOL_REGS);
	struct wk_context context;
	PVOID set, base;
	IO_ALLOCATION_ACTION action;

	for (action = KeepObject; action <= DeallocateObjectKeepRegisters; action++)
		v3.ops->FreeAdapterObject(v3.adapter, action);
	set = wk_get_set(&v3, 3);
	wk_context_init(&v3, &context);
	KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &context, 2, WK_SYNC, NULL, &base),
			STATUS_INSUFFICIENT_RESOURCES);
	for (action = KeepObject; action <= DeallocateObjectKeepRegisters; action++)
		v3.ops->FreeAdapterObject(v3.adapter, action);
	KUNIT_EXPECT_EQ_MSG(test, wk_stats(test, v3.adapter).sets_live, 1,
			    "a set that its owner kept");
	wk_end_set(&v3, set, 3);
	wk_expect_report(test, WD_REPORT_ACTION, 1);
	v3.ops->FreeAdapterObject(v3.adapter, (IO_ALLOCATION_ACTION)4);
	wk_expect_free(&v3);
}

/* Who waits for the channel of a synchronous owner is served inside the call that frees it. */
static void wk_kept_channel_holds_up_everybody(struct kunit *test)
{
	static const IO_ALLOCATION_ACTION ends[] = {
		DeallocateObject, DeallocateObjectKeepRegisters, KeepObject,
	};
	struct wk_v3 v3 = wk_v3_pool(test, WK_POOL_REGS);
	struct wk_buffer *memory = wk_alloc_scattered(test, 1);
	PMDL mdl = wk_mdl(test, memory, 0, PAGE_SIZE);
	struct wk_context contexts[2];
	struct wk_call old, channel, list, last;
	int i;

	wk_context_init(&v3, &contexts[0]);
	wk_context_init(&v3, &contexts[1]);
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		PVOID base = wk_own_channel(&v3, 1);
		struct wk_ask ask = { .context = &contexts[1], .mdl = mdl, .bytes = PAGE_SIZE,
				      .call = &list };

		wk_calls_reset();
		wk_call_init(&old, v3.adapter, DeallocateObject);
		wk_call_init(&channel, v3.adapter, DeallocateObject);
		wk_call_init(&list, v3.adapter, KeepObject);
		wk_call_init(&last, v3.adapter, DeallocateObject);
		v3.ops->AllocateAdapterChannel(v3.adapter, v3.object, 1, wk_control, &old);
		wk_channel_ex(&v3, &contexts[0], 1, 0, &channel, NULL);
		wk_list_ex(&v3, &ask);
		v3.ops->AllocateAdapterChannel(v3.adapter, NULL, 1, wk_control, &last);
		KUNIT_EXPECT_EQ(test, wk_calls(), 0);
		KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).waiting, 4);
		if (ends[i] == KeepObject)
			v3.ops->FreeAdapterChannel(v3.adapter);
		else
			v3.ops->FreeAdapterObject(v3.adapter, ends[i]);
		KUNIT_EXPECT_EQ(test, old.order, 1);
		KUNIT_EXPECT_EQ(test, channel.order, 2);
		KUNIT_EXPECT_EQ(test, list.order, 3);
		KUNIT_EXPECT_EQ(test, last.order, 4);
		wk_put_ex(&v3, list.list);
		if (ends[i] == DeallocateObjectKeepRegisters)
			wk_end_set(&v3, base, 1);
	}
	wk_expect_free(&v3);
}

/* In version 3 a device object has no wait slot that is taken by its first request. */
static void wk_any_number_waits_for_one_object(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_pool(test, WK_POOL_REGS);
	struct wk_context contexts[4];
	struct wk_call calls[4];
	int i;

	wk_own_channel(&v3, 1);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		wk_context_init(&v3, &contexts[i]);
		wk_call_init(&calls[i], v3.adapter, DeallocateObject);
		KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &contexts[i], i % 5, 0, &calls[i], NULL),
				STATUS_SUCCESS);
	}
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).waiting, ARRAY_SIZE(calls));
	v3.ops->FreeAdapterChannel(v3.adapter);
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		KUNIT_EXPECT_EQ(test, calls[i].order, i + 1);
	wk_expect_free(&v3);
}

static struct kunit_case wk_channel_ex_cases[] = {
	KUNIT_CASE_PARAM(wk_table, wk_row_gen_params),
	KUNIT_CASE_PARAM(wk_unknown_flags_are_refused, wk_flags_gen_params),
	KUNIT_CASE(wk_register_count_is_limited_by_r),
	KUNIT_CASE_PARAM(wk_synchronous_request_does_not_wait, wk_obstacle_gen_params),
	KUNIT_CASE(wk_synchronous_request_from_inside),
	KUNIT_CASE(wk_request_from_a_synchronous_routine_is_not_nested),
	KUNIT_CASE(wk_interrupts_off),
	KUNIT_CASE_PARAM(wk_free_adapter_object, wk_action_gen_params),
	KUNIT_CASE_PARAM(wk_action_of_a_synchronous_routine, wk_action_gen_params),
	KUNIT_CASE(wk_free_adapter_object_drops_mappings),
	KUNIT_CASE(wk_free_adapter_object_without_owner_is_silent),
	KUNIT_CASE(wk_kept_channel_holds_up_everybody),
	KUNIT_CASE(wk_any_number_waits_for_one_object),
	{}
};

static struct kunit_suite wk_channel_ex_suite = {
	.name = "wdmdma_channel_ex",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_channel_ex_cases,
};

kunit_test_suite(wk_channel_ex_suite);
