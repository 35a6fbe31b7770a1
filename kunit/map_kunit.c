// SPDX-License-Identifier: GPL-2.0-only
/*
 * What wdmdma does to a device's limits, and what an adapter makes of them: its reach, the longest
 * run it may map, the mask and the segment limits of the host driver, which it gives back.
 *
 * No memory of UML is out of reach of 32 bits, so what can be tested of a reach is where it ends
 * and that nothing beyond a limit is accepted.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/sizes.h>

#include "fake_driver.h"
#include "fixture.h"

/* Description and limits, and the last address that the adapter must have */
static const struct wk_reach {
	const char *name;
	BOOLEAN dma32, dma64;
	INTERFACE_TYPE bus;
	unsigned int host_bits;		/* the device's mask; 0 = 64 */
	u64 bus_limit;			/* of the bridge above the device; 0 = none */
	u64 limit;			/* wdmdma_set_limits(); 0 = none */
	u64 last_address;
} wk_reaches[] = {
	{ "Dma64", FALSE, TRUE, Internal, .last_address = U64_MAX },
	{ "Dma64 and Dma32: 64 wins", TRUE, TRUE, Internal, .last_address = U64_MAX },
	{ "Dma32", TRUE, FALSE, Internal, .last_address = U32_MAX },
	{ "Dma32 on PCI", TRUE, FALSE, PCIBus, .last_address = U32_MAX },
	{ "PCI with scatter/gather", FALSE, FALSE, PCIBus, .last_address = U32_MAX },
	{ "Dma64 on PCI", FALSE, TRUE, PCIBus, .last_address = U64_MAX },
	{ "ISA", FALSE, FALSE, Isa, .last_address = 0xFFFFFF },
	{ "Internal", FALSE, FALSE, Internal, .last_address = 0xFFFFFF },
	{ "unknown bus that is not PCI", FALSE, FALSE, InterfaceTypeUndefined,
	  .last_address = 0xFFFFFF },
	{ "PNP bus that is not PCI", FALSE, FALSE, PNPBus, .last_address = 0xFFFFFF },
	{ "unknown bus, Dma32", TRUE, FALSE, InterfaceTypeUndefined, .last_address = U32_MAX },
	{ "Dma64, host 40 bits", FALSE, TRUE, Internal, 40, .last_address = DMA_BIT_MASK(40) },
	{ "Dma64, host 32 bits", FALSE, TRUE, Internal, 32, .last_address = U32_MAX },
	{ "Dma32, host 40 bits", TRUE, FALSE, Internal, 40, .last_address = U32_MAX },
	{ "bus 36 bits", FALSE, TRUE, Internal, 0, DMA_BIT_MASK(36),
	  .last_address = DMA_BIT_MASK(36) },
	{ "bus 36 bits, Dma32", TRUE, FALSE, Internal, 0, DMA_BIT_MASK(36),
	  .last_address = U32_MAX },
	{ "limit 3 GiB", FALSE, TRUE, Internal, 0, 0, 0xBFFFFFFF, .last_address = 0xBFFFFFFF },
	{ "limit 64 GiB, Dma32", TRUE, FALSE, Internal, 0, 0, 0xFFFFFFFFF,
	  .last_address = U32_MAX },
	{ "limit 16 MiB", FALSE, TRUE, Internal, 0, 0, 0xFFFFFF, .last_address = 0xFFFFFF },
	{ "bus limit 16 MiB", FALSE, TRUE, Internal, 0, 0xFFFFFF, .last_address = 0xFFFFFF },
};

static void wk_reach_name(const struct wk_reach *reach, char *name)
{
	strscpy(name, reach->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_reach, wk_reaches, wk_reach_name);

static void wk_reach_is_the_narrowest_limit(struct kunit *test)
{
	const struct wk_reach *reach = test->param_value;
	struct wdmdma_limits limits = { .last_address = reach->limit };
	struct wk_world *world = test->priv;
	struct device *dev = world->dev;
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 0, SZ_64K);
	PDMA_ADAPTER adapter;

	description.Dma32BitAddresses = reach->dma32;
	description.Dma64BitAddresses = reach->dma64;
	description.InterfaceType = reach->bus;
	if (reach->host_bits)
		KUNIT_ASSERT_EQ(test, dma_set_mask(dev, DMA_BIT_MASK(reach->host_bits)), 0);
	dev->bus_dma_limit = reach->bus_limit;
	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);

	adapter = wk_get_described_adapter(test, &description, NULL);
	/* UML has no memory that is known to lie below 16 MiB. */
	if (reach->last_address < SZ_16M && !IS_ENABLED(CONFIG_ZONE_DMA)) {
		KUNIT_EXPECT_NULL(test, adapter);
	} else {
		KUNIT_ASSERT_NOT_NULL(test, adapter);
		KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).last_address, reach->last_address);
	}
	/* The host's mask is the host's: an untranslated device needs no narrower one. */
	KUNIT_EXPECT_EQ(test, dma_get_mask(dev), DMA_BIT_MASK(reach->host_bits ? : 64));
}

/* Without an IOMMU a device that reaches all memory, to the last byte, needs no bouncing. */
static void wk_reach_decides_the_class(struct kunit *test)
{
	struct wk_world *world = test->priv;
	u64 memory = dma_get_required_mask(world->dev);
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	struct wdmdma_limits limits = { .last_address = memory };
	PDMA_ADAPTER adapter;

	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
	adapter = wk_get_described_adapter(test, &description, NULL);
	KUNIT_ASSERT_NOT_NULL(test, adapter);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).mapping, WDMDMA_DIRECT);
	limits.last_address = memory - 1;
	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
	adapter = wk_get_described_adapter(test, &description, NULL);
	KUNIT_ASSERT_NOT_NULL(test, adapter);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).mapping, WDMDMA_BOUNCED);
}

/* What the device's dma_parms say */
struct wk_parms {
	unsigned int max_seg;
	unsigned long boundary;
};

static struct wk_parms wk_parms(struct device *dev)
{
	return (struct wk_parms){ dev->dma_parms->max_segment_size,
				  dev->dma_parms->segment_boundary_mask };
}

/* The last adapter goes a little after it was put. */
static void wk_wait_for_max_seg(struct device *dev, unsigned int max_seg)
{
	unsigned int i;

	for (i = 0; i < 200 && READ_ONCE(dev->dma_parms->max_segment_size) != max_seg; i++)
		msleep(20);
}

static void wk_segment_limits_are_given_back(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct device *dev = world->dev;
	struct wk_parms before = wk_parms(dev);
	PDMA_ADAPTER first, second;

	KUNIT_ASSERT_EQ(test, before.max_seg, 0);
	first = wk_get_adapter(test, 2, SZ_1M, NULL);
	/* The DMA API takes 0 for 64 KiB, which would cut a driver's elements. */
	KUNIT_EXPECT_EQ(test, wk_parms(dev).max_seg, UINT_MAX);
	KUNIT_EXPECT_EQ(test, wk_parms(dev).boundary, U32_MAX);
	second = wk_get_adapter(test, 2, SZ_1M, NULL);
	wk_put_adapter(test, first);
	msleep(100);
	KUNIT_EXPECT_EQ(test, wk_parms(dev).max_seg, UINT_MAX);

	wk_put_adapter(test, second);
	wk_wait_for_max_seg(dev, before.max_seg);
	KUNIT_EXPECT_EQ(test, wk_parms(dev).max_seg, before.max_seg);
	KUNIT_EXPECT_EQ(test, wk_parms(dev).boundary, before.boundary);
}

static void wk_segment_limits_of_the_host_are_kept(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct device *dev = world->dev;

	dma_set_max_seg_size(dev, SZ_8K);
	dma_set_seg_boundary(dev, SZ_1M - 1);
	wk_put_adapter(test, wk_get_adapter(test, 2, SZ_64K, NULL));
	wk_get_adapter(test, 2, SZ_64K, NULL);
	KUNIT_EXPECT_EQ(test, wk_parms(dev).max_seg, SZ_8K);
	KUNIT_EXPECT_EQ(test, wk_parms(dev).boundary, SZ_1M - 1);
	wk_unbind(test);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	KUNIT_EXPECT_EQ(test, wk_parms(dev).max_seg, SZ_8K);
	KUNIT_EXPECT_EQ(test, wk_parms(dev).boundary, SZ_1M - 1);
}

static const bool wk_by_limits[] = { false, true };

static void wk_by_limits_name(const bool *by_limits, char *name)
{
	strscpy(name, *by_limits ? "wdmdma_set_limits" : "dma_parms", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_by_limits, wk_by_limits, wk_by_limits_name);

/* No element is longer than the host's segment limit, although the memory is contiguous. */
static void wk_runs_are_no_longer_than_a_segment(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 8);
	struct wdmdma_limits limits = { .segment_bytes = SZ_8K + 100 };	/* whole pages count */
	const bool *by_limits = test->param_value;
	struct wk_world *world = test->priv;
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	PHYSICAL_ADDRESS address;
	struct wk_call call;
	PDMA_ADAPTER adapter;
	ULONG i, length;

	if (*by_limits)
		wdmdma_set_limits(world->object, &limits);
	else
		dma_set_max_seg_size(world->dev, limits.segment_bytes);
	adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	wk_calls_reset();
	wk_call_init(&call, adapter, KeepObject);
	adapter->DmaOperations->GetScatterGatherList(adapter, NULL, mdl, buffer->va, buffer->bytes,
						     wk_list_control, &call, TRUE);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 4);
	for (i = 0; i < call.list->NumberOfElements; i++)
		KUNIT_EXPECT_EQ(test, call.list->Elements[i].Length, SZ_8K);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);

	wk_call_init(&call, adapter, DeallocateObjectKeepRegisters);
	adapter->DmaOperations->AllocateAdapterChannel(adapter, NULL, 8, wk_control, &call);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	length = buffer->bytes;
	address = adapter->DmaOperations->MapTransfer(adapter, mdl, call.base, buffer->va, &length,
						      TRUE);
	wk_expect_at(test, address.QuadPart, buffer, 0);
	KUNIT_EXPECT_EQ(test, length, SZ_8K);
	adapter->DmaOperations->FlushAdapterBuffers(adapter, mdl, call.base, buffer->va, length,
						    TRUE);
	adapter->DmaOperations->FreeMapRegisters(adapter, call.base, 8);
}

/* No element crosses a line that the host's device cannot count across. */
static void wk_runs_cross_no_segment_boundary(struct kunit *test)
{
	static const ULONG expected[] = { SZ_8K, SZ_16K };
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 8);
	struct wk_world *world = test->priv;
	PMDL mdl = wk_mdl(test, buffer, SZ_8K, SZ_8K + SZ_16K);
	struct wk_call call;
	PDMA_ADAPTER adapter;
	ULONG i;

	KUNIT_ASSERT_TRUE(test, IS_ALIGNED(wk_phys(buffer, 0), SZ_32K));
	dma_set_seg_boundary(world->dev, SZ_16K - 1);
	adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	wk_calls_reset();
	wk_call_init(&call, adapter, KeepObject);
	adapter->DmaOperations->GetScatterGatherList(adapter, NULL, mdl, buffer->va + SZ_8K,
						     mdl->ByteCount, wk_list_control, &call, TRUE);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	KUNIT_ASSERT_EQ(test, call.list->NumberOfElements, ARRAY_SIZE(expected));
	for (i = 0; i < ARRAY_SIZE(expected); i++)
		KUNIT_EXPECT_EQ(test, call.list->Elements[i].Length, expected[i]);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
}

static void wk_segment_below_a_page_is_refused(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	struct wk_world *world = test->priv;
	struct device *dev = world->dev;

	dma_set_max_seg_size(dev, SZ_4K - 1);
	KUNIT_EXPECT_NULL(test, wk_get_described_adapter(test, &description, NULL));
	KUNIT_EXPECT_EQ(test, wk_parms(dev).max_seg, SZ_4K - 1);
	dma_set_max_seg_size(dev, SZ_4K);
	KUNIT_EXPECT_NOT_NULL(test, wk_get_described_adapter(test, &description, NULL));
}

/* A host driver may narrow its mask whenever it likes; wdmdma never widens it. */
static void wk_mask_narrowed_between_adapters_counts(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct device *dev = world->dev;

	wk_get_adapter(test, 2, SZ_64K, NULL);
	KUNIT_ASSERT_EQ(test, dma_set_mask(dev, DMA_BIT_MASK(32)), 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, wk_get_adapter(test, 2, SZ_64K, NULL)).last_address,
			U32_MAX);
	KUNIT_EXPECT_EQ(test, dma_get_mask(dev), DMA_BIT_MASK(32));
}

static void wk_mask_narrowed_after_the_last_adapter_stays(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_world *world = test->priv;
	struct device *dev = world->dev;

	wk_put_adapter(test, adapter);
	KUNIT_ASSERT_EQ(test, dma_set_mask(dev, DMA_BIT_MASK(32)), 0);
	wk_wait_for_max_seg(dev, 0);
	KUNIT_EXPECT_EQ(test, dma_get_mask(dev), DMA_BIT_MASK(32));
}

static void wk_mappings_are_counted(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PMDL mdl = wk_mdl(test, buffer, 10, 2 * PAGE_SIZE);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wdmdma_adapter_stats stats;
	struct wk_call call;

	wk_calls_reset();
	wk_call_init(&call, adapter, KeepObject);
	adapter->DmaOperations->GetScatterGatherList(adapter, NULL, mdl, buffer->va + 10,
						     2 * PAGE_SIZE, wk_list_control, &call, TRUE);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	stats = wk_stats(test, adapter);
	KUNIT_EXPECT_EQ(test, stats.mapping, WDMDMA_DIRECT);
	KUNIT_EXPECT_EQ(test, stats.direct_maps, 1);
	KUNIT_EXPECT_EQ(test, stats.translated_maps, 0);
	KUNIT_EXPECT_EQ(test, stats.bounced_maps, 0);
	KUNIT_EXPECT_EQ(test, stats.mapped_bytes, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, stats.bounced_bytes, 0);
	KUNIT_EXPECT_EQ(test, stats.lists_live, 1);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).lists_live, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).direct_maps, 1);
}

/* So many mappings fail, no more: Get says so, and the next one works. */
static void wk_told_to_fail_fails_that_often(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	struct wk_call call;
	NTSTATUS status;
	unsigned int i;

	wk_calls_reset();
	wk_call_init(&call, adapter, KeepObject);
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(adapter, 2), 0);
	for (i = 0; i < 3; i++) {
		status = ops->GetScatterGatherList(adapter, NULL, mdl, buffer->va, buffer->bytes,
						   wk_list_control, &call, TRUE);
		KUNIT_EXPECT_EQ(test, status,
				i < 2 ? STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS);
	}
	KUNIT_ASSERT_EQ(test, call.count, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).direct_maps, 1);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
}

/* A device without dma_parms has the limits that the DMA API takes for granted. */
static void wk_device_without_segment_limits(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_256K);
	struct wk_buffer *buffer = wk_alloc_contiguous(test, SZ_128K / PAGE_SIZE);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	struct platform_device *pdev = wk_add_device(test);
	PDMA_ADAPTER adapter;
	PDEVICE_OBJECT object;
	struct wk_call call;
	ULONG regs, done, bytes;
	NTSTATUS status;

	pdev->dev.dma_parms = NULL;
	object = wdmdma_get_device_object(&pdev->dev);
	KUNIT_ASSERT_NOT_NULL(test, object);
	adapter = IoGetDmaAdapter(object, &description, &regs);
	KUNIT_ASSERT_NOT_NULL(test, adapter);
	wk_call_init(&call, adapter, DeallocateObjectKeepRegisters);
	status = adapter->DmaOperations->AllocateAdapterChannel(adapter, object, 32, wk_control,
								&call);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	for (done = 0; done < SZ_128K; done += bytes) {
		PHYSICAL_ADDRESS address;

		bytes = SZ_128K - done;
		address = adapter->DmaOperations->MapTransfer(adapter, mdl, call.base,
				MmGetMdlVirtualAddress(mdl) + done, &bytes, TRUE);
		KUNIT_EXPECT_EQ(test, address.QuadPart, wk_phys(buffer, done));
		KUNIT_ASSERT_EQ(test, bytes, SZ_64K);
	}
	adapter->DmaOperations->FlushAdapterBuffers(adapter, mdl, call.base,
						    MmGetMdlVirtualAddress(mdl), SZ_128K, TRUE);
	adapter->DmaOperations->FreeMapRegisters(adapter, call.base, 32);
	adapter->DmaOperations->PutDmaAdapter(adapter);
	wdmdma_put_device_object(object);
	wk_remove_device(pdev);
}

static struct kunit_case wk_map_cases[] = {
	KUNIT_CASE_PARAM(wk_reach_is_the_narrowest_limit, wk_reach_gen_params),
	KUNIT_CASE(wk_reach_decides_the_class),
	KUNIT_CASE(wk_segment_limits_are_given_back),
	KUNIT_CASE(wk_segment_limits_of_the_host_are_kept),
	KUNIT_CASE_PARAM(wk_runs_are_no_longer_than_a_segment, wk_by_limits_gen_params),
	KUNIT_CASE(wk_runs_cross_no_segment_boundary),
	KUNIT_CASE(wk_segment_below_a_page_is_refused),
	KUNIT_CASE(wk_mask_narrowed_between_adapters_counts),
	KUNIT_CASE(wk_mask_narrowed_after_the_last_adapter_stays),
	KUNIT_CASE(wk_mappings_are_counted),
	KUNIT_CASE(wk_told_to_fail_fails_that_often),
	KUNIT_CASE(wk_device_without_segment_limits),
	{}
};

static struct kunit_suite wk_map_suite = {
	.name = "wdmdma_map",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_map_cases,
};

kunit_test_suite(wk_map_suite);
