// SPDX-License-Identifier: GPL-2.0-only
/*
 * When is a fault due (inject_fault.h)?
 */
#include <linux/debugfs.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/random.h>

#include "inject_fault.h"

/**
 * wd_fault_set() - say when a fault is due
 * @fault: the fault
 * @probability: percent
 * @interval: only one of so many calls; 0 as 1
 * @times: it is due so often; -1 = no limit
 */
void wd_fault_set(struct wd_fault *fault, u32 probability, u32 interval, s32 times)
{
#ifdef WD_KERNEL_FAULTS
	struct fault_attr *attr = &fault->attr;
#else
	struct wd_fault *attr = fault;

	atomic_set(&attr->calls, 0);
#endif
	WRITE_ONCE(attr->probability, probability);
	WRITE_ONCE(attr->interval, max(interval, 1U));
	atomic_set(&attr->times, times);
}

/**
 * wd_fault_is_armed() - may a fault be due?
 * @fault: the fault
 */
bool wd_fault_is_armed(const struct wd_fault *fault)
{
#ifdef WD_KERNEL_FAULTS
	const struct fault_attr *attr = &fault->attr;
#else
	const struct wd_fault *attr = fault;
#endif
	return READ_ONCE(attr->probability) && atomic_read(&attr->times);
}

#ifdef WD_KERNEL_FAULTS
/**
 * wd_fault_init() - make a fault that is never due, and its files
 * @fault: static
 * @name: of its directory
 * @dir: where that is
 */
void __init wd_fault_init(struct wd_fault *fault, const char *name, struct dentry *dir)
{
	fault->attr = (struct fault_attr)FAULT_ATTR_INITIALIZER;
	fault->attr.verbose = 0;
	wd_fault_set(fault, 0, 1, -1);
	fault_create_debugfs_attr(name, dir, &fault->attr);
}

/**
 * wd_fault_is_due() - is a fault due now?
 * @fault: the fault
 *
 * Context: Any.
 */
bool wd_fault_is_due(struct wd_fault *fault)
{
	return should_fail(&fault->attr, 1);
}
#else
void __init wd_fault_init(struct wd_fault *fault, const char *name, struct dentry *dir)
{
	fault->name = name;
	wd_fault_set(fault, 0, 1, -1);
	dir = debugfs_create_dir(name, dir);
	debugfs_create_ulong("probability", 0600, dir, &fault->probability);
	debugfs_create_ulong("interval", 0600, dir, &fault->interval);
	debugfs_create_atomic_t("times", 0600, dir, &fault->times);
	debugfs_create_ulong("verbose", 0600, dir, &fault->verbose);
}

bool wd_fault_is_due(struct wd_fault *fault)
{
	unsigned long interval = READ_ONCE(fault->interval);
	int times = atomic_read(&fault->times);

	if (!READ_ONCE(fault->probability) || !times)
		return false;
	if (interval > 1 && (unsigned int)atomic_inc_return(&fault->calls) % interval)
		return false;
	if (READ_ONCE(fault->probability) <= get_random_u32() % 100)
		return false;
	/* Somebody else may have had the last one. */
	if (times > 0 && atomic_dec_if_positive(&fault->times) < 0)
		return false;
	if (READ_ONCE(fault->verbose))
		pr_notice("wdmdma: injected: %s\n", fault->name);
	return true;
}
#endif
