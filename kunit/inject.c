// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocations that fail (inject.h).
 */
#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "inject.h"

/* The kernel's settings; tests run one at a time. */
static struct wk_setting {
	const char *dir, *file;
	size_t bytes;
	unsigned long saved;
} wk_settings[] = {
	{ "failslab", "ignore-gfp-wait", sizeof(bool) },
	{ "failslab", "verbose", sizeof(unsigned long) },
	{ "fail_page_alloc", "ignore-gfp-wait", sizeof(bool) },
	{ "fail_page_alloc", "ignore-gfp-highmem", sizeof(bool) },
	{ "fail_page_alloc", "verbose", sizeof(unsigned long) },
	{ "fail_page_alloc", "min-order", sizeof(u32) },
};

/* Exchanges a setting's value with *@value; false when the kernel has no such setting. */
static bool wk_exchange_setting(const struct wk_setting *setting, unsigned long *value)
{
	struct dentry *dir = debugfs_lookup(setting->dir, NULL);
	struct dentry *file = dir ? debugfs_lookup(setting->file, dir) : NULL;
	unsigned long old = 0;

	if (file) {
		memcpy(&old, d_inode(file)->i_private, setting->bytes);
		memcpy(d_inode(file)->i_private, value, setting->bytes);
		*value = old;
	}
	dput(file);
	dput(dir);
	return file;
}

bool wk_inject_begin(void)
{
	bool there = IS_ENABLED(CONFIG_FAULT_INJECTION);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wk_settings); i++) {
		wk_settings[i].saved = 0;
		there &= wk_exchange_setting(&wk_settings[i], &wk_settings[i].saved);
	}
	return there;
}

void wk_inject_end(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wk_settings); i++)
		wk_exchange_setting(&wk_settings[i], &wk_settings[i].saved);
}

void wk_fail_nth(unsigned int n)
{
#ifdef CONFIG_FAULT_INJECTION
	current->fail_nth = n;
#endif
}

bool wk_failed_nth(void)
{
	bool failed = false;

#ifdef CONFIG_FAULT_INJECTION
	failed = !current->fail_nth;
	current->fail_nth = 0;
#endif
	return failed;
}

void wk_fail_allocation(unsigned int n)
{
	wk_inject_begin();
	wk_fail_nth(n);
}

bool wk_end_failing(void)
{
	bool failed = wk_failed_nth();

	wk_inject_end();
	return failed;
}
