// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work items.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/module.h>

#include <kunit/test.h>

#include <wdmdma/ex.h>
#include <wdmdma/work.h>

#include "fixture.h"
#include "hardirq.h"

/* What a work item's routine saw */
struct wk_work {
	KEVENT ran, go;
	PVOID object;
	PIO_WORKITEM item;
	KIRQL irql;
	unsigned int count, limit;
	bool may_sleep, block, free;
	struct wk_work *next;
};

static VOID wk_work_routine_ex(PVOID object, PVOID context, PIO_WORKITEM item)
{
	struct wk_work *work = context;

	work->object = object;
	work->item = item;
	work->irql = KeGetCurrentIrql();
	work->count++;
	usleep_range(1000, 2000);	/* complains if it may not */
	if (work->block)
		KeWaitForSingleObject(&work->go, Executive, KernelMode, FALSE, NULL);
	if (work->count < work->limit)
		IoQueueWorkItemEx(item, wk_work_routine_ex, DelayedWorkQueue, work);
	if (work->free)
		IoFreeWorkItem(item);
	KeSetEvent(&work->ran, IO_NO_INCREMENT, FALSE);
}

static VOID wk_work_routine(PDEVICE_OBJECT object, PVOID context)
{
	struct wk_work *work = context;

	work->object = object;
	work->irql = KeGetCurrentIrql();
	work->count++;
	KeSetEvent(&work->ran, IO_NO_INCREMENT, FALSE);
}

static void wk_work_init(struct wk_work *work)
{
	KeInitializeEvent(&work->ran, SynchronizationEvent, FALSE);
	KeInitializeEvent(&work->go, NotificationEvent, FALSE);
}

static PIO_WORKITEM wk_work_item(struct kunit *test)
{
	struct wk_world *world = test->priv;
	PIO_WORKITEM item = IoAllocateWorkItem(world->object);

	KUNIT_ASSERT_NOT_NULL(test, item);
	return item;
}

static void wk_work_runs_once_at_passive_level(struct kunit *test)
{
	struct wk_world *world = test->priv;
	PIO_WORKITEM item = wk_work_item(test);
	struct wk_work work = {};
	unsigned int early;
	KIRQL old;

	wk_work_init(&work);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	IoQueueWorkItem(item, wk_work_routine, CriticalWorkQueue, &work);
	early = work.count;
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, early, 0);
	KUNIT_EXPECT_EQ(test, wk_wait_for_object(&work.ran, 5000), STATUS_SUCCESS);
	IoQueueWorkItemEx(item, wk_work_routine_ex, DelayedWorkQueue, &work);
	KUNIT_EXPECT_EQ(test, wk_wait_for_object(&work.ran, 5000), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, work.count, 2);
	KUNIT_EXPECT_EQ(test, work.irql, PASSIVE_LEVEL);
	KUNIT_EXPECT_PTR_EQ(test, work.object, (PVOID)world->object);
	KUNIT_EXPECT_PTR_EQ(test, work.item, item);
	IoFreeWorkItem(item);
}

static void wk_work_item_can_be_freed_in_its_routine(struct kunit *test)
{
	struct wk_work work = { .free = true };
	unsigned int i;

	wk_work_init(&work);
	for (i = 1; i <= 10; i++) {
		IoQueueWorkItemEx(wk_work_item(test), wk_work_routine_ex, DelayedWorkQueue, &work);
		KUNIT_EXPECT_EQ(test, wk_wait_for_object(&work.ran, 5000), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, work.count, i);
	}
}

static void wk_work_item_can_queue_itself(struct kunit *test)
{
	struct wk_work work = { .limit = 5 };
	PIO_WORKITEM item = wk_work_item(test);

	wk_work_init(&work);
	IoQueueWorkItemEx(item, wk_work_routine_ex, DelayedWorkQueue, &work);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(work.count) == 5));
	msleep(20);
	KUNIT_EXPECT_EQ(test, work.count, 5);
	IoFreeWorkItem(item);
}

static VOID wk_wait_for_other(PVOID object, PVOID context, PIO_WORKITEM item)
{
	struct wk_work *work = context;

	/* The same memory as another item, while this routine still runs */
	IoUninitializeWorkItem(item);
	IoInitializeWorkItem(object, item);
	IoQueueWorkItemEx(item, wk_work_routine_ex, DelayedWorkQueue, work->next);
	work->count = wk_wait_for_object(&work->next->ran, 5000) == STATUS_SUCCESS;
	KeSetEvent(&work->ran, IO_NO_INCREMENT, FALSE);
}

static void wk_memory_of_an_item_can_be_used_again(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wk_work second = {}, first = { .next = &second };
	PIO_WORKITEM item = ExAllocatePoolZero(NonPagedPoolNx, IoSizeofWorkItem(), WK_TAG);

	KUNIT_ASSERT_NOT_NULL(test, item);
	wk_work_init(&first);
	wk_work_init(&second);
	IoInitializeWorkItem(world->object, item);
	IoQueueWorkItemEx(item, wk_wait_for_other, DelayedWorkQueue, &first);
	KUNIT_EXPECT_EQ(test, wk_wait_for_object(&first.ran, 10000), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, first.count, 1);
	KUNIT_EXPECT_EQ(test, second.count, 1);
	ExFreePool(item);
}

/* The module cannot be unloaded while its routine is still to run. */
static void wk_queued_work_keeps_the_module(struct kunit *test)
{
	struct wk_work work = { .block = true };
	int before = module_refcount(THIS_MODULE);
	PIO_WORKITEM item = wk_work_item(test);

	wk_work_init(&work);
	IoQueueWorkItemEx(item, wk_work_routine_ex, DelayedWorkQueue, &work);
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before + 1);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(work.count) == 1));
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before + 1);
	KeSetEvent(&work.go, IO_NO_INCREMENT, FALSE);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(module_refcount(THIS_MODULE) == before));
	IoFreeWorkItem(item);
}

static VOID wk_work_look_at_object(PDEVICE_OBJECT object, PVOID context)
{
	struct wk_work *work = context;

	msleep(50);
	work->count = object->Size == sizeof(*object);	/* KASAN looks too */
	KeSetEvent(&work->ran, IO_NO_INCREMENT, FALSE);
}

static void wk_queued_work_keeps_the_device_object(struct kunit *test)
{
	struct wk_work put = {}, unbound = {};
	PIO_WORKITEM item;
	struct platform_device *pdev = wk_add_device(test);
	PDEVICE_OBJECT object = wdmdma_get_device_object(&pdev->dev);

	KUNIT_ASSERT_NOT_NULL(test, object);
	wk_work_init(&put);
	wk_work_init(&unbound);
	item = IoAllocateWorkItem(object);
	KUNIT_ASSERT_NOT_NULL(test, item);
	IoQueueWorkItem(item, wk_work_look_at_object, DelayedWorkQueue, &put);
	wdmdma_put_device_object(object);		/* the last reference */
	KUNIT_EXPECT_EQ(test, put.count, 1);
	IoFreeWorkItem(item);

	object = wdmdma_get_device_object(&pdev->dev);
	KUNIT_ASSERT_NOT_NULL(test, object);
	item = IoAllocateWorkItem(object);
	KUNIT_ASSERT_NOT_NULL(test, item);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);	/* never put */
	IoQueueWorkItem(item, wk_work_look_at_object, DelayedWorkQueue, &unbound);
	wk_remove_device(pdev);
	KUNIT_EXPECT_EQ(test, unbound.count, 1);
	IoFreeWorkItem(item);
}

static void wk_work_misuse(struct kunit *test)
{
	struct wk_work work = {};
	PIO_WORKITEM item = wk_work_item(test);
	KIRQL old;

	wk_work_init(&work);
	wk_expect_report(test, WD_REPORT_OBJECT, 6);
	IoQueueWorkItem(item, NULL, DelayedWorkQueue, NULL);
	IoQueueWorkItem(NULL, wk_work_routine, DelayedWorkQueue, &work);
	IoQueueWorkItemEx(item, NULL, DelayedWorkQueue, &work);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	wk_hold_others();
	IoQueueWorkItem(item, wk_work_routine, DelayedWorkQueue, &work);
	IoQueueWorkItem(item, wk_work_routine, DelayedWorkQueue, &work);	/* once is enough */
	IoUninitializeWorkItem(item);
	IoFreeWorkItem(item);		/* freed when it has run */
	wk_release_others();
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, wk_wait_for_object(&work.ran, 5000), STATUS_SUCCESS);
	msleep(20);
	KUNIT_EXPECT_EQ(test, work.count, 1);
	IoFreeWorkItem(NULL);
}

static VOID wk_bare_routine(PVOID context)
{
	struct wk_work *work = context;

	work->count++;
	KeSetEvent(&work->ran, IO_NO_INCREMENT, FALSE);
}

static void wk_bare_work_items(struct kunit *test)
{
	WORK_QUEUE_ITEM *item = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*item), WK_TAG);
	struct wk_work work = {};
	KIRQL old;

	KUNIT_ASSERT_NOT_NULL(test, item);
	wk_work_init(&work);
	ExInitializeWorkItem(item, wk_bare_routine, &work);
	wk_expect_report(test, WD_REPORT_OBJECT, 1);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	wk_hold_others();
	ExQueueWorkItem(item, DelayedWorkQueue);
	ExQueueWorkItem(item, DelayedWorkQueue);
	wk_release_others();
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, wk_wait_for_object(&work.ran, 5000), STATUS_SUCCESS);
	ExFreePool(item);
	KUNIT_EXPECT_EQ(test, work.count, 1);
}

/* More items than there are threads: all run, and the first do not keep the last from it. */
static void wk_many_items_all_run(struct kunit *test)
{
	static struct wk_work works[100];
	static PIO_WORKITEM items[100];
	unsigned int i, blocked = 20;

	for (i = 0; i < 100; i++) {
		works[i] = (struct wk_work){ .block = i < blocked };
		wk_work_init(&works[i]);
		items[i] = wk_work_item(test);
		IoQueueWorkItemEx(items[i], wk_work_routine_ex, DelayedWorkQueue, &works[i]);
	}
	for (i = blocked; i < 100; i++)
		KUNIT_EXPECT_EQ(test, wk_wait_for_object(&works[i].ran, 5000), STATUS_SUCCESS);
	for (i = 0; i < blocked; i++)
		KeSetEvent(&works[i].go, IO_NO_INCREMENT, FALSE);
	for (i = 0; i < blocked; i++)
		KUNIT_EXPECT_EQ(test, wk_wait_for_object(&works[i].ran, 5000), STATUS_SUCCESS);
	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_EQ(test, works[i].count, 1);
		IoFreeWorkItem(items[i]);
	}
}

static void wk_work_items_that_cannot_be_allocated(struct kunit *test)
{
	struct wk_world *world = test->priv;
	unsigned int n, failed = 0;
	PIO_WORKITEM item = NULL;

	for (n = 1; n < 10 && !item; n++) {
		current->fail_nth = n;
		item = IoAllocateWorkItem(world->object);
		current->fail_nth = 0;
		failed += !item;
	}
	KUNIT_EXPECT_NOT_NULL(test, item);
	KUNIT_EXPECT_GT(test, failed, 0);
	IoFreeWorkItem(item);
}

static struct kunit_case wk_work_cases[] = {
	KUNIT_CASE(wk_work_runs_once_at_passive_level),
	KUNIT_CASE(wk_work_item_can_be_freed_in_its_routine),
	KUNIT_CASE(wk_work_item_can_queue_itself),
	KUNIT_CASE(wk_memory_of_an_item_can_be_used_again),
	KUNIT_CASE(wk_queued_work_keeps_the_module),
	KUNIT_CASE(wk_queued_work_keeps_the_device_object),
	KUNIT_CASE(wk_work_misuse),
	KUNIT_CASE(wk_bare_work_items),
	KUNIT_CASE(wk_many_items_all_run),
	KUNIT_CASE(wk_work_items_that_cannot_be_allocated),
	{}
};

static struct kunit_suite wk_work_suite = {
	.name = "wdmdma_work",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_work_cases,
};

kunit_test_suite(wk_work_suite);
