// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that race (race_request.h).
 */
#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "../wdmdma/compat.h"
#include "race_request.h"

#define WK_NOBODY	(-1)
#define WK_TIMER_NS	(100 * NSEC_PER_USEC)

/* The owners of register sets; the low half of a base is the set's index. */
static atomic_t *wk_owner_of_set(struct wk_race *race, PVOID base)
{
	unsigned long index = (unsigned long)base & U32_MAX;

	return &race->owners[index % WK_RACE_SETS];
}

static void wk_take_registers(struct wk_racer *racer)
{
	struct wk_race *race = racer->race;

	wk_must(&race->wrong, atomic_add_return(racer->regs, &race->regs_out) <= WK_RACE_POOL,
		racer->number);
}

/* Before it is given back: as soon as it is somebody else may have it. */
static void wk_leave_registers(struct wk_racer *racer)
{
	atomic_sub(racer->regs, &racer->race->regs_out);
}

static void wk_take_channel(struct wk_racer *racer)
{
	atomic_t *owner = &racer->race->owner;

	wk_must(&racer->race->wrong, atomic_cmpxchg(owner, WK_NOBODY, racer->number) == WK_NOBODY,
		racer->number);
}

static void wk_leave_channel(struct wk_racer *racer)
{
	atomic_t *owner = &racer->race->owner;

	wk_must(&racer->race->wrong,
		atomic_cmpxchg(owner, racer->number, WK_NOBODY) == racer->number, racer->number);
}

static void wk_take_set(struct wk_racer *racer, PVOID base)
{
	atomic_t *owner = wk_owner_of_set(racer->race, base);

	racer->base = base;
	wk_must(&racer->race->wrong, atomic_cmpxchg(owner, WK_NOBODY, racer->number) == WK_NOBODY,
		racer->number);
}

static void wk_leave_set(struct wk_racer *racer)
{
	atomic_t *owner = wk_owner_of_set(racer->race, racer->base);

	wk_must(&racer->race->wrong,
		atomic_cmpxchg(owner, racer->number, WK_NOBODY) == racer->number, racer->number);
	wk_leave_registers(racer);
}

/* The device: each page of a request gets its number. */
static void wk_device_writes_number(struct wk_racer *racer, u64 address)
{
	wk_device_write(racer->race->test, address, &racer->number, sizeof(racer->number));
}

static void wk_device_fills_list(struct wk_racer *racer)
{
	const SCATTER_GATHER_LIST *list = racer->list;
	u64 bytes = 0;
	u32 i;

	for (i = 0; i < list->NumberOfElements; i++) {
		u64 address = list->Elements[i].Address.QuadPart, page = 0;

		for (; page < list->Elements[i].Length; page += PAGE_SIZE)
			wk_device_writes_number(racer, address + page);
		bytes += list->Elements[i].Length;
	}
	wk_must(&racer->race->wrong, bytes == racer->regs * PAGE_SIZE, racer->number);
}

static void wk_check_memory(struct wk_racer *racer, u32 pages)
{
	u32 i;

	for (i = 0; i < pages; i++)
		wk_must(&racer->race->wrong, READ_ONCE(*racer->memory[i]) == racer->number,
			racer->number);
}

static void wk_map(struct wk_racer *racer)
{
	struct wk_v3 *v3 = &racer->race->v3;
	ULONG length = PAGE_SIZE;
	PHYSICAL_ADDRESS address = v3->ops->MapTransfer(v3->adapter, racer->mdl[1], racer->base,
			MmGetMdlVirtualAddress(racer->mdl[1]), &length, FALSE);

	if (wk_must(&racer->race->wrong, length == PAGE_SIZE, racer->number))
		wk_device_writes_number(racer, address.QuadPart);
}

static void wk_flush(struct wk_racer *racer)
{
	struct wk_v3 *v3 = &racer->race->v3;

	v3->ops->FlushAdapterBuffers(v3->adapter, racer->mdl[1], racer->base,
				     MmGetMdlVirtualAddress(racer->mdl[1]), PAGE_SIZE, FALSE);
	wk_check_memory(racer, 1);
}

static void wk_free_kept_channel(struct wk_racer *racer)
{
	struct wk_v3 *v3 = &racer->race->v3;

	wk_leave_set(racer);
	wk_leave_channel(racer);
	if (racer->number % 2)
		v3->ops->FreeAdapterChannel(v3->adapter);
	else
		v3->ops->FreeAdapterObject(v3->adapter, DeallocateObject);
}

/* The end of what a request was granted */
static void wk_end_request(struct wk_racer *racer)
{
	struct wk_v3 *v3 = &racer->race->v3;

	if (racer->kind != WK_CHANNEL) {
		wk_leave_registers(racer);
		v3->ops->PutScatterGatherList(v3->adapter, racer->list, FALSE);
		wk_check_memory(racer, racer->regs);
		atomic_set_release(&racer->ended, 1);
		return;
	}
	if (racer->maps)
		wk_flush(racer);
	if (racer->action == KeepObject && !racer->leaves_channel) {
		wk_free_kept_channel(racer);
	} else {
		wk_leave_set(racer);
		v3->ops->FreeMapRegisters(v3->adapter, racer->base, racer->regs);
	}
	atomic_set_release(&racer->ended, 1);
}

static void wk_hand_over(struct wk_racer *racer)
{
	struct wk_race *race = racer->race;

	if (racer->end == WK_END_SOFTIRQ)
		llist_add(&racer->node, &race->for_softirq);
	else
		llist_add(&racer->node, &race->for_thread);
}

/* What each routine begins with */
static void wk_called(struct wk_racer *racer)
{
	struct wk_race *race = racer->race;
	u32 number = racer->number;

	wk_must(&race->wrong, atomic_inc_return(&racer->calls) == 1, number);
	wk_must(&race->wrong, atomic_read(&racer->fate) != WK_CANCELLED, number);
	wk_must(&race->wrong, atomic_inc_return(&race->in_routine) == 1, number);
	wk_must(&race->wrong, atomic_xchg(&race->last, number) < (int)number, number);
	wk_must(&race->wrong, in_softirq() && !irqs_disabled(), number);
	wk_take_registers(racer);
	if (in_serving_softirq())
		atomic_inc(&race->granted_soft);
	else if (current == race->submitter)
		atomic_inc(&race->granted_inline);
	else
		atomic_inc(&race->granted_later);
}

static VOID wk_race_list_control(PDEVICE_OBJECT object, PIRP irp, PSCATTER_GATHER_LIST list,
				 PVOID context)
{
	struct wk_racer *racer = context;
	struct wk_dice dice = wk_dice(racer->number);
	struct wk_race *race = racer->race;

	wk_called(racer);
	racer->list = list;
	wk_device_fills_list(racer);
	/* Once it has been handed over the request may be another. */
	if (racer->end == WK_END_INSIDE)
		wk_end_request(racer);
	else
		wk_hand_over(racer);
	wk_dither(&dice);
	atomic_dec(&race->in_routine);
}

/* The routine ends it, by its return value or before. */
static void wk_end_channel_inside(struct wk_racer *racer)
{
	struct wk_v3 *v3 = &racer->race->v3;

	if (racer->maps)
		wk_flush(racer);
	wk_leave_set(racer);
	wk_leave_channel(racer);
	if (racer->leaves_channel)
		v3->ops->FreeAdapterChannel(v3->adapter);
	else if (racer->action == DeallocateObjectKeepRegisters)
		v3->ops->FreeMapRegisters(v3->adapter, racer->base, racer->regs);
}

static IO_ALLOCATION_ACTION wk_race_control(PDEVICE_OBJECT object, PIRP irp, PVOID base,
					    PVOID context)
{
	struct wk_racer *racer = context;
	struct wk_race *race = racer->race;
	IO_ALLOCATION_ACTION action = racer->action;
	struct wk_dice dice = wk_dice(racer->number);

	wk_called(racer);
	wk_take_channel(racer);
	wk_take_set(racer, base);
	if (racer->maps)
		wk_map(racer);
	if (racer->end == WK_END_INSIDE) {
		wk_end_channel_inside(racer);
		wk_dither(&dice);
		atomic_dec(&race->in_routine);
		atomic_set_release(&racer->ended, 1);
		return action;
	}
	if (racer->leaves_channel) {
		wk_leave_channel(racer);
		race->v3.ops->FreeAdapterObject(race->v3.adapter, DeallocateObjectKeepRegisters);
	} else if (action == DeallocateObjectKeepRegisters) {
		wk_leave_channel(racer);
	}
	/* It may end on another processor before this returns. */
	wk_hand_over(racer);
	wk_dither(&dice);
	atomic_dec(&race->in_routine);
	return action;
}

static void wk_end_all(struct llist_head *granted)
{
	struct wk_racer *racer, *next;

	llist_for_each_entry_safe(racer, next, llist_reverse_order(llist_del_all(granted)), node) {
		bool irqs_off = racer->end == WK_END_IRQS_OFF;
		unsigned long flags;

		if (irqs_off)
			local_irq_save(flags);
		wk_end_request(racer);
		if (irqs_off)
			local_irq_restore(flags);
	}
}

static enum hrtimer_restart wk_race_softirq(struct hrtimer *timer)
{
	struct wk_race *race = container_of(timer, struct wk_race, timer);

	wk_end_all(&race->for_softirq);
	hrtimer_forward_now(timer, ns_to_ktime(WK_TIMER_NS));
	return HRTIMER_RESTART;
}

/* Mostly what lets a processor go on without the other: waiting for it takes long. */
static const enum wk_end wk_ends[] = {
	WK_END_INSIDE, WK_END_INSIDE, WK_END_THREAD, WK_END_THREAD, WK_END_THREAD, WK_END_THREAD,
	WK_END_IRQS_OFF, WK_END_SOFTIRQ,
};

static void wk_choose(struct wk_racer *racer, u32 number, struct wk_dice *dice)
{
	struct wk_race *race = racer->race;

	racer->number = number;
	racer->regs = 1 + wk_roll(dice, WK_RACE_PAGES);
	if (race->channels && (!race->lists || wk_roll(dice, 2)))
		racer->kind = WK_CHANNEL;
	else
		racer->kind = wk_roll(dice, 2) ? WK_GET : WK_BUILD;
	racer->old = race->old && racer->kind != WK_CHANNEL && wk_roll(dice, 2);
	racer->maps = !wk_roll(dice, 4);
	racer->end = wk_ends[wk_roll(dice, ARRAY_SIZE(wk_ends))];
	racer->leaves_channel = !wk_roll(dice, 4);
	racer->action = KeepObject + wk_roll(dice, 3);
	/* A set that its routine's return value frees is not ended again. */
	if (racer->action == DeallocateObject)
		racer->end = WK_END_INSIDE;
	else if (racer->end == WK_END_INSIDE && !racer->leaves_channel)
		racer->action = DeallocateObjectKeepRegisters;
	atomic_set(&racer->calls, 0);
	atomic_set(&racer->fate, WK_UNDECIDED);
	atomic_set(&racer->ended, 0);
	wk_context_init(&race->v3, &racer->context);
}

static NTSTATUS wk_race_list(struct wk_racer *racer, ULONG flags, PSCATTER_GATHER_LIST *list)
{
	PDRIVER_LIST_CONTROL routine = list ? NULL : wk_race_list_control;
	struct wk_v3 *v3 = &racer->race->v3;
	ULONG bytes = racer->regs * PAGE_SIZE;
	PMDL mdl = racer->mdl[racer->regs];

	if (racer->old && racer->kind == WK_GET)
		return v3->ops->GetScatterGatherList(v3->adapter, v3->object, mdl,
				MmGetMdlVirtualAddress(mdl), bytes, routine, racer, FALSE);
	if (racer->old)
		return v3->ops->BuildScatterGatherList(v3->adapter, v3->object, mdl,
				MmGetMdlVirtualAddress(mdl), bytes, routine, racer, FALSE,
				racer->buffer, WK_LIST_BYTES);
	if (racer->kind == WK_GET)
		return v3->ops->GetScatterGatherListEx(v3->adapter, v3->object, &racer->context,
				mdl, 0, bytes, flags, routine, racer, FALSE, NULL, NULL, list);
	return v3->ops->BuildScatterGatherListEx(v3->adapter, v3->object, &racer->context, mdl, 0,
			bytes, flags, routine, racer, FALSE, racer->buffer, WK_LIST_BYTES, NULL,
			NULL, list);
}

static NTSTATUS wk_race_ask(struct wk_racer *racer, ULONG flags, PVOID *base,
			    PSCATTER_GATHER_LIST *list)
{
	struct wk_v3 *v3 = &racer->race->v3;

	if (racer->kind != WK_CHANNEL)
		return wk_race_list(racer, flags, list);
	return v3->ops->AllocateAdapterChannelEx(v3->adapter, v3->object, &racer->context,
			racer->regs, flags, base ? NULL : wk_race_control, racer, base);
}

/* Waits until the request of a slot has ended, and looks whether it did as it should. */
static void wk_retire(struct wk_racer *racer)
{
	struct wk_race *race = racer->race;
	enum wk_fate fate;

	if (race->cancels)
		wk_await(&race->wrong, atomic_read_acquire(&racer->fate) != WK_UNDECIDED,
			 racer->number);
	fate = atomic_read(&racer->fate);
	if (fate == WK_CANCELLED) {
		wk_must(&race->wrong, !atomic_read(&racer->calls), racer->number);
		return;
	}
	wk_await(&race->wrong, atomic_read_acquire(&racer->ended), racer->number);
	wk_must(&race->wrong, atomic_read(&racer->calls) == 1, racer->number);
}

static void wk_submit_all(void *data)
{
	struct wk_dice dice = wk_dice(1);
	struct wk_race *race = data;
	u32 number;

	WRITE_ONCE(race->submitter, current);
	hrtimer_start(&race->timer, ns_to_ktime(WK_TIMER_NS), HRTIMER_MODE_REL_PINNED_SOFT);
	for (number = 0; number < race->rounds && !wk_is_wrong(&race->wrong); number++) {
		struct wk_racer *racer = &race->slots[number % race->nr_slots];

		if (number >= race->nr_slots)
			wk_retire(racer);
		wk_choose(racer, number, &dice);
		atomic_set_release(&race->made, number + 1);
		wk_dither(&dice);
		wk_must(&race->wrong, wk_race_ask(racer, 0, NULL, NULL) == STATUS_SUCCESS, number);
		/* So that from time to time nothing waits */
		if (!wk_roll(&dice, 64))
			wk_retire(racer);
	}
	for (; number < race->rounds + race->nr_slots && !wk_is_wrong(&race->wrong); number++)
		if (number >= race->nr_slots)
			wk_retire(&race->slots[number % race->nr_slots]);
	hrtimer_cancel(&race->timer);
	atomic_set_release(&race->finished, 1);
}

/* A synchronous request: granted now, and ended soon; or refused. */
static void wk_ask_at_once(struct wk_race *race, struct wk_dice *dice, u32 round)
{
	struct wk_racer *racer = &race->immediate;
	struct wk_v3 *v3 = &race->v3;
	PSCATTER_GATHER_LIST list;
	NTSTATUS status;
	PVOID base;

	wk_choose(racer, race->rounds + round, dice);
	racer->old = false;
	racer->action = KeepObject;
	racer->leaves_channel = false;
	status = wk_race_ask(racer, DMA_SYNCHRONOUS_CALLBACK, &base, &list);
	if (status != STATUS_SUCCESS) {
		wk_must(&race->wrong, status == STATUS_INSUFFICIENT_RESOURCES, round);
		return;
	}
	atomic_inc(&race->at_once_granted);
	wk_take_registers(racer);
	racer->list = list;
	if (racer->kind == WK_CHANNEL) {
		wk_take_channel(racer);
		wk_take_set(racer, base);
		if (racer->maps)
			wk_map(racer);
	} else {
		wk_device_fills_list(racer);
	}
	wk_dither(dice);
	wk_end_request(racer);
	/* It cannot be cancelled any more. */
	wk_must(&race->wrong, !v3->ops->CancelAdapterChannel(v3->adapter, v3->object,
							     &racer->context), round);
}

static void wk_cancel_one(struct wk_racer *racer)
{
	struct wk_race *race = racer->race;
	struct wk_v3 *v3 = &race->v3;
	bool cancelled = !racer->old &&
			 v3->ops->CancelAdapterChannel(v3->adapter, v3->object, &racer->context);

	if (cancelled) {
		atomic_inc(&race->cancelled);
		wk_must(&race->wrong, !atomic_read(&racer->calls), racer->number);
	}
	atomic_set_release(&racer->fate, cancelled ? WK_CANCELLED : WK_NOT_CANCELLED);
}

/*
 * On the other processor: ends what was granted; cancels each request, if that is wanted, around
 * the time when it is made; asks for something at once.
 */
static void wk_meddle(void *data)
{
	struct wk_patience patience = {};
	struct wk_dice dice = wk_dice(2);
	struct wk_race *race = data;
	u32 number = 0;

	while (!atomic_read_acquire(&race->finished)) {
		bool is_made = atomic_read_acquire(&race->made) > number;

		if (!is_made && llist_empty(&race->for_thread)) {
			wk_wait_more(&patience);
			continue;
		}
		wk_dither(&dice);
		wk_end_all(&race->for_thread);
		if (!is_made)
			continue;
		if (race->at_once && !wk_roll(&dice, 4))
			wk_ask_at_once(race, &dice, number);
		if (race->cancels)
			wk_cancel_one(&race->slots[number % race->nr_slots]);
		number++;
	}
	/* Only if something went wrong is there any. */
	wk_end_all(&race->for_thread);
}

static void wk_race_add_slot(struct wk_race *race, struct wk_racer *racer,
			     struct wk_buffer *memory, u32 index)
{
	struct kunit *test = race->test;
	u32 start = index * WK_RACE_PAGES * PAGE_SIZE, i;

	racer->race = race;
	racer->buffer = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, racer->buffer);
	for (i = 0; i < WK_RACE_PAGES; i++) {
		racer->memory[i] = (u32 *)(memory->va + start + i * PAGE_SIZE);
		racer->mdl[i + 1] = wk_mdl(test, memory, start, (i + 1) * PAGE_SIZE);
	}
}

struct wk_race *wk_race(struct kunit *test, enum wk_way way)
{
	const struct wdmdma_limits limits = {
		.pool_registers = WK_RACE_POOL,
		.force_bounce = way != WK_DIRECT,
	};
	struct wk_race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	struct wk_buffer *memory;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, race);
	race->test = test;
	race->v3 = wk_v3_of(test, wk_description(3, way != WK_WINDOW, 64, SZ_64K), limits);
	race->rounds = wk_rounds();
	race->nr_slots = WK_RACE_SLOTS;
	memory = wk_alloc_scattered(test, (WK_RACE_SLOTS + 1) * WK_RACE_PAGES);
	for (i = 0; i < WK_RACE_SLOTS; i++)
		wk_race_add_slot(race, &race->slots[i], memory, i);
	wk_race_add_slot(race, &race->immediate, memory, WK_RACE_SLOTS);
	atomic_set(&race->last, WK_NOBODY);
	atomic_set(&race->owner, WK_NOBODY);
	for (i = 0; i < WK_RACE_SETS; i++)
		atomic_set(&race->owners[i], WK_NOBODY);
	hrtimer_setup(&race->timer, wk_race_softirq, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_SOFT);
	return race;
}

void wk_race_run(struct wk_race *race)
{
	static void (* const parties[])(void *data) = { wk_submit_all, wk_meddle };
	struct kunit *test = race->test;

	wk_run_parties(test, ARRAY_SIZE(parties), parties, race);
	wk_judge(test, &race->wrong);
	kunit_info(test, "%u requests: %d granted in the call, %d later, %d in a softirq, %d cancelled; %d at once\n",
		   race->rounds, atomic_read(&race->granted_inline),
		   atomic_read(&race->granted_later), atomic_read(&race->granted_soft),
		   atomic_read(&race->cancelled), atomic_read(&race->at_once_granted));
	KUNIT_EXPECT_EQ(test, atomic_read(&race->regs_out), 0);
	wk_expect_free(&race->v3);
}
