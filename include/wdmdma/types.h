/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Scalar types, enumerations and small structures of the Windows driver interface.
 *
 * Windows is LLP64: LONG is 32 bits and only pointers are 64. Linux is LP64, so no
 * type here that Windows sizes in bits may be a C `long`; the pointer-sized ones are.
 * No Linux header is included: this file also serves C++ sources, which cannot
 * include any. abi.c asserts every size.
 */
#ifndef WDMDMA_TYPES_H
#define WDMDMA_TYPES_H

#include <wdmdma/sal.h>

#ifndef NULL
#ifdef __cplusplus
#define NULL __null
#else
#define NULL ((void *)0)
#endif
#endif

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

/* Scalars */
typedef void VOID;
typedef void *PVOID;
typedef void *LPVOID;
typedef char CHAR, CCHAR, *PCHAR, *PSTR, *PSZ;
typedef const char *PCSTR;
typedef signed char SCHAR;
typedef unsigned char UCHAR, *PUCHAR;
typedef unsigned char BOOLEAN, *PBOOLEAN;
typedef short SHORT, CSHORT, *PSHORT;
typedef unsigned short USHORT, *PUSHORT;

/*
 * UTF-16. The kernel's -fshort-wchar makes L"..." an array of these in C; in C++, which
 * needs that option too, only wchar_t itself will do.
 */
#if defined(__cplusplus) && __SIZEOF_WCHAR_T__ == 2
typedef wchar_t WCHAR, *PWCHAR, *PWSTR, *PWCH;
typedef const wchar_t *PCWSTR, *PCWCH;
#else
typedef unsigned short WCHAR, *PWCHAR, *PWSTR, *PWCH;
typedef const unsigned short *PCWSTR, *PCWCH;
#endif

typedef int LONG, *PLONG;
typedef unsigned int ULONG, *PULONG;
typedef int INT, *PINT;
typedef unsigned int UINT, *PUINT;
typedef long long LONGLONG, *PLONGLONG;
typedef unsigned long long ULONGLONG, *PULONGLONG;
typedef int BOOL, *PBOOL;
typedef unsigned char BYTE, *PBYTE;
typedef unsigned short WORD, *PWORD;
typedef unsigned int DWORD, *PDWORD;
typedef unsigned long long DWORDLONG, *PDWORDLONG;
typedef const void *PCVOID;

/* Scalars with the width in the name */
typedef signed char INT8, *PINT8;
typedef short INT16, *PINT16;
typedef int INT32, *PINT32;
typedef long long INT64, *PINT64;
typedef unsigned char UINT8, *PUINT8;
typedef unsigned short UINT16, *PUINT16;
typedef unsigned int UINT32, *PUINT32;
typedef unsigned long long UINT64, *PUINT64;
typedef int LONG32, *PLONG32;
typedef unsigned int ULONG32, *PULONG32;
typedef long long LONG64, *PLONG64;
typedef unsigned long long ULONG64, *PULONG64;

/* Scalars as wide as a pointer: `long` is, on every Linux */
typedef long LONG_PTR, *PLONG_PTR;
typedef long INT_PTR, *PINT_PTR;
typedef long SSIZE_T, *PSSIZE_T;
typedef unsigned long ULONG_PTR, *PULONG_PTR;
typedef unsigned long UINT_PTR, *PUINT_PTR;
typedef unsigned long SIZE_T, *PSIZE_T;
typedef unsigned long KAFFINITY, *PKAFFINITY;
typedef unsigned long PFN_NUMBER, *PPFN_NUMBER;
typedef ULONG PFN_COUNT, *PPFN_COUNT;
typedef ULONG NODE_REQUIREMENT;
typedef void *HANDLE, **PHANDLE;

#define MM_ANY_NODE_OK ((NODE_REQUIREMENT)0x80000000)

#define MAXUCHAR 0xff
#define MINSHORT (-0x7fff - 1)
#define MAXSHORT 0x7fff
#define MAXUSHORT 0xffff
#define MINLONG (-MAXLONG - 1)
#define MAXLONG 0x7fffffff
#define MAXULONG 0xffffffffU
#define MAXDWORD MAXULONG
#define MINLONGLONG (-MAXLONGLONG - 1)
#define MAXLONGLONG 0x7fffffffffffffffLL
#define MAXULONGLONG 0xffffffffffffffffULL
#define MAXULONG_PTR (~(ULONG_PTR)0)
#define MAXSIZE_T (~(SIZE_T)0)

/* NTSTATUS: negative is failure. Its values are in status.h. */
typedef LONG NTSTATUS, *PNTSTATUS;

__extension__ typedef union _LARGE_INTEGER {
	struct {
		ULONG LowPart;
		LONG HighPart;
	};
	struct {
		ULONG LowPart;
		LONG HighPart;
	} u;
	LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

__extension__ typedef union _ULARGE_INTEGER {
	struct {
		ULONG LowPart;
		ULONG HighPart;
	};
	struct {
		ULONG LowPart;
		ULONG HighPart;
	} u;
	ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

/* An address the CPU or a device uses; signed, though compared as unsigned */
typedef LARGE_INTEGER PHYSICAL_ADDRESS, *PPHYSICAL_ADDRESS;

typedef struct _LIST_ENTRY {
	struct _LIST_ENTRY *Flink;	/* next, or the head itself */
	struct _LIST_ENTRY *Blink;	/* previous, or the head itself */
} LIST_ENTRY, *PLIST_ENTRY, *PRLIST_ENTRY;

typedef struct _SINGLE_LIST_ENTRY {
	struct _SINGLE_LIST_ENTRY *Next;	/* NULL: the last */
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

/* A processor, by its number in a group of up to 64 */
typedef struct _PROCESSOR_NUMBER {
	USHORT Group;
	UCHAR Number;
	UCHAR Reserved;
} PROCESSOR_NUMBER, *PPROCESSOR_NUMBER;

typedef struct _GROUP_AFFINITY {
	KAFFINITY Mask;
	USHORT Group;
	USHORT Reserved[3];
} GROUP_AFFINITY, *PGROUP_AFFINITY;

#define ALL_PROCESSOR_GROUPS 0xffff

typedef struct _GUID {
	ULONG Data1;
	USHORT Data2;
	USHORT Data3;
	UCHAR Data4[8];
} GUID, *PGUID;

typedef const struct _GUID *LPCGUID;

/*
 * IRQL. PASSIVE_LEVEL may sleep, DISPATCH_LEVEL is "bottom halves off". A hard
 * interrupt handler sees WDMDMA_DIRQL, which stands for every device level.
 */
typedef UCHAR KIRQL, *PKIRQL;

#define PASSIVE_LEVEL 0
#define LOW_LEVEL 0
#define APC_LEVEL 1
#define DISPATCH_LEVEL 2
#define WDMDMA_DIRQL 12
#define HIGH_LEVEL 15

typedef signed char KPROCESSOR_MODE;

typedef enum _MODE {
	KernelMode,
	UserMode,
	MaximumMode
} MODE;

typedef enum _INTERFACE_TYPE {
	InterfaceTypeUndefined = -1,
	Internal,
	Isa,
	Eisa,
	MicroChannel,
	TurboChannel,
	PCIBus,
	VMEBus,
	NuBus,
	PCMCIABus,
	CBus,
	MPIBus,
	MPSABus,
	ProcessorInternal,
	InternalPowerBus,
	PNPISABus,
	PNPBus,
	Vmcs,
	ACPIBus,
	MaximumInterfaceType
} INTERFACE_TYPE, *PINTERFACE_TYPE;

typedef enum _DMA_WIDTH {
	Width8Bits,
	Width16Bits,
	Width32Bits,
	Width64Bits,
	WidthNoWrap,
	MaximumDmaWidth
} DMA_WIDTH, *PDMA_WIDTH;

typedef enum _DMA_SPEED {
	Compatible,
	TypeA,
	TypeB,
	TypeC,
	TypeF,
	MaximumDmaSpeed
} DMA_SPEED, *PDMA_SPEED;

/* What an AdapterControl routine wants kept; zero is not a member */
typedef enum _IO_ALLOCATION_ACTION {
	KeepObject = 1,
	DeallocateObject,
	DeallocateObjectKeepRegisters
} IO_ALLOCATION_ACTION, *PIO_ALLOCATION_ACTION;

typedef enum {
	DmaComplete,
	DmaAborted,	/* defined, but never delivered */
	DmaError,
	DmaCancelled
} DMA_COMPLETION_STATUS;

typedef enum _MEMORY_CACHING_TYPE {
	MmNotMapped = -1,
	MmNonCached = 0,
	MmCached,
	MmWriteCombined,
	MmFrameBufferCached = MmWriteCombined,
	MmHardwareCoherentCached,
	MmNonCachedUnordered,
	MmUSWCCached,
	MmMaximumCacheType
} MEMORY_CACHING_TYPE, *PMEMORY_CACHING_TYPE;

/* Passed as a ULONG, because the MdlMapping bits of mdl.h are ORed in */
typedef enum _MM_PAGE_PRIORITY {
	LowPagePriority = 0,
	NormalPagePriority = 16,
	HighPagePriority = 32
} MM_PAGE_PRIORITY;

/* What driver and device do to the pages: read only, or write (the last two) */
typedef enum _LOCK_OPERATION {
	IoReadAccess,
	IoWriteAccess,
	IoModifyAccess
} LOCK_OPERATION;

typedef enum _DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_TYPE {
	CommonBufferConfigTypeLogicalAddressLimits,
	CommonBufferConfigTypeSubSection,
	CommonBufferConfigTypeHardwareAccessPermissions,
	CommonBufferConfigTypeMax
} DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_TYPE,
	*PDMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_TYPE;

typedef enum _DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_ACCESS_TYPE {
	CommonBufferHardwareAccessReadOnly,
	CommonBufferHardwareAccessWriteOnly,
	CommonBufferHardwareAccessReadWrite,
	CommonBufferHardwareAccessMax
} DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_ACCESS_TYPE,
	*PDMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_ACCESS_TYPE;

#endif /* WDMDMA_TYPES_H */
