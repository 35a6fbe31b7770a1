/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The verifier: what is checked, recorded and guarded only for adapters that were made while it
 * was on. Off, each place where it would look costs one branch that is patched out.
 */
#ifndef WDMDMA_VERIFIER_H
#define WDMDMA_VERIFIER_H

#include <linux/irqflags.h>
#include <linux/jump_label.h>
#include <linux/preempt.h>

#include "internal.h"

/* Values of the module parameters (verifier.c) */
#define WD_VERIFIER_OFF		0
#define WD_VERIFIER_ON		1
#define WD_VERIFIER_STRICT	2

#define WD_ACTION_LOG_ONCE	0
#define WD_ACTION_LOG		1
#define WD_ACTION_FAIL		2
#define WD_ACTION_PANIC		3

DECLARE_STATIC_KEY_FALSE(wd_verifier_key);

/* Is this adapter's use verified? */
static __always_inline bool wd_verifies(const struct wd_adapter *adapter)
{
	return static_branch_unlikely(&wd_verifier_key) && adapter->verifier;
}

static __always_inline bool wd_verifies_strictly(const struct wd_adapter *adapter)
{
	return static_branch_unlikely(&wd_verifier_key) &&
	       adapter->verifier >= WD_VERIFIER_STRICT;
}

struct wd_list_request;

/* The arguments of a routine that maps or flushes */
struct wd_check_call {
	const char *routine;
	PMDL mdl;			/* not NULL */
	PVOID base;
	u64 offset;			/* in the MDL; huge if CurrentVa is below it */
	u32 bytes;
	bool to_device;
	bool is_chain;			/* version 3 */
};

/* verifier_check.c */
bool wd_check_regs(struct wd_adapter *adapter, const char *routine, u64 regs);
bool wd_check_channel(struct wd_adapter *adapter, const char *routine, PDEVICE_OBJECT device_object,
		      u32 regs, bool may_queue);
bool wd_check_map(struct wd_adapter *adapter, const struct wd_check_call *call);
bool wd_check_flush(struct wd_adapter *adapter, const struct wd_check_call *call);
bool wd_check_buffer(struct wd_adapter *adapter, const char *routine, u64 bytes);
bool wd_check_list(struct wd_adapter *adapter, PMDL mdl, const struct wd_list_request *request);

/* verifier_mdl.c */
void wd_verified_add(struct wd_adapter *adapter);
void wd_verified_remove(struct wd_adapter *adapter);
void wd_check_handed_out(struct wd_list *list);
void wd_check_put(struct wd_adapter *adapter, struct wd_list *list, bool to_device);
void wd_check_mdl_unused(PMDL mdl, const char *routine);

/* verifier_system.c */
bool wd_check_running(struct wd_adapter *adapter, const char *routine);
bool wd_check_for_system(struct wd_adapter *adapter, const char *routine);

/* verifier_irql.c */
bool wd_check_irql(struct wd_adapter *adapter, const char *routine, bool in_rcu);

/* What a driver's routine must leave as it was */
struct wd_balance {
	int count;			/* preempt_count() */
	bool irqs_off;
};

static inline struct wd_balance wd_balance_begin(const struct wd_adapter *adapter)
{
	if (!wd_verifies(adapter))
		return (struct wd_balance){};
	return (struct wd_balance){ preempt_count(), irqs_disabled() };
}

void wd_balance_end(struct wd_adapter *adapter, const char *routine,
		    const struct wd_balance *before);

/* verifier.c */
bool wd_verifier_selects(const struct device *dev);
unsigned int wd_verifier_level(void);
unsigned int wd_verifier_action(void);
void wd_verifier_begin(struct wd_adapter *adapter);
void wd_verifier_end(struct wd_adapter *adapter);
u32 wd_stack_save(void);

/* The stack of this call, to be shown if what it makes leaks; 0 if not verified. */
static __always_inline u32 wd_stack(const struct wd_adapter *adapter)
{
	return wd_verifies(adapter) ? wd_stack_save() : 0;
}

#endif
