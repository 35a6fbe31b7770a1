/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From kernel addresses to page frames.
 */
#ifndef WDMDMA_FRAMES_H
#define WDMDMA_FRAMES_H

#include <linux/types.h>

#include <wdmdma/types.h>
#include <wdmdma/mdl.h>

#define WD_PFN_NONE	(~(PFN_NUMBER)0)

bool wd_va_to_pfn(const void *va, PFN_NUMBER *pfn);
int wd_frames_find(PMDL mdl);
bool wd_frames_are_at(const MDL *mdl, const void *va);

#endif
