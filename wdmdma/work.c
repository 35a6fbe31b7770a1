// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work items for ported drivers.
 *
 * The items wait in a queue of wdmdma's own, which some Linux work items empty. They are not Linux
 * work items themselves: an item may be freed, and its memory queued again as another one, in its
 * own routine, which Linux would take for the old one still running and never start.
 *
 * An item is taken off the queue before its routine is called, and not touched afterwards.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include <wdmdma/rtl.h>
#include <wdmdma/work.h>

#include "internal.h"
#include "irql.h"
#include "runtime.h"

#define WD_WORKERS 32		/* as many routines may sleep at once */

/* What the driver sees as PIO_WORKITEM */
struct _IO_WORKITEM {
	WORK_QUEUE_ITEM item;
	PVOID object;
	/* wd_work_lock */
	PIO_WORKITEM_ROUTINE routine;
	PIO_WORKITEM_ROUTINE_EX routine_ex;
	PVOID context;
	bool freed;			/* while it was queued: it goes when it has run */
};

/* One that runs routines, and what it runs: copies, as the routine may free the originals */
struct wd_worker {
	struct work_struct work;
	struct task_struct *task;
	/* wd_work_lock */
	struct list_head idle;		/* in wd_idle_workers, or empty */
	WORK_QUEUE_ITEM item;
	PIO_WORKITEM original;		/* NULL: a bare item */
	struct _IO_WORKITEM io;
};

static DEFINE_SPINLOCK(wd_work_lock);
static LIST_ENTRY wd_work_items = { &wd_work_items, &wd_work_items };	/* wd_work_lock */
static LIST_HEAD(wd_idle_workers);					/* wd_work_lock */
static DECLARE_WAIT_QUEUE_HEAD(wd_work_done);
static struct wd_worker wd_workers[WD_WORKERS];
static struct workqueue_struct *wd_workers_queue;

/* Never called: it tells the bare items inside IO_WORKITEMs from the others */
static VOID wd_io_work_mark(PVOID parameter)
{
	WARN_ON_ONCE(1);
}

static PIO_WORKITEM wd_io_work_of(PWORK_QUEUE_ITEM item)
{
	return item->WorkerRoutine == wd_io_work_mark ? item->Parameter : NULL;
}

static bool wd_worker_pop_locked(struct wd_worker *worker)
{
	PWORK_QUEUE_ITEM item;

	lockdep_assert_held(&wd_work_lock);
	if (IsListEmpty(&wd_work_items))
		return false;
	item = CONTAINING_RECORD(RemoveHeadList(&wd_work_items), WORK_QUEUE_ITEM, List);
	item->List.Flink = NULL;
	worker->item = *item;
	worker->original = wd_io_work_of(item);
	if (worker->original)
		worker->io = *worker->original;
	return true;
}

static void wd_worker_call(struct wd_worker *worker)
{
	struct _IO_WORKITEM *io = &worker->io;

	if (!worker->original)
		worker->item.WorkerRoutine(worker->item.Parameter);
	else if (io->routine_ex)
		io->routine_ex(io->object, io->context, worker->original);
	else
		io->routine(io->object, io->context);
	if (worker->original && io->freed)
		kfree(worker->original);
	module_put(worker->item.owner);
}

/* Calls routines until there are none. The worker is idle again when it finds the queue empty. */
static void wd_worker_run(struct work_struct *work)
{
	struct wd_worker *worker = container_of(work, struct wd_worker, work);
	bool found;

	for (;;) {
		spin_lock_irq(&wd_work_lock);
		worker->original = NULL;
		worker->task = current;
		found = wd_worker_pop_locked(worker);
		if (!found)
			list_add(&worker->idle, &wd_idle_workers);
		spin_unlock_irq(&wd_work_lock);
		wake_up_all(&wd_work_done);
		if (!found)
			return;
		wd_worker_call(worker);
		cond_resched();
	}
}

static void wd_work_insert_locked(PWORK_QUEUE_ITEM item)
{
	struct wd_worker *worker;

	lockdep_assert_held(&wd_work_lock);
	/* The code that calls belongs to the module, so it is loaded now. */
	__module_get(item->owner);
	InsertTailList(&wd_work_items, &item->List);
	worker = list_first_entry_or_null(&wd_idle_workers, struct wd_worker, idle);
	if (worker) {
		list_del_init(&worker->idle);
		queue_work(wd_workers_queue, &worker->work);
	}
}

static void wd_work_report_queued(const char *routine, const void *item)
{
	wd_report(WD_REPORT_OBJECT, NULL, routine, "%p is queued already", item);
}

/**
 * wdmdma_ex_queue_work_item() - have a bare work item's routine called
 * @item: item of ExInitializeWorkItem; from the call of its routine on the driver's again
 * @queue: ignored
 *
 * Queuing it while it is queued does nothing, with a report.
 *
 * Context: Any IRQL (Windows: <= DISPATCH_LEVEL). DDI: ExQueueWorkItem
 */
void wdmdma_ex_queue_work_item(PWORK_QUEUE_ITEM item, WORK_QUEUE_TYPE queue)
{
	unsigned long flags;
	bool was_queued;

	spin_lock_irqsave(&wd_work_lock, flags);
	was_queued = item->List.Flink;
	if (!was_queued)
		wd_work_insert_locked(item);
	spin_unlock_irqrestore(&wd_work_lock, flags);
	if (was_queued)
		wd_work_report_queued("ExQueueWorkItem", item);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_queue_work_item, WDMDMA);

static void wd_io_work_queue(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE routine,
			     PIO_WORKITEM_ROUTINE_EX routine_ex, PVOID context, const char *name)
{
	unsigned long flags;
	bool was_queued;

	if (!item || (!routine && !routine_ex)) {
		wd_report(WD_REPORT_OBJECT, NULL, name, "no item or no routine");
		return;
	}
	spin_lock_irqsave(&wd_work_lock, flags);
	was_queued = item->item.List.Flink;
	if (!was_queued) {
		item->routine = routine;
		item->routine_ex = routine_ex;
		item->context = context;
		wd_work_insert_locked(&item->item);
	}
	spin_unlock_irqrestore(&wd_work_lock, flags);
	if (was_queued)
		wd_work_report_queued(name, item);
}

/**
 * wdmdma_io_queue_work_item() - have a routine called for a work item
 * @item: a work item that is not queued
 * @routine: what to call, with the item's object and @context
 * @queue: ignored
 * @context: the routine's second argument
 *
 * Queuing it while it is queued does nothing, with a report.
 *
 * Context: Any IRQL (Windows: <= DISPATCH_LEVEL). DDI: IoQueueWorkItem
 */
void wdmdma_io_queue_work_item(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE routine,
			       WORK_QUEUE_TYPE queue, PVOID context)
{
	wd_io_work_queue(item, routine, NULL, context, "IoQueueWorkItem");
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_queue_work_item, WDMDMA);

/**
 * wdmdma_io_queue_work_item_ex() - have a routine called that also gets the work item
 * @item: a work item that is not queued
 * @routine: what to call, with the item's object, @context and @item
 * @queue: ignored
 * @context: the routine's second argument
 *
 * Queuing it while it is queued does nothing, with a report.
 *
 * Context: Any IRQL (Windows: <= DISPATCH_LEVEL). DDI: IoQueueWorkItemEx
 */
void wdmdma_io_queue_work_item_ex(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE_EX routine,
				  WORK_QUEUE_TYPE queue, PVOID context)
{
	wd_io_work_queue(item, NULL, routine, context, "IoQueueWorkItemEx");
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_queue_work_item_ex, WDMDMA);

/**
 * wdmdma_io_sizeof_work_item() - memory that IoInitializeWorkItem needs
 *
 * Context: Any IRQL.
 * Return: Bytes. DDI: IoSizeofWorkItem
 */
ULONG wdmdma_io_sizeof_work_item(void)
{
	return sizeof(struct _IO_WORKITEM);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_sizeof_work_item, WDMDMA);

/**
 * wdmdma_io_initialize_work_item() - make a driver's memory a work item
 * @object: device or driver object, the routine's first argument
 * @item: IoSizeofWorkItem() bytes of the driver's
 * @owner: the driver's module
 *
 * Context: Any IRQL. DDI: IoInitializeWorkItem
 */
void wdmdma_io_initialize_work_item(PVOID object, PIO_WORKITEM item, struct module *owner)
{
	RtlZeroMemory(item, sizeof(*item));
	item->item.WorkerRoutine = wd_io_work_mark;
	item->item.Parameter = item;
	item->item.owner = owner;
	item->object = object;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_initialize_work_item, WDMDMA);

/**
 * wdmdma_io_uninitialize_work_item() - undo IoInitializeWorkItem
 * @item: a work item that is not queued
 *
 * Context: Any IRQL. DDI: IoUninitializeWorkItem
 */
void wdmdma_io_uninitialize_work_item(PIO_WORKITEM item)
{
	if (READ_ONCE(item->item.List.Flink))
		wd_work_report_queued("IoUninitializeWorkItem", item);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_uninitialize_work_item, WDMDMA);

/**
 * wdmdma_io_allocate_work_item() - allocate a work item
 * @object: device or driver object, the routine's first argument
 * @owner: the driver's module
 *
 * Context: <= DISPATCH_LEVEL; does not sleep.
 * Return: The item, owed an IoFreeWorkItem, or NULL. DDI: IoAllocateWorkItem
 */
PIO_WORKITEM wdmdma_io_allocate_work_item(PVOID object, struct module *owner)
{
	PIO_WORKITEM item = kmalloc(sizeof(*item), GFP_ATOMIC | __GFP_NOWARN);

	if (item)
		wdmdma_io_initialize_work_item(object, item, owner);
	return item;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_allocate_work_item, WDMDMA);

/**
 * wdmdma_io_free_work_item() - free a work item
 * @item: item of IoAllocateWorkItem, or NULL; its own routine may do this
 *
 * An item that is still queued is freed after its routine has been called, with a report.
 *
 * Context: <= DISPATCH_LEVEL; does not sleep. DDI: IoFreeWorkItem
 */
void wdmdma_io_free_work_item(PIO_WORKITEM item)
{
	unsigned long flags;
	bool queued;

	if (!item)
		return;
	spin_lock_irqsave(&wd_work_lock, flags);
	queued = item->item.List.Flink;
	if (queued)
		item->freed = true;
	spin_unlock_irqrestore(&wd_work_lock, flags);
	if (queued)
		wd_report(WD_REPORT_OBJECT, NULL, "IoFreeWorkItem", "%p is still queued", item);
	else
		kfree(item);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_free_work_item, WDMDMA);

/* Is an item of @object queued, or running in another thread? */
static bool wd_work_is_pending(PVOID object)
{
	bool pending = false;
	LIST_ENTRY *entry;
	unsigned int i;

	spin_lock_irq(&wd_work_lock);
	for (entry = wd_work_items.Flink; entry != &wd_work_items; entry = entry->Flink) {
		PIO_WORKITEM io = wd_io_work_of(CONTAINING_RECORD(entry, WORK_QUEUE_ITEM, List));

		pending |= io && io->object == object;
	}
	for (i = 0; i < WD_WORKERS; i++)
		pending |= wd_workers[i].original && wd_workers[i].io.object == object &&
			   wd_workers[i].task != current;
	spin_unlock_irq(&wd_work_lock);
	return pending;
}

/**
 * wd_work_flush() - wait until no work item of an object is queued or runs
 * @object: what the items were allocated for; nobody may queue more
 *
 * Does not wait for the routine that it is called from.
 *
 * Context: Process, sleeps.
 */
void wd_work_flush(PVOID object)
{
	wait_event(wd_work_done, !wd_work_is_pending(object));
}

/**
 * wd_work_init() - make the workers ready
 *
 * Context: Process.
 * Return: 0 or -ENOMEM.
 */
int __init wd_work_init(void)
{
	unsigned int i;

	/* Items of storage drivers may be what frees memory. */
	wd_workers_queue = alloc_workqueue("wdmdma_items", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!wd_workers_queue)
		return -ENOMEM;
	for (i = 0; i < WD_WORKERS; i++) {
		INIT_WORK(&wd_workers[i].work, wd_worker_run);
		list_add_tail(&wd_workers[i].idle, &wd_idle_workers);
	}
	return 0;
}

/**
 * wd_work_exit() - wait until every routine has returned
 *
 * Context: Process, may sleep.
 */
void wd_work_exit(void)
{
	destroy_workqueue(wd_workers_queue);
}
