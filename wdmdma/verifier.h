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

struct wd_buffer;
struct wd_buffer_wish;

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
static inline bool wd_verifies(const struct wd_adapter *adapter)
{
	return static_branch_unlikely(&wd_verifier_key) && adapter->verifier;
}

static inline bool wd_verifies_strictly(const struct wd_adapter *adapter)
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

/* verifier_request.c */
bool wd_check_context(struct wd_adapter *adapter, const char *routine, PVOID transfer_context);
void wd_check_waits(struct wd_adapter *adapter, const char *routine, PDEVICE_OBJECT device_object);

/* verifier_note.c */
void wd_note_description(struct wd_adapter *adapter, const DEVICE_DESCRIPTION *description);
void wd_note_flush(struct wd_adapter *adapter, const MDL *mdl);

/* verifier_mdl.c */
void wd_verified_add(struct wd_adapter *adapter);
void wd_verified_remove(struct wd_adapter *adapter);
void wd_check_handed_out(struct wd_list *list);
void wd_check_put(struct wd_adapter *adapter, struct wd_list *list, bool to_device);
void wd_check_mdl_unused(PMDL mdl, const char *routine);
void wd_check_from_mdl(struct wd_adapter *adapter, const MDL *mdl);

/* verifier_system.c */
bool wd_check_running(struct wd_adapter *adapter, const char *routine);
bool wd_check_for_system(struct wd_adapter *adapter, const char *routine);

/* verifier_irql.c */
bool wd_check_irql(struct wd_adapter *adapter, const char *routine, bool in_rcu);
bool wd_check_irql_to_get(void);

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
bool wd_is_named(const char *names, const char *name);
bool wd_verifier_selects(const struct device *dev);
unsigned int wd_verifier_level(void);
unsigned int wd_verifier_action(void);
void wd_verifier_begin(struct wd_adapter *adapter);
void wd_verifier_end(struct wd_adapter *adapter);
void wd_verifier_killed(struct wd_adapter *adapter, const char *routine);
u32 wd_stack_save(void);

/* verifier_guard.c */
int wd_guard_alloc(struct wd_buffer *buffer, const struct wd_buffer_wish *wish);
void wd_guard_check_buffer(struct wd_buffer *buffer, struct wd_adapter *adapter,
			   const char *routine);
unsigned int wd_guard_check_buffers(struct wd_adapter *adapter, const char *routine);

/* verifier_fault.c */
struct wd_mmu_domain;

void wd_fault_domain_begin(struct wd_mmu_domain *domain);
void wd_fault_domain_end(struct wd_mmu_domain *domain);
void wd_fault_note_range(const struct wd_mmu_domain *domain, u64 first, u64 pages, bool is_mapped);
void wd_fault_note_fault(struct wd_mmu_domain *domain, struct device *dev, u64 address,
			 bool is_write);

/* verifier_grave.c */
void wd_grave_begin(void);
void wd_grave_exit(void);
u32 wd_dead_note(const char *kind, const void *handle, u32 made, const char *routine);
void wd_dead_find(struct wd_violation *violation);
bool wd_grave_bury(struct wd_buffer *buffer, struct wd_adapter *adapter, const char *routine);
unsigned int wd_graves_open(struct wd_device *wdev);
unsigned int wd_graves_check(struct wd_adapter *adapter, const char *routine);

/* Remembers a handle that has been released; nothing is locked. */
static inline void wd_dead(const struct wd_adapter *adapter, const char *kind,
			   const void *handle, u32 made, const char *routine)
{
	if (wd_verifies(adapter))
		wd_dead_note(kind, handle, made, routine);
}

/* verifier_bounce.c */
struct wd_piece;
struct wd_run;

void wd_slots_create(struct wd_adapter *adapter);
void wd_slots_destroy(struct wd_adapter *adapter);
bool wd_slots_would_serve(const struct wd_adapter *adapter, u32 regs, bool no_bounce);
bool wd_slots_hold(const struct wd_adapter *adapter, dma_addr_t dma);
void *wd_slots_va(const struct wd_adapter *adapter, dma_addr_t dma);
void wd_slots_give(struct wd_adapter *adapter, dma_addr_t dma, u32 bytes);
int wd_slots_map(struct wd_adapter *adapter, struct wd_grant *grant, struct wd_piece piece,
		 const struct wd_run *run, struct wd_mapping *mapping);
u32 wd_slots_map_list(struct wd_adapter *adapter, struct wd_list *list);
void wd_slots_report_found(struct wd_adapter *adapter, const char *routine);
unsigned int wd_slots_check(struct wd_adapter *adapter, const char *routine);

/* May mappings of a set be made one run at a time, through slots? */
static inline bool wd_slots_serve(const struct wd_adapter *adapter,
				  const struct wd_grant *grant)
{
	return wd_verifies(adapter) &&
	       wd_slots_would_serve(adapter, grant->regs, grant->no_bounce);
}

static inline bool wd_is_in_slot(const struct wd_adapter *adapter, dma_addr_t dma)
{
	return wd_verifies(adapter) && wd_slots_hold(adapter, dma);
}

/* Reports writes that were found beside mappings; to be called with nothing locked. */
static inline void wd_slots_report(struct wd_adapter *adapter, const char *routine)
{
	if (wd_verifies(adapter))
		wd_slots_report_found(adapter, routine);
}

/* verifier_leak.c */
struct wd_leak {
	struct wd_adapter *adapter;	/* NULL: it is gone */
	struct device *dev;		/* ... then this */
	u32 code;			/* of the report that follows */
	const char *routine;
	const char *kind;		/* of the last object ... */
	unsigned int shown;		/* ... and how many there were */
};

void wd_leak(struct wd_leak *leak, const char *kind, const void *object, u64 amount, u64 address,
	     u32 stack);
void wd_leak_buffer(struct wd_leak *leak, const struct wd_buffer *buffer);
void wd_leak_buffers(struct wd_adapter *adapter, const char *routine);
void wd_leak_record_set(struct wd_adapter *adapter, const struct wd_grant *grant,
			const char *routine, unsigned int shown);
void wd_leak_record_list(struct wd_adapter *adapter, const struct wd_list *list,
			 const char *routine, unsigned int shown);

/* Records a set that a dying adapter leaves, and has recorded @shown others before. */
static inline void wd_leak_set(struct wd_adapter *adapter, const struct wd_grant *grant,
			       const char *routine, unsigned int shown)
{
	if (wd_verifies(adapter))
		wd_leak_record_set(adapter, grant, routine, shown);
}

/* ... a list */
static inline void wd_leak_list(struct wd_adapter *adapter, const struct wd_list *list,
				const char *routine, unsigned int shown)
{
	if (wd_verifies(adapter))
		wd_leak_record_list(adapter, list, routine, shown);
}

/* The stack of this call, to be shown if what it makes leaks; 0 if not verified. */
static inline u32 wd_stack(const struct wd_adapter *adapter)
{
	return wd_verifies(adapter) ? wd_stack_save() : 0;
}

#endif
