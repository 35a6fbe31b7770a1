/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guards around what is the driver's, and what is found of them (verifier_guard.c).
 */
#ifndef WDMDMA_VERIFIER_GUARD_H
#define WDMDMA_VERIFIER_GUARD_H

#include "verifier.h"

#define WD_GUARD_FILL	0x0F

/* The driver's bytes, and those around them that are nobody's. */
struct wd_area {
	u8 *start;
	size_t before, bytes, behind;
	struct wd_param shown;		/* @start as the driver knows it */
};

/* Parameter 2 of code 0x0F */
#define WD_DAMAGE_TAG_BEFORE		1
#define WD_DAMAGE_TAG_BEHIND		2
#define WD_DAMAGE_FREED			3
#define WD_DAMAGE_BEFORE		4
#define WD_DAMAGE_BEHIND		5

struct wd_damage {
	u32 what;
	struct wd_param p3, p4;
	s64 offset;			/* from the start of the driver's bytes */
	size_t bytes;			/* so many these were */
};

void wd_guard_set(const struct wd_area *area);
unsigned int wd_guard_check(const struct wd_area *area, struct wd_damage damage[2]);
void wd_guard_report(struct wd_violation violation, const struct wd_damage *damage);

#endif
