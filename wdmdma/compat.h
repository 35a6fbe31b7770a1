/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All differences between kernels, and the oldest one served.
 *
 * The code is written for the newest kernel; a shim here teaches an older one the new name and
 * says which version needs it, the upstream commit and when to delete it.
 */
#ifndef WDMDMA_COMPAT_H
#define WDMDMA_COMPAT_H

#include <linux/version.h>

#if KERNEL_VERSION(6, 1, 0) > LINUX_VERSION_CODE
#error "wdmdma needs Linux 6.1 or newer"
#endif

/*
 * hrtimer_setup(), new in 6.13 (908a1d775422, "hrtimers: Introduce hrtimer_setup() to replace
 * hrtimer_init()"): gives the function when initialising. Delete when 6.12 is not served any more.
 */
#if KERNEL_VERSION(6, 13, 0) > LINUX_VERSION_CODE
#include <linux/hrtimer.h>

static inline void wd_hrtimer_setup(struct hrtimer *timer,
				    enum hrtimer_restart (*function)(struct hrtimer *),
				    clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}

/* A macro over it, as a stable kernel may have got the function itself */
#define hrtimer_setup wd_hrtimer_setup
#endif

#endif
