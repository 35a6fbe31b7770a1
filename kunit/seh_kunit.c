// SPDX-License-Identifier: GPL-2.0-only
/*
 * __try, __except and __finally: which handler runs, when, and whose exception it gets. A test
 * writes down what was executed, letter by letter.
 */
#include <linux/bottom_half.h>
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/string.h>

#include <wdmdma/seh.h>

#include "fixture.h"

struct wk_trace {
	char text[32];
	unsigned int length;
};

static void wk_did(struct wk_trace *trace, char what)
{
	if (trace->length < sizeof(trace->text) - 1)
		trace->text[trace->length++] = what;
}

static void wk_nothing_raised(struct kunit *test)
{
	struct wk_trace trace = {};

	__try {
		wk_did(&trace, 'b');
	} __except(wk_did(&trace, 'f'), EXCEPTION_EXECUTE_HANDLER) {
		wk_did(&trace, 'h');
	}
	KUNIT_EXPECT_STREQ(test, trace.text, "b");
	KUNIT_EXPECT_EQ(test, GetExceptionCode(), (ULONG)STATUS_SUCCESS);
}

/* The body is not abandoned; the filter comes after it, then the handler. */
static void wk_raised_and_handled(struct kunit *test)
{
	struct wk_trace trace = {};
	ULONG in_filter = 0, in_handler = 0;

	__try {
		wk_did(&trace, '1');
		ExRaiseStatus(STATUS_IO_TIMEOUT);
		wk_did(&trace, '2');
		ExRaiseAccessViolation();
		wk_did(&trace, '3');
	} __except(wk_did(&trace, 'f'), in_filter = GetExceptionCode(),
		   EXCEPTION_EXECUTE_HANDLER) {
		wk_did(&trace, 'h');
		in_handler = GetExceptionCode();
	}
	wk_did(&trace, 'e');
	KUNIT_EXPECT_STREQ(test, trace.text, "123fhe");
	/* The first one counts, as there would be no second. */
	KUNIT_EXPECT_EQ(test, in_filter, (ULONG)STATUS_IO_TIMEOUT);
	KUNIT_EXPECT_EQ(test, in_handler, (ULONG)STATUS_IO_TIMEOUT);
}

static void wk_access_violation(struct kunit *test)
{
	ULONG code = 0;

	__try {
		ExRaiseAccessViolation();
	} __except(GetExceptionCode() == (ULONG)STATUS_ACCESS_VIOLATION ?
		   EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH) {
		code = GetExceptionCode();
	}
	KUNIT_EXPECT_EQ(test, code, (ULONG)STATUS_ACCESS_VIOLATION);
}

static void wk_routine_raises(struct kunit *test)
{
	PMDL mdl = IoAllocateMdl((PVOID)(~0UL << PAGE_SHIFT), 10, FALSE, FALSE, NULL);
	NTSTATUS status = STATUS_SUCCESS;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	__try {
		MmProbeAndLockPages(mdl, UserMode, IoWriteAccess);
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		status = GetExceptionCode();
	}
	KUNIT_EXPECT_EQ(test, status, STATUS_ACCESS_VIOLATION);
	KUNIT_EXPECT_FALSE(test, mdl->MdlFlags & MDL_PAGES_LOCKED);
	IoFreeMdl(mdl);
}

static void wk_nested(struct kunit *test)
{
	struct wk_trace trace = {};

	__try {
		__try {
			ExRaiseStatus(STATUS_NO_MEMORY);
		} __except(EXCEPTION_EXECUTE_HANDLER) {
			wk_did(&trace, 'i');
		}
		wk_did(&trace, 'b');
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		wk_did(&trace, 'o');
	}
	KUNIT_EXPECT_STREQ(test, trace.text, "ib");
}

static void wk_filter_searches_on(struct kunit *test)
{
	struct wk_trace trace = {};
	ULONG code = 0;

	__try {
		__try {
			ExRaiseStatus(STATUS_NO_MEMORY);
			wk_did(&trace, 'b');
		} __except(EXCEPTION_CONTINUE_SEARCH) {
			wk_did(&trace, 'i');
		}
		wk_did(&trace, 'c');
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		wk_did(&trace, 'o');
		code = GetExceptionCode();
	}
	KUNIT_EXPECT_STREQ(test, trace.text, "bco");
	KUNIT_EXPECT_EQ(test, code, (ULONG)STATUS_NO_MEMORY);
}

static void wk_filter_continues(struct kunit *test)
{
	struct wk_trace trace = {};

	__try {
		__try {
			ExRaiseStatus(STATUS_NO_MEMORY);
		} __except(EXCEPTION_CONTINUE_EXECUTION) {
			wk_did(&trace, 'i');
		}
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		wk_did(&trace, 'o');
	}
	KUNIT_EXPECT_STREQ(test, trace.text, "");
}

static void wk_handler_raises(struct kunit *test)
{
	struct wk_trace trace = {};
	ULONG code = 0;

	__try {
		__try {
			ExRaiseStatus(STATUS_NO_MEMORY);
		} __except(EXCEPTION_EXECUTE_HANDLER) {
			ExRaiseStatus(STATUS_CRC_ERROR);
			wk_did(&trace, 'i');
		}
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		wk_did(&trace, 'o');
		code = GetExceptionCode();
	}
	KUNIT_EXPECT_STREQ(test, trace.text, "io");
	KUNIT_EXPECT_EQ(test, code, (ULONG)STATUS_CRC_ERROR);
}

static void wk_one_after_another(struct kunit *test)
{
	ULONG codes[3] = {};

	__try {
		ExRaiseStatus(STATUS_NO_MEMORY);
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		codes[0] = GetExceptionCode();
	}
	__try {
		ExRaiseStatus(STATUS_CRC_ERROR);
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		codes[1] = GetExceptionCode();
	}
	__try {
		codes[2] = 1;
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		codes[2] = 2;
	}
	KUNIT_EXPECT_EQ(test, codes[0], (ULONG)STATUS_NO_MEMORY);
	KUNIT_EXPECT_EQ(test, codes[1], (ULONG)STATUS_CRC_ERROR);
	KUNIT_EXPECT_EQ(test, codes[2], 1);
}

static void wk_finally(struct kunit *test)
{
	struct wk_trace trace = {};
	ULONG code = 0;

	__try {
		ExRaiseStatus(STATUS_NO_MEMORY);
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		wk_did(&trace, 'h');
	}
	__try {
		wk_did(&trace, 'a');
	} __finally {
		wk_did(&trace, AbnormalTermination() ? 'X' : 'f');
	}
	__try {
		__try {
			ExRaiseStatus(STATUS_IO_TIMEOUT);
			wk_did(&trace, 'b');
		} __finally {
			wk_did(&trace, AbnormalTermination() ? 'F' : 'x');
		}
		wk_did(&trace, 'c');
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		wk_did(&trace, 'h');
		code = GetExceptionCode();
	}
	KUNIT_EXPECT_STREQ(test, trace.text, "hafbFch");
	KUNIT_EXPECT_EQ(test, code, (ULONG)STATUS_IO_TIMEOUT);
}

/* Nobody is there to handle it: reported, once each */
static void wk_no_try(struct kunit *test)
{
	struct wk_trace trace = {};

	wk_expect_report(test, WD_REPORT_MISC, 3);
	ExRaiseStatus(STATUS_NO_MEMORY);
	__try {
		ExRaiseStatus(STATUS_NO_MEMORY);
	} __except(EXCEPTION_CONTINUE_SEARCH) {
		wk_did(&trace, 'h');
	}
	__try {
		ExRaiseStatus(STATUS_NO_MEMORY);
	} __finally {
		wk_did(&trace, 'f');
	}
	KUNIT_EXPECT_STREQ(test, trace.text, "f");
}

static int wk_return_from(char from)
{
	__try {
		if (from == 'b')
			return 1;
		ExRaiseStatus(STATUS_NO_MEMORY);
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		if (from == 'h')
			return 2;
	}
	return 3;
}

static int wk_goto_from(char from)
{
	if (from == 'p')
		goto past;
	__try {
		if (from == 'b')
			goto past;
		ExRaiseStatus(STATUS_NO_MEMORY);
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		if (from == 'h')
			goto past;
	}
	return 1;
past:
	return 2;
}

/* Which loop a break or continue means is not changed by a __try around it. */
static int wk_loops(void)
{
	int passes = 0, i;

	for (i = 0; i < 10; i++) {
		__try {
			if (i < 3)
				continue;
			if (i == 5)
				ExRaiseStatus(STATUS_NO_MEMORY);
		} __except(EXCEPTION_EXECUTE_HANDLER) {
			break;
		}
		passes++;
	}
	switch (i) {
	case 5: {
		__try {
			ExRaiseStatus(STATUS_NO_MEMORY);
		} __except(EXCEPTION_EXECUTE_HANDLER) {
			break;
		}
		passes = -1;
		break;
	}
	default:
		passes = -2;
	}
	return passes;
}

/* No way out of a __try leaves it open: what is raised afterwards has no handler. */
static void wk_ways_out(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, wk_return_from('b'), 1);
	KUNIT_EXPECT_EQ(test, wk_return_from('h'), 2);
	KUNIT_EXPECT_EQ(test, wk_return_from('e'), 3);
	KUNIT_EXPECT_EQ(test, wk_goto_from('p'), 2);
	KUNIT_EXPECT_EQ(test, wk_goto_from('b'), 2);
	KUNIT_EXPECT_EQ(test, wk_goto_from('h'), 2);
	KUNIT_EXPECT_EQ(test, wk_goto_from('e'), 1);
	KUNIT_EXPECT_EQ(test, wk_loops(), 2);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	ExRaiseStatus(STATUS_NO_MEMORY);
}

static void wk_return_with_exception(struct kunit *test)
{
	__try {
		ExRaiseStatus(STATUS_NO_MEMORY);
		return;
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		KUNIT_FAIL(test, "the handler is behind the return");
	}
}

static void wk_lost_exception(struct kunit *test)
{
	wk_expect_report(test, WD_REPORT_MISC, 1);
	wk_return_with_exception(test);
}

/* Another task in a __try of its own, and one that raises without */
struct wk_other {
	struct completion inside, go_on, done;
	bool has_try;
	ULONG code;
};

static int wk_other_task(void *data)
{
	struct wk_other *other = data;

	if (other->has_try) {
		__try {
			complete(&other->inside);
			wait_for_completion(&other->go_on);
			ExRaiseStatus(STATUS_CRC_ERROR);
		} __except(EXCEPTION_EXECUTE_HANDLER) {
			other->code = GetExceptionCode();
		}
	} else {
		complete(&other->inside);
		wait_for_completion(&other->go_on);
		ExRaiseStatus(STATUS_CRC_ERROR);
	}
	complete(&other->done);
	return 0;
}

static void wk_two_tasks(struct kunit *test)
{
	unsigned int has_try;

	for (has_try = 0; has_try < 2; has_try++) {
		struct wk_other other = { .has_try = has_try };
		struct task_struct *task;
		ULONG code = 0;

		init_completion(&other.inside);
		init_completion(&other.go_on);
		init_completion(&other.done);
		task = kthread_run(wk_other_task, &other, "wdmdma-kunit");
		KUNIT_ASSERT_FALSE(test, IS_ERR(task));
		wait_for_completion(&other.inside);
		if (!has_try)
			wk_expect_report(test, WD_REPORT_MISC, 1);
		__try {
			complete(&other.go_on);
			wait_for_completion(&other.done);
			if (has_try)
				ExRaiseStatus(STATUS_IO_TIMEOUT);
		} __except(EXCEPTION_EXECUTE_HANDLER) {
			code = GetExceptionCode();
		}
		KUNIT_EXPECT_EQ(test, other.code, has_try ? (ULONG)STATUS_CRC_ERROR : 0);
		KUNIT_EXPECT_EQ(test, code, has_try ? (ULONG)STATUS_IO_TIMEOUT : 0);
	}
}

/* In softirq context, on top of the test's task */
struct wk_softirq {
	struct tasklet_struct tasklet;
	struct task_struct *task;
	bool ran;
	ULONG code;
};

static void wk_softirq(struct tasklet_struct *tasklet)
{
	struct wk_softirq *softirq = container_of(tasklet, struct wk_softirq, tasklet);

	softirq->task = current;
	__try {
		ExRaiseStatus(STATUS_CRC_ERROR);
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		softirq->code = GetExceptionCode();
	}
	ExRaiseStatus(STATUS_NO_MEMORY);	/* not in the __try of whoever was interrupted */
	softirq->ran = true;
}

static void wk_softirq_has_its_own(struct kunit *test)
{
	struct wk_softirq softirq = {};
	struct wk_trace trace = {};

	tasklet_setup(&softirq.tasklet, wk_softirq);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	__try {
		local_bh_disable();
		tasklet_schedule(&softirq.tasklet);
		local_bh_enable();
		wk_did(&trace, 'b');
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		wk_did(&trace, 'h');
	}
	tasklet_kill(&softirq.tasklet);
	KUNIT_EXPECT_TRUE(test, softirq.ran);
	KUNIT_EXPECT_PTR_EQ(test, softirq.task, current);
	KUNIT_EXPECT_EQ(test, softirq.code, (ULONG)STATUS_CRC_ERROR);
	KUNIT_EXPECT_STREQ(test, trace.text, "b");
}

/* Turning bottom halves or interrupts off does not make another thread of this one. */
static void wk_raised_at_dispatch_level(struct kunit *test)
{
	ULONG codes[2] = {};

	__try {
		local_bh_disable();
		ExRaiseStatus(STATUS_CRC_ERROR);
		local_bh_enable();
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		codes[0] = GetExceptionCode();
	}
	local_irq_disable();
	__try {
		ExRaiseStatus(STATUS_IO_TIMEOUT);
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		codes[1] = GetExceptionCode();
	}
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, codes[0], (ULONG)STATUS_CRC_ERROR);
	KUNIT_EXPECT_EQ(test, codes[1], (ULONG)STATUS_IO_TIMEOUT);
}

static struct kunit_case wk_seh_cases[] = {
	KUNIT_CASE(wk_nothing_raised),
	KUNIT_CASE(wk_raised_and_handled),
	KUNIT_CASE(wk_access_violation),
	KUNIT_CASE(wk_routine_raises),
	KUNIT_CASE(wk_nested),
	KUNIT_CASE(wk_filter_searches_on),
	KUNIT_CASE(wk_filter_continues),
	KUNIT_CASE(wk_handler_raises),
	KUNIT_CASE(wk_one_after_another),
	KUNIT_CASE(wk_finally),
	KUNIT_CASE(wk_no_try),
	KUNIT_CASE(wk_ways_out),
	KUNIT_CASE(wk_lost_exception),
	KUNIT_CASE(wk_two_tasks),
	KUNIT_CASE(wk_softirq_has_its_own),
	KUNIT_CASE(wk_raised_at_dispatch_level),
	{}
};

static struct kunit_suite wk_seh_suite = {
	.name = "wdmdma_seh",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_seh_cases,
};

kunit_test_suite(wk_seh_suite);
