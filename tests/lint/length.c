// SPDX-License-Identifier: GPL-2.0-only
/* What MapTransfer says that it mapped. */
#include <ntddk.h>

VOID LenMap(PLEN_DEVICE Device, PMDL Mdl, PVOID Base, PUCHAR Va, ULONG Bytes)
{
	PDMA_ADAPTER Adapter = Device->Adapter;
	ULONG Blind = Bytes, Seen = Bytes, Left = Bytes, Pointed = Bytes;

	Device->Address = Adapter->DmaOperations->MapTransfer(Adapter, Mdl, Base, Va,
	/* FOUND-BEFORE length-ignored */
							      &Blind, TRUE);
	LenProgram(Device, Bytes);
	Device->Address = IoMapTransfer(Adapter, Mdl, Base, Va, &Seen, TRUE);
	/* CLEAR-BEFORE length-ignored */
	LenProgram(Device, Seen);
	Device->Address = IoMapTransfer(Adapter, Mdl, Base, Va, &Device->Unread, TRUE);
	/* FOUND-BEFORE length-ignored */
	Device->Address = IoMapTransfer(Adapter, Mdl, Base, Va, &Device->Later, TRUE);
	/* CLEAR-BEFORE length-ignored */
	Device->Address = (*Adapter->DmaOperations->MapTransfer)( /* FOUND length-ignored */
		Adapter, Mdl, Base, Va, &Pointed, TRUE);
	while (Bytes > 0) {
		Bytes -= Left;
		Va += Left;
		Left = Bytes;
		Device->Address = IoMapTransfer(Adapter, Mdl, Base, Va, &Left, TRUE);
		/* CLEAR-BEFORE length-ignored */
	}
}

VOID LenEnd(PLEN_DEVICE Device, PMDL Mdl, PVOID Base)
{
	PDMA_ADAPTER Adapter = Device->Adapter;

	Device->Unread = 0;
	Adapter->DmaOperations->FlushAdapterBuffers(Adapter, Mdl, Base, Device->CurrentVa,
						    Device->Later, TRUE);
}
