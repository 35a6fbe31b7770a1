// SPDX-License-Identifier: GPL-2.0-only
/*
 * FlushAdapterBuffers: which mappings of a set it releases, whole, and how many bytes it brings
 * back where wdmdma copies. What is mapped at a moment is counted by dma-debug.
 */
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "fake_driver.h"
#include "fixture.h"

#define WK_NOTHING	(-1ULL)

/* Mappings that dma-debug knows more than at the start of the test */
static u32 wk_live(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct dentry *dir = debugfs_lookup("dma-api", NULL);
	struct dentry *total = debugfs_lookup("nr_total_entries", dir);
	struct dentry *unused = debugfs_lookup("num_free_entries", dir);
	u32 live = *(u32 *)d_inode(total)->i_private - *(u32 *)d_inode(unused)->i_private;

	dput(unused);
	dput(total);
	dput(dir);
	return live - world->dma_entries;
}

/* One register set of an adapter of its own */
struct wk_set {
	struct kunit *test;
	PDMA_ADAPTER adapter;
	PVOID base;
	ULONG regs;
};

static struct wk_set wk_get_set(struct kunit *test, u32 version, ULONG regs, u32 fail_maps)
{
	struct wk_set set = { .test = test, .regs = regs };
	struct wk_call call;
	NTSTATUS status;

	set.adapter = wk_get_adapter(test, version, SZ_64K, NULL);
	if (fail_maps)
		KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(set.adapter, fail_maps), 0);
	wk_call_init(&call, set.adapter, DeallocateObjectKeepRegisters);
	status = set.adapter->DmaOperations->AllocateAdapterChannel(set.adapter, NULL, regs,
								    wk_control, &call);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	set.base = call.base;
	return set;
}

static void wk_free_set(const struct wk_set *set)
{
	set->adapter->DmaOperations->FreeMapRegisters(set->adapter, set->base, set->regs);
}

static u64 wk_map(const struct wk_set *set, PMDL mdl, u64 offset, ULONG bytes, BOOLEAN write)
{
	ULONG mapped = bytes;
	u64 address = set->adapter->DmaOperations->MapTransfer(set->adapter, mdl, set->base,
				MmGetMdlVirtualAddress(mdl) + offset, &mapped, write).QuadPart;

	KUNIT_EXPECT_EQ(set->test, mapped, address == WK_NOTHING ? 0 : bytes);
	return address;
}

static void wk_flush(const struct wk_set *set, PMDL mdl, u64 offset, ULONG bytes, BOOLEAN write)
{
	PDMA_OPERATIONS ops = set->adapter->DmaOperations;
	PVOID va = MmGetMdlVirtualAddress(mdl) + offset;

	KUNIT_EXPECT_TRUE(set->test, ops->FlushAdapterBuffers(set->adapter, mdl, set->base, va,
							      bytes, write));
}

/* Maps pages [first, first + count) of an MDL, one by one. */
static void wk_map_pages(const struct wk_set *set, PMDL mdl, u32 first, u32 count)
{
	u32 i;

	for (i = first; i < first + count; i++)
		KUNIT_EXPECT_NE(set->test, wk_map(set, mdl, i * PAGE_SIZE, PAGE_SIZE, FALSE),
				WK_NOTHING);
}

/* The set has no mapping left if all its registers can be used again. */
static void wk_expect_empty(const struct wk_set *set, PMDL mdl)
{
	u32 live = wk_live(set->test);

	wk_map_pages(set, mdl, 0, set->regs);
	KUNIT_EXPECT_EQ(set->test, wk_live(set->test), live + set->regs);
	wk_flush(set, mdl, 0, set->regs * PAGE_SIZE, FALSE);
	KUNIT_EXPECT_EQ(set->test, wk_live(set->test), live);
}

/* What one flush of a set does whose registers 0 .. 3 map pages 0 .. 3 of the MDL. */
struct wk_sweep {
	const char *name;
	u64 start;
	u32 length;
	u32 left;	/* mappings left */
};

static const struct wk_sweep wk_sweeps[] = {
	{ "everything", 0, 4 * PAGE_SIZE, 0 },
	{ "more than everything", 0, U32_MAX, 0 },
	{ "first mapping exactly", 0, PAGE_SIZE, 3 },
	{ "two mappings exactly", 0, 2 * PAGE_SIZE, 2 },
	{ "one byte into the second", 0, PAGE_SIZE + 1, 0 },
	{ "short in the first", 0, 100, 0 },
	{ "short by a byte", 0, PAGE_SIZE - 1, 0 },
	{ "length 0", 0, 0, 0 },
	{ "short in the third", 0, 2 * PAGE_SIZE + 100, 0 },
	{ "second exactly", PAGE_SIZE, PAGE_SIZE, 3 },
	{ "short in the second", PAGE_SIZE, 10, 1 },
	{ "length 0 at the last", 3 * PAGE_SIZE, 0, 3 },
	{ "last, too long", 3 * PAGE_SIZE, 3 * PAGE_SIZE, 3 },
	/* page 1 starts in the range, which ends inside it: pages 2 and 3 go with it */
	{ "start inside the first", 100, PAGE_SIZE, 1 },
	{ "start inside the first, ends there", 100, 200, 4 },
	{ "start inside the first, length 0", 100, 0, 4 },
};

static void wk_sweep_desc(const struct wk_sweep *sweep, char *desc)
{
	strscpy(desc, sweep->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_sweep, wk_sweeps, wk_sweep_desc);

/* Decision 1 */
static void wk_length_selects_whole_mappings(struct kunit *test)
{
	const struct wk_sweep *sweep = test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	struct wk_set set = wk_get_set(test, 1 + sweep->length % 2, 4, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, 4 * PAGE_SIZE);

	wk_map_pages(&set, mdl, 0, 4);
	KUNIT_EXPECT_EQ(test, wk_live(test), 4);
	wk_flush(&set, mdl, sweep->start, sweep->length, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), sweep->left);
	if (sweep->left) {
		/* Registers come back when the last mapping is gone. */
		wk_expect_report(test, WD_REPORT_NOT_FLUSHED, 1);
		KUNIT_EXPECT_EQ(test, wk_map(&set, mdl, 0, PAGE_SIZE, FALSE), WK_NOTHING);
	}
	wk_flush(&set, mdl, 0, 4 * PAGE_SIZE, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 0);
	wk_expect_empty(&set, mdl);
	wk_free_set(&set);
}

/* A short flush ends the transfer at hand; what an earlier flush left is another matter. */
static void wk_sweep_stops_at_the_last_flush(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	struct wk_set set = wk_get_set(test, 2, 5, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, 4 * PAGE_SIZE);

	wk_map_pages(&set, mdl, 0, 3);
	wk_flush(&set, mdl, 0, PAGE_SIZE, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 2);
	wk_map_pages(&set, mdl, 0, 1);
	wk_flush(&set, mdl, 0, 10, FALSE);
	KUNIT_EXPECT_EQ_MSG(test, wk_live(test), 2, "pages 1 and 2 are of an earlier transfer");
	wk_flush(&set, mdl, PAGE_SIZE, 2 * PAGE_SIZE, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 0);

	wk_map_pages(&set, mdl, 0, 4);
	wk_flush(&set, mdl, 3 * PAGE_SIZE, PAGE_SIZE, FALSE);
	wk_flush(&set, mdl, 0, 10, FALSE);
	KUNIT_EXPECT_EQ_MSG(test, wk_live(test), 2, "a flush has left pages 1 and 2 alone before");
	wk_flush(&set, mdl, PAGE_SIZE, 10, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 1);
	wk_flush(&set, mdl, 2 * PAGE_SIZE, 0, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 0);
	wk_free_set(&set);
}

static void wk_sweep_stops_at_a_gap(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	struct wk_set set = wk_get_set(test, 2, 4, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, 4 * PAGE_SIZE);

	wk_map_pages(&set, mdl, 0, 2);
	wk_map_pages(&set, mdl, 3, 1);
	wk_flush(&set, mdl, 0, 10, FALSE);
	KUNIT_EXPECT_EQ_MSG(test, wk_live(test), 1, "page 3 is not contiguous with page 1");
	wk_flush(&set, mdl, 3 * PAGE_SIZE, 0, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 0);
	wk_free_set(&set);
}

/* "Behind" is a place in the buffer, not an order of calls. */
static void wk_sweep_goes_by_place(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	struct wk_set set = wk_get_set(test, 2, 3, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, 3 * PAGE_SIZE);

	wk_map_pages(&set, mdl, 2, 1);
	wk_map_pages(&set, mdl, 1, 1);
	wk_map_pages(&set, mdl, 0, 1);
	wk_flush(&set, mdl, 0, 10, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 0);
	wk_flush(&set, mdl, 0, 3 * PAGE_SIZE, FALSE);
	wk_free_set(&set);
}

static void wk_other_mdl_is_untouched(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	struct wk_set set = wk_get_set(test, 1, 4, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, 2 * PAGE_SIZE);
	PMDL other = wk_mdl(test, buffer, 2 * PAGE_SIZE, 2 * PAGE_SIZE);
	PMDL same = wk_mdl(test, buffer, 0, 2 * PAGE_SIZE);

	wk_map_pages(&set, mdl, 0, 1);
	wk_map_pages(&set, other, 0, 2);
	wk_flush(&set, same, 0, 2 * PAGE_SIZE, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 3);
	wk_flush(&set, mdl, 0, 10, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 2);
	wk_flush(&set, other, 0, 2 * PAGE_SIZE, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 0);
	wk_free_set(&set);
}

/*
 * A transfer over a chain of two MDLs that ended short in the first: the driver flushes each MDL
 * with what the device moved of it, and the second gives its registers back as well.
 */
static void wk_short_transfer_over_two_mdls(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	struct wk_set set = wk_get_set(test, 2, 4, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, 2 * PAGE_SIZE);
	PMDL next = wk_mdl(test, buffer, 2 * PAGE_SIZE, 2 * PAGE_SIZE);

	wk_map_pages(&set, mdl, 0, 2);
	wk_map_pages(&set, next, 0, 2);
	wk_flush(&set, mdl, 0, 100, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 2);
	wk_flush(&set, next, 0, 0, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 0);
	wk_flush(&set, next, 0, 2 * PAGE_SIZE, FALSE);
	wk_free_set(&set);
}

static void wk_other_set_is_untouched(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	struct wk_set set = wk_get_set(test, 2, 2, 0);
	struct wk_set other = wk_get_set(test, 2, 2, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, 2 * PAGE_SIZE);

	wk_map_pages(&set, mdl, 0, 2);
	wk_map_pages(&other, mdl, 0, 2);
	wk_flush(&set, mdl, 0, 2 * PAGE_SIZE, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 2);
	wk_flush(&other, mdl, 0, 2 * PAGE_SIZE, FALSE);
	wk_free_set(&set);
	wk_free_set(&other);
}

/* Decision 3: nothing to flush is no failure, and nothing to report. */
static void wk_nothing_to_flush_is_success(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	struct wk_set set = wk_get_set(test, 1, 3, 0), null = set, stale;
	PDMA_OPERATIONS ops = set.adapter->DmaOperations;
	PMDL mdl = wk_mdl(test, buffer, 0, 3 * PAGE_SIZE);

	null.base = NULL;
	wk_flush(&set, mdl, 0, 3 * PAGE_SIZE, FALSE);
	wk_flush(&set, mdl, 0, 0, FALSE);
	wk_flush(&null, mdl, 0, PAGE_SIZE, FALSE);
	wk_map_pages(&set, mdl, 1, 1);
	wk_flush(&null, mdl, PAGE_SIZE, PAGE_SIZE, FALSE);
	KUNIT_EXPECT_TRUE(test, ops->FlushAdapterBuffers(set.adapter, NULL, set.base, buffer->va,
							 PAGE_SIZE, FALSE));
	/* Neither before, nor behind what is mapped, nor below the MDL */
	wk_flush(&set, mdl, 0, PAGE_SIZE, FALSE);
	wk_flush(&set, mdl, 2 * PAGE_SIZE, PAGE_SIZE, FALSE);
	wk_flush(&set, mdl, -(u64)PAGE_SIZE, PAGE_SIZE, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 1);
	wk_flush(&set, mdl, PAGE_SIZE, PAGE_SIZE, FALSE);
	wk_flush(&set, mdl, PAGE_SIZE, PAGE_SIZE, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 0);
	stale = set;
	wk_free_set(&set);
	wk_flush(&stale, mdl, 0, PAGE_SIZE, FALSE);
}

/* dma-debug would notice a wrong direction or length of an unmapping. */
static void wk_recorded_direction_counts(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 2);
	struct wk_set set = wk_get_set(test, 2, 2, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, 2 * PAGE_SIZE);

	wk_map(&set, mdl, 0, 2 * PAGE_SIZE, TRUE);
	wk_flush(&set, mdl, 0, 5, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 0);
	wk_map(&set, mdl, 0, 2 * PAGE_SIZE, FALSE);
	wk_flush(&set, mdl, 0, 2 * PAGE_SIZE, TRUE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 0);
	wk_free_set(&set);
}

/* Drivers rewrite their MDLs between map and flush. */
static void wk_mdl_header_may_change(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	struct wk_set set = wk_get_set(test, 2, 3, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, 3 * PAGE_SIZE);

	wk_map_pages(&set, mdl, 0, 3);
	mdl->Next = (PMDL)8;
	mdl->ByteCount = 1;
	mdl->MdlFlags = 0;
	memset(MmGetMdlPfnArray(mdl), 0xFF, 3 * sizeof(PFN_NUMBER));
	wk_flush(&set, mdl, 0, 3 * PAGE_SIZE, FALSE);
	KUNIT_EXPECT_EQ(test, wk_live(test), 0);
	mdl->Next = NULL;
	wk_free_set(&set);
}

struct wk_copy {
	const char *name;
	u32 flushed, copied;
};

static const struct wk_copy wk_copies[] = {
	{ "all", 3000, 3000 },
	{ "more than mapped", 5000, 3000 },
	{ "short", 1000, 1000 },
	{ "one byte", 1, 1 },
	{ "nothing", 0, 0 },
};

static void wk_copy_desc(const struct wk_copy *copy, char *desc)
{
	strscpy(desc, copy->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_copy, wk_copies, wk_copy_desc);

/* Where wdmdma copies, Length says how many bytes of the device's come back, and no more do. */
static void wk_length_limits_the_copy_back(struct kunit *test)
{
	const struct wk_copy *copy = test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	struct wk_set set = wk_get_set(test, 2, 2, 1);
	PMDL mdl = wk_mdl(test, buffer, 500, PAGE_SIZE);
	u8 *device = kunit_kzalloc(test, 3000, GFP_KERNEL);
	u8 *before = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	u64 address;

	wk_fill(device, 3000, 21);
	memcpy(before, buffer->va, buffer->bytes);
	address = wk_map(&set, mdl, 0, 3000, FALSE);
	KUNIT_ASSERT_NE(test, address, WK_NOTHING);
	wk_device_write(test, address, device, 3000);
	KUNIT_EXPECT_MEMEQ_MSG(test, before, buffer->va, buffer->bytes, "not copied yet");
	wk_flush(&set, mdl, 0, copy->flushed, FALSE);
	wk_expect_pattern(test, buffer->va + 500, copy->copied, 21);
	KUNIT_EXPECT_MEMEQ(test, before, buffer->va, 500);
	KUNIT_EXPECT_MEMEQ(test, before + 500 + copy->copied, buffer->va + 500 + copy->copied,
			   buffer->bytes - 500 - copy->copied);
	wk_free_set(&set);
}

/* A device that writes less than it is told to has written so much: the rest stays the driver's. */
static void wk_unwritten_bytes_come_back_unchanged(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	struct wk_set set = wk_get_set(test, 2, 1, 1);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	u8 zeros[16] = {};
	u64 address;

	address = wk_map(&set, mdl, 0, PAGE_SIZE, FALSE);
	KUNIT_ASSERT_NE(test, address, WK_NOTHING);
	wk_device_write(test, address, zeros, sizeof(zeros));
	wk_flush(&set, mdl, 0, PAGE_SIZE, FALSE);
	KUNIT_EXPECT_MEMEQ(test, buffer->va, zeros, sizeof(zeros));
	wk_fill(buffer->va, sizeof(zeros), 1);
	wk_expect_pattern(test, buffer->va, PAGE_SIZE, 1);
	wk_free_set(&set);
}

/* An abandoned mapping is released, but nothing of it is copied. */
static void wk_abandoned_data_is_not_copied(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	struct wk_set set = wk_get_set(test, 2, 2, 1);
	PMDL mdl = wk_mdl(test, buffer, 0, 2 * PAGE_SIZE);
	u8 *device = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	u64 address;

	/* Only the second mapping is copied. */
	KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(set.adapter, 0), 0);
	wk_map(&set, mdl, 0, PAGE_SIZE, FALSE);
	KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(set.adapter, 1), 0);
	address = wk_map(&set, mdl, PAGE_SIZE, PAGE_SIZE, FALSE);
	KUNIT_ASSERT_NE(test, address, WK_NOTHING);
	wk_device_write(test, address, device, PAGE_SIZE);
	wk_flush(&set, mdl, 0, 100, FALSE);
	wk_expect_pattern(test, buffer->va, 2 * PAGE_SIZE, 1);
	wk_free_set(&set);
}

static const u32 wk_rounds[] = { 20480, 1000 };

static void wk_round_desc(const u32 *moved, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "second round moves %u", *moved);
}

KUNIT_ARRAY_PARAM(wk_round, wk_rounds, wk_round_desc);

/* Sequence 1 of packet.md: 5 registers, 12 pages, one request, an operation after another. */
static void wk_packet_sequence(struct kunit *test)
{
	const u32 second = *(const u32 *)test->param_value;
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 12);
	struct wk_set set = wk_get_set(test, 1, 5, 0);
	ULONG total = 12 * PAGE_SIZE, done = 0, moved;
	PMDL mdl = wk_mdl(test, buffer, 0, total);
	u8 *device = kunit_kzalloc(test, total, GFP_KERNEL);
	int round;

	KeFlushIoBuffers(mdl, TRUE, TRUE);
	wk_fill(device, total, 30);
	for (round = 0; done < total; round++, done += moved) {
		ULONG bytes = min_t(ULONG, total - done, 5 * PAGE_SIZE);
		u32 fits = 5 * PAGE_SIZE - offset_in_page(done);
		u64 address;

		bytes = min(bytes, fits);
		address = wk_map(&set, mdl, done, bytes, FALSE);
		wk_expect_at(test, address, buffer, done);
		KUNIT_EXPECT_EQ(test, wk_live(test), 1);
		moved = round == 1 ? min(bytes, second) : bytes;
		wk_device_write(test, address, device + done, moved);
		wk_flush(&set, mdl, done, moved, FALSE);
		KUNIT_EXPECT_EQ(test, wk_live(test), 0);
	}
	KUNIT_EXPECT_EQ(test, round, second == 1000 ? 4 : 3);
	KUNIT_EXPECT_EQ(test, wk_stats(test, set.adapter).channels_granted, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, set.adapter).direct_maps, round);
	wk_expect_pattern(test, buffer->va, total, 30);
	wk_free_set(&set);
}

static struct kunit_case wk_flush_cases[] = {
	KUNIT_CASE_PARAM(wk_length_selects_whole_mappings, wk_sweep_gen_params),
	KUNIT_CASE(wk_sweep_stops_at_the_last_flush),
	KUNIT_CASE(wk_sweep_stops_at_a_gap),
	KUNIT_CASE(wk_sweep_goes_by_place),
	KUNIT_CASE(wk_other_mdl_is_untouched),
	KUNIT_CASE(wk_short_transfer_over_two_mdls),
	KUNIT_CASE(wk_other_set_is_untouched),
	KUNIT_CASE(wk_nothing_to_flush_is_success),
	KUNIT_CASE(wk_recorded_direction_counts),
	KUNIT_CASE(wk_mdl_header_may_change),
	KUNIT_CASE_PARAM(wk_length_limits_the_copy_back, wk_copy_gen_params),
	KUNIT_CASE(wk_unwritten_bytes_come_back_unchanged),
	KUNIT_CASE(wk_abandoned_data_is_not_copied),
	KUNIT_CASE_PARAM(wk_packet_sequence, wk_round_gen_params),
	{}
};

static struct kunit_suite wk_flush_suite = {
	.name = "wdmdma_flush",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_flush_cases,
};

kunit_test_suite(wk_flush_suite);
