// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a driver of version 3 asks before a transfer: GetDmaAdapterInfo, GetDmaTransferInfo,
 * CalculateScatterGatherList; and the routines that are system DMA's, on a bus master.
 */
#include <linux/sizes.h>
#include <linux/slab.h>

#include "v3.h"

static const u32 wk_versions[] = { 0, 1, 2, 3, 0x7FFFFFFF, 0xFFFFFFFF };

static void wk_version_desc(const u32 *version, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "version 0x%X", *version);
}

KUNIT_ARRAY_PARAM(wk_version, wk_versions, wk_version_desc);

static void wk_adapter_info_versions(struct kunit *test)
{
	u32 version = *(const u32 *)test->param_value;
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	DMA_ADAPTER_INFO info, untouched;
	NTSTATUS status;

	memset(&info, 0x5A, sizeof(info));
	info.Version = version;
	untouched = info;
	status = v3.ops->GetDmaAdapterInfo(v3.adapter, &info);
	KUNIT_EXPECT_EQ(test, info.Version, version);
	if (version <= 1) {
		KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, info.V1.MinimumTransferUnit, 1);
	} else {
		KUNIT_EXPECT_EQ(test, status, STATUS_NOT_SUPPORTED);
		KUNIT_EXPECT_MEMEQ(test, &info, &untouched, sizeof(info));
	}
	KUNIT_EXPECT_EQ(test, v3.ops->GetDmaAdapterInfo(v3.adapter, NULL),
			STATUS_INVALID_PARAMETER);
}

/* Descriptions and limits, and what an adapter says of itself then */
static const struct wk_master {
	const char *name;
	BOOLEAN scatter_gather;
	ULONG bits;
	u64 last_address;
	ULONG reported_bits;
} wk_masters[] = {
	{ "64 bits", TRUE, 64, 0, 64 },
	{ "without scatter/gather", FALSE, 64, 0, 64 },
	{ "32 bits", TRUE, 32, 0, 32 },
	{ "36 bits", TRUE, 36, 0, 36 },
	{ "40 bits of which the host has 35", TRUE, 40, 0x7FFFFFFFFULL, 35 },
	{ "3 GiB", TRUE, 64, 0xBFFFFFFF, 32 },
};

static void wk_master_desc(const struct wk_master *master, char *desc)
{
	strscpy(desc, master->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_master, wk_masters, wk_master_desc);

static void wk_adapter_info_of_a_bus_master(struct kunit *test)
{
	const struct wk_master *master = test->param_value;
	struct wdmdma_limits limits = { .last_address = master->last_address };
	struct wk_v3 v3 = wk_v3_of(test, wk_description(3, master->scatter_gather, master->bits,
							SZ_64K), limits);
	DMA_ADAPTER_INFO info = { .Version = DMA_ADAPTER_INFO_VERSION1 };

	KUNIT_ASSERT_EQ(test, v3.ops->GetDmaAdapterInfo(v3.adapter, &info), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, info.V1.ReadDmaCounterAvailable, FALSE);
	KUNIT_EXPECT_EQ(test, info.V1.ScatterGatherLimit,
			master->scatter_gather ? 0xFFFFFFFF : 1);
	KUNIT_EXPECT_EQ(test, info.V1.DmaAddressWidth, master->reported_bits);
	/* A client that may bypass the API would use physical addresses. */
	KUNIT_EXPECT_EQ(test, info.V1.Flags & ~ADAPTER_INFO_SYNCHRONOUS_CALLBACK, 0);
	KUNIT_EXPECT_EQ(test, info.V1.MinimumTransferUnit, 1);
}

/* A chain of 100, 0 and 2 * PAGE_SIZE bytes at 6 and 3000: 1 and 3 pages */
struct wk_chain {
	struct wk_buffer *memory;
	PMDL mdls[3], head;
};

#define WK_TOTAL	(100 + 2 * PAGE_SIZE)
#define WK_PAGES	4

static struct wk_chain wk_chain(struct kunit *test)
{
	struct wk_chain chain = { .memory = wk_alloc_scattered(test, 6) };

	chain.mdls[0] = wk_mdl(test, chain.memory, 6, 100);
	chain.mdls[1] = wk_mdl(test, chain.memory, PAGE_SIZE, 0);
	chain.mdls[2] = wk_mdl(test, chain.memory, 2 * PAGE_SIZE + 3000, 2 * PAGE_SIZE);
	chain.head = wk_link(chain.mdls, 3);
	return chain;
}

static void wk_transfer_info_versions(struct kunit *test)
{
	u32 version = *(const u32 *)test->param_value;
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_chain chain = wk_chain(test);
	DMA_TRANSFER_INFO info, untouched;
	NTSTATUS status;

	memset(&info, 0x5A, sizeof(info));
	info.Version = version;
	untouched = info;
	status = v3.ops->GetDmaTransferInfo(v3.adapter, chain.head, 0, WK_TOTAL, FALSE, &info);
	KUNIT_EXPECT_EQ(test, info.Version, version);
	if (version > 2) {
		KUNIT_EXPECT_EQ(test, status, STATUS_NOT_SUPPORTED);
		KUNIT_EXPECT_MEMEQ(test, &info, &untouched, sizeof(info));
		return;
	}
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, info.V1.MapRegisterCount, WK_PAGES);
	KUNIT_EXPECT_EQ(test, info.V1.ScatterGatherElementCount, WK_PAGES);
	/* What a structure of version 1 ends before is not written to. */
	KUNIT_EXPECT_EQ(test, info.V2.LogicalPageCount, version == 2 ? WK_PAGES : 0x5A5A5A5A);
}

/* KMDF passes a structure of zeros and does not look at the status. */
static void wk_transfer_info_of_a_zeroed_structure(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_chain chain = wk_chain(test);
	DMA_TRANSFER_INFO info = {};

	v3.ops->GetDmaTransferInfo(v3.adapter, chain.head, 0, WK_TOTAL, TRUE, &info);
	KUNIT_EXPECT_EQ(test, info.V1.MapRegisterCount, WK_PAGES);
	KUNIT_EXPECT_GT(test, info.V1.ScatterGatherListSize, 16 + 24 * WK_PAGES);
}

static const struct wk_range {
	const char *name;
	u64 offset;
	ULONG bytes;
	NTSTATUS status;
	ULONG regs, pieces;
} wk_ranges[] = {
	{ "all", 0, WK_TOTAL, STATUS_SUCCESS, 4, 2 },
	{ "first MDL", 0, 100, STATUS_SUCCESS, 1, 1 },
	{ "second MDL", 100, 2 * PAGE_SIZE, STATUS_SUCCESS, 3, 1 },
	{ "across", 99, 2, STATUS_SUCCESS, 2, 2 },
	{ "two bytes across a page line", 100 + 1095, 2, STATUS_SUCCESS, 2, 1 },
	{ "last byte", WK_TOTAL - 1, 1, STATUS_SUCCESS, 1, 1 },
	{ "with the slack", 0, WK_TOTAL + 1096, STATUS_SUCCESS, 4, 2 },
	{ "too long", 0, WK_TOTAL + 1097, STATUS_BUFFER_TOO_SMALL },
	{ "much too long", 100, 0xFFFFFFFF, STATUS_BUFFER_TOO_SMALL },
	{ "at the end", WK_TOTAL, 1, STATUS_INVALID_PARAMETER },
	{ "behind the end", 0x100000000ULL, 1, STATUS_INVALID_PARAMETER },
	{ "at -1", -1ULL, 1, STATUS_INVALID_PARAMETER },
	{ "no bytes", 0, 0, STATUS_SUCCESS, 0, 0 },
	{ "no bytes inside", 50, 0, STATUS_SUCCESS, 0, 0 },
};

static void wk_range_desc(const struct wk_range *range, char *desc)
{
	strscpy(desc, range->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_range, wk_ranges, wk_range_desc);

static void wk_transfer_info_counts(struct kunit *test)
{
	const struct wk_range *range = test->param_value;
	struct wk_chain chain = wk_chain(test);
	u32 mappings = wk_mappings(test);
	enum wk_way way;
	int write;

	static_assert(PAGE_SIZE == 4096);
	for (way = WK_DIRECT; way < WK_WAYS; way++) {
		struct wk_v3 v3 = wk_v3_way(test, way);
		u32 idle = wk_mappings(test);
		ULONG size = 0;

		v3.ops->CalculateScatterGatherList(v3.adapter, NULL, NULL, range->regs * PAGE_SIZE,
						   &size, NULL);
		for (write = 0; write <= 1; write++) {
			DMA_TRANSFER_INFO info, untouched;

			memset(&info, 0x5A, sizeof(info));
			info.Version = 2;
			untouched = info;
			KUNIT_EXPECT_EQ(test, v3.ops->GetDmaTransferInfo(v3.adapter, chain.head,
									 range->offset,
									 range->bytes, write,
									 &info), range->status);
			if (range->status) {
				KUNIT_EXPECT_MEMEQ(test, &info, &untouched, sizeof(info));
				continue;
			}
			KUNIT_EXPECT_EQ(test, info.V2.MapRegisterCount, range->regs);
			KUNIT_EXPECT_EQ(test, info.V2.LogicalPageCount, range->regs);
			KUNIT_EXPECT_EQ(test, info.V2.ScatterGatherElementCount,
					way == WK_WINDOW ? range->pieces : range->regs);
			KUNIT_EXPECT_LE(test, info.V2.ScatterGatherListSize, size);
			KUNIT_EXPECT_GE(test, info.V2.ScatterGatherListSize,
					16 + 24 * info.V2.ScatterGatherElementCount);
		}
		KUNIT_EXPECT_EQ_MSG(test, wk_mappings(test), idle, "something was mapped");
		wk_put_adapter(test, v3.adapter);
	}
	/* The adapters' own pages go a little later. */
	KUNIT_EXPECT_TRUE(test, wk_wait_for(wk_mappings(test) == mappings));
}

static void wk_transfer_info_needs_both(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_chain chain = wk_chain(test);
	DMA_TRANSFER_INFO info = { .Version = 1 };

	KUNIT_EXPECT_EQ(test, v3.ops->GetDmaTransferInfo(v3.adapter, chain.head, 0, 1, FALSE, NULL),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, v3.ops->GetDmaTransferInfo(v3.adapter, NULL, 0, 1, FALSE, &info),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, v3.ops->GetDmaTransferInfo(v3.adapter, NULL, 0, 0, FALSE, &info),
			STATUS_INVALID_PARAMETER);
}

/* The elements of a buffer in one physical piece, and of one in more pages than R */
static void wk_transfer_info_counts_runs(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *one = wk_alloc_contiguous(test, 8), *many = wk_alloc_scattered(test, 20);
	PMDL whole = wk_mdl(test, one, 1, 7 * PAGE_SIZE), torn = wk_mdl(test, many, 0, many->bytes);
	DMA_TRANSFER_INFO info = { .Version = 2 };

	KUNIT_EXPECT_EQ(test, v3.ops->GetDmaTransferInfo(v3.adapter, whole, 0, 7 * PAGE_SIZE, TRUE,
							 &info), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, info.V2.MapRegisterCount, 8);
	KUNIT_EXPECT_EQ(test, info.V2.ScatterGatherElementCount, 1);
	KUNIT_EXPECT_EQ(test, v3.ops->GetDmaTransferInfo(v3.adapter, torn, 0, many->bytes, TRUE,
							 &info), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, info.V2.MapRegisterCount, 20);
	KUNIT_EXPECT_EQ(test, info.V2.ScatterGatherElementCount, 20);
}

/* The frames of an MDL that is not built mean nothing: it may be as many elements as pages. */
static void wk_transfer_info_of_an_unbuilt_mdl(struct kunit *test)
{
	struct wk_buffer *memory = wk_alloc_contiguous(test, 4);
	PMDL unbuilt = IoAllocateMdl(memory->va, 4 * PAGE_SIZE, FALSE, FALSE, NULL);
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	DMA_TRANSFER_INFO info = { .Version = 1 };

	KUNIT_ASSERT_NOT_NULL(test, unbuilt);
	memset(MmGetMdlPfnArray(unbuilt), 0xFF, 4 * sizeof(PFN_NUMBER));
	KUNIT_EXPECT_EQ(test, v3.ops->GetDmaTransferInfo(v3.adapter, unbuilt, 0, 4 * PAGE_SIZE,
							 TRUE, &info), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, info.V1.MapRegisterCount, 4);
	KUNIT_EXPECT_EQ(test, info.V1.ScatterGatherElementCount, 4);
	IoFreeMdl(unbuilt);
}

/* A buffer of the size reported for a range serves that range and any part of it. */
static void wk_reported_size_is_enough(struct kunit *test)
{
	static const struct { u32 offset, bytes; } parts[] = {
		{ 0, WK_TOTAL }, { 0, 1 }, { 99, 2 }, { 100, 2 * PAGE_SIZE }, { 50, 4000 },
		{ 100 + PAGE_SIZE, PAGE_SIZE }, { 1, WK_TOTAL - 1 }, { 0, WK_TOTAL - 1 },
		{ WK_TOTAL - 1, 1 },
	};
	struct wk_v3 v3 = wk_v3_way(test, wk_way(test));
	struct wk_chain chain = wk_chain(test);
	DMA_TRANSFER_INFO info = { .Version = 1 };
	struct wk_context context;
	PSCATTER_GATHER_LIST list;
	int i, whole;

	wk_context_init(&v3, &context);
	for (i = 0; i < 2 * ARRAY_SIZE(parts); i++) {
		struct wk_ask ask = {
			.context = &context, .mdl = chain.head, .build = true,
			.flags = DMA_SYNCHRONOUS_CALLBACK, .list = &list,
			.offset = parts[i / 2].offset, .bytes = parts[i / 2].bytes,
		};

		/* The size for all of the chain, then that for the part itself */
		whole = i & 1;
		KUNIT_ASSERT_EQ(test, v3.ops->GetDmaTransferInfo(v3.adapter, chain.head,
								 whole ? 0 : ask.offset,
								 whole ? WK_TOTAL : ask.bytes, TRUE,
								 &info), STATUS_SUCCESS);
		ask.buffer_bytes = info.V1.ScatterGatherListSize;
		/* Its own block, so that KASAN sees what is written behind it */
		ask.buffer = kmalloc(ask.buffer_bytes, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, ask.buffer);
		KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
		KUNIT_EXPECT_LE(test, list->NumberOfElements, info.V1.ScatterGatherElementCount);
		wk_put_ex(&v3, list);
		kfree(ask.buffer);
	}
}

/* KMDF asks for R pages and asserts that the answer is R. */
static const ULONG wk_lengths[] = {
	1, SZ_4K, SZ_64K, SZ_1M, 0x7FFFFFFF, 0xFFFFFFFF,
};

static void wk_length_desc(const ULONG *length, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "MaximumLength 0x%X", *length);
}

KUNIT_ARRAY_PARAM(wk_length, wk_lengths, wk_length_desc);

static void wk_calculate_gives_r_for_r_pages(struct kunit *test)
{
	ULONG length = *(const ULONG *)test->param_value, size = WK_UNTOUCHED, regs = WK_UNTOUCHED;
	struct wk_v3 v3 = wk_v3_of(test, wk_description(3, TRUE, 64, length),
				   (struct wdmdma_limits){});

	KUNIT_EXPECT_EQ(test, v3.ops->CalculateScatterGatherList(v3.adapter, NULL, NULL,
								 v3.regs * PAGE_SIZE, &size,
								 &regs), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, regs, v3.regs);
	KUNIT_EXPECT_EQ(test, size % 8, 0);
	size = WK_UNTOUCHED;
	regs = WK_UNTOUCHED;
	KUNIT_EXPECT_EQ(test, v3.ops->CalculateScatterGatherList(v3.adapter, NULL, NULL,
								 v3.regs * PAGE_SIZE + 1, &size,
								 &regs),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, size, WK_UNTOUCHED);
	KUNIT_EXPECT_EQ(test, regs, WK_UNTOUCHED);
}

static void wk_system_dma_on_a_bus_master(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, WK_CHANNEL);
	struct wk_v3 *v3 = &rig.v3;
	struct wk_context context, zero = {};
	struct wk_call call;
	ULONG function;

	for (function = 0; function < 4; function++)
		KUNIT_EXPECT_EQ(test, v3->ops->ConfigureAdapterChannel(v3->adapter, function, NULL),
				STATUS_NOT_IMPLEMENTED);
	KUNIT_EXPECT_EQ(test, v3->ops->ConfigureAdapterChannel(v3->adapter, ~0U, WK_POISON),
			STATUS_NOT_IMPLEMENTED);
	KUNIT_EXPECT_EQ(test, v3->ops->ReadDmaCounter(v3->adapter), 0);

	/* A bus master stops its transfers itself; a request that waits is not cancelled by it. */
	wk_context_init(v3, &context);
	KUNIT_EXPECT_EQ(test, v3->ops->CancelMappedTransfer(v3->adapter, &context),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, v3->ops->CancelMappedTransfer(v3->adapter, &zero),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, v3->ops->CancelMappedTransfer(v3->adapter, NULL),
			STATUS_INVALID_PARAMETER);
	wk_own_channel(v3, 1);
	wk_wait(&rig, &context, &call);
	KUNIT_EXPECT_EQ(test, v3->ops->CancelMappedTransfer(v3->adapter, &context),
			STATUS_INVALID_PARAMETER);
	wk_release(&rig);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	wk_expect_free(v3);
}

static struct kunit_case wk_info_cases[] = {
	KUNIT_CASE_PARAM(wk_adapter_info_versions, wk_version_gen_params),
	KUNIT_CASE_PARAM(wk_adapter_info_of_a_bus_master, wk_master_gen_params),
	KUNIT_CASE_PARAM(wk_transfer_info_versions, wk_version_gen_params),
	KUNIT_CASE(wk_transfer_info_of_a_zeroed_structure),
	KUNIT_CASE_PARAM(wk_transfer_info_counts, wk_range_gen_params),
	KUNIT_CASE(wk_transfer_info_needs_both),
	KUNIT_CASE(wk_transfer_info_counts_runs),
	KUNIT_CASE(wk_transfer_info_of_an_unbuilt_mdl),
	KUNIT_CASE_PARAM(wk_reported_size_is_enough, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_calculate_gives_r_for_r_pages, wk_length_gen_params),
	KUNIT_CASE(wk_system_dma_on_a_bus_master),
	{}
};

static struct kunit_suite wk_info_suite = {
	.name = "wdmdma_info",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_info_cases,
};

kunit_test_suite(wk_info_suite);
