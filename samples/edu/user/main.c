// SPDX-License-Identifier: GPL-2.0-only
/*
 * edu_user DEVICE...: all tests with each of the devices /dev/DEVICE. Ends with a line for each
 * that the driver's self-test ends with, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "user.h"

/* One write() a line: the kernel's log makes each a record, and refuses dprintf(), which seeks. */
void say(struct device *device, const char *format, ...)
{
	char text[240];
	int length = snprintf(text, sizeof(text), "wdmdma_edu_user %s: ", device->name);
	va_list args;

	va_start(args, format);
	length += vsnprintf(text + length, sizeof(text) - length - 1, format, args);
	va_end(args);
	if (length > (int)sizeof(text) - 2)
		length = sizeof(text) - 2;
	text[length++] = '\n';
	if (write(STDOUT_FILENO, text, length) != length)
		_exit(3);
}

/* Counts like a transfer with wrong bytes. */
void fail(struct device *device, const char *format, ...)
{
	char text[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say(device, "error: %s", text);
	__atomic_add_fetch(&device->mismatches, 1, __ATOMIC_RELAXED);
}

/* echo @text > @path */
void put(struct device *device, const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail(device, "%s > %s: %s", text, path, strerror(errno));
	close(fd);
}

void sleep_ms(unsigned int ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	while (nanosleep(&time, &time) && errno == EINTR)
		;
}

unsigned long long now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000ULL + time.tv_nsec / 1000000;
}

/* 0 to @limit - 1, the same in every run */
unsigned int pick(unsigned int limit)
{
	static __u32 state = 1;

	return (__atomic_add_fetch(&state, 0x9e3779b9, __ATOMIC_RELAXED) >> 8) % limit;
}

/* Pins of pages, system-wide; -1: this kernel does not count them. */
static long long pins(void)
{
	long long taken = -1, given = -1, value;
	char name[64];
	FILE *file;
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY);

	if (fd >= 0) {
		if (write(fd, "1", 1) != 1)
			taken = -1;
		close(fd);
	}
	file = fopen("/proc/vmstat", "r");
	if (!file)
		return -1;
	while (fscanf(file, "%63s %lld", name, &value) == 2) {
		if (!strcmp(name, "nr_foll_pin_acquired"))
			taken = value;
		if (!strcmp(name, "nr_foll_pin_released"))
			given = value;
	}
	fclose(file);
	return taken < 0 ? -1 : taken - given;
}

/* Pages may be released a little later than their request is completed. */
bool pins_are_back(struct device *device, const char *what)
{
	long long left = pins();
	int tries;

	for (tries = 0; left && tries < 20; tries++) {
		sleep_ms(100);
		left = pins();
	}
	if (left)
		fail(device, "%s: %lld pages are still pinned", what, left);
	return !left;
}

static bool device_open(struct device *device)
{
	char path[64], link[256];
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/class/misc/%s/device", device->name);
	length = readlink(path, link, sizeof(link) - 1);
	if (length < 0)
		return false;
	link[length] = 0;
	snprintf(device->pci, sizeof(device->pci), "%.31s", basename(link));
	snprintf(path, sizeof(path), "/dev/%s", device->name);
	device->fd = open(path, O_RDWR | O_CLOEXEC);
	return device->fd >= 0;
}

static void test_all(struct device *device)
{
	test_sizes(device);
	test_memory(device);
	test_chains(device);
	test_mebibyte(device);
	test_extended(device);
	test_refusals(device);
	test_threads(device);
	test_unmap(device);
	test_kill(device);
	test_signals(device);
	test_suspend(device);
	test_unbind(device);
	test_remove(device);
	test_unbind_selftest(device);
}

int main(int argc, char **argv)
{
	unsigned int mismatches = 0;
	int i;

	for (i = 1; i < argc; i++) {
		struct device device = { .name = argv[i] };

		if (!device_open(&device)) {
			fail(&device, "cannot be opened: %s", strerror(errno));
		} else {
			test_all(&device);
			close(device.fd);
			pins_are_back(&device, "at the end");
		}
		report_end(&device);
		mismatches += device.mismatches;
	}
	return mismatches != 0;
}
