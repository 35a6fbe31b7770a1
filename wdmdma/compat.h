/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All differences between kernels, and the oldest one served.
 *
 * The code is written for the newest kernel; a shim here teaches an older one the new name and
 * says which version needs it, the upstream commit and when to delete it. None is needed between
 * 6.1 and 6.12 for what the module uses so far.
 */
#ifndef WDMDMA_COMPAT_H
#define WDMDMA_COMPAT_H

#include <linux/version.h>

#if KERNEL_VERSION(6, 1, 0) > LINUX_VERSION_CODE
#error "wdmdma needs Linux 6.1 or newer"
#endif

#endif
