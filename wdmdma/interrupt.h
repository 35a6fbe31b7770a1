/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An interrupt object, from the inside.
 */
#ifndef WDMDMA_INTERRUPT_INTERNAL_H
#define WDMDMA_INTERRUPT_INTERNAL_H

#include <linux/list.h>
#include <linux/spinlock.h>

#include <wdmdma/interrupt.h>

/* What a PKINTERRUPT points to */
struct _KINTERRUPT {
	struct list_head node;		/* wd_interrupts_mutex */
	spinlock_t own_lock;
	spinlock_t *lock;		/* own_lock, or the driver's */
	unsigned long flags;		/* lock; of who has it by KeAcquireInterruptSpinLock */
	/* immutable */
	unsigned int irq;
	PKSERVICE_ROUTINE routine;
	PKMESSAGE_SERVICE_ROUTINE message_routine;
	PVOID context;
	ULONG message;
};

/* How to connect: one of the two routines is set */
struct wd_interrupt_template {
	PKSERVICE_ROUTINE routine;
	PKMESSAGE_SERVICE_ROUTINE message_routine;
	PVOID context;
	spinlock_t *lock;		/* NULL: its own */
	bool shared;
};

int wd_interrupt_connect(PKINTERRUPT *interrupt, const struct wd_interrupt_template *how,
			 unsigned int irq, ULONG message);
NTSTATUS wd_interrupt_status(int ret);

#endif
