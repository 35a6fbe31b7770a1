// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device is taken from the driver while transfers are under way, and given back.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user.h"

#define DRIVER		"/sys/bus/pci/drivers/wdmdma_edu/"
#define PARAMETER	"/sys/module/wdmdma_edu/parameters/selftest"
#define THREADS		6
#define SLICE		(EDU_STORE_LENGTH / THREADS)
#define SIZE		12288
#define CANCELLED	0xc0000120	/* STATUS_... */

static void put(struct device *device, const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail(device, "%s > %s: %s", text, path, strerror(errno));
	close(fd);
}

struct worker {
	struct device *device;
	struct transfer transfer;
	pthread_t thread;
	unsigned int whole;		/* transfers that succeeded */
	unsigned int status;		/* of the last one, if it got to the driver */
	int error;			/* of the one that did not */
};

/* Until one fails, as fast as the device can */
static void *run_until_gone(void *argument)
{
	struct worker *worker = argument;
	struct transfer *transfer = &worker->transfer;
	struct device *device = worker->device;

	do {
		/* The store goes with the device, and then the request must fail. */
		transfer_prepare(device, transfer);
		worker->error = transfer_submit(device, transfer);
		if (!worker->error && areas_are_whole(device, transfer))
			worker->whole++;
		worker->status = transfer->args.status;
		if (worker->error && !transfer_is_part(device, transfer))
			fail(device, "%s: wrong bytes", transfer->name);
		transfer_free(transfer);
	} while (!worker->error);
	return NULL;
}

static void start(struct device *device, struct worker *worker, unsigned int index)
{
	static const struct {
		enum _EDU_ADAPTER adapter;
		enum _EDU_METHOD method;
	} ways[THREADS] = {
		{ EduWideAdapter, EduGetList },
		{ EduPoolAdapter, EduBuildList },
		{ EduPacketAdapter, EduMapTransfer },
		{ EduPoolAdapter, EduKeepChannel },
		{ EduPoolAdapter, EduGetList },
		{ EduNarrowAdapter, EduGetList },
	};
	struct transfer *transfer = &worker->transfer;

	memset(worker, 0, sizeof(*worker));
	worker->device = device;
	transfer->name = "unbound meanwhile";
	transfer->adapter = ways[index].adapter;
	transfer->method = ways[index].method;
	transfer->write = index & 1;
	transfer->slice = index * SLICE;
	transfer->slice_size = SLICE;
	transfer->count = 1;
	transfer->areas[0].start = malloc(SIZE);
	transfer->areas[0].size = SIZE;
	transfer->areas[0].offset = 1000 + pick(3000);
	transfer->areas[0].length = 3001 + 411 * index;
	if (!transfer->areas[0].start ||
	    pthread_create(&worker->thread, NULL, run_until_gone, worker))
		abort();
}

/* The old file is of no use any more, but it keeps the module. */
static void check_gone(struct device *device)
{
	struct edu_ioctl_transfer args = { };
	char path[64], byte;

	if (!ioctl_transfer(device, &args) || errno != ENODEV)
		fail(device, "a request to a device that is gone: %s", strerror(errno));
	if (pread(device->fd, &byte, 1, 0) >= 0 || errno != ENODEV)
		fail(device, "a read from a device that is gone: %s", strerror(errno));
	snprintf(path, sizeof(path), "/dev/%s", device->name);
	if (open(path, O_RDWR) >= 0)
		fail(device, "a device that is gone can be opened");
	if (!syscall(SYS_delete_module, "wdmdma_edu", O_NONBLOCK) || errno != EWOULDBLOCK)
		fail(device, "the module of an open file can be removed: %s", strerror(errno));
}

static void unbind(struct device *device)
{
	put(device, DRIVER "unbind", device->pci);
}

/* Gives the device back and exchanges the file for a new one. */
static void bind_again(struct device *device)
{
	char path[64];

	put(device, DRIVER "bind", device->pci);
	close(device->fd);
	snprintf(path, sizeof(path), "/dev/%s", device->name);
	device->fd = open(path, O_RDWR | O_CLOEXEC);
	if (device->fd < 0)
		fail(device, "not there after it was bound again: %s", strerror(errno));
}

static void run_both(struct device *device, const char *name)
{
	struct transfer transfer = {
		.name = name,
		.adapter = EduWideAdapter,
		.method = EduGetList,
		.count = 1,
		.areas = {
			{ .start = malloc(SIZE), .size = SIZE, .offset = 3333, .length = 2345 },
		},
	};

	transfer_run(device, &transfer);
	transfer.write = true;
	transfer_run(device, &transfer);
	free(transfer.areas[0].start);
}

void test_unbind(struct device *device)
{
	struct worker workers[THREADS];
	unsigned int i, whole = 0, cancelled = 0;
	unsigned long long begin;

	put(device, PARAMETER, "0");
	for (i = 0; i < THREADS; i++)
		start(device, &workers[i], i);
	sleep_ms(2450);		/* some are through, one is half through and the others wait */
	begin = now_ms();
	unbind(device);
	if (now_ms() - begin > 1000)
		fail(device, "unbinding took %llu ms", now_ms() - begin);
	for (i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		if (workers[i].error != ENODEV)
			fail(device, "unbound during a request: %s", strerror(workers[i].error));
		whole += workers[i].whole;
		cancelled += workers[i].status == CANCELLED;
		free(workers[i].transfer.areas[0].start);
	}
	if (!whole)
		fail(device, "unbound before anything was transferred");
	if (cancelled < THREADS - 1)
		fail(device, "unbound when only %u requests were under way", cancelled);
	check_gone(device);
	bind_again(device);
	run_both(device, "bound again");
	pins_are_back(device, "unbound meanwhile");
}

/* The same to the driver's self-test, which says how far it got */
void test_unbind_selftest(struct device *device)
{
	unbind(device);
	put(device, PARAMETER, "1");
	bind_again(device);
	sleep_ms(1050);
	unbind(device);
	put(device, PARAMETER, "0");
	bind_again(device);
	run_both(device, "bound for the third time");
}
