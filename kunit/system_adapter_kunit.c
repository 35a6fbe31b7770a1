// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adapters for system DMA: which channel serves them, and what they say of it.
 */
#include <linux/dma-mapping.h>
#include <linux/sizes.h>

#include "system.h"

static PDMA_ADAPTER wk_get(struct kunit *test, DEVICE_DESCRIPTION description)
{
	return wk_get_described_adapter(test, &description, NULL);
}

static void unknown_line_is_null(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_sys_description(3);

	/* Nothing is bound at all, then other lines are. */
	KUNIT_EXPECT_NULL(test, wk_get(test, description));
	wk_sys_bind(test, (struct wk_dma_kind){});
	description.DmaRequestLine = 0x1000;
	KUNIT_EXPECT_NULL(test, wk_get(test, description));
	description.DmaRequestLine = WK_LINE_RX;
	description.DmaChannel = WK_CHANNEL_TX;
	KUNIT_EXPECT_NULL(test, wk_get(test, description));
	description.DmaRequestLine = WK_LINE_TX;
	KUNIT_EXPECT_NOT_NULL(test, wk_get(test, description));
	description.Version = 4;
	KUNIT_EXPECT_NULL(test, wk_get(test, description));
}

static void tables_by_version(struct kunit *test)
{
	static const ULONG sizes[] = { 104, 104, 128, 320 };
	ULONG version;

	wk_sys_bind(test, (struct wk_dma_kind){});
	for (version = 0; version <= 3; version++) {
		PDMA_ADAPTER adapter = wk_get(test, wk_sys_description(version));

		KUNIT_ASSERT_NOT_NULL(test, adapter);
		KUNIT_EXPECT_EQ(test, adapter->DmaOperations->Size, sizes[version]);
		KUNIT_EXPECT_EQ(test, adapter->Version, 1);
	}
}

static void old_versions_name_the_channel(struct kunit *test)
{
	struct wk_dma *dma = wk_sys_bind(test, (struct wk_dma_kind){});
	DEVICE_DESCRIPTION description = wk_sys_description(2);
	struct wk_sys sys;
	ULONG length = 16;
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);
	PMDL mdl = wk_mdl(test, buffer, 0, 16);
	PVOID base;

	/* What lies behind the end of an older description is not looked at. */
	description.DmaRequestLine = 0x1000;
	description.DmaChannel = WK_CHANNEL_TX;
	sys = wk_sys_of(test, dma, description);
	base = wk_sys_own_v1(&sys);
	sys.ops->MapTransfer(sys.adapter, mdl, base, MmGetMdlVirtualAddress(mdl), &length, TRUE);
	KUNIT_EXPECT_TRUE(test, wk_dma_is_busy(&dma->chans[WK_CHANNEL_TX]));
	KUNIT_EXPECT_EQ(test, sys.chan->config.dst_addr, 0);
	wk_dma_complete(test, sys.chan);
	sys.ops->FlushAdapterBuffers(sys.adapter, mdl, base, MmGetMdlVirtualAddress(mdl), 16, TRUE);
	wk_sys_free(&sys);
	description.DmaChannel = 2;
	KUNIT_EXPECT_NULL(test, wk_get(test, description));
}

static void binding_says_what_is_wrong(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wdmdma_dma_binding binding = {
		.request_line = 1,
		.channel = 1,
		.name = "rx",
	};
	DEVICE_OBJECT unknown = {};
	struct wk_dma *dma;

	KUNIT_EXPECT_EQ(test, wdmdma_bind_dma_channel(world->object, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, wdmdma_bind_dma_channel(&unknown, &binding), -EINVAL);
	KUNIT_EXPECT_EQ(test, wdmdma_bind_dma_channel(NULL, &binding), -EINVAL);
	/* The controller is not there yet, and then it is. */
	KUNIT_EXPECT_EQ(test, wdmdma_bind_dma_channel(world->object, &binding), -EPROBE_DEFER);
	dma = wk_dma_add(test, world->dev, (struct wk_dma_kind){});
	KUNIT_EXPECT_EQ(test, wdmdma_bind_dma_channel(world->object, &binding), 0);
	KUNIT_EXPECT_EQ(test, wdmdma_bind_dma_channel(world->object, &binding), -EEXIST);
	KUNIT_EXPECT_EQ(test, dma->chans[0].chan.client_count, 1);
	/* Without name and channel it is ACPI's to say, of which there is none. */
	binding = (struct wdmdma_dma_binding){ .request_line = 9 };
	KUNIT_EXPECT_EQ(test, wdmdma_bind_dma_channel(world->object, &binding), -ENODEV);
}

static void a_channel_in_use_defers(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wdmdma_dma_binding binding = { .request_line = 1, .name = "rx" };
	struct dma_chan *chan;

	wk_dma_add(test, world->dev, (struct wk_dma_kind){});
	chan = dma_request_chan(world->dev, "rx");
	KUNIT_ASSERT_FALSE(test, IS_ERR(chan));
	KUNIT_EXPECT_LT(test, wdmdma_bind_dma_channel(world->object, &binding), 0);
	dma_release_channel(chan);
	KUNIT_EXPECT_EQ(test, wdmdma_bind_dma_channel(world->object, &binding), 0);
}

static void channels_are_released_with_the_object(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wk_dma *dma = wk_sys_bind(test, (struct wk_dma_kind){});
	PDMA_ADAPTER adapter = wk_get(test, wk_sys_description(3));

	KUNIT_ASSERT_NOT_NULL(test, adapter);
	wk_put_adapter(test, adapter);
	KUNIT_EXPECT_EQ(test, dma->chans[0].chan.client_count, 1);
	wdmdma_put_device_object(world->object);
	world->object = NULL;
	KUNIT_EXPECT_TRUE(test, wk_wait_for(!dma->chans[0].chan.client_count));
	KUNIT_EXPECT_TRUE(test, wk_wait_for(!dma->chans[1].chan.client_count));
}

static void a_channel_of_the_callers(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wk_dma *dma = wk_dma_add(test, world->dev, (struct wk_dma_kind){});
	struct dma_chan *chan = dma_request_chan(world->dev, "tx");
	const struct wdmdma_dma_binding binding = {
		.request_line = WK_LINE_RX,
		.channel = WK_CHANNEL_RX,
		.chan = chan,
	};

	KUNIT_ASSERT_FALSE(test, IS_ERR(chan));
	KUNIT_ASSERT_EQ(test, wdmdma_bind_dma_channel(world->object, &binding), 0);
	KUNIT_EXPECT_NOT_NULL(test, wk_get(test, wk_sys_description(3)));
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind(test);
	/* It was not wdmdma's to release. */
	KUNIT_EXPECT_EQ(test, dma->chans[1].chan.client_count, 1);
	dma_release_channel(chan);
}

static void widths(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_sys_description(3);
	unsigned int i;

	wk_sys_bind(test, (struct wk_dma_kind){ .widths = BIT(4) });
	for (i = 0; i < 6; i++) {
		description.DmaWidth = i;
		KUNIT_EXPECT_EQ(test, !!wk_get(test, description), i == Width32Bits);
	}
}

static void isa_channels_have_one_width(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wdmdma_dma_binding binding = { .request_line = 5, .name = "rx" };
	DEVICE_DESCRIPTION description = wk_sys_description(2);
	ULONG channel;

	wk_dma_add(test, world->dev, (struct wk_dma_kind){});
	for (channel = 0; channel < 9; channel++) {
		binding.channel = channel;
		KUNIT_ASSERT_EQ(test, wdmdma_bind_dma_channel(world->object, &binding), 0);
	}
	description.InterfaceType = Isa;
	for (channel = 0; channel < 9; channel++) {
		PDMA_ADAPTER adapter;

		description.DmaChannel = channel;
		description.DmaWidth = Width8Bits;
		adapter = wk_get(test, description);
		KUNIT_EXPECT_EQ(test, !!adapter, channel < 4);
		if (adapter)
			wk_put_adapter(test, adapter);
		description.DmaWidth = Width16Bits;
		adapter = wk_get(test, description);
		KUNIT_EXPECT_EQ(test, !!adapter, channel > 4 && channel < 8);
		if (adapter)
			wk_put_adapter(test, adapter);
	}
}

static void looping_must_be_possible(struct kunit *test)
{
	static const struct wk_dma_kind kinds[] = {
		{ .no_cyclic = true },
		{ .no_terminate = true },
	};
	struct wk_world *world = test->priv;
	DEVICE_DESCRIPTION description = wk_sys_description(3);
	struct wdmdma_dma_binding binding = { .request_line = WK_LINE_RX };
	struct dma_chan *chans[ARRAY_SIZE(kinds)];
	unsigned int i;

	description.AutoInitialize = TRUE;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		wk_dma_add(test, world->dev, kinds[i]);
		chans[i] = dma_request_chan(world->dev, "rx");
		KUNIT_ASSERT_FALSE(test, IS_ERR(chans[i]));
		binding.channel = i;
		binding.chan = chans[i];
		KUNIT_ASSERT_EQ(test, wdmdma_bind_dma_channel(world->object, &binding), 0);
		description.DmaChannel = i;
		KUNIT_EXPECT_NULL(test, wk_get(test, description));
	}
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind(test);
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		dma_release_channel(chans[i]);
}

static DMA_ADAPTER_INFO_V1 wk_info(struct kunit *test, PDMA_ADAPTER adapter)
{
	DMA_ADAPTER_INFO info = { .Version = 1 };

	KUNIT_ASSERT_NOT_NULL(test, adapter);
	KUNIT_ASSERT_EQ(test, adapter->DmaOperations->GetDmaAdapterInfo(adapter, &info),
			STATUS_SUCCESS);
	return info.V1;
}

static void info_is_the_controllers(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_sys_description(3);
	DMA_ADAPTER_INFO_V1 info;

	wk_sys_bind(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_SEGMENT,
		.max_sg_burst = 5,
		.mask = DMA_BIT_MASK(40),
	});
	description.DmaWidth = Width32Bits;
	info = wk_info(test, wk_get(test, description));
	KUNIT_EXPECT_EQ(test, info.ReadDmaCounterAvailable, TRUE);
	KUNIT_EXPECT_EQ(test, info.ScatterGatherLimit, 5);
	KUNIT_EXPECT_EQ(test, info.DmaAddressWidth, 40);
	KUNIT_EXPECT_EQ(test, info.MinimumTransferUnit, 4);
	KUNIT_EXPECT_EQ(test, info.Flags, 0);
	description.IgnoreCount = TRUE;
	info = wk_info(test, wk_get(test, description));
	KUNIT_EXPECT_EQ(test, info.ReadDmaCounterAvailable, FALSE);
}

static void info_of_one_that_does_not_count(struct kunit *test)
{
	DMA_ADAPTER_INFO_V1 info;

	wk_sys_bind(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_DESCRIPTOR });
	info = wk_info(test, wk_get(test, wk_sys_description(3)));
	KUNIT_EXPECT_EQ(test, info.ReadDmaCounterAvailable, FALSE);
	KUNIT_EXPECT_EQ(test, info.ScatterGatherLimit, MAXULONG);
}

static void info_of_one_that_says_nothing(struct kunit *test)
{
	DMA_ADAPTER_INFO_V1 info;

	wk_sys_bind(test, (struct wk_dma_kind){
		.no_caps = true,
		.granularity = DMA_RESIDUE_GRANULARITY_BURST });
	info = wk_info(test, wk_get(test, wk_sys_description(3)));
	KUNIT_EXPECT_EQ(test, info.ReadDmaCounterAvailable, FALSE);
	KUNIT_EXPECT_EQ(test, info.ScatterGatherLimit, MAXULONG);
	KUNIT_EXPECT_EQ(test, info.MinimumTransferUnit, 1);
}

static void registers(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_sys_description(3);
	ULONG regs;

	wk_sys_bind(test, (struct wk_dma_kind){});
	description.ScatterGather = TRUE;	/* ignored */
	KUNIT_ASSERT_NOT_NULL(test, wk_get_described_adapter(test, &description, &regs));
	KUNIT_EXPECT_EQ(test, regs, 17);
	description.MaximumLength = 0;
	KUNIT_ASSERT_NOT_NULL(test, wk_get_described_adapter(test, &description, &regs));
	KUNIT_EXPECT_EQ(test, regs, 2);
	description.MaximumLength = 0xFFFFFFFF;
	KUNIT_ASSERT_NOT_NULL(test, wk_get_described_adapter(test, &description, &regs));
	KUNIT_EXPECT_EQ(test, regs, 4097);
}

static void registers_of_one_element(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_sys_description(3);
	ULONG regs;

	wk_sys_bind(test, (struct wk_dma_kind){ .max_sg_burst = 1, .max_segment = SZ_16K });
	KUNIT_ASSERT_NOT_NULL(test, wk_get_described_adapter(test, &description, &regs));
	KUNIT_EXPECT_EQ(test, regs, 4);
}

static void common_buffers_are_the_controllers(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, (struct wk_dma_kind){ .mask = DMA_BIT_MASK(36) });
	PDMA_ADAPTER master = wk_get_adapter(test, 3, SZ_64K, NULL);
	PHYSICAL_ADDRESS address, max = { .QuadPart = DMA_BIT_MASK(34) };
	u64 mask = sys.dma->pdev->dev.coherent_dma_mask;
	struct wk_call call;
	NTSTATUS status;
	PVOID va;
	PMDL mdl;

	va = sys.ops->AllocateCommonBuffer(sys.adapter, SZ_8K, &address, TRUE);
	KUNIT_ASSERT_NOT_NULL(test, va);
	sys.ops->FreeCommonBuffer(sys.adapter, SZ_8K, address, va, TRUE);
	va = sys.ops->AllocateCommonBufferEx(sys.adapter, &max, SZ_8K, &address, TRUE, -1);
	KUNIT_ASSERT_NOT_NULL(test, va);
	/* The mask is the controller's own. */
	KUNIT_EXPECT_EQ(test, sys.dma->pdev->dev.coherent_dma_mask, mask);

	/* To the bus master beside it this is memory like any other, and is mapped. */
	mdl = IoAllocateMdl(va, SZ_8K, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	wk_call_init(&call, master, DeallocateObject);
	status = master->DmaOperations->GetScatterGatherList(master, sys.object, mdl, va, SZ_8K,
							     wk_list_control, &call, TRUE);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_stats(test, master).common_maps, 0);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	if (call.count)
		master->DmaOperations->PutScatterGatherList(master, call.list, TRUE);
	IoFreeMdl(mdl);
	sys.ops->FreeCommonBuffer(sys.adapter, SZ_8K, address, va, TRUE);
}

static void masks_of_the_device_stay(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct device *dev = world->dev;
	u64 mask = dma_get_mask(dev);
	unsigned int max_seg = dma_get_max_seg_size(dev);
	struct wk_sys sys = wk_sys(test, (struct wk_dma_kind){ .mask = DMA_BIT_MASK(40) });

	KUNIT_EXPECT_EQ(test, dma_get_mask(dev), mask);
	KUNIT_EXPECT_EQ(test, dma_get_max_seg_size(dev), max_seg);
	KUNIT_EXPECT_EQ(test, dma_get_max_seg_size(&sys.dma->pdev->dev), SZ_64K);
	KUNIT_EXPECT_EQ(test, wk_stats(test, sys.adapter).last_address, DMA_BIT_MASK(40));
	KUNIT_EXPECT_EQ(test, sys.ops->GetDmaAlignment(sys.adapter), 1);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(unknown_line_is_null),
	KUNIT_CASE(tables_by_version),
	KUNIT_CASE(old_versions_name_the_channel),
	KUNIT_CASE(binding_says_what_is_wrong),
	KUNIT_CASE(a_channel_in_use_defers),
	KUNIT_CASE(channels_are_released_with_the_object),
	KUNIT_CASE(a_channel_of_the_callers),
	KUNIT_CASE(widths),
	KUNIT_CASE(isa_channels_have_one_width),
	KUNIT_CASE(looping_must_be_possible),
	KUNIT_CASE(info_is_the_controllers),
	KUNIT_CASE(info_of_one_that_does_not_count),
	KUNIT_CASE(info_of_one_that_says_nothing),
	KUNIT_CASE(registers),
	KUNIT_CASE(registers_of_one_element),
	KUNIT_CASE(common_buffers_are_the_controllers),
	KUNIT_CASE(masks_of_the_device_stay),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_system_adapter",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
