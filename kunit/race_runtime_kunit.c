// SPDX-License-Identifier: GPL-2.0-only
/*
 * Races of the runtime routines: device queues, StartIo and waits, each used by two processors, in
 * memory that its owner overwrites and uses again as soon as it may.
 */
#include <linux/math.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <wdmdma/irp.h>
#include <wdmdma/ke.h>
#include <wdmdma/rtl.h>
#include <wdmdma/startio.h>
#include <wdmdma/wait.h>

#include "fixture.h"
#include "race.h"

#define WK_POISON_BYTE	0xA5
#define WK_ENTRIES	32	/* of each thread */

/* Device queues: two threads insert, and whoever is let through serves until nothing waits. */
struct wk_entry {
	KDEVICE_QUEUE_ENTRY entry;
	u32 thread, number;
};

struct wk_device_queue {
	struct wk_wrong wrong;
	KDEVICE_QUEUE queue;
	u32 rounds;
	atomic_t parties;
	atomic_t serving;
	atomic_t served[2];
	u32 last[2];			/* the server's; by thread */
	atomic_t in_use[2][WK_ENTRIES];
	struct wk_entry entries[2][WK_ENTRIES];
	atomic_t let_through, waited;
};

static void wk_serve_entry(struct wk_device_queue *it, struct wk_entry *entry)
{
	u32 thread = entry->thread, number = entry->number;

	if (!wk_must(&it->wrong, thread < 2, number))
		return;
	wk_must(&it->wrong, number == it->last[thread]++, number);
	/* Its owner has it again: whoever inserted it must not look whether it waits any more. */
	memset(entry, 0, sizeof(*entry));
	atomic_inc(&it->served[thread]);
	atomic_set_release(&it->in_use[thread][number % WK_ENTRIES], 0);
}

static void wk_serve_queue(struct wk_device_queue *it, struct wk_entry *entry,
			   struct wk_dice *dice)
{
	PKDEVICE_QUEUE_ENTRY next;

	for (;;) {
		wk_must(&it->wrong, atomic_inc_return(&it->serving) == 1, 0);
		wk_serve_entry(it, entry);
		wk_dither(dice);
		atomic_dec(&it->serving);
		next = KeRemoveDeviceQueue(&it->queue);
		if (!next || wk_is_wrong(&it->wrong))
			break;
		entry = CONTAINING_RECORD(next, struct wk_entry, entry);
	}
}

static void wk_insert_entries(void *data)
{
	struct wk_device_queue *it = data;
	u32 thread = atomic_inc_return(&it->parties) - 1, number;
	struct wk_dice dice = wk_dice(thread);

	for (number = 0; number < it->rounds / 2 && !wk_is_wrong(&it->wrong); number++) {
		struct wk_entry *entry = &it->entries[thread][number % WK_ENTRIES];
		atomic_t *in_use = &it->in_use[thread][number % WK_ENTRIES];
		KIRQL irql;

		wk_await(&it->wrong, !atomic_read_acquire(in_use), number);
		entry->thread = thread;
		entry->number = number;
		atomic_set(in_use, 1);
		wk_dither(&dice);
		KeRaiseIrql(DISPATCH_LEVEL, &irql);
		if (KeInsertDeviceQueue(&it->queue, &entry->entry)) {
			atomic_inc(&it->waited);
		} else {
			atomic_inc(&it->let_through);
			wk_serve_queue(it, entry, &dice);
		}
		KeLowerIrql(irql);
	}
}

static void wk_insert_races_remove(struct kunit *test)
{
	static void (* const parties[])(void *data) = { wk_insert_entries, wk_insert_entries };
	struct wk_device_queue *it = kunit_kzalloc(test, sizeof(*it), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, it);
	KeInitializeDeviceQueue(&it->queue);
	it->rounds = round_up(wk_rounds(), 2);
	wk_run_parties(test, ARRAY_SIZE(parties), parties, it);
	wk_judge(test, &it->wrong);
	KUNIT_EXPECT_EQ(test, atomic_read(&it->served[0]) + atomic_read(&it->served[1]),
			it->rounds);
	KUNIT_EXPECT_FALSE(test, it->queue.Busy);
	kunit_info(test, "%d let through, %d waited\n", atomic_read(&it->let_through),
		   atomic_read(&it->waited));
	KUNIT_EXPECT_TRUE(test, !wk_is_smp() || atomic_read(&it->waited));
}

/* StartIo: one processor starts requests, the other, the device, completes them. */
#define WK_PACKETS	64

struct wk_packet {
	IRP irp;
	atomic_t in_use;
	u32 number;
};

struct wk_packets {
	struct wk_wrong wrong;
	DRIVER_OBJECT driver;
	DEVICE_OBJECT device;
	u32 rounds;
	struct wk_packet packets[WK_PACKETS];
	atomic_t serving;		/* number + 1 of the one that StartIo was given */
	atomic_t inside;		/* StartIo */
	u32 number;			/* of the one started last; the starter's */
	u32 next;			/* that StartIo must get */
	atomic_t completed;
	struct task_struct *starter;
	atomic_t started_here, started_there;
};

static void wk_start_packet(struct wk_packets *it, u32 number)
{
	struct wk_packet *packet = &it->packets[number % WK_PACKETS];

	packet->number = number;
	atomic_set(&packet->in_use, 1);
	IoStartPacket(&it->device, &packet->irp, NULL, NULL);
}

/* The next request waits, and what StartIo was given is done, before StartIo has returned. */
static void wk_outlast_a_packet(struct wk_packets *it)
{
	u32 spins = wk_is_smp() ? 2000 : 0, rest = 100;
	u32 number = it->number + 1;

	if (number >= it->rounds || atomic_read_acquire(&it->packets[number % WK_PACKETS].in_use))
		return;
	it->number = number;
	wk_start_packet(it, number);
	while (spins-- && rest) {
		rest -= (u32)atomic_read(&it->completed) >= it->next;
		cpu_relax();
	}
}

static VOID wk_packet_start_io(PDEVICE_OBJECT device, PIRP irp)
{
	struct wk_packets *it = device->DeviceExtension;
	struct wk_packet *packet = CONTAINING_RECORD(irp, struct wk_packet, irp);
	struct wk_dice dice = wk_dice(packet->number);
	bool is_starter = current == READ_ONCE(it->starter);

	wk_must(&it->wrong, atomic_inc_return(&it->inside) == 1, packet->number);
	wk_must(&it->wrong, device->CurrentIrp == irp, packet->number);
	wk_must(&it->wrong, packet->number == it->next, packet->number);
	wk_must(&it->wrong, in_softirq(), packet->number);
	it->next++;
	atomic_inc(is_starter ? &it->started_here : &it->started_there);
	/* From here on it may be completed, before this has returned. */
	wk_must(&it->wrong, !atomic_xchg(&it->serving, packet->number + 1), packet->number);
	if (is_starter && !wk_roll(&dice, 8))
		wk_outlast_a_packet(it);
	wk_dither(&dice);
	atomic_dec(&it->inside);
}

static void wk_start_packets(void *data)
{
	struct wk_dice dice = wk_dice(8);
	struct wk_packets *it = data;
	u32 spins;

	WRITE_ONCE(it->starter, current);
	for (; it->number < it->rounds && !wk_is_wrong(&it->wrong); it->number++) {
		struct wk_packet *packet = &it->packets[it->number % WK_PACKETS];

		wk_await(&it->wrong, !atomic_read_acquire(&packet->in_use), it->number);
		wk_dither(&dice);
		wk_start_packet(it, it->number);
		/* So that often nothing waits, but without being held up */
		for (spins = wk_roll(&dice, 4) ? 0 : 500; spins; spins--) {
			if ((u32)atomic_read(&it->completed) > it->number)
				break;
			cpu_relax();
		}
	}
}

static void wk_complete_packets(void *data)
{
	struct wk_dice dice = wk_dice(9);
	struct wk_packets *it = data;
	u32 number;

	for (number = 0; number < it->rounds && !wk_is_wrong(&it->wrong); number++) {
		struct wk_packet *packet = &it->packets[number % WK_PACKETS];

		if (!wk_await(&it->wrong, atomic_read_acquire(&it->serving), number))
			return;
		wk_must(&it->wrong, atomic_read(&it->serving) == number + 1, number);
		wk_must(&it->wrong, READ_ONCE(it->device.CurrentIrp) == &packet->irp, number);
		wk_dither(&dice);
		atomic_set(&it->serving, 0);
		memset(&packet->irp, WK_POISON_BYTE, sizeof(packet->irp));
		atomic_set_release(&packet->in_use, 0);
		atomic_inc(&it->completed);
		IoStartNextPacket(&it->device, wk_roll(&dice, 2));
	}
}

static void wk_start_races_next(struct kunit *test)
{
	static void (* const parties[])(void *data) = { wk_start_packets, wk_complete_packets };
	struct wk_packets *it = kunit_kzalloc(test, sizeof(*it), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, it);
	it->driver.DriverStartIo = wk_packet_start_io;
	it->device.DriverObject = &it->driver;
	it->device.DeviceExtension = it;
	it->rounds = wk_rounds();
	wk_run_parties(test, ARRAY_SIZE(parties), parties, it);
	wk_judge(test, &it->wrong);
	kunit_info(test, "%d started by IoStartPacket's caller, %d by the other\n",
		   atomic_read(&it->started_here), atomic_read(&it->started_there));
	KUNIT_EXPECT_EQ(test, it->next, it->rounds);
	KUNIT_EXPECT_NULL(test, it->device.CurrentIrp);
	KUNIT_EXPECT_TRUE(test, !wk_is_smp() || (atomic_read(&it->started_here) &&
						 atomic_read(&it->started_there)));
}

/*
 * Waits: the waiter's memory, events and wait blocks, is its own again when the wait returns. It
 * has several to be set in a row, so that neither thread waits for the other at each.
 */
#define WK_EVENTS	3
#define WK_WAITS	64

struct wk_wait_memory {
	KEVENT events[WK_EVENTS];
	KWAIT_BLOCK blocks[WK_EVENTS];
};

struct wk_waits {
	struct wk_wrong wrong;
	u32 rounds;
	struct wk_wait_memory memory[WK_WAITS];
	u32 which[WK_WAITS];		/* of the events is to be set */
	atomic_t asked, answered;	/* rounds in which it may be, and has been */
	atomic_t waiting;		/* round of the waiter */
	atomic_t timed_out, early, late;
};

static void wk_ask_for_events(struct wk_waits *it, u32 number, struct wk_dice *dice)
{
	u32 i, j;

	for (i = 0; i < WK_WAITS; i++) {
		for (j = 0; j < WK_EVENTS; j++)
			KeInitializeEvent(&it->memory[i].events[j], SynchronizationEvent, FALSE);
		it->which[i] = wk_roll(dice, WK_EVENTS);
	}
	atomic_set_release(&it->asked, number + WK_WAITS);
}

static void wk_wait_once(struct wk_waits *it, u32 number, struct wk_dice *dice)
{
	LARGE_INTEGER soon = { .QuadPart = -(LONGLONG)wk_roll(dice, 300) - 1 };
	struct wk_wait_memory *memory = &it->memory[number % WK_WAITS];
	u32 i, which = it->which[number % WK_WAITS];
	PLARGE_INTEGER timeout = wk_roll(dice, 32) ? NULL : &soon;
	PVOID objects[WK_EVENTS];
	NTSTATUS status;

	for (i = 0; i < WK_EVENTS; i++)
		objects[i] = &memory->events[i];
	atomic_set(&it->waiting, number);
	wk_dither(dice);
	if (KeReadStateEvent(&memory->events[which]))
		atomic_inc(&it->early);
	else
		atomic_inc(&it->late);
	if (!which)
		status = KeWaitForSingleObject(objects[0], Executive, KernelMode, FALSE, timeout);
	else
		status = KeWaitForMultipleObjects(WK_EVENTS, objects, WaitAny, Executive,
						  KernelMode, FALSE, timeout, memory->blocks);
	if (timeout && status == STATUS_TIMEOUT) {
		atomic_inc(&it->timed_out);
		wk_await(&it->wrong, (u32)atomic_read_acquire(&it->answered) > number, number);
		wk_must(&it->wrong, KeReadStateEvent(&memory->events[which]), number);
	} else {
		wk_must(&it->wrong, status == STATUS_WAIT_0 + which, number);
	}
	/* Who has set it may still be in KeSetEvent, but has nothing to do with it any more. */
	memset(memory, WK_POISON_BYTE, sizeof(*memory));
}

static void wk_wait_always(void *data)
{
	struct wk_dice dice = wk_dice(10);
	struct wk_waits *it = data;
	u32 number, end;

	for (number = 0; number < it->rounds && !wk_is_wrong(&it->wrong);) {
		wk_ask_for_events(it, number, &dice);
		for (end = number + WK_WAITS; number < end && !wk_is_wrong(&it->wrong); number++)
			wk_wait_once(it, number, &dice);
		wk_await(&it->wrong, atomic_read_acquire(&it->answered) == end, number);
		wk_must(&it->wrong, !memchr_inv(it->memory, WK_POISON_BYTE, sizeof(it->memory)),
			number);
	}
}

static void wk_set_always(void *data)
{
	struct wk_dice dice = wk_dice(11);
	struct wk_waits *it = data;
	u32 number, spins;

	for (number = 0; number < it->rounds && !wk_is_wrong(&it->wrong); number++) {
		struct wk_wait_memory *memory = &it->memory[number % WK_WAITS];

		if (!wk_await(&it->wrong, (u32)atomic_read_acquire(&it->asked) > number, number))
			return;
		/* Mostly near the waiter, but never held up by it */
		for (spins = 0; spins < 300 && number > atomic_read(&it->waiting) + 1; spins++)
			cpu_relax();
		wk_dither(&dice);
		KeSetEvent(&memory->events[it->which[number % WK_WAITS]], IO_NO_INCREMENT, FALSE);
		atomic_set_release(&it->answered, number + 1);
	}
}

static void wk_wait_races_set(struct kunit *test)
{
	static void (* const parties[])(void *data) = { wk_wait_always, wk_set_always };
	struct wk_waits *it = kunit_kzalloc(test, sizeof(*it), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, it);
	it->rounds = round_up(wk_rounds(), WK_WAITS);
	wk_run_parties(test, ARRAY_SIZE(parties), parties, it);
	wk_judge(test, &it->wrong);
	kunit_info(test, "%d set before the wait, %d in it or after, %d too late\n",
		   atomic_read(&it->early), atomic_read(&it->late), atomic_read(&it->timed_out));
	KUNIT_EXPECT_TRUE(test, !wk_is_smp() || (atomic_read(&it->early) &&
						 atomic_read(&it->late)));
}

static struct kunit_case wk_race_runtime_cases[] = {
	KUNIT_CASE_SLOW(wk_insert_races_remove),
	KUNIT_CASE_SLOW(wk_start_races_next),
	KUNIT_CASE_SLOW(wk_wait_races_set),
	{}
};

static struct kunit_suite wk_race_runtime_suite = {
	.name = "wdmdma_race_runtime",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_race_runtime_cases,
};

kunit_test_suite(wk_race_runtime_suite);
