/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages: characters in a buffer as the driver wants it, a word for each.
 */
#ifndef SERIAL_MESSAGE_H
#define SERIAL_MESSAGE_H

#include "host.h"

enum serial_memory {
	SERIAL_SLAB,		/* physically contiguous */
	SERIAL_SCATTERED,	/* page by page, from anywhere */
	SERIAL_CHAIN,		/* two MDLs, the first short */
};

struct serial_message {
	u32 *words;
	u32 count;
	u32 seed;
	PMDL mdl;		/* of all words, or of the first ones */
	PMDL rest;		/* SERIAL_CHAIN */
};

int serial_message_init(struct serial_message *message, enum serial_memory memory, u32 count);
void serial_message_free(struct serial_message *message);
void serial_message_fill(struct serial_message *message, u32 seed);
void serial_message_wipe(struct serial_message *message);
u32 serial_message_crc(const struct serial_message *message, u32 count);
u32 serial_message_matches(const struct serial_message *message, u32 seed);

#endif
