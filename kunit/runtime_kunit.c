// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rest of the Windows kernel that ported DMA drivers call: IRQL, spin locks, events, DPCs,
 * pool, memory and list helpers, debug output.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include <kunit/test.h>

#include <wdmdma/dbg.h>
#include <wdmdma/ex.h>
#include <wdmdma/ke.h>
#include <wdmdma/rtl.h>
#include <wdmdma/wdmdma.h>

#include "fixture.h"

#define WK_TAG		0x57444d41
#define WK_MS		(-10000LL)	/* a relative time of a millisecond */

/* What a DPC or a hard interrupt saw */
struct wk_seen {
	struct hrtimer timer;
	struct completion done;
	KIRQL irql;
	unsigned int count, limit;
	PVOID argument1, argument2;
	unsigned int *order, position;
};

static void wk_expect_irql(struct kunit *test, KIRQL irql)
{
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), irql);
	KUNIT_EXPECT_EQ(test, wdmdma_ke_get_current_irql(), irql);
}

static void wk_irql_is_where_one_is(struct kunit *test)
{
	KIRQL bh_off, irqs_off;
	bool stayed_off;

	wk_expect_irql(test, PASSIVE_LEVEL);
	local_bh_disable();
	bh_off = KeGetCurrentIrql();
	local_bh_enable();
	/* With interrupts off one is up already: going up and down turns nothing off or on. */
	local_irq_disable();
	KeRaiseIrql(DISPATCH_LEVEL, &irqs_off);
	KeLowerIrql(irqs_off);
	stayed_off = irqs_disabled() && !in_softirq();
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, bh_off, DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, irqs_off, DISPATCH_LEVEL);
	KUNIT_EXPECT_TRUE(test, stayed_off);
	wk_expect_irql(test, PASSIVE_LEVEL);
}

static enum hrtimer_restart wk_interrupt(struct hrtimer *timer)
{
	struct wk_seen *seen = container_of(timer, struct wk_seen, timer);
	KIRQL old;

	seen->irql = KeGetCurrentIrql();
	KeRaiseIrql(HIGH_LEVEL, &old);	/* changes nothing here, up and down */
	KeLowerIrql(old);
	seen->count = seen->irql == old && KeGetCurrentIrql() == old;
	complete(&seen->done);
	return HRTIMER_NORESTART;
}

static void wk_irql_of_a_hard_interrupt(struct kunit *test)
{
	struct wk_seen seen = {};

	init_completion(&seen.done);
	hrtimer_init_on_stack(&seen.timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	seen.timer.function = wk_interrupt;
	hrtimer_start(&seen.timer, ms_to_ktime(1), HRTIMER_MODE_REL_HARD);
	wait_for_completion(&seen.done);
	hrtimer_cancel(&seen.timer);
	destroy_hrtimer_on_stack(&seen.timer);
	KUNIT_EXPECT_GT(test, seen.irql, DISPATCH_LEVEL);
	KUNIT_EXPECT_LT(test, seen.irql, HIGH_LEVEL);
	KUNIT_EXPECT_EQ(test, seen.count, 1);
}

static void wk_raise_and_lower_nest(struct kunit *test)
{
	static const KIRQL expected[] = {
		PASSIVE_LEVEL, DISPATCH_LEVEL, DISPATCH_LEVEL, DISPATCH_LEVEL, PASSIVE_LEVEL,
	};
	KIRQL first, second, third, levels[5];

	KeRaiseIrql(APC_LEVEL, &first);		/* the same as PASSIVE_LEVEL on Linux */
	levels[0] = KeGetCurrentIrql();
	KeRaiseIrql(DISPATCH_LEVEL, &second);
	levels[1] = KeGetCurrentIrql();
	third = KeRaiseIrqlToDpcLevel();
	levels[2] = KeGetCurrentIrql();
	KeLowerIrql(third);
	levels[3] = KeGetCurrentIrql();
	KeLowerIrql(second);
	levels[4] = KeGetCurrentIrql();
	KeLowerIrql(first);

	KUNIT_EXPECT_EQ(test, first, PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, second, PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, third, DISPATCH_LEVEL);
	KUNIT_EXPECT_MEMEQ(test, levels, expected, sizeof(levels));
	wk_expect_irql(test, PASSIVE_LEVEL);
}

static void wk_spin_lock_restores_the_irql(struct kunit *test)
{
	KIRQL outer, inner, held, after;
	KSPIN_LOCK first, second;
	BOOLEAN taken;

	KeInitializeSpinLock(&first);
	KeInitializeSpinLock(&second);
	KeAcquireSpinLock(&first, &outer);
	held = KeGetCurrentIrql();
	KeAcquireSpinLock(&second, &inner);
	KeReleaseSpinLock(&second, inner);
	after = KeGetCurrentIrql();
	taken = KeTryToAcquireSpinLockAtDpcLevel(&second);
	if (taken)
		KeReleaseSpinLockFromDpcLevel(&second);
	KeReleaseSpinLock(&first, outer);

	KUNIT_EXPECT_EQ(test, outer, PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, held, DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, inner, DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, after, DISPATCH_LEVEL);
	KUNIT_EXPECT_TRUE(test, taken);

	outer = wdmdma_ke_acquire_spin_lock(&first);
	held = KeGetCurrentIrql();
	wdmdma_ke_release_spin_lock(&first, outer);
	KUNIT_EXPECT_EQ(test, outer, PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, held, DISPATCH_LEVEL);
	wk_expect_irql(test, PASSIVE_LEVEL);
}

static NTSTATUS wk_look(PKEVENT event)
{
	LARGE_INTEGER now = { .QuadPart = 0 };

	return KeWaitForSingleObject(event, Executive, KernelMode, FALSE, &now);
}

static void wk_notification_event_stays(struct kunit *test)
{
	KEVENT event;

	KeInitializeEvent(&event, NotificationEvent, FALSE);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 0);
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, KeSetEvent(&event, IO_NO_INCREMENT, FALSE), 0);
	KUNIT_EXPECT_NE(test, KeSetEvent(&event, IO_NO_INCREMENT, FALSE), 0);
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_SUCCESS);
	KUNIT_EXPECT_NE(test, KeReadStateEvent(&event), 0);
	KUNIT_EXPECT_NE(test, KeResetEvent(&event), 0);
	KUNIT_EXPECT_EQ(test, KeResetEvent(&event), 0);

	KeInitializeEvent(&event, NotificationEvent, TRUE);
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_SUCCESS);
}

static void wk_synchronization_event_is_used_up(struct kunit *test)
{
	KEVENT event;

	KeInitializeEvent(&event, SynchronizationEvent, TRUE);
	KUNIT_EXPECT_EQ(test, KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 0);
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_TIMEOUT);
	KeSetEvent(&event, IO_NO_INCREMENT, FALSE);
	KeSetEvent(&event, IO_NO_INCREMENT, FALSE);	/* no count is kept */
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_TIMEOUT);
}

struct wk_waiters {
	KEVENT event;
	atomic_t released;
	struct completion gone;
};

static int wk_waiter(void *data)
{
	struct wk_waiters *waiters = data;

	KeWaitForSingleObject(&waiters->event, Executive, KernelMode, FALSE, NULL);
	atomic_inc(&waiters->released);
	complete(&waiters->gone);
	return 0;
}

static int wk_count_released(struct wk_waiters *waiters, int at_least)
{
	unsigned int i;

	for (i = 0; i < 100 && atomic_read(&waiters->released) < at_least; i++)
		msleep(20);
	msleep(30);	/* for more than that to show */
	return atomic_read(&waiters->released);
}

static void wk_start_waiters(struct kunit *test, struct wk_waiters *waiters, EVENT_TYPE type)
{
	unsigned int i;

	atomic_set(&waiters->released, 0);
	init_completion(&waiters->gone);
	KeInitializeEvent(&waiters->event, type, FALSE);
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(wk_waiter, waiters, "wk_waiter")));
	KUNIT_EXPECT_EQ(test, wk_count_released(waiters, 0), 0);
}

static void wk_event_releases_one_or_all(struct kunit *test)
{
	static struct wk_waiters waiters;
	unsigned int i;

	wk_start_waiters(test, &waiters, SynchronizationEvent);
	for (i = 1; i <= 3; i++) {
		KeSetEvent(&waiters.event, IO_NO_INCREMENT, FALSE);
		KUNIT_EXPECT_EQ(test, wk_count_released(&waiters, i), i);
		wait_for_completion(&waiters.gone);
	}
	wk_start_waiters(test, &waiters, NotificationEvent);
	KeSetEvent(&waiters.event, IO_NO_INCREMENT, FALSE);
	KUNIT_EXPECT_EQ(test, wk_count_released(&waiters, 3), 3);
	for (i = 0; i < 3; i++)
		wait_for_completion(&waiters.gone);
}

/* Milliseconds that a wait for an event that is never set takes */
static s64 wk_wait_ms(struct kunit *test, LONGLONG time)
{
	LARGE_INTEGER timeout = { .QuadPart = time };
	ktime_t start = ktime_get();
	KEVENT event;

	KeInitializeEvent(&event, SynchronizationEvent, FALSE);
	KUNIT_EXPECT_EQ(test, KeWaitForSingleObject(&event, Executive, KernelMode, FALSE,
						    &timeout), STATUS_TIMEOUT);
	return ktime_ms_delta(ktime_get(), start);
}

static void wk_timeout_is_relative_or_a_date(struct kunit *test)
{
	const LONGLONG epoch = 116444736000000000LL;	/* 1970 counted from 1601 */
	LARGE_INTEGER interval = { .QuadPart = 30 * WK_MS };
	LONGLONG now;
	ktime_t start;
	s64 ms;

	ms = wk_wait_ms(test, 50 * WK_MS);
	KUNIT_EXPECT_GE(test, ms, 50);
	now = epoch + div_u64(ktime_get_real_ns(), 100);
	ms = wk_wait_ms(test, now - 60 * WK_MS);
	KUNIT_EXPECT_GE(test, ms, 55);		/* the two clocks may differ a little */
	KUNIT_EXPECT_LT(test, ms, 2000);
	KUNIT_EXPECT_LT(test, wk_wait_ms(test, 1), 1000);	/* long ago */

	start = ktime_get();
	KeDelayExecutionThread(KernelMode, FALSE, &interval);
	interval.QuadPart = 5 * WK_MS;
	KeDelayExecutionThread(KernelMode, FALSE, &interval);
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), start), 35);
}

/* No sleep at DISPATCH_LEVEL, whatever is asked for; looking is allowed. */
static void wk_waiting_at_dispatch_level_is_refused(struct kunit *test)
{
	LARGE_INTEGER timeout = { .QuadPart = WK_MS };
	NTSTATUS forever, timed, delay, first, second;
	KEVENT event;
	KIRQL old;

	wk_expect_report(test, WD_REPORT_IRQL, 3);
	KeInitializeEvent(&event, SynchronizationEvent, TRUE);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	forever = KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
	timed = KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &timeout);
	delay = KeDelayExecutionThread(KernelMode, FALSE, &timeout);
	first = wk_look(&event);
	second = wk_look(&event);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, forever, STATUS_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, timed, STATUS_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, delay, STATUS_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, first, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, second, STATUS_TIMEOUT);
}

static VOID wk_dpc_routine(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
	struct wk_seen *seen = context;

	seen->irql = in_softirq() ? KeGetCurrentIrql() : PASSIVE_LEVEL;
	seen->count++;
	seen->argument1 = argument1;
	seen->argument2 = argument2;
	if (seen->order)
		seen->position = (*seen->order)++;
	if (seen->count < seen->limit)
		KeInsertQueueDpc(dpc, argument1, argument2);
	complete(&seen->done);
}

static void wk_dpc_init(PKDPC dpc, struct wk_seen *seen)
{
	init_completion(&seen->done);
	KeInitializeDpc(dpc, wk_dpc_routine, seen);
}

static void wk_dpc_runs_once_for_an_insert(struct kunit *test)
{
	struct wk_seen seen = {};
	BOOLEAN first, second;
	unsigned int early;
	KIRQL old;
	KDPC dpc;

	wk_dpc_init(&dpc, &seen);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	first = KeInsertQueueDpc(&dpc, (PVOID)1, (PVOID)2);
	second = KeInsertQueueDpc(&dpc, (PVOID)3, (PVOID)4);
	early = seen.count;
	KeLowerIrql(old);
	wait_for_completion(&seen.done);
	KeFlushQueuedDpcs();

	KUNIT_EXPECT_EQ(test, first, TRUE);
	KUNIT_EXPECT_EQ(test, second, FALSE);
	KUNIT_EXPECT_EQ(test, early, 0);
	KUNIT_EXPECT_EQ(test, seen.count, 1);
	KUNIT_EXPECT_EQ(test, seen.irql, DISPATCH_LEVEL);
	KUNIT_EXPECT_PTR_EQ(test, seen.argument1, (PVOID)1);
	KUNIT_EXPECT_PTR_EQ(test, seen.argument2, (PVOID)2);

	KUNIT_EXPECT_EQ(test, KeInsertQueueDpc(&dpc, NULL, NULL), TRUE);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, seen.count, 2);
}

static void wk_dpc_can_be_taken_back(struct kunit *test)
{
	struct wk_seen seen = {};
	BOOLEAN removed, again;
	KIRQL old;
	KDPC dpc;

	wk_dpc_init(&dpc, &seen);
	KUNIT_EXPECT_EQ(test, KeRemoveQueueDpc(&dpc), FALSE);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	KeInsertQueueDpc(&dpc, NULL, NULL);
	removed = KeRemoveQueueDpc(&dpc);
	again = KeRemoveQueueDpc(&dpc);
	KeLowerIrql(old);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, removed, TRUE);
	KUNIT_EXPECT_EQ(test, again, FALSE);
	KUNIT_EXPECT_EQ(test, seen.count, 0);
}

static void wk_dpcs_run_in_order(struct kunit *test)
{
	static struct wk_seen seen[5];
	unsigned int i, order = 0;
	KDPC dpcs[5];
	KIRQL old;

	for (i = 0; i < 5; i++) {
		seen[i].order = &order;
		wk_dpc_init(&dpcs[i], &seen[i]);
	}
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	for (i = 0; i < 5; i++)
		KeInsertQueueDpc(&dpcs[i], NULL, NULL);
	KeLowerIrql(old);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, order, 5);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, seen[i].position, i);
}

static void wk_dpc_can_queue_itself(struct kunit *test)
{
	struct wk_seen seen = { .limit = 10 };
	unsigned int i;
	KDPC dpc;

	wk_dpc_init(&dpc, &seen);
	KeInsertQueueDpc(&dpc, NULL, NULL);
	for (i = 0; i < 20; i++)
		KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, seen.count, 10);
}

static VOID wk_dpc_frees_itself(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
	ExFreePoolWithTag(dpc, WK_TAG);
	KeSetEvent(context, IO_NO_INCREMENT, FALSE);
}

static void wk_dpc_can_free_itself_and_wake_a_waiter(struct kunit *test)
{
	PKDPC dpc = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*dpc), WK_TAG);
	LARGE_INTEGER timeout = { .QuadPart = 5000 * WK_MS };
	KEVENT event;

	KUNIT_ASSERT_NOT_NULL(test, dpc);
	KeInitializeEvent(&event, SynchronizationEvent, FALSE);
	KeInitializeDpc(dpc, wk_dpc_frees_itself, &event);
	KeInsertQueueDpc(dpc, NULL, NULL);
	KUNIT_EXPECT_EQ(test, KeWaitForSingleObject(&event, Executive, KernelMode, FALSE,
						    &timeout), STATUS_SUCCESS);
}

static void wk_pool_is_aligned_and_cleared(struct kunit *test)
{
	static const SIZE_T sizes[] = { 0, 1, 15, 17, 40, 90, 100, 190, 200, 1000, 4096, 10000,
					SZ_1M };
	unsigned int i;
	KIRQL old;

	for (i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		SIZE_T bytes = sizes[i / 2];
		PVOID zeroed, other;

		if (i % 2)
			KeRaiseIrql(DISPATCH_LEVEL, &old);
		zeroed = ExAllocatePool2(POOL_FLAG_NON_PAGED, bytes, WK_TAG);
		other = ExAllocatePoolWithTag(NonPagedPoolNx, bytes, WK_TAG);
		if (i % 2)
			KeLowerIrql(old);
		KUNIT_ASSERT_NOT_NULL(test, zeroed);
		KUNIT_ASSERT_NOT_NULL(test, other);
		KUNIT_EXPECT_NULL(test, memchr_inv(zeroed, 0, bytes));
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED((ULONG_PTR)zeroed | (ULONG_PTR)other,
						   bytes < PAGE_SIZE ? 16 : PAGE_SIZE));
		memset(other, 0xEE, bytes);
		ExFreePool(other);
		ExFreePoolWithTag(zeroed, WK_TAG);
	}
	KUNIT_EXPECT_NULL(test, ExAllocatePool2(POOL_FLAG_NON_PAGED, SZ_1G, WK_TAG));
}

/* Large pool is vmalloc() memory, which vfree() could not free with interrupts off. */
static void wk_large_pool_can_be_freed_at_dispatch_level(struct kunit *test)
{
	PVOID block = ExAllocatePoolZero(NonPagedPoolNx, SZ_8M, WK_TAG);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, block);
	KUNIT_ASSERT_TRUE(test, is_vmalloc_addr(block));
	local_irq_disable();
	ExFreePool(block);
	local_irq_enable();
	for (i = 0; i < 200 && vmalloc_to_page(block); i++)
		msleep(20);
	KUNIT_EXPECT_NULL(test, vmalloc_to_page(block));
}

static void wk_interlocked_returns_what_windows_does(struct kunit *test)
{
	LONG value = 5;
	PVOID pointer = &value;

	KUNIT_EXPECT_EQ(test, InterlockedIncrement(&value), 6);	/* the new value */
	KUNIT_EXPECT_EQ(test, InterlockedDecrement(&value), 5);
	KUNIT_EXPECT_EQ(test, InterlockedExchangeAdd(&value, 10), 5);	/* the old one */
	KUNIT_EXPECT_EQ(test, InterlockedOr(&value, 0x10), 15);
	KUNIT_EXPECT_EQ(test, InterlockedAnd(&value, 0x1E), 0x1F);
	KUNIT_EXPECT_EQ(test, InterlockedXor(&value, 0xFF), 0x1E);
	KUNIT_EXPECT_EQ(test, InterlockedExchange(&value, 7), 0xE1);
	KUNIT_EXPECT_EQ(test, InterlockedCompareExchange(&value, 8, 6), 7);
	KUNIT_EXPECT_EQ(test, InterlockedCompareExchange(&value, 9, 7), 7);
	KUNIT_EXPECT_EQ(test, value, 9);
	KUNIT_EXPECT_PTR_EQ(test, InterlockedExchangePointer(&pointer, test), (PVOID)&value);
	KUNIT_EXPECT_PTR_EQ(test, InterlockedCompareExchangePointer(&pointer, NULL, test),
			    (PVOID)test);
	KUNIT_EXPECT_NULL(test, pointer);
}

static void wk_memory_routines(struct kunit *test)
{
	UCHAR a[8], b[8];
	LIST_ENTRY entry;

	RtlFillMemory(a, sizeof(a), 0xAB);	/* the length before the value */
	KUNIT_EXPECT_EQ(test, a[7], 0xAB);
	RtlZeroMemory(a + 4, 4);
	RtlCopyMemory(b, a, sizeof(b));
	KUNIT_EXPECT_TRUE(test, RtlEqualMemory(a, b, sizeof(a)));
	KUNIT_EXPECT_EQ(test, RtlCompareMemory(a, b, sizeof(a)), sizeof(a));
	b[5] = 1;
	KUNIT_EXPECT_FALSE(test, RtlEqualMemory(a, b, sizeof(a)));
	KUNIT_EXPECT_EQ(test, RtlCompareMemory(a, b, sizeof(a)), 5);
	RtlMoveMemory(b + 1, b, 7);
	KUNIT_EXPECT_EQ(test, b[4], 0xAB);
	KUNIT_EXPECT_EQ(test, b[6], 1);
	KUNIT_EXPECT_PTR_EQ(test, CONTAINING_RECORD(&entry.Blink, LIST_ENTRY, Blink), &entry);
	KUNIT_EXPECT_EQ(test, FIELD_OFFSET(LIST_ENTRY, Blink), sizeof(PVOID));
}

static void wk_list_entries(struct kunit *test)
{
	LIST_ENTRY head, a, b, c;

	InitializeListHead(&head);
	KUNIT_EXPECT_TRUE(test, IsListEmpty(&head));
	KUNIT_EXPECT_PTR_EQ(test, RemoveHeadList(&head), &head);
	InsertTailList(&head, &b);
	InsertTailList(&head, &c);
	InsertHeadList(&head, &a);
	KUNIT_EXPECT_PTR_EQ(test, head.Flink, &a);
	KUNIT_EXPECT_PTR_EQ(test, a.Flink, &b);
	KUNIT_EXPECT_PTR_EQ(test, c.Blink, &b);
	KUNIT_EXPECT_EQ(test, RemoveEntryList(&b), FALSE);
	KUNIT_EXPECT_PTR_EQ(test, RemoveTailList(&head), &c);
	KUNIT_EXPECT_EQ(test, RemoveEntryList(&a), TRUE);
	KUNIT_EXPECT_TRUE(test, IsListEmpty(&head));
}

static void wk_interlocked_lists(struct kunit *test)
{
	LIST_ENTRY head, a, b, c;
	KSPIN_LOCK lock;

	KeInitializeSpinLock(&lock);
	InitializeListHead(&head);
	KUNIT_EXPECT_NULL(test, ExInterlockedRemoveHeadList(&head, &lock));
	KUNIT_EXPECT_NULL(test, ExInterlockedInsertTailList(&head, &b, &lock));
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedInsertHeadList(&head, &a, &lock), &b);
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedInsertTailList(&head, &c, &lock), &b);
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedRemoveHeadList(&head, &lock), &a);
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedRemoveHeadList(&head, &lock), &b);
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedRemoveHeadList(&head, &lock), &c);
	KUNIT_EXPECT_NULL(test, ExInterlockedInsertHeadList(&head, &a, &lock));
}

/* An `l` is 32 bits on Windows: taken for 64 it would shift every argument behind it. */
static void wk_debug_output_is_translated(struct kunit *test)
{
	pr_info("wdmdma_kunit: expect WARNING 1: wk_dbg: -5 7 0000BEEF 123456789012 x y 100%%\n");
	KUNIT_EXPECT_EQ(test, DbgPrint("wk_dbg: %ld %lu %08lX %I64d %c %s %d%%\n", (LONG)-5,
				       (ULONG)7, (ULONG)0xBEEF, 123456789012LL, 'x', "y", 100),
			STATUS_SUCCESS);
}

static struct kunit_case wk_runtime_cases[] = {
	KUNIT_CASE(wk_irql_is_where_one_is),
	KUNIT_CASE(wk_irql_of_a_hard_interrupt),
	KUNIT_CASE(wk_raise_and_lower_nest),
	KUNIT_CASE(wk_spin_lock_restores_the_irql),
	KUNIT_CASE(wk_notification_event_stays),
	KUNIT_CASE(wk_synchronization_event_is_used_up),
	KUNIT_CASE(wk_event_releases_one_or_all),
	KUNIT_CASE(wk_timeout_is_relative_or_a_date),
	KUNIT_CASE(wk_waiting_at_dispatch_level_is_refused),
	KUNIT_CASE(wk_dpc_runs_once_for_an_insert),
	KUNIT_CASE(wk_dpc_can_be_taken_back),
	KUNIT_CASE(wk_dpcs_run_in_order),
	KUNIT_CASE(wk_dpc_can_queue_itself),
	KUNIT_CASE(wk_dpc_can_free_itself_and_wake_a_waiter),
	KUNIT_CASE(wk_pool_is_aligned_and_cleared),
	KUNIT_CASE(wk_large_pool_can_be_freed_at_dispatch_level),
	KUNIT_CASE(wk_interlocked_returns_what_windows_does),
	KUNIT_CASE(wk_memory_routines),
	KUNIT_CASE(wk_list_entries),
	KUNIT_CASE(wk_interlocked_lists),
	KUNIT_CASE(wk_debug_output_is_translated),
	{}
};

static struct kunit_suite wk_runtime_suite = {
	.name = "wdmdma_runtime",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_runtime_cases,
};

kunit_test_suite(wk_runtime_suite);
