/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites of CreateCommonBufferFromMdl share: configurations, an adapter with memory and an
 * MDL, and the calls in short form.
 */
#ifndef WDMDMA_KUNIT_FROM_MDL_H
#define WDMDMA_KUNIT_FROM_MDL_H

#include <linux/sizes.h>

#include "v3.h"

#define WK_PAGES	6
#define WK_BYTES	(WK_PAGES * SZ_4K)

typedef DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION wk_config;

#define WK_LIMITS(minimum, maximum)	((wk_config){					\
	.ConfigType = CommonBufferConfigTypeLogicalAddressLimits,			\
	.LogicalAddressLimits = { { .QuadPart = minimum }, { .QuadPart = maximum } } })
#define WK_PART(offset, bytes)		((wk_config){					\
	.ConfigType = CommonBufferConfigTypeSubSection,					\
	.SubSection = { offset, bytes } })
#define WK_ACCESS(type)			((wk_config){					\
	.ConfigType = CommonBufferConfigTypeHardwareAccessPermissions,			\
	.HardwareAccessType = type })

/* An adapter, memory in one piece, and an MDL over it */
struct wk_made {
	struct wk_v3 v3;
	struct wk_buffer *memory;
	PMDL mdl;
	PHYSICAL_ADDRESS address;	/* of the common buffer */
	u32 idle;
};

struct wk_made wk_made(struct kunit *test, bool scattered);
NTSTATUS wk_create_of(struct wk_made *made, PMDL mdl, wk_config *configs, ULONG count);
/* ... of all the memory's MDL */
NTSTATUS wk_create(struct wk_made *made, wk_config *configs, ULONG count);
void wk_free(struct wk_made *made, ULONG bytes, u64 address, void *va);
/* The device reaches the memory through one range that starts at @address. */
void wk_expect_shared(struct wk_made *made, u64 address, size_t offset, size_t bytes);
/* Common buffers that the adapter has now */
u32 wk_live(const struct wk_made *made);
/* It has none, and nothing is mapped. */
void wk_expect_gone(struct wk_made *made);

#endif
