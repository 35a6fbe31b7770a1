/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WDMDMA_DEBUGFS_H
#define WDMDMA_DEBUGFS_H

#include <linux/init.h>

struct dentry;

extern struct dentry *wd_debugfs;	/* "wdmdma" in debugfs */

void __init wd_debugfs_init(void);
void wd_debugfs_exit(void);

#endif
