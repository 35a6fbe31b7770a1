/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Adapters that wdmdma has to copy for, memory on both sides of a limit, and the calls of a driver
 * in short form: register sets and lists that must be granted at once.
 */
#ifndef WDMDMA_KUNIT_BOUNCE_H
#define WDMDMA_KUNIT_BOUNCE_H

#include "fake_driver.h"
#include "fixture.h"

#define WK_NOTHING	(-1ULL)

struct wk_bounce {
	struct kunit *test;
	PDMA_ADAPTER adapter;
	const DMA_OPERATIONS *ops;
	ULONG regs;		/* R */
	u64 last_address;
	bool forced;		/* every page counts as unreachable */
	u32 pool;		/* limit of the pool; 0: none was set */
};

/* A version 2 adapter under these limits, asserted to exist and to bounce. */
struct wk_bounce wk_get_bounce(struct kunit *test, BOOLEAN scatter_gather, ULONG maximum_length,
			       struct wdmdma_limits limits);
/* ... where everything is bounced. @pool_registers may be 0. */
struct wk_bounce wk_get_forced(struct kunit *test, BOOLEAN scatter_gather, ULONG maximum_length,
			       u32 pool_registers);

/*
 * Memory on both sides of a limit, one page a letter of @pattern: n is in reach (near), f is not
 * (far). A capital letter's page directly follows the one before on its side. @last_address
 * receives the limit.
 */
struct wk_buffer *wk_alloc_split(struct kunit *test, const char *pattern, u64 *last_address);

/* Must these bytes of one page be copied? */
bool wk_must_bounce(const struct wk_bounce *bounce, const struct wk_buffer *buffer, size_t offset,
		    size_t bytes);
/* Is @address in one of the buffer's pages? */
bool wk_is_in(const struct wk_buffer *buffer, u64 address);
/* A mapping of scatter/gather: page by page it is the memory itself, or a copy within reach. */
void wk_expect_mapped(const struct wk_bounce *bounce, const struct wk_buffer *buffer,
		      size_t offset, u64 address, size_t bytes);

/* KUNIT_EXPECT_MEMEQ() for pages of memory: it says where they differ, and does not print them. */
#define wk_expect_same(test, left, right, bytes) \
	wk_expect_same_at(test, left, right, bytes, __LINE__)
void wk_expect_same_at(struct kunit *test, const void *left, const void *right, size_t bytes,
		       unsigned int line);

/* A part of a buffer that an MDL describes. */
struct wk_span {
	size_t offset, bytes;
};

/* A list of scatter/gather over these spans: all of them, in order, joined where possible. */
void wk_expect_list(const struct wk_bounce *bounce, const struct wk_buffer *buffer,
		    const SCATTER_GATHER_LIST *list, const struct wk_span *spans, unsigned int nr);

/* Packet mode. A set is granted inside the call and kept by its routine. */
PVOID wk_take_set(const struct wk_bounce *bounce, ULONG regs);
void wk_free_set(const struct wk_bounce *bounce, PVOID base, ULONG regs);
u64 wk_map(const struct wk_bounce *bounce, PMDL mdl, PVOID base, u64 offset, ULONG *bytes,
	   BOOLEAN write);
void wk_flush(const struct wk_bounce *bounce, PMDL mdl, PVOID base, u64 offset, ULONG bytes,
	      BOOLEAN write);
/* Maps it all, in as many calls as it takes, and lets the device move it. Returns the calls. */
unsigned int wk_transfer(const struct wk_bounce *bounce, PMDL mdl, PVOID base, u64 offset,
			 ULONG bytes, BOOLEAN write, u8 *device);
/* Nothing can be mapped: an address of all ones, a length of 0 and one report of @code. */
void wk_expect_refusal(const struct wk_bounce *bounce, PMDL mdl, PVOID base, u64 offset,
		       ULONG bytes, u32 code);

/* A request for a set or a list, granted now or later. */
void wk_ask_set(const struct wk_bounce *bounce, ULONG regs, struct wk_call *call);
void wk_ask_list(const struct wk_bounce *bounce, PMDL mdl, u64 offset, ULONG bytes, BOOLEAN write,
		 struct wk_call *call);
/* A list that must be granted at once. */
PSCATTER_GATHER_LIST wk_get_list(const struct wk_bounce *bounce, PMDL mdl, u64 offset, ULONG bytes,
				 BOOLEAN write);
void wk_put_list(const struct wk_bounce *bounce, PSCATTER_GATHER_LIST list, BOOLEAN write);

/* All R pages, no less and no more, can be granted and carry data. */
void wk_expect_whole_pool(const struct wk_bounce *bounce);

#endif
