// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trace events, as they appear in a trace: each change of state has its event with its fields, and
 * what undoes it has one that matches.
 */
#include <linux/sizes.h>

#include "bounce.h"
#include "domain.h"
#include "mmu.h"
#include "see.h"
#include "system.h"

/* Of one adapter: as many of both events, and they add up to the same; at least one */
static void wk_expect_balance(struct kunit *test, const char *trace, u64 id, const char *begun,
			      const char *ended, const char *field)
{
	unsigned int count = wk_trace_count(trace, begun, id, "");

	KUNIT_EXPECT_GT_MSG(test, count, 0, "no %s", begun);
	KUNIT_EXPECT_EQ_MSG(test, wk_trace_count(trace, ended, id, ""), count, "%s", ended);
	KUNIT_EXPECT_EQ_MSG(test, wk_trace_sum(trace, ended, id, field),
			    wk_trace_sum(trace, begun, id, field), "%s of %s", field, ended);
}

static void an_adapter_is_made_and_put(struct kunit *test)
{
	struct wk_world *world = test->priv;
	struct wk_v3 v3 = wk_v3_way(test, WK_POOL);
	u64 id = wk_adapter_id(v3.adapter);
	char fields[160], *trace;

	snprintf(fields, sizeof(fields), "dev=%s version=3 regs=%u last_address=0x%llx class=%s",
		 dev_name(world->dev), v3.regs,
		 wk_stats(test, v3.adapter).last_address, "bounced");
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_adapter_made", id, fields), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_adapter_put", id, ""), 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(trace, "owner=wk_get_described_adapter+"));
	wk_put_adapter(test, v3.adapter);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_adapter_put", id, fields), 1);
}

/* A packet transfer, of all ways of mapping */
static void a_packet(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, wk_way(test));
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	u64 id = wk_adapter_id(v3.adapter);
	PMDL mdl = wk_mdl(test, buffer, 100, 2 * PAGE_SIZE);
	PVOID base = wk_get_set(&v3, 3), va = MmGetMdlVirtualAddress(mdl);
	PHYSICAL_ADDRESS address;
	u32 mapped = 0, pieces = 0;
	char fields[80], *trace;
	ULONG length;

	KUNIT_EXPECT_EQ(test, wk_trace_count(wk_trace(test), "wdmdma_request_granted", id,
					     "kind=channel regs=3 waiting=0"), 1);
	for (; mapped < 2 * PAGE_SIZE; mapped += length, pieces++) {
		length = 2 * PAGE_SIZE - mapped;
		address = v3.ops->MapTransfer(v3.adapter, mdl, base, va + mapped, &length, FALSE);
		KUNIT_ASSERT_GT(test, length, 0);
		snprintf(fields, sizeof(fields), "address=0x%llx bytes=%u direction=from_device",
			 address.QuadPart, length);
		KUNIT_EXPECT_EQ(test, wk_trace_count(wk_trace(test), "wdmdma_map", id, fields), 1);
	}
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_map", id, ""), pieces);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_unmap", id, ""), 0);
	v3.ops->FlushAdapterBuffers(v3.adapter, mdl, base, va, 2 * PAGE_SIZE, FALSE);
	trace = wk_trace(test);
	snprintf(fields, sizeof(fields), "bytes=%lu", 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_flush", id, fields), 1);
	wk_expect_balance(test, trace, id, "wdmdma_map", "wdmdma_unmap", "bytes");
	KUNIT_EXPECT_EQ(test, wk_trace_sum(trace, "wdmdma_map", id, "bytes"), 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_request_released", id, ""), 0);
	wk_end_set(&v3, base, 3);
	wk_expect_balance(test, wk_trace(test), id, "wdmdma_request_granted",
			  "wdmdma_request_released", "regs");
	if (wk_way(test) != WK_DIRECT) {
		wk_expect_balance(test, trace, id, "wdmdma_bounce_in", "wdmdma_bounce_out",
				  "bytes");
		KUNIT_EXPECT_EQ(test, wk_trace_sum(trace, "wdmdma_bounce_out", id, "bytes") +
				wk_trace_sum(trace, "wdmdma_bounce_in", id, "bytes"),
				wk_stats(test, v3.adapter).bounced_bytes);
	}
}

/* What cannot be mapped goes through a page that the set has. */
static void a_spare_page(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	u64 id = wk_adapter_id(v3.adapter);
	PMDL mdl = wk_mdl(test, buffer, 100, 700);
	PVOID base, va = MmGetMdlVirtualAddress(mdl);
	char *trace, fields[80];
	ULONG length = 700;

	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 0), 0);
	base = wk_get_set(&v3, 1);
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 1), 0);
	snprintf(fields, sizeof(fields), "address=0x%llx bytes=700",
		 v3.ops->MapTransfer(v3.adapter, mdl, base, va, &length, FALSE).QuadPart);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_map", id, "kind=spare"), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_bounce_in", id, fields), 1);
	v3.ops->FlushAdapterBuffers(v3.adapter, mdl, base, va, 700, FALSE);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_bounce_out", id, fields), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_unmap", id, "kind=spare"), 1);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3.adapter).bounced_bytes, 2 * 700);
	wk_end_set(&v3, base, 1);
}

static void a_request_waits(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, wk_kind(test));
	const char *kind = rig.kind == WK_CHANNEL ? "kind=channel regs=1 waiting=1" :
						    "kind=list regs=1 waiting=1";
	u64 id = wk_adapter_id(rig.v3.adapter);
	struct wk_context first, second;
	struct wk_call call, other;
	char *trace;

	wk_own_channel(&rig.v3, 1);
	wk_passing_call(&rig, &call);
	wk_context_init(&rig.v3, &first);
	wk_wait(&rig, &first, &call);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_request_queued", id, kind), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_request_granted", id, ""), 1);
	wk_passing_call(&rig, &other);
	wk_context_init(&rig.v3, &second);
	wk_wait(&rig, &second, &other);
	KUNIT_EXPECT_TRUE(test, wk_cancel(&rig, &second));
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_request_cancelled", id, kind), 1);
	wk_release(&rig);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_request_queued", id, ""), 2);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_request_cancelled", id, ""), 1);
	wk_expect_balance(test, trace, id, "wdmdma_request_granted", "wdmdma_request_released",
			  "regs");
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_request_granted", id, ""), 2);
}

/* What waits when the adapter is put is cancelled. */
static void a_request_is_dropped(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, WK_CHANNEL);
	u64 id = wk_adapter_id(rig.v3.adapter);
	struct wk_context context;
	struct wk_call call;
	char *trace;

	wk_own_channel(&rig.v3, 1);
	wk_passing_call(&rig, &call);
	wk_context_init(&rig.v3, &context);
	wk_wait(&rig, &context, &call);
	wk_put_adapter(test, rig.v3.adapter);
	wk_expect_report(test, WD_REPORT_CHANNEL_LEFT, 1);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_request_cancelled", id, ""), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_adapter_put", id, ""), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_violation", id,
					     "code=0x08 routine=PutDmaAdapter"), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_violation", id,
					     "code=0x09 routine=PutDmaAdapter"), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_violation", id, ""), 2);
}

static void a_list(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, wk_way(test));
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	u64 id = wk_adapter_id(v3.adapter);
	struct wk_ask ask = {
		.mdl = wk_mdl(test, buffer, 10, 2 * PAGE_SIZE),
		.bytes = 2 * PAGE_SIZE,
	};
	struct wk_context context;
	struct wk_call call;
	char fields[100], *trace;

	wk_call_init(&call, v3.adapter, 0);
	wk_context_init(&v3, &context);
	ask.context = &context;
	ask.call = &call;
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	snprintf(fields, sizeof(fields), "elements=%u bytes=%lu direction=to_device",
		 call.list->NumberOfElements, 2 * PAGE_SIZE);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_request_granted", id, ""), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_list_built", id, fields), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_list_put", id, ""), 0);
	wk_put_ex(&v3, call.list);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_list_put", id, fields), 1);
	wk_expect_balance(test, trace, id, "wdmdma_list_built", "wdmdma_list_put", "bytes");
	wk_expect_balance(test, trace, id, "wdmdma_request_granted", "wdmdma_request_released",
			  "regs");
	KUNIT_EXPECT_EQ(test, wk_trace_sum(trace, "wdmdma_bounce_in", id, "bytes"),
			wk_stats(test, v3.adapter).bounced_bytes);
}

static void a_common_buffer(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	u64 id = wk_adapter_id(v3.adapter);
	PHYSICAL_ADDRESS address;
	PVOID va = v3.ops->AllocateCommonBuffer(v3.adapter, 5000, &address, TRUE);
	char fields[80], *trace = wk_trace(test);

	KUNIT_ASSERT_NOT_NULL(test, va);
	snprintf(fields, sizeof(fields), "address=0x%llx bytes=5000", address.QuadPart);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_common_buffer_allocated", id, fields),
			1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_common_buffer_freed", id, ""), 0);
	v3.ops->FreeCommonBuffer(v3.adapter, 5000, address, va, TRUE);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_common_buffer_freed", id, fields), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_common_buffer_allocated", id, ""), 1);
}

static void a_controller_ends(struct kunit *test)
{
	struct wk_run *run = wk_run_of(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST });
	u64 id = wk_adapter_id(run->sys.adapter);
	char fields[100], *trace;

	KUNIT_ASSERT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	snprintf(fields, sizeof(fields), "bytes=%lu residue=%lu direction=from_device status=%s",
		 WK_RUN_BYTES, WK_RUN_BYTES, "running cyclic=0 postponed=0");
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_system_started", id, fields), 1);
	wk_dma_complete(test, run->sys.chan);
	snprintf(fields, sizeof(fields), "bytes=%lu residue=0 direction=from_device status=%s",
		 WK_RUN_BYTES, "complete cyclic=0 postponed=0");
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_system_completed", id, fields), 1);
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	wk_sys_free(&run->sys);
	trace = wk_trace(test);
	wk_expect_balance(test, trace, id, "wdmdma_system_started", "wdmdma_system_completed",
			  "bytes");
	wk_expect_balance(test, trace, id, "wdmdma_map", "wdmdma_unmap", "bytes");
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_system_cancelled", id, ""), 0);
	wk_expect_balance(test, trace, id, "wdmdma_request_granted", "wdmdma_request_released",
			  "regs");
}

static void a_controller_is_stopped(struct kunit *test)
{
	struct wk_run *run = wk_run_of(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST });
	u64 id = wk_adapter_id(run->sys.adapter);
	char *trace;

	KUNIT_ASSERT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	wk_sys_flush(&run->sys, run->base, run->mdl, 0, 0, false);
	wk_sys_free(&run->sys);
	wk_sys_settle(&run->sys);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_system_cancelled", id,
					     "status=cancelled"), 1);
	wk_expect_balance(test, trace, id, "wdmdma_system_started", "wdmdma_system_cancelled",
			  "bytes");
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_system_completed", id, ""), 0);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_flush", id, "bytes=0"), 1);
	/* Parked until the channel is quiet, then unmapped */
	wk_expect_balance(test, trace, id, "wdmdma_map", "wdmdma_unmap", "bytes");
}

/* All is moved, the driver flushes, and only then the controller says so. */
static void a_controller_is_late(struct kunit *test)
{
	struct wk_run *run = wk_run_of(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST });
	u64 id = wk_adapter_id(run->sys.adapter);
	char *trace;

	KUNIT_ASSERT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	wk_dma_move(test, run->sys.chan, U32_MAX);
	run->sys.chan->chan.completed_cookie = run->sys.chan->chan.cookie;
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	wk_expect_balance(test, wk_trace(test), id, "wdmdma_system_started",
			  "wdmdma_system_completed", "bytes");
	wk_dma_callback(test, run->sys.chan, DMA_TRANS_NOERROR);
	wk_sys_free(&run->sys);
	trace = wk_trace(test);
	wk_expect_balance(test, trace, id, "wdmdma_system_started", "wdmdma_system_completed",
			  "bytes");
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_system_cancelled", id, ""), 0);
}

static void a_controller_loops(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_sys_description(3);
	struct wk_dma *dma = wk_sys_bind(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST });
	PHYSICAL_ADDRESS address;
	struct wk_done done = {};
	ULONG length = SZ_8K;
	struct wk_sys sys;
	char *trace;
	PVOID va;
	PMDL mdl;
	u64 id;

	description.AutoInitialize = TRUE;
	sys = wk_sys_of(test, dma, description);
	id = wk_adapter_id(sys.adapter);
	va = sys.ops->AllocateCommonBuffer(sys.adapter, SZ_8K, &address, TRUE);
	mdl = IoAllocateMdl(va, SZ_8K, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_ASSERT_EQ(test, wk_sys_map(&sys, wk_sys_own(&sys), mdl, 0, &length, false, &done),
			STATUS_SUCCESS);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_system_started", id,
					     "status=running cyclic=1"), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_map", id,
					     "bytes=8192 direction=from_device kind=common"), 1);
	wk_expect_number(test, id, "bytes_not_flushed", SZ_8K);
	wk_sys_free(&sys);
	wk_expect_report(test, WD_REPORT_NOT_FLUSHED, 1);
	/* What the channel may still write goes on with nobody's set. */
	wk_expect_number(test, id, "bytes_not_flushed", 0);
	IoFreeMdl(mdl);
	sys.ops->FreeCommonBuffer(sys.adapter, SZ_8K, address, va, TRUE);
	wk_sys_settle(&sys);
	trace = wk_trace(test);
	wk_expect_balance(test, trace, id, "wdmdma_system_started", "wdmdma_system_cancelled",
			  "bytes");
	wk_expect_balance(test, trace, id, "wdmdma_map", "wdmdma_unmap", "bytes");
}

static void a_domain_is_joined(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_DIRECT);
	u64 id = wk_adapter_id(pair.b.adapter);
	char fields[80], *trace;

	snprintf(fields, sizeof(fields), "dev=%s", dev_name(pair.dev_b));
	KUNIT_ASSERT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_domain_joined", id, fields), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_domain_left", id, ""), 0);
	KUNIT_EXPECT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_domain_left", id, fields), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_domain_joined", id, ""), 1);
	wk_pair_end(&pair);
}

/* ... of the IOMMU interface */
static void a_domain_is_attached(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	char fields[80], *trace;

	snprintf(fields, sizeof(fields), "dev=%s", dev_name(mmu.dev));
	wk_mmu_attach(&mmu);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_domain_attached", 0, fields), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_domain_detached", 0, fields), 0);
	wk_mmu_end(&mmu);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_domain_attached", 0, fields), 1);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_domain_detached", 0, fields), 1);
}

/* Off, nothing is recorded; and what began before has an end that is seen. */
static void off_and_on(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	u64 id = wk_adapter_id(v3.adapter);
	PHYSICAL_ADDRESS address;
	char *trace;
	PVOID va;

	wk_trace_enable(test, false);
	va = v3.ops->AllocateCommonBuffer(v3.adapter, 1, &address, TRUE);
	wk_trace_enable(test, true);
	v3.ops->FreeCommonBuffer(v3.adapter, 1, address, va, TRUE);
	trace = wk_trace(test);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_common_buffer_allocated", id, ""), 0);
	KUNIT_EXPECT_EQ(test, wk_trace_count(trace, "wdmdma_common_buffer_freed", id, ""), 1);
}

static struct kunit_case wk_trace_cases[] = {
	KUNIT_CASE(an_adapter_is_made_and_put),
	KUNIT_CASE_PARAM(a_packet, wk_way_gen_params),
	KUNIT_CASE(a_spare_page),
	KUNIT_CASE_PARAM(a_request_waits, wk_kind_gen_params),
	KUNIT_CASE(a_request_is_dropped),
	KUNIT_CASE_PARAM(a_list, wk_way_gen_params),
	KUNIT_CASE(a_common_buffer),
	KUNIT_CASE(a_domain_is_joined),
	KUNIT_CASE(off_and_on),
	{}
};

static struct kunit_suite wk_trace_suite = {
	.name = "wdmdma_trace",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_traced,
	.exit = wk_exit_traced,
	.test_cases = wk_trace_cases,
};

static struct kunit_case wk_trace_system_cases[] = {
	KUNIT_CASE(a_controller_ends),
	KUNIT_CASE(a_controller_is_stopped),
	KUNIT_CASE(a_controller_is_late),
	KUNIT_CASE(a_controller_loops),
	{}
};

static int wk_init_traced_untranslated(struct kunit *test)
{
	int ret = wk_trace_begin();

	return ret ? : wk_init_untranslated(test);
}

static struct kunit_suite wk_trace_system_suite = {
	.name = "wdmdma_trace_system",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_traced_untranslated,
	.exit = wk_exit_traced,
	.test_cases = wk_trace_system_cases,
};

static struct kunit_case wk_trace_mmu_cases[] = {
	KUNIT_CASE(a_domain_is_attached),
	{}
};

static struct kunit_suite wk_trace_mmu_suite = {
	.name = "wdmdma_trace_mmu",
	.suite_init = wk_mmu_suite_init,
	.suite_exit = wk_mmu_suite_exit,
	.init = wk_init_traced,
	.exit = wk_exit_traced,
	.test_cases = wk_trace_mmu_cases,
};

kunit_test_suites(&wk_trace_suite, &wk_trace_system_suite, &wk_trace_mmu_suite);
