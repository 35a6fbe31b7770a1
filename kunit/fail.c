// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls whose allocations fail (fail.h).
 */
#include <linux/bottom_half.h>
#include <linux/radix-tree.h>

#include "fail.h"
#include "inject.h"

#define WK_SWEEP_END	200	/* no call has so many allocations */
#define WK_SWEEPS	30

int wk_fail_suite_init(struct kunit_suite *suite)
{
	return wk_inject_begin() ? wk_suite_init(suite) : -ENOENT;
}

void wk_fail_suite_exit(struct kunit_suite *suite)
{
	wk_inject_end();
	wk_suite_exit(suite);
}

bool wk_inject(struct wk_fail *fail, wk_fail_call *call, unsigned int nth)
{
	bool injected;

	/* dma-debug switches itself off when it cannot note a mapping: it shall have a reserve. */
	if (!radix_tree_preload(GFP_KERNEL))
		radix_tree_preload_end();
	if (fail->bh_off)
		local_bh_disable();
	wk_fail_nth(nth);
	call(fail);
	injected = wk_failed_nth();
	if (fail->bh_off)
		local_bh_enable();
	return injected;
}

/* @calls: that work, before each that is made to fail. */
static unsigned int wk_sweep_once(struct wk_fail *fail, wk_fail_call *call,
				  wk_fail_judge *judge, unsigned int calls)
{
	struct kunit *test = fail->test;
	unsigned int nth, failures = 0, i;
	bool injected = true;

	for (nth = 1; injected && nth < WK_SWEEP_END; nth++) {
		for (i = 0; i < calls; i++) {
			wk_inject(fail, call, 0);
			KUNIT_EXPECT_TRUE_MSG(test, judge(fail), "fails after failure %u",
					      nth - 1);
		}
		injected = wk_inject(fail, call, nth);
		if (!judge(fail)) {
			KUNIT_EXPECT_TRUE_MSG(test, injected, "fails with all memory there is");
			failures++;
		}
	}
	wk_inject(fail, call, 0);
	KUNIT_EXPECT_TRUE(test, judge(fail));
	KUNIT_EXPECT_FALSE_MSG(test, injected, "more than %u allocations", WK_SWEEP_END);
	return failures;
}

/*
 * The aids' allocations come and go, and are counted instead of the call's: try again then, with
 * the allocators' caches in another state. One failure of several is sure to be seen.
 */
void wk_sweep(struct wk_fail *fail, wk_fail_call *call, wk_fail_judge *judge, unsigned int least)
{
	unsigned int failures = 0, i;

	for (i = 0; i < WK_SWEEPS && (i < 3 || failures < least); i++)
		failures = max(failures, wk_sweep_once(fail, call, judge, 1 + i % 7));
	KUNIT_EXPECT_GE_MSG(fail->test, failures, min(least, 1U),
			    "a failing allocation does no harm");
}

/* The debugging aids may want memory, but not each time. */
void wk_expect_no_allocation(struct wk_fail *fail, wk_fail_call *prepare, wk_fail_call *call,
			     const char *name)
{
	bool injected = true;
	unsigned int i;

	for (i = 0; injected && i < 4; i++) {
		if (prepare)
			prepare(fail);
		injected = wk_inject(fail, call, 1);
	}
	KUNIT_EXPECT_FALSE_MSG(fail->test, injected, "%s allocates memory", name);
}

