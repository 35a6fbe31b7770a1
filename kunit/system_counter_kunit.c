// SPDX-License-Identifier: GPL-2.0-only
/*
 * ReadDmaCounter: what is left of a transfer, as far as the controller can tell.
 */
#include "system.h"

#define WK_BYTES	(2 * PAGE_SIZE)

struct wk_count {
	struct wk_sys sys;
	PVOID base;
	PMDL mdl;
	ULONG length;
};

static struct wk_count wk_count_wide(struct kunit *test, struct wk_dma_kind kind, bool write,
				     DMA_WIDTH width)
{
	DEVICE_DESCRIPTION description = wk_sys_description(3);
	struct wk_count count = {
		.mdl = wk_mdl(test, wk_alloc_scattered(test, 2), 0, WK_BYTES),
		.length = WK_BYTES,
	};

	description.DmaWidth = width;
	count.sys = wk_sys_of(test, wk_sys_bind(test, kind), description);
	KUNIT_EXPECT_EQ(test, count.sys.ops->ReadDmaCounter(count.sys.adapter), 0);
	count.base = wk_sys_own(&count.sys);
	KUNIT_EXPECT_EQ(test, count.sys.ops->ReadDmaCounter(count.sys.adapter), 0);
	KUNIT_EXPECT_EQ(test, wk_sys_map(&count.sys, count.base, count.mdl, 0, &count.length, write,
					 NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, count.sys.ops->ReadDmaCounter(count.sys.adapter), WK_BYTES);
	return count;
}

static struct wk_count wk_count(struct kunit *test, struct wk_dma_kind kind, bool write)
{
	return wk_count_wide(test, kind, write, Width8Bits);
}

static ULONG wk_counter(struct wk_count *count)
{
	return count->sys.ops->ReadDmaCounter(count->sys.adapter);
}

static void wk_count_end(struct wk_count *count)
{
	wk_sys_flush(&count->sys, count->base, count->mdl, 0, count->length, true);
	wk_sys_free(&count->sys);
	KUNIT_EXPECT_EQ(count->sys.test, wk_counter(count), 0);
}

static void by_bytes(struct kunit *test)
{
	struct wk_count count = wk_count(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST }, true);

	wk_dma_move(test, count.sys.chan, 1);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), WK_BYTES - 1);
	/* Over all elements, not of the present one */
	wk_dma_move(test, count.sys.chan, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), PAGE_SIZE - 1);
	/* What the engine holds matters on the way to memory only. */
	count.sys.chan->in_flight = 16;
	KUNIT_EXPECT_EQ(test, wk_counter(&count), PAGE_SIZE - 1);
	wk_dma_complete(test, count.sys.chan);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), 0);
	wk_count_end(&count);
}

static void by_elements(struct kunit *test)
{
	struct wk_count count = wk_count(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_SEGMENT }, true);

	wk_dma_move(test, count.sys.chan, PAGE_SIZE - 1);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), WK_BYTES);
	wk_dma_move(test, count.sys.chan, 1);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), WK_BYTES - PAGE_SIZE);
	wk_dma_complete(test, count.sys.chan);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), 0);
	wk_count_end(&count);
}

static void not_at_all(struct kunit *test)
{
	struct wk_count count = wk_count(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_DESCRIPTOR }, true);

	wk_dma_move(test, count.sys.chan, PAGE_SIZE + 5);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), WK_BYTES);
	wk_dma_complete(test, count.sys.chan);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), 0);
	wk_count_end(&count);
}

static void in_flight(struct kunit *test)
{
	struct wk_count count = wk_count(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST }, false);

	wk_dma_move(test, count.sys.chan, 100);
	count.sys.chan->in_flight = 16;
	KUNIT_EXPECT_EQ(test, wk_counter(&count), WK_BYTES - 100 + 16);
	/* Never more than there was */
	count.sys.chan->in_flight = 5000;
	KUNIT_EXPECT_EQ(test, wk_counter(&count), WK_BYTES);
	count.sys.chan->in_flight = 0;
	wk_dma_complete(test, count.sys.chan);
	wk_count_end(&count);
}

/* Drivers without a routine poll for 0, which must not wait for the callback. */
static void complete_before_the_callback(struct kunit *test)
{
	struct wk_count count = wk_count(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST }, true);
	struct dma_chan *chan = &count.sys.chan->chan;

	wk_dma_move(test, count.sys.chan, U32_MAX);
	chan->completed_cookie = chan->cookie;
	KUNIT_EXPECT_EQ(test, wk_counter(&count), 0);
	wk_dma_callback(test, count.sys.chan, DMA_TRANS_NOERROR);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), 0);
	wk_count_end(&count);
}

static void what_failed_stays_readable(struct kunit *test)
{
	struct wk_count count = wk_count(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST }, true);

	wk_dma_move(test, count.sys.chan, 300);
	wk_dma_callback(test, count.sys.chan, DMA_TRANS_WRITE_FAILED);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), WK_BYTES - 300);
	wk_sys_flush(&count.sys, count.base, count.mdl, 0, 300, true);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), WK_BYTES - 300);
	/* Until the next one is mapped. */
	count.length = 64;
	wk_sys_map(&count.sys, count.base, count.mdl, 0, &count.length, true, NULL);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), 64);
	wk_dma_complete(test, count.sys.chan);
	wk_count_end(&count);
}

/* Bytes, not units of the register */
static void of_wide_registers(struct kunit *test)
{
	const DMA_WIDTH *width = test->param_value;
	struct wk_count count = wk_count_wide(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST }, true, *width);

	KUNIT_EXPECT_EQ(test, count.sys.chan->config.dst_addr_width, 1 << *width);
	wk_dma_move(test, count.sys.chan, 96);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), WK_BYTES - 96);
	wk_dma_complete(test, count.sys.chan);
	wk_count_end(&count);
}

static const DMA_WIDTH wk_widths[] = { Width8Bits, Width16Bits, Width32Bits, Width64Bits };

static void wk_width_name(const DMA_WIDTH *width, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%u bits", 8 << *width);
}

KUNIT_ARRAY_PARAM(wk_width, wk_widths, wk_width_name);

/* Where it moves from element to element, what it showed last is what stays. */
static void by_elements_stopped(struct kunit *test)
{
	struct wk_count count = wk_count(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_SEGMENT }, true);

	wk_dma_move(test, count.sys.chan, PAGE_SIZE + 77);
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(&count.sys), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), PAGE_SIZE);
	wk_sys_flush(&count.sys, count.base, count.mdl, 0, count.length, true);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), PAGE_SIZE);
	/* And when it is flushed while it runs. */
	count.length = WK_BYTES;
	wk_sys_map(&count.sys, count.base, count.mdl, 0, &count.length, true, NULL);
	wk_dma_move(test, count.sys.chan, PAGE_SIZE - 1);
	wk_sys_flush(&count.sys, count.base, count.mdl, 0, count.length, true);
	KUNIT_EXPECT_EQ(test, wk_counter(&count), WK_BYTES);
	wk_count_end(&count);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(by_bytes),
	KUNIT_CASE_PARAM(of_wide_registers, wk_width_gen_params),
	KUNIT_CASE(by_elements),
	KUNIT_CASE(by_elements_stopped),
	KUNIT_CASE(not_at_all),
	KUNIT_CASE(in_flight),
	KUNIT_CASE(complete_before_the_callback),
	KUNIT_CASE(what_failed_stays_readable),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_system_counter",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
