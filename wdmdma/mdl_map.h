/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System mappings of MDLs, for the routines that undo them along with something else.
 */
#ifndef WDMDMA_MDL_MAP_H
#define WDMDMA_MDL_MAP_H

#include <wdmdma/types.h>
#include <wdmdma/mdl.h>

void wd_mdl_unmap(PMDL mdl);
PVOID wd_mdl_future_va(const MDL *mdl);

#endif
