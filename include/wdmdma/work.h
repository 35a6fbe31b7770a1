/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Work items: a routine that is called soon, once, at PASSIVE_LEVEL, where it may sleep.
 *
 * As on Windows a fixed number of threads serve all drivers (32), so routines should not
 * wait for other work items. They start in the order of queuing, whatever the queue type.
 * While an item is queued or its routine runs, the module that queued it, and the device
 * object of wdmdma it was allocated for, stay.
 */
#ifndef WDMDMA_WORK_H
#define WDMDMA_WORK_H

#include <wdmdma/types.h>
#include <wdmdma/io.h>
#include <wdmdma/module.h>

typedef enum _WORK_QUEUE_TYPE {
	CriticalWorkQueue,
	DelayedWorkQueue,
	HyperCriticalWorkQueue,
	NormalWorkQueue,
	BackgroundWorkQueue,
	RealTimeWorkQueue,
	SuperCriticalWorkQueue,
	MaximumWorkQueue,
	CustomPriorityWorkQueue = 32
} WORK_QUEUE_TYPE;

typedef VOID WORKER_THREAD_ROUTINE(PVOID Parameter);
typedef __typeof__(WORKER_THREAD_ROUTINE) *PWORKER_THREAD_ROUTINE;

/* Bare work item: its memory is the driver's, from the moment the routine is called */
typedef struct _WORK_QUEUE_ITEM {
	LIST_ENTRY List;		/* Flink is NULL unless it is queued */
	PWORKER_THREAD_ROUTINE WorkerRoutine;
	PVOID Parameter;
	struct module *owner;
} WORK_QUEUE_ITEM, *PWORK_QUEUE_ITEM;

typedef VOID IO_WORKITEM_ROUTINE(PDEVICE_OBJECT DeviceObject, PVOID Context);
typedef __typeof__(IO_WORKITEM_ROUTINE) *PIO_WORKITEM_ROUTINE;

struct _IO_WORKITEM;
typedef struct _IO_WORKITEM IO_WORKITEM, *PIO_WORKITEM;

typedef VOID IO_WORKITEM_ROUTINE_EX(PVOID IoObject, PVOID Context, PIO_WORKITEM IoWorkItem);
typedef __typeof__(IO_WORKITEM_ROUTINE_EX) *PIO_WORKITEM_ROUTINE_EX;

#ifdef __cplusplus
extern "C" {
#endif

/* Documented in wdmdma/work.c */
void wdmdma_ex_queue_work_item(PWORK_QUEUE_ITEM item, WORK_QUEUE_TYPE queue);
PIO_WORKITEM wdmdma_io_allocate_work_item(PVOID object, struct module *owner);
void wdmdma_io_free_work_item(PIO_WORKITEM item);
ULONG wdmdma_io_sizeof_work_item(void);
void wdmdma_io_initialize_work_item(PVOID object, PIO_WORKITEM item, struct module *owner);
void wdmdma_io_uninitialize_work_item(PIO_WORKITEM item);
void wdmdma_io_queue_work_item(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE routine,
			       WORK_QUEUE_TYPE queue, PVOID context);
void wdmdma_io_queue_work_item_ex(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE_EX routine,
				  WORK_QUEUE_TYPE queue, PVOID context);

#ifdef __cplusplus
}
#endif

/**
 * ExInitializeWorkItem() - fill in a bare work item
 * @item: the memory; not while it is queued
 * @routine: what to call
 * @parameter: its argument
 *
 * Context: Any IRQL. DDI: ExInitializeWorkItem
 */
static inline void ExInitializeWorkItem(PWORK_QUEUE_ITEM item, PWORKER_THREAD_ROUTINE routine,
					PVOID parameter)
{
	item->List.Flink = NULL;
	item->List.Blink = NULL;
	item->WorkerRoutine = routine;
	item->Parameter = parameter;
	item->owner = WDMDMA_THIS_MODULE;
}

#define ExQueueWorkItem wdmdma_ex_queue_work_item
#define IoAllocateWorkItem(object) wdmdma_io_allocate_work_item((object), WDMDMA_THIS_MODULE)
#define IoFreeWorkItem wdmdma_io_free_work_item
#define IoSizeofWorkItem wdmdma_io_sizeof_work_item
#define IoInitializeWorkItem(object, item) \
	wdmdma_io_initialize_work_item((object), (item), WDMDMA_THIS_MODULE)
#define IoUninitializeWorkItem wdmdma_io_uninitialize_work_item
#define IoQueueWorkItem wdmdma_io_queue_work_item
#define IoQueueWorkItemEx wdmdma_io_queue_work_item_ex

#endif /* WDMDMA_WORK_H */
