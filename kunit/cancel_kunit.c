// SPDX-License-Identifier: GPL-2.0-only
/*
 * CancelAdapterChannel: at each point of a request's life either it returns TRUE or the routine is
 * called. Most tests run for requests of each kind, with a pool of four registers.
 */
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "v3.h"

static void wk_cancel_needs_a_context(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_v3 stranger = wk_v3_pool(test, WK_REGS);
	struct wk_context zero = {}, foreign;
	struct wk_call call;

	wk_context_init(&stranger, &foreign);
	wk_expect_report(test, WD_REPORT_CONTEXT, 3);
	KUNIT_EXPECT_FALSE(test, wk_cancel(&rig, NULL));
	KUNIT_EXPECT_FALSE(test, wk_cancel(&rig, &zero));
	KUNIT_EXPECT_FALSE(test, wk_cancel(&rig, &foreign));
	/* No mark was left in it. */
	wk_call_init(&call, stranger.adapter, DeallocateObject);
	KUNIT_EXPECT_EQ(test, wk_channel_ex(&stranger, &foreign, 1, 0, &call, NULL),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 1);
}

static void wk_waiting_request_is_cancelled(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_context context;
	struct wk_call call;

	wk_context_init(&rig.v3, &context);
	wk_own_channel(&rig.v3, 1);
	wk_wait(&rig, &context, &call);
	KUNIT_EXPECT_TRUE(test, wk_cancel(&rig, &context));
	KUNIT_EXPECT_EQ(test, wk_stats(test, rig.v3.adapter).waiting, 0);
	KUNIT_EXPECT_FALSE_MSG(test, wk_cancel(&rig, &context), "there is nothing to cancel");
	wk_release(&rig);
	KUNIT_EXPECT_EQ(test, call.count, 0);

	/* It has to be initialised again. */
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, DMA_SYNCHRONOUS_CALLBACK, &call),
			STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_context_init(&rig.v3, &context);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	wk_expect_free(&rig.v3);
}

/* DeviceObject is ignored. */
static void wk_cancel_goes_by_the_context_alone(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_context contexts[2];
	struct wk_call calls[2];
	DEVICE_OBJECT other = {};

	wk_context_init(&rig.v3, &contexts[0]);
	wk_context_init(&rig.v3, &contexts[1]);
	wk_own_channel(&rig.v3, 1);
	wk_wait(&rig, &contexts[0], &calls[0]);
	wk_wait(&rig, &contexts[1], &calls[1]);
	KUNIT_EXPECT_TRUE(test, rig.v3.ops->CancelAdapterChannel(rig.v3.adapter, NULL,
								 &contexts[1]));
	KUNIT_EXPECT_TRUE(test, rig.v3.ops->CancelAdapterChannel(rig.v3.adapter, &other,
								 &contexts[0]));
	wk_release(&rig);
	KUNIT_EXPECT_EQ(test, wk_calls(), 0);
	wk_expect_free(&rig.v3);
}

/* Whoever waited behind the one that waited for registers is granted inside the cancel. */
static void wk_cancel_lets_the_next_one_run(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_context large_context, small_context;
	struct wk_call large, small;
	PVOID set = wk_get_set(&rig.v3, 1);
	unsigned int before, after;
	unsigned long flags;
	BOOLEAN cancelled;

	wk_context_init(&rig.v3, &large_context);
	wk_context_init(&rig.v3, &small_context);
	wk_passing_call(&rig, &large);
	wk_passing_call(&rig, &small);
	KUNIT_ASSERT_EQ(test, wk_request(&rig, &large_context, 4, 0, &large), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_request(&rig, &small_context, 1, 0, &small), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ_MSG(test, small.count, 0, "it overtook the head");
	KUNIT_EXPECT_TRUE(test, wk_cancel(&rig, &large_context));
	KUNIT_EXPECT_EQ(test, small.count, 1);

	/* ... or a little later when interrupts are off. */
	wk_context_init(&rig.v3, &large_context);
	KUNIT_ASSERT_EQ(test, wk_request(&rig, &large_context, 4, 0, &large), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_request(&rig, &small_context, 1, 0, &small), STATUS_SUCCESS);
	before = small.count;
	local_irq_save(flags);
	cancelled = wk_cancel(&rig, &large_context);
	after = small.count;
	local_irq_restore(flags);
	KUNIT_EXPECT_TRUE(test, cancelled);
	KUNIT_EXPECT_EQ(test, before, after);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(small.count) == 2));
	KUNIT_EXPECT_TRUE(test, small.bh_off);
	KUNIT_EXPECT_EQ(test, large.count, 0);
	wk_end_set(&rig.v3, set, 1);
	wk_expect_free(&rig.v3);
}

/* The buffer of a cancelled Build is the driver's again: to be used, or to be freed. */
static void wk_buffer_of_a_cancelled_build_is_the_drivers(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_pool(test, WK_REGS);
	struct wk_buffer *memory = wk_alloc_scattered(test, 1);
	struct wk_context context;
	struct wk_call call;
	struct wk_ask ask = {
		.context = &context,
		.mdl = wk_mdl(test, memory, 0, PAGE_SIZE),
		.bytes = PAGE_SIZE,
		.call = &call,
		.build = true,
		.buffer = kmalloc(WK_LIST_BYTES, GFP_KERNEL),
		.buffer_bytes = WK_LIST_BYTES,
	};

	KUNIT_ASSERT_NOT_NULL(test, ask.buffer);
	wk_call_init(&call, v3.adapter, KeepObject);
	wk_context_init(&v3, &context);
	wk_own_channel(&v3, 1);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, v3.ops->CancelAdapterChannel(v3.adapter, NULL, &context));
	wk_fill(ask.buffer, WK_LIST_BYTES, 9);
	wk_context_init(&v3, &context);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, v3.ops->CancelAdapterChannel(v3.adapter, NULL, &context));
	kfree(ask.buffer);
	v3.ops->FreeAdapterChannel(v3.adapter);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_expect_free(&v3);
}

/* What Get has allocated goes with the cancel: 6000 lists of 128 elements would be 48 MiB. */
static void wk_memory_of_a_cancelled_get_is_freed(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_of(test, wk_description(3, TRUE, 64, SZ_1M),
				   (struct wdmdma_limits){});
	struct wk_buffer *memory = wk_alloc_scattered(test, 128);
	struct sysinfo before, after;
	struct wk_context context;
	struct wk_call call;
	struct wk_ask ask = {
		.context = &context,
		.mdl = wk_mdl(test, memory, 0, memory->bytes),
		.bytes = memory->bytes,
		.call = &call,
	};
	unsigned int i, cancelled = 0;

	wk_call_init(&call, v3.adapter, KeepObject);
	wk_own_channel(&v3, 1);
	si_meminfo(&before);
	for (i = 0; i < 6000; i++) {
		wk_context_init(&v3, &context);
		if (wk_list_ex(&v3, &ask) == STATUS_SUCCESS)
			cancelled += v3.ops->CancelAdapterChannel(v3.adapter, NULL, &context);
		/* KASAN keeps what was freed until somebody allocates who can sleep. */
		kfree(kmalloc(16, GFP_KERNEL));
	}
	si_meminfo(&after);
	KUNIT_EXPECT_EQ(test, cancelled, 6000);
	KUNIT_EXPECT_LT(test, (s64)before.freeram - (s64)after.freeram,
			(s64)(SZ_32M / PAGE_SIZE));
	v3.ops->FreeAdapterChannel(v3.adapter);
}

static void wk_granted_request_is_not_cancelled(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_context context;
	struct wk_call call;
	int i;

	wk_context_init(&rig.v3, &context);
	/* The same context serves again and again: KMDF initialises it once in a transaction. */
	for (i = 1; i <= 3; i++) {
		ULONG flags = i == 2 ? DMA_SYNCHRONOUS_CALLBACK : 0;

		wk_lasting_call(&rig, &call);
		KUNIT_ASSERT_EQ(test, wk_request(&rig, &context, 2, flags, &call), STATUS_SUCCESS);
		KUNIT_ASSERT_EQ(test, call.count, 1);
		KUNIT_EXPECT_FALSE_MSG(test, wk_cancel(&rig, &context), "in flight");
		wk_end(&rig, &call, 2);
		KUNIT_EXPECT_FALSE_MSG(test, wk_cancel(&rig, &context), "finished");
	}
	wk_expect_free(&rig.v3);
}

struct wk_cancel_inside {
	struct wk_rig *rig;
	PVOID context;
	BOOLEAN result;
};

static void wk_cancel_inside(struct wk_call *call)
{
	struct wk_cancel_inside *inside = call->data;

	inside->result = wk_cancel(inside->rig, inside->context);
}

static void wk_running_request_is_not_cancelled(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_context context;
	struct wk_cancel_inside inside = { .rig = &rig, .context = &context };
	struct wk_call call;
	int waits;

	wk_context_init(&rig.v3, &context);
	for (waits = 0; waits <= 1; waits++) {
		inside.result = TRUE;
		wk_lasting_call(&rig, &call);
		call.inside = wk_cancel_inside;
		call.data = &inside;
		if (waits)
			wk_own_channel(&rig.v3, 1);
		KUNIT_ASSERT_EQ(test, wk_request(&rig, &context, 1, 0, &call), STATUS_SUCCESS);
		if (waits)
			wk_release(&rig);
		KUNIT_ASSERT_EQ(test, call.count, 1);
		KUNIT_EXPECT_FALSE(test, inside.result);
		wk_end(&rig, &call, 1);
	}
	wk_expect_free(&rig.v3);
}

/* A cancel that comes before its request cancels the next one, once initialised no longer. */
static void wk_cancel_before_the_request(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_context context;
	struct wk_call call;

	wk_passing_call(&rig, &call);
	wk_context_init(&rig.v3, &context);
	KUNIT_EXPECT_TRUE(test, wk_cancel(&rig, &context));
	KUNIT_EXPECT_TRUE_MSG(test, wk_cancel(&rig, &context), "still no request");
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_stats(test, rig.v3.adapter).waiting, 0);

	wk_context_init(&rig.v3, &context);
	KUNIT_EXPECT_TRUE(test, wk_cancel(&rig, &context));
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, DMA_SYNCHRONOUS_CALLBACK, &call),
			STATUS_CANCELLED);
	/* While somebody is in the way, too. */
	wk_own_channel(&rig.v3, 1);
	wk_context_init(&rig.v3, &context);
	KUNIT_EXPECT_TRUE(test, wk_cancel(&rig, &context));
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_stats(test, rig.v3.adapter).waiting, 0);
	wk_release(&rig);
	KUNIT_EXPECT_EQ(test, call.count, 0);

	wk_context_init(&rig.v3, &context);
	KUNIT_EXPECT_TRUE(test, wk_cancel(&rig, &context));
	wk_context_init(&rig.v3, &context);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	wk_expect_free(&rig.v3);
}

/* A list that was granted waits again when it could not be mapped; it can be cancelled then. */
static void wk_starved_list_is_cancelled(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, WK_BUILD);
	struct wk_context context, behind_context;
	struct wk_call call, behind;

	wk_context_init(&rig.v3, &context);
	wk_context_init(&rig.v3, &behind_context);
	wk_passing_call(&rig, &call);
	wk_passing_call(&rig, &behind);
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(rig.v3.adapter, U32_MAX / 2), 0);
	KUNIT_ASSERT_EQ(test, wk_request(&rig, &context, 2, 0, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_stats(test, rig.v3.adapter).waiting, 1);
	/* So that it has been tried again */
	msleep(50);
	KUNIT_ASSERT_EQ(test, wk_request(&rig, &behind_context, 1, 0, &behind), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, wk_cancel(&rig, &context));
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(rig.v3.adapter, 0), 0);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(behind.count) == 1));
	KUNIT_EXPECT_EQ(test, call.count, 0);
	KUNIT_EXPECT_FALSE(test, wk_cancel(&rig, &behind_context));
	wk_expect_free(&rig.v3);
}

/* ... Get's as well, which has waited before. */
static void wk_starved_get_is_cancelled(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, WK_GET);
	struct wk_context context;
	struct wk_call call;

	wk_context_init(&rig.v3, &context);
	wk_own_channel(&rig.v3, 1);
	wk_wait(&rig, &context, &call);
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(rig.v3.adapter, U32_MAX / 2), 0);
	wk_release(&rig);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, rig.v3.adapter).waiting, 1);
	KUNIT_EXPECT_TRUE(test, wk_cancel(&rig, &context));
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(rig.v3.adapter, 0), 0);
	msleep(100);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_expect_free(&rig.v3);
}

#define WK_MANY		24
#define WK_ROUNDS	20

/* Many requests, cancelled in any order while the channel comes and goes */
static void wk_cancelled_or_called_but_never_both(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_context *contexts = kunit_kcalloc(test, WK_MANY, sizeof(*contexts), GFP_KERNEL);
	struct wk_call *calls = kunit_kcalloc(test, WK_MANY, sizeof(*calls), GFP_KERNEL);
	u32 seed = 12345, called = 0, cancelled = 0;
	int round, i;

	for (round = 0; round < WK_ROUNDS; round++) {
		BOOLEAN results[WK_MANY] = {};

		for (i = 0; i < WK_MANY; i++) {
			wk_context_init(&rig.v3, &contexts[i]);
			if (i % 6 == 0)
				wk_own_channel(&rig.v3, 1);
			wk_wait(&rig, &contexts[i], &calls[i]);
			seed = seed * 1664525 + 1013904223;
			if (seed >> 31) {
				u32 victim = (seed >> 8) % (i + 1);

				results[victim] |= wk_cancel(&rig, &contexts[victim]);
			}
			if (i % 6 == 5)
				wk_release(&rig);
		}
		for (i = 0; i < WK_MANY; i++) {
			KUNIT_EXPECT_EQ(test, results[i] + calls[i].count, 1);
			called += calls[i].count;
			cancelled += results[i];
		}
	}
	/* Both have happened, or nothing was shown. */
	KUNIT_EXPECT_GT(test, called, WK_ROUNDS);
	KUNIT_EXPECT_GT(test, cancelled, WK_ROUNDS);
	wk_expect_free(&rig.v3);
}

static struct kunit_case wk_cancel_cases[] = {
	KUNIT_CASE_PARAM(wk_cancel_needs_a_context, wk_kind_gen_params),
	KUNIT_CASE_PARAM(wk_waiting_request_is_cancelled, wk_kind_gen_params),
	KUNIT_CASE_PARAM(wk_cancel_goes_by_the_context_alone, wk_kind_gen_params),
	KUNIT_CASE_PARAM(wk_cancel_lets_the_next_one_run, wk_kind_gen_params),
	KUNIT_CASE(wk_buffer_of_a_cancelled_build_is_the_drivers),
	KUNIT_CASE(wk_memory_of_a_cancelled_get_is_freed),
	KUNIT_CASE_PARAM(wk_granted_request_is_not_cancelled, wk_kind_gen_params),
	KUNIT_CASE_PARAM(wk_running_request_is_not_cancelled, wk_kind_gen_params),
	KUNIT_CASE_PARAM(wk_cancel_before_the_request, wk_kind_gen_params),
	KUNIT_CASE(wk_starved_list_is_cancelled),
	KUNIT_CASE(wk_starved_get_is_cancelled),
	KUNIT_CASE_PARAM(wk_cancelled_or_called_but_never_both, wk_kind_gen_params),
	{}
};

static struct kunit_suite wk_cancel_suite = {
	.name = "wdmdma_cancel",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_cancel_cases,
};

kunit_test_suite(wk_cancel_suite);
