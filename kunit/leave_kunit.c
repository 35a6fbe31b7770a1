// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device that leaves: its driver is unbound while routines run, requests wait or the device is
 * transferring; and one that sleeps meanwhile. Nothing hangs, nothing is lost, and what the driver
 * had left is reported.
 */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/pm.h>
#include <linux/sizes.h>

#include "race.h"
#include "v3.h"

/* Routines that run while the driver is being unbound */
struct wk_leaving {
	struct kunit *test;
	struct wk_rig *rig;
	struct wk_context context;
	struct wk_call call;
	struct completion called;
	bool saw_the_end;
	bool has_returned;
	bool unbind_was_later;
};

/* A call of the driver's on an adapter that may be gone */
static bool wk_adapter_lives(PDMA_ADAPTER adapter)
{
	struct wdmdma_adapter_stats stats;

	return !wdmdma_get_adapter_stats(adapter, &stats);
}

static void wk_outlast_the_adapter(struct wk_call *call)
{
	struct wk_leaving *it = call->data;
	struct wk_rig *rig = it->rig;
	unsigned long deadline = jiffies + 10 * HZ;

	complete(&it->called);
	/* On another processor; with one the unbinding comes when this has returned. */
	while (wk_is_smp() && !it->saw_the_end && time_before(jiffies, deadline))
		it->saw_the_end = !wk_adapter_lives(call->adapter);
	/* What it got is no longer its own, and giving it back does nothing. */
	if (it->saw_the_end)
		wk_end(rig, call, 1);
	WRITE_ONCE(it->has_returned, true);
}

static void wk_ask_and_linger(void *data)
{
	struct wk_leaving *it = data;

	wk_request(it->rig, &it->context, 1, 0, &it->call);
}

static void wk_unbind_meanwhile(void *data)
{
	struct wk_leaving *it = data;

	wait_for_completion(&it->called);
	wk_unbind(it->test);
	it->unbind_was_later = READ_ONCE(it->has_returned);
}

/* Surprise removal: the routine's driver must not be gone before the routine is. */
static void wk_unbind_waits_for_a_routine(struct kunit *test)
{
	static void (* const parties[])(void *data) = { wk_unbind_meanwhile, wk_ask_and_linger };
	enum wk_kind kind = wk_kind(test);
	struct wk_rig rig = wk_rig(test, kind);
	struct wk_leaving *it = kunit_kzalloc(test, sizeof(*it), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, it);
	it->test = test;
	it->rig = &rig;
	init_completion(&it->called);
	wk_context_init(&rig.v3, &it->context);
	wk_lasting_call(&rig, &it->call);
	it->call.inside = wk_outlast_the_adapter;
	it->call.data = it;
	wk_run_parties(test, ARRAY_SIZE(parties), parties, it);

	KUNIT_EXPECT_EQ(test, it->call.count, 1);
	KUNIT_EXPECT_TRUE(test, it->unbind_was_later);
	KUNIT_EXPECT_EQ(test, it->saw_the_end, wk_is_smp());
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	if (it->saw_the_end)	/* the look that saw it, and the routine's last call */
		wk_expect_report(test, WD_REPORT_DEAD_ADAPTER, 2);
	if (it->saw_the_end && kind == WK_CHANNEL)
		wk_expect_report(test, WD_REPORT_CHANNEL_LEFT, 1);
	wk_expect_report(test, kind == WK_CHANNEL ? WD_REPORT_REGS_LEFT : WD_REPORT_LISTS_LEFT, 1);
	KUNIT_EXPECT_FALSE(test, wk_adapter_lives(rig.v3.adapter));
	wk_expect_report(test, WD_REPORT_DEAD_ADAPTER, 1);
}

/* A request in each kind of queue. None is called, and their memory is the driver's again. */
struct wk_crowd {
	struct wk_context contexts[3];
	struct wk_call calls[5];
	struct wk_rig rigs[3];
};

static void wk_let_a_crowd_wait(struct kunit *test, struct wk_crowd *crowd, struct wk_v3 *v3)
{
	struct wk_rig *rig = &crowd->rigs[0];
	struct wk_call *call;
	NTSTATUS status;
	u32 i;

	/* Version 3: by their contexts */
	for (i = 0; i < 3; i++) {
		wk_context_init(v3, &crowd->contexts[i]);
		wk_wait(&crowd->rigs[i], &crowd->contexts[i], &crowd->calls[i]);
	}
	/* Version 1: by the device object; version 2: a list */
	call = &crowd->calls[3];
	wk_call_init(call, v3->adapter, KeepObject);
	status = v3->ops->AllocateAdapterChannel(v3->adapter, v3->object, 1, wk_control, call);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	call = &crowd->calls[4];
	wk_call_init(call, v3->adapter, KeepObject);
	status = v3->ops->BuildScatterGatherList(v3->adapter, v3->object, rig->mdl[1],
			MmGetMdlVirtualAddress(rig->mdl[1]), PAGE_SIZE, wk_list_control, call, TRUE,
			rig->buffers[WK_BUFFERS - 1], WK_LIST_BYTES);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_stats(test, v3->adapter).waiting, 5);
}

static struct wk_crowd *wk_crowd(struct kunit *test, struct wk_v3 *v3)
{
	struct wk_crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);
	u32 kind;

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	for (kind = WK_CHANNEL; kind <= WK_BUILD; kind++) {
		crowd->rigs[kind] = wk_rig(test, kind);
		if (kind == WK_CHANNEL)
			*v3 = crowd->rigs[kind].v3;
		else
			wk_put_adapter(test, crowd->rigs[kind].v3.adapter);
		crowd->rigs[kind].v3 = *v3;
	}
	return crowd;
}

static void wk_unbind_drops_every_queue(struct kunit *test)
{
	struct wk_v3 v3;
	struct wk_crowd *crowd = wk_crowd(test, &v3);
	struct wk_rig *builder = &crowd->rigs[WK_BUILD];
	PSCATTER_GATHER_LIST live = NULL;
	struct wk_ask ask = {
		.context = kunit_kzalloc(test, sizeof(struct wk_context), GFP_KERNEL),
		.mdl = builder->mdl[1],
		.bytes = PAGE_SIZE,
		.flags = DMA_SYNCHRONOUS_CALLBACK,
		.list = &live,
	};
	u32 i;

	/* A list and the channel, both without routines */
	KUNIT_ASSERT_NOT_NULL(test, ask.context);
	wk_context_init(&v3, ask.context);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	wk_own_channel(&v3, 1);
	wk_let_a_crowd_wait(test, crowd, &v3);

	wk_expect_report(test, WD_REPORT_CHANNEL_LEFT, 1);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind(test);

	/* The buffers of the two Builds: nobody else's any more. */
	memset(builder->buffers[0], 0x5A, WK_LIST_BYTES);
	memset(crowd->rigs[0].buffers[WK_BUFFERS - 1], 0x5A, WK_LIST_BYTES);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_FALSE(test, wk_cancel(&crowd->rigs[i], &crowd->contexts[i]));
	wk_put_ex(&v3, live);
	wk_release(&crowd->rigs[0]);
	wk_expect_report(test, WD_REPORT_DEAD_ADAPTER, 5);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, crowd->calls[i].count, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(builder->buffers[0], 0x5A, WK_LIST_BYTES));
}

/* A list whose memory could not be mapped is tried again by a timer. */
static void wk_unbind_drops_a_starved_list(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, WK_BUILD);
	struct wk_context context;
	struct wk_call call;

	wk_context_init(&rig.v3, &context);
	wk_passing_call(&rig, &call);
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(rig.v3.adapter, 1000000), 0);
	KUNIT_ASSERT_EQ(test, wk_request(&rig, &context, 1, 0, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_stats(test, rig.v3.adapter).waiting, 1);
	msleep(50);
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind(test);
	memset(rig.buffers[0], 0x5A, WK_LIST_BYTES);
	msleep(150);	/* longer than any retry waits */
	KUNIT_EXPECT_EQ(test, call.count, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(rig.buffers[0], 0x5A, WK_LIST_BYTES));
}

/* The device has not finished when it leaves, and the driver only notices later. */
static void wk_unbind_during_a_transfer(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, wk_way(test));
	struct wk_buffer *memory = wk_alloc_scattered(test, 4);
	PMDL mdl = wk_mdl(test, memory, 0, memory->bytes);
	u8 *data = kunit_kmalloc(test, memory->bytes, GFP_KERNEL);
	struct wk_context *context = kunit_kzalloc(test, sizeof(*context), GFP_KERNEL);
	PSCATTER_GATHER_LIST element = kunit_kzalloc(test, 40, GFP_KERNEL), list = NULL;
	struct wk_ask ask = {
		.context = context,
		.mdl = mdl,
		.bytes = 2 * PAGE_SIZE,
		.flags = DMA_SYNCHRONOUS_CALLBACK,
		.read = true,
		.list = &list,
	};
	u32 mappings = wk_mappings(test);
	ULONG length = PAGE_SIZE;
	PVOID base;

	KUNIT_ASSERT_TRUE(test, data && context && element);
	base = wk_get_set(&v3, 2);
	KUNIT_ASSERT_EQ(test, v3.ops->MapTransferEx(v3.adapter, mdl, base, 2 * PAGE_SIZE, 0,
						    &length, FALSE, element, 40, NULL, NULL),
			STATUS_SUCCESS);
	wk_context_init(&v3, context);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	wk_fill(memory->va, memory->bytes, 1);
	wk_fill(data, memory->bytes, 2);
	wk_device_write_list(test, list, data);
	wk_device_write_list(test, element, data);

	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind(test);
	/* Nothing is mapped any more, and what the device wrote to wdmdma's pages is dropped. */
	if (wk_way(test) == WK_DIRECT)
		KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	else
		wk_expect_pattern(test, memory->va, memory->bytes, 1);

	wk_expect_report(test, WD_REPORT_DEAD_ADAPTER, 3);
	v3.ops->FlushAdapterBuffersEx(v3.adapter, mdl, base, 2 * PAGE_SIZE, length, FALSE);
	v3.ops->FreeMapRegisters(v3.adapter, base, 2);
	wk_put_ex(&v3, list);
}

/* The module that the code under test lives in, by way of what this one depends on */
static int wk_pins(void)
{
	struct module_use *use;

	list_for_each_entry(use, &THIS_MODULE->target_list, target_list)
		if (!strcmp(use->target->name, "wdmdma"))
			return module_refcount(use->target);
	return -1;
}

/* Whatever a driver forgets, the module can be unloaded when the driver is gone. */
static void wk_unbind_unpins_the_module(struct kunit *test)
{
	struct platform_device *pdev = wk_add_device(test);
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	int before = wk_pins();
	PDEVICE_OBJECT object = wdmdma_get_device_object(&pdev->dev);
	PDMA_ADAPTER adapters[2];
	PHYSICAL_ADDRESS address;
	ULONG regs, i;

	for (i = 0; i < 2; i++) {
		adapters[i] = IoGetDmaAdapter(object, &description, &regs);
		KUNIT_ASSERT_NOT_NULL(test, adapters[i]);
	}
	KUNIT_EXPECT_NOT_NULL(test, HalAllocateCommonBuffer(adapters[0], PAGE_SIZE, &address,
							    TRUE));
	KUNIT_EXPECT_GT(test, wk_pins(), before);
	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 2);	/* the adapter's, and freed */
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_remove_device(pdev);
	KUNIT_EXPECT_EQ(test, wk_pins(), before);
}

/* What the bus does about a device whose driver has no routines for it */
static void wk_sleep(struct kunit *test, struct device *dev, bool sleep)
{
	const struct dev_pm_ops *pm = dev->bus->pm;
	int (*routine)(struct device *dev) = NULL;

	if (pm)
		routine = sleep ? pm->suspend : pm->resume;
	if (routine)
		KUNIT_EXPECT_EQ(test, routine(dev), 0);
}

/* Requests wait until the system is awake again, in their order, whoever sleeps meanwhile. */
static void wk_requests_wait_while_the_device_sleeps(struct kunit *test)
{
	struct wk_v3 v3;
	struct wk_crowd *crowd = wk_crowd(test, &v3);
	struct platform_device *pdev = wk_add_device(test);
	struct wk_world *world = test->priv;
	PDEVICE_OBJECT object = world->object;
	u32 i, last = 0;

	/* A platform device: the bus of an adopted one may do more to it than the test knows. */
	wk_put_adapter(test, v3.adapter);
	world->object = wdmdma_get_device_object(&pdev->dev);
	KUNIT_ASSERT_NOT_NULL(test, world->object);
	v3 = wk_v3_pool(test, WK_REGS);
	for (i = 0; i < 3; i++)
		crowd->rigs[i].v3 = v3;

	wk_own_channel(&v3, 1);
	wk_let_a_crowd_wait(test, crowd, &v3);
	wk_sleep(test, &pdev->dev, true);
	msleep(50);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).waiting, 5);
	/* One can be taken back ... */
	KUNIT_EXPECT_TRUE(test, wk_cancel(&crowd->rigs[WK_GET], &crowd->contexts[WK_GET]));
	wk_sleep(test, &pdev->dev, false);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).waiting, 4);
	KUNIT_EXPECT_EQ(test, wk_calls(), 0);

	/* ... and the others are served when the device goes on. */
	wk_release(&crowd->rigs[0]);
	KUNIT_EXPECT_EQ(test, crowd->calls[3].count, 1);	/* which keeps the channel */
	KUNIT_EXPECT_EQ(test, crowd->calls[4].count, 0);
	wk_release(&crowd->rigs[0]);
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_EQ(test, crowd->calls[i].count, i != WK_GET);
		if (i == WK_GET)
			continue;
		KUNIT_EXPECT_GT(test, crowd->calls[i].order, last);
		last = crowd->calls[i].order;
	}
	wk_put_ex(&v3, crowd->calls[4].list);
	wk_expect_free(&v3);

	wk_put_adapter(test, v3.adapter);
	wdmdma_put_device_object(world->object);
	world->object = object;
	wk_remove_device(pdev);
}

static struct kunit_case wk_leave_cases[] = {
	KUNIT_CASE_PARAM(wk_unbind_waits_for_a_routine, wk_kind_gen_params),
	KUNIT_CASE(wk_unbind_drops_every_queue),
	KUNIT_CASE(wk_unbind_drops_a_starved_list),
	KUNIT_CASE_PARAM(wk_unbind_during_a_transfer, wk_way_gen_params),
	KUNIT_CASE(wk_unbind_unpins_the_module),
	KUNIT_CASE(wk_requests_wait_while_the_device_sleeps),
	{}
};

static struct kunit_suite wk_leave_suite = {
	.name = "wdmdma_leave",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_leave_cases,
};

kunit_test_suite(wk_leave_suite);
