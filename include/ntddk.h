/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The older name of what a ported driver includes */
#ifndef _NTDDK_H
#define _NTDDK_H

#include <wdm.h>

#endif /* _NTDDK_H */
