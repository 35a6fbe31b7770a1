// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that the driver makes by version 3 of the table, for chains of buffers: alone, when
 * nothing keeps a synchronous request from being served, and many at once.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "user.h"

#define PAGE	4096
#define THREADS	10
#define SLICE	(EDU_STORE_LENGTH / THREADS)
#define SIZE	8192

static const struct {
	const char *name;
	enum _EDU_METHOD method;
} ways[] = {
	{ "MapTransferEx", EduMapTransferEx },
	{ "GetScatterGatherListEx", EduGetListEx },
	{ "GetScatterGatherListEx (synchronous)", EduGetListExNow },
	{ "BuildScatterGatherListEx", EduBuildListEx },
	{ "BuildScatterGatherListEx (synchronous)", EduBuildListExNow },
};

#define WAYS	ARRAY_SIZE(ways)

static void *get_pages(unsigned int count)
{
	void *start = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED)
		abort();
	return start;
}

/* A piece of a mapping, one of the stack, one of the heap: six map registers at most */
static void test_chain(struct device *device, unsigned int way, bool write)
{
	bool now = ways[way].method == EduGetListExNow || ways[way].method == EduBuildListExNow;
	__u8 buffer[3 * PAGE];
	struct transfer transfer = {
		.adapter = EduExtendedAdapter,
		.method = ways[way].method,
		.write = write,
		.count = 3,
		.areas = {
			{ .start = get_pages(2), .size = 2 * PAGE, .offset = 4001, .length = 2345 },
			{ .start = buffer, .size = sizeof(buffer), .offset = 2999, .length = 1777 },
			{ .start = malloc(SIZE), .size = SIZE, .offset = 1234, .length = 3001 },
		},
	};
	char name[64];

	snprintf(name, sizeof(name), "chain of three, %s", ways[way].name);
	transfer.name = name;
	if (!transfer.areas[2].start)
		abort();
	transfer_run(device, &transfer);
	if (transfer.args.synchronous != now)
		fail(device, "%s: synchronous: %u", name, transfer.args.synchronous);
	if (transfer.args.elements < (ways[way].method == EduMapTransferEx ? 1 : 3))
		fail(device, "%s: %u elements", name, transfer.args.elements);
	munmap(transfer.areas[0].start, transfer.areas[0].size);
	free(transfer.areas[2].start);
}

struct worker {
	struct device *device;
	struct transfer transfer;
	pthread_t thread;
};

static pthread_barrier_t barrier;

static void *run(void *argument)
{
	struct worker *worker = argument;

	pthread_barrier_wait(&barrier);
	transfer_run(worker->device, &worker->transfer);
	return NULL;
}

static void test_together(struct device *device)
{
	struct worker workers[THREADS] = { };
	char names[THREADS][64];
	unsigned int i;

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (i = 0; i < THREADS; i++) {
		struct transfer *transfer = &workers[i].transfer;
		__u8 *start = get_pages(4);

		snprintf(names[i], sizeof(names[i]), "one of ten, %s", ways[i % WAYS].name);
		workers[i].device = device;
		transfer->name = names[i];
		transfer->adapter = EduExtendedAdapter;
		transfer->method = ways[i % WAYS].method;
		transfer->write = i % 3 == 0;
		transfer->slice = i * SLICE;
		transfer->slice_size = SLICE;
		transfer->count = 2;
		transfer->areas[0] = (struct area) {
			.start = start, .size = SIZE, .offset = 3900 + 31 * i, .length = 999 };
		transfer->areas[1] = (struct area) {
			.start = start + SIZE, .size = SIZE, .offset = 11 * i, .length = 1501 };
		if (pthread_create(&workers[i].thread, NULL, run, &workers[i]))
			abort();
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		munmap(workers[i].transfer.areas[0].start, 4 * PAGE);
	}
	pthread_barrier_destroy(&barrier);
}

static void report_extended(struct device *device)
{
	char text[200] = "";
	unsigned int i;

	for (i = 0; i < WAYS; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s %u",
			 i ? ", " : "", ways[i].name, device->verified[ways[i].method]);
	say(device, "version 3: %s", text);
}

void test_extended(struct device *device)
{
	unsigned int way;

	for (way = 0; way < WAYS; way++) {
		test_chain(device, way, true);
		test_chain(device, way, false);
	}
	test_together(device);
	report_extended(device);
	pins_are_back(device, "version 3");
}
