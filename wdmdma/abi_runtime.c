// SPDX-License-Identifier: GPL-2.0-only
/*
 * The objects of the runtime routines, proved when compiling: that the opaque ones are large enough
 * for what Linux keeps in them, with whatever debugging this kernel has, and what drivers take for
 * granted of the others.
 */
#include <linux/build_bug.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/stddef.h>
#include <linux/timerqueue.h>

#include <wdmdma/io.h>
#include <wdmdma/ke.h>
#include <wdmdma/mutex.h>
#include <wdmdma/slist.h>
#include <wdmdma/string.h>
#include <wdmdma/timer.h>
#include <wdmdma/wait.h>

static_assert(sizeof(KSPIN_LOCK) >= sizeof(spinlock_t));
static_assert(__alignof__(KSPIN_LOCK) >= __alignof__(spinlock_t));
static_assert(sizeof(struct wdmdma_lock_class) >= sizeof(struct lock_class_key));
static_assert(__alignof__(struct wdmdma_lock_class) >= __alignof__(struct lock_class_key));
static_assert(sizeof(FAST_MUTEX) >= sizeof(struct mutex));
static_assert(__alignof__(FAST_MUTEX) >= __alignof__(struct mutex));
static_assert(sizeof_field(KTIMER, node) >= sizeof(struct timerqueue_node));
static_assert(__alignof__(ULONGLONG) >= __alignof__(struct timerqueue_node));

/* Whatever can be waited for is told by what it begins with */
static_assert(offsetof(KEVENT, Header) == 0);
static_assert(offsetof(KSEMAPHORE, Header) == 0);
static_assert(offsetof(KMUTEX, Header) == 0);
static_assert(offsetof(KTIMER, Header) == 0);

/* string.c treats the two kinds of strings alike */
static_assert(sizeof(STRING) == sizeof(UNICODE_STRING));
static_assert(offsetof(STRING, Buffer) == offsetof(UNICODE_STRING, Buffer));
static_assert(offsetof(STRING, MaximumLength) == offsetof(UNICODE_STRING, MaximumLength));

#ifdef CONFIG_64BIT

/* As on x64 Windows */
static_assert(sizeof(KEVENT) == 24);
static_assert(sizeof(KSEMAPHORE) == 32);
static_assert(sizeof(SLIST_HEADER) == 16);
static_assert(sizeof(UNICODE_STRING) == 16);
static_assert(sizeof(IO_STATUS_BLOCK) == 16);
static_assert(sizeof(KDEVICE_QUEUE_ENTRY) == 24);
static_assert(sizeof(CM_PARTIAL_RESOURCE_DESCRIPTOR) == 20);
static_assert(sizeof(CM_PARTIAL_RESOURCE_LIST) == 28);
static_assert(sizeof(CM_FULL_RESOURCE_DESCRIPTOR) == 36);
static_assert(sizeof(CM_RESOURCE_LIST) == 40);

#endif
