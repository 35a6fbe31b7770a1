/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When is a fault due? The kernel's fault injection says so where the kernel has it; else a small
 * one of our own, with the same files and the same meaning.
 */
#ifndef WDMDMA_INJECT_FAULT_H
#define WDMDMA_INJECT_FAULT_H

#include <linux/atomic.h>
#include <linux/fault-inject.h>
#include <linux/types.h>

struct dentry;

#if defined(CONFIG_FAULT_INJECTION_DEBUG_FS) && !defined(WD_OWN_FAULTS)
#define WD_KERNEL_FAULTS
#endif

struct wd_fault {
#ifdef WD_KERNEL_FAULTS
	struct fault_attr attr;
#else
	const char *name;
	unsigned long probability;	/* percent */
	unsigned long interval;		/* of so many calls one may fail */
	atomic_t times;			/* may fail so often; -1 = no limit */
	unsigned long verbose;		/* say so in the log */
	atomic_t calls;
#endif
};

void __init wd_fault_init(struct wd_fault *fault, const char *name, struct dentry *dir);
void wd_fault_set(struct wd_fault *fault, u32 probability, u32 interval, s32 times);
bool wd_fault_is_armed(const struct wd_fault *fault);
bool wd_fault_is_due(struct wd_fault *fault);

#endif
