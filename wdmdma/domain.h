/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DMA domains: who has which addresses. See domain.c.
 */
#ifndef WDMDMA_DOMAIN_H
#define WDMDMA_DOMAIN_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include <wdmdma/types.h>

struct iommu_group;
struct wd_adapter;
struct wd_buffer;
struct wd_device;

/* One space of addresses. All but the first group: wd_domains_mutex, lists that RCU walks too. */
struct wd_domain {
	/* immutable */
	u32 id;					/* what its handle says */
	struct iommu_group *group;		/* that it belongs to; NULL: untranslated */
	struct device *bus;			/* untranslated: sees memory and caches so */

	struct list_head devices;		/* whose own it is, if somebody asked */
	struct list_head joiners;
	struct list_head buffers;		/* AllocateDomainCommonBuffer */
	struct rcu_head rcu;
};

extern struct mutex wd_domains_mutex;

struct wd_domain *wd_domain_find(HANDLE handle);
struct wd_domain *wd_domain_current(struct wd_device *wdev);
bool wd_domain_is_last_of(struct wd_device *wdev);
u64 wd_domain_reach(struct wd_domain *domain, struct wd_adapter *adapter);
HANDLE wd_domain_handle(const struct wd_domain *domain);
unsigned int wd_domain_count(const struct wd_domain *domain);
void wd_domain_renew(struct wd_device *wdev);
void wd_domain_adapter_gone(struct wd_device *wdev, u64 adapter_id);
void wd_domain_unbind(struct wd_device *wdev);
void wd_domain_forget(struct wd_device *wdev);
void wd_domain_exit(void);

/* domain_attach.c: a device that uses another one's page table */
int wd_domain_attach(struct wd_device *joiner, struct wd_device *owner);
int wd_domain_detach(struct wd_device *joiner);

/* domain_buffer.c */
void wd_domain_drop_buffer(struct wd_buffer *buffer);

#endif
