// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IOMMU interface: what a device is before it is attached, and what is on its way then.
 */
#include <linux/delay.h>
#include <linux/sizes.h>

#include "domain.h"
#include "mmu.h"
#include "race.h"

#define WK_RW (WDMDMA_IOMMU_READ | WDMDMA_IOMMU_WRITE)

/* An adapter that was put leaves a little later: attaching waits for it. */
static void right_after_an_adapter_is_put(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	DEVICE_DESCRIPTION description = wk_description(3, TRUE, 64, SZ_64K);
	unsigned int round, i;

	for (round = 0; round < 20; round++) {
		PDMA_ADAPTER adapters[4];
		NTSTATUS status;
		ULONG regs;

		for (i = 0; i < ARRAY_SIZE(adapters); i++) {
			adapters[i] = IoGetDmaAdapter(mmu.object, &description, &regs);
			KUNIT_ASSERT_NOT_NULL(test, adapters[i]);
		}
		for (i = 0; i < ARRAY_SIZE(adapters); i++)
			adapters[i]->DmaOperations->PutDmaAdapter(adapters[i]);
		status = round & 1 ? mmu.v1.AttachDevice(mmu.domain, mmu.object, 0, 1) :
				     mmu.v2.AttachDeviceEx(mmu.domain, mmu.device);
		KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
		KUNIT_ASSERT_EQ(test, mmu.v2.DetachDeviceEx(mmu.device), STATUS_SUCCESS);
	}
	wk_mmu_end(&mmu);
}

/*
 * An untranslated device that nobody asked for its domain before it is attached: its DMA adapters'
 * is that of all such devices, and what it can be attached to stays what it was.
 */
static void what_it_was_before(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_description(3, TRUE, 64, SZ_64K);
	struct wk_mmu mmu = wk_mmu(test, 0);
	PDEVICE_OBJECT object;
	struct device *second;
	PDMA_ADAPTER mine, its;
	ULONG types = 0, regs;
	HANDLE domain;

	/* The device is translated. */
	if (!wk_mock_iommu.is_there) {
		wk_mmu_end(&mmu);
		return;
	}
	mine = IoGetDmaAdapter(mmu.object, &description, &regs);
	KUNIT_ASSERT_NOT_NULL(test, mine);
	wk_mmu_attach(&mmu);
	mmu.v2.QueryAvailableDomainTypes(mmu.device, &types);
	KUNIT_EXPECT_EQ(test, types, 3);
	domain = mine->DmaOperations->GetDmaDomain(mine);
	KUNIT_EXPECT_NOT_NULL(test, domain);
	second = wk_second_get(test);
	object = wdmdma_get_device_object(second);
	its = IoGetDmaAdapter(object, &description, &regs);
	KUNIT_ASSERT_NOT_NULL(test, its);
	KUNIT_EXPECT_PTR_EQ(test, its->DmaOperations->GetDmaDomain(its), domain);
	KUNIT_EXPECT_EQ(test, mmu.v2.DetachDeviceEx(mmu.device), STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, mine->DmaOperations->GetDmaDomain(mine), domain);
	its->DmaOperations->PutDmaAdapter(its);
	wdmdma_put_device_object(object);
	wk_device_put(second);
	mine->DmaOperations->PutDmaAdapter(mine);
	wk_mmu_end(&mmu);
}

struct wk_slow {
	struct wk_mmu *mmu;
	bool has_detached, has_ended;
};

/* Nobody waits for a handler that stops itself, but its driver must not go before. */
static VOID wk_detaches_and_goes_on(PVOID context, PFAULT_INFORMATION information)
{
	struct wk_slow *slow = context;

	slow->mmu->v2.DetachDeviceEx(slow->mmu->device);
	WRITE_ONCE(slow->has_detached, true);
	msleep(200);
	WRITE_ONCE(slow->has_ended, true);
}

static void a_handler_while_it_is_unbound(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wk_slow slow = { .mmu = &mmu };
	DEVICE_FAULT_CONFIGURATION to = { wk_detaches_and_goes_on, &slow };

	/* Its driver tells no handler of faults. */
	if (!wk_mock_iommu.is_there) {
		wk_mmu_end(&mmu);
		return;
	}
	wk_mmu_attach(&mmu);
	KUNIT_EXPECT_EQ(test, mmu.v1.SetDeviceFaultReporting(mmu.object, 0, TRUE, &to),
			STATUS_SUCCESS);
	wk_mmu_expect_fault(&mmu, 0x1000, false);
	KUNIT_ASSERT_TRUE(test, wk_wait_for(READ_ONCE(slow.has_detached)));
	wk_expect_report(test, WD_REPORT_MMU_LEFT, 1);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind(test);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(slow.has_ended));
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(slow.has_ended)));
	KUNIT_EXPECT_EQ(test, mmu.v2.DeleteDomain(mmu.domain), STATUS_SUCCESS);
}

/*
 * The IOMMU is given what was mapped, a part at a time, and segments of tokens come and go
 * meanwhile: one below all that, one above.
 */
struct wk_replay {
	struct kunit *test;
	struct wk_wrong wrong;
	struct wk_mmu mmu;
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN tokens[2];
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segments[2];
	IOMMU_MAP_PHYSICAL_ADDRESS what;
	atomic_t end;
	u32 changes;
};

static void wk_replay_attach(void *data)
{
	struct wk_replay *it = data;

	wk_must(&it->wrong, it->mmu.v2.AttachDeviceEx(it->mmu.domain, it->mmu.device) ==
		STATUS_SUCCESS, 0);
	atomic_set(&it->end, 1);
}

static void wk_replay_change(void *data)
{
	struct wk_replay *it = data;
	NTSTATUS status;

	do {
		u32 i = it->changes & 1;

		if (it->segments[i].OwningToken)
			status = it->mmu.v2.UnmapReservedLogicalRange(&it->segments[i]);
		else
			status = it->mmu.v2.MapReservedLogicalRange(it->tokens[i], 0, WK_RW,
								    &it->what, &it->segments[i]);
		wk_must(&it->wrong, status == STATUS_SUCCESS, it->changes);
		it->changes++;
		cond_resched();
	} while (!atomic_read(&it->end) && !wk_is_wrong(&it->wrong));
}

static void segments_while_it_is_attached(struct kunit *test)
{
	static void (* const parties[])(void *data) = { wk_replay_attach, wk_replay_change };
	struct wk_replay *it = kunit_kzalloc(test, sizeof(*it), GFP_KERNEL);
	struct wk_buffer *memory = wk_alloc_contiguous(test, 2);
	IOMMU_DMA_LOGICAL_ADDRESS bases[] = { 0x10000, 0x20000000 };
	u64 address = 0x1000000;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, it);
	it->test = test;
	it->mmu = wk_mmu(test, 0);
	it->what = wk_of_range(wk_phys(memory, 0), 2 * PAGE_SIZE);
	wk_fill(memory->va, 2 * PAGE_SIZE, 1);
	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		NTSTATUS status;

		status = it->mmu.v2.ReserveLogicalAddressRange(it->mmu.domain, 2 * PAGE_SIZE,
							       &bases[i], NULL, NULL,
							       &it->tokens[i]);
		KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	}
	KUNIT_ASSERT_EQ(test, wk_mmu_map(&it->mmu, wk_of_range(0, 4000 * PAGE_SIZE), WK_RW,
					 &address), STATUS_SUCCESS);
	wk_run_parties(test, ARRAY_SIZE(parties), parties, it);
	wk_judge(test, &it->wrong);
	kunit_info(test, "%u changes\n", it->changes);
	KUNIT_EXPECT_EQ(test, wk_memory_of(it->mmu.dev, address + 3999 * PAGE_SIZE),
			3999 * PAGE_SIZE);
	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		if (it->segments[i].OwningToken) {
			NTSTATUS status;

			wk_mmu_expect(&it->mmu, bases[i], 2 * PAGE_SIZE, 1);
			status = it->mmu.v2.UnmapReservedLogicalRange(&it->segments[i]);
			KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
		}
		wk_mmu_expect_fault(&it->mmu, bases[i], false);
		KUNIT_EXPECT_EQ(test, it->mmu.v2.FreeReservedLogicalAddressRange(it->tokens[i]),
				STATUS_SUCCESS);
	}
	wk_mmu_end(&it->mmu);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(segments_while_it_is_attached),
	KUNIT_CASE(right_after_an_adapter_is_put),
	KUNIT_CASE(what_it_was_before),
	KUNIT_CASE(a_handler_while_it_is_unbound),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_mmu_attach",
	.suite_init = wk_mmu_suite_init,
	.suite_exit = wk_mmu_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
