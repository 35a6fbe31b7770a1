/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What main.c needs of the routines that stand in for the rest of the Windows kernel.
 */
#ifndef WDMDMA_RUNTIME_H
#define WDMDMA_RUNTIME_H

#include <linux/stdarg.h>
#include <linux/types.h>

#include <wdmdma/types.h>

void wd_dpc_init(void);
void wd_dpc_exit(void);
void wd_timer_init(void);
void wd_timer_exit(void);
int wd_work_init(void);
void wd_work_exit(void);
void wd_work_flush(PVOID object);
void wd_thread_exit(void);
void wd_memory_exit(void);
int wd_vsnprintf(char *to, size_t bytes, const char *format, va_list args);
void wd_pool_exit(void);
void wd_hold_exit(void);

#endif
