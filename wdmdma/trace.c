// SPDX-License-Identifier: GPL-2.0-only
/*
 * The code of the trace events (trace.h).
 */
#include "buffer.h"
#include "internal.h"
#include "record.h"
#include "system.h"

#define CREATE_TRACE_POINTS
#include "trace.h"
