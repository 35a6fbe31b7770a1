// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system is suspended and resumed while the device is in use.
 *
 * Nothing of what wdmdma has given out is affected by that: mappings, lists, map registers and
 * common buffers stay what and where they are, and requests go on waiting. It is the device that
 * must be quiet before it loses its power, and be told again what it was doing. That the store is
 * where the device has been told, and as it left it, is checked here; the driver relies on it.
 */
#include <linux/crc32.h>
#include <linux/pm.h>

#include "host.h"

static void edu_host_look_at_store(struct edu_host *host, u32 *crc, phys_addr_t *phys)
{
	*crc = crc32_le(~0, EduGetStore(host->edu), EDU_STORE_LENGTH);
	*phys = edu_bus_to_phys(host->dev, EduGetStoreAddress(host->edu).QuadPart);
}

static int edu_host_suspend(struct device *dev)
{
	struct edu_host *host = pci_get_drvdata(to_pci_dev(dev));
	unsigned int under_way;
	int ret = 0;

	mutex_lock(&host->lock);
	if (host->broken)
		goto unlock;
	if (!NT_SUCCESS(EduSuspendDevice(host->edu))) {
		ret = -EBUSY;
		goto unlock;
	}
	under_way = EduCountRequests(host->edu);
	host->suspended++;
	host->held += under_way;
	edu_host_look_at_store(host, &host->store_crc, &host->store_phys);
	dev_info(dev, "suspended: %u requests under way\n", under_way);
unlock:
	mutex_unlock(&host->lock);
	return ret;
}

static int edu_host_resume(struct device *dev)
{
	struct edu_host *host = pci_get_drvdata(to_pci_dev(dev));
	phys_addr_t phys;
	u32 crc;

	mutex_lock(&host->lock);
	if (host->broken)
		goto unlock;
	edu_host_look_at_store(host, &crc, &phys);
	if (crc == host->store_crc && phys == host->store_phys)
		host->kept++;
	else
		dev_err(dev, "error: the store has changed while the system was suspended\n");
	/* The PCI core has restored this, if the device has lost it; a resumed one may be new. */
	pci_set_master(host->pdev);
	EduResumeDevice(host->edu);
unlock:
	mutex_unlock(&host->lock);
	return 0;
}

const struct dev_pm_ops edu_host_pm = {
	SYSTEM_SLEEP_PM_OPS(edu_host_suspend, edu_host_resume)
};
