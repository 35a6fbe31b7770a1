// SPDX-License-Identifier: GPL-2.0-only
/*
 * One transfer: what is to be there before it and after it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "user.h"

static const char * const class_names[] = { "direct", "translated", "bounced", "common" };

static __u32 next_seed = 0x12340000;

static __u8 pattern(__u32 seed, __u32 position)
{
	__u32 x = seed * 0x9e3779b1 + position * 0x85ebca6b;

	x ^= x >> 15;
	x *= 0x2c1b3c6d;
	return x ^ (x >> 13);
}

static void fill(__u8 *to, size_t bytes, __u32 seed, __u32 position)
{
	size_t i;

	for (i = 0; i < bytes; i++)
		to[i] = pattern(seed, position + i);
}

static __u8 data_byte(const struct transfer *transfer, size_t position)
{
	return pattern(transfer->seed, position);
}

static __u8 *copy(const __u8 *from, size_t bytes)
{
	__u8 *to = malloc(bytes);

	if (!to)
		abort();
	return memcpy(to, from, bytes);
}

/* "direct,common", for people and for the judge */
static const char *class_list(unsigned int classes, char *text, size_t size)
{
	unsigned int i;

	text[0] = 0;
	for (i = 0; i < ARRAY_SIZE(class_names); i++)
		if (classes & 1U << i)
			snprintf(text + strlen(text), size - strlen(text), "%s%s",
				 text[0] ? "," : "", class_names[i]);
	return text[0] ? text : "none";
}

void report(struct device *device, const char *kind, const struct transfer *transfer, bool good)
{
	char text[64];

	say(device, "%s: %s %s %zu bytes %s %s", kind, transfer->name,
	    transfer->write ? "write" : "read", transfer->bytes,
	    class_list(transfer->args.classes, text, sizeof(text)), good ? "verified" : "MISMATCH");
	__atomic_or_fetch(&device->classes, transfer->args.classes, __ATOMIC_RELAXED);
	if (!good)
		__atomic_add_fetch(&device->mismatches, 1, __ATOMIC_RELAXED);
}

void report_end(struct device *device)
{
	char text[64];

	say(device, "done: %u transfers, %llu bytes, %u mismatches, classes: %s", device->transfers,
	    device->bytes, device->mismatches, class_list(device->classes, text, sizeof(text)));
}

void transfer_of_thread(struct transfer *transfer, const char *name, struct way way,
			unsigned int index, unsigned int threads)
{
	struct area *area = &transfer->areas[0];

	transfer->name = name;
	transfer->adapter = way.adapter;
	transfer->method = way.method;
	transfer->write = index & 1;
	transfer->slice_size = EDU_STORE_LENGTH / threads;
	transfer->slice = index * transfer->slice_size;
	transfer->count = 1;
	area->size = THREAD_SIZE;
	area->start = malloc(THREAD_SIZE);
	if (!area->start)
		abort();
}

/* Fills areas and store. False: the store could not be written. */
bool transfer_prepare(struct device *device, struct transfer *transfer)
{
	__u32 seed = __atomic_add_fetch(&next_seed, 0x100, __ATOMIC_RELAXED);
	size_t room;
	unsigned int i;

	transfer->seed = seed;
	transfer->bytes = 0;
	memset(&transfer->args, 0, sizeof(transfer->args));
	for (i = 0; i < transfer->count; i++) {
		struct area *area = &transfer->areas[i];

		if (!area->preset)
			fill(area->start, area->size, ++seed, 0);
		if (!area->preset && transfer->write)
			fill(area->start + area->offset, area->length, transfer->seed,
			     transfer->bytes);
		area->expected = copy(area->start, area->size);
		transfer->bytes += area->length;
	}

	if (!transfer->slice_size)
		transfer->slice_size = EDU_STORE_LENGTH;
	room = transfer->slice_size - transfer->bytes;
	transfer->store_offset = pick(room < 999 ? room + 1 : 999);
	transfer->store = malloc(transfer->slice_size);
	if (!transfer->store)
		abort();
	fill(transfer->store, transfer->slice_size, ++seed, 0);
	if (!transfer->write)
		fill(transfer->store + transfer->store_offset, transfer->bytes, transfer->seed, 0);
	return pwrite(device->fd, transfer->store, transfer->slice_size, transfer->slice) ==
	       (ssize_t)transfer->slice_size;
}

int ioctl_transfer(struct device *device, struct edu_ioctl_transfer *args)
{
	return ioctl(device->fd, EDU_IOCTL_TRANSFER, args);
}

struct edu_ioctl_counts get_counts(struct device *device)
{
	struct edu_ioctl_counts counts = { };

	if (ioctl(device->fd, EDU_IOCTL_COUNTS, &counts))
		fail(device, "no counts: %s", strerror(errno));
	return counts;
}

/* Returns 0 or what errno says. */
int transfer_submit(struct device *device, struct transfer *transfer)
{
	struct edu_ioctl_buffer buffers[EDU_MAXIMUM_BUFFERS] = { };
	unsigned int i;

	for (i = 0; i < transfer->count; i++) {
		struct area *area = &transfer->areas[i];

		buffers[i].address = (uintptr_t)(area->start + area->offset);
		buffers[i].length = area->length;
	}
	transfer->args.buffers = (uintptr_t)buffers;
	transfer->args.count = transfer->count;
	transfer->args.write = transfer->write;
	transfer->args.adapter = transfer->adapter;
	transfer->args.method = transfer->method;
	transfer->args.store_offset = transfer->slice + transfer->store_offset;
	return ioctl_transfer(device, &transfer->args) ? errno : 0;
}

/* How much of the data must be where it was to get to; of PART it does not matter which */
enum extent { ALL, PART, NONE };

/* @moved: data bytes in earlier areas */
static bool area_is_good(struct device *device, const struct transfer *transfer,
			 const struct area *area, size_t moved, enum extent extent)
{
	size_t i;

	for (i = 0; i < area->size; i++) {
		bool data = i >= area->offset && i - area->offset < area->length;
		__u8 now = area->start[i];
		__u8 wanted = area->expected[i];

		if (now == wanted && (extent != ALL || !data || transfer->write))
			continue;
		if (data && !transfer->write && extent != NONE) {
			wanted = data_byte(transfer, moved + i - area->offset);
			if (now == wanted)
				continue;
		}
		fail(device, "%s: byte %zu is %02x, not %02x; data is at %zu to %zu",
		     transfer->name, i, now, wanted, area->offset, area->offset + area->length);
		return false;
	}
	return true;
}

static void take_data(const struct transfer *transfer, __u8 *to)
{
	unsigned int i;

	for (i = 0; i < transfer->count; i++) {
		const struct area *area = &transfer->areas[i];

		memcpy(to, area->expected + area->offset, area->length);
		to += area->length;
	}
}

static bool store_is_good(struct device *device, struct transfer *transfer, enum extent extent)
{
	__u8 *now = malloc(transfer->slice_size);
	bool good = false;
	size_t i;

	if (!now)
		abort();
	if (transfer->write && extent == ALL)
		take_data(transfer, transfer->store + transfer->store_offset);
	if (pread(device->fd, now, transfer->slice_size, transfer->slice) !=
	    (ssize_t)transfer->slice_size) {
		fail(device, "%s: the store cannot be read", transfer->name);
	} else {
		for (i = 0; i < transfer->slice_size && now[i] == transfer->store[i]; i++)
			;
		good = i == transfer->slice_size;
		if (!good)
			fail(device, "%s: store: byte %zu is %02x, not %02x; data is at %zu to %zu",
			     transfer->name, i, now[i], transfer->store[i], transfer->store_offset,
			     transfer->store_offset + transfer->bytes);
	}
	free(now);
	return good;
}

static bool areas_are_good(struct device *device, struct transfer *transfer, enum extent extent)
{
	size_t moved = 0;
	bool good = true;
	unsigned int i;

	for (i = 0; i < transfer->count; i++) {
		struct area *area = &transfer->areas[i];

		good &= area->lost || area_is_good(device, transfer, area, moved, extent);
		moved += area->length;
	}
	return good;
}

/* Of a transfer whose store may be gone with its device */
bool areas_are_whole(struct device *device, struct transfer *transfer)
{
	return areas_are_good(device, transfer, ALL);
}

bool transfer_is_whole(struct device *device, struct transfer *transfer)
{
	bool good = areas_are_good(device, transfer, ALL);

	return store_is_good(device, transfer, ALL) && good;
}

/* Of a transfer that did not begin */
bool transfer_is_untouched(struct device *device, struct transfer *transfer)
{
	bool good = areas_are_good(device, transfer, NONE);

	return store_is_good(device, transfer, NONE) && good;
}

/* ... and which was cut short */
bool transfer_is_part(struct device *device, struct transfer *transfer)
{
	return areas_are_good(device, transfer, PART);
}

void transfer_free(struct transfer *transfer)
{
	unsigned int i;

	for (i = 0; i < transfer->count; i++)
		free(transfer->areas[i].expected);
	free(transfer->store);
}

/* A synchronous request that had to wait was made again, as one that can. */
static void count_verified(struct device *device, const struct transfer *transfer)
{
	enum _EDU_METHOD method = transfer->method;

	if (method == EduGetListExNow && !transfer->args.synchronous)
		method = EduGetListEx;
	if (method == EduBuildListExNow && !transfer->args.synchronous)
		method = EduBuildListEx;
	__atomic_add_fetch(&device->verified[method], 1, __ATOMIC_RELAXED);
}

void transfer_run(struct device *device, struct transfer *transfer)
{
	bool good = transfer_prepare(device, transfer);
	int error;

	error = transfer_submit(device, transfer);
	if (error || transfer->args.status || transfer->args.done != transfer->bytes ||
	    !transfer->args.classes) {
		fail(device, "%s: %s, status 0x%08x, %u of %zu bytes, classes 0x%x",
		     transfer->name, strerror(error), transfer->args.status, transfer->args.done,
		     transfer->bytes, transfer->args.classes);
		good = false;
	}
	good = transfer_is_whole(device, transfer) && good;
	if (good)
		count_verified(device, transfer);
	report(device, "transfer", transfer, good);
	__atomic_add_fetch(&device->transfers, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&device->bytes, transfer->bytes, __ATOMIC_RELAXED);
	transfer_free(transfer);
}
