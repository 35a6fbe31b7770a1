// SPDX-License-Identifier: GPL-2.0-only
/*
 * Common buffers: AllocateCommonBuffer and FreeCommonBuffer, rules B1 to B10 of the contract, and
 * every row of the table that says what a free with wrong arguments does.
 */
#include <linux/bottom_half.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/irqflags.h>
#include <linux/sizes.h>

#include "fake_driver.h"
#include "fixture.h"

#define WK_UNTOUCHED	0x5A5A5A5A

/* One common buffer, as the driver knows it */
struct wk_common {
	u8 *va;
	PHYSICAL_ADDRESS address;
	ULONG bytes;
};

static struct wk_common wk_allocate(struct kunit *test, PDMA_ADAPTER adapter, ULONG bytes)
{
	struct wk_common common = { .bytes = bytes };

	common.va = adapter->DmaOperations->AllocateCommonBuffer(adapter, bytes, &common.address,
								 TRUE);
	KUNIT_ASSERT_NOT_NULL(test, common.va);
	return common;
}

static void wk_free(PDMA_ADAPTER adapter, const struct wk_common *common)
{
	adapter->DmaOperations->FreeCommonBuffer(adapter, common->bytes, common->address,
						 common->va, TRUE);
}

/* What the DMA API has given out and not got back, as dma-debug counts it */
static u32 wk_entries(struct kunit *test)
{
	struct dentry *dir = debugfs_lookup("dma-api", NULL);
	struct dentry *total, *idle;
	u32 entries;

	KUNIT_ASSERT_NOT_NULL(test, dir);
	total = debugfs_lookup("nr_total_entries", dir);
	idle = debugfs_lookup("num_free_entries", dir);
	entries = *(u32 *)d_inode(total)->i_private - *(u32 *)d_inode(idle)->i_private;
	dput(total);
	dput(idle);
	dput(dir);
	return entries;
}

static u32 wk_wait_for_entries(struct kunit *test, u32 entries)
{
	unsigned int i;

	for (i = 0; i < 200 && wk_entries(test) != entries; i++)
		msleep(20);
	return wk_entries(test);
}

static const ULONG wk_sizes[] = {
	1, 100, SZ_4K - 1, SZ_4K, SZ_4K + 1, SZ_8K - 1, 3 * SZ_4K, SZ_64K, SZ_64K + 1, SZ_1M,
};

static void wk_size_name(const ULONG *bytes, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%u bytes", *bytes);
}

KUNIT_ARRAY_PARAM(wk_size, wk_sizes, wk_size_name);

static void wk_addresses_are_fit_for_the_device(struct kunit *test)
{
	ULONG bytes = *(const ULONG *)test->param_value;
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 32, SZ_64K);
	PDMA_ADAPTER adapter = wk_get_described_adapter(test, &description, NULL);
	struct wk_common common;
	u64 address, last;

	KUNIT_ASSERT_NOT_NULL(test, adapter);
	common = wk_allocate(test, adapter, bytes);
	address = common.address.QuadPart;
	last = address + round_up(bytes, PAGE_SIZE) - 1;
	KUNIT_EXPECT_EQ(test, (ULONG_PTR)common.va % PAGE_SIZE, 0);
	KUNIT_EXPECT_EQ(test, address % PAGE_SIZE, 0);
	KUNIT_EXPECT_NE(test, address, 0);
	KUNIT_EXPECT_LE(test, last, wk_stats(test, adapter).last_address);
	KUNIT_EXPECT_EQ(test, address >> 32, last >> 32);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, 1);
	wk_free(adapter, &common);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, 0);
}

/* One linear range for both sides (B1), and no call is needed between their accesses (B12). */
static void wk_cpu_and_device_see_the_same_bytes(struct kunit *test)
{
	ULONG bytes = *(const ULONG *)test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_common common = wk_allocate(test, adapter, bytes);
	u8 *copy = kvzalloc(bytes, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	wk_fill(common.va, bytes, 3);
	wk_device_read(test, common.address.QuadPart, copy, bytes);
	wk_expect_pattern(test, copy, bytes, 3);
	wk_fill(copy, bytes, 4);
	wk_device_write(test, common.address.QuadPart, copy, bytes);
	wk_expect_pattern(test, common.va, bytes, 4);
	kvfree(copy);
	wk_free(adapter, &common);
}

/* Memory that somebody else left his data in: whatever is allocated, some of it was used before. */
static void wk_contents_are_zero(struct kunit *test)
{
	ULONG bytes = *(const ULONG *)test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	size_t extent = round_up(bytes, PAGE_SIZE);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		struct wk_common common = wk_allocate(test, adapter, bytes);

		KUNIT_EXPECT_NULL(test, memchr_inv(common.va, 0, extent));
		memset(common.va, 0xEE, extent);
		wk_free(adapter, &common);
	}
}

static void wk_bad_arguments_allocate_nothing(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	PHYSICAL_ADDRESS address = { .QuadPart = WK_UNTOUCHED };
	u32 entries = wk_entries(test);

	KUNIT_EXPECT_NULL(test, ops->AllocateCommonBuffer(adapter, 0, &address, TRUE));
	KUNIT_EXPECT_NULL(test, ops->AllocateCommonBuffer(adapter, PAGE_SIZE, NULL, TRUE));
	KUNIT_EXPECT_EQ(test, address.QuadPart, WK_UNTOUCHED);
	KUNIT_EXPECT_EQ(test, wk_entries(test), entries);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, 0);
}

/* An ordinary failure: drivers ask for less then. Nothing is logged, or the run would fail. */
static void wk_too_large_is_null(struct kunit *test)
{
	static const ULONG sizes[] = { 0xFFFFFFFF, 0xFFFFF001, 0xFFFFF000, 0x80000000, 0x20000000 };
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PHYSICAL_ADDRESS address = { .QuadPart = WK_UNTOUCHED };
	struct wk_common common;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		KUNIT_EXPECT_NULL_MSG(test,
				      HalAllocateCommonBuffer(adapter, sizes[i], &address, TRUE),
				      "0x%X bytes", sizes[i]);
	KUNIT_EXPECT_EQ(test, address.QuadPart, WK_UNTOUCHED);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, 0);
	common = wk_allocate(test, adapter, PAGE_SIZE);
	wk_free(adapter, &common);
}

/* The platform decides whether it is cached, and what is freed need not say what was asked for. */
static void wk_cache_enabled_is_ignored(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	struct wk_common common = { .bytes = SZ_8K };

	common.va = ops->AllocateCommonBuffer(adapter, common.bytes, &common.address, FALSE);
	KUNIT_ASSERT_NOT_NULL(test, common.va);
	wk_fill(common.va, common.bytes, 5);
	wk_expect_pattern(test, common.va, common.bytes, 5);
	ops->FreeCommonBuffer(adapter, common.bytes, common.address, common.va, TRUE);
	common = wk_allocate(test, adapter, SZ_8K);
	ops->FreeCommonBuffer(adapter, common.bytes, common.address, common.va, FALSE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, 0);
}

/* The mask is lent for an allocation. The host driver may have set one of its own. */
static void wk_coherent_mask_is_given_back(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 32, SZ_64K);
	PDMA_ADAPTER adapter = wk_get_described_adapter(test, &description, NULL);
	struct wk_world *world = test->priv;
	struct device *dev = world->dev;
	struct wk_common common;
	PHYSICAL_ADDRESS address;

	KUNIT_ASSERT_NOT_NULL(test, adapter);
	KUNIT_ASSERT_EQ(test, dma_set_coherent_mask(dev, DMA_BIT_MASK(40)), 0);
	common = wk_allocate(test, adapter, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, dev->coherent_dma_mask, DMA_BIT_MASK(40));
	KUNIT_EXPECT_NULL(test, HalAllocateCommonBuffer(adapter, 0x80000000, &address, TRUE));
	KUNIT_EXPECT_EQ(test, dev->coherent_dma_mask, DMA_BIT_MASK(40));
	wk_free(adapter, &common);
	KUNIT_EXPECT_EQ(test, dev->coherent_dma_mask, DMA_BIT_MASK(40));

	/* A narrower one than the adapter's reach is kept, not widened. */
	KUNIT_ASSERT_EQ(test, dma_set_coherent_mask(dev, DMA_BIT_MASK(31)), 0);
	common = wk_allocate(test, adapter, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, dev->coherent_dma_mask, DMA_BIT_MASK(31));
	wk_free(adapter, &common);
}

/* Calls of FreeCommonBuffer on a buffer of 5000 bytes: what differs, and what follows */
static const struct wk_mismatch {
	const char *name;
	int length;		/* added to the length, */
	s64 address;		/* ... to the logical address */
	int va;			/* ... and to the virtual address */
	bool null;		/* no virtual address at all */
	bool freed;
	u32 report;		/* 0: none */
} wk_mismatches[] = {
	{ "exact", .freed = true },
	{ "length + 1", .length = 1, .freed = true, .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "length - 1", .length = -1, .freed = true, .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "length rounded to pages", .length = SZ_8K - 5000, .freed = true,
	  .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "length 0", .length = -5000, .freed = true, .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "address + 1", .address = 1, .freed = true, .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "address + page", .address = SZ_4K, .freed = true,
	  .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "address + 4 GiB", .address = SZ_4G, .freed = true,
	  .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "length and address", .length = 1, .address = 1,
	  .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "second byte", .va = 1, .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "second page", .va = SZ_4K, .address = SZ_4K, .length = -SZ_4K,
	  .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "last byte of the extent", .va = SZ_8K - 1, .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "just behind", .va = SZ_8K, .report = WD_REPORT_BUFFER_FREED },
	{ "just before", .va = -1, .report = WD_REPORT_BUFFER_FREED },
	{ "NULL", .null = true, .report = WD_REPORT_BUFFER_FREED },
};

static void wk_mismatch_name(const struct wk_mismatch *mismatch, char *name)
{
	strscpy(name, mismatch->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_mismatch, wk_mismatches, wk_mismatch_name);

static void wk_free_goes_by_what_was_allocated(struct kunit *test)
{
	const struct wk_mismatch *mismatch = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	u32 entries = wk_entries(test);
	struct wk_common common = wk_allocate(test, adapter, 5000);
	struct wk_common wrong = common;

	wrong.bytes += mismatch->length;
	wrong.address.QuadPart += mismatch->address;
	wrong.va = mismatch->null ? NULL : common.va + mismatch->va;
	if (mismatch->report)
		wk_expect_report(test, mismatch->report, 1);
	wk_free(adapter, &wrong);

	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, mismatch->freed ? 0 : 1);
	/* Its own numbers are given to the DMA API, or dma-debug would complain. */
	KUNIT_EXPECT_EQ(test, wk_entries(test) - entries, mismatch->freed ? 0 : 1);
	if (mismatch->freed)
		wk_expect_report(test, WD_REPORT_BUFFER_FREED, 1);
	else
		wk_fill(common.va, SZ_8K, 6);	/* still the driver's: KASAN would tell */
	wk_free(adapter, &common);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, 0);
	KUNIT_EXPECT_EQ(test, wk_entries(test), entries);
}

static void wk_free_twice_is_reported(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_common common = wk_allocate(test, adapter, SZ_64K);
	unsigned int i;

	wk_free(adapter, &common);
	wk_expect_report(test, WD_REPORT_BUFFER_FREED, 3);
	for (i = 0; i < 3; i++)
		wk_free(adapter, &common);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, 0);
}

/* KMDF has two adapters for a duplex device. It is an error, and a harmless one. */
static void wk_other_adapter_of_the_device_frees(struct kunit *test)
{
	PDMA_ADAPTER owner = wk_get_adapter(test, 2, SZ_64K, NULL);
	PDMA_ADAPTER other = wk_get_adapter(test, 1, SZ_64K, NULL);
	u32 entries = wk_entries(test);
	struct wk_common common = wk_allocate(test, owner, PAGE_SIZE);
	struct wk_common others = wk_allocate(test, other, PAGE_SIZE);

	wk_expect_report(test, WD_REPORT_BUFFER_ARGUMENTS, 1);
	wk_free(other, &common);
	/* The owner is credited with it, so that its end is not reported as a leak. */
	KUNIT_EXPECT_EQ(test, wk_stats(test, owner).buffers_live, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, other).buffers_live, 1);
	wk_free(other, &others);
	KUNIT_EXPECT_EQ(test, wk_stats(test, other).buffers_live, 0);
	KUNIT_EXPECT_EQ(test, wk_entries(test), entries);
}

static void wk_adapter_of_another_device_does_not_free(struct kunit *test)
{
	PDMA_ADAPTER owner = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_common common = wk_allocate(test, owner, PAGE_SIZE);
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	struct platform_device *pdev = wk_add_device(test);
	PDEVICE_OBJECT object = wdmdma_get_device_object(&pdev->dev);
	PDMA_ADAPTER stranger;
	ULONG regs;

	stranger = IoGetDmaAdapter(object, &description, &regs);
	KUNIT_ASSERT_NOT_NULL(test, stranger);
	wk_expect_report(test, WD_REPORT_BUFFER_FREED, 1);
	wk_free(stranger, &common);
	KUNIT_EXPECT_EQ(test, wk_stats(test, owner).buffers_live, 1);
	wk_free(owner, &common);
	stranger->DmaOperations->PutDmaAdapter(stranger);
	wdmdma_put_device_object(object);
	wk_remove_device(pdev);
}

/* Where FreeCommonBuffer may be called although its memory cannot be freed there */
static const struct wk_place {
	const char *name;
	bool interrupts;
} wk_places[] = {
	{ "bottom halves off", false },
	{ "interrupts off", true },
};

static void wk_place_name(const struct wk_place *place, char *name)
{
	strscpy(name, place->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_place, wk_places, wk_place_name);

static void wk_free_at_dispatch_level_is_finished_later(struct kunit *test)
{
	const struct wk_place *place = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	u32 entries = wk_entries(test);
	struct wk_common common[4];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(common); i++)
		common[i] = wk_allocate(test, adapter, SZ_64K);
	KUNIT_ASSERT_EQ(test, wk_entries(test) - entries, ARRAY_SIZE(common));
	wk_expect_report(test, WD_REPORT_BUFFER_FREED, ARRAY_SIZE(common));

	if (place->interrupts)
		local_irq_disable();
	else
		local_bh_disable();
	for (i = 0; i < ARRAY_SIZE(common); i++) {
		wk_free(adapter, &common[i]);
		wk_free(adapter, &common[i]);	/* to the driver it is gone at once */
	}
	if (place->interrupts)
		local_irq_enable();
	else
		local_bh_enable();

	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, 0);
	KUNIT_EXPECT_EQ(test, wk_wait_for_entries(test, entries), entries);
}

/* The device may still be writing: what its driver forgot stays until the driver is gone. */
static void wk_buffers_outlive_their_adapter(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_common common[2];
	u8 *copy = kunit_kzalloc(test, SZ_8K, GFP_KERNEL);
	u32 entries = wk_entries(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(common); i++)
		common[i] = wk_allocate(test, adapter, SZ_8K);
	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 1);
	wk_put_adapter(test, adapter);
	msleep(100);
	KUNIT_EXPECT_EQ(test, wk_entries(test) - entries, ARRAY_SIZE(common));
	for (i = 0; i < ARRAY_SIZE(common); i++) {
		wk_fill(copy, SZ_8K, 10 + i);
		wk_device_write(test, common[i].address.QuadPart, copy, SZ_8K);
		wk_expect_pattern(test, common[i].va, SZ_8K, 10 + i);
	}
	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 1);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind(test);
	KUNIT_EXPECT_EQ(test, wk_entries(test), entries);
}

/* A later adapter in the same memory is not the one that the buffer belonged to. */
/* Makes and puts adapters until one has the memory of @wanted; may give up. */
static PDMA_ADAPTER wk_get_adapters_until(struct kunit *test, PDMA_ADAPTER wanted)
{
	PDMA_ADAPTER adapter = NULL;
	unsigned int i;

	for (i = 0; i < 300 && adapter != wanted; i++) {
		if (adapter)
			wk_put_adapter(test, adapter);
		if (i % 32 == 31)
			msleep(20);	/* dead adapters are buried by a work item */
		adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	}
	return adapter;
}

/* Its memory is another adapter's only when none of its buffers counts any more. */
static void wk_buffer_of_a_dead_adapter_is_not_its_successors(struct kunit *test)
{
	PDMA_ADAPTER first = wk_get_adapter(test, 2, SZ_64K, NULL), adapter;
	struct wk_common common = wk_allocate(test, first, PAGE_SIZE);

	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 1);
	wk_put_adapter(test, first);
	adapter = wk_get_adapters_until(test, first);
	KUNIT_EXPECT_PTR_NE(test, adapter, first);
	wk_expect_report(test, WD_REPORT_BUFFER_ARGUMENTS, 1);
	wk_free(adapter, &common);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, 0);
	wk_put_adapter(test, adapter);
	adapter = wk_get_adapters_until(test, first);
	KUNIT_EXPECT_PTR_EQ(test, adapter, first);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, 0);
}

/* The address in an MDL counts while its flags say so; a stale one is no common buffer's. */
static void wk_stale_address_of_an_mdl_is_not_looked_up(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_common common = wk_allocate(test, adapter, PAGE_SIZE);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	PHYSICAL_ADDRESS address;
	ULONG bytes = PAGE_SIZE;
	struct wk_call call;
	CSHORT flags = mdl->MdlFlags;
	PVOID va = mdl->MappedSystemVa;

	mdl->MdlFlags = MDL_PAGES_LOCKED;
	mdl->MappedSystemVa = common.va;
	wk_call_init(&call, adapter, DeallocateObjectKeepRegisters);
	KUNIT_ASSERT_EQ(test, ops->AllocateAdapterChannel(adapter, NULL, 1, wk_control, &call),
			STATUS_SUCCESS);
	address = ops->MapTransfer(adapter, mdl, call.base, MmGetMdlVirtualAddress(mdl), &bytes,
				   TRUE);
	wk_expect_at(test, address.QuadPart, buffer, 0);
	KUNIT_EXPECT_EQ(test, bytes, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).common_maps, 0);
	ops->FlushAdapterBuffers(adapter, mdl, call.base, MmGetMdlVirtualAddress(mdl), bytes, TRUE);
	ops->FreeMapRegisters(adapter, call.base, 1);
	mdl->MdlFlags = flags;
	mdl->MappedSystemVa = va;
	wk_free(adapter, &common);
}

static void wk_many_buffers_are_told_apart(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_common *common = kunit_kcalloc(test, 100, sizeof(*common), GFP_KERNEL);
	unsigned int i;

	for (i = 0; i < 100; i++) {
		common[i] = wk_allocate(test, adapter, 1 + i * 300);
		wk_fill(common[i].va, common[i].bytes, i);
	}
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, 100);
	/* Every third, then the rest: the others keep their contents. */
	for (i = 0; i < 100; i += 3)
		wk_free(adapter, &common[i]);
	for (i = 0; i < 100; i++) {
		if (i % 3 == 0)
			continue;
		wk_expect_pattern(test, common[i].va, common[i].bytes, i);
		wk_free(adapter, &common[i]);
	}
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, 0);
}

static struct kunit_case wk_common_buffer_cases[] = {
	KUNIT_CASE_PARAM(wk_addresses_are_fit_for_the_device, wk_size_gen_params),
	KUNIT_CASE_PARAM(wk_cpu_and_device_see_the_same_bytes, wk_size_gen_params),
	KUNIT_CASE_PARAM(wk_contents_are_zero, wk_size_gen_params),
	KUNIT_CASE(wk_bad_arguments_allocate_nothing),
	KUNIT_CASE(wk_too_large_is_null),
	KUNIT_CASE(wk_cache_enabled_is_ignored),
	KUNIT_CASE(wk_coherent_mask_is_given_back),
	KUNIT_CASE_PARAM(wk_free_goes_by_what_was_allocated, wk_mismatch_gen_params),
	KUNIT_CASE(wk_free_twice_is_reported),
	KUNIT_CASE(wk_other_adapter_of_the_device_frees),
	KUNIT_CASE(wk_adapter_of_another_device_does_not_free),
	KUNIT_CASE_PARAM(wk_free_at_dispatch_level_is_finished_later, wk_place_gen_params),
	KUNIT_CASE(wk_buffers_outlive_their_adapter),
	KUNIT_CASE(wk_buffer_of_a_dead_adapter_is_not_its_successors),
	KUNIT_CASE(wk_stale_address_of_an_mdl_is_not_looked_up),
	KUNIT_CASE(wk_many_buffers_are_told_apart),
	{}
};

static struct kunit_suite wk_common_buffer_suite = {
	.name = "wdmdma_common_buffer",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_common_buffer_cases,
};

kunit_test_suite(wk_common_buffer_suite);
