// SPDX-License-Identifier: GPL-2.0-only
/*
 * MapTransfer: which address and how much of it a driver is told, and what it gets where nothing
 * can be mapped.
 */
#include <linux/dma-mapping.h>
#include <linux/sizes.h>

#include "../wdmdma/internal.h"
#include "fake_driver.h"
#include "fixture.h"

#define WK_NOTHING	(-1ULL)

/* A register set that its routine kept; ended by wk_free_set(). */
static PVOID wk_get_set(struct kunit *test, PDMA_ADAPTER adapter, ULONG regs)
{
	struct wk_call call;
	NTSTATUS status;

	wk_call_init(&call, adapter, DeallocateObjectKeepRegisters);
	status = adapter->DmaOperations->AllocateAdapterChannel(adapter, NULL, regs, wk_control,
								&call);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	return call.base;
}

static void wk_free_set(PDMA_ADAPTER adapter, PVOID base, ULONG regs)
{
	adapter->DmaOperations->FreeMapRegisters(adapter, base, regs);
}

static u64 wk_map(PDMA_ADAPTER adapter, PMDL mdl, PVOID base, u64 offset, ULONG *bytes,
		  BOOLEAN write)
{
	return adapter->DmaOperations->MapTransfer(adapter, mdl, base,
				MmGetMdlVirtualAddress(mdl) + offset, bytes, write).QuadPart;
}

static void wk_flush(struct kunit *test, PDMA_ADAPTER adapter, PMDL mdl, PVOID base, u64 offset,
		     ULONG bytes, BOOLEAN write)
{
	PVOID va = MmGetMdlVirtualAddress(mdl) + offset;
	BOOLEAN done = adapter->DmaOperations->FlushAdapterBuffers(adapter, mdl, base, va, bytes,
								   write);

	KUNIT_EXPECT_TRUE(test, done);
}

/* Nothing can be mapped: an address of all ones, a length of 0 and one report of @code. */
static void wk_expect_refusal(struct kunit *test, PDMA_ADAPTER adapter, PMDL mdl, PVOID base,
			      u64 offset, ULONG bytes, u32 code)
{
	wk_expect_report(test, code, 1);
	KUNIT_EXPECT_EQ(test, wk_map(adapter, mdl, base, offset, &bytes, TRUE), WK_NOTHING);
	KUNIT_EXPECT_EQ(test, bytes, 0);
}

struct wk_piece {
	const char *name;
	bool scattered;
	u32 mdl_offset;		/* of the MDL in the buffer */
	u32 offset, bytes;	/* asked for, from the start of the MDL */
	u32 mapped;		/* expected */
};

static const struct wk_piece wk_pieces[] = {
	{ "contiguous", false, 0, 0, 3 * PAGE_SIZE, 3 * PAGE_SIZE },
	{ "contiguous, odd", false, 123, 77, 5000, 5000 },
	{ "contiguous, last byte", false, 0, 8 * PAGE_SIZE - 1, 1, 1 },
	{ "scattered, a page", true, 0, PAGE_SIZE, PAGE_SIZE, PAGE_SIZE },
	{ "scattered, three pages", true, 0, 0, 3 * PAGE_SIZE, PAGE_SIZE },
	{ "scattered, odd", true, 4001, 200, 5000, 2 * PAGE_SIZE - 4201 },
	{ "scattered, in a page", true, 8, 3 * PAGE_SIZE, 100, 100 },
	{ "scattered, last byte of a page", true, 0, PAGE_SIZE - 1, 2, 1 },
};

static void wk_piece_desc(const struct wk_piece *piece, char *desc)
{
	strscpy(desc, piece->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_piece, wk_pieces, wk_piece_desc);

static void wk_maps_one_run(struct kunit *test)
{
	const struct wk_piece *piece = test->param_value;
	struct wk_buffer *buffer = piece->scattered ? wk_alloc_scattered(test, 8) :
						      wk_alloc_contiguous(test, 8);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, piece->mdl_offset, buffer->bytes - piece->mdl_offset);
	size_t start = piece->mdl_offset + piece->offset;
	u8 *device = kunit_kzalloc(test, SZ_32K, GFP_KERNEL);
	PVOID base = wk_get_set(test, adapter, 8);
	int write;

	for (write = 0; write < 2; write++) {
		ULONG bytes = piece->bytes;
		u64 address;

		wk_fill(buffer->va + start, piece->bytes, 5);
		wk_fill(device, SZ_32K, 6);
		address = wk_map(adapter, mdl, base, piece->offset, &bytes, write);
		KUNIT_EXPECT_EQ(test, bytes, piece->mapped);
		wk_expect_at(test, address, buffer, start);
		if (write)
			wk_device_read(test, address, device, bytes);
		else
			wk_device_write(test, address, device, bytes);
		wk_flush(test, adapter, mdl, base, piece->offset, bytes, write);
		wk_expect_pattern(test, device, bytes, write ? 5 : 6);
		wk_expect_pattern(test, buffer->va + start, bytes, write ? 5 : 6);
	}
	wk_free_set(adapter, base, 8);
}

static const bool wk_directions[] = { true, false };

static void wk_direction_desc(const bool *write, char *desc)
{
	strscpy(desc, *write ? "to device" : "from device", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_direction, wk_directions, wk_direction_desc);

/* The loop of a scatter/gather driver: run by run until everything is mapped. */
static void wk_loop_over_runs_covers_the_buffer(struct kunit *test)
{
	bool write = *(const bool *)test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 7);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	ULONG total = 5 * PAGE_SIZE + 11, done, bytes;
	PMDL mdl = wk_mdl(test, buffer, PAGE_SIZE - 3, total);
	u8 *device = kunit_kzalloc(test, total, GFP_KERNEL);
	u8 *va = MmGetMdlVirtualAddress(mdl);
	PVOID base = wk_get_set(test, adapter, 7);

	wk_fill(va, total, 3);
	wk_fill(device, total, 4);
	for (done = 0; done < total; done += bytes) {
		u64 address;

		bytes = total - done;
		address = wk_map(adapter, mdl, base, done, &bytes, write);
		wk_expect_at(test, address, buffer, va + done - buffer->va);
		KUNIT_ASSERT_GT(test, bytes, 0);
		if (write)
			wk_device_read(test, address, device + done, bytes);
		else
			wk_device_write(test, address, device + done, bytes);
	}
	KUNIT_EXPECT_EQ(test, done, total);
	wk_flush(test, adapter, mdl, base, 0, total, write);
	wk_expect_pattern(test, device, total, write ? 3 : 4);
	wk_expect_pattern(test, va, total, write ? 3 : 4);
	wk_free_set(adapter, base, 7);
}

static void wk_registers_limit_what_is_mapped(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 8);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 100, 7 * PAGE_SIZE);
	PVOID base = wk_get_set(test, adapter, 3);
	ULONG bytes = 7 * PAGE_SIZE;

	/* The first page is covered from the offset on only. */
	wk_expect_at(test, wk_map(adapter, mdl, base, 0, &bytes, TRUE), buffer, 100);
	KUNIT_EXPECT_EQ(test, bytes, 3 * PAGE_SIZE - 100);
	wk_expect_refusal(test, adapter, mdl, base, 3 * PAGE_SIZE, 1, WD_REPORT_NOT_FLUSHED);
	wk_flush(test, adapter, mdl, base, 0, bytes, TRUE);

	/* 2 bytes across a page line take 2 registers, a third page the last */
	bytes = 2;
	wk_map(adapter, mdl, base, PAGE_SIZE - 101, &bytes, TRUE);
	KUNIT_EXPECT_EQ(test, bytes, 2);
	bytes = 2 * PAGE_SIZE;
	wk_map(adapter, mdl, base, PAGE_SIZE, &bytes, TRUE);
	KUNIT_EXPECT_EQ(test, bytes, PAGE_SIZE - 100);
	wk_expect_refusal(test, adapter, mdl, base, 0, PAGE_SIZE, WD_REPORT_NOT_FLUSHED);
	wk_flush(test, adapter, mdl, base, PAGE_SIZE - 101, 2 * PAGE_SIZE, TRUE);
	wk_free_set(adapter, base, 3);
}

/* A set of no registers is limited by R alone. */
static void wk_zero_registers_are_limited_by_r(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 8);
	ULONG regs;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, 4 * PAGE_SIZE, &regs);
	PMDL mdl = wk_mdl(test, buffer, 0, 8 * PAGE_SIZE);
	PVOID base = wk_get_set(test, adapter, 0);
	ULONG bytes, i;

	KUNIT_ASSERT_EQ(test, regs, 5);
	for (i = 0; i < regs; i++) {
		bytes = PAGE_SIZE;
		wk_expect_at(test, wk_map(adapter, mdl, base, i * PAGE_SIZE, &bytes, TRUE),
			     buffer, i * PAGE_SIZE);
	}
	wk_expect_refusal(test, adapter, mdl, base, i * PAGE_SIZE, 1, WD_REPORT_NOT_FLUSHED);
	wk_flush(test, adapter, mdl, base, 0, regs * PAGE_SIZE, TRUE);
	wk_free_set(adapter, base, 0);
}

static void wk_current_va_must_be_in_the_mdl(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, PAGE_SIZE, PAGE_SIZE + 10);
	PVOID base = wk_get_set(test, adapter, 4);
	ULONG bytes = 64;

	wk_expect_at(test, wk_map(adapter, mdl, base, PAGE_SIZE + 9, &bytes, TRUE),
		     buffer, 2 * PAGE_SIZE + 9);
	wk_flush(test, adapter, mdl, base, PAGE_SIZE + 9, bytes, TRUE);
	wk_expect_refusal(test, adapter, mdl, base, PAGE_SIZE + 10, 1, WD_REPORT_NOT_IN_MDL);
	wk_expect_refusal(test, adapter, mdl, base, SZ_1M, 1, WD_REPORT_NOT_IN_MDL);
	wk_expect_refusal(test, adapter, mdl, base, -1ULL, 1, WD_REPORT_NOT_IN_MDL);
	wk_expect_refusal(test, adapter, mdl, base, -(u64)PAGE_SIZE, 1, WD_REPORT_NOT_IN_MDL);
	wk_free_set(adapter, base, 4);
}

/* MmAllocatePagesForMdl leaves StartVa NULL: CurrentVa is then a small number, never a pointer. */
static void wk_current_va_is_only_an_index(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = kunit_kzalloc(test, MmSizeOfMdl(NULL, 3 * PAGE_SIZE), GFP_KERNEL);
	PVOID base = wk_get_set(test, adapter, 3);
	ULONG bytes = 3 * PAGE_SIZE;
	int i;

	MmInitializeMdl(mdl, NULL, 3 * PAGE_SIZE);
	for (i = 0; i < 3; i++)
		MmGetMdlPfnArray(mdl)[i] = page_to_pfn(buffer->pages[i]);
	mdl->MdlFlags |= MDL_PAGES_LOCKED;
	KUNIT_ASSERT_NULL(test, MmGetMdlVirtualAddress(mdl));
	wk_expect_at(test, wk_map(adapter, mdl, base, 0, &bytes, TRUE), buffer, 0);
	KUNIT_EXPECT_EQ(test, bytes, PAGE_SIZE);
	bytes = 100;
	wk_expect_at(test, wk_map(adapter, mdl, base, 2 * PAGE_SIZE + 5, &bytes, TRUE),
		     buffer, 2 * PAGE_SIZE + 5);
	wk_flush(test, adapter, mdl, base, 0, 3 * PAGE_SIZE, TRUE);
	wk_free_set(adapter, base, 3);
}

static void wk_length_ends_with_the_mdl(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 4);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE + 1000);
	PMDL next = wk_mdl(test, buffer, PAGE_SIZE + 1000, PAGE_SIZE);
	PVOID base = wk_get_set(test, adapter, 5);
	ULONG bytes = 2 * PAGE_SIZE;

	/* The chain is not followed, although its next buffer is adjacent. */
	mdl->Next = next;
	/* The rest of the last page is tolerated (G4) ... */
	wk_map(adapter, mdl, base, 0, &bytes, TRUE);
	KUNIT_EXPECT_EQ(test, bytes, 2 * PAGE_SIZE);
	wk_flush(test, adapter, mdl, base, 0, bytes, TRUE);
	/* ... and more than that is too much. */
	bytes = 2 * PAGE_SIZE + 1;
	wk_map(adapter, mdl, base, 0, &bytes, TRUE);
	KUNIT_EXPECT_EQ(test, bytes, PAGE_SIZE + 1000);
	wk_flush(test, adapter, mdl, base, 0, bytes, TRUE);
	bytes = U32_MAX;
	wk_expect_at(test, wk_map(adapter, mdl, base, PAGE_SIZE, &bytes, TRUE), buffer, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, bytes, 1000);
	wk_flush(test, adapter, mdl, base, PAGE_SIZE, bytes, TRUE);
	mdl->Next = NULL;
	wk_free_set(adapter, base, 5);
}

static void wk_bad_arguments_are_refused(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	PVOID base = wk_get_set(test, adapter, 2), stale = wk_get_set(test, adapter, 2);
	PMDL unbuilt = IoAllocateMdl(buffer->va, PAGE_SIZE, FALSE, FALSE, NULL);
	PDMA_OPERATIONS ops = adapter->DmaOperations;
	PHYSICAL_ADDRESS address;
	ULONG bytes = 1;

	KUNIT_ASSERT_NOT_NULL(test, unbuilt);
	wk_free_set(adapter, stale, 2);
	wk_expect_refusal(test, adapter, mdl, base, 0, 0, WD_REPORT_ZERO_LENGTH);
	wk_expect_refusal(test, adapter, mdl, NULL, 0, 1, WD_REPORT_REGS_FREED);
	wk_expect_refusal(test, adapter, mdl, stale, 0, 1, WD_REPORT_REGS_FREED);
	wk_expect_refusal(test, adapter, mdl, buffer, 0, 1, WD_REPORT_REGS_FREED);
	/* The frames of an MDL that nobody built mean nothing, however good they look. */
	MmGetMdlPfnArray(unbuilt)[0] = page_to_pfn(buffer->pages[0]);
	wk_expect_refusal(test, adapter, unbuilt, base, 0, 1, WD_REPORT_NOT_LOCKED);
	/* Frames that are no memory, as those of I/O space are not */
	unbuilt->MdlFlags |= MDL_PAGES_LOCKED;
	MmGetMdlPfnArray(unbuilt)[0] = ~(PFN_NUMBER)0;
	wk_expect_refusal(test, adapter, unbuilt, base, 0, 1, WD_REPORT_NOT_LOCKED);

	wk_expect_report(test, WD_REPORT_ZERO_LENGTH, 2);
	address = ops->MapTransfer(adapter, mdl, base, buffer->va, NULL, TRUE);
	KUNIT_EXPECT_EQ(test, address.QuadPart, WK_NOTHING);
	address = ops->MapTransfer(adapter, NULL, base, buffer->va, &bytes, TRUE);
	KUNIT_EXPECT_EQ(test, address.QuadPart, WK_NOTHING);
	KUNIT_EXPECT_EQ(test, bytes, 0);
	IoFreeMdl(unbuilt);
	/* None of that has cost a register. */
	bytes = PAGE_SIZE;
	wk_expect_at(test, wk_map(adapter, mdl, base, 0, &bytes, TRUE), buffer, 0);
	wk_flush(test, adapter, mdl, base, 0, bytes, TRUE);
	wk_free_set(adapter, base, 2);
}

/* dma-debug compares each unmapping with its mapping: address, length and direction. */
static void wk_each_mapping_keeps_its_direction(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, 3 * PAGE_SIZE);
	PVOID base = wk_get_set(test, adapter, 3);
	ULONG bytes;
	int i;

	for (i = 0; i < 3; i++) {
		bytes = PAGE_SIZE;
		wk_map(adapter, mdl, base, i * PAGE_SIZE, &bytes, i % 2);
	}
	wk_flush(test, adapter, mdl, base, 0, 3 * PAGE_SIZE, TRUE);
	wk_free_set(adapter, base, 3);
}

static void wk_bytes_may_be_mapped_twice(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	PVOID base = wk_get_set(test, adapter, 3);
	ULONG bytes = PAGE_SIZE;

	wk_expect_at(test, wk_map(adapter, mdl, base, 0, &bytes, FALSE), buffer, 0);
	wk_expect_at(test, wk_map(adapter, mdl, base, 0, &bytes, FALSE), buffer, 0);
	bytes = 100;
	wk_expect_at(test, wk_map(adapter, mdl, base, 50, &bytes, FALSE), buffer, 50);
	wk_flush(test, adapter, mdl, base, 0, PAGE_SIZE, FALSE);
	wk_free_set(adapter, base, 3);
}

static void wk_run_is_cut_to_the_segment_limit(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 8);
	struct wk_world *world = test->priv;
	PDMA_ADAPTER adapter;
	ULONG bytes = 8 * PAGE_SIZE - 100;
	PVOID base;
	PMDL mdl;

	dma_set_max_seg_size(world->dev, 2 * PAGE_SIZE + 50);
	adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	mdl = wk_mdl(test, buffer, 100, 8 * PAGE_SIZE - 100);
	base = wk_get_set(test, adapter, 8);
	wk_expect_at(test, wk_map(adapter, mdl, base, 0, &bytes, TRUE), buffer, 100);
	KUNIT_EXPECT_EQ_MSG(test, bytes, 2 * PAGE_SIZE - 100, "cut on a page line");
	bytes = 6 * PAGE_SIZE;
	wk_map(adapter, mdl, base, 2 * PAGE_SIZE - 100, &bytes, TRUE);
	KUNIT_EXPECT_EQ(test, bytes, 2 * PAGE_SIZE);
	wk_flush(test, adapter, mdl, base, 0, 8 * PAGE_SIZE, TRUE);
	wk_free_set(adapter, base, 8);
}

/* A common buffer has its address already, and one call maps all of it. */
static void wk_common_buffer_is_not_mapped_again(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PDMA_OPERATIONS ops = adapter->DmaOperations;
	PHYSICAL_ADDRESS logical;
	PVOID base = wk_get_set(test, adapter, 4);
	ULONG bytes = 3 * PAGE_SIZE - 40;
	PVOID va = ops->AllocateCommonBuffer(adapter, 3 * PAGE_SIZE, &logical, TRUE);
	PMDL mdl;

	KUNIT_ASSERT_NOT_NULL(test, va);
	mdl = IoAllocateMdl(va + 40, bytes, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_EXPECT_EQ(test, wk_map(adapter, mdl, base, 0, &bytes, FALSE), logical.QuadPart + 40);
	KUNIT_EXPECT_EQ(test, bytes, 3 * PAGE_SIZE - 40);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).common_maps, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).direct_maps, 0);
	wk_flush(test, adapter, mdl, base, 0, bytes, FALSE);
	bytes = 10;
	KUNIT_EXPECT_EQ(test, wk_map(adapter, mdl, base, PAGE_SIZE, &bytes, FALSE),
			logical.QuadPart + 40 + PAGE_SIZE);
	wk_flush(test, adapter, mdl, base, PAGE_SIZE, bytes, FALSE);
	wk_free_set(adapter, base, 4);
	IoFreeMdl(mdl);
	ops->FreeCommonBuffer(adapter, 3 * PAGE_SIZE, logical, va, TRUE);
}

/* When mapping fails, the set's own page takes the transfer on, a page at a time. */
static void wk_spare_page_carries_the_data(struct kunit *test)
{
	bool write = *(const bool *)test->param_value;
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 3);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 100, 2 * PAGE_SIZE);
	u8 *device = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	ULONG first = PAGE_SIZE - 100, bytes = 2 * PAGE_SIZE;
	PVOID base;
	u64 address;
	int round;

	KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(adapter, 0), 0);
	base = wk_get_set(test, adapter, 4);
	for (round = 0; round < 2; round++) {
		wk_fill(buffer->va, buffer->bytes, 10);
		KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(adapter, 2), 0);
		bytes = 2 * PAGE_SIZE;
		address = wk_map(adapter, mdl, base, 0, &bytes, write);
		KUNIT_EXPECT_EQ_MSG(test, bytes, first, "to the end of the driver's page");
		KUNIT_ASSERT_NE(test, address, WK_NOTHING);
		KUNIT_EXPECT_NE(test, address, wk_phys(buffer, 100));
		KUNIT_EXPECT_EQ(test, offset_in_page(address), 100);
		/* There is one such page in a set. */
		wk_expect_refusal(test, adapter, mdl, base, first, PAGE_SIZE, WD_REPORT_MISC);

		wk_fill(device, PAGE_SIZE, 11);
		if (write)
			wk_device_read(test, address, device, first);
		else
			wk_device_write(test, address, device, first);
		wk_flush(test, adapter, mdl, base, 0, first, write);
		if (write)
			KUNIT_EXPECT_MEMEQ(test, device, buffer->va + 100, first);
		else
			wk_expect_pattern(test, buffer->va + 100, first, 11);
		wk_expect_pattern(test, buffer->va, 100, 10);
	}
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).bounced_maps, 2);
	wk_free_set(adapter, base, 4);
}

/* A set granted before mappings could fail has no page of its own. */
static void wk_failure_without_spare_page(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	PVOID base = wk_get_set(test, adapter, 1);
	ULONG bytes = PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(adapter, 1), 0);
	wk_expect_refusal(test, adapter, mdl, base, 0, PAGE_SIZE, WD_REPORT_MISC);
	wk_expect_at(test, wk_map(adapter, mdl, base, 0, &bytes, TRUE), buffer, 0);
	wk_flush(test, adapter, mdl, base, 0, bytes, TRUE);
	wk_free_set(adapter, base, 1);
}

static void wk_unreachable_memory_needs_bouncing(struct kunit *test)
{
	struct wdmdma_limits limits = { .last_address = SZ_64K - 1 };
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	struct wk_world *world = test->priv;

	KUNIT_EXPECT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
	KUNIT_EXPECT_NULL(test, wk_get_described_adapter(test, &description, NULL));
	limits.last_address = 0;
	KUNIT_EXPECT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
	KUNIT_EXPECT_NOT_NULL(test, wk_get_described_adapter(test, &description, NULL));
}

/*
 * Every address is compared with the device's reach. UML has no translation that could give one
 * beyond it, so the reach is lowered behind the adapter's back.
 */
static void wk_unreachable_address_is_never_given_out(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 2);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wd_adapter *inside = container_of(adapter, struct wd_adapter, public);
	PMDL mdl = wk_mdl(test, buffer, 0, 2 * PAGE_SIZE);
	PVOID base = wk_get_set(test, adapter, 2);
	ULONG bytes = 2 * PAGE_SIZE;

	inside->last_address = wk_phys(buffer, 2 * PAGE_SIZE - 2);
	wk_expect_refusal(test, adapter, mdl, base, 0, 2 * PAGE_SIZE, WD_REPORT_MISC);
	inside->last_address++;
	wk_expect_at(test, wk_map(adapter, mdl, base, 0, &bytes, TRUE), buffer, 0);
	wk_flush(test, adapter, mdl, base, 0, bytes, TRUE);
	wk_free_set(adapter, base, 2);
}

/* A translated adapter falls back to the first run where the pages do not become one segment. */
static void wk_unjoined_pages_are_mapped_run_by_run(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wd_adapter *inside = container_of(adapter, struct wd_adapter, public);
	PMDL mdl = wk_mdl(test, buffer, 0, 3 * PAGE_SIZE);
	PVOID base = wk_get_set(test, adapter, 3);
	ULONG bytes = 3 * PAGE_SIZE;

	inside->class = WDMDMA_TRANSLATED;
	wk_expect_at(test, wk_map(adapter, mdl, base, 0, &bytes, TRUE), buffer, 0);
	KUNIT_EXPECT_EQ(test, bytes, PAGE_SIZE);
	bytes = 2 * PAGE_SIZE;
	wk_expect_at(test, wk_map(adapter, mdl, base, PAGE_SIZE, &bytes, TRUE), buffer, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, bytes, PAGE_SIZE);
	wk_flush(test, adapter, mdl, base, 0, 3 * PAGE_SIZE, TRUE);
	inside->class = WDMDMA_DIRECT;
	wk_free_set(adapter, base, 3);
}

static struct kunit_case wk_transfer_cases[] = {
	KUNIT_CASE_PARAM(wk_maps_one_run, wk_piece_gen_params),
	KUNIT_CASE_PARAM(wk_loop_over_runs_covers_the_buffer, wk_direction_gen_params),
	KUNIT_CASE(wk_registers_limit_what_is_mapped),
	KUNIT_CASE(wk_zero_registers_are_limited_by_r),
	KUNIT_CASE(wk_current_va_must_be_in_the_mdl),
	KUNIT_CASE(wk_current_va_is_only_an_index),
	KUNIT_CASE(wk_length_ends_with_the_mdl),
	KUNIT_CASE(wk_bad_arguments_are_refused),
	KUNIT_CASE(wk_each_mapping_keeps_its_direction),
	KUNIT_CASE(wk_bytes_may_be_mapped_twice),
	KUNIT_CASE(wk_run_is_cut_to_the_segment_limit),
	KUNIT_CASE(wk_common_buffer_is_not_mapped_again),
	KUNIT_CASE_PARAM(wk_spare_page_carries_the_data, wk_direction_gen_params),
	KUNIT_CASE(wk_failure_without_spare_page),
	KUNIT_CASE(wk_unreachable_memory_needs_bouncing),
	KUNIT_CASE(wk_unreachable_address_is_never_given_out),
	KUNIT_CASE(wk_unjoined_pages_are_mapped_run_by_run),
	{}
};

static struct kunit_suite wk_transfer_suite = {
	.name = "wdmdma_transfer",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_transfer_cases,
};

kunit_test_suite(wk_transfer_suite);
