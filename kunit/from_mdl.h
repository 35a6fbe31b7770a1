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

#define wk_config	DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION

static inline wk_config wk_limits(u64 minimum, u64 maximum)
{
	wk_config config = { .ConfigType = CommonBufferConfigTypeLogicalAddressLimits };

	config.LogicalAddressLimits.MinimumAddress.QuadPart = minimum;
	config.LogicalAddressLimits.MaximumAddress.QuadPart = maximum;
	return config;
}

static inline wk_config wk_part(u64 offset, ULONG bytes)
{
	wk_config config = { .ConfigType = CommonBufferConfigTypeSubSection };

	config.SubSection.Offset = offset;
	config.SubSection.Length = bytes;
	return config;
}

static inline wk_config wk_access(int type)
{
	wk_config config = { .ConfigType = CommonBufferConfigTypeHardwareAccessPermissions };

	config.HardwareAccessType = type;
	return config;
}

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
