// SPDX-License-Identifier: GPL-2.0-only
/*
 * BuildMdlFromScatterGatherList where wdmdma copies: the CPU's view of what the device sees. The
 * shadow, as it is called here, belongs to the list and goes with it: kmemleak watches.
 */
#include <linux/bottom_half.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "bounce.h"

static NTSTATUS wk_shadow(const struct wk_bounce *bounce, PSCATTER_GATHER_LIST list, PMDL original,
			  PMDL *shadow)
{
	return bounce->ops->BuildMdlFromScatterGatherList(bounce->adapter, list, original, shadow);
}

/* A shadow that must be a new chain. */
static PMDL wk_new_shadow(const struct wk_bounce *bounce, PSCATTER_GATHER_LIST list, PMDL original)
{
	PMDL shadow = NULL;

	KUNIT_ASSERT_EQ(bounce->test, wk_shadow(bounce, list, original, &shadow), STATUS_SUCCESS);
	KUNIT_ASSERT_NOT_NULL(bounce->test, shadow);
	KUNIT_EXPECT_PTR_NE(bounce->test, shadow, original);
	return shadow;
}

/* Moves bytes between a shadow's pages and a block of memory. */
static void wk_copy_shadow(PMDL shadow, u8 *memory, bool to_shadow)
{
	for (; shadow; shadow = shadow->Next) {
		ULONG at = MmGetMdlByteOffset(shadow), left = MmGetMdlByteCount(shadow);

		while (left) {
			PFN_NUMBER pfn = MmGetMdlPfnArray(shadow)[at >> PAGE_SHIFT];
			u8 *va = (u8 *)page_address(pfn_to_page(pfn)) + offset_in_page(at);
			ULONG part = min_t(ULONG, left, PAGE_SIZE - offset_in_page(at));

			if (to_shadow)
				memcpy(va, memory, part);
			else
				memcpy(memory, va, part);
			memory += part;
			at += part;
			left -= part;
		}
	}
}

/* One MDL a span, each with the frames that the elements name. */
static void wk_expect_shadow(const struct wk_bounce *bounce, const SCATTER_GATHER_LIST *list,
			     PMDL shadow, const struct wk_span *spans, unsigned int nr)
{
	const SCATTER_GATHER_ELEMENT *element = list->Elements;
	struct kunit *test = bounce->test;
	u32 inside = 0;		/* the present element */
	unsigned int i;

	for (i = 0; i < nr; i++, shadow = shadow->Next) {
		ULONG at = offset_in_page(spans[i].offset), end = at + spans[i].bytes;

		KUNIT_ASSERT_NOT_NULL_MSG(test, shadow, "no MDL for piece %u", i);
		KUNIT_EXPECT_EQ(test, MmGetMdlByteOffset(shadow), at);
		KUNIT_EXPECT_EQ(test, MmGetMdlByteCount(shadow), spans[i].bytes);
		KUNIT_EXPECT_TRUE(test, shadow->MdlFlags & MDL_PAGES_LOCKED);
		KUNIT_EXPECT_FALSE(test, shadow->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA |
							     MDL_SOURCE_IS_NONPAGED_POOL));
		while (at < end) {
			u64 address = element->Address.QuadPart + inside;
			ULONG part = min_t(ULONG, end - at, PAGE_SIZE - offset_in_page(at));

			KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(shadow)[at >> PAGE_SHIFT],
					PHYS_PFN(address));
			at += part;
			inside += part;
			KUNIT_ASSERT_LE(test, inside, element->Length);
			if (inside == element->Length) {
				element++;
				inside = 0;
			}
		}
	}
	KUNIT_EXPECT_NULL_MSG(test, shadow, "an MDL behind the last piece");
}

static void wk_no_copy_gives_the_original(struct kunit *test)
{
	struct wdmdma_limits limits = {};
	struct wk_buffer *buffer = wk_alloc_split(test, "nNnf", &limits.last_address);
	struct wk_bounce bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
	PMDL mdl = wk_mdl(test, buffer, 0, 3 * PAGE_SIZE);
	PMDL far = wk_mdl(test, buffer, 3 * PAGE_SIZE, PAGE_SIZE), shadow = NULL;
	PSCATTER_GATHER_LIST list;
	int i;

	/* The far MDL of the chain is not part of the list. */
	mdl->Next = far;
	list = wk_get_list(&bounce, mdl, 5, 3 * PAGE_SIZE - 5, TRUE);
	for (i = 0; i < 3; i++) {
		shadow = NULL;
		KUNIT_EXPECT_EQ(test, wk_shadow(&bounce, list, mdl, &shadow), STATUS_SUCCESS);
		KUNIT_EXPECT_PTR_EQ(test, shadow, mdl);
	}
	wk_put_list(&bounce, list, TRUE);
	mdl->Next = NULL;
}

struct wk_view {
	const char *pattern;
	u32 offset, short_by;
	bool write;
};

static const struct wk_view wk_views[] = {
	{ "f", 0, 0, true }, { "f", 100, 50, false }, { "ff", 4095, 4095, true },
	{ "nf", 17, 5, true }, { "fn", 17, 5, false }, { "nfn", 0, 1, true },
	{ "fnfFnNf", 1, 0, false }, { "nNNNf", 9, 4000, true }, { "fnnnn", 4000, 0, false },
};

static void wk_view_desc(const struct wk_view *view, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s from %u %s the device", view->pattern,
		 view->offset, view->write ? "to" : "from");
}

KUNIT_ARRAY_PARAM(wk_view, wk_views, wk_view_desc);

/* All pages of the piece: those of the driver that the device uses itself, and the copies. */
static void wk_cpu_sees_what_the_device_sees(struct kunit *test)
{
	const struct wk_view *view = test->param_value;
	struct wdmdma_limits limits = {};
	struct wk_buffer *buffer = wk_alloc_split(test, view->pattern, &limits.last_address);
	struct wk_bounce bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
	const struct wk_span span = {
		view->offset, buffer->bytes - view->offset - view->short_by,
	};
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes), shadow, again = NULL;
	u8 *seen = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PSCATTER_GATHER_LIST list;

	list = wk_get_list(&bounce, mdl, view->offset, span.bytes, view->write);
	shadow = wk_new_shadow(&bounce, list, mdl);
	wk_expect_shadow(&bounce, list, shadow, &span, 1);
	KUNIT_EXPECT_EQ(test, wk_shadow(&bounce, list, mdl, &again), STATUS_NONE_MAPPED);
	KUNIT_EXPECT_EQ(test, wk_shadow(&bounce, list, mdl, &again), STATUS_NONE_MAPPED);

	/* before anybody writes: the driver's bytes, in both directions */
	wk_copy_shadow(shadow, seen, false);
	wk_expect_same(test, seen, buffer->va + view->offset, span.bytes);
	if (view->write) {
		wk_fill(seen, span.bytes, 3);
		wk_copy_shadow(shadow, seen, true);
		wk_device_read_list(test, list, device);
		wk_expect_same(test, seen, device, span.bytes);
	} else {
		wk_fill(device, span.bytes, 4);
		wk_device_write_list(test, list, device);
		wk_copy_shadow(shadow, seen, false);
		wk_expect_pattern(test, seen, span.bytes, 4);
	}
	wk_put_list(&bounce, list, view->write);
	if (!view->write)
		wk_expect_pattern(test, buffer->va + view->offset, span.bytes, 4);
}

/* One MDL for each piece of the range, those without a copy included. */
static void wk_chain_has_one_mdl_a_piece(struct kunit *test)
{
	struct wdmdma_limits limits = {};
	struct wk_buffer *buffer = wk_alloc_split(test, "nnfFn", &limits.last_address);
	struct wk_bounce bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
	PMDL mdl[4] = {
		wk_mdl(test, buffer, 0, 50),			/* before the range */
		wk_mdl(test, buffer, 100, PAGE_SIZE),		/* n n */
		wk_mdl(test, buffer, 2 * PAGE_SIZE - 8, 2000),	/* n f */
		wk_mdl(test, buffer, 3 * PAGE_SIZE, 2 * PAGE_SIZE),	/* F n */
	};
	const struct wk_span spans[] = {
		{ 110, PAGE_SIZE - 10 },
		{ 2 * PAGE_SIZE - 8, 2000 },
		{ 3 * PAGE_SIZE, PAGE_SIZE + 300 },
	};
	u8 *seen = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	ULONG total = 2 * PAGE_SIZE + 2290;
	PSCATTER_GATHER_LIST list;
	PMDL shadow;
	int i;

	for (i = 0; i < 3; i++)
		mdl[i]->Next = mdl[i + 1];
	list = wk_get_list(&bounce, mdl[0], 60, total, FALSE);
	shadow = wk_new_shadow(&bounce, list, mdl[0]);
	wk_expect_shadow(&bounce, list, shadow, spans, 3);
	wk_fill(device, total, 8);
	wk_device_write_list(test, list, device);
	wk_copy_shadow(shadow, seen, false);
	wk_expect_pattern(test, seen, total, 8);
	wk_put_list(&bounce, list, FALSE);
	for (i = 0; i < 3; i++)
		mdl[i]->Next = NULL;
}

/* A client maps the shadow, reads, and takes its mapping down before Put. */
/* The device sees a common buffer itself, not a copy: so does the shadow. */
static void wk_shadow_with_a_common_buffer(struct kunit *test)
{
	BOOLEAN kinds[] = { TRUE, FALSE };
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PMDL first = wk_mdl(test, buffer, 10, PAGE_SIZE - 10);
	PMDL last = wk_mdl(test, buffer, PAGE_SIZE, PAGE_SIZE);
	ULONG total = 3 * PAGE_SIZE - 110;
	u8 *memory = kunit_kzalloc(test, total, GFP_KERNEL);
	int kind;

	for (kind = 0; kind < 2; kind++) {
		struct wk_bounce bounce = wk_get_forced(test, kinds[kind], SZ_64K, 0);
		PHYSICAL_ADDRESS logical;
		PVOID va = bounce.ops->AllocateCommonBuffer(bounce.adapter, PAGE_SIZE, &logical,
							    TRUE);
		PSCATTER_GATHER_LIST list;
		PMDL middle, shadow;

		KUNIT_ASSERT_NOT_NULL(test, va);
		middle = IoAllocateMdl(va + 100, PAGE_SIZE - 100, FALSE, FALSE, NULL);
		KUNIT_ASSERT_NOT_NULL(test, middle);
		MmBuildMdlForNonPagedPool(middle);
		first->Next = middle;
		middle->Next = last;
		list = wk_get_list(&bounce, first, 0, total, TRUE);
		shadow = wk_new_shadow(&bounce, list, first);
		KUNIT_ASSERT_NOT_NULL(test, shadow->Next);
		KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(shadow->Next)[0],
				MmGetMdlPfnArray(middle)[0]);
		wk_fill(va, PAGE_SIZE, 80 + kind);
		wk_copy_shadow(shadow, memory, false);
		wk_expect_same(test, memory, buffer->va + 10, PAGE_SIZE - 10);
		wk_expect_same(test, memory + PAGE_SIZE - 10, va + 100, PAGE_SIZE - 100);
		wk_expect_same(test, memory + 2 * PAGE_SIZE - 110, buffer->va + PAGE_SIZE,
			       PAGE_SIZE);
		wk_put_list(&bounce, list, TRUE);

		/* More memory was copied than there is in the list's MDLs, or less. */
		first->Next = last;
		list = wk_get_list(&bounce, first, 0, PAGE_SIZE - 10 + 100, TRUE);
		shadow = NULL;
		first->Next = middle;
		KUNIT_EXPECT_EQ(test, wk_shadow(&bounce, list, first, &shadow),
				STATUS_INVALID_PARAMETER);
		wk_put_list(&bounce, list, TRUE);
		list = wk_get_list(&bounce, first, 0, PAGE_SIZE - 10 + 100, TRUE);
		first->Next = last;
		KUNIT_EXPECT_EQ(test, wk_shadow(&bounce, list, first, &shadow),
				STATUS_INVALID_PARAMETER);
		KUNIT_EXPECT_NULL(test, shadow);
		wk_put_list(&bounce, list, TRUE);
		first->Next = NULL;
		middle->Next = NULL;
		IoFreeMdl(middle);
		bounce.ops->FreeCommonBuffer(bounce.adapter, PAGE_SIZE, logical, va, TRUE);
	}
}

/* Another MDL than the list was made from does not describe what was copied. */
static void wk_shadow_of_another_mdl(struct kunit *test)
{
	static const struct wk_span spans[] = {
		{ 0x100, PAGE_SIZE },			/* elsewhere in its page */
		{ 0, PAGE_SIZE + 0x100 },		/* and in one page less */
		{ PAGE_SIZE - 1, PAGE_SIZE + 0x100 },	/* in as many */
		{ 0x80, 0x80 },				/* shorter */
	};
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0x80, PAGE_SIZE + 0x100), shadow = NULL;
	PMDL halves[2] = {
		wk_mdl(test, buffer, 0x80, PAGE_SIZE - 0x80),
		wk_mdl(test, buffer, PAGE_SIZE, 0x180),
	};
	PSCATTER_GATHER_LIST list = wk_get_list(&bounce, mdl, 0, PAGE_SIZE + 0x100, TRUE);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(spans); i++)
		KUNIT_EXPECT_EQ_MSG(test, wk_shadow(&bounce, list,
						    wk_mdl(test, buffer, spans[i].offset,
							   spans[i].bytes), &shadow),
				    STATUS_INVALID_PARAMETER, "MDL %u", i);
	halves[0]->Next = halves[1];
	KUNIT_EXPECT_EQ(test, wk_shadow(&bounce, list, halves[0], &shadow),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_NULL(test, shadow);
	wk_new_shadow(&bounce, list, mdl);
	wk_put_list(&bounce, list, TRUE);

	/* As many pieces, but not these */
	list = wk_get_list(&bounce, halves[0], 0, PAGE_SIZE + 0x100, TRUE);
	mdl = wk_mdl(test, buffer, 0x80, 0x80);
	mdl->Next = wk_mdl(test, buffer, 0x100, PAGE_SIZE + 0x80);
	KUNIT_EXPECT_EQ(test, wk_shadow(&bounce, list, mdl, &shadow), STATUS_INVALID_PARAMETER);
	wk_new_shadow(&bounce, list, halves[0]);
	wk_put_list(&bounce, list, TRUE);
	mdl->Next = NULL;
	halves[0]->Next = NULL;
}

/* Three pieces, each in a page of its own, are not three in two pages. */
static void wk_shadow_of_pieces_that_do_not_follow(struct kunit *test)
{
	static const struct wk_span is[] = {
		{ 0x80, 0x80 }, { PAGE_SIZE, 0x100 }, { 2 * PAGE_SIZE, 0x100 },
	};
	static const struct wk_span claims[] = {
		{ 0x80, 0x180 }, { 2 * PAGE_SIZE, 0x80 }, { 3 * PAGE_SIZE, 0x80 },
	};
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PSCATTER_GATHER_LIST list;
	PMDL mdls[3], others[3], shadow = NULL;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		mdls[i] = wk_mdl(test, buffer, is[i].offset, is[i].bytes);
		others[i] = wk_mdl(test, buffer, claims[i].offset, claims[i].bytes);
		if (i) {
			mdls[i - 1]->Next = mdls[i];
			others[i - 1]->Next = others[i];
		}
	}
	list = wk_get_list(&bounce, mdls[0], 0, 0x280, TRUE);
	KUNIT_EXPECT_EQ(test, wk_shadow(&bounce, list, others[0], &shadow),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_NULL(test, shadow);
	wk_put_list(&bounce, list, TRUE);
	for (i = 0; i < 3; i++) {
		mdls[i]->Next = NULL;
		others[i]->Next = NULL;
	}
}

static void wk_shadow_can_be_mapped(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 200, 2 * PAGE_SIZE);
	PSCATTER_GATHER_LIST list = wk_get_list(&bounce, mdl, 0, 2 * PAGE_SIZE, TRUE);
	PMDL shadow = wk_new_shadow(&bounce, list, mdl);
	u8 *va = MmGetSystemAddressForMdlSafe(shadow, NormalPagePriority);

	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_EXPECT_EQ(test, offset_in_page(va), 200);
	wk_expect_same(test, va, buffer->va + 200, 2 * PAGE_SIZE);
	KUNIT_EXPECT_PTR_EQ(test, MmGetSystemAddressForMdlSafe(shadow, NormalPagePriority), va);
	MmUnmapLockedPages(va, shadow);
	KUNIT_EXPECT_FALSE(test, shadow->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
	wk_put_list(&bounce, list, TRUE);
}

/* Without scatter/gather the frames are those of the window. */
static void wk_shadow_of_a_window(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 5);
	struct wk_bounce bounce = wk_get_bounce(test, FALSE, SZ_64K, (struct wdmdma_limits){});
	PMDL first = wk_mdl(test, buffer, 70, 2 * PAGE_SIZE);
	PMDL second = wk_mdl(test, buffer, 3 * PAGE_SIZE, 2 * PAGE_SIZE);
	const struct wk_span spans[] = {
		{ 75, 2 * PAGE_SIZE - 5 }, { 3 * PAGE_SIZE, PAGE_SIZE + 9 },
	};
	u8 *seen = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PSCATTER_GATHER_LIST list;
	PMDL shadow;

	first->Next = second;
	list = wk_get_list(&bounce, first, 5, 3 * PAGE_SIZE + 4, TRUE);
	KUNIT_ASSERT_EQ(test, list->NumberOfElements, 2);
	shadow = wk_new_shadow(&bounce, list, first);
	wk_expect_shadow(&bounce, list, shadow, spans, 2);
	wk_copy_shadow(shadow, seen, false);
	wk_expect_same(test, seen, buffer->va + 75, 2 * PAGE_SIZE - 5);
	wk_expect_same(test, seen + 2 * PAGE_SIZE - 5, buffer->va + 3 * PAGE_SIZE, PAGE_SIZE + 9);
	wk_put_list(&bounce, list, TRUE);
	first->Next = NULL;
}

/* A client that is at DISPATCH_LEVEL, as the one that uses this routine is. */
static void wk_shadow_at_dispatch_level(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes), shadow = NULL;
	PSCATTER_GATHER_LIST list = wk_get_list(&bounce, mdl, 0, buffer->bytes, TRUE);
	NTSTATUS status;

	local_bh_disable();
	status = wk_shadow(&bounce, list, mdl, &shadow);
	wk_put_list(&bounce, list, TRUE);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_NOT_NULL(test, shadow);
}

static void wk_bad_arguments(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes), shadow = NULL;
	PSCATTER_GATHER_LIST list = wk_get_list(&bounce, mdl, 0, buffer->bytes, TRUE);

	KUNIT_EXPECT_EQ(test, wk_shadow(&bounce, list, NULL, &shadow), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_shadow(&bounce, list, mdl, NULL), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_shadow(&bounce, (void *)buffer, mdl, &shadow),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_shadow(&bounce, NULL, mdl, &shadow), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_NULL(test, shadow);
	/* None of them was the first call. */
	wk_new_shadow(&bounce, list, mdl);
	wk_put_list(&bounce, list, TRUE);
	KUNIT_EXPECT_EQ(test, wk_shadow(&bounce, list, mdl, &shadow), STATUS_INVALID_PARAMETER);
}

/* A list that dies with its adapter takes the shadow with it. */
static void wk_shadow_dies_with_the_adapter(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	PSCATTER_GATHER_LIST list = wk_get_list(&bounce, mdl, 0, buffer->bytes, TRUE);

	wk_new_shadow(&bounce, list, mdl);
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);
	wk_put_adapter(test, bounce.adapter);
}

/* The mark of the first call goes with the list: the next one in the same buffer has its own. */
static void wk_next_list_has_its_own_shadow(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *memory = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct wk_call call;
	NTSTATUS status;
	int i;

	for (i = 0; i < 3; i++) {
		wk_call_init(&call, bounce.adapter, KeepObject);
		status = bounce.ops->BuildScatterGatherList(bounce.adapter, NULL, mdl,
							    MmGetMdlVirtualAddress(mdl),
							    buffer->bytes, wk_list_control, &call,
							    TRUE, memory, PAGE_SIZE);
		KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
		KUNIT_ASSERT_EQ(test, call.count, 1);
		wk_new_shadow(&bounce, call.list, mdl);
		wk_put_list(&bounce, call.list, TRUE);
	}
}

static struct kunit_case wk_bounce_mdl_cases[] = {
	KUNIT_CASE(wk_no_copy_gives_the_original),
	KUNIT_CASE_PARAM(wk_cpu_sees_what_the_device_sees, wk_view_gen_params),
	KUNIT_CASE(wk_chain_has_one_mdl_a_piece),
	KUNIT_CASE(wk_shadow_with_a_common_buffer),
	KUNIT_CASE(wk_shadow_of_another_mdl),
	KUNIT_CASE(wk_shadow_of_pieces_that_do_not_follow),
	KUNIT_CASE(wk_shadow_can_be_mapped),
	KUNIT_CASE(wk_shadow_of_a_window),
	KUNIT_CASE(wk_shadow_at_dispatch_level),
	KUNIT_CASE(wk_bad_arguments),
	KUNIT_CASE(wk_shadow_dies_with_the_adapter),
	KUNIT_CASE(wk_next_list_has_its_own_shadow),
	{}
};

static struct kunit_suite wk_bounce_mdl_suite = {
	.name = "wdmdma_bounce_mdl",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_bounce_mdl_cases,
};

kunit_test_suite(wk_bounce_mdl_suite);
