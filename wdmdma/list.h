/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WD_LIST_H
#define WD_LIST_H

#include <linux/types.h>

#include <wdmdma/types.h>

struct wd_adapter;
struct wd_list;
struct wd_range;

size_t wd_list_size(u32 elements);
u32 wd_list_capacity(u32 bytes, u32 wanted);
struct wd_list *wd_list_of(PVOID buffer, u32 max_elements);
int wd_list_count(struct wd_adapter *adapter, struct wd_range range, u32 *elements,
		  u32 *bounce_pages);
int wd_list_fill(struct wd_adapter *adapter, struct wd_list *list, struct wd_range *range);
int wd_list_map(struct wd_adapter *adapter, struct wd_list *list);
void wd_list_free_mdls(struct wd_list *list);
struct wd_list *wd_list_find_live(struct wd_adapter *adapter, PSCATTER_GATHER_LIST address);

#endif
