/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The IOMMU interface (include/wdmdma/iommu.h): what is behind its handles.
 *
 *	mmu domain	a table of pages by logical address; the IOMMU's own, the Linux domain, is
 *			made when the first device is attached, and has the same mappings then
 *	mmu device	a driver's handle of a device; what the device is attached to belongs to the
 *			wd_device
 *	token		a reserved range of a domain's addresses, which is mapped at DISPATCH_LEVEL
 *
 * Handles are looked up, never followed.
 *
 * Lock order: wd_mmu_mutex, which serialises all that is called at PASSIVE_LEVEL, comes before all
 * of internal.h; wd_mmu_domain.lock, which is innermost, is for what may be called above that.
 */
#ifndef WDMDMA_MMU_H
#define WDMDMA_MMU_H

#include <linux/bits.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <wdmdma/types.h>
#include <wdmdma/mdl.h>
#include <wdmdma/iommu.h>

struct iommu_domain;
struct wd_device;
struct wd_fault_sink;

extern struct mutex wd_mmu_mutex;

/* What a page of logical addresses is: kinds of wd_mmu_domain.pages */
enum wd_page_kind {
	WD_PAGE_LOGICAL,
	WD_PAGE_IDENTITY,
	WD_PAGE_TOKEN,			/* inside a token's range */
	WD_PAGE_REGION,			/* the caller wanted it mapped, or firmware does */
	WD_PAGE_KEPT,			/* unmapped, but the IOMMU has it still: nobody's now */
};

/* A range of addresses that is nobody's to map. Numbers of pages. */
struct wd_hole {
	struct list_head node;
	u64 first, last;
	struct wd_mmu_token *token;	/* NULL: the hardware's, or the caller's at creation */
};

struct wd_mmu_domain {
	/* immutable */
	IOMMU_DMA_DOMAIN_TYPE type;
	bool has_allocator;
	u64 last_page;			/* the allocator's */
	bool is_verified;		/* verifier_fault.c */

	/* wd_mmu_mutex */
	struct list_head devices;	/* wd_device.mmu_node */
	struct list_head holes;
	struct list_head tokens;

	/* sinks_lock, which is taken in IOMMU drivers' interrupts */
	spinlock_t sinks_lock;
	struct list_head sinks;		/* wd_device.fault_node */

	/* lock */
	spinlock_t lock;
	struct xarray pages;		/* page of address -> wd_page_entry() */
	struct iommu_domain *linux_domain;
	u64 nr_real;			/* that has the pages below this number; U64_MAX: all */
	bool is_coherent;
	bool has_kept;			/* some page is WD_PAGE_KEPT: it has been reported */
};

struct wd_mmu_device {
	struct wd_device *wdev;		/* referenced; immutable */
	/* wd_mmu_mutex */
	PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK callback;
};

struct wd_mmu_token {
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN public;
	/* immutable */
	struct wd_mmu_domain *domain;
	struct wd_hole hole;
	struct list_head node;		/* wd_mmu_mutex */
	/* domain's lock */
	u64 nr_mapped;			/* pages */
	bool is_dying;
};

/* Memory to be mapped, page by page, from any of the ways to name it */
struct wd_physical {
	u64 pages;
	const PFN_NUMBER *pfns;		/* NULL: contiguous from */
	u64 first_pfn;
};

static inline u64 wd_physical_pfn(const struct wd_physical *physical, u64 i)
{
	return physical->pfns ? physical->pfns[i] : physical->first_pfn + i;
}

/* Entries of wd_mmu_domain.pages: the permissions are those of iommu.h. */
static inline void *wd_page_entry(u64 pfn, enum wd_page_kind kind, ULONG permissions)
{
	return xa_mk_value(pfn << 6 | kind << 3 | permissions);
}

static inline u64 wd_page_pfn(const void *entry)
{
	return xa_to_value(entry) >> 6;
}

/* The first page of what was mapped with a token in one call */
static inline void *wd_page_entry_mark(const void *entry)
{
	return xa_mk_value(xa_to_value(entry) | BIT(2));
}

static inline bool wd_page_is_first(const void *entry)
{
	return xa_to_value(entry) & BIT(2);
}

static inline enum wd_page_kind wd_page_kind(const void *entry)
{
	return xa_to_value(entry) >> 3 & 7;
}

static inline ULONG wd_page_permissions(const void *entry)
{
	return xa_to_value(entry) & 3;
}

/* mmu_domain.c */
struct wd_mmu_domain *wd_mmu_find_domain(PIOMMU_DMA_DOMAIN handle);
void wd_mmu_unbind(struct wd_device *wdev);
NTSTATUS wd_mmu_attach(struct wd_mmu_domain *domain, struct wd_device *wdev);
NTSTATUS wd_mmu_detach(struct wd_device *wdev, struct wd_fault_sink **sink);
void wd_mmu_exit(void);
IOMMU_DOMAIN_CREATE wd_mmu_create_domain;
IOMMU_DOMAIN_CREATE_EX wd_mmu_create_domain_ex;
IOMMU_DOMAIN_DELETE wd_mmu_delete_domain;
IOMMU_DOMAIN_ATTACH_DEVICE wd_mmu_attach_device;
IOMMU_DOMAIN_DETACH_DEVICE wd_mmu_detach_device;
IOMMU_FLUSH_DOMAIN wd_mmu_flush_domain;
IOMMU_FLUSH_DOMAIN_VA_LIST wd_mmu_flush_domain_va_list;
IOMMU_DOMAIN_CONFIGURE wd_mmu_configure_domain;
IOMMU_QUERY_INPUT_MAPPINGS wd_mmu_query_input_mappings;

/* mmu_device.c */
struct wd_mmu_device *wd_mmu_find_device(PIOMMU_DMA_DEVICE handle);
void wd_mmu_forget_devices(struct wd_device *wdev);
ULONG wd_mmu_types_of(struct wd_device *wdev);
IOMMU_DEVICE_CREATE wd_mmu_create_device;
IOMMU_DEVICE_DELETE wd_mmu_delete_device;
IOMMU_DOMAIN_ATTACH_DEVICE_EX wd_mmu_attach_device_ex;
IOMMU_DOMAIN_DETACH_DEVICE_EX wd_mmu_detach_device_ex;
IOMMU_DEVICE_QUERY_DOMAIN_TYPES wd_mmu_query_domain_types;
IOMMU_REGISTER_INTERFACE_STATE_CHANGE_CALLBACK wd_mmu_register_callback;
IOMMU_UNREGISTER_INTERFACE_STATE_CHANGE_CALLBACK wd_mmu_unregister_callback;

/* mmu_fault.c */
struct wd_fault_sink *wd_mmu_stop_faults(struct wd_device *wdev);
void wd_fault_end(struct wd_fault_sink *sink);
void wd_mmu_watch(struct wd_mmu_domain *domain);
IOMMU_SET_DEVICE_FAULT_REPORTING wd_mmu_set_fault_reporting;
IOMMU_SET_DEVICE_FAULT_REPORTING_EX wd_mmu_set_fault_reporting_ex;

/* mmu_range.c: addresses, and the table of pages */
bool wd_range_is_used(struct wd_mmu_domain *domain, u64 first, u64 last);
bool wd_range_is_free(struct wd_mmu_domain *domain, u64 first, u64 pages);
int wd_range_find(struct wd_mmu_domain *domain, u64 pages, u64 min, u64 max, u64 *first);
int wd_range_map(struct wd_mmu_domain *domain, u64 first, const struct wd_physical *physical,
		 enum wd_page_kind kind, ULONG permissions);
bool wd_range_is_kind(struct wd_mmu_domain *domain, u64 first, u64 pages, enum wd_page_kind kind);
int wd_range_unmap(struct wd_mmu_domain *domain, u64 first, u64 pages);
int wd_range_map_locked(struct wd_mmu_domain *domain, u64 first,
			const struct wd_physical *physical, enum wd_page_kind kind,
			ULONG permissions);
int wd_range_unmap_locked(struct wd_mmu_domain *domain, u64 first, u64 pages);
void wd_range_keep(struct wd_mmu_domain *domain, u64 page);
int wd_range_replay(struct wd_mmu_domain *domain, struct iommu_domain *linux_domain);
int wd_hole_add(struct wd_mmu_domain *domain, u64 first, u64 last);

/* mmu_map.c */
bool wd_permissions_are_good(ULONG permissions);
bool wd_physical_init(struct wd_physical *physical, const IOMMU_MAP_PHYSICAL_ADDRESS *from);
NTSTATUS wd_mmu_choose(struct wd_mmu_domain *domain, u64 pages,
		       const IOMMU_DMA_LOGICAL_ADDRESS *explicit,
		       const IOMMU_DMA_LOGICAL_ADDRESS *min, const IOMMU_DMA_LOGICAL_ADDRESS *max,
		       NTSTATUS unaligned, u64 *first);
IOMMU_MAP_LOGICAL_RANGE wd_mmu_map_logical;
IOMMU_MAP_LOGICAL_RANGE_EX wd_mmu_map_logical_ex;
IOMMU_UNMAP_LOGICAL_RANGE wd_mmu_unmap_logical;
IOMMU_MAP_IDENTITY_RANGE wd_mmu_map_identity;
IOMMU_MAP_IDENTITY_RANGE_EX wd_mmu_map_identity_ex;
IOMMU_UNMAP_IDENTITY_RANGE wd_mmu_unmap_identity;
IOMMU_UNMAP_IDENTITY_RANGE_EX wd_mmu_unmap_identity_ex;

/* mmu_reserve.c */
void wd_mmu_free_tokens(void);
int wd_mmu_prepare_tokens(struct wd_mmu_domain *domain);
IOMMU_RESERVE_LOGICAL_ADDRESS_RANGE wd_mmu_reserve;
IOMMU_FREE_RESERVED_LOGICAL_ADDRESS_RANGE wd_mmu_free_reserved;
IOMMU_MAP_RESERVED_LOGICAL_RANGE wd_mmu_map_reserved;
IOMMU_UNMAP_RESERVED_LOGICAL_RANGE wd_mmu_unmap_reserved;

/* iommu.c: the IOMMU API, for these */
struct iommu_domain *wd_iommu_domain_alloc(struct device *dev);
bool wd_iommu_domain_is_ready(const struct iommu_domain *domain);
void wd_iommu_domain_free(struct iommu_domain *domain);
int wd_iommu_domain_attach(struct iommu_domain *domain, struct device *dev);
void wd_iommu_domain_detach(struct iommu_domain *domain, struct device *dev);
int wd_iommu_map_page(struct iommu_domain *domain, u64 address, u64 phys, ULONG permissions,
		      bool is_coherent, gfp_t gfp);
u64 wd_iommu_unmap(struct iommu_domain *domain, u64 address, u64 bytes);
int wd_iommu_reserved(struct device *dev, struct iommu_domain *domain,
		      int (*each)(void *data, u64 first, u64 last, bool direct), void *data);
void wd_iommu_on_fault(struct iommu_domain *domain,
		       int (*handler)(struct iommu_domain *domain, struct device *dev,
				      unsigned long address, int flags, void *token), void *token);
bool wd_iommu_is_write(int flags);
bool wd_iommu_is_alone(struct device *dev);

#endif
