// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the verifier reports of requests that wait, of transfer contexts, of memory that is to
 * become a common buffer, and what it notes.
 */
#include <linux/spinlock.h>

#include "from_mdl.h"
#include "verifier.h"

static DEFINE_SPINLOCK(wk_lock);

/* One report since @before, with these parameters 2 and 3 */
static void wk_one(struct kunit *test, u64 before, u32 code, const char *routine, u64 p2, u64 p3)
{
	struct wdmdma_violation found = wk_expect_violation(test, before, code, routine);

	KUNIT_EXPECT_EQ(test, found.params[0], p2);
	KUNIT_EXPECT_EQ(test, found.params[1], p3);
	KUNIT_EXPECT_EQ_MSG(test, wk_last_violation(), before + 1, "nothing else");
	wk_expect_report(test, code, 1);
}

/* Makes two requests of one device object wait; returns what became of the second. */
static NTSTATUS wk_wait_twice(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, DEVICE_DESCRIPTION_VERSION, SZ_64K, NULL);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	struct wk_world *world = test->priv;
	struct wk_call owner, first, second;
	NTSTATUS status;

	wk_call_init(&owner, adapter, KeepObject);
	wk_call_init(&first, adapter, DeallocateObject);
	wk_call_init(&second, adapter, DeallocateObject);
	local_bh_disable();
	ops->AllocateAdapterChannel(adapter, NULL, 1, wk_control, &owner);
	ops->AllocateAdapterChannel(adapter, world->object, 1, wk_control, &first);
	status = ops->AllocateAdapterChannel(adapter, world->object, 1, wk_control, &second);
	ops->FreeAdapterChannel(adapter);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, owner.count, 1);
	KUNIT_EXPECT_EQ(test, first.count, 1);
	KUNIT_EXPECT_EQ(test, second.count, 0);
	return status;
}

static void a_second_wait(struct kunit *test)
{
	struct wk_world *world = test->priv;
	u64 before = wk_last_violation();

	KUNIT_EXPECT_EQ(test, wk_wait_twice(test), STATUS_INSUFFICIENT_RESOURCES);
	wk_one(test, before, WD_REPORT_DOUBLE_WAIT, "AllocateAdapterChannel",
	       (uintptr_t)world->object, 0);

	wk_set_verifier(test, &(struct wdmdma_verifier){});
	before = wk_last_violation();
	KUNIT_EXPECT_EQ(test, wk_wait_twice(test), STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), before);
}

static const char *wk_routine(enum wk_kind kind)
{
	static const char * const names[] = {
		"AllocateAdapterChannelEx", "GetScatterGatherListEx", "BuildScatterGatherListEx",
	};

	return names[kind];
}

/* Requests with contexts that are none, none of this adapter's, or in use */
static void contexts(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	struct wk_v3 stranger = wk_v3_pool(test, WK_REGS);
	const char *routine = wk_routine(rig.kind);
	struct wk_context context = {}, foreign;
	struct wk_call call, other;
	u64 before;

	wk_context_init(&stranger, &foreign);
	wk_passing_call(&rig, &other);
	before = wk_last_violation();
	KUNIT_EXPECT_EQ(test, wk_request(&rig, NULL, 1, 0, &other), STATUS_INVALID_PARAMETER);
	wk_one(test, before, WD_REPORT_CONTEXT, routine, WD_CONTEXT_UNKNOWN, 0);
	before = wk_last_violation();
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &other), STATUS_INVALID_PARAMETER);
	wk_one(test, before, WD_REPORT_CONTEXT, routine, WD_CONTEXT_UNKNOWN, (uintptr_t)&context);
	before = wk_last_violation();
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &foreign, 1, 0, &other), STATUS_INVALID_PARAMETER);
	wk_one(test, before, WD_REPORT_CONTEXT, routine, WD_CONTEXT_UNKNOWN, (uintptr_t)&foreign);

	wk_context_init(&rig.v3, &context);
	wk_own_channel(&rig.v3, 1);
	wk_wait(&rig, &context, &call);
	before = wk_last_violation();
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &other), STATUS_INVALID_PARAMETER);
	wk_one(test, before, WD_REPORT_CONTEXT, routine, WD_CONTEXT_REUSED, (uintptr_t)&context);
	before = wk_last_violation();
	wk_context_init(&rig.v3, &context);
	wk_one(test, before, WD_REPORT_CONTEXT, "InitializeDmaTransferContext", WD_CONTEXT_RENEWED,
	       (uintptr_t)&context);
	before = wk_last_violation();
	KUNIT_EXPECT_FALSE(test, wk_cancel(&rig, &foreign));
	wk_one(test, before, WD_REPORT_CONTEXT, "CancelAdapterChannel", WD_CONTEXT_UNKNOWN,
	       (uintptr_t)&foreign);
	wk_release(&rig);
	KUNIT_EXPECT_EQ(test, call.count + other.count, 0);

	/* One after another, and again after a cancel, is how they are meant. */
	before = wk_last_violation();
	wk_passing_call(&rig, &call);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 2);
	wk_context_init(&rig.v3, &context);
	KUNIT_EXPECT_TRUE(test, wk_cancel(&rig, &context));
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), before);
	wk_expect_free(&rig.v3);
}

/* Off, only what is refused without a status of its own is reported. */
static void contexts_not_verified(struct kunit *test)
{
	struct wk_context context = {};
	struct wk_call call, other;
	struct wk_rig rig;
	u64 before;

	wk_set_verifier(test, &(struct wdmdma_verifier){});
	rig = wk_rig(test, wk_kind(test));
	wk_passing_call(&rig, &other);
	before = wk_last_violation();
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &other), STATUS_INVALID_PARAMETER);
	wk_context_init(&rig.v3, &context);
	wk_own_channel(&rig.v3, 1);
	wk_wait(&rig, &context, &call);
	KUNIT_EXPECT_EQ(test, wk_request(&rig, &context, 1, 0, &other), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), before);
	wk_context_init(&rig.v3, &context);
	wk_one(test, before, WD_REPORT_CONTEXT, "InitializeDmaTransferContext", WD_CONTEXT_RENEWED,
	       (uintptr_t)&context);
	wk_release(&rig);
}

/* A request that says nothing is refused, but not for a length that it does not have. */
static void arguments_that_do_not_go_together(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_pool(test, WK_REGS);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 1), 0, 64);
	u64 before = wk_last_violation();
	struct wk_context context;
	struct wk_ask ask = { .context = &context, .mdl = mdl, .bytes = 64 };

	wk_context_init(&v3, &context);
	KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), STATUS_INVALID_PARAMETER);
	ask.build = true;
	KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), before);
}

/* Memory that cannot become a common buffer: not locked, or not mapped for the kernel */
static void memory_for_a_common_buffer(struct kunit *test)
{
	struct wk_made made = wk_made(test, false);
	CSHORT flags = made.mdl->MdlFlags;
	u64 before = wk_last_violation();

	made.mdl->MdlFlags = 0;
	KUNIT_EXPECT_EQ(test, wk_create(&made, NULL, 0), STATUS_INVALID_PARAMETER);
	wk_one(test, before, WD_REPORT_NOT_LOCKED, "CreateCommonBufferFromMdl",
	       (uintptr_t)made.mdl, 0);
	before = wk_last_violation();
	made.mdl->MdlFlags = MDL_PAGES_LOCKED;
	KUNIT_EXPECT_EQ(test, wk_create(&made, NULL, 0), STATUS_INVALID_PARAMETER);
	wk_one(test, before, WD_REPORT_NO_SYSTEM_ADDRESS, "CreateCommonBufferFromMdl",
	       (uintptr_t)made.mdl, 0);

	before = wk_last_violation();
	made.mdl->MdlFlags = flags;
	KUNIT_EXPECT_EQ(test, wk_create(&made, NULL, 0), STATUS_SUCCESS);
	wk_free(&made, WK_BYTES, made.address.QuadPart, made.memory->va);
	wk_set_verifier(test, &(struct wdmdma_verifier){});
	made = wk_made(test, false);
	made.mdl->MdlFlags = MDL_PAGES_LOCKED;
	KUNIT_EXPECT_EQ(test, wk_create(&made, NULL, 0), STATUS_INVALID_PARAMETER);
	made.mdl->MdlFlags = flags;
	KUNIT_EXPECT_EQ(test, wk_last_violation(), before);
}

static NTSTATUS wk_get_vector(PDMA_ADAPTER adapter, PDMA_COMMON_BUFFER_VECTOR *vector)
{
	PHYSICAL_ADDRESS low = {}, high = { .QuadPart = -1 };

	return adapter->DmaOperations->AllocateCommonBufferVector(adapter, low, high, MmCached, 0,
								  0, 3, 64, vector);
}

/* Row 26, and the IRQL */
static void vectors(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, DEVICE_DESCRIPTION_VERSION3, SZ_64K, NULL);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	PDMA_COMMON_BUFFER_VECTOR vector = NULL;
	u64 before = wk_last_violation();
	NTSTATUS status;

	local_bh_disable();
	status = wk_get_vector(adapter, &vector);
	local_bh_enable();
	KUNIT_EXPECT_FALSE(test, NT_SUCCESS(status));
	wk_one(test, before, WD_REPORT_VECTOR_IRQL, "AllocateCommonBufferVector", DISPATCH_LEVEL,
	       0);
	if (IS_ENABLED(CONFIG_PREEMPT_COUNT)) {
		before = wk_last_violation();
		spin_lock(&wk_lock);
		status = wk_get_vector(adapter, &vector);
		spin_unlock(&wk_lock);
		KUNIT_EXPECT_FALSE(test, NT_SUCCESS(status));
		wk_one(test, before, WD_REPORT_VECTOR_IRQL, "AllocateCommonBufferVector",
		       DISPATCH_LEVEL, 0);
	}

	before = wk_last_violation();
	KUNIT_ASSERT_EQ(test, wk_get_vector(adapter, &vector), STATUS_SUCCESS);
	ops->FreeCommonBufferFromVector(adapter, vector, 1);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), before);
	ops->GetCommonBufferFromVectorByIndex(adapter, vector, 3, NULL, NULL);
	wk_one(test, before, WD_REPORT_VECTOR_INDEX, "GetCommonBufferFromVectorByIndex", 3, 3);
	before = wk_last_violation();
	ops->FreeCommonBufferFromVector(adapter, vector, 1);
	wk_one(test, before, WD_REPORT_VECTOR_ELEMENT, "FreeCommonBufferFromVector", 1, 0);
	ops->FreeCommonBufferVector(adapter, vector);
}

static void wk_describe(struct kunit *test, BOOLEAN reserved, BOOLEAN wide, ULONG width)
{
	DEVICE_DESCRIPTION description = wk_description(3, TRUE, 64, SZ_64K);

	description.Reserved1 = reserved;
	description.Dma64BitAddresses = wide;
	description.DmaAddressWidth = width;
	KUNIT_ASSERT_NOT_NULL(test, wk_get_described_adapter(test, &description, NULL));
}

static void notes_of_descriptions(struct kunit *test)
{
	u64 before = wk_last_violation();

	wk_describe(test, FALSE, TRUE, 48);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), before);
	wk_describe(test, TRUE, FALSE, 64);
	wk_one(test, before, WD_REPORT_NOTE, "IoGetDmaAdapter", TRUE, 0);
	wk_set_verifier(test, &(struct wdmdma_verifier){ .level = 2 });
	before = wk_last_violation();
	wk_describe(test, FALSE, TRUE, 64);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), before);
	wk_describe(test, FALSE, TRUE, 48);
	wk_one(test, before, WD_REPORT_NOTE, "IoGetDmaAdapter", 48, 0);
	wk_set_verifier(test, &(struct wdmdma_verifier){});
	before = wk_last_violation();
	wk_describe(test, TRUE, TRUE, 48);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), before);
}

/* FlushDmaBuffer is for what is mapped, or of a common buffer. */
static void notes_of_flushes(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_pool(test, WK_REGS);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 1), 0, 64), shared;
	struct wk_ask ask = { .mdl = mdl, .bytes = 64, .flags = DMA_SYNCHRONOUS_CALLBACK };
	PSCATTER_GATHER_LIST list;
	PHYSICAL_ADDRESS address;
	struct wk_context context;
	u64 before;
	PVOID va;

	wk_context_init(&v3, &context);
	ask.context = &context;
	ask.list = &list;
	before = wk_last_violation();
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, v3.ops->FlushDmaBuffer(v3.adapter, mdl, FALSE), STATUS_SUCCESS);
	wk_put_ex(&v3, list);
	va = v3.ops->AllocateCommonBuffer(v3.adapter, PAGE_SIZE, &address, TRUE);
	KUNIT_ASSERT_NOT_NULL(test, va);
	shared = IoAllocateMdl(va, PAGE_SIZE, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, shared);
	MmBuildMdlForNonPagedPool(shared);
	KUNIT_EXPECT_EQ(test, v3.ops->FlushDmaBuffer(v3.adapter, shared, TRUE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), before);
	IoFreeMdl(shared);
	KUNIT_EXPECT_EQ(test, v3.ops->FlushDmaBuffer(v3.adapter, mdl, FALSE), STATUS_SUCCESS);
	wk_one(test, before, WD_REPORT_NOTE, "FlushDmaBuffer", (uintptr_t)mdl, 0);
	v3.ops->FreeCommonBuffer(v3.adapter, PAGE_SIZE, address, va, TRUE);
}

/* Row 18 for a flush */
static void flushed_outside_of_the_mdl(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_pool(test, WK_REGS);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 1), 0, 64);
	u8 *va = MmGetMdlVirtualAddress(mdl);
	PVOID base = wk_get_set(&v3, 1);
	u64 before = wk_last_violation();

	KUNIT_EXPECT_TRUE(test, v3.ops->FlushAdapterBuffers(v3.adapter, mdl, base, va + 64, 1,
							    TRUE));
	wk_one(test, before, WD_REPORT_NOT_IN_MDL, "FlushAdapterBuffers", (uintptr_t)va + 64,
	       (uintptr_t)mdl);
	wk_end_set(&v3, base, 1);
}

static void adapter_under_a_spinlock(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	struct wk_world *world = test->priv;
	u64 before = wk_last_violation();
	PDMA_ADAPTER adapter;
	ULONG regs;

	if (!IS_ENABLED(CONFIG_PREEMPT_COUNT)) {
		kunit_skip(test, "nobody counts spinlocks");
		return;
	}
	spin_lock(&wk_lock);
	adapter = IoGetDmaAdapter(world->object, &description, &regs);
	spin_unlock(&wk_lock);
	KUNIT_EXPECT_NULL(test, adapter);
	wk_one(test, before, WD_REPORT_IRQL, "IoGetDmaAdapter", 2, PASSIVE_LEVEL);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(a_second_wait),
	KUNIT_CASE_PARAM(contexts, wk_kind_gen_params),
	KUNIT_CASE_PARAM(contexts_not_verified, wk_kind_gen_params),
	KUNIT_CASE(arguments_that_do_not_go_together),
	KUNIT_CASE(memory_for_a_common_buffer),
	KUNIT_CASE(vectors),
	KUNIT_CASE(notes_of_descriptions),
	KUNIT_CASE(notes_of_flushes),
	KUNIT_CASE(flushed_outside_of_the_mdl),
	KUNIT_CASE(adapter_under_a_spinlock),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_verifier_request",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_verified,
	.exit = wk_exit_verified,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
