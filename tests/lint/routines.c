// SPDX-License-Identifier: GPL-2.0-only
/* What is there, what is not, and what is the driver's own. */
#include <ntddk.h>

#define IoOwnMacro(x) ((x) + 1)

NTKERNELAPI NTSTATUS IoUndocumented(PVOID Parameter);
NTSTATUS IoOwnElsewhere(PVOID Parameter);
NTSTATUS ZwUndocumented(PVOID Parameter);
static VOID IoOwn(PVOID Parameter, NTSTATUS (*IoGiven)(PVOID));

NTSTATUS RouAddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT Pdo)
{
	PROU_DEVICE Device;
	PDEVICE_OBJECT Self;
	NTSTATUS Status;

	Status = IoCreateDevice(DriverObject, sizeof(*Device), NULL, 0, 0, FALSE, &Self);
	/* FOUND-BEFORE not-provided */
	if (!NT_SUCCESS(Status))
		return Status;
	Device = Self->DeviceExtension;
	if (!HalTranslateBusAddress(PCIBus, 0, Device->Raw, &Device->Space, &Device->Bar))
	/* FOUND-BEFORE old-hal */
		return STATUS_NO_MEMORY;
	Device->Adapter = HalGetAdapter(&Device->Description, &Device->MapRegisters);
	/* FOUND-BEFORE old-hal */
	Device->Key = IoUndocumented(Device); /* FOUND not-provided */
	Device->Key = ZwUndocumented(Device); /* FOUND not-provided */
	WdfRequestComplete(Device->Request, STATUS_SUCCESS); /* FOUND not-provided */
	IoInitializeRemoveLockEx(&Device->Remove, 0, 0, 0, sizeof(Device->Remove));
	/* FOUND-BEFORE not-provided */
	Device->Virtual = MmGetVirtualForPhysical(Device->Bar); /* FOUND not-provided */
	Device->Mdl = IoAllocateMdl(Device->Buffer, 4, FALSE, FALSE, NULL); /* CLEAR not-provided */
	Device->Count = IoOwnMacro(3); /* CLEAR not-provided */
	Device->Key = IoOwnElsewhere(Device); /* CLEAR not-provided */
	Device->Key = Device->Table->IoSubmit(Device); /* CLEAR not-provided */
	Device->Access = (LOCK_OPERATION)IoReadAccess; /* CLEAR not-provided */
	IoOwn(Device, IoOwnElsewhere); /* CLEAR not-provided old-hal */
	return STATUS_SUCCESS;
}

static VOID IoOwn(PVOID Parameter, NTSTATUS (*IoGiven)(PVOID))
{
	if (!NT_SUCCESS(IoGiven(Parameter))) /* CLEAR not-provided */
		DbgPrint("HalGetAdapter(\n");
}
