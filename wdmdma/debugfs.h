/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WDMDMA_DEBUGFS_H
#define WDMDMA_DEBUGFS_H

#include <linux/init.h>

#include <wdmdma/dma.h>

struct dentry;
struct seq_file;
struct wd_adapter;

extern struct dentry *wd_debugfs;	/* "wdmdma" in debugfs */
extern struct dentry *wd_debugfs_adapters;	/* "adapters" in that */

void __init wd_debugfs_init(void);
void wd_debugfs_exit(void);
void wd_debugfs_show_stack(struct seq_file *file, u32 stack);

/* adapter_file.c */
void wd_adapter_file_create(struct wd_adapter *adapter, const DEVICE_DESCRIPTION *description,
			    const void *owner);
void wd_adapter_file_remove(struct wd_adapter *adapter);

#endif
