// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adapters that share a channel: one owns it, the requests of all are served in order.
 */
#include "system.h"

#define WK_ADAPTERS_SHARING	3

struct wk_sharing {
	struct wk_dma *dma;
	struct wk_sys sys[WK_ADAPTERS_SHARING];
};

static struct wk_sharing *wk_sharing(struct kunit *test)
{
	struct wk_sharing *sharing = kunit_kzalloc(test, sizeof(*sharing), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, sharing);
	sharing->dma = wk_sys_bind(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST });
	for (i = 0; i < WK_ADAPTERS_SHARING; i++)
		sharing->sys[i] = wk_sys_of(test, sharing->dma, wk_sys_description(3));
	return sharing;
}

static void wk_ask_for(struct wk_sys *sys, struct wk_call *call)
{
	KUNIT_EXPECT_EQ(sys->test, wk_sys_ask_ex(sys, &sys->context, 2, call), STATUS_SUCCESS);
}

static void in_order_across_adapters(struct kunit *test)
{
	struct wk_sharing *sharing = wk_sharing(test);
	struct wk_sys *a = &sharing->sys[0], *b = &sharing->sys[1], *c = &sharing->sys[2];
	struct wk_context contexts[2];
	struct wk_call calls[6];
	unsigned int i;

	/* a owns; then b, a, c, b wait, the last two with contexts of their own. */
	wk_ask_for(a, &calls[0]);
	KUNIT_EXPECT_EQ(test, calls[0].count, 1);
	wk_ask_for(b, &calls[1]);
	for (i = 0; i < 2; i++) {
		struct wk_sys *sys = i ? b : a;

		wk_sys_ask_ex(sys, &contexts[i], 1, &calls[2 + 2 * i]);
		if (!i)
			wk_ask_for(c, &calls[3]);
	}
	KUNIT_EXPECT_EQ(test, wk_calls(), 1);
	/* Each release grants the next one, inside the call. */
	local_bh_disable();
	a->ops->FreeAdapterChannel(a->adapter);
	KUNIT_EXPECT_EQ(test, calls[1].order, 2);
	local_bh_enable();
	wk_sys_free(b);
	KUNIT_EXPECT_EQ(test, calls[2].order, 3);
	wk_sys_free(a);
	KUNIT_EXPECT_EQ(test, calls[3].order, 4);
	wk_sys_free(c);
	KUNIT_EXPECT_EQ(test, calls[4].order, 5);
	wk_expect_report(test, WD_REPORT_CHANNEL_FREED, 1);
	wk_sys_free(a);
	wk_sys_free(b);
	KUNIT_EXPECT_EQ(test, wk_calls(), 5);
}

static void nobody_overtakes(struct kunit *test)
{
	struct wk_sharing *sharing = wk_sharing(test);
	struct wk_sys *a = &sharing->sys[0], *b = &sharing->sys[1], *c = &sharing->sys[2];
	struct wk_call calls[2];
	struct wk_context context;
	PVOID base = (PVOID)1;

	wk_ask_for(a, &calls[0]);
	wk_ask_for(b, &calls[1]);
	/* One that does not wait is refused while somebody owns the channel. */
	KUNIT_EXPECT_EQ(test, wk_sys_try(c, &context, 1, &base), STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_NULL(test, base);
	wk_sys_free(a);
	wk_sys_free(b);
	wk_sys_own(c);
	wk_sys_free(c);
}

static void other_lines_are_independent(struct kunit *test)
{
	struct wk_dma *dma = wk_sys_bind(test, (struct wk_dma_kind){});
	DEVICE_DESCRIPTION description = wk_sys_description(3);
	struct wk_sys rx = wk_sys_of(test, dma, description), tx;

	description.DmaRequestLine = WK_LINE_TX;
	description.DmaChannel = WK_CHANNEL_TX;
	tx = wk_sys_of(test, dma, description);
	wk_sys_own(&rx);
	wk_sys_own(&tx);
	wk_sys_free(&rx);
	wk_sys_free(&tx);
}

static void the_first_is_cancelled(struct kunit *test)
{
	struct wk_sharing *sharing = wk_sharing(test);
	struct wk_sys *a = &sharing->sys[0], *b = &sharing->sys[1], *c = &sharing->sys[2];
	struct wk_call calls[3];

	wk_ask_for(a, &calls[0]);
	wk_ask_for(b, &calls[1]);
	wk_ask_for(c, &calls[2]);
	KUNIT_EXPECT_TRUE(test, b->ops->CancelAdapterChannel(b->adapter, b->object, &b->context));
	wk_sys_free(a);
	KUNIT_EXPECT_EQ(test, calls[1].count, 0);
	KUNIT_EXPECT_EQ(test, calls[2].count, 1);
	/* Granted: too late */
	KUNIT_EXPECT_FALSE(test, c->ops->CancelAdapterChannel(c->adapter, c->object, &c->context));
	wk_sys_free(c);
}

static void a_waiter_dies(struct kunit *test)
{
	struct wk_sharing *sharing = wk_sharing(test);
	struct wk_sys *a = &sharing->sys[0], *b = &sharing->sys[1], *c = &sharing->sys[2];
	struct wk_call calls[3];

	wk_ask_for(a, &calls[0]);
	wk_ask_for(b, &calls[1]);
	wk_ask_for(c, &calls[2]);
	wk_put_adapter(test, b->adapter);
	wk_sys_free(a);
	KUNIT_EXPECT_EQ(test, calls[1].count, 0);
	KUNIT_EXPECT_EQ(test, calls[2].count, 1);
	wk_sys_free(c);
}

/*
 * The owner is put while its transfer runs: the next one is served when the hardware has stopped.
 */
static void the_owner_dies(struct kunit *test)
{
	struct wk_sharing *sharing = wk_sharing(test);
	struct wk_sys *a = &sharing->sys[0], *b = &sharing->sys[1];
	PMDL mdl = wk_mdl(test, wk_alloc_contiguous(test, 1), 0, PAGE_SIZE);
	struct wk_done done = {};
	ULONG length = PAGE_SIZE;
	struct wk_call call;
	PVOID base;

	base = wk_sys_own(a);
	wk_sys_map(a, base, mdl, 0, &length, false, &done);
	wk_ask_for(b, &call);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_expect_report(test, WD_REPORT_CHANNEL_LEFT, 1);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	wk_put_adapter(test, a->adapter);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(call.count)));
	KUNIT_EXPECT_EQ(test, sharing->dma->chans[0].nr_synchronizes, 1);
	KUNIT_EXPECT_EQ(test, done.count, 0);
	wk_sys_free(b);
}

static void wk_free_inside(struct wk_call *call)
{
	call->adapter->DmaOperations->FreeAdapterChannel(call->adapter);
}

/* Routines that free the channel themselves hand it on from adapter to adapter. */
static void handed_on_inside_routines(struct kunit *test)
{
	struct wk_sharing *sharing = wk_sharing(test);
	const unsigned int nr = 1 + 4 * WK_ADAPTERS_SHARING;
	struct wk_context *contexts = kunit_kcalloc(test, nr, sizeof(*contexts), GFP_KERNEL);
	struct wk_call *calls = kunit_kcalloc(test, nr, sizeof(*calls), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, contexts);
	KUNIT_ASSERT_NOT_NULL(test, calls);
	for (i = 0; i < nr; i++) {
		struct wk_sys *sys = &sharing->sys[i % WK_ADAPTERS_SHARING];

		KUNIT_EXPECT_EQ(test, wk_sys_ask_ex(sys, &contexts[i], 1, &calls[i]),
				STATUS_SUCCESS);
		/* Only the first has been called by now. */
		calls[i].inside = wk_free_inside;
	}
	KUNIT_EXPECT_EQ(test, wk_calls(), 1);
	wk_sys_free(&sharing->sys[0]);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(wk_calls() == nr));
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, calls[i].order, i + 1);
}

/* With interrupts off no routine can run; it does soon after. */
static void released_with_interrupts_off(struct kunit *test)
{
	struct wk_sharing *sharing = wk_sharing(test);
	struct wk_sys *a = &sharing->sys[0], *b = &sharing->sys[1];
	struct wk_call calls[2];
	unsigned long flags;

	wk_ask_for(a, &calls[0]);
	wk_ask_for(b, &calls[1]);
	local_irq_save(flags);
	a->ops->FreeAdapterChannel(a->adapter);
	KUNIT_EXPECT_EQ(test, calls[1].count, 0);
	local_irq_restore(flags);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(calls[1].count)));
	KUNIT_EXPECT_TRUE(test, calls[1].bh_off);
	wk_sys_free(b);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(in_order_across_adapters),
	KUNIT_CASE(nobody_overtakes),
	KUNIT_CASE(other_lines_are_independent),
	KUNIT_CASE(the_first_is_cancelled),
	KUNIT_CASE(a_waiter_dies),
	KUNIT_CASE(the_owner_dies),
	KUNIT_CASE(handed_on_inside_routines),
	KUNIT_CASE(released_with_interrupts_off),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_system_gate",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
