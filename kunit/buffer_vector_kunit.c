// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vectors of common buffers: what their elements are like, what is refused, and every way to free
 * one, an element, or something that is neither.
 */
#include <linux/bottom_half.h>
#include <linux/irqflags.h>
#include <linux/sizes.h>

#include "v3.h"

/* An element, as the driver gets to know it */
struct wk_element {
	u8 *va;
	PHYSICAL_ADDRESS address;
};

static struct wk_v3 wk_adapter(struct kunit *test)
{
	return wk_v3_way(test, WK_DIRECT);
}

static PHYSICAL_ADDRESS wk_address(u64 address)
{
	return (PHYSICAL_ADDRESS){ .QuadPart = address };
}

static NTSTATUS wk_make(const struct wk_v3 *v3, ULONG count, u64 bytes,
			PDMA_COMMON_BUFFER_VECTOR *vector)
{
	return v3->ops->AllocateCommonBufferVector(v3->adapter, wk_address(0), wk_address(-1),
						   MmCached, 0, 0, count, bytes, vector);
}

static PDMA_COMMON_BUFFER_VECTOR wk_vector(const struct wk_v3 *v3, ULONG count, u64 bytes)
{
	PDMA_COMMON_BUFFER_VECTOR vector = NULL;

	KUNIT_ASSERT_EQ(v3->test, wk_make(v3, count, bytes, &vector), STATUS_SUCCESS);
	KUNIT_ASSERT_NOT_NULL(v3->test, vector);
	return vector;
}

static struct wk_element wk_get(const struct wk_v3 *v3, PDMA_COMMON_BUFFER_VECTOR vector,
				ULONG index)
{
	struct wk_element element = {
		.va = WK_POISON,
		.address.QuadPart = WK_UNTOUCHED,
	};

	v3->ops->GetCommonBufferFromVectorByIndex(v3->adapter, vector, index,
						  (PVOID *)&element.va, &element.address);
	return element;
}

/* Nothing is there: both outputs say so, and one report. */
static void wk_expect_none(const struct wk_v3 *v3, PDMA_COMMON_BUFFER_VECTOR vector, ULONG index,
			   u32 report)
{
	struct wk_element element;

	wk_expect_report(v3->test, report, 1);
	element = wk_get(v3, vector, index);
	KUNIT_EXPECT_NULL(v3->test, element.va);
	KUNIT_EXPECT_EQ(v3->test, element.address.QuadPart, 0);
}

static void wk_end_vector(const struct wk_v3 *v3, PDMA_COMMON_BUFFER_VECTOR vector)
{
	v3->ops->FreeCommonBufferVector(v3->adapter, vector);
	KUNIT_EXPECT_EQ(v3->test, wk_stats(v3->test, v3->adapter).vectors_live, 0);
	KUNIT_EXPECT_EQ(v3->test, wk_stats(v3->test, v3->adapter).buffers_live, 0);
}

static const struct wk_shape {
	ULONG count;
	ULONG bytes;
} wk_shapes[] = {
	{ 1, 1 }, { 1, SZ_64K + 1 }, { 7, SZ_4K }, { 64, 2049 }, { 33, 3 * SZ_4K - 1 },
	{ 1024, SZ_4K },
};

static void wk_shape_name(const struct wk_shape *shape, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%u of %u bytes", shape->count, shape->bytes);
}

KUNIT_ARRAY_PARAM(wk_shape, wk_shapes, wk_shape_name);

/* What is written to one is in no other. */
static void wk_use_elements(const struct wk_v3 *v3, PDMA_COMMON_BUFFER_VECTOR vector,
			    const struct wk_shape *shape)
{
	size_t extent = round_up(shape->bytes, PAGE_SIZE);
	u8 *copy = kunit_kzalloc(v3->test, shape->bytes, GFP_KERNEL);
	struct kunit *test = v3->test;
	ULONG i;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	for (i = 0; i < shape->count; i++) {
		struct wk_element element = wk_get(v3, vector, i);

		KUNIT_ASSERT_NOT_NULL(test, element.va);
		KUNIT_EXPECT_EQ(test, (ULONG_PTR)element.va % PAGE_SIZE, 0);
		KUNIT_EXPECT_EQ(test, element.address.QuadPart % PAGE_SIZE, 0);
		KUNIT_EXPECT_NE(test, element.address.QuadPart, 0);
		KUNIT_EXPECT_NULL(test, memchr_inv(element.va, 0, extent));
		wk_fill(element.va, shape->bytes, i);
	}
	for (i = 0; i < shape->count; i++) {
		struct wk_element element = wk_get(v3, vector, i);

		wk_device_read(test, element.address.QuadPart, copy, shape->bytes);
		wk_expect_pattern(test, copy, shape->bytes, i);
		wk_fill(copy, shape->bytes, i + 5);
		wk_device_write(test, element.address.QuadPart, copy, shape->bytes);
		wk_expect_pattern(test, element.va, shape->bytes, i + 5);
	}
}

static void wk_elements_are_common_buffers(struct kunit *test)
{
	const struct wk_shape *shape = test->param_value;
	struct wk_v3 v3 = wk_adapter(test);
	u32 idle = wk_mappings(test);
	PDMA_COMMON_BUFFER_VECTOR vector = wk_vector(&v3, shape->count, shape->bytes);

	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).vectors_live, 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, shape->count);
	wk_use_elements(&v3, vector, shape);
	wk_end_vector(&v3, vector);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), idle);
}

/* By value, unsigned and inclusive, for each element */
static void wk_bounds_hold_for_each(struct kunit *test)
{
	PHYSICAL_ADDRESS low = { .QuadPart = SZ_1M }, high = { .QuadPart = 0xFFFFFFFF };
	PDMA_COMMON_BUFFER_VECTOR vector = WK_POISON;
	struct wk_v3 v3 = wk_adapter(test);
	NTSTATUS status;
	ULONG i;

	status = v3.ops->AllocateCommonBufferVector(v3.adapter, low, high, MmNonCached,
						    MM_ANY_NODE_OK, 0, 20, SZ_8K, &vector);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	for (i = 0; i < 20; i++) {
		u64 address = wk_get(&v3, vector, i).address.QuadPart;

		KUNIT_EXPECT_GE(test, address, low.QuadPart);
		KUNIT_EXPECT_LE(test, address + SZ_8K - 1, high.QuadPart);
	}
	wk_end_vector(&v3, vector);
}

static const struct wk_refusal {
	const char *name;
	u64 low, high;
	int cache;
	ULONG flags, count;
	u64 bytes;
	NTSTATUS status;
} wk_refusals[] = {
	{ "no element", 0, -1, MmCached, 0, 0, SZ_4K, STATUS_INVALID_PARAMETER },
	{ "no byte", 0, -1, MmCached, 0, 1, 0, STATUS_INVALID_PARAMETER },
	{ "low above high", SZ_2G, SZ_1G, MmCached, 0, 1, SZ_4K, STATUS_INVALID_PARAMETER },
	{ "low above high, unsigned", -1, SZ_1G, MmCached, 0, 1, SZ_4K,
	  STATUS_INVALID_PARAMETER },
	{ "high below an element", 0, SZ_8K - 2, MmCached, 0, 1, SZ_8K,
	  STATUS_INVALID_PARAMETER },
	{ "high 0", 0, 0, MmCached, 0, 1, 1, STATUS_INVALID_PARAMETER },
	{ "no end above low", -SZ_4K, -1, MmCached, 0, 1, SZ_8K, STATUS_INVALID_PARAMETER },
	{ "flags", 0, -1, MmCached, DOMAIN_COMMON_BUFFER_LARGE_PAGE, 1, SZ_4K,
	  STATUS_INVALID_PARAMETER },
	{ "other flags", 0, -1, MmCached, 2, 1, SZ_4K, STATUS_INVALID_PARAMETER },
	{ "caching type", 0, -1, MmWriteCombined, 0, 1, SZ_4K, STATUS_INVALID_PARAMETER },
	{ "no caching type", 0, -1, -1, 0, 1, SZ_4K, STATUS_INVALID_PARAMETER },
	{ "size wraps when rounded", 0, -1, MmCached, 0, 1, -1, STATUS_INVALID_PARAMETER },
	{ "product wraps to 0", 0, -1, MmCached, 0, 0x10000, 1ULL << 48,
	  STATUS_INVALID_PARAMETER },
	{ "product wraps to a page", 0, -1, MmCached, 0, 0xFFFFFFFF, 0x1000000000001000ULL,
	  STATUS_INVALID_PARAMETER },
	{ "larger than anything", 0, -1, MmCached, 0, 1, 1ULL << 45,
	  STATUS_INSUFFICIENT_RESOURCES },
	{ "a full line and a byte", 0, -1, MmCached, 0, 1, SZ_4G + 1,
	  STATUS_INSUFFICIENT_RESOURCES },
	{ "more than all memory", 0, -1, MmCached, 0, 0xFFFFFFFF, SZ_4K,
	  STATUS_INSUFFICIENT_RESOURCES },
	{ "more than the bounds hold", SZ_1M, SZ_1M + SZ_64K - 1, MmCached, 0, 17, SZ_4K,
	  STATUS_INSUFFICIENT_RESOURCES },
	{ "low where nothing is", 1ULL << 60, -1, MmCached, 0, 3, SZ_4K,
	  STATUS_INSUFFICIENT_RESOURCES },
};

static void wk_refusal_name(const struct wk_refusal *refusal, char *name)
{
	strscpy(name, refusal->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_refusal, wk_refusals, wk_refusal_name);

static void wk_refused_allocates_nothing(struct kunit *test)
{
	const struct wk_refusal *refusal = test->param_value;
	PDMA_COMMON_BUFFER_VECTOR vector = WK_POISON;
	struct wk_v3 v3 = wk_adapter(test);
	u32 idle = wk_mappings(test);
	NTSTATUS status;

	status = v3.ops->AllocateCommonBufferVector(v3.adapter, wk_address(refusal->low),
						    wk_address(refusal->high), refusal->cache, 0,
						    refusal->flags, refusal->count, refusal->bytes,
						    &vector);
	KUNIT_EXPECT_EQ(test, status, refusal->status);
	KUNIT_EXPECT_PTR_EQ(test, (void *)vector, WK_POISON);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).vectors_live, 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 0);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), idle);
}

static void wk_no_place_for_the_vector(struct kunit *test)
{
	struct wk_v3 v3 = wk_adapter(test);

	KUNIT_EXPECT_EQ(test, wk_make(&v3, 1, SZ_4K, NULL), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 0);
}

static void wk_one_output_may_be_null(struct kunit *test)
{
	struct wk_v3 v3 = wk_adapter(test);
	PDMA_COMMON_BUFFER_VECTOR vector = wk_vector(&v3, 2, SZ_4K);
	struct wk_element whole = wk_get(&v3, vector, 1);
	PHYSICAL_ADDRESS address = { .QuadPart = WK_UNTOUCHED };
	PVOID va = WK_POISON;

	v3.ops->GetCommonBufferFromVectorByIndex(v3.adapter, vector, 1, &va, NULL);
	v3.ops->GetCommonBufferFromVectorByIndex(v3.adapter, vector, 1, NULL, &address);
	v3.ops->GetCommonBufferFromVectorByIndex(v3.adapter, vector, 1, NULL, NULL);
	KUNIT_EXPECT_PTR_EQ(test, (u8 *)va, whole.va);
	KUNIT_EXPECT_EQ(test, address.QuadPart, whole.address.QuadPart);
	wk_end_vector(&v3, vector);
}

static void wk_index_out_of_range(struct kunit *test)
{
	static const ULONG indices[] = { 3, 4, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF };
	struct wk_v3 v3 = wk_adapter(test);
	PDMA_COMMON_BUFFER_VECTOR vector = wk_vector(&v3, 3, SZ_4K);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(indices); i++) {
		wk_expect_none(&v3, vector, indices[i], WD_REPORT_VECTOR_INDEX);
		wk_expect_report(test, WD_REPORT_VECTOR_INDEX, 1);
		v3.ops->FreeCommonBufferFromVector(v3.adapter, vector, indices[i]);
	}
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 3);
	wk_end_vector(&v3, vector);
}

static void wk_freed_element_is_dead(struct kunit *test)
{
	const struct wk_shape rest = { 2, SZ_8K };
	struct wk_v3 v3 = wk_adapter(test);
	PDMA_COMMON_BUFFER_VECTOR vector = wk_vector(&v3, 5, SZ_8K);
	ULONG i;

	wk_use_elements(&v3, vector, &rest);
	for (i = 2; i < 5; i++) {
		v3.ops->FreeCommonBufferFromVector(v3.adapter, vector, i);
		KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 6 - i);
		wk_expect_none(&v3, vector, i, WD_REPORT_VECTOR_ELEMENT);
		wk_expect_report(test, WD_REPORT_VECTOR_ELEMENT, 1);
		v3.ops->FreeCommonBufferFromVector(v3.adapter, vector, i);
	}
	for (i = 0; i < 2; i++)
		wk_expect_pattern(test, wk_get(&v3, vector, i).va, SZ_8K, i + 5);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).vectors_live, 1);
	/* An empty one is a vector as well. */
	for (i = 0; i < 2; i++)
		v3.ops->FreeCommonBufferFromVector(v3.adapter, vector, i);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).vectors_live, 1);
	wk_end_vector(&v3, vector);
}

/* All three routines, and only reports */
static void wk_expect_no_vector(const struct wk_v3 *v3, PDMA_COMMON_BUFFER_VECTOR vector)
{
	wk_expect_none(v3, vector, 0, WD_REPORT_VECTOR);
	wk_expect_report(v3->test, WD_REPORT_VECTOR, 2);
	v3->ops->FreeCommonBufferFromVector(v3->adapter, vector, 0);
	v3->ops->FreeCommonBufferVector(v3->adapter, vector);
}

static void wk_what_is_no_vector_is_told(struct kunit *test)
{
	struct wk_v3 v3 = wk_adapter(test);
	PDMA_COMMON_BUFFER_VECTOR vector = wk_vector(&v3, 2, SZ_4K), later;
	u64 memory[8] = {};

	wk_expect_no_vector(&v3, NULL);
	wk_expect_no_vector(&v3, (PVOID)memory);
	wk_expect_no_vector(&v3, (PVOID)-1L);
	wk_expect_no_vector(&v3, (PVOID)v3.adapter);
	wk_expect_no_vector(&v3, (PVOID)wk_get(&v3, vector, 0).va);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 2);
	wk_end_vector(&v3, vector);
	wk_expect_no_vector(&v3, vector);
	/* Its number is not given to the next one, in the same memory, either. */
	later = wk_vector(&v3, 2, SZ_4K);
	wk_expect_no_vector(&v3, vector);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 2);
	wk_end_vector(&v3, later);
}

static void wk_vector_of_another_adapter_is_told(struct kunit *test)
{
	struct wk_v3 v3 = wk_adapter(test), other = wk_adapter(test);
	PDMA_COMMON_BUFFER_VECTOR vector = wk_vector(&v3, 2, SZ_4K);

	wk_expect_no_vector(&other, vector);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 2);
	KUNIT_EXPECT_NOT_NULL(test, wk_get(&v3, vector, 0).va);
	wk_end_vector(&v3, vector);
}

static void wk_element_is_not_freed_like_a_buffer(struct kunit *test)
{
	struct wk_v3 v3 = wk_adapter(test);
	PDMA_COMMON_BUFFER_VECTOR vector = wk_vector(&v3, 2, SZ_4K);
	struct wk_element element = wk_get(&v3, vector, 1);

	wk_expect_report(test, WD_REPORT_BUFFER_ARGUMENTS, 1);
	v3.ops->FreeCommonBuffer(v3.adapter, SZ_4K, element.address, element.va, TRUE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).buffers_live, 2);
	KUNIT_EXPECT_PTR_EQ(test, wk_get(&v3, vector, 1).va, element.va);
	wk_fill(element.va, SZ_4K, 1);
	wk_end_vector(&v3, vector);
}

static const struct wk_place {
	const char *name;
	bool interrupts;
} wk_places[] = {
	{ "bottom halves off", false },
	{ "interrupts off", true },
};

static void wk_place_name(const struct wk_place *place, char *name)
{
	strscpy(name, place->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_place, wk_places, wk_place_name);

/* Unknown at once, released later */
static void wk_dispatch_level_is_allowed(struct kunit *test)
{
	const struct wk_place *place = test->param_value;
	struct wk_v3 v3 = wk_adapter(test);
	u32 idle = wk_mappings(test);
	PDMA_COMMON_BUFFER_VECTOR vector = wk_vector(&v3, 40, SZ_8K);
	struct wk_element before = wk_get(&v3, vector, 7), inside, none;
	u32 left_of_one, left;

	wk_expect_report(test, WD_REPORT_VECTOR_ELEMENT, 1);
	wk_expect_report(test, WD_REPORT_VECTOR, 2);
	if (place->interrupts)
		local_irq_disable();
	else
		local_bh_disable();
	inside = wk_get(&v3, vector, 7);
	v3.ops->FreeCommonBufferFromVector(v3.adapter, vector, 7);
	none = wk_get(&v3, vector, 7);
	left_of_one = wk_stats(test, v3.adapter).buffers_live;
	v3.ops->FreeCommonBufferVector(v3.adapter, vector);
	v3.ops->FreeCommonBufferVector(v3.adapter, vector);
	left = wk_stats(test, v3.adapter).buffers_live;
	wk_get(&v3, vector, 8);
	if (place->interrupts)
		local_irq_enable();
	else
		local_bh_enable();

	KUNIT_EXPECT_PTR_EQ(test, inside.va, before.va);
	KUNIT_EXPECT_EQ(test, inside.address.QuadPart, before.address.QuadPart);
	KUNIT_EXPECT_NULL(test, none.va);
	KUNIT_EXPECT_EQ(test, left_of_one, 39);
	KUNIT_EXPECT_EQ(test, left, 0);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(wk_mappings(test) == idle));
}

/* It is a common buffer to transfers, too (B11). */
static void wk_mdl_over_an_element(struct kunit *test)
{
	struct wk_v3 v3 = wk_adapter(test);
	PDMA_COMMON_BUFFER_VECTOR vector = wk_vector(&v3, 3, 3 * SZ_4K);
	struct wk_element element = wk_get(&v3, vector, 1);
	PMDL mdl = IoAllocateMdl(element.va + 100, SZ_8K, FALSE, FALSE, NULL);
	PVOID base = wk_get_set(&v3, 4);
	ULONG bytes = SZ_8K;
	u64 address;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	address = v3.ops->MapTransfer(v3.adapter, mdl, base, MmGetMdlVirtualAddress(mdl), &bytes,
				      TRUE).QuadPart;
	KUNIT_EXPECT_EQ(test, address, element.address.QuadPart + 100);
	KUNIT_EXPECT_EQ(test, bytes, SZ_8K);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).common_maps, 1);
	v3.ops->FlushAdapterBuffers(v3.adapter, mdl, base, MmGetMdlVirtualAddress(mdl), bytes,
				    TRUE);
	wk_end_set(&v3, base, 4);
	IoFreeMdl(mdl);
	wk_end_vector(&v3, vector);
}

/* The device may still be writing: what its driver forgot stays until the driver is gone. */
static void wk_vectors_outlive_their_adapter(struct kunit *test)
{
	struct wk_v3 v3 = wk_adapter(test);
	u32 idle = wk_mappings(test);
	PDMA_COMMON_BUFFER_VECTOR vector = wk_vector(&v3, 6, SZ_4K);
	PDMA_COMMON_BUFFER_VECTOR empty = wk_vector(&v3, 1, SZ_4K);
	struct wk_element element = wk_get(&v3, vector, 3);
	u8 byte = 0x77;

	v3.ops->FreeCommonBufferFromVector(v3.adapter, empty, 0);
	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 1);
	wk_put_adapter(test, v3.adapter);
	msleep(100);
	wk_device_write(test, element.address.QuadPart, &byte, 1);
	KUNIT_EXPECT_EQ(test, *element.va, 0x77);
	KUNIT_EXPECT_EQ(test, wk_mappings(test) - idle, 6);
	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 1);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind(test);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), idle);
}

/* A vector without an element is left, too. */
static void wk_empty_vector_is_left(struct kunit *test)
{
	struct wk_v3 v3 = wk_adapter(test);
	PDMA_COMMON_BUFFER_VECTOR vector = wk_vector(&v3, 1, SZ_4K);

	v3.ops->FreeCommonBufferFromVector(v3.adapter, vector, 0);
	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 2);
	wk_put_adapter(test, v3.adapter);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind(test);
}

static struct kunit_case wk_buffer_vector_cases[] = {
	KUNIT_CASE_PARAM(wk_elements_are_common_buffers, wk_shape_gen_params),
	KUNIT_CASE(wk_bounds_hold_for_each),
	KUNIT_CASE_PARAM(wk_refused_allocates_nothing, wk_refusal_gen_params),
	KUNIT_CASE(wk_no_place_for_the_vector),
	KUNIT_CASE(wk_one_output_may_be_null),
	KUNIT_CASE(wk_index_out_of_range),
	KUNIT_CASE(wk_freed_element_is_dead),
	KUNIT_CASE(wk_what_is_no_vector_is_told),
	KUNIT_CASE(wk_vector_of_another_adapter_is_told),
	KUNIT_CASE(wk_element_is_not_freed_like_a_buffer),
	KUNIT_CASE_PARAM(wk_dispatch_level_is_allowed, wk_place_gen_params),
	KUNIT_CASE(wk_mdl_over_an_element),
	KUNIT_CASE(wk_vectors_outlive_their_adapter),
	KUNIT_CASE(wk_empty_vector_is_left),
	{}
};

static struct kunit_suite wk_buffer_vector_suite = {
	.name = "wdmdma_buffer_vector",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_buffer_vector_cases,
};

kunit_test_suite(wk_buffer_vector_suite);
