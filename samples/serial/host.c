// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hosts the Windows driver: finds the UART and tells wdmdma which channels of the DMA controller
 * serve it. The device tree has them as for any Linux driver:
 *
 *	compatible = "wdmdma,serial";
 *	reg = <0x7e201000 0x200>;
 *	dmas = <&dma 12>, <&dma 14>;
 *	dma-names = "tx", "rx";
 *
 * Without a device tree, a platform device "wdmdma_serial" and a dma_slave_map with these names do.
 */
#include <linux/clk.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>

#include "host.h"

/*
 * What a controller behind a bus of its own adds to the register's address: some drivers
 * (bcm2835-dma) want the address that the device tree has, not the processor's.
 */
static s64 serial_host_bus_offset(struct device *dev, phys_addr_t address)
{
	u32 cells, low;
	u64 reg;

	if (!dev->of_node || of_property_read_u32(dev->of_node->parent, "#address-cells", &cells))
		return 0;
	if (cells == 1 && !of_property_read_u32(dev->of_node, "reg", &low))
		return (s64)low - (s64)address;
	if (cells == 2 && !of_property_read_u64(dev->of_node, "reg", &reg))
		return (s64)reg - (s64)address;
	return 0;
}

static int serial_host_bind(struct serial_host *host, u32 line, const char *name,
			    phys_addr_t address)
{
	struct wdmdma_dma_binding binding = {
		.request_line = line,
		.channel = line,
		.name = name,
		.bus_offset = serial_host_bus_offset(host->dev, address),
	};
	int ret = wdmdma_bind_dma_channel(host->device_object, &binding);

	return ret ? dev_err_probe(host->dev, ret, "no channel \"%s\"\n", name) : 0;
}

static void serial_host_put_object(void *data)
{
	struct serial_host *host = data;

	wdmdma_put_device_object(host->device_object);
}

static void serial_host_stop(void *data)
{
	struct serial_host *host = data;

	flush_work(&host->selftest);
	SerialRemoveDevice(host->serial);
}

static int serial_host_start(struct serial_host *host, phys_addr_t address, void __iomem *registers)
{
	SERIAL_RESOURCES resources = {
		.RegisterAddress.QuadPart = address,
		.Registers = (PUCHAR __force)registers,
	};
	NTSTATUS status;
	int ret;

	host->has_uart = registers;
	ret = serial_host_bind(host, SERIAL_TRANSMIT_LINE, "tx", address);
	if (ret)
		return ret;
	ret = serial_host_bind(host, SERIAL_RECEIVE_LINE, "rx", address);
	if (ret)
		return ret;
	status = SerialAddDevice(host->device_object, &resources, &host->serial);
	if (!NT_SUCCESS(status)) {
		dev_err(host->dev, "the driver does not start: status 0x%08x\n", status);
		return -ENODEV;
	}
	ret = devm_add_action_or_reset(host->dev, serial_host_stop, host);
	if (ret)
		return ret;
	queue_work(system_unbound_wq, &host->selftest);
	return 0;
}

static void serial_host_disable_clock(void *data)
{
	clk_disable_unprepare(data);
}

/* Until the driver is unbound */
static int serial_host_enable_clock(struct device *dev, const char *name)
{
	struct clk *clock = devm_clk_get(dev, name);
	int ret;

	if (IS_ERR(clock))
		return PTR_ERR(clock);
	ret = clk_prepare_enable(clock);
	return ret ? : devm_add_action_or_reset(dev, serial_host_disable_clock, clock);
}

/* Only a device tree says that there is a UART to be programmed. */
static int serial_host_map(struct platform_device *pdev, void __iomem **registers)
{
	int ret;

	if (!pdev->dev.of_node)
		return 0;
	ret = serial_host_enable_clock(&pdev->dev, "apb_pclk");
	if (!ret)
		ret = serial_host_enable_clock(&pdev->dev, "uartclk");
	if (ret)
		return ret;
	*registers = devm_platform_ioremap_resource(pdev, 0);
	return PTR_ERR_OR_ZERO(*registers);
}

static int serial_host_probe(struct platform_device *pdev)
{
	struct resource *resource = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	struct device *dev = &pdev->dev;
	struct serial_host *host = devm_kzalloc(dev, sizeof(*host), GFP_KERNEL);
	void __iomem *registers = NULL;
	int ret;

	if (!host)
		return -ENOMEM;
	if (!resource)
		return -EINVAL;
	host->dev = dev;
	INIT_WORK(&host->selftest, serial_selftest);
	ret = serial_host_map(pdev, &registers);
	if (ret)
		return ret;
	host->device_object = wdmdma_get_device_object(dev);
	if (!host->device_object)
		return -ENOMEM;
	ret = devm_add_action_or_reset(dev, serial_host_put_object, host);
	return ret ? : serial_host_start(host, resource->start, registers);
}

static const struct of_device_id serial_host_ids[] = {
	{ .compatible = "wdmdma,serial" },
	{ }
};
MODULE_DEVICE_TABLE(of, serial_host_ids);

static struct platform_driver serial_host_driver = {
	.driver.name = KBUILD_MODNAME,
	.driver.of_match_table = serial_host_ids,
	.probe = serial_host_probe,
};
module_platform_driver(serial_host_driver);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A ported Windows driver for a UART that is served by system DMA");
MODULE_IMPORT_NS(WDMDMA);
