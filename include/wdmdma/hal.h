/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Device registers in memory space and in port space: little endian, ordered among
 * themselves and after earlier writes to memory, as readl() and writel() are.
 *
 * The pointers are plain in Windows source. Registers must come from MmMapIoSpace,
 * ioremap() or its like; a port is its number as a pointer. The buffer forms move @count
 * items between memory and one register (REGISTER: successive ones; PORT: the same).
 */
#ifndef WDMDMA_HAL_H
#define WDMDMA_HAL_H

#include <wdmdma/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Any width, for C++ and for ports. Documented in wdmdma/hal.c. */
ULONG64 wdmdma_read_register(const volatile void *reg, ULONG bytes);
void wdmdma_write_register(volatile void *reg, ULONG64 value, ULONG bytes);
ULONG wdmdma_read_port(const volatile void *port, ULONG bytes);
void wdmdma_write_port(volatile void *port, ULONG value, ULONG bytes);

#ifdef __cplusplus
}
#endif

#if defined(__KERNEL__) && !defined(__cplusplus)

#include <linux/io.h>

static inline UCHAR READ_REGISTER_UCHAR(volatile const UCHAR *reg)
{
	return readb((const volatile void __force __iomem *)reg);
}

static inline void WRITE_REGISTER_UCHAR(volatile UCHAR *reg, UCHAR value)
{
	writeb(value, (volatile void __force __iomem *)reg);
}

static inline USHORT READ_REGISTER_USHORT(volatile const USHORT *reg)
{
	return readw((const volatile void __force __iomem *)reg);
}

static inline void WRITE_REGISTER_USHORT(volatile USHORT *reg, USHORT value)
{
	writew(value, (volatile void __force __iomem *)reg);
}

static inline ULONG READ_REGISTER_ULONG(volatile const ULONG *reg)
{
	return readl((const volatile void __force __iomem *)reg);
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

#else /* C++, or no kernel: over the functions above */

static inline UCHAR READ_REGISTER_UCHAR(volatile const UCHAR *reg)
{
	return (UCHAR)wdmdma_read_register(reg, sizeof(*reg));
}

static inline void WRITE_REGISTER_UCHAR(volatile UCHAR *reg, UCHAR value)
{
	wdmdma_write_register(reg, value, sizeof(*reg));
}

static inline USHORT READ_REGISTER_USHORT(volatile const USHORT *reg)
{
	return (USHORT)wdmdma_read_register(reg, sizeof(*reg));
}

static inline void WRITE_REGISTER_USHORT(volatile USHORT *reg, USHORT value)
{
	wdmdma_write_register(reg, value, sizeof(*reg));
}

static inline ULONG READ_REGISTER_ULONG(volatile const ULONG *reg)
{
	return (ULONG)wdmdma_read_register(reg, sizeof(*reg));
}

static inline void WRITE_REGISTER_ULONG(volatile ULONG *reg, ULONG value)
{
	wdmdma_write_register(reg, value, sizeof(*reg));
}

static inline ULONG64 READ_REGISTER_ULONG64(volatile const ULONG64 *reg)
{
	return (ULONG64)wdmdma_read_register(reg, sizeof(*reg));
}

static inline void WRITE_REGISTER_ULONG64(volatile ULONG64 *reg, ULONG64 value)
{
	wdmdma_write_register(reg, value, sizeof(*reg));
}

#endif

/* Successive registers */
static inline void READ_REGISTER_BUFFER_UCHAR(volatile const UCHAR *reg, UCHAR *buffer, ULONG count)
{
	while (count--)
		*buffer++ = READ_REGISTER_UCHAR(reg++);
}

static inline void WRITE_REGISTER_BUFFER_UCHAR(volatile UCHAR *reg, const UCHAR *buffer,
					       ULONG count)
{
	while (count--)
		WRITE_REGISTER_UCHAR(reg++, *buffer++);
}

static inline void READ_REGISTER_BUFFER_USHORT(volatile const USHORT *reg, USHORT *buffer,
					       ULONG count)
{
	while (count--)
		*buffer++ = READ_REGISTER_USHORT(reg++);
}

static inline void WRITE_REGISTER_BUFFER_USHORT(volatile USHORT *reg, const USHORT *buffer,
						ULONG count)
{
	while (count--)
		WRITE_REGISTER_USHORT(reg++, *buffer++);
}

static inline void READ_REGISTER_BUFFER_ULONG(volatile const ULONG *reg, ULONG *buffer, ULONG count)
{
	while (count--)
		*buffer++ = READ_REGISTER_ULONG(reg++);
}

static inline void WRITE_REGISTER_BUFFER_ULONG(volatile ULONG *reg, const ULONG *buffer,
					       ULONG count)
{
	while (count--)
		WRITE_REGISTER_ULONG(reg++, *buffer++);
}

#if defined(CONFIG_64BIT) || !defined(__KERNEL__)
static inline void READ_REGISTER_BUFFER_ULONG64(volatile const ULONG64 *reg, ULONG64 *buffer,
						ULONG count)
{
	while (count--)
		*buffer++ = READ_REGISTER_ULONG64(reg++);
}

static inline void WRITE_REGISTER_BUFFER_ULONG64(volatile ULONG64 *reg, const ULONG64 *buffer,
						 ULONG count)
{
	while (count--)
		WRITE_REGISTER_ULONG64(reg++, *buffer++);
}
#endif

/* Ports; where the architecture has none, reads give all ones, with one warning */
static inline UCHAR READ_PORT_UCHAR(volatile const UCHAR *port)
{
	return (UCHAR)wdmdma_read_port(port, sizeof(*port));
}

static inline void WRITE_PORT_UCHAR(volatile UCHAR *port, UCHAR value)
{
	wdmdma_write_port(port, value, sizeof(*port));
}

static inline void READ_PORT_BUFFER_UCHAR(volatile const UCHAR *port, UCHAR *buffer, ULONG count)
{
	while (count--)
		*buffer++ = READ_PORT_UCHAR(port);
}

static inline void WRITE_PORT_BUFFER_UCHAR(volatile UCHAR *port, const UCHAR *buffer, ULONG count)
{
	while (count--)
		WRITE_PORT_UCHAR(port, *buffer++);
}

static inline USHORT READ_PORT_USHORT(volatile const USHORT *port)
{
	return (USHORT)wdmdma_read_port(port, sizeof(*port));
}

static inline void WRITE_PORT_USHORT(volatile USHORT *port, USHORT value)
{
	wdmdma_write_port(port, value, sizeof(*port));
}

static inline void READ_PORT_BUFFER_USHORT(volatile const USHORT *port, USHORT *buffer, ULONG count)
{
	while (count--)
		*buffer++ = READ_PORT_USHORT(port);
}

static inline void WRITE_PORT_BUFFER_USHORT(volatile USHORT *port, const USHORT *buffer,
					    ULONG count)
{
	while (count--)
		WRITE_PORT_USHORT(port, *buffer++);
}

static inline ULONG READ_PORT_ULONG(volatile const ULONG *port)
{
	return (ULONG)wdmdma_read_port(port, sizeof(*port));
}

static inline void WRITE_PORT_ULONG(volatile ULONG *port, ULONG value)
{
	wdmdma_write_port(port, value, sizeof(*port));
}

static inline void READ_PORT_BUFFER_ULONG(volatile const ULONG *port, ULONG *buffer, ULONG count)
{
	while (count--)
		*buffer++ = READ_PORT_ULONG(port);
}

static inline void WRITE_PORT_BUFFER_ULONG(volatile ULONG *port, const ULONG *buffer, ULONG count)
{
	while (count--)
		WRITE_PORT_ULONG(port, *buffer++);
}

#endif /* WDMDMA_HAL_H */
