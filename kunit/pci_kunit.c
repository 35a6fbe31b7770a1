// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is different for a PCI device: its reach, its segment limit, its line, and its messages. The
 * device is one of a bus of the test's own, bound to a driver; then it is said to be on PCI, with
 * message interrupts of a controller of the test's own.
 */
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/module.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include <wdmdma/interrupt.h>

#include "fake_driver.h"
#include "fixture.h"
#include "hardirq.h"
#include "inject.h"

#define WK_MESSAGES	3

static const struct bus_type wk_bus = { .name = "wdmdma-kunit-bus" };
static struct device_driver wk_driver = {
	.name = "wdmdma-kunit-bus",
	.bus = &wk_bus,
	.owner = THIS_MODULE,
};

struct wk_pci {
	struct pci_dev pdev;
	PDEVICE_OBJECT object;
};

static void wk_pci_release(struct device *dev)
{
	kfree(container_of(dev, struct wk_pci, pdev.dev));
}

static struct wk_pci *wk_pci_add(struct kunit *test)
{
	struct wk_pci *pci = kzalloc(sizeof(*pci), GFP_KERNEL);
	struct device *dev = &pci->pdev.dev;

	KUNIT_ASSERT_NOT_NULL(test, pci);
	KUNIT_ASSERT_EQ(test, bus_register(&wk_bus), 0);
	KUNIT_ASSERT_EQ(test, driver_register(&wk_driver), 0);
	dev->bus = &wk_bus;
	dev->release = wk_pci_release;
	dev_set_name(dev, "wdmdma-kunit-pci");
	pci->pdev.dma_mask = DMA_BIT_MASK(64);
	dev->dma_mask = &pci->pdev.dma_mask;
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	/* As the PCI core leaves it */
	dev->dma_parms = &pci->pdev.dma_parms;
	dma_set_max_seg_size(dev, SZ_64K);
	dma_set_seg_boundary(dev, U32_MAX);
	KUNIT_ASSERT_EQ(test, device_register(dev), 0);
	KUNIT_ASSERT_NOT_NULL(test, dev->driver);
	pci->object = wdmdma_get_device_object(dev);
	KUNIT_ASSERT_NOT_NULL(test, pci->object);
	dev->bus = &pci_bus_type;
	return pci;
}

static void wk_pci_remove(struct wk_pci *pci)
{
	pci->pdev.dev.bus = &wk_bus;
	wdmdma_put_device_object(pci->object);
	device_unregister(&pci->pdev.dev);
	driver_unregister(&wk_driver);
	bus_unregister(&wk_bus);
}

/* A bus that the description leaves open is PCI: with scatter/gather that reaches 32 bits. */
static void wk_open_bus_is_pci(struct kunit *test)
{
	static const INTERFACE_TYPE buses[] = { InterfaceTypeUndefined, PNPBus, PCIBus };
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_64K);
	struct wk_pci *pci = wk_pci_add(test);
	struct wdmdma_adapter_stats stats = {};
	PDMA_ADAPTER adapter;
	unsigned int i;
	ULONG regs;

	description.Dma64BitAddresses = FALSE;
	for (i = 0; i < ARRAY_SIZE(buses); i++) {
		description.InterfaceType = buses[i];
		adapter = IoGetDmaAdapter(pci->object, &description, &regs);
		KUNIT_ASSERT_NOT_NULL(test, adapter);
		KUNIT_EXPECT_EQ(test, wdmdma_get_adapter_stats(adapter, &stats), 0);
		KUNIT_EXPECT_EQ(test, stats.last_address, U32_MAX);
		adapter->DmaOperations->PutDmaAdapter(adapter);
	}
	description.InterfaceType = Internal;		/* 24 bits: UML has no such memory */
	description.ScatterGather = FALSE;
	adapter = IoGetDmaAdapter(pci->object, &description, &regs);
	if (adapter) {
		KUNIT_EXPECT_EQ(test, wdmdma_get_adapter_stats(adapter, &stats), 0);
		KUNIT_EXPECT_EQ(test, stats.last_address, 0xFFFFFF);
		adapter->DmaOperations->PutDmaAdapter(adapter);
	}
	wk_pci_remove(pci);
}

static ULONG wk_longest_run(struct kunit *test, struct wk_pci *pci, unsigned int max_seg)
{
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 64, SZ_128K);
	struct wk_buffer *buffer = wk_alloc_contiguous(test, SZ_128K / PAGE_SIZE);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	ULONG regs, bytes = SZ_128K;
	PDMA_ADAPTER adapter;
	struct wk_call call;
	NTSTATUS status;

	/* Whatever the last one left is undone when it is gone. */
	KUNIT_ASSERT_TRUE(test, wk_wait_for(dma_get_max_seg_size(&pci->pdev.dev) != UINT_MAX));
	dma_set_max_seg_size(&pci->pdev.dev, max_seg);
	adapter = IoGetDmaAdapter(pci->object, &description, &regs);
	KUNIT_ASSERT_NOT_NULL(test, adapter);
	wk_call_init(&call, adapter, DeallocateObjectKeepRegisters);
	status = adapter->DmaOperations->AllocateAdapterChannel(adapter, pci->object, 32,
								wk_control, &call);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	adapter->DmaOperations->MapTransfer(adapter, mdl, call.base, MmGetMdlVirtualAddress(mdl),
					    &bytes, TRUE);
	adapter->DmaOperations->FlushAdapterBuffers(adapter, mdl, call.base,
						    MmGetMdlVirtualAddress(mdl), bytes, TRUE);
	adapter->DmaOperations->FreeMapRegisters(adapter, call.base, 32);
	adapter->DmaOperations->PutDmaAdapter(adapter);
	return bytes;
}

/* 64 KiB is what the PCI core says of every device, so it says nothing. */
static void wk_segment_limit_of_pci(struct kunit *test)
{
	struct wk_pci *pci = wk_pci_add(test);

	KUNIT_EXPECT_EQ(test, wk_longest_run(test, pci, SZ_64K), SZ_128K);
	KUNIT_EXPECT_EQ(test, wk_longest_run(test, pci, SZ_32K), SZ_32K);
	wk_pci_remove(pci);
}

/* Interrupts */

struct wk_service {
	unsigned int irq;
	unsigned int count, messages[WK_MESSAGES];
	PKINTERRUPT last;
};

static void wk_raise(void *data)
{
	generic_handle_irq(*(unsigned int *)data);
}

static BOOLEAN wk_line_service(PKINTERRUPT interrupt, PVOID context)
{
	struct wk_service *service = context;

	service->count++;
	return TRUE;
}

static BOOLEAN wk_message_service(PKINTERRUPT interrupt, PVOID context, ULONG message)
{
	struct wk_service *service = context;

	service->last = interrupt;
	if (message < WK_MESSAGES)
		service->messages[message]++;
	return TRUE;
}

/* Without messages it is the line, also for who would have liked messages. */
static void wk_line_of_pci(struct kunit *test)
{
	IO_CONNECT_INTERRUPT_PARAMETERS connect = { .Version = CONNECT_MESSAGE_BASED };
	IO_DISCONNECT_INTERRUPT_PARAMETERS disconnect = {};
	struct wk_pci *pci = wk_pci_add(test);
	int irq = irq_alloc_desc(0);
	struct wk_service service = {};
	PKINTERRUPT object = NULL;

	KUNIT_ASSERT_GT(test, irq, 0);
	irq_set_chip_and_handler(irq, &dummy_irq_chip, handle_simple_irq);
	pci->pdev.irq = irq;
	connect.MessageBased.PhysicalDeviceObject = pci->object;
	connect.MessageBased.ConnectionContext.InterruptObject = &object;
	connect.MessageBased.MessageServiceRoutine = wk_message_service;
	connect.MessageBased.FallBackServiceRoutine = wk_line_service;
	connect.MessageBased.ServiceContext = &service;
	KUNIT_ASSERT_EQ(test, IoConnectInterruptEx(&connect), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, connect.Version, CONNECT_LINE_BASED);
	wk_in_hard_interrupt(wk_raise, &irq);
	KUNIT_EXPECT_EQ(test, service.count, 1);
	disconnect.Version = connect.Version;
	disconnect.ConnectionContext.InterruptObject = object;
	IoDisconnectInterruptEx(&disconnect);
	irq_free_desc(irq);
	wk_pci_remove(pci);
}

static void wk_compose(struct irq_data *data, struct msi_msg *message)
{
	memset(message, 0, sizeof(*message));
}

static void wk_nothing(struct irq_data *data)
{
}

static void wk_write_message(struct msi_desc *desc, struct msi_msg *message)
{
}

static int wk_set_affinity(struct irq_data *data, const struct cpumask *mask, bool force)
{
	return IRQ_SET_MASK_OK_DONE;
}

static struct irq_chip wk_chip = {
	.name = "wdmdma-kunit",
	.irq_mask = wk_nothing,
	.irq_unmask = wk_nothing,
	.irq_compose_msi_msg = wk_compose,
	.irq_set_affinity = wk_set_affinity,
};

static int wk_domain_alloc(struct irq_domain *domain, unsigned int virq, unsigned int count,
			   void *arg)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		irq_domain_set_info(domain, virq + i, virq + i, &wk_chip, NULL, handle_simple_irq,
				    NULL, NULL);
	return 0;
}

static void wk_domain_free(struct irq_domain *domain, unsigned int virq, unsigned int count)
{
	irq_domain_free_irqs_common(domain, virq, count);
}

static const struct irq_domain_ops wk_domain_ops = {
	.alloc = wk_domain_alloc,
	.free = wk_domain_free,
};

static bool wk_init_msi(struct device *dev, struct irq_domain *domain, struct irq_domain *parent,
			struct msi_domain_info *info)
{
	info->flags |= MSI_FLAG_ALLOC_SIMPLE_MSI_DESCS | MSI_FLAG_FREE_MSI_DESCS |
		       MSI_FLAG_USE_DEF_DOM_OPS | MSI_FLAG_USE_DEF_CHIP_OPS;
	return true;
}

static const struct msi_parent_ops wk_msi_ops = { .init_dev_msi_info = wk_init_msi };

/* The host's pci_alloc_irq_vectors() */
struct wk_messages {
	struct wk_pci *pci;
	struct fwnode_handle *node;
	struct irq_domain *domain;
	unsigned int irqs[WK_MESSAGES];
	struct wk_service service;
	PIO_INTERRUPT_MESSAGE_INFO table;
	IO_CONNECT_INTERRUPT_PARAMETERS connect;
};

static void wk_messages_add(struct kunit *test, struct wk_messages *messages)
{
	struct wk_pci *pci = wk_pci_add(test);
	struct device *dev = &pci->pdev.dev;
	unsigned int i;

	*messages = (struct wk_messages){ .pci = pci };
	messages->node = irq_domain_alloc_named_fwnode("wdmdma-kunit");
	KUNIT_ASSERT_NOT_NULL(test, messages->node);
	messages->domain = irq_domain_create_hierarchy(NULL, 0, 0, messages->node, &wk_domain_ops,
						       NULL);
	KUNIT_ASSERT_NOT_NULL(test, messages->domain);
	messages->domain->flags |= IRQ_DOMAIN_FLAG_MSI_PARENT;
	messages->domain->msi_parent_ops = &wk_msi_ops;
	dev_set_msi_domain(dev, messages->domain);
	dev->bus = &wk_bus;
	KUNIT_ASSERT_EQ(test, platform_device_msi_init_and_alloc_irqs(dev, WK_MESSAGES,
								      wk_write_message), 0);
	dev->bus = &pci_bus_type;
	pci->pdev.msix_enabled = 1;
	for (i = 0; i < WK_MESSAGES; i++) {
		int irq = pci_irq_vector(&pci->pdev, i);

		KUNIT_ASSERT_GT(test, irq, 0);
		messages->irqs[i] = irq;
	}
	messages->connect.Version = CONNECT_MESSAGE_BASED;
	messages->connect.MessageBased.PhysicalDeviceObject = pci->object;
	messages->connect.MessageBased.ConnectionContext.InterruptMessageTable = &messages->table;
	messages->connect.MessageBased.MessageServiceRoutine = wk_message_service;
	messages->connect.MessageBased.ServiceContext = &messages->service;
}

static void wk_messages_remove(struct wk_messages *messages)
{
	messages->pci->pdev.msix_enabled = 0;
	messages->pci->pdev.dev.bus = &wk_bus;
	platform_device_msi_free_irqs_all(&messages->pci->pdev.dev);
	wk_pci_remove(messages->pci);
	irq_domain_remove(messages->domain);
	irq_domain_free_fwnode(messages->node);
}

static void wk_messages_disconnect(struct wk_messages *messages)
{
	IO_DISCONNECT_INTERRUPT_PARAMETERS disconnect = { .Version = messages->connect.Version };

	disconnect.ConnectionContext.InterruptMessageTable = messages->table;
	IoDisconnectInterruptEx(&disconnect);
}

/* All messages call one routine, which is told their numbers. */
static void wk_messages_of_pci(struct kunit *test)
{
	struct wk_messages messages;
	unsigned int i;

	wk_messages_add(test, &messages);
	KUNIT_ASSERT_EQ(test, IoConnectInterruptEx(&messages.connect), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, messages.connect.Version, CONNECT_MESSAGE_BASED);
	KUNIT_ASSERT_NOT_NULL(test, messages.table);
	KUNIT_ASSERT_EQ(test, messages.table->MessageCount, WK_MESSAGES);
	KUNIT_EXPECT_GT(test, messages.table->UnifiedIrql, DISPATCH_LEVEL);
	for (i = 0; i < WK_MESSAGES; i++) {
		IO_INTERRUPT_MESSAGE_INFO_ENTRY *info = &messages.table->MessageInfo[i];

		KUNIT_EXPECT_EQ(test, info->Vector, messages.irqs[i]);
		KUNIT_EXPECT_EQ(test, info->Mode, Latched);
		wk_in_hard_interrupt(wk_raise, &messages.irqs[i]);
		KUNIT_EXPECT_EQ(test, messages.service.messages[i], 1);
		KUNIT_EXPECT_PTR_EQ(test, messages.service.last, info->InterruptObject);
	}
	wk_messages_disconnect(&messages);
	wk_in_hard_interrupt(wk_raise, &messages.irqs[1]);
	KUNIT_EXPECT_EQ(test, messages.service.messages[1], 1);
	wk_messages_remove(&messages);
}

static BOOLEAN wk_lock_is_taken(PVOID lock)
{
	return !KeTestSpinLock(lock);
}

/* The driver's lock is that of all messages. */
static void wk_messages_share_a_lock(struct kunit *test)
{
	struct wk_messages messages;
	KSPIN_LOCK lock;
	unsigned int i;

	wk_messages_add(test, &messages);
	KeInitializeSpinLock(&lock);
	messages.connect.MessageBased.SpinLock = &lock;
	KUNIT_ASSERT_EQ(test, IoConnectInterruptEx(&messages.connect), STATUS_SUCCESS);
	for (i = 0; i < WK_MESSAGES; i++) {
		PKINTERRUPT interrupt = messages.table->MessageInfo[i].InterruptObject;

		KUNIT_EXPECT_TRUE(test, KeSynchronizeExecution(interrupt, wk_lock_is_taken, &lock));
	}
	KUNIT_EXPECT_FALSE(test, wk_lock_is_taken(&lock));
	wk_messages_disconnect(&messages);
	wk_messages_remove(&messages);
}

static irqreturn_t wk_other_handler(int irq, void *data)
{
	return IRQ_NONE;
}

/* All messages or none: what was connected is undone. */
static void wk_messages_that_fail(struct kunit *test)
{
	IO_CONNECT_INTERRUPT_MESSAGE_BASED_PARAMETERS *how;
	struct wk_messages messages;
	unsigned int n, failed = 0;
	bool more = true;

	wk_messages_add(test, &messages);
	how = &messages.connect.MessageBased;
	how->MessageServiceRoutine = NULL;
	KUNIT_EXPECT_EQ(test, IoConnectInterruptEx(&messages.connect), STATUS_INVALID_PARAMETER);
	how->MessageServiceRoutine = wk_message_service;
	how->ConnectionContext.InterruptMessageTable = NULL;
	KUNIT_EXPECT_EQ(test, IoConnectInterruptEx(&messages.connect), STATUS_INVALID_PARAMETER);
	how->ConnectionContext.InterruptMessageTable = &messages.table;
	KUNIT_EXPECT_NULL(test, messages.table);

	/* Somebody has the last one. */
	KUNIT_ASSERT_EQ(test, request_irq(messages.irqs[2], wk_other_handler, 0, "wdmdma-kunit",
					  &messages), 0);
	KUNIT_EXPECT_EQ(test, IoConnectInterruptEx(&messages.connect), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_NULL(test, messages.table);
	wk_in_hard_interrupt(wk_raise, &messages.irqs[0]);
	KUNIT_EXPECT_EQ(test, messages.service.messages[0], 0);
	free_irq(messages.irqs[2], &messages);

	for (n = 1; more && n < 200; n++) {
		NTSTATUS status;

		messages.table = NULL;
		wk_fail_allocation(n);
		status = IoConnectInterruptEx(&messages.connect);
		more = wk_end_failing();
		if (status == STATUS_SUCCESS) {
			wk_messages_disconnect(&messages);
			continue;
		}
		KUNIT_EXPECT_EQ(test, status, STATUS_INSUFFICIENT_RESOURCES);
		KUNIT_EXPECT_NULL(test, messages.table);
		failed++;
	}
	KUNIT_EXPECT_FALSE(test, more);
	KUNIT_EXPECT_GE(test, failed, 2);
	wk_messages_remove(&messages);
}

static void wk_messages_stay_at_dispatch_level(struct kunit *test)
{
	struct wk_messages messages;
	KIRQL old;

	wk_messages_add(test, &messages);
	KUNIT_ASSERT_EQ(test, IoConnectInterruptEx(&messages.connect), STATUS_SUCCESS);
	wk_expect_report(test, WD_REPORT_IRQL, 1);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	wk_messages_disconnect(&messages);
	KeLowerIrql(old);
	wk_in_hard_interrupt(wk_raise, &messages.irqs[2]);
	KUNIT_EXPECT_EQ(test, messages.service.messages[2], 1);
	wk_messages_disconnect(&messages);
	wk_messages_remove(&messages);
}

static struct kunit_case wk_pci_cases[] = {
	KUNIT_CASE(wk_open_bus_is_pci),
	KUNIT_CASE(wk_segment_limit_of_pci),
	KUNIT_CASE(wk_line_of_pci),
	KUNIT_CASE(wk_messages_of_pci),
	KUNIT_CASE(wk_messages_share_a_lock),
	KUNIT_CASE(wk_messages_that_fail),
	KUNIT_CASE(wk_messages_stay_at_dispatch_level),
	{}
};

static struct kunit_suite wk_pci_suite = {
	.name = "wdmdma_pci",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_pci_cases,
};

kunit_test_suite(wk_pci_suite);
