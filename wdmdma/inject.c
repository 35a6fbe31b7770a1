// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults for porters: what a driver seldom meets, ordered by files in debugfs (wdmdma/inject) or
 * wdmdma_set_injection(). Each is something that the contract allows: a call fails as if memory
 * was short, a grant comes later, an adapter has fewer registers, copies all or joins no pages.
 *
 * Nothing is injected before "enabled" is set, whatever the other files say.
 */
#include <linux/debugfs.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "debugfs.h"
#include "inject.h"
#include "inject_fault.h"
#include "verifier.h"

#define WD_DELAY_MS_MAX	60000U

DEFINE_STATIC_KEY_FALSE(wd_inject_key);

static const char * const wd_fault_names[WDMDMA_NR_FAULTS] = {
	[WDMDMA_FAIL_ADAPTERS] = "fail_adapters",
	[WDMDMA_FAIL_BUFFERS] = "fail_buffers",
	[WDMDMA_FAIL_LISTS] = "fail_lists",
	[WDMDMA_FAIL_SETS] = "fail_sets",
	[WDMDMA_FAIL_MAPS] = "fail_maps",
	[WDMDMA_DELAY_GRANTS] = "delay_grants",
};

static struct wd_fault wd_faults[WDMDMA_NR_FAULTS];

/* Changed at any time, each by itself */
static u32 wd_inject_delay_ms, wd_inject_pool_registers;
static bool wd_inject_force_bounce, wd_inject_fragment;

static DEFINE_MUTEX(wd_inject_mutex);
static bool wd_inject_enabled;		/* wd_inject_mutex for writing */

/* Innermost of all locks */
static DEFINE_SPINLOCK(wd_filter_lock);
static char wd_filter[sizeof_field(struct wdmdma_injection, filter)];

static void wd_inject_enable(bool enabled)
{
	lockdep_assert_held(&wd_inject_mutex);
	if (enabled == wd_inject_enabled)
		return;
	WRITE_ONCE(wd_inject_enabled, enabled);
	if (enabled)
		static_branch_inc(&wd_inject_key);
	else
		static_branch_dec(&wd_inject_key);
}

/* Is anything injected for this device? */
static bool wd_inject_selects(const struct device *host)
{
	const struct device_driver *driver = READ_ONCE(host->driver);
	unsigned long flags;
	bool selected;

	if (!READ_ONCE(wd_inject_enabled))
		return false;
	spin_lock_irqsave(&wd_filter_lock, flags);
	selected = !wd_filter[strspn(wd_filter, ",\n")] ||
		   wd_is_named(wd_filter, dev_name(host)) ||
		   (driver && wd_is_named(wd_filter, driver->name));
	spin_unlock_irqrestore(&wd_filter_lock, flags);
	return selected;
}

/**
 * wd_inject_decide() - is a fault due?
 * @host: the device concerned
 * @fault: which one
 *
 * Context: Any.
 */
bool wd_inject_decide(const struct device *host, enum wdmdma_fault fault)
{
	return wd_inject_selects(host) && wd_fault_is_due(&wd_faults[fault]);
}

/**
 * wd_inject_map() - is the next mapping to fail?
 * @adapter: the adapter
 *
 * Context: Any.
 */
bool wd_inject_map(struct wd_adapter *adapter)
{
	return atomic_dec_if_positive(&adapter->fail_maps) >= 0 ||
	       wd_inject_decide(adapter->host, WDMDMA_FAIL_MAPS);
}

/**
 * wd_inject_may_fail_maps() - may a mapping be told to fail?
 * @adapter: the adapter
 *
 * Context: Any.
 */
bool wd_inject_may_fail_maps(const struct wd_adapter *adapter)
{
	return atomic_read(&adapter->fail_maps) ||
	       (wd_fault_is_armed(&wd_faults[WDMDMA_FAIL_MAPS]) &&
		wd_inject_selects(adapter->host));
}

/* What is ordered for one adapter stays, whatever the files say. */
static void wd_inject_need_key(struct wd_adapter *adapter)
{
	mutex_lock(&wd_inject_mutex);
	if (!adapter->injects)
		static_branch_inc(&wd_inject_key);
	adapter->injects = true;
	mutex_unlock(&wd_inject_mutex);
}

/**
 * wd_inject_next_maps() - let mappings of one adapter fail
 * @adapter: the adapter
 * @count: so many
 *
 * Context: Process, may sleep.
 */
void wd_inject_next_maps(struct wd_adapter *adapter, u32 count)
{
	adapter->can_fail = true;
	atomic_set(&adapter->fail_maps, count);
	wd_inject_need_key(adapter);
}

/**
 * wd_inject_begin() - decide whether a new adapter fragments
 * @adapter: not published yet; its host and scatter_gather are set
 *
 * Context: Process, may sleep; without locks.
 */
void wd_inject_begin(struct wd_adapter *adapter)
{
	if (!READ_ONCE(wd_inject_fragment) || !adapter->scatter_gather ||
	    !wd_inject_selects(adapter->host))
		return;
	adapter->fragments = true;
	wd_inject_need_key(adapter);
}

/**
 * wd_inject_end() - undo wd_inject_begin() and wd_inject_next_maps()
 * @adapter: no call uses it any more
 *
 * Context: Process, may sleep.
 */
void wd_inject_end(struct wd_adapter *adapter)
{
	if (adapter->injects)
		static_branch_dec(&wd_inject_key);
	adapter->injects = false;
}

/**
 * wd_inject_delay() - is a request that could be granted at once to wait?
 * @adapter: the adapter, locked; nobody waits
 *
 * If so, it becomes the head of the FIFO, and nothing is granted from that for a while.
 *
 * Context: Any.
 */
bool wd_inject_delay(struct wd_adapter *adapter)
{
	unsigned long delay;

	lockdep_assert_held(&adapter->lock);
	if (!wd_inject_decide(adapter->host, WDMDMA_DELAY_GRANTS))
		return false;
	delay = msecs_to_jiffies(min(READ_ONCE(wd_inject_delay_ms), WD_DELAY_MS_MAX));
	adapter->holds_back = true;
	adapter->held_until = jiffies + delay;
	mod_delayed_work(wd_workqueue, &adapter->retry, delay);
	return true;
}

/**
 * wd_inject_holds_back() - does the head of the FIFO wait for its time?
 * @adapter: the adapter, locked
 *
 * Context: Any.
 */
bool wd_inject_holds_back(struct wd_adapter *adapter)
{
	lockdep_assert_held(&adapter->lock);
	if (!adapter->holds_back)
		return false;
	adapter->holds_back = READ_ONCE(wd_inject_enabled) &&
			      time_before(jiffies, adapter->held_until);
	return adapter->holds_back;
}

/**
 * wd_inject_min_pool() - map registers that a new adapter has at once
 * @adapter: being made
 * @limit: of the device; 0 = none
 *
 * Return: the smaller limit.
 */
u32 wd_inject_min_pool(const struct wd_adapter *adapter, u32 limit)
{
	if (!wd_inject_selects(adapter->host))
		return limit;
	return min_not_zero(limit, READ_ONCE(wd_inject_pool_registers));
}

/**
 * wd_inject_bouncing() - does a new adapter copy everything?
 * @adapter: being made
 */
bool wd_inject_bouncing(const struct wd_adapter *adapter)
{
	return READ_ONCE(wd_inject_force_bounce) && wd_inject_selects(adapter->host);
}

/**
 * wdmdma_set_injection() - order faults, as by the files in debugfs
 * @injection: what is to happen from now on
 *
 * Context: Process, may sleep.
 * Return: 0; -EINVAL: no @injection, or a value out of range.
 */
int wdmdma_set_injection(const struct wdmdma_injection *injection)
{
	unsigned long flags;
	unsigned int i;

	if (!injection || injection->delay_ms > WD_DELAY_MS_MAX ||
	    strnlen(injection->filter, sizeof(wd_filter)) == sizeof(wd_filter))
		return -EINVAL;
	for (i = 0; i < WDMDMA_NR_FAULTS; i++)
		if (injection->faults[i].probability > 100 || injection->faults[i].times < -1)
			return -EINVAL;

	mutex_lock(&wd_inject_mutex);
	/* Nothing of the old with something of the new */
	wd_inject_enable(false);
	for (i = 0; i < WDMDMA_NR_FAULTS; i++)
		wd_fault_set(&wd_faults[i], injection->faults[i].probability,
			     injection->faults[i].interval, injection->faults[i].times);
	WRITE_ONCE(wd_inject_delay_ms, injection->delay_ms);
	WRITE_ONCE(wd_inject_pool_registers, injection->pool_registers);
	WRITE_ONCE(wd_inject_force_bounce, injection->force_bounce);
	WRITE_ONCE(wd_inject_fragment, injection->fragment);
	spin_lock_irqsave(&wd_filter_lock, flags);
	memcpy(wd_filter, injection->filter, sizeof(wd_filter));
	spin_unlock_irqrestore(&wd_filter_lock, flags);
	wd_inject_enable(injection->enabled);
	mutex_unlock(&wd_inject_mutex);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_set_injection, WDMDMA);

static int wd_enabled_get(void *unused, u64 *value)
{
	*value = READ_ONCE(wd_inject_enabled);
	return 0;
}

static int wd_enabled_set(void *unused, u64 value)
{
	mutex_lock(&wd_inject_mutex);
	wd_inject_enable(value);
	mutex_unlock(&wd_inject_mutex);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(wd_enabled_fops, wd_enabled_get, wd_enabled_set, "%llu\n");

static void wd_filter_exchange(char *text, bool write)
{
	unsigned long flags;

	spin_lock_irqsave(&wd_filter_lock, flags);
	memcpy(write ? wd_filter : text, write ? text : wd_filter, sizeof(wd_filter));
	spin_unlock_irqrestore(&wd_filter_lock, flags);
}

static ssize_t wd_filter_read(struct file *file, char __user *to, size_t bytes, loff_t *position)
{
	char text[sizeof(wd_filter)];

	wd_filter_exchange(text, false);
	return simple_read_from_buffer(to, bytes, position, text, strlen(text));
}

static ssize_t wd_filter_write(struct file *file, const char __user *from, size_t bytes,
			       loff_t *position)
{
	char text[sizeof(wd_filter)] = {};

	if (bytes >= sizeof(text) || *position)
		return -EINVAL;
	if (copy_from_user(text, from, bytes))
		return -EFAULT;
	wd_filter_exchange(text, true);
	return bytes;
}

static const struct file_operations wd_filter_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = wd_filter_read,
	.write = wd_filter_write,
	.llseek = default_llseek,
};

/**
 * wd_inject_init() - make the files; nothing is injected
 */
void __init wd_inject_init(void)
{
	struct dentry *dir = debugfs_create_dir("inject", wd_debugfs);
	unsigned int i;

	for (i = 0; i < WDMDMA_NR_FAULTS; i++)
		wd_fault_init(&wd_faults[i], wd_fault_names[i], dir);
	debugfs_create_u32("delay_ms", 0600, dir, &wd_inject_delay_ms);
	debugfs_create_u32("pool_registers", 0600, dir, &wd_inject_pool_registers);
	debugfs_create_bool("force_bounce", 0600, dir, &wd_inject_force_bounce);
	debugfs_create_bool("fragment", 0600, dir, &wd_inject_fragment);
	debugfs_create_file("filter", 0600, dir, NULL, &wd_filter_fops);
	debugfs_create_file_unsafe("enabled", 0600, dir, NULL, &wd_enabled_fops);
}
