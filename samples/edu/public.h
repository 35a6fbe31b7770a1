/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a caller chooses for a request, in the words of the driver. Plain C: a program includes
 * this too.
 */
#ifndef EDU_PUBLIC_H
#define EDU_PUBLIC_H

#define EDU_STORE_LENGTH 65536
#define EDU_MAP_LENGTH 1048576		/* EduMapOnly; all other requests fit into the store */
#define EDU_MAXIMUM_BUFFERS 8		/* of one request */

/* One device can have several adapters at the same time */
typedef enum _EDU_ADAPTER {
	EduWideAdapter,		/* scatter/gather, all that the device can reach */
	EduPacketAdapter,	/* the same with few map registers, and a version 1 table */
	EduPoolAdapter,		/* the same, for requests that wait for each other */
	EduLargeAdapter,	/* the same, for EDU_MAP_LENGTH bytes at once */
	EduWindowAdapter,	/* no scatter/gather: a transfer is one range of addresses */
	EduNarrowAdapter,	/* scatter/gather in the lowest 16 MiB, or 4 GiB: see LowMemory */
	EduExtendedAdapter,	/* 64 bits, a version 3 table, few map registers; requests wait */
	Edu32BitAdapter,	/* scatter/gather below 4 GiB */
	EduMaximumAdapter
} EDU_ADAPTER;

/* How a request's buffer gets its logical addresses */
typedef enum _EDU_METHOD {
	EduCommonBuffer,	/* it lies in the driver's common buffer and has one already */
	EduMapTransfer,		/* MapTransfer, FlushAdapterBuffers, and again for the rest */
	EduMapTransferLoop,	/* several MapTransfers before each FlushAdapterBuffers */
	EduKeepChannel,		/* as EduMapTransfer, the channel is kept to the end */
	EduGetList,		/* GetScatterGatherList */
	EduBuildList,		/* BuildScatterGatherList */
	EduMapOnly,		/* as EduGetList, and the device moves nothing */
	/* These are for EduExtendedAdapter only: */
	EduMapTransferEx,	/* AllocateAdapterChannelEx, then MapTransferEx in rounds */
	EduGetListEx,		/* GetScatterGatherListEx */
	EduGetListExNow,	/* the same, synchronous if that is possible */
	EduBuildListEx,		/* BuildScatterGatherListEx */
	EduBuildListExNow,	/* the same, synchronous if that is possible, without a routine */
	EduMaximumMethod
} EDU_METHOD;

/* How memory got to where the device can reach it, as the host tells: a bit mask */
#define EDU_CLASS_DIRECT 0x1
#define EDU_CLASS_TRANSLATED 0x2
#define EDU_CLASS_BOUNCED 0x4
#define EDU_CLASS_COMMON 0x8

#endif /* EDU_PUBLIC_H */
