// SPDX-License-Identifier: GPL-2.0-only
/*
 * The adapter channel: AllocateAdapterChannel, FreeAdapterChannel, FreeMapRegisters, and what
 * PutDmaAdapter does to their owners. The order of waiting requests is queue_kunit.c's.
 */
#include <linux/sizes.h>

#include "fake_driver.h"
#include "fixture.h"

#define WK_ILLEGAL_ACTION	((IO_ALLOCATION_ACTION)7)

static PDEVICE_OBJECT wk_object(struct kunit *test)
{
	return ((struct wk_world *)test->priv)->object;
}

static NTSTATUS wk_allocate(PDMA_ADAPTER adapter, PDEVICE_OBJECT object, ULONG regs,
			    struct wk_call *call)
{
	return adapter->DmaOperations->AllocateAdapterChannel(adapter, object, regs, wk_control,
							      call);
}

/* A request that must be granted inside the call. */
static void wk_grant(struct kunit *test, PDMA_ADAPTER adapter, ULONG regs, struct wk_call *call,
		     IO_ALLOCATION_ACTION action)
{
	wk_call_init(call, adapter, action);
	KUNIT_ASSERT_EQ(test, wk_allocate(adapter, wk_object(test), regs, call), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ_MSG(test, call->count, 1, "not granted at once");
}

static void wk_free_regs(PDMA_ADAPTER adapter, PVOID base, ULONG regs)
{
	adapter->DmaOperations->FreeMapRegisters(adapter, base, regs);
}

static void wk_free_channel(PDMA_ADAPTER adapter)
{
	adapter->DmaOperations->FreeAdapterChannel(adapter);
}

static u64 wk_map(PDMA_ADAPTER adapter, PMDL mdl, PVOID base, ULONG *bytes, BOOLEAN write)
{
	return adapter->DmaOperations->MapTransfer(adapter, mdl, base, MmGetMdlVirtualAddress(mdl),
						   bytes, write).QuadPart;
}

/* Nothing is owned, and a request for all @regs of the pool, no less and no more, is granted. */
static void wk_expect_all_free(struct kunit *test, PDMA_ADAPTER adapter, ULONG regs)
{
	DEVICE_OBJECT other = {};
	struct wk_call all, extra;

	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).sets_live, 0);
	wk_grant(test, adapter, regs, &all, DeallocateObjectKeepRegisters);
	wk_call_init(&extra, adapter, DeallocateObject);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, &other, 1, &extra), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ_MSG(test, extra.count, 0, "the pool holds more than it should");
	wk_free_regs(adapter, all.base, regs);
	KUNIT_EXPECT_EQ(test, extra.count, 1);
}

static const u32 wk_versions[] = { 0, 1, 2 };

static void wk_version_desc(const u32 *version, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "version %u", *version);
}

KUNIT_ARRAY_PARAM(wk_version, wk_versions, wk_version_desc);

static void wk_grants_inside_the_call(struct kunit *test)
{
	const u32 *version = test->param_value;
	PDMA_ADAPTER adapter = wk_get_adapter(test, *version, SZ_64K, NULL);
	DEVICE_OBJECT object = {};
	struct wk_call call;
	IRP irp = {};

	object.CurrentIrp = &irp;
	wk_calls_reset();
	wk_call_init(&call, adapter, DeallocateObjectKeepRegisters);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, &object, 3, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_FALSE_MSG(test, in_softirq(), "bottom halves stay off");
	KUNIT_ASSERT_EQ(test, call.count, 1);
	KUNIT_EXPECT_TRUE(test, call.bh_off);
	KUNIT_EXPECT_TRUE(test, call.in_task);
	KUNIT_EXPECT_FALSE(test, call.nested);
	KUNIT_EXPECT_PTR_EQ(test, call.device_object, &object);
	KUNIT_EXPECT_PTR_EQ(test, call.irp, &irp);
	KUNIT_EXPECT_NOT_NULL(test, call.base);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).channels_granted, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).sets_live, 1);
	wk_free_regs(adapter, call.base, 3);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).sets_live, 0);
}

/* A5: a driver's CurrentIrp may be another one when its turn comes. */
static void wk_irp_is_that_of_the_request(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_call owner, waiter;
	DEVICE_OBJECT object = {};
	IRP first = {}, second = {};

	wk_grant(test, adapter, 1, &owner, KeepObject);
	KUNIT_EXPECT_NULL(test, owner.irp);
	wk_call_init(&waiter, adapter, DeallocateObject);
	object.CurrentIrp = &first;
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, &object, 1, &waiter), STATUS_SUCCESS);
	object.CurrentIrp = &second;
	wk_free_channel(adapter);
	KUNIT_EXPECT_EQ(test, waiter.count, 1);
	KUNIT_EXPECT_PTR_EQ(test, waiter.irp, &first);
}

static void wk_bases_are_unique_and_never_null(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	PVOID bases[20];
	struct wk_call call;
	int i, j;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		/* 0 registers are a set, too. */
		wk_grant(test, adapter, i % 3, &call, DeallocateObjectKeepRegisters);
		KUNIT_EXPECT_NOT_NULL(test, call.base);
		bases[i] = call.base;
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_PTR_NE(test, bases[i], bases[j]);
	}
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).sets_live, ARRAY_SIZE(bases));
	for (i = 0; i < ARRAY_SIZE(bases); i++)
		wk_free_regs(adapter, bases[(i * 7) % ARRAY_SIZE(bases)],
			     (i * 7) % ARRAY_SIZE(bases) % 3);
}

static void wk_register_count_is_limited_by_r(struct kunit *test)
{
	ULONG regs;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, 4 * PAGE_SIZE, &regs);
	struct wk_call call, refused;

	KUNIT_ASSERT_EQ(test, regs, 5);
	wk_call_init(&refused, adapter, DeallocateObject);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, wk_object(test), regs + 1, &refused),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, wk_object(test), U32_MAX, &refused),
			STATUS_INSUFFICIENT_RESOURCES);

	wk_grant(test, adapter, regs, &call, DeallocateObject);
	wk_grant(test, adapter, 0, &call, KeepObject);
	/* Also with the channel taken it is refused rather than queued. */
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, wk_object(test), regs + 1, &refused),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).waiting, 0);
	wk_free_channel(adapter);
	KUNIT_EXPECT_EQ(test, refused.count, 0);
}

static void wk_routine_is_required(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	NTSTATUS status = adapter->DmaOperations->AllocateAdapterChannel(adapter, wk_object(test),
									 1, NULL, NULL);

	KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).channels_granted, 0);
}

static void wk_device_object_may_be_null(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_call owner, first, second;

	wk_call_init(&owner, adapter, KeepObject);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, NULL, 1, &owner), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, owner.count, 1);
	KUNIT_EXPECT_NULL(test, owner.irp);
	KUNIT_EXPECT_NULL(test, owner.device_object);
	/* There is no wait slot that two could compete for. */
	wk_call_init(&first, adapter, DeallocateObject);
	wk_call_init(&second, adapter, DeallocateObject);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, NULL, 1, &first), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, NULL, 1, &second), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).waiting, 2);
	wk_free_channel(adapter);
	KUNIT_EXPECT_EQ(test, first.count, 1);
	KUNIT_EXPECT_EQ(test, second.count, 1);
}

struct wk_action {
	const char *name;
	IO_ALLOCATION_ACTION action;
	bool keeps_channel, keeps_regs;
	u32 report;
};

static const struct wk_action wk_actions[] = {
	{ "KeepObject", KeepObject, true, true },
	{ "DeallocateObject", DeallocateObject, false, false },
	{ "DeallocateObjectKeepRegisters", DeallocateObjectKeepRegisters, false, true },
	{ "illegal", WK_ILLEGAL_ACTION, true, true, WD_REPORT_ACTION },
};

static void wk_action_desc(const struct wk_action *action, char *desc)
{
	strscpy(desc, action->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_action, wk_actions, wk_action_desc);

static void wk_action_decides_who_keeps_what(struct kunit *test)
{
	const struct wk_action *action = test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PDMA_ADAPTER adapter = wk_get_limited_adapter(test, 2, SZ_64K, 4, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	struct wk_call call, next;
	DEVICE_OBJECT other = {};
	ULONG bytes = PAGE_SIZE;
	u64 address;

	if (action->report)
		wk_expect_report(test, action->report, 1);
	wk_grant(test, adapter, 2, &call, action->action);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).sets_live, action->keeps_regs);

	wk_call_init(&next, adapter, DeallocateObject);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, &other, 1, &next), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, next.count, !action->keeps_channel);

	if (!action->keeps_regs)
		wk_expect_report(test, WD_REPORT_REGS_FREED, 1);
	address = wk_map(adapter, mdl, call.base, &bytes, TRUE);
	if (action->keeps_regs)
		wk_expect_at(test, address, buffer, 0);
	else
		KUNIT_EXPECT_EQ(test, address, -1ULL);
	adapter->DmaOperations->FlushAdapterBuffers(adapter, mdl, call.base, buffer->va, PAGE_SIZE,
						    TRUE);
	if (action->keeps_channel)
		wk_free_channel(adapter);
	else if (action->keeps_regs)
		wk_free_regs(adapter, call.base, 2);
	KUNIT_EXPECT_EQ_MSG(test, next.count, 1, "the next is granted inside the freeing call");
	wk_expect_all_free(test, adapter, 4);
}

struct wk_a4 {
	bool regs, channel;	/* what the routine itself frees */
	IO_ALLOCATION_ACTION action;
};

static const struct wk_a4 wk_a4s[] = {
	{ true, false, KeepObject }, { true, false, DeallocateObject },
	{ true, false, DeallocateObjectKeepRegisters },
	{ false, true, KeepObject }, { false, true, DeallocateObject },
	{ false, true, DeallocateObjectKeepRegisters },
	{ true, true, KeepObject }, { true, true, DeallocateObject },
	{ true, true, DeallocateObjectKeepRegisters },
};

static void wk_a4_desc(const struct wk_a4 *a4, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "frees%s%s, returns %d", a4->regs ? " set" : "",
		 a4->channel ? " channel" : "", a4->action);
}

KUNIT_ARRAY_PARAM(wk_a4, wk_a4s, wk_a4_desc);

static void wk_free_inside(struct wk_call *call)
{
	const struct wk_a4 *a4 = call->data;

	if (a4->regs)
		wk_free_regs(call->adapter, call->base, 2);
	if (a4->channel)
		wk_free_channel(call->adapter);
}

/* A4: the action must be a no-op for what the routine has freed already. */
static void wk_routine_may_free_everything_itself(struct kunit *test)
{
	const struct wk_a4 *a4 = test->param_value;
	PDMA_ADAPTER adapter = wk_get_limited_adapter(test, 2, SZ_64K, 4, NULL);
	bool keeps_regs = !a4->regs && !a4->channel;
	struct wk_call call;

	wk_call_init(&call, adapter, a4->action);
	call.inside = wk_free_inside;
	call.data = (void *)a4;
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, wk_object(test), 2, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).sets_live, keeps_regs);
	/* The owner of the channel keeps it, with an empty set. */
	if (a4->action == KeepObject && !a4->channel)
		wk_free_channel(adapter);
	wk_expect_all_free(test, adapter, 4);
}

/* Whoever is next may keep the channel in turn. */
static void wk_channel_passes_from_owner_to_owner(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_call owner, next[3];
	int i;

	wk_grant(test, adapter, 1, &owner, KeepObject);
	for (i = 0; i < 3; i++) {
		wk_call_init(&next[i], adapter, i == 1 ? DeallocateObject : KeepObject);
		KUNIT_EXPECT_EQ(test, wk_allocate(adapter, NULL, 1, &next[i]), STATUS_SUCCESS);
	}
	wk_free_channel(adapter);
	KUNIT_EXPECT_EQ(test, next[0].count, 1);
	KUNIT_EXPECT_EQ(test, next[1].count, 0);
	wk_free_channel(adapter);
	KUNIT_EXPECT_EQ(test, next[1].count, 1);
	KUNIT_EXPECT_EQ(test, next[2].count, 1);
	wk_free_channel(adapter);
}

static void wk_channel_without_owner_is_reported(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	ULONG bytes = PAGE_SIZE;
	struct wk_call call;

	wk_expect_report(test, WD_REPORT_CHANNEL_FREED, 3);
	wk_free_channel(adapter);
	wk_grant(test, adapter, 1, &call, KeepObject);
	wk_free_channel(adapter);
	wk_free_channel(adapter);
	/* Whoever returned DeallocateObjectKeepRegisters owns no channel, and must not lose it. */
	wk_grant(test, adapter, 1, &call, DeallocateObjectKeepRegisters);
	wk_free_channel(adapter);
	wk_expect_at(test, wk_map(adapter, mdl, call.base, &bytes, TRUE), buffer, 0);
	adapter->DmaOperations->FlushAdapterBuffers(adapter, mdl, call.base, buffer->va, bytes,
						    TRUE);
	wk_free_regs(adapter, call.base, 1);
}

static void wk_wrong_bases_free_nothing(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PDMA_ADAPTER stranger = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_call old, new;

	wk_free_regs(adapter, NULL, 4);
	wk_grant(test, adapter, 2, &old, DeallocateObjectKeepRegisters);
	wk_expect_report(test, WD_REPORT_REGS_FREED, 5);
	wk_free_regs(stranger, old.base, 2);
	wk_free_regs(adapter, (PVOID)~0UL, 2);
	wk_free_regs(adapter, &old, 2);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).sets_live, 1);
	wk_free_regs(adapter, old.base, 2);
	wk_free_regs(adapter, old.base, 2);
	/* The next set takes the place of the old one, but not its name. */
	wk_grant(test, adapter, 2, &new, DeallocateObjectKeepRegisters);
	wk_free_regs(adapter, old.base, 2);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).sets_live, 1);
	wk_free_regs(adapter, new.base, 2);
}

static void wk_wrong_count_frees_the_whole_set(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_limited_adapter(test, 2, SZ_64K, 4, NULL);
	struct wk_call call;

	wk_expect_report(test, WD_REPORT_REGS_FREED, 2);
	wk_grant(test, adapter, 3, &call, DeallocateObjectKeepRegisters);
	wk_free_regs(adapter, call.base, 1);
	wk_grant(test, adapter, 3, &call, DeallocateObjectKeepRegisters);
	wk_free_regs(adapter, call.base, 4);
	wk_expect_all_free(test, adapter, 4);
}

static void wk_set_of_a_channel_owner(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_limited_adapter(test, 2, SZ_64K, 4, NULL);
	struct wk_call owner, next;
	DEVICE_OBJECT other = {};

	wk_grant(test, adapter, 3, &owner, KeepObject);
	wk_expect_report(test, WD_REPORT_REGS_FREED, 1);
	wk_free_regs(adapter, owner.base, 3);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).sets_live, 0);
	wk_call_init(&next, adapter, DeallocateObject);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, &other, 1, &next), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ_MSG(test, next.count, 0, "the owner has lost the channel");
	wk_free_channel(adapter);
	KUNIT_EXPECT_EQ(test, next.count, 1);
	wk_expect_all_free(test, adapter, 4);
}

struct wk_mapped {
	struct kunit *test;
	PMDL mdl;
	const u8 *data;		/* a page that the device writes */
	u64 address;
};

static void wk_map_inside(struct wk_call *call)
{
	struct wk_mapped *mapped = call->data;
	ULONG bytes = PAGE_SIZE;

	mapped->address = wk_map(call->adapter, mapped->mdl, call->base, &bytes, FALSE);
	if (mapped->address != -1ULL)
		wk_device_write(mapped->test, mapped->address, mapped->data, bytes);
}

/* What was not flushed is unmapped (the fixture checks) and lost (a copied page shows it). */
static void wk_unflushed_data_is_dropped(struct kunit *test)
{
	const struct wk_action *action = test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_mapped mapped = {
		.test = test,
		.mdl = wk_mdl(test, buffer, PAGE_SIZE, PAGE_SIZE),
		.data = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL),
	};
	PMDL direct = wk_mdl(test, buffer, 0, PAGE_SIZE);
	ULONG bytes = PAGE_SIZE;
	struct wk_call call;

	KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(adapter, 1), 0);
	wk_call_init(&call, adapter, action->action);
	call.inside = wk_map_inside;
	call.data = &mapped;
	wk_expect_unflushed(test, 1);
	if (action->report)
		wk_expect_report(test, action->report, 1);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, wk_object(test), 3, &call), STATUS_SUCCESS);
	KUNIT_ASSERT_NE(test, mapped.address, -1ULL);
	KUNIT_EXPECT_NE(test, mapped.address, wk_phys(buffer, PAGE_SIZE));
	if (action->keeps_regs)
		wk_expect_at(test, wk_map(adapter, direct, call.base, &bytes, FALSE), buffer, 0);
	if (action->keeps_channel)
		wk_free_channel(adapter);
	else if (action->keeps_regs)
		wk_free_regs(adapter, call.base, 3);
	wk_expect_pattern(test, buffer->va, 2 * PAGE_SIZE, 1);
}

static void wk_put_reports_what_is_left(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 1, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	ULONG bytes = PAGE_SIZE;
	struct wk_call kept, owner;

	wk_grant(test, adapter, 1, &kept, DeallocateObjectKeepRegisters);
	wk_expect_at(test, wk_map(adapter, mdl, kept.base, &bytes, FALSE), buffer, 0);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	wk_put_adapter(test, adapter);

	adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	wk_grant(test, adapter, 1, &owner, KeepObject);
	wk_expect_report(test, WD_REPORT_CHANNEL_LEFT, 1);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	wk_put_adapter(test, adapter);
}

static void wk_put_forgets_waiters(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_call owner, waiters[2];
	int i;

	wk_grant(test, adapter, 1, &owner, KeepObject);
	for (i = 0; i < ARRAY_SIZE(waiters); i++) {
		wk_call_init(&waiters[i], adapter, KeepObject);
		KUNIT_EXPECT_EQ(test, wk_allocate(adapter, NULL, 1, &waiters[i]), STATUS_SUCCESS);
	}
	wk_expect_report(test, WD_REPORT_CHANNEL_LEFT, 1);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	wk_put_adapter(test, adapter);
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&waiters[0].done, HZ / 20), 0);
	KUNIT_EXPECT_EQ(test, waiters[0].count + waiters[1].count, 0);
}

static void wk_put_inside(struct wk_call *call)
{
	struct wk_call *waiter = call->data;

	/* Before: a request that would be next. */
	wk_allocate(call->adapter, NULL, 1, waiter);
	call->adapter->DmaOperations->PutDmaAdapter(call->adapter);
}

static void wk_put_from_its_own_routine(struct kunit *test)
{
	const struct wk_action *action = test->param_value;
	struct wk_world *world = test->priv;
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	struct wk_call call, waiter;

	world->adapters[0] = NULL;
	wk_call_init(&waiter, adapter, DeallocateObject);
	wk_call_init(&call, adapter, action->action);
	call.inside = wk_put_inside;
	call.data = &waiter;
	wk_expect_report(test, WD_REPORT_CHANNEL_LEFT, 1);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	if (action->report)
		wk_expect_report(test, action->report, 1);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, wk_object(test), 2, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	KUNIT_EXPECT_EQ(test, waiter.count, 0);
	KUNIT_EXPECT_FALSE(test, in_softirq());
}

static void wk_dead_adapter_soft_fails(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	PDMA_OPERATIONS ops = adapter->DmaOperations;
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE), target = NULL;
	ULONG bytes = PAGE_SIZE, size = 1, regs = 1;
	u8 *memory = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	PSCATTER_GATHER_LIST list = (void *)memory;
	PHYSICAL_ADDRESS logical = {};
	struct wk_call call;
	NTSTATUS status;

	wk_put_adapter(test, adapter);
	wk_call_init(&call, adapter, KeepObject);
	wk_expect_report(test, WD_REPORT_DEAD_ADAPTER, 15);
	ops->PutDmaAdapter(adapter);
	KUNIT_EXPECT_NULL(test, ops->AllocateCommonBuffer(adapter, 64, &logical, TRUE));
	ops->FreeCommonBuffer(adapter, 64, logical, memory, TRUE);
	KUNIT_EXPECT_EQ(test, wk_allocate(adapter, wk_object(test), 1, &call),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_FALSE(test, ops->FlushAdapterBuffers(adapter, mdl, memory, buffer->va, 1,
							  TRUE));
	ops->FreeAdapterChannel(adapter);
	ops->FreeMapRegisters(adapter, (PVOID)1, 1);
	KUNIT_EXPECT_EQ(test, wk_map(adapter, mdl, (PVOID)1, &bytes, TRUE), -1ULL);
	KUNIT_EXPECT_EQ(test, bytes, 0);
	KUNIT_EXPECT_EQ(test, ops->GetDmaAlignment(adapter), 1);
	KUNIT_EXPECT_EQ(test, ops->ReadDmaCounter(adapter), 0);
	status = ops->GetScatterGatherList(adapter, NULL, mdl, buffer->va, PAGE_SIZE,
					   wk_list_control, &call, TRUE);
	KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER);
	ops->PutScatterGatherList(adapter, list, TRUE);
	status = ops->CalculateScatterGatherList(adapter, mdl, buffer->va, PAGE_SIZE, &size, &regs);
	KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER);
	status = ops->BuildScatterGatherList(adapter, NULL, mdl, buffer->va, PAGE_SIZE,
					     wk_list_control, &call, TRUE, memory, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER);
	status = ops->BuildMdlFromScatterGatherList(adapter, list, mdl, &target);
	KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, call.count, 0);
}

static struct kunit_case wk_channel_cases[] = {
	KUNIT_CASE_PARAM(wk_grants_inside_the_call, wk_version_gen_params),
	KUNIT_CASE(wk_irp_is_that_of_the_request),
	KUNIT_CASE(wk_bases_are_unique_and_never_null),
	KUNIT_CASE(wk_register_count_is_limited_by_r),
	KUNIT_CASE(wk_routine_is_required),
	KUNIT_CASE(wk_device_object_may_be_null),
	KUNIT_CASE_PARAM(wk_action_decides_who_keeps_what, wk_action_gen_params),
	KUNIT_CASE_PARAM(wk_routine_may_free_everything_itself, wk_a4_gen_params),
	KUNIT_CASE(wk_channel_passes_from_owner_to_owner),
	KUNIT_CASE(wk_channel_without_owner_is_reported),
	KUNIT_CASE(wk_wrong_bases_free_nothing),
	KUNIT_CASE(wk_wrong_count_frees_the_whole_set),
	KUNIT_CASE(wk_set_of_a_channel_owner),
	KUNIT_CASE_PARAM(wk_unflushed_data_is_dropped, wk_action_gen_params),
	KUNIT_CASE(wk_put_reports_what_is_left),
	KUNIT_CASE(wk_put_forgets_waiters),
	KUNIT_CASE_PARAM(wk_put_from_its_own_routine, wk_action_gen_params),
	KUNIT_CASE(wk_dead_adapter_soft_fails),
	{}
};

static struct kunit_suite wk_channel_suite = {
	.name = "wdmdma_channel",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_channel_cases,
};

kunit_test_suite(wk_channel_suite);
