/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WD_STATUS_TABLE_H
#define WD_STATUS_TABLE_H

#include <wdmdma/types.h>

NTSTATUS wdmdma_status(int err);

#endif
