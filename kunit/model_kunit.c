// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random sequences of table calls on several adapters, compared with the reference model (model.h)
 * after each call.
 *
 * The default seed is fixed. Others, and more calls, are module parameters:
 *
 *	insmod wdmdma_kunit.ko model_seed=7 model_calls=1000000
 *
 * with kunit.filter_glob=wdmdma_model on the kernel's command line to run nothing else. The guest
 * of make check takes both from its command line as well. A divergence prints seed, part and call;
 * the same seed and number of calls lead there again.
 */
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "model.h"

#define WK_MODEL_CASES	4
#define WK_SEQUENCE	500	/* calls until everything is released */

static unsigned long model_seed = 1;
module_param(model_seed, ulong, 0444);
MODULE_PARM_DESC(model_seed, "seed of the wdmdma_model suite");
static unsigned int model_calls = 220000;
module_param(model_calls, uint, 0444);
MODULE_PARM_DESC(model_calls, "calls that the wdmdma_model suite makes");

static struct wk_slot *wk_find_slot(struct wk_ma *ma, enum wk_slot_state state, bool is_list)
{
	u32 first = wk_random(WK_MODEL_SLOTS), i;

	for (i = 0; i < WK_MODEL_SLOTS; i++) {
		struct wk_slot *slot = &ma->slots[1 + (first + i) % WK_MODEL_SLOTS];

		if (slot->state == state && (state == WK_FREE || slot->is_list == is_list))
			return slot;
	}
	return NULL;
}

static struct wk_slot *wk_new_request(struct wk_ma *ma, u32 depth);

/* What the routine of a request does. */
static void wk_new_plan(struct wk_slot *slot, u32 depth)
{
	struct wk_op op = { .ma = slot->ma, .slot = slot };
	u32 choice = wk_random(12);

	if (choice == 0 && slot->is_list && !slot->nr_plan) {
		op.kind = WK_OP_PUT;
	} else if (choice == 1 && !slot->is_list) {
		op.kind = WK_OP_FREE_SET;
		op.number = slot->regs + wk_chance(10);
	} else if (choice == 2) {
		op.kind = WK_OP_FREE_CHANNEL;
		op.slot = NULL;
	} else if (choice == 3 && slot->ma->version == 3) {
		op.kind = WK_OP_FREE_OBJECT;
		op.slot = NULL;
		op.number = 1 + wk_random(3);
	} else if (choice == 4 && slot->ma->version == 3) {
		op.kind = WK_OP_CANCEL;
		op.slot = NULL;
		op.context = 1 + wk_random(WK_MODEL_CONTEXTS);
	} else if (choice == 5 && !slot->is_list && !slot->nr_plan && slot->regs &&
		   !slot->no_bounce) {
		op.kind = WK_OP_TOUCH;
	} else if (choice < 9 && depth < 2) {
		op.kind = WK_OP_REQUEST;
		op.slot = wk_new_request(slot->ma, depth + 1);
		if (!op.slot)
			return;
	} else {
		return;
	}
	slot->plan[slot->nr_plan++] = op;
}

static struct wk_slot *wk_new_request(struct wk_ma *ma, u32 depth)
{
	struct wk_slot *slot = wk_find_slot(ma, WK_FREE, false);

	if (!slot)
		return NULL;
	slot->state = WK_RESERVED;
	slot->stamp = ++wk_run->stamp;
	slot->is_list = wk_chance(50);
	slot->build = slot->is_list && ma->version > 1 && wk_chance(50);
	slot->ex = ma->version == 3 && wk_chance(70);
	slot->sync = slot->ex && wk_chance(35);
	slot->no_bounce = slot->ex && wk_chance(5);
	slot->read = wk_chance(50);
	slot->routine = !slot->sync || wk_chance(70);
	slot->out = slot->sync && (!slot->routine || wk_chance(50));
	slot->bad = wk_chance(8) ? wk_random(WK_BADS) : WK_GOOD;
	slot->other = wk_find_slot(ma, WK_LIVE, true);
	slot->shares = false;
	slot->waited = false;
	if (slot->bad == WK_BAD_ROUTINE || (slot->bad == WK_BAD_OUT && slot->sync)) {
		slot->routine = false;
		slot->out = false;
	} else if (slot->bad == WK_BAD_OUT && !slot->is_list) {
		slot->out = slot->ex;
	}
	if (slot->bad == WK_BAD_OUT && slot->is_list && slot->sync)
		slot->bad = WK_BAD_ROUTINE;
	slot->object = wk_random(WK_MODEL_OBJECTS + 1);
	slot->context = 1 + wk_random(WK_MODEL_CONTEXTS);
	slot->action = wk_chance(2) ? 7 : 1 + wk_random(3);
	slot->offset = wk_random(slot->size);
	slot->bytes = 1 + wk_random(slot->size - slot->offset);
	if (wk_chance(50))
		slot->bytes = min(slot->bytes, (u32)PAGE_SIZE);
	slot->regs = DIV_ROUND_UP(offset_in_page(slot->start + slot->offset) + slot->bytes,
				  PAGE_SIZE);
	if (!slot->is_list)
		slot->regs = wk_random(min(ma->regs, 4U) + 1);
	slot->nr_plan = 0;
	if (slot->routine) {
		wk_new_plan(slot, depth);
		wk_new_plan(slot, depth);
	}
	return slot;
}

/* Frees what never was, or no longer is. */
static void wk_call_stale(struct wk_ma *ma)
{
	struct wk_op op = { .kind = wk_chance(50) ? WK_OP_FREE_SET : WK_OP_PUT, .ma = ma };
	struct wk_slot *slot = wk_find_slot(ma, WK_FREE, false);

	/* The memory of a list that wdmdma allocated may be another by now. */
	if (op.kind == WK_OP_FREE_SET && slot && !slot->is_list && slot->base)
		op.slot = slot;
	else if (op.kind == WK_OP_PUT && slot && slot->is_list && slot->list == slot->buffer)
		op.slot = slot;
	op.number = 1;
	wk_call_op(&op);
}

/* MapTransfer or MapTransferEx behind what the set has mapped */
static void wk_call_map(struct wk_slot *slot)
{
	struct wk_ma *ma = slot->ma;
	u32 last = slot->nr_maps - 1;
	u32 offset = slot->nr_maps ? slot->maps[last].offset + slot->maps[last].bytes :
				     wk_random(slot->size);
	u32 room = offset < slot->size ? slot->size - offset : 1;
	u32 bytes = wk_chance(2) ? 0 : 1 + wk_random(wk_chance(50) ? room : min(room, 3000U));
	u32 capacity = 1 + wk_random(4), i, first = slot->nr_elements;
	bool ex = ma->version == 3 && wk_chance(60);
	SCATTER_GATHER_LIST *list = kunit_kzalloc(wk_run->test, 128, GFP_KERNEL);
	struct wk_bounds bounds;
	ULONG length;

	if (slot->no_bounce)
		bytes = min(bytes, 1U);
	bounds = wk_model_map_bounds(slot, offset, bytes, ex, capacity);
	length = bytes;
	wk_line("adapter %u MapTransfer%s slot %x %u+%u capacity %u", ma->index, ex ? "Ex" : "",
		slot->id, offset, bytes, capacity);
	if (bytes && offset < slot->size)
		wk_stamp(slot, offset, bytes, slot->read ? ~slot->stamp : slot->stamp);
	if (bounds.report < WK_CODES)
		wk_run->model.reports[bounds.report]++;
	if (ex && ma->ops->MapTransferEx(ma->adapter, slot->mdl, slot->base, offset, 0, &length,
					 !slot->read, list, 16 + 24 * capacity, NULL, NULL)) {
		length = 0;
	} else if (!ex) {
		PHYSICAL_ADDRESS address = ma->ops->MapTransfer(ma->adapter, slot->mdl, slot->base,
				(u8 *)MmGetMdlVirtualAddress(slot->mdl) + offset, &length,
				!slot->read);

		list->NumberOfElements = !!length;
		list->Elements[0].Address = address;
		list->Elements[0].Length = length;
	}
	if (length < bounds.least || length > bounds.most)
		wk_diverges("slot %x: %u bytes mapped, the model says %u to %u", slot->id, length,
			    bounds.least, bounds.most);
	if (length && !wk_run->failed) {
		u32 call = ex ? ++slot->calls : 0;

		wk_add_elements(slot, list, offset);
		if (!ma->bounced)
			wk_model_mapped(slot, offset, length, call);
		for (i = first; ma->bounced && i < slot->nr_elements; i++)
			wk_model_mapped(slot, slot->elements[i].offset, slot->elements[i].bytes,
					call);
		for (i = offset; !slot->read && i < offset + bytes;
		     i = wk_next_stamp(i, offset + bytes)) {
			u8 *byte = i < offset + length ? wk_device_byte(slot, i) : NULL;

			if (byte && *byte != wk_pattern(slot->stamp, i))
				wk_diverges("slot %x: byte %u is mapped wrong", slot->id, i);
		}
	}
	kunit_kfree(wk_run->test, list);
	wk_compare(ma);
}

/* FlushAdapterBuffers or FlushAdapterBuffersEx: all, short, nothing, from a mapping on */
static void wk_call_flush(struct wk_slot *slot)
{
	struct wk_map before[WK_MODEL_MAPS];
	u32 nr = slot->nr_maps, offset, bytes, i, fresh = ++wk_run->stamp;
	struct wk_ma *ma = slot->ma;
	bool ex = ma->version == 3 && wk_chance(60);

	offset = nr ? slot->maps[wk_random(nr)].offset : wk_random(slot->size);
	bytes = wk_chance(20) ? 0 : wk_chance(50) ? slot->size : wk_random(slot->size);
	wk_line("adapter %u Flush%s slot %x %u+%u", ma->index, ex ? "Ex" : "", slot->id, offset,
		bytes);
	memcpy(before, slot->maps, sizeof(before));
	for (i = 0; slot->read && i < nr; i++) {
		if (!before[i].live)
			continue;
		wk_stamp(slot, before[i].offset, before[i].bytes, ~slot->stamp);
		wk_device_stamp(slot, before[i].offset, before[i].bytes, fresh);
	}
	wk_model_flush(slot, offset, bytes);
	if (ex)
		ma->ops->FlushAdapterBuffersEx(ma->adapter, slot->mdl, slot->base, offset, bytes,
					       !slot->read);
	else
		ma->ops->FlushAdapterBuffers(ma->adapter, slot->mdl, slot->base,
				(u8 *)MmGetMdlVirtualAddress(slot->mdl) + offset, bytes,
				!slot->read);
	for (i = 0; slot->read && i < nr; i++) {
		u32 at, end = before[i].offset + before[i].bytes;

		if (!before[i].live)
			continue;
		for (at = before[i].offset; at < end; at = wk_next_stamp(at, end)) {
			bool is_back = !ma->bounced || (at < offset + bytes &&
				       !(slot->nr_maps && slot->maps[i].live));
			u8 byte = wk_pattern(is_back ? fresh : ~slot->stamp, at);

			if (slot->memory->va[slot->start + at] != byte)
				wk_diverges("slot %x: byte %u is wrong after a flush", slot->id,
					    at);
		}
	}
	wk_compare(ma);
}

static void wk_new_adapter(struct wk_ma *ma)
{
	static const struct {
		ULONG version;
		bool scatter_gather, force_bounce;
		u32 pool;
	} kinds[WK_MODEL_ADAPTERS] = {
		{ 1, true, false, 0 },
		{ 2, true, false, 5 },
		{ 3, true, false, 6 },
		{ 3, true, true, 6 },
		{ 2, true, true, 0 },
		{ 3, false, true, 6 },
		{ 1, false, true, 0 },
	};
	const struct wdmdma_limits none = {};
	struct wdmdma_limits limits = {
		.pool_registers = kinds[ma->index].pool,
		.force_bounce = kinds[ma->index].force_bounce,
	};
	DEVICE_DESCRIPTION description = wk_description(kinds[ma->index].version,
			kinds[ma->index].scatter_gather, 64, 7 * PAGE_SIZE);
	struct wk_world *world = wk_run->test->priv;
	u32 pool = kinds[ma->index].pool;

	wdmdma_set_limits(world->object, &limits);
	ma->adapter = wk_get_described_adapter(wk_run->test, &description, &ma->regs);
	wdmdma_set_limits(world->object, &none);
	KUNIT_ASSERT_NOT_NULL(wk_run->test, ma->adapter);
	KUNIT_ASSERT_EQ(wk_run->test, ma->regs, min(8U, pool ? : 8U));
	ma->ops = ma->adapter->DmaOperations;
	ma->version = kinds[ma->index].version;
	ma->scatter_gather = kinds[ma->index].scatter_gather;
	ma->bounced = kinds[ma->index].force_bounce;
	ma->joins = !ma->bounced && wk_joins(wk_run->test);
	ma->pool = ma->bounced ? 0 : pool;
	ma->pages = ma->bounced ? pool ? : 2 * ma->regs : 0;
	wk_model_start(ma);
}

/* PutDmaAdapter with whatever is left, calls on the dead adapter, and a new one */
static void wk_call_end(struct wk_ma *ma)
{
	PDMA_ADAPTER dead = ma->adapter;

	wk_line("adapter %u Put", ma->index);
	wk_model_end(&wk_run->model, ma);
	wk_put_adapter(wk_run->test, dead);
	wk_run->model.reports[WD_REPORT_DEAD_ADAPTER] += 3;
	ma->ops->FreeAdapterChannel(dead);
	ma->ops->PutScatterGatherList(dead, (void *)ma, TRUE);
	ma->ops->PutDmaAdapter(dead);
	wk_compare(NULL);
	wk_new_adapter(ma);
	wk_compare(ma);
}

static void wk_call_ask(struct wk_ma *ma)
{
	DMA_TRANSFER_INFO info = { .Version = 1 };
	struct wk_slot *slot = &ma->slots[1 + wk_random(WK_MODEL_SLOTS)];
	u32 offset = wk_random(slot->size), bytes = 1 + wk_random(slot->size - offset);
	u32 regs = DIV_ROUND_UP(offset_in_page(slot->start + offset) + bytes, PAGE_SIZE);
	PVOID va = (u8 *)MmGetMdlVirtualAddress(slot->mdl) + offset;
	NTSTATUS status = regs > ma->regs ? STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS;
	ULONG size, told = regs;

	wk_line("adapter %u Calculate slot %x %u+%u", ma->index, slot->id, offset, bytes);
	if (ma->version > 1 &&
	    (ma->ops->CalculateScatterGatherList(ma->adapter, slot->mdl, va, bytes, &size, &told) !=
	     status || told != regs))
		wk_diverges("CalculateScatterGatherList says %u registers", told);
	if (ma->version == 3 &&
	    (ma->ops->GetDmaTransferInfo(ma->adapter, slot->mdl, offset, bytes, TRUE, &info) ||
	     info.V1.MapRegisterCount != regs))
		wk_diverges("GetDmaTransferInfo says %u registers", info.V1.MapRegisterCount);
	wk_compare(ma);
}

/* Ends something that is held; false when nothing is. */
static bool wk_call_release(struct wk_ma *ma)
{
	struct wk_op op = { .ma = ma, .slot = wk_find_slot(ma, WK_LIVE, wk_chance(50)) };

	op.slot = op.slot ? : wk_find_slot(ma, WK_LIVE, true) ? : wk_find_slot(ma, WK_LIVE, false);
	if (ma->held && (!op.slot || wk_chance(50) || op.slot == ma->owner)) {
		op.kind = WK_OP_FREE_CHANNEL;
		op.slot = NULL;
	} else if (op.slot) {
		op.kind = op.slot->is_list ? WK_OP_PUT : WK_OP_FREE_SET;
		op.number = op.slot->is_list ? 0 : op.slot->regs + wk_chance(3);
	} else {
		return false;
	}
	wk_call_op(&op);
	return true;
}

static void wk_call_request(struct wk_ma *ma)
{
	struct wk_op op = { .kind = WK_OP_REQUEST, .ma = ma, .slot = wk_new_request(ma, 0) };

	if (op.slot)
		wk_call_op(&op);
	else if (!wk_call_release(ma))
		wk_diverges("adapter %u: slots are lost", ma->index);
}

static void wk_call_something(struct wk_ma *ma)
{
	struct wk_op op = { .ma = ma, .context = wk_random(WK_MODEL_CONTEXTS + 1) };
	struct wk_slot *set = wk_find_slot(ma, WK_LIVE, false);
	u32 choice = wk_random(100);

	if (choice < 32) {
		wk_call_request(ma);
	} else if (choice < 56) {
		if (!wk_call_release(ma))
			wk_call_request(ma);
	} else if (choice < 78 && set) {
		if (wk_chance(60))
			wk_call_map(set);
		else
			wk_call_flush(set);
	} else if (choice < 80) {
		wk_call_stale(ma);
	} else if (choice < 82) {
		op.kind = WK_OP_FREE_CHANNEL;
		wk_call_op(&op);
	} else if (choice < 84 || ma->version < 3) {
		wk_call_ask(ma);
	} else if (choice < 87) {
		op.kind = WK_OP_FREE_OBJECT;
		op.number = 1 + wk_random(4);
		wk_call_op(&op);
	} else {
		op.kind = choice < 93 ? WK_OP_CANCEL : WK_OP_INIT;
		wk_call_op(&op);
	}
}

/* A sequence ends with everything released, or an adapter put as it is. */
static void wk_finish(void)
{
	u32 i, j;

	for (i = 0; i < WK_MODEL_ADAPTERS && !wk_run->failed; i++) {
		struct wk_ma *ma = wk_run->model.ma[i];

		if (wk_chance(15)) {
			wk_run->call++;
			wk_call_end(ma);
		}
		do {
			wk_run->call++;
		} while (!wk_run->failed && wk_call_release(ma));
		if (!wk_run->failed && (ma->waiting || ma->sets || ma->lists || ma->used))
			wk_diverges("adapter %u: the model is left with something", i);
		for (j = 1; j <= WK_MODEL_SLOTS && !wk_run->failed; j++)
			if (ma->slots[j].state != WK_FREE)
				wk_diverges("slot %x is lost", ma->slots[j].id);
	}
}

static void wk_init_slot(struct wk_ma *ma, u32 number)
{
	struct kunit *test = wk_run->test;
	struct wk_slot *slot = &ma->slots[number];

	slot->id = ma->index << 8 | number;
	slot->ma = ma;
	slot->contiguous = number % 3 == 0;
	slot->memory = slot->contiguous ? wk_alloc_contiguous(test, WK_MODEL_PAGES) :
					  wk_alloc_scattered(test, WK_MODEL_PAGES);
	slot->start = number * 251 % PAGE_SIZE;
	slot->size = slot->memory->bytes - slot->start;
	slot->mdl = wk_mdl(test, slot->memory, slot->start, slot->size);
	slot->buffer = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, slot->buffer);
}

static void wk_random_calls(struct kunit *test)
{
	u32 number = *(const u32 *)test->param_value, calls = model_calls / WK_MODEL_CASES, i, j;

	wk_run = kunit_kzalloc(test, sizeof(*wk_run), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, wk_run);
	wk_run->test = test;
	wk_run->part = number;
	wk_run->random = model_seed * WK_MODEL_CASES + number;
	for (i = 0; i < WK_CODES; i++)
		wk_run->reports[i] = wdmdma_report_count(i);
	for (i = 0; i < WK_MODEL_ADAPTERS; i++) {
		struct wk_ma *ma = kunit_kzalloc(test, sizeof(*ma), GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, ma);
		ma->index = i;
		wk_run->model.ma[i] = ma;
		for (j = 1; j <= WK_MODEL_SLOTS; j++)
			wk_init_slot(ma, j);
		wk_new_adapter(ma);
	}
	while (wk_run->call < calls && !wk_run->failed) {
		wk_run->call++;
		wk_call_something(wk_run->model.ma[wk_random(WK_MODEL_ADAPTERS)]);
		if (wk_run->call % WK_SEQUENCE == 0)
			wk_finish();
		cond_resched();
	}
	wk_finish();
	kunit_info(test, "seed %lu: %u calls, %u routines ran, %u of them had waited\n", model_seed,
		   wk_run->call, wk_run->routines, wk_run->waits);
	if (wk_run->failed)
		KUNIT_FAIL(test, "seed %lu, %s\n", model_seed, wk_run->verdict);
	for (i = 1; i <= WK_MODEL_LINES && wk_run->failed; i++)
		kunit_info(test, "%s\n", wk_run->lines[(wk_run->call + i) % WK_MODEL_LINES]);
	for (i = 0; i < WK_CODES; i++)
		wk_expect_report(test, i, wk_run->model.reports[i]);
}

static const u32 wk_numbers[WK_MODEL_CASES] = { 0, 1, 2, 3 };

static void wk_number_name(const u32 *number, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "part %u", *number);
}

KUNIT_ARRAY_PARAM(wk_number, wk_numbers, wk_number_name);

static struct kunit_case wk_model_cases[] = {
	KUNIT_CASE_PARAM(wk_random_calls, wk_number_gen_params),
	{}
};

static struct kunit_suite wk_model_suite = {
	.name = "wdmdma_model",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_model_cases,
};

kunit_test_suite(wk_model_suite);
