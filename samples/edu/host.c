// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hosts the Windows driver: finds the device, maps its registers, takes its interrupt and gives
 * the driver a device object. All of DMA is the driver's and wdmdma's. A thread for each device
 * then uses the driver (selftest.c), and so do programs, through a character device (chardev.c).
 */
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "host.h"

#define EDU_VENDOR_ID	0x1234
#define EDU_DEVICE_ID	0x11e8

#define EDU_DEFAULT_BITS 28

/* QEMU's dma_mask= property, 28 bits unless set, cannot be read from the device. */
static unsigned int dma_bits[8];
module_param_array(dma_bits, uint, NULL, 0444);
MODULE_PARM_DESC(dma_bits, "address bits that each device reaches, in bus order (default 28)");

static unsigned int edu_host_bits(struct pci_dev *pdev)
{
	struct pci_dev *other = NULL;
	unsigned int index = 0;

	/* In the list of all devices one that was removed and found again is the last. */
	while ((other = pci_get_device(EDU_VENDOR_ID, EDU_DEVICE_ID, other)))
		index += pci_dev_id(other) < pci_dev_id(pdev);
	return index < ARRAY_SIZE(dma_bits) && dma_bits[index] ? dma_bits[index] : EDU_DEFAULT_BITS;
}

static unsigned int narrow_bits = 24;
module_param(narrow_bits, uint, 0444);
MODULE_PARM_DESC(narrow_bits,
		 "address bits of the narrow adapter: 24 (default), or 32 where no memory lies so low");

static bool selftest = true;
module_param(selftest, bool, 0644);
MODULE_PARM_DESC(selftest, "test each device when it is bound (default yes)");

static irqreturn_t edu_host_irq(int irq, void *data)
{
	struct edu_host *host = data;

	return EduInterrupt(host->edu) ? IRQ_HANDLED : IRQ_NONE;
}

/**
 * edu_host_free() - nobody refers to the device any more
 * @ref: its reference count
 */
void edu_host_free(struct kref *ref)
{
	kfree(container_of(ref, struct edu_host, ref));
}

/**
 * edu_host_narrow_end() - where the addresses end that the narrow adapter reaches
 */
u64 edu_host_narrow_end(void)
{
	return narrow_bits == 24 ? BIT_ULL(24) : BIT_ULL(32);
}

/**
 * edu_host_adapter() - one of the device's adapters, made when it is first asked for
 * @host: the device
 * @adapter: which
 *
 * Context: Process, sleeps.
 * Return: The adapter, or NULL.
 */
PDMA_ADAPTER edu_host_adapter(struct edu_host *host, EDU_ADAPTER adapter)
{
	struct wdmdma_limits limits = { };
	PDMA_ADAPTER dma_adapter = NULL;

	if (adapter == EduPoolAdapter || adapter == EduExtendedAdapter)
		limits.pool_registers = EDU_POOL_REGS;
	mutex_lock(&host->lock);
	if (!host->broken) {
		wdmdma_set_limits(host->device_object, &limits);
		dma_adapter = EduGetAdapter(host->edu, adapter);
	}
	mutex_unlock(&host->lock);
	return dma_adapter;
}

/**
 * edu_host_stats() - the numbers of one of the device's adapters, if there is one
 * @host: the device
 * @adapter: which
 * @stats: where to
 *
 * Context: Process, sleeps.
 * Return: 0 or -ENODEV.
 */
int edu_host_stats(struct edu_host *host, EDU_ADAPTER adapter, struct wdmdma_adapter_stats *stats)
{
	PDMA_ADAPTER dma_adapter;
	int ret = -ENODEV;

	/* Whoever gives up the device takes the adapters away. */
	mutex_lock(&host->lock);
	dma_adapter = EduFindAdapter(host->edu, adapter);
	if (dma_adapter && !wdmdma_get_adapter_stats(dma_adapter, stats))
		ret = 0;
	mutex_unlock(&host->lock);
	return ret;
}

/**
 * edu_host_give_up() - end all requests of a device that does not answer
 * @host: the device; afterwards it has no adapter and nothing can be requested of it
 *
 * Context: Process, sleeps.
 */
void edu_host_give_up(struct edu_host *host)
{
	mutex_lock(&host->lock);
	if (!host->broken) {
		WRITE_ONCE(host->broken, true);
		disable_irq(host->irq);
		pci_clear_master(host->pdev);
		EduReset(host->edu);
		/* Completes the requests that even so were never granted anything. */
		EduStopDevice(host->edu);
		enable_irq(host->irq);
	}
	mutex_unlock(&host->lock);
}

static void edu_host_stop_thread(struct edu_host *host)
{
	if (!host->thread)
		return;
	/* Cancels what is under way and returns when nothing is. */
	kthread_stop(host->thread);
	put_task_struct(host->thread);
}

static int edu_host_start_thread(struct edu_host *host)
{
	struct task_struct *thread;

	if (!selftest)
		return 0;
	thread = kthread_create(edu_selftest, host, "wdmdma_edu/%s", pci_name(host->pdev));
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	/* It may end by itself before edu_host_remove() stops it. */
	host->thread = get_task_struct(thread);
	wake_up_process(thread);
	return 0;
}

static int edu_host_start(struct edu_host *host, void __iomem *registers)
{
	struct pci_dev *pdev = host->pdev;
	int ret = -ENODEV;

	if (!NT_SUCCESS(EduAddDevice(host->device_object, (PUCHAR __force)registers,
				     narrow_bits == 24, &host->edu)))
		return -ENODEV;
	host->irq = pci_irq_vector(pdev, 0);
	ret = request_irq(host->irq, edu_host_irq, IRQF_SHARED, pci_name(pdev), host);
	if (ret)
		goto remove_device;
	pci_set_master(pdev);
	if (selftest)
		edu_pair_try(host);
	ret = -EIO;
	if (!NT_SUCCESS(EduStartDevice(host->edu)))
		goto free_irq;
	ret = edu_chardev_add(host);
	if (ret)
		goto free_irq;
	ret = edu_host_start_thread(host);
	if (ret)
		goto remove_chardev;
	edu_pair_add(host);
	return 0;

remove_chardev:
	edu_chardev_shut(host);
	edu_chardev_remove(host);
free_irq:
	pci_clear_master(pdev);
	free_irq(host->irq, host);
remove_device:
	EduRemoveDevice(host->edu);
	return ret;
}

static unsigned int edu_host_waiting(struct edu_host *host)
{
	struct wdmdma_adapter_stats stats;
	unsigned int waiting = 0;
	EDU_ADAPTER adapter;

	for (adapter = 0; adapter < EduMaximumAdapter; adapter++)
		if (!edu_host_stats(host, adapter, &stats))
			waiting += stats.waiting;
	return waiting;
}

/* The device is taken from the driver; one that does not answer any more has been pulled out. */
static void edu_host_stop(struct edu_host *host)
{
	bool there = host->broken || EduAnswers(host->edu);
	unsigned int under_way, waiting;
	EDU_COUNTS before, after;

	edu_pair_remove(host);
	edu_chardev_shut(host);
	EduGetCounts(host->edu, &before);
	under_way = EduCountRequests(host->edu);
	waiting = edu_host_waiting(host);
	if (!there)
		edu_host_give_up(host);
	edu_host_stop_thread(host);
	edu_chardev_remove(host);
	EduGetCounts(host->edu, &after);
	if (under_way)
		dev_info(host->dev, "%s: %u requests under way, %u of them waited for the adapter, %u routines called meanwhile\n",
			 there ? "unbound" : "vanished", under_way, waiting,
			 after.Routines - before.Routines);

	pci_clear_master(host->pdev);
	free_irq(host->irq, host);
	EduRemoveDevice(host->edu);
}

static int edu_host_attach(struct edu_host *host)
{
	struct pci_dev *pdev = host->pdev;
	unsigned int bits = edu_host_bits(pdev);
	void __iomem *registers;
	int ret = pcim_enable_device(pdev);

	if (ret)
		return ret;
	registers = pcim_iomap(pdev, 0, 0);
	if (!registers)
		return -ENOMEM;
	if (bits > 64)
		return -EINVAL;
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(bits));
	if (ret)
		return ret;
	ret = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_ALL_TYPES);
	if (ret < 0)
		return ret;
	ret = -ENOMEM;
	host->device_object = wdmdma_get_device_object(&pdev->dev);
	if (!host->device_object)
		goto free_vectors;
	ret = edu_host_start(host, registers);
	if (ret)
		goto put_object;
	return 0;

put_object:
	wdmdma_put_device_object(host->device_object);
free_vectors:
	pci_free_irq_vectors(pdev);
	return ret;
}

static int edu_host_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu_host *host = kzalloc(sizeof(*host), GFP_KERNEL);
	int ret;

	if (!host)
		return -ENOMEM;
	kref_init(&host->ref);
	host->pdev = pdev;
	host->dev = &pdev->dev;
	mutex_init(&host->lock);
	init_waitqueue_head(&host->finished);
	init_waitqueue_head(&host->no_users);
	init_waitqueue_head(&host->idle);
	pci_set_drvdata(pdev, host);
	ret = edu_host_attach(host);
	if (ret)
		kref_put(&host->ref, edu_host_free);
	return ret;
}

static void edu_host_remove(struct pci_dev *pdev)
{
	struct edu_host *host = pci_get_drvdata(pdev);

	edu_host_stop(host);
	wdmdma_put_device_object(host->device_object);
	pci_free_irq_vectors(pdev);
	kref_put(&host->ref, edu_host_free);
}

static const struct pci_device_id edu_host_ids[] = {
	{ PCI_DEVICE(EDU_VENDOR_ID, EDU_DEVICE_ID) },
	{ }
};
MODULE_DEVICE_TABLE(pci, edu_host_ids);

static struct pci_driver edu_host_driver = {
	.name = KBUILD_MODNAME,
	.id_table = edu_host_ids,
	.probe = edu_host_probe,
	.remove = edu_host_remove,
	.driver.pm = pm_sleep_ptr(&edu_host_pm),
};
module_pci_driver(edu_host_driver);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A ported Windows driver for QEMU's edu device");
MODULE_IMPORT_NS(WDMDMA);
