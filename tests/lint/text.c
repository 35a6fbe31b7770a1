// SPDX-License-Identifier: GPL-2.0-only
/* What is code and what only looks like it. HalGetAdapter(a, b) */
#include <ntddk.h>

// IoCreateDevice(a, b) \
   IoCreateDevice(c, d)
#if 0
NTSTATUS TxtNever(VOID) { return IoCreateDevice(0); /* CLEAR not-provided */ }
#else
NTSTATUS TxtElse(VOID) { return IoCreateDevice(0); /* FOUND not-provided */ }
#endif
#if 1
#  if defined(TXT_OLD)
#define TXT_ADAPTER(a, b) \
	HalGetAdapter((a), (b)) /* FOUND old-hal */
#  elif 0
NTSTATUS TxtNot(VOID) { return IoCreateDevice(0); /* CLEAR not-provided */ }
#  endif
#else
NTSTATUS TxtNeither(VOID) { return IoCreateDevice(0); /* CLEAR not-provided */ }
#endif

NTSTATUS TxtMain(PTXT_DEVICE Device)
{
	PCSTR Quoted = "\" IoCreateDevice(0) // "; /* CLEAR not-provided */
	ULONG Tag = 'IoC(';

#ifdef TXT_LONG
	if (Device->Long) {
#else
	if (Device->Short) {
#endif
		IoCre\
ateDevice(Quoted, Tag); /* FOUND-BEFORE not-provided */
	}
	TXT_ADAPTER(Device, Quoted); /* CLEAR old-hal */
	MmMapLockedPages(Device->Mdl, UserMode); /* FOUND user-mapping */
	IoDeleteDevice(Device->Self); /* wdmdma-lint: ignore not-provided */
	/* Nobody needs it. wdmdma-lint: ignore old-hal, not-provided */
	IoDetachDevice(Device->Self);
	IoDetachDevice(Device->Self); /* FOUND not-provided */
	IoDetachDevice(Device->Self); /* FOUND not-provided, wdmdma-lint: ignore old-hal */
	return STATUS_SUCCESS;
}

NTSTATUS TxtAfter(PTXT_DEVICE Device)
{
	return IoAttachDevice(Device->Self); /* FOUND not-provided */
}
