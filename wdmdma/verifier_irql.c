// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IRQL that each routine is documented for, the report of calls at another, and whether a
 * driver's routine comes back as it was called.
 */
#include <linux/bottom_half.h>
#include <linux/string.h>

#include "irql.h"
#include "verifier.h"

enum wd_irql_rule {
	WD_IRQL_MOST_DISPATCH,		/* also of what is not in the table */
	WD_IRQL_DISPATCH,
	WD_IRQL_PASSIVE,
	WD_IRQL_STRICTLY_PASSIVE,	/* older documentation says DISPATCH_LEVEL at most */
	WD_IRQL_VECTOR,			/* not documented; there is a bug check for it */
	WD_IRQL_VECTOR_PASSIVE,
	WD_IRQL_ANY,
};

static const struct {
	const char *routine;
	enum wd_irql_rule rule;
} wd_irql_rules[] = {
	{ "GetDmaAlignment", WD_IRQL_PASSIVE },
	{ "AllocateCommonBuffer", WD_IRQL_PASSIVE },
	{ "AllocateCommonBufferEx", WD_IRQL_PASSIVE },
	{ "AllocateCommonBufferWithBounds", WD_IRQL_PASSIVE },
	{ "AllocateDomainCommonBuffer", WD_IRQL_PASSIVE },
	{ "CreateCommonBufferFromMdl", WD_IRQL_PASSIVE },
	{ "GetDmaDomain", WD_IRQL_PASSIVE },
	{ "JoinDmaDomain", WD_IRQL_PASSIVE },
	{ "LeaveDmaDomain", WD_IRQL_PASSIVE },
	{ "FreeCommonBuffer", WD_IRQL_STRICTLY_PASSIVE },
	{ "AllocateAdapterChannel", WD_IRQL_DISPATCH },
	{ "AllocateAdapterChannelEx", WD_IRQL_DISPATCH },
	{ "FreeAdapterChannel", WD_IRQL_DISPATCH },
	{ "FreeMapRegisters", WD_IRQL_DISPATCH },
	{ "GetScatterGatherList", WD_IRQL_DISPATCH },
	{ "BuildScatterGatherList", WD_IRQL_DISPATCH },
	{ "BuildScatterGatherListEx", WD_IRQL_DISPATCH },
	{ "PutScatterGatherList", WD_IRQL_DISPATCH },
	{ "CalculateScatterGatherList", WD_IRQL_ANY },
	/* Not documented */
	{ "FlushDmaBuffer", WD_IRQL_ANY },
	{ "AllocateCommonBufferVector", WD_IRQL_VECTOR_PASSIVE },
	{ "GetCommonBufferFromVectorByIndex", WD_IRQL_VECTOR },
	{ "FreeCommonBufferFromVector", WD_IRQL_VECTOR },
	{ "FreeCommonBufferVector", WD_IRQL_VECTOR },
};

/* What has nothing to fail with does its work in any case. */
static const char * const wd_irql_cannot_fail[] = {
	"GetDmaAlignment", "FreeCommonBuffer", "FreeAdapterChannel", "FreeMapRegisters",
	"PutScatterGatherList",
};

static enum wd_irql_rule wd_irql_rule(const char *routine)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wd_irql_rules); i++)
		if (!strcmp(routine, wd_irql_rules[i].routine))
			return wd_irql_rules[i].rule;
	return WD_IRQL_MOST_DISPATCH;
}

/**
 * wd_irql_report() - a routine was called at an IRQL at which it does nothing
 * @dev: the device concerned; NULL when not known
 * @routine: Windows' name of the routine
 * @allowed: the highest at which it does
 *
 * Context: Any.
 */
void wd_irql_report(struct device *dev, const char *routine, KIRQL allowed)
{
	enum wd_irql_rule rule = wd_irql_rule(routine);
	struct wd_violation violation = { .code = WD_REPORT_IRQL, .dev = dev, .routine = routine };
	KIRQL irql = wd_irql();

	if (rule == WD_IRQL_VECTOR || rule == WD_IRQL_VECTOR_PASSIVE) {
		violation.code = WD_REPORT_VECTOR_IRQL;
		violation.params[0] = (struct wd_param)WD_PARAM(irql);
	} else {
		violation.params[0] = (struct wd_param)WD_PARAM(rule == WD_IRQL_DISPATCH ? 1 : 2);
		violation.params[1] = (struct wd_param)WD_PARAM(allowed);
		violation.params[2] = (struct wd_param)WD_PARAM(irql);
	}
	wd_violate(&violation, "called at IRQL %u, allowed is %u", irql, allowed);
}

/* Where the kernel counts, also what a spinlock is under. */
static KIRQL wd_counted_irql(bool in_rcu)
{
	int by_rcu = in_rcu && !IS_ENABLED(CONFIG_PREEMPT_RCU);

	if (wd_irql() != PASSIVE_LEVEL || !IS_ENABLED(CONFIG_PREEMPT_COUNT))
		return wd_irql();
	return preempt_count() > by_rcu ? DISPATCH_LEVEL : PASSIVE_LEVEL;
}

/**
 * wd_check_irql_to_get() - look at the IRQL of IoGetDmaAdapter, which will sleep
 *
 * Return: true if it must not.
 */
bool wd_check_irql_to_get(void)
{
	KIRQL irql = wd_counted_irql(false);

	if (irql == PASSIVE_LEVEL)
		return false;
	wd_misuse(NULL, WD_REPORT_IRQL, "IoGetDmaAdapter", 2, PASSIVE_LEVEL, irql,
		  "called at IRQL %u, documented is PASSIVE_LEVEL", irql);
	return true;
}

/* Reports; true if the call is to fail should it be one that can. */
static bool wd_check_irql_rule(struct wd_adapter *adapter, const char *routine, bool in_rcu)
{
	KIRQL irql = wd_counted_irql(in_rcu);

	switch (wd_irql_rule(routine)) {
	case WD_IRQL_STRICTLY_PASSIVE:
		if (!wd_verifies_strictly(adapter))
			return false;
		fallthrough;
	case WD_IRQL_PASSIVE:
		if (irql == PASSIVE_LEVEL)
			return false;
		return wd_misuse(adapter, WD_REPORT_IRQL, routine, 2, PASSIVE_LEVEL, irql,
				 "called at IRQL %u, documented is PASSIVE_LEVEL", irql);
	case WD_IRQL_VECTOR_PASSIVE:
		if (irql == PASSIVE_LEVEL)
			return false;
		return wd_misuse(adapter, WD_REPORT_VECTOR_IRQL, routine, irql, 0, 0,
				 "called at IRQL %u, which must be PASSIVE_LEVEL", irql);
	case WD_IRQL_DISPATCH:
		if (irql != PASSIVE_LEVEL || !wd_verifies_strictly(adapter))
			return false;
		return wd_misuse(adapter, WD_REPORT_IRQL, routine, 1, DISPATCH_LEVEL, irql,
				 "called at PASSIVE_LEVEL, documented is DISPATCH_LEVEL");
	default:
		return false;
	}
}

/**
 * wd_check_irql() - look at the IRQL of a call on an adapter
 * @adapter: verified
 * @routine: Windows' name of the routine
 * @in_rcu: inside an RCU read-side section of wdmdma's
 *
 * What no mode allows is reported elsewhere.
 */
bool wd_check_irql(struct wd_adapter *adapter, const char *routine, bool in_rcu)
{
	return wd_check_irql_rule(adapter, routine, in_rcu) &&
	       match_string(wd_irql_cannot_fail, ARRAY_SIZE(wd_irql_cannot_fail), routine) < 0;
}

/**
 * wd_balance_end() - has a driver's routine left everything as it was?
 * @adapter: verified
 * @routine: Windows' name of the kind of routine
 * @before: from wd_balance_begin()
 *
 * What it has left is undone, so that the machine can go on.
 */
void wd_balance_end(struct wd_adapter *adapter, const char *routine,
		    const struct wd_balance *before)
{
	struct wd_balance now = wd_balance_begin(adapter);

	if (now.count == before->count && now.irqs_off == before->irqs_off)
		return;
	wd_misuse(adapter, WD_REPORT_IMBALANCE, routine, before->count, now.count, now.irqs_off,
		  "interrupts %s and a preemption count of 0x%X, which was 0x%X",
		  now.irqs_off ? "off" : "on", now.count, before->count);
	if (!before->irqs_off)
		local_irq_enable();
	while ((preempt_count() & SOFTIRQ_MASK) > (before->count & SOFTIRQ_MASK))
		local_bh_enable();
	while ((preempt_count() & SOFTIRQ_MASK) < (before->count & SOFTIRQ_MASK))
		local_bh_disable();
	while ((preempt_count() & PREEMPT_MASK) > (before->count & PREEMPT_MASK))
		preempt_enable();
	while ((preempt_count() & PREEMPT_MASK) < (before->count & PREEMPT_MASK))
		preempt_disable();
	if (before->irqs_off)
		local_irq_disable();
}
