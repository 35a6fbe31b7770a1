// SPDX-License-Identifier: GPL-2.0-only
/*
 * errno -> NTSTATUS, every row of it: what a porter's driver gets to see must not change because
 * somebody sorted the table.
 */
#include <linux/errno.h>

#include "fixture.h"
#include "../wdmdma/status.h"

static const struct wk_status {
	const char *name;
	int err;
	u32 status;		/* as a number: the constants are on trial, too */
} wk_statuses[] = {
	{ "0", 0, 0x00000000 },
	{ "ENOMEM", -ENOMEM, 0xC000009A },
	{ "EAGAIN", -EAGAIN, 0xC000009A },
	{ "EIO", -EIO, 0xC000009A },
	{ "EINVAL", -EINVAL, 0xC000000D },
	{ "EFAULT", -EFAULT, 0xC000000D },
	{ "ERANGE", -ERANGE, 0xC0000023 },
	{ "E2BIG", -E2BIG, 0xC0000023 },
	{ "EOPNOTSUPP", -EOPNOTSUPP, 0xC00000BB },
	{ "EREMOTEIO", -EREMOTEIO, 0xC00000BB },
	{ "ENOSYS", -ENOSYS, 0xC0000002 },
	{ "EBUSY", -EBUSY, 0xC0000708 },
	{ "EALREADY", -EALREADY, 0xC0000184 },
	{ "EPERM", -EPERM, 0xC0000022 },
	{ "ECANCELED", -ECANCELED, 0xC0000120 },
};

static void wk_status_name(const struct wk_status *row, char *name)
{
	strscpy(name, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_status, wk_statuses, wk_status_name);

static void wk_errno_has_its_status(struct kunit *test)
{
	const struct wk_status *row = test->param_value;

	KUNIT_EXPECT_EQ(test, (u32)wdmdma_status(row->err), row->status);
	/* Drivers only ask for success, so no failure may look like one. */
	KUNIT_EXPECT_EQ(test, NT_SUCCESS(wdmdma_status(row->err)), !row->err);
}

static bool wk_status_is_listed(int err)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wk_statuses); i++)
		if (wk_statuses[i].err == err)
			return true;
	return false;
}

static void wk_any_other_errno_is_unsuccessful(struct kunit *test)
{
	int err;

	for (err = -1; err >= -MAX_ERRNO; err--)
		if (!wk_status_is_listed(err))
			KUNIT_EXPECT_EQ_MSG(test, (u32)wdmdma_status(err), 0xC0000001, "errno %d",
					    err);
	/* Not an errno at all, but nothing that may pass for success */
	KUNIT_EXPECT_EQ(test, (u32)wdmdma_status(EINVAL), 0xC0000001);
	KUNIT_EXPECT_EQ(test, (u32)wdmdma_status(INT_MIN), 0xC0000001);
}

static struct kunit_case wk_status_cases[] = {
	KUNIT_CASE_PARAM(wk_errno_has_its_status, wk_status_gen_params),
	KUNIT_CASE(wk_any_other_errno_is_unsuccessful),
	{}
};

static struct kunit_suite wk_status_suite = {
	.name = "wdmdma_status",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_status_cases,
};

kunit_test_suite(wk_status_suite);
