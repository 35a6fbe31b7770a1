// SPDX-License-Identifier: GPL-2.0-only
/*
 * What tests of the verifier share (verifier.h).
 */
#include "verifier.h"

/* Suites run one after another. */
static struct wdmdma_verifier wk_settings;

int wk_init_verified(struct kunit *test)
{
	wdmdma_get_verifier(&wk_settings);
	wk_set_verifier(test, &(struct wdmdma_verifier){ .level = 1 });
	return wk_init(test);
}

int wk_init_verified_untranslated(struct kunit *test)
{
	wdmdma_get_verifier(&wk_settings);
	wk_set_verifier(test, &(struct wdmdma_verifier){ .level = 1 });
	return wk_init_untranslated(test);
}

void wk_exit_verified(struct kunit *test)
{
	wk_exit(test);
	wk_set_verifier(test, &wk_settings);
}

void wk_set_verifier(struct kunit *test, const struct wdmdma_verifier *settings)
{
	KUNIT_ASSERT_EQ(test, wdmdma_set_verifier(settings), 0);
}

u64 wk_last_violation(void)
{
	struct wdmdma_violation violation = {};

	while (!wdmdma_get_violation(violation.sequence, &violation))
		;
	return violation.sequence;
}

struct wdmdma_violation wk_expect_violation(struct kunit *test, u64 sequence, u32 code,
					    const char *routine)
{
	struct wdmdma_violation violation, found = {};
	unsigned int count = 0;

	while (!wdmdma_get_violation(sequence, &violation)) {
		sequence = violation.sequence;
		if (violation.code != code || violation.is_detail)
			continue;
		found = violation;
		count++;
	}
	KUNIT_EXPECT_EQ_MSG(test, count, 1, "records of code 0x%02X", code);
	KUNIT_EXPECT_STREQ(test, found.routine, routine);
	return found;
}
