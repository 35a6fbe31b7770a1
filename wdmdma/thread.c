// SPDX-License-Identifier: GPL-2.0-only
/*
 * System threads for ported drivers.
 *
 * The object is signalled when the routine has ended, one way or the other, and from then on the
 * thread runs nothing of the driver's. It lives by references: the thread's own, one for each open
 * handle, and those of ObReferenceObject. Handles are indices, so that a stale one is refused.
 */
#include <linux/export.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/rt.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include <wdmdma/rtl.h>
#include <wdmdma/thread.h>

#include "dispatch.h"
#include "irql.h"
#include "runtime.h"
#include "seh.h"

/* What a PKTHREAD of a thread made here points to */
struct wd_thread {
	DISPATCHER_HEADER header;	/* WD_THREAD */
	refcount_t refs;
	PKSTART_ROUTINE routine;
	PVOID context;
};

static DEFINE_XARRAY_FLAGS(wd_handles, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ);

static POBJECT_TYPE wd_thread_type = (POBJECT_TYPE)&wd_handles;
POBJECT_TYPE *wdmdma_ps_thread_type = &wd_thread_type;
EXPORT_SYMBOL_NS_GPL(wdmdma_ps_thread_type, WDMDMA);

/* Handles look as Windows' do: multiples of 4 */
static unsigned long wd_handle_index(HANDLE handle)
{
	return (unsigned long)handle % 4 ? 0 : (unsigned long)handle / 4;
}

static void wd_thread_put(struct wd_thread *thread)
{
	if (refcount_dec_and_test(&thread->refs))
		kfree(thread);
}

/* The routine has ended: nothing of the driver's is used from here on. */
static void __noreturn wd_thread_end(struct wd_thread *thread)
{
	unsigned long flags;

	wd_seh_leave_all();
	spin_lock_irqsave(&wd_dispatch_lock, flags);
	wd_object_set_locked(&thread->header, 1);
	spin_unlock_irqrestore(&wd_dispatch_lock, flags);
	wd_thread_put(thread);
	module_put_and_kthread_exit(0);
}

static int wd_thread_main(void *data)
{
	struct wd_thread *thread = data;

	thread->routine(thread->context);
	wd_thread_end(thread);
}

static struct wd_thread *wd_thread_current(void)
{
	if (!(current->flags & PF_KTHREAD) || kthread_func(current) != wd_thread_main)
		return NULL;
	return kthread_data(current);
}

static int wd_handle_alloc(struct wd_thread *thread, u32 *index)
{
	return xa_alloc_irq(&wd_handles, index, thread, xa_limit_31b, GFP_KERNEL);
}

/**
 * wdmdma_ps_create_system_thread() - run a routine in a thread of its own
 * @handle: where to put the handle
 * @routine: what to run
 * @context: its argument
 *
 * Context: PASSIVE_LEVEL; sleeps.
 * Return: As PsCreateSystemThread() in thread.h says. DDI: PsCreateSystemThread
 */
NTSTATUS wdmdma_ps_create_system_thread(PHANDLE handle, PKSTART_ROUTINE routine, PVOID context)
{
	struct task_struct *task;
	struct wd_thread *thread;
	u32 index;

	if (!wd_irql_is_passive(NULL, "PsCreateSystemThread"))
		return STATUS_UNSUCCESSFUL;
	if (!handle || !routine)
		return STATUS_INVALID_PARAMETER;
	thread = kzalloc(sizeof(*thread), GFP_KERNEL);
	if (!thread)
		return STATUS_INSUFFICIENT_RESOURCES;
	wd_object_init(&thread->header, WD_THREAD, 0);
	refcount_set(&thread->refs, 2);		/* the thread and the handle */
	thread->routine = routine;
	thread->context = context;
	if (wd_handle_alloc(thread, &index))
		goto free_thread;
	task = kthread_create(wd_thread_main, thread, "wdmdma_thread");
	if (IS_ERR(task))
		goto free_handle;
	__module_get(THIS_MODULE);	/* put by wd_thread_end() */
	*handle = (HANDLE)(index * 4UL);
	wake_up_process(task);
	return STATUS_SUCCESS;

free_handle:
	xa_erase_irq(&wd_handles, index);
free_thread:
	kfree(thread);
	return STATUS_INSUFFICIENT_RESOURCES;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ps_create_system_thread, WDMDMA);

/**
 * wdmdma_ps_terminate_system_thread() - end the thread that calls it
 * @status: ignored: nobody can ask for it
 *
 * Context: PASSIVE_LEVEL, in a thread of PsCreateSystemThread.
 * Return: Not at all there; STATUS_INVALID_PARAMETER in any other thread.
 *	   DDI: PsTerminateSystemThread
 */
NTSTATUS wdmdma_ps_terminate_system_thread(NTSTATUS status)
{
	struct wd_thread *thread = wd_thread_current();

	if (!thread)
		return STATUS_INVALID_PARAMETER;
	if (!wd_irql_is_passive(NULL, "PsTerminateSystemThread"))
		return STATUS_UNSUCCESSFUL;
	wd_thread_end(thread);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ps_terminate_system_thread, WDMDMA);

/**
 * wdmdma_ob_reference_object_by_handle() - the object of a thread's handle
 * @handle: handle of PsCreateSystemThread
 * @type: *PsThreadType or NULL
 * @object: where to put the object
 *
 * Context: <= DISPATCH_LEVEL; does not sleep.
 * Return: As ObReferenceObjectByHandle() in thread.h says. DDI: ObReferenceObjectByHandle
 */
NTSTATUS wdmdma_ob_reference_object_by_handle(HANDLE handle, POBJECT_TYPE type, PVOID *object)
{
	struct wd_thread *thread;
	unsigned long flags;

	*object = NULL;
	if (type && type != wd_thread_type)
		return STATUS_OBJECT_TYPE_MISMATCH;
	/* The lock keeps the handle's reference from being dropped meanwhile. */
	xa_lock_irqsave(&wd_handles, flags);
	thread = xa_load(&wd_handles, wd_handle_index(handle));
	if (thread)
		refcount_inc(&thread->refs);
	xa_unlock_irqrestore(&wd_handles, flags);
	if (!thread)
		return STATUS_INVALID_HANDLE;
	*object = thread;
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ob_reference_object_by_handle, WDMDMA);

static struct wd_thread *wd_thread_of(PVOID object, const char *routine)
{
	return wd_object_is(object, WD_THREAD, WD_THREAD, routine) ? object : NULL;
}

/**
 * wdmdma_ob_reference_object() - take one more reference to a thread's object
 * @object: object that the caller has a reference to
 *
 * Context: <= DISPATCH_LEVEL. DDI: ObReferenceObject
 * Return: The number of references, of no use but in messages; 0 for what is no such object.
 */
LONG_PTR wdmdma_ob_reference_object(PVOID object)
{
	struct wd_thread *thread = wd_thread_of(object, "ObReferenceObject");

	if (!thread)
		return 0;
	refcount_inc(&thread->refs);
	return refcount_read(&thread->refs);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ob_reference_object, WDMDMA);

/**
 * wdmdma_ob_dereference_object() - give up a reference to a thread's object
 * @object: object of ObReferenceObjectByHandle
 *
 * Context: <= DISPATCH_LEVEL; does not sleep. DDI: ObDereferenceObject
 * Return: 0.
 */
LONG_PTR wdmdma_ob_dereference_object(PVOID object)
{
	struct wd_thread *thread = wd_thread_of(object, "ObDereferenceObject");

	if (thread)
		wd_thread_put(thread);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ob_dereference_object, WDMDMA);

/**
 * wdmdma_zw_close() - close a thread's handle
 * @handle: handle of PsCreateSystemThread
 *
 * The thread runs on.
 *
 * Context: PASSIVE_LEVEL (here <= DISPATCH_LEVEL); does not sleep.
 * Return: STATUS_SUCCESS or STATUS_INVALID_HANDLE. DDI: ZwClose
 */
NTSTATUS wdmdma_zw_close(HANDLE handle)
{
	struct wd_thread *thread;
	unsigned long flags;

	xa_lock_irqsave(&wd_handles, flags);
	thread = __xa_erase(&wd_handles, wd_handle_index(handle));
	xa_unlock_irqrestore(&wd_handles, flags);
	if (!thread)
		return STATUS_INVALID_HANDLE;
	wd_thread_put(thread);
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_zw_close, WDMDMA);

/**
 * wdmdma_ke_get_current_thread() - the thread that calls
 *
 * Context: <= DISPATCH_LEVEL.
 * Return: The object of a thread of PsCreateSystemThread, without a reference; for any other
 *	   thread a pointer that only serves to tell it from others. DDI: KeGetCurrentThread
 */
PKTHREAD wdmdma_ke_get_current_thread(void)
{
	struct wd_thread *thread = wd_thread_current();

	return thread ? (PKTHREAD)thread : (PKTHREAD)current;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_get_current_thread, WDMDMA);

/**
 * wdmdma_ke_set_priority_thread() - make the calling thread more urgent than ordinary ones
 * @thread: KeGetCurrentThread(); others are left alone
 * @priority: from LOW_REALTIME_PRIORITY on the thread gets Linux's lowest real-time priority,
 *	      below that the ordinary one; Linux has no equal of Windows' 32
 *
 * Context: PASSIVE_LEVEL.
 * Return: LOW_REALTIME_PRIORITY if it was a real-time thread before, else 8, what Windows starts
 *	   threads with. DDI: KeSetPriorityThread
 */
KPRIORITY wdmdma_ke_set_priority_thread(PKTHREAD thread, KPRIORITY priority)
{
	KPRIORITY before = rt_task(current) ? LOW_REALTIME_PRIORITY : 8;

	if (thread != wdmdma_ke_get_current_thread() || !wd_thread_current())
		return before;
	if (priority >= LOW_REALTIME_PRIORITY)
		sched_set_fifo_low(current);
	else
		sched_set_normal(current, 0);
	return before;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_set_priority_thread, WDMDMA);

/**
 * wd_thread_exit() - drop handles that were never closed
 *
 * For module unload: every thread has ended, as each keeps the module loaded.
 *
 * Context: Process.
 */
void wd_thread_exit(void)
{
	struct wd_thread *thread;
	unsigned long index, handles = 0;

	xa_for_each(&wd_handles, index, thread) {
		wd_thread_put(thread);
		handles++;
	}
	xa_destroy(&wd_handles);
	if (handles)
		wd_report(WD_REPORT_OBJECT, NULL, "ZwClose", "%lu handles were never closed",
			  handles);
}
