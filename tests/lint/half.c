// SPDX-License-Identifier: GPL-2.0-only
/* A device of 32 bits needs no more. */
#include <ntddk.h>

VOID HlfDescribe(PDEVICE_DESCRIPTION Description)
{
	Description->Dma64BitAddresses = FALSE;
	Description->Dma32BitAddresses = TRUE;
}

VOID HlfProgram(PHLF_DEVICE Device, PSCATTER_GATHER_LIST List)
{
	HlfWrite(Device, 0, List->Elements[0].Address.LowPart); /* CLEAR low-part-only */
}
