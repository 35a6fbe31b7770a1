/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Interrupts. A vector is a Linux interrupt number, which the host gives the driver in
 * place of the translated vector of its resources: pci_irq_vector(), platform_get_irq().
 *
 * The service routine runs in a hard interrupt with the interrupt's spin lock held, which
 * KeSynchronizeExecution and KeAcquireInterruptSpinLock take with interrupts off. Levels,
 * affinity and floating point state are not used.
 */
#ifndef WDMDMA_INTERRUPT_H
#define WDMDMA_INTERRUPT_H

#include <wdmdma/types.h>
#include <wdmdma/io.h>
#include <wdmdma/ke.h>

struct _KINTERRUPT;
typedef struct _KINTERRUPT KINTERRUPT, *PKINTERRUPT, *PRKINTERRUPT;

/* TRUE if the interrupt was the device's */
typedef BOOLEAN KSERVICE_ROUTINE(struct _KINTERRUPT *Interrupt, PVOID ServiceContext);
typedef __typeof__(KSERVICE_ROUTINE) *PKSERVICE_ROUTINE;
typedef BOOLEAN KMESSAGE_SERVICE_ROUTINE(struct _KINTERRUPT *Interrupt, PVOID ServiceContext,
					 ULONG MessageID);
typedef __typeof__(KMESSAGE_SERVICE_ROUTINE) *PKMESSAGE_SERVICE_ROUTINE;
typedef BOOLEAN KSYNCHRONIZE_ROUTINE(PVOID SynchronizeContext);
typedef __typeof__(KSYNCHRONIZE_ROUTINE) *PKSYNCHRONIZE_ROUTINE;

typedef enum _KINTERRUPT_MODE {
	LevelSensitive,
	Latched
} KINTERRUPT_MODE;

typedef enum _KINTERRUPT_POLARITY {
	InterruptPolarityUnknown,
	InterruptActiveHigh,
	InterruptActiveLow
} KINTERRUPT_POLARITY;

typedef struct _IO_INTERRUPT_MESSAGE_INFO_ENTRY {
	PHYSICAL_ADDRESS MessageAddress;	/* 0: Linux programs the device */
	KAFFINITY TargetProcessorSet;
	PKINTERRUPT InterruptObject;
	ULONG MessageData;			/* 0 */
	ULONG Vector;				/* Linux interrupt number */
	KIRQL Irql;
	KINTERRUPT_MODE Mode;
	KINTERRUPT_POLARITY Polarity;
} IO_INTERRUPT_MESSAGE_INFO_ENTRY, *PIO_INTERRUPT_MESSAGE_INFO_ENTRY;

typedef struct _IO_INTERRUPT_MESSAGE_INFO {
	KIRQL UnifiedIrql;
	ULONG MessageCount;
	IO_INTERRUPT_MESSAGE_INFO_ENTRY MessageInfo[1];	/* MessageCount of them */
} IO_INTERRUPT_MESSAGE_INFO, *PIO_INTERRUPT_MESSAGE_INFO;

/* Versions of the structure below, each with a member of its own */
#define CONNECT_FULLY_SPECIFIED 0x1
#define CONNECT_LINE_BASED 0x2
#define CONNECT_MESSAGE_BASED 0x3
#define CONNECT_FULLY_SPECIFIED_GROUP 0x4
#define CONNECT_CURRENT_VERSION 0x4

typedef struct _IO_CONNECT_INTERRUPT_FULLY_SPECIFIED_PARAMETERS {
	PDEVICE_OBJECT PhysicalDeviceObject;
	PKINTERRUPT *InterruptObject;
	PKSERVICE_ROUTINE ServiceRoutine;
	PVOID ServiceContext;
	PKSPIN_LOCK SpinLock;		/* NULL: the interrupt's own */
	KIRQL SynchronizeIrql;
	BOOLEAN FloatingSave;
	BOOLEAN ShareVector;
	ULONG Vector;
	KIRQL Irql;
	KINTERRUPT_MODE InterruptMode;
	KAFFINITY ProcessorEnableMask;
	USHORT Group;			/* CONNECT_FULLY_SPECIFIED_GROUP */
} IO_CONNECT_INTERRUPT_FULLY_SPECIFIED_PARAMETERS,
	*PIO_CONNECT_INTERRUPT_FULLY_SPECIFIED_PARAMETERS;

typedef struct _IO_CONNECT_INTERRUPT_LINE_BASED_PARAMETERS {
	PDEVICE_OBJECT PhysicalDeviceObject;
	PKINTERRUPT *InterruptObject;
	PKSERVICE_ROUTINE ServiceRoutine;
	PVOID ServiceContext;
	PKSPIN_LOCK SpinLock;
	KIRQL SynchronizeIrql;
	BOOLEAN FloatingSave;
} IO_CONNECT_INTERRUPT_LINE_BASED_PARAMETERS, *PIO_CONNECT_INTERRUPT_LINE_BASED_PARAMETERS;

typedef struct _IO_CONNECT_INTERRUPT_MESSAGE_BASED_PARAMETERS {
	PDEVICE_OBJECT PhysicalDeviceObject;
	union {
		PVOID *Generic;
		PIO_INTERRUPT_MESSAGE_INFO *InterruptMessageTable;
		PKINTERRUPT *InterruptObject;	/* if it falls back to a line */
	} ConnectionContext;
	PKMESSAGE_SERVICE_ROUTINE MessageServiceRoutine;
	PVOID ServiceContext;
	PKSPIN_LOCK SpinLock;		/* NULL: one of the messages' own, common to all */
	KIRQL SynchronizeIrql;
	BOOLEAN FloatingSave;
	PKSERVICE_ROUTINE FallBackServiceRoutine;
} IO_CONNECT_INTERRUPT_MESSAGE_BASED_PARAMETERS, *PIO_CONNECT_INTERRUPT_MESSAGE_BASED_PARAMETERS;

typedef struct _IO_CONNECT_INTERRUPT_PARAMETERS {
	ULONG Version;	/* CONNECT_*; CONNECT_LINE_BASED afterwards if it fell back */
	union {
		IO_CONNECT_INTERRUPT_FULLY_SPECIFIED_PARAMETERS FullySpecified;
		IO_CONNECT_INTERRUPT_LINE_BASED_PARAMETERS LineBased;
		IO_CONNECT_INTERRUPT_MESSAGE_BASED_PARAMETERS MessageBased;
	};
} IO_CONNECT_INTERRUPT_PARAMETERS, *PIO_CONNECT_INTERRUPT_PARAMETERS;

typedef struct _IO_DISCONNECT_INTERRUPT_PARAMETERS {
	ULONG Version;			/* as IoConnectInterruptEx left it */
	union {
		PVOID Generic;
		PKINTERRUPT InterruptObject;
		PIO_INTERRUPT_MESSAGE_INFO InterruptMessageTable;
	} ConnectionContext;
} IO_DISCONNECT_INTERRUPT_PARAMETERS, *PIO_DISCONNECT_INTERRUPT_PARAMETERS;

#ifdef __cplusplus
extern "C" {
#endif

/* Documented in wdmdma/interrupt.c and, the Ex ones, wdmdma/interrupt_ex.c */
NTSTATUS wdmdma_io_connect_interrupt(PKINTERRUPT *interrupt, PKSERVICE_ROUTINE routine,
				     PVOID context, PKSPIN_LOCK lock, ULONG vector,
				     BOOLEAN shared);
void wdmdma_io_disconnect_interrupt(PKINTERRUPT interrupt);
BOOLEAN wdmdma_ke_synchronize_execution(PKINTERRUPT interrupt, PKSYNCHRONIZE_ROUTINE routine,
					PVOID context);
KIRQL wdmdma_ke_acquire_interrupt_spin_lock(PKINTERRUPT interrupt);
void wdmdma_ke_release_interrupt_spin_lock(PKINTERRUPT interrupt, KIRQL old_irql);
NTSTATUS wdmdma_io_connect_interrupt_ex(PIO_CONNECT_INTERRUPT_PARAMETERS parameters);
void wdmdma_io_disconnect_interrupt_ex(PIO_DISCONNECT_INTERRUPT_PARAMETERS parameters);

#ifdef __cplusplus
}
#endif

/**
 * IoConnectInterrupt() - have a routine called on an interrupt
 * @interrupt: where to put the interrupt object, before the routine is first called
 * @routine: the service routine
 * @context: its second argument
 * @lock: an initialised lock, for routines of several interrupts; NULL: its own
 * @vector: Linux interrupt number
 * @irql: ignored
 * @synchronize_irql: ignored
 * @mode: ignored: the interrupt controller knows
 * @share_vector: TRUE if other devices may have the same interrupt
 * @affinity: ignored
 * @floating_save: ignored; the kernel has no floating point
 *
 * Context: PASSIVE_LEVEL; sleeps.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for a vector there is not, or used in
 *	   another way; STATUS_INSUFFICIENT_RESOURCES. DDI: IoConnectInterrupt
 */
static inline NTSTATUS IoConnectInterrupt(PKINTERRUPT *interrupt, PKSERVICE_ROUTINE routine,
					  PVOID context, PKSPIN_LOCK lock, ULONG vector,
					  KIRQL irql, KIRQL synchronize_irql,
					  KINTERRUPT_MODE mode, BOOLEAN share_vector,
					  KAFFINITY affinity, BOOLEAN floating_save)
{
	(void)irql;
	(void)synchronize_irql;
	(void)mode;
	(void)affinity;
	(void)floating_save;
	return wdmdma_io_connect_interrupt(interrupt, routine, context, lock, vector,
					   share_vector);
}

#define IoDisconnectInterrupt wdmdma_io_disconnect_interrupt
#define IoConnectInterruptEx wdmdma_io_connect_interrupt_ex
#define IoDisconnectInterruptEx wdmdma_io_disconnect_interrupt_ex
#define KeSynchronizeExecution wdmdma_ke_synchronize_execution
#define KeAcquireInterruptSpinLock wdmdma_ke_acquire_interrupt_spin_lock
#define KeReleaseInterruptSpinLock wdmdma_ke_release_interrupt_spin_lock

#endif /* WDMDMA_INTERRUPT_H */
