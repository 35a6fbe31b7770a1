/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A reference model of adapters, for random sequences of calls (model_kunit.c).
 *
 * The model knows nothing of wdmdma but its contract. Each call is an operation, decided before it
 * is made, with all that the routines it leads to will do. wk_model_op() first says what will
 * happen: it appends to a log each routine that runs, and each status. Then the calls are made and
 * write a log of their own, and the two must be equal; so must the numbers that adapters tell, and
 * the reports of misuse.
 */
#ifndef WDMDMA_KUNIT_MODEL_H
#define WDMDMA_KUNIT_MODEL_H

#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "fixture.h"

#define WK_MODEL_ADAPTERS	7
#define WK_MODEL_SLOTS		16	/* of an adapter: requests, and what they were granted */
#define WK_MODEL_CONTEXTS	6
#define WK_MODEL_OBJECTS	3
#define WK_MODEL_PAGES		6	/* of the memory of a slot */
#define WK_MODEL_MAPS		24
#define WK_MODEL_LOG		512

enum wk_op_kind {
	WK_OP_REQUEST,
	WK_OP_FREE_CHANNEL,
	WK_OP_FREE_OBJECT,		/* number: the action */
	WK_OP_FREE_SET,			/* number: registers told; slot 0: a wrong base */
	WK_OP_PUT,			/* slot 0: a wrong pointer; number 1: a stale one */
	WK_OP_CANCEL,			/* context 0: none */
	WK_OP_INIT,
	WK_OP_TOUCH,			/* maps a byte and flushes it, inside a routine */
	WK_OP_KINDS,
};

/* What is wrong with a request */
enum wk_bad {
	WK_GOOD,
	WK_BAD_ROUTINE,
	WK_BAD_REGS,
	WK_BAD_FLAGS,
	WK_BAD_LENGTH,
	WK_BAD_END,
	WK_BAD_START,
	WK_BAD_CONTEXT,
	WK_BAD_OUT,
	WK_BAD_SMALL,
	WK_BAD_SHARED,			/* the buffer of a list that lives */
	WK_BADS,
};

enum wk_slot_state { WK_FREE, WK_RESERVED, WK_WAITING, WK_LIVE };

struct wk_slot;
struct wk_ma;

struct wk_op {
	enum wk_op_kind kind;
	struct wk_ma *ma;
	struct wk_slot *slot;
	u32 number;
	u32 context;			/* from 1 */
};

struct wk_map {
	u32 offset, bytes, call, born;
	bool live;
};

struct wk_element {
	u64 address;
	u32 offset, bytes;
};

/* A request from the time it is thought of, and the set or list that comes of it */
struct wk_slot {
	u32 id;
	struct wk_ma *ma;
	enum wk_slot_state state;
	struct list_head node;		/* while it waits */

	/* decided before */
	bool is_list, build, ex, sync, routine, out, no_bounce, read;
	enum wk_bad bad;
	u32 regs, offset, bytes, context, object;
	IO_ALLOCATION_ACTION action;
	u32 nr_plan;
	struct wk_op plan[2];
	struct wk_slot *other;		/* WK_BAD_SHARED */
	u32 stamp;

	/* predicted */
	bool shares;			/* the buffer of @other */
	bool waited;
	u32 window, used, nr_maps, calls, flushes;
	struct wk_map maps[WK_MODEL_MAPS];

	/* what came of it */
	struct wk_buffer *memory;
	bool contiguous;
	u32 start, size;		/* of the MDL in the memory */
	PMDL mdl;
	void *buffer;			/* of Build */
	PVOID base;
	PSCATTER_GATHER_LIST list;
	u32 nr_elements;
	struct wk_element elements[WK_MODEL_MAPS];
};

enum wk_context_state {
	WK_CONTEXT_NONE,
	WK_CONTEXT_IDLE,
	WK_CONTEXT_LATCHED,
	WK_CONTEXT_WAITING,
	WK_CONTEXT_GRANTED,
	WK_CONTEXT_CANCELLED,
};

/* An adapter as the model knows it */
struct wk_ma {
	u32 index;
	ULONG version, regs;
	bool scatter_gather, bounced;
	bool joins;		/* behind an IOMMU: an MDL is one run */
	u32 pool;			/* registers to be had at once; 0: no limit */
	u32 pages;			/* to copy through; 0: none */

	bool held, kept, running;
	u64 ticket;
	struct wk_slot *owner;
	struct list_head waiters;
	u32 waiting, sets, lists, granted, used, reserved;
	unsigned long window[2];
	enum wk_context_state contexts[WK_MODEL_CONTEXTS + 1];

	struct wk_slot slots[WK_MODEL_SLOTS + 1];	/* from 1 */

	/* the real one */
	PDMA_ADAPTER adapter;
	const DMA_OPERATIONS *ops;
	u8 memory[WK_MODEL_CONTEXTS + 1][DMA_TRANSFER_CONTEXT_SIZE_V1];
};

struct wk_log {
	u32 nr;
	u64 entries[WK_MODEL_LOG];
};

struct wk_model {
	struct wk_ma *ma[WK_MODEL_ADAPTERS];
	struct wk_log expected, seen;
	u64 reports[WK_CODES];		/* expected since the start */
	bool irqs_off;
};

/* A line of a log: what, of whom, with which result */
#define WK_LOG_RUN	0x80
void wk_log(struct wk_log *log, u32 what, u32 who, u32 result);

void wk_model_start(struct wk_ma *ma);
void wk_model_op(struct wk_model *model, const struct wk_op *op);
/* Runs what can run, after interrupts are on again. */
void wk_model_pump(struct wk_model *model, struct wk_ma *ma);
/* PutDmaAdapter */
void wk_model_end(struct wk_model *model, struct wk_ma *ma);
/* Gives a request back that will not be made, with those it would make. */
void wk_model_forget(struct wk_slot *slot);

/* Mapping: the model bounds what will be mapped, and is told what was. */
struct wk_bounds {
	u32 least, most;		/* bytes; most 0: it fails */
	u32 report;			/* WK_CODES: none */
};

struct wk_bounds wk_model_map_bounds(const struct wk_slot *slot, u32 offset, u32 bytes, bool ex,
				     u32 capacity);
void wk_model_mapped(struct wk_slot *slot, u32 offset, u32 bytes, u32 call);
/* Releases mappings. */
void wk_model_flush(struct wk_slot *slot, u32 offset, u32 bytes);
u32 wk_model_live(const struct wk_slot *slot);

#define WK_MODEL_LINES	20
#define WK_LIST_BYTES	1024		/* of the buffer of a slot */

/* The world of a case; routines find it here. */
struct wk_run {
	struct kunit *test;
	struct wk_model model;
	u64 random;
	u32 part, call, stamp;
	u32 routines, waits;		/* so far */
	bool failed;
	u64 reports[WK_CODES];		/* at the start */
	DEVICE_OBJECT objects[WK_MODEL_OBJECTS];
	char lines[WK_MODEL_LINES][112], verdict[160];
};

extern struct wk_run *wk_run;

static inline u32 wk_random(u32 below)
{
	wk_run->random = wk_run->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(wk_run->random >> 33) % below;
}

static inline bool wk_chance(u32 percent)
{
	return wk_random(100) < percent;
}

#define wk_line(format, ...) \
	scnprintf(wk_run->lines[wk_run->call % WK_MODEL_LINES], sizeof(wk_run->lines[0]), \
		  "%u: " format, wk_run->call, ##__VA_ARGS__)

/* The first is told when the case ends: here bottom halves or interrupts may be off. */
#define wk_diverges(format, ...) do {						\
	if (!wk_run->failed)							\
		scnprintf(wk_run->verdict, sizeof(wk_run->verdict),		\
			  "part %u, call %u: " format, wk_run->part,		\
			  wk_run->call, ##__VA_ARGS__);				\
	wk_run->failed = true;							\
} while (0)

/* Data: a few bytes of a range stand for all. This is the one after @at. */
static inline u32 wk_next_stamp(u32 at, u32 end)
{
	return at == end - 1 ? end : min(at + SZ_1K - 1, end - 1);
}

/* model_calls.c: the real calls */
void wk_stamp(struct wk_slot *slot, u32 offset, u32 bytes, u32 stamp);
void wk_device_stamp(struct wk_slot *slot, u32 offset, u32 bytes, u32 stamp);
u8 *wk_device_byte(const struct wk_slot *slot, u32 at);
void wk_add_elements(struct wk_slot *slot, const SCATTER_GATHER_LIST *list, u32 offset);
/* Compares what adapter, reports and log say with what the model says. */
void wk_compare(struct wk_ma *ma);
/* Predicts an operation, makes it and compares. */
void wk_call_op(const struct wk_op *op);

#endif
