// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device's thread: makes all the tests (tests.c) and says how they went. It ends early when the
 * device is unbound.
 */
#include <linux/dma-map-ops.h>
#include <linux/kthread.h>

#include "selftest.h"

/**
 * edu_fail() - count a failure like a transfer with wrong bytes
 * @host: the device
 * @format: what is wrong, as for printk() and without a new line
 */
void edu_fail(struct edu_host *host, const char *format, ...)
{
	struct va_format vaf = { .fmt = format };
	va_list args;

	va_start(args, format);
	vaf.va = &args;
	dev_err(host->dev, "error: %pV\n", &vaf);
	va_end(args);
	host->mismatches++;
}

static bool edu_test_both_ways(struct edu_host *host, const struct edu_test *tests)
{
	for (; tests->name; tests++)
		if (!edu_test(host, tests, 1, true) || !edu_test(host, tests, 1, false))
			return false;
	return true;
}

static void edu_test_narrow_common_buffer(struct edu_host *host)
{
	PHYSICAL_ADDRESS address;

	if (!edu_host_adapter(host, EduNarrowAdapter) ||
	    !NT_SUCCESS(EduTryCommonBuffer(host->edu, EduNarrowAdapter, &address)))
		edu_fail(host, "no common buffer for the narrow adapter");
	else if (address.QuadPart + PAGE_SIZE > edu_host_narrow_end())
		edu_fail(host, "common buffer for the narrow adapter is at 0x%llx",
			 address.QuadPart);
}

/* Behind an IOMMU any pages can be shared; elsewhere the driver would do without. */
static void edu_test_shared_memory(struct edu_host *host)
{
	PDMA_ADAPTER adapter = edu_host_adapter(host, EduExtendedAdapter);
	struct wdmdma_adapter_stats stats;
	NTSTATUS status, mdl_status;

	if (!adapter || wdmdma_get_adapter_stats(adapter, &stats)) {
		edu_fail(host, "no adapter of version 3");
		return;
	}
	status = EduTrySharedMemory(host->edu, EduExtendedAdapter, &mdl_status);
	if (!NT_SUCCESS(status))
		edu_fail(host, "vector of common buffers: status 0x%08x", status);
	if (!NT_SUCCESS(mdl_status) &&
	    (stats.mapping == WDMDMA_TRANSLATED || mdl_status != STATUS_INVALID_PARAMETER))
		edu_fail(host, "common buffer of an MDL: status 0x%08x", mdl_status);
	dev_info(host->dev, "shared memory: a vector; an MDL %s\n",
		 NT_SUCCESS(mdl_status) ? "as well" : "that does not fit");
}

static bool edu_test_all(struct edu_host *host)
{
	edu_test_shared_memory(host);
	if (!edu_test_both_ways(host, edu_tests) ||
	    !edu_test(host, edu_queued_tests, EDU_MAX_BATCH, true) ||
	    !edu_test_both_ways(host, edu_extended_tests) ||
	    !edu_test(host, edu_extended_queued_tests, EDU_MAX_BATCH, false) ||
	    !edu_test_both_ways(host, edu_window_tests))
		return false;
	/* From here on the device is given low addresses only: pair.c comes before. */
	edu_test_narrow_common_buffer(host);
	return edu_test_both_ways(host, edu_narrow_tests) &&
	       edu_test_both_ways(host, edu_map_tests);
}

/**
 * edu_selftest() - a device's thread
 * @data: struct edu_host
 */
int edu_selftest(void *data)
{
	struct edu_host *host = data;
	char classes[40];
	bool finished, given_up;

	dev_info(host->dev, "%s the caches\n",
		 dev_is_dma_coherent(host->dev) ? "sees" : "does not see");
	/* Devices that run at the same time must not pass off each other's data as theirs. */
	host->seed = (u32)pci_dev_id(host->pdev) << 16;
	finished = edu_test_all(host);
	edu_class_list(host->classes, classes, sizeof(classes));
	given_up = host->broken && !READ_ONCE(host->gone);
	dev_info(host->dev, "%s: %u transfers, %llu bytes, %u mismatches, classes: %s\n",
		 finished || given_up ? "done" : "stopped", host->transfers, host->bytes,
		 host->mismatches, classes[0] ? classes : "none");
	return 0;
}
