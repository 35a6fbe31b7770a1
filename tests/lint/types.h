/* SPDX-License-Identifier: GPL-2.0-only */
/* Types that are not as long as they were. */
#ifndef TYP_H
#define TYP_H

typedef struct _TYP_REGISTERS {
	unsigned long long Big; /* CLEAR plain-long */
	ULONG Right; /* CLEAR plain-long */
	unsigned long Control; /* FOUND plain-long */
	volatile long Status; /* CLEAR plain-long */
} TYP_REGISTERS;

#endif
