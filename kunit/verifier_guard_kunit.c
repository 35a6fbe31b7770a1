// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guards of common buffers: a write beside one, by processor or device, is found when the buffer is
 * freed, when its adapter is put, when the driver is unbound, or when somebody looks.
 */
#include <linux/mm.h>
#include <linux/sizes.h>

#include "v3.h"
#include "verifier.h"

struct wk_guarded {
	struct kunit *test;
	PDMA_ADAPTER adapter;
	const DMA_OPERATIONS *ops;
	u8 *va;
	PHYSICAL_ADDRESS address;
	ULONG bytes;
	u64 sequence;		/* of the last record before */
};

static int wk_init_guarded(struct kunit *test)
{
	int ret = wk_init_verified(test);

	wk_set_verifier(test, &(struct wdmdma_verifier){ .level = 1, .guard = true });
	return ret;
}

static struct wk_guarded wk_guarded(struct kunit *test, ULONG bytes)
{
	DEVICE_DESCRIPTION description = wk_description(3, TRUE, 64, SZ_64K);
	struct wk_guarded guarded = { .test = test, .bytes = bytes };

	guarded.adapter = wk_get_described_adapter(test, &description, NULL);
	KUNIT_ASSERT_NOT_NULL(test, guarded.adapter);
	guarded.ops = guarded.adapter->DmaOperations;
	guarded.va = guarded.ops->AllocateCommonBuffer(guarded.adapter, bytes, &guarded.address,
						       TRUE);
	KUNIT_ASSERT_NOT_NULL(test, guarded.va);
	guarded.sequence = wk_last_violation();
	return guarded;
}

static void wk_free_guarded(const struct wk_guarded *guarded)
{
	guarded->ops->FreeCommonBuffer(guarded->adapter, guarded->bytes, guarded->address,
				       guarded->va, TRUE);
}

/* One write beside a buffer */
struct wk_stray {
	ULONG bytes;		/* of the buffer */
	s32 at;			/* where it is written; from its end, unless negative */
	u32 what;		/* parameter 2 */
};

static const struct wk_stray wk_strays[] = {
	{ 1, 0, 2 }, { 1, 7, 2 }, { 1, 8, 5 }, { 1, PAGE_SIZE - 2, 5 }, { 1, PAGE_SIZE - 1, 5 },
	{ 1, 2 * PAGE_SIZE - 2, 5 }, { 1, -1, 1 }, { 1, -8, 1 }, { 1, -9, 4 },
	{ 1, -(s32)PAGE_SIZE, 4 },
	{ 1001, 0, 2 }, { 1001, 7, 2 }, { 1001, 100, 5 }, { 1001, -1, 1 }, { 1001, -100, 4 },
	{ PAGE_SIZE - 5, 4, 2 }, { PAGE_SIZE - 5, 5, 2 }, { PAGE_SIZE - 5, 8, 5 },
	{ PAGE_SIZE, 0, 2 }, { PAGE_SIZE, 8, 5 }, { PAGE_SIZE, PAGE_SIZE - 1, 5 },
	{ PAGE_SIZE, -1, 1 }, { PAGE_SIZE, -9, 4 },
	{ 3 * PAGE_SIZE + 77, 0, 2 }, { 3 * PAGE_SIZE + 77, 2000, 5 },
	{ 3 * PAGE_SIZE + 77, -8, 1 },
};

static void wk_stray_name(const struct wk_stray *stray, char *desc)
{
	if (stray->at < 0)
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%d before %u", -stray->at, stray->bytes);
	else
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%d behind %u", stray->at, stray->bytes);
}

KUNIT_ARRAY_PARAM(wk_stray, wk_strays, wk_stray_name);

static s64 wk_stray_offset(const struct wk_stray *stray)
{
	return stray->at < 0 ? stray->at : (s64)stray->bytes + stray->at;
}

/* Exactly one record, which says where */
static void wk_expect_overrun(const struct wk_guarded *guarded, const struct wk_stray *stray,
			      const char *routine)
{
	struct kunit *test = guarded->test;
	struct wdmdma_violation violation = wk_expect_violation(test, guarded->sequence,
								WD_REPORT_OVERRUN, routine);
	u64 start = (uintptr_t)guarded->va;

	KUNIT_EXPECT_EQ(test, violation.params[0], stray->what);
	if (stray->what < 3) {
		KUNIT_EXPECT_EQ(test, violation.params[1], stray->bytes);
		KUNIT_EXPECT_EQ(test, violation.params[2], start);
	} else {
		KUNIT_EXPECT_EQ(test, violation.params[1], start);
		KUNIT_EXPECT_EQ(test, violation.params[2], start + wk_stray_offset(stray));
	}
	KUNIT_EXPECT_STREQ(test, violation.object, "common buffer");
	KUNIT_EXPECT_EQ(test, violation.has_stack, IS_ENABLED(CONFIG_STACKDEPOT));
}

static void wk_cpu_writes_beside_a_buffer(struct kunit *test)
{
	const struct wk_stray *stray = test->param_value;
	struct wk_guarded guarded = wk_guarded(test, stray->bytes);

	guarded.va[wk_stray_offset(stray)] ^= 1;
	wk_free_guarded(&guarded);
	wk_expect_overrun(&guarded, stray, "FreeCommonBuffer");
	wk_expect_report(test, WD_REPORT_OVERRUN, 1);
}

static void wk_device_writes_beside_a_buffer(struct kunit *test)
{
	const struct wk_stray *stray = test->param_value;
	struct wk_guarded guarded = wk_guarded(test, stray->bytes);

	wk_device_write(test, guarded.address.QuadPart + wk_stray_offset(stray), "!", 1);
	KUNIT_EXPECT_EQ(test, wdmdma_check_guards(guarded.adapter), 1);
	wk_expect_overrun(&guarded, stray, "wdmdma_check_guards");
	/* It was mended. */
	KUNIT_EXPECT_EQ(test, wdmdma_check_guards(guarded.adapter), 0);
	wk_free_guarded(&guarded);
	wk_expect_report(test, WD_REPORT_OVERRUN, 1);
}

/* What a driver may do leaves no record, and what it wrote stays. */
static void wk_whole_buffers_may_be_used(struct kunit *test)
{
	const struct wk_stray *stray = test->param_value;
	struct wk_guarded guarded = wk_guarded(test, stray->bytes);
	u8 *copy = kunit_kzalloc(test, stray->bytes, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, offset_in_page(guarded.va), 0);
	KUNIT_EXPECT_EQ(test, offset_in_page(guarded.address.QuadPart), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(guarded.va, 0, stray->bytes));
	wk_fill(guarded.va, stray->bytes, 3);
	wk_device_read(test, guarded.address.QuadPart, copy, stray->bytes);
	wk_expect_pattern(test, copy, stray->bytes, 3);
	wk_fill(copy, stray->bytes, 4);
	wk_device_write(test, guarded.address.QuadPart, copy, stray->bytes);
	KUNIT_EXPECT_EQ(test, wdmdma_check_guards(guarded.adapter), 0);
	wk_expect_pattern(test, guarded.va, stray->bytes, 4);
	wk_free_guarded(&guarded);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), guarded.sequence);
}

/* One misuse on each side are two. */
static void wk_both_sides_are_reported(struct kunit *test)
{
	struct wk_guarded guarded = wk_guarded(test, 999);

	memset(guarded.va - 20, 1, 999 + 40);
	wk_free_guarded(&guarded);
	wk_expect_report(test, WD_REPORT_OVERRUN, 2);
}

static void wk_put_finds_it(struct kunit *test)
{
	const struct wk_stray behind = { 999, 0, 2 };
	struct wk_guarded guarded = wk_guarded(test, 999);

	guarded.va[999] = 0;
	wk_put_adapter(test, guarded.adapter);
	wk_expect_overrun(&guarded, &behind, "PutDmaAdapter");
	guarded.sequence = wk_last_violation();
	guarded.va[999] = 0;
	wk_unbind(test);
	wk_expect_overrun(&guarded, &behind, "driver-unbind");
	wk_expect_report(test, WD_REPORT_OVERRUN, 2);
	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 2);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
}

/* Elements of vectors are common buffers. */
static void wk_vectors_have_guards(struct kunit *test)
{
	struct wk_guarded guarded = wk_guarded(test, 500);
	const struct wk_stray behind = { 500, 0, 2 };
	PHYSICAL_ADDRESS low = {}, high = { .QuadPart = -1 };
	PDMA_COMMON_BUFFER_VECTOR vector;
	void *va[3], *own = guarded.va;
	unsigned int i;
	NTSTATUS status;

	status = guarded.ops->AllocateCommonBufferVector(guarded.adapter, low, high, MmCached, 0, 0,
							 3, 500, &vector);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	for (i = 0; i < 3; i++)
		guarded.ops->GetCommonBufferFromVectorByIndex(guarded.adapter, vector, i, &va[i],
							      NULL);
	guarded.va = va[1];
	guarded.va[500] = 0;
	guarded.ops->FreeCommonBufferFromVector(guarded.adapter, vector, 1);
	wk_expect_overrun(&guarded, &behind, "FreeCommonBufferFromVector");
	guarded.va = va[2];
	guarded.va[500] = 0;
	guarded.sequence = wk_last_violation();
	guarded.ops->FreeCommonBufferVector(guarded.adapter, vector);
	wk_expect_overrun(&guarded, &behind, "FreeCommonBufferVector");
	guarded.va = own;
	wk_free_guarded(&guarded);
	wk_expect_report(test, WD_REPORT_OVERRUN, 2);
}

/* Bounds that leave no room for guards, and what has none but its last page. */
static void wk_wishes_are_met(struct kunit *test)
{
	struct wk_guarded guarded = wk_guarded(test, 700);
	PHYSICAL_ADDRESS low = guarded.address, high = { .QuadPart = -1 }, address;
	u8 *va;

	wk_free_guarded(&guarded);
	va = guarded.ops->AllocateCommonBufferEx(guarded.adapter, &high, 700, &address, FALSE, 0);
	KUNIT_ASSERT_NOT_NULL(test, va);
	va[700] ^= 1;
	guarded.ops->FreeCommonBuffer(guarded.adapter, 700, address, va, TRUE);
	wk_expect_report(test, WD_REPORT_OVERRUN, 1);

	/* Exactly one page is allowed. */
	high.QuadPart = low.QuadPart + PAGE_SIZE - 1;
	va = guarded.ops->AllocateCommonBufferWithBounds(guarded.adapter, &low, &high, 700, 0,
							 NULL, 0, &address);
	if (va) {
		KUNIT_EXPECT_EQ(test, address.QuadPart, low.QuadPart);
		guarded.ops->FreeCommonBuffer(guarded.adapter, 700, address, va, TRUE);
	}
	low.QuadPart = 0;
	va = guarded.ops->AllocateCommonBufferWithBounds(guarded.adapter, &low, NULL, 700,
							 DOMAIN_COMMON_BUFFER_LARGE_PAGE, NULL, 0,
							 &address);
	if (va) {
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED(address.QuadPart, 512 * PAGE_SIZE));
		guarded.ops->FreeCommonBuffer(guarded.adapter, 700, address, va, TRUE);
	}
}

/* An MDL over a buffer is mapped where the buffer is. */
static void wk_buffers_are_found(struct kunit *test)
{
	struct wk_guarded guarded = wk_guarded(test, PAGE_SIZE + 10);
	PMDL mdl = IoAllocateMdl(guarded.va, PAGE_SIZE + 10, FALSE, FALSE, NULL);
	struct wk_call call;
	NTSTATUS status;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	wk_call_init(&call, guarded.adapter, KeepObject);
	status = guarded.ops->GetScatterGatherList(guarded.adapter, NULL, mdl, guarded.va,
						   PAGE_SIZE + 10, wk_list_control, &call, FALSE);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, 1);
	KUNIT_EXPECT_EQ(test, call.list->Elements[0].Address.QuadPart, guarded.address.QuadPart);
	guarded.ops->PutScatterGatherList(guarded.adapter, call.list, FALSE);
	IoFreeMdl(mdl);
	wk_free_guarded(&guarded);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), guarded.sequence);
}

static void wk_no_adapter_has_no_guards(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, wdmdma_check_guards(NULL), -EINVAL);
	wk_expect_report(test, WD_REPORT_NULL_ADAPTER, 1);
}

static struct kunit_case wk_verifier_guard_cases[] = {
	KUNIT_CASE_PARAM(wk_cpu_writes_beside_a_buffer, wk_stray_gen_params),
	KUNIT_CASE_PARAM(wk_device_writes_beside_a_buffer, wk_stray_gen_params),
	KUNIT_CASE_PARAM(wk_whole_buffers_may_be_used, wk_stray_gen_params),
	KUNIT_CASE(wk_both_sides_are_reported),
	KUNIT_CASE(wk_put_finds_it),
	KUNIT_CASE(wk_vectors_have_guards),
	KUNIT_CASE(wk_wishes_are_met),
	KUNIT_CASE(wk_buffers_are_found),
	KUNIT_CASE(wk_no_adapter_has_no_guards),
	{}
};

static struct kunit_suite wk_verifier_guard_suite = {
	.name = "wdmdma_verifier_guard",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_guarded,
	.exit = wk_exit_verified,
	.test_cases = wk_verifier_guard_cases,
};

kunit_test_suites(&wk_verifier_guard_suite);
