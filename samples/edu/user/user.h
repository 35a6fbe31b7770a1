/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program that has buffers of its own transferred by the edu driver and judges every byte.
 *
 * An *area* is memory of the program of which a part, the *data*, takes part in a transfer; the
 * driver's store, as read() and write() show it, is the other side. Before a transfer all of both
 * is poisoned and the source's data filled; after it, the data must be on both sides and all around
 * it as it was. A *preset* area keeps what is in it instead.
 */
#ifndef EDU_USER_H
#define EDU_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../ioctl.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

struct device {
	const char *name;		/* /dev/<name> */
	char pci[32];			/* as the PCI bus calls it */
	int fd;
	unsigned int transfers;
	unsigned long long bytes;
	unsigned int mismatches;	/* other failures included */
	unsigned int classes;		/* bit mask of EDU_CLASS_* */
	unsigned int verified[EduMaximumMethod];	/* transfers by each */
};

struct area {
	__u8 *start;
	size_t size;
	size_t offset;			/* of the data */
	size_t length;
	bool preset;
	bool lost;			/* unmapped meanwhile: not to be looked at */
	__u8 *expected;		/* all bytes, as they were before */
};

struct transfer {
	const char *name;
	enum _EDU_ADAPTER adapter;
	enum _EDU_METHOD method;
	bool write;			/* from the areas to the store */
	struct area areas[EDU_MAXIMUM_BUFFERS];
	unsigned int count;
	size_t slice;			/* the part of the store to use: start and size */
	size_t slice_size;		/* 0: all of it */
	struct edu_ioctl_transfer args;
	__u32 seed;
	size_t bytes;
	size_t store_offset;		/* of the data in the slice */
	__u8 *store;			/* all bytes of the slice, as they are to be */
};

#define THREAD_SIZE	12288		/* memory of a thread */

/* A way to have memory transferred */
struct way {
	enum _EDU_ADAPTER adapter;
	enum _EDU_METHOD method;
};

/* main.c */
void say(struct device *device, const char *format, ...);
void fail(struct device *device, const char *format, ...);
void sleep_ms(unsigned int ms);
unsigned long long now_ms(void);
unsigned int pick(unsigned int limit);
void put(struct device *device, const char *path, const char *text);
bool pins_are_back(struct device *device, const char *what);

/* transfer.c */
void report(struct device *device, const char *kind, const struct transfer *transfer, bool good);
void report_end(struct device *device);
/*
 * A transfer of one of @threads threads, with memory of its own, and a slice of the store. The
 * memory is freed by whoever joins the thread.
 */
void transfer_of_thread(struct transfer *transfer, const char *name, struct way way,
			unsigned int index, unsigned int threads);
bool transfer_prepare(struct device *device, struct transfer *transfer);
int ioctl_transfer(struct device *device, struct edu_ioctl_transfer *args);
struct edu_ioctl_counts get_counts(struct device *device);
int transfer_submit(struct device *device, struct transfer *transfer);
bool transfer_is_whole(struct device *device, struct transfer *transfer);
bool areas_are_whole(struct device *device, struct transfer *transfer);
bool transfer_is_part(struct device *device, struct transfer *transfer);
bool transfer_is_untouched(struct device *device, struct transfer *transfer);
void transfer_free(struct transfer *transfer);
void transfer_run(struct device *device, struct transfer *transfer);

/* the tests */
void test_sizes(struct device *device);			/* memory.c */
void test_memory(struct device *device);
void test_chains(struct device *device);
void test_mebibyte(struct device *device);
void test_threads(struct device *device);		/* threads.c */
void test_unmap(struct device *device);
void test_kill(struct device *device);
void test_extended(struct device *device);		/* extended.c */
void test_signals(struct device *device);		/* signals.c */
void test_suspend(struct device *device);		/* suspend.c */
void test_refusals(struct device *device);		/* refuse.c */
void test_unbind(struct device *device);		/* unbind.c */
void test_remove(struct device *device);
void test_unbind_selftest(struct device *device);

#endif
