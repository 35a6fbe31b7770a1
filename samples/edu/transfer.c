// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes transfers and judges them: every byte, what the driver reported, how memory was mapped, and
 * that nothing is left behind. The driver under test verifies nothing itself, and no adapter is
 * touched here but to read its statistics.
 */
#include <linux/kthread.h>
#include <linux/slab.h>

#include "selftest.h"

#define EDU_TIMEOUT	(10 * HZ)	/* a command takes 100 ms, the longest batch some 30 */

static const char * const edu_class_names[] = { "direct", "translated", "bounced", "common" };

static void edu_complete(PEDU_REQUEST request)
{
	struct edu_transfer *transfer = request->Context;
	struct edu_host *host = transfer->host;

	transfer->place = atomic_inc_return(&host->completed);
	transfer->completions++;
	/* The transfer may be gone after this; the host is there until the DPC has returned. */
	if (atomic_dec_and_test(&host->pending))
		wake_up(&host->idle);
}

static void edu_inspect(PEDU_REQUEST request, PSCATTER_GATHER_LIST list, PMDL list_mdl,
			BOOLEAN finished)
{
	struct edu_transfer *transfer = request->Context;

	if (!finished)
		edu_list_check(&transfer->check, request, list, list_mdl);
	else if (!transfer->write)
		edu_list_check_data(&transfer->check, request, list_mdl, transfer->store.data);
}

/* Each transfer of a batch has an equal part of the store. */
static void edu_transfer_init_store(struct edu_transfer *transfer, unsigned int index,
				    unsigned int count)
{
	struct edu_area *store = &transfer->store;

	store->size = EDU_STORE_LENGTH / count;
	store->start = EduGetStore(transfer->host->edu) + index * store->size;
	store->length = transfer->bytes;
	store->offset = 61 + transfer->host->seed % 1021;
	store->poison = ++transfer->host->seed;
	store->data = transfer->host->seed + 0x40000000;
}

static int edu_transfer_init(struct edu_host *host, struct edu_transfer *transfer,
			     const struct edu_test *test, bool write, unsigned int index,
			     unsigned int count)
{
	PEDU_REQUEST request = &transfer->request;
	PMDL *link = &request->Irp.MdlAddress;

	transfer->host = host;
	transfer->test = test;
	transfer->batch = count > 1;
	transfer->write = write;
	while (transfer->nr_buffers < EDU_MAX_PIECES && test->pieces[transfer->nr_buffers].length) {
		const struct edu_piece *piece = &test->pieces[transfer->nr_buffers];
		struct edu_buffer *buffer = &transfer->buffers[transfer->nr_buffers++];

		buffer->area.data_offset = transfer->bytes;
		if (edu_buffer_init(host, buffer, piece))
			return -ENOMEM;
		*link = buffer->mdl;
		link = &buffer->mdl->Next;
		transfer->bytes += piece->length;
	}
	edu_transfer_init_store(transfer, index, count);

	request->Adapter = test->adapter;
	request->Method = test->method;
	request->WriteToDevice = write;
	request->CurrentVa = MmGetMdlVirtualAddress(request->Irp.MdlAddress);
	/* The data is somewhere within that MDL; all others describe just the data. */
	if (transfer->buffers[0].mdl == transfer->buffers[0].bare)
		request->CurrentVa += test->pieces[0].offset;
	request->Length = transfer->bytes;
	request->StoreOffset = transfer->store.start + transfer->store.offset -
			       EduGetStore(host->edu);
	request->Completion = edu_complete;
	request->Inspect = test->inspect || test->method == EduMapOnly ? edu_inspect : NULL;
	request->Context = transfer;
	return 0;
}

static void edu_transfer_free(struct edu_transfer *transfer)
{
	while (transfer->nr_buffers)
		edu_buffer_free(&transfer->buffers[--transfer->nr_buffers]);
}

static bool edu_moves(const struct edu_transfer *transfer)
{
	return transfer->test->method != EduMapOnly;
}

static void edu_transfer_fill(struct edu_transfer *transfer)
{
	unsigned int i;

	for (i = 0; i < transfer->nr_buffers; i++) {
		struct edu_area *area = &transfer->buffers[i].area;

		area->poison = ++transfer->host->seed;
		area->data = transfer->store.data;
		if (edu_moves(transfer))
			edu_area_fill(area, transfer->write);
		else
			edu_area_stamp(area);
	}
	if (edu_moves(transfer))
		edu_area_fill(&transfer->store, !transfer->write);
}

static bool edu_transfer_check_bytes(struct edu_transfer *transfer)
{
	struct edu_host *host = transfer->host;
	bool has_store = !transfer->test->cancel || !transfer->write;
	bool has_buffer = !transfer->test->cancel || transfer->write;
	bool good = !edu_moves(transfer) ||
		    edu_area_check(host, &transfer->store, has_store, "store");
	unsigned int i;

	for (i = 0; i < transfer->nr_buffers; i++) {
		struct edu_area *area = &transfer->buffers[i].area;

		if (edu_moves(transfer))
			good &= edu_area_check(host, area, has_buffer, "buffer");
		else
			good &= edu_area_check_stamps(host, area);
	}
	return good;
}

/* Did the driver report what it should, and did the transfer take the way it was made for? */
static bool edu_transfer_check_request(struct edu_transfer *transfer)
{
	const struct edu_test *test = transfer->test;
	PEDU_REQUEST request = &transfer->request;
	IO_STATUS_BLOCK *io = &request->Irp.IoStatus;
	struct device *dev = transfer->host->dev;
	u32 moved = edu_moves(transfer) && !test->cancel ? transfer->bytes : 0;
	NTSTATUS status = test->cancel ? STATUS_CANCELLED : STATUS_SUCCESS;

	if (io->Status != status || io->Information != moved || transfer->completions != 1) {
		dev_err(dev, "error: %s: status 0x%08x, %lu bytes, completed %u times\n",
			test->name, io->Status, io->Information, transfer->completions);
		return false;
	}
	if (request->Rounds < test->min_rounds ||
	    (test->one_call && request->MapTransfers != 1) ||
	    (test->loop && request->MapTransfers <= request->Rounds)) {
		dev_err(dev, "error: %s: %u rounds with %u MapTransfers\n", test->name,
			request->Rounds, request->MapTransfers);
		return false;
	}
	if (request->ElementCount < test->min_elements) {
		dev_err(dev, "error: %s: %u elements, fewer than MDLs\n", test->name,
			request->ElementCount);
		return false;
	}
	if (request->Synchronous != test->synchronous && !transfer->batch) {
		dev_err(dev, "error: %s: synchronous %d\n", test->name, request->Synchronous);
		return false;
	}
	if (request->HighestAddress > transfer->check.last_address ||
	    (test->address_end && request->HighestAddress >= test->address_end) ||
	    (test->narrow && request->HighestAddress >= edu_host_narrow_end())) {
		dev_err(dev, "error: %s: logical address 0x%llx is out of reach\n", test->name,
			request->HighestAddress);
		return false;
	}
	return !transfer->check.bad;
}

/**
 * edu_classes() - how memory was mapped
 * @before: statistics of an adapter
 * @after: later ones
 *
 * Return: Bit mask of EDU_CLASS_*.
 */
unsigned int edu_classes(const struct wdmdma_adapter_stats *before,
			 const struct wdmdma_adapter_stats *after)
{
	return (after->direct_maps != before->direct_maps ? EDU_CLASS_DIRECT : 0) |
	       (after->translated_maps != before->translated_maps ? EDU_CLASS_TRANSLATED : 0) |
	       (after->bounced_maps != before->bounced_maps ? EDU_CLASS_BOUNCED : 0) |
	       (after->common_maps != before->common_maps ? EDU_CLASS_COMMON : 0);
}

/**
 * edu_class_list() - the names of a bit mask's classes
 * @classes: bit mask of EDU_CLASS_*
 * @text: receives them
 * @size: of @text
 */
void edu_class_list(unsigned int classes, char *text, size_t size)
{
	unsigned int i;
	int length = 0;

	text[0] = 0;
	for (i = 0; i < ARRAY_SIZE(edu_class_names); i++)
		if (classes & BIT(i))
			length += scnprintf(text + length, size - length, "%s%s",
					    length ? "," : "", edu_class_names[i]);
}

static void edu_transfer_judge(struct edu_transfer *transfer, unsigned int classes)
{
	struct edu_host *host = transfer->host;
	bool good = edu_transfer_check_request(transfer);
	char text[40];

	good &= edu_transfer_check_bytes(transfer);
	/* Nothing is mapped there. */
	if (transfer->test->cancel)
		classes = 0;
	else if (transfer->test->method == EduCommonBuffer)
		classes = EDU_CLASS_COMMON;
	if (!classes && !transfer->test->cancel) {
		dev_err(host->dev, "error: %s: no mapping was counted\n", transfer->test->name);
		good = false;
	}
	edu_class_list(classes, text, sizeof(text));
	dev_info(host->dev, "%s: %s %s %u bytes %s %s\n",
		 transfer->test->cancel ? "cancelled" :
		 edu_moves(transfer) ? "transfer" : "mapped", transfer->test->name,
		 transfer->write ? "write" : "read", transfer->bytes, text,
		 good ? "verified" : "MISMATCH");
	if (edu_moves(transfer) && !transfer->test->cancel) {
		host->transfers++;
		host->bytes += transfer->bytes;
	}
	host->classes |= classes;
	host->mismatches += !good;
}

static bool edu_is_idle(struct edu_host *host)
{
	return !atomic_read(&host->pending);
}

static bool edu_is_leaving(struct edu_host *host)
{
	return READ_ONCE(host->gone) || kthread_should_stop();
}

/* Returns when nothing is under way, whatever that takes; false: do not go on. */
static bool edu_wait(struct edu_host *host)
{
	wait_event_timeout(host->idle, edu_is_idle(host) || edu_is_leaving(host), EDU_TIMEOUT);
	if (edu_is_leaving(host)) {
		EduCancelAll(host->edu);
		wait_event_timeout(host->idle, edu_is_idle(host), EDU_TIMEOUT);
	}
	if (!edu_is_idle(host)) {
		edu_fail(host, "%d requests timed out", atomic_read(&host->pending));
		edu_host_give_up(host);
	}
	return !host->broken && !edu_is_leaving(host);
}

static void edu_check_nothing_left(struct edu_host *host, const struct wdmdma_adapter_stats *stats)
{
	if (stats->lists_live || stats->sets_live || stats->waiting)
		edu_fail(host, "%u lists, %u register sets and %u waiting requests are left",
			 stats->lists_live, stats->sets_live, stats->waiting);
}

/* A batch that was cut short: each request must have ended, one way or another, and once. */
static void edu_check_stopped(struct edu_transfer *transfers, unsigned int count)
{
	struct edu_host *host = transfers->host;
	struct wdmdma_adapter_stats stats;
	PDMA_ADAPTER adapter = edu_host_adapter(host, transfers->test->adapter);
	unsigned int i;

	for (i = 0; i < count; i++) {
		NTSTATUS status = transfers[i].request.Irp.IoStatus.Status;

		if (transfers[i].completions != 1 ||
		    (status != STATUS_SUCCESS && status != STATUS_CANCELLED && !host->broken))
			edu_fail(host, "%s: stopped %u times, status 0x%08x",
				 transfers[i].test->name, transfers[i].completions, status);
	}
	if (!host->broken && !wdmdma_get_adapter_stats(adapter, &stats))
		edu_check_nothing_left(host, &stats);
}

/* Returns how many: these are the first to be completed. */
static unsigned int edu_cancel_waiting(struct edu_transfer *transfers, unsigned int count)
{
	struct edu_host *host = transfers->host;
	unsigned int i, cancelled = 0;

	for (i = 0; i < count; i++) {
		if (!transfers[i].test->cancel)
			continue;
		if (!EduCancelWaiting(host->edu, &transfers[i].request))
			edu_fail(host, "%s: it did not wait", transfers[i].test->name);
		else if (transfers[i].place != ++cancelled)
			edu_fail(host, "%s: completed as number %d", transfers[i].test->name,
				 transfers[i].place);
	}
	return cancelled;
}

/* Submits them all at once, all for one adapter. False: do not go on. */
static bool edu_run(struct edu_host *host, struct edu_transfer *transfers, unsigned int count)
{
	PDMA_ADAPTER adapter = edu_host_adapter(host, transfers[0].test->adapter);
	struct wdmdma_adapter_stats before, queued, after;
	unsigned int i, place;

	if (!adapter || wdmdma_get_adapter_stats(adapter, &before)) {
		edu_fail(host, "%s: no adapter", transfers[0].test->name);
		return true;
	}
	atomic_set(&host->pending, count);
	atomic_set(&host->completed, 0);
	for (i = 0; i < count; i++) {
		transfers[i].check.dev = host->dev;
		transfers[i].check.last_address = before.last_address;
		edu_transfer_fill(&transfers[i]);
	}
	for (i = 0; i < count; i++)
		EduSubmit(host->edu, &transfers[i].request);
	wdmdma_get_adapter_stats(adapter, &queued);
	place = edu_cancel_waiting(transfers, count);
	if (!edu_wait(host)) {
		edu_check_stopped(transfers, count);
		return false;
	}

	wdmdma_get_adapter_stats(adapter, &after);
	for (i = 0; i < count; i++) {
		edu_transfer_judge(&transfers[i], edu_classes(&before, &after));
		if (!transfers[i].test->cancel && transfers[i].place != ++place)
			edu_fail(host, "request %u was completed as number %d", i + 1,
				 transfers[i].place);
	}
	if (count > 1 && !queued.waiting)
		edu_fail(host, "no request had to wait for the adapter");
	edu_check_nothing_left(host, &after);
	return true;
}

/**
 * edu_test() - make a batch of transfers
 * @host: the device
 * @tests: the batch, all for one adapter
 * @count: how many
 * @write: direction of the first; each other one goes in the opposite
 *
 * Context: The self-test's thread.
 * Return: false if no others are to follow: the device is broken, or going.
 */
bool edu_test(struct edu_host *host, const struct edu_test *tests, unsigned int count, bool write)
{
	struct edu_transfer *transfers = kcalloc(count, sizeof(*transfers), GFP_KERNEL);
	bool go_on = true;
	unsigned int i;
	int ret = transfers ? 0 : -ENOMEM;

	for (i = 0; !ret && i < count; i++)
		ret = edu_transfer_init(host, &transfers[i], &tests[i], write ^ (i & 1), i, count);
	if (ret)
		edu_fail(host, "%s: out of memory", tests->name);
	else
		go_on = edu_run(host, transfers, count);
	for (i = 0; transfers && i < count; i++)
		edu_transfer_free(&transfers[i]);
	kfree(transfers);
	return go_on;
}
