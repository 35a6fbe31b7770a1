/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What main.c needs of runtime.c.
 */
#ifndef WDMDMA_RUNTIME_H
#define WDMDMA_RUNTIME_H

void wd_runtime_exit(void);

#endif /* WDMDMA_RUNTIME_H */
