// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leaks: each object that a verified adapter leaves has a detail of its own, before the one report.
 */
#include <linux/sizes.h>

#include "bounce.h"
#include "v3.h"
#include "verifier.h"

struct wk_left {
	const char *object;
	u64 handle, amount, address;
};

/* The details of @code after @sequence are those of @left, in any order. */
static void wk_expect_left(struct kunit *test, u64 sequence, u32 code, const struct wk_left *left,
			   unsigned int nr_left)
{
	struct wdmdma_violation violation;
	unsigned long seen = 0;
	unsigned int i;

	while (!wdmdma_get_violation(sequence, &violation)) {
		sequence = violation.sequence;
		if (violation.code != code)
			continue;
		/* What it is about comes before. */
		if (!violation.is_detail) {
			KUNIT_EXPECT_EQ(test, seen, BIT(nr_left) - 1);
			continue;
		}
		KUNIT_EXPECT_EQ(test, violation.has_stack, IS_ENABLED(CONFIG_STACKDEPOT));
		for (i = 0; i < nr_left; i++)
			if (!(seen & BIT(i)) && !strcmp(violation.object, left[i].object) &&
			    violation.params[0] == left[i].handle &&
			    violation.params[1] == left[i].amount &&
			    violation.params[2] == left[i].address)
				break;
		KUNIT_ASSERT_LT_MSG(test, i, nr_left, "a detail of %s", violation.object);
		seen |= BIT(i);
	}
	KUNIT_EXPECT_EQ(test, seen, BIT(nr_left) - 1);
}

#define WK_HANDLE(pointer) ((u64)(uintptr_t)(pointer))

static void wk_buffers_are_shown(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_description(3, TRUE, 64, SZ_64K);
	PDMA_ADAPTER adapter = wk_get_described_adapter(test, &description, NULL);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	PHYSICAL_ADDRESS low = {}, high = { .QuadPart = -1 }, address[3];
	u64 sequence = wk_last_violation(), again;
	PDMA_COMMON_BUFFER_VECTOR vector;
	struct wk_left left[3] = {};
	unsigned int i;
	NTSTATUS status;
	void *va[3];

	for (i = 0; i < ARRAY_SIZE(va); i++) {
		va[i] = ops->AllocateCommonBuffer(adapter, 100 + i, &address[i], TRUE);
		KUNIT_ASSERT_NOT_NULL(test, va[i]);
	}
	for (i = 0; i < 2; i++)
		left[i] = (struct wk_left){ "common buffer", WK_HANDLE(va[i]), 100 + i,
					    address[i].QuadPart };
	status = ops->AllocateCommonBufferVector(adapter, low, high, MmCached, 0, 0, 5, 10,
						 &vector);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	left[2] = (struct wk_left){ "vector", WK_HANDLE(vector), 5 };
	ops->FreeCommonBuffer(adapter, 102, address[2], va[2], TRUE);

	wk_put_adapter(test, adapter);
	wk_expect_violation(test, sequence, WD_REPORT_BUFFERS_LEFT, "PutDmaAdapter");
	wk_expect_left(test, sequence, WD_REPORT_BUFFERS_LEFT, left, 3);
	KUNIT_EXPECT_EQ(test, wk_expect_violation(test, sequence, WD_REPORT_VECTOR_LEFT,
						  "PutDmaAdapter").params[0], 1);
	wk_expect_report(test, WD_REPORT_VECTOR_LEFT, 1);
	again = wk_last_violation();
	wk_unbind(test);
	wk_expect_violation(test, again, WD_REPORT_BUFFERS_LEFT, "driver-unbind");
	wk_expect_left(test, again, WD_REPORT_BUFFERS_LEFT, left, 3);
	/* The details do not count. */
	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 2);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
}

static void wk_sets_and_lists_are_shown(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, DEVICE_DESCRIPTION_VERSION, SZ_64K, NULL);
	struct wk_bounce bounce = { test, adapter, adapter->DmaOperations };
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u64 sequence = wk_last_violation();
	struct wk_left sets[2] = {}, lists[2] = {};
	PVOID freed;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		sets[i].object = "register set";
		sets[i].amount = 3 + i;
		sets[i].handle = WK_HANDLE(wk_take_set(&bounce, 3 + i));
		lists[i].object = "list";
		lists[i].amount = 1000 + i;
		lists[i].handle = WK_HANDLE(wk_get_list(&bounce, mdl, i, 1000 + i, TRUE));
	}
	freed = wk_take_set(&bounce, 2);
	wk_free_set(&bounce, freed, 2);
	wk_put_list(&bounce, wk_get_list(&bounce, mdl, 0, 9, TRUE), TRUE);

	wk_put_adapter(test, adapter);
	wk_expect_violation(test, sequence, WD_REPORT_REGS_LEFT, "PutDmaAdapter");
	wk_expect_left(test, sequence, WD_REPORT_REGS_LEFT, sets, 2);
	wk_expect_violation(test, sequence, WD_REPORT_LISTS_LEFT, "PutDmaAdapter");
	wk_expect_left(test, sequence, WD_REPORT_LISTS_LEFT, lists, 2);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);
}

/* The ring holds other records as well. */
static void wk_so_many_are_shown(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, DEVICE_DESCRIPTION_VERSION, SZ_1M, NULL);
	struct wk_bounce bounce = { test, adapter, adapter->DmaOperations };
	struct wdmdma_violation violation = {};
	unsigned int i, details = 0;

	violation.sequence = wk_last_violation();
	for (i = 0; i < 40; i++)
		wk_take_set(&bounce, 1);
	wk_put_adapter(test, adapter);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	while (!wdmdma_get_violation(violation.sequence, &violation))
		details += violation.is_detail;
	KUNIT_EXPECT_EQ(test, details, 32);
	KUNIT_EXPECT_EQ(test, violation.code, WD_REPORT_REGS_LEFT);
	KUNIT_EXPECT_FALSE(test, violation.is_detail);
	KUNIT_EXPECT_EQ(test, violation.params[1], 40);
}

/* Who is not verified has the report alone. */
static void wk_others_are_not_shown(struct kunit *test)
{
	struct wdmdma_violation violation = {};
	struct wk_bounce bounce = { test };

	wk_set_verifier(test, &(struct wdmdma_verifier){});
	bounce.adapter = wk_get_adapter(test, DEVICE_DESCRIPTION_VERSION, SZ_64K, NULL);
	bounce.ops = bounce.adapter->DmaOperations;
	violation.sequence = wk_last_violation();
	wk_take_set(&bounce, 1);
	wk_put_adapter(test, bounce.adapter);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	KUNIT_ASSERT_EQ(test, wdmdma_get_violation(violation.sequence, &violation), 0);
	KUNIT_EXPECT_FALSE(test, violation.is_detail);
	KUNIT_EXPECT_EQ(test, violation.code, WD_REPORT_REGS_LEFT);
}

static struct kunit_case wk_verifier_leak_cases[] = {
	KUNIT_CASE(wk_buffers_are_shown),
	KUNIT_CASE(wk_sets_and_lists_are_shown),
	KUNIT_CASE(wk_so_many_are_shown),
	KUNIT_CASE(wk_others_are_not_shown),
	{}
};

static struct kunit_suite wk_verifier_leak_suite = {
	.name = "wdmdma_verifier_leak",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_verified,
	.exit = wk_exit_verified,
	.test_cases = wk_verifier_leak_cases,
};

kunit_test_suites(&wk_verifier_leak_suite);
