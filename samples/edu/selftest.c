// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses the Windows driver and judges every byte that it moved. The driver under test verifies
 * nothing itself, and this file touches no adapter but to read its statistics.
 *
 * An *area* is memory of which a part, the *data*, takes part in a transfer. A transfer goes from
 * one area to another: the caller's buffer, which may consist of several pieces, and a part of the
 * driver's store. Before it, all bytes of both areas are poisoned, and the source's data is then
 * filled; after it, both data must be there and all poison around them too. Data and poison differ
 * in each area, each transfer and with each byte's position, so that neither old data nor a shifted
 * one passes.
 */
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>

#include "host.h"

#define EDU_TIMEOUT	(10 * HZ)	/* a command takes 100 ms, the longest batch some 30 */
#define EDU_MAX_PIECES	3
#define EDU_MAX_BATCH	6
#define EDU_POOL_REGS	6		/* for requests that need 2 or 3 each */
#define EDU_NARROW_END	0x1000000	/* 24 bits */

enum edu_memory {
	EDU_SLAB,		/* physically contiguous */
	EDU_SCATTERED,		/* no two pages are adjacent in physical memory */
	EDU_COMMON,		/* the driver's common buffer */
};

struct edu_piece {
	enum edu_memory memory;
	u32 offset;
	u32 length;
	bool partial;		/* its MDL is made from one of the whole memory */
};

struct edu_test {
	const char *name;
	EDU_ADAPTER adapter;
	EDU_METHOD method;
	struct edu_piece pieces[EDU_MAX_PIECES];
	unsigned int min_rounds;	/* FlushAdapterBuffers calls it must take */
	bool one_call;			/* one MapTransfer must do */
	bool loop;			/* rounds must have several MapTransfers */
	unsigned int min_elements;	/* no fewer than MDLs, though an IOMMU may join them */
	u64 address_end;		/* logical addresses must be below; 0 = no matter */
};

struct edu_area {
	u8 *start;
	size_t size;
	size_t offset;			/* of the data */
	size_t length;
	u32 poison;			/* seeds */
	u32 data;
	size_t data_offset;		/* of the data in the transfer's */
};

struct edu_buffer {
	enum edu_memory memory;
	struct edu_area area;
	struct page **pages;		/* EDU_SCATTERED */
	unsigned int nr_pages;
	PMDL mdl;
	PMDL source;			/* of a partial MDL */
};

struct edu_transfer {
	EDU_REQUEST request;
	struct edu_host *host;
	const struct edu_test *test;
	struct edu_buffer buffers[EDU_MAX_PIECES];
	unsigned int nr_buffers;
	struct edu_area store;
	bool write;
	u32 bytes;
	int place;			/* in the order of completion, from 1 */
};

static const char * const edu_class_names[] = { "direct", "translated", "bounced", "common" };

/* A failure that is not wrong bytes counts like one. */
static __printf(2, 3) void edu_fail(struct edu_host *host, const char *format, ...)
{
	struct va_format vaf = { .fmt = format };
	va_list args;

	va_start(args, format);
	vaf.va = &args;
	dev_err(host->dev, "error: %pV\n", &vaf);
	va_end(args);
	host->mismatches++;
}

static u8 edu_pattern(u32 seed, u32 position)
{
	u32 x = seed * 0x9e3779b1 + position * 0x85ebca6b;

	x ^= x >> 15;
	x *= 0x2c1b3c6d;
	return x ^ (x >> 13);
}

static u8 edu_area_expect(const struct edu_area *area, size_t i, bool has_data)
{
	if (has_data && i >= area->offset && i - area->offset < area->length)
		return edu_pattern(area->data, area->data_offset + i - area->offset);
	return edu_pattern(area->poison, i);
}

static void edu_area_fill(const struct edu_area *area, bool has_data)
{
	size_t i;

	for (i = 0; i < area->size; i++)
		area->start[i] = edu_area_expect(area, i, has_data);
}

static bool edu_area_check(struct edu_host *host, const struct edu_area *area, const char *what)
{
	size_t i;

	for (i = 0; i < area->size; i++) {
		u8 expected = edu_area_expect(area, i, true);

		if (area->start[i] != expected) {
			dev_err(host->dev, "error: %s: byte %zu is %02x, not %02x; data is at %zu to %zu\n",
				what, i, area->start[i], expected, area->offset,
				area->offset + area->length);
			return false;
		}
	}
	return true;
}

/* Descending, so that no page is followed by its physical neighbour. */
static int edu_cmp_pages(const void *a, const void *b)
{
	unsigned long x = page_to_pfn(*(struct page * const *)a);
	unsigned long y = page_to_pfn(*(struct page * const *)b);

	return x < y ? 1 : x > y ? -1 : 0;
}

static int edu_buffer_alloc_scattered(struct edu_buffer *buffer)
{
	unsigned int nr_pages = buffer->area.size / PAGE_SIZE;

	buffer->pages = kcalloc(nr_pages, sizeof(*buffer->pages), GFP_KERNEL);
	if (!buffer->pages)
		return -ENOMEM;
	for (; buffer->nr_pages < nr_pages; buffer->nr_pages++) {
		buffer->pages[buffer->nr_pages] = alloc_page(GFP_KERNEL);
		if (!buffer->pages[buffer->nr_pages])
			return -ENOMEM;
	}
	sort(buffer->pages, nr_pages, sizeof(*buffer->pages), edu_cmp_pages, NULL);
	buffer->area.start = vmap(buffer->pages, nr_pages, VM_MAP, PAGE_KERNEL);
	return buffer->area.start ? 0 : -ENOMEM;
}

static PMDL edu_build_mdl(void *va, u32 bytes)
{
	PMDL mdl = IoAllocateMdl(va, bytes, FALSE, FALSE, NULL);

	if (mdl)
		MmBuildMdlForNonPagedPool(mdl);
	return mdl;
}

static int edu_buffer_make_mdl(struct edu_buffer *buffer, bool partial)
{
	struct edu_area *area = &buffer->area;
	u8 *va = area->start + area->offset;

	if (!partial) {
		buffer->mdl = edu_build_mdl(va, area->length);
		return buffer->mdl ? 0 : -ENOMEM;
	}
	buffer->source = edu_build_mdl(area->start, area->size);
	buffer->mdl = IoAllocateMdl(va, area->length, FALSE, FALSE, NULL);
	if (!buffer->source || !buffer->mdl)
		return -ENOMEM;
	IoBuildPartialMdl(buffer->source, buffer->mdl, va, area->length);
	return 0;
}

/* Leaves it to edu_buffer_free() to clean up after a failure. */
static int edu_buffer_init(struct edu_host *host, struct edu_buffer *buffer,
			   const struct edu_piece *piece)
{
	struct edu_area *area = &buffer->area;
	int ret = 0;

	buffer->memory = piece->memory;
	area->offset = piece->offset;
	area->length = piece->length;
	/* At least a byte of poison behind the data. */
	area->size = ((piece->offset + piece->length) / PAGE_SIZE + 1) * PAGE_SIZE;

	switch (piece->memory) {
	case EDU_SLAB:
		area->start = kmalloc(area->size, GFP_KERNEL);
		break;
	case EDU_SCATTERED:
		ret = edu_buffer_alloc_scattered(buffer);
		break;
	case EDU_COMMON:
		area->start = EduGetCommonBuffer(host->edu);
		area->size = EDU_COMMON_BUFFER_LENGTH;
		break;
	}
	if (!ret && !area->start)
		ret = -ENOMEM;
	return ret ? : edu_buffer_make_mdl(buffer, piece->partial);
}

static void edu_buffer_free(struct edu_buffer *buffer)
{
	if (buffer->mdl)
		IoFreeMdl(buffer->mdl);
	if (buffer->source)
		IoFreeMdl(buffer->source);
	if (buffer->memory == EDU_SLAB)
		kfree(buffer->area.start);
	if (buffer->memory == EDU_SCATTERED && buffer->area.start)
		vunmap(buffer->area.start);
	while (buffer->nr_pages)
		__free_page(buffer->pages[--buffer->nr_pages]);
	kfree(buffer->pages);
}

static void edu_complete(PEDU_REQUEST request)
{
	struct edu_transfer *transfer = request->Context;
	struct edu_host *host = transfer->host;

	transfer->place = atomic_inc_return(&host->completed);
	/* The transfer may be gone after this; the host is there until the DPC has returned. */
	if (atomic_dec_and_test(&host->pending))
		wake_up(&host->idle);
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
	request->Length = transfer->bytes;
	request->StoreOffset = transfer->store.start + transfer->store.offset -
			       EduGetStore(host->edu);
	request->Completion = edu_complete;
	request->Context = transfer;
	return 0;
}

static void edu_transfer_free(struct edu_transfer *transfer)
{
	while (transfer->nr_buffers)
		edu_buffer_free(&transfer->buffers[--transfer->nr_buffers]);
}

static void edu_transfer_fill(struct edu_transfer *transfer)
{
	unsigned int i;

	for (i = 0; i < transfer->nr_buffers; i++) {
		transfer->buffers[i].area.poison = ++transfer->host->seed;
		transfer->buffers[i].area.data = transfer->store.data;
		edu_area_fill(&transfer->buffers[i].area, transfer->write);
	}
	edu_area_fill(&transfer->store, !transfer->write);
}

static bool edu_transfer_check_bytes(struct edu_transfer *transfer)
{
	bool good = edu_area_check(transfer->host, &transfer->store, "store");
	unsigned int i;

	for (i = 0; i < transfer->nr_buffers; i++)
		good &= edu_area_check(transfer->host, &transfer->buffers[i].area, "buffer");
	return good;
}

/* Did the driver report what it should, and did the transfer take the way it was made for? */
static bool edu_transfer_check_request(struct edu_transfer *transfer)
{
	const struct edu_test *test = transfer->test;
	PEDU_REQUEST request = &transfer->request;
	IO_STATUS_BLOCK *io = &request->Irp.IoStatus;
	struct device *dev = transfer->host->dev;
	u64 mask = dma_get_mask(dev);

	if (io->Status != STATUS_SUCCESS || io->Information != transfer->bytes) {
		dev_err(dev, "error: %s: status 0x%08x, %lu bytes\n", test->name, io->Status,
			io->Information);
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
	if (request->HighestAddress > mask ||
	    (test->address_end && request->HighestAddress >= test->address_end)) {
		dev_err(dev, "error: %s: logical address 0x%llx is out of reach\n", test->name,
			request->HighestAddress);
		return false;
	}
	return true;
}

/* Which counters have moved, as a bit mask of edu_class_names. */
static unsigned int edu_classes(const struct wdmdma_adapter_stats *before,
				const struct wdmdma_adapter_stats *after)
{
	return (after->direct_maps != before->direct_maps) << 0 |
	       (after->translated_maps != before->translated_maps) << 1 |
	       (after->bounced_maps != before->bounced_maps) << 2 |
	       (after->common_maps != before->common_maps) << 3;
}

static void edu_class_list(unsigned int classes, char *text, size_t size)
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
	if (transfer->test->method == EduCommonBuffer)
		classes = BIT(3);
	if (!classes) {
		dev_err(host->dev, "error: %s: no mapping was counted\n", transfer->test->name);
		good = false;
	}
	edu_class_list(classes, text, sizeof(text));
	dev_info(host->dev, "transfer: %s %s %u bytes %s %s\n", transfer->test->name,
		 transfer->write ? "write" : "read", transfer->bytes, text,
		 good ? "verified" : "MISMATCH");
	host->transfers++;
	host->bytes += transfer->bytes;
	host->classes |= classes;
	host->mismatches += !good;
}

static bool edu_is_idle(struct edu_host *host)
{
	return !atomic_read(&host->pending);
}

/* Returns when nothing is under way, whatever that takes; false: do not go on. */
static bool edu_wait(struct edu_host *host)
{
	wait_event_timeout(host->idle, edu_is_idle(host) || kthread_should_stop(), EDU_TIMEOUT);
	if (kthread_should_stop()) {
		EduCancelAll(host->edu);
		wait_event_timeout(host->idle, edu_is_idle(host), EDU_TIMEOUT);
	}
	if (!edu_is_idle(host)) {
		edu_fail(host, "%d requests timed out", atomic_read(&host->pending));
		edu_host_give_up(host);
	}
	return !host->broken && !kthread_should_stop();
}

/* Submits them all at once, all for one adapter. False: do not go on. */
static bool edu_run(struct edu_host *host, struct edu_transfer *transfers, unsigned int count)
{
	PDMA_ADAPTER adapter = EduGetAdapter(host->edu, transfers[0].test->adapter);
	struct wdmdma_adapter_stats before, queued, after;
	unsigned int i;

	if (!adapter || wdmdma_get_adapter_stats(adapter, &before)) {
		edu_fail(host, "%s: no adapter", transfers[0].test->name);
		return true;
	}
	atomic_set(&host->pending, count);
	atomic_set(&host->completed, 0);
	for (i = 0; i < count; i++)
		edu_transfer_fill(&transfers[i]);
	for (i = 0; i < count; i++)
		EduSubmit(host->edu, &transfers[i].request);
	wdmdma_get_adapter_stats(adapter, &queued);
	if (!edu_wait(host))
		return false;

	wdmdma_get_adapter_stats(adapter, &after);
	for (i = 0; i < count; i++) {
		edu_transfer_judge(&transfers[i], edu_classes(&before, &after));
		if (transfers[i].place != i + 1)
			edu_fail(host, "request %u was completed as number %d", i + 1,
				 transfers[i].place);
	}
	if (count > 1 && !queued.waiting)
		edu_fail(host, "no request had to wait for the adapter");
	if (after.lists_live || after.sets_live || after.waiting)
		edu_fail(host, "%u lists, %u register sets and %u waiting requests are left",
			 after.lists_live, after.sets_live, after.waiting);
	return true;
}

/* A batch of tests, the first in the direction @write and each other one in the opposite. */
static bool edu_test(struct edu_host *host, const struct edu_test *tests, unsigned int count,
		     bool write)
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

static bool edu_test_both_ways(struct edu_host *host, const struct edu_test *test)
{
	return edu_test(host, test, 1, true) && edu_test(host, test, 1, false);
}

static const struct edu_test edu_tests[] = {
	{
		.name = "common buffer",
		.adapter = EduWideAdapter,
		.method = EduCommonBuffer,
		.pieces = { { EDU_COMMON, 4091, 3001 } },
	}, {
		.name = "MapTransfer (common buffer)",
		.adapter = EduWideAdapter,
		.method = EduMapTransfer,
		.pieces = { { EDU_COMMON, 8191, 2503 } },
		.one_call = true,
	}, {
		.name = "MapTransfer in rounds (slab)",
		.adapter = EduPacketAdapter,
		.method = EduMapTransfer,
		.pieces = { { EDU_SLAB, 1235, 13001 } },
		.min_rounds = 2,
	}, {
		.name = "MapTransfer in rounds (scattered)",
		.adapter = EduPacketAdapter,
		.method = EduMapTransfer,
		.pieces = { { EDU_SCATTERED, 3333, 9003 } },
		.min_rounds = 2,
	}, {
		.name = "MapTransfer in a loop (scattered)",
		.adapter = EduPacketAdapter,
		.method = EduMapTransferLoop,
		.pieces = { { EDU_SCATTERED, 4001, 9001 } },
		.loop = true,
	}, {
		.name = "MapTransfer (KeepObject)",
		.adapter = EduPacketAdapter,
		.method = EduKeepChannel,
		.pieces = { { EDU_SLAB, 77, 3003 } },
	}, {
		.name = "GetScatterGatherList",
		.adapter = EduWideAdapter,
		.method = EduGetList,
		.pieces = { { EDU_SCATTERED, 3331, 5003 } },
	}, {
		.name = "GetScatterGatherList (chain)",
		.adapter = EduWideAdapter,
		.method = EduGetList,
		.pieces = {
			{ EDU_SLAB, 129, 1501 },
			{ EDU_SCATTERED, 7001, 2777, .partial = true },
			{ EDU_SCATTERED, 4093, 1049 },
		},
	}, {
		.name = "GetScatterGatherList (chain of pages)",
		.adapter = EduWideAdapter,
		.method = EduGetList,
		.pieces = {
			{ EDU_SLAB, 3072, 1024 },
			{ EDU_SCATTERED, 0, 4096 },
			{ EDU_SCATTERED, 0, 501 },
		},
		.min_elements = 3,
	}, {
		.name = "BuildScatterGatherList",
		.adapter = EduWideAdapter,
		.method = EduBuildList,
		.pieces = { { EDU_SCATTERED, 2049, 3003 } },
	},
};

static const struct edu_test edu_queued_tests[EDU_MAX_BATCH] = {
	{
		.name = "queued MapTransfer (KeepObject)",
		.adapter = EduPoolAdapter,
		.method = EduKeepChannel,
		.pieces = { { EDU_SCATTERED, 3501, 1201 } },
	}, {
		.name = "queued GetScatterGatherList",
		.adapter = EduPoolAdapter,
		.method = EduGetList,
		.pieces = { { EDU_SLAB, 4001, 1303 } },
	}, {
		.name = "queued BuildScatterGatherList",
		.adapter = EduPoolAdapter,
		.method = EduBuildList,
		.pieces = { { EDU_SCATTERED, 4095, 1501 } },
	}, {
		.name = "queued GetScatterGatherList (chain)",
		.adapter = EduPoolAdapter,
		.method = EduGetList,
		.pieces = { { EDU_SLAB, 13, 777 }, { EDU_SCATTERED, 3999, 555 } },
	}, {
		.name = "queued BuildScatterGatherList",
		.adapter = EduPoolAdapter,
		.method = EduBuildList,
		.pieces = { { EDU_SCATTERED, 3777, 1101 } },
	}, {
		.name = "queued GetScatterGatherList",
		.adapter = EduPoolAdapter,
		.method = EduGetList,
		.pieces = { { EDU_SCATTERED, 4090, 999 } },
	},
};

static const struct edu_test edu_window_test = {
	.name = "MapTransfer as one window (scattered)",
	.adapter = EduWindowAdapter,
	.method = EduMapTransfer,
	.pieces = { { EDU_SCATTERED, 4001, 13001 } },
	.min_rounds = 1,
	.one_call = true,
};

static const struct edu_test edu_narrow_test = {
	.name = "GetScatterGatherList in 24 bits",
	.adapter = EduNarrowAdapter,
	.method = EduGetList,
	.pieces = { { EDU_SCATTERED, 3331, 2501 } },
	.address_end = EDU_NARROW_END,
};

static const struct edu_test edu_wide_test = {
	.name = "GetScatterGatherList beside 24 bits",
	.adapter = EduWideAdapter,
	.method = EduGetList,
	.pieces = { { EDU_SCATTERED, 2001, 1999 } },
};

/* Is there such an adapter? Without translation there need not be. */
static bool edu_has_adapter(struct edu_host *host, EDU_ADAPTER adapter, const char *what)
{
	PDMA_ADAPTER wide = EduGetAdapter(host->edu, EduWideAdapter);
	struct wdmdma_adapter_stats stats;

	if (EduGetAdapter(host->edu, adapter))
		return true;
	if (!wdmdma_get_adapter_stats(wide, &stats) && stats.mapping == WDMDMA_DIRECT)
		dev_info(host->dev, "skipped: IoGetDmaAdapter has no %s without an IOMMU here\n",
			 what);
	else
		edu_fail(host, "IoGetDmaAdapter has no %s", what);
	return false;
}

/* So few map registers that requests must wait for those of others. */
static bool edu_test_queue(struct edu_host *host)
{
	struct wdmdma_limits limits = { .pool_registers = EDU_POOL_REGS };
	bool go_on = true;

	wdmdma_set_limits(host->device_object, &limits);
	if (edu_has_adapter(host, EduPoolAdapter, "limited adapter"))
		go_on = edu_test(host, edu_queued_tests, EDU_MAX_BATCH, true);
	limits.pool_registers = 0;
	wdmdma_set_limits(host->device_object, &limits);
	return go_on;
}

static bool edu_test_window(struct edu_host *host)
{
	if (!edu_has_adapter(host, EduWindowAdapter, "window of one range of addresses"))
		return true;
	return edu_test_both_ways(host, &edu_window_test);
}

static bool edu_test_narrow(struct edu_host *host)
{
	PHYSICAL_ADDRESS address;

	if (!edu_has_adapter(host, EduNarrowAdapter, "24-bit adapter"))
		return true;
	if (!NT_SUCCESS(EduTryCommonBuffer(host->edu, EduNarrowAdapter, &address)))
		edu_fail(host, "no common buffer in 24 bits");
	else if (address.QuadPart + PAGE_SIZE > EDU_NARROW_END)
		edu_fail(host, "common buffer in 24 bits is at 0x%llx", address.QuadPart);
	return edu_test_both_ways(host, &edu_narrow_test) &&
	       edu_test_both_ways(host, &edu_wide_test);
}

static bool edu_test_all(struct edu_host *host)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(edu_tests); i++)
		if (!edu_test_both_ways(host, &edu_tests[i]))
			return false;
	return edu_test_queue(host) && edu_test_window(host) && edu_test_narrow(host);
}

/**
 * edu_selftest() - a device's thread
 * @data: struct edu_host
 */
int edu_selftest(void *data)
{
	struct edu_host *host = data;
	NTSTATUS status = EduStartDevice(host->edu);
	bool finished = true;
	char classes[40];

	/* Devices that run at the same time must not pass off each other's data as theirs. */
	host->seed = (u32)pci_dev_id(host->pdev) << 16;
	if (NT_SUCCESS(status))
		finished = edu_test_all(host);
	else
		edu_fail(host, "the driver could not start the device: 0x%08x", status);

	edu_class_list(host->classes, classes, sizeof(classes));
	dev_info(host->dev, "%s: %u transfers, %llu bytes, %u mismatches, classes: %s\n",
		 finished || host->broken ? "done" : "stopped", host->transfers, host->bytes,
		 host->mismatches, classes[0] ? classes : "none");
	return 0;
}
