// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the suites of system DMA share (system.h).
 */
#include <linux/preempt.h>
#include <linux/sizes.h>

#include "system.h"

bool wk_in_map;

struct wk_dma *wk_sys_bind(struct kunit *test, struct wk_dma_kind kind)
{
	struct wk_world *world = test->priv;
	struct wk_dma *dma = wk_dma_add(test, world->dev, kind);
	struct wdmdma_dma_binding binding = {
		.request_line = WK_LINE_RX,
		.channel = WK_CHANNEL_RX,
		.name = "rx",
	};

	KUNIT_ASSERT_EQ(test, wdmdma_bind_dma_channel(world->object, &binding), 0);
	binding.request_line = WK_LINE_TX;
	binding.channel = WK_CHANNEL_TX;
	binding.name = "tx";
	KUNIT_ASSERT_EQ(test, wdmdma_bind_dma_channel(world->object, &binding), 0);
	return dma;
}

DEVICE_DESCRIPTION wk_sys_description(ULONG version)
{
	return (DEVICE_DESCRIPTION){
		.Version = version,
		.Master = FALSE,
		.DemandMode = TRUE,
		.DmaChannel = WK_CHANNEL_RX,
		.InterfaceType = Internal,
		.DmaWidth = Width8Bits,
		.MaximumLength = SZ_64K,
		.DmaRequestLine = WK_LINE_RX,
		.DeviceAddress.QuadPart = WK_DMA_REGISTER,
	};
}

struct wk_sys wk_sys_of(struct kunit *test, struct wk_dma *dma, DEVICE_DESCRIPTION description)
{
	struct wk_world *world = test->priv;
	struct wk_sys sys = {
		.test = test,
		.dma = dma,
		.chan = &dma->chans[description.DmaChannel],
		.object = world->object,
	};

	sys.adapter = wk_get_described_adapter(test, &description, &sys.regs);
	KUNIT_ASSERT_NOT_NULL(test, sys.adapter);
	sys.ops = sys.adapter->DmaOperations;
	wk_calls_reset();
	return sys;
}

struct wk_sys wk_sys(struct kunit *test, struct wk_dma_kind kind)
{
	return wk_sys_of(test, wk_sys_bind(test, kind), wk_sys_description(3));
}

NTSTATUS wk_sys_ask(struct wk_sys *sys, ULONG regs, struct wk_call *call)
{
	wk_call_init(call, sys->adapter, KeepObject);
	return wk_at_dispatch(sys->ops->AllocateAdapterChannel(sys->adapter, sys->object, regs,
							       wk_control, call));
}

NTSTATUS wk_sys_ask_ex(struct wk_sys *sys, PVOID context, ULONG regs, struct wk_call *call)
{
	NTSTATUS status = sys->ops->InitializeDmaTransferContext(sys->adapter, context);

	KUNIT_EXPECT_EQ(sys->test, status, STATUS_SUCCESS);
	wk_call_init(call, sys->adapter, KeepObject);
	return wk_at_dispatch(sys->ops->AllocateAdapterChannelEx(sys->adapter, sys->object, context,
								 regs, 0, wk_control, call, NULL));
}

NTSTATUS wk_sys_try(struct wk_sys *sys, PVOID context, ULONG regs, PVOID *base)
{
	sys->ops->InitializeDmaTransferContext(sys->adapter, context);
	return sys->ops->AllocateAdapterChannelEx(sys->adapter, sys->object, context, regs,
						  DMA_SYNCHRONOUS_CALLBACK, NULL, NULL, base);
}

PVOID wk_sys_own(struct wk_sys *sys)
{
	PVOID base = NULL;

	KUNIT_ASSERT_EQ(sys->test, wk_sys_try(sys, &sys->context, sys->regs, &base),
			STATUS_SUCCESS);
	KUNIT_ASSERT_NOT_NULL(sys->test, base);
	return base;
}

PVOID wk_sys_own_v1(struct wk_sys *sys)
{
	struct wk_call call;

	KUNIT_ASSERT_EQ(sys->test, wk_sys_ask(sys, sys->regs, &call), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(sys->test, call.count, 1);
	return call.base;
}

void wk_sys_free(struct wk_sys *sys)
{
	local_bh_disable();
	sys->ops->FreeAdapterChannel(sys->adapter);
	local_bh_enable();
}

VOID wk_done(PDMA_ADAPTER adapter, PDEVICE_OBJECT device_object, PVOID context,
	     DMA_COMPLETION_STATUS status)
{
	struct wk_done *done = context;

	done->count++;
	done->counts[status & 3]++;
	done->status = status;
	done->adapter = adapter;
	done->device_object = device_object;
	done->bh_off = in_softirq();
	done->in_hardirq = in_hardirq() || irqs_disabled();
	done->in_map = wk_in_map;
	if (done->inside)
		done->inside(done);
}

NTSTATUS wk_sys_map(struct wk_sys *sys, PVOID base, PMDL mdl, u64 offset, ULONG *length, bool write,
		    struct wk_done *done)
{
	return sys->ops->MapTransferEx(sys->adapter, mdl, base, offset, 0, length, write, NULL, 0,
				       done ? wk_done : NULL, done);
}

NTSTATUS wk_sys_flush(struct wk_sys *sys, PVOID base, PMDL mdl, u64 offset, ULONG length,
		      bool write)
{
	return sys->ops->FlushAdapterBuffersEx(sys->adapter, mdl, base, offset, length, write);
}

NTSTATUS wk_sys_cancel(struct wk_sys *sys)
{
	return sys->ops->CancelMappedTransfer(sys->adapter, &sys->context);
}

void wk_sys_settle(struct wk_sys *sys)
{
	struct wk_call call;

	KUNIT_ASSERT_EQ(sys->test, wk_sys_ask(sys, 0, &call), STATUS_SUCCESS);
	KUNIT_ASSERT_TRUE(sys->test, wk_wait_for(READ_ONCE(call.count)));
	wk_sys_free(sys);
}

struct wk_run *wk_run_of(struct kunit *test, struct wk_dma_kind kind)
{
	struct wk_run *run = kunit_kzalloc(test, sizeof(*run), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, run);
	run->sys = wk_sys(test, kind);
	run->base = wk_sys_own(&run->sys);
	run->buffer = wk_alloc_scattered(test, 2);
	run->mdl = wk_mdl(test, run->buffer, 0, WK_RUN_BYTES);
	return run;
}

NTSTATUS wk_run_start(struct wk_run *run)
{
	run->length = WK_RUN_BYTES;
	return wk_sys_map(&run->sys, run->base, run->mdl, 0, &run->length, false, &run->done);
}

NTSTATUS wk_run_end(struct wk_run *run)
{
	return wk_sys_flush(&run->sys, run->base, run->mdl, 0, run->length, false);
}

void wk_force_bounce(struct kunit *test, bool force)
{
	const struct wdmdma_limits limits = { .force_bounce = force };
	struct wk_world *world = test->priv;

	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
}
