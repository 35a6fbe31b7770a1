// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fault injection for porters: grants that come later; and what the knobs do, whose files they are.
 */
#include <linux/debugfs.h>
#include <linux/jiffies.h>
#include <linux/sizes.h>

#include "injected.h"
#include "v3.h"

/* Both would be granted at once: the first is held back, and the second waits its turn. */
static void wk_grants_come_later(struct kunit *test)
{
	struct wk_bounce it = wk_injected_adapter(test);
	PMDL mdl = wk_mdl(test, wk_alloc_contiguous(test, 4), 0, WK_INJECT_BYTES);
	unsigned long start = jiffies;
	struct wk_call set, list;

	wk_inject_fault(test, WDMDMA_DELAY_GRANTS, 1);
	KUNIT_ASSERT_EQ(test, wk_inject_try_set(&it, &set), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_inject_try_list(&it, mdl, &list), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_calls(), 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, it.adapter).waiting, 2);
	KUNIT_ASSERT_TRUE(test, wk_wait_for(wk_calls() == 2));
	KUNIT_EXPECT_GE(test, jiffies_to_msecs(jiffies - start), WK_DELAY_MS);
	KUNIT_EXPECT_EQ(test, set.order, 1);
	KUNIT_EXPECT_EQ(test, list.order, 2);
	KUNIT_EXPECT_TRUE(test, set.bh_off);
	wk_put_list(&it, list.list, TRUE);
	wk_free_set(&it, set.base, 4);
	KUNIT_EXPECT_EQ(test, wk_stats(test, it.adapter).waiting, 0);
	wk_expect_uninjected(&it);
}

/* What is released meanwhile grants nothing sooner. */
static void wk_a_list_comes_later(struct kunit *test)
{
	struct wk_bounce it = wk_injected_adapter(test);
	PMDL mdl = wk_mdl(test, wk_alloc_contiguous(test, 4), 0, WK_INJECT_BYTES);
	PVOID base = wk_take_set(&it, 4);
	unsigned long start = jiffies;
	struct wk_call list;

	wk_inject_fault(test, WDMDMA_DELAY_GRANTS, 1);
	KUNIT_ASSERT_EQ(test, wk_inject_try_list(&it, mdl, &list), STATUS_SUCCESS);
	wk_free_set(&it, base, 4);
	KUNIT_EXPECT_EQ(test, list.count, 0);
	KUNIT_ASSERT_TRUE(test, wk_wait_for(READ_ONCE(list.count) == 1));
	KUNIT_EXPECT_GE(test, jiffies_to_msecs(jiffies - start), WK_DELAY_MS);
	wk_put_list(&it, list.list, TRUE);
	wk_expect_uninjected(&it);
}

/* A synchronous request never waits: granted when nobody else waits, refused when somebody does. */
static void wk_synchronous_ones_do_not_wait(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_context now, later;
	struct wk_call call;
	PVOID base = NULL;

	wk_context_init(&v3, &now);
	wk_context_init(&v3, &later);
	wk_inject_fault(test, WDMDMA_DELAY_GRANTS, -1);
	base = wk_get_set(&v3, 2);
	wk_end_set(&v3, base, 2);
	wk_call_init(&call, v3.adapter, DeallocateObject);
	KUNIT_ASSERT_EQ(test, wk_channel_ex(&v3, &later, 1, 0, &call, NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &now, 1, DMA_SYNCHRONOUS_CALLBACK, NULL, &base),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_TRUE(test, v3.ops->CancelAdapterChannel(v3.adapter, v3.object, &later));
	msleep(2 * WK_DELAY_MS);
	KUNIT_EXPECT_EQ_MSG(test, call.count, 0, "called although cancelled");
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).waiting, 0);
}

/* With injection off what is held back comes no later than promised; the adapter may go before. */
static void wk_put_while_held_back(struct kunit *test)
{
	struct wk_bounce it = wk_injected_adapter(test);
	struct wk_call call;

	wk_inject_fault(test, WDMDMA_DELAY_GRANTS, -1);
	KUNIT_ASSERT_EQ(test, wk_inject_try_set(&it, &call), STATUS_SUCCESS);
	wk_put_adapter(test, it.adapter);
	msleep(2 * WK_DELAY_MS);
	KUNIT_EXPECT_EQ(test, call.count, 0);
}

static void wk_filter(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wdmdma_injection injection = wk_injection(WDMDMA_FAIL_SETS, -1);
	const char * const names[] = { dev_name(world->dev), world->dev->driver->name };
	struct wk_bounce it = wk_injected_adapter(test);
	struct wk_call call;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(injection.filter, sizeof(injection.filter), "other,%s\n", names[i]);
		wk_set_injection(test, &injection);
		KUNIT_EXPECT_EQ(test, wk_inject_try_set(&it, &call), STATUS_INSUFFICIENT_RESOURCES);
	}
	snprintf(injection.filter, sizeof(injection.filter), "other,%sx", names[0]);
	injection.pool_registers = 3;
	injection.force_bounce = true;
	injection.fragment = true;
	wk_set_injection(test, &injection);
	wk_expect_uninjected(&it);
	it = wk_injected_adapter(test);
	wk_expect_uninjected(&it);
}

/* One in three, at most twice */
static void wk_interval_and_times(struct kunit *test)
{
	struct wdmdma_injection injection = wk_injection(WDMDMA_FAIL_SETS, 2);
	struct wk_bounce it = wk_injected_adapter(test);
	unsigned int i, failures = 0;
	struct wk_call call;

	injection.faults[WDMDMA_FAIL_SETS].interval = 3;
	wk_set_injection(test, &injection);
	for (i = 0; i < 9; i++) {
		if (wk_inject_try_set(&it, &call) == STATUS_SUCCESS)
			wk_free_set(&it, call.base, 4);
		else
			failures++;
		KUNIT_EXPECT_LE(test, failures, i / 3 + 1);
	}
	KUNIT_EXPECT_EQ(test, failures, 2);
	injection.faults[WDMDMA_FAIL_SETS].probability = 0;
	injection.faults[WDMDMA_FAIL_SETS].times = -1;
	wk_set_injection(test, &injection);
	wk_expect_uninjected(&it);
}

/* The files that a porter writes to */
static void wk_files(struct kunit *test)
{
	static const char * const dirs[] = {
		"fail_adapters", "fail_buffers", "fail_lists", "fail_sets", "fail_maps",
		"delay_grants",
	};
	static const char * const faults[] = { "probability", "interval", "times", "verbose" };
	static const char * const files[] = {
		"enabled", "filter", "delay_ms", "pool_registers", "force_bounce", "fragment",
	};
	struct dentry *root = debugfs_lookup("wdmdma", NULL);
	struct wdmdma_injection injection = { .enabled = true };
	struct wk_bounce it = wk_injected_adapter(test);
	struct dentry *inject, *dir, *file;
	struct wk_call call;
	unsigned int i, j;

	KUNIT_ASSERT_NOT_NULL(test, root);
	inject = debugfs_lookup("inject", root);
	dput(root);
	KUNIT_ASSERT_NOT_NULL(test, inject);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		file = debugfs_lookup(files[i], inject);
		KUNIT_EXPECT_NOT_NULL_MSG(test, file, "%s", files[i]);
		dput(file);
	}
	wk_set_injection(test, &injection);
	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		dir = debugfs_lookup(dirs[i], inject);
		KUNIT_EXPECT_NOT_NULL_MSG(test, dir, "%s", dirs[i]);
		for (j = 0; dir && j < ARRAY_SIZE(faults); j++) {
			file = debugfs_lookup(faults[j], dir);
			KUNIT_EXPECT_NOT_NULL_MSG(test, file, "%s/%s", dirs[i], faults[j]);
			/* What a write to the file does */
			if (file && i == WDMDMA_FAIL_SETS && j == 0)
				*(unsigned long *)d_inode(file)->i_private = 100;
			if (file && i == WDMDMA_FAIL_SETS && j == 2)
				atomic_set(d_inode(file)->i_private, 1);
			dput(file);
		}
		dput(dir);
	}
	dput(inject);
	KUNIT_EXPECT_EQ(test, wk_inject_try_set(&it, &call), STATUS_INSUFFICIENT_RESOURCES);
	wk_expect_uninjected(&it);
}

static struct kunit_case wk_inject_grant_cases[] = {
	KUNIT_CASE(wk_grants_come_later),
	KUNIT_CASE(wk_a_list_comes_later),
	KUNIT_CASE(wk_synchronous_ones_do_not_wait),
	KUNIT_CASE(wk_put_while_held_back),
	KUNIT_CASE(wk_filter),
	KUNIT_CASE(wk_interval_and_times),
	KUNIT_CASE(wk_files),
	{}
};

static struct kunit_suite wk_inject_grant_suite = {
	.name = "wdmdma_inject_grant",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit_injected,
	.test_cases = wk_inject_grant_cases,
};

kunit_test_suite(wk_inject_grant_suite);
