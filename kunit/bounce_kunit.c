// SPDX-License-Identifier: GPL-2.0-only
/*
 * MapTransfer and FlushAdapterBuffers where wdmdma copies, for a device with scatter/gather: what
 * is copied and what is not, which page a byte goes through, when it comes back, and when never.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "bounce.h"

struct wk_piece {
	u32 offset, bytes;	/* in a buffer of four scattered pages */
	bool write;
};

static const struct wk_piece wk_pieces[] = {
	{ 0, 1, true }, { 0, 1, false },
	{ PAGE_SIZE - 1, 1, true }, { PAGE_SIZE - 1, 1, false },
	{ PAGE_SIZE - 1, 2, true }, { PAGE_SIZE - 1, 2, false },
	{ 0, PAGE_SIZE, true }, { 0, PAGE_SIZE, false },
	{ 1, PAGE_SIZE - 1, true }, { 1, PAGE_SIZE, false },
	{ 123, 7000, true }, { 123, 7000, false },
	{ PAGE_SIZE - 1, 2 * PAGE_SIZE + 2, true }, { PAGE_SIZE - 1, 2 * PAGE_SIZE + 2, false },
	{ 0, 4 * PAGE_SIZE, true }, { 0, 4 * PAGE_SIZE, false },
	{ 3 * PAGE_SIZE + 5, 9, true }, { 4 * PAGE_SIZE - 1, 1, false },
};

static void wk_piece_desc(const struct wk_piece *piece, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u bytes at %u %s the device", piece->bytes,
		 piece->offset, piece->write ? "to" : "from");
}

KUNIT_ARRAY_PARAM(wk_piece, wk_pieces, wk_piece_desc);

/* Every byte moves, none beside them does, and all of it is counted. */
static void wk_moves_every_byte(struct kunit *test)
{
	const struct wk_piece *piece = test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	u8 *expected = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, 4);

	wk_fill(device, piece->bytes, 5);
	memcpy(expected, buffer->va, buffer->bytes);
	wk_transfer(&bounce, mdl, base, piece->offset, piece->bytes, piece->write, device);
	/* Nothing comes back before the flush. */
	wk_expect_same(test, buffer->va, expected, buffer->bytes);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes, piece->bytes);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).mapped_bytes, piece->bytes);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).direct_maps, 0);
	wk_flush(&bounce, mdl, base, piece->offset, piece->bytes, piece->write);
	if (piece->write)
		wk_expect_same(test, device, buffer->va + piece->offset, piece->bytes);
	else
		memcpy(expected + piece->offset, device, piece->bytes);
	wk_expect_same(test, buffer->va, expected, buffer->bytes);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes,
			piece->write ? piece->bytes : 2 * piece->bytes);
	KUNIT_EXPECT_GT(test, wk_stats(test, bounce.adapter).bounced_maps, 0);
	wk_free_set(&bounce, base, 4);
}

struct wk_layout {
	const char *pattern;	/* of wk_alloc_split() */
	unsigned int direct;	/* runs that need no copy */
};

static const struct wk_layout wk_layouts[] = {
	{ "n", 1 }, { "f", 0 }, { "nf", 1 }, { "fn", 1 }, { "nfn", 2 }, { "fnf", 1 },
	{ "nNfFnN", 2 }, { "fFF", 0 }, { "nNN", 1 }, { "ffnn", 2 }, { "nfNf", 2 },
	{ "nfffNfFfn", 3 },
};

static void wk_layout_desc(const struct wk_layout *layout, char *desc)
{
	strscpy(desc, layout->pattern, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_layout, wk_layouts, wk_layout_desc);

/* Reach is a matter of each page, not of the first one; what is in reach is not copied. */
static void wk_reach_is_decided_page_by_page(struct kunit *test)
{
	const struct wk_layout *layout = test->param_value;
	struct wdmdma_limits limits = {};
	struct wk_buffer *buffer = wk_alloc_split(test, layout->pattern, &limits.last_address);
	struct wk_bounce bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
	ULONG total = buffer->bytes - 350, done, bytes;
	PMDL mdl = wk_mdl(test, buffer, 300, total);
	u8 *device = kunit_kzalloc(test, total, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, buffer->nr_pages);
	int write;

	for (write = 0; write < 2; write++) {
		wk_fill(mdl->MappedSystemVa, total, 6);
		wk_fill(device, total, 7);
		for (done = 0; done < total; done += bytes) {
			u64 address;

			bytes = total - done;
			address = wk_map(&bounce, mdl, base, done, &bytes, write);
			KUNIT_ASSERT_NE(test, address, WK_NOTHING);
			KUNIT_ASSERT_GT(test, bytes, 0);
			wk_expect_mapped(&bounce, buffer, 300 + done, address, bytes);
			if (write)
				wk_device_read(test, address, device + done, bytes);
			else
				wk_device_write(test, address, device + done, bytes);
		}
		wk_flush(&bounce, mdl, base, 0, total, write);
		wk_expect_pattern(test, device, total, write ? 6 : 7);
		wk_expect_pattern(test, mdl->MappedSystemVa, total, write ? 6 : 7);
		KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).direct_maps,
				(write + 1) * layout->direct);
	}
	wk_free_set(&bounce, base, buffer->nr_pages);
}

struct wk_edge {
	const char *name;
	u32 offset, bytes;
	u32 limit;		/* last byte in reach, from the start of the buffer */
	u32 direct;		/* so many bytes are not copied */
};

static const struct wk_edge wk_edges[] = {
	{ "ends at the limit", 0, 1000, 999, 1000 },
	{ "one byte past it", 0, 1001, 999, 0 },
	{ "last byte alone", 999, 1, 999, 1 },
	{ "first byte past it", 1000, 1, 999, 0 },
	{ "limit at a page line", 0, PAGE_SIZE, PAGE_SIZE - 1, PAGE_SIZE },
	{ "over a page line", 0, PAGE_SIZE + 1, PAGE_SIZE - 1, PAGE_SIZE },
	{ "limit before a page line", 0, PAGE_SIZE, PAGE_SIZE - 2, 0 },
	{ "two pages to the limit", 10, PAGE_SIZE + 990, PAGE_SIZE + 999, PAGE_SIZE + 990 },
	{ "two pages past it", 10, PAGE_SIZE + 991, PAGE_SIZE + 999, PAGE_SIZE - 10 },
};

static void wk_edge_desc(const struct wk_edge *edge, char *desc)
{
	strscpy(desc, edge->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_edge, wk_edges, wk_edge_desc);

/* The limit is the last address that the device can use. */
static void wk_limit_is_inclusive(struct kunit *test)
{
	const struct wk_edge *edge = test->param_value;
	struct wdmdma_limits limits;
	struct wk_buffer *buffer = wk_alloc_split(test, "fFF", &limits.last_address);
	struct wk_bounce bounce;
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, edge->bytes, GFP_KERNEL);
	ULONG bytes = edge->bytes, rest;
	PVOID base;
	u64 address;

	limits = (struct wdmdma_limits){ .last_address = wk_phys(buffer, 0) + edge->limit };
	bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
	KUNIT_EXPECT_EQ(test, bounce.last_address, limits.last_address);
	base = wk_take_set(&bounce, 3);
	address = wk_map(&bounce, mdl, base, edge->offset, &bytes, TRUE);
	wk_expect_mapped(&bounce, buffer, edge->offset, address, bytes);
	if (edge->direct)
		KUNIT_EXPECT_EQ(test, bytes, edge->direct);
	KUNIT_EXPECT_EQ(test, wk_is_in(buffer, address), !!edge->direct);
	wk_device_read(test, address, device, bytes);
	if (bytes < edge->bytes) {
		rest = edge->bytes - bytes;
		address = wk_map(&bounce, mdl, base, edge->offset + bytes, &rest, TRUE);
		wk_expect_mapped(&bounce, buffer, edge->offset + bytes, address, rest);
		KUNIT_EXPECT_EQ(test, bytes + rest, edge->bytes);
		wk_device_read(test, address, device + bytes, rest);
	}
	wk_expect_same(test, device, buffer->va + edge->offset, edge->bytes);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes,
			edge->bytes - edge->direct);
	wk_flush(&bounce, mdl, base, edge->offset, edge->bytes, TRUE);
	wk_free_set(&bounce, base, 3);
}

static void wk_registers_are_used_up(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 6);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 100, 5 * PAGE_SIZE);
	PVOID base = wk_take_set(&bounce, 3);
	ULONG bytes, done, round;

	for (round = 0; round < 2; round++) {
		/* What is mapped in all ends with the third page. */
		for (done = 0; done < 3 * PAGE_SIZE - 100; done += bytes) {
			bytes = 5 * PAGE_SIZE - done;
			KUNIT_ASSERT_NE(test, wk_map(&bounce, mdl, base, done, &bytes, FALSE),
					WK_NOTHING);
		}
		KUNIT_EXPECT_EQ(test, done, 3 * PAGE_SIZE - 100);
		wk_expect_refusal(&bounce, mdl, base, done, 1, WD_REPORT_NOT_FLUSHED);
		/* Part of them does not give registers back, the last does. */
		wk_flush(&bounce, mdl, base, 0, 3 * PAGE_SIZE - 100, FALSE);
	}

	/* 2 bytes over a page line take 2 registers, each mapping its own */
	bytes = 2;
	for (done = 0; done < 2; done += bytes) {
		bytes = 2 - done;
		wk_map(&bounce, mdl, base, PAGE_SIZE - 101 + done, &bytes, TRUE);
	}
	KUNIT_EXPECT_EQ(test, done, 2);
	bytes = 10;
	KUNIT_EXPECT_NE(test, wk_map(&bounce, mdl, base, 10, &bytes, TRUE), WK_NOTHING);
	wk_expect_refusal(&bounce, mdl, base, 50, 1, WD_REPORT_NOT_FLUSHED);
	wk_flush(&bounce, mdl, base, 0, PAGE_SIZE, TRUE);
	wk_free_set(&bounce, base, 3);
}

/* Each register is a page of its own, in whatever order they are used and flushed. */
static void wk_each_register_has_its_own_data(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 8);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, 8);
	u64 address[8];
	ULONG bytes;
	u32 i, j;

	for (i = 0; i < 8; i++) {
		bytes = PAGE_SIZE;
		j = i * 3 % 8;
		address[j] = wk_map(&bounce, mdl, base, j * PAGE_SIZE, &bytes, FALSE);
		KUNIT_ASSERT_EQ(test, bytes, PAGE_SIZE);
		for (u32 k = 0; k < i; k++)
			KUNIT_EXPECT_NE(test, address[j], address[k * 3 % 8]);
	}
	for (i = 0; i < 8; i++) {
		wk_fill(page, PAGE_SIZE, 40 + i);
		wk_device_write(test, address[i], page, PAGE_SIZE);
	}
	for (i = 0; i < 8; i++) {
		j = (i * 5 + 2) % 8;
		wk_flush(&bounce, mdl, base, j * PAGE_SIZE, PAGE_SIZE, FALSE);
		wk_expect_pattern(test, buffer->va + j * PAGE_SIZE, PAGE_SIZE, 40 + j);
	}
	for (i = 0; i < 8; i++)
		wk_expect_pattern(test, buffer->va + i * PAGE_SIZE, PAGE_SIZE, 40 + i);
	wk_free_set(&bounce, base, 8);
}

static void wk_sets_share_no_pages(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 6);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, 3 * PAGE_SIZE, GFP_KERNEL);
	PVOID base[3];
	int i;

	for (i = 0; i < 3; i++)
		base[i] = wk_take_set(&bounce, 2);
	/* the same two pages of the driver's for sets 0 and 2, which read and write them */
	wk_transfer(&bounce, mdl, base[0], 0, 2 * PAGE_SIZE, TRUE, device);
	wk_expect_pattern(test, device, 2 * PAGE_SIZE, 1);
	wk_fill(device, 2 * PAGE_SIZE, 51);
	wk_transfer(&bounce, mdl, base[1], 2 * PAGE_SIZE, 2 * PAGE_SIZE, FALSE, device);
	wk_fill(device, 2 * PAGE_SIZE, 52);
	wk_transfer(&bounce, mdl, base[2], 0, 2 * PAGE_SIZE, FALSE, device);
	wk_flush(&bounce, mdl, base[1], 2 * PAGE_SIZE, 2 * PAGE_SIZE, FALSE);
	wk_expect_pattern(test, buffer->va + 2 * PAGE_SIZE, 2 * PAGE_SIZE, 51);
	wk_flush(&bounce, mdl, base[0], 0, 2 * PAGE_SIZE, TRUE);
	wk_expect_pattern(test, buffer->va, 2 * PAGE_SIZE, 1);
	wk_flush(&bounce, mdl, base[2], 0, 2 * PAGE_SIZE, FALSE);
	wk_expect_pattern(test, buffer->va, 2 * PAGE_SIZE, 52);
	for (i = 0; i < 3; i++)
		wk_free_set(&bounce, base[i], 2);
}

/* A page that is free again between two that are not does not take its neighbour along. */
static void wk_pages_in_use_are_not_taken(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 8);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 12);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, 4 * PAGE_SIZE, GFP_KERNEL);
	PVOID base[4], large;
	int i;

	for (i = 0; i < 4; i++) {
		base[i] = wk_take_set(&bounce, 1);
		wk_fill(device, PAGE_SIZE, 55 + i);
		wk_transfer(&bounce, mdl, base[i], i * PAGE_SIZE, PAGE_SIZE, FALSE, device);
	}
	large = wk_take_set(&bounce, 4);
	for (i = 0; i < 4; i += 2)
		wk_flush(&bounce, mdl, base[i], i * PAGE_SIZE, PAGE_SIZE, FALSE);
	wk_fill(device, 4 * PAGE_SIZE, 59);
	wk_transfer(&bounce, mdl, large, 4 * PAGE_SIZE, 4 * PAGE_SIZE, FALSE, device);
	for (i = 1; i < 4; i += 2)
		wk_flush(&bounce, mdl, base[i], i * PAGE_SIZE, PAGE_SIZE, FALSE);
	wk_flush(&bounce, mdl, large, 4 * PAGE_SIZE, 4 * PAGE_SIZE, FALSE);
	for (i = 0; i < 4; i++) {
		wk_expect_pattern(test, buffer->va + i * PAGE_SIZE, PAGE_SIZE, 55 + i);
		wk_free_set(&bounce, base[i], 1);
	}
	wk_expect_pattern(test, buffer->va + 4 * PAGE_SIZE, 4 * PAGE_SIZE, 59);
	wk_free_set(&bounce, large, 4);
	wk_expect_whole_pool(&bounce);
}

/* A device that moves less than it was told to leaves the rest of the buffer as it was. */
static void wk_short_transfer_leaves_the_rest(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 3);
	PMDL mdl = wk_mdl(test, buffer, 20, 3 * PAGE_SIZE - 20);
	ULONG total = 3 * PAGE_SIZE - 20;
	u8 *device = kunit_kzalloc(test, total, GFP_KERNEL);
	PVOID base;
	ULONG bytes;
	u64 address;

	/* The pages have carried something else before. */
	wk_fill(device, total, 60);
	base = wk_take_set(&bounce, 3);
	wk_transfer(&bounce, mdl, base, 0, total, FALSE, device);
	wk_flush(&bounce, mdl, base, 0, total, FALSE);
	wk_free_set(&bounce, base, 3);

	wk_fill(buffer->va, buffer->bytes, 61);
	base = wk_take_set(&bounce, 3);
	bytes = total;
	address = wk_map(&bounce, mdl, base, 0, &bytes, FALSE);
	for (ULONG done = bytes; done < total; done += bytes) {
		bytes = total - done;
		KUNIT_ASSERT_NE(test, wk_map(&bounce, mdl, base, done, &bytes, FALSE), WK_NOTHING);
	}
	wk_device_write(test, address, device, 1000);
	wk_flush(&bounce, mdl, base, 0, total, FALSE);
	wk_expect_pattern(test, buffer->va + 20, 1000, 60);
	wk_fill(buffer->va, 1020, 61);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 61);
	wk_free_set(&bounce, base, 3);
}

/* What the device does to memory that it should only read does not come back. */
static void wk_nothing_comes_back_of_a_write(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	u8 *device = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, 1);
	ULONG bytes = PAGE_SIZE;
	u64 address = wk_map(&bounce, mdl, base, 0, &bytes, TRUE);

	wk_device_write(test, address, device, PAGE_SIZE);
	/* The direction of the mapping counts, not that of the flush. */
	wk_flush(&bounce, mdl, base, 0, PAGE_SIZE, FALSE);
	wk_expect_pattern(test, buffer->va, PAGE_SIZE, 1);

	wk_fill(device, PAGE_SIZE, 62);
	wk_transfer(&bounce, mdl, base, 0, PAGE_SIZE, FALSE, device);
	wk_flush(&bounce, mdl, base, 0, PAGE_SIZE, TRUE);
	wk_expect_pattern(test, buffer->va, PAGE_SIZE, 62);
	wk_free_set(&bounce, base, 1);
}

static void wk_mapping_again_after_flush(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 3);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, 3);
	u64 copied = 0;
	u32 i;

	for (i = 0; i < 60; i++) {
		u32 offset = i * 331 % PAGE_SIZE;
		u32 bytes = 2 * PAGE_SIZE - i * 7;
		bool write = i % 3 == 0;

		wk_fill(buffer->va + offset, bytes, i);
		wk_fill(device, bytes, 100 + i);
		wk_transfer(&bounce, mdl, base, offset, bytes, write, device);
		wk_flush(&bounce, mdl, base, offset, bytes, write);
		wk_expect_pattern(test, device, bytes, write ? i : 100 + i);
		wk_expect_pattern(test, buffer->va + offset, bytes, write ? i : 100 + i);
		copied += write ? bytes : 2 * bytes;
	}
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes, copied);
	wk_free_set(&bounce, base, 3);
	wk_expect_whole_pool(&bounce);
}

/* A set of no registers has no page to copy through; what is in reach needs none. */
static void wk_no_registers_map_only_what_is_in_reach(struct kunit *test)
{
	struct wdmdma_limits limits = {};
	struct wk_buffer *buffer = wk_alloc_split(test, "nfnN", &limits.last_address);
	struct wk_bounce bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	PVOID base = wk_take_set(&bounce, 0);
	ULONG bytes = 2 * PAGE_SIZE;

	wk_expect_at(test, wk_map(&bounce, mdl, base, 0, &bytes, FALSE), buffer, 0);
	KUNIT_EXPECT_EQ(test, bytes, PAGE_SIZE);
	wk_expect_refusal(&bounce, mdl, base, PAGE_SIZE, PAGE_SIZE, WD_REPORT_MISC);
	bytes = 2 * PAGE_SIZE;
	wk_expect_at(test, wk_map(&bounce, mdl, base, 2 * PAGE_SIZE, &bytes, FALSE),
		     buffer, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, bytes, 2 * PAGE_SIZE);
	wk_flush(&bounce, mdl, base, 0, buffer->bytes, FALSE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes, 0);
	wk_free_set(&bounce, base, 0);

	bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	base = wk_take_set(&bounce, 0);
	wk_expect_refusal(&bounce, mdl, base, 0, 1, WD_REPORT_MISC);
	wk_free_set(&bounce, base, 0);
}

/* What is no memory cannot be copied; the pages that were taken for it are not lost. */
static void wk_frames_that_are_no_memory(struct kunit *test)
{
	BOOLEAN kinds[] = { TRUE, FALSE };
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	PFN_NUMBER frame = MmGetMdlPfnArray(mdl)[1];
	int kind;

	for (kind = 0; kind < 2; kind++) {
		/* Two pages in one block: the transfer is mapped whole or not at all. */
		struct wk_bounce bounce = wk_get_forced(test, kinds[kind], PAGE_SIZE, 2);
		u8 *device = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
		PVOID base = wk_take_set(&bounce, 2);

		MmGetMdlPfnArray(mdl)[1] = PHYS_PFN(1ULL << 50);
		wk_expect_refusal(&bounce, mdl, base, 0, buffer->bytes, WD_REPORT_NOT_LOCKED);
		wk_expect_refusal(&bounce, mdl, base, PAGE_SIZE, 1, WD_REPORT_NOT_LOCKED);
		wk_transfer(&bounce, mdl, base, 0, PAGE_SIZE, TRUE, device);
		wk_expect_same(test, device, buffer->va, PAGE_SIZE);
		wk_flush(&bounce, mdl, base, 0, PAGE_SIZE, TRUE);
		wk_free_set(&bounce, base, 2);
		MmGetMdlPfnArray(mdl)[1] = frame;
		wk_expect_whole_pool(&bounce);
	}
}

/* StartVa NULL: CurrentVa is an index, and the frames say where the bytes are. */
static void wk_mdl_without_address(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = kunit_kzalloc(test, MmSizeOfMdl(NULL, buffer->bytes), GFP_KERNEL);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, 3);
	int i;

	MmInitializeMdl(mdl, NULL, buffer->bytes);
	for (i = 0; i < 3; i++)
		MmGetMdlPfnArray(mdl)[i] = page_to_pfn(buffer->pages[i]);
	mdl->MdlFlags |= MDL_PAGES_LOCKED;
	wk_transfer(&bounce, mdl, base, 0, buffer->bytes, TRUE, device);
	wk_expect_pattern(test, device, buffer->bytes, 1);
	wk_flush(&bounce, mdl, base, 0, buffer->bytes, TRUE);
	wk_fill(device, 5000, 63);
	wk_transfer(&bounce, mdl, base, 5000, 5000, FALSE, device);
	/* Drivers rewrite their MDLs between map and flush. */
	memset(MmGetMdlPfnArray(mdl), 0xFF, 3 * sizeof(PFN_NUMBER));
	mdl->ByteCount = 1;
	wk_flush(&bounce, mdl, base, 5000, 5000, FALSE);
	wk_expect_pattern(test, buffer->va + 5000, 5000, 63);
	wk_free_set(&bounce, base, 3);
}

/* Memory that was allocated for the device needs no copy, even where everything else does. */
static void wk_common_buffer_is_not_copied(struct kunit *test)
{
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PVOID base = wk_take_set(&bounce, 2);
	ULONG bytes = PAGE_SIZE;
	PHYSICAL_ADDRESS logical;
	PVOID va = bounce.ops->AllocateCommonBuffer(bounce.adapter, SZ_8K, &logical, TRUE);
	PMDL mdl;

	KUNIT_ASSERT_NOT_NULL(test, va);
	mdl = IoAllocateMdl(va + 40, PAGE_SIZE, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_EXPECT_EQ(test, wk_map(&bounce, mdl, base, 0, &bytes, FALSE), logical.QuadPart + 40);
	KUNIT_EXPECT_EQ(test, bytes, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).common_maps, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes, 0);
	wk_flush(&bounce, mdl, base, 0, bytes, FALSE);
	wk_free_set(&bounce, base, 2);
	IoFreeMdl(mdl);
	bounce.ops->FreeCommonBuffer(bounce.adapter, SZ_8K, logical, va, TRUE);
}

static struct kunit_case wk_bounce_cases[] = {
	KUNIT_CASE_PARAM(wk_moves_every_byte, wk_piece_gen_params),
	KUNIT_CASE_PARAM(wk_reach_is_decided_page_by_page, wk_layout_gen_params),
	KUNIT_CASE_PARAM(wk_limit_is_inclusive, wk_edge_gen_params),
	KUNIT_CASE(wk_registers_are_used_up),
	KUNIT_CASE(wk_each_register_has_its_own_data),
	KUNIT_CASE(wk_sets_share_no_pages),
	KUNIT_CASE(wk_pages_in_use_are_not_taken),
	KUNIT_CASE(wk_short_transfer_leaves_the_rest),
	KUNIT_CASE(wk_nothing_comes_back_of_a_write),
	KUNIT_CASE(wk_mapping_again_after_flush),
	KUNIT_CASE(wk_no_registers_map_only_what_is_in_reach),
	KUNIT_CASE(wk_frames_that_are_no_memory),
	KUNIT_CASE(wk_mdl_without_address),
	KUNIT_CASE(wk_common_buffer_is_not_copied),
	{}
};

static struct kunit_suite wk_bounce_suite = {
	.name = "wdmdma_bounce",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_bounce_cases,
};

kunit_test_suite(wk_bounce_suite);
