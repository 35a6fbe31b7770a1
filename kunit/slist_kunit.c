// SPDX-License-Identifier: GPL-2.0-only
/*
 * Singly linked lists and lookaside lists.
 */
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>

#include <kunit/test.h>

#include <wdmdma/ex.h>
#include <wdmdma/lookaside.h>
#include <wdmdma/slist.h>

#include "fixture.h"
#include "hardirq.h"

static void wk_bare_lists_are_last_in_first_out(struct kunit *test)
{
	SINGLE_LIST_ENTRY head = { NULL }, a, b;
	KSPIN_LOCK lock;

	KUNIT_EXPECT_NULL(test, PopEntryList(&head));
	PushEntryList(&head, &a);
	PushEntryList(&head, &b);
	KUNIT_EXPECT_PTR_EQ(test, PopEntryList(&head), &b);
	KUNIT_EXPECT_PTR_EQ(test, PopEntryList(&head), &a);
	KUNIT_EXPECT_NULL(test, PopEntryList(&head));

	KeInitializeSpinLock(&lock);
	KUNIT_EXPECT_NULL(test, ExInterlockedPopEntryList(&head, &lock));
	KUNIT_EXPECT_NULL(test, ExInterlockedPushEntryList(&head, &a, &lock));
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedPushEntryList(&head, &b, &lock), &a);
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedPopEntryList(&head, &lock), &b);
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedPopEntryList(&head, &lock), &a);
}

static void wk_sequenced_lists(struct kunit *test)
{
	SLIST_ENTRY entries[5];
	SLIST_HEADER head;
	KSPIN_LOCK unused;

	InitializeSListHead(&head);
	KUNIT_EXPECT_NULL(test, InterlockedPopEntrySList(&head));
	KUNIT_EXPECT_EQ(test, QueryDepthSList(&head), 0);
	KUNIT_EXPECT_NULL(test, InterlockedPushEntrySList(&head, &entries[0]));
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedPushEntrySList(&head, &entries[1], &unused),
			    &entries[0]);
	KUNIT_EXPECT_EQ(test, ExQueryDepthSList(&head), 2);
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedPopEntrySList(&head, &unused), &entries[1]);

	entries[2].Next = &entries[3];
	KUNIT_EXPECT_PTR_EQ(test, InterlockedPushListSListEx(&head, &entries[2], &entries[3], 2),
			    &entries[0]);
	KUNIT_EXPECT_EQ(test, QueryDepthSList(&head), 3);
	KUNIT_EXPECT_PTR_EQ(test, InterlockedPopEntrySList(&head), &entries[2]);
	KUNIT_EXPECT_PTR_EQ(test, InterlockedFlushSList(&head), &entries[3]);
	KUNIT_EXPECT_PTR_EQ(test, entries[3].Next, &entries[0]);
	KUNIT_EXPECT_NULL(test, entries[0].Next);
	KUNIT_EXPECT_EQ(test, QueryDepthSList(&head), 0);
	KUNIT_EXPECT_NULL(test, InterlockedFlushSList(&head));
}

/*
 * A thread and an interrupt pop entries and push them back, so that the same entry is first again
 * and again while the other is in the middle of something: none may get lost or be had twice.
 */
struct wk_shared_list {
	struct hrtimer timer;
	SLIST_HEADER head;
	struct {
		SLIST_ENTRY link;
		atomic_t owners;
	} entries[8];
	unsigned int interrupts;
	bool twice;
};

static void wk_pop_two_push_two(struct wk_shared_list *list)
{
	PSLIST_ENTRY links[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		links[i] = InterlockedPopEntrySList(&list->head);
		if (links[i])
			list->twice |= atomic_inc_return((atomic_t *)(links[i] + 1)) != 1;
	}
	for (i = 0; i < 2; i++) {
		if (!links[i])
			continue;
		atomic_dec((atomic_t *)(links[i] + 1));
		InterlockedPushEntrySList(&list->head, links[i]);
	}
}

static enum hrtimer_restart wk_list_interrupt(struct hrtimer *timer)
{
	struct wk_shared_list *list = container_of(timer, struct wk_shared_list, timer);

	wk_pop_two_push_two(list);
	if (++list->interrupts == 300)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, ns_to_ktime(20000));
	return HRTIMER_RESTART;
}

static void wk_sequenced_lists_shared_with_an_interrupt(struct kunit *test)
{
	static struct wk_shared_list list;
	unsigned int i;

	InitializeSListHead(&list.head);
	list.interrupts = 0;
	list.twice = false;
	for (i = 0; i < 8; i++) {
		atomic_set(&list.entries[i].owners, 0);
		InterlockedPushEntrySList(&list.head, &list.entries[i].link);
	}
	hrtimer_init(&list.timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	list.timer.function = wk_list_interrupt;
	hrtimer_start(&list.timer, ns_to_ktime(20000), HRTIMER_MODE_REL_HARD);
	while (READ_ONCE(list.interrupts) < 300)
		wk_pop_two_push_two(&list);
	hrtimer_cancel(&list.timer);
	KUNIT_EXPECT_FALSE(test, list.twice);
	KUNIT_EXPECT_EQ(test, QueryDepthSList(&list.head), 8);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_NOT_NULL(test, InterlockedPopEntrySList(&list.head));
	KUNIT_EXPECT_NULL(test, InterlockedPopEntrySList(&list.head));
}

static void wk_lookaside_lists_give_blocks(struct kunit *test)
{
	static NPAGED_LOOKASIDE_LIST list;
	PVOID blocks[10];
	unsigned int i;
	KIRQL old;

	ExInitializeNPagedLookasideList(&list, NULL, NULL, 0, 100, WK_TAG, 0);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	for (i = 0; i < 10; i++) {
		blocks[i] = ExAllocateFromNPagedLookasideList(&list);
		if (blocks[i])
			memset(blocks[i], i, 100);
	}
	KeLowerIrql(old);
	for (i = 0; i < 10; i++) {
		KUNIT_ASSERT_NOT_NULL(test, blocks[i]);
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)blocks[i], 16));
		KUNIT_EXPECT_NULL(test, memchr_inv(blocks[i], i, 100));
		ExFreeToNPagedLookasideList(&list, blocks[i]);
	}
	KUNIT_EXPECT_EQ(test, list.L.TotalAllocates, 10);
	KUNIT_EXPECT_EQ(test, list.L.TotalFrees, 10);
	ExDeleteNPagedLookasideList(&list);
}

static void wk_paged_lookaside_lists_give_blocks(struct kunit *test)
{
	static PAGED_LOOKASIDE_LIST list;
	PVOID block;

	ExInitializePagedLookasideList(&list, NULL, NULL, 0, 5000, WK_TAG, 0);
	block = ExAllocateFromPagedLookasideList(&list);
	KUNIT_ASSERT_NOT_NULL(test, block);
	memset(block, 0xEE, 5000);
	ExFreeToPagedLookasideList(&list, block);
	ExDeletePagedLookasideList(&list);
}

struct wk_counted_list {
	LOOKASIDE_LIST_EX list;
	unsigned int allocated, freed;
	SIZE_T bytes;
	ULONG tag;
};

static PVOID wk_counted_allocate(POOL_TYPE type, SIZE_T bytes, ULONG tag, PLOOKASIDE_LIST_EX list)
{
	struct wk_counted_list *counted = container_of(list, struct wk_counted_list, list);

	counted->allocated++;
	counted->bytes = bytes;
	counted->tag = tag;
	return ExAllocatePoolZero(type, bytes, tag);
}

static VOID wk_counted_free(PVOID block, PLOOKASIDE_LIST_EX list)
{
	container_of(list, struct wk_counted_list, list)->freed++;
	ExFreePool(block);
}

static void wk_lookaside_lists_call_the_drivers_routines(struct kunit *test)
{
	static struct wk_counted_list counted;
	PVOID block;

	counted.allocated = 0;
	counted.freed = 0;
	KUNIT_EXPECT_EQ(test, ExInitializeLookasideListEx(&counted.list, NULL, NULL, NonPagedPoolNx,
							  0x80, 64, WK_TAG, 0),
			STATUS_INVALID_PARAMETER);
	KUNIT_ASSERT_EQ(test, ExInitializeLookasideListEx(&counted.list, wk_counted_allocate,
							  wk_counted_free, NonPagedPoolNx, 0, 64,
							  WK_TAG, 0), STATUS_SUCCESS);
	block = ExAllocateFromLookasideListEx(&counted.list);
	KUNIT_ASSERT_NOT_NULL(test, block);
	KUNIT_EXPECT_EQ(test, counted.allocated, 1);
	KUNIT_EXPECT_EQ(test, counted.bytes, 64);
	KUNIT_EXPECT_EQ(test, counted.tag, WK_TAG);
	ExFreeToLookasideListEx(&counted.list, block);
	ExFlushLookasideListEx(&counted.list);
	ExDeleteLookasideListEx(&counted.list);
	KUNIT_EXPECT_EQ(test, counted.freed, 1);
}

/* The older routines are not told which list it is. */
static unsigned int wk_plain_allocated, wk_plain_freed;

static PVOID wk_plain_allocate(POOL_TYPE type, SIZE_T bytes, ULONG tag)
{
	wk_plain_allocated += bytes == 48 && tag == WK_TAG;
	return ExAllocatePoolZero(type, bytes, tag);
}

static VOID wk_plain_free(PVOID block)
{
	wk_plain_freed++;
	ExFreePool(block);
}

static void wk_older_lookaside_lists_call_the_drivers_routines(struct kunit *test)
{
	static NPAGED_LOOKASIDE_LIST list;
	PVOID blocks[2];
	unsigned int i;

	wk_plain_allocated = 0;
	wk_plain_freed = 0;
	ExInitializeNPagedLookasideList(&list, wk_plain_allocate, wk_plain_free, 0, 48, WK_TAG, 0);
	for (i = 0; i < 2; i++)
		blocks[i] = ExAllocateFromNPagedLookasideList(&list);
	KUNIT_EXPECT_EQ(test, wk_plain_allocated, 2);
	for (i = 0; i < 2; i++)
		ExFreeToNPagedLookasideList(&list, blocks[i]);
	ExDeleteNPagedLookasideList(&list);
	KUNIT_EXPECT_EQ(test, wk_plain_freed, 2);
}

static void wk_lookaside_misuse(struct kunit *test)
{
	static NPAGED_LOOKASIDE_LIST list;
	PVOID block;

	wk_expect_report(test, WD_REPORT_OBJECT, 4);
	memset(&list, 0, sizeof(list));
	KUNIT_EXPECT_NULL(test, ExAllocateFromNPagedLookasideList(&list));
	ExInitializeNPagedLookasideList(&list, NULL, NULL, 0, 8, WK_TAG, 0);
	block = ExAllocateFromNPagedLookasideList(&list);
	ExDeleteNPagedLookasideList(&list);		/* with a block outstanding */
	ExFreeToNPagedLookasideList(&list, block);	/* too late */
	ExDeleteNPagedLookasideList(&list);
	ExFreePool(block);
}

static void wk_lookaside_that_fails_returns_null(struct kunit *test)
{
	static NPAGED_LOOKASIDE_LIST list;
	unsigned int n, failed = 0;
	PVOID block = NULL;
	KIRQL old;

	ExInitializeNPagedLookasideList(&list, NULL, NULL, 0, 64, WK_TAG, 0);
	for (n = 1; n < 10 && !block; n++) {
		KeRaiseIrql(DISPATCH_LEVEL, &old);
		current->fail_nth = n;
		block = ExAllocateFromNPagedLookasideList(&list);
		current->fail_nth = 0;
		KeLowerIrql(old);
		failed += !block;
	}
	KUNIT_ASSERT_NOT_NULL(test, block);
	KUNIT_EXPECT_GT(test, failed, 0);
	ExFreeToNPagedLookasideList(&list, block);
	ExDeleteNPagedLookasideList(&list);	/* a failure is not outstanding */
}

static struct kunit_case wk_slist_cases[] = {
	KUNIT_CASE(wk_bare_lists_are_last_in_first_out),
	KUNIT_CASE(wk_sequenced_lists),
	KUNIT_CASE(wk_sequenced_lists_shared_with_an_interrupt),
	KUNIT_CASE(wk_lookaside_lists_give_blocks),
	KUNIT_CASE(wk_paged_lookaside_lists_give_blocks),
	KUNIT_CASE(wk_lookaside_lists_call_the_drivers_routines),
	KUNIT_CASE(wk_older_lookaside_lists_call_the_drivers_routines),
	KUNIT_CASE(wk_lookaside_misuse),
	KUNIT_CASE(wk_lookaside_that_fails_returns_null),
	{}
};

static struct kunit_suite wk_slist_suite = {
	.name = "wdmdma_slist",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_slist_cases,
};

kunit_test_suite(wk_slist_suite);
