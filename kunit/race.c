// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that race (race.h). More or fewer rounds:
 *
 *	insmod wdmdma_kunit.ko race_rounds=1000000
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "race.h"

#define WK_PATIENCE	(30 * HZ)
#define WK_SPINS	2000	/* then let the processor do something else */

#define WK_ROUNDS	100000
#define WK_ROUNDS_ALONE	2000	/* with one processor */

static unsigned int race_rounds;
module_param(race_rounds, uint, 0444);
MODULE_PARM_DESC(race_rounds, "rounds of each race of the wdmdma_race suites");

u32 wk_rounds(void)
{
	if (race_rounds)
		return race_rounds;
	return wk_is_smp() ? WK_ROUNDS : WK_ROUNDS_ALONE;
}

void wk_note_wrong(struct wk_wrong *wrong, const char *what, u32 round)
{
	if (atomic_inc_return(&wrong->count) > 1)
		return;
	wrong->round = round;
	WRITE_ONCE(wrong->what, what);
}

void wk_judge(struct kunit *test, const struct wk_wrong *wrong)
{
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&wrong->count), 0, "round %u: not true: %s",
			    wrong->round, READ_ONCE(wrong->what));
}

void wk_dither(struct wk_dice *dice)
{
	u32 scale = wk_roll(dice, 8);
	u32 loops = scale < 4 ? 0 : wk_roll(dice, scale < 7 ? 50 : 500);

	while (loops--)
		cpu_relax();
}

bool wk_wait_more(struct wk_patience *patience)
{
	if (!patience->deadline)
		patience->deadline = jiffies + WK_PATIENCE;
	if (wk_is_smp() && ++patience->tries % WK_SPINS) {
		cpu_relax();
		return true;
	}
	usleep_range(20, 50);
	return time_before(jiffies, patience->deadline);
}

struct wk_party {
	void (*function)(void *data);
	void *data;
	struct completion *start;
	struct completion done;
};

static int wk_party(void *data)
{
	struct wk_party *party = data;

	wait_for_completion(party->start);
	party->function(party->data);
	/* The test may end, and with it the module, as soon as it is done. */
	kthread_complete_and_exit(&party->done, 0);
}

void wk_run_parties(struct kunit *test, unsigned int count, void (* const *functions)(void *data),
		    void *data)
{
	struct wk_party parties[WK_RACE_PARTIES];
	struct completion start;
	unsigned int i, cpu = cpumask_first(cpu_online_mask);

	KUNIT_ASSERT_LE(test, count, WK_RACE_PARTIES);
	init_completion(&start);
	for (i = 0; i < count; i++) {
		struct task_struct *task;

		parties[i] = (struct wk_party){
			.function = functions[i],
			.data = data,
			.start = &start,
		};
		init_completion(&parties[i].done);
		task = kthread_create(wk_party, &parties[i], "wk_party/%u", i);
		KUNIT_ASSERT_FALSE(test, IS_ERR(task));
		kthread_bind(task, cpu);
		wake_up_process(task);
		cpu = cpumask_next(cpu, cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(cpu_online_mask);
	}
	complete_all(&start);
	/* In turns: to wait for minutes looks like being hung. */
	for (i = 0; i < count; i++)
		while (!wait_for_completion_timeout(&parties[i].done, 10 * HZ))
			;
}
