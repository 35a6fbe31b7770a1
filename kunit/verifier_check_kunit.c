// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the verifier reports of channels, registers, transfers and lists: each row of the test
 * matrix of verifier.md that is about them. With the verifier off the rows that are not "always"
 * give no record; the call itself ends in the same way.
 */
#include "verifier.h"

#define WK_PAGES	4

/* An adapter with an MDL, and calls on both at DISPATCH_LEVEL */
struct wk_case {
	struct kunit *test;
	PDMA_ADAPTER adapter;
	PDMA_OPERATIONS ops;
	ULONG regs;
	struct wk_buffer *memory;
	PMDL mdl;
	u8 *va;				/* of the MDL's first byte */
	PVOID base;
	PSCATTER_GATHER_LIST list;
	u64 before;			/* the last record */
};

static struct wk_case wk_case(struct kunit *test, ULONG version)
{
	struct wk_case c = { .test = test };

	c.adapter = wk_get_adapter(test, version, WK_PAGES * PAGE_SIZE, &c.regs);
	c.ops = c.adapter->DmaOperations;
	c.memory = wk_alloc_scattered(test, WK_PAGES);
	c.mdl = wk_mdl(test, c.memory, 0, WK_PAGES * PAGE_SIZE);
	c.va = MmGetMdlVirtualAddress(c.mdl);
	c.before = wk_last_violation();
	return c;
}

/* One report, of this code and routine; with these parameters, where they are not -1 */
static void wk_one(struct wk_case *c, u32 code, const char *routine, u64 p2, u64 p3)
{
	struct wdmdma_violation found = wk_expect_violation(c->test, c->before, code, routine);

	if (p2 != U64_MAX)
		KUNIT_EXPECT_EQ(c->test, found.params[0], p2);
	if (p3 != U64_MAX)
		KUNIT_EXPECT_EQ(c->test, found.params[1], p3);
	wk_expect_report(c->test, code, 1);
}

static IO_ALLOCATION_ACTION wk_keep_registers(PDEVICE_OBJECT object, PIRP irp, PVOID base,
					      PVOID context)
{
	struct wk_case *c = context;

	c->base = base;
	return DeallocateObjectKeepRegisters;
}

static IO_ALLOCATION_ACTION wk_keep_channel(PDEVICE_OBJECT object, PIRP irp, PVOID base,
					    PVOID context)
{
	struct wk_case *c = context;

	c->base = base;
	return KeepObject;
}

static NTSTATUS wk_take(struct wk_case *c, PDEVICE_OBJECT object, ULONG regs,
			PDRIVER_CONTROL control)
{
	NTSTATUS status;

	local_bh_disable();
	status = c->ops->AllocateAdapterChannel(c->adapter, object, regs, control, c);
	local_bh_enable();
	return status;
}

static ULONG wk_map(struct wk_case *c, size_t offset, ULONG bytes)
{
	local_bh_disable();
	c->ops->MapTransfer(c->adapter, c->mdl, c->base, c->va + offset, &bytes, TRUE);
	local_bh_enable();
	return bytes;
}

static BOOLEAN wk_flush(struct wk_case *c, size_t offset, ULONG bytes, BOOLEAN to_device)
{
	BOOLEAN flushed;

	local_bh_disable();
	flushed = c->ops->FlushAdapterBuffers(c->adapter, c->mdl, c->base, c->va + offset, bytes,
					      to_device);
	local_bh_enable();
	return flushed;
}

static void wk_free(struct wk_case *c, ULONG regs)
{
	local_bh_disable();
	c->ops->FreeMapRegisters(c->adapter, c->base, regs);
	local_bh_enable();
}

static void wk_have_list(PDEVICE_OBJECT object, PIRP irp, PSCATTER_GATHER_LIST list, PVOID context)
{
	struct wk_case *c = context;

	c->list = list;
}

static NTSTATUS wk_list(struct wk_case *c, ptrdiff_t offset, ULONG bytes)
{
	NTSTATUS status;

	local_bh_disable();
	status = c->ops->GetScatterGatherList(c->adapter, NULL, c->mdl, c->va + offset, bytes,
					      wk_have_list, c, TRUE);
	local_bh_enable();
	return status;
}

static void wk_put(struct wk_case *c, BOOLEAN to_device)
{
	local_bh_disable();
	c->ops->PutScatterGatherList(c->adapter, c->list, to_device);
	local_bh_enable();
}

/* Rows 12: too many registers; and as many as there are, but not at once */
static void registers(struct kunit *test)
{
	struct wk_case c = wk_case(test, DEVICE_DESCRIPTION_VERSION), d;

	KUNIT_EXPECT_EQ(test, wk_take(&c, NULL, c.regs + 1, wk_keep_registers),
			STATUS_INSUFFICIENT_RESOURCES);
	wk_one(&c, WD_REPORT_TOO_MANY_REGS, "AllocateAdapterChannel", c.regs + 1, c.regs);

	KUNIT_ASSERT_EQ(test, wk_take(&c, NULL, c.regs, wk_keep_registers), STATUS_SUCCESS);
	wk_free(&c, c.regs);

	/* On Windows it waits: told at level 2 alone */
	wk_set_verifier(test, &(struct wdmdma_verifier){ .level = 2 });
	c = wk_case(test, DEVICE_DESCRIPTION_VERSION);
	KUNIT_ASSERT_EQ(test, wk_take(&c, NULL, c.regs, wk_keep_registers), STATUS_SUCCESS);
	d = c;
	d.before = wk_last_violation();
	KUNIT_ASSERT_EQ(test, wk_take(&d, NULL, 1, wk_keep_registers), STATUS_SUCCESS);
	wk_one(&d, WD_REPORT_REGS_HELD, "AllocateAdapterChannel", c.regs + 1, c.regs);
	wk_free(&c, c.regs);
	wk_free(&d, 1);
}

static void a_second_channel(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wk_case c = wk_case(test, DEVICE_DESCRIPTION_VERSION);

	KUNIT_ASSERT_EQ(test, wk_take(&c, world->object, 1, wk_keep_channel), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_take(&c, world->object, 1, wk_keep_registers), STATUS_SUCCESS);
	wk_one(&c, WD_REPORT_CHANNELS_HELD, "AllocateAdapterChannel", 1, U64_MAX);
	local_bh_disable();
	c.ops->FreeAdapterChannel(c.adapter);
	local_bh_enable();
	wk_free(&c, 1);
}

/* Rows 13 to 16, and the other direction */
static void transfers(struct kunit *test)
{
	struct wk_case c = wk_case(test, DEVICE_DESCRIPTION_VERSION);
	struct wdmdma_violation found;

	KUNIT_ASSERT_EQ(test, wk_take(&c, NULL, 4, wk_keep_registers), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, wk_flush(&c, 0, 100, TRUE));
	wk_one(&c, WD_REPORT_FLUSH_NOTHING, "FlushAdapterBuffers", (uintptr_t)c.base,
	       (uintptr_t)c.va);

	KUNIT_EXPECT_EQ(test, wk_map(&c, 0, 200), 200);
	c.before = wk_last_violation();
	KUNIT_EXPECT_EQ(test, wk_map(&c, 100, 200), 200);
	found = wk_expect_violation(test, c.before, WD_REPORT_MAPPED_TWICE, "MapTransfer");
	KUNIT_EXPECT_EQ(test, found.params[0], (uintptr_t)c.va + 100);
	KUNIT_EXPECT_EQ(test, found.params[1], (uintptr_t)c.va + 300);
	KUNIT_EXPECT_EQ(test, found.params[2], (uintptr_t)c.va);
	wk_expect_report(test, WD_REPORT_MAPPED_TWICE, 1);

	c.before = wk_last_violation();
	KUNIT_EXPECT_TRUE(test, wk_flush(&c, 2 * PAGE_SIZE, 100, TRUE));
	wk_one(&c, WD_REPORT_FLUSH_OTHER, "FlushAdapterBuffers", (uintptr_t)c.base, U64_MAX);

	c.before = wk_last_violation();
	KUNIT_EXPECT_TRUE(test, wk_flush(&c, 100, 200, FALSE));
	wk_one(&c, WD_REPORT_DIRECTION, "FlushAdapterBuffers", 1, 0);

	c.before = wk_last_violation();
	KUNIT_EXPECT_TRUE(test, wk_flush(&c, 0, 201, TRUE));
	found = wk_expect_violation(test, c.before, WD_REPORT_MISC, "FlushAdapterBuffers");
	KUNIT_EXPECT_EQ(test, found.params[0], 1);
	KUNIT_EXPECT_EQ(test, found.params[1], WK_PAGES * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, found.params[2], 1);
	wk_expect_report(test, WD_REPORT_MISC, 1);

	KUNIT_EXPECT_EQ(test, wk_map(&c, PAGE_SIZE, 300), 300);
	c.before = wk_last_violation();
	wk_free(&c, 4);
	wk_one(&c, WD_REPORT_FREED_MAPPED, "FreeMapRegisters", 1, U64_MAX);
	wk_one(&c, WD_REPORT_NOT_FLUSHED, "FreeMapRegisters", 300, (u64)c.regs * PAGE_SIZE);
}

/* Rows 18 and 19 for MapTransfer */
static void outside_of_the_mdl(struct kunit *test)
{
	struct wk_case c = wk_case(test, DEVICE_DESCRIPTION_VERSION);

	KUNIT_ASSERT_EQ(test, wk_take(&c, NULL, 4, wk_keep_registers), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_map(&c, -1, 100), 0);
	wk_one(&c, WD_REPORT_NOT_IN_MDL, "MapTransfer", U64_MAX, U64_MAX);
	c.before = wk_last_violation();
	KUNIT_EXPECT_EQ(test, wk_map(&c, WK_PAGES * PAGE_SIZE, 100), 0);
	wk_one(&c, WD_REPORT_NOT_IN_MDL, "MapTransfer", U64_MAX, U64_MAX);
	c.before = wk_last_violation();
	KUNIT_EXPECT_GT(test, wk_map(&c, 3 * PAGE_SIZE, PAGE_SIZE + 1), 0);
	wk_one(&c, WD_REPORT_BAD_BUFFER, "MapTransfer", 3, (uintptr_t)c.mdl);
	wk_flush(&c, 3 * PAGE_SIZE, PAGE_SIZE, TRUE);
	wk_free(&c, 4);
}

/* Rows 17 to 19 for lists, and more registers than there are */
static void lists(struct kunit *test)
{
	struct wk_case c = wk_case(test, DEVICE_DESCRIPTION_VERSION2);
	struct wk_buffer *large = wk_alloc_contiguous(test, c.regs + 1);
	u8 small[sizeof(SCATTER_GATHER_LIST)];

	KUNIT_EXPECT_EQ(test, wk_list(&c, 0, 0), STATUS_INVALID_PARAMETER);
	wk_one(&c, WD_REPORT_ZERO_LENGTH, "GetScatterGatherList", U64_MAX, U64_MAX);
	c.before = wk_last_violation();
	KUNIT_EXPECT_EQ(test, wk_list(&c, -1, 100), STATUS_INVALID_PARAMETER);
	wk_one(&c, WD_REPORT_BAD_BUFFER, "GetScatterGatherList", 1, (uintptr_t)c.va - 1);
	c.before = wk_last_violation();
	KUNIT_EXPECT_FALSE(test, NT_SUCCESS(wk_list(&c, WK_PAGES * PAGE_SIZE, 100)));
	wk_one(&c, WD_REPORT_BAD_BUFFER, "GetScatterGatherList", 2, U64_MAX);
	c.before = wk_last_violation();
	KUNIT_EXPECT_EQ(test, wk_list(&c, 0, (WK_PAGES + 1) * PAGE_SIZE),
			STATUS_BUFFER_TOO_SMALL);
	wk_one(&c, WD_REPORT_BAD_BUFFER, "GetScatterGatherList", 3, (uintptr_t)c.mdl);

	c.before = wk_last_violation();
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, c.ops->BuildScatterGatherList(c.adapter, NULL, c.mdl, c.va,
							    PAGE_SIZE, wk_have_list, &c, TRUE,
							    small, sizeof(small)),
			STATUS_BUFFER_TOO_SMALL);
	local_bh_enable();
	wk_one(&c, WD_REPORT_TOO_SMALL, "BuildScatterGatherList", PAGE_SIZE, U64_MAX);

	c.before = wk_last_violation();
	c.mdl = wk_mdl(test, large, 0, (c.regs + 1) * PAGE_SIZE);
	c.va = MmGetMdlVirtualAddress(c.mdl);
	KUNIT_EXPECT_EQ(test, wk_list(&c, 0, (c.regs + 1) * PAGE_SIZE),
			STATUS_INSUFFICIENT_RESOURCES);
	wk_one(&c, WD_REPORT_TOO_MANY_REGS, "GetScatterGatherList", c.regs + 1, c.regs);
}

static void lists_that_come_back(struct kunit *test)
{
	struct wk_case c = wk_case(test, DEVICE_DESCRIPTION_VERSION);

	KUNIT_ASSERT_EQ(test, wk_list(&c, 0, 100), STATUS_SUCCESS);
	wk_put(&c, FALSE);
	wk_one(&c, WD_REPORT_DIRECTION, "PutScatterGatherList", 1, 0);

	KUNIT_ASSERT_EQ(test, wk_list(&c, 0, 100), STATUS_SUCCESS);
	c.before = wk_last_violation();
	c.list->Elements[0].Length--;
	wk_put(&c, TRUE);
	wk_one(&c, WD_REPORT_LIST_CHANGED, "PutScatterGatherList", U64_MAX, 1);

	KUNIT_ASSERT_EQ(test, wk_list(&c, 0, 100), STATUS_SUCCESS);
	c.before = wk_last_violation();
	c.list->NumberOfElements = 0x80000000;
	wk_put(&c, TRUE);
	wk_one(&c, WD_REPORT_LIST_CHANGED, "PutScatterGatherList", U64_MAX, 1);
}

static void mdls_in_use(struct kunit *test)
{
	struct wk_case c = wk_case(test, DEVICE_DESCRIPTION_VERSION);
	PMDL own = IoAllocateMdl(c.memory->va, PAGE_SIZE, FALSE, FALSE, NULL), kept = c.mdl;

	KUNIT_ASSERT_NOT_NULL(test, own);
	MmBuildMdlForNonPagedPool(own);
	c.mdl = own;
	KUNIT_ASSERT_EQ(test, wk_take(&c, NULL, 1, wk_keep_registers), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_map(&c, 0, 100), 100);
	IoFreeMdl(own);
	wk_one(&c, WD_REPORT_MDL_IN_USE, "IoFreeMdl", (uintptr_t)own, U64_MAX);
	/* Its address still names the mapping, as it did. */
	local_bh_disable();
	c.mdl = kept;
	c.ops->FreeMapRegisters(c.adapter, c.base, 1);
	local_bh_enable();
	wk_expect_unflushed(test, 1);

	own = IoAllocateMdl(c.memory->va, PAGE_SIZE, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, own);
	MmBuildMdlForNonPagedPool(own);
	c.mdl = own;
	KUNIT_ASSERT_EQ(test, wk_list(&c, 0, 100), STATUS_SUCCESS);
	c.before = wk_last_violation();
	IoFreeMdl(own);
	wk_one(&c, WD_REPORT_MDL_IN_USE, "IoFreeMdl", (uintptr_t)own, U64_MAX);
	wk_put(&c, TRUE);
}

/* Rows 1 to 6 and 28: what is said of an adapter, in any mode */
static void adapters(struct kunit *test)
{
	struct wk_case c = wk_case(test, DEVICE_DESCRIPTION_VERSION);
	DEVICE_DESCRIPTION description = wk_description(4, TRUE, 64, PAGE_SIZE);

	KUNIT_EXPECT_NULL(test, wk_get_described_adapter(test, &description, NULL));
	wk_one(&c, WD_REPORT_VERSION, "IoGetDmaAdapter", U64_MAX, U64_MAX);
	c.before = wk_last_violation();
	c.ops->FreeAdapterChannel(NULL);
	wk_one(&c, WD_REPORT_NULL_ADAPTER, "FreeAdapterChannel", U64_MAX, U64_MAX);

	KUNIT_ASSERT_EQ(test, wk_take(&c, NULL, 3, wk_keep_registers), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_list(&c, 0, 100), STATUS_SUCCESS);
	c.before = wk_last_violation();
	wk_put_adapter(test, c.adapter);
	wk_one(&c, WD_REPORT_REGS_LEFT, "PutDmaAdapter", (uintptr_t)c.adapter, 3);
	wk_one(&c, WD_REPORT_LISTS_LEFT, "PutDmaAdapter", (uintptr_t)c.adapter, 1);
	c.before = wk_last_violation();
	c.ops->PutDmaAdapter(c.adapter);
	wk_one(&c, WD_REPORT_DEAD_ADAPTER, "PutDmaAdapter", (uintptr_t)c.adapter, U64_MAX);
}

/* Rows 7, 8 and 27 */
static void buffers(struct kunit *test)
{
	struct wk_case c = wk_case(test, DEVICE_DESCRIPTION_VERSION3);
	ULONG bytes = (c.regs + 1) * PAGE_SIZE;
	PHYSICAL_ADDRESS address;
	PVOID va;

	va = c.ops->AllocateCommonBuffer(c.adapter, bytes, &address, TRUE);
	KUNIT_ASSERT_NOT_NULL(test, va);
	wk_one(&c, WD_REPORT_LARGE_BUFFER, "AllocateCommonBuffer", bytes, U64_MAX);
	c.before = wk_last_violation();
	c.ops->FreeCommonBuffer(c.adapter, bytes + 1, address, va, TRUE);
	wk_one(&c, WD_REPORT_BUFFER_ARGUMENTS, "FreeCommonBuffer", 1, bytes + 1);
	c.before = wk_last_violation();
	c.ops->FreeCommonBuffer(c.adapter, bytes, address, va, TRUE);
	wk_one(&c, WD_REPORT_BUFFER_FREED, "FreeCommonBuffer", U64_MAX, U64_MAX);
	c.before = wk_last_violation();
	KUNIT_EXPECT_EQ(test, c.ops->LeaveDmaDomain(c.adapter), STATUS_INVALID_PARAMETER_1);
	wk_one(&c, WD_REPORT_DOMAIN, "LeaveDmaDomain", WD_DOMAIN_LEAVE_UNJOINED, U64_MAX);
}

/* The same mistakes with the verifier off: nothing but what is always reported. */
static void not_verified(struct kunit *test)
{
	struct wk_case c;

	wk_set_verifier(test, &(struct wdmdma_verifier){});
	c = wk_case(test, DEVICE_DESCRIPTION_VERSION);
	KUNIT_EXPECT_EQ(test, wk_take(&c, NULL, c.regs + 1, wk_keep_registers),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_ASSERT_EQ(test, wk_take(&c, NULL, 4, wk_keep_registers), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, wk_flush(&c, 0, 100, TRUE));
	KUNIT_EXPECT_EQ(test, wk_map(&c, 0, 200), 200);
	KUNIT_EXPECT_EQ(test, wk_map(&c, 100, 200), 200);
	KUNIT_EXPECT_TRUE(test, wk_flush(&c, 100, 300, FALSE));
	KUNIT_EXPECT_TRUE(test, wk_flush(&c, 0, 201, TRUE));
	wk_free(&c, 4);
	KUNIT_EXPECT_EQ(test, wk_list(&c, 0, 0), STATUS_INVALID_PARAMETER);
	KUNIT_ASSERT_EQ(test, wk_list(&c, 0, 100), STATUS_SUCCESS);
	c.list->Elements[0].Length--;
	wk_put(&c, FALSE);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), c.before);
}

/* Action 2: what is wrong fails, and nothing of it is done. */
static void calls_that_fail(struct kunit *test)
{
	struct wk_case c;

	wk_set_verifier(test, &(struct wdmdma_verifier){ .level = 1, .action = 2 });
	c = wk_case(test, DEVICE_DESCRIPTION_VERSION);
	KUNIT_ASSERT_EQ(test, wk_take(&c, NULL, 4, wk_keep_registers), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_map(&c, 0, 200), 200);
	KUNIT_EXPECT_EQ(test, wk_map(&c, 100, 200), 0);
	wk_expect_report(test, WD_REPORT_MAPPED_TWICE, 1);
	KUNIT_EXPECT_FALSE(test, wk_flush(&c, 0, 300, TRUE));
	wk_expect_report(test, WD_REPORT_MISC, 1);
	KUNIT_EXPECT_TRUE(test, wk_flush(&c, 0, 200, TRUE));
	wk_free(&c, 4);
	KUNIT_EXPECT_FALSE(test, NT_SUCCESS(wk_list(&c, 0, 0)));
	wk_expect_report(test, WD_REPORT_ZERO_LENGTH, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, c.adapter).mapped_bytes, 200);
}

/* A driver that is not named is not verified. */
static void named_drivers(struct kunit *test)
{
	struct wdmdma_verifier settings = { .level = 1 };
	struct wk_world *world = test->priv;
	struct wk_case c;

	snprintf(settings.drivers, sizeof(settings.drivers), "other,%sx,another",
		 world->dev->driver->name);
	wk_set_verifier(test, &settings);
	c = wk_case(test, DEVICE_DESCRIPTION_VERSION);
	KUNIT_EXPECT_EQ(test, wk_list(&c, 0, 0), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), c.before);

	snprintf(settings.drivers, sizeof(settings.drivers), "other,%s\n",
		 world->dev->driver->name);
	wk_set_verifier(test, &settings);
	c = wk_case(test, DEVICE_DESCRIPTION_VERSION);
	KUNIT_EXPECT_EQ(test, wk_list(&c, 0, 0), STATUS_INVALID_PARAMETER);
	wk_one(&c, WD_REPORT_ZERO_LENGTH, "GetScatterGatherList", U64_MAX, U64_MAX);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(registers),
	KUNIT_CASE(a_second_channel),
	KUNIT_CASE(transfers),
	KUNIT_CASE(outside_of_the_mdl),
	KUNIT_CASE(lists),
	KUNIT_CASE(lists_that_come_back),
	KUNIT_CASE(mdls_in_use),
	KUNIT_CASE(adapters),
	KUNIT_CASE(buffers),
	KUNIT_CASE(not_verified),
	KUNIT_CASE(calls_that_fail),
	KUNIT_CASE(named_drivers),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_verifier_check",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_verified,
	.exit = wk_exit_verified,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
