/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Races on real processors: what their suites share.
 *
 * Threads of their own, each bound to a processor, use what is tested at the same time; a thread
 * waits for another only when it has nothing to do, and after that for a random moment, so that
 * their steps meet at every distance. What is wrong is noted by whoever sees it, in any context,
 * and judged at the end by the test; from then on the race only runs out.
 *
 * With one processor the threads take turns, there are fewer rounds, and who came first is not
 * asked.
 */
#ifndef WDMDMA_KUNIT_RACE_H
#define WDMDMA_KUNIT_RACE_H

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/types.h>

#define WK_RACE_PARTIES		4

static inline bool wk_is_smp(void)
{
	return num_online_cpus() > 1;
}

/* Rounds of a race: the module parameter race_rounds, or what is meant for so many processors */
u32 wk_rounds(void);

/* What went wrong first, and how often something did */
struct wk_wrong {
	atomic_t count;
	const char *what;
	u32 round;
};

void wk_note_wrong(struct wk_wrong *wrong, const char *what, u32 round);
void wk_judge(struct kunit *test, const struct wk_wrong *wrong);

/* Notes it unless @condition holds. Evaluates to @condition. */
#define wk_must(wrong, condition, round) ({			\
	bool wk_holds = (condition);				\
	if (unlikely(!wk_holds))				\
		wk_note_wrong(wrong, #condition, round);	\
	wk_holds;						\
})

static inline bool wk_is_wrong(const struct wk_wrong *wrong)
{
	return atomic_read(&wrong->count);
}

/* A thread's, for decisions and delays */
struct wk_dice {
	u32 state;
};

static inline struct wk_dice wk_dice(u32 seed)
{
	return (struct wk_dice){ seed * 2654435761U + 1 };
}

/* 0 .. @below - 1 */
static inline u32 wk_roll(struct wk_dice *dice, u32 below)
{
	dice->state = dice->state * 1664525 + 1013904223;
	return (u64)dice->state * below >> 32;
}

/* A random moment: mostly none, sometimes that of a table call, rarely more. */
void wk_dither(struct wk_dice *dice);

/* Waits for other parties, half a minute at most. False: they never came. */
struct wk_patience {
	unsigned long deadline;
	u32 tries;
};

bool wk_wait_more(struct wk_patience *patience);

#define wk_await(wrong, condition, round) ({				\
	struct wk_wrong *wk_wrong = (wrong);				\
	struct wk_patience wk_patience = {};				\
	bool wk_met;							\
	while (!(wk_met = (condition)) && !wk_is_wrong(wk_wrong) &&	\
	       wk_wait_more(&wk_patience))				\
		;							\
	if (!wk_met && !wk_is_wrong(wk_wrong))				\
		wk_note_wrong(wk_wrong, "waited for " #condition, round); \
	wk_met;								\
})

/* Runs @count functions at once, the n-th on the n-th processor, and waits until all return. */
void wk_run_parties(struct kunit *test, unsigned int count, void (* const *parties)(void *data),
		    void *data);

#endif
