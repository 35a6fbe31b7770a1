// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device registers for C++, which cannot see the inlines of hal.h, and I/O ports for all.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/io.h>

#include <wdmdma/hal.h>

#include "irql.h"

/**
 * wdmdma_read_register() - read a device register, for C++
 * @reg: the register, in memory of ioremap()
 * @bytes: its width: 1, 2, 4, or 8 on a 64-bit kernel
 *
 * Context: Any IRQL.
 * Return: The value; all ones for a width there is not. DDI: READ_REGISTER_ULONG
 */
ULONG64 wdmdma_read_register(const volatile void *reg, ULONG bytes)
{
	switch (bytes) {
	case 1:
		return READ_REGISTER_UCHAR(reg);
	case 2:
		return READ_REGISTER_USHORT(reg);
	case 4:
		return READ_REGISTER_ULONG(reg);
#ifdef CONFIG_64BIT
	case 8:
		return READ_REGISTER_ULONG64(reg);
#endif
	}
	WARN_ON_ONCE(1);
	return U64_MAX;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_read_register, WDMDMA);

/**
 * wdmdma_write_register() - write a device register, for C++
 * @reg: the register, in memory of ioremap()
 * @value: what to write
 * @bytes: its width: 1, 2, 4, or 8 on a 64-bit kernel
 *
 * Context: Any IRQL. DDI: WRITE_REGISTER_ULONG
 */
void wdmdma_write_register(volatile void *reg, ULONG64 value, ULONG bytes)
{
	switch (bytes) {
	case 1:
		WRITE_REGISTER_UCHAR(reg, value);
		break;
	case 2:
		WRITE_REGISTER_USHORT(reg, value);
		break;
	case 4:
		WRITE_REGISTER_ULONG(reg, value);
		break;
#ifdef CONFIG_64BIT
	case 8:
		WRITE_REGISTER_ULONG64(reg, value);
		break;
#endif
	default:
		WARN_ON_ONCE(1);
	}
}
EXPORT_SYMBOL_NS_GPL(wdmdma_write_register, WDMDMA);

#ifdef CONFIG_HAS_IOPORT_MAP

static unsigned long wd_port(const volatile void *port)
{
	return (unsigned long)port;
}

/**
 * wdmdma_read_port() - read an I/O port
 * @port: its number as a pointer
 * @bytes: its width: 1, 2 or 4
 *
 * Context: Any IRQL.
 * Return: The value; all ones where there are no ports. DDI: READ_PORT_ULONG
 */
ULONG wdmdma_read_port(const volatile void *port, ULONG bytes)
{
	switch (bytes) {
	case 1:
		return inb(wd_port(port));
	case 2:
		return inw(wd_port(port));
	default:
		return inl(wd_port(port));
	}
}
EXPORT_SYMBOL_NS_GPL(wdmdma_read_port, WDMDMA);

/**
 * wdmdma_write_port() - write an I/O port
 * @port: its number as a pointer
 * @value: what to write
 * @bytes: its width: 1, 2 or 4
 *
 * Context: Any IRQL. DDI: WRITE_PORT_ULONG
 */
void wdmdma_write_port(volatile void *port, ULONG value, ULONG bytes)
{
	switch (bytes) {
	case 1:
		outb(value, wd_port(port));
		break;
	case 2:
		outw(value, wd_port(port));
		break;
	default:
		outl(value, wd_port(port));
	}
}
EXPORT_SYMBOL_NS_GPL(wdmdma_write_port, WDMDMA);

#else

ULONG wdmdma_read_port(const volatile void *port, ULONG bytes)
{
	WARN_ONCE(1, "wdmdma: READ_PORT: this architecture has no I/O ports\n");
	return U32_MAX;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_read_port, WDMDMA);

void wdmdma_write_port(volatile void *port, ULONG value, ULONG bytes)
{
	WARN_ONCE(1, "wdmdma: WRITE_PORT: this architecture has no I/O ports\n");
}
EXPORT_SYMBOL_NS_GPL(wdmdma_write_port, WDMDMA);

#endif
