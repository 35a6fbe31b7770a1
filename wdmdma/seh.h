/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Raising an exception from a routine of wdmdma, and ending a thread in the middle of a __try.
 */
#ifndef WDMDMA_SEH_INTERNAL_H
#define WDMDMA_SEH_INTERNAL_H

#include <wdmdma/types.h>

void wd_raise(NTSTATUS status, const char *routine);
void wd_seh_leave_all(void);

#endif
