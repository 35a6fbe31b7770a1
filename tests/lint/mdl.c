// SPDX-License-Identifier: GPL-2.0-only
/* The address in an MDL, as an index and as a pointer. */
#include <ntddk.h>

VOID MdlRead(PMDL_DEVICE Device, PMDL Mdl, PVOID Copy)
{
	PUCHAR Va = MmGetMdlVirtualAddress(Mdl);
	PULONG Words;
	ULONG First = *(PULONG)MmGetMdlVirtualAddress(Mdl); /* FOUND mdl-address-followed */
	ULONG Second = ((PULONG)MmGetMdlVirtualAddress(Mdl))[1]; /* FOUND mdl-address-followed */
	ULONG Product = Device->Factor * (ULONG_PTR)MmGetMdlVirtualAddress(Mdl);
	/* CLEAR-BEFORE mdl-address-followed */

	RtlCopyMemory(Copy, MmGetMdlVirtualAddress(Mdl), 4); /* FOUND mdl-address-followed */
	Va += 4; /* CLEAR mdl-address-followed */
	Device->Pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(Va, 4); /* CLEAR mdl-address-followed */
	Device->Third = Va[2]; /* FOUND mdl-address-followed */

	Words = MmGetMdlVirtualAddress(Mdl);
	Device->Index = Words; /* CLEAR mdl-address-followed */
	Words = MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority);
	Device->Fourth = *Words; /* CLEAR mdl-address-followed */
	MdlKeep(Device, First, Second, Product);
}

ULONG_PTR MdlScale(PMDL Mdl, ULONG Factor)
{
	ULONG_PTR Index = (ULONG_PTR)MmGetMdlVirtualAddress(Mdl);

	return Factor * Index; /* CLEAR mdl-address-followed */
}

VOID MdlWrite(PMDL_DEVICE Device, PMDL Mdl)
{
	Device->CurrentVa = MmGetMdlVirtualAddress(Mdl);
	RtlZeroMemory(Device->CurrentVa, 4); /* FOUND mdl-address-followed */
}
