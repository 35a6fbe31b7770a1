// SPDX-License-Identifier: GPL-2.0-only
/*
 * FlushAdapterBuffersEx: all that one MapTransferEx mapped is released, whatever Length says; that
 * only limits what comes back of the device's data where wdmdma copies.
 */
#include <linux/irqflags.h>
#include <linux/sizes.h>

#include "v3.h"

#define WK_ELEMENTS	8
#define WK_LIST_SIZE	(16 + 24 * WK_ELEMENTS)
#define WK_REGISTERS	6

/* A set, and a chain of 1000, 0, PAGE_SIZE and 2000 bytes that takes all its registers */
struct wk_rigged {
	struct wk_v3 v3;
	PVOID base;
	struct wk_buffer *memory;
	PMDL chain, mdls[4];
	SCATTER_GATHER_LIST *list;
	u32 idle;		/* mappings when nothing is mapped */
};

#define WK_TOTAL	(1000 + PAGE_SIZE + 2000)

static struct wk_rigged wk_rigged(struct kunit *test, enum wk_way way)
{
	struct wk_rigged rig = { .v3 = wk_v3_way(test, way) };

	rig.memory = wk_alloc_scattered(test, 8);
	rig.mdls[0] = wk_mdl(test, rig.memory, PAGE_SIZE - 500, 1000);
	rig.mdls[1] = wk_mdl(test, rig.memory, 2 * PAGE_SIZE, 0);
	rig.mdls[2] = wk_mdl(test, rig.memory, 3 * PAGE_SIZE + 10, PAGE_SIZE);
	rig.mdls[3] = wk_mdl(test, rig.memory, 6 * PAGE_SIZE - 1, 2000);
	rig.chain = wk_link(rig.mdls, 4);
	rig.list = kunit_kzalloc(test, WK_LIST_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rig.list);
	rig.base = wk_get_set(&rig.v3, WK_REGISTERS);
	rig.idle = wk_mappings(test);
	return rig;
}

static ULONG wk_map(struct wk_rigged *rig, u64 offset, ULONG wanted, BOOLEAN write)
{
	ULONG bytes = wanted;
	NTSTATUS status;

	status = rig->v3.ops->MapTransferEx(rig->v3.adapter, rig->chain, rig->base, offset, 0,
					    &bytes, write, rig->list, WK_LIST_SIZE, NULL, NULL);
	KUNIT_ASSERT_EQ(rig->v3.test, status, STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(rig->v3.test, bytes, wanted);
	return bytes;
}

static NTSTATUS wk_flush(struct wk_rigged *rig, PMDL mdl, u64 offset, ULONG bytes, BOOLEAN write)
{
	return rig->v3.ops->FlushAdapterBuffersEx(rig->v3.adapter, mdl, rig->base, offset, bytes,
						  write);
}

/* Nothing is mapped, and all registers can be used. */
static void wk_expect_empty(struct wk_rigged *rig)
{
	struct kunit *test = rig->v3.test;

	KUNIT_EXPECT_EQ(test, wk_mappings(test), rig->idle);
	wk_map(rig, 0, WK_TOTAL, TRUE);
	KUNIT_EXPECT_EQ(test, wk_flush(rig, rig->chain, 0, WK_TOTAL, TRUE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), rig->idle);
}

static void wk_finish(struct wk_rigged *rig)
{
	wk_expect_empty(rig);
	wk_end_set(&rig->v3, rig->base, WK_REGISTERS);
	wk_expect_free(&rig->v3);
}

/* How many bytes of the whole chain a flush says were transferred */
static const u32 wk_lengths[] = {
	0, 1, 999, 1000, 1001, 1000 + PAGE_SIZE, WK_TOTAL - 1, WK_TOTAL, WK_TOTAL + 1, U32_MAX,
};

static void wk_length_desc(const u32 *length, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u bytes", *length);
}

KUNIT_ARRAY_PARAM(wk_length, wk_lengths, wk_length_desc);

/* Where wdmdma copies, so many bytes come back and no more; elsewhere the device wrote itself. */
static void wk_length(struct kunit *test, enum wk_way way)
{
	u32 length = *(const u32 *)test->param_value, copied = min_t(u32, length, WK_TOTAL);
	struct wk_rigged rig = wk_rigged(test, way);
	u8 *device = kunit_kzalloc(test, WK_TOTAL, GFP_KERNEL);
	u8 *before = kunit_kzalloc(test, WK_TOTAL, GFP_KERNEL);
	u8 *after = kunit_kzalloc(test, WK_TOTAL, GFP_KERNEL);

	if (way == WK_DIRECT)
		copied = WK_TOTAL;
	wk_fill(device, WK_TOTAL, 80);
	wk_chain_read(rig.chain, 0, before, WK_TOTAL);
	wk_map(&rig, 0, WK_TOTAL, FALSE);
	if (way == WK_DIRECT)
		KUNIT_EXPECT_GT(test, wk_mappings(test), rig.idle);
	wk_device_write_list(test, rig.list, device);
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, 0, length, FALSE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), rig.idle);
	wk_chain_read(rig.chain, 0, after, WK_TOTAL);
	KUNIT_EXPECT_MEMEQ(test, after, device, copied);
	if (copied < WK_TOTAL)
		KUNIT_EXPECT_MEMEQ(test, after + copied, before + copied, WK_TOTAL - copied);
	wk_finish(&rig);
}

static void wk_everything_is_released(struct kunit *test)
{
	wk_length(test, WK_DIRECT);
}

static void wk_length_limits_the_copy_of_the_pool(struct kunit *test)
{
	wk_length(test, WK_POOL);
}

static void wk_length_limits_the_copy_of_the_window(struct kunit *test)
{
	wk_length(test, WK_WINDOW);
}

/* The same for a transfer that begins inside the chain */
static void wk_transfer_that_starts_inside(struct kunit *test)
{
	const u32 start = 1500, bytes = WK_TOTAL - 1600;
	struct wk_rigged rig = wk_rigged(test, wk_way(test));
	u8 *device = kunit_kzalloc(test, WK_TOTAL, GFP_KERNEL);
	u8 *before = kunit_kzalloc(test, WK_TOTAL, GFP_KERNEL);
	u8 *after = kunit_kzalloc(test, WK_TOTAL, GFP_KERNEL);

	wk_fill(device, WK_TOTAL, 81);
	wk_chain_read(rig.chain, 0, before, WK_TOTAL);
	wk_map(&rig, start, bytes, FALSE);
	wk_device_write_list(test, rig.list, device);
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, start, bytes, FALSE), STATUS_SUCCESS);
	wk_chain_read(rig.chain, 0, after, WK_TOTAL);
	KUNIT_EXPECT_MEMEQ(test, after, before, start);
	KUNIT_EXPECT_MEMEQ(test, after + start, device, bytes);
	KUNIT_EXPECT_MEMEQ(test, after + start + bytes, before + start + bytes,
			   WK_TOTAL - start - bytes);
	wk_finish(&rig);
}

static void wk_second_flush_does_nothing(struct kunit *test)
{
	struct wk_rigged rig = wk_rigged(test, wk_way(test));
	u8 *device = kunit_kzalloc(test, WK_TOTAL, GFP_KERNEL);
	u8 *seen = kunit_kzalloc(test, WK_TOTAL, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, 0, WK_TOTAL, FALSE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, 0, 0, FALSE), STATUS_SUCCESS);
	wk_map(&rig, 0, WK_TOTAL, FALSE);
	wk_device_write_list(test, rig.list, device);
	wk_flush(&rig, rig.chain, 0, WK_TOTAL, FALSE);
	wk_fill(device, WK_TOTAL, 82);
	wk_chain_write(rig.chain, 0, device, WK_TOTAL);
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, 0, WK_TOTAL, FALSE), STATUS_SUCCESS);
	wk_chain_read(rig.chain, 0, seen, WK_TOTAL);
	KUNIT_EXPECT_MEMEQ(test, seen, device, WK_TOTAL);
	wk_finish(&rig);
}

/* The table of packet.md */
static void wk_status(struct kunit *test)
{
	struct wk_rigged rig = wk_rigged(test, wk_way(test));
	PVOID base = rig.base, stale = wk_get_set(&rig.v3, 1);

	wk_end_set(&rig.v3, stale, 1);
	rig.idle = wk_mappings(test);	/* with the spare pages of two sets, if any */
	/* No set, or one that is gone: nothing to do. */
	rig.base = NULL;
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, 0, WK_TOTAL, FALSE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, NULL, 0, WK_TOTAL, FALSE), STATUS_SUCCESS);
	rig.base = stale;
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, 0, WK_TOTAL, FALSE), STATUS_SUCCESS);
	/* No MDL is all right while nothing is mapped. */
	rig.base = base;
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, NULL, 0, 0, FALSE), STATUS_SUCCESS);

	wk_map(&rig, 0, WK_TOTAL, FALSE);
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, NULL, 0, WK_TOTAL, FALSE), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, WK_TOTAL, 1, FALSE),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, WK_TOTAL, 0, FALSE),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, -1ULL, 1, FALSE), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, 0x100000000ULL, 1, FALSE),
			STATUS_INVALID_PARAMETER);
	/* All of it is still mapped. */
	wk_expect_unflushed(test, 1);
	wk_end_set(&rig.v3, rig.base, WK_REGISTERS);
	rig.base = wk_get_set(&rig.v3, WK_REGISTERS);
	wk_finish(&rig);
}

/* Other MDLs, other offsets and other sets are none of its business. */
static void wk_only_what_the_call_mapped(struct kunit *test)
{
	struct wk_rigged rig = wk_rigged(test, WK_DIRECT);
	PVOID base = rig.base, other = wk_get_set(&rig.v3, 2);
	PMDL same = wk_mdl(test, rig.memory, PAGE_SIZE - 500, 1000);
	u32 mapped;

	rig.idle = wk_mappings(test);
	wk_map(&rig, 0, WK_TOTAL, FALSE);
	mapped = wk_mappings(test);
	KUNIT_EXPECT_GT(test, mapped, rig.idle);
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, same, 0, 1000, FALSE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.mdls[2], 0, 100, FALSE), STATUS_SUCCESS);
	rig.base = other;
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, 0, WK_TOTAL, FALSE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mapped);
	rig.base = base;
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, 0, WK_TOTAL, FALSE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), rig.idle);
	wk_end_set(&rig.v3, other, 2);
	wk_finish(&rig);
}

/* Two calls with one set, flushed in either order, each with its own bytes */
static void wk_two_calls(struct kunit *test)
{
	const u32 cut = 1000 + 700;
	struct wk_rigged rig = wk_rigged(test, wk_way(test));
	u8 *device = kunit_kzalloc(test, WK_TOTAL, GFP_KERNEL);
	u8 *seen = kunit_kzalloc(test, WK_TOTAL, GFP_KERNEL);
	int order;

	wk_end_set(&rig.v3, rig.base, WK_REGISTERS);
	rig.base = wk_get_set(&rig.v3, WK_REGISTERS + 1);
	for (order = 0; order <= 1; order++) {
		u32 first = order ? cut : 0, second = order ? 0 : cut;
		u32 first_bytes = order ? WK_TOTAL - cut : cut;
		u32 between;

		wk_fill(device, WK_TOTAL, 83 + order);
		wk_map(&rig, 0, cut, FALSE);
		wk_device_write_list(test, rig.list, device);
		wk_map(&rig, cut, WK_TOTAL - cut, FALSE);
		wk_device_write_list(test, rig.list, device + cut);
		between = wk_mappings(test);
		KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, first, first_bytes, FALSE),
				STATUS_SUCCESS);
		if (wk_way(test) == WK_DIRECT) {
			KUNIT_EXPECT_LT(test, wk_mappings(test), between);
			KUNIT_EXPECT_GT_MSG(test, wk_mappings(test), rig.idle, "the other one");
		}
		KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, second, WK_TOTAL - first_bytes,
					       FALSE), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, wk_mappings(test), rig.idle);
		wk_chain_read(rig.chain, 0, seen, WK_TOTAL);
		KUNIT_EXPECT_MEMEQ(test, seen, device, WK_TOTAL);
	}
	wk_end_set(&rig.v3, rig.base, WK_REGISTERS + 1);
	wk_expect_free(&rig.v3);
}

/* Decision 1: a short flush also ends what was mapped behind it since the last one. */
static void wk_short_flush_ends_what_follows(struct kunit *test)
{
	struct wk_rigged rig = wk_rigged(test, WK_DIRECT);
	int length;

	for (length = 0; length <= 10; length += 10) {
		wk_map(&rig, 0, 1000, FALSE);
		wk_map(&rig, 1000, PAGE_SIZE, FALSE);
		KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, 0, length, FALSE), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, wk_mappings(test), rig.idle);
		KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, 1000, 0, FALSE), STATUS_SUCCESS);
	}
	wk_finish(&rig);
}

/* Each flush ends what the other's map made. */
static void wk_old_and_new_flush(struct kunit *test)
{
	struct wk_rigged rig = wk_rigged(test, wk_way(test));
	const DMA_OPERATIONS *ops = rig.v3.ops;
	PDMA_ADAPTER adapter = rig.v3.adapter;
	u8 *va = MmGetMdlVirtualAddress(rig.mdls[2]);
	u8 *head = MmGetMdlVirtualAddress(rig.chain);
	u8 *device = kunit_kzalloc(test, WK_TOTAL, GFP_KERNEL);
	u8 *seen = kunit_kzalloc(test, WK_TOTAL, GFP_KERNEL);
	ULONG bytes = 500;
	u64 address;

	wk_fill(device, WK_TOTAL, 86);
	address = ops->MapTransfer(adapter, rig.mdls[2], rig.base, va + 200, &bytes,
				   FALSE).QuadPart;
	KUNIT_ASSERT_EQ(test, bytes, 500);
	wk_device_write(test, address, device, 500);
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.mdls[2], 200, 300, FALSE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), rig.idle);
	KUNIT_EXPECT_MEMEQ(test, va + 200, device, 300);

	wk_map(&rig, 0, WK_TOTAL, FALSE);
	wk_device_write_list(test, rig.list, device);
	KUNIT_EXPECT_TRUE(test, ops->FlushAdapterBuffers(adapter, rig.chain, rig.base, head,
							 WK_TOTAL, FALSE));
	wk_chain_read(rig.chain, 0, seen, WK_TOTAL);
	KUNIT_EXPECT_MEMEQ(test, seen, device, WK_TOTAL);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), rig.idle);
	/* Also with a length that ends in the first MDL */
	wk_map(&rig, 100, 1000, FALSE);
	KUNIT_EXPECT_TRUE(test, ops->FlushAdapterBuffers(adapter, rig.chain, rig.base, head + 100,
							 0, FALSE));
	wk_finish(&rig);
}

/* dma-debug would notice a wrong direction. */
static void wk_recorded_direction_counts(struct kunit *test)
{
	struct wk_rigged rig = wk_rigged(test, wk_way(test));
	u8 *device = kunit_kzalloc(test, WK_TOTAL, GFP_KERNEL);
	u8 *seen = kunit_kzalloc(test, WK_TOTAL, GFP_KERNEL);
	u8 *before = kunit_kzalloc(test, WK_TOTAL, GFP_KERNEL);

	wk_map(&rig, 0, WK_TOTAL, FALSE);
	wk_fill(device, WK_TOTAL, 87);
	wk_device_write_list(test, rig.list, device);
	KUNIT_EXPECT_EQ(test, wk_flush(&rig, rig.chain, 0, WK_TOTAL, TRUE), STATUS_SUCCESS);
	wk_chain_read(rig.chain, 0, seen, WK_TOTAL);
	KUNIT_EXPECT_MEMEQ(test, seen, device, WK_TOTAL);
	/* What goes to the device does not come back, whatever the flush says. */
	if (wk_way(test) != WK_DIRECT) {
		wk_chain_read(rig.chain, 0, before, WK_TOTAL);
		wk_map(&rig, 0, WK_TOTAL, TRUE);
		wk_fill(device, WK_TOTAL, 88);
		wk_device_write_list(test, rig.list, device);
		wk_flush(&rig, rig.chain, 0, WK_TOTAL, FALSE);
		wk_chain_read(rig.chain, 0, seen, WK_TOTAL);
		KUNIT_EXPECT_MEMEQ(test, seen, before, WK_TOTAL);
	}
	wk_finish(&rig);
}

static void wk_interrupts_off(struct kunit *test)
{
	struct wk_rigged rig = wk_rigged(test, wk_way(test));
	ULONG bytes = WK_TOTAL;
	NTSTATUS map, flush;
	unsigned long flags;

	local_irq_save(flags);
	map = rig.v3.ops->MapTransferEx(rig.v3.adapter, rig.chain, rig.base, 0, 0, &bytes, TRUE,
					rig.list, WK_LIST_SIZE, NULL, NULL);
	flush = wk_flush(&rig, rig.chain, 0, bytes, TRUE);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, map, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, bytes, WK_TOTAL);
	KUNIT_EXPECT_EQ(test, flush, STATUS_SUCCESS);
	wk_finish(&rig);
}

static struct kunit_case wk_flush_ex_cases[] = {
	KUNIT_CASE_PARAM(wk_everything_is_released, wk_length_gen_params),
	KUNIT_CASE_PARAM(wk_length_limits_the_copy_of_the_pool, wk_length_gen_params),
	KUNIT_CASE_PARAM(wk_length_limits_the_copy_of_the_window, wk_length_gen_params),
	KUNIT_CASE_PARAM(wk_transfer_that_starts_inside, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_second_flush_does_nothing, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_status, wk_way_gen_params),
	KUNIT_CASE(wk_only_what_the_call_mapped),
	KUNIT_CASE_PARAM(wk_two_calls, wk_way_gen_params),
	KUNIT_CASE(wk_short_flush_ends_what_follows),
	KUNIT_CASE_PARAM(wk_old_and_new_flush, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_recorded_direction_counts, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_interrupts_off, wk_way_gen_params),
	{}
};

static struct kunit_suite wk_flush_ex_suite = {
	.name = "wdmdma_flush_ex",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_flush_ex_cases,
};

kunit_test_suite(wk_flush_ex_suite);
