// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hosts the driver on a device that this module makes itself: none of the mistakes needs hardware.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#include <wdmdma/wdmdma.h>

#include "faulty.h"

static FAULTY_DEVICE faulty_windows;

static void faulty_put_object(void *object)
{
	wdmdma_put_device_object(object);
}

static int faulty_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	PDEVICE_OBJECT object;
	NTSTATUS status;
	int ret;

	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;
	object = wdmdma_get_device_object(dev);
	if (!object)
		return -ENOMEM;
	ret = devm_add_action_or_reset(dev, faulty_put_object, object);
	if (ret)
		return ret;
	status = FaultyRun(&faulty_windows, object);
	if (NT_SUCCESS(status))
		return 0;
	dev_err(dev, "failed: status 0x%08x\n", status);
	return -EIO;
}

static struct platform_driver faulty_driver = {
	.driver.name = "wdmdma_faulty",
	.probe = faulty_probe,
};

static struct platform_device *faulty_device;

static int __init faulty_init(void)
{
	int ret = platform_driver_register(&faulty_driver);

	if (ret)
		return ret;
	faulty_device = platform_device_register_simple("wdmdma_faulty", PLATFORM_DEVID_NONE,
							NULL, 0);
	if (!IS_ERR(faulty_device))
		return 0;
	platform_driver_unregister(&faulty_driver);
	return PTR_ERR(faulty_device);
}

static void __exit faulty_exit(void)
{
	platform_device_unregister(faulty_device);
	platform_driver_unregister(&faulty_driver);
}

module_init(faulty_init);
module_exit(faulty_exit);

MODULE_DESCRIPTION("A ported Windows driver that makes mistakes, for the verifier to find");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(WDMDMA);
