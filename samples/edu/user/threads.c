// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens to a process while its memory is being transferred: requests of other threads, the
 * memory is unmapped, the process is killed.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user.h"

#define THREADS	12
#define SIZE	12288

struct worker {
	struct device *device;
	struct transfer transfer;
	pthread_t thread;
	int error;
};

static pthread_barrier_t barrier;

static void start(struct worker *worker, void *(*routine)(void *))
{
	if (pthread_create(&worker->thread, NULL, routine, worker))
		abort();
}

static void *run_transfer(void *argument)
{
	struct worker *worker = argument;

	pthread_barrier_wait(&barrier);
	transfer_run(worker->device, &worker->transfer);
	return NULL;
}

/* A dozen requests at once, for an adapter with map registers for two or three of them */
void test_threads(struct device *device)
{
	static const enum _EDU_METHOD methods[] = {
		EduGetList, EduKeepChannel, EduBuildList, EduMapTransfer,
	};
	struct worker workers[THREADS] = { };
	unsigned int i;

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (i = 0; i < THREADS; i++) {
		struct transfer *transfer = &workers[i].transfer;

		workers[i].device = device;
		transfer_of_thread(transfer, "one of a dozen",
				   (struct way){ EduPoolAdapter, methods[i % 4] }, i, THREADS);
		transfer->write = i % 3 == 0;
		transfer->areas[0].offset = 100 + pick(4000);
		transfer->areas[0].length = 1200 + 37 * i;
		start(&workers[i], run_transfer);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		free(workers[i].transfer.areas[0].start);
	}
	pthread_barrier_destroy(&barrier);
	pins_are_back(device, "threads");
}

static void *submit(void *argument)
{
	struct worker *worker = argument;

	worker->error = transfer_submit(worker->device, &worker->transfer);
	return NULL;
}

static void *map(void)
{
	void *start = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED)
		abort();
	return start;
}

/* The device uses the pages, not the addresses: pages stay although nothing maps them any more. */
void test_unmap(struct device *device)
{
	struct worker worker = {
		.device = device,
		.transfer = {
			.name = "unmapped meanwhile",
			.adapter = EduWideAdapter,
			.method = EduGetList,
			.write = true,
			.count = 1,
			.areas = {
				{ .start = map(), .size = SIZE, .offset = 1001, .length = 9001 },
			},
		},
	};
	struct transfer *transfer = &worker.transfer;
	__u8 *other;
	bool good;

	good = transfer_prepare(device, transfer);
	start(&worker, submit);
	sleep_ms(250);
	munmap(transfer->areas[0].start, SIZE);
	transfer->areas[0].lost = true;
	/* Whoever gets the pages now would find his data in the store. */
	other = map();
	memset(other, 0x77, SIZE);
	pthread_join(worker.thread, NULL);
	good = transfer_is_whole(device, transfer) && good && !worker.error;
	report(device, "transfer", transfer, good);
	device->transfers++;
	device->bytes += transfer->bytes;
	munmap(other, SIZE);
	transfer_free(transfer);
	pins_are_back(device, "unmapped meanwhile");
}

/* A process that is killed must be gone soon, and not before the device has let go. */
void test_kill(struct device *device)
{
	unsigned long long killed;
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		struct transfer transfer = {
			.name = "killed",
			.adapter = EduWideAdapter,
			.method = EduGetList,
			.count = 1,
			.areas = { { .length = EDU_STORE_LENGTH } },
		};

		transfer.areas[0].start = malloc(EDU_STORE_LENGTH);
		transfer_submit(device, &transfer);
		_exit(1);
	}
	sleep_ms(350);
	killed = now_ms();
	kill(child, SIGKILL);
	if (child < 0 || waitpid(child, &status, 0) != child)
		fail(device, "no child to kill");
	else if (!WIFSIGNALED(status))
		fail(device, "a process's request was over before it was killed");
	if (now_ms() - killed > 2000)
		fail(device, "a killed process stayed for %llu ms", now_ms() - killed);
	pins_are_back(device, "killed");
}
