// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists whose memory cannot be mapped: not ever, or not for a long time. UML's DMA API never fails
 * by itself, so the reach of the adapter is lowered behind its back, or its mappings told to fail.
 */
#include <linux/sizes.h>

#include "fake_driver.h"
#include "fixture.h"

#include "../wdmdma/internal.h"

#define WK_LIST_BYTES	PAGE_SIZE	/* of the buffer of a list */

static NTSTATUS wk_build(PDMA_ADAPTER adapter, PMDL mdl, void *memory, struct wk_call *call)
{
	wk_call_init(call, adapter, KeepObject);
	return adapter->DmaOperations->BuildScatterGatherList(adapter, NULL, mdl,
							      MmGetMdlVirtualAddress(mdl),
							      MmGetMdlByteCount(mdl),
							      wk_list_control, call, TRUE, memory,
							      WK_LIST_BYTES);
}

static void wk_hold_registers(struct kunit *test, PDMA_ADAPTER adapter, ULONG regs,
			      struct wk_call *call)
{
	NTSTATUS status;

	wk_call_init(call, adapter, DeallocateObjectKeepRegisters);
	status = adapter->DmaOperations->AllocateAdapterChannel(adapter, NULL, regs, wk_control,
								call);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call->count, 1);
}

/* What the device can never be given is refused; retrying for ever would block everybody. */
static void wk_unreachable_memory_is_refused(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wd_adapter *inside = container_of(adapter, struct wd_adapter, public);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	void *memory = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
	u64 last_address = inside->last_address;
	struct wk_call call;

	inside->last_address = wk_phys(buffer, PAGE_SIZE) - 2;
	wk_expect_report(test, WD_REPORT_MISC, 1);
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl, memory, &call),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, call.count, 0);

	inside->last_address = last_address;
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl, memory, &call), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
}

/* The same, found out only when its turn comes: it is reported, and the next is served. */
static void wk_unreachable_waiter_is_dropped(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PDMA_ADAPTER adapter = wk_get_limited_adapter(test, 2, SZ_64K, 2, NULL);
	struct wd_adapter *inside = container_of(adapter, struct wd_adapter, public);
	void *memory = kunit_kzalloc(test, 3 * WK_LIST_BYTES, GFP_KERNEL);
	u64 last_address = inside->last_address;
	unsigned int bad, good, i;
	struct wk_call call[3];
	PMDL mdl[3];

	for (i = 0; i < 3; i++)
		mdl[i] = wk_mdl(test, buffer, i * PAGE_SIZE, PAGE_SIZE);
	/* The page of the second waiter is the lower one and stays in reach. */
	bad = wk_phys(buffer, PAGE_SIZE) > wk_phys(buffer, 2 * PAGE_SIZE) ? 1 : 2;
	good = 3 - bad;

	wk_hold_registers(test, adapter, 2, &call[0]);
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl[bad], memory, &call[bad]), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl[good], memory + WK_LIST_BYTES, &call[good]),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call[bad].count + call[good].count, 0);

	inside->last_address = wk_phys(buffer, bad * PAGE_SIZE);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	adapter->DmaOperations->FreeMapRegisters(adapter, call[0].base, 2);
	KUNIT_EXPECT_EQ(test, call[bad].count, 0);
	KUNIT_ASSERT_EQ(test, call[good].count, 1);
	adapter->DmaOperations->PutScatterGatherList(adapter, call[good].list, TRUE);
	inside->last_address = last_address;
}

/* A list that waits for long is reported, once, and is served all the same. */
static void wk_long_wait_is_reported_once(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	void *memory = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
	struct wk_call set, call;
	unsigned int i;

	wk_hold_registers(test, adapter, 1, &set);
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(adapter, 100), 0);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl, memory, &call), STATUS_SUCCESS);
	/* Each flush lets it try again, which is faster than waiting. */
	for (i = 0; i < 110 && !call.count; i++) {
		adapter->DmaOperations->FlushAdapterBuffers(adapter, mdl, set.base,
							    MmGetMdlVirtualAddress(mdl), 0, TRUE);
		usleep_range(100, 200);
	}
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(call.count) == 1));
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
	adapter->DmaOperations->FreeMapRegisters(adapter, set.base, 1);
}

static struct kunit_case wk_list_cases[] = {
	KUNIT_CASE(wk_unreachable_memory_is_refused),
	KUNIT_CASE(wk_unreachable_waiter_is_dropped),
	KUNIT_CASE(wk_long_wait_is_reported_once),
	{}
};

static struct kunit_suite wk_list_suite = {
	.name = "wdmdma_list",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_list_cases,
};

kunit_test_suite(wk_list_suite);
