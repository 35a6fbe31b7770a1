// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mistakes that other implementations of this interface made, each with a test of its own. What
 * only a machine with memory above 4 GiB shows is left to `make run`: UML has none, so here a limit
 * stands for it.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "bounce.h"

static struct wk_bounce wk_get_direct(struct kunit *test, u32 pool)
{
	PDMA_ADAPTER adapter = wk_get_limited_adapter(test, 2, SZ_1M, pool, NULL);

	wk_calls_reset();
	return (struct wk_bounce){
		.test = test,
		.adapter = adapter,
		.ops = adapter->DmaOperations,
		.last_address = wk_stats(test, adapter).last_address,
		.pool = pool,
	};
}

/* A list that had room for 16 elements, whatever the buffer looked like */
static void wk_more_than_16_elements(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 40);
	struct wk_bounce bounce = wk_get_direct(test, 0);
	PMDL mdl = wk_mdl(test, buffer, 7, buffer->bytes - 7);
	PSCATTER_GATHER_LIST list = wk_get_list(&bounce, mdl, 0, buffer->bytes - 7, TRUE);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PVOID base;

	KUNIT_EXPECT_EQ(test, list->NumberOfElements, 40);
	wk_device_read_list(test, list, device);
	wk_expect_same(test, device, buffer->va + 7, buffer->bytes - 7);
	wk_put_list(&bounce, list, TRUE);

	base = wk_take_set(&bounce, 40);
	KUNIT_EXPECT_EQ(test, wk_transfer(&bounce, mdl, base, 0, buffer->bytes - 7, TRUE, device),
			40);
	wk_flush(&bounce, mdl, base, 0, buffer->bytes - 7, TRUE);
	wk_free_set(&bounce, base, 40);
}

/* A size of a list that took the length alone for the number of pages */
static void wk_size_of_a_list_counts_the_offset(struct kunit *test)
{
	static const ULONG lengths[] = {
		1, 2, 100, PAGE_SIZE, PAGE_SIZE + 1, PAGE_SIZE + 2, 2 * PAGE_SIZE,
		5 * PAGE_SIZE + 1,
	};
	struct wk_buffer *buffer = wk_alloc_scattered(test, 8);
	struct wk_bounce bounce = wk_get_direct(test, 0);
	PMDL mdl = wk_mdl(test, buffer, PAGE_SIZE - 1, buffer->bytes - PAGE_SIZE + 1);
	PVOID va = MmGetMdlVirtualAddress(mdl);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		ULONG size = 0, regs = 0, pages = 1 + DIV_ROUND_UP(lengths[i] - 1, PAGE_SIZE);
		struct wk_call call;
		NTSTATUS status;
		void *memory;

		status = bounce.ops->CalculateScatterGatherList(bounce.adapter, NULL,
								(PVOID)(PAGE_SIZE - 1), lengths[i],
								&size, &regs);
		KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, regs, pages);
		/* KASAN watches the end of the memory. */
		memory = kunit_kmalloc(test, size, GFP_KERNEL);
		wk_call_init(&call, bounce.adapter, KeepObject);
		status = bounce.ops->BuildScatterGatherList(bounce.adapter, NULL, mdl, va,
							    lengths[i], wk_list_control, &call,
							    TRUE, memory, size);
		KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
		KUNIT_ASSERT_EQ(test, call.count, 1);
		KUNIT_EXPECT_EQ(test, call.list->NumberOfElements, pages);
		KUNIT_EXPECT_EQ(test, wk_list_bytes(call.list), lengths[i]);
		wk_put_list(&bounce, call.list, TRUE);
	}
}

/* Copies that always came from the first register of the set */
static void wk_data_of_the_right_register(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 6);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, 6);
	u32 i;

	for (i = 0; i < 6; i++) {
		wk_fill(device, 1000, 30 + i);
		wk_transfer(&bounce, mdl, base, i * PAGE_SIZE + 100 * i, 1000, FALSE, device);
	}
	/* the one in the middle first, alone */
	wk_flush(&bounce, mdl, base, 3 * PAGE_SIZE + 300, 1000, FALSE);
	wk_expect_pattern(test, buffer->va + 3 * PAGE_SIZE + 300, 1000, 33);
	for (i = 0; i < 6; i++)
		if (i != 3)
			KUNIT_EXPECT_EQ(test, buffer->va[i * PAGE_SIZE + 100 * i],
					wk_pattern(1, i * PAGE_SIZE + 100 * i));
	wk_flush(&bounce, mdl, base, 0, buffer->bytes, FALSE);
	for (i = 0; i < 6; i++)
		wk_expect_pattern(test, buffer->va + i * PAGE_SIZE + 100 * i, 1000, 30 + i);
	wk_free_set(&bounce, base, 6);
}

/* Bounce pages that were allocated and given to the device, but nothing copied */
static void wk_bounce_pages_carry_data(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 0);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PSCATTER_GATHER_LIST list;
	PVOID base;

	list = wk_get_list(&bounce, mdl, 0, buffer->bytes, TRUE);
	wk_device_read_list(test, list, device);
	wk_expect_pattern(test, device, buffer->bytes, 1);
	wk_put_list(&bounce, list, TRUE);
	list = wk_get_list(&bounce, mdl, 0, buffer->bytes, FALSE);
	wk_fill(device, buffer->bytes, 2);
	wk_device_write_list(test, list, device);
	wk_put_list(&bounce, list, FALSE);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 2);

	base = wk_take_set(&bounce, 2);
	memset(device, 0, buffer->bytes);
	wk_transfer(&bounce, mdl, base, 0, buffer->bytes, TRUE, device);
	wk_expect_pattern(test, device, buffer->bytes, 2);
	wk_flush(&bounce, mdl, base, 0, buffer->bytes, TRUE);
	wk_fill(device, buffer->bytes, 3);
	wk_transfer(&bounce, mdl, base, 0, buffer->bytes, FALSE, device);
	wk_flush(&bounce, mdl, base, 0, buffer->bytes, FALSE);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 3);
	wk_free_set(&bounce, base, 2);
}

/* A buffer whose first page decided for all of it */
static void wk_first_page_does_not_decide(struct kunit *test)
{
	static const char * const patterns[] = { "nf", "nNNf", "fn", "fFnN" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(patterns); i++) {
		struct wdmdma_limits limits = {};
		struct wk_buffer *buffer = wk_alloc_split(test, patterns[i], &limits.last_address);
		struct wk_bounce bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
		const struct wk_span span = { 0, buffer->bytes };
		PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
		PSCATTER_GATHER_LIST list = wk_get_list(&bounce, mdl, 0, buffer->bytes, TRUE);

		wk_expect_list(&bounce, buffer, list, &span, 1);
		KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes,
				buffer->bytes / 2 - (i == 1 ? PAGE_SIZE : 0));
		wk_put_list(&bounce, list, TRUE);
	}
}

/*
 * A device of 32 bits that was handed whatever address the memory had, because it could do
 * scatter/gather. Here the limit is lower; memory above 4 GiB is for `make run`.
 */
static void wk_scatter_gather_does_not_mean_64_bits(struct kunit *test)
{
	struct wdmdma_limits limits = {};
	struct wk_buffer *buffer = wk_alloc_split(test, "fnfF", &limits.last_address);
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 32, SZ_64K);
	struct wk_bounce bounce = { .test = test, .last_address = limits.last_address };
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	struct wk_world *world = test->priv;
	PSCATTER_GATHER_LIST list;
	ULONG i;

	description.InterfaceType = PCIBus;
	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
	bounce.adapter = wk_get_described_adapter(test, &description, &bounce.regs);
	KUNIT_ASSERT_NOT_NULL(test, bounce.adapter);
	bounce.ops = bounce.adapter->DmaOperations;
	list = wk_get_list(&bounce, mdl, 0, buffer->bytes, FALSE);
	for (i = 0; i < list->NumberOfElements; i++)
		KUNIT_EXPECT_LE(test, list->Elements[i].Address.QuadPart +
				list->Elements[i].Length - 1, limits.last_address);
	wk_fill(device, buffer->bytes, 4);
	wk_device_write_list(test, list, device);
	wk_put_list(&bounce, list, FALSE);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 4);
}

/* A limit that was taken for the first address out of reach, or compared with the first byte */
static void wk_last_byte_at_the_limit(struct kunit *test)
{
	struct wdmdma_limits limits;
	struct wk_buffer *buffer = wk_alloc_split(test, "fF", &limits.last_address);
	PMDL mdl = wk_mdl(test, buffer, 0, buffer->bytes);
	struct wk_bounce bounce;
	int past;

	for (past = 0; past < 2; past++) {
		PSCATTER_GATHER_LIST list;

		/* the last byte of the buffer is at the limit, or one past it */
		limits = (struct wdmdma_limits){
			.last_address = wk_phys(buffer, buffer->bytes - 1) - past,
		};
		bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
		list = wk_get_list(&bounce, mdl, 0, buffer->bytes, TRUE);
		KUNIT_EXPECT_EQ(test, list->NumberOfElements, 1 + past);
		wk_expect_at(test, list->Elements[0].Address.QuadPart, buffer, 0);
		KUNIT_EXPECT_EQ(test, list->Elements[0].Length, (2 - past) * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).bounced_bytes,
				past * PAGE_SIZE);
		wk_put_list(&bounce, list, TRUE);
	}
}

enum wk_release {
	WK_BY_FREE_MAP_REGISTERS,
	WK_BY_FREE_ADAPTER_CHANNEL,
	WK_BY_ACTION,
	WK_BY_PUT,
};

static const struct wk_waker {
	const char *name;
	enum wk_release release;
	bool bounced;
} wk_wakers[] = {
	{ "FreeMapRegisters", WK_BY_FREE_MAP_REGISTERS, false },
	{ "FreeAdapterChannel", WK_BY_FREE_ADAPTER_CHANNEL, false },
	{ "DeallocateObject", WK_BY_ACTION, false },
	{ "PutScatterGatherList", WK_BY_PUT, false },
	{ "FreeMapRegisters, bounced", WK_BY_FREE_MAP_REGISTERS, true },
	{ "FreeAdapterChannel, bounced", WK_BY_FREE_ADAPTER_CHANNEL, true },
	{ "DeallocateObject, bounced", WK_BY_ACTION, true },
	{ "PutScatterGatherList, bounced", WK_BY_PUT, true },
};

static void wk_waker_desc(const struct wk_waker *waker, char *desc)
{
	strscpy(desc, waker->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_waker, wk_wakers, wk_waker_desc);

struct wk_waiting {
	const struct wk_bounce *bounce;
	struct wk_call set, list;
	PMDL mdl;
};

static void wk_ask_inside(struct wk_call *call)
{
	struct wk_waiting *waiting = call->data;

	wk_ask_set(waiting->bounce, 4, &waiting->set);
	wk_ask_list(waiting->bounce, waiting->mdl, 0, 4 * PAGE_SIZE, TRUE, &waiting->list);
}

/* Somebody who waits for registers, and is not told that they are free again */
static void wk_waiter_is_woken(struct kunit *test)
{
	const struct wk_waker *waker = test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	struct wk_bounce bounce = waker->bounced ? wk_get_forced(test, TRUE, SZ_64K, 4) :
						   wk_get_direct(test, 4);
	struct wk_waiting waiting = {
		.bounce = &bounce,
		.mdl = wk_mdl(test, buffer, 0, buffer->bytes),
	};
	struct wk_call owner = {};
	NTSTATUS status;

	wk_call_init(&owner, bounce.adapter, DeallocateObjectKeepRegisters);
	if (waker->release == WK_BY_FREE_ADAPTER_CHANNEL)
		owner.action = KeepObject;
	if (waker->release == WK_BY_ACTION)
		owner.action = DeallocateObject;
	owner.inside = wk_ask_inside;
	owner.data = &waiting;
	if (waker->release == WK_BY_PUT)
		status = bounce.ops->GetScatterGatherList(bounce.adapter, NULL, waiting.mdl,
							  MmGetMdlVirtualAddress(waiting.mdl),
							  4 * PAGE_SIZE, wk_list_control, &owner,
							  TRUE);
	else
		status = bounce.ops->AllocateAdapterChannel(bounce.adapter, NULL, 4, wk_control,
							    &owner);
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, owner.count, 1);
	if (waker->release != WK_BY_ACTION)
		KUNIT_EXPECT_EQ(test, waiting.set.count, 0);
	if (waker->release == WK_BY_FREE_MAP_REGISTERS)
		wk_free_set(&bounce, owner.base, 4);
	if (waker->release == WK_BY_FREE_ADAPTER_CHANNEL)
		bounce.ops->FreeAdapterChannel(bounce.adapter);
	if (waker->release == WK_BY_PUT)
		wk_put_list(&bounce, owner.list, TRUE);
	KUNIT_ASSERT_EQ_MSG(test, waiting.set.count, 1, "asleep for ever");
	KUNIT_EXPECT_EQ(test, waiting.list.count, 0);
	wk_free_set(&bounce, waiting.set.base, 4);
	KUNIT_ASSERT_EQ_MSG(test, waiting.list.count, 1, "asleep for ever");
	wk_put_list(&bounce, waiting.list.list, TRUE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).waiting, 0);
}

/* A request from the queue that gave the channel up, which then went to two others */
static void wk_one_owner_after_deallocate_object(struct kunit *test)
{
	struct wk_bounce bounce = wk_get_direct(test, 0);
	struct wk_call calls[6];
	int i, owner;

	for (i = 0; i < 6; i++) {
		wk_call_init(&calls[i], bounce.adapter, i % 2 ? DeallocateObject : KeepObject);
		bounce.ops->AllocateAdapterChannel(bounce.adapter, NULL, 1, wk_control, &calls[i]);
	}
	/* 0, 2 and 4 keep it in turn; each is followed by one that gives it up. */
	for (owner = 0; owner < 6; owner += 2) {
		for (i = 0; i < 6; i++)
			KUNIT_EXPECT_EQ_MSG(test, calls[i].count, i <= owner,
					    "routine %d while %d owns the channel", i, owner);
		bounce.ops->FreeAdapterChannel(bounce.adapter);
	}
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_FALSE(test, calls[i].nested);
	KUNIT_EXPECT_EQ(test, calls[5].count, 1);
	KUNIT_EXPECT_EQ(test, wk_calls(), 6);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).sets_live, 0);
	wk_expect_report(test, WD_REPORT_CHANNEL_FREED, 1);
	bounce.ops->FreeAdapterChannel(bounce.adapter);
}

static void wk_expect_frames(struct kunit *test, void *va, size_t bytes, bool is_vmalloc)
{
	PMDL mdl = IoAllocateMdl(va, bytes, FALSE, FALSE, NULL);
	unsigned int pages = DIV_ROUND_UP(offset_in_page(va) + bytes, PAGE_SIZE), i;

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	for (i = 0; i < pages; i++) {
		void *page = (void *)((unsigned long)va & PAGE_MASK) + i * PAGE_SIZE;
		unsigned long pfn = is_vmalloc ? vmalloc_to_pfn(page) :
						 page_to_pfn(virt_to_page(page));

		KUNIT_EXPECT_EQ(test, MmGetMdlPfnArray(mdl)[i], pfn);
	}
	IoFreeMdl(mdl);
}

/* PFN arrays that held page pointers, addresses, or the first page's number counted up */
static void wk_frames_are_page_frame_numbers(struct kunit *test)
{
	u8 *low = kunit_kzalloc(test, SZ_16K, GFP_KERNEL);
	u8 *scattered = wk_alloc_scattered(test, 4)->va;

	wk_expect_frames(test, low, SZ_16K, false);
	wk_expect_frames(test, low + 100, 10, false);
	wk_expect_frames(test, low + PAGE_SIZE - 1, 2, false);
	wk_expect_frames(test, scattered, 4 * PAGE_SIZE, true);
	wk_expect_frames(test, scattered + PAGE_SIZE - 1, PAGE_SIZE + 2, true);
}

/* NULL is a legal base on Windows, and nothing was allocated by it. */
static void wk_null_base_frees_nothing(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	struct wk_bounce bounces[] = {
		wk_get_direct(test, 4),
		wk_get_forced(test, TRUE, SZ_64K, 4),
		wk_get_forced(test, FALSE, SZ_64K, 4),
	};
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bounces); i++) {
		PVOID base = wk_take_set(&bounces[i], 4);
		struct wk_call call;

		wk_ask_set(&bounces[i], 4, &call);
		wk_free_set(&bounces[i], NULL, 4);
		wk_free_set(&bounces[i], NULL, 0);
		KUNIT_EXPECT_EQ(test, call.count, 0);
		wk_flush(&bounces[i], mdl, NULL, 0, PAGE_SIZE, FALSE);
		wk_free_set(&bounces[i], base, 4);
		KUNIT_ASSERT_EQ(test, call.count, 1);
		wk_free_set(&bounces[i], call.base, 4);
	}
}

#define WK_ROUTINES	10000

struct wk_long_queue {
	const struct wk_bounce *bounce;
	unsigned int count;
	bool in_routine, was_nested;
	unsigned long first_frame, deepest;
};

static void wk_note_depth(struct wk_long_queue *queue)
{
	unsigned long frame = (unsigned long)__builtin_frame_address(0);

	queue->count++;
	queue->was_nested |= queue->in_routine;
	queue->in_routine = true;
	/* A tasklet takes over after a while, on a stack of its own. */
	if (!in_task())
		return;
	if (!queue->first_frame)
		queue->first_frame = frame;
	if (queue->first_frame > frame)
		queue->deepest = max(queue->deepest, queue->first_frame - frame);
}

static IO_ALLOCATION_ACTION wk_long_control(PDEVICE_OBJECT object, PIRP irp, PVOID base,
					    PVOID context)
{
	struct wk_long_queue *queue = context;

	wk_note_depth(queue);
	wk_free_set(queue->bounce, base, 1);
	queue->in_routine = false;
	return DeallocateObjectKeepRegisters;
}

/* ... and one that releases the channel itself, as an owner that keeps it does */
static IO_ALLOCATION_ACTION wk_long_keep_control(PDEVICE_OBJECT object, PIRP irp, PVOID base,
						 PVOID context)
{
	struct wk_long_queue *queue = context;

	wk_note_depth(queue);
	queue->bounce->ops->FreeAdapterChannel(queue->bounce->adapter);
	queue->in_routine = false;
	return KeepObject;
}

static VOID wk_long_list_control(PDEVICE_OBJECT object, PIRP irp, PSCATTER_GATHER_LIST list,
				 PVOID context)
{
	struct wk_long_queue *queue = context;

	wk_note_depth(queue);
	wk_put_list(queue->bounce, list, TRUE);
	queue->in_routine = false;
}

/* Routines that each free what the next one waits for, and each called by the one before */
static void wk_ten_thousand_routines(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	struct wk_bounce bounces[] = {
		wk_get_direct(test, 2),
		wk_get_forced(test, TRUE, SZ_64K, 2),
	};
	PMDL mdl = wk_mdl(test, buffer, 0, PAGE_SIZE);
	PVOID va = MmGetMdlVirtualAddress(mdl);
	unsigned int i, j, refused = 0;

	for (j = 0; j < ARRAY_SIZE(bounces); j++) {
		struct wk_bounce *bounce = &bounces[j];
		struct wk_long_queue queue = { .bounce = bounce };
		PVOID base = wk_take_set(bounce, 2);
		NTSTATUS status;

		for (i = 0; i < WK_ROUTINES; i++) {
			/* a set among lists now and then: each has memory of a page */
			if (i % 8)
				status = bounce->ops->GetScatterGatherList(bounce->adapter, NULL,
						mdl, va, PAGE_SIZE, wk_long_list_control, &queue,
						TRUE);
			else
				status = bounce->ops->AllocateAdapterChannel(bounce->adapter, NULL,
						1, i % 16 ? wk_long_control : wk_long_keep_control,
						&queue);
			refused += status != STATUS_SUCCESS;
		}
		KUNIT_EXPECT_EQ(test, refused, 0);
		KUNIT_EXPECT_EQ(test, queue.count, 0);
		wk_free_set(bounce, base, 2);
		KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(queue.count) == WK_ROUTINES));
		KUNIT_EXPECT_FALSE_MSG(test, queue.was_nested, "called inside another routine");
		KUNIT_EXPECT_NE(test, queue.first_frame, 0);
		/* Sets and lists are called through different functions: some frames. */
		KUNIT_EXPECT_LT(test, queue.deepest, 1024);
		KUNIT_EXPECT_TRUE(test, wk_wait_for(!wk_stats(test, bounce->adapter).lists_live));
	}
}

/* One Flush for a transfer that took several calls to map, of which only the first was released */
static void wk_one_flush_over_many_runs(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 9);
	struct wk_bounce bounces[] = {
		wk_get_direct(test, 9),
		wk_get_forced(test, TRUE, SZ_64K, 9),
	};
	PMDL mdl = wk_mdl(test, buffer, 50, buffer->bytes - 100);
	ULONG total = buffer->bytes - 100;
	u8 *device = kunit_kzalloc(test, total, GFP_KERNEL);
	int i, round;

	for (i = 0; i < 2; i++) {
		PVOID base = wk_take_set(&bounces[i], 9);

		for (round = 0; round < 3; round++) {
			wk_fill(device, total, 10 * i + round);
			wk_transfer(&bounces[i], mdl, base, 0, total, FALSE, device);
			wk_flush(&bounces[i], mdl, base, 0, total, FALSE);
			wk_expect_pattern(test, buffer->va + 50, total, 10 * i + round);
		}
		wk_free_set(&bounces[i], base, 9);
	}
}

static struct kunit_case wk_known_cases[] = {
	KUNIT_CASE(wk_more_than_16_elements),
	KUNIT_CASE(wk_size_of_a_list_counts_the_offset),
	KUNIT_CASE(wk_data_of_the_right_register),
	KUNIT_CASE(wk_bounce_pages_carry_data),
	KUNIT_CASE(wk_first_page_does_not_decide),
	KUNIT_CASE(wk_scatter_gather_does_not_mean_64_bits),
	KUNIT_CASE(wk_last_byte_at_the_limit),
	KUNIT_CASE_PARAM(wk_waiter_is_woken, wk_waker_gen_params),
	KUNIT_CASE(wk_one_owner_after_deallocate_object),
	KUNIT_CASE(wk_frames_are_page_frame_numbers),
	KUNIT_CASE(wk_null_base_frees_nothing),
	KUNIT_CASE(wk_ten_thousand_routines),
	KUNIT_CASE(wk_one_flush_over_many_runs),
	{}
};

static struct kunit_suite wk_known_suite = {
	.name = "wdmdma_known",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_known_cases,
};

kunit_test_suite(wk_known_suite);
