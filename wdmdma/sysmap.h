/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System mappings: kernel addresses made with vmap(), shared and found by address.
 */
#ifndef WDMDMA_SYSMAP_H
#define WDMDMA_SYSMAP_H

#include <linux/mm.h>

void *wd_sysmap_create(struct page **pages, u32 nr_pages, pgprot_t prot);
bool wd_sysmap_get(const void *va);
bool wd_sysmap_put(const void *va);

#endif
