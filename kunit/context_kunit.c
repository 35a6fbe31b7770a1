// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transfer contexts: which memory is one, which requests may be made with it, and when it may go
 * away. Most tests run for requests of each kind. What a cancel does is in cancel_kunit.c.
 */
#include <linux/slab.h>

#include "v3.h"

static void wk_null_is_no_context(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_pool(test, WK_REGS);

	KUNIT_EXPECT_EQ(test, v3.ops->InitializeDmaTransferContext(v3.adapter, NULL),
			STATUS_INVALID_PARAMETER);
}

static const u32 wk_places[] = { 0, 1, 2, 3, 4, 7, 8 };

static void wk_place_desc(const u32 *place, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "address + %u", *place);
}

KUNIT_ARRAY_PARAM(wk_place, wk_places, wk_place_desc);

/* Contexts may lie anywhere, one behind the other: NetAdapterCx packs them so. */
static void wk_contexts_are_128_bytes_anywhere(struct kunit *test)
{
	u32 place = *(const u32 *)test->param_value;
	const u32 bytes = 3 * DMA_TRANSFER_CONTEXT_SIZE_V1 + 16;
	u8 *memory = kunit_kzalloc(test, bytes, GFP_KERNEL);
	u8 *before = kunit_kzalloc(test, bytes, GFP_KERNEL);
	u8 *first = memory + place, *middle = first + DMA_TRANSFER_CONTEXT_SIZE_V1;
	u8 *last = middle + DMA_TRANSFER_CONTEXT_SIZE_V1;
	struct wk_rig rig = wk_rig(test, WK_CHANNEL);
	struct wk_call call;

	static_assert(DMA_TRANSFER_CONTEXT_SIZE_V1 == 128);
	memset(memory, 0xA5, bytes);
	wk_context_init(&rig.v3, first);
	wk_context_init(&rig.v3, last);
	memcpy(before, memory, bytes);

	wk_context_init(&rig.v3, middle);
	wk_own_channel(&rig.v3, 1);
	wk_wait(&rig, middle, &call);
	KUNIT_EXPECT_TRUE(test, wk_cancel(&rig, middle));
	wk_context_init(&rig.v3, middle);
	wk_wait(&rig, middle, &call);
	wk_release(&rig);
	KUNIT_EXPECT_EQ(test, call.count, 1);

	/* Whatever happened to the one in the middle was no concern of its neighbours. */
	memcpy(before + (middle - memory), middle, DMA_TRANSFER_CONTEXT_SIZE_V1);
	KUNIT_EXPECT_MEMEQ(test, memory, before, bytes);
	wk_passing_call(&rig, &call);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, first, 1, 0, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, last, 1, 0, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 2);
	wk_expect_free(&rig.v3);
}

static void wk_request_needs_a_context(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_v3 stranger = wk_v3_pool(test, WK_REGS);
	struct wk_context zero = {}, garbage, foreign, half;
	PVOID contexts[] = { NULL, &zero, &garbage, &foreign, &half };
	struct wk_call call;
	unsigned int i;

	memset(&garbage, 0xA5, sizeof(garbage));
	wk_context_init(&stranger, &foreign);
	wk_context_init(&rig.v3, &half);
	memset(&half, 0, 4);
	wk_passing_call(&rig, &call);
	for (i = 0; i < ARRAY_SIZE(contexts); i++) {
		KUNIT_EXPECT_EQ(test, wk_request(&rig, contexts[i], 1, 0, &call),
				STATUS_INVALID_PARAMETER);
		KUNIT_EXPECT_EQ(test, wk_request(&rig, contexts[i], 1, DMA_SYNCHRONOUS_CALLBACK,
						 &call), STATUS_INVALID_PARAMETER);
	}
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_expect_free(&rig.v3);
	/* It is still its own adapter's. */
	KUNIT_EXPECT_FALSE(test, memchr_inv(&zero, 0, sizeof(zero)));
	wk_call_init(&call, stranger.adapter, DeallocateObject);
	KUNIT_EXPECT_EQ(test, wk_channel_ex(&stranger, &foreign, 1, 0, &call, NULL),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 1);
}

static void wk_initialising_a_pending_context_cancels(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	PVOID set = wk_get_set(&rig.v3, 1);
	struct wk_context context, behind;
	struct wk_call call, next;

	wk_context_init(&rig.v3, &context);
	wk_context_init(&rig.v3, &behind);
	wk_passing_call(&rig, &call);
	KUNIT_ASSERT_EQ(test, wk_request(&rig, &context, 4, 0, &call), STATUS_SUCCESS);
	wk_wait(&rig, &behind, &next);
	wk_expect_report(test, WD_REPORT_CONTEXT, 1);
	wk_context_init(&rig.v3, &context);
	KUNIT_EXPECT_EQ_MSG(test, next.count, 1, "nobody is in its way now");
	wk_end_set(&rig.v3, set, 1);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	KUNIT_ASSERT_EQ(test, wk_request(&rig, &context, 1, 0, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	wk_expect_free(&rig.v3);
}

static void wk_one_request_at_a_time(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_context context;
	struct wk_call first, second;

	wk_context_init(&rig.v3, &context);
	wk_own_channel(&rig.v3, 1);
	wk_wait(&rig, &context, &first);
	wk_passing_call(&rig, &second);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &second), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_stats(test, rig.v3.adapter).waiting, 1);
	wk_release(&rig);
	KUNIT_EXPECT_EQ(test, first.count, 1);
	KUNIT_EXPECT_EQ(test, second.count, 0);
	wk_expect_free(&rig.v3);
}

/* A request is found by its address: what its context has become does not matter to it. */
static void wk_overwritten_context_is_none(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_context context;
	struct wk_call call;

	wk_context_init(&rig.v3, &context);
	wk_own_channel(&rig.v3, 1);
	wk_wait(&rig, &context, &call);
	memset(&context, 0, sizeof(context));
	wk_expect_report(test, WD_REPORT_CONTEXT, 2);
	KUNIT_EXPECT_FALSE(test, wk_cancel(&rig, &context));
	wk_release(&rig);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	KUNIT_EXPECT_FALSE_MSG(test, memchr_inv(&context, 0, sizeof(context)),
			       "what is no context is not written to");

	wk_own_channel(&rig.v3, 1);
	wk_context_init(&rig.v3, &context);
	wk_wait(&rig, &context, &call);
	memset(&context, 0, sizeof(context));
	wk_context_init(&rig.v3, &context);
	wk_release(&rig);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_expect_free(&rig.v3);
}

/* Another context copied over one that waits: what is asked for with it is refused, not lost. */
static void wk_copied_context_is_refused(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_context context, other;
	struct wk_call first, second;

	wk_context_init(&rig.v3, &context);
	wk_context_init(&rig.v3, &other);
	wk_own_channel(&rig.v3, 1);
	wk_wait(&rig, &context, &first);
	memcpy(&context, &other, sizeof(context));
	wk_passing_call(&rig, &second);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &second),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, wk_stats(test, rig.v3.adapter).waiting, 1);
	wk_release(&rig);
	KUNIT_EXPECT_EQ(test, first.count, 1);
	KUNIT_EXPECT_EQ(test, second.count, 0);
	wk_expect_free(&rig.v3);
}

/* The memory of a request ends in its routine, and the context's with it: kfree() poisons. */
struct wk_ending {
	struct wk_rig *rig;
	struct wk_context *context;
};

static void wk_free_context_inside(struct wk_call *call)
{
	struct wk_ending *ending = call->data;

	kfree(ending->context);
	if (ending->rig->kind != WK_CHANNEL)
		wk_put_ex(&ending->rig->v3, call->list);
}

static void wk_context_may_be_freed_in_the_routine(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	int i;

	for (i = 0; i < 3; i++) {
		struct wk_ending ending = { .rig = &rig };
		ULONG flags = i == 2 ? DMA_SYNCHRONOUS_CALLBACK : 0;
		struct wk_call call;

		ending.context = kzalloc(sizeof(*ending.context), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, ending.context);
		wk_context_init(&rig.v3, ending.context);
		wk_call_init(&call, rig.v3.adapter, DeallocateObject);
		call.inside = wk_free_context_inside;
		call.data = &ending;
		if (i == 1)
			wk_own_channel(&rig.v3, 1);
		KUNIT_ASSERT_EQ(test, wk_request(&rig, ending.context, 1, flags, &call),
				STATUS_SUCCESS);
		if (i == 1)
			wk_release(&rig);
		KUNIT_EXPECT_EQ(test, call.count, 1);
	}
	wk_expect_free(&rig.v3);
}

static void wk_overwrite_context_inside(struct wk_call *call)
{
	struct wk_ending *ending = call->data;

	memset(ending->context, 0xEE, sizeof(*ending->context));
	if (ending->rig->kind != WK_CHANNEL)
		wk_put_ex(&ending->rig->v3, call->list);
}

/* ... or is something else's by then, and keeps what that has written. */
static void wk_context_may_be_reused_in_the_routine(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_context context;
	struct wk_ending ending = { .rig = &rig, .context = &context };
	struct wk_call call;
	int i;

	for (i = 0; i < 3; i++) {
		wk_context_init(&rig.v3, &context);
		wk_call_init(&call, rig.v3.adapter, DeallocateObject);
		call.inside = wk_overwrite_context_inside;
		call.data = &ending;
		if (i == 1)
			wk_own_channel(&rig.v3, 1);
		KUNIT_ASSERT_EQ(test, wk_request(&rig, &context, 1,
						 i == 2 ? DMA_SYNCHRONOUS_CALLBACK : 0, &call),
				STATUS_SUCCESS);
		if (i == 1)
			wk_release(&rig);
		KUNIT_EXPECT_EQ(test, call.count, 1);
		KUNIT_EXPECT_FALSE(test, memchr_inv(&context, 0xEE, sizeof(context)));
	}
	wk_expect_free(&rig.v3);
}

struct wk_relay {
	struct wk_rig *rig;
	PVOID context;
	unsigned int left;
	NTSTATUS status;
	bool was_nested;
};

static void wk_relay_inside(struct wk_call *call)
{
	struct wk_relay *relay = call->data;

	relay->was_nested |= call->nested;
	if (relay->rig->kind != WK_CHANNEL)
		wk_put_ex(&relay->rig->v3, call->list);
	if (relay->left && !relay->status) {
		relay->left--;
		relay->status = wk_request(relay->rig, relay->context, 2, 0, call);
	}
}

/* A3: the next request is made with the same context before the routine of this one returns. */
static void wk_context_serves_the_next_request_from_inside(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_context context;
	struct wk_relay relay = { .rig = &rig, .context = &context, .left = 20 };
	struct wk_call call;

	wk_context_init(&rig.v3, &context);
	wk_call_init(&call, rig.v3.adapter, DeallocateObject);
	call.inside = wk_relay_inside;
	call.data = &relay;
	KUNIT_ASSERT_EQ(test, wk_request(&rig, &context, 2, 0, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, relay.status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 21);
	KUNIT_EXPECT_FALSE(test, relay.was_nested);
	wk_expect_free(&rig.v3);
}

/* What was refused has used nothing up. */
static void wk_refused_request_leaves_its_context_idle(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_context context;
	struct wk_call call;

	wk_passing_call(&rig, &call);
	wk_context_init(&rig.v3, &context);
	wk_own_channel(&rig.v3, 1);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, DMA_SYNCHRONOUS_CALLBACK, &call),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0x100, &call),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	KUNIT_ASSERT_EQ(test, wk_request(&rig, &context, 1, 0, &call), STATUS_SUCCESS);
	wk_release(&rig);
	KUNIT_EXPECT_EQ(test, call.count, 1);

	wk_context_init(&rig.v3, &context);
	wk_own_channel(&rig.v3, 1);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, DMA_SYNCHRONOUS_CALLBACK, &call),
			STATUS_INSUFFICIENT_RESOURCES);
	wk_release(&rig);
	KUNIT_EXPECT_TRUE_MSG(test, wk_cancel(&rig, &context), "never granted");
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, DMA_SYNCHRONOUS_CALLBACK, &call),
			STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	wk_expect_free(&rig.v3);
}

/* A context is one adapter's, and its memory another's after it was initialised for that. */
static void wk_context_moves_to_another_adapter(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_v3 other = wk_v3_pool(test, WK_REGS);
	struct wk_context context;
	struct wk_call call;

	wk_passing_call(&rig, &call);
	wk_context_init(&rig.v3, &context);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &call), STATUS_SUCCESS);
	wk_context_init(&other, &context);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &call), STATUS_INVALID_PARAMETER);
	wk_context_init(&rig.v3, &context);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 2);
}

static struct kunit_case wk_context_cases[] = {
	KUNIT_CASE(wk_null_is_no_context),
	KUNIT_CASE_PARAM(wk_contexts_are_128_bytes_anywhere, wk_place_gen_params),
	KUNIT_CASE_PARAM(wk_request_needs_a_context, wk_kind_gen_params),
	KUNIT_CASE_PARAM(wk_initialising_a_pending_context_cancels, wk_kind_gen_params),
	KUNIT_CASE_PARAM(wk_one_request_at_a_time, wk_kind_gen_params),
	KUNIT_CASE_PARAM(wk_overwritten_context_is_none, wk_kind_gen_params),
	KUNIT_CASE_PARAM(wk_copied_context_is_refused, wk_kind_gen_params),
	KUNIT_CASE_PARAM(wk_context_may_be_freed_in_the_routine, wk_kind_gen_params),
	KUNIT_CASE_PARAM(wk_context_may_be_reused_in_the_routine, wk_kind_gen_params),
	KUNIT_CASE_PARAM(wk_context_serves_the_next_request_from_inside, wk_kind_gen_params),
	KUNIT_CASE_PARAM(wk_refused_request_leaves_its_context_idle, wk_kind_gen_params),
	KUNIT_CASE_PARAM(wk_context_moves_to_another_adapter, wk_kind_gen_params),
	{}
};

static struct kunit_suite wk_context_suite = {
	.name = "wdmdma_context",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_context_cases,
};

kunit_test_suite(wk_context_suite);
