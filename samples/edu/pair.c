// SPDX-License-Identifier: GPL-2.0-only
/*
 * What two devices can share (domain.c) is tried once: when the second of them is bound, before it
 * is started, for only a device that has nothing can join the domain of another. The first one, the
 * *owner*, holds on meanwhile. The owner may not reach more than the joiner.
 *
 * Each step says how it went. Where the devices are translated apart two of them make the IOMMU
 * report a fault, and its address is announced before.
 */
#include <linux/dma-mapping.h>

#include "selftest.h"

#define EDU_PAIR_PAGES 4
#define EDU_PAIR_FAULT_BYTES 4	/* of one bus access: IOMMUs report one fault for each */

static DEFINE_MUTEX(edu_pair_lock);
static struct edu_host *edu_pair_first;		/* started, and not yet stopped */
static bool edu_pair_was_tried;

static bool edu_pair_good(struct edu_host *host, const char *what, NTSTATUS status)
{
	if (!NT_SUCCESS(status))
		edu_fail(host, "domain: %s: status 0x%08x", what, status);
	return NT_SUCCESS(status);
}

static bool edu_pair_reach(struct edu_host *host, EDU_PAIR *pair, const char *when, bool expected)
{
	ULONG length = expected ? pair->Length : EDU_PAIR_FAULT_BYTES;
	BOOLEAN reached;

	if (!expected)
		dev_info(host->dev, "domain: expect a fault at 0x%llx\n", pair->Address.QuadPart);
	if (!edu_pair_good(host, when, EduTryReach(pair, length, &reached)))
		return false;
	if (reached != expected)
		edu_fail(host, "domain: %s: the other's common buffer has%s changed", when,
			 reached ? "" : " not");
	else
		dev_info(host->dev, "domain: %s: %u bytes %s the other's common buffer\n", when,
			 length, reached ? "get into" : "are kept from");
	return reached == expected;
}

static bool edu_pair_narrow(struct edu_host *host, EDU_PAIR *pair)
{
	NTSTATUS status = EduTryNarrowJoin(pair);

	if (status != STATUS_NOT_SUPPORTED) {
		edu_fail(host, "domain: too narrow: status 0x%08x", status);
		return false;
	}
	dev_info(host->dev, "domain: too narrow: JoinDmaDomain refuses an adapter of few bits\n");
	return true;
}

static bool edu_pair_share(struct edu_host *host, EDU_PAIR *pair, bool translated)
{
	bool good;

	if (!edu_pair_reach(host, pair, "alone", !translated) ||
	    (translated && !edu_pair_narrow(host, pair)) ||
	    !edu_pair_good(host, "JoinDmaDomain", EduJoin(pair)))
		return false;
	good = edu_pair_reach(host, pair, "joined", true);
	if (good && edu_pair_good(host, "common buffer of both", EduTryDomainBuffer(pair)))
		dev_info(host->dev, "domain: common buffer of both: %u bytes from one to the other\n",
			 pair->Length);
	return edu_pair_good(host, "LeaveDmaDomain", EduLeave(pair)) && good &&
	       edu_pair_reach(host, pair, "left", !translated);
}

static void edu_pair_vector(struct edu_host *host, EDU_PAIR *pair)
{
	ULONG elements;

	if (edu_pair_good(host, "vector", EduTryElements(pair, &elements)))
		dev_info(host->dev, "domain: vector: %u bytes out of and into each of %u elements\n",
			 pair->Length, elements);
}

static void edu_pair_mdl(struct edu_host *host, EDU_PAIR *pair, PMDL mdl, bool translated)
{
	NTSTATUS status = EduTryMdlBuffer(pair, mdl);

	if (!translated && status == STATUS_INVALID_PARAMETER)
		dev_info(host->dev, "domain: MDL: %u scattered pages are refused, as nothing translates\n",
			 EDU_PAIR_PAGES);
	else if (edu_pair_good(host, "MDL", status))
		dev_info(host->dev, "domain: MDL: %u bytes in one range of %u scattered pages\n",
			 pair->Length, EDU_PAIR_PAGES);
}

static void edu_pair_private(struct edu_host *host, EDU_PAIR *pair, PMDL mdl, bool translated)
{
	NTSTATUS status = EduTryPrivateDomain(pair, mdl);

	if (!translated && status == STATUS_NOT_FOUND)
		dev_info(host->dev, "domain: private: there is no IOMMU\n");
	else if (edu_pair_good(host, "private", status))
		dev_info(host->dev, "domain: private: %u bytes in one range of %u scattered pages\n",
			 pair->Length, EDU_PAIR_PAGES);
}

static void edu_pair_test(struct edu_host *host, EDU_PAIR *pair)
{
	const struct edu_piece piece = {
		/* The buffer gets one page more. */
		.memory = EDU_SCATTERED, .length = EDU_PAIR_PAGES * PAGE_SIZE,
	};
	struct wdmdma_translation translation;
	struct edu_buffer buffer = {};

	if (wdmdma_get_translation(host->device_object, &translation) ||
	    edu_buffer_init(host, &buffer, &piece)) {
		edu_fail(host, "domain: no memory");
	} else if (edu_pair_share(host, pair, translation.translated)) {
		edu_pair_vector(host, pair);
		edu_pair_mdl(host, pair, buffer.mdl, translation.translated);
		edu_pair_private(host, pair, buffer.mdl, translation.translated);
		if (edu_pair_good(host, "back", EduTryAlone(pair)))
			dev_info(host->dev, "domain: back: %u bytes in the device's own common buffer\n",
				 pair->Length);
	}
	edu_buffer_free(&buffer);
}

static void edu_pair_open(struct edu_host *owner, struct edu_host *host)
{
	EDU_PAIR pair;

	if (!edu_pair_good(host, "the first device does not pause", EduSuspendDevice(owner->edu)))
		return;
	if (edu_pair_good(host, "adapters", EduOpenPair(&pair, owner->edu, host->edu)))
		edu_pair_test(host, &pair);
	EduClosePair(&pair);
	EduResumeDevice(owner->edu);
}

/**
 * edu_pair_try() - if a device is the second one, see what it can share with the first
 * @host: not yet started
 *
 * Context: Process, sleeps.
 */
void edu_pair_try(struct edu_host *host)
{
	struct edu_host *owner;

	mutex_lock(&edu_pair_lock);
	owner = edu_pair_first;
	if (owner && !edu_pair_was_tried && dma_get_mask(owner->dev) <= dma_get_mask(host->dev)) {
		edu_pair_was_tried = true;
		/* Nobody gives it up or suspends it meanwhile. */
		mutex_lock(&owner->lock);
		if (!owner->broken)
			edu_pair_open(owner, host);
		mutex_unlock(&owner->lock);
	}
	mutex_unlock(&edu_pair_lock);
}

/**
 * edu_pair_add() - a device has been started
 * @host: the device
 */
void edu_pair_add(struct edu_host *host)
{
	mutex_lock(&edu_pair_lock);
	if (!edu_pair_first)
		edu_pair_first = host;
	mutex_unlock(&edu_pair_lock);
}

/**
 * edu_pair_remove() - a device is going to be stopped
 * @host: the device
 */
void edu_pair_remove(struct edu_host *host)
{
	mutex_lock(&edu_pair_lock);
	if (edu_pair_first == host)
		edu_pair_first = NULL;
	mutex_unlock(&edu_pair_lock);
}
