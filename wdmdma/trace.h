/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace events: one for each change of state that a driver causes (Documentation/verifier.md).
 *
 * What is done is matched by what undoes it: granted by released, map by unmap, list_built by
 * list_put, allocated by freed, started by completed or cancelled. An adapter that is put takes
 * with it what it still has, and of that no event tells.
 *
 * Off, an event is a patched branch: its arguments are what the caller has at hand, and all else is
 * looked up where it is recorded.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM wdmdma

#if !defined(WDMDMA_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define WDMDMA_TRACE_H

#include <linux/tracepoint.h>

struct wd_adapter;
struct wd_buffer;
struct wd_device;
struct wd_grant;
struct wd_list;
struct wd_mapping;
struct wd_record;
struct wd_request;
struct wd_xfer;

TRACE_DEFINE_ENUM(WDMDMA_DIRECT);
TRACE_DEFINE_ENUM(WDMDMA_TRANSLATED);
TRACE_DEFINE_ENUM(WDMDMA_BOUNCED);
TRACE_DEFINE_ENUM(WD_MAPPING_RUN);
TRACE_DEFINE_ENUM(WD_MAPPING_SG);
TRACE_DEFINE_ENUM(WD_MAPPING_COMMON);
TRACE_DEFINE_ENUM(WD_MAPPING_SPARE);
TRACE_DEFINE_ENUM(WD_MAPPING_BOUNCE);
TRACE_DEFINE_ENUM(DMA_BIDIRECTIONAL);
TRACE_DEFINE_ENUM(DMA_TO_DEVICE);
TRACE_DEFINE_ENUM(DMA_FROM_DEVICE);
TRACE_DEFINE_ENUM(DmaComplete);
TRACE_DEFINE_ENUM(DmaAborted);
TRACE_DEFINE_ENUM(DmaError);
TRACE_DEFINE_ENUM(DmaCancelled);

#define wd_show_class(class)						\
	__print_symbolic(class,						\
			 { WDMDMA_DIRECT, "direct" },			\
			 { WDMDMA_TRANSLATED, "translated" },		\
			 { WDMDMA_BOUNCED, "bounced" })

#define wd_show_kind(kind)						\
	__print_symbolic(kind,						\
			 { WD_MAPPING_RUN, "run" },			\
			 { WD_MAPPING_SG, "sg" },			\
			 { WD_MAPPING_COMMON, "common" },		\
			 { WD_MAPPING_SPARE, "spare" },			\
			 { WD_MAPPING_BOUNCE, "bounce" })

#define wd_show_direction(direction)					\
	__print_symbolic(direction,					\
			 { DMA_BIDIRECTIONAL, "both" },			\
			 { DMA_TO_DEVICE, "to_device" },		\
			 { DMA_FROM_DEVICE, "from_device" })

#define wd_show_status(status)						\
	__print_symbolic(status,					\
			 { DmaComplete, "complete" },			\
			 { DmaAborted, "aborted" },			\
			 { DmaError, "error" },				\
			 { DmaCancelled, "cancelled" },			\
			 { DmaCancelled + 1, "running" })

/* An adapter begins, or ends: owner is who called IoGetDmaAdapter. */
DECLARE_EVENT_CLASS(wdmdma_adapter,
	TP_PROTO(const struct wd_adapter *adapter),
	TP_ARGS(adapter),
	TP_STRUCT__entry(
		__field(u64, adapter)
		__string(device, dev_name(adapter->host))
		__field(u32, version)
		__field(u32, regs)
		__field(u64, last_address)
		__field(int, class)
		__field(const void *, owner)
	),
	TP_fast_assign(
		__entry->adapter = adapter->id;
		wd_assign_str(device, dev_name(adapter->host));
		__entry->version = adapter->description.Version;
		__entry->regs = adapter->max_regs;
		__entry->last_address = adapter->last_address;
		__entry->class = adapter->class;
		__entry->owner = adapter->owner;
	),
	TP_printk("adapter=%llu dev=%s version=%u regs=%u last_address=0x%llx class=%s owner=%pS",
		  __entry->adapter, __get_str(device), __entry->version, __entry->regs,
		  __entry->last_address, wd_show_class(__entry->class), __entry->owner)
);

DEFINE_EVENT(wdmdma_adapter, wdmdma_adapter_made,
	TP_PROTO(const struct wd_adapter *adapter),
	TP_ARGS(adapter)
);

DEFINE_EVENT(wdmdma_adapter, wdmdma_adapter_put,
	TP_PROTO(const struct wd_adapter *adapter),
	TP_ARGS(adapter)
);

/*
 * A request for the channel or a list: it waits (queued), gets its regs map registers (granted), is
 * withdrawn while it waits (cancelled), or gives them back (released). waiting: requests that wait.
 */
DECLARE_EVENT_CLASS(wdmdma_request,
	TP_PROTO(const struct wd_adapter *adapter, const struct wd_request *request),
	TP_ARGS(adapter, request),
	TP_STRUCT__entry(
		__field(u64, adapter)
		__string(device, dev_name(adapter->host))
		__field(const void *, request)
		__field(bool, is_list)
		__field(u32, regs)
		__field(u32, waiting)
	),
	TP_fast_assign(
		__entry->adapter = adapter->id;
		wd_assign_str(device, dev_name(adapter->host));
		__entry->request = request;
		__entry->is_list = request->is_list;
		__entry->regs = request->regs;
		__entry->waiting = adapter->nr_waiting;
	),
	TP_printk("adapter=%llu dev=%s request=%p kind=%s regs=%u waiting=%u",
		  __entry->adapter, __get_str(device), __entry->request,
		  __entry->is_list ? "list" : "channel", __entry->regs, __entry->waiting)
);

DEFINE_EVENT(wdmdma_request, wdmdma_request_queued,
	TP_PROTO(const struct wd_adapter *adapter, const struct wd_request *request),
	TP_ARGS(adapter, request)
);

DEFINE_EVENT(wdmdma_request, wdmdma_request_granted,
	TP_PROTO(const struct wd_adapter *adapter, const struct wd_request *request),
	TP_ARGS(adapter, request)
);

DEFINE_EVENT(wdmdma_request, wdmdma_request_cancelled,
	TP_PROTO(const struct wd_adapter *adapter, const struct wd_request *request),
	TP_ARGS(adapter, request)
);

DEFINE_EVENT(wdmdma_request, wdmdma_request_released,
	TP_PROTO(const struct wd_adapter *adapter, const struct wd_request *request),
	TP_ARGS(adapter, request)
);

/*
 * Bytes of an MDL get the device's address for a register set, and lose it. va is CurrentVa. bytes
 * with one address: a MapTransferEx gives several.
 */
DECLARE_EVENT_CLASS(wdmdma_mapping,
	TP_PROTO(const struct wd_adapter *adapter, const struct wd_grant *grant,
		 const struct wd_mapping *mapping),
	TP_ARGS(adapter, grant, mapping),
	TP_STRUCT__entry(
		__field(u64, adapter)
		__string(device, dev_name(adapter->host))
		__field(const void *, set)
		__field(const void *, mdl)
		__field(const void *, va)
		__field(u64, address)
		__field(u32, bytes)
		__field(int, direction)
		__field(int, kind)
	),
	TP_fast_assign(
		__entry->adapter = adapter->id;
		wd_assign_str(device, dev_name(adapter->host));
		__entry->set = wd_grant_base(grant);
		__entry->mdl = mapping->mdl;
		__entry->va = (const void *)(unsigned long)mapping->va;
		__entry->address = mapping->dma;
		__entry->bytes = mapping->bytes;
		__entry->direction = mapping->direction;
		__entry->kind = mapping->kind;
	),
	TP_printk("adapter=%llu dev=%s set=%p mdl=%p va=%p address=0x%llx bytes=%u direction=%s kind=%s",
		  __entry->adapter, __get_str(device), __entry->set, __entry->mdl, __entry->va,
		  __entry->address, __entry->bytes, wd_show_direction(__entry->direction),
		  wd_show_kind(__entry->kind))
);

DEFINE_EVENT(wdmdma_mapping, wdmdma_map,
	TP_PROTO(const struct wd_adapter *adapter, const struct wd_grant *grant,
		 const struct wd_mapping *mapping),
	TP_ARGS(adapter, grant, mapping)
);

DEFINE_EVENT(wdmdma_mapping, wdmdma_unmap,
	TP_PROTO(const struct wd_adapter *adapter, const struct wd_grant *grant,
		 const struct wd_mapping *mapping),
	TP_ARGS(adapter, grant, mapping)
);

/* FlushAdapterBuffers(Ex): what the driver says has been transferred; the unmaps follow. */
TRACE_EVENT(wdmdma_flush,
	TP_PROTO(const struct wd_adapter *adapter, const struct wd_grant *grant, const void *mdl,
		 u64 va, u32 bytes),
	TP_ARGS(adapter, grant, mdl, va, bytes),
	TP_STRUCT__entry(
		__field(u64, adapter)
		__string(device, dev_name(adapter->host))
		__field(const void *, set)
		__field(const void *, mdl)
		__field(const void *, va)
		__field(u32, bytes)
	),
	TP_fast_assign(
		__entry->adapter = adapter->id;
		wd_assign_str(device, dev_name(adapter->host));
		__entry->set = wd_grant_base(grant);
		__entry->mdl = mdl;
		__entry->va = (const void *)(unsigned long)va;
		__entry->bytes = bytes;
	),
	TP_printk("adapter=%llu dev=%s set=%p mdl=%p va=%p bytes=%u",
		  __entry->adapter, __get_str(device), __entry->set, __entry->mdl, __entry->va,
		  __entry->bytes)
);

/* wdmdma copies between the driver's memory and pages that the device reaches. */
DECLARE_EVENT_CLASS(wdmdma_bounce,
	TP_PROTO(const struct wd_adapter *adapter, u64 address, u32 bytes),
	TP_ARGS(adapter, address, bytes),
	TP_STRUCT__entry(
		__field(u64, adapter)
		__string(device, dev_name(adapter->host))
		__field(u64, address)
		__field(u32, bytes)
	),
	TP_fast_assign(
		__entry->adapter = adapter->id;
		wd_assign_str(device, dev_name(adapter->host));
		__entry->address = address;
		__entry->bytes = bytes;
	),
	TP_printk("adapter=%llu dev=%s address=0x%llx bytes=%u",
		  __entry->adapter, __get_str(device), __entry->address, __entry->bytes)
);

DEFINE_EVENT(wdmdma_bounce, wdmdma_bounce_in,
	TP_PROTO(const struct wd_adapter *adapter, u64 address, u32 bytes),
	TP_ARGS(adapter, address, bytes)
);

DEFINE_EVENT(wdmdma_bounce, wdmdma_bounce_out,
	TP_PROTO(const struct wd_adapter *adapter, u64 address, u32 bytes),
	TP_ARGS(adapter, address, bytes)
);

/* A scatter/gather list has its addresses, and loses them. elements is what the list says. */
DECLARE_EVENT_CLASS(wdmdma_list,
	TP_PROTO(const struct wd_adapter *adapter, const struct wd_list *list),
	TP_ARGS(adapter, list),
	TP_STRUCT__entry(
		__field(u64, adapter)
		__string(device, dev_name(adapter->host))
		__field(const void *, list)
		__field(u32, elements)
		__field(u32, bytes)
		__field(int, direction)
	),
	TP_fast_assign(
		__entry->adapter = adapter->id;
		wd_assign_str(device, dev_name(adapter->host));
		__entry->list = list->list;
		__entry->elements = list->list->NumberOfElements;
		__entry->bytes = list->bytes;
		__entry->direction = list->direction;
	),
	TP_printk("adapter=%llu dev=%s list=%p elements=%u bytes=%u direction=%s",
		  __entry->adapter, __get_str(device), __entry->list, __entry->elements,
		  __entry->bytes, wd_show_direction(__entry->direction))
);

DEFINE_EVENT(wdmdma_list, wdmdma_list_built,
	TP_PROTO(const struct wd_adapter *adapter, const struct wd_list *list),
	TP_ARGS(adapter, list)
);

DEFINE_EVENT(wdmdma_list, wdmdma_list_put,
	TP_PROTO(const struct wd_adapter *adapter, const struct wd_list *list),
	TP_ARGS(adapter, list)
);

/* A common buffer, also one made of an MDL, or an element of a vector. bytes as asked for. */
DECLARE_EVENT_CLASS(wdmdma_common_buffer,
	TP_PROTO(const struct wd_buffer *buffer),
	TP_ARGS(buffer),
	TP_STRUCT__entry(
		__field(u64, adapter)
		__string(device, dev_name(buffer->wdev->dev))
		__field(const void *, va)
		__field(u64, address)
		__field(u64, bytes)
	),
	TP_fast_assign(
		__entry->adapter = buffer->adapter_id;
		wd_assign_str(device, dev_name(buffer->wdev->dev));
		__entry->va = buffer->va;
		__entry->address = buffer->dma;
		__entry->bytes = buffer->bytes;
	),
	TP_printk("adapter=%llu dev=%s va=%p address=0x%llx bytes=%llu",
		  __entry->adapter, __get_str(device), __entry->va, __entry->address,
		  __entry->bytes)
);

DEFINE_EVENT(wdmdma_common_buffer, wdmdma_common_buffer_allocated,
	TP_PROTO(const struct wd_buffer *buffer),
	TP_ARGS(buffer)
);

DEFINE_EVENT(wdmdma_common_buffer, wdmdma_common_buffer_freed,
	TP_PROTO(const struct wd_buffer *buffer),
	TP_ARGS(buffer)
);

/*
 * A DMA controller gets a transfer; it may have to wait for the one before to stop (postponed).
 * completed: by itself, well or not; cancelled: by the driver. residue: bytes left.
 */
DECLARE_EVENT_CLASS(wdmdma_system,
	TP_PROTO(const struct wd_xfer *xfer),
	TP_ARGS(xfer),
	TP_STRUCT__entry(
		__field(u64, adapter)
		__string(device, dev_name(xfer->adapter->host))
		__field(u64, device_address)
		__field(u32, bytes)
		__field(u32, residue)
		__field(int, direction)
		__field(int, status)
		__field(bool, is_cyclic)
		__field(bool, is_postponed)
	),
	TP_fast_assign(
		__entry->adapter = xfer->adapter->id;
		wd_assign_str(device, dev_name(xfer->adapter->host));
		__entry->device_address = xfer->device_address;
		__entry->bytes = xfer->bytes;
		__entry->residue = xfer->ended ? xfer->residue : xfer->bytes;
		__entry->direction = xfer->direction;
		__entry->status = xfer->ended ? xfer->status : DmaCancelled + 1;
		__entry->is_cyclic = xfer->is_cyclic;
		__entry->is_postponed = xfer->is_postponed;
	),
	TP_printk("adapter=%llu dev=%s register=0x%llx bytes=%u residue=%u direction=%s status=%s cyclic=%d postponed=%d",
		  __entry->adapter, __get_str(device), __entry->device_address, __entry->bytes,
		  __entry->residue, wd_show_direction(__entry->direction),
		  wd_show_status(__entry->status), __entry->is_cyclic, __entry->is_postponed)
);

DEFINE_EVENT(wdmdma_system, wdmdma_system_started,
	TP_PROTO(const struct wd_xfer *xfer),
	TP_ARGS(xfer)
);

DEFINE_EVENT(wdmdma_system, wdmdma_system_completed,
	TP_PROTO(const struct wd_xfer *xfer),
	TP_ARGS(xfer)
);

DEFINE_EVENT(wdmdma_system, wdmdma_system_cancelled,
	TP_PROTO(const struct wd_xfer *xfer),
	TP_ARGS(xfer)
);

/*
 * A device joins the DMA domain of another, and leaves it; or is attached to a domain of the IOMMU
 * interface, and detached. adapter: which joined; 0 if it is gone, or there is none.
 */
DECLARE_EVENT_CLASS(wdmdma_domain,
	TP_PROTO(const struct wd_device *wdev, const void *domain, u64 adapter),
	TP_ARGS(wdev, domain, adapter),
	TP_STRUCT__entry(
		__field(u64, adapter)
		__string(device, dev_name(wdev->dev))
		__field(const void *, domain)
	),
	TP_fast_assign(
		__entry->adapter = adapter;
		wd_assign_str(device, dev_name(wdev->dev));
		__entry->domain = domain;
	),
	TP_printk("adapter=%llu dev=%s domain=%p",
		  __entry->adapter, __get_str(device), __entry->domain)
);

DEFINE_EVENT(wdmdma_domain, wdmdma_domain_joined,
	TP_PROTO(const struct wd_device *wdev, const void *domain, u64 adapter),
	TP_ARGS(wdev, domain, adapter)
);

DEFINE_EVENT(wdmdma_domain, wdmdma_domain_left,
	TP_PROTO(const struct wd_device *wdev, const void *domain, u64 adapter),
	TP_ARGS(wdev, domain, adapter)
);

DEFINE_EVENT(wdmdma_domain, wdmdma_domain_attached,
	TP_PROTO(const struct wd_device *wdev, const void *domain, u64 adapter),
	TP_ARGS(wdev, domain, adapter)
);

DEFINE_EVENT(wdmdma_domain, wdmdma_domain_detached,
	TP_PROTO(const struct wd_device *wdev, const void *domain, u64 adapter),
	TP_ARGS(wdev, domain, adapter)
);

/* A report of misuse; debugfs has all of it, parameters and text included, under its seq. */
TRACE_EVENT(wdmdma_violation,
	TP_PROTO(const struct wd_record *record),
	TP_ARGS(record),
	TP_STRUCT__entry(
		__field(u64, sequence)
		__field(u64, adapter)
		__string(device, record->device)
		__field(u32, code)
		__string(routine, record->routine)
		__field(const void *, caller)
	),
	TP_fast_assign(
		__entry->sequence = record->sequence;
		__entry->adapter = record->adapter_id;
		wd_assign_str(device, record->device);
		__entry->code = record->code;
		wd_assign_str(routine, record->routine);
		__entry->caller = (const void *)record->caller;
	),
	TP_printk("adapter=%llu dev=%s seq=%llu code=0x%02x routine=%s caller=%pS",
		  __entry->adapter, __get_str(device), __entry->sequence, __entry->code,
		  __get_str(routine), __entry->caller)
);

#endif

/* Read once more, for each part of an event */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
