/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * System threads: kernel threads that can be waited for. The handle and the object are
 * two references; the thread runs on without either.
 *
 * A thread keeps wdmdma loaded, but not the driver, whose unloading has to end it: signal
 * it and wait for its object, as on Windows.
 */
#ifndef WDMDMA_THREAD_H
#define WDMDMA_THREAD_H

#include <wdmdma/types.h>
#include <wdmdma/status.h>
#include <wdmdma/wait.h>

struct _KTHREAD;
typedef struct _KTHREAD KTHREAD, *PKTHREAD, *PRKTHREAD;
struct _ETHREAD;
typedef struct _ETHREAD *PETHREAD;

typedef VOID KSTART_ROUTINE(PVOID StartContext);
typedef __typeof__(KSTART_ROUTINE) *PKSTART_ROUTINE;

struct _OBJECT_TYPE;
typedef struct _OBJECT_TYPE *POBJECT_TYPE;

typedef ULONG ACCESS_MASK, *PACCESS_MASK;

typedef struct _CLIENT_ID {
	HANDLE UniqueProcess;
	HANDLE UniqueThread;
} CLIENT_ID, *PCLIENT_ID;

/* Kernel code's threads have no name and no security here: nothing looks into it */
typedef struct _OBJECT_ATTRIBUTES {
	ULONG Length;
	HANDLE RootDirectory;
	struct _UNICODE_STRING *ObjectName;
	ULONG Attributes;
	PVOID SecurityDescriptor;
	PVOID SecurityQualityOfService;
} OBJECT_ATTRIBUTES, *POBJECT_ATTRIBUTES;

#define OBJ_KERNEL_HANDLE 0x00000200U

#define InitializeObjectAttributes(p, n, a, r, s) \
	do { \
		(p)->Length = sizeof(OBJECT_ATTRIBUTES); \
		(p)->RootDirectory = (r); \
		(p)->ObjectName = (n); \
		(p)->Attributes = (a); \
		(p)->SecurityDescriptor = (s); \
		(p)->SecurityQualityOfService = NULL; \
	} while (0)

#define SYNCHRONIZE 0x00100000U
#define STANDARD_RIGHTS_REQUIRED 0x000F0000U
#define THREAD_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0xFFFFU)
#define GENERIC_ALL 0x10000000U

#ifdef __cplusplus
extern "C" {
#endif

/* Only compared with; NULL does as well */
extern struct _OBJECT_TYPE **wdmdma_ps_thread_type;

/* Documented in wdmdma/thread.c */
NTSTATUS wdmdma_ps_create_system_thread(PHANDLE handle, PKSTART_ROUTINE routine,
					PVOID context);
NTSTATUS wdmdma_ps_terminate_system_thread(NTSTATUS status);
NTSTATUS wdmdma_ob_reference_object_by_handle(HANDLE handle, POBJECT_TYPE type, PVOID *object);
LONG_PTR wdmdma_ob_reference_object(PVOID object);
LONG_PTR wdmdma_ob_dereference_object(PVOID object);
NTSTATUS wdmdma_zw_close(HANDLE handle);
PKTHREAD wdmdma_ke_get_current_thread(void);
KPRIORITY wdmdma_ke_set_priority_thread(PKTHREAD thread, KPRIORITY priority);

#ifdef __cplusplus
}
#endif

/**
 * PsCreateSystemThread() - run a routine in a thread of its own
 * @handle: where to put the handle, owed a ZwClose
 * @access: ignored
 * @attributes: ignored
 * @process: ignored: kernel threads belong to no process
 * @client_id: zeroed if not NULL
 * @routine: what to run; its return ends the thread, as PsTerminateSystemThread does
 * @context: its argument
 *
 * Context: PASSIVE_LEVEL; sleeps.
 * Return: STATUS_SUCCESS, STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_PARAMETER without
 *	   @handle or @routine, STATUS_UNSUCCESSFUL where sleeping is impossible.
 *	   DDI: PsCreateSystemThread
 */
static inline NTSTATUS PsCreateSystemThread(PHANDLE handle, ULONG access,
					    POBJECT_ATTRIBUTES attributes, HANDLE process,
					    PCLIENT_ID client_id, PKSTART_ROUTINE routine,
					    PVOID context)
{
	(void)access;
	(void)attributes;
	(void)process;
	if (client_id) {
		client_id->UniqueProcess = NULL;
		client_id->UniqueThread = NULL;
	}
	return wdmdma_ps_create_system_thread(handle, routine, context);
}

#define PsTerminateSystemThread wdmdma_ps_terminate_system_thread
#define PsThreadType wdmdma_ps_thread_type

/**
 * ObReferenceObjectByHandle() - the object of a thread's handle
 * @handle: handle of PsCreateSystemThread
 * @access: ignored
 * @type: *PsThreadType or NULL
 * @mode: ignored
 * @object: where to put the object, owed an ObDereferenceObject
 * @information: ignored, NULL
 *
 * Context: PASSIVE_LEVEL (here <= DISPATCH_LEVEL); does not sleep.
 * Return: STATUS_SUCCESS, STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH.
 *	   DDI: ObReferenceObjectByHandle
 */
static inline NTSTATUS ObReferenceObjectByHandle(HANDLE handle, ACCESS_MASK access,
						 POBJECT_TYPE type, KPROCESSOR_MODE mode,
						 PVOID *object, PVOID information)
{
	(void)access;
	(void)mode;
	(void)information;
	return wdmdma_ob_reference_object_by_handle(handle, type, object);
}

#define ObReferenceObject wdmdma_ob_reference_object
#define ObDereferenceObject wdmdma_ob_dereference_object
#define ZwClose wdmdma_zw_close
#define KeGetCurrentThread wdmdma_ke_get_current_thread
#define PsGetCurrentThread() ((PETHREAD)wdmdma_ke_get_current_thread())
#define KeSetPriorityThread wdmdma_ke_set_priority_thread

#endif /* WDMDMA_THREAD_H */
