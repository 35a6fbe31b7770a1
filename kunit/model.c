// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reference model (model.h). It runs what a call leads to as the contract says it: requests
 * wait in one line, only the first may be granted, one routine runs after the other, and none of
 * those that wait inside another.
 */
#include <linux/bitmap.h>
#include <linux/minmax.h>

#include "model.h"

void wk_log(struct wk_log *log, u32 what, u32 who, u32 result)
{
	if (log->nr < WK_MODEL_LOG)
		log->entries[log->nr++] = (u64)what << 48 | (u64)who << 32 | result;
}

void wk_model_start(struct wk_ma *ma)
{
	unsigned int i;

	INIT_LIST_HEAD(&ma->waiters);
	ma->held = false;
	ma->kept = false;
	ma->running = false;
	ma->owner = NULL;
	ma->waiting = 0;
	ma->sets = 0;
	ma->lists = 0;
	ma->granted = 0;
	ma->used = 0;
	ma->reserved = 0;
	bitmap_zero(ma->window, 2 * BITS_PER_LONG);
	for (i = 0; i <= WK_MODEL_CONTEXTS; i++)
		ma->contexts[i] = WK_CONTEXT_NONE;
	for (i = 0; i <= WK_MODEL_SLOTS; i++)
		ma->slots[i].state = WK_FREE;
}

static u32 wk_span(const struct wk_slot *slot, u32 offset, u32 bytes)
{
	return DIV_ROUND_UP(offset_in_page(slot->start + offset) + bytes, PAGE_SIZE);
}

static void wk_report(struct wk_model *model, u32 code)
{
	model->reports[code]++;
}

u32 wk_model_live(const struct wk_slot *slot)
{
	u32 i, live = 0;

	for (i = 0; i < slot->nr_maps; i++)
		live += slot->maps[i].live;
	return live;
}

void wk_model_forget(struct wk_slot *slot)
{
	u32 i;

	slot->state = WK_FREE;
	for (i = 0; i < slot->nr_plan; i++)
		if (slot->plan[i].kind == WK_OP_REQUEST)
			wk_model_forget(slot->plan[i].slot);
	slot->nr_plan = 0;
}

/* Takes what a request needs. */
static bool wk_model_grant(struct wk_slot *slot)
{
	struct wk_ma *ma = slot->ma;

	if (ma->pool && slot->regs > ma->pool - ma->used)
		return false;
	if (ma->pages && slot->regs > ma->pages - ma->reserved)
		return false;
	if (ma->pages && !ma->scatter_gather && slot->regs) {
		slot->window = bitmap_find_next_zero_area(ma->window, ma->pages, 0, slot->regs, 0);
		if (slot->window >= ma->pages)
			return false;
		bitmap_set(ma->window, slot->window, slot->regs);
	}
	ma->used += slot->regs;
	if (ma->pages)
		ma->reserved += slot->regs;
	if (slot->ex)
		ma->contexts[slot->context] = WK_CONTEXT_GRANTED;
	slot->state = WK_LIVE;
	slot->used = 0;
	slot->nr_maps = 0;
	slot->nr_elements = 0;
	slot->calls = 0;
	slot->flushes = 0;
	if (slot->is_list) {
		ma->lists++;
		return true;
	}
	ma->held = true;
	ma->kept = false;
	ma->ticket++;
	ma->owner = slot;
	ma->granted++;
	ma->sets++;
	return true;
}

/* Ends a set or a list. */
static void wk_model_give_back(struct wk_model *model, struct wk_slot *slot)
{
	struct wk_ma *ma = slot->ma;

	if (slot->is_list)
		ma->lists--;
	else
		ma->sets--;
	if (!slot->is_list && wk_model_live(slot)) {
		wk_report(model, WD_REPORT_FREED_MAPPED);
		wk_report(model, WD_REPORT_NOT_FLUSHED);
	}
	if (ma->owner == slot)
		ma->owner = NULL;
	ma->used -= slot->regs;
	if (ma->pages)
		ma->reserved -= slot->regs;
	if (ma->pages && !ma->scatter_gather)
		bitmap_clear(ma->window, slot->window, slot->regs);
	slot->state = WK_FREE;
}

/* The routine of what was granted, and what it does; if there is one. */
static void wk_model_run(struct wk_model *model, struct wk_slot *slot)
{
	struct wk_ma *ma = slot->ma;
	IO_ALLOCATION_ACTION action = slot->routine ? slot->action : KeepObject;
	u64 ticket = ma->ticket;
	u32 i;

	if (slot->routine)
		wk_log(&model->expected, WK_LOG_RUN, slot->id, slot->object ? slot->stamp : 0);
	for (i = 0; slot->routine && i < slot->nr_plan; i++)
		wk_model_op(model, &slot->plan[i]);
	if (slot->is_list)
		return;
	if (action < KeepObject || action > DeallocateObjectKeepRegisters)
		wk_report(model, WD_REPORT_ACTION);
	if (action == DeallocateObject && slot->state == WK_LIVE)
		wk_model_give_back(model, slot);
	if (ma->ticket != ticket)
		return;
	ma->kept = true;
	if (action == DeallocateObject || action == DeallocateObjectKeepRegisters) {
		ma->held = false;
		ma->owner = NULL;
	}
}

void wk_model_pump(struct wk_model *model, struct wk_ma *ma)
{
	if (ma->running || model->irqs_off)
		return;
	ma->running = true;
	while (!ma->held && !list_empty(&ma->waiters)) {
		struct wk_slot *slot = list_first_entry(&ma->waiters, struct wk_slot, node);

		if (!wk_model_grant(slot))
			break;
		list_del(&slot->node);
		ma->waiting--;
		wk_model_run(model, slot);
	}
	ma->running = false;
}

/* What is wrong with the arguments of a channel request, if anything */
static NTSTATUS wk_model_check_channel(const struct wk_slot *slot)
{
	switch (slot->bad) {
	case WK_BAD_REGS:
		return STATUS_INSUFFICIENT_RESOURCES;
	case WK_BAD_ROUTINE:
		return STATUS_INVALID_PARAMETER;
	case WK_BAD_FLAGS:
	case WK_BAD_CONTEXT:
	case WK_BAD_OUT:
		return slot->ex ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
	default:
		return STATUS_SUCCESS;
	}
}

static NTSTATUS wk_model_check_list(struct wk_model *model, struct wk_slot *slot)
{
	bool is_shared = slot->other && slot->other->is_list && slot->other->build &&
			 (slot->other->state == WK_LIVE || slot->other->state == WK_WAITING);

	slot->shares = is_shared && slot->bad == WK_BAD_SHARED;

	switch (slot->bad) {
	case WK_BAD_ROUTINE:
	case WK_BAD_LENGTH:
		return STATUS_INVALID_PARAMETER;
	case WK_BAD_FLAGS:
	case WK_BAD_CONTEXT:
		if (slot->ex)
			return STATUS_INVALID_PARAMETER;
		break;
	case WK_BAD_START:
		return slot->ex ? STATUS_INVALID_PARAMETER : STATUS_BUFFER_TOO_SMALL;
	case WK_BAD_END:
		return STATUS_BUFFER_TOO_SMALL;
	default:
		break;
	}
	if (slot->regs > slot->ma->regs)
		return STATUS_INSUFFICIENT_RESOURCES;
	if (slot->build && slot->bad == WK_BAD_SMALL)
		return STATUS_BUFFER_TOO_SMALL;
	if (slot->ex && slot->no_bounce && slot->ma->bounced)
		return STATUS_INSUFFICIENT_RESOURCES;
	if (slot->build && slot->shares) {
		wk_report(model, WD_REPORT_MISC);
		return STATUS_INVALID_PARAMETER;
	}
	return STATUS_SUCCESS;
}

/* Does the device object wait already? */
static bool wk_model_waits(const struct wk_slot *slot)
{
	struct wk_slot *other;

	if (slot->ex || slot->is_list || !slot->object)
		return false;
	list_for_each_entry(other, &slot->ma->waiters, node)
		if (!other->ex && !other->is_list && other->object == slot->object)
			return true;
	return false;
}

static NTSTATUS wk_model_request(struct wk_model *model, struct wk_slot *slot)
{
	struct wk_ma *ma = slot->ma;
	bool nothing_in_the_way = !ma->held && list_empty(&ma->waiters);
	NTSTATUS status = slot->is_list ? wk_model_check_list(model, slot) :
					  wk_model_check_channel(slot);

	if (!status && slot->ex) {
		enum wk_context_state *context = &ma->contexts[slot->context];

		if (*context == WK_CONTEXT_NONE || *context == WK_CONTEXT_WAITING)
			status = STATUS_INVALID_PARAMETER;
		if (*context == WK_CONTEXT_LATCHED || *context == WK_CONTEXT_CANCELLED) {
			*context = WK_CONTEXT_CANCELLED;
			wk_model_forget(slot);
			return slot->sync ? STATUS_CANCELLED : STATUS_SUCCESS;
		}
	}
	if (!status && slot->ex && slot->sync) {
		if (!nothing_in_the_way || !wk_model_grant(slot)) {
			status = STATUS_INSUFFICIENT_RESOURCES;
			goto out;
		}
		if (ma->running || model->irqs_off) {
			wk_model_run(model, slot);
		} else {
			ma->running = true;
			wk_model_run(model, slot);
			ma->running = false;
			wk_model_pump(model, ma);
		}
		return STATUS_SUCCESS;
	}
	if (!status && !ma->running && !model->irqs_off && nothing_in_the_way &&
	    wk_model_grant(slot)) {
		ma->running = true;
		wk_model_run(model, slot);
		ma->running = false;
		wk_model_pump(model, ma);
		return STATUS_SUCCESS;
	}
	if (!status && wk_model_waits(slot))
		status = STATUS_INSUFFICIENT_RESOURCES;
out:
	if (status) {
		wk_model_forget(slot);
		return status;
	}
	slot->state = WK_WAITING;
	slot->waited = true;
	if (slot->ex)
		ma->contexts[slot->context] = WK_CONTEXT_WAITING;
	list_add_tail(&slot->node, &ma->waiters);
	ma->waiting++;
	return STATUS_SUCCESS;
}

static void wk_model_release(struct wk_model *model, struct wk_ma *ma, bool keep)
{
	struct wk_slot *owner = ma->owner;

	ma->held = false;
	ma->owner = NULL;
	if (owner && !keep)
		wk_model_give_back(model, owner);
	wk_model_pump(model, ma);
}

static void wk_model_drop(struct wk_ma *ma, u32 context)
{
	struct wk_slot *slot;

	list_for_each_entry(slot, &ma->waiters, node) {
		if (!slot->ex || slot->context != context)
			continue;
		list_del(&slot->node);
		ma->waiting--;
		wk_model_forget(slot);
		return;
	}
}

static u32 wk_model_cancel(struct wk_model *model, struct wk_ma *ma, u32 context)
{
	switch (ma->contexts[context]) {
	case WK_CONTEXT_IDLE:
	case WK_CONTEXT_LATCHED:
		ma->contexts[context] = WK_CONTEXT_LATCHED;
		break;
	case WK_CONTEXT_WAITING:
		wk_model_drop(ma, context);
		ma->contexts[context] = WK_CONTEXT_CANCELLED;
		break;
	case WK_CONTEXT_NONE:
		wk_report(model, WD_REPORT_CONTEXT);
		return FALSE;
	default:
		return FALSE;
	}
	wk_model_pump(model, ma);
	return TRUE;
}

static u32 wk_model_init(struct wk_model *model, struct wk_ma *ma, u32 context)
{
	bool waits = ma->contexts[context] == WK_CONTEXT_WAITING;

	if (!context)
		return STATUS_INVALID_PARAMETER;
	if (waits) {
		wk_model_drop(ma, context);
		wk_report(model, WD_REPORT_CONTEXT);
	}
	ma->contexts[context] = WK_CONTEXT_IDLE;
	if (waits)
		wk_model_pump(model, ma);
	return STATUS_SUCCESS;
}

static void wk_model_free_set(struct wk_model *model, const struct wk_op *op)
{
	struct wk_slot *slot = op->slot;
	bool owned;

	if (!slot || slot->state != WK_LIVE) {
		wk_report(model, WD_REPORT_REGS_FREED);
		return;
	}
	if (op->number != slot->regs)
		wk_report(model, WD_REPORT_REGS_FREED);
	owned = op->ma->owner == slot && op->ma->kept;
	wk_model_give_back(model, slot);
	if (owned)
		wk_report(model, WD_REPORT_REGS_FREED);
	wk_model_pump(model, op->ma);
}

void wk_model_op(struct wk_model *model, const struct wk_op *op)
{
	struct wk_ma *ma = op->ma;
	u32 result = 0;

	switch (op->kind) {
	case WK_OP_REQUEST:
		result = wk_model_request(model, op->slot);
		break;
	case WK_OP_FREE_CHANNEL:
		if (!ma->held)
			wk_report(model, WD_REPORT_CHANNEL_FREED);
		else
			wk_model_release(model, ma, false);
		break;
	case WK_OP_FREE_OBJECT:
		if (op->number == DeallocateObject || op->number == DeallocateObjectKeepRegisters)
			wk_model_release(model, ma, op->number == DeallocateObjectKeepRegisters);
		else if (op->number != KeepObject)
			wk_report(model, WD_REPORT_ACTION);
		break;
	case WK_OP_FREE_SET:
		wk_model_free_set(model, op);
		break;
	case WK_OP_PUT:
		if (!op->slot || op->slot->state != WK_LIVE) {
			wk_report(model, WD_REPORT_LIST_FREED);
			break;
		}
		wk_model_give_back(model, op->slot);
		wk_model_pump(model, ma);
		break;
	case WK_OP_CANCEL:
		result = wk_model_cancel(model, ma, op->context);
		break;
	case WK_OP_INIT:
		result = wk_model_init(model, ma, op->context);
		break;
	default:
		break;
	}
	wk_log(&model->expected, op->kind, op->slot ? op->slot->id : 0, result);
}

void wk_model_end(struct wk_model *model, struct wk_ma *ma)
{
	struct wk_slot *slot, *next;

	if (ma->held)
		wk_report(model, WD_REPORT_CHANNEL_LEFT);
	if (ma->sets)
		wk_report(model, WD_REPORT_REGS_LEFT);
	if (ma->lists)
		wk_report(model, WD_REPORT_LISTS_LEFT);
	list_for_each_entry_safe(slot, next, &ma->waiters, node)
		wk_model_forget(slot);
	wk_model_start(ma);
}

/* Registers that a set has left */
static u32 wk_model_left(const struct wk_slot *slot)
{
	u32 regs = slot->regs;

	if (!regs && slot->ma->scatter_gather)
		regs = slot->ma->regs;
	return regs - slot->used;
}

struct wk_bounds wk_model_map_bounds(const struct wk_slot *slot, u32 offset, u32 bytes, bool ex,
				     u32 capacity)
{
	const struct wk_ma *ma = slot->ma;
	struct wk_bounds bounds = { .report = WK_CODES };
	u32 in_page = offset_in_page(slot->start + offset);
	u32 left = wk_model_left(slot);
	u32 page = PAGE_SIZE - in_page;

	if (!bytes) {
		if (!ex)
			bounds.report = WD_REPORT_ZERO_LENGTH;
		return bounds;
	}
	if (offset >= slot->size) {
		bounds.report = WD_REPORT_NOT_IN_MDL;
		return bounds;
	}
	if (!left) {
		bounds.report = WD_REPORT_NOT_FLUSHED;
		return bounds;
	}
	bytes = min(bytes, slot->size - offset);
	if (ma->bounced && ma->scatter_gather && !slot->regs) {
		bounds.report = WD_REPORT_MISC;
		return bounds;
	}
	if (ma->bounced && slot->no_bounce) {
		if (!ex)
			bounds.report = WD_REPORT_MISC;
		return bounds;
	}
	if (wk_span(slot, offset, bytes) > left) {
		bytes = left * PAGE_SIZE - in_page;
		if (!ma->scatter_gather && !ex)
			bounds.report = WD_REPORT_NOT_FLUSHED;
	}
	bounds.most = bytes;
	bounds.least = bytes;
	if (!ma->scatter_gather)
		return bounds;
	if (ma->bounced) {
		/* As many pages as the pool has in a row */
		bounds.least = min(bytes, ex ? page + (capacity - 1) * (u32)PAGE_SIZE : page);
	} else if (!slot->contiguous && !ma->joins) {
		bounds.most = min(bytes, ex ? page + (capacity - 1) * (u32)PAGE_SIZE : page);
		bounds.least = bounds.most;
	}
	return bounds;
}

void wk_model_mapped(struct wk_slot *slot, u32 offset, u32 bytes, u32 call)
{
	slot->used += wk_span(slot, offset, bytes);
	slot->maps[slot->nr_maps++] = (struct wk_map){
		.offset = offset,
		.bytes = bytes,
		.call = call,
		.born = slot->flushes,
		.live = true,
	};
}

void wk_model_flush(struct wk_slot *slot, u32 offset, u32 bytes)
{
	u32 end = offset + bytes, behind = U32_MAX, call = 0, i;

	for (i = 0; i < slot->nr_maps; i++)
		if (slot->maps[i].live && slot->maps[i].offset == offset)
			call = slot->maps[i].call;
	for (i = 0; i < slot->nr_maps; i++) {
		struct wk_map *map = &slot->maps[i];
		bool is_next = map->offset == behind && map->born == slot->flushes;
		bool is_inside = map->offset == offset || (call && map->call == call) ||
				 (map->offset > offset && map->offset < end);

		if (!map->live || !(is_inside || is_next))
			continue;
		if (map->offset + map->bytes > end)
			behind = map->offset + map->bytes;
		map->live = false;
	}
	slot->flushes++;
	if (wk_model_live(slot))
		return;
	slot->used = 0;
	slot->nr_maps = 0;
	slot->nr_elements = 0;
}
