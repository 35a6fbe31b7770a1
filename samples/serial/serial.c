// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver's device object: its adapters, and the UART that they serve.
 */
#include "private.h"

#define SERIAL_FLAG_REGISTER 0x18
#define SERIAL_LINE_CONTROL_REGISTER 0x2C
#define SERIAL_CONTROL_REGISTER 0x30
#define SERIAL_DMA_CONTROL_REGISTER 0x48

#define SERIAL_FLAG_RECEIVE_FULL 0x40
#define SERIAL_LINE_CONTROL_FIFO 0x10
#define SERIAL_LINE_CONTROL_8_BITS 0x60
#define SERIAL_CONTROL_ENABLE 0x301	/* the UART, and both directions */
#define SERIAL_DMA_CONTROL_ENABLE 0x3	/* both directions */

/* Longest transfer at once, in bytes: longer requests take several rounds. */
#define SERIAL_MAXIMUM_LENGTH 0x4000

static VOID SerialWriteRegister(PSERIAL_DEVICE Device, ULONG Register, ULONG Value)
{
	if (Device->Resources.Registers)
		WRITE_REGISTER_ULONG((PULONG)(Device->Resources.Registers + Register), Value);
}

VOID SerialSetDivisor(PSERIAL_DEVICE Device, USHORT Divisor)
{
	SerialWriteRegister(Device, SERIAL_DIVISOR_REGISTER, Divisor);
}

BOOLEAN SerialReceiveFifoIsFull(PSERIAL_DEVICE Device)
{
	PUCHAR Flags = Device->Resources.Registers + SERIAL_FLAG_REGISTER;

	return (READ_REGISTER_ULONG((PULONG)Flags) & SERIAL_FLAG_RECEIVE_FULL) != 0;
}

static VOID SerialStartUart(PSERIAL_DEVICE Device)
{
	SerialWriteRegister(Device, SERIAL_CONTROL_REGISTER, 0);
	SerialWriteRegister(Device, SERIAL_LINE_CONTROL_REGISTER,
			    SERIAL_LINE_CONTROL_FIFO | SERIAL_LINE_CONTROL_8_BITS);
	SerialWriteRegister(Device, SERIAL_DMA_CONTROL_REGISTER, SERIAL_DMA_CONTROL_ENABLE);
	SerialWriteRegister(Device, SERIAL_CONTROL_REGISTER, SERIAL_CONTROL_ENABLE);
}

NTSTATUS SerialGetAdapter(PSERIAL_DEVICE Device, ULONG Line, BOOLEAN AutoInitialize,
			  PSERIAL_ADAPTER Adapter)
{
	DEVICE_DESCRIPTION Description;

	PAGED_CODE();

	RtlZeroMemory(&Description, sizeof(Description));
	Description.Version = DEVICE_DESCRIPTION_VERSION3;
	Description.Master = FALSE;
	Description.DemandMode = TRUE;
	Description.AutoInitialize = AutoInitialize;
	Description.InterfaceType = Internal;
	Description.MaximumLength = SERIAL_MAXIMUM_LENGTH;
	Description.DmaChannel = Line;
	Description.DmaRequestLine = Line;
	Description.DmaWidth = Width32Bits;
	Description.DeviceAddress = Device->Resources.RegisterAddress;
	Adapter->DmaAdapter = IoGetDmaAdapter(Device->PhysicalDeviceObject, &Description,
					      &Adapter->MapRegisters);
	return Adapter->DmaAdapter ? STATUS_SUCCESS : STATUS_NO_SUCH_DEVICE;
}

VOID SerialPutAdapter(PSERIAL_ADAPTER Adapter)
{
	if (Adapter->DmaAdapter)
		Adapter->DmaAdapter->DmaOperations->PutDmaAdapter(Adapter->DmaAdapter);
	Adapter->DmaAdapter = NULL;
}

BOOLEAN SerialLineExists(PSERIAL_DEVICE Device, ULONG Line)
{
	SERIAL_ADAPTER Adapter;

	if (!NT_SUCCESS(SerialGetAdapter(Device, Line, FALSE, &Adapter)))
		return FALSE;
	SerialPutAdapter(&Adapter);
	return TRUE;
}

PDMA_ADAPTER SerialAdapter(PSERIAL_DEVICE Device, BOOLEAN Transmit)
{
	return Transmit ? Device->Transmit.DmaAdapter : Device->Receive.DmaAdapter;
}

NTSTATUS SerialAddDevice(PDEVICE_OBJECT PhysicalDeviceObject, PSERIAL_RESOURCES Resources,
			 PSERIAL_DEVICE *Result)
{
	PSERIAL_DEVICE Device;
	NTSTATUS Status;

	PAGED_CODE();

	Device = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*Device), SERIAL_TAG);
	if (!Device)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlZeroMemory(Device, sizeof(*Device));
	Device->Object.Type = IO_TYPE_DEVICE;
	Device->Object.Size = sizeof(DEVICE_OBJECT);
	Device->Object.DeviceExtension = Device;
	Device->PhysicalDeviceObject = PhysicalDeviceObject;
	Device->Resources = *Resources;
	Status = SerialGetAdapter(Device, SERIAL_TRANSMIT_LINE, FALSE, &Device->Transmit);
	if (NT_SUCCESS(Status))
		Status = SerialGetAdapter(Device, SERIAL_RECEIVE_LINE, FALSE, &Device->Receive);
	if (!NT_SUCCESS(Status)) {
		SerialRemoveDevice(Device);
		return Status;
	}
	SerialStartUart(Device);
	*Result = Device;
	return STATUS_SUCCESS;
}

VOID SerialRemoveDevice(PSERIAL_DEVICE Device)
{
	PAGED_CODE();

	SerialWriteRegister(Device, SERIAL_CONTROL_REGISTER, 0);
	SerialPutAdapter(&Device->Transmit);
	SerialPutAdapter(&Device->Receive);
	ExFreePoolWithTag(Device, SERIAL_TAG);
}
