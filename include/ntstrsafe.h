/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Bounded strings, by the name that driver source includes them by */
#ifndef _NTSTRSAFE_H
#define _NTSTRSAFE_H

#include <wdmdma/strsafe.h>

#endif /* _NTSTRSAFE_H */
