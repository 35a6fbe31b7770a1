// SPDX-License-Identifier: GPL-2.0-only
/* The Linux side of a driver has Linux' types. */
#include <linux/module.h>
#include <wdmdma/wdmdma.h>

static unsigned long host_flags; /* CLEAR plain-long */
