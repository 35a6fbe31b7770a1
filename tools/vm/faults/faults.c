// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two suites of which one does what it is told to: nothing, or something that tools/vm/run must
 * notice. tools/vm/check_runner boots them once for each fault.
 */
#include <kunit/test.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *fault = "none";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "what to do wrong, see faults.c; anything else: nothing");

static void *volatile faults_leaked;

/* Not a failure of the case alone: all that the judge may go by. */
static void faults_announce(const char *what)
{
	pr_info("wdmdma_kunit: expect WARNING 1: %s\n", what);
}

static void faults_warning(struct kunit *test)
{
	WARN(true, "a warning that nobody announced\n");
}

static void faults_announced(struct kunit *test)
{
	faults_announce("a warning that somebody announced");
	WARN(true, "a warning that somebody announced\n");
}

static void faults_not_seen(struct kunit *test)
{
	faults_announce("a warning that does not come");
}

static void faults_case(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 1, 2);
}

/* The warning is announced, so that only the counter tells. */
static void faults_dma_error(struct kunit *test)
{
	struct platform_device *pdev = platform_device_register_simple("wdmdma_faults",
								       PLATFORM_DEVID_NONE,
								       NULL, 0);

	KUNIT_ASSERT_FALSE(test, IS_ERR(pdev));
	faults_announce("DMA-API");
	dma_unmap_single(&pdev->dev, 0x1000, 64, DMA_TO_DEVICE);
	platform_device_unregister(pdev);
}

static void faults_crash(struct kunit *test)
{
	*(volatile int *)0 = 1;
}

static void faults_hang(struct kunit *test)
{
	while (true)
		cpu_relax();
}

static void faults_leak(struct kunit *test)
{
	faults_leaked = kmalloc(100, GFP_KERNEL);
	faults_leaked = NULL;
}

static void faults_overrun(struct kunit *test)
{
	char *memory = kmalloc(16, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(memory);
	if (memory)
		memory[16] = 1;
	kfree(memory);
}

static void faults_deadlock(struct kunit *test)
{
	spinlock_t locks[2];			/* protect nothing */
	int i;

	for (i = 0; i < 2; i++)
		spin_lock_init(&locks[i]);	/* of one class */
	spin_lock(&locks[0]);
	spin_lock(&locks[1]);
	spin_unlock(&locks[1]);
	spin_unlock(&locks[0]);
}

static void faults_sleep(struct kunit *test)
{
	local_bh_disable();
	might_sleep();
	local_bh_enable();
}

static void faults_stay(struct kunit *test)
{
	__module_get(THIS_MODULE);
}

static const struct {
	const char *name;
	void (*commit)(struct kunit *test);
} faults[] = {
	{ "warning", faults_warning },
	{ "announced", faults_announced },
	{ "not_seen", faults_not_seen },
	{ "case", faults_case },
	{ "dma_error", faults_dma_error },
	{ "crash", faults_crash },
	{ "hang", faults_hang },
	{ "leak", faults_leak },
	{ "overrun", faults_overrun },
	{ "deadlock", faults_deadlock },
	{ "sleep", faults_sleep },
	{ "stay", faults_stay },
};

static void faults_fault(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(faults); i++)
		if (!strcmp(fault, faults[i].name))
			faults[i].commit(test);
}

static void faults_good(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 1, 1);
}

static struct kunit_case faults_cases[] = {
	KUNIT_CASE(faults_good),
	KUNIT_CASE(faults_fault),
	{ .run_case = faults_good, .name = "faults_good_too" },
	{}
};

static struct kunit_suite faults_suite = {
	.name = "wdmdma_faults",
	.test_cases = faults_cases,
};

static struct kunit_case faults_more_cases[] = {
	KUNIT_CASE(faults_good),
	{}
};

static struct kunit_suite faults_more_suite = {
	.name = "wdmdma_faults_more",
	.test_cases = faults_more_cases,
};

kunit_test_suites(&faults_suite, &faults_more_suite);

MODULE_DESCRIPTION("What the runner of wdmdma's tests must notice");
MODULE_LICENSE("GPL");
