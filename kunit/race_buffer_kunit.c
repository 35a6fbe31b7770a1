// SPDX-License-Identifier: GPL-2.0-only
/*
 * Common buffers on two processors: elements are looked up, freed and freed with their vector at
 * the same time, and a buffer made of an MDL is freed twice at once. Each goes once.
 */
#include <linux/bottom_half.h>
#include <linux/sizes.h>

#include "race.h"
#include "v3.h"

#define WK_ELEMENTS	8
#define WK_MDLS		8	/* used in turn: what is freed is unmapped a little later */

/* The first party makes what both then take apart. */
struct wk_race_buffer {
	struct wk_v3 v3;
	struct wk_wrong wrong;
	u32 rounds;
	atomic_t made;		/* rounds that have begun, ... */
	atomic_t ended;		/* ... and parties that have ended one */
	PDMA_COMMON_BUFFER_VECTOR vector;
	struct wk_buffer *memory;
	PMDL mdls[WK_MDLS];	/* of a page each */
	PHYSICAL_ADDRESS address;
};

static void wk_make(struct wk_race_buffer *race, u32 round)
{
	const PHYSICAL_ADDRESS low = { .QuadPart = 0 }, high = { .QuadPart = -1 };
	const struct wk_v3 *v3 = &race->v3;
	NTSTATUS status;

	status = v3->ops->AllocateCommonBufferVector(v3->adapter, low, high, MmCached, 0, 0,
						     WK_ELEMENTS, SZ_4K, &race->vector);
	if (!status)
		status = v3->ops->CreateCommonBufferFromMdl(v3->adapter,
				race->mdls[round % WK_MDLS], NULL, 0, &race->address);
	wk_must(&race->wrong, !status, round);
}

static void wk_take_element(struct wk_race_buffer *race, struct wk_dice *dice, u32 round)
{
	const struct wk_v3 *v3 = &race->v3;
	u32 index = wk_roll(dice, WK_ELEMENTS);
	PHYSICAL_ADDRESS address;
	PVOID va;

	v3->ops->GetCommonBufferFromVectorByIndex(v3->adapter, race->vector, index, &va, &address);
	wk_must(&race->wrong, !va == !address.QuadPart, round);
	if (wk_roll(dice, 2))
		v3->ops->FreeCommonBufferFromVector(v3->adapter, race->vector, index);
}

static void wk_take_apart(struct wk_race_buffer *race, struct wk_dice *dice, u32 round)
{
	const struct wk_v3 *v3 = &race->v3;
	bool bh_off = wk_roll(dice, 2);
	u32 i;

	if (bh_off)
		local_bh_disable();
	wk_dither(dice);
	v3->ops->FreeCommonBuffer(v3->adapter, SZ_4K, race->address,
				  race->memory->va + round % WK_MDLS * SZ_4K, TRUE);
	for (i = wk_roll(dice, WK_ELEMENTS); i; i--)
		wk_take_element(race, dice, round);
	v3->ops->FreeCommonBufferVector(v3->adapter, race->vector);
	if (bh_off)
		local_bh_enable();
}

static void wk_expect_nothing_left(struct wk_race_buffer *race, u32 round)
{
	struct wdmdma_adapter_stats stats = {};

	wk_must(&race->wrong, !wdmdma_get_adapter_stats(race->v3.adapter, &stats), round);
	wk_must(&race->wrong, !stats.buffers_live, round);
	wk_must(&race->wrong, !stats.vectors_live, round);
}

static void wk_first_party(void *data)
{
	struct wk_race_buffer *race = data;
	struct wk_dice dice = wk_dice(1);
	u32 round;

	for (round = 1; round <= race->rounds && !wk_is_wrong(&race->wrong); round++) {
		wk_make(race, round);
		atomic_set_release(&race->made, round);
		wk_take_apart(race, &dice, round);
		if (!wk_await(&race->wrong, atomic_read_acquire(&race->ended) == round, round))
			return;
		wk_expect_nothing_left(race, round);
	}
}

static void wk_second_party(void *data)
{
	struct wk_race_buffer *race = data;
	struct wk_dice dice = wk_dice(2);
	u32 round;

	for (round = 1; round <= race->rounds; round++) {
		if (!wk_await(&race->wrong, atomic_read_acquire(&race->made) == round, round))
			return;
		wk_take_apart(race, &dice, round);
		atomic_set_release(&race->ended, round);
	}
}

static void wk_free_races_free(struct kunit *test)
{
	static void (* const parties[])(void *data) = { wk_first_party, wk_second_party };
	struct wk_race_buffer *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	u64 vectors = wdmdma_report_count(WD_REPORT_VECTOR);
	u64 elements = wdmdma_report_count(WD_REPORT_VECTOR_ELEMENT);
	u32 idle, i;

	KUNIT_ASSERT_NOT_NULL(test, race);
	race->v3 = wk_v3_way(test, WK_DIRECT);
	race->memory = wk_alloc_contiguous(test, WK_MDLS);
	for (i = 0; i < WK_MDLS; i++)
		race->mdls[i] = wk_mdl(test, race->memory, i * SZ_4K, SZ_4K);
	race->rounds = wk_rounds() / 10;
	idle = wk_mappings(test);
	/* Of the two frees of the MDL's buffer, and of the vector, one comes second. */
	wk_expect_report(test, WD_REPORT_BUFFER_FREED, race->rounds);
	wk_run_parties(test, ARRAY_SIZE(parties), parties, race);
	wk_judge(test, &race->wrong);
	vectors = wdmdma_report_count(WD_REPORT_VECTOR) - vectors;
	elements = wdmdma_report_count(WD_REPORT_VECTOR_ELEMENT) - elements;
	KUNIT_EXPECT_GE(test, vectors, race->rounds);
	wk_expect_report(test, WD_REPORT_VECTOR, vectors);
	wk_expect_report(test, WD_REPORT_VECTOR_ELEMENT, elements);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(wk_mappings(test) == idle));
}

static struct kunit_case wk_race_buffer_cases[] = {
	KUNIT_CASE_SLOW(wk_free_races_free),
	{}
};

static struct kunit_suite wk_race_buffer_suite = {
	.name = "wdmdma_race_buffer",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_race_buffer_cases,
};

kunit_test_suite(wk_race_buffer_suite);
