/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The verifier: what is checked, recorded and guarded only for adapters that were made while it
 * was on. Off, each place where it would look costs one branch that is patched out.
 */
#ifndef WDMDMA_VERIFIER_H
#define WDMDMA_VERIFIER_H

#include <linux/jump_label.h>

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
