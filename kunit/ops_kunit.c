// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables: which members there are for each version, and what each of them does with an adapter
 * that is NULL or released, and where it may not be called at all.
 *
 * Every member of version 3 is called with arguments that would work, so that nothing but the
 * adapter, or the place, can be what it refuses. Calls made in a hard interrupt only record; the
 * test judges afterwards.
 */
#include <linux/bottom_half.h>
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/sizes.h>

#include "ops_calls.h"

#define WK_TABLE_BYTES		320	/* all 39 members: what drivers may look at */
#define WK_TABLE_MEMBERS	39

static const void *wk_member_gen_params(const void *prev, char *desc)
{
	const struct wk_member *next = prev ? (const struct wk_member *)prev + 1 : wk_members;

	if (next == wk_members + WK_MEMBERS)
		return NULL;
	strscpy(desc, next->name, KUNIT_PARAM_DESC_SIZE);
	return next;
}

/* Calls every member: each must refuse, with exactly one report of @code. */
static void wk_expect_all_refuse(struct kunit *test, struct wk_op *op, u32 code)
{
	unsigned int i;

	for (i = 0; i < WK_MEMBERS; i++) {
		u64 before = wdmdma_report_count(code);

		wk_op_prepare(op);
		wk_members[i].call(op);
		wk_expect_member_refuses(test, op, &wk_members[i]);
		KUNIT_EXPECT_EQ_MSG(test, wdmdma_report_count(code) - before, 1,
				    "reports of %s", wk_members[i].name);
	}
	wk_expect_report(test, code, WK_MEMBERS);
}

static const struct wk_table {
	ULONG version;
	ULONG size;
	ULONG members;
} wk_tables[] = {
	{ DEVICE_DESCRIPTION_VERSION, 104, 12 },
	{ DEVICE_DESCRIPTION_VERSION1, 104, 12 },
	{ DEVICE_DESCRIPTION_VERSION2, 128, 15 },
	{ DEVICE_DESCRIPTION_VERSION3, 320, 39 },
};

static void wk_table_name(const struct wk_table *table, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "version %u", table->version);
}

KUNIT_ARRAY_PARAM(wk_table, wk_tables, wk_table_name);

/* A driver finds out what it may call by Size, and by looking for NULL behind it. */
static void wk_table_has_members_up_to_its_size(struct kunit *test)
{
	const struct wk_table *table = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, table->version, SZ_64K, NULL);
	void *const *members = (void *const *)adapter->DmaOperations;
	unsigned int i, j;

	static_assert(sizeof(DMA_OPERATIONS) == WK_TABLE_BYTES);
	KUNIT_EXPECT_EQ(test, adapter->DmaOperations->Size, table->size);
	for (i = 1; i <= table->members; i++) {
		KUNIT_EXPECT_NOT_NULL_MSG(test, members[i], "hole at offset %u", i * 8);
		for (j = 1; j < i; j++)
			KUNIT_EXPECT_PTR_NE_MSG(test, members[i], members[j],
						"offsets %u and %u", i * 8, j * 8);
	}
	for (; i <= WK_TABLE_MEMBERS; i++)
		KUNIT_EXPECT_NULL_MSG(test, members[i], "offset %u", i * 8);
}

/* The adapter's own version is 1 for every table: it tells nothing about the description. */
static void wk_adapter_header_is_the_same_for_every_version(struct kunit *test)
{
	const struct wk_table *table = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, table->version, SZ_64K, NULL);

	KUNIT_EXPECT_EQ(test, adapter->Version, 1);
	KUNIT_EXPECT_EQ(test, adapter->Size, 16);
	KUNIT_EXPECT_EQ(test, sizeof(*adapter), 16);
}

static void wk_null_adapter_is_refused(struct kunit *test)
{
	const struct wk_member *member = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 3, SZ_64K, NULL);
	struct wk_op op;

	wk_op_init(test, &op, adapter->DmaOperations, NULL);
	wk_op_prepare(&op);
	wk_expect_report(test, WD_REPORT_NULL_ADAPTER, 1);
	member->call(&op);
	wk_expect_member_refuses(test, &op, member);
}

static void wk_released_adapter_is_refused(struct kunit *test)
{
	const struct wk_member *member = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 3, SZ_64K, NULL);
	struct wk_op op;

	wk_op_init(test, &op, adapter->DmaOperations, adapter);
	wk_op_prepare(&op);
	wk_put_adapter(test, adapter);
	wk_expect_report(test, WD_REPORT_DEAD_ADAPTER, 1);
	member->call(&op);
	wk_expect_member_refuses(test, &op, member);
	/* The table that a driver finds through its stale pointer is still one. */
	KUNIT_EXPECT_PTR_EQ(test, adapter->DmaOperations, op.ops);
}

/* The adapters of one device are all really gone, not only dead, when it has been removed. */
static void wk_come_and_go(struct kunit *test, unsigned int adapters)
{
	struct platform_device *pdev = wk_add_device(test);
	PDEVICE_OBJECT object = wdmdma_get_device_object(&pdev->dev);
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	ULONG regs;

	while (adapters--) {
		PDMA_ADAPTER adapter = IoGetDmaAdapter(object, &description, &regs);

		KUNIT_ASSERT_NOT_NULL(test, adapter);
		adapter->DmaOperations->PutDmaAdapter(adapter);
	}
	wdmdma_put_device_object(object);
	wk_remove_device(pdev);
}

static void wk_old_stale_adapter_is_refused(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 3, SZ_64K, NULL);
	unsigned int i;
	struct wk_op op;

	wk_op_init(test, &op, adapter->DmaOperations, adapter);
	wk_put_adapter(test, adapter);
	for (i = 0; i < 4; i++) {
		wk_come_and_go(test, 50);
		/* Whatever its memory was used for meanwhile, no adapter is alive now. */
		wk_expect_all_refuse(test, &op, WD_REPORT_DEAD_ADAPTER);
	}
}

/* Adapters' memory is used again, so a driver that opens and closes for ever does not eat it. */
static void wk_dead_adapters_are_used_again(struct kunit *test)
{
	PDMA_ADAPTER first = wk_get_adapter(test, 2, SZ_64K, NULL);
	PDMA_ADAPTER adapter = NULL;
	unsigned int i;

	wk_put_adapter(test, first);
	for (i = 0; i < 400 && adapter != first; i++) {
		if (adapter)
			wk_put_adapter(test, adapter);
		if (i % 64 == 63)
			wk_come_and_go(test, 64);
		adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	}
	KUNIT_ASSERT_PTR_EQ(test, adapter, first);
	/* As good as new */
	KUNIT_EXPECT_EQ(test, adapter->DmaOperations->Size, 104);
	KUNIT_EXPECT_EQ(test, adapter->DmaOperations->GetDmaAlignment(adapter), 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).channels_granted, 0);
}

/* A call made in a hard interrupt */
struct wk_interrupt {
	struct hrtimer timer;
	struct completion done;
	void (*call)(struct wk_op *op);
	struct wk_op *op;
	bool in_hard_interrupt;
};

static enum hrtimer_restart wk_interrupt_handler(struct hrtimer *timer)
{
	struct wk_interrupt *interrupt = container_of(timer, struct wk_interrupt, timer);

	interrupt->in_hard_interrupt = in_hardirq();
	interrupt->call(interrupt->op);
	complete(&interrupt->done);
	return HRTIMER_NORESTART;
}

static void wk_call_in_interrupt(struct kunit *test, void (*call)(struct wk_op *op),
				 struct wk_op *op)
{
	struct wk_interrupt interrupt = { .call = call, .op = op };

	init_completion(&interrupt.done);
	hrtimer_init_on_stack(&interrupt.timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	interrupt.timer.function = wk_interrupt_handler;
	hrtimer_start(&interrupt.timer, ms_to_ktime(1), HRTIMER_MODE_REL_HARD);
	wait_for_completion(&interrupt.done);
	hrtimer_cancel(&interrupt.timer);
	destroy_hrtimer_on_stack(&interrupt.timer);
	KUNIT_ASSERT_TRUE(test, interrupt.in_hard_interrupt);
}

/* Vectors have a bug check of their own. */
static u32 wk_irql_code(const struct wk_member *member)
{
	return strstr(member->name, "Vector") ? WD_REPORT_VECTOR_IRQL : WD_REPORT_IRQL;
}

static void wk_hard_interrupt_is_refused(struct kunit *test)
{
	const struct wk_member *member = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 3, SZ_64K, NULL);
	struct wdmdma_adapter_stats before = wk_stats(test, adapter), after;
	struct wk_op op;

	if (member->any_irql) {
		kunit_skip(test, "allowed at any IRQL");
		return;
	}
	wk_op_init(test, &op, adapter->DmaOperations, adapter);
	wk_op_prepare(&op);
	wk_expect_report(test, wk_irql_code(member), 1);
	wk_call_in_interrupt(test, member->call, &op);
	wk_expect_member_refuses(test, &op, member);
	/* Also PutDmaAdapter and the frees left everything as it was. */
	after = wk_stats(test, adapter);
	KUNIT_EXPECT_MEMEQ(test, &after, &before, sizeof(after));
}

static void wk_calculate_is_allowed_in_hard_interrupt(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_op here, there;

	wk_op_init(test, &here, adapter->DmaOperations, adapter);
	wk_op_calculate(&here);
	wk_op_init(test, &there, adapter->DmaOperations, adapter);
	wk_call_in_interrupt(test, wk_op_calculate, &there);
	KUNIT_EXPECT_EQ(test, there.result, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, there.regs, 1);
	KUNIT_EXPECT_EQ(test, there.size, here.size);
}

/* adapter.md: "accept any" IRQL, so there is nothing to report */
static void wk_alignment_is_allowed_in_hard_interrupt(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_op op;

	wk_op_init(test, &op, adapter->DmaOperations, adapter);
	wk_call_in_interrupt(test, wk_op_alignment, &op);
	KUNIT_EXPECT_EQ(test, op.result, adapter->DmaOperations->GetDmaAlignment(adapter));
}

/* How to get to where nothing may sleep, and back */
static const struct wk_place {
	const char *name;
	bool interrupts;
} wk_places[] = {
	{ "bottom halves off", false },
	{ "interrupts off", true },
};

static void wk_place_name(const struct wk_place *place, char *name)
{
	strscpy(name, place->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_place, wk_places, wk_place_name);

static void wk_go(const struct wk_place *place)
{
	if (place->interrupts)
		local_irq_disable();
	else
		local_bh_disable();
}

static void wk_return(const struct wk_place *place)
{
	if (place->interrupts)
		local_irq_enable();
	else
		local_bh_enable();
}

static void wk_get_adapter_at_dispatch_level_is_refused(struct kunit *test)
{
	struct wk_world *world = test->priv;
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	const struct wk_place *place = test->param_value;
	ULONG regs = WK_UNTOUCHED;
	PDMA_ADAPTER adapter;

	wk_expect_report(test, WD_REPORT_IRQL, 1);
	wk_go(place);
	adapter = IoGetDmaAdapter(world->object, &description, &regs);
	wk_return(place);
	KUNIT_EXPECT_NULL(test, adapter);
	KUNIT_EXPECT_EQ(test, regs, WK_UNTOUCHED);
}

static bool wk_allocates_buffers(const struct wk_member *member)
{
	return member->call == wk_op_allocate_buffer || member->call == wk_op_allocate_buffer_ex ||
	       member->call == wk_op_allocate_bounds || member->call == wk_op_allocate_vector ||
	       member->call == wk_op_create_from_mdl;
}

static void wk_allocate_buffer_at_dispatch_level_is_refused(struct kunit *test)
{
	const struct wk_place *place = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 3, SZ_64K, NULL);
	struct wk_op op;
	unsigned int i, called = 0;

	wk_op_init(test, &op, adapter->DmaOperations, adapter);
	for (i = 0; i < WK_MEMBERS; i++) {
		if (!wk_allocates_buffers(&wk_members[i]))
			continue;
		called++;
		wk_op_prepare(&op);
		wk_expect_report(test, wk_irql_code(&wk_members[i]), 1);
		wk_go(place);
		wk_members[i].call(&op);
		wk_return(place);
		wk_expect_member_refuses(test, &op, &wk_members[i]);
	}
	KUNIT_EXPECT_EQ(test, called, 5);
	/* It did not lose the adapter on the way: it can still be put once. */
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, 0);
}

/* What is documented for DISPATCH_LEVEL works there, and at PASSIVE_LEVEL: no report. */
static void wk_dispatch_level_is_allowed(struct kunit *test)
{
	const struct wk_place *place = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 3, SZ_64K, NULL);
	struct wdmdma_adapter_stats stats;
	struct wk_op op;

	wk_op_init(test, &op, adapter->DmaOperations, adapter);
	wk_op_prepare(&op);
	wk_go(place);
	wk_op_alignment(&op);
	wk_op_calculate(&op);
	wk_op_flush(&op);
	wk_return(place);
	KUNIT_EXPECT_EQ(test, op.result, TRUE);
	KUNIT_EXPECT_EQ(test, op.regs, 1);

	wk_go(place);
	wk_op_adapter_info(&op);
	wk_op_transfer_info(&op);
	wk_op_init_context(&op);
	wk_op_cancel(&op);
	wk_return(place);
	KUNIT_EXPECT_EQ(test, op.result, TRUE);
	KUNIT_EXPECT_EQ(test, op.info.V1.DmaAddressWidth, 64);
	KUNIT_EXPECT_EQ(test, op.transfer_info.V1.MapRegisterCount, 1);

	wk_go(place);
	wk_put_adapter(test, adapter);
	wk_return(place);
	wk_expect_report(test, WD_REPORT_DEAD_ADAPTER, 1);
	KUNIT_EXPECT_EQ(test, wdmdma_get_adapter_stats(adapter, &stats), -EINVAL);
}

static struct kunit_case wk_ops_cases[] = {
	KUNIT_CASE_PARAM(wk_table_has_members_up_to_its_size, wk_table_gen_params),
	KUNIT_CASE_PARAM(wk_adapter_header_is_the_same_for_every_version, wk_table_gen_params),
	KUNIT_CASE_PARAM(wk_null_adapter_is_refused, wk_member_gen_params),
	KUNIT_CASE_PARAM(wk_released_adapter_is_refused, wk_member_gen_params),
	KUNIT_CASE(wk_old_stale_adapter_is_refused),
	KUNIT_CASE(wk_dead_adapters_are_used_again),
	KUNIT_CASE_PARAM(wk_hard_interrupt_is_refused, wk_member_gen_params),
	KUNIT_CASE(wk_calculate_is_allowed_in_hard_interrupt),
	KUNIT_CASE(wk_alignment_is_allowed_in_hard_interrupt),
	KUNIT_CASE_PARAM(wk_get_adapter_at_dispatch_level_is_refused, wk_place_gen_params),
	KUNIT_CASE_PARAM(wk_allocate_buffer_at_dispatch_level_is_refused, wk_place_gen_params),
	KUNIT_CASE_PARAM(wk_dispatch_level_is_allowed, wk_place_gen_params),
	{}
};

static struct kunit_suite wk_ops_suite = {
	.name = "wdmdma_ops",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_ops_cases,
};

kunit_test_suite(wk_ops_suite);
