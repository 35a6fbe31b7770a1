/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Linux side of the sample: what its files share.
 */
#ifndef SERIAL_HOST_H
#define SERIAL_HOST_H

#include <linux/types.h>
#include <linux/workqueue.h>

#include <wdmdma/wdmdma.h>

#include "serial.h"

struct serial_host {
	struct device *dev;
	PDEVICE_OBJECT device_object;
	PSERIAL_DEVICE serial;
	bool has_uart;			/* it can be programmed, and has a receive FIFO */
	struct work_struct selftest;

	/* the self-test's */
	u32 seed;			/* of the last message */
	unsigned int transfers;
	u64 bytes;
	unsigned int mismatches;	/* other failures included */
};

/* selftest.c */
void serial_selftest(struct work_struct *work);

#endif
