// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults of an IOMMU: each is code 0x26, with what the address was.
 */
#include "mmu.h"
#include "verifier.h"

#define WK_RW (WDMDMA_IOMMU_READ | WDMDMA_IOMMU_WRITE)

/* The fault's only record, which a work item makes */
static struct wdmdma_violation wk_expect_told(struct wk_mmu *mmu, u64 sequence, u64 address,
					      u64 type)
{
	struct kunit *test = mmu->test;
	struct wdmdma_violation violation;

	KUNIT_EXPECT_TRUE(test, wk_wait_for(wk_last_violation() > sequence));
	violation = wk_expect_violation(test, sequence, WD_REPORT_IOMMU_FAULT, "IOMMU");
	KUNIT_EXPECT_EQ(test, violation.params[0], (uintptr_t)mmu->object);
	KUNIT_EXPECT_EQ(test, violation.params[1], address);
	KUNIT_EXPECT_EQ(test, violation.params[2], type);
	return violation;
}

static struct wdmdma_violation wk_fault(struct wk_mmu *mmu, u64 address, bool write, u64 type)
{
	u64 sequence = wk_last_violation();

	wk_mmu_expect_fault(mmu, address, write);
	return wk_expect_told(mmu, sequence, address, type);
}

static void wk_expect_named(struct kunit *test, const struct wdmdma_violation *violation,
			    bool is_named, bool was_freed)
{
	bool has_stacks = IS_ENABLED(CONFIG_STACKDEPOT);

	KUNIT_EXPECT_STREQ(test, violation->object, is_named ? "logical range" : "");
	KUNIT_EXPECT_EQ(test, violation->has_stack, is_named && has_stacks);
	KUNIT_EXPECT_EQ(test, violation->was_freed, was_freed && has_stacks);
}

static void wk_faults_are_told(struct kunit *test)
{
	struct wk_buffer *memory = wk_alloc_contiguous(test, 2);
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wdmdma_violation violation;
	u64 address = 0x10000, read = 0x40000;

	wk_mmu_attach(&mmu);
	violation = wk_fault(&mmu, 0x777123, false, 0);
	wk_expect_named(test, &violation, false, false);

	KUNIT_ASSERT_EQ(test, wk_mmu_map(&mmu, wk_of_range(wk_phys(memory, 0), 2 * PAGE_SIZE),
					 WK_RW, &address), STATUS_SUCCESS);
	/* Beside what is mapped */
	violation = wk_fault(&mmu, address + 2 * PAGE_SIZE, true, 1);
	wk_expect_named(test, &violation, true, false);
	violation = wk_fault(&mmu, address - 1, false, 0);
	wk_expect_named(test, &violation, true, false);

	KUNIT_ASSERT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, address, 2), STATUS_SUCCESS);
	violation = wk_fault(&mmu, address + PAGE_SIZE + 5, true, 1);
	wk_expect_named(test, &violation, true, true);

	wk_expect_report(test, WD_REPORT_IOMMU_FAULT, 4);
	/* Only the mock knows permissions. */
	if (wk_mock_iommu.is_there) {
		KUNIT_ASSERT_EQ(test, wk_mmu_map(&mmu, wk_of_range(wk_phys(memory, 0), PAGE_SIZE),
						 WDMDMA_IOMMU_READ, &read), STATUS_SUCCESS);
		violation = wk_fault(&mmu, read + 9, true, 3);
		wk_expect_named(test, &violation, true, false);
		KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, read, 1),
				STATUS_SUCCESS);
		wk_expect_report(test, WD_REPORT_IOMMU_FAULT, 1);
	}
	wk_mmu_end(&mmu);
}

/* A domain that is made with the verifier off has only the driver's own reports. */
static void wk_others_are_not_told(struct kunit *test)
{
	u64 sequence = wk_last_violation();
	struct wk_mmu mmu;

	wk_set_verifier(test, &(struct wdmdma_verifier){});
	mmu = wk_mmu(test, 0);
	wk_set_verifier(test, &(struct wdmdma_verifier){ .level = 1 });
	wk_mmu_attach(&mmu);
	wk_mmu_expect_fault(&mmu, 0x1000, true);
	msleep(20);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), sequence);
	wk_mmu_end(&mmu);
}

static struct kunit_case wk_verifier_fault_cases[] = {
	KUNIT_CASE(wk_faults_are_told),
	KUNIT_CASE(wk_others_are_not_told),
	{}
};

static struct kunit_suite wk_verifier_fault_suite = {
	.name = "wdmdma_verifier_fault",
	.suite_init = wk_mmu_suite_init,
	.suite_exit = wk_mmu_suite_exit,
	.init = wk_init_verified,
	.exit = wk_exit_verified,
	.test_cases = wk_verifier_fault_cases,
};

kunit_test_suites(&wk_verifier_fault_suite);
