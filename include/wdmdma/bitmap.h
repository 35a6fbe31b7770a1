/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Bits: of words, and of bitmaps, which drivers keep tags and slots in. Locking of a
 * bitmap is the caller's.
 */
#ifndef WDMDMA_BITMAP_H
#define WDMDMA_BITMAP_H

#include <wdmdma/types.h>

typedef struct _RTL_BITMAP {
	ULONG SizeOfBitMap;	/* bits */
	PULONG Buffer;		/* bit n is bit n % 32 of word n / 32 */
} RTL_BITMAP, *PRTL_BITMAP;

#define RTL_BITMAP_NONE 0xffffffffU	/* there is no such run of bits */

/* The number of the highest, or lowest, bit that is set; FALSE if none is */
static inline UCHAR BitScanReverse(ULONG *index, ULONG mask)
{
	if (mask)
		*index = 31 - (ULONG)__builtin_clz(mask);
	return mask != 0;
}

static inline UCHAR BitScanForward(ULONG *index, ULONG mask)
{
	if (mask)
		*index = (ULONG)__builtin_ctz(mask);
	return mask != 0;
}

static inline UCHAR BitScanReverse64(ULONG *index, ULONG64 mask)
{
	if (mask)
		*index = 63 - (ULONG)__builtin_clzll(mask);
	return mask != 0;
}

static inline UCHAR BitScanForward64(ULONG *index, ULONG64 mask)
{
	if (mask)
		*index = (ULONG)__builtin_ctzll(mask);
	return mask != 0;
}

#define _BitScanReverse BitScanReverse
#define _BitScanForward BitScanForward
#define _BitScanReverse64 BitScanReverse64
#define _BitScanForward64 BitScanForward64

/* gcc's popcount calls a function of its own library, which the kernel has not */
static inline ULONG RtlNumberOfSetBitsUlongPtr(ULONG_PTR value)
{
	ULONG bits = 0;

	for (; value; value &= value - 1)
		bits++;
	return bits;
}

#define RtlUshortByteSwap __builtin_bswap16
#define RtlUlongByteSwap __builtin_bswap32
#define RtlUlonglongByteSwap __builtin_bswap64

/**
 * RtlInitializeBitMap() - make memory a bitmap
 * @map: the bitmap
 * @buffer: its words, which are left as they are
 * @bits: its size
 *
 * Context: Any IRQL. DDI: RtlInitializeBitMap
 */
static inline VOID RtlInitializeBitMap(PRTL_BITMAP map, PULONG buffer, ULONG bits)
{
	map->SizeOfBitMap = bits;
	map->Buffer = buffer;
}

static inline VOID RtlSetBit(PRTL_BITMAP map, ULONG bit)
{
	map->Buffer[bit / 32] |= 1U << (bit % 32);
}

static inline VOID RtlClearBit(PRTL_BITMAP map, ULONG bit)
{
	map->Buffer[bit / 32] &= ~(1U << (bit % 32));
}

static inline BOOLEAN RtlTestBit(const RTL_BITMAP *map, ULONG bit)
{
	return map->Buffer[bit / 32] >> (bit % 32) & 1;
}

#define RtlCheckBit RtlTestBit

static inline VOID RtlSetBits(PRTL_BITMAP map, ULONG first, ULONG count)
{
	while (count--)
		RtlSetBit(map, first++);
}

static inline VOID RtlClearBits(PRTL_BITMAP map, ULONG first, ULONG count)
{
	while (count--)
		RtlClearBit(map, first++);
}

#define RtlSetAllBits(map) RtlSetBits((map), 0, (map)->SizeOfBitMap)
#define RtlClearAllBits(map) RtlClearBits((map), 0, (map)->SizeOfBitMap)

/* Bits from @first on, @count at most, that are all as @set says */
static inline ULONG wdmdma_bit_run(const RTL_BITMAP *map, ULONG first, ULONG count, BOOLEAN set)
{
	ULONG n = 0;

	while (n < count && first + n < map->SizeOfBitMap && RtlTestBit(map, first + n) == set)
		n++;
	return n;
}

/* The first run of @count such bits from @first on */
static inline ULONG wdmdma_find_bits_from(const RTL_BITMAP *map, ULONG count, ULONG first,
					  BOOLEAN set)
{
	ULONG run;

	for (; count <= map->SizeOfBitMap && first <= map->SizeOfBitMap - count;
	     first += run + 1) {
		run = wdmdma_bit_run(map, first, count, set);
		if (run == count)
			return first;
	}
	return RTL_BITMAP_NONE;
}

/* Windows starts at the hint and, finding nothing, once more at the beginning */
static inline ULONG wdmdma_find_bits(const RTL_BITMAP *map, ULONG count, ULONG hint, BOOLEAN set)
{
	ULONG found;

	if (hint >= map->SizeOfBitMap)
		hint = 0;
	found = wdmdma_find_bits_from(map, count, hint, set);
	return found == RTL_BITMAP_NONE && hint ? wdmdma_find_bits_from(map, count, 0, set) : found;
}

#define RtlFindClearBits(map, count, hint) wdmdma_find_bits((map), (count), (hint), FALSE)
#define RtlFindSetBits(map, count, hint) wdmdma_find_bits((map), (count), (hint), TRUE)

static inline ULONG RtlFindClearBitsAndSet(PRTL_BITMAP map, ULONG count, ULONG hint)
{
	ULONG found = RtlFindClearBits(map, count, hint);

	if (found != RTL_BITMAP_NONE)
		RtlSetBits(map, found, count);
	return found;
}

static inline ULONG RtlFindSetBitsAndClear(PRTL_BITMAP map, ULONG count, ULONG hint)
{
	ULONG found = RtlFindSetBits(map, count, hint);

	if (found != RTL_BITMAP_NONE)
		RtlClearBits(map, found, count);
	return found;
}

static inline BOOLEAN RtlAreBitsClear(const RTL_BITMAP *map, ULONG first, ULONG count)
{
	return count && wdmdma_bit_run(map, first, count, FALSE) == count;
}

static inline BOOLEAN RtlAreBitsSet(const RTL_BITMAP *map, ULONG first, ULONG count)
{
	return count && wdmdma_bit_run(map, first, count, TRUE) == count;
}

static inline ULONG RtlNumberOfSetBits(const RTL_BITMAP *map)
{
	ULONG bit, bits = 0;

	for (bit = 0; bit < map->SizeOfBitMap; bit++)
		bits += RtlTestBit(map, bit);
	return bits;
}

#define RtlNumberOfClearBits(map) ((map)->SizeOfBitMap - RtlNumberOfSetBits(map))

#endif /* WDMDMA_BITMAP_H */
