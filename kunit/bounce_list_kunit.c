// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scatter/gather lists where wdmdma copies: which elements are the driver's memory and which are
 * copies, and when the bytes move.
 */
#include <linux/mm.h>
#include <linux/sizes.h>

#include "bounce.h"

/* Moves a whole list over a buffer, from @start on, and checks both sides of it. */
static void wk_move_list(const struct wk_bounce *bounce, struct wk_buffer *buffer, size_t start,
			 PSCATTER_GATHER_LIST list, bool write, u32 seed)
{
	size_t bytes = wk_list_bytes(list);
	struct kunit *test = bounce->test;
	u8 *before = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	u8 *device = kunit_kzalloc(test, bytes, GFP_KERNEL);

	memcpy(before, buffer->va, buffer->bytes);
	wk_fill(device, bytes, seed);
	if (write) {
		wk_device_read_list(test, list, device);
		wk_expect_same(test, device, before + start, bytes);
	} else {
		wk_device_write_list(test, list, device);
		memcpy(before + start, device, bytes);
	}
	wk_put_list(bounce, list, write);
	wk_expect_same(test, buffer->va, before, buffer->bytes);
}

struct wk_part {
	u32 offset, bytes;	/* of a buffer of five scattered pages */
};

static const struct wk_part wk_parts[] = {
	{ 0, 1 }, { PAGE_SIZE - 1, 1 }, { PAGE_SIZE - 1, 2 }, { 0, PAGE_SIZE }, { 1, PAGE_SIZE },
	{ 1, PAGE_SIZE - 1 }, { 800, 9000 }, { PAGE_SIZE - 1, 3 * PAGE_SIZE + 2 },
	{ 0, 5 * PAGE_SIZE }, { 5 * PAGE_SIZE - 1, 1 },
};

static void wk_part_desc(const struct wk_part *part, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u bytes at %u", part->bytes, part->offset);
}

KUNIT_ARRAY_PARAM(wk_part, wk_parts, wk_part_desc);

static void wk_list_moves_every_byte(struct kunit *test)
{
	const struct wk_part *part = test->param_value;
	const struct wk_span span = { part->offset, part->bytes };
	struct wk_buffer *buffer = wk_alloc_scattered(test, 5);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	PSCATTER_GATHER_LIST list;
	int write;

	for (write = 0; write < 2; write++) {
		u64 before = wk_stats(test, bounce.adapter).bounced_bytes;

		list = wk_get_list(&bounce, mdl, part->offset, part->bytes, write);
		wk_expect_list(&bounce, buffer, list, &span, 1);
		wk_move_list(&bounce, buffer, part->offset, list, write, 12);
		KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes - before,
				write ? part->bytes : 2 * part->bytes);
	}
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).direct_maps, 0);
}

static const char * const wk_patterns[] = {
	"n", "f", "nf", "fn", "nfn", "fnf", "nNfFnN", "fFF", "ffnn", "nfNf", "nfffNfFfn", "nnnnf",
	"fnnnn",
};

static void wk_pattern_desc(const char * const *pattern, char *desc)
{
	strscpy(desc, *pattern, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_pattern, wk_patterns, wk_pattern_desc);

static void wk_reach_is_decided_page_by_page(struct kunit *test)
{
	const char *pattern = *(const char * const *)test->param_value;
	struct wdmdma_limits limits = {};
	struct wk_buffer *buffer = wk_alloc_split(test, pattern, &limits.last_address);
	struct wk_bounce bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
	const struct wk_span span = { 11, buffer->bytes - 33 };
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	PSCATTER_GATHER_LIST list;
	u64 far_bytes = 0;
	int write;
	u32 i;

	for (i = 0; i < buffer->nr_pages; i++) {
		u32 from = i ? 0 : 11;
		u32 to = i == buffer->nr_pages - 1 ? PAGE_SIZE - 22 : PAGE_SIZE;

		if (wk_must_bounce(&bounce, buffer, i * PAGE_SIZE + from, to - from))
			far_bytes += to - from;
	}
	for (write = 1; write >= 0; write--) {
		list = wk_get_list(&bounce, mdl, span.offset, span.bytes, write);
		wk_expect_list(&bounce, buffer, list, &span, 1);
		wk_move_list(&bounce, buffer, span.offset, list, write, 13);
	}
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes, 3 * far_bytes);
}

/* The last byte of a list on either side of the limit, which need not be a page line. */
static void wk_limit_is_inclusive(struct kunit *test)
{
	static const u32 lengths[] = { 2000, 2001, 2002, PAGE_SIZE, PAGE_SIZE + 1, 1999, 1 };
	struct wdmdma_limits limits;
	struct wk_buffer *buffer = wk_alloc_split(test, "fF", &limits.last_address);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	struct wk_bounce bounce;
	u32 i;

	limits = (struct wdmdma_limits){ .last_address = wk_phys(buffer, 2000) };
	bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		const struct wk_span span = { 1, lengths[i] };
		PSCATTER_GATHER_LIST list = wk_get_list(&bounce, mdl, 1, lengths[i], FALSE);

		wk_expect_list(&bounce, buffer, list, &span, 1);
		KUNIT_EXPECT_EQ(test, wk_is_in(buffer, list->Elements[0].Address.QuadPart),
				lengths[i] <= 2000);
		wk_move_list(&bounce, buffer, 1, list, FALSE, 14 + i);
	}
}

/* Elements of a chain end with its MDLs; the pages of each are counted for themselves. */
static void wk_chain(struct kunit *test)
{
	struct wdmdma_limits limits = {};
	struct wk_buffer *buffer = wk_alloc_split(test, "nffnNf", &limits.last_address);
	struct wk_bounce bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
	const struct wk_span spans[] = {
		{ 100, 2 * PAGE_SIZE - 200 },		/* n f, from 60 on */
		{ 2 * PAGE_SIZE - 100, 50 },		/* f */
		{ 2 * PAGE_SIZE - 50, PAGE_SIZE + 50 },	/* f f n */
		{ 3 * PAGE_SIZE, 0 },
		{ 3 * PAGE_SIZE, 3 * PAGE_SIZE - 9 },	/* n N f */
	};
	struct wk_span used[4];
	PMDL mdls[ARRAY_SIZE(spans)];
	PSCATTER_GATHER_LIST list;
	ULONG total = 6 * PAGE_SIZE - 9 - 100 - 60 - 20;
	int write, i;

	for (i = ARRAY_SIZE(spans) - 1; i >= 0; i--) {
		mdls[i] = wk_mdl(test, buffer, spans[i].offset, spans[i].bytes ? : 1);
		mdls[i]->ByteCount = spans[i].bytes;
		mdls[i]->Next = i + 1 < ARRAY_SIZE(spans) ? mdls[i + 1] : NULL;
	}
	memcpy(used, spans, 3 * sizeof(*used));
	used[3] = spans[4];
	used[0].offset += 60;
	used[0].bytes -= 60;
	used[3].bytes -= 20;
	for (write = 0; write < 2; write++) {
		list = wk_get_list(&bounce, mdls[0], 60, total, write);
		wk_expect_list(&bounce, buffer, list, used, 4);
		wk_move_list(&bounce, buffer, 160, list, write, 19);
	}
	for (i = 0; i < ARRAY_SIZE(spans); i++)
		mdls[i]->Next = NULL;
}

/* Memory that is contiguous from one MDL to the next, copied or not, makes two elements. */
static void wk_pieces_are_not_joined(struct kunit *test)
{
	struct wdmdma_limits limits[2] = { {}, { .force_bounce = true } };
	struct wk_buffer *buffer = wk_alloc_split(test, "nNN", &limits[0].last_address);
	const struct wk_span spans[] = {
		{ 0, PAGE_SIZE }, { PAGE_SIZE, PAGE_SIZE + 100 },
		{ 2 * PAGE_SIZE + 100, PAGE_SIZE - 100 },
	};
	PMDL mdl[3];
	int i;

	for (i = 2; i >= 0; i--) {
		mdl[i] = wk_mdl(test, buffer, spans[i].offset, spans[i].bytes);
		mdl[i]->Next = i < 2 ? mdl[i + 1] : NULL;
	}
	for (i = 0; i < 2; i++) {
		struct wk_bounce bounce = wk_get_bounce(test, TRUE, SZ_64K, limits[i]);
		PSCATTER_GATHER_LIST list = wk_get_list(&bounce, mdl[0], 0, buffer->bytes, FALSE);

		wk_expect_list(&bounce, buffer, list, spans, 3);
		KUNIT_EXPECT_GE(test, list->NumberOfElements, 3);
		wk_move_list(&bounce, buffer, 0, list, FALSE, 28);
	}
	mdl[0]->Next = NULL;
	mdl[1]->Next = NULL;
}

/* A common buffer between two pieces that are copied has its own address. */
static void wk_common_buffer_in_a_chain(struct kunit *test)
{
	BOOLEAN kinds[] = { TRUE, FALSE };
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PMDL first = wk_mdl(test, buffer, 10, PAGE_SIZE - 10);
	PMDL last = wk_mdl(test, buffer, PAGE_SIZE, PAGE_SIZE);
	ULONG total = 3 * PAGE_SIZE - 110;
	u8 *device = kunit_kzalloc(test, total, GFP_KERNEL);
	int kind;

	for (kind = 0; kind < 2; kind++) {
		struct wk_bounce bounce = wk_get_forced(test, kinds[kind], SZ_64K, 0);
		PHYSICAL_ADDRESS logical;
		PVOID va = bounce.ops->AllocateCommonBuffer(bounce.adapter, PAGE_SIZE, &logical,
							    TRUE);
		PSCATTER_GATHER_LIST list;
		PMDL middle;

		KUNIT_ASSERT_NOT_NULL(test, va);
		middle = IoAllocateMdl(va + 100, PAGE_SIZE - 100, FALSE, FALSE, NULL);
		KUNIT_ASSERT_NOT_NULL(test, middle);
		MmBuildMdlForNonPagedPool(middle);
		first->Next = middle;
		middle->Next = last;
		list = wk_get_list(&bounce, first, 0, total, FALSE);
		KUNIT_ASSERT_EQ(test, list->NumberOfElements, 3);
		KUNIT_EXPECT_EQ(test, list->Elements[1].Address.QuadPart, logical.QuadPart + 100);
		KUNIT_EXPECT_EQ(test, list->Elements[1].Length, PAGE_SIZE - 100);
		KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).common_maps, 1);
		wk_fill(device, total, 15 + kind);
		wk_device_write_list(test, list, device);
		wk_put_list(&bounce, list, FALSE);
		wk_expect_same(test, buffer->va + 10, device, PAGE_SIZE - 10);
		wk_expect_same(test, va + 100, device + PAGE_SIZE - 10, PAGE_SIZE - 100);
		wk_expect_same(test, buffer->va + PAGE_SIZE, device + 2 * PAGE_SIZE - 110,
			       PAGE_SIZE);
		first->Next = NULL;
		IoFreeMdl(middle);
		bounce.ops->FreeCommonBuffer(bounce.adapter, PAGE_SIZE, logical, va, TRUE);
	}
}

/* Put brings back the whole length: of what the device did not write, the driver's own bytes. */
static void wk_unwritten_bytes_come_back_unchanged(struct kunit *test)
{
	BOOLEAN kinds[] = { TRUE, FALSE };
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *junk = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	u8 zeros[64] = {};
	int kind;

	for (kind = 0; kind < 2; kind++) {
		struct wk_bounce bounce = wk_get_forced(test, kinds[kind], 2 * PAGE_SIZE, 3);
		PSCATTER_GATHER_LIST list;

		KUNIT_ASSERT_EQ(test, bounce.regs, 3);
		/* All of wdmdma's pages have carried something else before. */
		list = wk_get_list(&bounce, mdl, 0, buffer->bytes, FALSE);
		wk_device_write_list(test, list, junk);
		wk_put_list(&bounce, list, FALSE);
		wk_fill(buffer->va, buffer->bytes, 1);
		list = wk_get_list(&bounce, mdl, 3, buffer->bytes - 6, FALSE);
		wk_device_write(test, list->Elements[0].Address.QuadPart + 100, zeros, 64);
		/* The direction asked for counts, not that of Put. */
		wk_put_list(&bounce, list, TRUE);
		wk_expect_same(test, buffer->va + 103, zeros, 64);
		for (u32 i = 103; i < 103 + 64; i++)
			buffer->va[i] = wk_pattern(1, i);
		wk_expect_pattern(test, buffer->va, buffer->bytes, 1);
	}
}

static void wk_nothing_comes_back_of_a_write(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *junk = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PSCATTER_GATHER_LIST list = wk_get_list(&bounce, mdl, 0, buffer->bytes, TRUE);

	wk_device_write_list(test, list, junk);
	wk_put_list(&bounce, list, FALSE);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes, buffer->bytes);
}

/* One element a piece: what is not one run in reach is copied to where it is one. */
static void wk_one_element_a_piece(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 6);
	struct wk_bounce bounce = wk_get_bounce(test, FALSE, SZ_64K, (struct wdmdma_limits){});
	PMDL one = wk_mdl(test, buffer, 700, 5 * PAGE_SIZE);
	PMDL head = wk_mdl(test, buffer, 100, 2 * PAGE_SIZE);
	PMDL page = wk_mdl(test, buffer, 2 * PAGE_SIZE + 100, 200);
	PMDL tail = wk_mdl(test, buffer, 2 * PAGE_SIZE + 300, 3 * PAGE_SIZE);
	PSCATTER_GATHER_LIST list;
	int write;

	head->Next = page;
	page->Next = tail;
	for (write = 0; write < 2; write++) {
		list = wk_get_list(&bounce, one, 9, 4 * PAGE_SIZE + 1, write);
		KUNIT_EXPECT_EQ(test, list->NumberOfElements, 1);
		KUNIT_EXPECT_EQ(test, offset_in_page(list->Elements[0].Address.QuadPart), 709);
		wk_move_list(&bounce, buffer, 709, list, write, 16);

		list = wk_get_list(&bounce, head, 50, 5 * PAGE_SIZE + 150, write);
		KUNIT_ASSERT_EQ(test, list->NumberOfElements, 3);
		KUNIT_EXPECT_EQ(test, list->Elements[0].Length, 2 * PAGE_SIZE - 50);
		KUNIT_EXPECT_EQ(test, list->Elements[1].Length, 200);
		KUNIT_EXPECT_EQ(test, list->Elements[2].Length, 3 * PAGE_SIZE);
		wk_move_list(&bounce, buffer, 150, list, write, 17);
	}
	page->Next = NULL;
	head->Next = NULL;
}

/* The driver's own memory for the list holds what Calculate said, for copies as well. */
static void wk_build_in_the_size_calculated(struct kunit *test)
{
	BOOLEAN kinds[] = { TRUE, FALSE };
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	PMDL first = wk_mdl(test, buffer, 30, PAGE_SIZE);
	PMDL second = wk_mdl(test, buffer, PAGE_SIZE + 30, 2 * PAGE_SIZE + 500);
	ULONG total = 3 * PAGE_SIZE + 500, size, regs, i;
	PVOID va = MmGetMdlVirtualAddress(first);

	first->Next = second;
	for (i = 0; i < 4; i++) {
		struct wk_bounce bounce = wk_get_forced(test, kinds[i / 2], SZ_64K, 0);
		struct wk_call call;
		NTSTATUS status;
		u8 *memory;

		bounce.ops->CalculateScatterGatherList(bounce.adapter, first, va, total, &size,
						       &regs);
		KUNIT_EXPECT_EQ(test, regs, 5);
		memory = kunit_kzalloc(test, size, GFP_KERNEL);
		wk_call_init(&call, bounce.adapter, KeepObject);
		status = bounce.ops->BuildScatterGatherList(bounce.adapter, NULL, first, va, total,
							    wk_list_control, &call, i % 2, memory,
							    size);
		KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
		KUNIT_ASSERT_EQ(test, call.count, 1);
		KUNIT_EXPECT_PTR_EQ(test, (u8 *)call.list, memory);
		wk_move_list(&bounce, buffer, 30, call.list, i % 2, 18);
	}
	first->Next = NULL;
}

static void wk_many_lists_at_once(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 24);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 17);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, 2 * PAGE_SIZE, GFP_KERNEL);
	PSCATTER_GATHER_LIST lists[8];
	u32 i, j;

	for (i = 0; i < 8; i++) {
		lists[i] = wk_get_list(&bounce, mdl, (3 * i + 1) * PAGE_SIZE, 2 * PAGE_SIZE, FALSE);
		wk_fill(device, 2 * PAGE_SIZE, 20 + i);
		wk_device_write_list(test, lists[i], device);
	}
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).lists_live, 8);
	for (i = 0; i < 8; i++) {
		j = (i * 3 + 4) % 8;
		wk_put_list(&bounce, lists[j], FALSE);
		wk_expect_pattern(test, buffer->va + (3 * j + 1) * PAGE_SIZE, 2 * PAGE_SIZE,
				  20 + j);
	}
	wk_expect_whole_pool(&bounce);
}

static void wk_lists_of_a_dead_adapter_are_dropped(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PSCATTER_GATHER_LIST list = wk_get_list(&bounce, mdl, 0, buffer->bytes, FALSE);

	wk_device_write_list(test, list, device);
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);
	wk_put_adapter(test, bounce.adapter);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 1);
}

/* What Put needs was noted when the list was made: the MDL may be gone by then. */
static void wk_mdl_freed_before_put(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = IoAllocateMdl(buffer->va, buffer->bytes, FALSE, FALSE, NULL);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PSCATTER_GATHER_LIST list;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	list = wk_get_list(&bounce, mdl, 0, buffer->bytes, FALSE);
	memset(MmGetMdlPfnArray(mdl), 0xFF, 2 * sizeof(PFN_NUMBER));
	IoFreeMdl(mdl);
	wk_fill(device, buffer->bytes, 26);
	wk_device_write_list(test, list, device);
	/* A driver must not touch the elements, but Put does not depend on them. */
	list->NumberOfElements = 77;
	memset(list->Elements, 0, sizeof(list->Elements[0]));
	wk_put_list(&bounce, list, FALSE);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 26);
}

/* The excess of a rounded length in the last page (G4) moves like the rest. */
static void wk_slack_is_moved(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE + 100);
	PSCATTER_GATHER_LIST list = wk_get_list(&bounce, mdl, 0, 2 * PAGE_SIZE, FALSE);
	const struct wk_span span = { 0, 2 * PAGE_SIZE };

	wk_expect_list(&bounce, buffer, list, &span, 1);
	wk_move_list(&bounce, buffer, 0, list, FALSE, 27);
}

static struct kunit_case wk_bounce_list_cases[] = {
	KUNIT_CASE_PARAM(wk_list_moves_every_byte, wk_part_gen_params),
	KUNIT_CASE_PARAM(wk_reach_is_decided_page_by_page, wk_pattern_gen_params),
	KUNIT_CASE(wk_limit_is_inclusive),
	KUNIT_CASE(wk_chain),
	KUNIT_CASE(wk_pieces_are_not_joined),
	KUNIT_CASE(wk_common_buffer_in_a_chain),
	KUNIT_CASE(wk_unwritten_bytes_come_back_unchanged),
	KUNIT_CASE(wk_nothing_comes_back_of_a_write),
	KUNIT_CASE(wk_one_element_a_piece),
	KUNIT_CASE(wk_build_in_the_size_calculated),
	KUNIT_CASE(wk_many_lists_at_once),
	KUNIT_CASE(wk_lists_of_a_dead_adapter_are_dropped),
	KUNIT_CASE(wk_mdl_freed_before_put),
	KUNIT_CASE(wk_slack_is_moved),
	{}
};

static struct kunit_suite wk_bounce_list_suite = {
	.name = "wdmdma_bounce_list",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_bounce_list_cases,
};

kunit_test_suite(wk_bounce_list_suite);
