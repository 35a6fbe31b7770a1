// SPDX-License-Identifier: GPL-2.0-only
/*
 * errno -> NTSTATUS: the one table, one meaning for each errno. Numbered parameters and
 * STATUS_NONE_MAPPED are chosen where they arise.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "internal.h"
#include "status.h"

static const struct {
	int err;
	NTSTATUS status;
} wd_statuses[] = {
	{ 0,		STATUS_SUCCESS },
	{ -ENOMEM,	STATUS_INSUFFICIENT_RESOURCES },	/* may work later */
	{ -EAGAIN,	STATUS_INSUFFICIENT_RESOURCES },
	{ -EIO,		STATUS_INSUFFICIENT_RESOURCES },	/* the device cannot reach it */
	{ -EINVAL,	STATUS_INVALID_PARAMETER },
	{ -EFAULT,	STATUS_INVALID_PARAMETER },		/* MDL not built or locked */
	{ -ERANGE,	STATUS_BUFFER_TOO_SMALL },		/* range starts behind the chain */
	{ -E2BIG,	STATUS_BUFFER_TOO_SMALL },		/* range or list buffer too short */
	{ -EOPNOTSUPP,	STATUS_NOT_SUPPORTED },
	{ -EREMOTEIO,	STATUS_NOT_SUPPORTED },
	{ -ENOSYS,	STATUS_NOT_IMPLEMENTED },
	{ -EBUSY,	STATUS_RESOURCE_IN_USE },
	{ -EALREADY,	STATUS_INVALID_DEVICE_STATE },
	{ -EPERM,	STATUS_ACCESS_DENIED },
	{ -ECANCELED,	STATUS_CANCELLED },
};

/**
 * wdmdma_status() - the NTSTATUS that a caller gets for an errno
 * @err: 0 or a negative errno
 *
 * Context: Any.
 * Return: the status of the table, STATUS_UNSUCCESSFUL for an errno that is not in it.
 */
NTSTATUS wdmdma_status(int err)
{
	unsigned int i;

	if (likely(!err))
		return STATUS_SUCCESS;
	for (i = 0; i < ARRAY_SIZE(wd_statuses); i++)
		if (wd_statuses[i].err == err)
			return wd_statuses[i].status;
	return STATUS_UNSUCCESSFUL;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_status, WDMDMA);
