// SPDX-License-Identifier: GPL-2.0-only
/*
 * What has no effect, but is hardly meant: notes. None is for what is seen in drivers that work on
 * Windows.
 */
#include "buffer.h"
#include "verifier.h"

/**
 * wd_note_description() - look at members of a description that do not count
 * @adapter: verified, new
 * @description: what it was made for
 */
void wd_note_description(struct wd_adapter *adapter, const DEVICE_DESCRIPTION *description)
{
	const char *routine = "IoGetDmaAdapter";

	if (description->Reserved1)
		wd_misuse(adapter, WD_REPORT_NOTE, routine, description->Reserved1, 0, 0,
			  "Reserved1 is %u, and should be FALSE", description->Reserved1);
	if (wd_verifies_strictly(adapter) && description->Master &&
	    description->Version == DEVICE_DESCRIPTION_VERSION3 &&
	    description->Dma64BitAddresses && description->DmaAddressWidth < 64)
		wd_misuse(adapter, WD_REPORT_NOTE, routine, description->DmaAddressWidth, 0, 0,
			  "Dma64BitAddresses does not count in version 3, but %u bits do",
			  description->DmaAddressWidth);
}

static bool wd_maps_something(struct wd_adapter *adapter)
{
	struct wd_grant *grant;
	unsigned long index, flags;
	bool maps = READ_ONCE(adapter->nr_lists);

	xa_for_each(&adapter->grants, index, grant) {
		if (maps)
			break;
		spin_lock_irqsave(&grant->lock, flags);
		maps = grant->granted && grant->nr_live;
		spin_unlock_irqrestore(&grant->lock, flags);
	}
	return maps;
}

static bool wd_may_be_common(struct wd_adapter *adapter, const MDL *mdl)
{
	struct wd_device *wdev = adapter->wdev;
	unsigned long flags;
	bool is_common;

	/* Its pages may be those of a buffer all the same. */
	if (!mdl->MappedSystemVa)
		return atomic_read(&adapter->nr_buffers) || atomic_read(&adapter->nr_vectors);
	spin_lock_irqsave(&wdev->buffers_lock, flags);
	is_common = wd_buffer_first(wdev, mdl->MappedSystemVa, mdl->ByteCount);
	spin_unlock_irqrestore(&wdev->buffers_lock, flags);
	return is_common;
}

/**
 * wd_note_flush() - look at what FlushDmaBuffer is to flush
 * @adapter: verified
 * @mdl: not NULL
 *
 * Any mapping will do: which one the driver means is not always to be seen.
 */
void wd_note_flush(struct wd_adapter *adapter, const MDL *mdl)
{
	if (!wd_maps_something(adapter) && !wd_may_be_common(adapter, mdl))
		wd_misuse(adapter, WD_REPORT_NOTE, "FlushDmaBuffer", mdl, 0, 0,
			  "MDL %p is neither mapped nor of a common buffer", mdl);
}
