/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Linux side of the sample: what host.c and selftest.c share.
 */
#ifndef EDU_HOST_H
#define EDU_HOST_H

#include <linux/atomic.h>
#include <linux/pci.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <wdmdma/wdmdma.h>

#include "edu.h"

struct edu_host {
	struct pci_dev *pdev;
	struct device *dev;
	PDEVICE_OBJECT device_object;
	PEDU_DEVICE edu;
	int irq;
	struct task_struct *thread;

	/* requests under way */
	wait_queue_head_t idle;
	atomic_t pending;
	atomic_t completed;		/* gives each its place in the order */

	/* the thread's */
	bool broken;			/* the device stopped answering; its adapters are gone */
	u32 seed;			/* of the last pattern */
	unsigned int transfers;
	u64 bytes;
	unsigned int mismatches;	/* other failures included */
	unsigned int classes;		/* bit mask, see selftest.c */
};

/* host.c */
void edu_host_give_up(struct edu_host *host);

/* selftest.c */
int edu_selftest(void *data);

#endif
