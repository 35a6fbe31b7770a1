// SPDX-License-Identifier: GPL-2.0-only
/*
 * __try, __except and __finally (include/wdmdma/seh.h).
 *
 *	frame	one __try; lives on the stack of its function, and takes itself off the table when
 *		its scope ends, however that happens
 *	owner	who executes it: a task, or what has interrupted one. Both can be in a __try at
 *		once, and neither may get the other's exceptions, so the depth of interrupts is
 *		part of the owner
 *
 * Linux's task has no room for a pointer of ours. So all frames hang in one hash table by task, the
 * innermost of each owner before its others.
 */
#include <linux/bits.h>
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include <wdmdma/seh.h>

#include "report.h"
#include "seh.h"

#define WD_SEH_BITS	6

enum wd_seh_state {
	WD_SEH_BODY,		/* gets what is raised */
	WD_SEH_CHOOSING,	/* the body is done; the filter or handler may run */
	WD_SEH_DONE,
};

struct wd_seh_frame {
	struct hlist_node node;		/* bucket lock */
	struct task_struct *task;	/* immutable, as is level */
	u8 level;
	/* The owner's own; nobody else reads them */
	u8 state;
	bool raised;
	NTSTATUS code;
};

static_assert(sizeof(struct wdmdma_seh_frame) >= sizeof(struct wd_seh_frame));
static_assert(__alignof__(struct wdmdma_seh_frame) >= __alignof__(struct wd_seh_frame));

struct wd_seh_bucket {
	spinlock_t lock;	/* the list; innermost */
	struct hlist_head frames;
};

static struct wd_seh_bucket wd_seh_buckets[1 << WD_SEH_BITS] = {
	[0 ... (1 << WD_SEH_BITS) - 1] = {
		.lock = __SPIN_LOCK_UNLOCKED(wd_seh_buckets.lock),
	},
};

/* How deep in interrupts the processor is: each depth has __try statements of its own */
static u8 wd_seh_level(void)
{
	if (in_nmi())
		return 3;
	if (in_hardirq())
		return 2;
	return in_serving_softirq() ? 1 : 0;
}

static struct wd_seh_bucket *wd_seh_bucket(void)
{
	return &wd_seh_buckets[hash_ptr(current, WD_SEH_BITS)];
}

/* The owner's innermost frame in one of @states, or NULL. It stays: only the owner removes it. */
static struct wd_seh_frame *wd_seh_innermost(unsigned long states)
{
	struct wd_seh_bucket *bucket = wd_seh_bucket();
	struct wd_seh_frame *frame, *found = NULL;
	u8 level = wd_seh_level();
	unsigned long flags;

	spin_lock_irqsave(&bucket->lock, flags);
	hlist_for_each_entry(frame, &bucket->frames, node) {
		/* Others' states may change meanwhile, so look at the owner first. */
		if (frame->task == current && frame->level == level &&
		    states & BIT(frame->state)) {
			found = frame;
			break;
		}
	}
	spin_unlock_irqrestore(&bucket->lock, flags);
	return found;
}

/**
 * wd_raise() - raise an exception
 * @status: what GetExceptionCode() will be
 * @routine: Windows' name of the routine that raises; NULL when the cause has been reported
 *
 * It returns, and the body of the __try goes on. A status raised there before is kept. Where there
 * is no __try, that is reported.
 *
 * Context: Any but an NMI.
 */
void wd_raise(NTSTATUS status, const char *routine)
{
	struct wd_seh_frame *frame = wd_seh_innermost(BIT(WD_SEH_BODY));

	if (frame && !frame->raised) {
		frame->raised = true;
		frame->code = status;
	}
	if (!frame && routine)
		wd_report(WD_REPORT_MISC, NULL, routine,
			  "raised status 0x%08X outside of any __try", status);
}

/**
 * wdmdma_ex_raise_status() - raise an exception (ExRaiseStatus)
 * @status: what GetExceptionCode() will be
 *
 * Unlike on Windows it returns.
 *
 * Context: Any IRQL. DDI: ExRaiseStatus
 */
void wdmdma_ex_raise_status(NTSTATUS status)
{
	wd_raise(status, "ExRaiseStatus");
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_raise_status, WDMDMA);

/**
 * wdmdma_seh_try() - begin the body of a __try
 * @opaque: memory for its frame
 *
 * Context: Any IRQL.
 * Return: TRUE.
 */
BOOLEAN wdmdma_seh_try(struct wdmdma_seh_frame *opaque)
{
	struct wd_seh_frame *frame = (struct wd_seh_frame *)opaque;
	struct wd_seh_bucket *bucket = wd_seh_bucket();
	unsigned long flags;

	*frame = (struct wd_seh_frame){
		.task = current,
		.level = wd_seh_level(),
		.state = WD_SEH_BODY,
	};
	spin_lock_irqsave(&bucket->lock, flags);
	hlist_add_head(&frame->node, &bucket->frames);
	spin_unlock_irqrestore(&bucket->lock, flags);
	return TRUE;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_seh_try, WDMDMA);

/**
 * wdmdma_seh_caught() - end the body of a __try that has an __except
 *
 * Context: Any IRQL.
 * Return: TRUE if something raised in it, so that the filter is to be evaluated.
 */
BOOLEAN wdmdma_seh_caught(void)
{
	struct wd_seh_frame *frame = wd_seh_innermost(BIT(WD_SEH_BODY));

	if (WARN_ON_ONCE(!frame))
		return FALSE;
	frame->state = frame->raised ? WD_SEH_CHOOSING : WD_SEH_DONE;
	return frame->raised;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_seh_caught, WDMDMA);

/**
 * wdmdma_seh_handle() - act on what a filter evaluated to
 * @filter: EXCEPTION_*; of another value only the sign counts
 *
 * EXCEPTION_CONTINUE_SEARCH raises the exception in the next __try further out.
 *
 * Context: Any IRQL.
 * Return: TRUE if the handler is to run.
 */
BOOLEAN wdmdma_seh_handle(LONG filter)
{
	struct wd_seh_frame *frame = wd_seh_innermost(BIT(WD_SEH_CHOOSING));

	if (WARN_ON_ONCE(!frame))
		return FALSE;
	if (filter > 0)
		return TRUE;
	frame->state = WD_SEH_DONE;
	if (filter == EXCEPTION_CONTINUE_SEARCH)
		wd_raise(frame->code, "__except");
	return FALSE;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_seh_handle, WDMDMA);

/**
 * wdmdma_seh_finally() - end the body of a __try that has a __finally
 *
 * An exception goes on to the next __try further out.
 *
 * Context: Any IRQL.
 * Return: TRUE, as the block is always run.
 */
BOOLEAN wdmdma_seh_finally(void)
{
	if (wdmdma_seh_caught())
		wd_raise(wd_seh_innermost(BIT(WD_SEH_CHOOSING))->code, "__finally");
	return TRUE;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_seh_finally, WDMDMA);

/**
 * wdmdma_seh_leave() - end the scope of a __try
 * @opaque: its frame; one that no __try has begun with is left alone
 *
 * Called for the end of every path through the scope, also of one that jumped past the __try: then
 * the frame is not on the table, and its contents mean nothing.
 *
 * Context: Any IRQL.
 */
void wdmdma_seh_leave(struct wdmdma_seh_frame *opaque)
{
	struct wd_seh_bucket *bucket = wd_seh_bucket();
	struct wd_seh_frame *frame, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&bucket->lock, flags);
	hlist_for_each_entry(frame, &bucket->frames, node) {
		if (frame == (struct wd_seh_frame *)opaque) {
			hlist_del(&frame->node);
			found = frame;
			break;
		}
	}
	spin_unlock_irqrestore(&bucket->lock, flags);
	if (found && found->state == WD_SEH_BODY && found->raised)
		wd_report(WD_REPORT_MISC, NULL, "__try",
			  "status 0x%08X is lost: the body was left before its end", found->code);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_seh_leave, WDMDMA);

/**
 * wd_seh_leave_all() - end the scope of every __try the calling thread is in
 *
 * For a thread that ends without returning to them: their frames go with its stack.
 *
 * Context: PASSIVE_LEVEL.
 */
void wd_seh_leave_all(void)
{
	const unsigned long any = BIT(WD_SEH_BODY) | BIT(WD_SEH_CHOOSING) | BIT(WD_SEH_DONE);
	struct wd_seh_frame *frame;

	while ((frame = wd_seh_innermost(any)))
		wdmdma_seh_leave((struct wdmdma_seh_frame *)frame);
}

/**
 * wdmdma_get_exception_code() - the status that was raised (GetExceptionCode)
 *
 * Context: Any IRQL, in a filter or handler of an __except.
 * Return: the status; STATUS_SUCCESS elsewhere.
 */
NTSTATUS wdmdma_get_exception_code(void)
{
	struct wd_seh_frame *frame = wd_seh_innermost(BIT(WD_SEH_CHOOSING));

	return frame ? frame->code : STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_get_exception_code, WDMDMA);

/**
 * wdmdma_abnormal_termination() - did something raise in the body? (AbnormalTermination)
 *
 * Context: Any IRQL, in the block of a __finally.
 * Return: TRUE if so.
 */
BOOLEAN wdmdma_abnormal_termination(void)
{
	/* The latest body that ended, and not an earlier one of the same scope */
	struct wd_seh_frame *frame = wd_seh_innermost(BIT(WD_SEH_CHOOSING) | BIT(WD_SEH_DONE));

	return frame && frame->raised;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_abnormal_termination, WDMDMA);
