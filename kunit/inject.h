/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocations of this thread that fail, by the kernel's fault injection. By default it spares
 * allocations that may sleep and single pages; between begin and end it spares none. Those of the
 * debugging aids (KASAN's stacks, kmemleak's records) count as well, and come and go: a sweep that
 * wants to see each allocation of a call fail goes on until nothing is injected, and is repeated.
 */
#ifndef WDMDMA_KUNIT_INJECT_H
#define WDMDMA_KUNIT_INJECT_H

#include <linux/types.h>

/* False when the kernel cannot make allocations fail. */
bool wk_inject_begin(void);
void wk_inject_end(void);

/* The @n-th allocation from now on fails. Was there one so far? Ends it. */
void wk_fail_nth(unsigned int n);
bool wk_failed_nth(void);

/* All four in one. */
void wk_fail_allocation(unsigned int n);
bool wk_end_failing(void);

#endif
