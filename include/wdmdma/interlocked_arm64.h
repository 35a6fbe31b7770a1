/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What interlocked.h is made of, for arm64. There compilers turn their builtins into calls of
 * functions of a library that the kernel has not got, and clang's order less than Windows does.
 * The loops end with a barrier, as Windows' do on this processor.
 */
#ifndef WDMDMA_INTERLOCKED_ARM64_H
#define WDMDMA_INTERLOCKED_ARM64_H

#ifdef __aarch64__

#include <wdmdma/types.h>

/* All return the value before. size: of the exclusive instructions; r: w or x, the registers */
#define WDMDMA_DEFINE_FETCH(name, bits, type, size, r, instruction)				\
static inline type wdmdma_fetch_##name##bits(type volatile *target, type value)		\
{												\
	type before, after;									\
	ULONG failed;										\
												\
	__asm__ volatile("1:	ldaxr" size "	%" r "0, %3\n"					\
			 "	" instruction "	%" r "1, %" r "0, %" r "4\n"			\
			 "	stlxr" size "	%w2, %" r "1, %3\n"				\
			 "	cbnz	%w2, 1b\n"						\
			 "	dmb	ish"							\
			 : "=&r" (before), "=&r" (after), "=&r" (failed), "+Q" (*target)	\
			 : "r" (value) : "memory");						\
	return before;										\
}

#define WDMDMA_DEFINE_SWAP(bits, type, size, r)						\
static inline type wdmdma_swap##bits(type volatile *target, type value)			\
{												\
	ULONG failed;										\
	type before;										\
												\
	__asm__ volatile("1:	ldaxr" size "	%" r "0, %2\n"					\
			 "	stlxr" size "	%w1, %" r "3, %2\n"				\
			 "	cbnz	%w1, 1b\n"						\
			 "	dmb	ish"							\
			 : "=&r" (before), "=&r" (failed), "+Q" (*target)			\
			 : "r" (value) : "memory");						\
	return before;										\
}

/* wide: an unsigned type that fills the register; what is loaded has no sign */
#define WDMDMA_DEFINE_COMPARE_SWAP(bits, type, narrow, wide, size, r)				\
static inline type wdmdma_compare_swap##bits(type volatile *target, type comparand, type value) \
{												\
	wide before, differ;									\
	ULONG failed;										\
												\
	__asm__ volatile("1:	ldaxr" size "	%" r "0, %3\n"					\
			 "	eor	%" r "1, %" r "0, %" r "4\n"				\
			 "	cbnz	%" r "1, 2f\n"						\
			 "	stlxr" size "	%w2, %" r "5, %3\n"				\
			 "	cbnz	%w2, 1b\n"						\
			 "2:	dmb	ish"							\
			 : "=&r" (before), "=&r" (differ), "=&r" (failed), "+Q" (*target)	\
			 : "r" ((wide)(narrow)comparand), "r" (value) : "memory");		\
	return (type)before;									\
}

#define WDMDMA_DEFINE_INTERLOCKED(bits, type, narrow, wide, size, r)				\
	WDMDMA_DEFINE_FETCH(add, bits, type, size, r, "add")					\
	WDMDMA_DEFINE_FETCH(or, bits, type, size, r, "orr")					\
	WDMDMA_DEFINE_FETCH(and, bits, type, size, r, "and")					\
	WDMDMA_DEFINE_FETCH(xor, bits, type, size, r, "eor")					\
	WDMDMA_DEFINE_SWAP(bits, type, size, r)							\
	WDMDMA_DEFINE_COMPARE_SWAP(bits, type, narrow, wide, size, r)

WDMDMA_DEFINE_INTERLOCKED(16, SHORT, USHORT, ULONG, "h", "w")
WDMDMA_DEFINE_INTERLOCKED(32, LONG, ULONG, ULONG, "", "w")
WDMDMA_DEFINE_INTERLOCKED(64, LONG64, ULONG64, ULONG64, "", "x")

#endif /* __aarch64__ */
#endif /* WDMDMA_INTERLOCKED_ARM64_H */
