// SPDX-License-Identifier: GPL-2.0-only
/*
 * What drivers do inside the completion routine of a system-DMA transfer.
 */
#include <linux/slab.h>

#include "system.h"

/* A request of a driver's: allocated for each, and freed where it ends */
struct wk_packet {
	struct wk_context context;
	struct wk_done done;
	struct wk_sys *sys;
	PVOID base;
	PMDL mdl;
	ULONG length;
	u32 *ended;
};

static struct wk_packet *wk_packet(struct wk_sys *sys, PMDL mdl, u32 *ended)
{
	struct wk_packet *packet = kzalloc(sizeof(*packet), GFP_ATOMIC);

	if (!packet)
		return NULL;
	packet->sys = sys;
	packet->mdl = mdl;
	packet->length = PAGE_SIZE;
	packet->ended = ended;
	packet->done.data = packet;
	return packet;
}

/* Flushes, lets the next have the channel, and frees all that the request had. */
static void wk_packet_free(struct wk_done *done)
{
	struct wk_packet *packet = done->data;

	wk_sys_flush(packet->sys, packet->base, packet->mdl, 0, packet->length, true);
	packet->sys->ops->FreeAdapterChannel(packet->sys->adapter);
	++*packet->ended;
	memset(packet, 0xA5, sizeof(*packet));
	kfree(packet);
}

static void everything_is_freed(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, (struct wk_dma_kind){});
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 1), 0, PAGE_SIZE);
	u32 ended = 0, i;

	sys.chan->auto_complete = true;
	for (i = 1; i <= 20; i++) {
		struct wk_packet *packet = wk_packet(&sys, mdl, &ended);

		KUNIT_ASSERT_NOT_NULL(test, packet);
		packet->done.inside = wk_packet_free;
		KUNIT_ASSERT_EQ(test, wk_sys_try(&sys, &packet->context, 1, &packet->base),
				STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, packet->base, mdl, 0, &packet->length, true,
						 &packet->done), STATUS_SUCCESS);
		KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(ended) == i));
	}
	KUNIT_EXPECT_EQ(test, wk_stats(test, sys.adapter).sets_live, 0);
}

static IO_ALLOCATION_ACTION wk_packet_granted(PDEVICE_OBJECT object, PIRP irp, PVOID base,
					      PVOID context)
{
	struct wk_packet *packet = context;

	packet->base = base;
	wk_sys_map(packet->sys, base, packet->mdl, 0, &packet->length, true, &packet->done);
	return KeepObject;
}

/* The next request is made before this one ends, and waits for that. */
static void wk_packet_next(struct wk_done *done)
{
	struct wk_packet *packet = done->data, *next;
	struct wk_sys *sys = packet->sys;

	if (*packet->ended < 200) {
		next = wk_packet(sys, packet->mdl, packet->ended);
		if (next) {
			next->done.inside = wk_packet_next;
			sys->ops->InitializeDmaTransferContext(sys->adapter, &next->context);
			sys->ops->AllocateAdapterChannelEx(sys->adapter, sys->object,
							   &next->context, 1, 0,
							   wk_packet_granted, next, NULL);
		}
	}
	wk_packet_free(done);
}

/* So many that a routine which ran inside another would need more stack than there is. */
static void each_requests_the_next(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, (struct wk_dma_kind){});
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 1), 0, PAGE_SIZE);
	struct wk_packet *first;
	u32 ended = 0;

	sys.chan->auto_complete = true;
	first = wk_packet(&sys, mdl, &ended);
	KUNIT_ASSERT_NOT_NULL(test, first);
	first->done.inside = wk_packet_next;
	KUNIT_ASSERT_EQ(test, wk_sys_try(&sys, &first->context, 1, &first->base), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, first->base, mdl, 0, &first->length, true,
					 &first->done), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(ended) == 201));
	KUNIT_EXPECT_EQ(test, sys.chan->nr_callbacks, 201);
	KUNIT_EXPECT_EQ(test, wk_stats(test, sys.adapter).channels_granted, 201);
	KUNIT_EXPECT_EQ(test, sys.chan->nr_terminates, 0);
}

struct wk_pieces {
	struct wk_run *run;
	u32 piece;
};

/* More of them, one after the other, than are called in one go */
static void wk_next_piece(struct wk_done *done)
{
	struct wk_pieces *pieces = done->data;
	struct wk_run *run = pieces->run;

	wk_sys_flush(&run->sys, run->base, run->mdl, pieces->piece * 64, 64, false);
	if (++pieces->piece == WK_RUN_BYTES / 64)
		return;
	run->length = 64;
	wk_sys_map(&run->sys, run->base, run->mdl, pieces->piece * 64, &run->length, false, done);
}

static void one_piece_after_the_other(struct kunit *test)
{
	struct wk_run *run = wk_run_of(test, (struct wk_dma_kind){});
	struct wk_pieces pieces = { .run = run };

	run->sys.chan->auto_complete = true;
	run->done.inside = wk_next_piece;
	run->done.data = &pieces;
	run->length = 64;
	KUNIT_EXPECT_EQ(test, wk_sys_map(&run->sys, run->base, run->mdl, 0, &run->length, false,
					 &run->done), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(pieces.piece) == WK_RUN_BYTES / 64));
	KUNIT_EXPECT_EQ(test, run->done.count, WK_RUN_BYTES / 64);
	KUNIT_EXPECT_EQ(test, memcmp(run->buffer->va, run->sys.dma->memory, WK_RUN_BYTES), 0);
	wk_sys_free(&run->sys);
}

struct wk_answers {
	struct wk_run *run;
	NTSTATUS first, second, map;
	ULONG counter;
};

static void wk_cancel_inside(struct wk_done *done)
{
	struct wk_answers *answers = done->data;
	struct wk_run *run = answers->run;

	answers->counter = run->sys.ops->ReadDmaCounter(run->sys.adapter);
	answers->first = wk_sys_cancel(&run->sys);
	answers->second = wk_sys_cancel(&run->sys);
	/* Not before it was flushed, whatever else */
	answers->map = wk_run_start(run);
}

/* It is over, so there is nothing to stop; what the driver would map next is what is marked. */
static void cancelled_inside(struct kunit *test)
{
	struct wk_run *run = wk_run_of(test, (struct wk_dma_kind){});
	struct wk_answers answers = { .run = run };

	run->done.inside = wk_cancel_inside;
	run->done.data = &answers;
	KUNIT_EXPECT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	wk_dma_complete(test, run->sys.chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(run->done.count));
	KUNIT_EXPECT_EQ(test, answers.counter, 0);
	KUNIT_EXPECT_EQ(test, answers.first, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, answers.second, STATUS_INVALID_DEVICE_STATE);
	KUNIT_EXPECT_EQ(test, answers.map, STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, run->sys.chan->nr_terminates, 0);
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, memcmp(run->buffer->va, run->sys.dma->memory, WK_RUN_BYTES), 0);
	msleep(20);
	KUNIT_EXPECT_EQ(test, run->done.count, 1);
	KUNIT_EXPECT_EQ(test, run->done.status, DmaComplete);
	wk_sys_free(&run->sys);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(everything_is_freed),
	KUNIT_CASE(each_requests_the_next),
	KUNIT_CASE(one_piece_after_the_other),
	KUNIT_CASE(cancelled_inside),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_system_inside",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
