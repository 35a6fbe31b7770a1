// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system is suspended to idle and resumed while transfers are under way. It does all that it
 * does then, to the end of the devices' suspension, and does not sleep (pm_test).
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "user.h"

#define TIMES	3	/* at least, and until a command was under way that is given again */
#define MOST	15
#define THREADS	8

struct worker {
	struct device *device;
	struct transfer transfer;
	pthread_t thread;
	unsigned int whole;
};

static bool stop;

static void *run_until_stopped(void *argument)
{
	struct worker *worker = argument;
	struct transfer *transfer = &worker->transfer;
	struct device *device = worker->device;

	bool good = true;

	while (good && !__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		bool prepared = transfer_prepare(device, transfer);
		int error = transfer_submit(device, transfer);

		good = prepared && !error && transfer_is_whole(device, transfer);
		if (!good)
			fail(device, "%s: %s, status 0x%08x", transfer->name, strerror(error),
			     transfer->args.status);
		worker->whole += good;
		transfer_free(transfer);
	}
	return NULL;
}

static void start(struct device *device, struct worker *worker, unsigned int index)
{
	static const struct way ways[THREADS] = {
		{ EduWideAdapter, EduGetList },
		{ EduExtendedAdapter, EduMapTransferEx },
		{ EduExtendedAdapter, EduGetListEx },
		{ EduExtendedAdapter, EduBuildListExNow },
		{ EduExtendedAdapter, EduMapTransferEx },
		{ EduPacketAdapter, EduMapTransfer },
		{ EduPoolAdapter, EduBuildList },
		{ EduNarrowAdapter, EduGetList },
	};
	struct transfer *transfer = &worker->transfer;

	memset(worker, 0, sizeof(*worker));
	worker->device = device;
	transfer_of_thread(transfer, "suspended meanwhile", ways[index], index, THREADS);
	transfer->areas[0].offset = 1000 + pick(3000);
	transfer->areas[0].length = 2501 + 411 * index;
	if (pthread_create(&worker->thread, NULL, run_until_stopped, worker))
		abort();
}

void test_suspend(struct device *device)
{
	struct edu_ioctl_counts before = get_counts(device), after = before;
	struct worker workers[THREADS];
	unsigned int i, times, held, whole = 0;

	put(device, "/sys/module/suspend/parameters/pm_test_delay", "0");
	put(device, "/sys/power/pm_test", "platform");
	__atomic_store_n(&stop, false, __ATOMIC_RELEASE);
	for (i = 0; i < THREADS; i++)
		start(device, &workers[i], i);
	for (times = 0; times < TIMES || (times < MOST && after.repeated == before.repeated);
	     times++) {
		sleep_ms(1000 + pick(300));
		put(device, "/sys/power/state", "freeze");
		sleep_ms(500);
		after = get_counts(device);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	for (i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		if (!workers[i].whole)
			fail(device, "thread %u has transferred nothing", i);
		whole += workers[i].whole;
		free(workers[i].transfer.areas[0].start);
	}
	put(device, "/sys/power/pm_test", "none");

	held = after.held - before.held;
	if (after.suspended - before.suspended != times ||
	    after.kept - before.kept != times)
		fail(device, "suspended %u times, and the store was kept %u times",
		     after.suspended - before.suspended, after.kept - before.kept);
	if (held < times * (THREADS - 1))
		fail(device, "suspended when only %u requests were under way", held);
	say(device,
	    "suspended: %u times in %u transfers, %u held, %u commands redone, store kept %u times",
	    times, whole, held, after.repeated - before.repeated, after.kept - before.kept);
	pins_are_back(device, "suspended meanwhile");
}
