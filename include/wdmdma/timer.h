/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Timers: a moment, or a row of them, at which waiters are released and a DPC is queued.
 *
 * All set timers stand in one queue of wdmdma's. A KTIMER is on it or not at all, so after
 * KeCancelTimer, and after it has gone off, nothing touches it any more; its DPC is
 * another matter (KeFlushQueuedDpcs).
 */
#ifndef WDMDMA_TIMER_H
#define WDMDMA_TIMER_H

#include <wdmdma/types.h>
#include <wdmdma/ke.h>
#include <wdmdma/wait.h>

typedef enum _TIMER_TYPE {
	NotificationTimer,	/* stays signalled until it is set again */
	SynchronizationTimer	/* releases one waiter and is reset by that */
} TIMER_TYPE;

typedef struct _KTIMER {
	DISPATCHER_HEADER Header;
	LONG set;		/* is in the queue */
	LONG Period;		/* milliseconds; 0: once */
	ULONGLONG node[4];	/* a struct timerqueue_node */
	PKDPC Dpc;
} KTIMER, *PKTIMER, *PRKTIMER;

#ifdef __cplusplus
extern "C" {
#endif

/* Documented in wdmdma/timer.c */
void wdmdma_ke_initialize_timer_ex(PKTIMER timer, TIMER_TYPE type);
BOOLEAN wdmdma_ke_set_timer_ex(PKTIMER timer, LARGE_INTEGER due_time, LONG period, PKDPC dpc);
BOOLEAN wdmdma_ke_cancel_timer(PKTIMER timer);

#ifdef __cplusplus
}
#endif

#define KeInitializeTimer(timer) wdmdma_ke_initialize_timer_ex((timer), NotificationTimer)
#define KeInitializeTimerEx wdmdma_ke_initialize_timer_ex
#define KeSetTimer(timer, due_time, dpc) wdmdma_ke_set_timer_ex((timer), (due_time), 0, (dpc))
#define KeSetTimerEx wdmdma_ke_set_timer_ex
/* The tolerance is a permission that is not used */
#define KeSetCoalescableTimer(timer, due_time, period, tolerance, dpc) \
	((void)(tolerance), wdmdma_ke_set_timer_ex((timer), (due_time), (LONG)(period), (dpc)))
#define KeCancelTimer wdmdma_ke_cancel_timer
#define KeReadStateTimer(timer) ((BOOLEAN)(wdmdma_ke_read_state(&(timer)->Header) != 0))

#endif /* WDMDMA_TIMER_H */
