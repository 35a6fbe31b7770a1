// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes, fills and compares messages. The characters are printable and follow from a seed.
 */
#include <linux/crc32.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "message.h"

#define SERIAL_SHORT_PIECE 33		/* words of the first MDL of a chain */
#define SERIAL_POISON 0xA5A5A5A5	/* no character */

static u8 serial_message_character(u32 seed, u32 index)
{
	u32 x = seed * 0x9e3779b1 + index * 0x85ebca6b;

	return ' ' + (x ^ x >> 15) % 95;
}

static PMDL serial_message_mdl(u32 *words, u32 count)
{
	PMDL mdl = IoAllocateMdl(words, count * sizeof(*words), FALSE, FALSE, NULL);

	if (mdl)
		MmBuildMdlForNonPagedPool(mdl);
	return mdl;
}

/**
 * serial_message_init() - allocate a message's buffer and build what describes it
 * @message: filled
 * @memory: what it lies in
 * @count: characters
 *
 * Context: Process, sleeps.
 * Return: 0 or -ENOMEM; serial_message_free() cleans up in both cases.
 */
int serial_message_init(struct serial_message *message, enum serial_memory memory, u32 count)
{
	size_t bytes = count * sizeof(*message->words);
	u32 first = memory == SERIAL_CHAIN ? SERIAL_SHORT_PIECE : count;

	*message = (struct serial_message){ .count = count };
	message->words = memory == SERIAL_SLAB ? kmalloc(bytes, GFP_KERNEL) : vmalloc(bytes);
	if (!message->words)
		return -ENOMEM;
	message->mdl = serial_message_mdl(message->words, first);
	if (!message->mdl)
		return -ENOMEM;
	if (first == count)
		return 0;
	message->rest = serial_message_mdl(message->words + first, count - first);
	message->mdl->Next = message->rest;
	return message->rest ? 0 : -ENOMEM;
}

/**
 * serial_message_free() - give back what serial_message_init() has got
 * @message: the message
 */
void serial_message_free(struct serial_message *message)
{
	if (message->rest)
		IoFreeMdl(message->rest);
	if (message->mdl)
		IoFreeMdl(message->mdl);
	kvfree(message->words);
}

/**
 * serial_message_fill() - write characters into a message
 * @message: the message
 * @seed: what they follow from
 */
void serial_message_fill(struct serial_message *message, u32 seed)
{
	u32 i;

	message->seed = seed;
	for (i = 0; i < message->count; i++)
		message->words[i] = serial_message_character(seed, i);
}

/**
 * serial_message_wipe() - fill a message with what is no character
 * @message: the message, to be received into
 */
void serial_message_wipe(struct serial_message *message)
{
	u32 i;

	for (i = 0; i < message->count; i++)
		message->words[i] = SERIAL_POISON;
}

/**
 * serial_message_crc() - checksum of the characters that were to be sent
 * @message: was filled; what the buffer holds now does not matter
 * @count: so many of them
 */
u32 serial_message_crc(const struct serial_message *message, u32 count)
{
	u32 crc = ~0;
	u32 i;

	for (i = 0; i < count; i++) {
		u8 character = serial_message_character(message->seed, i);

		crc = crc32_le(crc, &character, 1);
	}
	return ~crc;
}

/**
 * serial_message_matches() - compare what was received with what was sent
 * @message: received into
 * @seed: of what was sent
 *
 * Return: Words from the first on that are right.
 */
u32 serial_message_matches(const struct serial_message *message, u32 seed)
{
	u32 i;

	for (i = 0; i < message->count; i++)
		if (message->words[i] != serial_message_character(seed, i))
			break;
	return i;
}
