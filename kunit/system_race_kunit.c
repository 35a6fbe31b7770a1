// SPDX-License-Identifier: GPL-2.0-only
/*
 * Races of system DMA: the hardware that finishes, CancelMappedTransfer, flushes, the release of
 * the channel and PutDmaAdapter, each on a processor of its own.
 *
 * Whoever ends a transfer, its routine is called once if the hardware or a cancel did, at most once
 * otherwise, and never for another transfer. dma-debug and the fixture judge the rest.
 */
#include <linux/bottom_half.h>
#include <linux/sizes.h>

#include "race.h"
#include "system.h"

#define WK_BYTES	(2 * PAGE_SIZE)
#define WK_RACERS	3
#define WK_DONES	64	/* a routine is not called later than so many rounds */

struct wk_race_done {
	struct wk_race *race;
	u32 round;
	atomic_t calls;
	DMA_COMPLETION_STATUS status;
};

struct wk_race {
	struct kunit *test;
	struct wk_wrong wrong;
	struct wk_sys sys[WK_RACERS];
	struct wk_dma_chan *chan;
	struct wk_buffer *buffer;
	PMDL mdl;
	PVOID base;
	u32 rounds;
	atomic_t end;
	struct wk_race_done dones[WK_DONES];	/* of this round and those before */
	/* two adapters, or who owns the channel */
	atomic_t owners;
	atomic_t alive, left;
	u32 completed, cancelled, flushed, freed, marked;
};

static struct wk_race *wk_race(struct kunit *test, unsigned int adapters)
{
	struct wk_race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	struct wk_dma *dma;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, race);
	race->test = test;
	/* They are slow: each drains a channel. */
	race->rounds = wk_rounds() / (wk_is_smp() ? 50 : 4);
	dma = wk_sys_bind(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST });
	race->chan = &dma->chans[0];
	for (i = 0; i < WK_DONES; i++)
		race->dones[i].race = race;
	for (i = 0; i < adapters; i++)
		race->sys[i] = wk_sys_of(test, dma, wk_sys_description(3));
	race->buffer = wk_alloc_scattered(test, 2);
	race->mdl = wk_mdl(test, race->buffer, 0, WK_BYTES);
	return race;
}

static VOID wk_race_done(PDMA_ADAPTER adapter, PDEVICE_OBJECT object, PVOID context,
			 DMA_COMPLETION_STATUS status)
{
	struct wk_race_done *done = context;
	struct wk_wrong *wrong = &done->race->wrong;

	wk_must(wrong, in_softirq(), done->round);
	wk_must(wrong, status == DmaComplete || status == DmaCancelled, done->round);
	done->status = status;
	wk_must(wrong, atomic_inc_return(&done->calls) == 1, done->round);
}

/* The controller: finishes whatever was issued, sooner or later. */
static void wk_race_hardware(void *data)
{
	struct wk_race *race = data;
	struct wk_dice dice = wk_dice(2);

	while (!atomic_read(&race->end) && !wk_is_wrong(&race->wrong)) {
		wk_dither(&dice);
		if (wk_dma_is_busy(race->chan)) {
			wk_dma_move(race->test, race->chan, WK_BYTES / (1 + wk_roll(&dice, 3)));
			if (wk_roll(&dice, 4))
				wk_dma_callback(race->test, race->chan, DMA_TRANS_NOERROR);
		} else {
			cond_resched();
		}
	}
}

static void wk_race_cancel(void *data)
{
	struct wk_race *race = data;
	struct wk_dice dice = wk_dice(3);

	while (!atomic_read(&race->end) && !wk_is_wrong(&race->wrong)) {
		NTSTATUS status;

		wk_dither(&dice);
		if (wk_roll(&dice, 8)) {
			cond_resched();
			continue;
		}
		status = wk_sys_cancel(&race->sys[0]);
		wk_must(&race->wrong,
			status == STATUS_SUCCESS || status == STATUS_INVALID_DEVICE_STATE, 0);
	}
}

static void wk_race_release(struct wk_race *race)
{
	wk_sys_free(&race->sys[0]);
	wk_sys_settle(&race->sys[0]);
	race->base = wk_sys_own(&race->sys[0]);
}

/* The driver: maps, then waits for the routine, or flushes without having waited. */
static void wk_race_round(struct wk_race *race, u32 round, struct wk_dice *dice)
{
	struct wk_race_done *done = &race->dones[round % WK_DONES];
	struct wk_sys *sys = &race->sys[0];
	ULONG length = WK_BYTES;
	bool waits = wk_roll(dice, 2), at_dispatch = wk_roll(dice, 2);
	NTSTATUS status;

	/* Those before may still be called, if that is their right. */
	done->round = round;
	atomic_set(&done->calls, 0);
	status = sys->ops->MapTransferEx(sys->adapter, race->mdl, race->base, 0, 0, &length,
					 wk_roll(dice, 2), NULL, 0, wk_race_done, done);
	if (status == STATUS_CANCELLED) {
		race->marked++;
	} else if (wk_must(&race->wrong, status == STATUS_SUCCESS, round)) {
		wk_dither(dice);
		if (waits)
			wk_await(&race->wrong, atomic_read(&done->calls), round);
		else
			race->flushed++;
		if (waits && done->status == DmaComplete)
			race->completed++;
		else if (waits)
			race->cancelled++;
	}
	/* Once in a while without a flush */
	if (!wk_roll(dice, 8)) {
		wk_race_release(race);
		race->freed++;
		return;
	}
	if (at_dispatch)
		local_bh_disable();
	status = wk_sys_flush(sys, race->base, race->mdl, 0, length, false);
	if (at_dispatch)
		local_bh_enable();
	wk_must(&race->wrong, status == STATUS_SUCCESS, round);
	/* After a flush that may sleep the routine is not called any more. */
	if (!at_dispatch) {
		int calls = atomic_read(&done->calls);

		wk_dither(dice);
		wk_must(&race->wrong, atomic_read(&done->calls) == calls, round);
	}
}

static void wk_race_driver(void *data)
{
	struct wk_race *race = data;
	struct wk_dice dice = wk_dice(1);
	u32 round;

	for (round = 1; round <= race->rounds && !wk_is_wrong(&race->wrong); round++) {
		wk_race_round(race, round, &dice);
		if (!wk_roll(&dice, 4))
			wk_race_release(race);
	}
	atomic_set(&race->end, 1);
}

static void ended_by_any(struct kunit *test)
{
	static void (* const parties[])(void *data) = {
		wk_race_driver, wk_race_hardware, wk_race_cancel,
	};
	struct wk_race *race = wk_race(test, 1);
	struct wk_world *world = test->priv;
	u64 before = wdmdma_report_count(WD_REPORT_NOT_FLUSHED);

	race->base = wk_sys_own(&race->sys[0]);
	wk_run_parties(test, ARRAY_SIZE(parties), parties, race);
	wk_judge(test, &race->wrong);
	wk_sys_flush(&race->sys[0], race->base, race->mdl, 0, WK_BYTES, false);
	wk_sys_free(&race->sys[0]);
	wk_sys_settle(&race->sys[0]);
	KUNIT_EXPECT_EQ(test, race->chan->nr_misissued, 0);
	KUNIT_EXPECT_NE(test, race->freed, 0);
	/* Of those freed without a flush, what was not marked before was mapped. */
	world->expected[WD_REPORT_NOT_FLUSHED] +=
		wdmdma_report_count(WD_REPORT_NOT_FLUSHED) - before;
	kunit_info(test, "%u rounds: %u complete, %u cancelled, %u flushed, %u freed, %u marked before\n",
		   race->rounds, race->completed, race->cancelled, race->flushed, race->freed,
		   race->marked);
}

/* Adapters on three processors want one channel: one has it at a time, and each gets its turn. */
static IO_ALLOCATION_ACTION wk_race_control(PDEVICE_OBJECT object, PIRP irp, PVOID base,
					    PVOID context)
{
	struct wk_race_done *done = context;

	wk_must(&done->race->wrong, atomic_inc_return(&done->race->owners) == 1, done->round);
	atomic_inc(&done->calls);
	return KeepObject;
}

static void wk_race_turns(struct wk_race *race, unsigned int which)
{
	struct wk_race_done done = { .race = race };
	struct wk_sys *sys = &race->sys[which];
	PVOID context = &sys->context;
	struct wk_dice dice = wk_dice(which + 10);
	u32 round;

	for (round = 1; round <= race->rounds && !wk_is_wrong(&race->wrong); round++) {
		NTSTATUS status;

		done.round = round;
		atomic_set(&done.calls, 0);
		sys->ops->InitializeDmaTransferContext(sys->adapter, context);
		status = sys->ops->AllocateAdapterChannelEx(sys->adapter, sys->object, context, 2,
							    0, wk_race_control, &done, NULL);
		wk_must(&race->wrong, status == STATUS_SUCCESS, round);
		wk_dither(&dice);
		if (!wk_roll(&dice, 3) &&
		    sys->ops->CancelAdapterChannel(sys->adapter, sys->object, context)) {
			wk_must(&race->wrong, !atomic_read(&done.calls), round);
			continue;
		}
		if (!wk_await(&race->wrong, atomic_read(&done.calls), round))
			return;
		wk_dither(&dice);
		atomic_dec(&race->owners);
		wk_sys_free(sys);
	}
}

static void wk_race_turns_0(void *data)
{
	wk_race_turns(data, 0);
}

static void wk_race_turns_1(void *data)
{
	wk_race_turns(data, 1);
}

static void wk_race_turns_2(void *data)
{
	wk_race_turns(data, 2);
}

static void taking_turns(struct kunit *test)
{
	static void (* const parties[])(void *data) = {
		wk_race_turns_0, wk_race_turns_1, wk_race_turns_2,
	};
	struct wk_race *race = wk_race(test, WK_RACERS);

	wk_run_parties(test, ARRAY_SIZE(parties), parties, race);
	wk_judge(test, &race->wrong);
}

/* Adapters that are put while they wait, map, or have something running */
static void wk_race_user(void *data)
{
	struct wk_race *race = data;
	struct wk_world *world = race->test->priv;
	struct wk_dice dice = wk_dice(5);
	u32 round;

	for (round = 1; round <= race->rounds / 8 && !wk_is_wrong(&race->wrong); round++) {
		DEVICE_DESCRIPTION description = wk_sys_description(3);
		struct wk_race_done *done = &race->dones[round % WK_DONES];
		struct wk_sys *sys = &race->sys[0];
		ULONG length = WK_BYTES;
		PVOID base = NULL;

		done->round = round;
		atomic_set(&done->calls, 0);
		sys->adapter = IoGetDmaAdapter(world->object, &description, &sys->regs);
		if (!wk_must(&race->wrong, sys->adapter, round))
			break;
		atomic_set_release(&race->alive, round);
		if (wk_sys_try(sys, &sys->context, 4, &base) == STATUS_SUCCESS) {
			wk_dither(&dice);
			sys->ops->MapTransferEx(sys->adapter, race->mdl, base, 0, 0, &length, false,
						NULL, 0, wk_race_done, done);
			wk_dither(&dice);
			if (wk_roll(&dice, 2))
				wk_sys_flush(sys, base, race->mdl, 0, length, false);
		}
		wk_await(&race->wrong, atomic_read(&race->left) == round, round);
	}
	atomic_set(&race->end, 1);
}

static void wk_race_putter(void *data)
{
	struct wk_race *race = data;
	struct wk_dice dice = wk_dice(6);
	int round;

	while (!atomic_read(&race->end) && !wk_is_wrong(&race->wrong)) {
		round = atomic_read_acquire(&race->alive);
		if (round == atomic_read(&race->left)) {
			cond_resched();
			continue;
		}
		wk_dither(&dice);
		race->sys[0].ops->PutDmaAdapter(race->sys[0].adapter);
		atomic_set(&race->left, round);
	}
}

static void put_at_any_time(struct kunit *test)
{
	static void (* const parties[])(void *data) = {
		wk_race_user, wk_race_hardware, wk_race_putter,
	};
	struct wk_race *race = wk_race(test, 1);
	struct wk_world *world = test->priv;
	u64 *before = kunit_kcalloc(test, WK_CODES, sizeof(*before), GFP_KERNEL);
	unsigned int code;

	KUNIT_ASSERT_NOT_NULL(test, before);
	wk_put_adapter(test, race->sys[0].adapter);
	for (code = 0; code < WK_CODES; code++)
		before[code] = wdmdma_report_count(code);
	wk_run_parties(test, ARRAY_SIZE(parties), parties, race);
	wk_judge(test, &race->wrong);
	/* What is left behind is reported as often as it happens. */
	for (code = 0; code < WK_CODES; code++)
		if (code == WD_REPORT_CHANNEL_LEFT || code == WD_REPORT_REGS_LEFT ||
		    code == WD_REPORT_DEAD_ADAPTER || code == WD_REPORT_REGS_FREED)
			world->expected[code] += wdmdma_report_count(code) - before[code];
	KUNIT_EXPECT_EQ(test, race->chan->nr_misissued, 0);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(ended_by_any),
	KUNIT_CASE(taking_turns),
	KUNIT_CASE(put_at_any_time),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_system_race",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
