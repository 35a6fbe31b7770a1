/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What main.c needs of the routines that stand in for the rest of the Windows kernel.
 */
#ifndef WDMDMA_RUNTIME_H
#define WDMDMA_RUNTIME_H

void wd_dpc_init(void);
void wd_dpc_exit(void);
void wd_pool_exit(void);

#endif
