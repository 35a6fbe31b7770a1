/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Arithmetic and conversions that notice an overflow: then the result is all ones and the
 * status STATUS_INTEGER_OVERFLOW.
 */
#ifndef WDMDMA_INTSAFE_H
#define WDMDMA_INTSAFE_H

#include <wdmdma/types.h>
#include <wdmdma/status.h>

/* The status of one of the compiler's checks, which has put what fits into *@result */
#define WDMDMA_CHECKED(overflowed, result) \
	((overflowed) ? (*(result) = (__typeof__(*(result)))-1, STATUS_INTEGER_OVERFLOW) : \
			STATUS_SUCCESS)

static inline NTSTATUS RtlUShortAdd(USHORT a, USHORT b, PUSHORT result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(a, b, result), result);
}

static inline NTSTATUS RtlUShortSub(USHORT a, USHORT b, PUSHORT result)
{
	return WDMDMA_CHECKED(__builtin_sub_overflow(a, b, result), result);
}

static inline NTSTATUS RtlUShortMult(USHORT a, USHORT b, PUSHORT result)
{
	return WDMDMA_CHECKED(__builtin_mul_overflow(a, b, result), result);
}

static inline NTSTATUS RtlULongAdd(ULONG a, ULONG b, PULONG result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(a, b, result), result);
}

static inline NTSTATUS RtlULongSub(ULONG a, ULONG b, PULONG result)
{
	return WDMDMA_CHECKED(__builtin_sub_overflow(a, b, result), result);
}

static inline NTSTATUS RtlULongMult(ULONG a, ULONG b, PULONG result)
{
	return WDMDMA_CHECKED(__builtin_mul_overflow(a, b, result), result);
}

static inline NTSTATUS RtlULongLongAdd(ULONGLONG a, ULONGLONG b, PULONGLONG result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(a, b, result), result);
}

static inline NTSTATUS RtlULongLongSub(ULONGLONG a, ULONGLONG b, PULONGLONG result)
{
	return WDMDMA_CHECKED(__builtin_sub_overflow(a, b, result), result);
}

static inline NTSTATUS RtlULongLongMult(ULONGLONG a, ULONGLONG b, PULONGLONG result)
{
	return WDMDMA_CHECKED(__builtin_mul_overflow(a, b, result), result);
}

static inline NTSTATUS RtlULongPtrAdd(ULONG_PTR a, ULONG_PTR b, PULONG_PTR result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(a, b, result), result);
}

static inline NTSTATUS RtlULongPtrSub(ULONG_PTR a, ULONG_PTR b, PULONG_PTR result)
{
	return WDMDMA_CHECKED(__builtin_sub_overflow(a, b, result), result);
}

static inline NTSTATUS RtlULongPtrMult(ULONG_PTR a, ULONG_PTR b, PULONG_PTR result)
{
	return WDMDMA_CHECKED(__builtin_mul_overflow(a, b, result), result);
}

static inline NTSTATUS RtlSizeTAdd(SIZE_T a, SIZE_T b, PSIZE_T result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(a, b, result), result);
}

static inline NTSTATUS RtlSizeTSub(SIZE_T a, SIZE_T b, PSIZE_T result)
{
	return WDMDMA_CHECKED(__builtin_sub_overflow(a, b, result), result);
}

static inline NTSTATUS RtlSizeTMult(SIZE_T a, SIZE_T b, PSIZE_T result)
{
	return WDMDMA_CHECKED(__builtin_mul_overflow(a, b, result), result);
}

static inline NTSTATUS RtlLongAdd(LONG a, LONG b, PLONG result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(a, b, result), result);
}

static inline NTSTATUS RtlLongSub(LONG a, LONG b, PLONG result)
{
	return WDMDMA_CHECKED(__builtin_sub_overflow(a, b, result), result);
}

static inline NTSTATUS RtlLongMult(LONG a, LONG b, PLONG result)
{
	return WDMDMA_CHECKED(__builtin_mul_overflow(a, b, result), result);
}

static inline NTSTATUS RtlLongLongAdd(LONGLONG a, LONGLONG b, PLONGLONG result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(a, b, result), result);
}

static inline NTSTATUS RtlLongLongSub(LONGLONG a, LONGLONG b, PLONGLONG result)
{
	return WDMDMA_CHECKED(__builtin_sub_overflow(a, b, result), result);
}

static inline NTSTATUS RtlLongLongMult(LONGLONG a, LONGLONG b, PLONGLONG result)
{
	return WDMDMA_CHECKED(__builtin_mul_overflow(a, b, result), result);
}

static inline NTSTATUS RtlULongToUChar(ULONG value, PUCHAR result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

static inline NTSTATUS RtlULongToUShort(ULONG value, PUSHORT result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

static inline NTSTATUS RtlULongToLong(ULONG value, PLONG result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

static inline NTSTATUS RtlLongToULong(LONG value, PULONG result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

static inline NTSTATUS RtlLongToUShort(LONG value, PUSHORT result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

static inline NTSTATUS RtlULongLongToULong(ULONGLONG value, PULONG result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

static inline NTSTATUS RtlULongLongToLong(ULONGLONG value, PLONG result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

static inline NTSTATUS RtlULongLongToSizeT(ULONGLONG value, PSIZE_T result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

static inline NTSTATUS RtlULongLongToLongLong(ULONGLONG value, PLONGLONG result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

static inline NTSTATUS RtlLongLongToULong(LONGLONG value, PULONG result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

static inline NTSTATUS RtlLongLongToLong(LONGLONG value, PLONG result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

static inline NTSTATUS RtlLongLongToULongLong(LONGLONG value, PULONGLONG result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

static inline NTSTATUS RtlSizeTToULong(SIZE_T value, PULONG result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

static inline NTSTATUS RtlSizeTToLong(SIZE_T value, PLONG result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

static inline NTSTATUS RtlSizeTToUShort(SIZE_T value, PUSHORT result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

static inline NTSTATUS RtlULongPtrToULong(ULONG_PTR value, PULONG result)
{
	return WDMDMA_CHECKED(__builtin_add_overflow(value, 0, result), result);
}

#define RtlUIntAdd RtlULongAdd
#define RtlUIntSub RtlULongSub
#define RtlUIntMult RtlULongMult
#define RtlDWordAdd RtlULongAdd
#define RtlDWordSub RtlULongSub
#define RtlDWordMult RtlULongMult
#define RtlSIZETAdd RtlSizeTAdd
#define RtlSIZETSub RtlSizeTSub
#define RtlSIZETMult RtlSizeTMult

#endif /* WDMDMA_INTSAFE_H */
