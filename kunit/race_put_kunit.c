// SPDX-License-Identifier: GPL-2.0-only
/*
 * PutDmaAdapter while another processor uses the adapter, and while requests wait: the driver that
 * is made to leave before it has finished, which must cost it its requests and nobody anything
 * else.
 *
 * Until an adapter is put one thread makes requests, cancels them and ends what it was granted.
 * Then each call fails, in whatever state it finds things; afterwards no routine is called any
 * more, and all memory, mappings and registers are free. A round is an adapter that is put.
 */
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <wdmdma/ke.h>

#include "../wdmdma/internal.h"
#include "race.h"
#include "v3.h"

#define WK_LEFT_SLOTS	16
#define WK_LEFT_POOL	3

struct wk_left_request {
	struct wk_left *left;
	struct wk_context context;
	PVOID buffer;
	PMDL mdl;
	enum wk_kind kind;
	u32 number;
	bool is_made, is_cancelled;
	atomic_t calls;
	PVOID base;			/* or list, until it is freed */
	PSCATTER_GATHER_LIST list;
};

struct wk_left {
	struct kunit *test;
	struct wk_wrong wrong;
	struct wk_v3 v3;
	u32 part, rounds;
	atomic_t alive;			/* number of the adapter that is there to be used */
	atomic_t leaving;		/* ... that is being put */
	atomic_t put;			/* ... that has been put */
	atomic_t done;			/* ... that nobody uses any more */
	atomic_t end;
	u32 number;			/* of requests made or tried */
	u32 made;
	struct wk_left_request requests[WK_LEFT_SLOTS];
	u32 refused, granted, dropped, cancelled;
};

static void wk_left_called(struct wk_left_request *request)
{
	struct wk_wrong *wrong = &request->left->wrong;

	wk_must(wrong, atomic_inc_return(&request->calls) == 1, request->number);
	wk_must(wrong, !READ_ONCE(request->is_cancelled), request->number);
	wk_must(wrong, in_softirq(), request->number);
}

static IO_ALLOCATION_ACTION wk_left_control(PDEVICE_OBJECT object, PIRP irp, PVOID base,
					    PVOID context)
{
	struct wk_left_request *request = context;

	struct wk_dice dice = wk_dice(request->number);

	wk_left_called(request);
	request->base = base;
	wk_dither(&dice);
	return DeallocateObjectKeepRegisters;
}

static VOID wk_left_list_control(PDEVICE_OBJECT object, PIRP irp, PSCATTER_GATHER_LIST list,
				 PVOID context)
{
	struct wk_left_request *request = context;
	struct wk_dice dice = wk_dice(request->number);
	SCATTER_GATHER_ELEMENT element = list->Elements[0];

	wk_left_called(request);
	request->list = list;
	wk_dither(&dice);
	/* The list is the routine's, whatever becomes of the adapter meanwhile. */
	wk_must(&request->left->wrong, list->NumberOfElements == 1 &&
		!memcmp(&element, &list->Elements[0], sizeof(element)), request->number);
}

static NTSTATUS wk_left_ask(struct wk_left_request *request)
{
	struct wk_v3 *v3 = &request->left->v3;

	switch (request->kind) {
	case WK_CHANNEL:
		return v3->ops->AllocateAdapterChannelEx(v3->adapter, v3->object,
				&request->context, 1, 0, wk_left_control, request, NULL);
	case WK_GET:
		return v3->ops->GetScatterGatherListEx(v3->adapter, v3->object, &request->context,
				request->mdl, 0, PAGE_SIZE, 0, wk_left_list_control, request, FALSE,
				NULL, NULL, NULL);
	default:
		return v3->ops->BuildScatterGatherListEx(v3->adapter, v3->object,
				&request->context, request->mdl, 0, PAGE_SIZE, 0,
				wk_left_list_control, request, FALSE, request->buffer,
				WK_LIST_BYTES, NULL, NULL, NULL);
	}
}

/* Makes a request in a slot whose last one has ended. */
static void wk_left_make(struct wk_left *left, struct wk_left_request *request,
			 struct wk_dice *dice)
{
	struct wk_v3 *v3 = &left->v3;
	NTSTATUS status;

	request->number = left->number++;
	request->kind = wk_roll(dice, 3);
	request->is_cancelled = false;
	request->base = NULL;
	request->list = NULL;
	atomic_set(&request->calls, 0);
	if (v3->ops->InitializeDmaTransferContext(v3->adapter, &request->context)) {
		left->refused++;
		return;
	}
	status = wk_left_ask(request);
	request->is_made = status == STATUS_SUCCESS;
	if (request->is_made) {
		WRITE_ONCE(left->made, left->made + 1);
	} else {
		left->refused++;
		wk_must(&left->wrong, status == STATUS_INVALID_PARAMETER, request->number);
		wk_must(&left->wrong, atomic_read(&left->leaving) == atomic_read(&left->alive),
			request->number);
		wk_must(&left->wrong, !atomic_read(&request->calls), request->number);
	}
}

/* Ends a request: what it was granted, or by cancelling it. */
static void wk_left_end(struct wk_left *left, struct wk_left_request *request)
{
	struct wk_v3 *v3 = &left->v3;

	if (!atomic_read(&request->calls)) {
		bool cancelled = v3->ops->CancelAdapterChannel(v3->adapter, v3->object,
							       &request->context);

		if (cancelled) {
			WRITE_ONCE(request->is_cancelled, true);
			left->cancelled++;
			request->is_made = false;
			wk_must(&left->wrong, !atomic_read(&request->calls), request->number);
		}
		return;
	}
	left->granted++;
	request->is_made = false;
	if (request->list)
		v3->ops->PutScatterGatherList(v3->adapter, request->list, FALSE);
	else
		v3->ops->FreeMapRegisters(v3->adapter, request->base, 1);
}

/* Uses an adapter until it is gone. */
static void wk_left_use_one(struct wk_left *left, struct wk_dice *dice)
{
	u32 i;

	while (atomic_read(&left->put) != atomic_read(&left->alive)) {
		struct wk_left_request *request = &left->requests[wk_roll(dice, WK_LEFT_SLOTS)];

		if (request->is_made)
			wk_left_end(left, request);
		else
			wk_left_make(left, request, dice);
		wk_dither(dice);
	}
	/* What the device has of them is gone. */
	for (i = 0; i < WK_LEFT_SLOTS; i++) {
		struct wk_left_request *request = &left->requests[i];

		left->dropped += request->is_made && !atomic_read(&request->calls);
		if (request->is_made && atomic_read(&request->calls))
			left->granted++;
		request->is_made = false;
	}
}

static void wk_left_use(void *data)
{
	struct wk_left *left = data;
	struct wk_dice dice = wk_dice(2 * left->part);
	int adapter = 0;

	while (!atomic_read(&left->end)) {
		if (!wk_await(&left->wrong, atomic_read_acquire(&left->alive) > adapter ||
			      atomic_read(&left->end), left->number))
			break;
		if (atomic_read(&left->end))
			break;
		adapter++;
		wk_left_use_one(left, &dice);
		atomic_set_release(&left->done, adapter);
	}
}

static void wk_left_put(void *data)
{
	const struct wdmdma_limits limits = { .pool_registers = WK_LEFT_POOL };
	DEVICE_DESCRIPTION description = wk_description(3, TRUE, 64, SZ_64K);
	struct wk_left *left = data;
	struct wk_dice dice = wk_dice(2 * left->part + 1);
	u32 adapter = 0;
	bool raised;
	KIRQL irql;
	ULONG regs;

	wk_must(&left->wrong, !wdmdma_set_limits(left->v3.object, &limits), 0);
	while (adapter < left->rounds && !wk_is_wrong(&left->wrong)) {
		u32 before = READ_ONCE(left->made), some = wk_roll(&dice, 4);

		/* KASAN gives back what was freed when somebody asks who may wait. */
		kfree(kmalloc(1, GFP_KERNEL));
		left->v3.adapter = IoGetDmaAdapter(left->v3.object, &description, &regs);
		if (!wk_must(&left->wrong, left->v3.adapter, before))
			break;
		left->v3.ops = left->v3.adapter->DmaOperations;
		atomic_set_release(&left->alive, ++adapter);
		/* In the middle of things */
		wk_await(&left->wrong, READ_ONCE(left->made) > before + some, before);
		wk_dither(&dice);
		atomic_set(&left->leaving, adapter);
		raised = wk_roll(&dice, 2);
		if (raised)
			KeRaiseIrql(DISPATCH_LEVEL, &irql);
		left->v3.ops->PutDmaAdapter(left->v3.adapter);
		if (raised)
			KeLowerIrql(irql);
		atomic_set(&left->put, adapter);
		wk_await(&left->wrong, atomic_read_acquire(&left->done) == adapter, before);
	}
	atomic_set(&left->end, 1);
}

/* Parts of the rounds: KUnit ends a case after five minutes. */
static const u32 wk_parts[] = { 0, 1, 2, 3 };

static void wk_part_desc(const u32 *part, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "part %u", *part);
}

KUNIT_ARRAY_PARAM(wk_part, wk_parts, wk_part_desc);

static void wk_put_adapter_races_requests(struct kunit *test)
{
	static void (* const parties[])(void *data) = { wk_left_put, wk_left_use };
	struct wk_left *left = kunit_kzalloc(test, sizeof(*left), GFP_KERNEL);
	struct wk_buffer *memory = wk_alloc_scattered(test, WK_LEFT_SLOTS);
	struct wk_world *world = test->priv;
	struct wd_device *wdev;
	static const u32 codes[] = {
		/* of calls that found the adapter or what they freed gone, and of Put itself */
		WD_REPORT_DEAD_ADAPTER, WD_REPORT_LIST_FREED, WD_REPORT_REGS_FREED,
		WD_REPORT_LISTS_LEFT, WD_REPORT_REGS_LEFT, WD_REPORT_CHANNEL_LEFT,
	};
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, left);
	left->test = test;
	left->v3.object = world->object;
	/* In turns, there are hundreds of requests for each. */
	left->rounds = wk_rounds() / ARRAY_SIZE(wk_parts) / (wk_is_smp() ? 1 : 8);
	left->part = *(const u32 *)test->param_value;
	for (i = 0; i < WK_LEFT_SLOTS; i++) {
		left->requests[i].left = left;
		left->requests[i].mdl = wk_mdl(test, memory, i * PAGE_SIZE, PAGE_SIZE);
		left->requests[i].buffer = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, left->requests[i].buffer);
	}
	wk_run_parties(test, ARRAY_SIZE(parties), parties, left);
	wk_judge(test, &left->wrong);
	kunit_info(test, "%u requests, %d adapters: %u granted, %u cancelled, %u dropped, %u refused\n",
		   left->made, atomic_read(&left->put), left->granted, left->cancelled,
		   left->dropped, left->refused);
	KUNIT_EXPECT_GT(test, left->dropped, 0);
	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		u64 count = wdmdma_report_count(codes[i]) - world->reports[codes[i]];

		world->expected[codes[i]] = count;
		if (codes[i] != WD_REPORT_DEAD_ADAPTER)
			KUNIT_EXPECT_LE(test, count, atomic_read(&left->put));
	}
	/* As often as not something was live when the adapter was put. */
	KUNIT_EXPECT_GT(test, world->expected[WD_REPORT_LISTS_LEFT], 0);
	KUNIT_EXPECT_GT(test, world->expected[WD_REPORT_REGS_LEFT], 0);
	/* Lists and sets of the last adapters go in the background. */
	wdev = container_of(world->object, struct wd_device, object);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(list_empty_careful(&wdev->adapters)));
}

static struct kunit_case wk_race_put_cases[] = {
	KUNIT_CASE_PARAM_ATTR(wk_put_adapter_races_requests, wk_part_gen_params,
			      (struct kunit_attributes){ .speed = KUNIT_SPEED_SLOW }),
	{}
};

static struct kunit_suite wk_race_put_suite = {
	.name = "wdmdma_race_put",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_race_put_cases,
};

kunit_test_suite(wk_race_put_suite);
