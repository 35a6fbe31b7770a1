// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk over an MDL chain, seen through GetScatterGatherList: where a range starts and may end
 * (rules G1-G6), how many registers it counts, and which pages make one element.
 *
 * The expected elements come from a model of their own, wk_model(), which knows the buffers and
 * not the MDLs.
 */
#include <linux/dma-mapping.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "fake_driver.h"
#include "fixture.h"

#define WK_PARTS	3
#define WK_ELEMENTS	32

/* What one MDL describes */
struct wk_part {
	struct wk_buffer *buffer;
	size_t offset;
	size_t bytes;
};

static NTSTATUS wk_get(PDMA_ADAPTER adapter, PMDL mdl, ssize_t offset, ULONG bytes,
		       struct wk_call *call, BOOLEAN write)
{
	wk_call_init(call, adapter, KeepObject);
	return adapter->DmaOperations->GetScatterGatherList(adapter, NULL, mdl,
			MmGetMdlVirtualAddress(mdl) + offset, bytes, wk_list_control, call, write);
}

static NTSTATUS wk_calculate(PDMA_ADAPTER adapter, PMDL mdl, ssize_t offset, ULONG bytes,
			     ULONG *size, ULONG *regs)
{
	return adapter->DmaOperations->CalculateScatterGatherList(adapter, mdl,
			MmGetMdlVirtualAddress(mdl) + offset, bytes, size, regs);
}

/* Get, Build and Calculate must agree on whether there is such a range. */
static void wk_expect_refused(struct kunit *test, PDMA_ADAPTER adapter, PMDL mdl, ssize_t offset,
			      ULONG bytes, NTSTATUS expected)
{
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	void *va = MmGetMdlVirtualAddress(mdl) + offset;
	u8 *buffer = kunit_kzalloc(test, SZ_4K, GFP_KERNEL);
	ULONG size = 0x5A5A5A5A, regs = 0xA5A5A5A5;
	struct wk_call call;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	KUNIT_EXPECT_EQ(test, wk_get(adapter, mdl, offset, bytes, &call, TRUE), expected);
	KUNIT_EXPECT_EQ(test, ops->BuildScatterGatherList(adapter, NULL, mdl, va, bytes,
							  wk_list_control, &call, TRUE, buffer,
							  SZ_4K), expected);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	if (!bytes)
		return;
	KUNIT_EXPECT_EQ(test, wk_calculate(adapter, mdl, offset, bytes, &size, &regs), expected);
	KUNIT_EXPECT_EQ(test, size, 0x5A5A5A5A);
	KUNIT_EXPECT_EQ(test, regs, 0xA5A5A5A5);
}

/* The elements that @bytes from byte @start of @parts make: page by page, joined in a part only. */
static ULONG wk_model(const struct wk_part *parts, size_t start, size_t bytes,
		      SCATTER_GATHER_ELEMENT *elements)
{
	ULONG count = 0;

	for (; bytes; parts++) {
		bool first = true;
		size_t at = start;

		start = start > parts->bytes ? start - parts->bytes : 0;
		while (at < parts->bytes && bytes) {
			u64 address = wk_phys(parts->buffer, parts->offset + at);
			size_t chunk = min3((size_t)(PAGE_SIZE - (address & ~PAGE_MASK)),
					    parts->bytes - at, bytes);
			SCATTER_GATHER_ELEMENT *last = elements + count - 1;

			if (!first && last->Address.QuadPart + last->Length == address)
				last->Length += chunk;
			else
				elements[count++] = (SCATTER_GATHER_ELEMENT){
					.Address.QuadPart = address,
					.Length = chunk,
				};
			first = false;
			at += chunk;
			bytes -= chunk;
		}
	}
	return count;
}

static void wk_expect_model(struct kunit *test, const SCATTER_GATHER_LIST *list,
			    const struct wk_part *parts, size_t start, size_t bytes)
{
	SCATTER_GATHER_ELEMENT model[WK_ELEMENTS];
	ULONG i, count = wk_model(parts, start, bytes, model);

	KUNIT_ASSERT_LE(test, count, WK_ELEMENTS);
	KUNIT_ASSERT_EQ(test, list->NumberOfElements, count);
	for (i = 0; i < count; i++) {
		KUNIT_EXPECT_EQ_MSG(test, list->Elements[i].Address.QuadPart,
				    model[i].Address.QuadPart, "element %u", i);
		KUNIT_EXPECT_EQ_MSG(test, list->Elements[i].Length, model[i].Length,
				    "element %u", i);
		KUNIT_EXPECT_EQ(test, list->Elements[i].Reserved, 0);
	}
	KUNIT_EXPECT_EQ(test, list->Reserved, 0);
}

/* Copies between @flat and the parts, as the device should have done. */
static void wk_copy_parts(const struct wk_part *parts, size_t start, size_t bytes, u8 *flat,
			  bool to_parts)
{
	while (bytes) {
		size_t chunk = start < parts->bytes ? min(parts->bytes - start, bytes) : 0;
		u8 *va = parts->buffer->va + parts->offset + start;

		if (to_parts)
			memcpy(va, flat, chunk);
		else
			memcpy(flat, va, chunk);
		start = chunk ? 0 : start - parts->bytes;
		flat += chunk;
		bytes -= chunk;
		parts++;
	}
}

static PMDL wk_zero_mdl(struct kunit *test, struct wk_buffer *buffer)
{
	PMDL mdl = wk_mdl(test, buffer, 1, 1);

	mdl->ByteCount = 0;
	return mdl;
}

/* Zero-length MDLs lie before, between and behind those of the parts. */
static PMDL wk_odd_chain(struct kunit *test, struct wk_part *parts)
{
	PMDL first, *link = &first;
	unsigned int i;

	parts[0] = (struct wk_part){ wk_alloc_scattered(test, 3), 100, 5000 };
	parts[1] = (struct wk_part){ wk_alloc_contiguous(test, 2), 4095, 2 };
	parts[2] = (struct wk_part){ wk_alloc_scattered(test, 3), 1, 8192 };
	for (i = 0; i < WK_PARTS; i++) {
		*link = wk_zero_mdl(test, parts[i].buffer);
		link = &(*link)->Next;
		*link = wk_mdl(test, parts[i].buffer, parts[i].offset, parts[i].bytes);
		link = &(*link)->Next;
	}
	*link = wk_zero_mdl(test, parts[0].buffer);
	return first;
}

static const struct wk_range_case {
	const char *name;
	size_t start, bytes;
	ULONG regs;
} wk_ranges[] = {
	{ "the whole chain",			0,	13194,	2 + 2 + 3 },
	{ "from the middle of the first MDL",	99,	6000,	2 + 2 + 1 },
	{ "from the last byte of an MDL",	4999,	2,	2 },
	{ "from the end of an MDL",		5000,	2,	2 },
	{ "across a one-byte page",		5001,	2,	1 + 1 },
	{ "from the end of the second MDL",	5002,	8192,	3 },
	{ "from inside the last MDL",		6002,	3096,	2 },
	{ "to the end of an MDL",		0,	5000,	2 },
	{ "to the end of a page",		0,	3996,	1 },
	{ "to one byte of a page",		0,	3997,	2 },
};

static void wk_range_name(const struct wk_range_case *range, char *name)
{
	strscpy(name, range->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_range, wk_ranges, wk_range_name);

static void wk_chain_ranges(struct kunit *test)
{
	const struct wk_range_case *range = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	u8 *seen = kunit_kzalloc(test, range->bytes, GFP_KERNEL);
	u8 *want = kunit_kzalloc(test, range->bytes, GFP_KERNEL);
	struct wk_part parts[WK_PARTS];
	PMDL chain = wk_odd_chain(test, parts);
	ULONG regs = 0, size;
	struct wk_call call;

	KUNIT_EXPECT_EQ(test, wk_calculate(adapter, chain, range->start, range->bytes, &size,
					   &regs), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, regs, range->regs);

	KUNIT_ASSERT_EQ(test, wk_get(adapter, chain, range->start, range->bytes, &call, TRUE),
			STATUS_SUCCESS);
	wk_expect_model(test, call.list, parts, range->start, range->bytes);
	wk_copy_parts(parts, range->start, range->bytes, want, false);
	wk_device_read_list(test, call.list, seen);
	KUNIT_EXPECT_MEMEQ(test, seen, want, range->bytes);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);

	KUNIT_ASSERT_EQ(test, wk_get(adapter, chain, range->start, range->bytes, &call, FALSE),
			STATUS_SUCCESS);
	wk_fill(want, range->bytes, 77);
	wk_device_write_list(test, call.list, want);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, FALSE);
	wk_copy_parts(parts, range->start, range->bytes, seen, false);
	wk_expect_pattern(test, seen, range->bytes, 77);
}

/* CurrentVa counts from the MDL passed, which need not be the chain's head. */
static void wk_start_counts_from_the_mdl_passed(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	struct wk_part parts[WK_PARTS];
	PMDL second, chain = wk_odd_chain(test, parts);
	struct wk_call call;

	second = chain->Next->Next->Next;
	KUNIT_ASSERT_EQ(test, MmGetMdlByteCount(second), 2);
	KUNIT_ASSERT_EQ(test, wk_get(adapter, second, 1, 100, &call, TRUE), STATUS_SUCCESS);
	wk_expect_model(test, call.list, parts + 1, 1, 100);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
}

/* The tolerated excess is part of the transfer: drivers round lengths up and the device uses it. */
static void wk_excess_in_last_page(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PMDL mdl = wk_mdl(test, buffer, 100, 5000);
	size_t slack = 2 * PAGE_SIZE - 5100;
	/* The part is as long as the excess may make it. */
	const struct wk_part part = { buffer, 100, 5000 + slack };
	u8 *data = kunit_kzalloc(test, part.bytes, GFP_KERNEL);
	ULONG regs, size;
	struct wk_call call;

	KUNIT_EXPECT_EQ(test, wk_calculate(adapter, mdl, 0, part.bytes, &size, &regs),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, regs, 2);
	wk_expect_refused(test, adapter, mdl, 0, part.bytes + 1, STATUS_BUFFER_TOO_SMALL);

	KUNIT_ASSERT_EQ(test, wk_get(adapter, mdl, 0, part.bytes, &call, FALSE), STATUS_SUCCESS);
	wk_expect_model(test, call.list, &part, 0, part.bytes);
	wk_fill(data, part.bytes, 5);
	wk_device_write_list(test, call.list, data);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, FALSE);
	wk_expect_pattern(test, buffer->va + 100, part.bytes, 5);

	/* The edge stays where it is when the range starts later. */
	KUNIT_ASSERT_EQ(test, wk_get(adapter, mdl, 4999, 1 + slack, &call, TRUE), STATUS_SUCCESS);
	wk_expect_model(test, call.list, &part, 4999, 1 + slack);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
	wk_expect_refused(test, adapter, mdl, 4999, 2 + slack, STATUS_BUFFER_TOO_SMALL);
}

static void wk_no_excess_behind_a_full_page(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 3);

	wk_expect_refused(test, adapter, wk_mdl(test, buffer, 0, PAGE_SIZE), 0, PAGE_SIZE + 1,
			  STATUS_BUFFER_TOO_SMALL);
	wk_expect_refused(test, adapter, wk_mdl(test, buffer, 4, 2 * PAGE_SIZE - 4), 1,
			  2 * PAGE_SIZE - 4, STATUS_BUFFER_TOO_SMALL);
}

/* Only the last MDL with bytes has excess to give; an MDL in the middle goes on in the next. */
static void wk_excess_of_a_chain(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_part parts[WK_PARTS];
	PMDL chain = wk_odd_chain(test, parts);
	size_t total = 5000 + 2 + 8192, slack = 3 * PAGE_SIZE - 8193;
	struct wk_call call;

	parts[2].bytes += slack;
	KUNIT_ASSERT_EQ(test, wk_get(adapter, chain, 0, total + slack, &call, TRUE),
			STATUS_SUCCESS);
	wk_expect_model(test, call.list, parts, 0, total + slack);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
	wk_expect_refused(test, adapter, chain, 0, total + slack + 1, STATUS_BUFFER_TOO_SMALL);
}

static void wk_start_outside(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 2);
	PMDL mdl = wk_mdl(test, buffer, 100, 1000);

	wk_expect_refused(test, adapter, mdl, -1, 10, STATUS_INVALID_PARAMETER);
	wk_expect_refused(test, adapter, mdl, 1000, 1, STATUS_BUFFER_TOO_SMALL);
	wk_expect_refused(test, adapter, mdl, 1001, 1, STATUS_BUFFER_TOO_SMALL);
	wk_expect_refused(test, adapter, mdl, 0, U32_MAX, STATUS_BUFFER_TOO_SMALL);
	wk_expect_refused(test, adapter, mdl, 999, U32_MAX, STATUS_BUFFER_TOO_SMALL);
	wk_expect_refused(test, adapter, mdl, 0, 0, STATUS_INVALID_PARAMETER);
}

static void wk_nothing_but_empty_mdls(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);
	PMDL mdl = wk_zero_mdl(test, buffer);

	mdl->Next = wk_zero_mdl(test, buffer);
	wk_expect_refused(test, adapter, mdl, 0, 1, STATUS_BUFFER_TOO_SMALL);
}

/* Three adjacent pages, as one MDL and as two: a run never goes from one MDL to the next. */
static void wk_runs_join_in_one_mdl_only(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 3);
	struct wk_part parts[] = { { buffer, 0, PAGE_SIZE }, { buffer, PAGE_SIZE, 2 * PAGE_SIZE } };
	PMDL whole = wk_mdl(test, buffer, 10, 3 * PAGE_SIZE - 20);
	PMDL half = wk_mdl(test, buffer, 0, PAGE_SIZE);
	struct wk_call call;

	KUNIT_ASSERT_EQ(test, wk_get(adapter, whole, 0, 3 * PAGE_SIZE - 20, &call, TRUE),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 1);
	wk_expect_at(test, call.list->Elements[0].Address.QuadPart, buffer, 10);
	KUNIT_EXPECT_EQ(test, call.list->Elements[0].Length, 3 * PAGE_SIZE - 20);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);

	half->Next = wk_mdl(test, buffer, PAGE_SIZE, 2 * PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, wk_get(adapter, half, 0, 3 * PAGE_SIZE, &call, TRUE),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 2);
	wk_expect_model(test, call.list, parts, 0, 3 * PAGE_SIZE);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
}

static void wk_vunmap(void *va)
{
	vunmap(va);
}

/* Adjacent pages in another order: only ascending neighbours join. */
static void wk_runs_join_in_ascending_order_only(struct kunit *test)
{
	static const struct { unsigned int page; ULONG pages; } runs[] = {
		{ 3, 1 }, { 2, 1 }, { 0, 2 }, { 4, 2 },
	};
	static const unsigned int order[] = { 3, 2, 0, 1, 4, 5 };
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 6);
	struct page *pages[6];
	struct wk_call call;
	struct wk_buffer shuffled = { .bytes = buffer->bytes };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = virt_to_page(buffer->va + order[i] * PAGE_SIZE);
	shuffled.va = vmap(pages, ARRAY_SIZE(pages), VM_MAP, PAGE_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, shuffled.va);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, wk_vunmap, shuffled.va), 0);

	KUNIT_ASSERT_EQ(test, wk_get(adapter, wk_mdl(test, &shuffled, 0, shuffled.bytes), 0,
				     shuffled.bytes, &call, TRUE), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.list->NumberOfElements, ARRAY_SIZE(runs));
	for (i = 0; i < ARRAY_SIZE(runs); i++) {
		wk_expect_at(test, call.list->Elements[i].Address.QuadPart,
			     buffer, runs[i].page * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, call.list->Elements[i].Length, runs[i].pages * PAGE_SIZE);
	}
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
}

/* R is a limit per request, also where nothing is bounced and one element would do. */
static void wk_exactly_r_registers(struct kunit *test)
{
	ULONG regs;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, 4 * PAGE_SIZE, &regs);
	struct wk_buffer *scattered = wk_alloc_scattered(test, 6);
	struct wk_buffer *contiguous = wk_alloc_contiguous(test, 6);
	PMDL mdl = wk_mdl(test, contiguous, 0, 6 * PAGE_SIZE);
	struct wk_call call;

	KUNIT_ASSERT_EQ(test, regs, 5);
	KUNIT_ASSERT_EQ(test, wk_get(adapter, wk_mdl(test, scattered, 0, 5 * PAGE_SIZE), 0,
				     5 * PAGE_SIZE, &call, TRUE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 5);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
	wk_expect_refused(test, adapter, mdl, 0, 5 * PAGE_SIZE + 1, STATUS_INSUFFICIENT_RESOURCES);
	wk_expect_refused(test, adapter, mdl, PAGE_SIZE - 1, 4 * PAGE_SIZE + 2,
			  STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_ASSERT_EQ(test, wk_get(adapter, mdl, PAGE_SIZE - 1, 4 * PAGE_SIZE + 1, &call, TRUE),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 1);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
}

/* Each MDL starts a register of its own, however short it is. */
static void wk_short_mdls_count_one_each(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, 4 * PAGE_SIZE, NULL);
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);
	struct wk_part parts[6];
	PMDL chain, *link = &chain;
	struct wk_call call;
	unsigned int i;

	for (i = 0; i < 6; i++) {
		parts[i] = (struct wk_part){ buffer, i, 1 };
		*link = wk_mdl(test, buffer, i, 1);
		link = &(*link)->Next;
	}
	KUNIT_ASSERT_EQ(test, wk_get(adapter, chain, 0, 5, &call, TRUE), STATUS_SUCCESS);
	wk_expect_model(test, call.list, parts, 0, 5);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
	wk_expect_refused(test, adapter, chain, 0, 6, STATUS_INSUFFICIENT_RESOURCES);
}

/* A driver that closed its chain to a ring by mistake gets an error, not a hang. */
static void wk_ring_of_mdls(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);
	PMDL first = wk_mdl(test, buffer, 0, 10), second = wk_zero_mdl(test, buffer);

	first->Next = second;
	second->Next = second;
	wk_expect_refused(test, adapter, first, 0, 11, STATUS_INVALID_PARAMETER);
	wk_expect_refused(test, adapter, first, 10, 1, STATUS_INVALID_PARAMETER);
	second->Next = NULL;
}

/* CurrentVa is an index, never an address: MDLs of allocated pages have none. */
static void wk_mdl_without_address(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	const struct wk_part part = { buffer, 0, 3 * PAGE_SIZE };
	PMDL mdl = wk_mdl(test, buffer, 0, part.bytes);
	struct wk_call call;

	mdl->StartVa = NULL;
	mdl->MappedSystemVa = NULL;
	mdl->MdlFlags = MDL_PAGES_LOCKED;
	KUNIT_ASSERT_EQ(test, wk_get(adapter, mdl, 0, part.bytes, &call, TRUE), STATUS_SUCCESS);
	wk_expect_model(test, call.list, &part, 0, part.bytes);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
	KUNIT_ASSERT_EQ(test, wk_get(adapter, mdl, 4097, 4096, &call, TRUE), STATUS_SUCCESS);
	wk_expect_model(test, call.list, &part, 4097, 4096);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
}

/* Drivers shorten an MDL by writing ByteCount and move its start by writing ByteOffset. */
static void wk_mdl_rewritten_by_its_driver(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	const struct wk_part part = { buffer, 50, 4096 };
	PMDL mdl = wk_mdl(test, buffer, 0, 3 * PAGE_SIZE);
	struct wk_call call;

	mdl->ByteOffset = 50;
	mdl->ByteCount = 4096;
	KUNIT_ASSERT_EQ(test, wk_get(adapter, mdl, 0, 4096, &call, TRUE), STATUS_SUCCESS);
	wk_expect_model(test, call.list, &part, 0, 4096);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
	wk_expect_refused(test, adapter, mdl, 0, 2 * PAGE_SIZE - 50 + 1, STATUS_BUFFER_TOO_SMALL);
}

/* What the host driver said about segments holds for elements too; they are cut at pages. */
static void wk_runs_cut_at_the_segment_limit(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 5);
	struct wk_call call;
	PDMA_ADAPTER adapter;

	dma_set_max_seg_size(world->dev, 2 * PAGE_SIZE);
	adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	KUNIT_ASSERT_EQ(test, wk_get(adapter, wk_mdl(test, buffer, 100, 4 * PAGE_SIZE), 0,
				     4 * PAGE_SIZE, &call, TRUE), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.list->NumberOfElements, 3);
	KUNIT_EXPECT_EQ(test, call.list->Elements[0].Length, 2 * PAGE_SIZE - 100);
	KUNIT_EXPECT_EQ(test, call.list->Elements[1].Length, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, call.list->Elements[2].Length, 100);
	wk_expect_at(test, call.list->Elements[2].Address.QuadPart, buffer, 4 * PAGE_SIZE);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
}

static struct kunit_case wk_walk_cases[] = {
	KUNIT_CASE_PARAM(wk_chain_ranges, wk_range_gen_params),
	KUNIT_CASE(wk_start_counts_from_the_mdl_passed),
	KUNIT_CASE(wk_excess_in_last_page),
	KUNIT_CASE(wk_no_excess_behind_a_full_page),
	KUNIT_CASE(wk_excess_of_a_chain),
	KUNIT_CASE(wk_start_outside),
	KUNIT_CASE(wk_nothing_but_empty_mdls),
	KUNIT_CASE(wk_runs_join_in_one_mdl_only),
	KUNIT_CASE(wk_runs_join_in_ascending_order_only),
	KUNIT_CASE(wk_exactly_r_registers),
	KUNIT_CASE(wk_short_mdls_count_one_each),
	KUNIT_CASE(wk_ring_of_mdls),
	KUNIT_CASE(wk_mdl_without_address),
	KUNIT_CASE(wk_mdl_rewritten_by_its_driver),
	KUNIT_CASE(wk_runs_cut_at_the_segment_limit),
	{}
};

static struct kunit_suite wk_walk_suite = {
	.name = "wdmdma_walk",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_walk_cases,
};

kunit_test_suite(wk_walk_suite);
