// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading and unloading. The module stays loaded while a device object, an adapter or a common
 * buffer lives (device.c holds it), so there is nothing to wait for but work already queued.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

#include "debugfs.h"
#include "domain.h"
#include "inject.h"
#include "internal.h"
#include "mmu.h"
#include "ops.h"
#include "runtime.h"
#include "verifier.h"

struct workqueue_struct *wd_workqueue;

static int __init wdmdma_init(void)
{
	int ret;

	if (WARN_ON(wd_ops_check()))
		return -EINVAL;
	wd_dpc_init();
	wd_timer_init();
	/* Transfers of storage may wait for what it frees. */
	wd_workqueue = alloc_workqueue("wdmdma", WQ_MEM_RECLAIM, 0);
	if (!wd_workqueue)
		return -ENOMEM;
	ret = wd_work_init();
	if (ret) {
		destroy_workqueue(wd_workqueue);
		return ret;
	}
	wd_debugfs_init();
	wd_inject_init();
	return 0;
}

static void __exit wdmdma_exit(void)
{
	wd_debugfs_exit();
	wd_hold_exit();
	wd_grave_exit();
	destroy_workqueue(wd_workqueue);
	wd_mmu_exit();
	wd_domain_exit();
	wd_adapter_exit_module();
	wd_work_exit();
	wd_timer_exit();
	wd_dpc_exit();
	wd_thread_exit();
	wd_memory_exit();
	wd_pool_exit();
}

module_init(wdmdma_init);
module_exit(wdmdma_exit);

MODULE_DESCRIPTION("IoGetDmaAdapter() and DMA_OPERATIONS for ported Windows drivers");
MODULE_VERSION("0.1.0");
MODULE_LICENSE("GPL");
