// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packet mode for a device without scatter/gather: it is told one address and one length, so what
 * is scattered goes through a contiguous window of the set's registers.
 */
#include <linux/mm.h>
#include <linux/sizes.h>

#include "bounce.h"

/* One call maps all of it, at an address with the offset of the first byte. */
static u64 wk_map_all(const struct wk_bounce *bounce, PMDL mdl, PVOID base, u64 offset,
		      ULONG wanted, BOOLEAN write)
{
	size_t in_page = offset_in_page((unsigned long)MmGetMdlVirtualAddress(mdl) + offset);
	ULONG bytes = wanted;
	u64 address = wk_map(bounce, mdl, base, offset, &bytes, write);

	KUNIT_ASSERT_NE(bounce->test, address, WK_NOTHING);
	KUNIT_EXPECT_EQ(bounce->test, bytes, wanted);
	KUNIT_EXPECT_EQ(bounce->test, offset_in_page(address), in_page);
	KUNIT_EXPECT_LE(bounce->test, address + wanted - 1, bounce->last_address);
	return address;
}

struct wk_piece {
	u32 offset, bytes;
};

static const struct wk_piece wk_pieces[] = {
	{ 0, 1 }, { PAGE_SIZE - 1, 1 }, { PAGE_SIZE - 1, 2 }, { 0, PAGE_SIZE },
	{ 1, PAGE_SIZE }, { 1, PAGE_SIZE - 1 }, { 0, 2 * PAGE_SIZE }, { 4001, 9000 },
	{ PAGE_SIZE - 1, 4 * PAGE_SIZE + 2 }, { 0, 6 * PAGE_SIZE },
};

static void wk_piece_desc(const struct wk_piece *piece, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u bytes at %u", piece->bytes, piece->offset);
}

KUNIT_ARRAY_PARAM(wk_piece, wk_pieces, wk_piece_desc);

static void wk_one_address_for_scattered_memory(struct kunit *test)
{
	const struct wk_piece *piece = test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 6);
	struct wk_bounce bounce = wk_get_bounce(test, FALSE, SZ_64K, (struct wdmdma_limits){});
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	u8 *expected = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, 6);
	u64 address;

	memcpy(expected, buffer->va, buffer->bytes);
	address = wk_map_all(&bounce, mdl, base, piece->offset, piece->bytes, TRUE);
	wk_device_read(test, address, device, piece->bytes);
	wk_expect_same(test, device, expected + piece->offset, piece->bytes);
	wk_flush(&bounce, mdl, base, piece->offset, piece->bytes, TRUE);
	wk_expect_same(test, buffer->va, expected, buffer->bytes);

	wk_fill(device, piece->bytes, 9);
	address = wk_map_all(&bounce, mdl, base, piece->offset, piece->bytes, FALSE);
	wk_device_write(test, address, device, piece->bytes);
	wk_flush(&bounce, mdl, base, piece->offset, piece->bytes, FALSE);
	memcpy(expected + piece->offset, device, piece->bytes);
	wk_expect_same(test, buffer->va, expected, buffer->bytes);
	wk_free_set(&bounce, base, 6);
}

/* One run in reach has one address already. */
static void wk_contiguous_memory_is_not_copied(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 4);
	struct wk_buffer *scattered = wk_alloc_scattered(test, 2);
	struct wk_bounce bounce = wk_get_bounce(test, FALSE, SZ_64K, (struct wdmdma_limits){});
	PMDL mdl = wk_mdl(test, buffer, 50, 3 * PAGE_SIZE);
	PMDL page = wk_mdl(test, scattered, PAGE_SIZE, PAGE_SIZE);
	PVOID base = wk_take_set(&bounce, 5);

	wk_expect_at(test, wk_map_all(&bounce, mdl, base, 7, 3 * PAGE_SIZE - 7, FALSE), buffer, 57);
	wk_expect_at(test, wk_map_all(&bounce, page, base, 3, 9, FALSE), scattered, PAGE_SIZE + 3);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).direct_maps, 2);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes, 0);
	wk_flush(&bounce, mdl, base, 7, 3 * PAGE_SIZE - 7, FALSE);
	wk_flush(&bounce, page, base, 3, 9, FALSE);
	wk_free_set(&bounce, base, 5);
}

/* A run is contiguous, but its end is out of reach: then all of it is copied. */
static void wk_run_that_ends_out_of_reach(struct kunit *test)
{
	struct wdmdma_limits limits;
	struct wk_buffer *buffer = wk_alloc_split(test, "fFF", &limits.last_address);
	struct wk_bounce bounce;
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PVOID base;
	u64 address;

	limits = (struct wdmdma_limits){ .last_address = wk_phys(buffer, 2 * PAGE_SIZE) + 9 };
	bounce = wk_get_bounce(test, FALSE, SZ_64K, limits);
	base = wk_take_set(&bounce, 3);
	wk_expect_at(test, wk_map_all(&bounce, mdl, base, 0, 2 * PAGE_SIZE + 10, TRUE), buffer, 0);
	wk_flush(&bounce, mdl, base, 0, 2 * PAGE_SIZE + 10, TRUE);
	address = wk_map_all(&bounce, mdl, base, 0, 2 * PAGE_SIZE + 11, TRUE);
	KUNIT_EXPECT_FALSE(test, wk_is_in(buffer, address));
	wk_device_read(test, address, device, 2 * PAGE_SIZE + 11);
	wk_expect_pattern(test, device, 2 * PAGE_SIZE + 11, 1);
	wk_flush(&bounce, mdl, base, 0, 2 * PAGE_SIZE + 11, TRUE);
	wk_free_set(&bounce, base, 3);
}

static void wk_registers_are_cumulative(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 6);
	struct wk_bounce bounce = wk_get_forced(test, FALSE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, 5);
	u64 first, second;
	ULONG bytes;
	int round;

	for (round = 0; round < 2; round++) {
		wk_fill(device, buffer->bytes, 10 + round);
		first = wk_map_all(&bounce, mdl, base, PAGE_SIZE - 10, 20, FALSE);
		second = wk_map_all(&bounce, mdl, base, 2 * PAGE_SIZE, PAGE_SIZE + 5, FALSE);
		/* one register is left: shortened, with a report, to the end of the fifth page */
		wk_expect_report(test, WD_REPORT_NOT_FLUSHED, 1);
		bytes = PAGE_SIZE;
		KUNIT_EXPECT_NE(test, wk_map(&bounce, mdl, base, 4 * PAGE_SIZE + 9, &bytes, FALSE),
				WK_NOTHING);
		KUNIT_EXPECT_EQ(test, bytes, PAGE_SIZE - 9);
		wk_expect_refusal(&bounce, mdl, base, 0, 1, WD_REPORT_NOT_FLUSHED);

		wk_device_write(test, first, device, 20);
		wk_device_write(test, second, device, PAGE_SIZE + 5);
		wk_flush(&bounce, mdl, base, 2 * PAGE_SIZE, PAGE_SIZE + 5, FALSE);
		wk_expect_pattern(test, buffer->va + 2 * PAGE_SIZE, PAGE_SIZE + 5, 10 + round);
		wk_flush(&bounce, mdl, base, 4 * PAGE_SIZE + 9, PAGE_SIZE, FALSE);
		wk_flush(&bounce, mdl, base, PAGE_SIZE - 10, 20, FALSE);
		wk_expect_pattern(test, buffer->va + PAGE_SIZE - 10, 20, 10 + round);
	}
	wk_free_set(&bounce, base, 5);
}

static void wk_windows_of_two_sets(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 8);
	struct wk_bounce bounce = wk_get_forced(test, FALSE, 3 * PAGE_SIZE, 8);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PVOID base[2];
	u64 address[2];
	int i;

	KUNIT_ASSERT_EQ(test, bounce.regs, 4);
	for (i = 0; i < 2; i++) {
		base[i] = wk_take_set(&bounce, 4);
		address[i] = wk_map_all(&bounce, mdl, base[i], i * 4 * PAGE_SIZE, 4 * PAGE_SIZE,
					FALSE);
	}
	for (i = 0; i < 2; i++) {
		wk_fill(device, 4 * PAGE_SIZE, 30 + i);
		wk_device_write(test, address[i], device, 4 * PAGE_SIZE);
	}
	for (i = 1; i >= 0; i--) {
		wk_flush(&bounce, mdl, base[i], i * 4 * PAGE_SIZE, 4 * PAGE_SIZE, FALSE);
		wk_expect_pattern(test, buffer->va + i * 4 * PAGE_SIZE, 4 * PAGE_SIZE, 30 + i);
		wk_free_set(&bounce, base[i], 4);
	}
}

static const u32 wk_rounds[] = { 20480, 1000, 0 };

static void wk_round_desc(const u32 *moved, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "second round moves %u", *moved);
}

KUNIT_ARRAY_PARAM(wk_round, wk_rounds, wk_round_desc);

/* Sequence 1 of packet.md with scattered memory: 5 registers, 12 pages, round after round. */
static void wk_packet_sequence(struct kunit *test)
{
	const u32 second = *(const u32 *)test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 12);
	struct wk_bounce bounce = wk_get_bounce(test, FALSE, 4 * PAGE_SIZE,
						(struct wdmdma_limits){});
	ULONG total = buffer->bytes, done, moved;
	PMDL mdl = wk_mdl(test, buffer, 0, total);
	u8 *device = kunit_kzalloc(test, total, GFP_KERNEL);
	PVOID base;
	int round;

	KUNIT_ASSERT_EQ(test, bounce.regs, 5);
	base = wk_take_set(&bounce, 5);
	wk_fill(device, total, 31);
	for (done = 0, round = 0; done < total; done += moved, round++) {
		ULONG bytes = min_t(ULONG, total - done, 5 * PAGE_SIZE - offset_in_page(done));
		u64 address = wk_map_all(&bounce, mdl, base, done, bytes, FALSE);

		moved = round == 1 ? min_t(ULONG, bytes, second) : bytes;
		wk_device_write(test, address, device + done, moved);
		wk_flush(&bounce, mdl, base, done, moved, FALSE);
		wk_expect_pattern(test, buffer->va, done + moved, 31);
		if (done + moved < total)
			KUNIT_EXPECT_EQ(test, buffer->va[done + moved],
					wk_pattern(1, done + moved));
	}
	KUNIT_EXPECT_EQ(test, round, second == 20480 ? 3 : 4);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).channels_granted, 1);
	wk_free_set(&bounce, base, 5);
}

/* Pages of the window that the device did not write come back as they were. */
static void wk_unwritten_part_of_the_window(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	struct wk_bounce bounce = wk_get_forced(test, FALSE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	PVOID base = wk_take_set(&bounce, 3);
	u8 zeros[32] = {};
	u64 address = wk_map_all(&bounce, mdl, base, 5, buffer->bytes - 5, FALSE);

	wk_device_write(test, address + PAGE_SIZE - 16, zeros, sizeof(zeros));
	wk_flush(&bounce, mdl, base, 5, buffer->bytes - 5, FALSE);
	wk_expect_same(test, buffer->va + PAGE_SIZE - 11, zeros, sizeof(zeros));
	for (u32 i = 0; i < sizeof(zeros); i++)
		buffer->va[PAGE_SIZE - 11 + i] = wk_pattern(1, PAGE_SIZE - 11 + i);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 1);
	wk_free_set(&bounce, base, 3);
}

static void wk_no_registers_no_window(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	struct wk_bounce bounce = wk_get_forced(test, FALSE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	PVOID base = wk_take_set(&bounce, 0);

	wk_expect_refusal(&bounce, mdl, base, 0, 2 * PAGE_SIZE, WD_REPORT_NOT_FLUSHED);
	wk_free_set(&bounce, base, 0);
}

/* The longest transfer there is: every one of R registers carries data. */
static void wk_all_registers_are_one_window(struct kunit *test)
{
	struct wk_bounce bounce = wk_get_forced(test, FALSE, SZ_1M, 0);
	struct wk_buffer *buffer = wk_alloc_scattered(test, bounce.regs);
	ULONG total = bounce.regs * PAGE_SIZE;
	PMDL mdl = wk_mdl(test, buffer, 0, total);
	u8 *device = kvmalloc(total, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, bounce.regs);
	u64 address = wk_map_all(&bounce, mdl, base, 0, total, TRUE);

	KUNIT_ASSERT_NOT_NULL(test, device);
	KUNIT_EXPECT_GE(test, bounce.regs, 17);
	wk_device_read(test, address, device, total);
	wk_expect_pattern(test, device, total, 1);
	wk_flush(&bounce, mdl, base, 0, total, TRUE);
	wk_fill(device, total, 33);
	address = wk_map_all(&bounce, mdl, base, 0, total, FALSE);
	wk_device_write(test, address, device, total);
	wk_flush(&bounce, mdl, base, 0, total, FALSE);
	wk_expect_pattern(test, buffer->va, total, 33);
	wk_free_set(&bounce, base, bounce.regs);
	kvfree(device);
}

static struct kunit_case wk_bounce_window_cases[] = {
	KUNIT_CASE_PARAM(wk_one_address_for_scattered_memory, wk_piece_gen_params),
	KUNIT_CASE(wk_contiguous_memory_is_not_copied),
	KUNIT_CASE(wk_run_that_ends_out_of_reach),
	KUNIT_CASE(wk_registers_are_cumulative),
	KUNIT_CASE(wk_windows_of_two_sets),
	KUNIT_CASE_PARAM(wk_packet_sequence, wk_round_gen_params),
	KUNIT_CASE(wk_unwritten_part_of_the_window),
	KUNIT_CASE(wk_no_registers_no_window),
	KUNIT_CASE(wk_all_registers_are_one_window),
	{}
};

static struct kunit_suite wk_bounce_window_suite = {
	.name = "wdmdma_bounce_window",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_bounce_window_cases,
};

kunit_test_suite(wk_bounce_window_suite);
