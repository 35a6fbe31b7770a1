// SPDX-License-Identifier: GPL-2.0-only
/*
 * Double buffering: a device's data is in the driver's memory after the flush or the put, not
 * before; what it writes beside its data, or after that, is found. Who does as he should notices
 * nothing.
 */
#include <linux/mm.h>
#include <linux/sizes.h>

#include "bounce.h"
#include "v3.h"
#include "verifier.h"

static int wk_init_doubled(struct kunit *test)
{
	const struct wdmdma_verifier settings = { .level = 1, .guard = true, .bounce = true };
	int ret = wk_init_verified(test);

	wk_set_verifier(test, &settings);
	return ret;
}

static struct wk_bounce wk_doubled(struct kunit *test, BOOLEAN scatter_gather)
{
	DEVICE_DESCRIPTION description = wk_description(3, scatter_gather, 64, SZ_1M);
	struct wk_bounce bounce = { .test = test, .forced = true, .last_address = U64_MAX };

	bounce.adapter = wk_get_described_adapter(test, &description, &bounce.regs);
	KUNIT_ASSERT_NOT_NULL(test, bounce.adapter);
	bounce.ops = bounce.adapter->DmaOperations;
	wk_calls_reset();
	return bounce;
}

struct wk_move {
	u32 offset, bytes;	/* in a buffer of four scattered pages */
	bool write, scatter_gather, contiguous;
};

static const struct wk_move wk_moves[] = {
	{ 0, 1, true, true }, { 0, 1, false, true }, { PAGE_SIZE - 1, 2, true, true },
	{ PAGE_SIZE - 1, 2, false, true }, { 123, 7000, true, true }, { 123, 7000, false, true },
	{ 0, 4 * PAGE_SIZE, true, true }, { 0, 4 * PAGE_SIZE, false, true },
	{ 123, 7000, true, true, true }, { 123, 7000, false, true, true },
	{ 0, 4 * PAGE_SIZE, false, true, true }, { 4 * PAGE_SIZE - 1, 1, false, true, true },
	{ 0, 1, true }, { 0, 1, false }, { 123, 7000, true }, { 123, 7000, false },
	{ 0, 4 * PAGE_SIZE, false }, { 4 * PAGE_SIZE - 1, 1, false },
	{ 123, 7000, false, false, true },
};

static void wk_move_name(const struct wk_move *move, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u at %u %s,%s%s", move->bytes, move->offset,
		 move->write ? "to" : "from", move->scatter_gather ? " scattered" : "",
		 move->contiguous ? " contiguous" : "");
}

KUNIT_ARRAY_PARAM(wk_move, wk_moves, wk_move_name);

struct wk_moving {
	struct wk_bounce bounce;
	struct wk_buffer *buffer;
	PMDL mdl;
	u8 *device, *expected;
	u64 sequence;
};

static struct wk_moving wk_moving(struct kunit *test, const struct wk_move *move)
{
	struct wk_moving moving = {
		.bounce = wk_doubled(test, move->scatter_gather),
		.buffer = move->contiguous ? wk_alloc_contiguous(test, 4) :
					     wk_alloc_scattered(test, 4),
	};
	struct wk_buffer *buffer = moving.buffer;

	moving.mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	moving.device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	moving.expected = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, moving.device);
	KUNIT_ASSERT_NOT_NULL(test, moving.expected);
	wk_fill(moving.device, move->bytes, 5);
	memcpy(moving.expected, buffer->va, buffer->bytes);
	moving.sequence = wk_last_violation();
	return moving;
}

/* The device has moved it all, and it has been flushed: the bytes are where they belong. */
static void wk_expect_moved(struct kunit *test, struct wk_moving *moving,
			    const struct wk_move *move)
{
	struct wdmdma_adapter_stats stats = wk_stats(test, moving->bounce.adapter);

	if (move->write)
		wk_expect_same(test, moving->device, moving->buffer->va + move->offset,
			       move->bytes);
	else
		memcpy(moving->expected + move->offset, moving->device, move->bytes);
	wk_expect_same(test, moving->buffer->va, moving->expected, moving->buffer->bytes);
	KUNIT_EXPECT_EQ(test, stats.direct_maps + stats.translated_maps, 0);
	KUNIT_EXPECT_GT(test, stats.bounced_maps, 0);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), moving->sequence);
}

static void wk_packets_are_copied(struct kunit *test)
{
	const struct wk_move *move = test->param_value;
	struct wk_moving moving = wk_moving(test, move);
	PVOID base = wk_take_set(&moving.bounce, 5);
	unsigned int calls;

	calls = wk_transfer(&moving.bounce, moving.mdl, base, move->offset, move->bytes,
			    move->write, moving.device);
	if (!move->scatter_gather || move->contiguous)
		KUNIT_EXPECT_EQ(test, calls, 1);
	/* Nothing comes back before the flush. */
	wk_expect_same(test, moving.buffer->va, moving.expected, moving.buffer->bytes);
	wk_flush(&moving.bounce, moving.mdl, base, move->offset, move->bytes, move->write);
	wk_expect_moved(test, &moving, move);
	wk_free_set(&moving.bounce, base, 5);
}

static void wk_lists_are_copied(struct kunit *test)
{
	const struct wk_move *move = test->param_value;
	struct wk_moving moving = wk_moving(test, move);
	PSCATTER_GATHER_LIST list = wk_get_list(&moving.bounce, moving.mdl, move->offset,
						move->bytes, move->write);
	ULONG i;

	if (!move->scatter_gather || move->contiguous)
		KUNIT_EXPECT_EQ(test, list->NumberOfElements, 1);
	for (i = 0; i < list->NumberOfElements; i++)
		KUNIT_EXPECT_FALSE(test, wk_is_in(moving.buffer,
						  list->Elements[i].Address.QuadPart));
	if (move->write)
		wk_device_read_list(test, list, moving.device);
	else
		wk_device_write_list(test, list, moving.device);
	wk_expect_same(test, moving.buffer->va, moving.expected, moving.buffer->bytes);
	wk_put_list(&moving.bounce, list, move->write);
	wk_expect_moved(test, &moving, move);
}

/* MapTransferEx, for a chain of two MDLs */
static void wk_chains_are_copied(struct kunit *test)
{
	const struct wk_move *move = test->param_value;
	struct wk_moving moving = wk_moving(test, move);
	struct wk_bounce *bounce = &moving.bounce;
	PMDL mdls[] = { wk_mdl(test, moving.buffer, 0, 2 * PAGE_SIZE),
			wk_mdl(test, moving.buffer, 2 * PAGE_SIZE, 2 * PAGE_SIZE) };
	PSCATTER_GATHER_LIST list = kunit_kzalloc(test, SZ_1K, GFP_KERNEL);
	PMDL chain = wk_link(mdls, 2);
	PVOID base = wk_take_set(bounce, 6);
	ULONG bytes = move->bytes;
	NTSTATUS status;

	status = bounce->ops->MapTransferEx(bounce->adapter, chain, base, move->offset, 0, &bytes,
					    move->write, list, SZ_1K, NULL, NULL);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, bytes, move->bytes);
	if (move->write)
		wk_device_read_list(test, list, moving.device);
	else
		wk_device_write_list(test, list, moving.device);
	wk_expect_same(test, moving.buffer->va, moving.expected, moving.buffer->bytes);
	status = bounce->ops->FlushAdapterBuffersEx(bounce->adapter, chain, base, move->offset,
						    bytes, move->write);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	wk_expect_moved(test, &moving, move);
	wk_free_set(bounce, base, 6);
}

/* A short transfer and a whole flush: what the device did not write stays as it was. */
static void wk_short_transfers_change_nothing(struct kunit *test)
{
	const struct wk_move move = { 100, 3000, false, true };
	struct wk_moving moving = wk_moving(test, &move);
	PVOID base = wk_take_set(&moving.bounce, 1);
	ULONG bytes = 3000;
	u64 address = wk_map(&moving.bounce, moving.mdl, base, 100, &bytes, FALSE);

	wk_device_write(test, address, moving.device, 77);
	wk_flush(&moving.bounce, moving.mdl, base, 100, 3000, FALSE);
	memcpy(moving.expected + 100, moving.device, 77);
	wk_expect_same(test, moving.buffer->va, moving.expected, moving.buffer->bytes);
	wk_free_set(&moving.bounce, base, 1);
}

/* Without the flush the data never comes. */
static void wk_missing_flush_is_seen(struct kunit *test)
{
	const struct wk_move move = { 0, PAGE_SIZE, false, true };
	struct wk_moving moving = wk_moving(test, &move);
	PVOID base = wk_take_set(&moving.bounce, 1);

	wk_transfer(&moving.bounce, moving.mdl, base, 0, PAGE_SIZE, FALSE, moving.device);
	wk_free_set(&moving.bounce, base, 1);
	wk_expect_same(test, moving.buffer->va, moving.expected, moving.buffer->bytes);
	wk_expect_unflushed(test, 1);
}

/* One write beside a mapping */
struct wk_stray {
	u32 offset, bytes;	/* of the mapping, in its pages */
	s32 at;			/* from its start, or behind its end */
	u32 what;		/* parameter 2 */
	bool list;
};

static const struct wk_stray wk_strays[] = {
	{ 10, 100, 0, 2 }, { 10, 100, 7, 2 }, { 10, 100, 8, 5 }, { 10, 100, -1, 1 },
	{ 10, 100, -8, 1 }, { 10, 100, -9, 4 }, { 10, 100, -10 - (s32)PAGE_SIZE, 4 },
	{ 10, 100, 2 * PAGE_SIZE - 111, 5 }, { 0, PAGE_SIZE, 0, 2 }, { 0, PAGE_SIZE, -1, 1 },
	{ 0, PAGE_SIZE, PAGE_SIZE - 1, 5 }, { PAGE_SIZE - 1, 1, 0, 2 },
	{ PAGE_SIZE - 1, 1, -20, 4 },
	{ 10, 100, 0, 2, true }, { 10, 100, 8, 5, true }, { 10, 100, -1, 1, true },
	{ 10, 100, -9, 4, true }, { 0, PAGE_SIZE, 0, 2, true }, { 0, PAGE_SIZE, -1, 1, true },
};

static void wk_stray_name(const struct wk_stray *stray, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%d from %u bytes at %u%s", stray->at, stray->bytes,
		 stray->offset, stray->list ? ", list" : "");
}

KUNIT_ARRAY_PARAM(wk_stray, wk_strays, wk_stray_name);

static void wk_expect_overrun(struct kunit *test, u64 sequence, const struct wk_stray *stray,
			      u64 address, const char *routine)
{
	struct wdmdma_violation violation = wk_expect_violation(test, sequence,
								WD_REPORT_OVERRUN, routine);
	s64 offset = stray->at < 0 ? stray->at : (s64)stray->bytes + stray->at;

	KUNIT_EXPECT_EQ(test, violation.params[0], stray->what);
	if (stray->what < 3) {
		KUNIT_EXPECT_EQ(test, violation.params[1], stray->bytes);
		KUNIT_EXPECT_EQ(test, violation.params[2], address);
	} else {
		KUNIT_EXPECT_EQ(test, violation.params[1], address);
		KUNIT_EXPECT_EQ(test, violation.params[2], address + offset);
	}
	KUNIT_EXPECT_STREQ(test, violation.object, "mapping");
	KUNIT_EXPECT_EQ(test, violation.has_stack, IS_ENABLED(CONFIG_STACKDEPOT));
}

static void wk_writes_beside_are_found(struct kunit *test)
{
	const struct wk_stray *stray = test->param_value;
	const struct wk_move move = { stray->offset, stray->bytes, false, true };
	struct wk_moving moving = wk_moving(test, &move);
	struct wk_bounce *bounce = &moving.bounce;
	PSCATTER_GATHER_LIST list = NULL;
	ULONG bytes = stray->bytes;
	PVOID base = NULL;
	u64 address;

	if (stray->list) {
		list = wk_get_list(bounce, moving.mdl, stray->offset, bytes, FALSE);
		address = list->Elements[0].Address.QuadPart;
	} else {
		base = wk_take_set(bounce, 1);
		address = wk_map(bounce, moving.mdl, base, stray->offset, &bytes, FALSE);
	}
	wk_device_write(test, address, moving.device, bytes);
	wk_device_write(test, address + (stray->at < 0 ? 0 : bytes) + stray->at, "!", 1);
	if (list)
		wk_put_list(bounce, list, FALSE);
	else
		wk_flush(bounce, moving.mdl, base, stray->offset, bytes, FALSE);
	wk_expect_overrun(test, moving.sequence, stray, address,
			  list ? "PutScatterGatherList" : "FlushAdapterBuffers");
	wk_expect_report(test, WD_REPORT_OVERRUN, 1);
	/* The driver gets its data, and nothing else. */
	memcpy(moving.expected + stray->offset, moving.device, bytes);
	wk_expect_same(test, moving.buffer->va, moving.expected, moving.buffer->bytes);
	KUNIT_EXPECT_EQ(test, wdmdma_check_guards(bounce->adapter), 0);
	if (base)
		wk_free_set(bounce, base, 1);
}

/* A mapping that stays can be looked at, and is mended. */
static void wk_live_mappings_are_looked_at(struct kunit *test)
{
	const struct wk_stray behind = { 10, 100, 0, 2 };
	const struct wk_move move = { 10, 100, true, true };
	struct wk_moving moving = wk_moving(test, &move);
	struct wk_bounce *bounce = &moving.bounce;
	PVOID base = wk_take_set(bounce, 1);
	ULONG bytes = 100;
	u64 address = wk_map(bounce, moving.mdl, base, 10, &bytes, TRUE);

	wk_device_write(test, address + 100, "!", 1);
	KUNIT_EXPECT_EQ(test, wdmdma_check_guards(bounce->adapter), 1);
	wk_expect_overrun(test, moving.sequence, &behind, address, "wdmdma_check_guards");
	wk_flush(bounce, moving.mdl, base, 10, 100, TRUE);
	wk_free_set(bounce, base, 1);
	wk_expect_report(test, WD_REPORT_OVERRUN, 1);
}

enum wk_look { WK_LOOK, WK_MAP, WK_MAP_LIST, WK_PUT };

static const struct wk_late {
	enum wk_look look;
	const char *routine;
} wk_lates[] = {
	{ WK_LOOK, "wdmdma_check_guards" }, { WK_MAP, "MapTransfer" },
	{ WK_MAP_LIST, "GetScatterGatherList" }, { WK_PUT, "PutDmaAdapter" },
};

static void wk_late_name(const struct wk_late *late, char *desc)
{
	strscpy(desc, late->routine, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_late, wk_lates, wk_late_name);

/* The device writes when its mapping has been flushed. */
static void wk_late_writes_are_found(struct kunit *test)
{
	const struct wk_late *late = test->param_value;
	const struct wk_move move = { 10, 100, false, true };
	struct wk_moving moving = wk_moving(test, &move);
	struct wk_bounce *bounce = &moving.bounce;
	PVOID base = wk_take_set(bounce, 1);
	struct wdmdma_violation violation;
	ULONG bytes = 100;
	u64 address = wk_map(bounce, moving.mdl, base, 10, &bytes, FALSE);

	wk_flush(bounce, moving.mdl, base, 10, 100, FALSE);
	wk_device_write(test, address + 50, "!", 1);
	if (late->look == WK_LOOK) {
		KUNIT_EXPECT_EQ(test, wdmdma_check_guards(bounce->adapter), 1);
	} else if (late->look == WK_MAP) {
		wk_map(bounce, moving.mdl, base, 10, &bytes, FALSE);
		wk_flush(bounce, moving.mdl, base, 10, 100, FALSE);
	} else if (late->look == WK_MAP_LIST) {
		wk_put_list(bounce, wk_get_list(bounce, moving.mdl, 10, 100, FALSE), FALSE);
	}
	wk_free_set(bounce, base, 1);
	if (late->look == WK_PUT)
		wk_put_adapter(test, bounce->adapter);
	violation = wk_expect_violation(test, moving.sequence, WD_REPORT_OVERRUN, late->routine);
	KUNIT_EXPECT_EQ(test, violation.params[0], 3);
	KUNIT_EXPECT_EQ(test, violation.params[1], address + 50);
	KUNIT_EXPECT_EQ(test, violation.params[2], 0x0F);
	wk_expect_same(test, moving.buffer->va, moving.expected, moving.buffer->bytes);
	wk_expect_report(test, WD_REPORT_OVERRUN, 1);
}

/* Sets that end with something mapped are looked at as well. */
static void wk_ends_without_flush_are_looked_at(struct kunit *test)
{
	const struct wk_stray behind = { 10, 100, 0, 2 };
	const struct wk_move move = { 10, 100, false, true };
	struct wk_moving moving = wk_moving(test, &move);
	struct wk_bounce *bounce = &moving.bounce;
	PSCATTER_GATHER_LIST list;
	ULONG bytes = 100;
	PVOID base = wk_take_set(bounce, 1);
	u64 address = wk_map(bounce, moving.mdl, base, 10, &bytes, FALSE);

	wk_device_write(test, address + 100, "!", 1);
	wk_free_set(bounce, base, 1);
	wk_expect_overrun(test, moving.sequence, &behind, address, "FreeMapRegisters");
	moving.sequence = wk_last_violation();
	list = wk_get_list(bounce, moving.mdl, 10, 100, FALSE);
	address = list->Elements[0].Address.QuadPart;
	wk_device_write(test, address + 100, "!", 1);
	wk_put_adapter(test, bounce->adapter);
	wk_expect_overrun(test, moving.sequence, &behind, address, "PutDmaAdapter");
	wk_expect_report(test, WD_REPORT_OVERRUN, 2);
	wk_expect_unflushed(test, 1);
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);
}

static void wk_expect_uncopied(struct kunit *test, const struct wk_bounce *bounce,
			       struct wk_buffer *buffer, PMDL mdl, PVOID base)
{
	ULONG bytes = PAGE_SIZE;
	u64 address = wk_map(bounce, mdl, base, 0, &bytes, TRUE);

	wk_expect_at(test, address, buffer, 0);
	wk_flush(bounce, mdl, base, 0, bytes, TRUE);
}

/* More than 64 registers, by one request or by several, are none of the verifier's. */
static void wk_the_rest_is_not_copied(struct kunit *test)
{
	struct wk_bounce bounce = wk_doubled(test, TRUE);
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);
	struct wk_buffer *large = wk_alloc_scattered(test, 66);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE), all = wk_mdl(test, large, 0, large->bytes);
	PVOID many = wk_take_set(&bounce, 65), base = wk_take_set(&bounce, 64), one;
	u8 *device = kunit_kzalloc(test, large->bytes, GFP_KERNEL);
	PSCATTER_GATHER_LIST list;

	wk_expect_uncopied(test, &bounce, buffer, mdl, many);
	list = wk_get_list(&bounce, all, 0, 65 * PAGE_SIZE, TRUE);
	wk_expect_at(test, list->Elements[0].Address.QuadPart, large, 0);
	wk_put_list(&bounce, list, TRUE);

	wk_transfer(&bounce, all, base, 0, 64 * PAGE_SIZE, FALSE, device);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes, 64 * PAGE_SIZE);
	one = wk_take_set(&bounce, 1);
	wk_expect_uncopied(test, &bounce, buffer, mdl, one);
	wk_flush(&bounce, all, base, 0, 64 * PAGE_SIZE, FALSE);
	KUNIT_EXPECT_NULL(test, memchr_inv(large->va, 0, 64 * PAGE_SIZE));

	/* They are all there again. */
	list = wk_get_list(&bounce, all, 0, 64 * PAGE_SIZE, FALSE);
	KUNIT_EXPECT_FALSE(test, wk_is_in(large, list->Elements[0].Address.QuadPart));
	wk_put_list(&bounce, list, FALSE);
	wk_free_set(&bounce, many, 65);
	wk_free_set(&bounce, base, 64);
	wk_free_set(&bounce, one, 1);
}

/* ... nor what must not be copied, or has an address already. */
static void wk_exceptions_are_not_copied(struct kunit *test)
{
	struct wk_bounce bounce = wk_doubled(test, TRUE);
	struct wk_v3 v3 = { test, bounce.adapter, bounce.ops, .regs = bounce.regs };
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE), common;
	PSCATTER_GATHER_LIST list = NULL;
	struct wk_context context;
	PHYSICAL_ADDRESS address;
	void *va;

	wk_context_init(&v3, &context);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &(struct wk_ask){
		.context = &context, .mdl = mdl, .bytes = PAGE_SIZE, .list = &list,
		.flags = DMA_SYNCHRONOUS_CALLBACK | DMA_FAIL_ON_BOUNCE }), STATUS_SUCCESS);
	wk_expect_at(test, list->Elements[0].Address.QuadPart, buffer, 0);
	wk_put_list(&bounce, list, TRUE);

	va = bounce.ops->AllocateCommonBuffer(bounce.adapter, 5000, &address, TRUE);
	common = IoAllocateMdl(va, 5000, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, common);
	MmBuildMdlForNonPagedPool(common);
	list = wk_get_list(&bounce, common, 0, 5000, TRUE);
	KUNIT_EXPECT_EQ(test, list->Elements[0].Address.QuadPart, address.QuadPart);
	wk_put_list(&bounce, list, TRUE);
	IoFreeMdl(common);
	bounce.ops->FreeCommonBuffer(bounce.adapter, 5000, address, va, TRUE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_maps, 0);
}

/* FlushDmaBuffer brings the data without ending anything; the list's MDL is of what is copied. */
static void wk_copies_can_be_looked_at(struct kunit *test)
{
	const struct wk_move move = { 10, 100, false, true };
	struct wk_moving moving = wk_moving(test, &move);
	struct wk_bounce *bounce = &moving.bounce;
	PSCATTER_GATHER_LIST list = wk_get_list(bounce, moving.mdl, 10, 100, FALSE);
	PMDL mdl;

	wk_device_write_list(test, list, moving.device);
	wk_expect_same(test, moving.buffer->va, moving.expected, moving.buffer->bytes);
	KUNIT_EXPECT_EQ(test, bounce->ops->FlushDmaBuffer(bounce->adapter, moving.mdl, TRUE),
			STATUS_SUCCESS);
	memcpy(moving.expected + 10, moving.device, 100);
	wk_expect_same(test, moving.buffer->va, moving.expected, moving.buffer->bytes);
	KUNIT_ASSERT_EQ(test, bounce->ops->BuildMdlFromScatterGatherList(bounce->adapter, list,
									 moving.mdl, &mdl),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, PFN_PHYS(MmGetMdlPfnArray(mdl)[0]) + 10,
			wk_memory_at(test, list->Elements[0].Address.QuadPart));
	wk_put_list(bounce, list, FALSE);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), moving.sequence);
}

/* The two are switched on by themselves. */
static void wk_copies_need_no_guards(struct kunit *test)
{
	const struct wk_move move = { 10, 100, false, true };
	struct wk_moving moving;
	ULONG bytes = 100;
	u64 address;
	PVOID base;

	wk_set_verifier(test, &(struct wdmdma_verifier){ .level = 1, .bounce = true });
	moving = wk_moving(test, &move);
	base = wk_take_set(&moving.bounce, 1);
	address = wk_map(&moving.bounce, moving.mdl, base, 10, &bytes, FALSE);
	wk_device_write(test, address, moving.device, 101);
	wk_flush(&moving.bounce, moving.mdl, base, 10, 100, FALSE);
	wk_expect_moved(test, &moving, &move);
	wk_device_write(test, address, moving.device, 101);
	KUNIT_EXPECT_EQ(test, wdmdma_check_guards(moving.bounce.adapter), 0);
	wk_free_set(&moving.bounce, base, 1);
}

static struct kunit_case wk_verifier_bounce_cases[] = {
	KUNIT_CASE_PARAM(wk_packets_are_copied, wk_move_gen_params),
	KUNIT_CASE_PARAM(wk_lists_are_copied, wk_move_gen_params),
	KUNIT_CASE_PARAM(wk_chains_are_copied, wk_move_gen_params),
	KUNIT_CASE(wk_short_transfers_change_nothing),
	KUNIT_CASE(wk_missing_flush_is_seen),
	KUNIT_CASE_PARAM(wk_writes_beside_are_found, wk_stray_gen_params),
	KUNIT_CASE(wk_live_mappings_are_looked_at),
	KUNIT_CASE_PARAM(wk_late_writes_are_found, wk_late_gen_params),
	KUNIT_CASE(wk_ends_without_flush_are_looked_at),
	KUNIT_CASE(wk_the_rest_is_not_copied),
	KUNIT_CASE(wk_exceptions_are_not_copied),
	KUNIT_CASE(wk_copies_can_be_looked_at),
	KUNIT_CASE(wk_copies_need_no_guards),
	{}
};

static struct kunit_suite wk_verifier_bounce_suite = {
	.name = "wdmdma_verifier_bounce",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_doubled,
	.exit = wk_exit_verified,
	.test_cases = wk_verifier_bounce_cases,
};

kunit_test_suites(&wk_verifier_bounce_suite);
