// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verifier's settings: module parameters, which may change at any time, and hold for adapters
 * that are made afterwards; what is done about a violation holds at once.
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/stackdepot.h>
#include <linux/stacktrace.h>
#include <linux/string.h>

#include "verifier.h"

#define WD_STACK_FRAMES	16
#define WD_REST_TIME	(60 * HZ)	/* of a dead adapter's memory */

DEFINE_STATIC_KEY_FALSE(wd_verifier_key);

static struct wdmdma_verifier wd_settings = { .guard = true, .bounce = true };

static int wd_set_level(const char *text, const struct kernel_param *kp)
{
	return param_set_uint_minmax(text, kp, WD_VERIFIER_OFF, WD_VERIFIER_STRICT);
}

static int wd_set_action(const char *text, const struct kernel_param *kp)
{
	return param_set_uint_minmax(text, kp, WD_ACTION_LOG_ONCE, WD_ACTION_PANIC);
}

static const struct kernel_param_ops wd_level_ops = {
	.set = wd_set_level,
	.get = param_get_uint,
};

static const struct kernel_param_ops wd_action_ops = {
	.set = wd_set_action,
	.get = param_get_uint,
};

module_param_cb(verifier, &wd_level_ops, &wd_settings.level, 0644);
MODULE_PARM_DESC(verifier, "0 off, 1 on, 2 strict; for adapters made from then on");
module_param_cb(verifier_action, &wd_action_ops, &wd_settings.action, 0644);
MODULE_PARM_DESC(verifier_action,
		 "0 log once per call site, 1 log, 2 log and fail the call, 3 panic");
module_param_named(verifier_guard, wd_settings.guard, bool, 0644);
MODULE_PARM_DESC(verifier_guard, "fill and check what surrounds buffers (1)");
module_param_named(verifier_bounce, wd_settings.bounce, bool, 0644);
MODULE_PARM_DESC(verifier_bounce, "copy each transfer, so that missing flushes are seen (1)");
module_param_string(verifier_driver, wd_settings.drivers, sizeof(wd_settings.drivers), 0644);
MODULE_PARM_DESC(verifier_driver, "names of the Linux drivers to verify, with commas; empty: all");

unsigned int wd_verifier_level(void)
{
	return READ_ONCE(wd_settings.level);
}

unsigned int wd_verifier_action(void)
{
	return READ_ONCE(wd_settings.action);
}

/**
 * wdmdma_set_verifier() - what the module parameters do
 * @settings: the settings
 *
 * Context: Process, may sleep.
 * Return: 0; -EINVAL: no @settings, or a value out of range.
 */
int wdmdma_set_verifier(const struct wdmdma_verifier *settings)
{
	if (!settings || settings->level > WD_VERIFIER_STRICT ||
	    settings->action > WD_ACTION_PANIC ||
	    strnlen(settings->drivers, sizeof(settings->drivers)) == sizeof(settings->drivers))
		return -EINVAL;
	kernel_param_lock(THIS_MODULE);
	wd_settings = *settings;
	kernel_param_unlock(THIS_MODULE);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_set_verifier, WDMDMA);

/**
 * wdmdma_get_verifier() - the settings
 * @settings: filled
 *
 * Context: Process, may sleep.
 */
void wdmdma_get_verifier(struct wdmdma_verifier *settings)
{
	kernel_param_lock(THIS_MODULE);
	*settings = wd_settings;
	kernel_param_unlock(THIS_MODULE);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_get_verifier, WDMDMA);

/**
 * wd_is_named() - is a name among others?
 * @names: separated by commas or, as echo leaves them, ended by a line
 * @name: to be found
 */
bool wd_is_named(const char *names, const char *name)
{
	size_t bytes = strlen(name), length;

	for (; *names; names += length + (names[length] != '\0')) {
		length = strcspn(names, ",\n");
		if (length == bytes && !memcmp(names, name, bytes))
			return true;
	}
	return false;
}

static bool wd_settings_select(const struct wdmdma_verifier *settings, const struct device *dev)
{
	const struct device_driver *driver = READ_ONCE(dev->driver);

	return settings->level && driver &&
	       (!settings->drivers[strspn(settings->drivers, ",\n")] ||
		wd_is_named(settings->drivers, driver->name));
}

/**
 * wd_verifier_selects() - are adapters that are made for a device now verified?
 * @dev: the device
 *
 * Context: Process, may sleep.
 */
bool wd_verifier_selects(const struct device *dev)
{
	struct wdmdma_verifier settings;

	wdmdma_get_verifier(&settings);
	return wd_settings_select(&settings, dev);
}

/**
 * wd_verifier_begin() - decide whether a new adapter's use is verified
 * @adapter: not published yet; its host is known
 *
 * Context: Process, may sleep; without locks.
 */
void wd_verifier_begin(struct wd_adapter *adapter)
{
	struct wdmdma_verifier settings;

	wdmdma_get_verifier(&settings);
	if (!wd_settings_select(&settings, adapter->host))
		return;
	/* Without memory for them, stacks are not saved. */
	if (IS_ENABLED(CONFIG_STACKDEPOT))
		stack_depot_init();
	wd_grave_begin();
	adapter->stack = wd_stack_save();
	adapter->verifier = settings.level;
	adapter->verifier_guards = settings.guard;
	adapter->verifier_bounces = settings.bounce;
	static_branch_inc(&wd_verifier_key);
	wd_verified_add(adapter);
}

/**
 * wd_verifier_end() - undo wd_verifier_begin()
 * @adapter: no call uses it any more
 *
 * Context: Process, may sleep; without locks.
 */
void wd_verifier_end(struct wd_adapter *adapter)
{
	if (!adapter->verifier)
		return;
	wd_verified_remove(adapter);
	adapter->verifier = WD_VERIFIER_OFF;
	adapter->rests_until = jiffies + WD_REST_TIME;
	static_branch_dec(&wd_verifier_key);
}

/**
 * wd_verifier_killed() - look a last time for writes beside what was the driver's
 * @adapter: verified, dead; nothing of it is mapped, and its common buffers stay
 * @routine: on whose behalf
 *
 * Context: Any but a hard interrupt.
 */
void wd_verifier_killed(struct wd_adapter *adapter, const char *routine)
{
	wd_guard_check_buffers(adapter, routine);
	wd_slots_check(adapter, routine);
	wd_slots_report_found(adapter, routine);
	wd_graves_check(adapter, routine);
	wd_dead_note("adapter", &adapter->public, adapter->stack, routine);
}

/**
 * wd_stack_save() - remember the present stack
 *
 * Context: Any.
 * Return: for stack_depot_fetch(); 0 where the kernel keeps no stacks, or has no memory.
 */
u32 wd_stack_save(void)
{
	unsigned long frames[WD_STACK_FRAMES];

	if (!IS_ENABLED(CONFIG_STACKDEPOT) || !IS_ENABLED(CONFIG_STACKTRACE))
		return 0;
	return stack_depot_save(frames, stack_trace_save(frames, ARRAY_SIZE(frames), 1),
				GFP_NOWAIT | __GFP_NOWARN);
}
