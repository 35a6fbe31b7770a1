/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a ported driver includes. Linux headers go before it: see wdmdma/page.h. */
#ifndef _WDM_H
#define _WDM_H

#include <wdmdma/sal.h>
#include <wdmdma/types.h>
#include <wdmdma/status.h>
#include <wdmdma/page.h>
#include <wdmdma/mdl.h>
#include <wdmdma/io.h>
#include <wdmdma/dma.h>
#include <wdmdma/iommu.h>
#include <wdmdma/rtl.h>
#include <wdmdma/string.h>
#include <wdmdma/intsafe.h>
#include <wdmdma/bitmap.h>
#include <wdmdma/interlocked.h>
#include <wdmdma/ke.h>
#include <wdmdma/wait.h>
#include <wdmdma/mutex.h>
#include <wdmdma/clock.h>
#include <wdmdma/timer.h>
#include <wdmdma/thread.h>
#include <wdmdma/work.h>
#include <wdmdma/ex.h>
#include <wdmdma/slist.h>
#include <wdmdma/lookaside.h>
#include <wdmdma/irp.h>
#include <wdmdma/startio.h>
#include <wdmdma/interrupt.h>
#include <wdmdma/hal.h>
#include <wdmdma/memory.h>
#include <wdmdma/dbg.h>
#include <wdmdma/seh.h>
#include <wdmdma/port.h>

#endif /* _WDM_H */
