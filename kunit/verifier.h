/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the verifier: switching it on for the test's adapters, and the records it leaves.
 */
#ifndef WDMDMA_KUNIT_VERIFIER_H
#define WDMDMA_KUNIT_VERIFIER_H

#include "fixture.h"

/* An init function: adapters made in the test are verified, without guards and copies. */
int wk_init_verified(struct kunit *test);
int wk_init_verified_untranslated(struct kunit *test);
/* ... and the exit function: the settings are again what they were. */
void wk_exit_verified(struct kunit *test);

/* Change a setting until the test ends; only in a test with wk_exit_verified(). */
void wk_set_verifier(struct kunit *test, const struct wdmdma_verifier *settings);

/* The number of the newest record. */
u64 wk_last_violation(void);

/*
 * Fails the test unless there is exactly one record of @code after @sequence, made by @routine;
 * its parameters are returned. Any report must be announced as well (wk_expect_report()).
 */
struct wdmdma_violation wk_expect_violation(struct kunit *test, u64 sequence, u32 code,
					    const char *routine);

#endif
