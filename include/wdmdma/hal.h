/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Device registers in memory space: little endian, ordered among themselves and after
 * earlier writes to memory, as readl() and writel() are.
 *
 * The pointers are plain in Windows source; they must come from ioremap() or its like.
 */
#ifndef WDMDMA_HAL_H
#define WDMDMA_HAL_H

#include <wdmdma/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Any width, for C++. Documented in wdmdma/dbg.c. */
ULONG64 wdmdma_read_register(const volatile void *reg, ULONG bytes);
void wdmdma_write_register(volatile void *reg, ULONG64 value, ULONG bytes);

#ifdef __cplusplus
}
#endif

#if defined(__KERNEL__) && !defined(__cplusplus)

#include <linux/io.h>

static inline UCHAR READ_REGISTER_UCHAR(volatile const UCHAR *reg)
{
	return readb((const volatile void __force __iomem *)reg);
}

static inline USHORT READ_REGISTER_USHORT(volatile const USHORT *reg)
{
	return readw((const volatile void __force __iomem *)reg);
}

static inline ULONG READ_REGISTER_ULONG(volatile const ULONG *reg)
{
	return readl((const volatile void __force __iomem *)reg);
}

static inline void WRITE_REGISTER_UCHAR(volatile UCHAR *reg, UCHAR value)
{
	writeb(value, (volatile void __force __iomem *)reg);
}

static inline void WRITE_REGISTER_USHORT(volatile USHORT *reg, USHORT value)
{
	writew(value, (volatile void __force __iomem *)reg);
}

static inline void WRITE_REGISTER_ULONG(volatile ULONG *reg, ULONG value)
{
	writel(value, (volatile void __force __iomem *)reg);
}

#ifdef CONFIG_64BIT
static inline ULONG64 READ_REGISTER_ULONG64(volatile const ULONG64 *reg)
{
	return readq((const volatile void __force __iomem *)reg);
}

static inline void WRITE_REGISTER_ULONG64(volatile ULONG64 *reg, ULONG64 value)
{
	writeq(value, (volatile void __force __iomem *)reg);
}
#endif

#else /* C++, or no kernel: over the two functions above */

static inline UCHAR READ_REGISTER_UCHAR(volatile const UCHAR *reg)
{
	return (UCHAR)wdmdma_read_register(reg, sizeof(*reg));
}

static inline USHORT READ_REGISTER_USHORT(volatile const USHORT *reg)
{
	return (USHORT)wdmdma_read_register(reg, sizeof(*reg));
}

static inline ULONG READ_REGISTER_ULONG(volatile const ULONG *reg)
{
	return (ULONG)wdmdma_read_register(reg, sizeof(*reg));
}

static inline ULONG64 READ_REGISTER_ULONG64(volatile const ULONG64 *reg)
{
	return wdmdma_read_register(reg, sizeof(*reg));
}

static inline void WRITE_REGISTER_UCHAR(volatile UCHAR *reg, UCHAR value)
{
	wdmdma_write_register(reg, value, sizeof(*reg));
}

static inline void WRITE_REGISTER_USHORT(volatile USHORT *reg, USHORT value)
{
	wdmdma_write_register(reg, value, sizeof(*reg));
}

static inline void WRITE_REGISTER_ULONG(volatile ULONG *reg, ULONG value)
{
	wdmdma_write_register(reg, value, sizeof(*reg));
}

static inline void WRITE_REGISTER_ULONG64(volatile ULONG64 *reg, ULONG64 value)
{
	wdmdma_write_register(reg, value, sizeof(*reg));
}

#endif

#endif /* WDMDMA_HAL_H */
