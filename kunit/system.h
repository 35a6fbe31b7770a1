/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites of system DMA share: an adapter on a channel of the fake controller, its channel
 * owned, and completion routines that record.
 */
#ifndef WDMDMA_KUNIT_SYSTEM_H
#define WDMDMA_KUNIT_SYSTEM_H

#include "fake_dma.h"
#include "fake_driver.h"
#include "v3.h"

/* Request lines and channels that wk_sys_bind() binds */
#define WK_LINE_RX	0x10
#define WK_LINE_TX	0x11
#define WK_CHANNEL_RX	0
#define WK_CHANNEL_TX	1

struct wk_sys {
	struct kunit *test;
	struct wk_dma *dma;
	struct wk_dma_chan *chan;	/* "rx" */
	PDMA_ADAPTER adapter;
	const DMA_OPERATIONS *ops;
	PDEVICE_OBJECT object;
	ULONG regs;
	struct wk_context context;	/* of wk_sys_own() */
};

/* A controller for the test's device, both lines bound */
struct wk_dma *wk_sys_bind(struct kunit *test, struct wk_dma_kind kind);
/* Version 3, line "rx", 64 KiB, a register of 1 byte at WK_DMA_REGISTER */
DEVICE_DESCRIPTION wk_sys_description(ULONG version);
/* NULL is asserted not to happen. */
struct wk_sys wk_sys_of(struct kunit *test, struct wk_dma *dma, DEVICE_DESCRIPTION description);
/* All of it for the usual case */
struct wk_sys wk_sys(struct kunit *test, struct wk_dma_kind kind);

/* AllocateAdapterChannel(Ex) for a routine that keeps the channel */
NTSTATUS wk_sys_ask(struct wk_sys *sys, ULONG regs, struct wk_call *call);
NTSTATUS wk_sys_ask_ex(struct wk_sys *sys, PVOID context, ULONG regs, struct wk_call *call);
/* ... and without waiting, nor a routine */
NTSTATUS wk_sys_try(struct wk_sys *sys, PVOID context, ULONG regs, PVOID *base);
/* Takes the channel with a context and all registers. */
PVOID wk_sys_own(struct wk_sys *sys);
/* ... by AllocateAdapterChannel, as versions 1 and 2 do */
PVOID wk_sys_own_v1(struct wk_sys *sys);
void wk_sys_free(struct wk_sys *sys);

/* A completion routine's context */
struct wk_done {
	/* set by the test */
	void (*inside)(struct wk_done *done);
	void *data;
	/* recorded */
	unsigned int count;
	unsigned int counts[4];			/* by status */
	DMA_COMPLETION_STATUS status;
	PDMA_ADAPTER adapter;
	PDEVICE_OBJECT device_object;
	bool bh_off, in_hardirq, in_map;
};

/* Set while a test is inside a call during which no routine may run */
extern bool wk_in_map;

VOID wk_done(PDMA_ADAPTER adapter, PDEVICE_OBJECT device_object, PVOID context,
	     DMA_COMPLETION_STATUS status);

/* MapTransferEx with the usual arguments; @done NULL: no routine */
NTSTATUS wk_sys_map(struct wk_sys *sys, PVOID base, PMDL mdl, u64 offset, ULONG *length, bool write,
		    struct wk_done *done);
NTSTATUS wk_sys_flush(struct wk_sys *sys, PVOID base, PMDL mdl, u64 offset, ULONG length,
		      bool write);
NTSTATUS wk_sys_cancel(struct wk_sys *sys);
/* Waits until nothing of the channel is draining any more: another owner gets it. */
void wk_sys_settle(struct wk_sys *sys);

/* An owned channel, and a transfer to memory */
struct wk_run {
	struct wk_sys sys;
	PVOID base;
	struct wk_buffer *buffer;
	PMDL mdl;
	struct wk_done done;
	ULONG length;
};

#define WK_RUN_BYTES	(2 * PAGE_SIZE)

struct wk_run *wk_run_of(struct kunit *test, struct wk_dma_kind kind);
NTSTATUS wk_run_start(struct wk_run *run);
NTSTATUS wk_run_end(struct wk_run *run);

/* Adapters made from now on copy everything through pages of a pool, or no longer do. */
void wk_force_bounce(struct kunit *test, bool force);

/* The same at DISPATCH_LEVEL, where nothing waits */
#define wk_at_dispatch(call) ({					\
	__typeof__(call) wk_result;				\
	local_bh_disable();					\
	wk_result = (call);					\
	local_bh_enable();					\
	wk_result;						\
})

#endif
