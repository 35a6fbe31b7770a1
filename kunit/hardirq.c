// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hard interrupt for tests: that of a timer.
 */
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/smp.h>

#include "hardirq.h"

struct wk_interrupt {
	struct hrtimer timer;
	struct completion done;
	void (*function)(void *data);
	void *data;
};

static enum hrtimer_restart wk_interrupt(struct hrtimer *timer)
{
	struct wk_interrupt *interrupt = container_of(timer, struct wk_interrupt, timer);

	interrupt->function(interrupt->data);
	complete(&interrupt->done);
	return HRTIMER_NORESTART;
}

void wk_in_hard_interrupt(void (*function)(void *data), void *data)
{
	struct wk_interrupt interrupt = { .function = function, .data = data };

	init_completion(&interrupt.done);
	hrtimer_init_on_stack(&interrupt.timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	interrupt.timer.function = wk_interrupt;
	hrtimer_start(&interrupt.timer, ns_to_ktime(100000), HRTIMER_MODE_REL_HARD);
	wait_for_completion(&interrupt.done);
	hrtimer_cancel(&interrupt.timer);
	destroy_hrtimer_on_stack(&interrupt.timer);
}

static atomic_t wk_held;
static bool wk_holding;

static void wk_hold(void *unused)
{
	atomic_inc(&wk_held);
	while (READ_ONCE(wk_holding))
		cpu_relax();
	atomic_dec(&wk_held);
}

void wk_hold_others(void)
{
	WRITE_ONCE(wk_holding, true);
	smp_call_function(wk_hold, NULL, 0);
	while (atomic_read(&wk_held) != num_online_cpus() - 1)
		cpu_relax();
}

void wk_release_others(void)
{
	WRITE_ONCE(wk_holding, false);
	while (atomic_read(&wk_held))
		cpu_relax();
}
