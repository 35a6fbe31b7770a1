// SPDX-License-Identifier: GPL-2.0-only
/* Logical addresses of 64 bits, and of half of them. */
#include <ntddk.h>

VOID HlvDescribe(PDEVICE_DESCRIPTION Description)
{
	Description->Dma64BitAddresses = TRUE;
}

VOID HlvProgram(PHLV_DEVICE Device, PSCATTER_GATHER_LIST List)
{
	HlvWrite(Device, 0, List->Elements[0].Address.LowPart); /* FOUND low-part-only */
	HlvWrite(Device, 4, List->Elements[0].Length);
}

VOID HlvPacket(PHLV_DEVICE Device, PMDL Mdl, PVOID Base, PULONG Bytes)
{
	ULONG Low = IoMapTransfer(Device->Adapter, Mdl, Base, Device->CurrentVa, Bytes,
				  TRUE).LowPart; /* FOUND low-part-only */

	HlvWrite(Device, 8, Low);
	IoFlushAdapterBuffers(Device->Adapter, Mdl, Base, Device->CurrentVa, *Bytes, TRUE);
}

VOID HlvRing(PHLV_DEVICE Device)
{
	HlvWrite(Device, 8, (ULONG)Device->RingLogicalAddress.QuadPart); /* FOUND low-part-only */
}

VOID HlvWhole(PHLV_DEVICE Device, PSCATTER_GATHER_LIST List, LARGE_INTEGER Time)
{
	HlvWrite(Device, 0, List->Elements[0].Address.LowPart); /* CLEAR low-part-only */
	HlvWrite(Device, 4, List->Elements[0].Address.HighPart);
	HlvWrite(Device, 8, Time.LowPart); /* CLEAR low-part-only */
	HlvWrite(Device, 12, (ULONG)Device->RingLogicalAddress.QuadPart); /* CLEAR low-part-only */
	HlvWrite(Device, 16, (ULONG)(Device->RingLogicalAddress.QuadPart >> 32));
}
