// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device objects: who shares one, when it goes, and that nothing of a device outlives the binding
 * of its driver, whatever the ported driver forgot.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/sizes.h>

#include "fake_driver.h"
#include "fixture.h"

#define WK_BUFFERS_FORGOTTEN	3

static struct device *wk_device(struct kunit *test)
{
	struct wk_world *world = test->priv;

	return world->dev;
}

/* Does IoGetDmaAdapter() take @object for a device? */
static bool wk_is_device_object(PDEVICE_OBJECT object)
{
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	ULONG regs;
	PDMA_ADAPTER adapter = IoGetDmaAdapter(object, &description, &regs);

	if (adapter)
		adapter->DmaOperations->PutDmaAdapter(adapter);
	return adapter;
}

/* The last reference may be an adapter's, which goes a little after it was put. */
static bool wk_object_goes(PDEVICE_OBJECT object)
{
	const struct wdmdma_limits limits = {};
	unsigned int i;

	for (i = 0; i < 200 && !wdmdma_set_limits(object, &limits); i++)
		msleep(20);
	return wdmdma_set_limits(object, &limits) == -EINVAL;
}

static void wk_device_has_one_object(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct platform_device *pdev = wk_add_device(test);
	PDEVICE_OBJECT other = wdmdma_get_device_object(&pdev->dev);

	KUNIT_EXPECT_PTR_EQ(test, wdmdma_get_device_object(wk_device(test)), world->object);
	KUNIT_EXPECT_NOT_NULL(test, other);
	KUNIT_EXPECT_PTR_NE(test, other, world->object);
	/* A request's Irp is read from here; nothing else has a meaning. */
	KUNIT_EXPECT_NULL(test, other->CurrentIrp);
	wdmdma_put_device_object(world->object);
	wdmdma_put_device_object(other);
	wk_remove_device(pdev);
}

static void wk_object_goes_with_its_last_reference(struct kunit *test)
{
	struct platform_device *pdev = wk_add_device(test);
	PDEVICE_OBJECT object = wdmdma_get_device_object(&pdev->dev);
	unsigned int i;

	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_PTR_EQ(test, wdmdma_get_device_object(&pdev->dev), object);
	for (i = 0; i < 3; i++) {
		wdmdma_put_device_object(object);
		KUNIT_EXPECT_TRUE(test, wk_is_device_object(object));
	}
	wdmdma_put_device_object(object);
	KUNIT_EXPECT_TRUE(test, wk_object_goes(object));
	KUNIT_EXPECT_FALSE(test, wk_is_device_object(object));

	/* And a driver can begin anew. */
	object = wdmdma_get_device_object(&pdev->dev);
	KUNIT_EXPECT_TRUE(test, wk_is_device_object(object));
	wdmdma_put_device_object(object);
	wk_remove_device(pdev);
}

static void wk_adapter_keeps_the_object(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	struct platform_device *pdev = wk_add_device(test);
	PDEVICE_OBJECT object = wdmdma_get_device_object(&pdev->dev);
	PDMA_ADAPTER adapter;
	ULONG regs;

	adapter = IoGetDmaAdapter(object, &description, &regs);
	KUNIT_ASSERT_NOT_NULL(test, adapter);
	wdmdma_put_device_object(object);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).map_registers, regs);
	KUNIT_EXPECT_PTR_EQ(test, wdmdma_get_device_object(&pdev->dev), object);
	wdmdma_put_device_object(object);

	/* The references of the driver and those of its adapters are counted apart. */
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wdmdma_put_device_object(object);
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).map_registers, regs);
	adapter->DmaOperations->PutDmaAdapter(adapter);
	KUNIT_EXPECT_TRUE(test, wk_object_goes(object));
	wk_remove_device(pdev);
}

static void wk_buffer_keeps_the_object(struct kunit *test)
{
	struct platform_device *pdev = wk_add_device(test);
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	PDEVICE_OBJECT object = wdmdma_get_device_object(&pdev->dev);
	const struct wdmdma_limits limits = {};
	PHYSICAL_ADDRESS address;
	PDMA_ADAPTER adapter;
	ULONG regs;

	adapter = IoGetDmaAdapter(object, &description, &regs);
	KUNIT_ASSERT_NOT_NULL(test, adapter);
	KUNIT_EXPECT_NOT_NULL(test, HalAllocateCommonBuffer(adapter, PAGE_SIZE, &address, TRUE));
	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 2);	/* at Put and at unbind */
	adapter->DmaOperations->PutDmaAdapter(adapter);
	wdmdma_put_device_object(object);
	msleep(50);
	KUNIT_EXPECT_EQ(test, wdmdma_set_limits(object, &limits), 0);
	wk_remove_device(pdev);
	KUNIT_EXPECT_EQ(test, wdmdma_set_limits(object, &limits), -EINVAL);
}

static void wk_put_too_often_is_reported(struct kunit *test)
{
	struct platform_device *pdev = wk_add_device(test);
	PDEVICE_OBJECT object = wdmdma_get_device_object(&pdev->dev);
	DEVICE_OBJECT own = {};

	wdmdma_put_device_object(object);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 3);
	wdmdma_put_device_object(object);
	wdmdma_put_device_object(&own);
	wdmdma_put_device_object((PDEVICE_OBJECT)8);
	wk_remove_device(pdev);
}

static void wk_null_is_tolerated(struct kunit *test)
{
	const struct wdmdma_limits limits = {};
	struct wk_world *world = test->priv;

	wdmdma_put_device_object(NULL);
	KUNIT_EXPECT_NULL(test, wdmdma_get_device_object(NULL));
	KUNIT_EXPECT_EQ(test, wdmdma_set_limits(NULL, &limits), -EINVAL);
	KUNIT_EXPECT_EQ(test, wdmdma_set_limits(world->object, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
}

static void wk_device_without_driver_has_no_object(struct kunit *test)
{
	struct platform_device *pdev = wk_add_device(test);

	device_release_driver(&pdev->dev);
	KUNIT_EXPECT_NULL(test, wdmdma_get_device_object(&pdev->dev));
	KUNIT_EXPECT_EQ(test, device_attach(&pdev->dev), 1);
	KUNIT_EXPECT_TRUE(test, wk_is_device_object(wdmdma_get_device_object(&pdev->dev)));
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);	/* never put */
	wk_remove_device(pdev);
}

static void wk_device_without_dma_has_no_object(struct kunit *test)
{
	struct platform_device *pdev = wk_add_device(test);
	u64 *mask = pdev->dev.dma_mask;

	pdev->dev.dma_mask = NULL;
	KUNIT_EXPECT_NULL(test, wdmdma_get_device_object(&pdev->dev));
	pdev->dev.dma_mask = mask;
	wk_remove_device(pdev);
}

static void wk_limits_apply_to_later_adapters(struct kunit *test)
{
	const struct wdmdma_limits narrow = { .last_address = 0xBFFFFFFF, .pool_registers = 5 };
	struct wk_world *world = test->priv;
	PDMA_ADAPTER before, after;
	ULONG regs;

	before = wk_get_adapter(test, 2, SZ_64K, NULL);
	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &narrow), 0);
	after = wk_get_adapter(test, 2, SZ_64K, &regs);
	KUNIT_EXPECT_EQ(test, regs, 5);
	KUNIT_EXPECT_EQ(test, wk_stats(test, after).last_address, 0xBFFFFFFF);
	KUNIT_EXPECT_EQ(test, wk_stats(test, before).last_address, U64_MAX);
	KUNIT_EXPECT_EQ(test, wk_stats(test, before).map_registers, 17);
}

static void wk_unbind_with_nothing_is_silent(struct kunit *test)
{
	struct wk_world *world = test->priv;

	wk_put_adapter(test, wk_get_adapter(test, 2, SZ_64K, NULL));
	wdmdma_put_device_object(world->object);
	wk_unbind(test);
}

/* Everything a driver can forget, on one adapter */
struct wk_forgotten {
	PDMA_ADAPTER adapter;
	struct wk_buffer *memory;
	struct wk_call list, kept, owner, waiting, waiting_list;
};

static void wk_forget_mapped_set(struct kunit *test, struct wk_forgotten *it, PMDL mdl)
{
	const DMA_OPERATIONS *ops = it->adapter->DmaOperations;
	ULONG length = PAGE_SIZE;

	wk_call_init(&it->kept, it->adapter, DeallocateObjectKeepRegisters);
	ops->AllocateAdapterChannel(it->adapter, NULL, 2, wk_control, &it->kept);
	KUNIT_ASSERT_EQ(test, it->kept.count, 1);
	ops->MapTransfer(it->adapter, mdl, it->kept.base, it->memory->va, &length, FALSE);
	KUNIT_EXPECT_EQ(test, length, PAGE_SIZE);
}

static void wk_forget_everything(struct kunit *test, struct wk_forgotten *it)
{
	struct wk_world *world = test->priv;
	const DMA_OPERATIONS *ops = it->adapter->DmaOperations;
	PHYSICAL_ADDRESS address;
	NTSTATUS status;
	unsigned int i;
	PMDL mdl;

	it->memory = wk_alloc_scattered(test, 2);
	mdl = wk_mdl(test, it->memory, 0, it->memory->bytes);
	for (i = 0; i < WK_BUFFERS_FORGOTTEN; i++)
		KUNIT_EXPECT_NOT_NULL(test, ops->AllocateCommonBuffer(it->adapter, 5000, &address,
								      TRUE));
	wk_call_init(&it->list, it->adapter, KeepObject);
	ops->GetScatterGatherList(it->adapter, NULL, mdl, it->memory->va, it->memory->bytes,
				  wk_list_control, &it->list, FALSE);
	KUNIT_ASSERT_EQ(test, it->list.count, 1);
	wk_forget_mapped_set(test, it, mdl);

	wk_call_init(&it->owner, it->adapter, KeepObject);
	ops->AllocateAdapterChannel(it->adapter, world->object, 2, wk_control, &it->owner);
	KUNIT_ASSERT_EQ(test, it->owner.count, 1);
	wk_call_init(&it->waiting, it->adapter, KeepObject);
	status = ops->AllocateAdapterChannel(it->adapter, world->object, 2, wk_control,
					     &it->waiting);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	wk_call_init(&it->waiting_list, it->adapter, KeepObject);
	status = ops->GetScatterGatherList(it->adapter, NULL, mdl, it->memory->va,
					   it->memory->bytes, wk_list_control, &it->waiting_list,
					   TRUE);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_stats(test, it->adapter).waiting, 2);
}

static void wk_expect_forgotten(struct kunit *test, const struct wk_forgotten *it)
{
	/* A routine of a driver that is gone must not run. */
	KUNIT_EXPECT_EQ(test, it->waiting.count, 0);
	KUNIT_EXPECT_EQ(test, it->waiting_list.count, 0);
}

static void wk_unbind_ends_everything(struct kunit *test)
{
	struct wdmdma_adapter_stats stats;
	struct wk_world *world = test->priv;
	PDEVICE_OBJECT object = world->object;
	const struct wdmdma_limits limits = {};
	struct wk_forgotten *first, *second;

	first = kunit_kzalloc(test, 2 * sizeof(*first), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, first);
	second = first + 1;
	wk_calls_reset();
	first->adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	second->adapter = wk_get_limited_adapter(test, 1, SZ_64K, 6, NULL);
	wk_forget_everything(test, first);
	wk_forget_everything(test, second);

	/* Each kind once for each adapter, the buffers once more when they are freed. */
	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 2 + 1);
	wk_expect_report(test, WD_REPORT_CHANNEL_LEFT, 2);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 2);
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 2);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind(test);
	wk_expect_forgotten(test, first);
	wk_expect_forgotten(test, second);

	/* What the driver still holds are stale handles, and told from good ones. */
	wk_expect_report(test, WD_REPORT_DEAD_ADAPTER, 2);
	KUNIT_EXPECT_EQ(test, wdmdma_get_adapter_stats(first->adapter, &stats), -EINVAL);
	first->adapter->DmaOperations->PutDmaAdapter(first->adapter);
	KUNIT_EXPECT_FALSE(test, wk_is_device_object(object));
	KUNIT_EXPECT_EQ(test, wdmdma_set_limits(object, &limits), -EINVAL);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wdmdma_put_device_object(object);
	KUNIT_EXPECT_NULL(test, wdmdma_get_device_object(wk_device(test)));
}

/* Unbinding drops the data that nobody flushed: the driver's memory may be somebody else's. */
static void wk_unbind_leaves_other_devices_alone(struct kunit *test)
{
	struct platform_device *pdev = wk_add_device(test);
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	PDEVICE_OBJECT object = wdmdma_get_device_object(&pdev->dev);
	PHYSICAL_ADDRESS address;
	PDMA_ADAPTER other;
	ULONG regs;
	PVOID va;

	other = IoGetDmaAdapter(object, &description, &regs);
	KUNIT_ASSERT_NOT_NULL(test, other);
	va = other->DmaOperations->AllocateCommonBuffer(other, PAGE_SIZE, &address, TRUE);
	KUNIT_ASSERT_NOT_NULL(test, va);
	wk_get_adapter(test, 2, SZ_64K, NULL);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind(test);

	KUNIT_EXPECT_EQ(test, wk_stats(test, other).buffers_live, 1);
	other->DmaOperations->FreeCommonBuffer(other, PAGE_SIZE, address, va, TRUE);
	other->DmaOperations->PutDmaAdapter(other);
	wdmdma_put_device_object(object);
	wk_remove_device(pdev);
}

/* Memory that a free with interrupts off left for later is freed before the driver is gone. */
static void wk_unbind_waits_for_late_frees(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	struct wk_world *world = test->priv;
	PHYSICAL_ADDRESS address[8];
	PVOID va[8];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(va); i++) {
		va[i] = ops->AllocateCommonBuffer(adapter, SZ_8K, &address[i], TRUE);
		KUNIT_ASSERT_NOT_NULL(test, va[i]);
	}
	local_irq_disable();
	for (i = 0; i < ARRAY_SIZE(va); i++)
		ops->FreeCommonBuffer(adapter, SZ_8K, address[i], va[i], TRUE);
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, wk_stats(test, adapter).buffers_live, 0);
	wk_put_adapter(test, adapter);
	wdmdma_put_device_object(world->object);
	wk_unbind(test);
}

/* What a driver's clean-up finds after the one of wdmdma */
struct wk_late {
	struct device *dev;
	PDEVICE_OBJECT object;
};

static void wk_get_object_late(void *data)
{
	struct wk_late *late = data;

	late->object = wdmdma_get_device_object(late->dev);
	wdmdma_put_device_object(late->object);
}

/* Nobody would end what belongs to an object that is made now. */
static void wk_unbinding_device_gets_no_new_object(struct kunit *test)
{
	struct platform_device *pdev = wk_add_device(test);
	struct wk_late late = { .dev = &pdev->dev };
	PDEVICE_OBJECT object;

	KUNIT_ASSERT_EQ(test, devm_add_action(&pdev->dev, wk_get_object_late, &late), 0);
	object = wdmdma_get_device_object(&pdev->dev);
	wdmdma_put_device_object(object);
	wk_remove_device(pdev);
	KUNIT_EXPECT_NULL(test, late.object);
}

/* A driver's thread that uses its device while it is unbound */
struct wk_user {
	struct device *dev;
	PDEVICE_OBJECT object, late;
	struct completion running, done;
	unsigned int rounds;
};

static int wk_use_device(void *data)
{
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	struct wk_user *user = data;
	PDMA_ADAPTER adapter;
	ULONG regs;

	while ((adapter = IoGetDmaAdapter(user->object, &description, &regs))) {
		const DMA_OPERATIONS *ops = adapter->DmaOperations;
		PHYSICAL_ADDRESS address;
		PVOID va = ops->AllocateCommonBuffer(adapter, SZ_8K, &address, TRUE);

		if (va)
			ops->FreeCommonBuffer(adapter, SZ_8K, address, va, TRUE);
		ops->PutDmaAdapter(adapter);
		if (user->rounds++ == 5)
			complete(&user->running);
		cond_resched();
	}
	/* Its unbind still waits for the adapters that were just put. */
	user->late = wdmdma_get_device_object(user->dev);
	complete(&user->done);
	return 0;
}

/* The test announces as many reports as there were: how many depends on the race. */
static void wk_allow_reports(struct kunit *test, u32 code)
{
	struct wk_world *world = test->priv;

	world->expected[code] = wdmdma_report_count(code) - world->reports[code];
}

static void wk_unbind_meets_a_busy_driver(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wk_user user = { .dev = wk_device(test), .object = world->object };
	struct task_struct *thread;

	init_completion(&user.running);
	init_completion(&user.done);
	thread = kthread_run(wk_use_device, &user, "wk_user");
	KUNIT_ASSERT_FALSE(test, IS_ERR(thread));
	wait_for_completion(&user.running);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind(test);
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&user.done, 10 * HZ), 0);
	KUNIT_EXPECT_GT(test, user.rounds, 5);
	KUNIT_EXPECT_NULL(test, user.late);
	wk_allow_reports(test, WD_REPORT_DEAD_ADAPTER);
	wk_allow_reports(test, WD_REPORT_BUFFERS_LEFT);
}

static struct kunit_case wk_device_cases[] = {
	KUNIT_CASE(wk_device_has_one_object),
	KUNIT_CASE(wk_object_goes_with_its_last_reference),
	KUNIT_CASE(wk_adapter_keeps_the_object),
	KUNIT_CASE(wk_buffer_keeps_the_object),
	KUNIT_CASE(wk_put_too_often_is_reported),
	KUNIT_CASE(wk_null_is_tolerated),
	KUNIT_CASE(wk_device_without_driver_has_no_object),
	KUNIT_CASE(wk_device_without_dma_has_no_object),
	KUNIT_CASE(wk_limits_apply_to_later_adapters),
	KUNIT_CASE(wk_unbind_with_nothing_is_silent),
	KUNIT_CASE(wk_unbind_ends_everything),
	KUNIT_CASE(wk_unbind_leaves_other_devices_alone),
	KUNIT_CASE(wk_unbind_waits_for_late_frees),
	KUNIT_CASE(wk_unbinding_device_gets_no_new_object),
	KUNIT_CASE(wk_unbind_meets_a_busy_driver),
	{}
};

static struct kunit_suite wk_device_suite = {
	.name = "wdmdma_device",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_device_cases,
};

kunit_test_suite(wk_device_suite);
