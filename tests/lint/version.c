// SPDX-License-Identifier: GPL-2.0-only
/* Asks for the table of version 2, and calls what is in later ones. */
#include <ntddk.h>

PDMA_ADAPTER VerGet(PDEVICE_OBJECT DeviceObject, PULONG MapRegisters)
{
	DEVICE_DESCRIPTION Description = { 0 };

	Description.Version = DEVICE_DESCRIPTION_VERSION2;
	Description.Master = TRUE;
	return IoGetDmaAdapter(DeviceObject, &Description, MapRegisters);
}

VOID VerUse(PDMA_ADAPTER Adapter, PMDL Mdl, PDMA_ADAPTER_INFO Info)
{
	ULONG Bytes = 0;

	Adapter->DmaOperations->CalculateScatterGatherList(Adapter, Mdl, NULL, 1,
	/* CLEAR-BEFORE table-version */
							   &Bytes, NULL);
	Adapter->DmaOperations->GetDmaAdapterInfo(Adapter, Info); /* FOUND table-version */
	Adapter->DmaOperations->FlushDmaBuffer(Adapter, Mdl, TRUE);
	/* FOUND-BEFORE table-version late-member */
	Adapter->DmaOperations->PutDmaAdapter(Adapter);
}
