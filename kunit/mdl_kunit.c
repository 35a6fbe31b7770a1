// SPDX-License-Identifier: GPL-2.0-only
/*
 * MDLs of kernel memory: IoAllocateMdl, MmBuildMdlForNonPagedPool, IoBuildPartialMdl, their
 * accessors and the page arithmetic that drivers do themselves. Where DMA decides whether an MDL is
 * right, a list is made of it.
 */
#include <linux/bottom_half.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "fake_driver.h"
#include "fixture.h"

#include <wdmdma/page.h>	/* after all of Linux: PAGE_ALIGN is Windows' from here on */

#define WK_HEADER	48	/* bytes of an MDL without its frames */
#define WK_LARGE	8200U	/* pages: MDL.Size has been cut off twice */

/* In the module, which is neither slab nor vmalloc() memory. Odd, to begin within a page. */
static u8 wk_static_data[2 * SZ_4K + 1];

static NTSTATUS wk_get(PDMA_ADAPTER adapter, PMDL mdl, struct wk_call *call)
{
	wk_call_init(call, adapter, KeepObject);
	return adapter->DmaOperations->GetScatterGatherList(adapter, NULL, mdl,
			MmGetMdlVirtualAddress(mdl), MmGetMdlByteCount(mdl), wk_list_control, call,
			TRUE);
}

static PFN_NUMBER wk_frame(const struct wk_buffer *buffer, size_t offset)
{
	return wk_phys(buffer, offset) >> PAGE_SHIFT;
}

static void wk_page_arithmetic(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, BYTE_OFFSET(0x12345678), 0x678);
	KUNIT_EXPECT_PTR_EQ(test, PAGE_ALIGN(0x1234567812345FFFUL), (PVOID)0x1234567812345000UL);
	KUNIT_EXPECT_PTR_EQ(test, PAGE_ALIGN(0x1000), (PVOID)0x1000);
	KUNIT_EXPECT_EQ(test, BYTES_TO_PAGES(0), 0);
	KUNIT_EXPECT_EQ(test, BYTES_TO_PAGES(1), 1);
	KUNIT_EXPECT_EQ(test, BYTES_TO_PAGES(PAGE_SIZE), 1);
	KUNIT_EXPECT_EQ(test, BYTES_TO_PAGES(0xFFFFFFFFU), 0x100000);
	KUNIT_EXPECT_EQ(test, ROUND_TO_PAGES(0), 0);
	KUNIT_EXPECT_EQ(test, ROUND_TO_PAGES(PAGE_SIZE + 1), 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, ROUND_TO_PAGES(0xFFFFFFFFU), 0x100000000UL);
	KUNIT_EXPECT_EQ(test, ADDRESS_AND_SIZE_TO_SPAN_PAGES(NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, ADDRESS_AND_SIZE_TO_SPAN_PAGES(1, 0), 1);
	KUNIT_EXPECT_EQ(test, ADDRESS_AND_SIZE_TO_SPAN_PAGES(PAGE_SIZE - 1, 1), 1);
	KUNIT_EXPECT_EQ(test, ADDRESS_AND_SIZE_TO_SPAN_PAGES(PAGE_SIZE - 1, 2), 2);
	KUNIT_EXPECT_EQ(test, ADDRESS_AND_SIZE_TO_SPAN_PAGES(0x12345001, PAGE_SIZE), 2);
	KUNIT_EXPECT_EQ(test, ADDRESS_AND_SIZE_TO_SPAN_PAGES(1, 0xFFFFFFFFU), 0x100000);
	KUNIT_EXPECT_EQ(test, ADDRESS_AND_SIZE_TO_SPAN_PAGES(2, 0xFFFFFFFFU), 0x100001);
}

static void wk_size_of_mdl(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, sizeof(MDL), WK_HEADER);
	KUNIT_EXPECT_EQ(test, MmSizeOfMdl(NULL, 0), WK_HEADER);
	KUNIT_EXPECT_EQ(test, MmSizeOfMdl((PVOID)1, 0), WK_HEADER + 8);
	KUNIT_EXPECT_EQ(test, MmSizeOfMdl(NULL, 1), WK_HEADER + 8);
	KUNIT_EXPECT_EQ(test, MmSizeOfMdl((PVOID)0x1000, PAGE_SIZE), WK_HEADER + 8);
	KUNIT_EXPECT_EQ(test, MmSizeOfMdl((PVOID)0x1FFF, 2), WK_HEADER + 16);
	KUNIT_EXPECT_EQ(test, MmSizeOfMdl(NULL, 0x100000000UL), WK_HEADER + 8UL * 0x100000);
	KUNIT_EXPECT_EQ(test, MmSizeOfMdl((PVOID)1, 0x100000000UL), WK_HEADER + 8UL * 0x100001);
}

/* The header is written, what lies behind it and two of its fields are not. */
static void wk_initialize_mdl(struct kunit *test)
{
	u64 memory[WK_HEADER / 8 + 2];
	PMDL mdl = (PMDL)memory;

	memset(memory, 0xA5, sizeof(memory));
	MmInitializeMdl(mdl, (PVOID)0x12345678, PAGE_SIZE);
	KUNIT_EXPECT_NULL(test, mdl->Next);
	KUNIT_EXPECT_EQ(test, mdl->Size, WK_HEADER + 16);
	KUNIT_EXPECT_EQ(test, mdl->MdlFlags, 0);
	KUNIT_EXPECT_PTR_EQ(test, mdl->StartVa, (PVOID)0x12345000);
	KUNIT_EXPECT_EQ(test, mdl->ByteOffset, 0x678);
	KUNIT_EXPECT_EQ(test, mdl->ByteCount, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, (ULONG_PTR)mdl->Process, 0xA5A5A5A5A5A5A5A5UL);
	KUNIT_EXPECT_EQ(test, (ULONG_PTR)mdl->MappedSystemVa, 0xA5A5A5A5A5A5A5A5UL);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[0], 0xA5A5A5A5A5A5A5A5UL);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[1], 0xA5A5A5A5A5A5A5A5UL);

	KUNIT_EXPECT_PTR_EQ(test, MmGetMdlVirtualAddress(mdl), (PVOID)0x12345678);
	KUNIT_EXPECT_EQ(test, MmGetMdlByteCount(mdl), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, MmGetMdlByteOffset(mdl), 0x678);
	KUNIT_EXPECT_PTR_EQ(test, MmGetMdlBaseVa(mdl), (PVOID)0x12345000);
	KUNIT_EXPECT_PTR_EQ(test, MmGetMdlPfnArray(mdl), (PPFN_NUMBER)(memory + WK_HEADER / 8));
}

static const struct wk_allocation {
	ULONG_PTR va;
	ULONG bytes;
	ULONG pages;	/* room for so many frames */
} wk_allocations[] = {
	{ 0, 0, 1 }, { 0, 1, 1 }, { 0, PAGE_SIZE, 1 }, { 0, PAGE_SIZE + 1, 2 },
	{ 0x7FFFFFFFF001, PAGE_SIZE, 2 }, { 0xFFF, 2, 2 }, { 0xFFF, 0, 1 },
	{ 0, 4089 * PAGE_SIZE, 4089 }, { 0, WK_LARGE * PAGE_SIZE, WK_LARGE },
};

static void wk_allocation_name(const struct wk_allocation *allocation, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%u bytes at 0x%lx", allocation->bytes,
		 (unsigned long)allocation->va);
}

KUNIT_ARRAY_PARAM(wk_allocation, wk_allocations, wk_allocation_name);

static void wk_allocate_mdl(struct kunit *test)
{
	const struct wk_allocation *allocation = test->param_value;
	PMDL mdl = IoAllocateMdl((PVOID)allocation->va, allocation->bytes, FALSE, FALSE, NULL);

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	KUNIT_EXPECT_NULL(test, mdl->Next);
	KUNIT_EXPECT_EQ(test, mdl->MdlFlags & ~MDL_ALLOCATED_FIXED_SIZE, 0);
	KUNIT_EXPECT_NULL(test, mdl->Process);
	KUNIT_EXPECT_PTR_EQ(test, MmGetMdlVirtualAddress(mdl), (PVOID)allocation->va);
	KUNIT_EXPECT_EQ(test, MmGetMdlByteOffset(mdl), allocation->va & 0xFFF);
	KUNIT_EXPECT_EQ(test, MmGetMdlByteCount(mdl), allocation->bytes);
	if (allocation->bytes)
		KUNIT_EXPECT_EQ(test, (USHORT)mdl->Size,
				(USHORT)(WK_HEADER + 8 * allocation->pages));
	/* KASAN sees whether there is room. */
	memset(MmGetMdlPfnArray(mdl), 0xFF, allocation->pages * sizeof(PFN_NUMBER));
	IoFreeMdl(mdl);
}

static void wk_allocate_mdl_at_dispatch_level(struct kunit *test)
{
	static const ULONG pages[] = { 0, 1, 23, 24, 4089, WK_LARGE };
	PMDL mdls[ARRAY_SIZE(pages)];
	unsigned int i;

	local_bh_disable();
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		mdls[i] = IoAllocateMdl(NULL, pages[i] * PAGE_SIZE, FALSE, FALSE, NULL);
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		if (mdls[i])
			IoFreeMdl(mdls[i]);
	local_bh_enable();
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		KUNIT_EXPECT_NOT_NULL_MSG(test, mdls[i], "%u pages", pages[i]);

	/* Large enough for vmalloc(), whose memory must not be freed with bottom halves off. */
	mdls[0] = IoAllocateMdl(NULL, 0xFFFFFFFFU - PAGE_SIZE + 1, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, mdls[0]);
	KUNIT_EXPECT_EQ(test, MmGetMdlByteCount(mdls[0]), 0xFFFFF000U);
	local_bh_disable();
	IoFreeMdl(mdls[0]);
	local_bh_enable();
}

static void wk_allocate_mdl_too_long(struct kunit *test)
{
	IRP irp = {};

	KUNIT_EXPECT_NULL(test, IoAllocateMdl(NULL, 0xFFFFF001U, FALSE, FALSE, &irp));
	KUNIT_EXPECT_NULL(test, IoAllocateMdl((PVOID)1, 0xFFFFFFFFU, FALSE, FALSE, &irp));
	KUNIT_EXPECT_NULL(test, irp.MdlAddress);
}

static void wk_mdls_of_an_irp(struct kunit *test)
{
	PMDL mdls[4], stray;
	IRP irp = {};
	unsigned int i;

	/* A secondary buffer of an IRP without a primary one becomes the first. */
	for (i = 0; i < 3; i++)
		mdls[i] = IoAllocateMdl(NULL, 1, TRUE, FALSE, &irp);
	KUNIT_EXPECT_PTR_EQ(test, irp.MdlAddress, mdls[0]);
	KUNIT_EXPECT_PTR_EQ(test, mdls[0]->Next, mdls[1]);
	KUNIT_EXPECT_PTR_EQ(test, mdls[1]->Next, mdls[2]);
	KUNIT_EXPECT_NULL(test, mdls[2]->Next);

	/* A primary one replaces the chain and does not continue it. */
	mdls[3] = IoAllocateMdl(NULL, 1, FALSE, FALSE, &irp);
	KUNIT_EXPECT_PTR_EQ(test, irp.MdlAddress, mdls[3]);
	KUNIT_EXPECT_NULL(test, mdls[3]->Next);

	stray = IoAllocateMdl(NULL, 1, TRUE, FALSE, NULL);
	KUNIT_EXPECT_NOT_NULL(test, stray);
	KUNIT_EXPECT_NULL(test, mdls[3]->Next);
	IoFreeMdl(stray);
	/* One at a time: IoFreeMdl does not follow Next. */
	for (i = 0; i < 4; i++)
		IoFreeMdl(mdls[i]);
}

static void wk_free_no_mdl(struct kunit *test)
{
	wk_expect_report(test, WD_REPORT_MISC, 1);
	IoFreeMdl(NULL);
}

static void wk_build_scattered(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	PMDL mdl = wk_mdl(test, buffer, 1000, 3 * PAGE_SIZE);
	unsigned int i;

	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[i], page_to_pfn(buffer->pages[i]));
	KUNIT_EXPECT_TRUE(test, mdl->MdlFlags & MDL_SOURCE_IS_NONPAGED_POOL);
	KUNIT_EXPECT_FALSE(test, mdl->MdlFlags & (MDL_IO_SPACE | MDL_PAGES_LOCKED | MDL_PARTIAL));
	KUNIT_EXPECT_NULL(test, mdl->Process);
	KUNIT_EXPECT_PTR_EQ(test, MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority),
			    (PVOID)(buffer->va + 1000));
	KUNIT_EXPECT_PTR_EQ(test, MmGetSystemAddressForMdl(mdl), (PVOID)(buffer->va + 1000));
}

/* Memory that drivers have: from the slab, in their own data, shared with the device */
static void wk_build_other_memory(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	u8 *slab = kunit_kzalloc(test, 3000, GFP_KERNEL), *module = wk_static_data + 1;
	PHYSICAL_ADDRESS logical;
	u8 *common = ops->AllocateCommonBuffer(adapter, 2 * PAGE_SIZE, &logical, TRUE);
	PMDL mdl;

	KUNIT_ASSERT_NOT_NULL(test, common);
	mdl = IoAllocateMdl(slab, 3000, FALSE, FALSE, NULL);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[0], virt_to_phys(slab) >> PAGE_SHIFT);
	IoFreeMdl(mdl);

	mdl = IoAllocateMdl(module, 2 * SZ_4K, FALSE, FALSE, NULL);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_EXPECT_TRUE(test, mdl->MdlFlags & MDL_SOURCE_IS_NONPAGED_POOL);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[0], vmalloc_to_pfn(module));
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[1], vmalloc_to_pfn(module + PAGE_SIZE));
	IoFreeMdl(mdl);

	mdl = IoAllocateMdl(common, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[1],
			(virt_to_phys(common) >> PAGE_SHIFT) + 1);
	KUNIT_EXPECT_PTR_EQ(test, MmGetSystemAddressForMdl(mdl), (PVOID)common);
	IoFreeMdl(mdl);
	ops->FreeCommonBuffer(adapter, 2 * PAGE_SIZE, logical, common, TRUE);
}

/* The page count comes from ByteCount: Size means nothing any more at this length. */
static void wk_build_large(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, WK_LARGE * PAGE_SIZE, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	struct page **pages = kvcalloc(WK_LARGE, sizeof(*pages), GFP_KERNEL);
	void *memory = NULL, *va;
	const ULONG bytes = WK_LARGE * PAGE_SIZE;
	struct wk_call call;
	ULONG i, size = 0;
	NTSTATUS status;
	PMDL mdl;

	KUNIT_ASSERT_NOT_NULL(test, pages);
	for (i = 0; i < WK_LARGE; i++)
		pages[i] = buffer->pages[i == WK_LARGE - 1];
	va = vmap(pages, WK_LARGE, VM_MAP, PAGE_KERNEL);
	kvfree(pages);
	KUNIT_ASSERT_NOT_NULL(test, va);
	mdl = IoAllocateMdl(va, bytes, FALSE, FALSE, NULL);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[WK_LARGE - 2], wk_frame(buffer, 0));
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[WK_LARGE - 1], wk_frame(buffer, PAGE_SIZE));

	adapter->DmaOperations->CalculateScatterGatherList(adapter, mdl, va, bytes, &size, NULL);
	memory = kvzalloc(size, GFP_KERNEL);
	wk_call_init(&call, adapter, KeepObject);
	status = adapter->DmaOperations->BuildScatterGatherList(adapter, NULL, mdl, va, bytes,
								wk_list_control, &call, TRUE,
								memory, size);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	if (call.list) {
		KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, WK_LARGE);
		KUNIT_EXPECT_EQ(test, call.list->Elements[WK_LARGE - 1].Address.QuadPart,
				wk_phys(buffer, PAGE_SIZE));
		adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
	}
	kvfree(memory);
	IoFreeMdl(mdl);
	vunmap(va);
}

/* No page behind an address: DMA refuses the MDL, and its system address is not handed out. */
static void wk_build_bad_address(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PVOID bad[] = { (PVOID)0x1000, buffer->va + PAGE_SIZE, (PVOID)~0xFFFUL };
	struct wk_call call;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		PMDL mdl = IoAllocateMdl(bad[i], 100, FALSE, FALSE, NULL);

		KUNIT_ASSERT_NOT_NULL(test, mdl);
		wk_expect_report(test, WD_REPORT_NOT_LOCKED, 3);
		MmBuildMdlForNonPagedPool(mdl);
		KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[0], ~(PFN_NUMBER)0);
		KUNIT_EXPECT_FALSE(test, mdl->MdlFlags & MDL_SOURCE_IS_NONPAGED_POOL);
		KUNIT_EXPECT_NULL(test, MmGetSystemAddressForMdlSafe(mdl, HighPagePriority));
		KUNIT_EXPECT_EQ(test, wk_get(adapter, mdl, &call), STATUS_INVALID_PARAMETER);
		KUNIT_EXPECT_EQ(test, call.count, 0);
		IoFreeMdl(mdl);
	}
}

/* A buffer that is good at first and runs into the guard page */
static void wk_build_half_bad(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PMDL mdl = IoAllocateMdl(buffer->va, 3 * PAGE_SIZE, FALSE, FALSE, NULL);

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	wk_expect_report(test, WD_REPORT_NOT_LOCKED, 1);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[1], wk_frame(buffer, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[2], ~(PFN_NUMBER)0);
	KUNIT_EXPECT_FALSE(test, mdl->MdlFlags & MDL_SOURCE_IS_NONPAGED_POOL);
	IoFreeMdl(mdl);
}

/* The stack is illegal memory, but Windows' drivers got away with it: pages found, reported. */
static void wk_build_on_the_stack(struct kunit *test)
{
	u8 buffer[16] = {};
	PMDL mdl = IoAllocateMdl(buffer, sizeof(buffer), FALSE, FALSE, NULL);

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	wk_expect_report(test, WD_REPORT_NOT_LOCKED, 1);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[0], virt_to_phys(buffer) >> PAGE_SHIFT);
	IoFreeMdl(mdl);
}

static void wk_build_again(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PMDL mdl = wk_mdl(test, buffer, 5, 2 * PAGE_SIZE);
	CSHORT flags = mdl->MdlFlags;

	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_EXPECT_EQ(test, mdl->MdlFlags, flags);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[2], wk_frame(buffer, 2 * PAGE_SIZE));

	/* A header initialised anew describes the other memory. */
	MmInitializeMdl(mdl, buffer->va + PAGE_SIZE, 10);
	wk_expect_report(test, WD_REPORT_NOT_LOCKED, 1);
	KUNIT_EXPECT_NULL(test, MmGetSystemAddressForMdl(mdl));
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[0], wk_frame(buffer, PAGE_SIZE));
	KUNIT_EXPECT_PTR_EQ(test, MmGetSystemAddressForMdl(mdl), (PVOID)(buffer->va + PAGE_SIZE));
}

static const struct wk_partial {
	const char *name;
	size_t offset;
	ULONG length, bytes;	/* asked for, described afterwards */
	ULONG reports;
} wk_partials[] = {	/* of a source of three pages that begins 100 bytes into its first */
	{ "the whole",		0,			3 * PAGE_SIZE,	3 * PAGE_SIZE,	0 },
	{ "the whole by 0",	0,			0,		3 * PAGE_SIZE,	0 },
	{ "in the first page",	5,			10,		10,		0 },
	{ "across a line",	PAGE_SIZE - 101,	2,		2,		0 },
	{ "from a page line",	PAGE_SIZE - 100,	PAGE_SIZE,	PAGE_SIZE,	0 },
	{ "the rest by 0",	2 * PAGE_SIZE + 1,	0,		PAGE_SIZE - 1,	0 },
	{ "the last byte",	3 * PAGE_SIZE - 1,	1,		1,		0 },
	{ "one byte too long",	2 * PAGE_SIZE,		PAGE_SIZE + 1,	PAGE_SIZE,	1 },
	{ "behind the end",	3 * PAGE_SIZE,		1,		0,		1 },
	{ "0 behind the end",	3 * PAGE_SIZE,		0,		0,		1 },
	{ "before the start",	-1UL,			1,		0,		1 },
};

static void wk_partial_name(const struct wk_partial *partial, char *name)
{
	strscpy(name, partial->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_partial, wk_partials, wk_partial_name);

static void wk_partial_mdl(struct kunit *test)
{
	const struct wk_partial *partial = test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	PMDL source = wk_mdl(test, buffer, 100, 3 * PAGE_SIZE);
	PVOID va = buffer->va + 100 + partial->offset;
	PMDL target = IoAllocateMdl(va, 3 * PAGE_SIZE, FALSE, FALSE, NULL);
	MDL next = {};
	CSHORT size;
	ULONG at;

	KUNIT_ASSERT_NOT_NULL(test, target);
	target->Next = &next;
	size = target->Size;
	wk_expect_report(test, WD_REPORT_NOT_IN_MDL, partial->reports);
	IoBuildPartialMdl(source, target, va, partial->length);
	KUNIT_EXPECT_EQ(test, MmGetMdlByteCount(target), partial->bytes);
	KUNIT_EXPECT_PTR_EQ(test, target->Next, &next);
	KUNIT_EXPECT_EQ(test, target->Size, size);
	KUNIT_EXPECT_TRUE(test, target->MdlFlags & MDL_PARTIAL);
	for (at = 0; at < partial->bytes; at += PAGE_SIZE - BYTE_OFFSET(va + at))
		KUNIT_EXPECT_EQ_MSG(test, MmGetMdlPfnArray(target)[(BYTE_OFFSET(va) + at) /
								   PAGE_SIZE],
				    wk_frame(buffer, 100 + partial->offset + at), "byte %u", at);
	if (partial->bytes) {
		KUNIT_EXPECT_PTR_EQ(test, MmGetMdlVirtualAddress(target), va);
		KUNIT_EXPECT_PTR_EQ(test, MmGetSystemAddressForMdl(target), va);
	}
	IoFreeMdl(target);
}

/* A partial of a partial, used for DMA: the bytes are those of the first source. */
static void wk_partial_of_a_partial(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	PMDL source = wk_mdl(test, buffer, 10, 4 * PAGE_SIZE - 10);
	PVOID outer_va = buffer->va + PAGE_SIZE + 7, inner_va = buffer->va + 2 * PAGE_SIZE - 3;
	PMDL outer = IoAllocateMdl(outer_va, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
	PMDL inner = IoAllocateMdl(inner_va, 5, FALSE, FALSE, NULL);
	struct wk_call call;

	IoBuildPartialMdl(source, outer, outer_va, 2 * PAGE_SIZE);
	IoBuildPartialMdl(outer, inner, inner_va, 5);
	KUNIT_ASSERT_EQ(test, wk_get(adapter, inner, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 2);
	KUNIT_EXPECT_EQ(test, call.list->Elements[0].Address.QuadPart,
			wk_phys(buffer, 2 * PAGE_SIZE - 3));
	KUNIT_EXPECT_EQ(test, call.list->Elements[0].Length, 3);
	KUNIT_EXPECT_EQ(test, call.list->Elements[1].Address.QuadPart,
			wk_phys(buffer, 2 * PAGE_SIZE));
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
	IoFreeMdl(inner);
	IoFreeMdl(outer);
}

static void wk_partial_flags(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PMDL source = wk_mdl(test, buffer, 0, 2 * PAGE_SIZE);
	PMDL target = IoAllocateMdl(buffer->va, PAGE_SIZE, FALSE, FALSE, NULL);
	const CSHORT own = target->MdlFlags & MDL_ALLOCATED_FIXED_SIZE;
	const CSHORT handed_on = MDL_IO_PAGE_READ | MDL_SOURCE_IS_NONPAGED_POOL |
				 MDL_MAPPED_TO_SYSTEM_VA | MDL_IO_SPACE;

	source->MdlFlags = ~(MDL_PARTIAL | MDL_ALLOCATED_FIXED_SIZE);
	target->MdlFlags |= MDL_WRITE_OPERATION;
	IoBuildPartialMdl(source, target, buffer->va, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, target->MdlFlags, own | MDL_PARTIAL | handed_on);
	source->MdlFlags = MDL_PAGES_LOCKED | MDL_IO_PAGE_READ;
	IoBuildPartialMdl(source, target, buffer->va, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, target->MdlFlags, own | MDL_PARTIAL | MDL_IO_PAGE_READ);
	source->MdlFlags = MDL_SOURCE_IS_NONPAGED_POOL;
	IoFreeMdl(target);
}

/* How drivers cut a transfer into fragments: one target, used for one part after the other */
static void wk_partial_reused(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	PMDL source = wk_mdl(test, buffer, 0, 4 * PAGE_SIZE);
	PMDL target = IoAllocateMdl(buffer->va, PAGE_SIZE, FALSE, FALSE, NULL);
	struct wk_call call;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		IoBuildPartialMdl(source, target, buffer->va + i * PAGE_SIZE, PAGE_SIZE);
		KUNIT_EXPECT_PTR_EQ(test, MmGetSystemAddressForMdl(target),
				    (PVOID)(buffer->va + i * PAGE_SIZE));
		KUNIT_ASSERT_EQ(test, wk_get(adapter, target, &call), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, call.list->Elements[0].Address.QuadPart,
				wk_phys(buffer, i * PAGE_SIZE));
		adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
		MmPrepareMdlForReuse(target);
	}
	IoFreeMdl(target);
}

/* Only the mapping that a partial MDL has of its own is undone. */
static void wk_prepare_keeps_other_mappings(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PMDL mdl = wk_mdl(test, buffer, 3, 10);

	MmPrepareMdlForReuse(mdl);
	KUNIT_EXPECT_PTR_EQ(test, MmGetSystemAddressForMdl(mdl), (PVOID)(buffer->va + 3));
	mdl->MdlFlags = MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA;
	MmPrepareMdlForReuse(mdl);
	KUNIT_EXPECT_EQ(test, mdl->MdlFlags, MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA);
	mdl->MdlFlags = MDL_SOURCE_IS_NONPAGED_POOL;
}

/* A part of an MDL without frames has none either: the device must not get what lies there. */
static void wk_partial_of_an_unbuilt_mdl(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PMDL source = IoAllocateMdl(buffer->va, 100, FALSE, FALSE, NULL);
	PMDL target = IoAllocateMdl(buffer->va, 100, FALSE, FALSE, NULL);
	struct wk_call call;

	/* What an earlier user of the memory may have left */
	MmGetMdlPfnArray(source)[0] = wk_frame(buffer, 0);
	wk_expect_report(test, WD_REPORT_NOT_LOCKED, 2);
	IoBuildPartialMdl(source, target, buffer->va, 100);
	KUNIT_EXPECT_EQ(test, wk_get(adapter, target, &call), STATUS_INVALID_PARAMETER);
	if (call.count)
		adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
	IoFreeMdl(target);
	IoFreeMdl(source);
}

/* Drivers call it before every transfer; it must not mind anything. */
static void wk_flush_io_buffers(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PMDL header = IoAllocateMdl((PVOID)0x1000, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
	PMDL mdls[] = { NULL, header, wk_mdl(test, buffer, 9, PAGE_SIZE) };
	unsigned int i;

	memset(MmGetMdlPfnArray(header), 0xFF, 2 * sizeof(PFN_NUMBER));
	for (i = 0; i < 4 * ARRAY_SIZE(mdls); i++) {
		KeFlushIoBuffers(mdls[i / 4], i & 1, !!(i & 2));
		local_bh_disable();
		KeFlushIoBuffers(mdls[i / 4], i & 1, !!(i & 2));
		local_bh_enable();
	}
	header->MdlFlags = MDL_PAGES_LOCKED | MDL_IO_SPACE;
	KeFlushIoBuffers(header, TRUE, FALSE);
	header->MdlFlags = 0;
	IoFreeMdl(header);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 1);
}

static struct kunit_case wk_mdl_cases[] = {
	KUNIT_CASE(wk_page_arithmetic),
	KUNIT_CASE(wk_size_of_mdl),
	KUNIT_CASE(wk_initialize_mdl),
	KUNIT_CASE_PARAM(wk_allocate_mdl, wk_allocation_gen_params),
	KUNIT_CASE(wk_allocate_mdl_at_dispatch_level),
	KUNIT_CASE(wk_allocate_mdl_too_long),
	KUNIT_CASE(wk_mdls_of_an_irp),
	KUNIT_CASE(wk_free_no_mdl),
	KUNIT_CASE(wk_build_scattered),
	KUNIT_CASE(wk_build_other_memory),
	KUNIT_CASE(wk_build_large),
	KUNIT_CASE(wk_build_bad_address),
	KUNIT_CASE(wk_build_half_bad),
	KUNIT_CASE(wk_build_on_the_stack),
	KUNIT_CASE(wk_build_again),
	KUNIT_CASE_PARAM(wk_partial_mdl, wk_partial_gen_params),
	KUNIT_CASE(wk_partial_of_a_partial),
	KUNIT_CASE(wk_partial_flags),
	KUNIT_CASE(wk_partial_reused),
	KUNIT_CASE(wk_prepare_keeps_other_mappings),
	KUNIT_CASE(wk_partial_of_an_unbuilt_mdl),
	KUNIT_CASE(wk_flush_io_buffers),
	{}
};

static struct kunit_suite wk_mdl_suite = {
	.name = "wdmdma_mdl",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_mdl_cases,
};

kunit_test_suite(wk_mdl_suite);
