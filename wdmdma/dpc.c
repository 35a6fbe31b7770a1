// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deferred procedure calls for ported drivers.
 *
 * Each processor has a queue and a tasklet that empties it. A KDPC is on one queue or on none, as
 * its queue member says. Once it has been taken off nothing here touches it again, so its routine
 * may queue it again or free it, as on Windows. The DPCs of one queue run in order and one at a
 * time, except that one of high importance goes to the head. A DPC with a target goes to that
 * processor's queue, which runs there unless that processor is off line.
 */
#include <linux/completion.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/lockdep.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include <wdmdma/clock.h>
#include <wdmdma/ke.h>
#include <wdmdma/rtl.h>
#include <wdmdma/status.h>

#include "irql.h"
#include "runtime.h"

/**
 * struct wd_dpc_queue - the DPCs of one processor
 * @lock: protects the list, the depth and the links of the DPCs on it
 * @list: the DPCs, first to run first
 * @depth: DPCs on the list
 * @tasklet: runs them
 * @kick: schedules the tasklet on its own processor, from another
 */
struct wd_dpc_queue {
	spinlock_t lock; /* list, depth, links; innermost */
	LIST_ENTRY list;
	unsigned int depth;
	struct tasklet_struct tasklet;
	call_single_data_t kick;
};

/* A DPC that tells when all before it are done */
struct wd_dpc_marker {
	KDPC dpc;
	struct completion done;
};

static void wd_dpc_queue_run(struct tasklet_struct *tasklet);

static DEFINE_PER_CPU(struct wd_dpc_queue, wd_dpc_queues);

static void wd_dpc_unlink_locked(struct wd_dpc_queue *queue, PKDPC dpc)
{
	lockdep_assert_held(&queue->lock);
	RemoveEntryList(&dpc->entry);
	queue->depth--;
	/* Pairs with cmpxchg() in wd_dpc_insert(), which may then write the arguments */
	smp_store_release(&dpc->queue, NULL);
}

/* Take the first DPC off. Returns a copy, as the DPC is its owner's from then on. */
static bool wd_dpc_pop(struct wd_dpc_queue *queue, KDPC *copy, PKDPC *original)
{
	PKDPC dpc = NULL;

	spin_lock_irq(&queue->lock);
	if (queue->depth) {
		dpc = CONTAINING_RECORD(queue->list.Flink, KDPC, entry);
		*copy = *dpc;
		wd_dpc_unlink_locked(queue, dpc);
	}
	spin_unlock_irq(&queue->lock);
	*original = dpc;
	return dpc;
}

/* Runs what is there now; what the routines queue again waits for the next round */
static void wd_dpc_queue_run(struct tasklet_struct *tasklet)
{
	struct wd_dpc_queue *queue = container_of(tasklet, struct wd_dpc_queue, tasklet);
	unsigned int batch = READ_ONCE(queue->depth);
	KDPC copy;
	PKDPC dpc;

	while (batch-- && wd_dpc_pop(queue, &copy, &dpc))
		copy.routine(dpc, copy.context, copy.argument1, copy.argument2);
	if (READ_ONCE(queue->depth))
		tasklet_schedule(&queue->tasklet);
}

static void wd_dpc_kicked(void *data)
{
	struct wd_dpc_queue *queue = data;

	tasklet_schedule(&queue->tasklet);
}

/* Called with interrupts off, so this processor stays this one */
static void wd_dpc_queue_schedule_locked(struct wd_dpc_queue *queue, int cpu)
{
	lockdep_assert_held(&queue->lock);
	/* -EBUSY: a kick is under way, and finds what has been queued meanwhile */
	if (cpu != smp_processor_id() &&
	    smp_call_function_single_async(cpu, &queue->kick) != -ENXIO)
		return;
	tasklet_schedule(&queue->tasklet);
}

static bool wd_dpc_insert(int cpu, PKDPC dpc, PVOID argument1, PVOID argument2)
{
	struct wd_dpc_queue *queue = per_cpu_ptr(&wd_dpc_queues, cpu);
	unsigned long flags;
	bool inserted;

	spin_lock_irqsave(&queue->lock, flags);
	/* Pairs with smp_store_release() in wd_dpc_unlink_locked() */
	inserted = !cmpxchg(&dpc->queue, NULL, (PVOID)queue);
	if (inserted) {
		dpc->argument1 = argument1;
		dpc->argument2 = argument2;
		if (dpc->importance == HighImportance)
			InsertHeadList(&queue->list, &dpc->entry);
		else
			InsertTailList(&queue->list, &dpc->entry);
		queue->depth++;
		wd_dpc_queue_schedule_locked(queue, cpu);
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return inserted;
}

/**
 * wdmdma_ke_initialize_dpc() - make memory a DPC
 * @dpc: the memory; not while it is queued
 * @routine: what to call, at DISPATCH_LEVEL in softirq context
 * @context: its second argument
 *
 * Context: Any IRQL. DDI: KeInitializeDpc
 */
void wdmdma_ke_initialize_dpc(PKDPC dpc, PKDEFERRED_ROUTINE routine, PVOID context)
{
	RtlZeroMemory(dpc, sizeof(*dpc));
	dpc->routine = routine;
	dpc->context = context;
	dpc->importance = MediumImportance;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_initialize_dpc, WDMDMA);

/**
 * wdmdma_ke_set_importance_dpc() - say where in its queue a DPC goes
 * @dpc: an initialised DPC that is not queued
 * @importance: HighImportance: to the head; all others: to the tail
 *
 * Context: Any IRQL. DDI: KeSetImportanceDpc
 */
void wdmdma_ke_set_importance_dpc(PKDPC dpc, KDPC_IMPORTANCE importance)
{
	dpc->importance = importance;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_set_importance_dpc, WDMDMA);

/**
 * wdmdma_ke_set_target_processor_dpc_ex() - say which processor a DPC runs on
 * @dpc: an initialised DPC that is not queued
 * @number: the processor; while it is off line the DPC runs where it is queued
 *
 * Context: Any IRQL.
 * Return: STATUS_SUCCESS, or STATUS_INVALID_PARAMETER for a processor there is not.
 *	   DDI: KeSetTargetProcessorDpcEx
 */
NTSTATUS wdmdma_ke_set_target_processor_dpc_ex(PKDPC dpc, PPROCESSOR_NUMBER number)
{
	ULONG index = wdmdma_ke_get_processor_index_from_number(number);

	if (index == INVALID_PROCESSOR_INDEX)
		return STATUS_INVALID_PARAMETER;
	dpc->target = index + 1;
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_set_target_processor_dpc_ex, WDMDMA);

/**
 * wdmdma_ke_set_target_processor_dpc() - have a DPC run on a processor of group 0
 * @dpc: an initialised DPC that is not queued
 * @number: the processor; one that there is not is ignored
 *
 * Context: Any IRQL. DDI: KeSetTargetProcessorDpc
 */
void wdmdma_ke_set_target_processor_dpc(PKDPC dpc, CCHAR number)
{
	PROCESSOR_NUMBER processor = { .Number = number };

	wdmdma_ke_set_target_processor_dpc_ex(dpc, &processor);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_set_target_processor_dpc, WDMDMA);

/**
 * wdmdma_ke_insert_queue_dpc() - have a DPC's routine called soon, on its target or here
 * @dpc: an initialised DPC
 * @argument1: the routine's third argument
 * @argument2: its fourth
 *
 * Context: Any IRQL.
 * Return: FALSE if it is queued already; then the arguments stay what they were.
 *	   DDI: KeInsertQueueDpc
 */
BOOLEAN wdmdma_ke_insert_queue_dpc(PKDPC dpc, PVOID argument1, PVOID argument2)
{
	int cpu = dpc->target ? (int)dpc->target - 1 : raw_smp_processor_id();

	return wd_dpc_insert(cpu, dpc, argument1, argument2);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_insert_queue_dpc, WDMDMA);

/**
 * wdmdma_ke_remove_queue_dpc() - take back a DPC that has not been called yet
 * @dpc: an initialised DPC
 *
 * Context: Any IRQL.
 * Return: TRUE if it was queued and will not be called; FALSE if it was not, and then its
 *	   routine may be running. DDI: KeRemoveQueueDpc
 */
BOOLEAN wdmdma_ke_remove_queue_dpc(PKDPC dpc)
{
	struct wd_dpc_queue *queue;
	unsigned long flags;
	bool removed = false;

	/* Once more if it has moved to another queue before that one's lock was taken */
	while (!removed && (queue = READ_ONCE(dpc->queue))) {
		spin_lock_irqsave(&queue->lock, flags);
		removed = READ_ONCE(dpc->queue) == queue;
		if (removed)
			wd_dpc_unlink_locked(queue, dpc);
		spin_unlock_irqrestore(&queue->lock, flags);
	}
	return removed;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_remove_queue_dpc, WDMDMA);

static VOID wd_dpc_marker_routine(PKDPC dpc, PVOID done, PVOID argument1, PVOID argument2)
{
	complete(done);
}

/* Wait until every DPC that is on the queue now has returned */
static void wd_dpc_queue_flush(int cpu)
{
	struct wd_dpc_marker marker;

	init_completion(&marker.done);
	wdmdma_ke_initialize_dpc(&marker.dpc, wd_dpc_marker_routine, &marker.done);
	wd_dpc_insert(cpu, &marker.dpc, NULL, NULL);
	wait_for_completion(&marker.done);
}

/**
 * wdmdma_ke_flush_queued_dpcs() - wait until every DPC queued so far has returned
 *
 * Context: PASSIVE_LEVEL; sleeps. DDI: KeFlushQueuedDpcs
 */
void wdmdma_ke_flush_queued_dpcs(void)
{
	int cpu;

	if (!wd_irql_is_passive(NULL, "KeFlushQueuedDpcs"))
		return;
	for_each_possible_cpu(cpu)
		wd_dpc_queue_flush(cpu);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_flush_queued_dpcs, WDMDMA);

/**
 * wd_dpc_init() - make the queues ready
 *
 * At load, as 6.12 does not relocate pointers in a module's per-CPU data.
 *
 * Context: Process.
 */
void __init wd_dpc_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct wd_dpc_queue *queue = per_cpu_ptr(&wd_dpc_queues, cpu);

		spin_lock_init(&queue->lock);
		InitializeListHead(&queue->list);
		tasklet_setup(&queue->tasklet, wd_dpc_queue_run);
		INIT_CSD(&queue->kick, wd_dpc_kicked, queue);
	}
}

/**
 * wd_dpc_exit() - wait for tasklets that still run
 *
 * For module unload, when no driver is left.
 *
 * Context: Process, may sleep.
 */
void wd_dpc_exit(void)
{
	int cpu;

	kick_all_cpus_sync();	/* a kick may still be on its way */
	for_each_possible_cpu(cpu)
		tasklet_kill(per_cpu_ptr(&wd_dpc_queues.tasklet, cpu));
}
