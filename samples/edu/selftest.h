/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tests the Windows driver from inside the kernel.
 *
 * An *area* is memory of which a part, the *data*, takes part in a transfer. A transfer goes from
 * one area to another: the caller's buffer, which may consist of several pieces, and a part of the
 * driver's store. Before it, all bytes of both areas are poisoned, and the source's data is then
 * filled; after it, both data must be there and all poison around them too. Data and poison differ
 * in each area, each transfer and with each byte's position, so that neither old data nor a shifted
 * one passes.
 */
#ifndef EDU_SELFTEST_H
#define EDU_SELFTEST_H

#include "host.h"

#define EDU_MAX_PIECES	3
#define EDU_MAX_BATCH	6
#define EDU_32BIT_END	0x100000000ULL

enum edu_memory {
	EDU_SLAB,		/* physically contiguous */
	EDU_SCATTERED,		/* no two pages are adjacent in physical memory */
	EDU_BARE,		/* from MmAllocatePagesForMdl; only the first piece, or partial */
	EDU_COMMON,		/* the driver's common buffer */
};

struct edu_piece {
	enum edu_memory memory;
	u32 offset;
	u32 length;
	bool partial;		/* its MDL is made from one of the whole memory */
};

struct edu_test {
	const char *name;
	EDU_ADAPTER adapter;
	EDU_METHOD method;
	struct edu_piece pieces[EDU_MAX_PIECES];
	unsigned int min_rounds;	/* FlushAdapterBuffers calls it must take */
	bool one_call;			/* one MapTransfer must do */
	bool loop;			/* rounds must have several MapTransfers */
	unsigned int min_elements;	/* no fewer than MDLs, though an IOMMU may join them */
	bool cancel;			/* while it waits for the adapter */
	bool synchronous;		/* it need not wait, and must not */
	bool inspect;			/* look into the list, and into its MDL */
	u64 address_end;		/* logical addresses must be below; 0 = no matter */
	bool narrow;			/* below what the narrow adapter reaches */
};

struct edu_area {
	u8 *start;
	size_t size;
	size_t offset;			/* of the data */
	size_t length;
	u32 poison;			/* seeds */
	u32 data;
	size_t data_offset;		/* of the data in the transfer's */
};

struct edu_buffer {
	enum edu_memory memory;
	struct edu_area area;
	struct page **pages;		/* EDU_SCATTERED */
	unsigned int nr_pages;
	PMDL mdl;
	PMDL source;			/* of a partial MDL */
	PMDL bare;			/* EDU_BARE: of the pages, all of them */
};

struct edu_transfer {
	EDU_REQUEST request;
	struct edu_host *host;
	const struct edu_test *test;
	struct edu_buffer buffers[EDU_MAX_PIECES];
	unsigned int nr_buffers;
	struct edu_area store;
	struct edu_list_check check;
	bool write;
	bool batch;			/* with others that may be in its way */
	u32 bytes;
	int place;			/* in the order of completion, from 1 */
	unsigned int completions;	/* must be 1 */
};

/* The tests, in the order in which they are made; see tests.c */
extern const struct edu_test edu_tests[];
extern const struct edu_test edu_window_tests[];
extern const struct edu_test edu_narrow_tests[];
extern const struct edu_test edu_map_tests[];
extern const struct edu_test edu_queued_tests[EDU_MAX_BATCH];
extern const struct edu_test edu_extended_tests[];
extern const struct edu_test edu_extended_queued_tests[EDU_MAX_BATCH];

/* selftest.c */
__printf(2, 3) void edu_fail(struct edu_host *host, const char *format, ...);

/* buffer.c */
u8 edu_pattern(u32 seed, u32 position);
void edu_area_fill(const struct edu_area *area, bool has_data);
bool edu_area_check(struct edu_host *host, const struct edu_area *area, bool has_data,
		    const char *what);
void edu_area_stamp(const struct edu_area *area);
bool edu_area_check_stamps(struct edu_host *host, const struct edu_area *area);
int edu_buffer_init(struct edu_host *host, struct edu_buffer *buffer,
		    const struct edu_piece *piece);
void edu_buffer_free(struct edu_buffer *buffer);

/* transfer.c */
void edu_class_list(unsigned int classes, char *text, size_t size);
bool edu_test(struct edu_host *host, const struct edu_test *tests, unsigned int count, bool write);

/* listcheck.c */
void edu_list_check_data(struct edu_list_check *check, PEDU_REQUEST request, PMDL list_mdl,
			 u32 seed);

#endif
