// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/wdmdma/adapters/N: what adapter N is, and what it has done and holds
 * (Documentation/verifier.md).
 *
 * The counters are written where their lock is held anyway, and cost a transfer nothing else. What
 * is mapped is added up here, set by set, when somebody reads.
 *
 * A file is removed before what its adapter consists of is freed, and its removal waits for those
 * that are reading it. So who reads needs neither a reference nor RCU.
 */
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>

#include "buffer.h"
#include "debugfs.h"
#include "internal.h"
#include "record.h"

/* One common buffer, as it was when the file was read. */
struct wd_buffer_seen {
	void *va;
	dma_addr_t dma;
	u64 bytes;
	bool is_element;
	u32 stack;
};

static void wd_file_show_adapter(struct seq_file *file, const struct wd_adapter *adapter)
{
	static const char * const classes[] = {
		[WDMDMA_DIRECT] = "direct",
		[WDMDMA_TRANSLATED] = "translated",
		[WDMDMA_BOUNCED] = "bounced",
	};

	seq_printf(file, "adapter: %llu\n", adapter->id);
	seq_printf(file, "device: %s\n", dev_name(adapter->host));
	seq_printf(file, "driver: %s\n", dev_driver_string(adapter->host));
	seq_printf(file, "owner: %pS\n", adapter->owner);
	/* Versions 0 and 1 of the description get the same table. */
	seq_printf(file, "table_version: %u\n", max(adapter->description.Version, 1U));
	seq_printf(file, "mapping: %s\n", classes[adapter->class]);
	seq_printf(file, "last_address: 0x%llx\n", adapter->last_address);
	seq_printf(file, "map_registers: %u\n", adapter->max_regs);
	seq_printf(file, "verifier: %u\n", adapter->verifier);
}

static void wd_file_show_description(struct seq_file *file, const DEVICE_DESCRIPTION *description)
{
	seq_printf(file, "description: version=%u master=%u scatter_gather=%u demand_mode=%u",
		   description->Version, description->Master, description->ScatterGather,
		   description->DemandMode);
	seq_printf(file, " auto_initialize=%u dma_32_bit=%u ignore_count=%u reserved1=%u",
		   description->AutoInitialize, description->Dma32BitAddresses,
		   description->IgnoreCount, description->Reserved1);
	seq_printf(file, " dma_64_bit=%u", description->Dma64BitAddresses);
	seq_printf(file, " bus=%u channel=%u interface=%d width=%d speed=%d maximum_length=%u port=%u",
		   description->BusNumber, description->DmaChannel, description->InterfaceType,
		   description->DmaWidth, description->DmaSpeed, description->MaximumLength,
		   description->DmaPort);
	/* Older versions end here. */
	if (description->Version >= DEVICE_DESCRIPTION_VERSION3)
		seq_printf(file, " address_bits=%u controller=%u request_line=%u device_address=0x%llx",
			   description->DmaAddressWidth, description->DmaControllerInstance,
			   description->DmaRequestLine, description->DeviceAddress.QuadPart);
	seq_putc(file, '\n');
}

static void wd_file_show_counters(struct seq_file *file, struct wd_adapter *adapter)
{
	u64 regs, lists, channels;
	u32 regs_held, regs_peak, nr_lists, waiting;
	unsigned long flags;
	bool held;

	spin_lock_irqsave(&adapter->lock, flags);
	regs = adapter->regs_granted;
	regs_held = adapter->pool_used;
	regs_peak = adapter->regs_peak;
	lists = adapter->lists_granted;
	nr_lists = adapter->nr_lists;
	channels = adapter->channels_granted;
	held = adapter->channel.held;
	waiting = adapter->nr_waiting;
	spin_unlock_irqrestore(&adapter->lock, flags);

	seq_printf(file, "map_registers_allocated: %llu\n", regs);
	seq_printf(file, "map_registers_freed: %llu\n", regs - regs_held);
	seq_printf(file, "map_registers_peak: %u\n", regs_peak);
	seq_printf(file, "lists_allocated: %llu\n", lists);
	seq_printf(file, "lists_freed: %llu\n", lists - nr_lists);
	seq_printf(file, "channels_allocated: %llu\n", channels);
	seq_printf(file, "channels_freed: %llu\n", channels - held);
	seq_printf(file, "requests_waiting: %u\n", waiting);
}

static void wd_file_show_mapped(struct seq_file *file, struct wd_adapter *adapter)
{
	struct wd_grant *grant;
	unsigned long index, flags;
	u64 bytes = 0;
	u32 regs = 0;

	xa_for_each(&adapter->grants, index, grant) {
		spin_lock_irqsave(&grant->lock, flags);
		regs += grant->regs_used;
		bytes += grant->live_bytes;
		spin_unlock_irqrestore(&grant->lock, flags);
	}
	seq_printf(file, "map_registers_mapped: %u\n", regs);
	seq_printf(file, "bytes_not_flushed: %llu\n", bytes);
	seq_printf(file, "maps_direct: %llu\n", atomic64_read(&adapter->maps[WDMDMA_DIRECT]));
	seq_printf(file, "maps_translated: %llu\n",
		   atomic64_read(&adapter->maps[WDMDMA_TRANSLATED]));
	seq_printf(file, "maps_bounced: %llu\n", atomic64_read(&adapter->maps[WDMDMA_BOUNCED]));
	seq_printf(file, "maps_common: %llu\n", atomic64_read(&adapter->common_maps));
	seq_printf(file, "bytes_mapped: %llu\n", atomic64_read(&adapter->mapped_bytes));
	seq_printf(file, "bytes_bounced: %llu\n", atomic64_read(&adapter->bounced_bytes));
}

/* Copies what is to be shown of an adapter's buffers. Returns how many there are. */
static u32 wd_file_see_buffers(struct wd_adapter *adapter, struct wd_buffer_seen *seen,
			       u32 capacity, u64 *made, u64 *freed)
{
	struct wd_device *wdev = adapter->wdev;
	struct wd_buffer *buffer;
	unsigned long flags;
	u32 count = 0;

	spin_lock_irqsave(&wdev->buffers_lock, flags);
	*made = adapter->buffers_made;
	*freed = adapter->buffers_freed;
	for (buffer = wd_buffer_first(wdev, NULL, SIZE_MAX); buffer && count < capacity;
	     buffer = wd_buffer_next(buffer, NULL, SIZE_MAX)) {
		if (buffer->adapter_id != adapter->id)
			continue;
		seen[count++] = (struct wd_buffer_seen){
			.va = buffer->va,
			.dma = buffer->dma,
			.bytes = buffer->bytes,
			.is_element = buffer->vector,
			.stack = buffer->stack,
		};
	}
	spin_unlock_irqrestore(&wdev->buffers_lock, flags);
	return count;
}

static int wd_file_show_buffers(struct seq_file *file, struct wd_adapter *adapter)
{
	/* Of more than there are now, those made meanwhile are not shown. */
	u32 capacity = atomic_read(&adapter->nr_buffers), count, i;
	struct wd_buffer_seen *seen = kvmalloc_array(capacity, sizeof(*seen), GFP_KERNEL);
	u64 made, freed;

	if (!seen)
		return -ENOMEM;
	count = wd_file_see_buffers(adapter, seen, capacity, &made, &freed);
	seq_printf(file, "common_buffers_allocated: %llu\n", made);
	seq_printf(file, "common_buffers_freed: %llu\n", freed);
	for (i = 0; i < count; i++) {
		seq_printf(file, "common_buffer: va=%p address=0x%llx bytes=%llu element=%u\n",
			   seen[i].va, (u64)seen[i].dma, seen[i].bytes, seen[i].is_element);
		wd_debugfs_show_stack(file, seen[i].stack);
	}
	kvfree(seen);
	return 0;
}

static void wd_file_show_violations(struct seq_file *file, const struct wd_adapter *adapter)
{
	u32 i;

	for (i = 0; i < WD_NR_CODES; i++) {
		u32 count = READ_ONCE(adapter->violations[i]);
		const char *bug_check;
		u32 code = wd_record_name(wd_report_code(i), &bug_check);

		if (count)
			seq_printf(file, "violations: class=%s code=0x%02X count=%u\n", bug_check,
				   code, count);
	}
}

static int wd_adapter_show(struct seq_file *file, void *unused)
{
	struct wd_adapter *adapter = file->private;
	int ret;

	/* Not complete yet, or released: then there is no such adapter. */
	if (!wd_adapter_is_alive(adapter))
		return -ENODEV;
	wd_file_show_adapter(file, adapter);
	wd_file_show_description(file, &adapter->description);
	wd_file_show_counters(file, adapter);
	wd_file_show_mapped(file, adapter);
	ret = wd_file_show_buffers(file, adapter);
	wd_file_show_violations(file, adapter);
	return ret;
}
DEFINE_SHOW_ATTRIBUTE(wd_adapter);

/**
 * wd_adapter_file_create() - note who made an adapter, and give it its file
 * @adapter: not published yet; the file says that there is none until it is
 * @description: as passed to IoGetDmaAdapter
 * @owner: who called it
 *
 * A kernel without debugfs, or without memory for it, has no file.
 *
 * Context: Process, may sleep; without locks.
 */
void wd_adapter_file_create(struct wd_adapter *adapter, const DEVICE_DESCRIPTION *description,
			    const void *owner)
{
	/* Storage may wait for an adapter's end, and that for the lock of the directory. */
	unsigned int flags = memalloc_noio_save();
	char name[24];

	memcpy(&adapter->description, description,
	       description->Version < DEVICE_DESCRIPTION_VERSION3 ?
	       offsetof(DEVICE_DESCRIPTION, DmaAddressWidth) : sizeof(*description));
	adapter->owner = owner;
	snprintf(name, sizeof(name), "%llu", adapter->id);
	adapter->file = debugfs_create_file(name, 0400, wd_debugfs_adapters, adapter,
					    &wd_adapter_fops);
	memalloc_noio_restore(flags);
}

/**
 * wd_adapter_file_remove() - undo wd_adapter_file_create()
 * @adapter: what it consists of is still there
 *
 * Context: Process, may sleep; without locks.
 */
void wd_adapter_file_remove(struct wd_adapter *adapter)
{
	debugfs_remove(adapter->file);
	adapter->file = NULL;
}
