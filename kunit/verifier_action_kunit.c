// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is done about a violation: it is logged once per call site, or each time, or the call fails
 * as well, with nothing of it done.
 */
#include <linux/kmsg_dump.h>
#include <linux/sizes.h>

#include "v3.h"
#include "verifier.h"

static void wk_act(struct kunit *test, unsigned int action, unsigned int level)
{
	wk_set_verifier(test, &(struct wdmdma_verifier){ .level = level, .action = action });
}

/* Leaves a record: nobody owns the channel. */
static noinline void wk_misuse(PDMA_ADAPTER adapter)
{
	local_bh_disable();
	adapter->DmaOperations->FreeAdapterChannel(adapter);
	local_bh_enable();
}

/* Different enough not to become the same function */
static noinline void wk_misuse_elsewhere(PDMA_ADAPTER adapter)
{
	preempt_disable();
	adapter->DmaOperations->FreeAdapterChannel(adapter);
	preempt_enable();
}

/* Lines of the log about an adapter; in time, as there is a limit to how many there may be */
static unsigned int wk_lines(u64 adapter)
{
	struct kmsg_dump_iter iter = {};
	char name[40], line[400];
	unsigned int count = 0;
	size_t bytes;

	snprintf(name, sizeof(name), " adapter %llu dev ", adapter);
	kmsg_dump_rewind(&iter);
	while (kmsg_dump_get_line(&iter, false, line, sizeof(line) - 1, &bytes)) {
		line[bytes] = '\0';
		count += strstr(line, "wdmdma verifier: ") && strstr(line, name);
	}
	return count;
}

/* Number of an adapter in the records */
static u64 wk_adapter_id(struct kunit *test, u64 before)
{
	return wk_expect_violation(test, before, WD_REPORT_CHANNEL_FREED,
				   "FreeAdapterChannel").adapter;
}

static void each_is_logged(struct kunit *test)
{
	PDMA_ADAPTER adapter;
	unsigned int tries, lines = 0, i;
	u64 before, id;

	wk_act(test, 1, 1);
	for (tries = 0; tries < 3 && lines != 3; tries++) {
		/* What other suites have logged counts for five seconds. */
		if (tries)
			msleep(5200);
		adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
		before = wk_last_violation();
		wk_misuse(adapter);
		id = wk_adapter_id(test, before);
		for (i = 0; i < 2; i++)
			wk_misuse(adapter);
		wk_expect_report(test, WD_REPORT_CHANNEL_FREED, 3);
		lines = wk_lines(id);
	}
	KUNIT_EXPECT_EQ(test, lines, 3);

	/* There is room for more: once per call site is because it is asked for. */
	wk_act(test, 0, 1);
	before = wk_last_violation();
	for (i = 0; i < 3; i++)
		wk_misuse(adapter);
	for (i = 0; i < 3; i++)
		wk_misuse_elsewhere(adapter);
	wk_expect_report(test, WD_REPORT_CHANNEL_FREED, 6);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), before + 6);
	KUNIT_EXPECT_EQ_MSG(test, wk_lines(id), 3 + 1, "the other site");
}

/* Everything that an adapter has is where it was. */
static void wk_unchanged(struct kunit *test, PDMA_ADAPTER adapter,
			 const struct wdmdma_adapter_stats *before)
{
	struct wdmdma_adapter_stats now = wk_stats(test, adapter);

	KUNIT_EXPECT_EQ(test, now.sets_live, before->sets_live);
	KUNIT_EXPECT_EQ(test, now.lists_live, before->lists_live);
	KUNIT_EXPECT_EQ(test, now.buffers_live, before->buffers_live);
	KUNIT_EXPECT_EQ(test, now.waiting, before->waiting);
	KUNIT_EXPECT_EQ(test, now.mapped_bytes, before->mapped_bytes);
}

static void requests_fail(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wdmdma_adapter_stats before;
	const DMA_OPERATIONS *ops;
	struct wk_call owner, call;
	PDMA_ADAPTER adapter;
	ULONG regs;

	wk_act(test, 2, 2);
	adapter = wk_get_adapter(test, 1, SZ_64K, &regs);
	ops = adapter->DmaOperations;
	wk_call_init(&owner, adapter, KeepObject);
	wk_call_init(&call, adapter, DeallocateObject);
	local_bh_disable();
	ops->AllocateAdapterChannel(adapter, world->object, 1, wk_control, &owner);
	before = wk_stats(test, adapter);
	KUNIT_EXPECT_FALSE(test, NT_SUCCESS(ops->AllocateAdapterChannel(adapter, world->object, 1,
									wk_control, &call)));
	KUNIT_EXPECT_FALSE(test, NT_SUCCESS(ops->AllocateAdapterChannel(adapter, NULL, regs,
									wk_control, &call)));
	wk_unchanged(test, adapter, &before);
	KUNIT_EXPECT_FALSE(test, NT_SUCCESS(ops->AllocateAdapterChannel(adapter, NULL, regs + 1,
									wk_control, &call)));
	wk_unchanged(test, adapter, &before);
	ops->FreeAdapterChannel(adapter);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, owner.count, 1);
	KUNIT_EXPECT_EQ_MSG(test, call.count, 0, "none of them waited");
	wk_expect_report(test, WD_REPORT_CHANNELS_HELD, 1);
	wk_expect_report(test, WD_REPORT_REGS_HELD, 1);
	wk_expect_report(test, WD_REPORT_TOO_MANY_REGS, 1);
}

static void transfers_of_version_3_fail(struct kunit *test)
{
	struct wdmdma_adapter_stats before;
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 1), 0, 64);
	u8 list[40] __aligned(8);
	ULONG bytes = 64, none = 0;
	struct wk_context context;
	struct wk_v3 v3;
	PVOID base;

	wk_act(test, 2, 1);
	v3 = wk_v3_pool(test, WK_REGS);
	base = wk_get_set(&v3, 1);
	before = wk_stats(test, v3.adapter);
	KUNIT_EXPECT_EQ(test, v3.ops->MapTransferEx(v3.adapter, mdl, base, 0, 0, &none, TRUE,
						    (PSCATTER_GATHER_LIST)list, 40, NULL, NULL),
			STATUS_INVALID_PARAMETER);
	wk_expect_report(test, WD_REPORT_ZERO_LENGTH, 1);
	KUNIT_EXPECT_EQ(test, v3.ops->FlushAdapterBuffersEx(v3.adapter, mdl, base, 0, 64, TRUE),
			STATUS_INVALID_PARAMETER);
	wk_expect_report(test, WD_REPORT_FLUSH_NOTHING, 1);
	wk_unchanged(test, v3.adapter, &before);

	KUNIT_EXPECT_EQ(test, v3.ops->MapTransferEx(v3.adapter, mdl, base, 0, 0, &bytes, TRUE,
						    (PSCATTER_GATHER_LIST)list, 40, NULL, NULL),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, v3.ops->FlushAdapterBuffersEx(v3.adapter, mdl, base, 0, 64, FALSE),
			STATUS_INVALID_PARAMETER);
	wk_expect_report(test, WD_REPORT_DIRECTION, 1);
	/* It is still mapped. */
	KUNIT_EXPECT_EQ(test, v3.ops->FlushAdapterBuffersEx(v3.adapter, mdl, base, 0, 64, TRUE),
			STATUS_SUCCESS);
	memset(&context, 0, sizeof(context));
	before = wk_stats(test, v3.adapter);
	KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &context, 1, DMA_SYNCHRONOUS_CALLBACK, NULL,
					    &base), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_NULL(test, base);
	wk_expect_report(test, WD_REPORT_CONTEXT, 1);
	wk_unchanged(test, v3.adapter, &before);
	wk_put_adapter(test, v3.adapter);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
}

static void buffers_fail(struct kunit *test)
{
	struct wdmdma_adapter_stats before;
	PHYSICAL_ADDRESS address;
	PDMA_ADAPTER adapter;
	ULONG regs;
	PVOID va;

	wk_act(test, 2, 1);
	adapter = wk_get_adapter(test, 1, SZ_64K, &regs);
	before = wk_stats(test, adapter);
	va = adapter->DmaOperations->AllocateCommonBuffer(adapter, (regs + 1) * PAGE_SIZE, &address,
							  TRUE);
	KUNIT_EXPECT_NULL(test, va);
	wk_expect_report(test, WD_REPORT_LARGE_BUFFER, 1);
	wk_unchanged(test, adapter, &before);
}

/* Calls at PASSIVE_LEVEL fail only if they are strictly looked at, and have something to return. */
static void what_returns_nothing_is_done(struct kunit *test)
{
	PDMA_ADAPTER adapter;
	const DMA_OPERATIONS *ops;
	struct wk_call call;

	wk_act(test, 2, 2);
	adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	ops = adapter->DmaOperations;
	wk_call_init(&call, adapter, DeallocateObjectKeepRegisters);
	KUNIT_EXPECT_FALSE(test, NT_SUCCESS(ops->AllocateAdapterChannel(adapter, NULL, 1,
									wk_control, &call)));
	KUNIT_EXPECT_EQ(test, call.count, 0);
	local_bh_disable();
	ops->AllocateAdapterChannel(adapter, NULL, 1, wk_control, &call);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, call.count, 1);
	ops->FreeMapRegisters(adapter, call.base, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).sets_live, 0);
	wk_expect_report(test, WD_REPORT_IRQL, 2);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(each_is_logged),
	KUNIT_CASE(requests_fail),
	KUNIT_CASE(transfers_of_version_3_fail),
	KUNIT_CASE(buffers_fail),
	KUNIT_CASE(what_returns_nothing_is_done),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_verifier_action",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_verified,
	.exit = wk_exit_verified,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
