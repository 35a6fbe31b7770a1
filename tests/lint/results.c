// SPDX-License-Identifier: GPL-2.0-only
/* Descriptions that are not cleared, results that nobody looks at. */
#include <ntddk.h>

VOID ResStart(PRES_DEVICE Device, PDEVICE_OBJECT DeviceObject)
{
	DEVICE_DESCRIPTION Dirty; /* FOUND description-not-zeroed */
	DEVICE_DESCRIPTION Clean; /* CLEAR description-not-zeroed */
	static DEVICE_DESCRIPTION Static; /* CLEAR description-not-zeroed */
	PDMA_ADAPTER Other;

	Dirty.Version = DEVICE_DESCRIPTION_VERSION2;
	Device->Adapter = IoGetDmaAdapter(DeviceObject, &Dirty, /* FOUND adapter-unchecked */
					  &Device->MapRegisters);
	NT_ASSERT(Device->Adapter != NULL);
	memset(&Clean, 0, sizeof(Clean));
	Clean.Version = DEVICE_DESCRIPTION_VERSION2;
	Other = IoGetDmaAdapter(DeviceObject, &Clean, &Device->MapRegisters);
	/* CLEAR-BEFORE adapter-unchecked */
	if (Other == NULL)
		Other = IoGetDmaAdapter(DeviceObject, &Static, /* FOUND adapter-unchecked */
					&Device->MapRegisters);
	Device->Other = Other;
}

VOID ResBuffers(PRES_DEVICE Device)
{
	PDMA_ADAPTER Adapter = Device->Adapter;

	Device->One = Adapter->DmaOperations->AllocateCommonBuffer(
	/* FOUND-BEFORE common-buffer-unchecked */
		Adapter, 4096, &Device->OneAt, TRUE);
	RtlZeroMemory(Device->One, 4096);
	Device->Two = HalAllocateCommonBuffer(Adapter, 4096, &Device->TwoAt, TRUE);
	/* CLEAR-BEFORE common-buffer-unchecked */
	if (!Device->Two)
		return;
	Device->Three = HalAllocateCommonBuffer(Adapter, 64, &Device->ThreeAt, TRUE);
	/* CLEAR-BEFORE common-buffer-unchecked */
}

NTSTATUS ResAll(PRES_DEVICE Device)
{
	ResBuffers(Device);
	if (Device->Three == NULL)
		return STATUS_INSUFFICIENT_RESOURCES;
	return STATUS_SUCCESS;
}

VOID ResStop(PRES_DEVICE Device)
{
	Device->Adapter->DmaOperations->PutDmaAdapter(Device->Adapter);
}
