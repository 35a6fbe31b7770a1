// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device memory and registers, contiguous memory, physical addresses.
 *
 * The device memory is emulated by the kernel (logic_iomem), which cannot forget a region: it is
 * allocated once and stays, with memory of its own.
 */
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/logic_iomem.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <kunit/test.h>

#include <wdmdma/ex.h>
#include <wdmdma/hal.h>
#include <wdmdma/memory.h>

#include "fixture.h"
#include "hardirq.h"
#include "inject.h"

#define WK_REGISTERS	0xd0000000UL
#define WK_BYTES	0x1000UL

#ifdef CONFIG_INDIRECT_IOMEM

/* The registers, and the width in bytes of the access that came last */
static u8 wk_registers[WK_BYTES];
static unsigned int wk_width;
static int wk_unmapped;

static unsigned long wk_region_read(void *priv, unsigned int offset, int size)
{
	unsigned long value = 0;

	wk_width = size;
	memcpy(&value, wk_registers + offset, size);
	return value;
}

static void wk_region_write(void *priv, unsigned int offset, int size, unsigned long value)
{
	wk_width = size;
	memcpy(wk_registers + offset, &value, size);
}

static void wk_region_unmap(void *priv)
{
	wk_unmapped++;
}

static const struct logic_iomem_ops wk_region_ops = {
	.read = wk_region_read,
	.write = wk_region_write,
	.unmap = wk_region_unmap,
};

static long wk_region_map(unsigned long offset, size_t size, const struct logic_iomem_ops **ops,
			  void **priv)
{
	*ops = &wk_region_ops;
	*priv = NULL;
	return 0;
}

static const struct logic_iomem_region_ops wk_region = { .map = wk_region_map };

static void wk_need_registers(struct kunit *test)
{
	static bool there;
	struct resource *resource;

	if (there)
		return;
	resource = kzalloc(sizeof(*resource), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, resource);
	resource->name = "wdmdma-kunit";
	resource->flags = IORESOURCE_MEM;
	resource->start = WK_REGISTERS;
	resource->end = WK_REGISTERS + WK_BYTES - 1;
	KUNIT_ASSERT_EQ(test, logic_iomem_add_region(resource, &wk_region), 0);
	there = true;
}

static PUCHAR wk_map_registers(struct kunit *test)
{
	PHYSICAL_ADDRESS address = { .QuadPart = WK_REGISTERS };
	PUCHAR registers;

	wk_need_registers(test);
	registers = MmMapIoSpace(address, WK_BYTES, MmNonCached);
	KUNIT_ASSERT_NOT_NULL(test, registers);
	return registers;
}

static void wk_registers_have_their_widths(struct kunit *test)
{
	PUCHAR registers = wk_map_registers(test);

	WRITE_REGISTER_ULONG((PULONG)registers, 0x44332211);
	KUNIT_EXPECT_EQ(test, wk_width, 4);
	KUNIT_EXPECT_EQ(test, READ_REGISTER_UCHAR(registers + 1), 0x22);
	KUNIT_EXPECT_EQ(test, wk_width, 1);
	KUNIT_EXPECT_EQ(test, READ_REGISTER_USHORT((PUSHORT)(registers + 2)), 0x4433);
	KUNIT_EXPECT_EQ(test, wk_width, 2);
	WRITE_REGISTER_UCHAR(registers, 0xee);
	WRITE_REGISTER_USHORT((PUSHORT)(registers + 4), 0x6655);
	KUNIT_EXPECT_EQ(test, READ_REGISTER_ULONG64((PULONG64)registers), 0x6655443322eeULL);
	KUNIT_EXPECT_EQ(test, wk_width, 8);
	WRITE_REGISTER_ULONG64((PULONG64)(registers + 8), 0x8877665544332211ULL);
	KUNIT_EXPECT_EQ(test, wdmdma_read_register(registers + 8, 8), 0x8877665544332211ULL);
	wdmdma_write_register(registers + 8, 0xaa, 1);
	KUNIT_EXPECT_EQ(test, wdmdma_read_register(registers + 8, 4), 0x443322aa);
	MmUnmapIoSpace(registers, WK_BYTES);
}

/* C++ has one function for all widths; one that there is not touches nothing. */
static void wk_register_functions_have_their_widths(struct kunit *test)
{
	static const struct {
		ULONG bytes;
		ULONG64 value;
	} accesses[] = {
		{ 8, 0x8877665544332211ULL }, { 4, 0xddccbbaa }, { 2, 0x4321 }, { 1, 0x99 },
	};
	PUCHAR registers = wk_map_registers(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(accesses); i++) {
		wdmdma_write_register(registers + 64, accesses[i].value, accesses[i].bytes);
		KUNIT_EXPECT_EQ(test, wk_width, accesses[i].bytes);
		wk_width = 0;
		KUNIT_EXPECT_EQ(test, wdmdma_read_register(registers + 64, accesses[i].bytes),
				accesses[i].value);
		KUNIT_EXPECT_EQ(test, wk_width, accesses[i].bytes);
	}
	KUNIT_EXPECT_EQ(test, READ_REGISTER_ULONG64((PULONG64)(registers + 64)),
			0x88776655ddcc4399ULL);
	wk_width = 0;
	pr_info("wdmdma_kunit: expect WARNING 1: wdmdma_write_register\n");
	wdmdma_write_register(registers + 64, 0, 3);
	pr_info("wdmdma_kunit: expect WARNING 1: wdmdma_read_register\n");
	KUNIT_EXPECT_EQ(test, wdmdma_read_register(registers + 64, 16), U64_MAX);
	KUNIT_EXPECT_EQ(test, wk_width, 0);
	MmUnmapIoSpace(registers, WK_BYTES);
}

/* Here the ports are where the registers are: port numbers are addresses. */
static void wk_ports_have_their_widths(struct kunit *test)
{
	PUCHAR ports = wk_map_registers(test) + 128;

	WRITE_PORT_ULONG((PULONG)ports, 0x44332211);
	KUNIT_EXPECT_EQ(test, wk_width, 4);
	KUNIT_EXPECT_EQ(test, READ_PORT_UCHAR(ports + 1), 0x22);
	KUNIT_EXPECT_EQ(test, wk_width, 1);
	KUNIT_EXPECT_EQ(test, READ_PORT_USHORT((PUSHORT)(ports + 2)), 0x4433);
	KUNIT_EXPECT_EQ(test, wk_width, 2);
	WRITE_PORT_UCHAR(ports, 0xee);
	KUNIT_EXPECT_EQ(test, wk_width, 1);
	WRITE_PORT_USHORT((PUSHORT)(ports + 2), 0x6655);
	KUNIT_EXPECT_EQ(test, wk_width, 2);
	KUNIT_EXPECT_EQ(test, READ_PORT_ULONG((PULONG)ports), 0x665522ee);
	KUNIT_EXPECT_EQ(test, wk_width, 4);
	MmUnmapIoSpace(ports - 128, WK_BYTES);
}

static void wk_register_buffers_are_successive(struct kunit *test)
{
	static const USHORT out[4] = { 0x1111, 0x2222, 0x3333, 0x4444 };
	PUCHAR registers = wk_map_registers(test);
	ULONG in[2] = {};

	WRITE_REGISTER_BUFFER_USHORT((PUSHORT)(registers + 32), out, 4);
	KUNIT_EXPECT_EQ(test, wk_width, 2);
	READ_REGISTER_BUFFER_ULONG((PULONG)(registers + 32), in, 2);
	KUNIT_EXPECT_EQ(test, in[0], 0x22221111);
	KUNIT_EXPECT_EQ(test, in[1], 0x44443333);
	MmUnmapIoSpace(registers, WK_BYTES);
}

static void wk_registers_can_be_unmapped_at_dispatch_level(struct kunit *test)
{
	PUCHAR registers = wk_map_registers(test);
	int before = wk_unmapped;
	KIRQL old;

	KeRaiseIrql(DISPATCH_LEVEL, &old);
	MmUnmapIoSpace(registers, WK_BYTES);
	KeLowerIrql(old);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(wk_unmapped) == before + 1));
	registers = wk_map_registers(test);
	MmUnmapIoSpace(registers, WK_BYTES);		/* at once */
	KUNIT_EXPECT_EQ(test, wk_unmapped, before + 2);
}

/* Each way of caching gives the same memory. */
static void wk_registers_can_be_mapped_cached(struct kunit *test)
{
	static const struct {
		MEMORY_CACHING_TYPE caching;
		ULONG protect;		/* 0: MmMapIoSpace */
	} ways[] = {
		{ MmNonCached, 0 }, { MmCached, 0 }, { MmWriteCombined, 0 }, { MmUSWCCached, 0 },
		{ MmHardwareCoherentCached, 0 },
		{ MmNonCached, WDMDMA_PAGE_READONLY | WDMDMA_PAGE_NOCACHE },
		{ MmWriteCombined, WDMDMA_PAGE_READWRITE | WDMDMA_PAGE_WRITECOMBINE },
		{ MmCached, WDMDMA_PAGE_READWRITE },
	};
	PHYSICAL_ADDRESS address = { .QuadPart = WK_REGISTERS };
	unsigned int i;

	wk_need_registers(test);
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		bool is_memory = ways[i].caching == MmCached ||
				 ways[i].caching == MmHardwareCoherentCached;
		int before = wk_unmapped;
		PUCHAR va = ways[i].protect ?
			    MmMapIoSpaceEx(address, WK_BYTES, ways[i].protect) :
			    MmMapIoSpace(address, WK_BYTES, ways[i].caching);

		KUNIT_ASSERT_NOT_NULL_MSG(test, va, "way %u", i);
		WRITE_REGISTER_ULONG((PULONG)va, 0x1000 + i);
		KUNIT_EXPECT_EQ(test, *(u32 *)wk_registers, 0x1000 + i);
		MmUnmapIoSpace(va, WK_BYTES);
		/* memunmap() leaves what is not in vmalloc's space: these registers */
		KUNIT_EXPECT_EQ_MSG(test, wk_unmapped, before + !is_memory, "way %u", i);
		if (is_memory)
			iounmap((void __iomem *)va);
	}
}

/* What is no device's memory has no address. */
static void wk_nothing_there_to_map(struct kunit *test)
{
	PHYSICAL_ADDRESS address = { .QuadPart = WK_REGISTERS + SZ_1M };

	pr_info("wdmdma_kunit: expect WARNING 1: invalid ioremap(0x%llx\n",
		(unsigned long long)address.QuadPart);
	KUNIT_EXPECT_NULL(test, MmMapIoSpace(address, WK_BYTES, MmNonCached));
}

static void wk_mapping_misuse(struct kunit *test)
{
	PHYSICAL_ADDRESS address = { .QuadPart = WK_REGISTERS };
	PUCHAR registers = wk_map_registers(test);
	KIRQL old;
	PVOID up;

	wk_expect_report(test, WD_REPORT_IRQL, 1);
	wk_expect_report(test, WD_REPORT_OBJECT, 3);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	up = MmMapIoSpace(address, WK_BYTES, MmNonCached);
	KeLowerIrql(old);
	KUNIT_EXPECT_NULL(test, up);
	KUNIT_EXPECT_NULL(test, MmMapIoSpace(address, 0, MmNonCached));
	KUNIT_EXPECT_NULL(test, MmMapIoSpace(address, WK_BYTES, MmMaximumCacheType));
	KUNIT_EXPECT_NULL(test, MmMapIoSpaceEx(address, WK_BYTES, WDMDMA_PAGE_EXECUTE_READ));
	MmUnmapIoSpace(registers, 16);		/* all of it goes */
	MmUnmapIoSpace(registers, WK_BYTES);
	MmUnmapIoSpace(NULL, WK_BYTES);
	registers = MmMapIoSpaceEx(address, WK_BYTES, WDMDMA_PAGE_READWRITE | WDMDMA_PAGE_NOCACHE);
	KUNIT_ASSERT_NOT_NULL(test, registers);
	MmUnmapIoSpace(registers, WK_BYTES);
}

static void wk_mapping_that_fails_returns_null(struct kunit *test)
{
	PHYSICAL_ADDRESS address = { .QuadPart = WK_REGISTERS };
	unsigned int n, failed = 0;
	bool more = true;

	wk_need_registers(test);
	for (n = 1; more && n < 20; n++) {
		PVOID registers;

		wk_fail_allocation(n);
		registers = MmMapIoSpace(address, WK_BYTES, MmNonCached);
		more = wk_end_failing();
		if (registers)
			MmUnmapIoSpace(registers, WK_BYTES);
		else
			failed++;
	}
	KUNIT_EXPECT_FALSE(test, more);
	KUNIT_EXPECT_GE(test, failed, 1);
}

#endif /* CONFIG_INDIRECT_IOMEM */

static void wk_contiguous_memory_is_contiguous(struct kunit *test)
{
	static const SIZE_T sizes[] = { 1, 4096, 5000, SZ_64K, 300000 };
	PHYSICAL_ADDRESS highest = { .QuadPart = -1 };
	unsigned int i;
	KIRQL old;

	for (i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		SIZE_T bytes = sizes[i / 2];
		PHYSICAL_ADDRESS first, last;
		PUCHAR va;

		if (i % 2)
			KeRaiseIrql(DISPATCH_LEVEL, &old);
		va = MmAllocateContiguousMemory(bytes, highest);
		if (i % 2)
			KeLowerIrql(old);
		KUNIT_ASSERT_NOT_NULL(test, va);
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)va, PAGE_SIZE));
		memset(va, 0x5a, bytes);
		first = MmGetPhysicalAddress(va);
		last = MmGetPhysicalAddress(va + bytes - 1);
		KUNIT_EXPECT_EQ(test, first.QuadPart, virt_to_phys(va));
		KUNIT_EXPECT_EQ(test, last.QuadPart - first.QuadPart, bytes - 1);
		MmFreeContiguousMemory(va);
	}
}

static void wk_contiguous_memory_lies_where_it_may(struct kunit *test)
{
	PHYSICAL_ADDRESS none = {}, highest = { .QuadPart = -1 }, boundary = { .QuadPart = SZ_64K };
	PHYSICAL_ADDRESS low = { .QuadPart = 0x1000 }, first;
	unsigned int i;
	PVOID va;

	wk_expect_report(test, WD_REPORT_OBJECT, 2);
	for (i = 0; i < 20; i++) {
		va = MmAllocateContiguousMemorySpecifyCache(0x9000, none, highest, boundary,
							    MmCached);
		KUNIT_ASSERT_NOT_NULL(test, va);
		first = MmGetPhysicalAddress(va);
		KUNIT_EXPECT_EQ(test, first.QuadPart / SZ_64K,
				(first.QuadPart + 0x8fff) / SZ_64K);
		MmFreeContiguousMemorySpecifyCache(va, 0x9000, MmCached);
	}
	va = MmAllocateContiguousMemorySpecifyCache(SZ_128K, none, highest, boundary, MmCached);
	KUNIT_EXPECT_NULL(test, va);
	va = MmAllocateContiguousMemorySpecifyCache(PAGE_SIZE, highest, highest, none, MmCached);
	KUNIT_EXPECT_NULL(test, va);
	KUNIT_EXPECT_NULL(test, MmAllocateContiguousMemory(PAGE_SIZE, low));
	KUNIT_EXPECT_NULL(test, MmAllocateContiguousMemory(0, highest));
	KUNIT_EXPECT_NULL(test, MmAllocateContiguousMemory(SZ_1G, highest));
	MmFreeContiguousMemory(NULL);
	MmFreeContiguousMemory(test);		/* pool */
}

static void wk_physical_addresses(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PVOID pool = ExAllocatePoolZero(NonPagedPoolNx, 100, WK_TAG);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_EXPECT_EQ(test, MmGetPhysicalAddress(pool).QuadPart, virt_to_phys(pool));
	for (i = 0; i < 3; i++) {
		size_t offset = i * PAGE_SIZE + 17;

		KUNIT_EXPECT_EQ(test, MmGetPhysicalAddress(buffer->va + offset).QuadPart,
				wk_phys(buffer, offset));
	}
	KUNIT_EXPECT_EQ(test, MmGetPhysicalAddress(NULL).QuadPart, 0);
	ExFreePool(pool);
}

/* A driver's own data, and an address for mappings where nothing is mapped */
static void wk_physical_addresses_of_modules_and_holes(struct kunit *test)
{
	static u8 data[16] = { 1 };
	void *hole = (void *)(VMALLOC_END - PAGE_SIZE);

	KUNIT_EXPECT_EQ(test, MmGetPhysicalAddress(&data[3]).QuadPart,
			PFN_PHYS(vmalloc_to_pfn(data)) + offset_in_page(&data[3]));
	KUNIT_ASSERT_NULL(test, vmalloc_to_page(hole));
	KUNIT_EXPECT_EQ(test, MmGetPhysicalAddress(hole).QuadPart, 0);
}

/* One failure is made up for by another zone; what had been allocated does not leak. */
static void wk_contiguous_memory_survives_a_failure(struct kunit *test)
{
	PHYSICAL_ADDRESS highest = { .QuadPart = -1 };
	bool more = true;
	unsigned int n;

	for (n = 1; more && n < 20; n++) {
		PVOID va;
		KIRQL old;

		wk_fail_allocation(n);
		KeRaiseIrql(DISPATCH_LEVEL, &old);
		va = MmAllocateContiguousMemory(SZ_16K, highest);
		KeLowerIrql(old);
		more = wk_end_failing();
		KUNIT_ASSERT_NOT_NULL(test, va);
		MmFreeContiguousMemory(va);
	}
	KUNIT_EXPECT_FALSE(test, more);
}

static struct kunit_case wk_memory_cases[] = {
#ifdef CONFIG_INDIRECT_IOMEM
	KUNIT_CASE(wk_registers_have_their_widths),
	KUNIT_CASE(wk_register_functions_have_their_widths),
	KUNIT_CASE(wk_ports_have_their_widths),
	KUNIT_CASE(wk_register_buffers_are_successive),
	KUNIT_CASE(wk_registers_can_be_unmapped_at_dispatch_level),
	KUNIT_CASE(wk_registers_can_be_mapped_cached),
	KUNIT_CASE(wk_nothing_there_to_map),
	KUNIT_CASE(wk_mapping_misuse),
	KUNIT_CASE(wk_mapping_that_fails_returns_null),
#endif
	KUNIT_CASE(wk_contiguous_memory_is_contiguous),
	KUNIT_CASE(wk_contiguous_memory_lies_where_it_may),
	KUNIT_CASE(wk_physical_addresses),
	KUNIT_CASE(wk_physical_addresses_of_modules_and_holes),
	KUNIT_CASE(wk_contiguous_memory_survives_a_failure),
	{}
};

static struct kunit_suite wk_memory_suite = {
	.name = "wdmdma_memory",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_memory_cases,
};

kunit_test_suite(wk_memory_suite);
