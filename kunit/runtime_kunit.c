// SPDX-License-Identifier: GPL-2.0-only
/*
 * The small parts of the Windows kernel that ported DMA drivers call: IRQL, spin locks, pool,
 * memory and list helpers, debug output.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
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
#include "hardirq.h"

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

struct wk_levels {
	KIRQL irql;
	bool stayed;
};

static void wk_note_levels(void *data)
{
	struct wk_levels *levels = data;
	KIRQL old;

	levels->irql = KeGetCurrentIrql();
	KeRaiseIrql(HIGH_LEVEL, &old);	/* changes nothing here, up and down */
	KeLowerIrql(old);
	levels->stayed = levels->irql == old && KeGetCurrentIrql() == old;
}

static void wk_irql_of_a_hard_interrupt(struct kunit *test)
{
	struct wk_levels levels = {};

	wk_in_hard_interrupt(wk_note_levels, &levels);
	KUNIT_EXPECT_GT(test, levels.irql, DISPATCH_LEVEL);
	KUNIT_EXPECT_LT(test, levels.irql, HIGH_LEVEL);
	KUNIT_EXPECT_TRUE(test, levels.stayed);
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

/* C++ cannot see the inlines, and gets functions instead. */
static void wk_functions_for_cplusplus(struct kunit *test)
{
	KIRQL old, up, again;
	BOOLEAN free, taken, held;
	KSPIN_LOCK lock;

	KeInitializeSpinLock(&lock);
	old = wdmdma_ke_raise_irql(DISPATCH_LEVEL);
	up = KeGetCurrentIrql();
	wdmdma_ke_acquire_spin_lock_at_dpc_level(&lock);
	free = KeTestSpinLock(&lock);
	/* With one processor the kernel takes such a try for a mistake. */
	taken = IS_ENABLED(CONFIG_SMP) && wdmdma_ke_try_to_acquire_spin_lock_at_dpc_level(&lock);
	wdmdma_ke_release_spin_lock_from_dpc_level(&lock);
	held = !KeTestSpinLock(&lock);
	again = wdmdma_ke_try_to_acquire_spin_lock_at_dpc_level(&lock);
	if (again)
		wdmdma_ke_release_spin_lock_from_dpc_level(&lock);
	wdmdma_ke_memory_barrier();
	wdmdma_ke_lower_irql(old);

	KUNIT_EXPECT_EQ(test, old, PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, up, DISPATCH_LEVEL);
	KUNIT_EXPECT_FALSE(test, free);
	KUNIT_EXPECT_FALSE(test, taken);
	KUNIT_EXPECT_FALSE(test, held);
	KUNIT_EXPECT_TRUE(test, again);
	wk_expect_irql(test, PASSIVE_LEVEL);
}

/*
 * Beyond a millisecond, too. How long that is depends on how well the kernel knows its loop, and on
 * who else wants the processor: the shortest of some tries counts, made in turn.
 */
static void wk_stall_lasts_longer_for_more(struct kunit *test)
{
	static const ULONG us[] = { 400, 999, 2400, 6000 };
	u64 shortest[ARRAY_SIZE(us)];
	unsigned int i, round;

	memset64(shortest, U64_MAX, ARRAY_SIZE(shortest));
	for (round = 0; round < 8; round++) {
		for (i = 0; i < ARRAY_SIZE(us); i++) {
			u64 start = ktime_get_ns();

			KeStallExecutionProcessor(us[i]);
			shortest[i] = min(shortest[i], ktime_get_ns() - start);
		}
	}
	KUNIT_EXPECT_GT(test, shortest[1], shortest[0] * 3 / 2);
	KUNIT_EXPECT_GT(test, shortest[2], shortest[1] * 3 / 2);
	KUNIT_EXPECT_GT(test, shortest[3], shortest[1] * 2);
}

/* Each thread reads, waits a little, and writes back: without a lock additions get lost. */
struct wk_contest {
	KSPIN_LOCK lock;
	unsigned int sum, running;
	bool at_dpc_level, overlapped;
	struct completion gone;
};

static void wk_contest_add(struct wk_contest *contest)
{
	unsigned int sum = READ_ONCE(contest->sum);

	contest->overlapped |= contest->running++;
	KeStallExecutionProcessor(2);
	contest->running--;
	WRITE_ONCE(contest->sum, sum + 1);
}

static int wk_contestant(void *data)
{
	struct wk_contest *contest = data;
	KLOCK_QUEUE_HANDLE handle;
	unsigned int i;
	KIRQL old;

	for (i = 0; i < 500; i++) {
		if (contest->at_dpc_level) {
			KeRaiseIrql(DISPATCH_LEVEL, &old);
			KeAcquireInStackQueuedSpinLockAtDpcLevel(&contest->lock, &handle);
			wk_contest_add(contest);
			KeReleaseInStackQueuedSpinLockFromDpcLevel(&handle);
			KeLowerIrql(old);
		} else {
			KeAcquireInStackQueuedSpinLock(&contest->lock, &handle);
			wk_contest_add(contest);
			KeReleaseInStackQueuedSpinLock(&handle);
		}
		if (i % 50 == 0)
			schedule();
	}
	complete(&contest->gone);
	return 0;
}

static void wk_in_stack_locks_exclude(struct kunit *test)
{
	static struct wk_contest contest;
	unsigned int i, at_dpc_level;

	KeInitializeSpinLock(&contest.lock);
	for (at_dpc_level = 0; at_dpc_level < 2; at_dpc_level++) {
		contest.sum = 0;
		contest.overlapped = false;
		contest.at_dpc_level = at_dpc_level;
		init_completion(&contest.gone);
		for (i = 0; i < 3; i++)
			KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(wk_contestant, &contest,
								    "wk_lock")));
		for (i = 0; i < 3; i++)
			wait_for_completion(&contest.gone);
		KUNIT_EXPECT_EQ(test, contest.sum, 1500);
		KUNIT_EXPECT_FALSE(test, contest.overlapped);
	}
	wk_expect_irql(test, PASSIVE_LEVEL);
}

static void wk_in_stack_locks_are_spin_locks(struct kunit *test)
{
	KLOCK_QUEUE_HANDLE handle;
	KIRQL held, restored;
	bool held_by_lockdep;
	BOOLEAN free, second;
	KSPIN_LOCK lock;

	KeInitializeSpinLock(&lock);
	KUNIT_EXPECT_TRUE(test, KeTestSpinLock(&lock));
	KeAcquireInStackQueuedSpinLock(&lock, &handle);
	held = KeGetCurrentIrql();
	held_by_lockdep = lockdep_is_held(wdmdma_spinlock(&lock));
	free = KeTestSpinLock(&lock);
	/* A lock debugger without SMP takes a failure for a deadlock. */
	second = IS_ENABLED(CONFIG_SMP) && KeTryToAcquireSpinLockAtDpcLevel(&lock);
	restored = handle.OldIrql;
	KeReleaseInStackQueuedSpinLock(&handle);
	KUNIT_EXPECT_EQ(test, held, DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, restored, PASSIVE_LEVEL);
	KUNIT_EXPECT_TRUE(test, held_by_lockdep);
	KUNIT_EXPECT_FALSE(test, second);
	if (IS_ENABLED(CONFIG_SMP) || IS_ENABLED(CONFIG_DEBUG_SPINLOCK))
		KUNIT_EXPECT_FALSE(test, free);
	wk_expect_irql(test, PASSIVE_LEVEL);
}

/* Unknown flags: the lower half is required, the upper one is not. */
static void wk_pool_flags_that_are_not_known(struct kunit *test)
{
	POOL_EXTENDED_PARAMETER parameter = { .Type = 1 };
	PVOID block;

	KUNIT_EXPECT_NULL(test, ExAllocatePool2(POOL_FLAG_NON_PAGED | 0x40000000, 8, WK_TAG));
	block = ExAllocatePool2(POOL_FLAG_NON_PAGED | 0x100000000ULL, 8, WK_TAG);
	KUNIT_EXPECT_NOT_NULL(test, block);
	ExFreePool(block);
	KUNIT_EXPECT_NULL(test, ExAllocatePool3(POOL_FLAG_NON_PAGED, 8, WK_TAG, &parameter, 1));
	parameter.Type |= WDMDMA_POOL_PARAMETER_OPTIONAL;
	block = ExAllocatePool3(POOL_FLAG_NON_PAGED, 8, WK_TAG, &parameter, 1);
	KUNIT_EXPECT_NOT_NULL(test, block);
	ExFreePool2(block, WK_TAG, NULL, 0);
}

static PVOID wk_allocate_in_form(unsigned int form, SIZE_T bytes)
{
	switch (form) {
	case 0:
		return ExAllocatePoolZero(NonPagedPoolNx, bytes, WK_TAG);
	case 1:
		return ExAllocatePoolQuotaZero(NonPagedPool, bytes, WK_TAG);
	case 2:
		return ExAllocatePoolPriorityZero(PagedPool, bytes, WK_TAG, HighPoolPriority);
	case 3:
		return ExAllocatePoolWithTag((POOL_TYPE)(NonPagedPool | POOL_ZERO_ALLOCATION),
					     bytes, WK_TAG);
	case 4:
		return ExAllocatePoolWithQuotaTag((POOL_TYPE)(NonPagedPool |
							      POOL_QUOTA_FAIL_INSTEAD_OF_RAISE),
						  bytes, WK_TAG);
	case 5:
		return ExAllocatePoolWithTagPriority(NonPagedPoolCacheAligned, bytes, WK_TAG,
						     LowPoolPriority);
	default:
		return ExAllocatePool(PagedPool, bytes);
	}
}

static void wk_pool_in_all_forms(struct kunit *test)
{
	unsigned int form;

	for (form = 0; form < 7; form++) {
		PVOID block = wk_allocate_in_form(form, 300);

		KUNIT_ASSERT_NOT_NULL_MSG(test, block, "form %u", form);
		if (form < 4)
			KUNIT_EXPECT_NULL(test, memchr_inv(block, 0, 300));
		ExFreePoolWithTag(block, WK_TAG);
	}
}

static void wk_pool_that_fails_returns_null(struct kunit *test)
{
	PVOID block = NULL;
	unsigned int n, failed = 0;
	KIRQL old;

	for (n = 1; n < 10 && !block; n++) {
		KeRaiseIrql(DISPATCH_LEVEL, &old);
		current->fail_nth = n;
		block = ExAllocatePool2(POOL_FLAG_NON_PAGED, 200, WK_TAG);
		current->fail_nth = 0;
		KeLowerIrql(old);
		failed += !block;
	}
	KUNIT_EXPECT_NOT_NULL(test, block);
	KUNIT_EXPECT_GT(test, failed, 0);
	ExFreePool(block);
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

static void wk_interlocked_of_other_widths(struct kunit *test)
{
	LONG64 wide = 0xffffffffLL;
	LONG bits[2] = { 0, 0 };
	SHORT narrow = -1;

	KUNIT_EXPECT_EQ(test, InterlockedIncrement64(&wide), 0x100000000LL);
	KUNIT_EXPECT_EQ(test, InterlockedAdd64(&wide, -1), 0xffffffffLL);	/* the new value */
	KUNIT_EXPECT_EQ(test, InterlockedExchangeAdd64(&wide, 2), 0xffffffffLL);
	KUNIT_EXPECT_EQ(test, InterlockedExchange64(&wide, 5), 0x100000001LL);
	KUNIT_EXPECT_EQ(test, InterlockedCompareExchange64(&wide, 6, 5), 5);
	KUNIT_EXPECT_EQ(test, wide, 6);
	KUNIT_EXPECT_EQ(test, InterlockedIncrement16(&narrow), 0);
	KUNIT_EXPECT_EQ(test, InterlockedCompareExchange16(&narrow, 3, 0), 0);
	KUNIT_EXPECT_EQ(test, narrow, 3);
	KUNIT_EXPECT_EQ(test, InterlockedAdd(&bits[0], 4), 4);
	KUNIT_EXPECT_EQ(test, InterlockedBitTestAndSet(bits, 2), TRUE);
	KUNIT_EXPECT_EQ(test, InterlockedBitTestAndSet(bits, 31), FALSE);
	KUNIT_EXPECT_EQ(test, InterlockedBitTestAndSet(bits, 33), FALSE);
	KUNIT_EXPECT_EQ(test, bits[0], (LONG)0x80000004);
	KUNIT_EXPECT_EQ(test, bits[1], 2);
	KUNIT_EXPECT_EQ(test, InterlockedBitTestAndReset(bits, 31), TRUE);
	KUNIT_EXPECT_EQ(test, InterlockedBitTestAndReset(bits, 31), FALSE);
	KUNIT_EXPECT_EQ(test, bits[0], 4);
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

	/* b and c are a ring without a head; they come behind a. */
	InitializeListHead(&b);
	InsertTailList(&b, &c);
	InsertTailList(&head, &a);
	AppendTailList(&head, &b);
	KUNIT_EXPECT_PTR_EQ(test, RemoveHeadList(&head), &a);
	KUNIT_EXPECT_PTR_EQ(test, RemoveHeadList(&head), &b);
	KUNIT_EXPECT_PTR_EQ(test, RemoveHeadList(&head), &c);
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
	KUNIT_CASE(wk_functions_for_cplusplus),
	KUNIT_CASE(wk_stall_lasts_longer_for_more),
	KUNIT_CASE(wk_in_stack_locks_exclude),
	KUNIT_CASE(wk_in_stack_locks_are_spin_locks),
	KUNIT_CASE(wk_pool_flags_that_are_not_known),
	KUNIT_CASE(wk_pool_in_all_forms),
	KUNIT_CASE(wk_pool_that_fails_returns_null),
	KUNIT_CASE(wk_pool_is_aligned_and_cleared),
	KUNIT_CASE(wk_large_pool_can_be_freed_at_dispatch_level),
	KUNIT_CASE(wk_interlocked_returns_what_windows_does),
	KUNIT_CASE(wk_interlocked_of_other_widths),
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
