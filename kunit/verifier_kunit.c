// SPDX-License-Identifier: GPL-2.0-only
/*
 * The records of the verifier and its settings: what is kept of a misuse, for whom, and what is
 * done about it.
 */
#include <linux/kallsyms.h>

#include "verifier.h"

/* Leaves a record: nobody owns the channel. */
static noinline void wk_misuse(PDMA_ADAPTER adapter)
{
	local_bh_disable();
	adapter->DmaOperations->FreeAdapterChannel(adapter);
	local_bh_enable();
}

static void wk_record_tells_who_and_what(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, DEVICE_DESCRIPTION_VERSION, PAGE_SIZE, NULL);
	u64 sequence = wk_last_violation();
	struct wdmdma_violation first, second;
	char caller[KSYM_SYMBOL_LEN];

	wk_misuse(adapter);
	first = wk_expect_violation(test, sequence, WD_REPORT_CHANNEL_FREED, "FreeAdapterChannel");
	KUNIT_EXPECT_EQ(test, first.sequence, sequence + 1);
	KUNIT_EXPECT_EQ(test, first.params[0], 1);
	KUNIT_EXPECT_NE(test, first.adapter, 0);
	snprintf(caller, sizeof(caller), "%ps", (void *)first.caller);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(caller, "wk_"), "called by %s", caller);

	wk_misuse(adapter);
	second = wk_expect_violation(test, first.sequence, WD_REPORT_CHANNEL_FREED,
				     "FreeAdapterChannel");
	KUNIT_EXPECT_EQ(test, second.sequence, first.sequence + 1);
	KUNIT_EXPECT_EQ(test, second.adapter, first.adapter);
	wk_expect_report(test, WD_REPORT_CHANNEL_FREED, 2);
}

static void wk_ring_keeps_the_newest(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, DEVICE_DESCRIPTION_VERSION, PAGE_SIZE, NULL);
	struct wdmdma_violation violation = {};
	u64 sequence = wk_last_violation();
	unsigned int i, kept = 0;

	for (i = 0; i < 300; i++)
		wk_misuse(adapter);
	wk_expect_report(test, WD_REPORT_CHANNEL_FREED, 300);
	while (!wdmdma_get_violation(violation.sequence, &violation)) {
		if (!kept)
			KUNIT_EXPECT_EQ(test, violation.sequence, sequence + 300 - 255);
		kept++;
	}
	KUNIT_EXPECT_EQ(test, kept, 256);
	KUNIT_EXPECT_EQ(test, violation.sequence, sequence + 300);
}

static void wk_settings_have_bounds(struct kunit *test)
{
	struct wdmdma_verifier settings = { .level = 2, .action = 2 };
	struct wdmdma_violation violation;

	wk_set_verifier(test, &settings);
	settings.level = 3;
	KUNIT_EXPECT_EQ(test, wdmdma_set_verifier(&settings), -EINVAL);
	settings = (struct wdmdma_verifier){ .action = 4 };
	KUNIT_EXPECT_EQ(test, wdmdma_set_verifier(&settings), -EINVAL);
	settings = (struct wdmdma_verifier){};
	memset(settings.drivers, 'x', sizeof(settings.drivers));
	KUNIT_EXPECT_EQ(test, wdmdma_set_verifier(&settings), -EINVAL);
	KUNIT_EXPECT_EQ(test, wdmdma_set_verifier(NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, wdmdma_get_violation(0, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, wdmdma_get_violation(U64_MAX, &violation), -ENOENT);
	wdmdma_get_verifier(&settings);
	KUNIT_EXPECT_EQ(test, settings.level, 2);
	KUNIT_EXPECT_EQ(test, settings.action, 2);
}

static struct kunit_case wk_verifier_cases[] = {
	KUNIT_CASE(wk_record_tells_who_and_what),
	KUNIT_CASE(wk_ring_keeps_the_newest),
	KUNIT_CASE(wk_settings_have_bounds),
	{}
};

static struct kunit_suite wk_verifier_suite = {
	.name = "wdmdma_verifier",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_verified,
	.exit = wk_exit_verified,
	.test_cases = wk_verifier_cases,
};

kunit_test_suites(&wk_verifier_suite);
