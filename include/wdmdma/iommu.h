/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The IOMMU interface: domains that a driver fills with mappings itself, apart from its DMA
 * adapters. A *domain* is a page table, a *DMA device* stands for a device that can be attached to
 * one; a *logical address* is what the device uses.
 *
 * Offsets are those of x64 Windows and are asserted in abi_iommu.c. Routines that other Windows
 * versions have and wdmdma does not (version 3, PASIDs) are not declared.
 */
#ifndef WDMDMA_IOMMU_H
#define WDMDMA_IOMMU_H

#include <wdmdma/types.h>
#include <wdmdma/status.h>
#include <wdmdma/mdl.h>
#include <wdmdma/io.h>

#define DMA_IOMMU_INTERFACE_VERSION_1 1
#define DMA_IOMMU_INTERFACE_VERSION DMA_IOMMU_INTERFACE_VERSION_1
#define DMA_IOMMU_INTERFACE_EX_VERSION_1 1
#define DMA_IOMMU_INTERFACE_EX_VERSION_2 2
#define DMA_IOMMU_INTERFACE_EX_VERSION_3 3	/* refused */
#define DMA_IOMMU_INTERFACE_EX_VERSION_MIN DMA_IOMMU_INTERFACE_EX_VERSION_1
#define DMA_IOMMU_INTERFACE_EX_VERSION_MAX DMA_IOMMU_INTERFACE_EX_VERSION_2

/* Named by the routines' pages, in no public list of statuses */
#define STATUS_IN_USE STATUS_RESOURCE_IN_USE

/* Permissions of the device, for the routines that map; 0 is refused */
#define WDMDMA_IOMMU_READ 0x1
#define WDMDMA_IOMMU_WRITE 0x2

struct _IOMMU_DMA_DOMAIN;
typedef struct _IOMMU_DMA_DOMAIN IOMMU_DMA_DOMAIN, *PIOMMU_DMA_DOMAIN;
struct _IOMMU_DMA_DEVICE;
typedef struct _IOMMU_DMA_DEVICE IOMMU_DMA_DEVICE, *PIOMMU_DMA_DEVICE;
typedef ULONGLONG IOMMU_DMA_LOGICAL_ADDRESS, *PIOMMU_DMA_LOGICAL_ADDRESS;

typedef enum _IOMMU_DMA_DOMAIN_TYPE {
	DomainTypeTranslate,
	DomainTypePassThrough,
	DomainTypeUnmanaged,		/* not supported */
	DomainTypeTranslateS1,		/* not supported */
	DomainTypeMax
} IOMMU_DMA_DOMAIN_TYPE, *PIOMMU_DMA_DOMAIN_TYPE;

typedef enum _IOMMU_DMA_LOGICAL_ALLOCATOR_TYPE {
	IommuDmaLogicalAllocatorNone,
	IommuDmaLogicalAllocatorBuddy,
	IommuDmaLogicalAllocatorMax
} IOMMU_DMA_LOGICAL_ALLOCATOR_TYPE, *PIOMMU_DMA_LOGICAL_ALLOCATOR_TYPE;

typedef enum _IOMMU_MAP_PHYSICAL_ADDRESS_TYPE {
	MapPhysicalAddressTypeMdl,
	MapPhysicalAddressTypeContiguousRange,
	MapPhysicalAddressTypePfn,
	MapPhysicalAddressTypeMax
} IOMMU_MAP_PHYSICAL_ADDRESS_TYPE, *PIOMMU_MAP_PHYSICAL_ADDRESS_TYPE;

typedef enum _IOMMU_DEVICE_CREATION_CONFIGURATION_TYPE {
	IommuDeviceCreationConfigTypeNone,
	IommuDeviceCreationConfigTypeAcpi,
	IommuDeviceCreationConfigTypeDeviceId,
	IommuDeviceCreationConfigTypePasid,
	IommuDeviceCreationConfigTypeMax
} IOMMU_DEVICE_CREATION_CONFIGURATION_TYPE, *PIOMMU_DEVICE_CREATION_CONFIGURATION_TYPE;

typedef enum _DOMAIN_CONFIGURATION_ARCH {
	DomainConfigurationArm64,
	DomainConfigurationX64,
	DomainConfigurationInvalid
} DOMAIN_CONFIGURATION_ARCH, *PDOMAIN_CONFIGURATION_ARCH;

typedef enum _FAULT_INFORMATION_ARCH {
	FaultInformationInvalid,
	FaultInformationArm64,
	FaultInformationX64
} FAULT_INFORMATION_ARCH, *PFAULT_INFORMATION_ARCH;

typedef enum _FAULT_INFORMATION_ARM64_TYPE {
	UnsupportedUpstreamTransaction,
	AddressSizeFault,
	TlbMatchConflict,
	ExternalFault,
	PermissionFault,
	AccessFlagFault,
	TranslationFault,
	MaxFaultType
} FAULT_INFORMATION_ARM64_TYPE, *PFAULT_INFORMATION_ARM64_TYPE;

typedef union _IOMMU_DMA_DOMAIN_CREATION_FLAGS {
	struct {
		ULONGLONG Reserved : 64;	/* 0 */
	};
	ULONGLONG AsUlonglong;
} IOMMU_DMA_DOMAIN_CREATION_FLAGS, *PIOMMU_DMA_DOMAIN_CREATION_FLAGS;

/* Who chooses logical addresses: with Buddy the system, below 2^AddressWidth; else the caller */
typedef struct _IOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG {
	IOMMU_DMA_LOGICAL_ALLOCATOR_TYPE LogicalAllocatorType;
	union {
		struct {
			ULONG AddressWidth;	/* bits, at most 63 */
		} BuddyAllocatorConfig;
	};
} IOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG, *PIOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG;

typedef struct _IOMMU_DMA_RESERVED_REGION {
	struct _IOMMU_DMA_RESERVED_REGION *RegionNext;
	IOMMU_DMA_LOGICAL_ADDRESS Base;		/* page aligned */
	SIZE_T NumberOfPages;
	BOOLEAN ShouldMap;			/* where the memory is; else kept unmapped */
} IOMMU_DMA_RESERVED_REGION, *PIOMMU_DMA_RESERVED_REGION;

typedef struct _IOMMU_MAP_PHYSICAL_ADDRESS {
	IOMMU_MAP_PHYSICAL_ADDRESS_TYPE MapType;
	union {
		struct {
			PMDL Mdl;		/* this one, not its chain */
		} Mdl;
		struct {
			PHYSICAL_ADDRESS Base;
			SIZE_T Size;		/* bytes */
		} ContiguousRange;
		struct {
			PPFN_NUMBER PageFrame;
			SIZE_T NumberOfPages;
		} PfnArray;
	};
} IOMMU_MAP_PHYSICAL_ADDRESS, *PIOMMU_MAP_PHYSICAL_ADDRESS;

/* A reserved range of logical addresses, to be read only */
typedef struct _IOMMU_DMA_LOGICAL_ADDRESS_TOKEN {
	IOMMU_DMA_LOGICAL_ADDRESS LogicalAddressBase;
	SIZE_T Size;				/* bytes */
} IOMMU_DMA_LOGICAL_ADDRESS_TOKEN, *PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN;

/* A part of one that is mapped; the caller's memory */
typedef struct _IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT {
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN OwningToken;	/* NULL once it is unmapped */
	SIZE_T Offset;
	SIZE_T Size;
} IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT,
	*PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT;

typedef struct _IOMMU_DEVICE_CREATION_CONFIGURATION {
	LIST_ENTRY NextConfiguration;
	IOMMU_DEVICE_CREATION_CONFIGURATION_TYPE ConfigType;
	union {
		struct {
			UINT32 InputMappingBase;
			UINT32 MappingsCount;
		} Acpi;
		PVOID DeviceId;
		struct {
			ULONG ConfigType;
			BOOLEAN SuppressPasidFaults;
		} Pasid;
	};
} IOMMU_DEVICE_CREATION_CONFIGURATION, *PIOMMU_DEVICE_CREATION_CONFIGURATION;

typedef union _IOMMU_INTERFACE_STATE_CHANGE_FIELDS {
	struct {
		ULONG AvailableDomainTypes : 1;
		ULONG Reserved : 31;
	};
	ULONG AsULONG;
} IOMMU_INTERFACE_STATE_CHANGE_FIELDS, *PIOMMU_INTERFACE_STATE_CHANGE_FIELDS;

typedef struct _IOMMU_INTERFACE_STATE_CHANGE {
	IOMMU_INTERFACE_STATE_CHANGE_FIELDS PresentFields;
	ULONG AvailableDomainTypes;		/* bit n: IOMMU_DMA_DOMAIN_TYPE n */
} IOMMU_INTERFACE_STATE_CHANGE, *PIOMMU_INTERFACE_STATE_CHANGE;

typedef struct _DOMAIN_CONFIGURATION_ARM64 {
	PHYSICAL_ADDRESS Ttbr0;
	PHYSICAL_ADDRESS Ttbr1;
	ULONG Mair0;
	ULONG Mair1;
	UCHAR InputSize0;
	UCHAR InputSize1;
	BOOLEAN CoherentTableWalks;
	BOOLEAN TranslationEnabled;
} DOMAIN_CONFIGURATION_ARM64, *PDOMAIN_CONFIGURATION_ARM64;

typedef struct _DOMAIN_CONFIGURATION_X64 {
	PHYSICAL_ADDRESS FirstLevelPageTableRoot;
	BOOLEAN TranslationEnabled;
} DOMAIN_CONFIGURATION_X64, *PDOMAIN_CONFIGURATION_X64;

typedef struct _DOMAIN_CONFIGURATION {
	DOMAIN_CONFIGURATION_ARCH Type;
	union {
		DOMAIN_CONFIGURATION_ARM64 Arm64;
		DOMAIN_CONFIGURATION_X64 X64;
	};
} DOMAIN_CONFIGURATION, *PDOMAIN_CONFIGURATION;

typedef union _FAULT_INFORMATION_ARM64_FLAGS {
	struct {
		ULONG WriteNotRead : 1;
		ULONG InstructionNotData : 1;
		ULONG Privileged : 1;
		ULONG FaultAddressValid : 1;
		ULONG Reserved : 28;
	};
	ULONG AsULONG;
} FAULT_INFORMATION_ARM64_FLAGS, *PFAULT_INFORMATION_ARM64_FLAGS;

typedef struct _FAULT_INFORMATION_ARM64 {
	PVOID DomainHandle;
	PVOID FaultAddress;
	PDEVICE_OBJECT PhysicalDeviceObject;
	ULONG InputMappingId;
	FAULT_INFORMATION_ARM64_FLAGS Flags;
	FAULT_INFORMATION_ARM64_TYPE Type;
	ULONG64 IommuBaseAddress;
} FAULT_INFORMATION_ARM64, *PFAULT_INFORMATION_ARM64;

/* wdmdma fills Arm64 whatever the Type, which is FaultInformationInvalid elsewhere */
typedef struct _FAULT_INFORMATION {
	FAULT_INFORMATION_ARCH Type;
	BOOLEAN IsStage1;
	union {
		FAULT_INFORMATION_ARM64 Arm64;
	};
} FAULT_INFORMATION, *PFAULT_INFORMATION;

typedef struct _INPUT_MAPPING_ELEMENT {
	ULONG InputMappingId;
} INPUT_MAPPING_ELEMENT, *PINPUT_MAPPING_ELEMENT;

#ifdef __cplusplus
extern "C" {
#endif

/* Both are called at PASSIVE_LEVEL with no lock of wdmdma's held. */
typedef VOID IOMMU_DEVICE_FAULT_HANDLER(PVOID Context, PFAULT_INFORMATION FaultInformation);
typedef __typeof__(IOMMU_DEVICE_FAULT_HANDLER) *PIOMMU_DEVICE_FAULT_HANDLER;

typedef VOID IOMMU_INTERFACE_STATE_CHANGE_CALLBACK(PIOMMU_INTERFACE_STATE_CHANGE StateChange,
						   PVOID Context);
typedef __typeof__(IOMMU_INTERFACE_STATE_CHANGE_CALLBACK) *PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK;

typedef struct _DEVICE_FAULT_CONFIGURATION {
	PIOMMU_DEVICE_FAULT_HANDLER FaultHandler;
	PVOID FaultContext;
} DEVICE_FAULT_CONFIGURATION, *PDEVICE_FAULT_CONFIGURATION;

/* PASSIVE_LEVEL all, but the two that map reserved ranges: <= DISPATCH_LEVEL. */
typedef NTSTATUS IOMMU_DOMAIN_CREATE(BOOLEAN OsManagedPageTable,
				     struct _IOMMU_DMA_DOMAIN **DomainOut);
typedef __typeof__(IOMMU_DOMAIN_CREATE) *PIOMMU_DOMAIN_CREATE;
typedef NTSTATUS IOMMU_DOMAIN_CREATE_EX(IOMMU_DMA_DOMAIN_TYPE DomainType,
					IOMMU_DMA_DOMAIN_CREATION_FLAGS Flags,
					PIOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG LogicalAllocatorConfig,
					PIOMMU_DMA_RESERVED_REGION ReservedRegions,
					struct _IOMMU_DMA_DOMAIN **DomainOut);
typedef __typeof__(IOMMU_DOMAIN_CREATE_EX) *PIOMMU_DOMAIN_CREATE_EX;
typedef NTSTATUS IOMMU_DOMAIN_DELETE(PIOMMU_DMA_DOMAIN Domain);
typedef __typeof__(IOMMU_DOMAIN_DELETE) *PIOMMU_DOMAIN_DELETE;
typedef NTSTATUS IOMMU_DOMAIN_ATTACH_DEVICE(PIOMMU_DMA_DOMAIN Domain,
					    PDEVICE_OBJECT PhysicalDeviceObject,
					    ULONG InputMappingIdBase, ULONG MappingCount);
typedef __typeof__(IOMMU_DOMAIN_ATTACH_DEVICE) *PIOMMU_DOMAIN_ATTACH_DEVICE;
typedef NTSTATUS IOMMU_DOMAIN_ATTACH_DEVICE_EX(PIOMMU_DMA_DOMAIN Domain,
					       PIOMMU_DMA_DEVICE DmaDevice);
typedef __typeof__(IOMMU_DOMAIN_ATTACH_DEVICE_EX) *PIOMMU_DOMAIN_ATTACH_DEVICE_EX;
typedef NTSTATUS IOMMU_DOMAIN_DETACH_DEVICE(PIOMMU_DMA_DOMAIN Domain,
					    PDEVICE_OBJECT PhysicalDeviceObject,
					    ULONG InputMappingId);
typedef __typeof__(IOMMU_DOMAIN_DETACH_DEVICE) *PIOMMU_DOMAIN_DETACH_DEVICE;
typedef NTSTATUS IOMMU_DOMAIN_DETACH_DEVICE_EX(PIOMMU_DMA_DEVICE DmaDevice);
typedef __typeof__(IOMMU_DOMAIN_DETACH_DEVICE_EX) *PIOMMU_DOMAIN_DETACH_DEVICE_EX;
typedef NTSTATUS IOMMU_FLUSH_DOMAIN(PIOMMU_DMA_DOMAIN Domain);
typedef __typeof__(IOMMU_FLUSH_DOMAIN) *PIOMMU_FLUSH_DOMAIN;
typedef NTSTATUS IOMMU_FLUSH_DOMAIN_VA_LIST(PIOMMU_DMA_DOMAIN Domain, BOOLEAN LastLevel,
					    ULONG Number, PVOID VaList);
typedef __typeof__(IOMMU_FLUSH_DOMAIN_VA_LIST) *PIOMMU_FLUSH_DOMAIN_VA_LIST;
typedef NTSTATUS IOMMU_QUERY_INPUT_MAPPINGS(PDEVICE_OBJECT PhysicalDeviceObject,
					    PINPUT_MAPPING_ELEMENT Buffer, ULONG BufferLength,
					    PULONG ReturnLength /* opt */);
typedef __typeof__(IOMMU_QUERY_INPUT_MAPPINGS) *PIOMMU_QUERY_INPUT_MAPPINGS;
typedef NTSTATUS IOMMU_MAP_LOGICAL_RANGE(PIOMMU_DMA_DOMAIN Domain, ULONG Permissions, PMDL Mdl,
					 ULONGLONG LogicalAddress);
typedef __typeof__(IOMMU_MAP_LOGICAL_RANGE) *PIOMMU_MAP_LOGICAL_RANGE;
typedef NTSTATUS IOMMU_MAP_LOGICAL_RANGE_EX(PIOMMU_DMA_DOMAIN Domain, ULONG Permissions,
					    PIOMMU_MAP_PHYSICAL_ADDRESS PhysicalAddressToMap,
					    PIOMMU_DMA_LOGICAL_ADDRESS ExplicitLogicalAddress,
					    PIOMMU_DMA_LOGICAL_ADDRESS MinLogicalAddress,
					    PIOMMU_DMA_LOGICAL_ADDRESS MaxLogicalAddress,
					    PIOMMU_DMA_LOGICAL_ADDRESS LogicalAddressOut);
typedef __typeof__(IOMMU_MAP_LOGICAL_RANGE_EX) *PIOMMU_MAP_LOGICAL_RANGE_EX;
typedef NTSTATUS IOMMU_UNMAP_LOGICAL_RANGE(PIOMMU_DMA_DOMAIN Domain, ULONGLONG LogicalAddress,
					   ULONGLONG NumberOfPages);
typedef __typeof__(IOMMU_UNMAP_LOGICAL_RANGE) *PIOMMU_UNMAP_LOGICAL_RANGE;
typedef NTSTATUS IOMMU_MAP_IDENTITY_RANGE(PIOMMU_DMA_DOMAIN Domain, ULONG Permissions, PMDL Mdl);
typedef __typeof__(IOMMU_MAP_IDENTITY_RANGE) *PIOMMU_MAP_IDENTITY_RANGE;
typedef NTSTATUS IOMMU_MAP_IDENTITY_RANGE_EX(PIOMMU_DMA_DOMAIN Domain, ULONG Permissions,
					     PIOMMU_MAP_PHYSICAL_ADDRESS PhysicalAddressToMap);
typedef __typeof__(IOMMU_MAP_IDENTITY_RANGE_EX) *PIOMMU_MAP_IDENTITY_RANGE_EX;
typedef NTSTATUS IOMMU_UNMAP_IDENTITY_RANGE(PIOMMU_DMA_DOMAIN Domain, PMDL Mdl);
typedef __typeof__(IOMMU_UNMAP_IDENTITY_RANGE) *PIOMMU_UNMAP_IDENTITY_RANGE;
typedef NTSTATUS IOMMU_UNMAP_IDENTITY_RANGE_EX(PIOMMU_DMA_DOMAIN Domain,
					       PIOMMU_MAP_PHYSICAL_ADDRESS MappedPhysicalAddress);
typedef __typeof__(IOMMU_UNMAP_IDENTITY_RANGE_EX) *PIOMMU_UNMAP_IDENTITY_RANGE_EX;
typedef NTSTATUS IOMMU_SET_DEVICE_FAULT_REPORTING(PDEVICE_OBJECT PhysicalDeviceObject,
						  ULONG InputMappingIdBase, BOOLEAN Enable,
						  PDEVICE_FAULT_CONFIGURATION FaultConfig);
typedef __typeof__(IOMMU_SET_DEVICE_FAULT_REPORTING) *PIOMMU_SET_DEVICE_FAULT_REPORTING;
typedef NTSTATUS IOMMU_SET_DEVICE_FAULT_REPORTING_EX(PIOMMU_DMA_DEVICE DmaDevice,
						     ULONG InputMappingIdBase, BOOLEAN Enable,
						     PDEVICE_FAULT_CONFIGURATION FaultConfig);
typedef __typeof__(IOMMU_SET_DEVICE_FAULT_REPORTING_EX) *PIOMMU_SET_DEVICE_FAULT_REPORTING_EX;
typedef NTSTATUS IOMMU_DOMAIN_CONFIGURE(PIOMMU_DMA_DOMAIN Domain,
					PDOMAIN_CONFIGURATION Configuration);
typedef __typeof__(IOMMU_DOMAIN_CONFIGURE) *PIOMMU_DOMAIN_CONFIGURE;
typedef VOID IOMMU_DEVICE_QUERY_DOMAIN_TYPES(PIOMMU_DMA_DEVICE DmaDevice, PULONG AvailableDomains);
typedef __typeof__(IOMMU_DEVICE_QUERY_DOMAIN_TYPES) *PIOMMU_DEVICE_QUERY_DOMAIN_TYPES;
typedef NTSTATUS IOMMU_REGISTER_INTERFACE_STATE_CHANGE_CALLBACK
	(PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK StateChangeCallback, PVOID Context /* opt */,
	PIOMMU_DMA_DEVICE DmaDevice, PIOMMU_INTERFACE_STATE_CHANGE_FIELDS StateFields);
typedef __typeof__(IOMMU_REGISTER_INTERFACE_STATE_CHANGE_CALLBACK)
	*PIOMMU_REGISTER_INTERFACE_STATE_CHANGE_CALLBACK;
typedef NTSTATUS IOMMU_UNREGISTER_INTERFACE_STATE_CHANGE_CALLBACK
	(PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK StateChangeCallback, PIOMMU_DMA_DEVICE DmaDevice);
typedef __typeof__(IOMMU_UNREGISTER_INTERFACE_STATE_CHANGE_CALLBACK)
	*PIOMMU_UNREGISTER_INTERFACE_STATE_CHANGE_CALLBACK;
typedef NTSTATUS IOMMU_RESERVE_LOGICAL_ADDRESS_RANGE
	(PIOMMU_DMA_DOMAIN Domain, SIZE_T Size, PIOMMU_DMA_LOGICAL_ADDRESS ExplicitLogicalAddress,
	PIOMMU_DMA_LOGICAL_ADDRESS MinLogicalAddress, PIOMMU_DMA_LOGICAL_ADDRESS MaxLogicalAddress,
	struct _IOMMU_DMA_LOGICAL_ADDRESS_TOKEN **LogicalAddressToken);
typedef __typeof__(IOMMU_RESERVE_LOGICAL_ADDRESS_RANGE) *PIOMMU_RESERVE_LOGICAL_ADDRESS_RANGE;
typedef NTSTATUS IOMMU_FREE_RESERVED_LOGICAL_ADDRESS_RANGE
	(PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN LogicalAddressToken);
typedef __typeof__(IOMMU_FREE_RESERVED_LOGICAL_ADDRESS_RANGE)
	*PIOMMU_FREE_RESERVED_LOGICAL_ADDRESS_RANGE;
typedef NTSTATUS IOMMU_MAP_RESERVED_LOGICAL_RANGE
	(PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN LogicalAddressToken, SIZE_T Offset, ULONG Permissions,
	PIOMMU_MAP_PHYSICAL_ADDRESS PhysicalAddressToMap,
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT MappedSegment /* out */);
typedef __typeof__(IOMMU_MAP_RESERVED_LOGICAL_RANGE) *PIOMMU_MAP_RESERVED_LOGICAL_RANGE;
typedef NTSTATUS IOMMU_UNMAP_RESERVED_LOGICAL_RANGE
	(PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT MappedSegment);
typedef __typeof__(IOMMU_UNMAP_RESERVED_LOGICAL_RANGE) *PIOMMU_UNMAP_RESERVED_LOGICAL_RANGE;
typedef NTSTATUS IOMMU_DEVICE_CREATE(PDEVICE_OBJECT DeviceObject,
				     PIOMMU_DEVICE_CREATION_CONFIGURATION DeviceConfig /* opt */,
				     struct _IOMMU_DMA_DEVICE **DmaDeviceOut);
typedef __typeof__(IOMMU_DEVICE_CREATE) *PIOMMU_DEVICE_CREATE;
typedef NTSTATUS IOMMU_DEVICE_DELETE(PIOMMU_DMA_DEVICE DmaDevice);
typedef __typeof__(IOMMU_DEVICE_DELETE) *PIOMMU_DEVICE_DELETE;

/** struct _DMA_IOMMU_INTERFACE - what IoGetIommuInterface fills */
typedef struct _DMA_IOMMU_INTERFACE {
	ULONG Version;
	PIOMMU_DOMAIN_CREATE CreateDomain;
	PIOMMU_DOMAIN_DELETE DeleteDomain;
	PIOMMU_DOMAIN_ATTACH_DEVICE AttachDevice;
	PIOMMU_DOMAIN_DETACH_DEVICE DetachDevice;
	PIOMMU_FLUSH_DOMAIN FlushDomain;
	PIOMMU_FLUSH_DOMAIN_VA_LIST FlushDomainByVaList;
	PIOMMU_QUERY_INPUT_MAPPINGS QueryInputMappings;
	PIOMMU_MAP_LOGICAL_RANGE MapLogicalRange;
	PIOMMU_UNMAP_LOGICAL_RANGE UnmapLogicalRange;
	PIOMMU_MAP_IDENTITY_RANGE MapIdentityRange;
	PIOMMU_UNMAP_IDENTITY_RANGE UnmapIdentityRange;
	PIOMMU_SET_DEVICE_FAULT_REPORTING SetDeviceFaultReporting;
	PIOMMU_DOMAIN_CONFIGURE ConfigureDomain;
} DMA_IOMMU_INTERFACE, *PDMA_IOMMU_INTERFACE;

typedef struct _DMA_IOMMU_INTERFACE_V1 {
	PIOMMU_DOMAIN_CREATE CreateDomain;
	PIOMMU_DOMAIN_DELETE DeleteDomain;
	PIOMMU_DOMAIN_ATTACH_DEVICE AttachDevice;
	PIOMMU_DOMAIN_DETACH_DEVICE DetachDevice;
	PIOMMU_FLUSH_DOMAIN FlushDomain;
	PIOMMU_FLUSH_DOMAIN_VA_LIST FlushDomainByVaList;
	PIOMMU_QUERY_INPUT_MAPPINGS QueryInputMappings;
	PIOMMU_MAP_LOGICAL_RANGE MapLogicalRange;
	PIOMMU_UNMAP_LOGICAL_RANGE UnmapLogicalRange;
	PIOMMU_MAP_IDENTITY_RANGE MapIdentityRange;
	PIOMMU_UNMAP_IDENTITY_RANGE UnmapIdentityRange;
	PIOMMU_SET_DEVICE_FAULT_REPORTING SetDeviceFaultReporting;
	PIOMMU_DOMAIN_CONFIGURE ConfigureDomain;
} DMA_IOMMU_INTERFACE_V1, *PDMA_IOMMU_INTERFACE_V1;

typedef struct _DMA_IOMMU_INTERFACE_V2 {
	PIOMMU_DOMAIN_CREATE_EX CreateDomainEx;
	PIOMMU_DOMAIN_DELETE DeleteDomain;
	PIOMMU_DOMAIN_ATTACH_DEVICE_EX AttachDeviceEx;
	PIOMMU_DOMAIN_DETACH_DEVICE_EX DetachDeviceEx;
	PIOMMU_FLUSH_DOMAIN FlushDomain;
	PIOMMU_FLUSH_DOMAIN_VA_LIST FlushDomainByVaList;
	PIOMMU_QUERY_INPUT_MAPPINGS QueryInputMappings;
	PIOMMU_MAP_LOGICAL_RANGE_EX MapLogicalRangeEx;
	PIOMMU_UNMAP_LOGICAL_RANGE UnmapLogicalRange;
	PIOMMU_MAP_IDENTITY_RANGE_EX MapIdentityRangeEx;
	PIOMMU_UNMAP_IDENTITY_RANGE_EX UnmapIdentityRangeEx;
	PIOMMU_SET_DEVICE_FAULT_REPORTING_EX SetDeviceFaultReportingEx;
	PIOMMU_DOMAIN_CONFIGURE ConfigureDomain;
	PIOMMU_DEVICE_QUERY_DOMAIN_TYPES QueryAvailableDomainTypes;
	PIOMMU_REGISTER_INTERFACE_STATE_CHANGE_CALLBACK RegisterInterfaceStateChangeCallback;
	PIOMMU_UNREGISTER_INTERFACE_STATE_CHANGE_CALLBACK UnregisterInterfaceStateChangeCallback;
	PIOMMU_RESERVE_LOGICAL_ADDRESS_RANGE ReserveLogicalAddressRange;
	PIOMMU_FREE_RESERVED_LOGICAL_ADDRESS_RANGE FreeReservedLogicalAddressRange;
	PIOMMU_MAP_RESERVED_LOGICAL_RANGE MapReservedLogicalRange;
	PIOMMU_UNMAP_RESERVED_LOGICAL_RANGE UnmapReservedLogicalRange;
	PIOMMU_DEVICE_CREATE CreateDevice;
	PIOMMU_DEVICE_DELETE DeleteDevice;
} DMA_IOMMU_INTERFACE_V2, *PDMA_IOMMU_INTERFACE_V2;

/** struct _DMA_IOMMU_INTERFACE_EX - what IoGetIommuInterfaceEx fills */
typedef struct _DMA_IOMMU_INTERFACE_EX {
	SIZE_T Size;			/* bytes, to the end of the version's set */
	ULONG Version;
	union {
		DMA_IOMMU_INTERFACE_V1 V1;
		DMA_IOMMU_INTERFACE_V2 V2;
		PVOID Reserved[27];	/* as long as with version 3 */
	};
} DMA_IOMMU_INTERFACE_EX, *PDMA_IOMMU_INTERFACE_EX;

/**
 * wdmdma_io_get_iommu_interface() - the IOMMU interface of version 1
 * @version: DMA_IOMMU_INTERFACE_VERSION_1
 * @interface: filled; untouched on failure
 *
 * Also on a machine without an IOMMU: attaching a device fails there.
 *
 * Context: PASSIVE_LEVEL.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER_1: another version; STATUS_INVALID_PARAMETER_2:
 *	   no @interface. DDI: IoGetIommuInterface
 */
NTSTATUS wdmdma_io_get_iommu_interface(ULONG version, PDMA_IOMMU_INTERFACE interface);

/**
 * wdmdma_io_get_iommu_interface_ex() - the IOMMU interface
 * @version: DMA_IOMMU_INTERFACE_EX_VERSION_1 or _2
 * @flags: 0
 * @interface: filled; untouched on failure
 *
 * Context: PASSIVE_LEVEL.
 * Return: STATUS_SUCCESS; STATUS_NOT_SUPPORTED: version 3; STATUS_INVALID_PARAMETER_1: no such
 *	   version; STATUS_INVALID_PARAMETER_2: flags; STATUS_INVALID_PARAMETER_3: no @interface.
 *	   DDI: IoGetIommuInterfaceEx
 */
NTSTATUS wdmdma_io_get_iommu_interface_ex(ULONG version, ULONGLONG flags,
					  PDMA_IOMMU_INTERFACE_EX interface);

#ifdef __cplusplus
}
#endif

#define IoGetIommuInterface wdmdma_io_get_iommu_interface
#define IoGetIommuInterfaceEx wdmdma_io_get_iommu_interface_ex

#endif /* WDMDMA_IOMMU_H */
