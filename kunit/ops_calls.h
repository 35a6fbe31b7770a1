/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One call of each member of the tables, in the table's order, with arguments that would work as
 * far as the adapter comes first in what is looked at; and what a refused call must leave alone.
 */
#ifndef WDMDMA_KUNIT_OPS_CALLS_H
#define WDMDMA_KUNIT_OPS_CALLS_H

#include "fake_driver.h"
#include "fixture.h"

#define WK_UNTOUCHED	0x5A5A5A5A
#define WK_MEMBERS	35	/* of version 3 */

/* One call of one member: everything it takes and gives. */
struct wk_op {
	const DMA_OPERATIONS *ops;
	PDMA_ADAPTER adapter;
	PDEVICE_OBJECT object;
	PMDL mdl;
	PVOID build_buffer;
	PHYSICAL_ADDRESS logical_address;
	ULONG length;
	ULONG size, regs;
	PMDL target;
	PVOID out;			/* a base, a list, a vector */
	DMA_ADAPTER_INFO info;
	DMA_TRANSFER_INFO transfer_info;
	u8 context[DMA_TRANSFER_CONTEXT_SIZE_V1];
	struct wk_call call;		/* of the routine, which must not be called */
	u64 result;
};

struct wk_member {
	const char *name;
	void (*call)(struct wk_op *op);
	u64 refused;		/* what it returns when it refuses */
	bool any_irql;
};

extern const struct wk_member wk_members[WK_MEMBERS];

/* @op will call members with @adapter. */
void wk_op_init(struct kunit *test, struct wk_op *op, const DMA_OPERATIONS *ops,
		PDMA_ADAPTER adapter);
/* Before each call */
void wk_op_prepare(struct wk_op *op);
void wk_expect_member_refuses(struct kunit *test, const struct wk_op *op,
			      const struct wk_member *member);

void wk_op_allocate_buffer(struct wk_op *op);
void wk_op_allocate_buffer_ex(struct wk_op *op);
void wk_op_allocate_bounds(struct wk_op *op);
void wk_op_allocate_vector(struct wk_op *op);
void wk_op_create_from_mdl(struct wk_op *op);
void wk_op_flush(struct wk_op *op);
void wk_op_alignment(struct wk_op *op);
void wk_op_calculate(struct wk_op *op);
void wk_op_adapter_info(struct wk_op *op);
void wk_op_transfer_info(struct wk_op *op);
void wk_op_init_context(struct wk_op *op);
void wk_op_cancel(struct wk_op *op);

#endif
