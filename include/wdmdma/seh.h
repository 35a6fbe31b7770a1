/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Structured exceptions, as far as C without them can go.
 *
 *	__try { body } __except (filter) { handler }
 *
 * compiles and runs the handler if a routine called in the body raised. The difference
 * to Windows: raising does not abandon the body. ExRaiseStatus, and a
 * MmProbeAndLockPages that fails, note the status and return; the rest of the body is
 * executed, and then the filter is evaluated and the handler chosen. Of several
 * exceptions in one body the first counts. So code that must not run after a failure
 * belongs behind the __except, or asks for the result (MDL_PAGES_LOCKED, or
 * WdmProbeAndLockPages).
 *
 * An exception belongs to the innermost __try of the thread that raises it. Interrupts
 * and DPCs have their own. What a processor finds wrong itself (a bad pointer) is an
 * oops, not an exception.
 *
 * `return`, `goto`, `break` and `continue` out of body or handler mean what they say;
 * an exception that is pending when a body is left by one of them is reported and lost.
 *
 *	__try { body } __finally { block }
 *
 * runs the block when the end of the body is reached, and then looks for a handler
 * further out if something raised. A body left by `return`, `goto`, `break` or `continue`
 * skips the block, where Windows would run it; so there is no __leave either.
 *
 * Both forms declare a variable where they stand. They need braces of their own behind an
 * `if`, an `else` or a label, and, for clang, where a `goto` or `case` jumps past them
 * within a block.
 *
 * libstdc++ has a macro __try as well. In a C++ file that includes some of it first, this
 * header leaves that one alone: WDMDMA_TRY and its like are the same by another name.
 */
#ifndef WDMDMA_SEH_H
#define WDMDMA_SEH_H

#include <wdmdma/types.h>
#include <wdmdma/status.h>

/* What a filter evaluates to */
#define EXCEPTION_EXECUTE_HANDLER 1
#define EXCEPTION_CONTINUE_SEARCH 0
#define EXCEPTION_CONTINUE_EXECUTION (-1)	/* handler skipped, exception forgotten */

/* One __try, on the stack of the function it stands in */
struct wdmdma_seh_frame {
	ULONGLONG opaque[6];
};

#ifdef __cplusplus
extern "C" {
#endif

/* What the macros are made of. Documented in wdmdma/seh.c, as all of these are. */
BOOLEAN wdmdma_seh_try(struct wdmdma_seh_frame *frame);
BOOLEAN wdmdma_seh_caught(void);
BOOLEAN wdmdma_seh_handle(LONG filter);
BOOLEAN wdmdma_seh_finally(void);
void wdmdma_seh_leave(struct wdmdma_seh_frame *frame);

NTSTATUS wdmdma_get_exception_code(void);
BOOLEAN wdmdma_abnormal_termination(void);
void wdmdma_ex_raise_status(NTSTATUS status);

#ifdef __cplusplus
}
#endif

#define WDMDMA_SEH_FRAME_(number) wdmdma_seh_frame_##number
#define WDMDMA_SEH_TRY_(number) \
	struct wdmdma_seh_frame WDMDMA_SEH_FRAME_(number) \
		WDMDMA_ATTRIBUTE(cleanup(wdmdma_seh_leave)); \
	if (wdmdma_seh_try(&WDMDMA_SEH_FRAME_(number)))
#define WDMDMA_SEH_TRY(number) WDMDMA_SEH_TRY_(number)

#define WDMDMA_TRY WDMDMA_SEH_TRY(__COUNTER__)
/* A filter may have commas */
#define WDMDMA_EXCEPT(...) if (wdmdma_seh_caught() && wdmdma_seh_handle((__VA_ARGS__)))
#define WDMDMA_FINALLY if (wdmdma_seh_finally())

#ifndef __try
#define __try WDMDMA_TRY
#endif
#define __except WDMDMA_EXCEPT
#define __finally WDMDMA_FINALLY

/* In a filter or handler: the status that was raised */
#define GetExceptionCode() ((ULONG)wdmdma_get_exception_code())
#define exception_code GetExceptionCode
/* In a __finally block: did something raise in the body? */
#define AbnormalTermination wdmdma_abnormal_termination
#define abnormal_termination AbnormalTermination

/* These return here, which they do not on Windows */
#define ExRaiseStatus wdmdma_ex_raise_status
#define ExRaiseAccessViolation() wdmdma_ex_raise_status(STATUS_ACCESS_VIOLATION)

#endif /* WDMDMA_SEH_H */
