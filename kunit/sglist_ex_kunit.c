// SPDX-License-Identifier: GPL-2.0-only
/*
 * GetScatterGatherListEx and BuildScatterGatherListEx: every row of the table of flags, routine and
 * pointer, every status, and the bytes. Tests run for both routines. What a context does to a
 * request is in context_kunit.c and cancel_kunit.c.
 */
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "v3.h"

#define WK_SYNC		DMA_SYNCHRONOUS_CALLBACK

static const bool wk_builds[] = { false, true };

static void wk_build_desc(const bool *build, char *desc)
{
	strscpy(desc, *build ? "Build" : "Get", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_build, wk_builds, wk_build_desc);

static bool wk_is_build(struct kunit *test)
{
	return *(const bool *)test->param_value;
}

/* What most requests have in common: the whole of an MDL, and a buffer if it is a Build */
static struct wk_ask wk_ask_of(struct kunit *test, bool build, PVOID context, PMDL mdl)
{
	struct wk_ask ask = {
		.context = context,
		.mdl = mdl,
		.bytes = MmGetMdlByteCount(mdl),
		.build = build,
	};

	if (build) {
		ask.buffer_bytes = SZ_2K;
		ask.buffer = kunit_kzalloc(test, SZ_2K, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, ask.buffer);
	}
	return ask;
}

struct wk_row {
	const char *name;
	bool sync, routine, pointer;
	bool works;
};

/* scatter-gather.md */
static const struct wk_row wk_rows[] = {
	{ "async, no routine, no pointer", false, false, false, false },
	{ "async, no routine, pointer", false, false, true, false },
	{ "async, routine, no pointer", false, true, false, true },
	{ "async, routine, pointer", false, true, true, true },
	{ "sync, no routine, no pointer", true, false, false, false },
	{ "sync, no routine, pointer", true, false, true, true },
	{ "sync, routine, no pointer", true, true, false, true },
	{ "sync, routine, pointer", true, true, true, true },
};

static void wk_row_desc(const struct wk_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_row, wk_rows, wk_row_desc);

/* The pointer that a request stores to, seen from its routine, and changed in it */
struct wk_pointer {
	PSCATTER_GATHER_LIST list, seen;
};

static void wk_see_pointer(struct wk_call *call)
{
	struct wk_pointer *pointer = call->data;

	pointer->seen = pointer->list;
	pointer->list = WK_POISON;
}

static void wk_table_row(struct kunit *test, const struct wk_v3 *v3, const struct wk_row *row,
			 struct wk_ask *ask)
{
	struct wk_pointer pointer = { .list = WK_POISON };
	PSCATTER_GATHER_LIST list = pointer.list;
	struct wk_call call;
	NTSTATUS status;

	wk_call_init(&call, v3->adapter, KeepObject);
	call.inside = wk_see_pointer;
	call.data = &pointer;
	ask->call = row->routine ? &call : NULL;
	ask->list = row->pointer ? &pointer.list : NULL;
	status = wk_list_ex(v3, ask);
	KUNIT_ASSERT_EQ(test, status, row->works ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
	KUNIT_ASSERT_EQ(test, call.count, row->works && row->routine);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3->adapter).lists_live, row->works);
	if (!row->works) {
		KUNIT_EXPECT_PTR_EQ(test, pointer.list, row->pointer ? NULL : WK_POISON);
		return;
	}
	if (row->routine) {
		list = call.list;
		KUNIT_EXPECT_PTR_EQ(test, call.device_object, v3->object);
		KUNIT_EXPECT_TRUE(test, call.bh_off);
		/* Stored before the routine is called, and never afterwards */
		KUNIT_EXPECT_PTR_EQ(test, pointer.seen, row->pointer ? list : WK_POISON);
		KUNIT_EXPECT_PTR_EQ(test, pointer.list, WK_POISON);
	} else {
		list = pointer.list;
	}
	KUNIT_ASSERT_NOT_NULL(test, list);
	if (ask->build)
		KUNIT_EXPECT_PTR_EQ(test, list, ask->buffer);
	KUNIT_EXPECT_EQ(test, wk_list_bytes(list), ask->bytes);
	wk_put_ex(v3, list);
}

static void wk_table(struct kunit *test)
{
	static const ULONG harmless[] = { 0, DMA_ZERO_BUFFERS, DMA_FAIL_ON_BOUNCE,
					  DMA_ZERO_BUFFERS | DMA_FAIL_ON_BOUNCE };
	const struct wk_row *row = test->param_value;
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, 3);
	PMDL mdl = wk_mdl(test, memory, 100, 2 * PAGE_SIZE);
	struct wk_context context;
	int i, build;

	wk_context_init(&v3, &context);
	for (build = 0; build <= 1; build++) {
		struct wk_ask ask = wk_ask_of(test, build, &context, mdl);

		for (i = 0; i < ARRAY_SIZE(harmless); i++) {
			ask.flags = harmless[i] | (row->sync ? WK_SYNC : 0);
			wk_table_row(test, &v3, row, &ask);
		}
	}
	wk_expect_free(&v3);
}

/* The ninth row: one that waits has no list yet, and its pointer is not remembered. */
static void wk_pointer_of_a_waiting_request(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, 1);
	PMDL mdl = wk_mdl(test, memory, 0, PAGE_SIZE);
	struct wk_context context;
	struct wk_ask ask = wk_ask_of(test, wk_is_build(test), &context, mdl);
	PSCATTER_GATHER_LIST list = WK_POISON;
	struct wk_call call;

	wk_context_init(&v3, &context);
	wk_call_init(&call, v3.adapter, KeepObject);
	ask.call = &call;
	ask.list = &list;
	wk_own_channel(&v3, 1);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	KUNIT_EXPECT_NULL(test, list);
	list = WK_POISON;
	v3.ops->FreeAdapterChannel(v3.adapter);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	KUNIT_EXPECT_PTR_EQ(test, list, WK_POISON);
	wk_put_ex(&v3, call.list);
}

static void wk_unknown_flags_are_refused(struct kunit *test)
{
	static const ULONG flags[] = { 0x08, 0x10, 0x100, 0x80000000, 0xFFFFFFF8 };
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, 1);
	PMDL mdl = wk_mdl(test, memory, 0, PAGE_SIZE);
	struct wk_context context;
	struct wk_ask ask = wk_ask_of(test, wk_is_build(test), &context, mdl);
	struct wk_call call;
	int i, sync;

	wk_context_init(&v3, &context);
	wk_call_init(&call, v3.adapter, KeepObject);
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		for (sync = 0; sync <= 1; sync++) {
			PSCATTER_GATHER_LIST list = WK_POISON;

			ask.flags = flags[i] | (sync ? WK_SYNC : 0);
			ask.call = sync ? NULL : &call;
			ask.list = &list;
			KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), STATUS_INVALID_PARAMETER);
			KUNIT_EXPECT_NULL(test, list);
		}
	}
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_expect_free(&v3);
}

/* Ranges of a chain of 100, 0 and PAGE_SIZE + 50 bytes; the last page has room for 46 more. */
static const struct wk_range {
	const char *name;
	u64 offset;
	ULONG bytes;
	NTSTATUS status;
} wk_ranges[] = {
	{ "all", 0, PAGE_SIZE + 150, STATUS_SUCCESS },
	{ "last byte", PAGE_SIZE + 149, 1, STATUS_SUCCESS },
	{ "second MDL", 100, PAGE_SIZE + 50, STATUS_SUCCESS },
	{ "across the MDLs", 99, 2, STATUS_SUCCESS },
	{ "all and the slack", 0, PAGE_SIZE + 150 + 46, STATUS_SUCCESS },
	{ "more than the slack", 0, PAGE_SIZE + 150 + 47, STATUS_BUFFER_TOO_SMALL },
	{ "much more", 100, 0xFFFFFFFF, STATUS_BUFFER_TOO_SMALL },
	{ "at the end", PAGE_SIZE + 150, 1, STATUS_INVALID_PARAMETER },
	{ "behind the end", SZ_1M, 1, STATUS_INVALID_PARAMETER },
	{ "far behind the end", 0x100000000ULL, 100, STATUS_INVALID_PARAMETER },
	{ "at -1", -1ULL, 1, STATUS_INVALID_PARAMETER },
	{ "no bytes", 0, 0, STATUS_INVALID_PARAMETER },
};

static void wk_range_desc(const struct wk_range *range, char *desc)
{
	strscpy(desc, range->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_range, wk_ranges, wk_range_desc);

static void wk_range_decides(struct kunit *test)
{
	const struct wk_range *range = test->param_value;
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, 4);
	PMDL mdls[] = {
		wk_mdl(test, memory, 10, 100),
		wk_mdl(test, memory, PAGE_SIZE, 0),
		wk_mdl(test, memory, 2 * PAGE_SIZE + 4000, PAGE_SIZE + 50),
	};
	struct wk_context context;
	int i;

	static_assert(PAGE_SIZE == 4096);
	wk_context_init(&v3, &context);
	for (i = 0; i < 4; i++) {
		struct wk_ask ask = wk_ask_of(test, i & 1, &context, wk_link(mdls, 3));
		PSCATTER_GATHER_LIST list = WK_POISON;
		struct wk_call call;

		wk_call_init(&call, v3.adapter, KeepObject);
		ask.offset = range->offset;
		ask.bytes = range->bytes;
		ask.flags = i & 2 ? WK_SYNC : 0;
		ask.call = &call;
		ask.list = &list;
		KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), range->status);
		KUNIT_ASSERT_EQ(test, call.count, range->status == STATUS_SUCCESS);
		if (range->status) {
			KUNIT_EXPECT_NULL(test, list);
			continue;
		}
		KUNIT_ASSERT_PTR_EQ(test, list, call.list);
		KUNIT_EXPECT_EQ(test, wk_list_bytes(list), range->bytes);
		wk_put_ex(&v3, list);
	}
	mdls[0]->Next = NULL;
	wk_expect_free(&v3);
}

static void wk_bad_memory_is_refused(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, 1);
	PMDL mdl = wk_mdl(test, memory, 0, PAGE_SIZE);
	struct wk_context context;
	struct wk_ask ask = wk_ask_of(test, wk_is_build(test), &context, mdl);
	PMDL unbuilt = IoAllocateMdl(memory->va, PAGE_SIZE, FALSE, FALSE, NULL);
	PSCATTER_GATHER_LIST list = WK_POISON;

	KUNIT_ASSERT_NOT_NULL(test, unbuilt);
	wk_context_init(&v3, &context);
	ask.flags = WK_SYNC;
	ask.list = &list;
	ask.mdl = NULL;
	KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_NULL(test, list);
	wk_expect_report(test, WD_REPORT_NOT_LOCKED, 1);
	MmGetMdlPfnArray(unbuilt)[0] = page_to_pfn(memory->pages[0]);
	ask.mdl = unbuilt;
	KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), STATUS_INVALID_PARAMETER);
	IoFreeMdl(unbuilt);
	wk_expect_free(&v3);
}

static void wk_r_is_enough(struct kunit *test, struct wk_v3 v3)
{
	struct wk_buffer *memory = wk_alloc_scattered(test, v3.regs + 1);
	PMDL mdl = wk_mdl(test, memory, 0, memory->bytes);
	struct wk_context context;
	struct wk_ask ask = wk_ask_of(test, wk_is_build(test), &context, mdl);
	struct wk_call call;
	int owned;

	wk_context_init(&v3, &context);
	wk_call_init(&call, v3.adapter, KeepObject);
	ask.call = &call;
	for (owned = 0; owned <= 1; owned++) {
		if (owned)
			wk_own_channel(&v3, 1);
		for (ask.flags = 0; ask.flags <= WK_SYNC; ask.flags++)
			KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask),
					STATUS_INSUFFICIENT_RESOURCES);
	}
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).waiting, 0);
	v3.ops->FreeAdapterChannel(v3.adapter);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	ask.bytes = v3.regs * PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	wk_put_ex(&v3, call.list);
	wk_expect_free(&v3);
}

/* More than R never comes free: it must not wait, nor be had where there is no pool. */
static void wk_more_than_r_fails_at_once(struct kunit *test)
{
	wk_r_is_enough(test, wk_v3_pool(test, 4));
	wk_r_is_enough(test, wk_v3_way(test, WK_DIRECT));
}

static void wk_buffer_of_build(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, 4);
	PMDL mdl = wk_mdl(test, memory, 0, 4 * PAGE_SIZE);
	struct wk_context context;
	struct wk_ask ask = wk_ask_of(test, true, &context, mdl);
	u8 *pattern = kunit_kzalloc(test, SZ_2K, GFP_KERNEL);
	PSCATTER_GATHER_LIST list, other;
	u8 *buffer = ask.buffer;
	ULONG size;

	KUNIT_ASSERT_EQ(test, v3.ops->CalculateScatterGatherList(v3.adapter, mdl, memory->va,
								 4 * PAGE_SIZE, &size, NULL),
			STATUS_SUCCESS);
	wk_context_init(&v3, &context);
	ask.flags = WK_SYNC;
	ask.list = &list;
	wk_fill(pattern, SZ_2K, 8);
	memcpy(buffer, pattern, SZ_2K);
	for (ask.buffer_bytes = 0; ask.buffer_bytes < size; ask.buffer_bytes += 8) {
		list = WK_POISON;
		KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), STATUS_BUFFER_TOO_SMALL);
		KUNIT_EXPECT_NULL(test, list);
	}
	ask.buffer_bytes = size - 1;
	KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), STATUS_BUFFER_TOO_SMALL);
	ask.buffer = NULL;
	ask.buffer_bytes = size;
	KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), STATUS_INVALID_PARAMETER);

	ask.buffer = buffer;
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, (u8 *)list, buffer);
	KUNIT_EXPECT_EQ(test, list->NumberOfElements, wk_joins(test) ? 1 : 4);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	ask.list = &other;
	KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), STATUS_INVALID_PARAMETER);
	wk_put_ex(&v3, list);
	/* It has all been done in @size bytes. */
	KUNIT_EXPECT_MEMEQ(test, buffer + size, pattern + size, SZ_2K - size);
	wk_expect_free(&v3);
}

/* Decision 2, and nothing is left of what was refused. */
static void wk_synchronous_request_does_not_wait(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_is_build(test) ? WK_BUILD : WK_GET);
	struct wk_context context, waiting_context;
	struct wk_ask ask = wk_ask_of(test, wk_is_build(test), &context, rig.mdl[2]);
	PSCATTER_GATHER_LIST list;
	struct wk_call waiter;
	int obstacle;

	wk_context_init(&rig.v3, &context);
	ask.flags = WK_SYNC;
	ask.list = &list;
	for (obstacle = 0; obstacle < 3; obstacle++) {
		PVOID set = NULL;

		list = WK_POISON;
		wk_passing_call(&rig, &waiter);
		if (obstacle == 0)
			wk_own_channel(&rig.v3, 1);
		else
			set = wk_get_set(&rig.v3, obstacle == 1 ? 3 : 1);
		wk_context_init(&rig.v3, &waiting_context);
		if (obstacle == 2)
			wk_request(&rig, &waiting_context, 4, 0, &waiter);
		KUNIT_EXPECT_EQ(test, wk_list_ex(&rig.v3, &ask), STATUS_INSUFFICIENT_RESOURCES);
		KUNIT_EXPECT_NULL(test, list);
		KUNIT_EXPECT_EQ(test, wk_stats(test, rig.v3.adapter).waiting, obstacle == 2);
		if (set)
			wk_end_set(&rig.v3, set, obstacle == 1 ? 3 : 1);
		else
			wk_release(&rig);
		KUNIT_EXPECT_EQ(test, waiter.count, obstacle == 2);
		KUNIT_ASSERT_EQ(test, wk_list_ex(&rig.v3, &ask), STATUS_SUCCESS);
		wk_put_ex(&rig.v3, list);
	}
	wk_expect_free(&rig.v3);
}

/* What cannot be mapped now is refused; only an asynchronous Build waits (sglist_wait_kunit.c). */
static void wk_mapping_that_fails(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_pool(test, 4);
	struct wk_buffer *memory = wk_alloc_scattered(test, 2);
	PMDL mdl = wk_mdl(test, memory, 0, 2 * PAGE_SIZE);
	bool build = wk_is_build(test);
	struct wk_context context;
	struct wk_ask ask = wk_ask_of(test, build, &context, mdl);
	PSCATTER_GATHER_LIST list = WK_POISON;
	struct wk_call call;

	wk_context_init(&v3, &context);
	wk_call_init(&call, v3.adapter, KeepObject);
	ask.flags = WK_SYNC;
	ask.list = &list;
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 1), 0);
	KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_NULL(test, list);
	ask.call = &call;
	ask.flags = build ? WK_SYNC : 0;
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 1), 0);
	list = WK_POISON;
	KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_NULL(test, list);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_expect_free(&v3);
	/* The same context and buffer do when it works again. */
	KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	wk_put_ex(&v3, call.list);
}

/* What a routine asks for */
struct wk_nested {
	const struct wk_v3 *v3;
	const struct wk_ask *ask;
	NTSTATUS status;
	unsigned int count;	/* calls of the routine asked for before this one returned */
};

static void wk_ask_inside(struct wk_call *call)
{
	struct wk_nested *nested = call->data;

	nested->status = wk_list_ex(nested->v3, nested->ask);
	nested->count = nested->ask->call ? nested->ask->call->count : 0;
}

/*
 * From inside a routine a synchronous request is granted, and called, at once; any other is called
 * after it, whether the routine is that of a synchronous request or not (A8).
 */
static void wk_request_from_inside_a_routine(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, 1);
	PMDL mdl = wk_mdl(test, memory, 0, PAGE_SIZE);
	struct wk_context outer_context, inner_context;
	struct wk_ask outer = wk_ask_of(test, wk_is_build(test), &outer_context, mdl);
	struct wk_ask inner = wk_ask_of(test, wk_is_build(test), &inner_context, mdl);
	struct wk_nested nested = { .v3 = &v3, .ask = &inner };
	int i;

	wk_context_init(&v3, &outer_context);
	wk_context_init(&v3, &inner_context);
	for (i = 0; i < 4; i++) {
		bool inner_is_sync = i & 1;
		struct wk_call outer_call, inner_call;

		wk_call_init(&outer_call, v3.adapter, KeepObject);
		wk_call_init(&inner_call, v3.adapter, KeepObject);
		outer_call.inside = wk_ask_inside;
		outer_call.data = &nested;
		outer.call = &outer_call;
		outer.flags = i & 2 ? WK_SYNC : 0;
		inner.call = &inner_call;
		inner.flags = inner_is_sync ? WK_SYNC : 0;
		KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &outer), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, nested.status, STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, nested.count, inner_is_sync);
		KUNIT_EXPECT_EQ_MSG(test, inner_call.nested, inner_is_sync, "outer %s",
				    i & 2 ? "sync" : "async");
		KUNIT_ASSERT_EQ(test, inner_call.count, 1);
		wk_put_ex(&v3, inner_call.list);
		wk_put_ex(&v3, outer_call.list);
	}
	wk_expect_free(&v3);
}

static void wk_interrupts_off(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, 1);
	PMDL mdl = wk_mdl(test, memory, 0, PAGE_SIZE);
	struct wk_context context;
	struct wk_ask ask = wk_ask_of(test, wk_is_build(test), &context, mdl);
	PSCATTER_GATHER_LIST list = WK_POISON;
	struct wk_call sync, async;
	unsigned int count;
	unsigned long flags;
	NTSTATUS status;

	wk_context_init(&v3, &context);
	wk_call_init(&sync, v3.adapter, KeepObject);
	wk_call_init(&async, v3.adapter, KeepObject);
	ask.call = &sync;
	ask.list = &list;
	ask.flags = WK_SYNC;
	local_irq_save(flags);
	status = wk_list_ex(&v3, &ask);
	count = sync.count;
	local_irq_restore(flags);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, count, 1);
	KUNIT_EXPECT_PTR_EQ(test, list, sync.list);
	wk_put_ex(&v3, sync.list);

	ask.call = &async;
	ask.flags = 0;
	local_irq_save(flags);
	status = wk_list_ex(&v3, &ask);
	count = async.count;
	local_irq_restore(flags);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, count, 0);
	KUNIT_EXPECT_NULL(test, list);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(async.count) == 1));
	wk_put_ex(&v3, async.list);
}

static struct kunit_case wk_sglist_ex_cases[] = {
	KUNIT_CASE_PARAM(wk_table, wk_row_gen_params),
	KUNIT_CASE_PARAM(wk_pointer_of_a_waiting_request, wk_build_gen_params),
	KUNIT_CASE_PARAM(wk_unknown_flags_are_refused, wk_build_gen_params),
	KUNIT_CASE_PARAM(wk_range_decides, wk_range_gen_params),
	KUNIT_CASE_PARAM(wk_bad_memory_is_refused, wk_build_gen_params),
	KUNIT_CASE_PARAM(wk_more_than_r_fails_at_once, wk_build_gen_params),
	KUNIT_CASE(wk_buffer_of_build),
	KUNIT_CASE_PARAM(wk_synchronous_request_does_not_wait, wk_build_gen_params),
	KUNIT_CASE_PARAM(wk_mapping_that_fails, wk_build_gen_params),
	KUNIT_CASE_PARAM(wk_request_from_inside_a_routine, wk_build_gen_params),
	KUNIT_CASE_PARAM(wk_interrupts_off, wk_build_gen_params),
	{}
};

static struct kunit_suite wk_sglist_ex_suite = {
	.name = "wdmdma_sglist_ex",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_sglist_ex_cases,
};

kunit_test_suite(wk_sglist_ex_suite);
