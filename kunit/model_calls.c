// SPDX-License-Identifier: GPL-2.0-only
/*
 * The calls that the model predicts, and the routines they lead to (model.h). Both write the log of
 * what really happened.
 */
#include <linux/bottom_half.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/minmax.h>

#include "model.h"

struct wk_run *wk_run;

void wk_stamp(struct wk_slot *slot, u32 offset, u32 bytes, u32 stamp)
{
	u32 at;

	for (at = offset; at < offset + bytes; at = wk_next_stamp(at, offset + bytes))
		slot->memory->va[slot->start + at] = wk_pattern(stamp, at);
}

/* The byte that the device reaches there, or NULL */
static u8 *wk_device_at(u64 address)
{
	phys_addr_t phys = wk_memory_at(wk_run->test, address);

	return phys ? phys_to_virt(phys) : NULL;
}

u8 *wk_device_byte(const struct wk_slot *slot, u32 at)
{
	u32 i;

	for (i = slot->nr_elements; i-- > 0;) {
		const struct wk_element *element = &slot->elements[i];

		if (at >= element->offset && at - element->offset < element->bytes)
			return wk_device_at(element->address + at - element->offset);
	}
	return NULL;
}

void wk_device_stamp(struct wk_slot *slot, u32 offset, u32 bytes, u32 stamp)
{
	u32 at;

	for (at = offset; at < offset + bytes; at = wk_next_stamp(at, offset + bytes)) {
		u8 *byte = wk_device_byte(slot, at);

		if (byte)
			*byte = wk_pattern(stamp, at);
		else
			wk_diverges("slot %x: no address of byte %u", slot->id, at);
	}
}

/* What the device reads */
static void wk_device_check(struct wk_slot *slot, u32 offset, u32 bytes, u32 stamp)
{
	u32 at;

	for (at = offset; at < offset + bytes; at = wk_next_stamp(at, offset + bytes)) {
		u8 *byte = wk_device_byte(slot, at);

		if (!byte || *byte != wk_pattern(stamp, at))
			wk_diverges("slot %x: the device reads a wrong byte %u", slot->id, at);
	}
}

static void wk_memory_check(struct wk_slot *slot, u32 offset, u32 bytes, u32 stamp)
{
	u32 at;

	for (at = offset; at < offset + bytes; at = wk_next_stamp(at, offset + bytes))
		if (slot->memory->va[slot->start + at] != wk_pattern(stamp, at))
			wk_diverges("slot %x: byte %u is wrong in memory", slot->id, at);
}

void wk_add_elements(struct wk_slot *slot, const SCATTER_GATHER_LIST *list, u32 offset)
{
	u32 i;

	for (i = 0; i < list->NumberOfElements && slot->nr_elements < WK_MODEL_MAPS; i++) {
		slot->elements[slot->nr_elements++] = (struct wk_element){
			.address = list->Elements[i].Address.QuadPart,
			.offset = offset,
			.bytes = list->Elements[i].Length,
		};
		offset += list->Elements[i].Length;
	}
}

/* The list of a slot has been granted. */
static void wk_got_list(struct wk_slot *slot, PSCATTER_GATHER_LIST list)
{
	slot->list = list;
	slot->nr_elements = 0;
	if (slot->build && list != slot->buffer)
		wk_diverges("slot %x: the list is not the buffer", slot->id);
	if (wk_list_bytes(list) != slot->bytes)
		wk_diverges("slot %x: a list of %llu bytes", slot->id, wk_list_bytes(list));
	wk_add_elements(slot, list, slot->offset);
	if (slot->read)
		wk_device_stamp(slot, slot->offset, slot->bytes, slot->stamp);
	else
		wk_device_check(slot, slot->offset, slot->bytes, slot->stamp);
}

static void wk_real_op(const struct wk_op *op);

static PDEVICE_OBJECT wk_object(const struct wk_slot *slot)
{
	return slot->object ? &wk_run->objects[slot->object - 1] : NULL;
}

static void wk_ran(struct wk_slot *slot, PDEVICE_OBJECT object, PIRP irp)
{
	u32 i;

	if (object != wk_object(slot))
		wk_diverges("slot %x: the routine got another device object", slot->id);
	wk_run->routines++;
	wk_run->waits += slot->waited;
	wk_log(&wk_run->model.seen, WK_LOG_RUN, slot->id, (ULONG_PTR)irp);
	for (i = 0; i < slot->nr_plan && !wk_run->failed; i++)
		wk_real_op(&slot->plan[i]);
}

static IO_ALLOCATION_ACTION wk_model_control(PDEVICE_OBJECT object, PIRP irp, PVOID base,
					     PVOID context)
{
	struct wk_slot *slot = context;
	IO_ALLOCATION_ACTION action = slot->action;

	slot->base = base;
	wk_ran(slot, object, irp);
	return action;
}

static VOID wk_model_list_control(PDEVICE_OBJECT object, PIRP irp, PSCATTER_GATHER_LIST list,
				  PVOID context)
{
	wk_got_list(context, list);
	wk_ran(context, object, irp);
}

static NTSTATUS wk_real_channel(struct wk_slot *slot, PVOID context, ULONG flags)
{
	struct wk_ma *ma = slot->ma;
	ULONG regs = slot->bad == WK_BAD_REGS ? ma->regs + 1 : slot->regs;
	PDRIVER_CONTROL routine = slot->routine ? wk_model_control : NULL;
	PVOID base = NULL;
	NTSTATUS status;

	if (!slot->ex)
		return ma->ops->AllocateAdapterChannel(ma->adapter, wk_object(slot), regs, routine,
						       slot);
	status = ma->ops->AllocateAdapterChannelEx(ma->adapter, wk_object(slot), context, regs,
						   flags, routine, slot, slot->out ? &base : NULL);
	if (!!base != (slot->out && !status))
		wk_diverges("slot %x: base %p with status %x", slot->id, base, status);
	if (base)
		slot->base = base;
	return status;
}

static NTSTATUS wk_real_list(struct wk_slot *slot, PVOID context, ULONG flags)
{
	struct wk_ma *ma = slot->ma;
	PDRIVER_LIST_CONTROL routine = slot->routine ? wk_model_list_control : NULL;
	u32 offset = slot->bad == WK_BAD_START ? slot->size : slot->offset;
	u32 bytes = slot->bad == WK_BAD_LENGTH ? 0 :
		    slot->bad == WK_BAD_END ? slot->size + 1 : slot->bytes;
	PVOID va = (u8 *)MmGetMdlVirtualAddress(slot->mdl) + offset;
	PVOID buffer = slot->shares ? slot->other->buffer : slot->buffer;
	ULONG room = slot->bad == WK_BAD_SMALL ? 24 : WK_LIST_BYTES;
	PSCATTER_GATHER_LIST list = NULL, *out = slot->out ? &list : NULL;
	NTSTATUS status;

	wk_stamp(slot, slot->offset, slot->bytes, slot->read ? ~slot->stamp : slot->stamp);
	if (!slot->ex && slot->build)
		return ma->ops->BuildScatterGatherList(ma->adapter, wk_object(slot), slot->mdl, va,
				bytes, routine, slot, !slot->read, buffer, room);
	if (!slot->ex)
		return ma->ops->GetScatterGatherList(ma->adapter, wk_object(slot), slot->mdl, va,
				bytes, routine, slot, !slot->read);
	if (slot->build)
		status = ma->ops->BuildScatterGatherListEx(ma->adapter, wk_object(slot), context,
				slot->mdl, offset, bytes, flags, routine, slot, !slot->read, buffer,
				room, NULL, NULL, out);
	else
		status = ma->ops->GetScatterGatherListEx(ma->adapter, wk_object(slot), context,
				slot->mdl, offset, bytes, flags, routine, slot, !slot->read, NULL,
				NULL, out);
	if (out && slot->sync && !!list != !status)
		wk_diverges("slot %x: list %p with status %x", slot->id, list, status);
	if (list && !slot->routine)
		wk_got_list(slot, list);
	return status;
}

static u32 wk_real_request(struct wk_slot *slot)
{
	PVOID context = slot->bad == WK_BAD_CONTEXT ? NULL : slot->ma->memory[slot->context];
	ULONG flags = (slot->sync ? DMA_SYNCHRONOUS_CALLBACK : 0) |
		      (slot->no_bounce ? DMA_FAIL_ON_BOUNCE : 0) |
		      (slot->bad == WK_BAD_FLAGS ? 0x80 : 0);

	if (slot->object)
		wk_object(slot)->CurrentIrp = (PIRP)(ULONG_PTR)slot->stamp;
	return slot->is_list ? wk_real_list(slot, context, flags) :
			       wk_real_channel(slot, context, flags);
}

static void wk_real_put(const struct wk_op *op)
{
	struct wk_slot *slot = op->slot;

	if (!slot) {
		op->ma->ops->PutScatterGatherList(op->ma->adapter, (void *)op->ma, TRUE);
		return;
	}
	op->ma->ops->PutScatterGatherList(op->ma->adapter, slot->list, !slot->read);
	if (slot->read && !op->number)
		wk_memory_check(slot, slot->offset, slot->bytes, slot->stamp);
}

static void wk_real_touch(struct wk_slot *slot)
{
	struct wk_ma *ma = slot->ma;
	PVOID va = MmGetMdlVirtualAddress(slot->mdl);
	PHYSICAL_ADDRESS address;
	ULONG length = 1;
	u8 *byte;

	wk_stamp(slot, 0, 1, slot->stamp);
	address = ma->ops->MapTransfer(ma->adapter, slot->mdl, slot->base, va, &length, TRUE);
	byte = length == 1 ? wk_device_at(address.QuadPart) : NULL;
	if (!byte || *byte != wk_pattern(slot->stamp, 0))
		wk_diverges("slot %x: a byte cannot be mapped in the routine", slot->id);
	ma->ops->FlushAdapterBuffers(ma->adapter, slot->mdl, slot->base, va, 1, TRUE);
}

static void wk_real_op(const struct wk_op *op)
{
	const DMA_OPERATIONS *ops = op->ma->ops;
	PDMA_ADAPTER adapter = op->ma->adapter;
	PVOID context = op->context ? op->ma->memory[op->context] : NULL;
	u32 result = 0;

	switch (op->kind) {
	case WK_OP_REQUEST:
		result = wk_real_request(op->slot);
		break;
	case WK_OP_FREE_CHANNEL:
		ops->FreeAdapterChannel(adapter);
		break;
	case WK_OP_FREE_OBJECT:
		ops->FreeAdapterObject(adapter, op->number);
		break;
	case WK_OP_FREE_SET:
		ops->FreeMapRegisters(adapter, op->slot ? op->slot->base : (PVOID)op->ma,
				      op->number);
		break;
	case WK_OP_PUT:
		wk_real_put(op);
		break;
	case WK_OP_CANCEL:
		result = ops->CancelAdapterChannel(adapter, NULL, context);
		break;
	case WK_OP_INIT:
		result = ops->InitializeDmaTransferContext(adapter, context);
		break;
	default:
		wk_real_touch(op->slot);
		break;
	}
	wk_log(&wk_run->model.seen, op->kind, op->slot ? op->slot->id : 0, result);
}

/* Compares what adapter, reports and log say with what the model says. */
void wk_compare(struct wk_ma *ma)
{
	static const u32 codes[] = {
		0x00, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0A, 0x0D, 0x0E, 0x10, 0x13, 0x18, 0x19, 0x1B,
		0x21, 0x103, 0x104, 0x105,
	};
	struct wk_log *expected = &wk_run->model.expected, *seen = &wk_run->model.seen;
	struct wdmdma_adapter_stats stats = {};
	u32 i;

	for (i = 0; i < max(expected->nr, seen->nr); i++) {
		u64 e = i < expected->nr ? expected->entries[i] : 0;
		u64 s = i < seen->nr ? seen->entries[i] : 0;

		if (e != s)
			wk_diverges("event %u is %016llx, the model says %016llx", i, s, e);
	}
	expected->nr = 0;
	seen->nr = 0;
	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		u64 count = wdmdma_report_count(codes[i]) - wk_run->reports[codes[i]];

		if (count != wk_run->model.reports[codes[i]])
			wk_diverges("%llu reports of code 0x%02X, the model says %llu", count,
				    codes[i], wk_run->model.reports[codes[i]]);
	}
	if (!ma || wdmdma_get_adapter_stats(ma->adapter, &stats))
		return;
	if (stats.waiting != ma->waiting || stats.sets_live != ma->sets ||
	    stats.lists_live != ma->lists || stats.channels_granted != ma->granted)
		wk_diverges("adapter %u: %u wait, %u sets, %u lists, %u grants; not %u, %u, %u, %u",
			    ma->index, stats.waiting, stats.sets_live, stats.lists_live,
			    stats.channels_granted, ma->waiting, ma->sets, ma->lists, ma->granted);
}

void wk_call_op(const struct wk_op *op)
{
	static const char * const names[WK_OP_KINDS] = {
		"request", "FreeAdapterChannel", "FreeAdapterObject", "FreeMapRegisters", "Put",
		"Cancel", "Initialize", "touch",
	};
	const struct wk_slot *slot = op->slot;
	u32 mode = wk_random(64);
	unsigned long flags = 0;

	wk_line("adapter %u %s slot %x number %u context %u mode %u", op->ma->index,
		names[op->kind], slot ? slot->id : 0, op->number, op->context, mode);
	if (op->kind == WK_OP_REQUEST)
		wk_line("adapter %u %s%s%s %x %u %u+%u context %u action %u bad %u plan %u mode %u",
			op->ma->index, slot->is_list ? slot->build ? "Build" : "Get" : "Allocate",
			slot->ex ? "Ex" : "", slot->sync ? " sync" : "", slot->id, slot->regs,
			slot->offset, slot->bytes, slot->context, slot->action, slot->bad,
			slot->nr_plan, mode);
	wk_run->model.irqs_off = !mode;
	wk_model_op(&wk_run->model, op);
	wk_run->model.irqs_off = false;
	wk_model_pump(&wk_run->model, op->ma);

	if (!mode)
		local_irq_save(flags);
	else if (mode & 1)
		local_bh_disable();
	wk_real_op(op);
	if (!mode)
		local_irq_restore(flags);
	else if (mode & 1)
		local_bh_enable();
	if (!mode) {
		/* Runs the tasklet. */
		local_bh_disable();
		local_bh_enable();
	}
	wk_compare(op->ma);
}
