// SPDX-License-Identifier: GPL-2.0-only
/*
 * IoGetDmaAdapter, PutDmaAdapter and what one can ask an adapter: which descriptions are refused,
 * how many map registers are promised, and what is left behind.
 *
 * How far an adapter reaches, and what it does to its device's mask, is in map_kunit.c.
 */
#include <linux/delay.h>
#include <linux/dma-direct.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "fake_driver.h"
#include "fixture.h"

#define WK_UNTOUCHED		0x5A5A5A5A
#define WK_SHORT_DESCRIPTION	0x28	/* versions 0 to 2 end here */

/* Descriptions that give no adapter */
static const struct wk_refusal {
	const char *name;
	ULONG version;
	bool slave;
	unsigned int bits;
} wk_refusals[] = {
	{ "version 4", 4, .bits = 64 },
	{ "version -1", ~0U, .bits = 64 },
	{ "system DMA", 2, .slave = true, .bits = 64 },
	{ "system DMA, version 0", 0, .slave = true, .bits = 64 },
	{ "system DMA, version 3", 3, .slave = true, .bits = 64 },
#ifndef CONFIG_ZONE_DMA		/* no memory is known to lie that low */
	{ "24 bits", 2, .bits = 24 },
	{ "24 bits, version 1", 1, .bits = 24 },
#endif
};

static void wk_refusal_name(const struct wk_refusal *refusal, char *name)
{
	strscpy(name, refusal->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_refusal, wk_refusals, wk_refusal_name);

static void wk_description_is_refused(struct kunit *test)
{
	const struct wk_refusal *refusal = test->param_value;
	DEVICE_DESCRIPTION description = wk_description(refusal->version, TRUE, refusal->bits,
							SZ_64K);
	struct wk_world *world = test->priv;
	DEVICE_DESCRIPTION copy;
	ULONG regs = WK_UNTOUCHED;

	description.Master = !refusal->slave;
	copy = description;
	KUNIT_EXPECT_NULL(test, IoGetDmaAdapter(world->object, &description, &regs));
	KUNIT_EXPECT_EQ(test, regs, WK_UNTOUCHED);
	KUNIT_EXPECT_MEMEQ(test, &description, &copy, sizeof(copy));

	/* Nothing of the attempt stays in the way of the next one. */
	KUNIT_EXPECT_EQ(test, wk_get_adapter(test, 2, SZ_64K, &regs)->Version, 1);
	KUNIT_EXPECT_EQ(test, regs, 17);
}

/*
 * A bus behind which all memory has addresses of 23 bits, over and over: so no width is refused for
 * want of memory. The map is the device's, which frees it with its binding.
 */
static void wk_fold_bus(struct kunit *test)
{
	struct wk_world *world = test->priv;
	const unsigned int pieces = SZ_4G / SZ_4M;
	struct bus_dma_region *map = kcalloc(pieces + 1, sizeof(*map), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, map);
	for (i = 0; i < pieces; i++)
		map[i] = (struct bus_dma_region){
			.cpu_start = (phys_addr_t)i * SZ_4M,
			.dma_start = SZ_4M,
			.size = SZ_4M,
		};
	world->dev->dma_range_map = map;
}

/* Version 3 says how many bits; the booleans of older versions mean nothing. */
static void wk_address_widths_of_version_3(struct kunit *test)
{
	static const ULONG refused[] = { 0, 1, 23, 65, 128, 0x80000040, 0xFFFFFFFF };
	struct wk_world *world = test->priv;
	ULONG width, booleans, i, regs;

	wk_fold_bus(test);
	for (width = 24; width <= 64; width++) {
		for (booleans = 0; booleans < 4; booleans++) {
			DEVICE_DESCRIPTION description = wk_description(3, TRUE, width, SZ_64K);
			PDMA_ADAPTER adapter;

			description.Dma32BitAddresses = booleans & 1;
			description.Dma64BitAddresses = booleans & 2;
			adapter = wk_get_described_adapter(test, &description, NULL);
			KUNIT_ASSERT_NOT_NULL_MSG(test, adapter, "%u bits", width);
			KUNIT_ASSERT_EQ(test, wk_stats(test, adapter).mapping, WDMDMA_DIRECT);
			KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).last_address,
					U64_MAX >> (64 - width));
			wk_put_adapter(test, adapter);
		}
	}
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		DEVICE_DESCRIPTION description = wk_description(3, TRUE, 0, SZ_64K), copy;

		description.DmaAddressWidth = refused[i];
		description.Dma32BitAddresses = TRUE;
		description.Dma64BitAddresses = TRUE;
		copy = description;
		regs = WK_UNTOUCHED;
		KUNIT_EXPECT_NULL_MSG(test, IoGetDmaAdapter(world->object, &description, &regs),
				      "%u bits", refused[i]);
		KUNIT_EXPECT_EQ(test, regs, WK_UNTOUCHED);
		KUNIT_EXPECT_MEMEQ(test, &description, &copy, sizeof(copy));
	}
}

/* A device that is wired to the lower 3 GiB, which no number of bits says */
static void wk_ceiling_of_3_gib(struct kunit *test)
{
	struct wdmdma_limits limits = { .last_address = 3ULL * SZ_1G - 1 };
	DEVICE_DESCRIPTION description = wk_description(3, TRUE, 32, SZ_64K);
	struct wk_world *world = test->priv;
	PHYSICAL_ADDRESS address;
	PDMA_ADAPTER adapter;
	PVOID va;

	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
	adapter = wk_get_described_adapter(test, &description, NULL);
	KUNIT_ASSERT_NOT_NULL(test, adapter);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).last_address, 0xBFFFFFFF);
	va = adapter->DmaOperations->AllocateCommonBufferEx(adapter, NULL, PAGE_SIZE, &address,
							    TRUE, 0);
	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_EXPECT_LE(test, address.QuadPart + PAGE_SIZE - 1, 0xBFFFFFFF);
	adapter->DmaOperations->FreeCommonBuffer(adapter, PAGE_SIZE, address, va, TRUE);
}

static void wk_null_arguments_are_refused(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	struct wk_world *world = test->priv;
	ULONG regs = WK_UNTOUCHED;

	KUNIT_EXPECT_NULL(test, IoGetDmaAdapter(NULL, &description, &regs));
	KUNIT_EXPECT_NULL(test, IoGetDmaAdapter(world->object, NULL, &regs));
	KUNIT_EXPECT_NULL(test, IoGetDmaAdapter(world->object, &description, NULL));
	KUNIT_EXPECT_EQ(test, regs, WK_UNTOUCHED);
}

/* A DEVICE_OBJECT is looked up, never followed: the first is not even an address. */
static void wk_unknown_device_object_is_refused(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	struct wk_world *world = test->priv;
	DEVICE_OBJECT own = *world->object;
	ULONG regs = WK_UNTOUCHED;

	KUNIT_EXPECT_NULL(test, IoGetDmaAdapter((PDEVICE_OBJECT)8, &description, &regs));
	KUNIT_EXPECT_NULL(test, IoGetDmaAdapter(&own, &description, &regs));
	KUNIT_EXPECT_NULL(test, IoGetDmaAdapter(world->object + 1, &description, &regs));
	KUNIT_EXPECT_EQ(test, regs, WK_UNTOUCHED);
}

/* MaximumLength, and the registers that adapter.md, step 6 makes of it */
static const struct wk_length {
	ULONG maximum_length;
	ULONG regs;
} wk_lengths[] = {
	{ 0, 2 },
	{ 1, 2 },
	{ SZ_4K, 2 },
	{ SZ_4K + 1, 3 },
	{ SZ_8K, 3 },
	{ SZ_64K - 1, 17 },
	{ SZ_64K, 17 },
	{ SZ_64K + 1, 18 },
	{ SZ_1M, 257 },
	{ 0x7FFFFFFF, 0x80001 },
	{ 0x80000000, 2 },
	{ 0x80001001, 3 },
	{ 0xFFFFFFFF, 0x80001 },
};

static void wk_length_name(const struct wk_length *length, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "MaximumLength 0x%X", length->maximum_length);
}

KUNIT_ARRAY_PARAM(wk_length, wk_lengths, wk_length_name);

static void wk_registers_cover_a_transfer_at_any_offset(struct kunit *test)
{
	const struct wk_length *length = test->param_value;
	ULONG version, regs;

	static_assert(PAGE_SIZE == SZ_4K);
	for (version = 0; version <= 3; version++) {
		PDMA_ADAPTER adapter = wk_get_adapter(test, version, length->maximum_length, &regs);

		KUNIT_EXPECT_EQ_MSG(test, regs, length->regs, "version %u", version);
		KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).map_registers, length->regs);
		/* KMDF multiplies in 32 bits. */
		KUNIT_EXPECT_LE(test, (u64)regs * PAGE_SIZE, U32_MAX);
	}
}

static void wk_registers_are_capped_by_the_pool(struct kunit *test)
{
	ULONG regs;

	wk_get_limited_adapter(test, 2, SZ_64K, 16, &regs);
	KUNIT_EXPECT_EQ(test, regs, 16);
	wk_get_limited_adapter(test, 2, SZ_64K, 17, &regs);
	KUNIT_EXPECT_EQ(test, regs, 17);
	wk_get_limited_adapter(test, 2, SZ_64K, 1000, &regs);
	KUNIT_EXPECT_EQ(test, regs, 17);
	/* Less than two would make a client's largest transfer 0 bytes long. */
	wk_get_limited_adapter(test, 2, SZ_64K, 1, &regs);
	KUNIT_EXPECT_EQ(test, regs, 2);
	/* The limit is gone again: each adapter was told its own. */
	wk_get_adapter(test, 2, SZ_64K, &regs);
	KUNIT_EXPECT_EQ(test, regs, 17);
}

/* R is what a request may have: exactly, and as long as the adapter lives. */
static void wk_registers_promised_are_granted(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wdmdma_limits limits = { .pool_registers = 3 };
	struct wk_call call;
	PDMA_ADAPTER adapter;
	NTSTATUS status;
	ULONG regs;

	adapter = wk_get_adapter(test, 2, SZ_64K, &regs);
	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).map_registers, regs);

	wk_calls_reset();
	wk_call_init(&call, adapter, DeallocateObject);
	status = IoAllocateAdapterChannel(adapter, world->object, regs, wk_control, &call);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	status = IoAllocateAdapterChannel(adapter, world->object, regs + 1, wk_control, &call);
	KUNIT_EXPECT_EQ(test, status, STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).map_registers, regs);
}

/* Old drivers have the old, shorter structure: here nothing but a hole in memory follows it. */
static void wk_old_description_ends_at_0x28(struct kunit *test)
{
	const DEVICE_DESCRIPTION whole = wk_description(0, TRUE, 64, SZ_64K);
	struct wk_world *world = test->priv;
	void *page = vmalloc(PAGE_SIZE);
	PDEVICE_DESCRIPTION description;
	ULONG version, regs;

	static_assert(offsetof(DEVICE_DESCRIPTION, DmaAddressWidth) == WK_SHORT_DESCRIPTION);
	KUNIT_ASSERT_NOT_NULL(test, page);
	description = page + PAGE_SIZE - WK_SHORT_DESCRIPTION;
	memcpy(description, &whole, WK_SHORT_DESCRIPTION);
	for (version = 0; version <= 2; version++) {
		PDMA_ADAPTER adapter;

		description->Version = version;
		adapter = wk_get_described_adapter(test, description, &regs);
		KUNIT_EXPECT_NOT_NULL(test, adapter);
		KUNIT_EXPECT_EQ(test, regs, 17);
	}
	/* A refusal reads no further, either. */
	description->Version = 4;
	KUNIT_EXPECT_NULL(test, IoGetDmaAdapter(world->object, description, &regs));
	vfree(page);
}

/* Drivers fill a description once and use it for all their adapters. */
static void wk_description_is_not_modified(struct kunit *test)
{
	DEVICE_DESCRIPTION description, copy;
	ULONG version;

	for (version = 0; version <= 3; version++) {
		description = wk_description(version, TRUE, 64, 12345);
		description.InterfaceType = InterfaceTypeUndefined;
		description.IgnoreCount = TRUE;
		copy = description;
		KUNIT_EXPECT_NOT_NULL(test, wk_get_described_adapter(test, &description, NULL));
		KUNIT_EXPECT_MEMEQ(test, &description, &copy, sizeof(copy));
	}
}

/* What only system DMA uses may be garbage in a bus master's description, as may Reserved1. */
static void wk_garbage_of_system_dma_is_ignored(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	ULONG regs;

	description.DmaChannel = 4;
	description.DmaWidth = 77;
	description.DmaSpeed = 77;
	description.DmaPort = ~0U;
	description.BusNumber = ~0U;
	description.Reserved1 = TRUE;
	description.DemandMode = TRUE;
	description.AutoInitialize = TRUE;
	description.DmaAddressWidth = 1;	/* version 3's */
	KUNIT_EXPECT_NOT_NULL(test, wk_get_described_adapter(test, &description, &regs));
	KUNIT_EXPECT_EQ(test, regs, 17);
}

/* KMDF makes two for a duplex device. */
static void wk_adapters_of_a_device_are_independent(struct kunit *test)
{
	struct wk_world *world = test->priv;
	ULONG read_regs, write_regs;
	PDMA_ADAPTER read = wk_get_adapter(test, 2, SZ_64K, &read_regs);
	PDMA_ADAPTER write = wk_get_adapter(test, 1, SZ_1M, &write_regs);
	struct wk_call call;

	KUNIT_EXPECT_PTR_NE(test, read, write);
	KUNIT_EXPECT_EQ(test, read_regs, 17);
	KUNIT_EXPECT_EQ(test, write_regs, 257);

	/* One's channel is not the other's. */
	wk_calls_reset();
	wk_call_init(&call, read, KeepObject);
	read->DmaOperations->AllocateAdapterChannel(read, world->object, 1, wk_control, &call);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	wk_call_init(&call, write, DeallocateObject);
	write->DmaOperations->AllocateAdapterChannel(write, world->object, 1, wk_control, &call);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, read).sets_live, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, write).sets_live, 0);

	/* One's end is not the other's. */
	wk_put_adapter(test, write);
	KUNIT_EXPECT_EQ(test, wk_stats(test, read).sets_live, 1);
	read->DmaOperations->FreeAdapterChannel(read);
	KUNIT_EXPECT_EQ(test, wk_stats(test, read).sets_live, 0);
}

static void wk_put_twice_is_reported(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;

	wk_put_adapter(test, adapter);
	wk_expect_report(test, WD_REPORT_DEAD_ADAPTER, 1);
	ops->PutDmaAdapter(adapter);
}

static void wk_buffers_left_at_put_are_reported(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PDMA_ADAPTER other = wk_get_adapter(test, 2, SZ_64K, NULL);
	PHYSICAL_ADDRESS address;
	PVOID va;

	va = adapter->DmaOperations->AllocateCommonBuffer(adapter, PAGE_SIZE, &address, TRUE);
	KUNIT_ASSERT_NOT_NULL(test, va);
	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 1);
	wk_put_adapter(test, adapter);

	/* It is not lost: another adapter of the device can still free it. */
	wk_expect_report(test, WD_REPORT_BUFFER_ARGUMENTS, 1);
	other->DmaOperations->FreeCommonBuffer(other, PAGE_SIZE, address, va, TRUE);
}

static void wk_statistics_need_a_live_adapter(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wdmdma_adapter_stats stats = { .map_registers = WK_UNTOUCHED };

	KUNIT_EXPECT_EQ(test, wdmdma_get_adapter_stats(adapter, NULL), -EINVAL);
	wk_put_adapter(test, adapter);
	wk_expect_report(test, WD_REPORT_NULL_ADAPTER, 2);
	KUNIT_EXPECT_EQ(test, wdmdma_get_adapter_stats(NULL, &stats), -EINVAL);
	KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(NULL, 1), -EINVAL);
	wk_expect_report(test, WD_REPORT_DEAD_ADAPTER, 2);
	KUNIT_EXPECT_EQ(test, wdmdma_get_adapter_stats(adapter, &stats), -EINVAL);
	KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(adapter, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, stats.map_registers, WK_UNTOUCHED);
}

static void wk_new_adapter_has_done_nothing(struct kunit *test)
{
	ULONG regs;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, &regs);
	struct wdmdma_adapter_stats stats = wk_stats(test, adapter);
	struct wdmdma_adapter_stats expected = {
		.mapping = WDMDMA_DIRECT,
		.map_registers = regs,
		.last_address = stats.last_address,
	};

	KUNIT_EXPECT_MEMEQ(test, &stats, &expected, sizeof(stats));
}

static void wk_queries_of_a_bus_master(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	ULONG alignment = adapter->DmaOperations->GetDmaAlignment(adapter);

	/* A size and not a mask: KMDF subtracts 1 from it. */
	KUNIT_EXPECT_TRUE(test, is_power_of_2(alignment));
	KUNIT_EXPECT_EQ(test, alignment, 1);
	KUNIT_EXPECT_EQ(test, adapter->DmaOperations->ReadDmaCounter(adapter), 0);
	KUNIT_EXPECT_EQ(test, HalGetDmaAlignment(adapter), 1);
	KUNIT_EXPECT_EQ(test, HalReadDmaCounter(adapter), 0);
}

/* The module that the code under test lives in, by way of what this one depends on */
static struct module *wk_module(struct kunit *test)
{
	struct module_use *use;

	list_for_each_entry(use, &THIS_MODULE->target_list, target_list)
		if (!strcmp(use->target->name, "wdmdma"))
			return use->target;
	KUNIT_FAIL_AND_ABORT(test, "wdmdma is no module");
	return NULL;
}

/* What is put at DISPATCH_LEVEL is destroyed a little later. */
static int wk_wait_for_references(struct module *module, int count)
{
	unsigned int i;

	for (i = 0; i < 200 && module_refcount(module) != count; i++)
		msleep(20);
	return module_refcount(module);
}

static void wk_adapter_keeps_the_module(struct kunit *test)
{
	struct module *module = wk_module(test);
	int before = module_refcount(module);
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	struct platform_device *pdev = wk_add_device(test);
	PDEVICE_OBJECT object = wdmdma_get_device_object(&pdev->dev);
	PDMA_ADAPTER adapter;
	ULONG regs;

	KUNIT_EXPECT_EQ(test, module_refcount(module), before + 1);
	adapter = IoGetDmaAdapter(object, &description, &regs);
	KUNIT_ASSERT_NOT_NULL(test, adapter);
	wdmdma_put_device_object(object);
	KUNIT_EXPECT_GT(test, module_refcount(module), before);
	adapter->DmaOperations->PutDmaAdapter(adapter);
	KUNIT_EXPECT_EQ(test, wk_wait_for_references(module, before), before);
	wk_remove_device(pdev);
}

static struct kunit_case wk_adapter_cases[] = {
	KUNIT_CASE_PARAM(wk_description_is_refused, wk_refusal_gen_params),
	KUNIT_CASE(wk_address_widths_of_version_3),
	KUNIT_CASE(wk_ceiling_of_3_gib),
	KUNIT_CASE(wk_null_arguments_are_refused),
	KUNIT_CASE(wk_unknown_device_object_is_refused),
	KUNIT_CASE_PARAM(wk_registers_cover_a_transfer_at_any_offset, wk_length_gen_params),
	KUNIT_CASE(wk_registers_are_capped_by_the_pool),
	KUNIT_CASE(wk_registers_promised_are_granted),
	KUNIT_CASE(wk_old_description_ends_at_0x28),
	KUNIT_CASE(wk_description_is_not_modified),
	KUNIT_CASE(wk_garbage_of_system_dma_is_ignored),
	KUNIT_CASE(wk_adapters_of_a_device_are_independent),
	KUNIT_CASE(wk_put_twice_is_reported),
	KUNIT_CASE(wk_buffers_left_at_put_are_reported),
	KUNIT_CASE(wk_statistics_need_a_live_adapter),
	KUNIT_CASE(wk_new_adapter_has_done_nothing),
	KUNIT_CASE(wk_queries_of_a_bus_master),
	KUNIT_CASE(wk_adapter_keeps_the_module),
	{}
};

static struct kunit_suite wk_adapter_suite = {
	.name = "wdmdma_adapter",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_adapter_cases,
};

kunit_test_suite(wk_adapter_suite);
