// SPDX-License-Identifier: GPL-2.0-only
/* Where requests are made. */
#include <ntddk.h>

#define LVL_LIST(Device, Mdl) \
	(Device)->Adapter->DmaOperations->GetScatterGatherList((Device)->Adapter, (Device)->Self, \
		(Mdl), MmGetMdlVirtualAddress(Mdl), MmGetMdlByteCount(Mdl), LvlListControl, \
		(Device), TRUE)
#define LVL_RAISE(Irql) KeRaiseIrql(DISPATCH_LEVEL, Irql)

static VOID LvlListControl(PDEVICE_OBJECT DeviceObject, PIRP Irp, PSCATTER_GATHER_LIST List,
			   PVOID Context)
{
	PLVL_DEVICE Device = Context;

	Device->Adapter->DmaOperations->PutScatterGatherList(Device->Adapter, List, TRUE);
}

NTSTATUS LvlDispatch(PLVL_DEVICE Device, PMDL Mdl)
{
	return LVL_LIST(Device, Mdl); /* FOUND passive-level */
}

NTSTATUS LvlLowered(PLVL_DEVICE Device, PMDL Mdl)
{
	NTSTATUS Status;
	KIRQL Irql;

	KeAcquireSpinLock(&Device->Lock, &Irql);
	Device->Requests++;
	KeReleaseSpinLock(&Device->Lock, Irql);
	Status = LVL_LIST(Device, Mdl); /* FOUND passive-level */
	return Status;
}

NTSTATUS LvlRaised(PLVL_DEVICE Device, PMDL Mdl)
{
	NTSTATUS Status;
	KIRQL Irql;

	LVL_RAISE(&Irql);
	if (Device->Stopped) {
		KeLowerIrql(Irql);
		return STATUS_CANCELLED;
	}
	Status = LVL_LIST(Device, Mdl); /* CLEAR passive-level */
	KeLowerIrql(Irql);
	return Status;
}

static NTSTATUS LvlNext(PLVL_DEVICE Device, PMDL Mdl)
{
	return LVL_LIST(Device, Mdl); /* CLEAR passive-level */
}

static VOID LvlDpc(PKDPC Dpc, PVOID Context, PVOID One, PVOID Two)
{
	PLVL_DEVICE Device = Context;

	Device->Status = LvlNext(Device, Device->Mdl);
	Device->Adapter->DmaOperations->PutDmaAdapter(Device->Adapter); /* CLEAR service-routine */
}

static VOID LvlDpcForIsr(PKDPC Dpc, PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
	PLVL_DEVICE Device = Context;

	Device->Status = LVL_LIST(Device, Irp->MdlAddress); /* CLEAR passive-level */
}

KSERVICE_ROUTINE LvlInterrupt;

BOOLEAN LvlInterrupt(PKINTERRUPT Interrupt, PVOID Context)
{
	PLVL_DEVICE Device = Context;
	PDMA_ADAPTER Adapter = Device->Adapter;

	Adapter->DmaOperations->PutScatterGatherList(Adapter, Device->List, TRUE);
	/* FOUND-BEFORE service-routine */
	Device->Alignment = Adapter->DmaOperations->GetDmaAlignment(Adapter);
	/* CLEAR-BEFORE service-routine */
	KeInsertQueueDpc(&Device->Dpc, NULL, NULL);
	return TRUE;
}

VOID LvlStart(PLVL_DEVICE Device)
{
	KeInitializeSpinLock(&Device->Lock); /* CLEAR lock-not-initialised */
	KeInitializeDpc(&Device->Dpc, LvlDpc, Device);
}
