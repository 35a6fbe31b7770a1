// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests and their ends on two processors and in softirqs: allocation against cancellation, Put
 * against Get and Build, grant against free.
 */
#include "race_request.h"

/* On one processor the order of events is much the same every time. */
static void wk_expect_both(struct kunit *test, const atomic_t *one, const atomic_t *other)
{
	if (!wk_is_smp())
		return;
	KUNIT_EXPECT_GT(test, atomic_read(one), 0);
	KUNIT_EXPECT_GT(test, atomic_read(other), 0);
}

static void wk_cancel_races_grant(struct kunit *test)
{
	struct wk_race *race = wk_race(test, WK_DIRECT);

	race->channels = true;
	race->lists = true;
	race->cancels = true;
	race->nr_slots = 24;	/* so that not all of them wait */
	wk_race_run(race);
	wk_expect_both(test, &race->cancelled, &race->granted_later);
	wk_expect_both(test, &race->granted_inline, &race->granted_soft);
}

/* Each way of mapping has registers or pages of its own to be given out once. */
static void wk_put_races_build(struct kunit *test)
{
	struct wk_race *race = wk_race(test, wk_way(test));

	race->lists = true;
	race->old = true;
	race->at_once = true;
	if (wk_way(test) != WK_DIRECT)
		race->rounds /= 5;	/* of the same */
	wk_race_run(race);
	wk_expect_both(test, &race->granted_inline, &race->granted_later);
	wk_expect_both(test, &race->granted_soft, &race->at_once_granted);
}

static void wk_grant_races_free(struct kunit *test)
{
	struct wk_race *race = wk_race(test, WK_DIRECT);

	race->channels = true;
	race->at_once = true;
	wk_race_run(race);
	wk_expect_both(test, &race->granted_inline, &race->granted_later);
	wk_expect_both(test, &race->granted_soft, &race->at_once_granted);
}

static void wk_everything_races(struct kunit *test)
{
	struct wk_race *race = wk_race(test, WK_POOL);

	race->channels = true;
	race->lists = true;
	race->old = true;
	race->cancels = true;
	race->at_once = true;
	race->rounds /= 5;
	wk_race_run(race);
	wk_expect_both(test, &race->cancelled, &race->at_once_granted);
}

static struct kunit_case wk_race_cases[] = {
	KUNIT_CASE_SLOW(wk_cancel_races_grant),
	KUNIT_CASE_PARAM_ATTR(wk_put_races_build, wk_way_gen_params, {.speed = KUNIT_SPEED_SLOW}),
	KUNIT_CASE_SLOW(wk_grant_races_free),
	KUNIT_CASE_SLOW(wk_everything_races),
	{}
};

static struct kunit_suite wk_race_suite = {
	.name = "wdmdma_race",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_race_cases,
};

kunit_test_suite(wk_race_suite);
