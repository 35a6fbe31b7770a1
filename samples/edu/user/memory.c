// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers of all lengths, in all kinds of memory, and chains of them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user.h"

#define PAGE	4096
#define GUARD	96	/* bytes at least on either side of the data */
#define LENGTH	4999	/* of a buffer where its length is not the point */

#define FILE_NAME	"/edu_user.tmp"
#define FILE_LENGTH	(4 * PAGE)

/* The ways a user's buffer can go */
static const struct {
	const char *name;
	enum _EDU_ADAPTER adapter;
	enum _EDU_METHOD method;
} ways[] = {
	{ "GetScatterGatherList", EduWideAdapter, EduGetList },
	{ "MapTransfer in rounds", EduPacketAdapter, EduMapTransfer },
	{ "BuildScatterGatherList", EduWideAdapter, EduBuildList },
	{ "MapTransfer in a loop", EduPacketAdapter, EduMapTransferLoop },
	{ "narrow", EduNarrowAdapter, EduGetList },
	{ "MapTransfer as one window", EduWindowAdapter, EduMapTransfer },
	{ "MapTransfer (narrow)", EduNarrowAdapter, EduMapTransfer },
	{ "MapTransferEx", EduExtendedAdapter, EduMapTransferEx },
	{ "GetScatterGatherListEx", EduExtendedAdapter, EduGetListEx },
	{ "BuildScatterGatherListEx", EduExtendedAdapter, EduBuildListEx },
	{ "MapTransfer (KeepObject)", EduPacketAdapter, EduKeepChannel },
};

#define WAYS	ARRAY_SIZE(ways)

static void run(struct device *device, const char *what, unsigned int way, bool write,
		const struct area *areas, unsigned int count)
{
	struct transfer transfer = {
		.adapter = ways[way % WAYS].adapter,
		.method = ways[way % WAYS].method,
		.write = write,
		.count = count,
	};
	char name[64];

	snprintf(name, sizeof(name), "%s, %s", what, ways[way % WAYS].name);
	transfer.name = name;
	memcpy(transfer.areas, areas, count * sizeof(*areas));
	transfer_run(device, &transfer);
}

static void run_both(struct device *device, const char *what, unsigned int way,
		     const struct area *areas, unsigned int count)
{
	run(device, what, way, true, areas, count);
	run(device, what, way, false, areas, count);
}

/* The data is somewhere within @size bytes at @start. */
static struct area area_in(void *start, size_t size, size_t length)
{
	struct area area = { .start = start, .size = size, .length = length };

	area.offset = GUARD + pick(size - length - 2 * GUARD + 1);
	return area;
}

static struct area area_malloc(size_t length)
{
	size_t size = length + 2 * GUARD + PAGE;
	void *start = malloc(size);

	if (!start)
		abort();
	return area_in(start, size, length);
}

static void *map(size_t size, int protection, int flags, int fd)
{
	void *start = mmap(NULL, size, protection, flags, fd, 0);

	if (start == MAP_FAILED)
		abort();
	return start;
}

void test_sizes(struct device *device)
{
	static const size_t sizes[] = { 1, 2, 3, 63, 511, 2047, 2048, 2049, 4095, 4096, 4097,
					8191, 65536 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct area area = area_malloc(sizes[i]);

		run_both(device, "malloc", sizes[i] == 65536 ? 0 : i, &area, 1);
		free(area.start);
	}
}

static void test_stack(struct device *device)
{
	__u8 buffer[LENGTH + 3 * GUARD];
	struct area area = area_in(buffer, sizeof(buffer), LENGTH);

	run_both(device, "stack", 1, &area, 1);
}

/* Memory that has only been read so far is the kernel's page of zeroes. */
static void test_zeroes(struct device *device)
{
	size_t size = 4 * PAGE;
	struct area area = area_in(map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				       -1), size, LENGTH);

	area.preset = true;
	run_both(device, "untouched mmap", 0, &area, 1);
	munmap(area.start, size);
}

static void test_read_only(struct device *device)
{
	size_t size = 4 * PAGE;
	struct area area = area_in(map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				       -1), size, LENGTH);

	memset(area.start, 0x5a, size);
	mprotect(area.start, size, PROT_READ);
	area.preset = true;
	run(device, "read-only mmap", 2, true, &area, 1);
	munmap(area.start, size);
}

static int file_create(__u8 *contents)
{
	int fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);
	size_t i;

	for (i = 0; i < FILE_LENGTH; i++)
		contents[i] = i * 7 + i / 251;
	if (fd < 0 || write(fd, contents, FILE_LENGTH) != FILE_LENGTH)
		abort();
	return fd;
}

/* What the device writes must not get into the file of a private mapping... */
static void test_private_file(struct device *device)
{
	__u8 contents[FILE_LENGTH], now[FILE_LENGTH];
	int fd = file_create(contents);
	struct area area = area_in(map(FILE_LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd),
				   FILE_LENGTH, LENGTH);

	area.preset = true;
	run_both(device, "private file", 0, &area, 1);
	if (pread(fd, now, FILE_LENGTH, 0) != FILE_LENGTH || memcmp(now, contents, FILE_LENGTH))
		fail(device, "a read into a private mapping has changed the file");
	munmap(area.start, FILE_LENGTH);
	close(fd);
}

/* ... and must get into that of a shared one. */
static void test_shared_file(struct device *device)
{
	__u8 contents[FILE_LENGTH], now[FILE_LENGTH];
	int fd = file_create(contents);
	struct area area = area_in(map(FILE_LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, fd),
				   FILE_LENGTH, LENGTH);

	area.preset = true;
	run_both(device, "shared file", 2, &area, 1);
	if (pread(fd, now, FILE_LENGTH, 0) != FILE_LENGTH || memcmp(now, area.start, FILE_LENGTH))
		fail(device, "a read into a shared mapping is not in the file");
	munmap(area.start, FILE_LENGTH);
	close(fd);
	unlink(FILE_NAME);
}

/* The pages that a process shares with its child are two as soon as the device writes. */
static void test_fork(struct device *device)
{
	size_t size = 4 * PAGE;
	struct area area = area_in(map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				       -1), size, LENGTH);
	int pipes[2], status = 0;
	char byte;
	pid_t child;
	size_t i;

	memset(area.start, 0xa5, size);
	area.preset = true;
	if (pipe(pipes))
		abort();
	child = fork();
	if (child == 0) {
		close(pipes[1]);
		/* Ends when the parent has closed its side. */
		if (read(pipes[0], &byte, 1) != 0)
			_exit(2);
		for (i = 0; i < size && area.start[i] == 0xa5; i++)
			;
		_exit(i != size);
	}
	run(device, "mmap shared with a child", 0, false, &area, 1);
	close(pipes[0]);
	close(pipes[1]);
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		fail(device, "a read into a process's memory has changed its child's");
	munmap(area.start, size);
}

void test_memory(struct device *device)
{
	test_stack(device);
	test_zeroes(device);
	test_read_only(device);
	test_private_file(device);
	test_shared_file(device);
	test_fork(device);
	pins_are_back(device, "kinds of memory");
}

static void test_chain(struct device *device)
{
	__u8 buffer[LENGTH];
	size_t size = 2 * PAGE;
	struct area areas[3] = {
		area_malloc(1777),
		area_in(buffer, sizeof(buffer), 901),
		area_in(map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1), size,
			2049),
	};
	unsigned int way;

	for (way = 0; way < WAYS - 1; way++)
		run(device, "chain", way, way & 1, areas, 3);
	run(device, "chain", 0, true, areas, 3);
	munmap(areas[2].start, size);
	free(areas[0].start);
}

/* Many pieces of one page: it is pinned once for each. */
static void test_crumbs(struct device *device)
{
	__u8 *page = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	struct area areas[EDU_MAXIMUM_BUFFERS];
	unsigned int i;

	for (i = 0; i < EDU_MAXIMUM_BUFFERS; i++)
		areas[i] = (struct area) {
			.start = page + i * 300,
			.size = 300,
			.offset = 17 + i,
			.length = 1 + 29 * i,
		};
	run(device, "chain in one page", 2, true, areas, EDU_MAXIMUM_BUFFERS);
	run(device, "chain in one page", 4, false, areas, EDU_MAXIMUM_BUFFERS);
	munmap(page, PAGE);
}

void test_chains(struct device *device)
{
	test_chain(device);
	test_crumbs(device);
	pins_are_back(device, "chains");
}

/* The driver's host compares the list with the pages; nothing is moved. */
static void map_only(struct device *device, const char *name, bool write, struct area *areas,
		     unsigned int count)
{
	struct transfer transfer = {
		.name = name,
		.adapter = EduLargeAdapter,
		.method = EduMapOnly,
		.write = write,
		.count = count,
	};
	unsigned int i;
	bool good;
	int error;

	memcpy(transfer.areas, areas, count * sizeof(*areas));
	for (i = 0; i < count; i++)
		transfer.bytes += areas[i].length;
	error = transfer_submit(device, &transfer);
	good = !error && !transfer.args.status && transfer.args.elements >= count &&
	       transfer.args.classes;
	if (!good)
		fail(device, "%s: %s, status 0x%08x, %u elements", name, strerror(error),
		     transfer.args.status, transfer.args.elements);
	report(device, "mapped", &transfer, good);
}

static void stamp(struct area *area, __u32 seed)
{
	size_t i;

	for (i = 0; i + sizeof(seed) <= area->size; i += 512)
		memcpy(area->start + i, &(__u32){ seed + i }, sizeof(seed));
}

static bool is_stamped(const struct area *area, __u32 seed)
{
	size_t i;

	for (i = 0; i + sizeof(seed) <= area->size; i += 512)
		if (memcmp(area->start + i, &(__u32){ seed + i }, sizeof(seed)))
			return false;
	return true;
}

void test_mebibyte(struct device *device)
{
	struct area whole = area_malloc(EDU_MAP_LENGTH);
	struct area parts[2] = { whole, whole };

	stamp(&whole, 0x1000000);
	map_only(device, "a mebibyte", true, &whole, 1);
	map_only(device, "a mebibyte", false, &whole, 1);
	parts[0].length = EDU_MAP_LENGTH / 2 - 77;
	parts[1].offset += 333;
	/* Each piece may touch two pages more than it fills, and the adapter counts pages. */
	parts[1].length = EDU_MAP_LENGTH - 2 * PAGE - parts[0].length;
	map_only(device, "nearly a mebibyte of two pieces", true, parts, 2);
	if (!is_stamped(&whole, 0x1000000))
		fail(device, "a mebibyte: the buffer has changed");
	free(whole.start);
	pins_are_back(device, "a mebibyte");
}
