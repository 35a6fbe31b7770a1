/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Linux side of the sample: what its files share.
 */
#ifndef EDU_HOST_H
#define EDU_HOST_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <wdmdma/wdmdma.h>

#include "edu.h"

/* For requests that need 2 or 3 map registers each, and wait for each other */
#define EDU_POOL_REGS	6

/**
 * struct edu_host - a device
 * @ref: probe's until remove, and one for each open file
 * @lock: protects @broken and who gets an adapter made
 * @broken: the device stopped answering; its adapters are gone
 *
 * @users and @gone are protected by the lock of @no_users; the host outlives whoever wakes
 * @finished.
 */
struct edu_host {
	struct kref ref;
	struct pci_dev *pdev;
	struct device *dev;
	PDEVICE_OBJECT device_object;
	PEDU_DEVICE edu;
	int irq;
	struct task_struct *thread;	/* the self-test's, or NULL */
	struct mutex lock;
	bool broken;

	/* the character device */
	struct miscdevice misc;
	char name[24];
	int index;
	wait_queue_head_t finished;	/* a call's request has been completed */
	wait_queue_head_t no_users;
	unsigned int users;		/* calls under way */
	bool gone;			/* there will be no others */
	atomic_t late;			/* signals to calls that could not be ended */

	/* suspend.c */
	unsigned int suspended;		/* times */
	unsigned int held;		/* requests under way in these */
	unsigned int kept;		/* times that the store was found as it had been */
	u32 store_crc;
	phys_addr_t store_phys;		/* where the device finds it */

	/* the self-test's requests under way */
	wait_queue_head_t idle;
	atomic_t pending;
	atomic_t completed;		/* gives each its place in the order */

	/* the self-test's thread */
	u32 seed;			/* of the last pattern */
	unsigned int transfers;
	u64 bytes;
	unsigned int mismatches;	/* other failures included */
	unsigned int classes;		/* bit mask of EDU_CLASS_* */
};

/* host.c */
void edu_host_free(struct kref *ref);
u64 edu_host_narrow_end(void);
PDMA_ADAPTER edu_host_adapter(struct edu_host *host, EDU_ADAPTER adapter);
int edu_host_stats(struct edu_host *host, EDU_ADAPTER adapter, struct wdmdma_adapter_stats *stats);
void edu_host_give_up(struct edu_host *host);

/* chardev.c */
int edu_chardev_add(struct edu_host *host);
void edu_chardev_shut(struct edu_host *host);
void edu_chardev_remove(struct edu_host *host);

/* suspend.c */
extern const struct dev_pm_ops edu_host_pm;

/* pair.c */
void edu_pair_try(struct edu_host *host);
void edu_pair_add(struct edu_host *host);
void edu_pair_remove(struct edu_host *host);

/* selftest.c */
int edu_selftest(void *data);

/* listcheck.c */
struct edu_list_check {
	struct device *dev;
	u64 last_address;		/* that the adapter reaches */
	bool bad;
	u64 elsewhere;			/* bytes that are not in the buffers' own pages */
};

phys_addr_t edu_bus_to_phys(struct device *dev, u64 address);
void edu_list_check(struct edu_list_check *check, PEDU_REQUEST request, PSCATTER_GATHER_LIST list,
		    PMDL list_mdl);

/* transfer.c */
unsigned int edu_classes(const struct wdmdma_adapter_stats *before,
			 const struct wdmdma_adapter_stats *after);

#endif
