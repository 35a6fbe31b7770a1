// SPDX-License-Identifier: GPL-2.0-only
/* Physical addresses, with and without the device. */
#include <ntddk.h>

VOID PhyProgram(PPHY_DEVICE Device, PVOID Buffer, PMDL Mdl)
{
	PPFN_NUMBER Frames = MmGetMdlPfnArray(Mdl);
	PHYSICAL_ADDRESS Address, Shown, Compared;

	Address = MmGetPhysicalAddress(Buffer); /* FOUND physical-address */
	WRITE_REGISTER_ULONG(Device->Registers, Address.LowPart);
	Device->Ring[0].Address = MmGetPhysicalAddress(Buffer).QuadPart;
	/* FOUND-BEFORE physical-address */
	Device->Ring[1].Address = (ULONG64)Frames[0] << PAGE_SHIFT; /* FOUND physical-address */
	Shown = MmGetPhysicalAddress(Buffer); /* CLEAR physical-address */
	KdPrint(("buffer at %I64x, page %x\n", Shown.QuadPart, Frames[0] << PAGE_SHIFT));
	/* CLEAR-BEFORE physical-address */
	Compared = MmGetPhysicalAddress(Device->Buffer); /* CLEAR physical-address */
	if (Compared.QuadPart == Shown.QuadPart)
		Device->Pages = Frames[0] + 1; /* CLEAR physical-address */
}
