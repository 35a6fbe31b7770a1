// SPDX-License-Identifier: GPL-2.0-only
/*
 * GetScatterGatherListEx and BuildScatterGatherListEx: which bytes a list stands for, for each way
 * of mapping, and what DMA_FAIL_ON_BOUNCE and DMA_ZERO_BUFFERS do.
 */
#include <linux/sizes.h>
#include <linux/slab.h>

#include "v3.h"

#define WK_SYNC		DMA_SYNCHRONOUS_CALLBACK
#define WK_PIECES	5

/* Pieces of a buffer: sizes and offsets as network packets have them, with empty MDLs anywhere */
static const struct { u32 offset, bytes; } wk_pieces[WK_PIECES] = {
	{ 10, 0 }, { 100, 54 }, { PAGE_SIZE + 1000, 2 * PAGE_SIZE }, { 5 * PAGE_SIZE, 0 },
	{ 6 * PAGE_SIZE - 3, PAGE_SIZE + 6 },
};

#define WK_CHAIN_BYTES	(54 + 2 * PAGE_SIZE + PAGE_SIZE + 6)

static PMDL wk_chain(struct kunit *test, struct wk_buffer *memory)
{
	PMDL mdls[WK_PIECES];
	int i;

	for (i = 0; i < WK_PIECES; i++)
		mdls[i] = wk_mdl(test, memory, wk_pieces[i].offset, wk_pieces[i].bytes);
	return wk_link(mdls, WK_PIECES);
}

/* Ranges of the chain: all of it, inside one MDL, across, from and to the ends of MDLs */
static const struct { u32 offset, bytes; } wk_parts[] = {
	{ 0, WK_CHAIN_BYTES }, { 0, 54 }, { 54, 2 * PAGE_SIZE }, { 53, 2 }, { 20, 4000 },
	{ 54 + 2 * PAGE_SIZE, PAGE_SIZE + 6 }, { WK_CHAIN_BYTES - 1, 1 },
	{ 54 + PAGE_SIZE, 2 * PAGE_SIZE },
};

/* An element lies in one MDL: going along both must end where the MDLs do. */
static void wk_expect_pieces(struct kunit *test, PMDL mdl, u64 offset,
			     const SCATTER_GATHER_LIST *list)
{
	u64 left = 0;
	ULONG i;

	while (offset >= MmGetMdlByteCount(mdl)) {
		offset -= MmGetMdlByteCount(mdl);
		mdl = mdl->Next;
	}
	left = MmGetMdlByteCount(mdl) - offset;
	for (i = 0; i < list->NumberOfElements; i++) {
		while (!left) {
			mdl = mdl->Next;
			left = MmGetMdlByteCount(mdl);
		}
		KUNIT_ASSERT_LE(test, list->Elements[i].Length, left);
		KUNIT_ASSERT_GT(test, list->Elements[i].Length, 0);
		KUNIT_EXPECT_EQ(test, list->Elements[i].Reserved, 0);
		left -= list->Elements[i].Length;
	}
}

static void wk_move(struct kunit *test, struct wk_v3 *v3, const struct wk_ask *ask, u8 *device)
{
	u8 *expected = kunit_kzalloc(test, WK_CHAIN_BYTES, GFP_KERNEL);
	PSCATTER_GATHER_LIST list = *ask->list;

	KUNIT_ASSERT_EQ(test, wk_list_bytes(list), ask->bytes);
	wk_expect_pieces(test, ask->mdl, ask->offset, list);
	if (ask->read) {
		wk_fill(device, ask->bytes, 41);
		wk_device_write_list(test, list, device);
	} else {
		wk_device_read_list(test, list, device);
	}
	v3->ops->PutScatterGatherList(v3->adapter, list, !ask->read);
	wk_chain_read(ask->mdl, ask->offset, expected, ask->bytes);
	KUNIT_EXPECT_MEMEQ(test, device, expected, ask->bytes);
	kunit_kfree(test, expected);
}

static void wk_bytes_of_a_chain(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, wk_way(test));
	struct wk_buffer *memory = wk_alloc_scattered(test, 8);
	u8 *before = kunit_kzalloc(test, WK_CHAIN_BYTES, GFP_KERNEL);
	u8 *after = kunit_kzalloc(test, WK_CHAIN_BYTES, GFP_KERNEL);
	u8 *device = kunit_kzalloc(test, WK_CHAIN_BYTES, GFP_KERNEL);
	PMDL chain = wk_chain(test, memory);
	PSCATTER_GATHER_LIST list;
	struct wk_context context;
	int i;

	wk_context_init(&v3, &context);
	for (i = 0; i < 4 * ARRAY_SIZE(wk_parts); i++) {
		struct wk_ask ask = {
			.context = &context,
			.mdl = chain,
			.offset = wk_parts[i / 4].offset,
			.bytes = wk_parts[i / 4].bytes,
			.flags = WK_SYNC,
			.list = &list,
			.read = i & 1,
			.build = i & 2,
			.buffer_bytes = SZ_2K,
		};
		u64 end = ask.offset + ask.bytes;

		if (ask.build)
			ask.buffer = kunit_kzalloc(test, SZ_2K, GFP_KERNEL);
		wk_fill(memory->va, memory->bytes, 40 + i);
		wk_chain_read(chain, 0, before, WK_CHAIN_BYTES);
		KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
		wk_move(test, &v3, &ask, device);
		/* Nothing but the range has changed. */
		wk_chain_read(chain, 0, after, WK_CHAIN_BYTES);
		KUNIT_EXPECT_MEMEQ(test, after, before, ask.offset);
		if (end < WK_CHAIN_BYTES)
			KUNIT_EXPECT_MEMEQ(test, after + end, before + end, WK_CHAIN_BYTES - end);
	}
}

/* Even where their memory is adjacent */
static void wk_elements_do_not_join_mdls(struct kunit *test)
{
	enum wk_way way = wk_way(test);
	struct wk_v3 v3 = wk_v3_way(test, way);
	struct wk_buffer *memory = wk_alloc_contiguous(test, 4);
	PMDL mdls[] = {
		wk_mdl(test, memory, 0, 100), wk_mdl(test, memory, 100, PAGE_SIZE),
		wk_mdl(test, memory, PAGE_SIZE + 100, 0),
		wk_mdl(test, memory, PAGE_SIZE + 100, 2 * PAGE_SIZE),
	};
	struct wk_context context;
	PSCATTER_GATHER_LIST list;
	struct wk_ask ask = {
		.context = &context,
		.mdl = wk_link(mdls, 4),
		.bytes = 3 * PAGE_SIZE + 100,
		.flags = WK_SYNC,
		.list = &list,
	};

	wk_context_init(&v3, &context);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	wk_expect_pieces(test, ask.mdl, 0, list);
	if (way == WK_POOL)
		KUNIT_EXPECT_GE(test, list->NumberOfElements, 3);
	else
		KUNIT_EXPECT_EQ(test, list->NumberOfElements, 3);
	if (way == WK_DIRECT)
		wk_expect_at(test, list->Elements[2].Address.QuadPart, memory, PAGE_SIZE + 100);
	wk_put_ex(&v3, list);
}

/* Without scatter/gather each MDL is one element, however its pages lie. */
static void wk_window_gives_each_mdl_one_element(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_WINDOW);
	struct wk_buffer *memory = wk_alloc_scattered(test, 8);
	struct wk_context context;
	PSCATTER_GATHER_LIST list;
	struct wk_ask ask = {
		.context = &context,
		.mdl = wk_chain(test, memory),
		.bytes = WK_CHAIN_BYTES,
		.flags = WK_SYNC,
		.list = &list,
	};

	wk_context_init(&v3, &context);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, list->NumberOfElements, 3);
	KUNIT_EXPECT_EQ(test, list->Elements[0].Length, 54);
	KUNIT_EXPECT_EQ(test, list->Elements[1].Length, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, list->Elements[2].Length, PAGE_SIZE + 6);
	wk_put_ex(&v3, list);
}

/* Where wdmdma would have to copy it fails instead, at once, and not after a wait. */
static void wk_fail_on_bounce(struct kunit *test)
{
	enum wk_way way = wk_way(test);
	struct wk_v3 v3 = wk_v3_way(test, way);
	struct wk_buffer *memory = wk_alloc_scattered(test, 2);
	PMDL mdl = wk_mdl(test, memory, 0, 2 * PAGE_SIZE);
	NTSTATUS expected = way == WK_DIRECT ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
	struct wk_context context;
	int i;

	wk_context_init(&v3, &context);
	for (i = 0; i < 8; i++) {
		PSCATTER_GATHER_LIST list = WK_POISON;
		bool waits = i & 4;
		struct wk_call call;
		struct wk_ask ask = {
			.context = &context, .mdl = mdl, .bytes = 2 * PAGE_SIZE,
			.flags = DMA_FAIL_ON_BOUNCE | (i & 1 && !waits ? WK_SYNC : 0),
			.build = i & 2, .buffer_bytes = SZ_2K,
			.call = &call, .list = &list,
		};

		if (ask.build)
			ask.buffer = kunit_kzalloc(test, SZ_2K, GFP_KERNEL);
		wk_call_init(&call, v3.adapter, KeepObject);
		if (waits)
			wk_own_channel(&v3, 1);
		KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), expected);
		KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).waiting, waits && !expected);
		if (waits)
			v3.ops->FreeAdapterChannel(v3.adapter);
		KUNIT_EXPECT_EQ(test, call.count, !expected);
		if (!expected)
			wk_put_ex(&v3, call.list);
		else
			KUNIT_EXPECT_NULL(test, list);
		/* The flag is the request's alone. */
		ask.flags = WK_SYNC;
		KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
		wk_put_ex(&v3, list);
	}
	wk_expect_free(&v3);
}

/* A device without scatter/gather needs no copy of what is one reachable run. */
static void wk_fail_on_bounce_lets_one_run_pass(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_of(test, wk_description(3, FALSE, 64, SZ_64K),
				   (struct wdmdma_limits){});
	struct wk_buffer *one = wk_alloc_contiguous(test, 3), *many = wk_alloc_scattered(test, 3);
	PMDL whole = wk_mdl(test, one, 10, 2 * PAGE_SIZE), torn;
	struct wk_context context;
	PSCATTER_GATHER_LIST list;
	struct wk_ask ask = {
		.context = &context, .mdl = whole, .bytes = 2 * PAGE_SIZE,
		.flags = WK_SYNC | DMA_FAIL_ON_BOUNCE, .list = &list,
	};

	torn = wk_mdl(test, many, 10, 2 * PAGE_SIZE);
	wk_context_init(&v3, &context);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	wk_expect_at(test, list->Elements[0].Address.QuadPart, one, 10);
	wk_put_ex(&v3, list);
	ask.mdl = torn;
	if (wk_joins(test)) {
		KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, list->NumberOfElements, 1);
		wk_put_ex(&v3, list);
	} else {
		KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), STATUS_INSUFFICIENT_RESOURCES);
	}
	ask.bytes = 100;
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	wk_put_ex(&v3, list);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).bounced_maps, 0);
}

/* DMA_ZERO_BUFFERS or not: what the device does not write stays as it was. */
static void wk_unwritten_bytes_stay(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, wk_way(test));
	struct wk_buffer *memory = wk_alloc_scattered(test, 2);
	PMDL mdl = wk_mdl(test, memory, 0, 2 * PAGE_SIZE);
	struct wk_context context;
	PSCATTER_GATHER_LIST list;
	struct wk_ask ask = {
		.context = &context, .mdl = mdl, .bytes = 2 * PAGE_SIZE, .read = true,
		.list = &list,
	};
	u8 data[16];
	int zero;

	wk_context_init(&v3, &context);
	for (zero = 0; zero <= 1; zero++) {
		ask.flags = WK_SYNC | (zero ? DMA_ZERO_BUFFERS : 0);
		wk_fill(memory->va, memory->bytes, 50);
		memset(data, 0xDD, sizeof(data));
		KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
		wk_device_write(test, list->Elements[0].Address.QuadPart, data, sizeof(data));
		v3.ops->PutScatterGatherList(v3.adapter, list, FALSE);
		KUNIT_EXPECT_MEMEQ(test, memory->va, data, sizeof(data));
		wk_fill(memory->va, sizeof(data), 50);
		wk_expect_pattern(test, memory->va, memory->bytes, 50);
	}
}

/* The routine ends all there is: list, buffer, MDL, context and the memory of the pointer. */
struct wk_everything {
	struct wk_v3 v3;
	struct wk_context context;
	PSCATTER_GATHER_LIST list;
	PMDL mdl;
	PVOID buffer;
};

static VOID wk_list_control_freeing(PDEVICE_OBJECT object, PIRP irp, PSCATTER_GATHER_LIST list,
				    PVOID context)
{
	struct wk_everything *everything = context;

	wk_put_ex(&everything->v3, everything->list);
	IoFreeMdl(everything->mdl);
	kfree(everything->buffer);
	kfree(everything);
}

static void wk_everything_ends_in_the_routine(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, wk_way(test));
	struct wk_buffer *memory = wk_alloc_scattered(test, 2);
	int i;

	for (i = 0; i < 4; i++) {
		struct wk_everything *all = kzalloc(sizeof(*all), GFP_KERNEL);
		ULONG flags = i & 1 ? WK_SYNC : 0;
		NTSTATUS status;

		KUNIT_ASSERT_NOT_NULL(test, all);
		all->v3 = v3;
		all->mdl = IoAllocateMdl(memory->va + 8, PAGE_SIZE, FALSE, FALSE, NULL);
		KUNIT_ASSERT_NOT_NULL(test, all->mdl);
		MmBuildMdlForNonPagedPool(all->mdl);
		wk_context_init(&v3, &all->context);
		if (i & 2)
			all->buffer = kzalloc(SZ_2K, GFP_KERNEL);
		if (all->buffer)
			status = v3.ops->BuildScatterGatherListEx(v3.adapter, v3.object,
					&all->context, all->mdl, 0, PAGE_SIZE, flags,
					wk_list_control_freeing, all, TRUE, all->buffer, SZ_2K,
					NULL, NULL, &all->list);
		else
			status = v3.ops->GetScatterGatherListEx(v3.adapter, v3.object,
					&all->context, all->mdl, 0, PAGE_SIZE, flags,
					wk_list_control_freeing, all, TRUE, NULL, NULL,
					&all->list);
		KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	}
	wk_expect_free(&v3);
}

/* For system DMA only: nobody calls it. */
static void wk_completion_routine_is_ignored(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, wk_way(test));
	struct wk_buffer *memory = wk_alloc_scattered(test, 1);
	PMDL mdl = wk_mdl(test, memory, 0, PAGE_SIZE);
	PDMA_COMPLETION_ROUTINE nowhere = (PDMA_COMPLETION_ROUTINE)8;
	void *buffer = kunit_kzalloc(test, SZ_2K, GFP_KERNEL);
	struct wk_context context;
	PSCATTER_GATHER_LIST list;

	wk_context_init(&v3, &context);
	KUNIT_ASSERT_EQ(test, v3.ops->GetScatterGatherListEx(v3.adapter, NULL, &context, mdl, 0,
							     PAGE_SIZE, WK_SYNC, NULL, NULL, FALSE,
							     nowhere, NULL, &list),
			STATUS_SUCCESS);
	v3.ops->PutScatterGatherList(v3.adapter, list, FALSE);
	KUNIT_ASSERT_EQ(test, v3.ops->BuildScatterGatherListEx(v3.adapter, NULL, &context, mdl, 0,
							       PAGE_SIZE, WK_SYNC, NULL, NULL,
							       FALSE, buffer, SZ_2K, nowhere, NULL,
							       &list), STATUS_SUCCESS);
	v3.ops->PutScatterGatherList(v3.adapter, list, FALSE);
}

static struct kunit_case wk_sglist_data_cases[] = {
	KUNIT_CASE_PARAM(wk_bytes_of_a_chain, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_elements_do_not_join_mdls, wk_way_gen_params),
	KUNIT_CASE(wk_window_gives_each_mdl_one_element),
	KUNIT_CASE_PARAM(wk_fail_on_bounce, wk_way_gen_params),
	KUNIT_CASE(wk_fail_on_bounce_lets_one_run_pass),
	KUNIT_CASE_PARAM(wk_unwritten_bytes_stay, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_everything_ends_in_the_routine, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_completion_routine_is_ignored, wk_way_gen_params),
	{}
};

static struct kunit_suite wk_sglist_data_suite = {
	.name = "wdmdma_sglist_data",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_sglist_data_cases,
};

kunit_test_suite(wk_sglist_data_suite);
