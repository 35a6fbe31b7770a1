/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checked arithmetic, by the name that driver source includes it by */
#ifndef _NTINTSAFE_H
#define _NTINTSAFE_H

#include <wdmdma/intsafe.h>

#endif /* _NTINTSAFE_H */
