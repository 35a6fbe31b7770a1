/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Failures, delays and limits that somebody ordered (inject.c). With nothing ordered, each place
 * where one may be due costs a branch that is patched out.
 */
#ifndef WDMDMA_INJECT_H
#define WDMDMA_INJECT_H

#include <linux/jump_label.h>

#include "internal.h"

DECLARE_STATIC_KEY_FALSE(wd_inject_key);

void __init wd_inject_init(void);
void wd_inject_begin(struct wd_adapter *adapter);
void wd_inject_end(struct wd_adapter *adapter);
void wd_inject_next_maps(struct wd_adapter *adapter, u32 count);
bool wd_inject_decide(const struct device *host, enum wdmdma_fault fault);
bool wd_inject_map(struct wd_adapter *adapter);
bool wd_inject_may_fail_maps(const struct wd_adapter *adapter);
bool wd_inject_delay(struct wd_adapter *adapter);
bool wd_inject_holds_back(struct wd_adapter *adapter);
u32 wd_inject_min_pool(const struct wd_adapter *adapter, u32 limit);
bool wd_inject_bouncing(const struct wd_adapter *adapter);

/* Is a fault due in a call for device @host? */
static inline bool wd_injects(const struct device *host, enum wdmdma_fault fault)
{
	return static_branch_unlikely(&wd_inject_key) && wd_inject_decide(host, fault);
}

/* Is the next mapping to fail? */
static inline bool wd_map_is_told_to_fail(struct wd_adapter *adapter)
{
	return static_branch_unlikely(&wd_inject_key) && wd_inject_map(adapter);
}

/* Mappings may be told to fail: a set gets what those have whose mappings can fail. */
static inline void wd_inject_prepare(struct wd_adapter *adapter)
{
	if (static_branch_unlikely(&wd_inject_key) && wd_inject_may_fail_maps(adapter))
		adapter->can_fail = true;
}

/* Is a request that could be granted at once to wait? The adapter is locked. */
static inline bool wd_injects_delay(struct wd_adapter *adapter)
{
	return static_branch_unlikely(&wd_inject_key) && wd_inject_delay(adapter);
}

/* ... and does the head wait still? */
static inline bool wd_is_held_back(struct wd_adapter *adapter)
{
	return static_branch_unlikely(&wd_inject_key) && wd_inject_holds_back(adapter);
}

/* What a new adapter is made like */
static inline u32 wd_inject_pool(const struct wd_adapter *adapter, u32 limit)
{
	return static_branch_unlikely(&wd_inject_key) ? wd_inject_min_pool(adapter, limit) : limit;
}

static inline bool wd_injects_bouncing(const struct wd_adapter *adapter)
{
	return static_branch_unlikely(&wd_inject_key) && wd_inject_bouncing(adapter);
}

/*
 * Is each run of addresses to be a page at most? Without scatter/gather a transfer is one run, and
 * a controller's is its own business.
 */
static inline bool wd_fragments(const struct wd_adapter *adapter)
{
	return static_branch_unlikely(&wd_inject_key) && adapter->fragments && !adapter->system;
}

#endif
