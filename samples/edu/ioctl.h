/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/wdmdma_edu<n>, one for each edu device that is bound to the driver. read() and write() at
 * an offset are the processor's view of the store; a transfer goes through the device.
 */
#ifndef EDU_IOCTL_H
#define EDU_IOCTL_H

#include <linux/ioctl.h>
#include <linux/types.h>

#include "public.h"

/**
 * struct edu_ioctl_buffer - a piece of the caller's memory
 * @address: its address
 * @length: bytes
 * @reserved: 0
 */
struct edu_ioctl_buffer {
	__u64 address;
	__u32 length;
	__u32 reserved;
};

/**
 * struct edu_ioctl_transfer - a request, and how it went
 * @buffers: address of an array of struct edu_ioctl_buffer
 * @count: buffers, at most EDU_MAXIMUM_BUFFERS
 * @write: from the buffers to the store; 0: from the store to the buffers
 * @adapter: EDU_ADAPTER
 * @method: EDU_METHOD, but EduCommonBuffer
 * @store_offset: where in the store
 * @status: out: the driver's NTSTATUS
 * @done: out: bytes moved
 * @elements: out: of the scatter/gather list, or of the last round
 * @classes: out: bit mask of EDU_CLASS_*: how memory was mapped meanwhile by the adapter
 * @synchronous: out: a synchronous request of version 3 that had not to wait for the adapter
 *
 * EDU_IOCTL_TRANSFER returns when the device has let go of the buffers. errno is 0 if @status is a
 * success, EFAULT for buffers that cannot be used, EINVAL for a request that is no good, ENODEV if
 * the device is gone or goes, ECANCELED, or EIO. EDU_METHOD EduMapOnly fails with EIO if the list
 * is not that of the buffers' pages. A signal ends a version 3 request that still waits for the
 * adapter: nothing has been moved then, and errno is EINTR, or the call begins anew (SA_RESTART).
 */
struct edu_ioctl_transfer {
	__u64 buffers;
	__u32 count;
	__u32 write;
	__u32 adapter;
	__u32 method;
	__u32 store_offset;
	__u32 status;
	__u32 done;
	__u32 elements;
	__u32 classes;
	__u32 synchronous;
};

/**
 * struct edu_ioctl_counts - what has happened to a device since it was bound
 * @asked: version 3 requests made that have a routine
 * @granted: such that had their routine called
 * @cancelled: such that CancelAdapterChannel took back
 * @late: signals to calls whose request could not be taken back
 * @repeated: commands that were given again after a suspension
 * @suspended: suspensions
 * @held: requests under way in these
 * @kept: suspensions after which the store was where it had been, with all its bytes
 */
struct edu_ioctl_counts {
	__u32 asked;
	__u32 granted;
	__u32 cancelled;
	__u32 late;
	__u32 repeated;
	__u32 suspended;
	__u32 held;
	__u32 kept;
};

#define EDU_IOCTL_TRANSFER	_IOWR('e', 0xed, struct edu_ioctl_transfer)
#define EDU_IOCTL_COUNTS	_IOR('e', 0xee, struct edu_ioctl_counts)

#endif
