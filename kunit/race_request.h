/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests that race: one thread makes them in order, numbered; others cancel them, end what they
 * were granted (a thread, a softirq, or the routine itself), and try to get the channel or a list
 * at once. Each request notes what becomes of it, and the rules are checked as it happens:
 *
 *	a request is granted once or cancelled once, and never both
 *	routines run one at a time, in the order of the requests, at DISPATCH_LEVEL
 *	the channel has one owner, a register set one, and no more registers are out than there are
 *	what the device wrote is in the memory of its request, and of no other
 *
 * and when all have ended the adapter has nothing and can be had whole.
 */
#ifndef WDMDMA_KUNIT_RACE_REQUEST_H
#define WDMDMA_KUNIT_RACE_REQUEST_H

#include <linux/hrtimer.h>
#include <linux/llist.h>

#include "race.h"
#include "v3.h"

#define WK_RACE_SLOTS	64	/* requests at once */
#define WK_RACE_POOL	4	/* registers of the adapter */
#define WK_RACE_PAGES	2	/* of a request, at most */
#define WK_RACE_SETS	128	/* register sets that an adapter can come to have */

enum wk_end {
	WK_END_INSIDE,		/* by the routine */
	WK_END_THREAD,		/* by a thread on another processor */
	WK_END_IRQS_OFF,	/* ... with interrupts off */
	WK_END_SOFTIRQ,		/* by a timer, in whatever that interrupts */
};

enum wk_fate {
	WK_UNDECIDED,
	WK_CANCELLED,		/* CancelAdapterChannel returned TRUE */
	WK_NOT_CANCELLED,	/* ... or FALSE */
};

struct wk_race;

struct wk_racer {
	struct wk_race *race;
	PMDL mdl[WK_RACE_PAGES + 1];	/* by number of pages */
	u32 *memory[WK_RACE_PAGES];
	PVOID buffer;			/* for a Build */

	/* The request's, set before it is made */
	struct wk_context context;
	u32 number;
	u32 regs;
	enum wk_kind kind;
	bool old;			/* by a routine of version 2 */
	bool maps;			/* a channel request that transfers something */
	bool leaves_channel;		/* the routine gives the channel up, and then returns: */
	IO_ALLOCATION_ACTION action;
	enum wk_end end;

	/* What becomes of it */
	atomic_t calls;			/* of its routine */
	atomic_t fate;
	atomic_t ended;
	PVOID base;
	PSCATTER_GATHER_LIST list;
	struct llist_node node;		/* granted, until its end comes */
};

struct wk_race {
	struct kunit *test;
	struct wk_v3 v3;
	struct wk_wrong wrong;
	u32 rounds;
	u32 nr_slots;			/* in use */

	/* What is to happen */
	bool channels, lists, old;
	bool cancels;
	bool at_once;			/* somebody asks synchronously, too */

	struct wk_racer slots[WK_RACE_SLOTS];
	struct wk_racer immediate;	/* the one of synchronous requests */
	struct task_struct *submitter;
	atomic_t made;			/* requests that may be cancelled */
	atomic_t finished;		/* ... and have ended */
	struct llist_head for_thread, for_softirq;
	struct hrtimer timer;

	/* The rules */
	atomic_t in_routine;
	atomic_t last;			/* number of the last one granted */
	atomic_t regs_out;
	atomic_t owner;			/* of the channel: number, or -1 */
	atomic_t owners[WK_RACE_SETS];	/* of the register sets */

	/* Who came first */
	atomic_t granted_inline, granted_later, granted_soft, cancelled, at_once_granted;
};

struct wk_race *wk_race(struct kunit *test, enum wk_way way);
/* Runs it to its end and judges it. */
void wk_race_run(struct wk_race *race);

#endif
