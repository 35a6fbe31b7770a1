/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WD_LIST_H
#define WD_LIST_H

#include <linux/types.h>

#include <linux/dma-direction.h>

#include <wdmdma/types.h>
#include <wdmdma/io.h>
#include <wdmdma/dma.h>

struct wd_adapter;
struct wd_list;
struct wd_range;

/* What a driver asks for with one of the routines that make lists. */
struct wd_list_request {
	const char *name;		/* Windows' name of the routine */
	PDEVICE_OBJECT device_object;
	PDRIVER_LIST_CONTROL routine;	/* NULL only if synchronous */
	PVOID context;
	PVOID buffer;			/* Build's; NULL for Get */
	u32 buffer_bytes;
	u64 offset;			/* of the first byte in the MDL */
	u32 bytes;
	enum dma_data_direction direction;
	PVOID va;			/* versions 1 and 2: CurrentVa */
	bool is_before;			/* ... and it is below the MDL */

	/* version 3 */
	bool is_ex;
	bool is_refused;		/* the arguments do not go together */
	PVOID transfer_context;
	bool is_synchronous;
	bool no_bounce;
	PSCATTER_GATHER_LIST *list_out;	/* written before the routine is called in this call */
};

size_t wd_list_size(u32 elements);
u32 wd_list_capacity(u32 bytes, u32 wanted);
struct wd_list *wd_list_of(PVOID buffer, u32 max_elements);
int wd_list_count(struct wd_adapter *adapter, struct wd_range range,
		  enum dma_data_direction direction, u32 *elements, u32 *bounce_pages,
		  bool *bounces);
int wd_list_fill(struct wd_adapter *adapter, struct wd_list *list, struct wd_range *range);
int wd_list_map(struct wd_adapter *adapter, struct wd_list *list);
void wd_list_free_mdls(struct wd_list *list);
int wd_list_submit_request(PDMA_ADAPTER dma_adapter, PMDL mdl,
			   const struct wd_list_request *request);
struct wd_list *wd_list_find_live(struct wd_adapter *adapter, PSCATTER_GATHER_LIST address);

#endif
