/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Objects that can be waited for, from the inside.
 *
 * One lock protects the state of all of them, the lists of who waits for them, and the queue of
 * timers. That is what lets a wait for many objects take them at one moment, and an object be freed
 * as soon as a wait for it has returned: whoever signalled it has let go of the lock by then.
 */
#ifndef WDMDMA_DISPATCH_H
#define WDMDMA_DISPATCH_H

#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include <wdmdma/wait.h>

/* Lock order: a driver's locks > wd_dispatch_lock > wd_dpc_queue.lock */
extern spinlock_t wd_dispatch_lock;

/* DISPATCHER_HEADER.Type. The mark makes other memory unlikely to be taken for an object. */
enum wd_object_kind {
	WD_NOTIFICATION_EVENT = 0x4b450000,
	WD_SYNCHRONIZATION_EVENT,
	WD_SEMAPHORE,
	WD_MUTEX,
	WD_NOTIFICATION_TIMER,
	WD_SYNCHRONIZATION_TIMER,
	WD_THREAD,
	WD_OBJECT_KINDS_END,
};

void wd_object_init(DISPATCHER_HEADER *header, enum wd_object_kind kind, LONG state);
LONG wd_object_set_locked(DISPATCHER_HEADER *header, LONG state);
bool wd_object_is(const DISPATCHER_HEADER *header, enum wd_object_kind first,
		  enum wd_object_kind last, const char *routine);
ktime_t wd_deadline(LONGLONG time);

#endif
