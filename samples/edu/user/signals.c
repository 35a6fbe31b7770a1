// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals that arrive while a request of version 3 is under way. One that still waits for the
 * adapter is taken back, and the caller has EINTR and nothing moved; one that was granted what it
 * waits for is completed as if nothing had happened. The driver counts what it asked the adapter
 * for, what it was granted, and what it was told to be cancelled: there must be nothing else.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user.h"

#define PAGE	4096
#define WAITERS	6
#define THREADS	(WAITERS + 1)
#define SLICE	(EDU_STORE_LENGTH / THREADS)
#define SIZE	(2 * PAGE)
#define TURNS	12		/* requests of each thread in the storm */

/*
 * Where the adapter may have to copy, only what is asked for by MapTransferEx is sure to wait: for
 * a list with addresses in reach nothing is reserved. Behind one that waits all others do.
 */
static const enum _EDU_METHOD methods[THREADS] = {
	EduGetListEx, EduMapTransferEx, EduBuildListEx, EduMapTransferEx, EduGetListExNow,
	EduMapTransferEx, EduBuildListExNow,
};

struct worker {
	struct device *device;
	struct transfer transfer;
	pthread_t thread;
	int error;
	bool over;
	unsigned int completed, cancelled;
};

static void ignore(int signal)
{
	(void)signal;
}

/* Of @count areas, in which everything crosses a page: two map registers for each */
static void prepare(struct worker *worker, struct device *device, unsigned int index,
		    unsigned int count)
{
	struct transfer *transfer = &worker->transfer;
	__u8 *start = mmap(NULL, count * SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	if (start == MAP_FAILED)
		abort();
	worker->device = device;
	transfer->name = "interrupted";
	transfer->adapter = EduExtendedAdapter;
	transfer->method = methods[index];
	transfer->write = index & 1;
	transfer->slice = index * SLICE;
	transfer->slice_size = SLICE;
	transfer->count = count;
	for (i = 0; i < count; i++)
		transfer->areas[i] = (struct area) {
			.start = start + i * SIZE,
			.size = SIZE,
			.offset = 3001 + 77 * index,
			.length = 2002 - 100 * i,
		};
}

static void release(struct worker *worker)
{
	munmap(worker->transfer.areas[0].start, worker->transfer.count * SIZE);
}

static void run_once(struct worker *worker)
{
	struct transfer *transfer = &worker->transfer;
	struct device *device = worker->device;

	if (!transfer_prepare(device, transfer))
		fail(device, "%s: the store cannot be written", transfer->name);
	worker->error = transfer_submit(device, transfer);
	if (!worker->error && transfer_is_whole(device, transfer))
		worker->completed++;
	else if (worker->error == EINTR && !transfer->args.done &&
		 transfer_is_untouched(device, transfer))
		worker->cancelled++;
	else
		fail(device, "%s: %s, status 0x%08x, %u bytes", transfer->name,
		     strerror(worker->error), transfer->args.status, transfer->args.done);
	transfer_free(transfer);
}

static void *run(void *argument)
{
	run_once(argument);
	return NULL;
}

static void *run_often(void *argument)
{
	struct worker *worker = argument;
	unsigned int i;

	for (i = 0; i < TURNS; i++)
		run_once(worker);
	__atomic_store_n(&worker->over, true, __ATOMIC_RELEASE);
	return NULL;
}

static void start(struct worker *worker, void *(*routine)(void *))
{
	if (pthread_create(&worker->thread, NULL, routine, worker))
		abort();
}

/* A process that only waits for the adapter is gone at once when it is killed. */
static void kill_waiting(struct device *device)
{
	struct transfer transfer = {
		.adapter = EduExtendedAdapter,
		.method = EduMapTransferEx,
		.count = 1,
		.areas = { { .start = malloc(SIZE), .length = SIZE } },
	};
	unsigned long long killed;
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		transfer_submit(device, &transfer);
		_exit(1);
	}
	sleep_ms(50);
	killed = now_ms();
	kill(child, SIGKILL);
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
		fail(device, "no child that waited was killed");
	if (now_ms() - killed > 150)
		fail(device, "a process that waited stayed for %llu ms", now_ms() - killed);
	free(transfer.areas[0].start);
}

/* One has all map registers and the others wait: which are interrupted is known. */
static void test_known(struct device *device)
{
	struct worker workers[THREADS] = { };
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		prepare(&workers[i], device, i, i ? 1 : 3);
		if (!i)
			workers[0].transfer.method = EduMapTransferEx;
		start(&workers[i], run);
		sleep_ms(i ? 5 : 150);
	}
	kill_waiting(device);
	for (i = 0; i < THREADS; i += 2)
		pthread_kill(workers[i].thread, SIGUSR1);
	for (i = 0; i < THREADS; i++) {
		bool cancelled = i && i % 2 == 0;

		pthread_join(workers[i].thread, NULL);
		if (workers[i].cancelled != cancelled || workers[i].completed == cancelled)
			fail(device, "request %u of those that wait was%s cancelled", i,
			     workers[i].cancelled ? "" : " not");
		release(&workers[i]);
	}
}

static bool all_over(struct worker *workers)
{
	unsigned int i;

	for (i = 0; i < THREADS && __atomic_load_n(&workers[i].over, __ATOMIC_ACQUIRE); i++)
		;
	return i == THREADS;
}

/* Any of them, at any time */
static void test_storm(struct device *device, unsigned int *completed, unsigned int *cancelled)
{
	struct worker workers[THREADS] = { };
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		prepare(&workers[i], device, i, 1 + i % 2);
		start(&workers[i], run_often);
	}
	while (!all_over(workers)) {
		sleep_ms(10 + pick(150));
		pthread_kill(workers[pick(THREADS)].thread, SIGUSR1);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		*completed += workers[i].completed;
		*cancelled += workers[i].cancelled;
		release(&workers[i]);
	}
}

void test_signals(struct device *device)
{
	struct sigaction action = { .sa_handler = ignore };	/* no SA_RESTART: EINTR */
	struct edu_ioctl_counts before = get_counts(device), after;
	unsigned int completed = 0, cancelled = 0, known;

	sigaction(SIGUSR1, &action, NULL);
	test_known(device);
	after = get_counts(device);
	known = after.cancelled - before.cancelled;
	if (known != WAITERS / 2 + 1)
		fail(device, "%u requests were cancelled, not %u", known, WAITERS / 2 + 1);
	test_storm(device, &completed, &cancelled);
	after = get_counts(device);
	if (after.cancelled - before.cancelled != known + cancelled)
		fail(device, "%u requests were cancelled, and %u callers told",
		     after.cancelled - before.cancelled, known + cancelled);
	if (after.asked != after.granted + after.cancelled)
		fail(device, "of %u requests %u were granted and %u cancelled", after.asked,
		     after.granted, after.cancelled);
	say(device,
	    "interrupted: %u cancelled by CancelAdapterChannel, %u signals too late, %u completed",
	    after.cancelled - before.cancelled, after.late - before.late, completed);
	pins_are_back(device, "interrupted");
}
