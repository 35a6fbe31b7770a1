// SPDX-License-Identifier: GPL-2.0-only
/*
 * FlushDmaBuffer: what one side wrote is seen by the other while everything stays mapped. Where
 * wdmdma copied, nothing is seen before; where it did not, everything at once.
 */
#include <linux/bottom_half.h>
#include <linux/sizes.h>

#include "v3.h"

#define WK_PAGES	4
#define WK_OFFSET	100
#define WK_BYTES	(WK_PAGES * PAGE_SIZE - 300)
#define WK_PIECES	8

/* Memory that is mapped, and where the device finds it */
struct wk_mapped {
	struct wk_v3 v3;
	bool copied;
	struct wk_buffer *memory;
	u8 *va;			/* the first byte that is mapped */
	PMDL mdl;
	PVOID base;		/* of MapTransfer, or */
	PSCATTER_GATHER_LIST list;
	struct wk_context context;
	bool write;
	struct {
		u64 address;
		ULONG bytes;
	} pieces[WK_PIECES];
	unsigned int nr_pieces;
	u8 *device;		/* what the device has, or gives */
};

static void wk_prepare(struct kunit *test, struct wk_mapped *mapped, struct wk_v3 v3, bool copied)
{
	*mapped = (struct wk_mapped){
		.v3 = v3,
		.copied = copied,
		.memory = wk_alloc_scattered(test, WK_PAGES),
		.device = kunit_kzalloc(test, WK_BYTES, GFP_KERNEL),
	};
	KUNIT_ASSERT_NOT_NULL(test, mapped->device);
	mapped->va = mapped->memory->va + WK_OFFSET;
	mapped->mdl = wk_mdl(test, mapped->memory, WK_OFFSET, WK_BYTES);
	wk_fill(mapped->memory->va, mapped->memory->bytes, 1);
}

static void wk_add_piece(struct wk_mapped *mapped, u64 address, ULONG bytes)
{
	KUNIT_ASSERT_LT(mapped->v3.test, mapped->nr_pieces, WK_PIECES);
	mapped->pieces[mapped->nr_pieces].address = address;
	mapped->pieces[mapped->nr_pieces++].bytes = bytes;
}

static void wk_map_transfer(struct wk_mapped *mapped)
{
	const struct wk_v3 *v3 = &mapped->v3;
	ULONG done, bytes;

	mapped->base = wk_get_set(v3, WK_PAGES + 1);
	for (done = 0; done < WK_BYTES; done += bytes) {
		u64 address;

		bytes = WK_BYTES - done;
		address = v3->ops->MapTransfer(v3->adapter, mapped->mdl, mapped->base,
				(u8 *)MmGetMdlVirtualAddress(mapped->mdl) + done, &bytes,
				mapped->write).QuadPart;
		KUNIT_ASSERT_GT(v3->test, bytes, 0);
		wk_add_piece(mapped, address, bytes);
	}
}

static void wk_map_list(struct wk_mapped *mapped)
{
	struct wk_ask ask = {
		.context = &mapped->context, .mdl = mapped->mdl, .bytes = WK_BYTES,
		.read = !mapped->write, .flags = DMA_SYNCHRONOUS_CALLBACK, .list = &mapped->list,
	};
	ULONG i;

	wk_context_init(&mapped->v3, &mapped->context);
	KUNIT_ASSERT_EQ(mapped->v3.test, wk_list_ex(&mapped->v3, &ask), STATUS_SUCCESS);
	for (i = 0; i < mapped->list->NumberOfElements; i++)
		wk_add_piece(mapped, mapped->list->Elements[i].Address.QuadPart,
			     mapped->list->Elements[i].Length);
}

static void wk_map(struct wk_mapped *mapped, bool list, bool write)
{
	mapped->write = write;
	mapped->nr_pieces = 0;
	if (list)
		wk_map_list(mapped);
	else
		wk_map_transfer(mapped);
}

static void wk_unmap(struct wk_mapped *mapped)
{
	const struct wk_v3 *v3 = &mapped->v3;

	if (mapped->list) {
		v3->ops->PutScatterGatherList(v3->adapter, mapped->list, mapped->write);
	} else {
		v3->ops->FlushAdapterBuffers(v3->adapter, mapped->mdl, mapped->base,
					     MmGetMdlVirtualAddress(mapped->mdl), WK_BYTES,
					     mapped->write);
		wk_end_set(v3, mapped->base, WK_PAGES + 1);
	}
	mapped->list = NULL;
}

static void wk_device_reads(struct wk_mapped *mapped)
{
	unsigned int i;
	u8 *to = mapped->device;

	for (i = 0; i < mapped->nr_pieces; to += mapped->pieces[i++].bytes)
		wk_device_read(mapped->v3.test, mapped->pieces[i].address, to,
			       mapped->pieces[i].bytes);
}

static void wk_device_writes(struct wk_mapped *mapped)
{
	const u8 *from = mapped->device;
	unsigned int i;

	for (i = 0; i < mapped->nr_pieces; from += mapped->pieces[i++].bytes)
		wk_device_write(mapped->v3.test, mapped->pieces[i].address, from,
				mapped->pieces[i].bytes);
}

static void wk_flush_of(struct wk_mapped *mapped, PMDL mdl, BOOLEAN read)
{
	const struct wk_v3 *v3 = &mapped->v3;
	u32 mappings = wk_mappings(v3->test);
	struct wdmdma_adapter_stats before = wk_stats(v3->test, v3->adapter), after;

	KUNIT_EXPECT_EQ(v3->test, v3->ops->FlushDmaBuffer(v3->adapter, mdl, read), STATUS_SUCCESS);
	after = wk_stats(v3->test, v3->adapter);
	/* It ends nothing, and is no mapping. */
	KUNIT_EXPECT_EQ(v3->test, wk_mappings(v3->test), mappings);
	KUNIT_EXPECT_EQ(v3->test, after.sets_live, before.sets_live);
	KUNIT_EXPECT_EQ(v3->test, after.lists_live, before.lists_live);
	KUNIT_EXPECT_EQ(v3->test, after.bounced_maps, before.bounced_maps);
	KUNIT_EXPECT_EQ(v3->test, after.mapped_bytes, before.mapped_bytes);
}

static void wk_flush(struct wk_mapped *mapped, BOOLEAN read)
{
	wk_flush_of(mapped, mapped->mdl, read);
}

static void wk_expect_device_sees(struct wk_mapped *mapped, u32 seed)
{
	wk_device_reads(mapped);
	wk_expect_pattern(mapped->v3.test, mapped->device, WK_BYTES, seed);
}

static void wk_check_write(struct wk_mapped *mapped, bool list)
{
	wk_fill(mapped->va, WK_BYTES, 2);
	wk_map(mapped, list, true);
	wk_expect_device_sees(mapped, 2);
	wk_fill(mapped->va, WK_BYTES, 3);
	wk_expect_device_sees(mapped, mapped->copied ? 2 : 3);
	wk_flush(mapped, TRUE);		/* the other direction */
	wk_expect_device_sees(mapped, mapped->copied ? 2 : 3);
	wk_expect_pattern(mapped->v3.test, mapped->va, WK_BYTES, 3);
	wk_flush(mapped, FALSE);
	wk_expect_device_sees(mapped, 3);
	wk_fill(mapped->va, WK_BYTES, 4);
	wk_flush(mapped, FALSE);
	wk_expect_device_sees(mapped, 4);
	wk_unmap(mapped);
	wk_expect_pattern(mapped->v3.test, mapped->va, WK_BYTES, 4);
}

static void wk_check_read(struct wk_mapped *mapped, bool list)
{
	struct kunit *test = mapped->v3.test;

	wk_fill(mapped->va, WK_BYTES, 5);
	wk_map(mapped, list, false);
	wk_fill(mapped->device, WK_BYTES, 6);
	wk_device_writes(mapped);
	wk_expect_pattern(test, mapped->va, WK_BYTES, mapped->copied ? 5 : 6);
	wk_flush(mapped, FALSE);	/* the other direction */
	wk_expect_pattern(test, mapped->va, WK_BYTES, mapped->copied ? 5 : 6);
	wk_flush(mapped, TRUE);
	wk_expect_pattern(test, mapped->va, WK_BYTES, 6);
	wk_fill(mapped->device, WK_BYTES, 7);
	wk_device_writes(mapped);
	wk_expect_pattern(test, mapped->va, WK_BYTES, mapped->copied ? 6 : 7);
	wk_unmap(mapped);
	wk_expect_pattern(test, mapped->va, WK_BYTES, 7);
}

static void wk_check(struct wk_mapped *mapped, bool list)
{
	struct kunit *test = mapped->v3.test;

	wk_check_write(mapped, list);
	wk_check_read(mapped, list);
	/* The bytes around the MDL are nobody's business. */
	wk_fill(mapped->va, WK_BYTES, 8);
	wk_fill(mapped->device, WK_OFFSET, 1);
	KUNIT_EXPECT_MEMEQ(test, mapped->memory->va, mapped->device, WK_OFFSET);
}

static void wk_transfers(struct kunit *test)
{
	struct wk_mapped mapped;

	wk_prepare(test, &mapped, wk_v3_way(test, wk_way(test)), wk_way(test) != WK_DIRECT);
	wk_check(&mapped, false);
}

static void wk_lists(struct kunit *test)
{
	struct wk_mapped mapped;

	wk_prepare(test, &mapped, wk_v3_way(test, wk_way(test)), wk_way(test) != WK_DIRECT);
	wk_check(&mapped, true);
}

/* The page that a set keeps for when nothing else can be mapped is a copy, too. */
static void wk_spare_page(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_contiguous(test, 1);
	PMDL mdl = wk_mdl(test, memory, 10, 1000);
	BOOLEAN write;
	PVOID base;

	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 0), 0);
	base = wk_get_set(&v3, 2);
	for (write = FALSE; write <= TRUE; write++) {
		ULONG bytes = 1000;
		u64 address;
		u8 byte = 0;

		memory->va[10] = 0x11;
		KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 2), 0);
		address = v3.ops->MapTransfer(v3.adapter, mdl, base, MmGetMdlVirtualAddress(mdl),
					      &bytes, write).QuadPart;
		KUNIT_ASSERT_EQ(test, bytes, 1000);
		KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 0), 0);
		KUNIT_ASSERT_NE(test, wk_memory_at(test, address), wk_phys(memory, 10));
		if (write) {
			memory->va[10] = 0x22;
			KUNIT_EXPECT_EQ(test, v3.ops->FlushDmaBuffer(v3.adapter, mdl, FALSE),
					STATUS_SUCCESS);
			wk_device_read(test, address, &byte, 1);
			KUNIT_EXPECT_EQ(test, byte, 0x22);
		} else {
			byte = 0x33;
			wk_device_write(test, address, &byte, 1);
			KUNIT_EXPECT_EQ(test, memory->va[10], 0x11);
			KUNIT_EXPECT_EQ(test, v3.ops->FlushDmaBuffer(v3.adapter, mdl, TRUE),
					STATUS_SUCCESS);
			KUNIT_EXPECT_EQ(test, memory->va[10], 0x33);
		}
		v3.ops->FlushAdapterBuffers(v3.adapter, mdl, base, MmGetMdlVirtualAddress(mdl),
					    bytes, write);
	}
	wk_end_set(&v3, base, 2);
}

/* Only the MDL that is named, by whatever its memory was mapped; and only this adapter's copies. */
static void wk_only_this_mdl(struct kunit *test)
{
	struct wk_mapped mapped, other;
	bool list;

	wk_prepare(test, &mapped, wk_v3_way(test, WK_POOL), true);
	for (list = false; ; list = true) {
		/* Page 1 of the memory, as a driver's own MDL for it */
		PMDL page = wk_mdl(test, mapped.memory, PAGE_SIZE, PAGE_SIZE);
		u8 *second = mapped.memory->va + PAGE_SIZE;

		other = mapped;
		other.v3 = wk_v3_way(test, WK_POOL);
		page->Next = mapped.mdl;
		wk_fill(mapped.va, WK_BYTES, 2);
		wk_map(&mapped, list, true);
		memset(mapped.va, 0x44, WK_BYTES);
		wk_flush_of(&other, mapped.mdl, FALSE);
		wk_expect_device_sees(&mapped, 2);
		wk_flush_of(&mapped, page, FALSE);
		page->Next = NULL;
		wk_device_reads(&mapped);
		KUNIT_EXPECT_EQ(test, mapped.device[0], wk_pattern(2, 0));
		KUNIT_EXPECT_EQ(test, mapped.device[second - mapped.va - 1],
				wk_pattern(2, second - mapped.va - 1));
		KUNIT_EXPECT_EQ(test, mapped.device[second - mapped.va], 0x44);
		KUNIT_EXPECT_EQ(test, mapped.device[second - mapped.va + PAGE_SIZE - 1], 0x44);
		KUNIT_EXPECT_EQ(test, mapped.device[second - mapped.va + PAGE_SIZE],
				wk_pattern(2, second - mapped.va + PAGE_SIZE));
		wk_unmap(&mapped);
		wk_put_adapter(test, other.v3.adapter);
		if (list)
			break;
	}
}

/* Nor what lies between its pages. */
static void wk_not_what_lies_between(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_POOL);
	struct wk_buffer *memory = wk_alloc_contiguous(test, 3);
	PMDL middle = wk_mdl(test, memory, PAGE_SIZE, PAGE_SIZE);
	PMDL around = wk_mdl(test, memory, 0, 2 * PAGE_SIZE);
	PVOID base = wk_get_set(&v3, 1);
	ULONG bytes = PAGE_SIZE;
	u64 address;
	u8 byte;

	MmGetMdlPfnArray(around)[1]++;
	memory->va[PAGE_SIZE] = 0x11;
	address = v3.ops->MapTransfer(v3.adapter, middle, base, MmGetMdlVirtualAddress(middle),
				      &bytes, TRUE).QuadPart;
	memory->va[PAGE_SIZE] = 0x22;
	KUNIT_EXPECT_EQ(test, v3.ops->FlushDmaBuffer(v3.adapter, around, FALSE), STATUS_SUCCESS);
	wk_device_read(test, address, &byte, 1);
	KUNIT_EXPECT_EQ(test, byte, 0x11);
	KUNIT_EXPECT_EQ(test, v3.ops->FlushDmaBuffer(v3.adapter, middle, FALSE), STATUS_SUCCESS);
	wk_device_read(test, address, &byte, 1);
	KUNIT_EXPECT_EQ(test, byte, 0x22);
	v3.ops->FlushAdapterBuffers(v3.adapter, middle, base, MmGetMdlVirtualAddress(middle),
				    bytes, TRUE);
	wk_end_set(&v3, base, 1);
}

/* Nothing to do is no error. */
static void wk_nothing_to_do(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, wk_way(test));
	struct wk_buffer *memory = wk_alloc_contiguous(test, 2);
	PMDL mdl = wk_mdl(test, memory, 0, SZ_8K), unbuilt, common_mdl;
	PHYSICAL_ADDRESS address;
	BOOLEAN read;
	void *va;

	unbuilt = IoAllocateMdl(memory->va, SZ_4K, FALSE, FALSE, NULL);
	va = v3.ops->AllocateCommonBuffer(v3.adapter, SZ_8K, &address, TRUE);
	KUNIT_ASSERT_NOT_NULL(test, unbuilt);
	KUNIT_ASSERT_NOT_NULL(test, va);
	common_mdl = IoAllocateMdl(va, SZ_8K, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, common_mdl);
	MmBuildMdlForNonPagedPool(common_mdl);
	memset(va, 0x66, SZ_8K);
	for (read = FALSE; read <= TRUE; read++) {
		local_bh_disable();
		KUNIT_EXPECT_EQ(test, v3.ops->FlushDmaBuffer(v3.adapter, NULL, read),
				STATUS_INVALID_PARAMETER);
		KUNIT_EXPECT_EQ(test, v3.ops->FlushDmaBuffer(v3.adapter, mdl, read),
				STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, v3.ops->FlushDmaBuffer(v3.adapter, unbuilt, read),
				STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, v3.ops->FlushDmaBuffer(v3.adapter, common_mdl, read),
				STATUS_SUCCESS);
		mdl->ByteCount = 0;
		KUNIT_EXPECT_EQ(test, v3.ops->FlushDmaBuffer(v3.adapter, mdl, read),
				STATUS_SUCCESS);
		mdl->ByteCount = SZ_8K;
		local_bh_enable();
	}
	KUNIT_EXPECT_NULL(test, memchr_inv(va, 0x66, SZ_8K));
	IoFreeMdl(common_mdl);
	IoFreeMdl(unbuilt);
	v3.ops->FreeCommonBuffer(v3.adapter, SZ_8K, address, va, TRUE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).bounced_bytes, 0);
}

static struct kunit_case wk_flush_dma_cases[] = {
	KUNIT_CASE_PARAM(wk_transfers, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_lists, wk_way_gen_params),
	KUNIT_CASE(wk_spare_page),
	KUNIT_CASE(wk_only_this_mdl),
	KUNIT_CASE(wk_not_what_lies_between),
	KUNIT_CASE_PARAM(wk_nothing_to_do, wk_way_gen_params),
	{}
};

static struct kunit_suite wk_flush_dma_suite = {
	.name = "wdmdma_flush_dma",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_flush_dma_cases,
};

kunit_test_suite(wk_flush_dma_suite);
