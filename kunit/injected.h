/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests with fault injection (wdmdma_set_injection()): ordering it, and calls that it may concern.
 */
#ifndef WDMDMA_KUNIT_INJECTED_H
#define WDMDMA_KUNIT_INJECTED_H

#include "bounce.h"

#define WK_DELAY_MS		100
#define WK_INJECT_BYTES		(4 * PAGE_SIZE)

void wk_set_injection(struct kunit *test, const struct wdmdma_injection *injection);
void wk_inject_nothing(struct kunit *test);
void wk_exit_injected(struct kunit *test);
/* One kind of fault, each time, so often */
struct wdmdma_injection wk_injection(enum wdmdma_fault fault, s32 times);
void wk_inject_fault(struct kunit *test, enum wdmdma_fault fault, s32 times);
/* A version 2 adapter with scatter/gather and whatever is injected */
struct wk_bounce wk_injected_adapter(struct kunit *test);
/* The device reads and writes the memory of an MDL by a set, in so many calls of MapTransfer. */
unsigned int wk_inject_move(const struct wk_bounce *it, struct wk_buffer *buffer, PMDL mdl,
			    PVOID base);
NTSTATUS wk_inject_try_set(const struct wk_bounce *it, struct wk_call *call);
NTSTATUS wk_inject_try_list(const struct wk_bounce *it, PMDL mdl, struct wk_call *call);
NTSTATUS wk_inject_try_build(const struct wk_bounce *it, PMDL mdl, struct wk_call *call,
			     void *buffer);
/* Everything works, at once, uncopied and in as few pieces as there can be. */
void wk_expect_uninjected(const struct wk_bounce *it);

#endif
