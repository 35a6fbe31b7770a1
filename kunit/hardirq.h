/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tests of the runtime routines share: Windows' times, a look at an object without waiting,
 * and a hard interrupt.
 */
#ifndef WDMDMA_KUNIT_HARDIRQ_H
#define WDMDMA_KUNIT_HARDIRQ_H

#include <wdmdma/wait.h>

#define WK_TAG		0x57444d41
#define WK_MS		(-10000LL)	/* a relative time of a millisecond */

/* Calls @function from a hard interrupt, and returns when it has. */
void wk_in_hard_interrupt(void (*function)(void *data), void *data);

/* A wait with a time-out of 0 */
static inline NTSTATUS wk_look(PVOID object)
{
	LARGE_INTEGER now = { .QuadPart = 0 };

	return KeWaitForSingleObject(object, Executive, KernelMode, FALSE, &now);
}

/* A wait that gives up after so many milliseconds */
static inline NTSTATUS wk_wait_for_object(PVOID object, unsigned int ms)
{
	LARGE_INTEGER timeout = { .QuadPart = ms * WK_MS };

	return KeWaitForSingleObject(object, Executive, KernelMode, FALSE, &timeout);
}

/*
 * From a caller with bottom halves off: all other processors do nothing at all until
 * wk_release_others(), so that what is queued stays queued.
 */
void wk_hold_others(void);
void wk_release_others(void);

#endif
