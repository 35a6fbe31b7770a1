// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pages that wdmdma copies through are few: who gets them, who waits for them, and that all of
 * them come back. The queue itself is queue_kunit.c's and sglist_wait_kunit.c's.
 */
#include <linux/bottom_half.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "bounce.h"

static u32 wk_waiting(const struct wk_bounce *bounce)
{
	return wk_stats(bounce->test, bounce->adapter).waiting;
}

/* A part of a buffer, page by page */
static PMDL wk_pages(struct kunit *test, struct wk_buffer *buffer, u32 first, u32 count)
{
	return wk_mdl(test, buffer, first * PAGE_SIZE, count * PAGE_SIZE);
}

static void wk_ask_pages(const struct wk_bounce *bounce, PMDL mdl, struct wk_call *call)
{
	wk_ask_list(bounce, mdl, 0, MmGetMdlByteCount(mdl), FALSE, call);
}

/* A channel request takes as many pages as registers, whatever will be mapped with them. */
static void wk_sets_take_a_page_a_register(struct kunit *test)
{
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 4);
	PVOID first = wk_take_set(&bounce, 3), last = wk_take_set(&bounce, 1);
	struct wk_call one, none;

	KUNIT_EXPECT_EQ(test, bounce.regs, 4);
	wk_ask_set(&bounce, 1, &one);
	wk_ask_set(&bounce, 0, &none);
	KUNIT_EXPECT_EQ_MSG(test, one.count, 0, "no page is left");
	KUNIT_EXPECT_EQ_MSG(test, none.count, 0, "nobody overtakes");
	KUNIT_EXPECT_EQ(test, wk_waiting(&bounce), 2);
	wk_free_set(&bounce, last, 1);
	KUNIT_ASSERT_EQ(test, one.count, 1);
	KUNIT_ASSERT_EQ(test, none.count, 1);
	wk_free_set(&bounce, none.base, 0);
	wk_free_set(&bounce, one.base, 1);
	wk_free_set(&bounce, first, 3);
	wk_expect_whole_pool(&bounce);
}

/* A list takes only what it has to copy; of what is in reach there may be any number. */
static void wk_lists_take_what_is_out_of_reach(struct kunit *test)
{
	struct wdmdma_limits limits = { .pool_registers = 4 };
	struct wk_buffer *buffer = wk_alloc_split(test, "nnnfnnff", &limits.last_address);
	struct wk_bounce bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
	PMDL one = wk_pages(test, buffer, 0, 4), none = wk_pages(test, buffer, 0, 3);
	PMDL two = wk_pages(test, buffer, 4, 4);
	PSCATTER_GATHER_LIST lists[4], near;
	struct wk_call call, behind;
	u8 *device = kunit_kzalloc(test, 4 * PAGE_SIZE, GFP_KERNEL);
	int i;

	KUNIT_EXPECT_EQ(test, bounce.regs, 4);
	for (i = 0; i < 4; i++)
		lists[i] = wk_get_list(&bounce, one, 0, 4 * PAGE_SIZE, TRUE);
	/* No page is left, and none is needed. */
	near = wk_get_list(&bounce, none, 0, 3 * PAGE_SIZE, TRUE);
	wk_ask_pages(&bounce, two, &call);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	/* Strictly in order: what needs nothing waits behind what does. */
	wk_ask_pages(&bounce, none, &behind);
	KUNIT_EXPECT_EQ(test, behind.count, 0);
	wk_put_list(&bounce, near, TRUE);
	wk_put_list(&bounce, lists[2], TRUE);
	KUNIT_EXPECT_EQ_MSG(test, call.count, 0, "one page is not two");
	wk_put_list(&bounce, lists[0], TRUE);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	KUNIT_ASSERT_EQ(test, behind.count, 1);
	KUNIT_EXPECT_LT(test, call.order, behind.order);

	wk_fill(device, 4 * PAGE_SIZE, 44);
	wk_device_write_list(test, call.list, device);
	wk_put_list(&bounce, call.list, FALSE);
	wk_expect_pattern(test, buffer->va + 4 * PAGE_SIZE, 4 * PAGE_SIZE, 44);
	wk_put_list(&bounce, behind.list, FALSE);
	wk_put_list(&bounce, lists[1], TRUE);
	wk_put_list(&bounce, lists[3], TRUE);
	wk_expect_whole_pool(&bounce);
}

/* Registers, not pages, are compared with R: too many never work. */
static void wk_more_registers_than_r(struct kunit *test)
{
	struct wdmdma_limits limits = { .pool_registers = 4 };
	struct wk_buffer *buffer = wk_alloc_split(test, "nnnnf", &limits.last_address);
	struct wk_bounce bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
	PMDL mdl = wk_pages(test, buffer, 0, 5);
	PVOID va = MmGetMdlVirtualAddress(mdl);
	ULONG size = 0, regs = 0;
	struct wk_call call;
	NTSTATUS status;

	wk_call_init(&call, bounce.adapter, KeepObject);
	status = bounce.ops->GetScatterGatherList(bounce.adapter, NULL, mdl, va, 5 * PAGE_SIZE,
						  wk_list_control, &call, TRUE);
	KUNIT_EXPECT_EQ(test, status, STATUS_INSUFFICIENT_RESOURCES);
	status = bounce.ops->CalculateScatterGatherList(bounce.adapter, mdl, va, 5 * PAGE_SIZE,
							&size, &regs);
	KUNIT_EXPECT_EQ(test, status, STATUS_INSUFFICIENT_RESOURCES);
	status = bounce.ops->CalculateScatterGatherList(bounce.adapter, NULL, NULL, 4 * PAGE_SIZE,
							&size, &regs);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, regs, 4);
	status = bounce.ops->AllocateAdapterChannel(bounce.adapter, NULL, 5, wk_control, &call);
	KUNIT_EXPECT_EQ(test, status, STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, call.count, 0);
}

static const BOOLEAN wk_kinds[] = { TRUE, FALSE };

static void wk_kind_desc(const BOOLEAN *kind, char *desc)
{
	strscpy(desc, *kind ? "scatter/gather" : "window", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_kind, wk_kinds, wk_kind_desc);

/* Channel and list requests wait in one line, in the order they were made. */
static void wk_one_line_for_sets_and_lists(struct kunit *test)
{
	BOOLEAN kind = *(const BOOLEAN *)test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	struct wk_bounce bounce = wk_get_forced(test, kind, SZ_64K, 4);
	PMDL four = wk_pages(test, buffer, 0, 4), two = wk_pages(test, buffer, 1, 2);
	PMDL one = wk_pages(test, buffer, 3, 1);
	struct wk_call set, list, small, last;
	PVOID base = wk_take_set(&bounce, 2);
	PSCATTER_GATHER_LIST live = wk_get_list(&bounce, one, 0, PAGE_SIZE, FALSE);

	wk_ask_pages(&bounce, four, &list);
	wk_ask_set(&bounce, 3, &set);
	wk_ask_pages(&bounce, one, &small);
	wk_ask_pages(&bounce, two, &last);
	KUNIT_EXPECT_EQ(test, wk_waiting(&bounce), 4);
	wk_put_list(&bounce, live, FALSE);
	KUNIT_EXPECT_EQ(test, wk_waiting(&bounce), 4);
	wk_free_set(&bounce, base, 2);
	KUNIT_ASSERT_EQ(test, list.count, 1);
	KUNIT_EXPECT_EQ(test, wk_waiting(&bounce), 3);
	wk_put_list(&bounce, list.list, FALSE);
	KUNIT_ASSERT_EQ(test, set.count, 1);
	KUNIT_ASSERT_EQ(test, small.count, 1);
	KUNIT_EXPECT_EQ(test, last.count, 0);
	KUNIT_EXPECT_LT(test, set.order, small.order);
	wk_put_list(&bounce, small.list, FALSE);
	KUNIT_EXPECT_EQ(test, last.count, 0);
	wk_free_set(&bounce, set.base, 3);
	KUNIT_ASSERT_EQ(test, last.count, 1);
	wk_put_list(&bounce, last.list, FALSE);
	wk_expect_whole_pool(&bounce);
}

/* A list of a device without scatter/gather takes all its registers, copied or not. */
static void wk_windows_of_lists_take_all_registers(struct kunit *test)
{
	struct wdmdma_limits limits = { .pool_registers = 4 };
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	struct wk_bounce bounce = wk_get_bounce(test, FALSE, SZ_64K, limits);
	PMDL three = wk_pages(test, buffer, 0, 3), two = wk_pages(test, buffer, 2, 2);
	PSCATTER_GATHER_LIST list = wk_get_list(&bounce, three, 0, 3 * PAGE_SIZE, FALSE);
	struct wk_call call;

	wk_ask_pages(&bounce, two, &call);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_put_list(&bounce, list, FALSE);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	wk_put_list(&bounce, call.list, FALSE);
	wk_expect_whole_pool(&bounce);
}

/* What is copied to the device is what the memory holds when the request is granted. */
static void wk_copied_when_granted(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 4);
	PMDL mdl = wk_pages(test, buffer, 0, 4);
	u8 *device = kunit_kzalloc(test, 4 * PAGE_SIZE, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, 1);
	struct wk_call call;

	wk_ask_list(&bounce, mdl, 0, 4 * PAGE_SIZE, TRUE, &call);
	KUNIT_ASSERT_EQ(test, call.count, 0);
	wk_fill(buffer->va, buffer->bytes, 45);
	wk_free_set(&bounce, base, 1);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	wk_device_read_list(test, call.list, device);
	wk_expect_pattern(test, device, 4 * PAGE_SIZE, 45);
	wk_put_list(&bounce, call.list, TRUE);
}

/* A flush gives pages back to the set, not to the others. */
static void wk_flush_frees_no_page(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 4);
	PMDL mdl = wk_pages(test, buffer, 0, 4);
	u8 *device = kunit_kzalloc(test, 4 * PAGE_SIZE, GFP_KERNEL);
	PVOID base = wk_take_set(&bounce, 4);
	struct wk_call call;

	wk_ask_pages(&bounce, mdl, &call);
	wk_transfer(&bounce, mdl, base, 0, 4 * PAGE_SIZE, TRUE, device);
	wk_flush(&bounce, mdl, base, 0, 4 * PAGE_SIZE, TRUE);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_free_set(&bounce, base, 4);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	wk_put_list(&bounce, call.list, FALSE);
}

/* Two adapters of a device have pages of their own. */
static void wk_adapters_share_no_pages(struct kunit *test)
{
	struct wk_bounce one = wk_get_forced(test, TRUE, SZ_64K, 4);
	struct wk_bounce other = wk_get_forced(test, TRUE, SZ_64K, 4);
	PVOID base = wk_take_set(&one, 4);

	wk_expect_whole_pool(&other);
	wk_free_set(&one, base, 4);
	wk_expect_whole_pool(&one);
}

static void wk_waiters_of_a_dead_adapter_are_dropped(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 4);
	PMDL mdl = wk_pages(test, buffer, 0, 4);
	struct wk_call list, set;

	wk_take_set(&bounce, 3);
	wk_ask_pages(&bounce, mdl, &list);
	wk_ask_set(&bounce, 4, &set);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	wk_put_adapter(test, bounce.adapter);
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&list.done, HZ / 20), 0);
	KUNIT_EXPECT_EQ(test, list.count + set.count, 0);
}

/* Put with interrupts off: the pages are back at once, and who waited gets them a little later. */
static void wk_interrupts_off(struct kunit *test)
{
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_64K, 4);
	PMDL mdl = wk_pages(test, buffer, 0, 4);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	PSCATTER_GATHER_LIST list = wk_get_list(&bounce, mdl, 0, buffer->bytes, FALSE);
	struct wk_call call;
	unsigned long flags;
	unsigned int count;

	wk_ask_pages(&bounce, mdl, &call);
	wk_fill(device, buffer->bytes, 46);
	wk_device_write_list(test, list, device);
	local_irq_save(flags);
	wk_put_list(&bounce, list, FALSE);
	count = call.count;
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, count, 0);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 46);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&call.done, 5 * HZ), 0);
	wk_put_list(&bounce, call.list, FALSE);
	wk_expect_whole_pool(&bounce);
}

/*
 * A mapping that fails in the middle of a list gives back what was mapped and copied before it. Get
 * says so; Build waits for its turn to come again.
 */
static void wk_failing_map_gives_everything_back(struct kunit *test)
{
	struct wdmdma_limits limits = { .pool_registers = 6 };
	struct wk_buffer *buffer = wk_alloc_split(test, "nffnfn", &limits.last_address);
	struct wk_bounce bounce = wk_get_bounce(test, TRUE, SZ_64K, limits);
	PMDL mdl = wk_pages(test, buffer, 0, 6), last = wk_pages(test, buffer, 1, 5);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	void *memory = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	PVOID va = MmGetMdlVirtualAddress(mdl);
	struct wk_call call;
	NTSTATUS status;
	int i;

	wk_call_init(&call, bounce.adapter, KeepObject);
	for (i = 0; i < 8; i++) {
		/* the first mapping of this MDL comes after two pages that are copied */
		KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(bounce.adapter, 1), 0);
		status = bounce.ops->GetScatterGatherList(bounce.adapter, NULL, last,
							  MmGetMdlVirtualAddress(last),
							  5 * PAGE_SIZE, wk_list_control, &call,
							  TRUE);
		KUNIT_EXPECT_EQ(test, status, STATUS_INSUFFICIENT_RESOURCES);
		KUNIT_EXPECT_EQ(test, call.count, 0);
		KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).lists_live, 0);
	}
	KUNIT_EXPECT_EQ(test, wdmdma_fail_next_maps(bounce.adapter, 1), 0);
	status = bounce.ops->BuildScatterGatherList(bounce.adapter, NULL, mdl, va, buffer->bytes,
						    wk_list_control, &call, FALSE, memory,
						    PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&call.done, 5 * HZ), 0);
	wk_fill(device, buffer->bytes, 47);
	wk_device_write_list(test, call.list, device);
	wk_put_list(&bounce, call.list, FALSE);
	wk_expect_pattern(test, buffer->va, buffer->bytes, 47);
	wk_expect_whole_pool(&bounce);
}

/* Whatever has been going on, in the end all pages are there. */
static void wk_pages_survive_any_history(struct kunit *test)
{
	BOOLEAN kind = *(const BOOLEAN *)test->param_value;
	struct wk_buffer *buffer = wk_alloc_scattered(test, 8);
	struct wk_bounce bounce = wk_get_forced(test, kind, SZ_64K, 8);
	PMDL mdl = wk_pages(test, buffer, 0, 8);
	u8 *device = kunit_kzalloc(test, buffer->bytes, GFP_KERNEL);
	u32 random = 12345, i, dropped = 0;

	for (i = 0; i < 300; i++) {
		u32 pages, offset, bytes;
		bool write;

		random = random * 1103515245 + 12345;
		pages = 1 + (random >> 8) % 7;
		offset = (random >> 12) % PAGE_SIZE;
		bytes = 1 + (random >> 10) % (pages * PAGE_SIZE - offset);
		write = random >> 31;
		if (random >> 16 & 1) {
			PSCATTER_GATHER_LIST list = wk_get_list(&bounce, mdl, offset, bytes, write);
			struct wk_call waits;

			wk_ask_set(&bounce, 8, &waits);
			wk_put_list(&bounce, list, write);
			KUNIT_ASSERT_EQ(test, waits.count, 1);
			wk_free_set(&bounce, waits.base, 8);
		} else {
			PVOID base = wk_take_set(&bounce, pages);

			wk_transfer(&bounce, mdl, base, offset, bytes, write, device);
			if (random >> 17 & 3)
				wk_flush(&bounce, mdl, base, offset,
					 random >> 19 & 1 ? bytes : bytes / 2, write);
			else
				dropped++;
			wk_free_set(&bounce, base, pages);
		}
	}
	KUNIT_EXPECT_GT(test, dropped, 0);
	wk_expect_unflushed(test, dropped);
	wk_expect_whole_pool(&bounce);
}

struct wk_number {
	const char *name;
	ULONG maximum_length;
	u32 pool;
	ULONG regs;
	bool window;
};

static const struct wk_number wk_numbers[] = {
	{ "MaximumLength 0", 0, 0, 2 },
	{ "one byte", 1, 0, 2 },
	{ "a page", PAGE_SIZE, 0, 2 },
	{ "a page and a byte", PAGE_SIZE + 1, 0, 3 },
	{ "64 KiB", SZ_64K, 0, 17 },
	{ "1 MiB", SZ_1M, 0, 257 },
	{ "a byte more than the pages hold", SZ_1M + 1, 0, 257 },
	{ "1 GiB", SZ_1G, 0, 257 },
	{ "all ones", U32_MAX, 0, 257 },
	{ "pool of 1: the floor", SZ_64K, 1, 2 },
	{ "pool of 2", SZ_64K, 2, 2 },
	{ "pool of 100", SZ_1M, 100, 100 },
	{ "pool larger than all pages", SZ_1G, 5000, 257 },
	{ "window, one byte", 1, 0, 2, true },
	{ "window, 64 KiB", SZ_64K, 0, 17, true },
	{ "window, pool of 1: the floor", SZ_64K, 1, 2, true },
	{ "window, pool of 12", SZ_64K, 12, 12, true },
};

static void wk_number_desc(const struct wk_number *number, char *desc)
{
	strscpy(desc, number->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_number, wk_numbers, wk_number_desc);

/* R is what can always be granted, and what is granted can always be mapped. */
static void wk_number_of_registers(struct kunit *test)
{
	const struct wk_number *number = test->param_value;
	struct wk_bounce bounce = wk_get_forced(test, !number->window, number->maximum_length,
						number->pool);
	ULONG size = 0, regs = 0;
	NTSTATUS status;

	status = bounce.ops->CalculateScatterGatherList(bounce.adapter, NULL, NULL,
							bounce.regs * PAGE_SIZE, &size, &regs);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, regs, number->regs);
	status = bounce.ops->CalculateScatterGatherList(bounce.adapter, NULL, NULL,
							bounce.regs * PAGE_SIZE + 1, &size, NULL);
	KUNIT_EXPECT_EQ(test, status, STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, bounce.regs, number->regs);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce.adapter).map_registers, number->regs);
	wk_expect_whole_pool(&bounce);
}

/* A list of R pages is one that can always be had, and R + 1 is one too many. */
static void wk_longest_list(struct kunit *test)
{
	struct wk_bounce bounce = wk_get_forced(test, TRUE, SZ_1G, 0);
	struct wk_buffer *buffer = wk_alloc_scattered(test, bounce.regs + 1);
	PMDL mdl = wk_pages(test, buffer, 0, bounce.regs + 1);
	const struct wk_span span = { 0, bounce.regs * PAGE_SIZE };
	u8 *device = kvmalloc(span.bytes, GFP_KERNEL);
	PSCATTER_GATHER_LIST list;
	struct wk_call call;
	NTSTATUS status;

	KUNIT_ASSERT_NOT_NULL(test, device);
	list = wk_get_list(&bounce, mdl, 0, span.bytes, TRUE);
	wk_expect_list(&bounce, buffer, list, &span, 1);
	wk_device_read_list(test, list, device);
	wk_expect_pattern(test, device, span.bytes, 1);
	wk_put_list(&bounce, list, TRUE);
	wk_call_init(&call, bounce.adapter, KeepObject);
	status = bounce.ops->GetScatterGatherList(bounce.adapter, NULL, mdl, buffer->va,
						  span.bytes + 1, wk_list_control, &call, TRUE);
	KUNIT_EXPECT_EQ(test, status, STATUS_INSUFFICIENT_RESOURCES);
	kvfree(device);
}

static struct kunit_case wk_bounce_wait_cases[] = {
	KUNIT_CASE(wk_sets_take_a_page_a_register),
	KUNIT_CASE(wk_lists_take_what_is_out_of_reach),
	KUNIT_CASE(wk_more_registers_than_r),
	KUNIT_CASE_PARAM(wk_one_line_for_sets_and_lists, wk_kind_gen_params),
	KUNIT_CASE(wk_windows_of_lists_take_all_registers),
	KUNIT_CASE(wk_copied_when_granted),
	KUNIT_CASE(wk_flush_frees_no_page),
	KUNIT_CASE(wk_adapters_share_no_pages),
	KUNIT_CASE(wk_waiters_of_a_dead_adapter_are_dropped),
	KUNIT_CASE(wk_interrupts_off),
	KUNIT_CASE(wk_failing_map_gives_everything_back),
	KUNIT_CASE_PARAM(wk_pages_survive_any_history, wk_kind_gen_params),
	KUNIT_CASE_PARAM(wk_number_of_registers, wk_number_gen_params),
	KUNIT_CASE(wk_longest_list),
	{}
};

static struct kunit_suite wk_bounce_wait_suite = {
	.name = "wdmdma_bounce_wait",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_bounce_wait_cases,
};

kunit_test_suite(wk_bounce_wait_suite);
