// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a device does that has joined the domain of another: its transfers, what it may not have
 * when it joins or leaves, and how it gets out when the other one goes.
 */
#include <linux/array_size.h>
#include <linux/device.h>
#include <linux/io.h>
#include <linux/sizes.h>

#include "domain.h"

#define WK_PAGES	5
#define WK_BYTES	(WK_PAGES * PAGE_SIZE - 300)

/* Reads, or writes, what a device reaches through a list. */
static void wk_through(struct kunit *test, struct device *dev, const SCATTER_GATHER_LIST *list,
		       u8 *bytes, bool read)
{
	ULONG i, at;

	for (i = 0; i < list->NumberOfElements; i++) {
		for (at = 0; at < list->Elements[i].Length; at++, bytes++) {
			u64 address = list->Elements[i].Address.QuadPart + at;
			phys_addr_t phys = wk_memory_of(dev, address);

			KUNIT_ASSERT_NE_MSG(test, phys, 0, "0x%llx is not mapped", address);
			if (read)
				*bytes = *(u8 *)phys_to_virt(phys);
			else
				*(u8 *)phys_to_virt(phys) = *bytes;
		}
	}
}

/* One list each way, as its driver does it: the bytes are those of the memory. */
static void wk_transfer(struct wk_pair *pair, PMDL mdl, struct wk_buffer *memory)
{
	struct kunit *test = pair->test;
	u8 *device = kunit_kzalloc(test, WK_BYTES, GFP_KERNEL);
	PSCATTER_GATHER_LIST list;
	struct wk_context context;
	struct wk_ask ask = {
		.context = &context, .mdl = mdl, .bytes = WK_BYTES,
		.flags = DMA_SYNCHRONOUS_CALLBACK, .list = &list,
	};

	KUNIT_ASSERT_NOT_NULL(test, device);
	wk_context_init(&pair->b, &context);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&pair->b, &ask), STATUS_SUCCESS);
	wk_through(test, pair->dev_b, list, device, true);
	KUNIT_EXPECT_EQ(test, memcmp(device, memory->va + 100, WK_BYTES), 0);
	wk_put_ex(&pair->b, list);

	wk_fill(device, WK_BYTES, 9);
	ask.read = true;
	wk_context_init(&pair->b, &context);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&pair->b, &ask), STATUS_SUCCESS);
	wk_through(test, pair->dev_b, list, device, false);
	pair->b.ops->PutScatterGatherList(pair->b.adapter, list, FALSE);
	wk_expect_pattern(test, memory->va + 100, WK_BYTES, 9);
	wk_fill(memory->va, WK_PAGES * PAGE_SIZE, 1);
}

/* By MapTransfer, in as many calls as it takes */
static void wk_transfer_by_registers(struct wk_pair *pair, PMDL mdl, struct wk_buffer *memory)
{
	struct kunit *test = pair->test;
	PVOID base = wk_own_channel(&pair->b, WK_PAGES);
	u8 *va = MmGetMdlVirtualAddress(mdl);
	ULONG done, bytes;

	for (done = 0; done < WK_BYTES; done += bytes) {
		struct { SCATTER_GATHER_LIST list; SCATTER_GATHER_ELEMENT one; } run = {};
		u8 *device = kunit_kzalloc(test, WK_BYTES, GFP_KERNEL);

		bytes = WK_BYTES - done;
		run.list.NumberOfElements = 1;
		run.list.Elements[0].Address = pair->b.ops->MapTransfer(pair->b.adapter, mdl, base,
									va + done, &bytes, TRUE);
		run.list.Elements[0].Length = bytes;
		KUNIT_ASSERT_NOT_NULL(test, device);
		KUNIT_ASSERT_NE(test, bytes, 0);
		wk_through(test, pair->dev_b, &run.list, device, true);
		KUNIT_EXPECT_EQ(test, memcmp(device, memory->va + 100 + done, bytes), 0);
	}
	pair->b.ops->FlushAdapterBuffers(pair->b.adapter, mdl, base, va, WK_BYTES, TRUE);
	pair->b.ops->FreeAdapterChannel(pair->b.adapter);
}

static void transfers(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, wk_way(test));
	struct wk_buffer *memory = wk_alloc_scattered(test, WK_PAGES);
	PMDL mdl = wk_mdl(test, memory, 100, WK_BYTES);
	unsigned int i;

	/* Before, while it has joined, and after; twice, as sets keep what they had. */
	for (i = 0; i < 2; i++) {
		wk_transfer(&pair, mdl, memory);
		wk_transfer_by_registers(&pair, mdl, memory);
		KUNIT_ASSERT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
		wk_transfer(&pair, mdl, memory);
		wk_transfer_by_registers(&pair, mdl, memory);
		KUNIT_ASSERT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	}
	wk_transfer(&pair, mdl, memory);
	wk_pair_end(&pair);
}

/* An MDL of a common buffer has the buffer's address, whoever of the domain it belongs to. */
static void anothers_common_buffer(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);
	PHYSICAL_ADDRESS address;
	PVOID va = pair.a.ops->AllocateCommonBuffer(pair.a.adapter, SZ_8K, &address, TRUE), base;
	PMDL mdl = IoAllocateMdl(va, SZ_8K, FALSE, FALSE, NULL);
	ULONG length = SZ_4K;
	u64 mapped;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_ASSERT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
	base = wk_own_channel(&pair.b, 2);
	mapped = pair.b.ops->MapTransfer(pair.b.adapter, mdl, base,
					 (u8 *)MmGetMdlVirtualAddress(mdl) + 100, &length,
					 TRUE).QuadPart;
	KUNIT_EXPECT_EQ(test, mapped, address.QuadPart + 100);
	KUNIT_EXPECT_EQ(test, length, SZ_4K);
	KUNIT_EXPECT_EQ(test, wk_stats(test, pair.b.adapter).common_maps, 1);
	pair.b.ops->FlushAdapterBuffers(pair.b.adapter, mdl, base,
					(u8 *)MmGetMdlVirtualAddress(mdl) + 100, length, TRUE);
	pair.b.ops->FreeAdapterChannel(pair.b.adapter);
	KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	IoFreeMdl(mdl);
	pair.a.ops->FreeCommonBuffer(pair.a.adapter, SZ_8K, address, va, TRUE);
	wk_pair_end(&pair);
}

/* What must not be outstanding when addresses change */
enum wk_thing { WK_SET, WK_OWNED, WK_LISTED, WK_WAITS, WK_COMMON, WK_LEFT };

static const char * const wk_things[] = {
	[WK_SET] = "a register set",
	[WK_OWNED] = "the channel",
	[WK_LISTED] = "a list",
	[WK_WAITS] = "a waiting request",
	[WK_COMMON] = "a common buffer",
	[WK_LEFT] = "a common buffer of an adapter that was put",
};

static void wk_thing_name(const char * const *thing, char *name)
{
	strscpy(name, *thing, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_thing, wk_things, wk_thing_name);

struct wk_outstanding {
	enum wk_thing thing;
	PVOID base;
	PSCATTER_GATHER_LIST list;
	struct wk_context context;
	struct wk_call call;
	PHYSICAL_ADDRESS address;
	PVOID va;
};

static void wk_begin(struct wk_pair *pair, PMDL mdl, struct wk_outstanding *it)
{
	struct wk_v3 *b = &pair->b;
	struct wk_ask ask = {
		.context = &it->context, .mdl = mdl, .bytes = 64,
		.flags = DMA_SYNCHRONOUS_CALLBACK, .list = &it->list,
	};

	wk_context_init(b, &it->context);
	switch (it->thing) {
	case WK_SET:
		it->base = wk_get_set(b, 1);
		break;
	case WK_OWNED:
		it->base = wk_own_channel(b, 1);
		break;
	case WK_LISTED:
		KUNIT_ASSERT_EQ(pair->test, wk_list_ex(b, &ask), STATUS_SUCCESS);
		break;
	case WK_WAITS:
		it->base = wk_own_channel(b, 1);
		wk_call_init(&it->call, b->adapter, DeallocateObject);
		KUNIT_ASSERT_EQ(pair->test, wk_channel_ex(b, &it->context, 1, 0, &it->call, NULL),
				STATUS_SUCCESS);
		break;
	default:
		it->va = b->ops->AllocateCommonBuffer(b->adapter, 64, &it->address, TRUE);
		KUNIT_ASSERT_NOT_NULL(pair->test, it->va);
	}
}

static void wk_finish(struct wk_pair *pair, struct wk_outstanding *it)
{
	struct wk_v3 *b = &pair->b;

	if (it->thing == WK_SET)
		wk_end_set(b, it->base, 1);
	else if (it->thing == WK_LISTED)
		wk_put_ex(b, it->list);
	else if (it->thing == WK_OWNED || it->thing == WK_WAITS)
		b->ops->FreeAdapterChannel(b->adapter);
	else
		b->ops->FreeCommonBuffer(b->adapter, 64, it->address, it->va, TRUE);
}

static void something_outstanding(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);
	struct wk_outstanding it = {
		.thing = (const char * const *)test->param_value - wk_things,
	};
	NTSTATUS expected = wk_joins(test) ? STATUS_RESOURCE_IN_USE : STATUS_SUCCESS;
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 1), 0, 64);
	PDMA_ADAPTER second;

	if (it.thing == WK_LEFT) {
		/* Reported when it is put, and freed, with a report, by another adapter. */
		second = wk_pair_adapter(&pair, wk_description(3, TRUE, 64, SZ_64K), NULL);
		KUNIT_ASSERT_NOT_NULL(test, second);
		wk_begin(&pair, mdl, &it);
		wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 1);
		pair.b.ops->PutDmaAdapter(pair.b.adapter);
		pair.b.adapter = second;
		wk_expect_report(test, WD_REPORT_BUFFER_ARGUMENTS, 1);
		KUNIT_EXPECT_EQ(test, wk_join(&pair.b, pair.domain), expected);
		if (!wk_joins(test))
			KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
		wk_finish(&pair, &it);
		wk_pair_end(&pair);
		return;
	}
	wk_begin(&pair, mdl, &it);
	KUNIT_EXPECT_EQ(test, wk_join(&pair.b, pair.domain), expected);
	if (!wk_joins(test))
		KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	wk_finish(&pair, &it);
	KUNIT_EXPECT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
	wk_begin(&pair, mdl, &it);
	KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), expected);
	if (!wk_joins(test))
		KUNIT_EXPECT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
	wk_finish(&pair, &it);
	KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	wk_pair_end(&pair);
}

/* An adapter that is made while its device has joined; with scatter/gather or not */
static void a_new_adapter(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_scattered(test, WK_PAGES);
	PMDL mdl = wk_mdl(test, memory, 100, WK_BYTES);
	struct wk_v3 first = pair.b;
	BOOLEAN gathers;

	for (gathers = FALSE; gathers <= TRUE; gathers++) {
		KUNIT_ASSERT_EQ(test, wk_join(&first, pair.domain), STATUS_SUCCESS);
		pair.b.adapter = wk_pair_adapter(&pair, wk_description(3, gathers, 64, SZ_64K),
						 NULL);
		KUNIT_ASSERT_NOT_NULL(test, pair.b.adapter);
		wk_transfer(&pair, mdl, memory);
		KUNIT_EXPECT_EQ(test, wk_leave(&first), STATUS_SUCCESS);
		wk_transfer(&pair, mdl, memory);
		wk_put_adapter(test, pair.b.adapter);
	}
	pair.b = first;
	wk_pair_end(&pair);
}

/*
 * The owner goes before the joiner: the driver core, which would have seen to the joiner, does not
 * know, as the owner once had joined that one's domain. Here a joins b's.
 */
static struct wk_pair wk_turned_pair(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);

	if (wk_joins(test)) {
		KUNIT_ASSERT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
		KUNIT_ASSERT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	}
	KUNIT_ASSERT_EQ(test, wk_join(&pair.a, wk_domain(&pair.b)), STATUS_SUCCESS);
	return pair;
}

static void wk_unbind_owner(struct wk_pair *pair)
{
	struct kunit *test = pair->test;
	struct iommu_domain *owners = wk_device_domain(pair->dev_b);

	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	device_release_driver(pair->dev_b);
	pair->object_b = NULL;
	pair->b.adapter = NULL;
	KUNIT_EXPECT_NOT_NULL(test, pair->dev_a->driver);
	if (wk_joins(test))
		KUNIT_EXPECT_PTR_NE(test, wk_device_domain(pair->dev_a), owners);
}

/* A joiner that has nothing leaves, and goes on in its own domain. */
static void the_owner_goes_first(struct kunit *test)
{
	struct wk_pair pair = wk_turned_pair(test);
	PHYSICAL_ADDRESS address;
	PVOID va;

	if (wk_joins(test))
		wk_expect_report(test, WD_REPORT_DOMAIN_LEFT, 1);
	wk_unbind_owner(&pair);
	va = pair.a.ops->AllocateCommonBuffer(pair.a.adapter, 64, &address, TRUE);
	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_EXPECT_NE(test, wk_memory_of(pair.dev_a, address.QuadPart), 0);
	/* It does not know, and leaves; once. */
	KUNIT_EXPECT_EQ(test, wk_leave(&pair.a), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_leave(&pair.a), STATUS_INVALID_PARAMETER_1);
	pair.a.ops->FreeCommonBuffer(pair.a.adapter, 64, address, va, TRUE);
	wk_pair_end(&pair);
}

/* One that has something loses it, and its adapters. */
static void the_owner_takes_all_with_it(struct kunit *test)
{
	struct wk_pair pair = wk_turned_pair(test);
	const PHYSICAL_ADDRESS low = {}, high = { .QuadPart = -1 };
	PDMA_COMMON_BUFFER_VECTOR vector;
	PHYSICAL_ADDRESS address;
	PSCATTER_GATHER_LIST list;
	struct wk_context context;
	NTSTATUS status;
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 1), 0, 64);
	struct wk_ask ask = {
		.context = &context, .mdl = mdl, .bytes = 64,
		.flags = DMA_SYNCHRONOUS_CALLBACK, .list = &list,
	};

	if (!wk_joins(test)) {
		/* Nothing that could be taken away. */
		KUNIT_EXPECT_EQ(test, wk_leave(&pair.a), STATUS_SUCCESS);
		wk_pair_end(&pair);
		return;
	}
	wk_context_init(&pair.a, &context);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&pair.a, &ask), STATUS_SUCCESS);
	KUNIT_ASSERT_NOT_NULL(test, pair.a.ops->AllocateCommonBuffer(pair.a.adapter, SZ_8K,
								     &address, TRUE));
	status = pair.a.ops->AllocateCommonBufferVector(pair.a.adapter, low, high, MmCached,
							MM_ANY_NODE_OK, 0, 3, SZ_8K, &vector);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	wk_expect_report(test, WD_REPORT_DOMAIN_LEFT, 1);
	wk_expect_report(test, WD_REPORT_DOMAIN, 1);
	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 1);
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);
	wk_unbind_owner(&pair);
	wk_expect_report(test, WD_REPORT_DEAD_ADAPTER, 1);
	wk_put_adapter(test, pair.a.adapter);
	/* Its device can have others. */
	pair.a = wk_v3_way(test, WK_DIRECT);
	KUNIT_EXPECT_NOT_NULL(test, wk_domain(&pair.a));
	wk_pair_end(&pair);
}

/* How b is mapped for while it maps as a is how a is: neither may need it otherwise. */
static void segments(struct kunit *test)
{
	const struct wdmdma_limits limits = { .segment_bytes = SZ_16K }, none = {};
	struct wk_pair pair = wk_pair(test, WK_DIRECT);
	struct wk_buffer *memory = wk_alloc_contiguous(test, WK_PAGES);
	PMDL mdl = wk_mdl(test, memory, 100, WK_BYTES);
	PDMA_ADAPTER shorter;

	/* b would be given longer ones. */
	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(pair.object_b, &limits), 0);
	shorter = wk_pair_adapter(&pair, wk_description(3, TRUE, 64, SZ_64K), NULL);
	KUNIT_ASSERT_NOT_NULL(test, shorter);
	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(pair.object_b, &none), 0);
	KUNIT_EXPECT_EQ(test, wk_join(&pair.b, pair.domain),
			wk_joins(test) ? STATUS_NOT_SUPPORTED : STATUS_SUCCESS);
	if (!wk_joins(test))
		KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	shorter->DmaOperations->PutDmaAdapter(shorter);
	wk_pair_end(&pair);

	/* b is given shorter ones. */
	pair = wk_pair(test, WK_DIRECT);
	wk_v3_of(test, wk_description(3, TRUE, 64, SZ_64K), limits);
	KUNIT_ASSERT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
	wk_transfer(&pair, mdl, memory);
	wk_transfer_by_registers(&pair, mdl, memory);
	KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	wk_transfer(&pair, mdl, memory);
	wk_pair_end(&pair);
}

/* Two devices that the IOMMU cannot tell apart: what one has is the other's. */
static void one_group(struct kunit *test)
{
	struct wk_pair c = { .test = test }, d = { .test = test }, *both[] = { &c, &d };
	struct wk_v3 a = wk_v3_way(test, WK_DIRECT);
	struct wdmdma_translation translation;
	PHYSICAL_ADDRESS address;
	PDMA_ADAPTER narrow;
	NTSTATUS status;
	unsigned int i;
	PVOID va;

	if (!wk_joins(test))
		return;
	for (i = 0; i < ARRAY_SIZE(both); i++) {
		both[i]->dev_b = wk_grouped_get(test, i);
		both[i]->object_b = wdmdma_get_device_object(both[i]->dev_b);
		both[i]->b.adapter = wk_pair_adapter(both[i], wk_description(3, TRUE, 64, SZ_64K),
						     NULL);
		KUNIT_ASSERT_NOT_NULL(test, both[i]->b.adapter);
		both[i]->b.ops = both[i]->b.adapter->DmaOperations;
	}
	KUNIT_EXPECT_PTR_EQ(test, wk_domain(&c.b), wk_domain(&d.b));
	KUNIT_EXPECT_PTR_NE(test, wk_domain(&c.b), wk_domain(&a));
	KUNIT_EXPECT_EQ(test, wdmdma_get_translation(d.object_b, &translation), 0);
	KUNIT_EXPECT_EQ(test, translation.devices, 2);

	/* Joining changes nothing, whatever is outstanding. */
	va = d.b.ops->AllocateCommonBuffer(d.b.adapter, SZ_8K, &address, TRUE);
	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_EXPECT_NE(test, wk_memory_of(c.dev_b, address.QuadPart), 0);
	KUNIT_EXPECT_EQ(test, wk_join(&d.b, wk_domain(&c.b)), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_memory_of(c.dev_b, address.QuadPart),
			wk_memory_of(d.dev_b, address.QuadPart));
	KUNIT_EXPECT_EQ(test, wk_leave(&d.b), STATUS_SUCCESS);
	d.b.ops->FreeCommonBuffer(d.b.adapter, SZ_8K, address, va, TRUE);
	/* What one allocates for both is within the reach of the other's adapters. */
	narrow = wk_pair_adapter(&d, wk_description(3, TRUE, 30, SZ_4K), NULL);
	KUNIT_ASSERT_NOT_NULL(test, narrow);
	status = c.b.ops->AllocateDomainCommonBuffer(c.b.adapter, wk_domain(&c.b), NULL, 64, 0,
						     NULL, MM_ANY_NODE_OK, &address, &va);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_LE(test, address.QuadPart + 63, BIT_ULL(30) - 1);
	c.b.ops->FreeCommonBuffer(c.b.adapter, 64, address, va, TRUE);
	narrow->DmaOperations->PutDmaAdapter(narrow);
	/* And one alone cannot go elsewhere. */
	KUNIT_EXPECT_EQ(test, wk_join(&d.b, wk_domain(&a)), STATUS_NOT_SUPPORTED);
	KUNIT_EXPECT_PTR_EQ(test, wk_domain(&c.b), wk_domain(&d.b));
	wk_pair_end(&c);
	wk_pair_end(&d);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE_PARAM(transfers, wk_way_gen_params),
	KUNIT_CASE(anothers_common_buffer),
	KUNIT_CASE_PARAM(something_outstanding, wk_thing_gen_params),
	KUNIT_CASE(a_new_adapter),
	KUNIT_CASE(the_owner_goes_first),
	KUNIT_CASE(the_owner_takes_all_with_it),
	KUNIT_CASE(segments),
	KUNIT_CASE(one_group),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_domain_share",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
