/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What MapTransfer and MapTransferEx share (transfer.c).
 */
#ifndef WD_TRANSFER_H
#define WD_TRANSFER_H

#include <linux/dma-direction.h>
#include <linux/types.h>

#include <wdmdma/types.h>
#include <wdmdma/dma.h>

#include "walk.h"

struct wd_adapter;
struct wd_grant;
struct wd_mapping;

/* One call of MapTransferEx (transfer_ex.c). */
struct wd_map_call {
	struct wd_adapter *adapter;
	struct wd_grant *grant;		/* locked */
	PMDL mdl;
	u64 va;				/* of the next mapping, as the first MDL counts */
	enum dma_data_direction direction;
	u32 number;
	u32 bytes;			/* mapped so far */
	PSCATTER_GATHER_LIST list;
	u32 capacity;			/* elements that the list holds */
};

int wd_map_call(struct wd_map_call *call, struct wd_range *range);
int wd_transfer_fit(struct wd_adapter *adapter, struct wd_grant *grant, struct wd_range *range);
int wd_transfer_list_runs(struct wd_adapter *adapter, struct wd_grant *grant,
			  struct wd_piece piece, u32 most, struct wd_mapping *mapping);
int wd_transfer_load(struct wd_adapter *adapter, struct wd_grant *grant, struct wd_piece piece,
		     dma_addr_t dma, struct wd_mapping *mapping);
int wd_transfer_map_run(struct wd_adapter *adapter, const struct wd_run *run,
			struct wd_mapping *mapping);
int wd_transfer_map_spare(struct wd_adapter *adapter, struct wd_grant *grant,
			  const struct wd_run *run, struct wd_mapping *mapping);
int wd_transfer_map_range(struct wd_adapter *adapter, struct wd_grant *grant,
			  struct wd_range *range, struct wd_mapping *mapping);
struct wd_mapping *wd_transfer_new_mapping(struct wd_grant *grant, PMDL mdl, u64 va,
					   enum dma_data_direction direction);
void wd_transfer_count_mapping(struct wd_adapter *adapter, struct wd_grant *grant,
			       const struct wd_mapping *mapping, u64 byte);
void wd_transfer_report(struct wd_adapter *adapter, const char *routine, int ret);

#endif
