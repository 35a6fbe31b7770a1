/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Interlocked arithmetic: one step each, and full barriers, as on Windows. The __sync
 * builtins promise just that on every processor, where the __atomic ones do not (arm64).
 * The forms with a weaker order in their name are the same functions.
 */
#ifndef WDMDMA_INTERLOCKED_H
#define WDMDMA_INTERLOCKED_H

#include <wdmdma/types.h>

/* LONG: the new value */
static inline LONG InterlockedIncrement(LONG volatile *target)
{
	return __sync_add_and_fetch(target, 1);
}

static inline LONG InterlockedDecrement(LONG volatile *target)
{
	return __sync_sub_and_fetch(target, 1);
}

static inline LONG InterlockedAdd(LONG volatile *target, LONG value)
{
	return __sync_add_and_fetch(target, value);
}

/* From here on: the value before */
static inline LONG InterlockedExchangeAdd(LONG volatile *target, LONG value)
{
	return __sync_fetch_and_add(target, value);
}

static inline LONG InterlockedOr(LONG volatile *target, LONG value)
{
	return __sync_fetch_and_or(target, value);
}

static inline LONG InterlockedAnd(LONG volatile *target, LONG value)
{
	return __sync_fetch_and_and(target, value);
}

static inline LONG InterlockedXor(LONG volatile *target, LONG value)
{
	return __sync_fetch_and_xor(target, value);
}

static inline LONG InterlockedCompareExchange(LONG volatile *target, LONG value,
					      LONG comparand)
{
	return __sync_val_compare_and_swap(target, comparand, value);
}

/* __sync_lock_test_and_set alone would be an acquire barrier only */
static inline LONG InterlockedExchange(LONG volatile *target, LONG value)
{
	__sync_synchronize();
	value = __sync_lock_test_and_set(target, value);
	__sync_synchronize();
	return value;
}

/* LONG64: the new value */
static inline LONG64 InterlockedIncrement64(LONG64 volatile *target)
{
	return __sync_add_and_fetch(target, 1);
}

static inline LONG64 InterlockedDecrement64(LONG64 volatile *target)
{
	return __sync_sub_and_fetch(target, 1);
}

static inline LONG64 InterlockedAdd64(LONG64 volatile *target, LONG64 value)
{
	return __sync_add_and_fetch(target, value);
}

/* From here on: the value before */
static inline LONG64 InterlockedExchangeAdd64(LONG64 volatile *target, LONG64 value)
{
	return __sync_fetch_and_add(target, value);
}

static inline LONG64 InterlockedOr64(LONG64 volatile *target, LONG64 value)
{
	return __sync_fetch_and_or(target, value);
}

static inline LONG64 InterlockedAnd64(LONG64 volatile *target, LONG64 value)
{
	return __sync_fetch_and_and(target, value);
}

static inline LONG64 InterlockedXor64(LONG64 volatile *target, LONG64 value)
{
	return __sync_fetch_and_xor(target, value);
}

static inline LONG64 InterlockedCompareExchange64(LONG64 volatile *target, LONG64 value,
						  LONG64 comparand)
{
	return __sync_val_compare_and_swap(target, comparand, value);
}

static inline LONG64 InterlockedExchange64(LONG64 volatile *target, LONG64 value)
{
	__sync_synchronize();
	value = __sync_lock_test_and_set(target, value);
	__sync_synchronize();
	return value;
}

/* SHORT: the new value */
static inline SHORT InterlockedIncrement16(SHORT volatile *target)
{
	return __sync_add_and_fetch(target, 1);
}

static inline SHORT InterlockedDecrement16(SHORT volatile *target)
{
	return __sync_sub_and_fetch(target, 1);
}

/* From here on: the value before */
static inline SHORT InterlockedExchangeAdd16(SHORT volatile *target, SHORT value)
{
	return __sync_fetch_and_add(target, value);
}

static inline SHORT InterlockedOr16(SHORT volatile *target, SHORT value)
{
	return __sync_fetch_and_or(target, value);
}

static inline SHORT InterlockedAnd16(SHORT volatile *target, SHORT value)
{
	return __sync_fetch_and_and(target, value);
}

static inline SHORT InterlockedXor16(SHORT volatile *target, SHORT value)
{
	return __sync_fetch_and_xor(target, value);
}

static inline SHORT InterlockedCompareExchange16(SHORT volatile *target, SHORT value,
						 SHORT comparand)
{
	return __sync_val_compare_and_swap(target, comparand, value);
}

static inline SHORT InterlockedExchange16(SHORT volatile *target, SHORT value)
{
	__sync_synchronize();
	value = __sync_lock_test_and_set(target, value);
	__sync_synchronize();
	return value;
}

/* Pointers: the value before */
static inline PVOID InterlockedExchangePointer(PVOID volatile *target, PVOID value)
{
	__sync_synchronize();
	value = __sync_lock_test_and_set(target, value);
	__sync_synchronize();
	return value;
}

static inline PVOID InterlockedCompareExchangePointer(PVOID volatile *target, PVOID value,
						      PVOID comparand)
{
	return __sync_val_compare_and_swap(target, comparand, value);
}

/* One bit, numbered from the lowest; bits past the word's end are in the words behind */
static inline BOOLEAN InterlockedBitTestAndSet(LONG volatile *base, LONG bit)
{
	LONG mask = (LONG)(1U << (bit & 31));

	return (__sync_fetch_and_or(base + (bit >> 5), mask) & mask) != 0;
}

static inline BOOLEAN InterlockedBitTestAndReset(LONG volatile *base, LONG bit)
{
	LONG mask = (LONG)(1U << (bit & 31));

	return (__sync_fetch_and_and(base + (bit >> 5), ~mask) & mask) != 0;
}

static inline BOOLEAN InterlockedBitTestAndComplement(LONG volatile *base, LONG bit)
{
	LONG mask = (LONG)(1U << (bit & 31));

	return (__sync_fetch_and_xor(base + (bit >> 5), mask) & mask) != 0;
}

static inline BOOLEAN InterlockedBitTestAndSet64(LONG64 volatile *base, LONG64 bit)
{
	LONG64 mask = (LONG64)(1ULL << (bit & 63));

	return (__sync_fetch_and_or(base + (bit >> 6), mask) & mask) != 0;
}

static inline BOOLEAN InterlockedBitTestAndReset64(LONG64 volatile *base, LONG64 bit)
{
	LONG64 mask = (LONG64)(1ULL << (bit & 63));

	return (__sync_fetch_and_and(base + (bit >> 6), ~mask) & mask) != 0;
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
