/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a routine's documented IRQL means on Linux:
 *
 *	PASSIVE_LEVEL	may sleep
 *	DISPATCH_LEVEL	bottom halves off, or interrupts off; must not sleep
 *	above		in a hard interrupt
 *
 * A call from a place where it is provably impossible to do what the routine does is refused with
 * one report. Nothing is ever decided by in_atomic(), which cannot see spinlocks on every kernel.
 */
#ifndef WDMDMA_IRQL_H
#define WDMDMA_IRQL_H

#include <linux/gfp.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include <wdmdma/types.h>

#include "report.h"

static inline KIRQL wd_irql(void)
{
	if (in_hardirq() || in_nmi())
		return WDMDMA_DIRQL;
	return in_softirq() || irqs_disabled() ? DISPATCH_LEVEL : PASSIVE_LEVEL;
}

/*
 * Is sleeping certainly allowed? Without a preemption count nobody can tell, so no. With PREEMPT_RT
 * the count does not see bottom halves, nor spinlocks, which hold off RCU.
 */
static inline bool wd_may_sleep(void)
{
	return preemptible() && !in_softirq() && !rcu_preempt_depth();
}

/*
 * May what cannot do its work without sleeping go ahead? Where wd_may_sleep() never knows, as on
 * Debian's arm64, by the IRQL: PASSIVE_LEVEL is the caller's word that it may. What can do its work
 * later, or in another way just as well, asks wd_may_sleep().
 */
static inline bool wd_may_wait(void)
{
	return IS_ENABLED(CONFIG_PREEMPT_COUNT) ? wd_may_sleep() : wd_irql() == PASSIVE_LEVEL;
}

/*
 * For memory of a length that the driver chose: however much that is, the call fails before the
 * kernel begins to kill processes.
 */
#define WD_GFP_ANY_LENGTH	(GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

void wd_irql_report(struct device *dev, const char *routine, KIRQL allowed);

/* May a routine documented "PASSIVE_LEVEL" run here? */
static inline bool wd_irql_is_passive(struct device *dev, const char *routine)
{
	if (likely(wd_irql() == PASSIVE_LEVEL))
		return true;
	wd_irql_report(dev, routine, PASSIVE_LEVEL);
	return false;
}

/* May a routine documented "<= DISPATCH_LEVEL" run here? */
static inline bool wd_irql_is_dispatch(struct device *dev, const char *routine)
{
	if (likely(!in_hardirq() && !in_nmi()))
		return true;
	wd_irql_report(dev, routine, DISPATCH_LEVEL);
	return false;
}

#endif
