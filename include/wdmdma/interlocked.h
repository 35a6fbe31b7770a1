/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Interlocked arithmetic: one step each, and full barriers, as on Windows. The __sync
 * builtins promise just that, where the __atomic ones do not; for arm64 there is something else.
 * The forms with a weaker order in their name are the same functions.
 */
#ifndef WDMDMA_INTERLOCKED_H
#define WDMDMA_INTERLOCKED_H

#include <wdmdma/interlocked_arm64.h>
#include <wdmdma/types.h>

#ifndef __aarch64__
#define wdmdma_fetch_add16 __sync_fetch_and_add
#define wdmdma_fetch_add32 __sync_fetch_and_add
#define wdmdma_fetch_add64 __sync_fetch_and_add
#define wdmdma_fetch_or16 __sync_fetch_and_or
#define wdmdma_fetch_or32 __sync_fetch_and_or
#define wdmdma_fetch_or64 __sync_fetch_and_or
#define wdmdma_fetch_and16 __sync_fetch_and_and
#define wdmdma_fetch_and32 __sync_fetch_and_and
#define wdmdma_fetch_and64 __sync_fetch_and_and
#define wdmdma_fetch_xor16 __sync_fetch_and_xor
#define wdmdma_fetch_xor32 __sync_fetch_and_xor
#define wdmdma_fetch_xor64 __sync_fetch_and_xor
#define wdmdma_compare_swap16 __sync_val_compare_and_swap
#define wdmdma_compare_swap32 __sync_val_compare_and_swap
#define wdmdma_compare_swap64 __sync_val_compare_and_swap

/* __sync_lock_test_and_set alone would be an acquire barrier only */
#define WDMDMA_DEFINE_SWAP(bits, type)						\
static inline type wdmdma_swap##bits(type volatile *target, type value)	\
{										\
	__sync_synchronize();							\
	value = __sync_lock_test_and_set(target, value);			\
	__sync_synchronize();							\
	return value;								\
}

WDMDMA_DEFINE_SWAP(16, SHORT)
WDMDMA_DEFINE_SWAP(32, LONG)
WDMDMA_DEFINE_SWAP(64, LONG64)
#endif

/* LONG: the new value */
static inline LONG InterlockedIncrement(LONG volatile *target)
{
	return (LONG)((ULONG)wdmdma_fetch_add32(target, 1) + 1);
}

static inline LONG InterlockedDecrement(LONG volatile *target)
{
	return (LONG)((ULONG)wdmdma_fetch_add32(target, -1) - 1);
}

static inline LONG InterlockedAdd(LONG volatile *target, LONG value)
{
	return (LONG)((ULONG)wdmdma_fetch_add32(target, value) + (ULONG)value);
}

/* From here on: the value before */
static inline LONG InterlockedExchangeAdd(LONG volatile *target, LONG value)
{
	return wdmdma_fetch_add32(target, value);
}

static inline LONG InterlockedOr(LONG volatile *target, LONG value)
{
	return wdmdma_fetch_or32(target, value);
}

static inline LONG InterlockedAnd(LONG volatile *target, LONG value)
{
	return wdmdma_fetch_and32(target, value);
}

static inline LONG InterlockedXor(LONG volatile *target, LONG value)
{
	return wdmdma_fetch_xor32(target, value);
}

static inline LONG InterlockedCompareExchange(LONG volatile *target, LONG value,
					      LONG comparand)
{
	return wdmdma_compare_swap32(target, comparand, value);
}

static inline LONG InterlockedExchange(LONG volatile *target, LONG value)
{
	return wdmdma_swap32(target, value);
}

/* LONG64: the new value */
static inline LONG64 InterlockedIncrement64(LONG64 volatile *target)
{
	return (LONG64)((ULONG64)wdmdma_fetch_add64(target, 1) + 1);
}

static inline LONG64 InterlockedDecrement64(LONG64 volatile *target)
{
	return (LONG64)((ULONG64)wdmdma_fetch_add64(target, -1) - 1);
}

static inline LONG64 InterlockedAdd64(LONG64 volatile *target, LONG64 value)
{
	return (LONG64)((ULONG64)wdmdma_fetch_add64(target, value) + (ULONG64)value);
}

/* From here on: the value before */
static inline LONG64 InterlockedExchangeAdd64(LONG64 volatile *target, LONG64 value)
{
	return wdmdma_fetch_add64(target, value);
}

static inline LONG64 InterlockedOr64(LONG64 volatile *target, LONG64 value)
{
	return wdmdma_fetch_or64(target, value);
}

static inline LONG64 InterlockedAnd64(LONG64 volatile *target, LONG64 value)
{
	return wdmdma_fetch_and64(target, value);
}

static inline LONG64 InterlockedXor64(LONG64 volatile *target, LONG64 value)
{
	return wdmdma_fetch_xor64(target, value);
}

static inline LONG64 InterlockedCompareExchange64(LONG64 volatile *target, LONG64 value,
						  LONG64 comparand)
{
	return wdmdma_compare_swap64(target, comparand, value);
}

static inline LONG64 InterlockedExchange64(LONG64 volatile *target, LONG64 value)
{
	return wdmdma_swap64(target, value);
}

/* SHORT: the new value */
static inline SHORT InterlockedIncrement16(SHORT volatile *target)
{
	return (SHORT)((USHORT)wdmdma_fetch_add16(target, 1) + 1);
}

static inline SHORT InterlockedDecrement16(SHORT volatile *target)
{
	return (SHORT)((USHORT)wdmdma_fetch_add16(target, -1) - 1);
}

/* From here on: the value before */
static inline SHORT InterlockedExchangeAdd16(SHORT volatile *target, SHORT value)
{
	return wdmdma_fetch_add16(target, value);
}

static inline SHORT InterlockedOr16(SHORT volatile *target, SHORT value)
{
	return wdmdma_fetch_or16(target, value);
}

static inline SHORT InterlockedAnd16(SHORT volatile *target, SHORT value)
{
	return wdmdma_fetch_and16(target, value);
}

static inline SHORT InterlockedXor16(SHORT volatile *target, SHORT value)
{
	return wdmdma_fetch_xor16(target, value);
}

static inline SHORT InterlockedCompareExchange16(SHORT volatile *target, SHORT value,
						 SHORT comparand)
{
	return wdmdma_compare_swap16(target, comparand, value);
}

static inline SHORT InterlockedExchange16(SHORT volatile *target, SHORT value)
{
	return wdmdma_swap16(target, value);
}

/* Pointers: the value before */
static inline PVOID InterlockedExchangePointer(PVOID volatile *target, PVOID value)
{
	return (PVOID)wdmdma_swap64((LONG64 volatile *)target, (LONG64)value);
}

static inline PVOID InterlockedCompareExchangePointer(PVOID volatile *target, PVOID value,
						      PVOID comparand)
{
	return (PVOID)wdmdma_compare_swap64((LONG64 volatile *)target, (LONG64)comparand,
					    (LONG64)value);
}

/* One bit, numbered from the lowest; bits past the word's end are in the words behind */
static inline BOOLEAN InterlockedBitTestAndSet(LONG volatile *base, LONG bit)
{
	LONG mask = (LONG)(1U << (bit & 31));

	return (wdmdma_fetch_or32(base + (bit >> 5), mask) & mask) != 0;
}

static inline BOOLEAN InterlockedBitTestAndReset(LONG volatile *base, LONG bit)
{
	LONG mask = (LONG)(1U << (bit & 31));

	return (wdmdma_fetch_and32(base + (bit >> 5), ~mask) & mask) != 0;
}

static inline BOOLEAN InterlockedBitTestAndComplement(LONG volatile *base, LONG bit)
{
	LONG mask = (LONG)(1U << (bit & 31));

	return (wdmdma_fetch_xor32(base + (bit >> 5), mask) & mask) != 0;
}

static inline BOOLEAN InterlockedBitTestAndSet64(LONG64 volatile *base, LONG64 bit)
{
	LONG64 mask = (LONG64)(1ULL << (bit & 63));

	return (wdmdma_fetch_or64(base + (bit >> 6), mask) & mask) != 0;
}

static inline BOOLEAN InterlockedBitTestAndReset64(LONG64 volatile *base, LONG64 bit)
{
	LONG64 mask = (LONG64)(1ULL << (bit & 63));

	return (wdmdma_fetch_and64(base + (bit >> 6), ~mask) & mask) != 0;
}

/* ULONG targets: LONG's names with other types, as C has no overloads */
#define InterlockedIncrementUlong(target) \
	((ULONG)InterlockedIncrement((LONG volatile *)(target)))
#define InterlockedDecrementUlong(target) \
	((ULONG)InterlockedDecrement((LONG volatile *)(target)))

#define InterlockedIncrementAcquire InterlockedIncrement
#define InterlockedIncrementRelease InterlockedIncrement
#define InterlockedIncrementNoFence InterlockedIncrement
#define InterlockedDecrementAcquire InterlockedDecrement
#define InterlockedDecrementRelease InterlockedDecrement
#define InterlockedDecrementNoFence InterlockedDecrement
#define InterlockedExchangeAcquire InterlockedExchange
#define InterlockedCompareExchangeAcquire InterlockedCompareExchange
#define InterlockedCompareExchangeRelease InterlockedCompareExchange
#define InterlockedAndAcquire InterlockedAnd
#define InterlockedAndRelease InterlockedAnd
#define InterlockedOrAcquire InterlockedOr
#define InterlockedOrRelease InterlockedOr

/* Locks of these have not been used for long */
#define ExInterlockedAddUlong(target, value, lock) \
	((void)(lock), (ULONG)InterlockedExchangeAdd((LONG volatile *)(target), (LONG)(value)))
#define ExInterlockedAddLargeStatistic(target, value) \
	((void)InterlockedExchangeAdd64(&(target)->QuadPart, (LONG64)(value)))

#endif /* WDMDMA_INTERLOCKED_H */
