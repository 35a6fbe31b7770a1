// SPDX-License-Identifier: GPL-2.0-only
/*
 * What system DMA is limited by: registers, the controller's elements and segments; transfers of
 * common buffers, which need no registers; and the members of a description that say nothing.
 */
#include <linux/sizes.h>

#include "system.h"

/* A common buffer of an adapter's, and an MDL of it */
struct wk_common {
	struct wk_sys sys;
	u8 *va;
	PHYSICAL_ADDRESS address;
	PMDL mdl;
	PVOID base;
	u32 bytes;
};

static struct wk_common wk_common(struct kunit *test, struct wk_dma_kind kind, u32 maximum_length,
				  u32 bytes)
{
	DEVICE_DESCRIPTION description = wk_sys_description(3);
	struct wk_common common = { .bytes = bytes };

	description.MaximumLength = maximum_length;
	common.sys = wk_sys_of(test, wk_sys_bind(test, kind), description);
	common.va = common.sys.ops->AllocateCommonBuffer(common.sys.adapter, bytes, &common.address,
							 TRUE);
	KUNIT_ASSERT_NOT_NULL(test, common.va);
	wk_fill(common.va, bytes, 3);
	common.mdl = IoAllocateMdl(common.va, bytes, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, common.mdl);
	MmBuildMdlForNonPagedPool(common.mdl);
	common.base = wk_sys_own(&common.sys);
	return common;
}

static void wk_common_end(struct wk_common *common)
{
	struct wk_sys *sys = &common->sys;

	wk_sys_free(sys);
	IoFreeMdl(common->mdl);
	sys->ops->FreeCommonBuffer(sys->adapter, common->bytes, common->address, common->va, TRUE);
}

static struct wk_dma_desc *wk_in_hand(struct wk_sys *sys)
{
	return list_first_entry_or_null(&sys->chan->issued, struct wk_dma_desc, node);
}

/* A packet from a common buffer: its own address, nothing mapped, nothing copied. */
static void packets_of_a_common_buffer(struct kunit *test)
{
	struct wk_common common = wk_common(test, (struct wk_dma_kind){}, SZ_64K, SZ_16K);
	struct wk_sys *sys = &common.sys;
	u32 mappings = wk_mappings(test);
	ULONG length = 5000;
	struct wk_dma_desc *desc;

	KUNIT_EXPECT_EQ(test, wk_sys_map(sys, common.base, common.mdl, 100, &length, true, NULL),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, length, 5000);
	desc = wk_in_hand(sys);
	KUNIT_ASSERT_NOT_NULL(test, desc);
	KUNIT_EXPECT_EQ(test, desc->nr_segments, 1);
	KUNIT_EXPECT_EQ(test, desc->segments[0].address, common.address.QuadPart + 100);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	wk_dma_complete(test, sys->chan);
	wk_sys_flush(sys, common.base, common.mdl, 100, length, true);
	KUNIT_EXPECT_EQ(test, memcmp(sys->dma->memory, common.va + 100, 5000), 0);

	/* The other way, by MapTransfer: what arrives is there before the flush. */
	length = SZ_8K;
	sys->ops->MapTransfer(sys->adapter, common.mdl, common.base,
			      MmGetMdlVirtualAddress(common.mdl), &length, FALSE);
	KUNIT_EXPECT_EQ(test, length, SZ_8K);
	wk_dma_complete(test, sys->chan);
	KUNIT_EXPECT_EQ(test, memcmp(common.va, sys->dma->memory + 5000, SZ_8K), 0);
	wk_fill(common.va, SZ_16K, 4);
	sys->ops->FlushAdapterBuffers(sys->adapter, common.mdl, common.base,
				      MmGetMdlVirtualAddress(common.mdl), length, FALSE);
	wk_expect_pattern(test, common.va, SZ_16K, 4);
	KUNIT_EXPECT_EQ(test, wk_stats(test, sys->adapter).common_maps, 2);
	wk_common_end(&common);
}

/* All of what is told to be mapped is in the controller's list. */
static void wk_expect_moved(struct kunit *test, struct wk_common *common, ULONG length)
{
	struct wk_sys *sys = &common->sys;

	KUNIT_EXPECT_EQ(test, wk_dma_move(test, sys->chan, U32_MAX), length);
	wk_dma_callback(test, sys->chan, DMA_TRANS_NOERROR);
	wk_sys_flush(sys, common->base, common->mdl, 0, length, true);
	KUNIT_EXPECT_EQ(test, memcmp(sys->dma->memory, common->va, length), 0);
}

/* A common buffer is one element to the driver, and as many to the controller as it needs. */
static void a_common_buffer_is_cut(struct kunit *test)
{
	struct wk_common common = wk_common(test, (struct wk_dma_kind){ .max_segment = SZ_8K },
					    SZ_64K, 5 * PAGE_SIZE);
	ULONG length = 5 * PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, wk_sys_map(&common.sys, common.base, common.mdl, 0, &length, true,
					 NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, length, 5 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, common.sys.chan->seen_nents, 3);
	wk_expect_moved(test, &common, length);
	wk_common_end(&common);
}

/* ... but not more than it takes at once: the rest is the driver's to map next. */
static void a_common_buffer_in_parts(struct kunit *test)
{
	struct wk_common common = wk_common(test, (struct wk_dma_kind){
		.max_segment = SZ_8K,
		.max_sg_burst = 2,
	}, SZ_64K, 5 * PAGE_SIZE);
	ULONG length = 5 * PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, wk_sys_map(&common.sys, common.base, common.mdl, 0, &length, true,
					 NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, length, 4 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, common.sys.chan->seen_nents, 2);
	wk_expect_moved(test, &common, length);
	wk_common_end(&common);
}

/* Nor more than there is room for in the list that was made with the adapter. */
static void more_than_the_registers(struct kunit *test)
{
	struct wk_common common = wk_common(test, (struct wk_dma_kind){ .max_segment = SZ_4K }, 0,
					    5 * PAGE_SIZE);
	ULONG length = 5 * PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, common.sys.regs, 2);
	KUNIT_EXPECT_EQ(test, wk_sys_map(&common.sys, common.base, common.mdl, 0, &length, true,
					 NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, length, 2 * PAGE_SIZE);
	wk_expect_moved(test, &common, length);
	wk_common_end(&common);
}

/* A set of fewer registers than the request has pages: as many as there are, and then the rest. */
static void as_many_as_the_set_has(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, (struct wk_dma_kind){});
	struct wk_buffer *buffer = wk_alloc_scattered(test, 5);
	PMDL mdl = wk_mdl(test, buffer, 0, 5 * PAGE_SIZE);
	u32 offset, rounds = 0;
	ULONG length;
	PVOID base;

	KUNIT_ASSERT_EQ(test, wk_sys_try(&sys, &sys.context, 2, &base), STATUS_SUCCESS);
	for (offset = 0; offset < 5 * PAGE_SIZE; offset += length) {
		length = 5 * PAGE_SIZE - offset;
		KUNIT_ASSERT_EQ(test, wk_sys_map(&sys, base, mdl, offset, &length, true, NULL),
				STATUS_SUCCESS);
		KUNIT_ASSERT_LE(test, length, 2 * PAGE_SIZE);
		KUNIT_ASSERT_NE(test, length, 0);
		wk_dma_complete(test, sys.chan);
		wk_sys_flush(&sys, base, mdl, offset, length, true);
		rounds++;
	}
	KUNIT_EXPECT_EQ(test, rounds, 3);
	KUNIT_EXPECT_EQ(test, memcmp(sys.dma->memory, buffer->va, 5 * PAGE_SIZE), 0);
	wk_sys_free(&sys);
}

/* All of the register's address may be in DeviceOffset. */
static void an_offset_is_the_address(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_sys_description(3);
	PMDL mdl = wk_mdl(test, wk_alloc_contiguous(test, 1), 0, 64);
	ULONG length = 64;
	struct wk_sys sys;
	NTSTATUS status;
	PVOID base;

	description.DeviceAddress.QuadPart = 0;
	sys = wk_sys_of(test, wk_sys_bind(test, (struct wk_dma_kind){}), description);
	base = wk_sys_own(&sys);
	status = sys.ops->MapTransferEx(sys.adapter, mdl, base, 0, WK_DMA_REGISTER, &length, FALSE,
					NULL, 0, NULL, NULL);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, sys.chan->config.src_addr, WK_DMA_REGISTER);
	wk_dma_complete(test, sys.chan);
	wk_sys_flush(&sys, base, mdl, 0, length, false);
	wk_sys_free(&sys);
}

/* What means nothing for system DMA, set to what would be wrong for a bus master */
static void members_that_say_nothing(struct kunit *test)
{
	struct wk_dma *dma = wk_sys_bind(test, (struct wk_dma_kind){});
	struct wk_sys plain = wk_sys_of(test, dma, wk_sys_description(3)), odd;
	DEVICE_DESCRIPTION description = wk_sys_description(3);
	PMDL mdl = wk_mdl(test, wk_alloc_contiguous(test, 1), 0, 64);
	ULONG length = 64;
	PVOID base;

	description.DemandMode = FALSE;
	description.ScatterGather = TRUE;
	description.Dma32BitAddresses = TRUE;
	description.Dma64BitAddresses = TRUE;
	description.BusNumber = 77;
	description.DmaSpeed = MaximumDmaSpeed;
	description.DmaPort = 99;
	description.DmaAddressWidth = 3;
	description.DmaControllerInstance = 5;
	odd = wk_sys_of(test, dma, description);
	KUNIT_EXPECT_EQ(test, odd.regs, plain.regs);
	KUNIT_EXPECT_EQ(test, wk_stats(test, odd.adapter).last_address,
			wk_stats(test, plain.adapter).last_address);
	base = wk_sys_own(&odd);
	KUNIT_EXPECT_EQ(test, wk_sys_map(&odd, base, mdl, 0, &length, true, NULL), STATUS_SUCCESS);
	wk_dma_complete(test, odd.chan);
	wk_sys_flush(&odd, base, mdl, 0, length, true);
	wk_sys_free(&odd);
}

/* The oldest description has no IgnoreCount yet. */
static void version_0_counts(struct kunit *test)
{
	struct wk_dma *dma = wk_sys_bind(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST });
	PMDL mdl = wk_mdl(test, wk_alloc_contiguous(test, 1), 0, 1000);
	ULONG version;

	for (version = 0; version <= 3; version++) {
		DEVICE_DESCRIPTION description = wk_sys_description(version);
		ULONG length = 1000;
		struct wk_sys sys;
		PVOID base;

		description.IgnoreCount = TRUE;
		sys = wk_sys_of(test, dma, description);
		base = wk_sys_own_v1(&sys);
		sys.ops->MapTransfer(sys.adapter, mdl, base, MmGetMdlVirtualAddress(mdl), &length,
				     TRUE);
		KUNIT_EXPECT_EQ(test, length, 1000);
		wk_dma_move(test, sys.chan, 300);
		KUNIT_EXPECT_EQ(test, sys.ops->ReadDmaCounter(sys.adapter), version ? 1000 : 700);
		wk_dma_complete(test, sys.chan);
		sys.ops->FlushAdapterBuffers(sys.adapter, mdl, base, MmGetMdlVirtualAddress(mdl),
					     length, TRUE);
		wk_sys_free(&sys);
	}
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(packets_of_a_common_buffer),
	KUNIT_CASE(a_common_buffer_is_cut),
	KUNIT_CASE(a_common_buffer_in_parts),
	KUNIT_CASE(more_than_the_registers),
	KUNIT_CASE(as_many_as_the_set_has),
	KUNIT_CASE(an_offset_is_the_address),
	KUNIT_CASE(members_that_say_nothing),
	KUNIT_CASE(version_0_counts),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_system_limits",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
