/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A driver that makes each mistake once, for the verifier to find. The includer brings the Windows
 * types.
 */
#ifndef FAULTY_H
#define FAULTY_H

#define FAULTY_PAGES	4

typedef struct _FAULTY_DEVICE {
	PDEVICE_OBJECT DeviceObject;
	PDMA_ADAPTER DmaAdapter;	/* a new one for each mistake; NULL once it is put */
	PDMA_OPERATIONS Operations;
	ULONG MapRegisters;

	PUCHAR Buffer;			/* FAULTY_PAGES pages, and an MDL of them */
	PMDL Mdl;

	/* What the last AdapterControl and AdapterListControl were given */
	PVOID MapRegisterBase;
	PSCATTER_GATHER_LIST List;
} FAULTY_DEVICE, *PFAULTY_DEVICE;

typedef struct _FAULTY_MISTAKE {
	const char *Text;
	const char *Function;
	const char *Expect;	/* codes of bug check 0xE6, or of another in front of a colon */
	void (*Make)(PFAULTY_DEVICE Device);
	KIRQL Irql;		/* at which it is called */
} FAULTY_MISTAKE;

#define FAULTY_MISTAKE_AT(IrqlOfCall, Name, Codes, Words) \
	{ .Text = (Words), .Function = #Name, .Expect = (Codes), .Make = (Name), \
	  .Irql = (IrqlOfCall) }

/* Each ends with one that has no Make. */
extern const FAULTY_MISTAKE FaultyPacketMistakes[];
extern const FAULTY_MISTAKE FaultyListMistakes[];
extern const FAULTY_MISTAKE FaultyBufferMistakes[];

/* DISPATCH_LEVEL: registers, in Device->MapRegisterBase; a list of all, in Device->List */
VOID FaultyTakeRegisters(PFAULTY_DEVICE Device, ULONG Registers);
VOID FaultyTakeList(PFAULTY_DEVICE Device);
VOID FaultyPut(PFAULTY_DEVICE Device);

/* PASSIVE_LEVEL; makes all mistakes, and says each time what is to be reported */
NTSTATUS FaultyRun(PFAULTY_DEVICE Device, PDEVICE_OBJECT DeviceObject);

#endif
