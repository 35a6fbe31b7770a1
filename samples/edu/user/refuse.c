// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that must be refused, with nothing moved and nothing kept.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "user.h"

#define PAGE			4096
#define ACCESS_VIOLATION	0xc0000005	/* STATUS_... */
#define INVALID_PARAMETER	0xc000000d

struct refusal {
	const char *name;
	bool write;
	unsigned int count;
	struct edu_ioctl_buffer buffers[2];
	unsigned int store_offset;
	int error;
	unsigned int status;
};

static void check(struct device *device, const struct refusal *refusal, enum _EDU_METHOD method)
{
	struct edu_ioctl_transfer args = {
		.buffers = (uintptr_t)refusal->buffers,
		.count = refusal->count,
		.write = refusal->write,
		.adapter = method == EduMapTransfer ? EduPacketAdapter : EduWideAdapter,
		.method = method,
		.store_offset = refusal->store_offset,
	};
	static __u8 before[EDU_STORE_LENGTH], after[EDU_STORE_LENGTH];
	int error;

	if (pread(device->fd, before, sizeof(before), 0) != sizeof(before))
		fail(device, "%s: the store cannot be read", refusal->name);
	error = ioctl(device->fd, EDU_IOCTL_TRANSFER, &args) ? errno : 0;
	if (error != refusal->error || args.status != refusal->status || args.done)
		fail(device, "%s: %s, status 0x%08x, %u bytes moved", refusal->name,
		     strerror(error), args.status, args.done);
	if (pread(device->fd, after, sizeof(after), 0) != sizeof(after) ||
	    memcmp(before, after, sizeof(after)))
		fail(device, "%s: the store has changed", refusal->name);
	pins_are_back(device, refusal->name);
}

/* Three pages that can be written, read only, and not used at all; then nothing */
static __u8 *make_pages(void)
{
	__u8 *pages = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		abort();
	memset(pages, 0x3c, 4 * PAGE);
	mprotect(pages + PAGE, PAGE, PROT_READ);
	mprotect(pages + 2 * PAGE, PAGE, PROT_NONE);
	munmap(pages + 3 * PAGE, PAGE);
	return pages;
}

static void test_addresses(struct device *device, __u8 *pages)
{
	uintptr_t good = (uintptr_t)pages;
	const struct refusal refusals[] = {
		{ "unmapped, write", true, 1, { { good + 3 * PAGE + 9, 99 } } },
		{ "unmapped, read", false, 1, { { good + 3 * PAGE + 9, 99 } } },
		{ "NULL", false, 1, { { 0, 64 } } },
		{ "read-only memory, read", false, 1, { { good + PAGE + 5, 1000 } } },
		{ "runs into read-only memory, read", false, 1, { { good + 4000, 1000 } } },
		{ "inaccessible memory, write", true, 1, { { good + 2 * PAGE, 10 } } },
		{ "runs into inaccessible memory, write", true, 1,
		  { { good + 77, 3 * PAGE - 99 } } },
		{ "kernel address, write", true, 1, { { 0xffff888000100000, 4096 } } },
		{ "kernel address, read", false, 1, { { 0xffffffff81000000, 4096 } } },
		{ "end of user space", true, 1, { { 0x7ffffffff000 - 10, 8192 } } },
		{ "wraps around", true, 1, { { -100ULL, 200 } } },
		{ "second of a chain unmapped", true, 2,
		  { { good + 10, 1000 }, { good + 3 * PAGE, 100 } } },
		{ "second of a chain read-only, read", false, 2,
		  { { good + 10, 1000 }, { good + PAGE, 100 } } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct refusal refusal = refusals[i];

		refusal.error = EFAULT;
		refusal.status = ACCESS_VIOLATION;
		check(device, &refusal, i & 1 ? EduMapTransfer : EduGetList);
	}
}

static void test_lengths(struct device *device, __u8 *pages)
{
	uintptr_t good = (uintptr_t)pages;
	const struct refusal refusals[] = {
		{ "no bytes", true, 1, { { good, 0 } } },
		{ "no bytes in the second", false, 2, { { good, 10 }, { good + 20, 0 } } },
		{ "more than the store", true, 1, { { good, EDU_STORE_LENGTH + 1 } } },
		{ "past the store", true, 1, { { good, 100 } }, EDU_STORE_LENGTH - 99 },
		{ "behind the store", true, 1, { { good, 100 } }, 0xfffffff0 },
		{ "sum of two is too long", true, 2,
		  { { good, 0x80000000 }, { good, 0x80000001 } } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct refusal refusal = refusals[i];

		refusal.error = EINVAL;
		refusal.status = INVALID_PARAMETER;
		check(device, &refusal, EduGetList);
	}
}

/* What does not get as far as the driver */
static void test_calls(struct device *device, __u8 *pages)
{
	struct edu_ioctl_buffer buffer = { (uintptr_t)pages, 100, 0 };
	struct edu_ioctl_transfer good = {
		.buffers = (uintptr_t)&buffer,
		.count = 1,
		.adapter = EduWideAdapter,
		.method = EduGetList,
	};
	struct edu_ioctl_transfer args = good;

	args.count = 0;
	if (!ioctl(device->fd, EDU_IOCTL_TRANSFER, &args) || errno != EINVAL)
		fail(device, "a request without buffers was not refused");
	args.count = EDU_MAXIMUM_BUFFERS + 1;
	if (!ioctl(device->fd, EDU_IOCTL_TRANSFER, &args) || errno != EINVAL)
		fail(device, "a request with too many buffers was not refused");
	args = good;
	args.adapter = EduMaximumAdapter;
	if (!ioctl(device->fd, EDU_IOCTL_TRANSFER, &args) || errno != EINVAL)
		fail(device, "an adapter that there is not was not refused");
	args = good;
	args.buffers = (uintptr_t)pages + 3 * PAGE;
	if (!ioctl(device->fd, EDU_IOCTL_TRANSFER, &args) || errno != EFAULT)
		fail(device, "an array of buffers that is not there was not refused");
	if (!ioctl(device->fd, EDU_IOCTL_TRANSFER + 1, &args) || errno != ENOTTY)
		fail(device, "another ioctl was not refused");
}

void test_refusals(struct device *device)
{
	__u8 *pages = make_pages();
	unsigned int i;

	test_addresses(device, pages);
	test_lengths(device, pages);
	test_calls(device, pages);
	for (i = 0; i < 2 * PAGE; i++)
		if (pages[i] != 0x3c)
			break;
	if (i < 2 * PAGE)
		fail(device, "a refused request has changed byte %u of its buffer", i);
	munmap(pages, 3 * PAGE);
}
