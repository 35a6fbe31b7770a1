// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device is taken from the driver while transfers are under way, and given back: by its being
 * unbound, and by its ceasing to answer, as if it were pulled out.
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
#define THREADS		12
#define CANCELLED	0xc0000120	/* STATUS_... */
#define IO_TIMEOUT	0xc00000b5
#define COMMAND		4		/* in the PCI configuration: memory and bus mastering are */
#define ENABLE		0x6		/* these bits */

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
	static const struct way ways[THREADS] = {
		{ EduWideAdapter, EduGetList },
		{ EduPoolAdapter, EduBuildList },
		{ EduPacketAdapter, EduMapTransfer },
		{ EduPoolAdapter, EduKeepChannel },
		{ EduPoolAdapter, EduGetList },
		{ EduNarrowAdapter, EduGetList },
		/* These need at least two map registers each, and there are six. */
		{ EduExtendedAdapter, EduMapTransferEx },
		{ EduExtendedAdapter, EduMapTransferEx },
		{ EduExtendedAdapter, EduMapTransferEx },
		{ EduExtendedAdapter, EduMapTransferEx },
		{ EduExtendedAdapter, EduGetListEx },
		{ EduExtendedAdapter, EduBuildListEx },
	};
	struct transfer *transfer = &worker->transfer;

	memset(worker, 0, sizeof(*worker));
	worker->device = device;
	transfer_of_thread(transfer, "taken away meanwhile", ways[index], index, THREADS);
	transfer->areas[0].offset = 2000 + pick(2000);
	transfer->areas[0].length = 2301 + 211 * index;
	if (pthread_create(&worker->thread, NULL, run_until_gone, worker))
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

static void open_again(struct device *device)
{
	char path[64];

	close(device->fd);
	snprintf(path, sizeof(path), "/dev/%s", device->name);
	device->fd = open(path, O_RDWR | O_CLOEXEC);
	if (device->fd < 0)
		fail(device, "not there when it was given back: %s", strerror(errno));
}

/* Gives the device back and exchanges the file for a new one. */
static void bind_again(struct device *device)
{
	put(device, DRIVER "bind", device->pci);
	open_again(device);
}

/* From one moment to the next it does not answer, transfer or interrupt; then the bus notices. */
static void pull_out(struct device *device)
{
	char path[96];
	__u16 command;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", device->pci);
	fd = open(path, O_RDWR);
	if (pread(fd, &command, sizeof(command), COMMAND) != sizeof(command))
		fail(device, "no configuration: %s", strerror(errno));
	command &= ~ENABLE;
	if (pwrite(fd, &command, sizeof(command), COMMAND) != sizeof(command))
		fail(device, "the configuration cannot be written: %s", strerror(errno));
	close(fd);
	sleep_ms(250);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/remove", device->pci);
	put(device, path, "1");
}

static void plug_in(struct device *device)
{
	put(device, "/sys/bus/pci/rescan", "1");
	open_again(device);
}

static void run_both(struct device *device, const char *name)
{
	struct transfer transfer = {
		.name = name,
		.adapter = EduWideAdapter,
		.method = EduGetList,
		.count = 1,
		.areas = {
			{ .start = malloc(THREAD_SIZE), .size = THREAD_SIZE, .offset = 3333,
			  .length = 2345 },
		},
	};

	transfer_run(device, &transfer);
	transfer.write = true;
	transfer_run(device, &transfer);
	free(transfer.areas[0].start);
}

static void test_leaving(struct device *device, const char *what,
			 void (*leave)(struct device *device),
			 void (*come_back)(struct device *device))
{
	struct worker workers[THREADS];
	unsigned int i, whole = 0, cancelled = 0;
	unsigned long long begin;
	char name[32];

	put(device, PARAMETER, "0");
	for (i = 0; i < THREADS; i++)
		start(device, &workers[i], i);
	sleep_ms(2450);		/* some are through, one is half through and the others wait */
	begin = now_ms();
	leave(device);
	if (now_ms() - begin > 1000)
		fail(device, "%s: that took %llu ms", what, now_ms() - begin);
	for (i = 0; i < THREADS; i++) {
		unsigned int status;

		pthread_join(workers[i].thread, NULL);
		if (workers[i].error != ENODEV)
			fail(device, "%s during a request: %s", what, strerror(workers[i].error));
		status = workers[i].status;
		whole += workers[i].whole;
		cancelled += status == CANCELLED || status == IO_TIMEOUT;
		free(workers[i].transfer.areas[0].start);
	}
	if (!whole)
		fail(device, "%s before anything was transferred", what);
	if (cancelled < THREADS - 1)
		fail(device, "%s when only %u requests were under way", what, cancelled);
	check_gone(device);
	come_back(device);
	snprintf(name, sizeof(name), "%s and back", what);
	run_both(device, name);
	say(device, "%s: %u requests ended, after %u transfers", what, cancelled, whole);
	pins_are_back(device, what);
}

void test_unbind(struct device *device)
{
	test_leaving(device, "unbound", unbind, bind_again);
}

void test_remove(struct device *device)
{
	test_leaving(device, "removed", pull_out, plug_in);
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
