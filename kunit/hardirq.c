// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hard interrupt for tests: that of a timer.
 */
#include <linux/completion.h>
#include <linux/hrtimer.h>

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
