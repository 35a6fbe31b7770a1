// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the verifier looks at of requests that may wait: the slot that a device object has for one,
 * and the transfer context that names one of version 3.
 */
#include "verifier.h"

static const char *wd_context_mistake_text(enum wd_context_mistake mistake)
{
	switch (mistake) {
	case WD_CONTEXT_UNKNOWN:
		return "no transfer context that was initialised for this adapter";
	case WD_CONTEXT_REUSED:
		return "the transfer context of a request that still waits";
	default:
		return "in use";
	}
}

/**
 * wd_check_context() - look at the transfer context of a request
 * @adapter: verified
 * @routine: Windows' name of the routine
 * @transfer_context: the driver's, or NULL
 */
bool wd_check_context(struct wd_adapter *adapter, const char *routine, PVOID transfer_context)
{
	enum wd_context_mistake mistake = WD_CONTEXT_UNKNOWN;
	unsigned long flags;

	if (transfer_context) {
		spin_lock_irqsave(&adapter->lock, flags);
		mistake = wd_context_find_mistake(adapter, transfer_context);
		spin_unlock_irqrestore(&adapter->lock, flags);
	}
	return mistake && wd_misuse(adapter, WD_REPORT_CONTEXT, routine, mistake, transfer_context,
				    0, "%p is %s", transfer_context,
				    wd_context_mistake_text(mistake));
}

/**
 * wd_check_waits() - a request was refused because another of its device object waits
 * @adapter: verified
 * @routine: Windows' name of the routine
 * @device_object: whose both are
 */
void wd_check_waits(struct wd_adapter *adapter, const char *routine, PDEVICE_OBJECT device_object)
{
	wd_misuse(adapter, WD_REPORT_DOUBLE_WAIT, routine, device_object, 0, 0,
		  "device object %p already waits for the channel", device_object);
}
