// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scatter/gather lists: GetScatterGatherList, BuildScatterGatherList, CalculateScatterGatherList,
 * PutScatterGatherList, BuildMdlFromScatterGatherList.
 */
#include <linux/bottom_half.h>
#include <linux/sizes.h>

#include "fake_driver.h"
#include "fixture.h"

static void wk_get_moves_data_both_ways(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	size_t offset = 100, bytes = 3 * PAGE_SIZE;
	PMDL mdl = wk_mdl(test, buffer, offset, bytes);
	struct wk_call call;
	u8 *copy = kunit_kzalloc(test, bytes, GFP_KERNEL);
	NTSTATUS status;

	wk_calls_reset();
	wk_call_init(&call, adapter, KeepObject);
	wk_fill(buffer->va + offset, bytes, 7);
	status = adapter->DmaOperations->GetScatterGatherList(adapter, NULL, mdl,
			MmGetMdlVirtualAddress(mdl), bytes, wk_list_control, &call, TRUE);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	KUNIT_EXPECT_TRUE(test, call.bh_off);
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 4);
	KUNIT_EXPECT_EQ(test, call.list->Elements[0].Address.QuadPart, wk_phys(buffer, offset));
	KUNIT_EXPECT_EQ(test, wk_list_bytes(call.list), bytes);
	wk_device_read_list(test, call.list, copy);
	wk_expect_pattern(test, copy, bytes, 7);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);

	wk_call_init(&call, adapter, KeepObject);
	status = adapter->DmaOperations->GetScatterGatherList(adapter, NULL, mdl,
			MmGetMdlVirtualAddress(mdl), bytes, wk_list_control, &call, FALSE);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	wk_fill(copy, bytes, 9);
	wk_device_write_list(test, call.list, copy);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, FALSE);
	wk_expect_pattern(test, buffer->va + offset, bytes, 9);
}

static struct kunit_case wk_sglist_cases[] = {
	KUNIT_CASE(wk_get_moves_data_both_ways),
	{}
};

static struct kunit_suite wk_sglist_suite = {
	.name = "wdmdma_sglist",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_sglist_cases,
};

kunit_test_suite(wk_sglist_suite);
