// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of scatter/gather lists: PutScatterGatherList finds a list by its address alone, whatever
 * the driver did to the list, the MDL or the adapter meanwhile. And what a list in use is good for.
 */
#include <linux/sizes.h>

#include "fake_driver.h"
#include "fixture.h"

#define WK_LIST_BYTES	SZ_1K

static NTSTATUS wk_request(PDMA_ADAPTER adapter, PMDL mdl, struct wk_call *call, void *buffer)
{
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	void *va = MmGetMdlVirtualAddress(mdl);

	wk_call_init(call, adapter, KeepObject);
	if (!buffer)
		return ops->GetScatterGatherList(adapter, NULL, mdl, va, MmGetMdlByteCount(mdl),
						 wk_list_control, call, FALSE);
	return ops->BuildScatterGatherList(adapter, NULL, mdl, va, MmGetMdlByteCount(mdl),
					   wk_list_control, call, FALSE, buffer, WK_LIST_BYTES);
}

static const struct wk_memory {
	const char *name;
	bool build;
} wk_memories[] = { { "Get", false }, { "Build", true } };

static void wk_memory_name(const struct wk_memory *memory, char *name)
{
	strscpy(name, memory->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_memory, wk_memories, wk_memory_name);

/* Drivers translate the elements in place to their device's format. */
static void wk_put_after_driver_changed_the_list(struct kunit *test)
{
	const struct wk_memory *memory = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	void *list_memory = memory->build ? kunit_kmalloc(test, WK_LIST_BYTES, GFP_KERNEL) : NULL;
	u8 *data = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	struct wk_call call;

	KUNIT_ASSERT_EQ(test, wk_request(adapter, wk_mdl(test, buffer, 0, buffer->bytes), &call,
					 list_memory), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.list->NumberOfElements, 4);
	wk_fill(data, buffer->bytes, 21);
	wk_device_write_list(test, call.list, data);
	memset(call.list->Elements, 0xEE, 4 * sizeof(call.list->Elements[0]));
	call.list->NumberOfElements = 0xEEEEEEEE;
	call.list->Reserved = ~(ULONG_PTR)0;
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, FALSE);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 21);
}

/* The list keeps no pointer into the MDL: a driver may free or reuse it before Put. */
static void wk_put_after_mdl_is_gone(struct kunit *test)
{
	const struct wk_memory *memory = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	void *list_memory = memory->build ? kunit_kmalloc(test, WK_LIST_BYTES, GFP_KERNEL) : NULL;
	PMDL mdl = IoAllocateMdl(buffer->va, buffer->bytes, FALSE, FALSE, NULL);
	struct wk_call call, again;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_ASSERT_EQ(test, wk_request(adapter, mdl, &call, list_memory), STATUS_SUCCESS);
	memset(mdl, 0xEE, MmSizeOfMdl(buffer->va, buffer->bytes));
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, FALSE);

	MmInitializeMdl(mdl, buffer->va, buffer->bytes);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_ASSERT_EQ(test, wk_request(adapter, mdl, &again, list_memory), STATUS_SUCCESS);
	IoFreeMdl(mdl);
	adapter->DmaOperations->PutScatterGatherList(adapter, again.list, FALSE);
}

static void wk_put_twice(struct kunit *test)
{
	const struct wk_memory *memory = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	void *list_memory = memory->build ? kunit_kmalloc(test, WK_LIST_BYTES, GFP_KERNEL) : NULL;
	struct wk_call call, other;

	KUNIT_ASSERT_EQ(test, wk_request(adapter, mdl, &other, NULL), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_request(adapter, mdl, &call, list_memory), STATUS_SUCCESS);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, FALSE);
	wk_expect_report(test, WD_REPORT_LIST_FREED, 1);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, FALSE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).lists_live, 1);
	adapter->DmaOperations->PutScatterGatherList(adapter, other.list, FALSE);
}

static void wk_put_of_what_is_no_list(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PDMA_ADAPTER other = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	struct wk_call call;
	u8 *copy;

	KUNIT_ASSERT_EQ(test, wk_request(adapter, wk_mdl(test, buffer, 0, buffer->bytes), &call,
					 NULL), STATUS_SUCCESS);
	copy = kunit_kmalloc(test, 64, GFP_KERNEL);
	memcpy(copy, call.list, 64);
	wk_expect_report(test, WD_REPORT_LIST_FREED, 4);
	ops->PutScatterGatherList(adapter, NULL, FALSE);
	ops->PutScatterGatherList(adapter, (PSCATTER_GATHER_LIST)copy, FALSE);
	ops->PutScatterGatherList(adapter, (void *)call.list + 8, FALSE);
	ops->PutScatterGatherList(other, call.list, FALSE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).lists_live, 1);
	ops->PutScatterGatherList(adapter, call.list, FALSE);
}

/* A list buffer belongs to its list until Put; a second request for it harms nothing. */
static void wk_build_into_a_buffer_in_use(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	u8 *memory = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
	u8 *before = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
	struct wk_call call, second;

	KUNIT_ASSERT_EQ(test, wk_request(adapter, wk_mdl(test, buffer, 0, buffer->bytes), &call,
					 memory), STATUS_SUCCESS);
	memcpy(before, memory, WK_LIST_BYTES);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	KUNIT_EXPECT_EQ(test, wk_request(adapter, wk_mdl(test, buffer, 8, 16), &second, memory),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, second.count, 0);
	KUNIT_EXPECT_MEMEQ(test, memory, before, WK_LIST_BYTES);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).lists_live, 1);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, FALSE);
	KUNIT_EXPECT_EQ(test, wk_request(adapter, wk_mdl(test, buffer, 8, 16), &second, memory),
			STATUS_SUCCESS);
	adapter->DmaOperations->PutScatterGatherList(adapter, second.list, FALSE);
}

/* Lists come and go in any order, packed at the distance that Calculate reports. */
static void wk_many_lists_in_one_block(struct kunit *test)
{
	enum { LISTS = 50 };
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PMDL mdl = wk_mdl(test, buffer, 0, 3 * PAGE_SIZE);
	struct wk_call *calls = kunit_kcalloc(test, LISTS, sizeof(*calls), GFP_KERNEL);
	unsigned int i, live = 0;
	ULONG size;
	u8 *block;

	KUNIT_ASSERT_EQ(test, ops->CalculateScatterGatherList(adapter, NULL, NULL, 3 * PAGE_SIZE,
							      &size, NULL), STATUS_SUCCESS);
	block = kunit_kzalloc(test, LISTS * size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, block);
	for (i = 0; i < LISTS; i++) {
		u8 *at = block + (i * 7 % LISTS) * size;
		NTSTATUS status;

		wk_call_init(&calls[i], adapter, KeepObject);
		status = ops->BuildScatterGatherList(adapter, NULL, mdl, buffer->va, 3 * PAGE_SIZE,
						     wk_list_control, &calls[i], TRUE, at, size);
		KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
		KUNIT_EXPECT_PTR_EQ(test, (u8 *)calls[i].list, at);
		live++;
	}
	for (i = 0; i < LISTS; i++) {
		PSCATTER_GATHER_LIST list = calls[i * 13 % LISTS].list;

		KUNIT_EXPECT_EQ(test, list->NumberOfElements, 3);
		wk_expect_at(test, list->Elements[2].Address.QuadPart, buffer, 2 * PAGE_SIZE);
		ops->PutScatterGatherList(adapter, list, TRUE);
		KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).lists_live, --live);
	}
}

/* Several lists over the same pages at once, as a driver that sends one buffer twice has. */
static void wk_same_memory_twice(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PMDL mdl = wk_mdl(test, buffer, 1, PAGE_SIZE);
	struct wk_call calls[3];
	unsigned int i;

	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, wk_request(adapter, mdl, &calls[i], NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).lists_live, 3);
	for (i = 0; i < 3; i++)
		wk_expect_at(test, calls[i].list->Elements[0].Address.QuadPart, buffer, 1);
	for (i = 0; i < 3; i++)
		adapter->DmaOperations->PutScatterGatherList(adapter, calls[(i + 1) % 3].list,
							     FALSE);
}

static void wk_mdl_of_a_list(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PBUILD_MDL_FROM_SCATTER_GATHER_LIST build_mdl =
		adapter->DmaOperations->BuildMdlFromScatterGatherList;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PMDL mdl = wk_mdl(test, buffer, 5, PAGE_SIZE), target = NULL;
	struct wk_call call;

	KUNIT_ASSERT_EQ(test, wk_request(adapter, mdl, &call, NULL), STATUS_SUCCESS);
	/* Nothing was copied: the device uses the very pages, asked as often as one likes. */
	KUNIT_EXPECT_EQ(test, build_mdl(adapter, call.list, mdl, &target), STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, target, mdl);
	target = NULL;
	KUNIT_EXPECT_EQ(test, build_mdl(adapter, call.list, mdl, &target), STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, target, mdl);

	target = NULL;
	KUNIT_EXPECT_EQ(test, build_mdl(adapter, call.list, NULL, &target),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, build_mdl(adapter, call.list, mdl, NULL), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, build_mdl(adapter, NULL, mdl, &target), STATUS_INVALID_PARAMETER);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, FALSE);
	KUNIT_EXPECT_EQ(test, build_mdl(adapter, call.list, mdl, &target),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_NULL(test, target);
}

/* wk_exit() sees that the mapping is gone, kmemleak and KASAN that the memory was treated right. */
static void wk_adapter_put_with_a_list(struct kunit *test)
{
	const struct wk_memory *memory = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	void *list_memory = memory->build ? kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL) : NULL;
	struct wk_call calls[2];

	KUNIT_ASSERT_EQ(test, wk_request(adapter, mdl, &calls[0], list_memory), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_request(adapter, mdl, &calls[1], NULL), STATUS_SUCCESS);
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);
	wk_put_adapter(test, adapter);
	/* A build buffer is the driver's again. */
	if (list_memory)
		memset(list_memory, 0, WK_LIST_BYTES);
	wk_expect_report(test, WD_REPORT_DEAD_ADAPTER, 1);
	adapter->DmaOperations->PutScatterGatherList(adapter, calls[0].list, FALSE);
}

/* A list that waits is dropped with the adapter, its routine never called. */
static void wk_adapter_put_with_waiting_lists(struct kunit *test)
{
	const struct wk_memory *memory = test->param_value;
	PDMA_ADAPTER adapter = wk_get_limited_adapter(test, 2, SZ_64K, 2, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	void *list_memory = memory->build ? kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL) : NULL;
	struct wk_call live, waiting;

	KUNIT_ASSERT_EQ(test, wk_request(adapter, mdl, &live, NULL), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_request(adapter, mdl, &waiting, list_memory), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_stats(test, adapter).waiting, 1);
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);
	wk_put_adapter(test, adapter);
	if (list_memory)
		memset(list_memory, 0, WK_LIST_BYTES);
	KUNIT_EXPECT_EQ(test, waiting.count, 0);
}

/* A request that was answered with SUCCESS is dropped: its driver must be told somehow. */
static void wk_adapter_put_with_a_starved_list_only(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	void *list_memory = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
	struct wk_call call;

	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(adapter, 1000), 0);
	KUNIT_ASSERT_EQ(test, wk_request(adapter, wk_mdl(test, buffer, 0, buffer->bytes), &call,
					 list_memory), STATUS_SUCCESS);
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);
	wk_put_adapter(test, adapter);
	memset(list_memory, 0, WK_LIST_BYTES);
	KUNIT_EXPECT_EQ(test, call.count, 0);
}

static struct kunit_case wk_sglist_put_cases[] = {
	KUNIT_CASE_PARAM(wk_put_after_driver_changed_the_list, wk_memory_gen_params),
	KUNIT_CASE_PARAM(wk_put_after_mdl_is_gone, wk_memory_gen_params),
	KUNIT_CASE_PARAM(wk_put_twice, wk_memory_gen_params),
	KUNIT_CASE(wk_put_of_what_is_no_list),
	KUNIT_CASE(wk_build_into_a_buffer_in_use),
	KUNIT_CASE(wk_many_lists_in_one_block),
	KUNIT_CASE(wk_same_memory_twice),
	KUNIT_CASE(wk_mdl_of_a_list),
	KUNIT_CASE_PARAM(wk_adapter_put_with_a_list, wk_memory_gen_params),
	KUNIT_CASE_PARAM(wk_adapter_put_with_waiting_lists, wk_memory_gen_params),
	KUNIT_CASE(wk_adapter_put_with_a_starved_list_only),
	{}
};

static struct kunit_suite wk_sglist_put_suite = {
	.name = "wdmdma_sglist_put",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_sglist_put_cases,
};

kunit_test_suite(wk_sglist_put_suite);
