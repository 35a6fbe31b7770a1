// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is dead: a stale handle is told with where its object was released; memory of common buffers
 * is kept, and writes into it are found.
 */
#include <linux/mm.h>
#include <linux/sizes.h>

#include "bounce.h"
#include "v3.h"
#include "verifier.h"

static int wk_init_guarded(struct kunit *test)
{
	int ret = wk_init_verified(test);

	wk_set_verifier(test, &(struct wdmdma_verifier){ .level = 1, .guard = true });
	return ret;
}

static struct wk_bounce wk_verified(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_description(3, TRUE, 64, SZ_1M);
	struct wk_bounce bounce = { .test = test };

	bounce.adapter = wk_get_described_adapter(test, &description, &bounce.regs);
	KUNIT_ASSERT_NOT_NULL(test, bounce.adapter);
	bounce.ops = bounce.adapter->DmaOperations;
	wk_calls_reset();
	return bounce;
}

static u8 *wk_allocate(const struct wk_bounce *bounce, ULONG bytes, PHYSICAL_ADDRESS *address)
{
	u8 *va = bounce->ops->AllocateCommonBuffer(bounce->adapter, bytes, address, TRUE);

	KUNIT_ASSERT_NOT_NULL(bounce->test, va);
	return va;
}

static void wk_free(const struct wk_bounce *bounce, ULONG bytes, PHYSICAL_ADDRESS address, u8 *va)
{
	bounce->ops->FreeCommonBuffer(bounce->adapter, bytes, address, va, TRUE);
}

static void wk_expect_stale(struct kunit *test, u64 sequence, u32 code, const char *routine,
			    const char *object, bool was_freed)
{
	struct wdmdma_violation violation = wk_expect_violation(test, sequence, code, routine);

	was_freed &= IS_ENABLED(CONFIG_STACKDEPOT);
	KUNIT_EXPECT_STREQ(test, violation.object, object);
	KUNIT_EXPECT_EQ(test, violation.has_stack, was_freed);
	KUNIT_EXPECT_EQ(test, violation.was_freed, was_freed);
	wk_expect_report(test, code, 1);
}

static void wk_stale_handles_are_told(struct kunit *test)
{
	struct wk_bounce bounce = wk_verified(test);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	PMDL mdl = wk_mdl(test, buffer, 0, 100);
	PHYSICAL_ADDRESS low = {}, high = { .QuadPart = -1 }, address;
	PDMA_COMMON_BUFFER_VECTOR vector;
	PSCATTER_GATHER_LIST list;
	u64 sequence = wk_last_violation();
	PVOID base = wk_take_set(&bounce, 2);
	u8 *va;

	wk_free_set(&bounce, base, 2);
	wk_free_set(&bounce, base, 2);
	wk_expect_stale(test, sequence, WD_REPORT_REGS_FREED, "FreeMapRegisters", "register set",
			true);

	list = wk_get_list(&bounce, mdl, 0, 100, TRUE);
	wk_put_list(&bounce, list, TRUE);
	wk_put_list(&bounce, list, TRUE);
	wk_expect_stale(test, sequence, WD_REPORT_LIST_FREED, "PutScatterGatherList", "list", true);

	va = wk_allocate(&bounce, 100, &address);
	wk_free(&bounce, 100, address, va);
	wk_free(&bounce, 100, address, va);
	wk_expect_stale(test, sequence, WD_REPORT_BUFFER_FREED, "FreeCommonBuffer",
			"common buffer", true);

	KUNIT_ASSERT_EQ(test, bounce.ops->AllocateCommonBufferVector(bounce.adapter, low, high,
								     MmCached, 0, 0, 2, 10,
								     &vector), STATUS_SUCCESS);
	bounce.ops->FreeCommonBufferVector(bounce.adapter, vector);
	bounce.ops->FreeCommonBufferVector(bounce.adapter, vector);
	wk_expect_stale(test, sequence, WD_REPORT_VECTOR, "FreeCommonBufferVector", "vector", true);

	wk_put_adapter(test, bounce.adapter);
	bounce.ops->PutDmaAdapter(bounce.adapter);
	wk_expect_stale(test, sequence, WD_REPORT_DEAD_ADAPTER, "PutDmaAdapter", "adapter", true);
}

/* What never was has no history, nor has what another kind of object was. */
static void wk_wrong_handles_are_not(struct kunit *test)
{
	struct wk_bounce bounce = wk_verified(test);
	u64 sequence = wk_last_violation();
	PVOID base = wk_take_set(&bounce, 1);

	wk_free_set(&bounce, base, 1);
	wk_put_list(&bounce, base, TRUE);
	wk_expect_stale(test, sequence, WD_REPORT_LIST_FREED, "PutScatterGatherList", "list",
			false);
	wk_free_set(&bounce, base + 1, 1);
	wk_expect_stale(test, sequence, WD_REPORT_REGS_FREED, "FreeMapRegisters", "register set",
			false);
}

static void wk_expect_late_write(struct kunit *test, u64 sequence, const u8 *at,
				 const char *routine)
{
	struct wdmdma_violation violation = wk_expect_violation(test, sequence,
								WD_REPORT_OVERRUN, routine);

	KUNIT_EXPECT_EQ(test, violation.params[0], 3);
	KUNIT_EXPECT_EQ(test, violation.params[1], (uintptr_t)at);
	KUNIT_EXPECT_EQ(test, violation.params[2], 0x0F);
	KUNIT_EXPECT_STREQ(test, violation.object, "common buffer");
	KUNIT_EXPECT_EQ(test, violation.was_freed, IS_ENABLED(CONFIG_STACKDEPOT));
}

static void wk_freed_buffers_are_kept(struct kunit *test)
{
	struct wk_bounce bounce = wk_verified(test);
	u64 sequence = wk_last_violation();
	PHYSICAL_ADDRESS address, other;
	u8 *va = wk_allocate(&bounce, 100, &address), *again;

	memset(va, 1, 100);
	wk_free(&bounce, 100, address, va);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).buffers_live, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(va, 0x0F, PAGE_SIZE));
	again = wk_allocate(&bounce, 100, &other);
	KUNIT_EXPECT_PTR_NE(test, again, va);
	KUNIT_EXPECT_EQ(test, wdmdma_check_guards(bounce.adapter), 0);

	va[99] = 0;
	KUNIT_EXPECT_EQ(test, wdmdma_check_guards(bounce.adapter), 1);
	wk_expect_late_write(test, sequence, va + 99, "wdmdma_check_guards");
	KUNIT_EXPECT_EQ(test, wdmdma_check_guards(bounce.adapter), 0);

	sequence = wk_last_violation();
	wk_device_write(test, address.QuadPart + 7, "!", 1);
	wk_free(&bounce, 100, other, again);
	wk_put_adapter(test, bounce.adapter);
	wk_expect_late_write(test, sequence, va + 7, "PutDmaAdapter");
	wk_expect_report(test, WD_REPORT_OVERRUN, 2);
}

static void wk_elements_are_kept(struct kunit *test)
{
	struct wk_bounce bounce = wk_verified(test);
	PHYSICAL_ADDRESS low = {}, high = { .QuadPart = -1 };
	PDMA_COMMON_BUFFER_VECTOR vector;
	unsigned int i;
	u8 *va[2];

	KUNIT_ASSERT_EQ(test, bounce.ops->AllocateCommonBufferVector(bounce.adapter, low, high,
								     MmCached, 0, 0, 2, 10,
								     &vector), STATUS_SUCCESS);
	for (i = 0; i < 2; i++)
		bounce.ops->GetCommonBufferFromVectorByIndex(bounce.adapter, vector, i,
							     (PVOID *)&va[i], NULL);
	bounce.ops->FreeCommonBufferFromVector(bounce.adapter, vector, 1);
	bounce.ops->FreeCommonBufferVector(bounce.adapter, vector);
	va[0][0] = 0;
	va[1][9] = 0;
	KUNIT_EXPECT_EQ(test, wdmdma_check_guards(bounce.adapter), 2);
	wk_expect_report(test, WD_REPORT_OVERRUN, 2);
}

/* Not too many: 8 MiB, of which the oldest goes first, and is looked at. */
static void wk_old_graves_are_opened(struct kunit *test)
{
	struct wk_bounce bounce = wk_verified(test);
	u64 sequence = wk_last_violation();
	u32 before = wk_mappings(test);
	PHYSICAL_ADDRESS address;
	unsigned int i;
	u8 *va, *first = NULL;

	for (i = 0; i < 12; i++) {
		va = wk_allocate(&bounce, SZ_1M, &address);
		wk_free(&bounce, SZ_1M, address, va);
		if (!i)
			first = va;
		if (!i)
			va[SZ_1M - 1] = 1;
	}
	KUNIT_EXPECT_TRUE(test, wk_wait_for(wk_mappings(test) == before + 7));
	wk_expect_late_write(test, sequence, first + SZ_1M - 1, "FreeCommonBuffer");
	wk_expect_report(test, WD_REPORT_OVERRUN, 1);
	wk_put_adapter(test, bounce.adapter);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(wk_mappings(test) == before));
}

/* Without guards nothing is filled, so nothing need be kept. */
static void wk_others_are_not_kept(struct kunit *test)
{
	u32 before = wk_mappings(test);
	struct wk_bounce bounce;
	PHYSICAL_ADDRESS address;
	u8 *va;

	wk_set_verifier(test, &(struct wdmdma_verifier){ .level = 1 });
	bounce = wk_verified(test);
	va = wk_allocate(&bounce, 100, &address);
	wk_free(&bounce, 100, address, va);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), before);
}

/* The handle of a dead adapter is not another's soon. */
static void wk_adapters_rest(struct kunit *test)
{
	PDMA_ADAPTER *adapters = kunit_kcalloc(test, 200, sizeof(*adapters), GFP_KERNEL);
	unsigned int i, j;

	KUNIT_ASSERT_NOT_NULL(test, adapters);
	for (i = 0; i < 200; i++) {
		adapters[i] = wk_get_adapter(test, DEVICE_DESCRIPTION_VERSION, PAGE_SIZE, NULL);
		wk_put_adapter(test, adapters[i]);
		for (j = 0; j < i; j++)
			KUNIT_ASSERT_PTR_NE(test, adapters[j], adapters[i]);
		/* They die a little later. */
		if (i % 50 == 49)
			msleep(500);
	}
}

static struct kunit_case wk_verifier_grave_cases[] = {
	KUNIT_CASE(wk_stale_handles_are_told),
	KUNIT_CASE(wk_wrong_handles_are_not),
	KUNIT_CASE(wk_freed_buffers_are_kept),
	KUNIT_CASE(wk_elements_are_kept),
	KUNIT_CASE(wk_old_graves_are_opened),
	KUNIT_CASE(wk_others_are_not_kept),
	KUNIT_CASE(wk_adapters_rest),
	{}
};

static struct kunit_suite wk_verifier_grave_suite = {
	.name = "wdmdma_verifier_grave",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_guarded,
	.exit = wk_exit_verified,
	.test_cases = wk_verifier_grave_cases,
};

kunit_test_suites(&wk_verifier_grave_suite);
