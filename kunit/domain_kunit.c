// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA domains: handles, joining and leaving, and what is refused. Behind an IOMMU the two devices
 * have page tables of their own; without they share the identity.
 */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/sizes.h>

#include "domain.h"

static void handles(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);
	struct wk_v3 other = wk_v3_way(test, WK_DIRECT);

	KUNIT_EXPECT_PTR_EQ(test, wk_domain(&pair.a), pair.domain);
	KUNIT_EXPECT_PTR_EQ(test, wk_domain(&other), pair.domain);
	KUNIT_EXPECT_NOT_NULL(test, wk_domain(&pair.b));
	KUNIT_EXPECT_EQ(test, wk_domain(&pair.b) == pair.domain, !wk_joins(test));
	wk_pair_end(&pair);
}

static void what_is_no_domain(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);
	HANDLE old = wk_domain(&pair.b);
	unsigned int i;
	const HANDLE bad[] = { NULL, (HANDLE)0x77777, (HANDLE)-1L, &pair, pair.a.adapter };

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ(test, wk_join(&pair.b, bad[i]), STATUS_INVALID_PARAMETER_2);
	/* One that has lost its last adapter; the identity is always there. */
	pair.b.ops->PutDmaAdapter(pair.b.adapter);
	KUNIT_EXPECT_EQ(test, wk_join(&pair.a, old),
			wk_joins(test) ? STATUS_INVALID_PARAMETER_2 : STATUS_SUCCESS);
	if (!wk_joins(test))
		KUNIT_EXPECT_EQ(test, wk_leave(&pair.a), STATUS_SUCCESS);
	/* The next one is another. */
	pair.b.adapter = wk_pair_adapter(&pair, wk_description(3, TRUE, 64, SZ_64K), NULL);
	KUNIT_ASSERT_NOT_NULL(test, pair.b.adapter);
	KUNIT_EXPECT_EQ(test, wk_domain(&pair.b) == old, !wk_joins(test));
	KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_INVALID_PARAMETER_1);
	wk_pair_end(&pair);
}

static void the_own_domain(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT), other = wk_v3_way(test, WK_DIRECT);
	HANDLE domain = wk_domain(&v3);
	PHYSICAL_ADDRESS address;
	PVOID va = v3.ops->AllocateCommonBuffer(v3.adapter, 64, &address, TRUE);

	/* Nothing changes, so it does not matter what is outstanding. */
	KUNIT_EXPECT_EQ(test, wk_join(&v3, domain), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_join(&v3, domain), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_join(&other, domain), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_PTR_EQ(test, wk_domain(&other), domain);
	KUNIT_EXPECT_EQ(test, wk_leave(&other), STATUS_INVALID_PARAMETER_1);
	KUNIT_EXPECT_EQ(test, wk_leave(&v3), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_leave(&v3), STATUS_INVALID_PARAMETER_1);
	v3.ops->FreeCommonBuffer(v3.adapter, 64, address, va, TRUE);
}

/* What a does, b reaches while it has joined, and only then. */
static void joined_and_left(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);
	PDMA_ADAPTER second = wk_pair_adapter(&pair, wk_description(3, TRUE, 64, SZ_64K), NULL);
	HANDLE own = wk_domain(&pair.b);
	PHYSICAL_ADDRESS address;
	u8 *va = pair.a.ops->AllocateCommonBuffer(pair.a.adapter, SZ_16K, &address, TRUE);
	phys_addr_t phys = wk_memory_of(pair.dev_a, address.QuadPart);

	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_ASSERT_NOT_NULL(test, second);
	KUNIT_EXPECT_EQ(test, wk_memory_of(pair.dev_b, address.QuadPart),
			wk_joins(test) ? 0 : phys);
	KUNIT_EXPECT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_memory_of(pair.dev_b, address.QuadPart), phys);
	KUNIT_EXPECT_EQ(test, wk_memory_of(pair.dev_a, address.QuadPart), phys);
	KUNIT_EXPECT_PTR_EQ(test, wk_domain(&pair.b), pair.domain);
	KUNIT_EXPECT_PTR_EQ(test, second->DmaOperations->GetDmaDomain(second), pair.domain);
	/* It is the device that has joined, by one of its adapters. */
	KUNIT_EXPECT_EQ(test, second->DmaOperations->JoinDmaDomain(second, own),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, second->DmaOperations->LeaveDmaDomain(second),
			STATUS_INVALID_PARAMETER_1);
	/* And whose domain has been joined cannot join. */
	KUNIT_EXPECT_EQ(test, wk_join(&pair.a, own),
			wk_joins(test) ? STATUS_RESOURCE_IN_USE : STATUS_SUCCESS);
	if (!wk_joins(test))
		KUNIT_EXPECT_EQ(test, wk_leave(&pair.a), STATUS_SUCCESS);
	second->DmaOperations->PutDmaAdapter(second);
	KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, wk_domain(&pair.b), own);
	KUNIT_EXPECT_EQ(test, wk_memory_of(pair.dev_b, address.QuadPart),
			wk_joins(test) ? 0 : phys);
	KUNIT_EXPECT_EQ(test, wk_memory_of(pair.dev_a, address.QuadPart), phys);
	pair.a.ops->FreeCommonBuffer(pair.a.adapter, SZ_16K, address, va, TRUE);
	wk_pair_end(&pair);
}

static NTSTATUS wk_alloc_domain(const struct wk_v3 *v3, HANDLE domain, u64 maximum, ULONG length,
				PHYSICAL_ADDRESS *address, PVOID *va)
{
	PHYSICAL_ADDRESS limit = { .QuadPart = maximum };

	return v3->ops->AllocateDomainCommonBuffer(v3->adapter, domain, maximum ? &limit : NULL,
						   length, 0, NULL, MM_ANY_NODE_OK, address, va);
}

/* A device finds the first page of a pattern at an address. */
static void wk_expect_seen(struct kunit *test, struct device *dev, u64 address, u32 seed)
{
	phys_addr_t phys = wk_memory_of(dev, address);

	KUNIT_EXPECT_NE(test, phys, 0);
	if (phys)
		wk_expect_pattern(test, phys_to_virt(phys), PAGE_SIZE, seed);
}

static void buffers_for_both(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);
	PHYSICAL_ADDRESS by_a, by_b;
	PVOID va_a, va_b;

	KUNIT_ASSERT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_alloc_domain(&pair.a, pair.domain, 0, 5000, &by_a, &va_a),
			STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_alloc_domain(&pair.b, pair.domain, 0, 5000, &by_b, &va_b),
			STATUS_SUCCESS);
	KUNIT_EXPECT_NE(test, by_a.QuadPart, by_b.QuadPart);
	wk_fill(va_a, 5000, 1);
	wk_fill(va_b, 5000, 2);
	wk_expect_seen(test, pair.dev_b, by_a.QuadPart, 1);
	wk_expect_seen(test, pair.dev_a, by_b.QuadPart, 2);
	/* Behind an IOMMU b's is outstanding, and a's is not b's. */
	KUNIT_EXPECT_EQ(test, wk_leave(&pair.b),
			wk_joins(test) ? STATUS_RESOURCE_IN_USE : STATUS_SUCCESS);
	pair.b.ops->FreeCommonBuffer(pair.b.adapter, 5000, by_b, va_b, TRUE);
	if (wk_joins(test))
		KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	wk_expect_seen(test, pair.dev_a, by_a.QuadPart, 1);
	pair.a.ops->FreeCommonBuffer(pair.a.adapter, 5000, by_a, va_a, TRUE);
	wk_pair_end(&pair);
}

static void statuses_of_domain_buffers(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);
	MEMORY_CACHING_TYPE cached = MmCached, odd = MmWriteCombined;
	PHYSICAL_ADDRESS address = { .QuadPart = 77 };
	PVOID va = &address;
	NTSTATUS status;

	KUNIT_EXPECT_EQ(test, wk_alloc_domain(&pair.a, pair.domain, 0, 0, &address, &va),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_alloc_domain(&pair.a, pair.domain, 0, 64, NULL, &va),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_alloc_domain(&pair.a, pair.domain, 0, 64, &address, NULL),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_alloc_domain(&pair.a, pair.domain, 62, 64, &address, &va),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_alloc_domain(&pair.a, pair.domain, PAGE_SIZE - 1, 64, &address,
					      &va), STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, wk_alloc_domain(&pair.a, (HANDLE)0x7777, 0, 64, &address, &va),
			STATUS_INVALID_PARAMETER_2);
	status = pair.a.ops->AllocateDomainCommonBuffer(pair.a.adapter, pair.domain, NULL, 64, 2,
							NULL, 0, &address, &va);
	KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER);
	status = pair.a.ops->AllocateDomainCommonBuffer(pair.a.adapter, pair.domain, NULL, 64, 0,
							&odd, 0, &address, &va);
	KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER);
	if (wk_joins(test))
		KUNIT_EXPECT_EQ(test, wk_alloc_domain(&pair.b, pair.domain, 0, 64, &address, &va),
				STATUS_ACCESS_DENIED);
	/* Nothing was written. */
	KUNIT_EXPECT_EQ(test, address.QuadPart, 77);
	KUNIT_EXPECT_PTR_EQ(test, va, &address);
	status = pair.a.ops->AllocateDomainCommonBuffer(pair.a.adapter, pair.domain, NULL, 64, 0,
							&cached, 0, &address, &va);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	pair.a.ops->FreeCommonBuffer(pair.a.adapter, 64, address, va, TRUE);
	wk_pair_end(&pair);
}

/* An adapter of b's device that reaches up to @last_address; or NULL */
static PDMA_ADAPTER wk_narrow(struct wk_pair *pair, u64 last_address)
{
	const struct wdmdma_limits limits = { .last_address = last_address }, none = {};
	PDMA_ADAPTER adapter;

	KUNIT_EXPECT_EQ(pair->test, wdmdma_set_limits(pair->object_b, &limits), 0);
	adapter = wk_pair_adapter(pair, wk_description(3, TRUE, 64, SZ_4K), NULL);
	KUNIT_EXPECT_EQ(pair->test, wdmdma_set_limits(pair->object_b, &none), 0);
	return adapter;
}

/* A domain's buffers are for all who are in it. */
static void who_reaches_less(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);
	PHYSICAL_ADDRESS address, low[8];
	PDMA_ADAPTER narrow;
	PVOID va, low_va[8];
	NTSTATUS status;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, wk_alloc_domain(&pair.a, pair.domain, 0, 64, &address, &va),
			STATUS_SUCCESS);
	narrow = wk_narrow(&pair, address.QuadPart - 1);
	KUNIT_ASSERT_NOT_NULL(test, narrow);
	/* The buffer lies too high for it; behind an IOMMU all that it would be given does. */
	KUNIT_EXPECT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_NOT_SUPPORTED);
	if (wk_joins(test)) {
		pair.a.ops->FreeCommonBuffer(pair.a.adapter, 64, address, va, TRUE);
		KUNIT_EXPECT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_NOT_SUPPORTED);
	}
	narrow->DmaOperations->PutDmaAdapter(narrow);
	KUNIT_EXPECT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);

	/* Once it has joined, there is none for it behind the IOMMU. */
	narrow = wk_narrow(&pair, address.QuadPart - 1);
	KUNIT_EXPECT_EQ(test, !narrow, wk_joins(test));
	if (narrow) {
		/* The next buffers are for the narrow one, too, although this page is free. */
		pair.a.ops->FreeCommonBuffer(pair.a.adapter, 64, address, va, TRUE);
		for (i = 0; i < ARRAY_SIZE(low); i++) {
			status = wk_alloc_domain(&pair.a, pair.domain, 0, 64, &low[i], &low_va[i]);
			if (status != STATUS_SUCCESS)
				break;
			KUNIT_EXPECT_LT(test, low[i].QuadPart, address.QuadPart);
		}
		if (i < ARRAY_SIZE(low))
			KUNIT_EXPECT_EQ(test, status, STATUS_INSUFFICIENT_RESOURCES);
		while (i--)
			pair.a.ops->FreeCommonBuffer(pair.a.adapter, 64, low[i], low_va[i], TRUE);
		narrow->DmaOperations->PutDmaAdapter(narrow);
	}
	KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	wk_pair_end(&pair);
}

/* One translated, one not (or both not) */
static void another_kind_of_device(struct kunit *test)
{
	struct wk_v3 a = wk_v3_way(test, WK_DIRECT);
	struct platform_device *pdev = wk_add_device(test);
	DEVICE_DESCRIPTION description = wk_description(3, TRUE, 64, SZ_64K);
	PDEVICE_OBJECT object = wdmdma_get_device_object(&pdev->dev);
	struct wk_v3 b = { .test = test };

	b.adapter = IoGetDmaAdapter(object, &description, &b.regs);
	KUNIT_ASSERT_NOT_NULL(test, b.adapter);
	b.ops = b.adapter->DmaOperations;
	KUNIT_EXPECT_EQ(test, wk_join(&b, wk_domain(&a)),
			wk_joins(test) ? STATUS_NOT_SUPPORTED : STATUS_SUCCESS);
	if (!wk_joins(test))
		KUNIT_EXPECT_EQ(test, wk_leave(&b), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_join(&a, wk_domain(&b)),
			wk_joins(test) ? STATUS_NOT_SUPPORTED : STATUS_SUCCESS);
	if (!wk_joins(test))
		KUNIT_EXPECT_EQ(test, wk_leave(&a), STATUS_SUCCESS);
	b.ops->PutDmaAdapter(b.adapter);
	wdmdma_put_device_object(object);
	wk_remove_device(pdev);
}

static void the_joiner_is_put(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);
	PDMA_ADAPTER second = wk_pair_adapter(&pair, wk_description(3, TRUE, 64, SZ_64K), NULL);
	HANDLE own = wk_domain(&pair.b);

	KUNIT_ASSERT_NOT_NULL(test, second);
	KUNIT_ASSERT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
	wk_expect_report(test, WD_REPORT_DOMAIN, 1);
	pair.b.ops->PutDmaAdapter(pair.b.adapter);
	pair.b.adapter = second;
	KUNIT_EXPECT_TRUE(test, wk_wait_for(wk_domain(&pair.b) == own));
	KUNIT_EXPECT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	/* Not if it had left before. */
	wk_pair_end(&pair);
}

/* The owner's last adapter goes: its domain is there until the joiner leaves. */
static void the_owner_is_put(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);
	PHYSICAL_ADDRESS address;
	PVOID va;

	KUNIT_ASSERT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
	wk_put_adapter(test, pair.a.adapter);
	KUNIT_EXPECT_PTR_EQ(test, wk_domain(&pair.b), pair.domain);
	va = pair.b.ops->AllocateCommonBuffer(pair.b.adapter, SZ_8K, &address, TRUE);
	KUNIT_ASSERT_NOT_NULL(test, va);
	wk_fill(va, SZ_8K, 5);
	wk_expect_seen(test, pair.dev_b, address.QuadPart, 5);
	pair.b.ops->FreeCommonBuffer(pair.b.adapter, SZ_8K, address, va, TRUE);
	KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	if (wk_joins(test))
		KUNIT_EXPECT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_INVALID_PARAMETER_2);
	wk_pair_end(&pair);
}

/* The driver of one of them is unbound, and bound again. */
static void wk_unbind_b(struct wk_pair *pair)
{
	device_release_driver(pair->dev_b);
	pair->object_b = NULL;
	pair->b.adapter = NULL;
}

static void the_joiner_is_unbound(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);
	PHYSICAL_ADDRESS address;

	KUNIT_ASSERT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
	KUNIT_ASSERT_NOT_NULL(test, pair.b.ops->AllocateCommonBuffer(pair.b.adapter, 64, &address,
								     TRUE));
	wk_expect_report(test, WD_REPORT_DOMAIN, 1);
	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 2);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind_b(&pair);
	/* A device without a driver uses its own page table, if any. */
	KUNIT_EXPECT_TRUE(test, !wk_joins(test) ||
			  wk_device_domain(pair.dev_b) != wk_device_domain(pair.dev_a));
	wk_pair_end(&pair);
	/* And the next driver finds all as it should be. */
	pair = wk_pair(test, WK_DIRECT);
	KUNIT_EXPECT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	wk_pair_end(&pair);
}

static void the_owner_is_unbound(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);

	KUNIT_ASSERT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, wk_joins(test) ? 2 : 1);
	if (wk_joins(test))
		wk_expect_report(test, WD_REPORT_DOMAIN, 1);
	wk_unbind(test);
	if (wk_joins(test)) {
		/* The driver core has unbound who depends on it. */
		KUNIT_EXPECT_NULL(test, pair.dev_b->driver);
		pair.object_b = NULL;
		pair.b.adapter = NULL;
	} else {
		KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	}
	wk_pair_end(&pair);
}

/* What the Linux side is told */
static void translation(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);
	struct wdmdma_translation a, before, joined;

	KUNIT_EXPECT_EQ(test, wdmdma_get_translation(NULL, &before), -EINVAL);
	KUNIT_EXPECT_EQ(test, wdmdma_get_translation(pair.object_b, NULL), -EINVAL);
	KUNIT_ASSERT_EQ(test, wdmdma_get_translation(pair.a.object, &a), 0);
	KUNIT_ASSERT_EQ(test, wdmdma_get_translation(pair.object_b, &before), 0);
	KUNIT_EXPECT_EQ(test, before.translated, wk_joins(test));
	KUNIT_EXPECT_EQ(test, !!before.iommu[0], wk_joins(test));
	KUNIT_EXPECT_STREQ(test, before.iommu, a.iommu);
	KUNIT_EXPECT_PTR_EQ(test, a.domain, pair.domain);
	KUNIT_EXPECT_PTR_EQ(test, before.domain, wk_domain(&pair.b));
	if (wk_joins(test))
		KUNIT_EXPECT_EQ(test, before.devices, 1);

	KUNIT_ASSERT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wdmdma_get_translation(pair.object_b, &joined), 0);
	KUNIT_EXPECT_PTR_EQ(test, joined.domain, pair.domain);
	KUNIT_EXPECT_EQ(test, joined.devices, 2);
	KUNIT_ASSERT_EQ(test, wdmdma_get_translation(pair.a.object, &a), 0);
	KUNIT_EXPECT_EQ(test, a.devices, 2);
	KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wdmdma_get_translation(pair.a.object, &a), 0);
	KUNIT_EXPECT_EQ(test, a.devices, wk_joins(test) ? 1 : 2);
	wk_pair_end(&pair);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(handles),
	KUNIT_CASE(what_is_no_domain),
	KUNIT_CASE(the_own_domain),
	KUNIT_CASE(joined_and_left),
	KUNIT_CASE(buffers_for_both),
	KUNIT_CASE(statuses_of_domain_buffers),
	KUNIT_CASE(who_reaches_less),
	KUNIT_CASE(another_kind_of_device),
	KUNIT_CASE(the_joiner_is_put),
	KUNIT_CASE(the_owner_is_put),
	KUNIT_CASE(the_joiner_is_unbound),
	KUNIT_CASE(the_owner_is_unbound),
	KUNIT_CASE(translation),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_domain",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
