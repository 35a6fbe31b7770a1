// SPDX-License-Identifier: GPL-2.0-only
/*
 * System threads, fast mutexes.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/sched/rt.h>

#include <kunit/test.h>

#include <wdmdma/mutex.h>
#include <wdmdma/seh.h>
#include <wdmdma/thread.h>

#include "fixture.h"
#include "hardirq.h"
#include "inject.h"

struct wk_job {
	KEVENT go;
	KIRQL irql;
	PKTHREAD self;
	KPRIORITY priority;
	unsigned int steps;
	bool terminate;
};

static VOID wk_job_routine(PVOID context)
{
	struct wk_job *job = context;

	job->irql = KeGetCurrentIrql();
	job->self = KeGetCurrentThread();
	KeSetPriorityThread(job->self, LOW_REALTIME_PRIORITY);
	job->priority = KeSetPriorityThread(job->self, 8);
	job->steps++;
	KeWaitForSingleObject(&job->go, Executive, KernelMode, FALSE, NULL);
	job->steps++;
	if (job->terminate)
		PsTerminateSystemThread(STATUS_SUCCESS);
	job->steps++;
}

static void wk_job_start(struct kunit *test, struct wk_job *job, HANDLE *handle)
{
	KeInitializeEvent(&job->go, NotificationEvent, FALSE);
	KUNIT_ASSERT_EQ(test, PsCreateSystemThread(handle, THREAD_ALL_ACCESS, NULL, NULL, NULL,
						   wk_job_routine, job), STATUS_SUCCESS);
}

static void wk_run_job(struct kunit *test, bool terminate, unsigned int steps)
{
	struct wk_job job = { .terminate = terminate };
	PVOID object;
	HANDLE handle;

	wk_job_start(test, &job, &handle);
	KUNIT_ASSERT_EQ(test, ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, *PsThreadType,
							KernelMode, &object, NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, ZwClose(handle), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_wait_for_object(object, 20), STATUS_TIMEOUT);
	KeSetEvent(&job.go, IO_NO_INCREMENT, FALSE);
	KUNIT_EXPECT_EQ(test, wk_wait_for_object(object, 5000), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_look(object), STATUS_SUCCESS);	/* it stays ended */
	KUNIT_EXPECT_EQ(test, job.steps, steps);
	KUNIT_EXPECT_EQ(test, job.irql, PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, job.priority, LOW_REALTIME_PRIORITY);
	KUNIT_EXPECT_PTR_EQ(test, (PVOID)job.self, object);
	ObDereferenceObject(object);
}

static void wk_thread_can_be_waited_for(struct kunit *test)
{
	wk_run_job(test, false, 3);
}

static void wk_thread_can_end_itself_anywhere(struct kunit *test)
{
	wk_run_job(test, true, 2);
}

static VOID wk_end_in_a_try(PVOID context)
{
	unsigned int *steps = context;

	__try {
		(*steps)++;
		__try {
			ExRaiseStatus(STATUS_IO_TIMEOUT);
			PsTerminateSystemThread(STATUS_SUCCESS);
		} __finally {
			(*steps)++;
		}
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		(*steps)++;
	}
}

/* Its stack goes, so nothing may remember a __try on it; what was raised there is lost. */
static void wk_thread_can_end_inside_a_try(struct kunit *test)
{
	unsigned int steps = 0;
	HANDLE handle;
	PVOID object;

	wk_expect_report(test, WD_REPORT_MISC, 1);
	KUNIT_ASSERT_EQ(test, PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL,
						   wk_end_in_a_try, &steps), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, NULL,
							KernelMode, &object, NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, ZwClose(handle), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_wait_for_object(object, 5000), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, steps, 1);
	ObDereferenceObject(object);
}

static void wk_stale_handles_are_refused(struct kunit *test)
{
	struct wk_job job = {};
	POBJECT_TYPE other = (POBJECT_TYPE)test;
	HANDLE handle;
	PVOID object;

	wk_job_start(test, &job, &handle);
	KUNIT_EXPECT_EQ(test, ObReferenceObjectByHandle(handle, 0, other, KernelMode, &object,
							NULL), STATUS_OBJECT_TYPE_MISMATCH);
	KUNIT_EXPECT_EQ(test, ObReferenceObjectByHandle(handle, 0, NULL, KernelMode, &object, NULL),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, ZwClose(handle), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, ZwClose(handle), STATUS_INVALID_HANDLE);
	KUNIT_EXPECT_EQ(test, ZwClose((HANDLE)3), STATUS_INVALID_HANDLE);
	KUNIT_EXPECT_EQ(test, ZwClose(NULL), STATUS_INVALID_HANDLE);
	KeSetEvent(&job.go, IO_NO_INCREMENT, FALSE);
	KUNIT_EXPECT_EQ(test, wk_wait_for_object(object, 5000), STATUS_SUCCESS);
	ObReferenceObject(object);
	ObDereferenceObject(object);
	ObDereferenceObject(object);
	KUNIT_EXPECT_EQ(test, ObReferenceObjectByHandle(handle, 0, NULL, KernelMode, &object, NULL),
			STATUS_INVALID_HANDLE);
	KUNIT_EXPECT_NULL(test, object);
}

/* Not started by PsCreateSystemThread, so it cannot end itself so. */
static void wk_other_threads_are_not_ours(struct kunit *test)
{
	KIRQL old;
	HANDLE handle;
	NTSTATUS status;

	wk_expect_report(test, WD_REPORT_OBJECT, 1);
	wk_expect_report(test, WD_REPORT_IRQL, 1);
	KUNIT_EXPECT_EQ(test, PsTerminateSystemThread(STATUS_SUCCESS), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_PTR_EQ(test, KeGetCurrentThread(), KeGetCurrentThread());
	KUNIT_EXPECT_EQ(test, ObReferenceObject(test), 0);
	KUNIT_EXPECT_EQ(test, PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, NULL, NULL),
			STATUS_INVALID_PARAMETER);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	status = PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, wk_job_routine, NULL);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, status, STATUS_UNSUCCESSFUL);
}

struct wk_late_end {
	NTSTATUS status;
	PKTHREAD other;
	KPRIORITY before, after;
};

static VOID wk_try_to_end(PVOID context)
{
	struct wk_late_end *end = context;
	KIRQL old;

	KeRaiseIrql(DISPATCH_LEVEL, &old);
	end->status = PsTerminateSystemThread(STATUS_SUCCESS);
	KeLowerIrql(old);
	KeSetPriorityThread(end->other, HIGH_PRIORITY);
	end->before = KeSetPriorityThread(KeGetCurrentThread(), 8);
	end->after = KeSetPriorityThread(KeGetCurrentThread(), 8);
}

/* Where it may not sleep a thread does not end; and it changes no priority but its own. */
static void wk_thread_does_not_end_at_dispatch_level(struct kunit *test)
{
	struct wk_late_end end = { .other = KeGetCurrentThread() };
	HANDLE handle;
	PVOID object;

	wk_expect_report(test, WD_REPORT_IRQL, 1);
	wk_expect_report(test, WD_REPORT_OBJECT, 1);
	KUNIT_ASSERT_EQ(test, PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, wk_try_to_end,
						   &end), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, ObReferenceObjectByHandle(handle, 0, NULL, KernelMode, &object, NULL),
			STATUS_SUCCESS);
	ZwClose(handle);
	KUNIT_EXPECT_EQ(test, wk_wait_for_object(object, 5000), STATUS_SUCCESS);
	ObDereferenceObject(object);
	KUNIT_EXPECT_EQ(test, end.status, STATUS_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, end.before, 8);
	KUNIT_EXPECT_EQ(test, end.after, 8);
	KUNIT_EXPECT_FALSE(test, rt_task(current));
	/* Nor is this one its: it is none of PsCreateSystemThread's. */
	KUNIT_EXPECT_EQ(test, KeSetPriorityThread(KeGetCurrentThread(), HIGH_PRIORITY), 8);
	KUNIT_EXPECT_FALSE(test, rt_task(current));
	KUNIT_EXPECT_EQ(test, ObDereferenceObject(test), 0);
}

struct wk_section {
	FAST_MUTEX mutex;
	unsigned int inside;
	bool overlapped;
	BOOLEAN tried;
};

static VOID wk_enter_section(PVOID context)
{
	struct wk_section *section = context;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		ExAcquireFastMutex(&section->mutex);
		section->overlapped |= section->inside++;
		usleep_range(1000, 2000);
		section->inside--;
		ExReleaseFastMutex(&section->mutex);
	}
}

static VOID wk_try_section(PVOID context)
{
	struct wk_section *section = context;

	section->tried = ExTryToAcquireFastMutex(&section->mutex);
	if (section->tried)
		ExReleaseFastMutex(&section->mutex);
}

static void wk_run_thread(struct kunit *test, PKSTART_ROUTINE routine, PVOID context, bool wait,
			  PVOID *object)
{
	HANDLE handle;

	KUNIT_ASSERT_EQ(test, PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, routine, context),
			STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, ObReferenceObjectByHandle(handle, 0, NULL, KernelMode, object, NULL),
			STATUS_SUCCESS);
	ZwClose(handle);
	if (wait) {
		KUNIT_EXPECT_EQ(test, wk_wait_for_object(*object, 10000), STATUS_SUCCESS);
		ObDereferenceObject(*object);
	}
}

static void wk_fast_mutexes_exclude(struct kunit *test)
{
	static struct wk_section section;
	PVOID threads[3];
	unsigned int i;

	ExInitializeFastMutex(&section.mutex);
	KeEnterCriticalRegion();
	for (i = 0; i < 3; i++)
		wk_run_thread(test, wk_enter_section, &section, false, &threads[i]);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, wk_wait_for_object(threads[i], 10000), STATUS_SUCCESS);
		ObDereferenceObject(threads[i]);
	}
	KeLeaveCriticalRegion();
	KUNIT_EXPECT_FALSE(test, section.overlapped);

	KeAcquireGuardedMutex(&section.mutex);
	wk_run_thread(test, wk_try_section, &section, true, &threads[0]);
	KUNIT_EXPECT_FALSE(test, section.tried);
	KeReleaseGuardedMutex(&section.mutex);
	wk_run_thread(test, wk_try_section, &section, true, &threads[0]);
	KUNIT_EXPECT_TRUE(test, section.tried);
}

static void wk_fast_mutexes_at_dispatch_level_are_refused(struct kunit *test)
{
	FAST_MUTEX mutex;
	BOOLEAN tried;
	KIRQL old;

	wk_expect_report(test, WD_REPORT_IRQL, 3);
	ExInitializeFastMutex(&mutex);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	tried = ExTryToAcquireFastMutex(&mutex);
	ExAcquireFastMutex(&mutex);
	ExReleaseFastMutex(&mutex);
	KeLowerIrql(old);
	KUNIT_EXPECT_FALSE(test, tried);
	ExAcquireFastMutex(&mutex);
	ExReleaseFastMutex(&mutex);
}

static void wk_threads_that_cannot_be_made(struct kunit *test)
{
	unsigned int n, failed = 0;
	bool more = true;

	for (n = 1; more && n < 200; n++) {
		struct wk_job job = {};
		NTSTATUS status;
		HANDLE handle;
		PVOID object;

		KeInitializeEvent(&job.go, NotificationEvent, TRUE);
		wk_fail_allocation(n);
		status = PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, wk_job_routine, &job);
		more = wk_end_failing();
		if (status != STATUS_SUCCESS) {
			KUNIT_EXPECT_EQ(test, status, STATUS_INSUFFICIENT_RESOURCES);
			failed++;
			continue;
		}
		KUNIT_ASSERT_EQ(test, ObReferenceObjectByHandle(handle, 0, NULL, KernelMode,
								&object, NULL), STATUS_SUCCESS);
		ZwClose(handle);
		KUNIT_EXPECT_EQ(test, wk_wait_for_object(object, 5000), STATUS_SUCCESS);
		ObDereferenceObject(object);
	}
	KUNIT_EXPECT_FALSE(test, more);
	KUNIT_EXPECT_GE(test, failed, 1);
}

static struct kunit_case wk_thread_cases[] = {
	KUNIT_CASE(wk_thread_can_be_waited_for),
	KUNIT_CASE(wk_thread_can_end_itself_anywhere),
	KUNIT_CASE(wk_thread_can_end_inside_a_try),
	KUNIT_CASE(wk_stale_handles_are_refused),
	KUNIT_CASE(wk_other_threads_are_not_ours),
	KUNIT_CASE(wk_thread_does_not_end_at_dispatch_level),
	KUNIT_CASE(wk_fast_mutexes_exclude),
	KUNIT_CASE(wk_fast_mutexes_at_dispatch_level_are_refused),
	KUNIT_CASE(wk_threads_that_cannot_be_made),
	{}
};

static struct kunit_suite wk_thread_suite = {
	.name = "wdmdma_thread",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_thread_cases,
};

kunit_test_suite(wk_thread_suite);
