/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites of version 3 share: adapters of each way of mapping, requests with all their
 * arguments in one place, chains of MDLs, and the number of mappings that are live.
 */
#ifndef WDMDMA_KUNIT_V3_H
#define WDMDMA_KUNIT_V3_H

#include "fake_driver.h"
#include "fixture.h"

#define WK_UNTOUCHED	0x5A5A5A5A
#define WK_POISON	((void *)0x5A5A5A5A)

/* An adapter of version 3 */
struct wk_v3 {
	struct kunit *test;
	PDMA_ADAPTER adapter;
	const DMA_OPERATIONS *ops;
	PDEVICE_OBJECT object;
	ULONG regs;		/* R */
};

enum wk_way {
	WK_DIRECT,		/* or translated, if that is how the device is */
	WK_POOL,		/* everything is copied through pages of a pool */
	WK_WINDOW,		/* no scatter/gather: copied into one window where need be */
	WK_WAYS,
};

/* 64 KiB at most, so R is 17 */
struct wk_v3 wk_v3_way(struct kunit *test, enum wk_way way);
/* Direct, and @pool registers, which is R then */
struct wk_v3 wk_v3_pool(struct kunit *test, u32 pool);
struct wk_v3 wk_v3_of(struct kunit *test, DEVICE_DESCRIPTION description,
		      struct wdmdma_limits limits);

/* Test parameters: the ways */
const void *wk_way_gen_params(const void *prev, char *desc);
static inline enum wk_way wk_way(struct kunit *test)
{
	return *(const enum wk_way *)test->param_value;
}

struct wk_context {
	u8 bytes[DMA_TRANSFER_CONTEXT_SIZE_V1];
};

/* Asserted to work */
void wk_context_init(const struct wk_v3 *v3, PVOID context);

/* AllocateAdapterChannelEx with wk_control(), or without a routine if there is no @call */
NTSTATUS wk_channel_ex(const struct wk_v3 *v3, PVOID context, ULONG regs, ULONG flags,
		       struct wk_call *call, PVOID *base);

/* GetScatterGatherListEx, or BuildScatterGatherListEx if @build, with wk_list_control() if @call */
struct wk_ask {
	PVOID context;
	PMDL mdl;
	u64 offset;
	ULONG bytes;
	ULONG flags;
	struct wk_call *call;
	bool read;		/* device to memory */
	bool build;
	PVOID buffer;
	ULONG buffer_bytes;
	PSCATTER_GATHER_LIST *list;
};

NTSTATUS wk_list_ex(const struct wk_v3 *v3, const struct wk_ask *ask);
void wk_put_ex(const struct wk_v3 *v3, PSCATTER_GATHER_LIST list);

/* Takes the channel, and @regs registers with it, until FreeAdapterChannel. */
PVOID wk_own_channel(const struct wk_v3 *v3, ULONG regs);
/* A set that outlives its channel; ended by wk_end_set() */
PVOID wk_get_set(const struct wk_v3 *v3, ULONG regs);
void wk_end_set(const struct wk_v3 *v3, PVOID base, ULONG regs);

/* Links MDLs; the chain is @mdls[0]'s. They are taken apart when the test ends. */
PMDL wk_link(PMDL *mdls, unsigned int count);
/* Copies bytes of a chain. */
void wk_chain_read(PMDL mdl, u64 offset, void *to, size_t bytes);
void wk_chain_write(PMDL mdl, u64 offset, const void *from, size_t bytes);

/* Mappings that dma-debug knows now */
u32 wk_mappings(struct kunit *test);

/* Requests of each kind, for the same memory, with a pool of WK_REGS registers */
enum wk_kind { WK_CHANNEL, WK_GET, WK_BUILD };

#define WK_REGS		4
#define WK_LIST_BYTES	1024	/* more than a list of WK_REGS elements needs */
#define WK_BUFFERS	32	/* requests in a row that a Build has different ones for */

struct wk_rig {
	struct wk_v3 v3;
	enum wk_kind kind;
	struct wk_buffer *memory;
	PMDL mdl[WK_REGS + 1];	/* by number of pages */
	PVOID buffers[WK_BUFFERS];
	unsigned int nr_buffers;
};

/* Test parameters: the kinds */
const void *wk_kind_gen_params(const void *prev, char *desc);
static inline enum wk_kind wk_kind(struct kunit *test)
{
	return *(const enum wk_kind *)test->param_value;
}

struct wk_rig wk_rig(struct kunit *test, enum wk_kind kind);
/* A request for @regs registers; @call says what becomes of it. */
NTSTATUS wk_request(struct wk_rig *rig, PVOID context, ULONG regs, ULONG flags,
		    struct wk_call *call);
/* A call whose transfer ends by itself, so that nothing is left when it has been granted */
void wk_passing_call(struct wk_rig *rig, struct wk_call *call);
/* A call whose transfer lasts until wk_end() */
void wk_lasting_call(struct wk_rig *rig, struct wk_call *call);
void wk_end(struct wk_rig *rig, struct wk_call *call, ULONG regs);
/* Makes a request with a passing call that waits because somebody owns the channel. */
void wk_wait(struct wk_rig *rig, PVOID context, struct wk_call *call);
BOOLEAN wk_cancel(struct wk_rig *rig, PVOID context);
/* FreeAdapterChannel */
void wk_release(struct wk_rig *rig);

/* Nobody owns, holds or waits, and all @regs of an adapter of wk_v3_pool() are to be had. */
void wk_expect_free(const struct wk_v3 *v3);

#endif
