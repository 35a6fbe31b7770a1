// SPDX-License-Identifier: GPL-2.0-only
/*
 * Request packets, device queues and StartIo.
 */
#include <linux/delay.h>
#include <linux/hrtimer.h>

#include <kunit/test.h>

#include <wdmdma/irp.h>
#include <wdmdma/startio.h>

#include "../wdmdma/compat.h"
#include "fixture.h"
#include "hardirq.h"

/* A driver that records: a lower and an upper device, one request at a time */
struct wk_stack {
	DRIVER_OBJECT driver;
	DEVICE_OBJECT lower, upper;
	unsigned int started, finished, depth, deepest, cancelled, order;
	bool finish_at_once;
	ULONG next_key, key;
	bool keyed;
	PIRP last, relay;
	KIRQL irql;
	NTSTATUS seen;
	BOOLEAN pending_returned;
	unsigned int completions;
	NTSTATUS verdict;
	PDEVICE_OBJECT completion_object;
};

static VOID wk_finish(struct wk_stack *stack, PIRP irp, NTSTATUS status)
{
	stack->finished++;
	irp->IoStatus.Status = status;
	irp->IoStatus.Information = 42;
	IoCompleteRequest(irp, IO_NO_INCREMENT);
}

static VOID wk_start_io(PDEVICE_OBJECT object, PIRP irp)
{
	struct wk_stack *stack = object->DeviceExtension;

	IoSetCancelRoutine(irp, NULL);
	stack->started++;
	stack->last = irp;
	stack->irql = KeGetCurrentIrql();
	stack->depth++;
	stack->deepest = max(stack->deepest, stack->depth);
	if (stack->relay) {
		PIRP relay = stack->relay;

		stack->relay = NULL;
		IoCallDriver(object, relay);
	}
	if (stack->finish_at_once) {
		wk_finish(stack, irp, STATUS_SUCCESS);
		IoStartNextPacketByKey(object, TRUE, stack->next_key);
	}
	stack->depth--;
}

static VOID wk_cancel(PDEVICE_OBJECT object, PIRP irp)
{
	struct wk_stack *stack = object->DeviceExtension;

	KeRemoveEntryDeviceQueue(&object->DeviceQueue, &irp->Tail.Overlay.DeviceQueueEntry);
	IoReleaseCancelSpinLock(irp->CancelIrql);
	stack->cancelled++;
	wk_finish(stack, irp, STATUS_CANCELLED);
}

static NTSTATUS wk_read(PDEVICE_OBJECT object, PIRP irp)
{
	struct wk_stack *stack = object->DeviceExtension;

	if (object == &stack->upper) {
		IoSkipCurrentIrpStackLocation(irp);
		return IoCallDriver(&stack->lower, irp);
	}
	IoMarkIrpPending(irp);
	IoStartPacket(object, irp, stack->keyed ? &stack->key : NULL, wk_cancel);
	return STATUS_PENDING;
}

static NTSTATUS wk_completion(PDEVICE_OBJECT object, PIRP irp, PVOID context)
{
	struct wk_stack *stack = context;

	stack->completions++;
	stack->seen = irp->IoStatus.Status;
	stack->completion_object = object;
	stack->pending_returned = irp->PendingReturned;
	return stack->verdict;
}

static struct wk_stack *wk_stack(struct kunit *test)
{
	struct wk_stack *stack = kunit_kzalloc(test, sizeof(*stack), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, stack);
	stack->driver.DriverStartIo = wk_start_io;
	stack->driver.MajorFunction[IRP_MJ_READ] = wk_read;
	stack->lower.DriverObject = &stack->driver;
	stack->lower.DeviceExtension = stack;
	stack->lower.StackSize = 1;
	stack->upper = stack->lower;
	stack->upper.StackSize = 2;
	stack->verdict = STATUS_SUCCESS;
	return stack;
}

static PIRP wk_irp(struct kunit *test, CHAR stack_size)
{
	PIRP irp = IoAllocateIrp(stack_size, FALSE);

	KUNIT_ASSERT_NOT_NULL(test, irp);
	IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
	IoGetNextIrpStackLocation(irp)->Parameters.Read.Length = 512;
	return irp;
}

static void wk_request_goes_down_and_comes_back(struct kunit *test)
{
	struct wk_stack *stack = wk_stack(test);
	PIRP irp = wk_irp(test, 2);
	IO_STATUS_BLOCK iosb = {};
	KEVENT done;

	KeInitializeEvent(&done, NotificationEvent, FALSE);
	irp->UserEvent = &done;
	irp->UserIosb = &iosb;
	IoSetCompletionRoutine(irp, wk_completion, stack, TRUE, TRUE, TRUE);
	KUNIT_EXPECT_EQ(test, IoCallDriver(&stack->upper, irp), STATUS_PENDING);
	KUNIT_EXPECT_EQ(test, stack->started, 1);
	KUNIT_EXPECT_EQ(test, stack->irql, DISPATCH_LEVEL);
	KUNIT_EXPECT_PTR_EQ(test, stack->lower.CurrentIrp, irp);
	KUNIT_EXPECT_EQ(test, IoGetCurrentIrpStackLocation(irp)->Parameters.Read.Length, 512);
	KUNIT_EXPECT_PTR_EQ(test, IoGetCurrentIrpStackLocation(irp)->DeviceObject, &stack->lower);
	KUNIT_EXPECT_EQ(test, wk_look(&done), STATUS_TIMEOUT);

	wk_finish(stack, irp, STATUS_SUCCESS);
	IoStartNextPacket(&stack->lower, TRUE);
	KUNIT_EXPECT_EQ(test, stack->completions, 1);
	KUNIT_EXPECT_TRUE(test, stack->pending_returned);
	KUNIT_EXPECT_NULL(test, stack->completion_object);	/* the maker has none */
	KUNIT_EXPECT_EQ(test, wk_look(&done), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, iosb.Status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, iosb.Information, 42);
	KUNIT_EXPECT_NULL(test, stack->lower.CurrentIrp);
	IoFreeIrp(irp);
}

static void wk_completion_routine_can_take_over(struct kunit *test)
{
	struct wk_stack *stack = wk_stack(test);
	PIRP irp = wk_irp(test, 1);
	KEVENT done;

	KeInitializeEvent(&done, NotificationEvent, FALSE);
	irp->UserEvent = &done;
	stack->verdict = STATUS_MORE_PROCESSING_REQUIRED;
	IoSetCompletionRoutine(irp, wk_completion, stack, FALSE, TRUE, FALSE);
	IoCallDriver(&stack->lower, irp);
	wk_finish(stack, irp, STATUS_IO_DEVICE_ERROR);
	KUNIT_EXPECT_EQ(test, stack->completions, 1);
	KUNIT_EXPECT_EQ(test, stack->seen, STATUS_IO_DEVICE_ERROR);
	KUNIT_EXPECT_EQ(test, wk_look(&done), STATUS_TIMEOUT);
	IoStartNextPacket(&stack->lower, FALSE);

	/* Again, for successes only: not called */
	IoReuseIrp(irp, STATUS_SUCCESS);
	IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
	irp->UserEvent = &done;
	IoSetCompletionRoutine(irp, wk_completion, stack, TRUE, FALSE, FALSE);
	IoCallDriver(&stack->lower, irp);
	wk_finish(stack, irp, STATUS_IO_DEVICE_ERROR);
	KUNIT_EXPECT_EQ(test, stack->completions, 1);
	KUNIT_EXPECT_EQ(test, wk_look(&done), STATUS_SUCCESS);
	IoStartNextPacket(&stack->lower, FALSE);
	IoFreeIrp(irp);
}

static void wk_requests_are_served_one_at_a_time(struct kunit *test)
{
	struct wk_stack *stack = wk_stack(test);
	PIRP irps[3];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		irps[i] = wk_irp(test, 1);
		IoCallDriver(&stack->lower, irps[i]);
	}
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, stack->started, i + 1);
		KUNIT_EXPECT_PTR_EQ(test, stack->last, irps[i]);
		wk_finish(stack, irps[i], STATUS_SUCCESS);
		IoStartNextPacket(&stack->lower, TRUE);
	}
	KUNIT_EXPECT_NULL(test, stack->lower.CurrentIrp);
	KUNIT_EXPECT_FALSE(test, stack->lower.DeviceQueue.Busy);
	for (i = 0; i < 3; i++)
		IoFreeIrp(irps[i]);
}

/* Each StartIo completes at once and asks for the next: the kernel's stack must not grow. */
static void wk_start_io_is_not_called_inside_itself(struct kunit *test)
{
	struct wk_stack *stack = wk_stack(test);
	static PIRP irps[200];
	unsigned int i;

	for (i = 0; i < 200; i++) {
		irps[i] = wk_irp(test, 1);
		IoCallDriver(&stack->lower, irps[i]);
	}
	wk_finish(stack, irps[0], STATUS_SUCCESS);
	stack->finish_at_once = true;
	IoStartNextPacket(&stack->lower, TRUE);
	KUNIT_EXPECT_EQ(test, stack->finished, 200);
	KUNIT_EXPECT_EQ(test, stack->deepest, 1);
	KUNIT_EXPECT_NULL(test, stack->lower.CurrentIrp);
	for (i = 0; i < 200; i++)
		IoFreeIrp(irps[i]);
}

/* ... nor inside the one that IoStartPacket has called. */
static void wk_start_io_by_start_packet_is_not_nested(struct kunit *test)
{
	struct wk_stack *stack = wk_stack(test);
	PIRP first = wk_irp(test, 1);
	PIRP second = wk_irp(test, 1);

	stack->finish_at_once = true;
	stack->relay = second;
	IoCallDriver(&stack->lower, first);
	KUNIT_EXPECT_EQ(test, stack->finished, 2);
	KUNIT_EXPECT_PTR_EQ(test, stack->last, second);
	KUNIT_EXPECT_EQ(test, stack->deepest, 1);
	KUNIT_EXPECT_NULL(test, stack->lower.CurrentIrp);
	KUNIT_EXPECT_FALSE(test, stack->lower.DeviceQueue.Busy);
	IoFreeIrp(first);
	IoFreeIrp(second);
}

/* What StartIo asks for next is not what the one before it was started with. */
static void wk_start_io_asks_for_the_next_by_key(struct kunit *test)
{
	struct wk_stack *stack = wk_stack(test);
	PIRP irps[4];
	unsigned int i;

	stack->keyed = true;
	for (i = 0; i < 4; i++) {
		irps[i] = wk_irp(test, 1);
		stack->key = i * 10;
		IoCallDriver(&stack->lower, irps[i]);
	}
	wk_finish(stack, irps[0], STATUS_SUCCESS);
	stack->finish_at_once = true;
	stack->next_key = 25;
	IoStartNextPacketByKey(&stack->lower, TRUE, 10);
	KUNIT_EXPECT_EQ(test, stack->finished, 4);
	/* Those with the keys 10, 30 and, as there is none from 25 on, 20 */
	KUNIT_EXPECT_PTR_EQ(test, stack->last, irps[2]);
	for (i = 0; i < 4; i++)
		IoFreeIrp(irps[i]);
}

static void wk_waiting_requests_can_be_cancelled(struct kunit *test)
{
	struct wk_stack *stack = wk_stack(test);
	PIRP irps[4];
	unsigned int i;

	for (i = 0; i < 4; i++)
		irps[i] = wk_irp(test, 1);
	irps[3]->Cancel = TRUE;		/* before it ever gets there */
	for (i = 0; i < 4; i++)
		IoCallDriver(&stack->lower, irps[i]);
	KUNIT_EXPECT_EQ(test, stack->cancelled, 1);
	KUNIT_EXPECT_EQ(test, irps[3]->IoStatus.Status, STATUS_CANCELLED);
	KUNIT_EXPECT_TRUE(test, IoCancelIrp(irps[1]));
	KUNIT_EXPECT_EQ(test, stack->cancelled, 2);
	KUNIT_EXPECT_EQ(test, irps[1]->IoStatus.Status, STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), PASSIVE_LEVEL);
	KUNIT_EXPECT_FALSE(test, IoCancelIrp(irps[0]));		/* being served */
	KUNIT_EXPECT_TRUE(test, irps[0]->Cancel);

	wk_finish(stack, irps[0], STATUS_SUCCESS);
	IoStartNextPacket(&stack->lower, TRUE);
	KUNIT_EXPECT_PTR_EQ(test, stack->last, irps[2]);
	wk_finish(stack, irps[2], STATUS_SUCCESS);
	IoStartNextPacket(&stack->lower, TRUE);
	KUNIT_EXPECT_EQ(test, stack->started, 2);
	for (i = 0; i < 4; i++)
		IoFreeIrp(irps[i]);
}

static void wk_device_queues_by_key(struct kunit *test)
{
	static const ULONG keys[] = { 0, 30, 10, 20, 10 };
	static const unsigned int sorted[] = { 2, 4, 3, 1 };
	KDEVICE_QUEUE_ENTRY entries[5];
	KDEVICE_QUEUE queue;
	unsigned int i;

	KeInitializeDeviceQueue(&queue);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, KeInsertByKeyDeviceQueue(&queue, &entries[i], keys[i]),
				i > 0);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_PTR_EQ(test, KeRemoveDeviceQueue(&queue), &entries[sorted[i]]);
	KUNIT_EXPECT_NULL(test, KeRemoveDeviceQueue(&queue));
	KUNIT_EXPECT_FALSE(test, queue.Busy);

	for (i = 0; i < 5; i++)
		KeInsertByKeyDeviceQueue(&queue, &entries[i], keys[i]);
	KUNIT_EXPECT_PTR_EQ(test, KeRemoveByKeyDeviceQueue(&queue, 15), &entries[3]);
	KUNIT_EXPECT_TRUE(test, KeRemoveEntryDeviceQueue(&queue, &entries[4]));
	KUNIT_EXPECT_FALSE(test, KeRemoveEntryDeviceQueue(&queue, &entries[4]));
	KUNIT_EXPECT_PTR_EQ(test, KeRemoveByKeyDeviceQueue(&queue, 99), &entries[2]);
	KUNIT_EXPECT_PTR_EQ(test, KeRemoveByKeyDeviceQueue(&queue, 15), &entries[1]);
	KUNIT_EXPECT_FALSE(test, KeInsertDeviceQueue(&(KDEVICE_QUEUE){}, &entries[0]));
}

static void wk_reuse(PIRP irp, UCHAR major)
{
	IoReuseIrp(irp, STATUS_SUCCESS);
	IoGetNextIrpStackLocation(irp)->MajorFunction = major;
}

static NTSTATUS wk_pass_on(PDEVICE_OBJECT object, PIRP irp)
{
	IoCopyCurrentIrpStackLocationToNext(irp);
	return IoCallDriver(&((struct wk_stack *)object->DeviceExtension)->lower, irp);
}

static NTSTATUS wk_pass_on_and_look(PDEVICE_OBJECT object, PIRP irp)
{
	struct wk_stack *stack = object->DeviceExtension;

	IoCopyCurrentIrpStackLocationToNext(irp);
	IoSetCompletionRoutine(irp, wk_completion, stack, TRUE, TRUE, TRUE);
	return IoCallDriver(&stack->lower, irp);
}

/* Without a completion routine of the driver's in between, that it is pending goes up by itself. */
static void wk_pending_goes_up(struct kunit *test)
{
	struct wk_stack *stack = wk_stack(test);
	PIRP irp = wk_irp(test, 2);
	DRIVER_OBJECT middle = { .MajorFunction[IRP_MJ_READ] = wk_pass_on };

	stack->upper.DriverObject = &middle;
	IoSetCompletionRoutine(irp, wk_completion, stack, TRUE, TRUE, TRUE);
	KUNIT_EXPECT_EQ(test, IoCallDriver(&stack->upper, irp), STATUS_PENDING);
	KUNIT_EXPECT_EQ(test, IoGetCurrentIrpStackLocation(irp)->Parameters.Read.Length, 512);
	wk_finish(stack, irp, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, stack->completions, 1);
	KUNIT_EXPECT_TRUE(test, stack->pending_returned);
	IoStartNextPacket(&stack->lower, FALSE);

	/* The driver in between has a routine: it is called for its device, and marks nothing. */
	wk_reuse(irp, IRP_MJ_READ);
	middle.MajorFunction[IRP_MJ_READ] = wk_pass_on_and_look;
	stack->verdict = STATUS_MORE_PROCESSING_REQUIRED;
	IoCallDriver(&stack->upper, irp);
	wk_finish(stack, irp, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, stack->completions, 2);
	KUNIT_EXPECT_PTR_EQ(test, stack->completion_object, &stack->upper);
	KUNIT_EXPECT_TRUE(test, stack->pending_returned);
	KUNIT_EXPECT_FALSE(test, IoGetCurrentIrpStackLocation(irp)->Control & SL_PENDING_RETURNED);
	IoStartNextPacket(&stack->lower, FALSE);
	IoFreeIrp(irp);
}

/* A routine for cancelled requests alone is called for these, whatever their status. */
static void wk_completion_of_cancelled_requests(struct kunit *test)
{
	struct wk_stack *stack = wk_stack(test);
	PIRP irp = wk_irp(test, 1);
	unsigned int i;

	/* Not cancelled; cancelled; cancelled, and not asked for that */
	for (i = 0; i < 3; i++) {
		wk_reuse(irp, IRP_MJ_READ);
		IoSetCompletionRoutine(irp, wk_completion, stack, FALSE, i == 2, i < 2);
		IoCallDriver(&stack->lower, irp);
		irp->Cancel = i > 0;
		wk_finish(stack, irp, STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, stack->completions, i > 0);
		IoStartNextPacket(&stack->lower, FALSE);
	}
	IoFreeIrp(irp);
}

static VOID wk_cancel_own(PDEVICE_OBJECT object, PIRP irp)
{
	PDEVICE_OBJECT *seen = irp->AssociatedIrp.SystemBuffer;

	IoReleaseCancelSpinLock(irp->CancelIrql);
	*seen = object;
}

/* A request that its maker has not sent yet is at no device. */
static void wk_cancel_of_a_request_not_sent(struct kunit *test)
{
	PIRP irp = wk_irp(test, 1);
	PDEVICE_OBJECT seen = (PDEVICE_OBJECT)irp;

	irp->AssociatedIrp.SystemBuffer = &seen;
	IoSetCancelRoutine(irp, wk_cancel_own);
	KUNIT_EXPECT_TRUE(test, IoCancelIrp(irp));
	KUNIT_EXPECT_NULL(test, seen);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), PASSIVE_LEVEL);
	IoFreeIrp(irp);
}

/* Requests that cannot be cancelled, and a device without a driver */
static void wk_start_packet_without_a_cancel_routine(struct kunit *test)
{
	struct wk_stack *stack = wk_stack(test);
	PIRP irps[3];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		irps[i] = wk_irp(test, 1);
		irps[i]->Cancel = i == 2;
		IoSetNextIrpStackLocation(irps[i]);
		IoStartPacket(&stack->lower, irps[i], NULL, NULL);
	}
	KUNIT_EXPECT_EQ(test, stack->started, 1);
	for (i = 1; i < 3; i++) {
		IoStartNextPacket(&stack->lower, FALSE);
		KUNIT_EXPECT_EQ(test, stack->started, i + 1);
		KUNIT_EXPECT_PTR_EQ(test, stack->last, irps[i]);
	}
	IoStartNextPacket(&stack->lower, FALSE);
	KUNIT_EXPECT_NULL(test, stack->lower.CurrentIrp);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), PASSIVE_LEVEL);

	wk_expect_report(test, WD_REPORT_OBJECT, 1);
	stack->lower.DriverObject = NULL;
	IoStartPacket(&stack->lower, irps[0], NULL, NULL);
	KUNIT_EXPECT_EQ(test, stack->started, 3);
	for (i = 0; i < 3; i++)
		IoFreeIrp(irps[i]);
}

/* What is no major function is no index either; and IRP_MJ_WRITE has no routine. */
static void wk_major_function_that_is_none(struct kunit *test)
{
	static const UCHAR majors[] = { IRP_MJ_MAXIMUM_FUNCTION + 1, 0xff, IRP_MJ_WRITE };
	struct wk_stack *stack = wk_stack(test);
	PIRP irp = wk_irp(test, 1);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(majors); i++) {
		wk_reuse(irp, majors[i]);
		KUNIT_EXPECT_EQ(test, IoCallDriver(&stack->lower, irp),
				STATUS_INVALID_DEVICE_REQUEST);
	}
	KUNIT_EXPECT_EQ(test, stack->started, 0);
	IoFreeIrp(irp);
}

static VOID wk_dpc_for_isr(PKDPC dpc, PDEVICE_OBJECT object, PIRP irp, PVOID context)
{
	struct wk_stack *stack = object->DeviceExtension;

	stack->last = irp;
	stack->irql = KeGetCurrentIrql();
	stack->completions += context == stack;
}

static void wk_dpc_of_a_device_object(struct kunit *test)
{
	struct wk_stack *stack = wk_stack(test);
	IRP irp;

	IoInitializeDpcRequest(&stack->lower, wk_dpc_for_isr);
	IoRequestDpc(&stack->lower, &irp, stack);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_PTR_EQ(test, stack->last, &irp);
	KUNIT_EXPECT_EQ(test, stack->irql, DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, stack->completions, 1);
}

static void wk_irp_misuse(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wk_stack *stack = wk_stack(test);
	PIRP irp = wk_irp(test, 1);

	wk_expect_report(test, WD_REPORT_OBJECT, 4);
	KUNIT_EXPECT_NULL(test, IoAllocateIrp(0, FALSE));
	/* wdmdma's own device objects have no driver */
	KUNIT_EXPECT_EQ(test, IoCallDriver(world->object, irp), STATUS_INVALID_DEVICE_REQUEST);
	KUNIT_EXPECT_EQ(test, irp->IoStatus.Status, STATUS_INVALID_DEVICE_REQUEST);
	IoCompleteRequest(irp, IO_NO_INCREMENT);		/* twice */
	IoReuseIrp(irp, STATUS_PENDING);
	IoCompleteRequest(irp, IO_NO_INCREMENT);		/* with STATUS_PENDING */
	irp->IoStatus.Status = STATUS_SUCCESS;
	IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
	stack->driver.DriverStartIo = NULL;
	IoCallDriver(&stack->lower, irp);			/* no StartIo */
	KUNIT_EXPECT_EQ(test, IoCallDriver(&stack->lower, irp), STATUS_INVALID_PARAMETER);
	IoFreeIrp(irp);
	IoFreeIrp(NULL);
}

struct wk_interloper {
	struct hrtimer timer;
	KDEVICE_QUEUE queue;
	KDEVICE_QUEUE_ENTRY served, waiting;
	unsigned int removed;
};

/* Removes what waits, 10000 times a second, wherever that interrupts. */
static enum hrtimer_restart wk_interlope(struct hrtimer *timer)
{
	struct wk_interloper *other = container_of(timer, struct wk_interloper, timer);

	if (KeRemoveEntryDeviceQueue(&other->queue, &other->waiting))
		other->removed++;
	hrtimer_forward_now(timer, ns_to_ktime(100 * NSEC_PER_USEC));
	return HRTIMER_RESTART;
}

/* Whether an entry had to wait is decided when it is inserted, and not by who removes it next. */
static void wk_entry_removed_at_once_has_waited(struct kunit *test)
{
	struct wk_interloper *other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	unsigned long end = jiffies + HZ / 2;
	unsigned int passed = 0;

	KUNIT_ASSERT_NOT_NULL(test, other);
	KeInitializeDeviceQueue(&other->queue);
	KUNIT_ASSERT_FALSE(test, KeInsertDeviceQueue(&other->queue, &other->served));
	hrtimer_setup(&other->timer, wk_interlope, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(&other->timer, 0, HRTIMER_MODE_REL);
	while (time_before(jiffies, end)) {
		passed += !KeInsertDeviceQueue(&other->queue, &other->waiting);
		KeRemoveEntryDeviceQueue(&other->queue, &other->waiting);
	}
	hrtimer_cancel(&other->timer);
	KUNIT_EXPECT_EQ(test, passed, 0);
	KUNIT_EXPECT_GT(test, other->removed, 0);
}

static void wk_irps_that_cannot_be_allocated(struct kunit *test)
{
	unsigned int n, failed = 0;
	PIRP irp = NULL;

	for (n = 1; n < 10 && !irp; n++) {
		current->fail_nth = n;
		irp = IoAllocateIrp(3, FALSE);
		current->fail_nth = 0;
		failed += !irp;
	}
	KUNIT_EXPECT_NOT_NULL(test, irp);
	KUNIT_EXPECT_GT(test, failed, 0);
	IoFreeIrp(irp);
}

static struct kunit_case wk_irp_cases[] = {
	KUNIT_CASE(wk_request_goes_down_and_comes_back),
	KUNIT_CASE(wk_completion_routine_can_take_over),
	KUNIT_CASE(wk_requests_are_served_one_at_a_time),
	KUNIT_CASE(wk_start_io_is_not_called_inside_itself),
	KUNIT_CASE(wk_start_io_by_start_packet_is_not_nested),
	KUNIT_CASE(wk_start_io_asks_for_the_next_by_key),
	KUNIT_CASE(wk_waiting_requests_can_be_cancelled),
	KUNIT_CASE(wk_device_queues_by_key),
	KUNIT_CASE(wk_entry_removed_at_once_has_waited),
	KUNIT_CASE(wk_pending_goes_up),
	KUNIT_CASE(wk_completion_of_cancelled_requests),
	KUNIT_CASE(wk_cancel_of_a_request_not_sent),
	KUNIT_CASE(wk_start_packet_without_a_cancel_routine),
	KUNIT_CASE(wk_major_function_that_is_none),
	KUNIT_CASE(wk_dpc_of_a_device_object),
	KUNIT_CASE(wk_irp_misuse),
	KUNIT_CASE(wk_irps_that_cannot_be_allocated),
	{}
};

static struct kunit_suite wk_irp_suite = {
	.name = "wdmdma_irp",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_irp_cases,
};

kunit_test_suite(wk_irp_suite);
