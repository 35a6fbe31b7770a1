// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hard interrupt for tests: that of a timer. And allocations that fail.
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/hrtimer.h>
#include <linux/sched.h>

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

static void wk_spare_sleeping_allocations(const char *injector, bool spare)
{
	struct dentry *dir = debugfs_lookup(injector, NULL);
	struct dentry *file = dir ? debugfs_lookup("ignore-gfp-wait", dir) : NULL;

	if (file)
		*(bool *)d_inode(file)->i_private = spare;
	dput(file);
	dput(dir);
}

void wk_fail_allocation(unsigned int n)
{
	wk_spare_sleeping_allocations("failslab", false);
	wk_spare_sleeping_allocations("fail_page_alloc", false);
	current->fail_nth = n;
}

bool wk_end_failing(void)
{
	bool failed = !current->fail_nth;

	current->fail_nth = 0;
	wk_spare_sleeping_allocations("failslab", true);
	wk_spare_sleeping_allocations("fail_page_alloc", true);
	return failed;
}
