// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts: a real one of Linux's, allocated by the test and raised from a hard interrupt.
 */
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/kthread.h>

#include <kunit/test.h>

#include <wdmdma/interrupt.h>
#include <wdmdma/startio.h>

#include "fixture.h"
#include "hardirq.h"
#include "inject.h"

struct wk_isr {
	PKINTERRUPT object, seen_object;
	unsigned int irq, count, dpcs;
	KIRQL irql;
	BOOLEAN mine, inside;
	bool overlapped;
	DEVICE_OBJECT device;
};

static unsigned int wk_irq(struct kunit *test)
{
	int irq = irq_alloc_desc(0);

	KUNIT_ASSERT_GT(test, irq, 0);
	irq_set_chip_and_handler(irq, &dummy_irq_chip, handle_simple_irq);
	return irq;
}

static void wk_raise(void *data)
{
	struct wk_isr *isr = data;

	generic_handle_irq(isr->irq);
}

static BOOLEAN wk_service(PKINTERRUPT interrupt, PVOID context)
{
	struct wk_isr *isr = context;

	isr->count++;
	isr->seen_object = interrupt;
	isr->irql = KeGetCurrentIrql();
	isr->overlapped |= isr->inside;
	if (isr->mine)
		IoRequestDpc(&isr->device, NULL, isr);
	return isr->mine;
}

static VOID wk_service_dpc(PKDPC dpc, PDEVICE_OBJECT object, PIRP irp, PVOID context)
{
	struct wk_isr *isr = context;

	isr->dpcs++;
}

static void wk_isr_init(struct kunit *test, struct wk_isr *isr)
{
	*isr = (struct wk_isr){ .irq = wk_irq(test), .mine = TRUE };
	IoInitializeDpcRequest(&isr->device, wk_service_dpc);
}

static void wk_connect(struct kunit *test, struct wk_isr *isr, BOOLEAN shared)
{
	KUNIT_ASSERT_EQ(test, IoConnectInterrupt(&isr->object, wk_service, isr, NULL, isr->irq,
						 WDMDMA_DIRQL, WDMDMA_DIRQL, LevelSensitive, shared,
						 1, FALSE), STATUS_SUCCESS);
	KUNIT_ASSERT_NOT_NULL(test, isr->object);
}

static void wk_service_routine_is_called(struct kunit *test)
{
	struct wk_isr isr;

	wk_isr_init(test, &isr);
	wk_connect(test, &isr, FALSE);
	wk_in_hard_interrupt(wk_raise, &isr);
	KUNIT_EXPECT_EQ(test, isr.count, 1);
	KUNIT_EXPECT_EQ(test, isr.irql, WDMDMA_DIRQL);
	KUNIT_EXPECT_PTR_EQ(test, isr.seen_object, isr.object);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, isr.dpcs, 1);
	wk_in_hard_interrupt(wk_raise, &isr);
	KUNIT_EXPECT_EQ(test, isr.count, 2);
	IoDisconnectInterrupt(isr.object);
	wk_in_hard_interrupt(wk_raise, &isr);
	KUNIT_EXPECT_EQ(test, isr.count, 2);
	KeFlushQueuedDpcs();
	irq_free_desc(isr.irq);
}

/* Each routine is called for the other's interrupt too and says whose it was. */
static void wk_vectors_can_be_shared(struct kunit *test)
{
	struct wk_isr first, second;

	wk_isr_init(test, &first);
	second = first;
	second.mine = FALSE;
	wk_connect(test, &first, TRUE);
	wk_connect(test, &second, TRUE);
	wk_in_hard_interrupt(wk_raise, &first);
	KUNIT_EXPECT_EQ(test, first.count, 1);
	KUNIT_EXPECT_EQ(test, second.count, 1);
	IoDisconnectInterrupt(first.object);
	wk_in_hard_interrupt(wk_raise, &first);
	KUNIT_EXPECT_EQ(test, first.count, 1);
	KUNIT_EXPECT_EQ(test, second.count, 2);
	IoDisconnectInterrupt(second.object);
	KeFlushQueuedDpcs();
	irq_free_desc(first.irq);
}

static BOOLEAN wk_synchronized(PVOID context)
{
	struct wk_isr *isr = context;
	ktime_t end = ktime_add_ms(ktime_get(), 3);

	isr->inside = TRUE;
	while (ktime_before(ktime_get(), end))
		cpu_relax();		/* the interrupt comes meanwhile */
	isr->inside = FALSE;
	return irqs_disabled();
}

static enum hrtimer_restart wk_raise_from_timer(struct hrtimer *timer)
{
	generic_handle_irq(*(unsigned int *)(timer + 1));
	return HRTIMER_NORESTART;
}

/* An interrupt that comes while something runs synchronized with it waits. */
static void wk_synchronized_with_the_interrupt(struct kunit *test, PKSPIN_LOCK lock)
{
	struct {
		struct hrtimer timer;
		unsigned int irq;
	} raise;
	struct wk_isr isr;
	BOOLEAN off;
	KIRQL old;
	unsigned int i;

	wk_isr_init(test, &isr);
	KUNIT_ASSERT_EQ(test, IoConnectInterrupt(&isr.object, wk_service, &isr, lock, isr.irq, 0, 0,
						 Latched, FALSE, 1, FALSE), STATUS_SUCCESS);
	raise.irq = isr.irq;
	hrtimer_init_on_stack(&raise.timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	raise.timer.function = wk_raise_from_timer;
	for (i = 0; i < 3; i++) {
		hrtimer_start(&raise.timer, ms_to_ktime(1), HRTIMER_MODE_REL_HARD);
		off = KeSynchronizeExecution(isr.object, wk_synchronized, &isr);
		KUNIT_EXPECT_TRUE(test, off);
		KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(isr.count) == 2 * i + 1));

		hrtimer_start(&raise.timer, ms_to_ktime(1), HRTIMER_MODE_REL_HARD);
		old = KeAcquireInterruptSpinLock(isr.object);
		wk_synchronized(&isr);
		KeReleaseInterruptSpinLock(isr.object, old);
		KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(isr.count) == 2 * i + 2));
		KUNIT_EXPECT_EQ(test, old, PASSIVE_LEVEL);
		KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), PASSIVE_LEVEL);
	}
	KUNIT_EXPECT_FALSE(test, isr.overlapped);
	hrtimer_cancel(&raise.timer);
	destroy_hrtimer_on_stack(&raise.timer);
	IoDisconnectInterrupt(isr.object);
	KeFlushQueuedDpcs();
	irq_free_desc(isr.irq);
}

static void wk_own_lock_keeps_the_interrupt_out(struct kunit *test)
{
	wk_synchronized_with_the_interrupt(test, NULL);
}

static void wk_drivers_lock_keeps_the_interrupt_out(struct kunit *test)
{
	KSPIN_LOCK lock;

	KeInitializeSpinLock(&lock);
	wk_synchronized_with_the_interrupt(test, &lock);
}

static void wk_connect_ex_fully_specified(struct kunit *test)
{
	IO_CONNECT_INTERRUPT_PARAMETERS connect = { .Version = CONNECT_FULLY_SPECIFIED };
	IO_DISCONNECT_INTERRUPT_PARAMETERS disconnect = {};
	struct wk_isr isr;

	wk_isr_init(test, &isr);
	connect.FullySpecified.InterruptObject = &isr.object;
	connect.FullySpecified.ServiceRoutine = wk_service;
	connect.FullySpecified.ServiceContext = &isr;
	connect.FullySpecified.Vector = isr.irq;
	KUNIT_ASSERT_EQ(test, IoConnectInterruptEx(&connect), STATUS_SUCCESS);
	wk_in_hard_interrupt(wk_raise, &isr);
	KUNIT_EXPECT_EQ(test, isr.count, 1);
	disconnect.Version = connect.Version;
	disconnect.ConnectionContext.InterruptObject = isr.object;
	IoDisconnectInterruptEx(&disconnect);
	KeFlushQueuedDpcs();

	connect.Version = 9;
	KUNIT_EXPECT_EQ(test, IoConnectInterruptEx(&connect), STATUS_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, connect.Version, CONNECT_CURRENT_VERSION);
	irq_free_desc(isr.irq);
}

static BOOLEAN wk_message_service(PKINTERRUPT interrupt, PVOID context, ULONG message)
{
	return FALSE;
}

/* A device with a line and no messages: asked for by line, and fallen back to. */
static void wk_connect_ex_by_the_device(struct kunit *test)
{
	IO_CONNECT_INTERRUPT_PARAMETERS connect = { .Version = CONNECT_LINE_BASED };
	IO_DISCONNECT_INTERRUPT_PARAMETERS disconnect = { .Version = CONNECT_LINE_BASED };
	struct resource resource = { .flags = IORESOURCE_IRQ };
	struct wk_world *world = test->priv;
	struct platform_device *pdev = to_platform_device(world->dev);
	struct wk_isr isr;

	wk_isr_init(test, &isr);
	connect.LineBased.PhysicalDeviceObject = world->object;
	connect.LineBased.InterruptObject = &isr.object;
	connect.LineBased.ServiceRoutine = wk_service;
	connect.LineBased.ServiceContext = &isr;
	KUNIT_EXPECT_EQ(test, IoConnectInterruptEx(&connect), STATUS_NOT_FOUND);
	resource.start = isr.irq;
	resource.end = isr.irq;
	KUNIT_ASSERT_EQ(test, platform_device_add_resources(pdev, &resource, 1), 0);
	KUNIT_ASSERT_EQ(test, IoConnectInterruptEx(&connect), STATUS_SUCCESS);
	wk_in_hard_interrupt(wk_raise, &isr);
	KUNIT_EXPECT_EQ(test, isr.count, 1);
	disconnect.ConnectionContext.InterruptObject = isr.object;
	IoDisconnectInterruptEx(&disconnect);

	connect = (IO_CONNECT_INTERRUPT_PARAMETERS){ .Version = CONNECT_MESSAGE_BASED };
	connect.MessageBased.PhysicalDeviceObject = world->object;
	connect.MessageBased.ConnectionContext.InterruptObject = &isr.object;
	connect.MessageBased.MessageServiceRoutine = wk_message_service;
	connect.MessageBased.ServiceContext = &isr;
	KUNIT_EXPECT_EQ(test, IoConnectInterruptEx(&connect), STATUS_NOT_FOUND);
	connect.MessageBased.FallBackServiceRoutine = wk_service;
	KUNIT_ASSERT_EQ(test, IoConnectInterruptEx(&connect), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, connect.Version, CONNECT_LINE_BASED);
	wk_in_hard_interrupt(wk_raise, &isr);
	KUNIT_EXPECT_EQ(test, isr.count, 2);
	disconnect.ConnectionContext.InterruptObject = isr.object;
	IoDisconnectInterruptEx(&disconnect);
	KeFlushQueuedDpcs();

	connect.LineBased.PhysicalDeviceObject = (PDEVICE_OBJECT)&isr;
	KUNIT_EXPECT_EQ(test, IoConnectInterruptEx(&connect), STATUS_INVALID_PARAMETER);
	irq_free_desc(isr.irq);
}

static void wk_interrupt_misuse(struct kunit *test)
{
	struct wk_isr isr, second;
	NTSTATUS up;
	KIRQL old;

	wk_expect_report(test, WD_REPORT_IRQL, 2);
	wk_expect_report(test, WD_REPORT_OBJECT, 2);
	wk_isr_init(test, &isr);
	wk_connect(test, &isr, FALSE);
	second = isr;
	KUNIT_EXPECT_EQ(test, IoConnectInterrupt(&second.object, wk_service, &second, NULL, isr.irq,
						 0, 0, Latched, FALSE, 1, FALSE),
			STATUS_INVALID_PARAMETER);		/* not shared */
	KUNIT_EXPECT_NULL(test, second.object);
	KUNIT_EXPECT_EQ(test, IoConnectInterrupt(&second.object, wk_service, &second, NULL, 100000,
						 0, 0, Latched, FALSE, 1, FALSE),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, IoConnectInterrupt(&second.object, NULL, &second, NULL, isr.irq,
						 0, 0, Latched, FALSE, 1, FALSE),
			STATUS_INVALID_PARAMETER);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	up = IoConnectInterrupt(&second.object, wk_service, &second, NULL, isr.irq, 0, 0, Latched,
				FALSE, 1, FALSE);
	IoDisconnectInterrupt(isr.object);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, up, STATUS_UNSUCCESSFUL);
	wk_in_hard_interrupt(wk_raise, &isr);
	KUNIT_EXPECT_EQ(test, isr.count, 1);			/* still connected */
	KeFlushQueuedDpcs();
	IoDisconnectInterrupt(isr.object);
	IoDisconnectInterrupt(isr.object);
	IoDisconnectInterrupt(NULL);
	irq_free_desc(isr.irq);
}

/* By the device, with the driver's own lock, and with what is missing */
static void wk_connect_ex_misuse(struct kunit *test)
{
	IO_CONNECT_INTERRUPT_PARAMETERS connect = { .Version = CONNECT_LINE_BASED };
	IO_DISCONNECT_INTERRUPT_PARAMETERS disconnect = { .Version = CONNECT_LINE_BASED };
	struct wk_world *world = test->priv;
	struct platform_device *pdev = to_platform_device(world->dev);
	struct wk_isr isr;
	struct resource resource = { .flags = IORESOURCE_IRQ };
	KSPIN_LOCK lock;
	NTSTATUS up;
	KIRQL old;

	wk_isr_init(test, &isr);
	resource.start = isr.irq;
	resource.end = isr.irq;
	KUNIT_ASSERT_EQ(test, platform_device_add_resources(pdev, &resource, 1), 0);
	connect.LineBased.PhysicalDeviceObject = world->object;
	connect.LineBased.ServiceRoutine = wk_service;
	connect.LineBased.ServiceContext = &isr;
	KUNIT_EXPECT_EQ(test, IoConnectInterruptEx(&connect), STATUS_INVALID_PARAMETER);
	connect.LineBased.InterruptObject = &isr.object;
	connect.LineBased.ServiceRoutine = NULL;
	KUNIT_EXPECT_EQ(test, IoConnectInterruptEx(&connect), STATUS_INVALID_PARAMETER);
	connect.LineBased.ServiceRoutine = wk_service;
	wk_expect_report(test, WD_REPORT_IRQL, 1);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	up = IoConnectInterruptEx(&connect);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, up, STATUS_UNSUCCESSFUL);

	KeInitializeSpinLock(&lock);
	connect.LineBased.SpinLock = &lock;
	KUNIT_ASSERT_EQ(test, IoConnectInterruptEx(&connect), STATUS_SUCCESS);
	old = KeAcquireInterruptSpinLock(isr.object);
	up = KeTestSpinLock(&lock);
	KeReleaseInterruptSpinLock(isr.object, old);
	KUNIT_EXPECT_FALSE(test, up);		/* it is that lock */
	wk_in_hard_interrupt(wk_raise, &isr);
	KUNIT_EXPECT_EQ(test, isr.count, 1);
	disconnect.ConnectionContext.InterruptObject = isr.object;
	IoDisconnectInterruptEx(&disconnect);
	KeFlushQueuedDpcs();
	irq_free_desc(isr.irq);
}

static void wk_connecting_that_fails(struct kunit *test)
{
	unsigned int n, failed = 0;
	struct wk_isr isr;
	bool more = true;

	wk_isr_init(test, &isr);
	for (n = 1; more && n < 100; n++) {
		NTSTATUS status;

		wk_fail_allocation(n);
		status = IoConnectInterrupt(&isr.object, wk_service, &isr, NULL, isr.irq, 0, 0,
					    Latched, FALSE, 1, FALSE);
		more = wk_end_failing();
		if (status == STATUS_SUCCESS) {
			IoDisconnectInterrupt(isr.object);
			continue;
		}
		KUNIT_EXPECT_EQ(test, status, STATUS_INSUFFICIENT_RESOURCES);
		KUNIT_EXPECT_NULL(test, isr.object);
		failed++;
	}
	KUNIT_EXPECT_FALSE(test, more);
	KUNIT_EXPECT_GE(test, failed, 1);
	irq_free_desc(isr.irq);
}

static struct kunit_case wk_interrupt_cases[] = {
	KUNIT_CASE(wk_service_routine_is_called),
	KUNIT_CASE(wk_vectors_can_be_shared),
	KUNIT_CASE(wk_own_lock_keeps_the_interrupt_out),
	KUNIT_CASE(wk_drivers_lock_keeps_the_interrupt_out),
	KUNIT_CASE(wk_connect_ex_fully_specified),
	KUNIT_CASE(wk_connect_ex_by_the_device),
	KUNIT_CASE(wk_interrupt_misuse),
	KUNIT_CASE(wk_connect_ex_misuse),
	KUNIT_CASE(wk_connecting_that_fails),
	{}
};

static struct kunit_suite wk_interrupt_suite = {
	.name = "wdmdma_interrupt",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_interrupt_cases,
};

kunit_test_suite(wk_interrupt_suite);
