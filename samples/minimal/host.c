// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hosts the Windows driver on a device that this module makes itself, so that it can be loaded
 * anywhere: `insmod wdmdma_minimal.ko` tells in the kernel's log whether wdmdma works here. While
 * the device is bound its adapter lives, and wdmdma cannot be unloaded.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include <wdmdma/wdmdma.h>

#include "minimal.h"

struct minimal_host {
	PDEVICE_OBJECT device_object;
	MINIMAL_DEVICE windows;
};

static int minimal_try(struct device *dev, struct minimal_host *host)
{
	MINIMAL_DEVICE *windows = &host->windows;
	NTSTATUS status = MinimalStart(windows, host->device_object);

	if (NT_SUCCESS(status))
		status = MinimalMapBuffer(windows, host->device_object);
	if (!NT_SUCCESS(status)) {
		dev_err(dev, "failed: status 0x%08x\n", status);
		return -EIO;
	}
	if (windows->ListBytes != MINIMAL_LENGTH || !windows->ListElements) {
		dev_err(dev, "failed: a list of %u elements for %u bytes, not %u\n",
			windows->ListElements, windows->ListBytes, MINIMAL_LENGTH);
		return -EIO;
	}
	if (windows->CommonBufferAddress.QuadPart + PAGE_SIZE - 1 > DMA_BIT_MASK(32)) {
		dev_err(dev, "failed: a common buffer at 0x%llx\n",
			windows->CommonBufferAddress.QuadPart);
		return -EIO;
	}
	dev_info(dev, "works: common buffer at 0x%llx, list of %u elements for %u bytes\n",
		 windows->CommonBufferAddress.QuadPart, windows->ListElements, windows->ListBytes);
	return 0;
}

/* Instead of a remove routine, whose type is another on newer kernels. */
static void minimal_unbind(void *data)
{
	struct minimal_host *host = data;

	MinimalStop(&host->windows);
	wdmdma_put_device_object(host->device_object);
}

static int minimal_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct minimal_host *host = devm_kzalloc(dev, sizeof(*host), GFP_KERNEL);
	int ret;

	if (!host)
		return -ENOMEM;
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(32));
	if (ret)
		return ret;
	host->device_object = wdmdma_get_device_object(dev);
	if (!host->device_object)
		return -ENOMEM;
	ret = devm_add_action_or_reset(dev, minimal_unbind, host);
	return ret ? : minimal_try(dev, host);
}

static struct platform_driver minimal_driver = {
	.driver.name = "wdmdma_minimal",
	.probe = minimal_probe,
};

static struct platform_device *minimal_device;

static int __init minimal_init(void)
{
	int ret = platform_driver_register(&minimal_driver);

	if (ret)
		return ret;
	minimal_device = platform_device_register_simple("wdmdma_minimal", PLATFORM_DEVID_NONE,
							 NULL, 0);
	if (!IS_ERR(minimal_device))
		return 0;
	platform_driver_unregister(&minimal_driver);
	return PTR_ERR(minimal_device);
}

static void __exit minimal_exit(void)
{
	platform_device_unregister(minimal_device);
	platform_driver_unregister(&minimal_driver);
}

module_init(minimal_init);
module_exit(minimal_exit);

MODULE_DESCRIPTION("The smallest ported Windows driver");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(WDMDMA);
