// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls at an IRQL that they are not documented for, and drivers' routines that leave another one
 * than they found.
 */
#include <linux/sizes.h>
#include <linux/spinlock.h>

#include "hardirq.h"
#include "verifier.h"

static DEFINE_SPINLOCK(wk_lock);

struct wk_level {
	struct kunit *test;
	PDMA_ADAPTER adapter;
	PDMA_OPERATIONS ops;
	u64 before;
	NTSTATUS status;
	PVOID va;
};

static struct wk_level wk_level(struct kunit *test, ULONG version)
{
	struct wk_level level = { .test = test };

	level.adapter = wk_get_adapter(test, version, SZ_64K, NULL);
	level.ops = level.adapter->DmaOperations;
	level.before = wk_last_violation();
	return level;
}

static void wk_one(struct wk_level *level, const char *routine, u64 p2, u64 p3, u64 p4)
{
	struct wdmdma_violation found = wk_expect_violation(level->test, level->before,
							    WD_REPORT_IRQL, routine);

	KUNIT_EXPECT_EQ(level->test, found.params[0], p2);
	KUNIT_EXPECT_EQ(level->test, found.params[1], p3);
	KUNIT_EXPECT_EQ(level->test, found.params[2], p4);
	wk_expect_report(level->test, WD_REPORT_IRQL, 1);
	level->before = wk_last_violation();
}

static IO_ALLOCATION_ACTION wk_release(PDEVICE_OBJECT object, PIRP irp, PVOID base, PVOID context)
{
	return DeallocateObject;
}

/* Row 21 */
static void under_a_spinlock(struct kunit *test)
{
	struct wk_level level = wk_level(test, DEVICE_DESCRIPTION_VERSION);
	PHYSICAL_ADDRESS address;
	PVOID va;

	if (!IS_ENABLED(CONFIG_PREEMPT_COUNT))
		return;
	spin_lock(&wk_lock);
	va = level.ops->AllocateCommonBuffer(level.adapter, 64, &address, TRUE);
	spin_unlock(&wk_lock);
	KUNIT_EXPECT_NULL(test, va);
	wk_one(&level, "AllocateCommonBuffer", 2, PASSIVE_LEVEL, DISPATCH_LEVEL);

	/* With interrupts or bottom halves off it is reported in any mode. */
	local_bh_disable();
	va = level.ops->AllocateCommonBuffer(level.adapter, 64, &address, TRUE);
	local_bh_enable();
	KUNIT_EXPECT_NULL(test, va);
	wk_one(&level, "AllocateCommonBuffer", 2, PASSIVE_LEVEL, DISPATCH_LEVEL);

	local_bh_disable();
	KUNIT_EXPECT_GT(test, level.ops->GetDmaAlignment(level.adapter), 0);
	local_bh_enable();
	wk_one(&level, "GetDmaAlignment", 2, PASSIVE_LEVEL, DISPATCH_LEVEL);
}

static void wk_allocate(void *data)
{
	struct wk_level *level = data;

	level->status = level->ops->AllocateAdapterChannel(level->adapter, NULL, 1, wk_release,
							   NULL);
}

/* Row 22 */
static void in_a_hard_interrupt(struct kunit *test)
{
	struct wk_level level = wk_level(test, DEVICE_DESCRIPTION_VERSION);

	wk_in_hard_interrupt(wk_allocate, &level);
	KUNIT_EXPECT_EQ(test, level.status, STATUS_INVALID_PARAMETER);
	wk_one(&level, "AllocateAdapterChannel", 1, DISPATCH_LEVEL, WDMDMA_DIRQL);
}

/* What Windows alone forbids is reported at level 2. */
static void strictly(struct kunit *test)
{
	struct wk_level level = wk_level(test, DEVICE_DESCRIPTION_VERSION);
	PHYSICAL_ADDRESS address;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		wk_allocate(&level);
		KUNIT_EXPECT_EQ(test, level.status, STATUS_SUCCESS);
		if (i)
			wk_one(&level, "AllocateAdapterChannel", 1, DISPATCH_LEVEL, PASSIVE_LEVEL);
		level.va = level.ops->AllocateCommonBuffer(level.adapter, 64, &address, TRUE);
		KUNIT_ASSERT_NOT_NULL(test, level.va);
		local_bh_disable();
		level.ops->FreeCommonBuffer(level.adapter, 64, address, level.va, TRUE);
		local_bh_enable();
		if (i)
			wk_one(&level, "FreeCommonBuffer", 2, PASSIVE_LEVEL, DISPATCH_LEVEL);
		local_bh_disable();
		wk_allocate(&level);
		local_bh_enable();
		KUNIT_EXPECT_EQ(test, wk_last_violation(), level.before);
		wk_set_verifier(test, &(struct wdmdma_verifier){ .level = 2 });
		level = wk_level(test, DEVICE_DESCRIPTION_VERSION);
	}
}

enum wk_left {
	WK_IRQS_OFF,
	WK_BH_OFF,
	WK_BH_ON,
	WK_PREEMPTION_OFF,
};

static IO_ALLOCATION_ACTION wk_leave(PDEVICE_OBJECT object, PIRP irp, PVOID base, PVOID context)
{
	switch (*(enum wk_left *)context) {
	case WK_IRQS_OFF:
		local_irq_disable();
		break;
	case WK_BH_OFF:
		local_bh_disable();
		break;
	case WK_BH_ON:
		local_bh_enable();
		break;
	case WK_PREEMPTION_OFF:
		preempt_disable();
		break;
	}
	return DeallocateObject;
}

static void wk_leave_list(PDEVICE_OBJECT object, PIRP irp, PSCATTER_GATHER_LIST list, PVOID context)
{
	wk_leave(object, irp, NULL, context);
}

static void wk_left_desc(const enum wk_left *left, char *text)
{
	static const char * const names[] = { "interrupts off", "bottom halves off",
					      "bottom halves on", "preemption off" };

	strscpy(text, names[*left], KUNIT_PARAM_DESC_SIZE);
}

static const enum wk_left wk_lefts[] = {
	WK_IRQS_OFF, WK_BH_OFF, WK_BH_ON, WK_PREEMPTION_OFF,
};

KUNIT_ARRAY_PARAM(wk_left, wk_lefts, wk_left_desc);

/* The machine goes on. */
static void routines_that_leave_another(struct kunit *test)
{
	struct wk_level level = wk_level(test, DEVICE_DESCRIPTION_VERSION);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 1), 0, 64);
	enum wk_left left = *(const enum wk_left *)test->param_value;
	int count = preempt_count();

	level.status = level.ops->AllocateAdapterChannel(level.adapter, NULL, 1, wk_leave, &left);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	KUNIT_EXPECT_EQ(test, preempt_count(), count);
	KUNIT_EXPECT_EQ(test, level.status, STATUS_SUCCESS);
	wk_expect_violation(test, level.before, WD_REPORT_IMBALANCE, "AdapterControl");

	level.before = wk_last_violation();
	level.status = level.ops->GetScatterGatherList(level.adapter, NULL, mdl,
						       MmGetMdlVirtualAddress(mdl), 64,
						       wk_leave_list, &left, TRUE);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	KUNIT_EXPECT_EQ(test, preempt_count(), count);
	KUNIT_EXPECT_EQ(test, level.status, STATUS_SUCCESS);
	wk_expect_violation(test, level.before, WD_REPORT_IMBALANCE, "AdapterListControl");
	wk_expect_report(test, WD_REPORT_IMBALANCE, 2);
	/* The list was not kept. */
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);
	wk_put_adapter(test, level.adapter);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(under_a_spinlock),
	KUNIT_CASE(in_a_hard_interrupt),
	KUNIT_CASE(strictly),
	KUNIT_CASE_PARAM(routines_that_leave_another, wk_left_gen_params),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_verifier_irql",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_verified,
	.exit = wk_exit_verified,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
