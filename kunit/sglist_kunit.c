// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scatter/gather lists: GetScatterGatherList, BuildScatterGatherList, CalculateScatterGatherList,
 * PutScatterGatherList, BuildMdlFromScatterGatherList. What a range makes of an MDL chain is in
 * walk_kunit.c, what happens when a request has to wait in sglist_wait_kunit.c.
 */
#include <kunit/test-bug.h>
#include <linux/dma-direction.h>
#include <linux/scatterlist.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/tracepoint.h>

#include "fake_driver.h"
#include "fixture.h"

#define WK_REDZONE	64
#define WK_POISON	0x6B

static NTSTATUS wk_get(PDMA_ADAPTER adapter, PMDL mdl, struct wk_call *call, BOOLEAN write)
{
	PDEVICE_OBJECT object = ((struct wk_world *)kunit_get_current_test()->priv)->object;

	wk_call_init(call, adapter, KeepObject);
	return adapter->DmaOperations->GetScatterGatherList(adapter, object, mdl,
			MmGetMdlVirtualAddress(mdl), MmGetMdlByteCount(mdl), wk_list_control, call,
			write);
}

static NTSTATUS wk_build(PDMA_ADAPTER adapter, PMDL mdl, ULONG bytes, struct wk_call *call,
			 void *buffer, ULONG size)
{
	wk_call_init(call, adapter, KeepObject);
	return adapter->DmaOperations->BuildScatterGatherList(adapter, NULL, mdl,
			MmGetMdlVirtualAddress(mdl), bytes, wk_list_control, call, TRUE, buffer,
			size);
}

static void wk_put(PDMA_ADAPTER adapter, struct wk_call *call, BOOLEAN write)
{
	adapter->DmaOperations->PutScatterGatherList(adapter, call->list, write);
}

/* Bytes that Calculate reports for the worst case of @pages pages */
static ULONG wk_list_size(struct kunit *test, PDMA_ADAPTER adapter, ULONG pages)
{
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	ULONG size = 0, regs = 0;

	KUNIT_ASSERT_EQ(test, ops->CalculateScatterGatherList(adapter, NULL, NULL,
							      pages * PAGE_SIZE, &size, &regs),
			STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, regs, pages);
	return size;
}

/* A Build buffer with a red zone behind it */
static void *wk_list_buffer(struct kunit *test, ULONG size)
{
	void *buffer = kunit_kmalloc(test, size + WK_REDZONE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	memset(buffer, WK_POISON, size + WK_REDZONE);
	return buffer;
}

static void wk_expect_redzone(struct kunit *test, const void *buffer, ULONG size)
{
	KUNIT_EXPECT_NULL(test, memchr_inv(buffer + size, WK_POISON, WK_REDZONE));
}

static const struct wk_way {
	ULONG version;
	BOOLEAN write;
} wk_ways[] = { { 1, TRUE }, { 1, FALSE }, { 2, TRUE }, { 2, FALSE } };

static void wk_way_name(const struct wk_way *way, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "version %u, %s the device", way->version,
		 way->write ? "to" : "from");
}

KUNIT_ARRAY_PARAM(wk_way, wk_ways, wk_way_name);

static void wk_get_moves_data(struct kunit *test)
{
	const struct wk_way *way = test->param_value;
	struct wk_world *world = test->priv;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	PDMA_ADAPTER adapter = wk_get_adapter(test, way->version, SZ_64K, NULL);
	size_t offset = 100, bytes = 3 * PAGE_SIZE;
	PMDL mdl = wk_mdl(test, buffer, offset, bytes);
	u8 *data = kunit_kzalloc(test, bytes, GFP_KERNEL);
	struct wdmdma_adapter_stats stats;
	struct wk_call call;

	wk_calls_reset();
	wk_fill(buffer->va + offset, bytes, 7);
	KUNIT_ASSERT_EQ(test, wk_get(adapter, mdl, &call, way->write), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	KUNIT_EXPECT_TRUE(test, call.bh_off);
	KUNIT_EXPECT_PTR_EQ(test, call.device_object, world->object);
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 4);
	wk_expect_at(test, call.list->Elements[0].Address.QuadPart, buffer, offset);
	KUNIT_EXPECT_EQ(test, call.list->Elements[0].Length, PAGE_SIZE - offset);
	KUNIT_EXPECT_EQ(test, wk_list_bytes(call.list), bytes);

	stats = wk_stats(test, adapter);
	KUNIT_EXPECT_EQ(test, stats.lists_live, 1);
	KUNIT_EXPECT_EQ(test, stats.mapped_bytes, bytes);
	KUNIT_EXPECT_EQ(test, stats.direct_maps, 1);
	KUNIT_EXPECT_EQ(test, stats.common_maps, 0);

	if (way->write) {
		wk_device_read_list(test, call.list, data);
		wk_expect_pattern(test, data, bytes, 7);
	} else {
		wk_fill(data, bytes, 9);
		wk_device_write_list(test, call.list, data);
	}
	wk_put(adapter, &call, way->write);
	wk_expect_pattern(test, buffer->va + offset, bytes, way->write ? 7 : 9);
}

/* What the DMA API was asked for; on UML the direction shows nowhere else. */
struct wk_trace {
	struct device *dev;
	unsigned int maps, unmaps;
	int entries, unmapped_entries;
	enum dma_data_direction direction, unmap_direction;
};

static void wk_trace_map_sg(void *data, struct device *dev, struct scatterlist *sgl, int nents,
			    int ents, enum dma_data_direction direction, unsigned long attrs)
{
	struct wk_trace *trace = data;

	if (dev != trace->dev)
		return;
	trace->maps++;
	trace->entries = nents;
	trace->direction = direction;
}

static void wk_trace_unmap_sg(void *data, struct device *dev, struct scatterlist *sgl, int nents,
			      enum dma_data_direction direction, unsigned long attrs)
{
	struct wk_trace *trace = data;

	if (dev != trace->dev)
		return;
	trace->unmaps++;
	trace->unmapped_entries = nents;
	trace->unmap_direction = direction;
}

struct wk_tracepoints {
	struct tracepoint *map, *unmap;
};

static void wk_find_tracepoint(struct tracepoint *tp, void *data)
{
	struct wk_tracepoints *found = data;

	if (!strcmp(tp->name, "dma_map_sg"))
		found->map = tp;
	else if (!strcmp(tp->name, "dma_unmap_sg"))
		found->unmap = tp;
}

/* A wrong direction at Put is the driver's mistake; what was requested is what counts. */
static void wk_direction_is_that_of_the_request(struct kunit *test)
{
	const struct wk_way *way = test->param_value;
	enum dma_data_direction wanted = way->write ? DMA_TO_DEVICE : DMA_FROM_DEVICE;
	struct wk_world *world = test->priv;
	struct wk_trace trace = { .dev = world->dev };
	PDMA_ADAPTER adapter = wk_get_adapter(test, way->version, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 3), 0, 3 * PAGE_SIZE);
	struct wk_tracepoints found = {};
	struct wk_call call;

	for_each_kernel_tracepoint(wk_find_tracepoint, &found);
	if (!found.map || !found.unmap)
		kunit_skip(test, "this kernel does not trace the DMA API");
	KUNIT_ASSERT_EQ(test, tracepoint_probe_register(found.map, wk_trace_map_sg, &trace), 0);
	KUNIT_EXPECT_EQ(test, tracepoint_probe_register(found.unmap, wk_trace_unmap_sg, &trace), 0);

	if (wk_get(adapter, mdl, &call, way->write) == STATUS_SUCCESS)
		wk_put(adapter, &call, !way->write);

	tracepoint_probe_unregister(found.map, wk_trace_map_sg, &trace);
	tracepoint_probe_unregister(found.unmap, wk_trace_unmap_sg, &trace);
	tracepoint_synchronize_unregister();
	KUNIT_EXPECT_EQ(test, trace.maps, 1);
	KUNIT_EXPECT_EQ(test, trace.entries, 3);
	KUNIT_EXPECT_EQ(test, trace.direction, wanted);
	KUNIT_EXPECT_EQ(test, trace.unmaps, 1);
	KUNIT_EXPECT_EQ(test, trace.unmapped_entries, 3);
	KUNIT_EXPECT_EQ(test, trace.unmap_direction, wanted);
}

/* One operation of R pages must fit: KMDF sizes its lists like that. */
static void wk_calculate_worst_case(struct kunit *test)
{
	ULONG regs, size, needed, previous, pages;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, &regs);
	PCALCULATE_SCATTER_GATHER_LIST_SIZE calculate =
		adapter->DmaOperations->CalculateScatterGatherList;

	KUNIT_EXPECT_EQ(test, calculate(adapter, NULL, NULL, regs * PAGE_SIZE, &size, &needed),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, needed, regs);

	KUNIT_EXPECT_EQ(test, calculate(adapter, NULL, NULL, 0, &previous, &needed),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, needed, 0);
	KUNIT_EXPECT_GE(test, previous, sizeof(SCATTER_GATHER_LIST));
	for (pages = 1; pages <= regs; pages++, previous = size) {
		KUNIT_EXPECT_EQ(test, calculate(adapter, NULL, NULL, (pages - 1) * PAGE_SIZE + 1,
						&size, NULL), STATUS_SUCCESS);
		KUNIT_EXPECT_GE(test, size, previous + sizeof(SCATTER_GATHER_ELEMENT));
		KUNIT_EXPECT_EQ_MSG(test, size % 8, 0, "%u pages", pages);
	}

	/* Only the page offset of CurrentVa counts; it may be no address at all. */
	KUNIT_EXPECT_EQ(test, calculate(adapter, NULL, (void *)(PAGE_SIZE - 1), 2, &size, &needed),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, needed, 2);
	KUNIT_EXPECT_EQ(test, size, wk_list_size(test, adapter, 2));
	KUNIT_EXPECT_EQ(test, calculate(adapter, NULL, (void *)(5 * PAGE_SIZE - 1), PAGE_SIZE + 1,
					&size, &needed), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, needed, 2);
	KUNIT_EXPECT_EQ(test, calculate(adapter, NULL, (void *)(PAGE_SIZE - 1), PAGE_SIZE + 2,
					&size, &needed), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, needed, 3);
}

static void wk_calculate_refuses(struct kunit *test)
{
	ULONG regs, size = 0x5A5A5A5A, needed = 0xA5A5A5A5;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, &regs);
	PCALCULATE_SCATTER_GATHER_LIST_SIZE calculate =
		adapter->DmaOperations->CalculateScatterGatherList;

	KUNIT_EXPECT_EQ(test, calculate(adapter, NULL, NULL, regs * PAGE_SIZE + 1, &size, &needed),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, calculate(adapter, NULL, (void *)1, regs * PAGE_SIZE, &size, &needed),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, calculate(adapter, NULL, NULL, U32_MAX, &size, &needed),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, calculate(adapter, NULL, NULL, PAGE_SIZE, NULL, &needed),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, size, 0x5A5A5A5A);
	KUNIT_EXPECT_EQ(test, needed, 0xA5A5A5A5);
}

/* Scattered pages need every byte that Calculate reported, and no more. */
static void wk_build_in_the_size_calculated(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 5);
	PMDL mdl = wk_mdl(test, buffer, 300, 4 * PAGE_SIZE);
	ULONG size, regs, shorter;
	struct wk_call call;
	u8 *memory;

	KUNIT_ASSERT_EQ(test, ops->CalculateScatterGatherList(adapter, mdl, buffer->va + 300,
							      4 * PAGE_SIZE, &size, &regs),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, regs, 5);
	memory = wk_list_buffer(test, size);

	for (shorter = 0; shorter < size; shorter++)
		KUNIT_EXPECT_EQ_MSG(test, wk_build(adapter, mdl, 4 * PAGE_SIZE, &call, memory,
						   shorter), STATUS_BUFFER_TOO_SMALL,
				    "%u of %u bytes", shorter, size);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).direct_maps, 0);

	KUNIT_ASSERT_EQ(test, wk_build(adapter, mdl, 4 * PAGE_SIZE, &call, memory, size),
			STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	KUNIT_EXPECT_PTR_EQ(test, (u8 *)call.list, memory);
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 5);
	KUNIT_EXPECT_EQ(test, call.list->Reserved, 0);
	KUNIT_EXPECT_EQ(test, call.list->Elements[4].Reserved, 0);
	wk_put(adapter, &call, TRUE);
	wk_expect_redzone(test, memory, size);
}

/* A larger buffer changes nothing, and the part that is not needed stays as it is. */
static void wk_build_in_a_larger_buffer(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 2), 0, 2 * PAGE_SIZE);
	ULONG size = wk_list_size(test, adapter, 16);
	u8 *buffer = wk_list_buffer(test, size);
	struct wk_call call;

	KUNIT_ASSERT_EQ(test, wk_build(adapter, mdl, 2 * PAGE_SIZE, &call, buffer, size),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 2);
	wk_put(adapter, &call, TRUE);
	/* Put may have been the last thing the driver did with the buffer. */
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl, 2 * PAGE_SIZE, &call, buffer, U32_MAX),
			STATUS_SUCCESS);
	wk_put(adapter, &call, TRUE);
	wk_expect_redzone(test, buffer, size);
}

/* The worst case of p pages is enough for every range of p registers, whatever its MDLs. */
static void wk_build_any_range_of_p_registers(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *scattered = wk_alloc_scattered(test, 4);
	ULONG size = wk_list_size(test, adapter, 4);
	u8 *buffer = wk_list_buffer(test, size);
	PMDL mdls[] = {
		wk_mdl(test, scattered, 0, 4 * PAGE_SIZE),
		wk_mdl(test, scattered, PAGE_SIZE - 1, 2 * PAGE_SIZE + 2),
		wk_mdl(test, wk_alloc_contiguous(test, 4), 0, 4 * PAGE_SIZE),
		wk_mdl(test, scattered, 7, 1),
		wk_mdl(test, scattered, 2 * PAGE_SIZE - 1, 2),
	};
	PMDL chain = wk_mdl(test, scattered, 9, 1);
	struct wk_call call;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mdls); i++) {
		ULONG bytes = MmGetMdlByteCount(mdls[i]);

		KUNIT_ASSERT_EQ_MSG(test, wk_build(adapter, mdls[i], bytes, &call, buffer, size),
				    STATUS_SUCCESS, "MDL %u", i);
		KUNIT_EXPECT_EQ(test, wk_list_bytes(call.list), bytes);
		wk_put(adapter, &call, TRUE);
	}
	/* 1 + 1 + 2 registers in 4 bytes */
	chain->Next = mdls[3];
	mdls[3]->Next = mdls[4];
	KUNIT_ASSERT_EQ(test, wk_build(adapter, chain, 4, &call, buffer, size), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 4);
	wk_expect_at(test, call.list->Elements[0].Address.QuadPart, scattered, 9);
	wk_expect_at(test, call.list->Elements[3].Address.QuadPart, scattered, 2 * PAGE_SIZE);
	wk_put(adapter, &call, TRUE);
	wk_expect_redzone(test, buffer, size);
}

static void wk_bad_arguments(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	PMDL mdl = wk_mdl(test, wk_alloc_contiguous(test, 1), 0, PAGE_SIZE);
	void *va = MmGetMdlVirtualAddress(mdl);
	u8 *buffer = wk_list_buffer(test, SZ_1K);
	struct wk_call call;
	NTSTATUS status[4];
	unsigned int i;

	wk_call_init(&call, adapter, KeepObject);
	status[0] = ops->GetScatterGatherList(adapter, NULL, NULL, va, 1, wk_list_control, &call,
					      TRUE);
	status[1] = ops->GetScatterGatherList(adapter, NULL, mdl, va, 1, NULL, &call, TRUE);
	status[2] = ops->BuildScatterGatherList(adapter, NULL, NULL, va, 1, wk_list_control, &call,
						TRUE, buffer, SZ_1K);
	status[3] = ops->BuildScatterGatherList(adapter, NULL, mdl, va, 1, NULL, &call, TRUE,
						buffer, SZ_1K);
	for (i = 0; i < ARRAY_SIZE(status); i++)
		KUNIT_EXPECT_EQ_MSG(test, status[i], STATUS_INVALID_PARAMETER, "call %u", i);
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl, 1, &call, NULL, SZ_1K),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_expect_redzone(test, buffer, 0);
}

static void wk_mdl_not_built(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);
	PMDL built = wk_mdl(test, buffer, 0, 10);
	PMDL header = IoAllocateMdl(buffer->va + 10, 10, FALSE, FALSE, NULL);
	u8 *memory = wk_list_buffer(test, SZ_1K);
	struct wk_call call;

	KUNIT_ASSERT_NOT_NULL(test, header);
	wk_expect_report(test, WD_REPORT_NOT_LOCKED, 4);
	KUNIT_EXPECT_EQ(test, wk_get(adapter, header, &call, TRUE), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_build(adapter, header, 10, &call, memory, SZ_1K),
			STATUS_INVALID_PARAMETER);
	/* Each MDL of the range counts, not only the first or the last. */
	header->Next = built;
	KUNIT_EXPECT_EQ(test, wk_build(adapter, header, 11, &call, memory, SZ_1K),
			STATUS_INVALID_PARAMETER);
	header->Next = NULL;
	built->Next = header;
	KUNIT_EXPECT_EQ(test, wk_build(adapter, built, 11, &call, memory, SZ_1K),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	/* Outside of the range it does not matter. */
	KUNIT_EXPECT_EQ(test, wk_build(adapter, built, 10, &call, memory, SZ_1K), STATUS_SUCCESS);
	wk_put(adapter, &call, TRUE);
	IoFreeMdl(header);
}

/* Frames without memory behind them are refused before anything is mapped. */
static void wk_frames_that_are_no_memory(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 3), 0, 3 * PAGE_SIZE);
	u8 *memory = wk_list_buffer(test, SZ_1K);
	struct wk_call call;

	MmGetMdlPfnArray(mdl)[2] = ~(PFN_NUMBER)0;
	KUNIT_EXPECT_EQ(test, wk_get(adapter, mdl, &call, TRUE), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl, 3 * PAGE_SIZE, &call, memory, SZ_1K),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl, 2 * PAGE_SIZE, &call, memory, SZ_1K),
			STATUS_SUCCESS);
	wk_put(adapter, &call, TRUE);
}

/* Drivers build lists on the path that frees memory: Build must never ask for any. */
static void wk_build_allocates_nothing(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 4), 10, 3 * PAGE_SIZE);
	ULONG size = wk_list_size(test, adapter, 4);
	u8 *buffer = wk_list_buffer(test, size);
	unsigned int nth = 1000, left;
	struct wk_call call;
	NTSTATUS status;

	if (!IS_ENABLED(CONFIG_FAULT_INJECTION))
		kunit_skip(test, "this kernel cannot count allocations");
	current->fail_nth = nth;
	status = wk_build(adapter, mdl, 3 * PAGE_SIZE, &call, buffer, size);
	if (status == STATUS_SUCCESS)
		wk_put(adapter, &call, TRUE);
	left = current->fail_nth;
	current->fail_nth = 0;
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, left, nth);
}

/* Get needs memory for its list. Each allocation that fails is a status and leaves nothing. */
static void wk_get_without_memory(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 4), 10, 3 * PAGE_SIZE);
	NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
	unsigned int nth;
	struct wk_call call;

	if (!IS_ENABLED(CONFIG_FAILSLAB))
		kunit_skip(test, "this kernel cannot make allocations fail");
	for (nth = 1; nth < 10 && status != STATUS_SUCCESS; nth++) {
		current->fail_nth = nth;
		status = wk_get(adapter, mdl, &call, TRUE);
		current->fail_nth = 0;
		if (status == STATUS_SUCCESS)
			break;
		KUNIT_EXPECT_EQ(test, status, STATUS_INSUFFICIENT_RESOURCES);
		KUNIT_EXPECT_EQ(test, call.count, 0);
		KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).lists_live, 0);
	}
	KUNIT_EXPECT_GT_MSG(test, nth, 1, "no allocation was seen");
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	wk_put(adapter, &call, TRUE);
}

static void wk_get_that_cannot_be_mapped(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_limited_adapter(test, 1, SZ_64K, 4, NULL);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 4), 0, 4 * PAGE_SIZE);
	struct wk_call call;

	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(adapter, 2), 0);
	KUNIT_EXPECT_EQ(test, wk_get(adapter, mdl, &call, TRUE), STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, wk_get(adapter, mdl, &call, TRUE), STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).lists_live, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).waiting, 0);
	/* The whole pool is free again. */
	KUNIT_ASSERT_EQ(test, wk_get(adapter, mdl, &call, TRUE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	wk_put(adapter, &call, TRUE);
}

/* Memory of a common buffer has an address already; a list gives that one, in one element. */
static void wk_list_in_a_common_buffer(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	PHYSICAL_ADDRESS address;
	u8 *va = ops->AllocateCommonBuffer(adapter, 3 * PAGE_SIZE, &address, TRUE);
	PMDL mdl = IoAllocateMdl(va + 100, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
	struct wk_call call;

	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_EXPECT_EQ(test, wk_get(adapter, mdl, &call, TRUE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 1);
	KUNIT_EXPECT_EQ(test, call.list->Elements[0].Address.QuadPart, address.QuadPart + 100);
	KUNIT_EXPECT_EQ(test, call.list->Elements[0].Length, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).common_maps, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).direct_maps, 0);
	wk_put(adapter, &call, TRUE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, 1);
	IoFreeMdl(mdl);
	ops->FreeCommonBuffer(adapter, 3 * PAGE_SIZE, address, va, TRUE);
}

/* Descriptors in a common buffer, data around them: [1 page] [common] [3 pages] */
static void wk_chain_with_a_common_buffer(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	ULONG size = wk_list_size(test, adapter, 6), bytes = 200 + PAGE_SIZE + 3 * PAGE_SIZE;
	PMDL chain = wk_mdl(test, buffer, 0, 200);
	u8 *memory = wk_list_buffer(test, size), *data = kunit_kzalloc(test, bytes, GFP_KERNEL);
	PSCATTER_GATHER_ELEMENT elements;
	PHYSICAL_ADDRESS address;
	u8 *va = ops->AllocateCommonBuffer(adapter, 2 * PAGE_SIZE, &address, TRUE);
	PMDL mdl = IoAllocateMdl(va + 8, PAGE_SIZE, FALSE, FALSE, NULL);
	struct wk_call call;

	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	chain->Next = mdl;
	mdl->Next = wk_mdl(test, buffer, PAGE_SIZE, 3 * PAGE_SIZE);

	/* 1 + 2 + 3 registers, 1 + 1 + 3 elements */
	KUNIT_ASSERT_EQ(test, wk_build(adapter, chain, bytes, &call, memory, size),
			STATUS_SUCCESS);
	elements = call.list->Elements;
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 5);
	wk_expect_at(test, elements[0].Address.QuadPart, buffer, 0);
	KUNIT_EXPECT_EQ(test, elements[1].Address.QuadPart, address.QuadPart + 8);
	KUNIT_EXPECT_EQ(test, elements[1].Length, PAGE_SIZE);
	wk_expect_at(test, elements[4].Address.QuadPart, buffer, 3 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).common_maps, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).direct_maps, 1);
	wk_fill(data, bytes, 3);
	wk_device_write_list(test, call.list, data);
	KUNIT_EXPECT_MEMEQ(test, va + 8, data + 200, PAGE_SIZE);
	KUNIT_EXPECT_MEMEQ(test, buffer->va + PAGE_SIZE, data + 200 + PAGE_SIZE, 3 * PAGE_SIZE);
	wk_put(adapter, &call, TRUE);
	wk_expect_redzone(test, memory, size);
	chain->Next = NULL;
	IoFreeMdl(mdl);
	ops->FreeCommonBuffer(adapter, 2 * PAGE_SIZE, address, va, TRUE);
}

static struct kunit_case wk_sglist_cases[] = {
	KUNIT_CASE_PARAM(wk_get_moves_data, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_direction_is_that_of_the_request, wk_way_gen_params),
	KUNIT_CASE(wk_calculate_worst_case),
	KUNIT_CASE(wk_calculate_refuses),
	KUNIT_CASE(wk_build_in_the_size_calculated),
	KUNIT_CASE(wk_build_in_a_larger_buffer),
	KUNIT_CASE(wk_build_any_range_of_p_registers),
	KUNIT_CASE(wk_bad_arguments),
	KUNIT_CASE(wk_mdl_not_built),
	KUNIT_CASE(wk_frames_that_are_no_memory),
	KUNIT_CASE(wk_build_allocates_nothing),
	KUNIT_CASE(wk_get_without_memory),
	KUNIT_CASE(wk_get_that_cannot_be_mapped),
	KUNIT_CASE(wk_list_in_a_common_buffer),
	KUNIT_CASE(wk_chain_with_a_common_buffer),
	{}
};

static struct kunit_suite wk_sglist_suite = {
	.name = "wdmdma_sglist",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_sglist_cases,
};

kunit_test_suite(wk_sglist_suite);
