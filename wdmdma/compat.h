/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All differences between kernels, and the oldest one served.
 *
 * The code is written for the newest kernel; a shim here teaches an older one the new name and
 * says which version needs it, the upstream commit and when to delete it.
 */
#ifndef WDMDMA_COMPAT_H
#define WDMDMA_COMPAT_H

#include <linux/version.h>

#if KERNEL_VERSION(6, 1, 0) > LINUX_VERSION_CODE
#error "wdmdma needs Linux 6.1 or newer"
#endif

/*
 * hrtimer_setup(), new in 6.13 (908a1d775422, "hrtimers: Introduce hrtimer_setup() to replace
 * hrtimer_init()"): gives the function when initialising. Delete when 6.12 is not served any more.
 */
#if KERNEL_VERSION(6, 13, 0) > LINUX_VERSION_CODE
#include <linux/hrtimer.h>

static inline void wd_hrtimer_setup(struct hrtimer *timer,
				    enum hrtimer_restart (*function)(struct hrtimer *),
				    clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}

/* A macro over it, as a stable kernel may have got the function itself */
#define hrtimer_setup wd_hrtimer_setup
#endif

/*
 * iommu_map() with a gfp argument, new in 6.3 (1369459b2e21, "iommu: Add a gfp parameter to
 * iommu_map()"): before that it always may sleep, and has a sibling that does not. Delete when 6.1
 * is not served any more.
 */
#if KERNEL_VERSION(6, 3, 0) > LINUX_VERSION_CODE
#include <linux/iommu.h>

static inline int wd_iommu_map(struct iommu_domain *domain, unsigned long address,
			       phys_addr_t phys, size_t bytes, int prot, gfp_t gfp)
{
	return gfpflags_allow_blocking(gfp) ? iommu_map(domain, address, phys, bytes, prot) :
					      iommu_map_atomic(domain, address, phys, bytes, prot);
}

#define iommu_map wd_iommu_map
#endif

/*
 * iommu_paging_domain_alloc(), new in 6.11 (a27bf2743cb8, "iommu: Add iommu_paging_domain_alloc()
 * interface"). Delete when 6.1 is not served any more.
 */
#if KERNEL_VERSION(6, 11, 0) > LINUX_VERSION_CODE
#include <linux/device.h>
#include <linux/err.h>
#include <linux/iommu.h>

static inline struct iommu_domain *wd_paging_domain_alloc(struct device *dev)
{
	struct iommu_domain *domain = iommu_domain_alloc(dev->bus);

	return domain ? : ERR_PTR(-ENOMEM);
}

#define iommu_paging_domain_alloc wd_paging_domain_alloc
#endif

/*
 * __assign_str() of trace events knows what to assign since 6.10 (2c92ca849fcc, "tracing/treewide:
 * Remove second parameter of __assign_str()"). A name of ours, because the kernel's is defined anew
 * for each part of an event. Delete when 6.1 is not served any more.
 */
#if KERNEL_VERSION(6, 10, 0) > LINUX_VERSION_CODE
#define wd_assign_str(field, string) __assign_str(field, string)
#else
#define wd_assign_str(field, string) do { (void)(string); __assign_str(field); } while (0)
#endif

#endif
