// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts for ported drivers: a service routine on a Linux interrupt, and the spin lock that is
 * held while it runs.
 *
 * The list of interrupt objects tells a live one from any other pointer.
 */
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "interrupt.h"
#include "irql.h"

static DEFINE_MUTEX(wd_interrupts_mutex);
static LIST_HEAD(wd_interrupts);	/* wd_interrupts_mutex */

static irqreturn_t wd_interrupt_handler(int irq, void *data)
{
	PKINTERRUPT interrupt = data;
	unsigned long flags;
	BOOLEAN handled;

	/* irqsave for kernels that run handlers in threads */
	spin_lock_irqsave(interrupt->lock, flags);
	if (interrupt->message_routine)
		handled = interrupt->message_routine(interrupt, interrupt->context,
						     interrupt->message);
	else
		handled = interrupt->routine(interrupt, interrupt->context);
	spin_unlock_irqrestore(interrupt->lock, flags);
	return handled ? IRQ_HANDLED : IRQ_NONE;
}

/**
 * wd_interrupt_connect() - connect one interrupt
 * @interrupt: where to put the object, before the routine is first called
 * @how: routine, lock and sharing
 * @irq: Linux interrupt number
 * @message: number of the message, for a message routine
 *
 * Context: Process, sleeps.
 * Return: 0; -ENOMEM; what request_irq() says, and *@interrupt NULL.
 */
int wd_interrupt_connect(PKINTERRUPT *interrupt, const struct wd_interrupt_template *how,
			 unsigned int irq, ULONG message)
{
	PKINTERRUPT new = kzalloc(sizeof(*new), GFP_KERNEL);
	int ret;

	*interrupt = NULL;
	if (!new)
		return -ENOMEM;
	spin_lock_init(&new->own_lock);
	new->lock = how->lock ? : &new->own_lock;
	new->irq = irq;
	new->routine = how->routine;
	new->message_routine = how->message_routine;
	new->context = how->context;
	new->message = message;

	*interrupt = new;	/* its routine may want it before request_irq() returns */
	ret = request_irq(irq, wd_interrupt_handler, how->shared ? IRQF_SHARED : 0, "wdmdma", new);
	if (ret) {
		*interrupt = NULL;
		kfree(new);
		return ret;
	}
	mutex_lock(&wd_interrupts_mutex);
	list_add(&new->node, &wd_interrupts);
	mutex_unlock(&wd_interrupts_mutex);
	return 0;
}

/**
 * wd_interrupt_status() - what Windows would say
 * @ret: result of wd_interrupt_connect()
 *
 * Context: Any.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for an interrupt that there is not or that is
 *	   used in another way, as Windows has it, and STATUS_INSUFFICIENT_RESOURCES.
 */
NTSTATUS wd_interrupt_status(int ret)
{
	if (!ret)
		return STATUS_SUCCESS;
	return ret == -ENOMEM ? STATUS_INSUFFICIENT_RESOURCES : STATUS_INVALID_PARAMETER;
}

/**
 * wdmdma_io_connect_interrupt() - have a routine called on an interrupt
 * @interrupt: where to put the interrupt object
 * @routine: the service routine
 * @context: its second argument
 * @lock: an initialised lock, or NULL
 * @vector: Linux interrupt number
 * @shared: TRUE if other devices may have the same interrupt
 *
 * Context: PASSIVE_LEVEL; sleeps.
 * Return: As IoConnectInterrupt() in interrupt.h says; STATUS_UNSUCCESSFUL where sleeping is
 *	   impossible. DDI: IoConnectInterrupt
 */
NTSTATUS wdmdma_io_connect_interrupt(PKINTERRUPT *interrupt, PKSERVICE_ROUTINE routine,
				     PVOID context, PKSPIN_LOCK lock, ULONG vector, BOOLEAN shared)
{
	const struct wd_interrupt_template how = {
		.routine = routine,
		.context = context,
		.lock = lock ? wdmdma_spinlock(lock) : NULL,
		.shared = shared,
	};

	if (!wd_irql_is_passive(NULL, "IoConnectInterrupt"))
		return STATUS_UNSUCCESSFUL;
	if (!interrupt || !routine)
		return STATUS_INVALID_PARAMETER;
	return wd_interrupt_status(wd_interrupt_connect(interrupt, &how, vector, 0));
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_connect_interrupt, WDMDMA);

static bool wd_interrupt_remove(PKINTERRUPT interrupt)
{
	PKINTERRUPT each;
	bool found = false;

	mutex_lock(&wd_interrupts_mutex);
	list_for_each_entry(each, &wd_interrupts, node) {
		if (each == interrupt) {
			list_del(&each->node);
			found = true;
			break;
		}
	}
	mutex_unlock(&wd_interrupts_mutex);
	return found;
}

/**
 * wdmdma_io_disconnect_interrupt() - have a routine not called any more
 * @interrupt: object of IoConnectInterrupt; freed
 *
 * Waits for a call that is under way. DPCs that it queued are another matter.
 *
 * Context: PASSIVE_LEVEL; sleeps. Where that is impossible the interrupt stays connected.
 * DDI: IoDisconnectInterrupt
 */
void wdmdma_io_disconnect_interrupt(PKINTERRUPT interrupt)
{
	static const char routine[] = "IoDisconnectInterrupt";

	if (!wd_irql_is_passive(NULL, routine))
		return;
	if (!wd_interrupt_remove(interrupt)) {
		wd_report(WD_REPORT_OBJECT, NULL, routine, "%p is not connected", interrupt);
		return;
	}
	free_irq(interrupt->irq, interrupt);
	kfree(interrupt);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_disconnect_interrupt, WDMDMA);

/**
 * wdmdma_ke_synchronize_execution() - call a routine while the service routine does not run
 * @interrupt: a connected interrupt
 * @routine: called with interrupts off and the interrupt's lock held
 * @context: its argument
 *
 * Context: Any IRQL, without the interrupt's lock.
 * Return: What @routine returns. DDI: KeSynchronizeExecution
 */
BOOLEAN wdmdma_ke_synchronize_execution(PKINTERRUPT interrupt, PKSYNCHRONIZE_ROUTINE routine,
					PVOID context)
{
	unsigned long flags;
	BOOLEAN result;

	spin_lock_irqsave(interrupt->lock, flags);
	result = routine(context);
	spin_unlock_irqrestore(interrupt->lock, flags);
	return result;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_synchronize_execution, WDMDMA);

/**
 * wdmdma_ke_acquire_interrupt_spin_lock() - keep the service routine from running
 * @interrupt: a connected interrupt
 *
 * Context: Any IRQL; interrupts are off afterwards, which counts as DISPATCH_LEVEL.
 * Return: The IRQL before. DDI: KeAcquireInterruptSpinLock
 */
KIRQL wdmdma_ke_acquire_interrupt_spin_lock(PKINTERRUPT interrupt)
	__acquires(interrupt->lock)
{
	KIRQL irql = KeGetCurrentIrql();
	unsigned long flags;

	spin_lock_irqsave(interrupt->lock, flags);
	interrupt->flags = flags;
	return irql;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_acquire_interrupt_spin_lock, WDMDMA);

/**
 * wdmdma_ke_release_interrupt_spin_lock() - let the service routine run again
 * @interrupt: the interrupt
 * @old_irql: what KeAcquireInterruptSpinLock returned
 *
 * Interrupts become what they were then.
 *
 * Context: After KeAcquireInterruptSpinLock. DDI: KeReleaseInterruptSpinLock
 */
void wdmdma_ke_release_interrupt_spin_lock(PKINTERRUPT interrupt, KIRQL old_irql)
	__releases(interrupt->lock)
{
	unsigned long flags = interrupt->flags;

	spin_unlock_irqrestore(interrupt->lock, flags);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_release_interrupt_spin_lock, WDMDMA);
