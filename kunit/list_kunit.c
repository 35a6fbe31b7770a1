// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists in trouble: memory that cannot be mapped, ever or for a long time; memory of two lists that
 * overlaps; an adapter that dies, or asks for ever more, in a list's routine. UML's DMA API never
 * fails by itself, so the reach of the adapter is lowered behind its back, or its mappings told to
 * fail.
 */
#include <linux/bottom_half.h>
#include <linux/sizes.h>

#include "fake_driver.h"
#include "fixture.h"

#include "../wdmdma/internal.h"

#define WK_LIST_BYTES	PAGE_SIZE	/* of the buffer of a list */

static NTSTATUS wk_build(PDMA_ADAPTER adapter, PMDL mdl, void *memory, struct wk_call *call)
{
	wk_call_init(call, adapter, KeepObject);
	return adapter->DmaOperations->BuildScatterGatherList(adapter, NULL, mdl,
							      MmGetMdlVirtualAddress(mdl),
							      MmGetMdlByteCount(mdl),
							      wk_list_control, call, TRUE, memory,
							      WK_LIST_BYTES);
}

static void wk_hold_registers(struct kunit *test, PDMA_ADAPTER adapter, ULONG regs,
			      struct wk_call *call)
{
	NTSTATUS status;

	wk_call_init(call, adapter, DeallocateObjectKeepRegisters);
	status = adapter->DmaOperations->AllocateAdapterChannel(adapter, NULL, regs, wk_control,
								call);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call->count, 1);
}

/* What the device can never be given is refused; retrying for ever would block everybody. */
static void wk_unreachable_memory_is_refused(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wd_adapter *inside = container_of(adapter, struct wd_adapter, public);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	void *memory = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
	u64 last_address = inside->last_address;
	struct wk_call call;

	inside->last_address = wk_phys(buffer, PAGE_SIZE) - 2;
	wk_expect_report(test, WD_REPORT_MISC, 1);
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl, memory, &call),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, call.count, 0);

	inside->last_address = last_address;
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl, memory, &call), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
}

/* The same, found out only when its turn comes: it is reported, and the next is served. */
static void wk_unreachable_waiter_is_dropped(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PDMA_ADAPTER adapter = wk_get_limited_adapter(test, 2, SZ_64K, 2, NULL);
	struct wd_adapter *inside = container_of(adapter, struct wd_adapter, public);
	void *memory = kunit_kzalloc(test, 3 * WK_LIST_BYTES, GFP_KERNEL);
	u64 last_address = inside->last_address;
	unsigned int bad, good, i;
	struct wk_call call[3];
	PMDL mdl[3];

	for (i = 0; i < 3; i++)
		mdl[i] = wk_mdl(test, buffer, i * PAGE_SIZE, PAGE_SIZE);
	/* The page of the second waiter is the lower one and stays in reach. */
	bad = wk_phys(buffer, PAGE_SIZE) > wk_phys(buffer, 2 * PAGE_SIZE) ? 1 : 2;
	good = 3 - bad;

	wk_hold_registers(test, adapter, 2, &call[0]);
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl[bad], memory, &call[bad]), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl[good], memory + WK_LIST_BYTES, &call[good]),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call[bad].count + call[good].count, 0);

	inside->last_address = wk_phys(buffer, bad * PAGE_SIZE);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	adapter->DmaOperations->FreeMapRegisters(adapter, call[0].base, 2);
	KUNIT_EXPECT_EQ(test, call[bad].count, 0);
	KUNIT_ASSERT_EQ(test, call[good].count, 1);
	adapter->DmaOperations->PutScatterGatherList(adapter, call[good].list, TRUE);
	inside->last_address = last_address;
}

/* A list that waits for long is reported, once, and is served all the same. */
static void wk_long_wait_is_reported_once(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	void *memory = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
	struct wk_call set, call;
	unsigned int i;

	wk_hold_registers(test, adapter, 1, &set);
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(adapter, 100), 0);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl, memory, &call), STATUS_SUCCESS);
	/* Each flush lets it try again, which is faster than waiting. */
	for (i = 0; i < 110 && !call.count; i++) {
		adapter->DmaOperations->FlushAdapterBuffers(adapter, mdl, set.base,
							    MmGetMdlVirtualAddress(mdl), 0, TRUE);
		usleep_range(100, 200);
	}
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(call.count) == 1));
	adapter->DmaOperations->PutScatterGatherList(adapter, call.list, TRUE);
	adapter->DmaOperations->FreeMapRegisters(adapter, set.base, 1);
}

/* A buffer that overlaps a live list's would destroy the record that Put needs. */
static void wk_overlapping_buffer_is_refused(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	void *memory = kunit_kzalloc(test, 2 * WK_LIST_BYTES, GFP_KERNEL);
	struct wk_call first, second;

	KUNIT_ASSERT_EQ(test, wk_build(adapter, mdl, memory + 64, &first), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, first.count, 1);
	wk_expect_report(test, WD_REPORT_MISC, 2);
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl, memory, &second), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl, memory + 72, &second),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, second.count, 0);
	KUNIT_EXPECT_EQ(test, first.list->NumberOfElements, 1);
	wk_expect_at(test, first.list->Elements[0].Address.QuadPart, buffer, 0);
	adapter->DmaOperations->PutScatterGatherList(adapter, first.list, TRUE);
}

static void wk_put_adapter_inside(struct wk_call *call)
{
	call->adapter->DmaOperations->PutDmaAdapter(call->adapter);
	/* The list is still the routine's: KASAN watches. */
	call->data = (void *)(unsigned long)call->list->Elements[0].Address.QuadPart;
}

/* A list that wdmdma allocated lasts until its routine has returned, whatever that one does. */
static void wk_list_outlives_its_adapter_in_the_routine(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	struct wk_world *world = test->priv;
	struct wk_call call;
	NTSTATUS status;

	world->adapters[0] = NULL;
	wk_call_init(&call, adapter, KeepObject);
	call.inside = wk_put_adapter_inside;
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);
	status = adapter->DmaOperations->GetScatterGatherList(adapter, NULL, mdl,
							      MmGetMdlVirtualAddress(mdl),
							      PAGE_SIZE, wk_list_control, &call,
							      TRUE);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	wk_expect_at(test, (unsigned long)call.data, buffer, 0);
}

static void wk_put_adapter_and_free_inside(struct wk_call *call)
{
	call->adapter->DmaOperations->PutDmaAdapter(call->adapter);
	memset(call->data, 0xEE, WK_LIST_BYTES);
	kfree(call->data);
}

/* A list in the driver's memory ends with its adapter: the memory may go before the routine. */
static void wk_built_list_ends_with_its_adapter(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, 2 * PAGE_SIZE);
	struct wk_world *world = test->priv;
	struct wk_call call;
	NTSTATUS status;

	world->adapters[0] = NULL;
	wk_call_init(&call, adapter, KeepObject);
	call.inside = wk_put_adapter_and_free_inside;
	call.data = kzalloc(WK_LIST_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, call.data);
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);
	status = adapter->DmaOperations->BuildScatterGatherList(adapter, NULL, mdl,
								MmGetMdlVirtualAddress(mdl),
								2 * PAGE_SIZE, wk_list_control,
								&call, TRUE, call.data,
								WK_LIST_BYTES);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 1);
}

/* A common buffer has one address; an adapter that does not reach it cannot have another. */
static void wk_common_buffer_out_of_reach(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wd_adapter *inside = container_of(adapter, struct wd_adapter, public);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	void *memory = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
	u64 last_address = inside->last_address;
	PHYSICAL_ADDRESS logical, address;
	struct wk_call set, call;
	ULONG bytes = 101;
	PVOID va;
	PMDL mdl;

	va = ops->AllocateCommonBuffer(adapter, PAGE_SIZE, &logical, TRUE);
	KUNIT_ASSERT_NOT_NULL(test, va);
	mdl = IoAllocateMdl(va, PAGE_SIZE, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	wk_hold_registers(test, adapter, 2, &set);
	inside->last_address = logical.QuadPart + 99;

	KUNIT_EXPECT_EQ(test, wk_build(adapter, mdl, memory, &call),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, ops->GetScatterGatherList(adapter, NULL, mdl, va, 101,
							wk_list_control, &call, TRUE),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	address = ops->MapTransfer(adapter, mdl, set.base, va, &bytes, TRUE);
	KUNIT_EXPECT_EQ(test, address.QuadPart, -1);
	KUNIT_EXPECT_EQ(test, bytes, 0);
	/* What lies in reach can be used. */
	bytes = 100;
	address = ops->MapTransfer(adapter, mdl, set.base, va, &bytes, TRUE);
	KUNIT_EXPECT_EQ(test, address.QuadPart, logical.QuadPart);
	KUNIT_EXPECT_EQ(test, bytes, 100);
	ops->FlushAdapterBuffers(adapter, mdl, set.base, va, 100, TRUE);
	KUNIT_EXPECT_EQ(test, ops->GetScatterGatherList(adapter, NULL, mdl, va, 100,
							wk_list_control, &call, TRUE),
			STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	KUNIT_EXPECT_EQ(test, call.list->Elements[0].Address.QuadPart, logical.QuadPart);
	ops->PutScatterGatherList(adapter, call.list, TRUE);

	inside->last_address = last_address;
	ops->FreeMapRegisters(adapter, set.base, 2);
	IoFreeMdl(mdl);
	ops->FreeCommonBuffer(adapter, PAGE_SIZE, logical, va, TRUE);
}

/* A set of one adapter means nothing to another. */
static void wk_base_belongs_to_one_adapter(struct kunit *test)
{
	PDMA_ADAPTER one = wk_get_adapter(test, 2, SZ_64K, NULL);
	PDMA_ADAPTER other = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_call mine, theirs;

	wk_hold_registers(test, one, 1, &mine);
	wk_hold_registers(test, other, 1, &theirs);
	KUNIT_EXPECT_PTR_NE(test, mine.base, theirs.base);
	wk_expect_report(test, WD_REPORT_REGS_FREED, 1);
	other->DmaOperations->FreeMapRegisters(other, mine.base, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, other).sets_live, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, one).sets_live, 1);
	other->DmaOperations->FreeMapRegisters(other, theirs.base, 1);
	one->DmaOperations->FreeMapRegisters(one, mine.base, 1);
}

struct wk_endless {
	PDMA_ADAPTER adapter;
	unsigned int calls, wanted;
};

static IO_ALLOCATION_ACTION wk_ask_again(PDEVICE_OBJECT object, PIRP irp, PVOID base, PVOID context)
{
	struct wk_endless *endless = context;

	if (++endless->calls < endless->wanted)
		endless->adapter->DmaOperations->AllocateAdapterChannel(endless->adapter, NULL, 1,
									wk_ask_again, endless);
	return DeallocateObject;
}

/* A driver that always asks again does not keep its caller's processor. */
static void wk_one_call_runs_so_many_routines(struct kunit *test)
{
	struct wk_endless endless = {
		.adapter = wk_get_adapter(test, 2, SZ_64K, NULL),
		.wanted = 2000,
	};
	unsigned int calls;

	local_bh_disable();
	endless.adapter->DmaOperations->AllocateAdapterChannel(endless.adapter, NULL, 1,
							       wk_ask_again, &endless);
	calls = endless.calls;
	local_bh_enable();
	KUNIT_EXPECT_LT(test, calls, 1000);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(endless.calls) == 2000));
}

static struct kunit_case wk_list_cases[] = {
	KUNIT_CASE(wk_unreachable_memory_is_refused),
	KUNIT_CASE(wk_unreachable_waiter_is_dropped),
	KUNIT_CASE(wk_long_wait_is_reported_once),
	KUNIT_CASE(wk_overlapping_buffer_is_refused),
	KUNIT_CASE(wk_list_outlives_its_adapter_in_the_routine),
	KUNIT_CASE(wk_built_list_ends_with_its_adapter),
	KUNIT_CASE(wk_common_buffer_out_of_reach),
	KUNIT_CASE(wk_base_belongs_to_one_adapter),
	KUNIT_CASE(wk_one_call_runs_so_many_routines),
	{}
};

static struct kunit_suite wk_list_suite = {
	.name = "wdmdma_list",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_list_cases,
};

kunit_test_suite(wk_list_suite);
