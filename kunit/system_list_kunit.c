// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lists of versions 1 and 2 for system DMA: one element, the controller started before the
 * routine is called, and the channel owned until Put.
 */
#include <linux/sizes.h>

#include "system.h"

#define WK_BYTES	(2 * PAGE_SIZE)
#define WK_BUFFER	2048

struct wk_listing {
	struct wk_sys sys;
	struct wk_buffer *buffer;
	PMDL mdl;
	struct wk_call call;
	void *memory;			/* for Build */
};

static struct wk_listing *wk_listing_of(struct kunit *test, struct wk_dma_kind kind)
{
	struct wk_listing *listing = kunit_kzalloc(test, sizeof(*listing), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, listing);
	kind.granularity = DMA_RESIDUE_GRANULARITY_BURST;
	listing->sys = wk_sys_of(test, wk_sys_bind(test, kind), wk_sys_description(2));
	listing->buffer = wk_alloc_scattered(test, 2);
	listing->mdl = wk_mdl(test, listing->buffer, 0, WK_BYTES);
	listing->memory = kunit_kzalloc(test, WK_BUFFER, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, listing->memory);
	wk_call_init(&listing->call, listing->sys.adapter, DeallocateObject);
	return listing;
}

static struct wk_listing *wk_listing(struct kunit *test)
{
	return wk_listing_of(test, (struct wk_dma_kind){});
}

static NTSTATUS wk_get_list(struct wk_listing *listing, struct wk_call *call, bool write)
{
	struct wk_sys *sys = &listing->sys;

	return wk_at_dispatch(sys->ops->GetScatterGatherList(sys->adapter, sys->object,
			listing->mdl, MmGetMdlVirtualAddress(listing->mdl), WK_BYTES,
			wk_list_control, call, write));
}

static NTSTATUS wk_build_list(struct wk_listing *listing, struct wk_call *call, bool write)
{
	struct wk_sys *sys = &listing->sys;

	return wk_at_dispatch(sys->ops->BuildScatterGatherList(sys->adapter, sys->object,
			listing->mdl, MmGetMdlVirtualAddress(listing->mdl), WK_BYTES,
			wk_list_control, call, write, listing->memory, WK_BUFFER));
}

static void wk_put_list(struct wk_listing *listing, PSCATTER_GATHER_LIST list)
{
	local_bh_disable();
	listing->sys.ops->PutScatterGatherList(listing->sys.adapter, list, FALSE);
	local_bh_enable();
}

static void wk_look_inside(struct wk_call *call)
{
	struct wk_listing *listing = call->data;

	if (wk_dma_is_busy(listing->sys.chan))
		call->data = NULL;
}

static void wk_list_moves(struct kunit *test, struct wk_listing *listing, bool build, bool write)
{
	struct wk_sys *sys = &listing->sys;
	struct wk_call *call = &listing->call;

	wk_call_init(call, sys->adapter, DeallocateObject);
	call->inside = wk_look_inside;
	call->data = listing;
	sys->chan->position = 0;
	KUNIT_EXPECT_EQ(test, build ? wk_build_list(listing, call, write) :
			wk_get_list(listing, call, write), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call->count, 1);
	KUNIT_EXPECT_NULL_MSG(test, call->data, "the controller was not running in the routine");
	KUNIT_EXPECT_EQ(test, call->list->NumberOfElements, 1);
	KUNIT_EXPECT_EQ(test, call->list->Elements[0].Length, WK_BYTES);
	KUNIT_EXPECT_EQ(test, sys->chan->seen_nents, 2);
	wk_dma_complete(test, sys->chan);
	KUNIT_EXPECT_EQ(test, sys->ops->ReadDmaCounter(sys->adapter), 0);
	wk_put_list(listing, call->list);
	KUNIT_EXPECT_EQ(test, memcmp(listing->buffer->va, sys->dma->memory, WK_BYTES), 0);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_terminates, 0);
}

static void lists_move_data(struct kunit *test)
{
	struct wk_listing *listing = wk_listing(test);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		wk_fill(listing->sys.dma->memory, WK_DMA_BYTES, 20 + i);
		wk_list_moves(test, listing, i & 1, i & 2);
	}
}

static void sizes_are_as_for_bus_masters(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, (struct wk_dma_kind){});
	PDMA_ADAPTER master = wk_get_adapter(test, 3, SZ_64K, NULL);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 2), 0, WK_BYTES);
	DMA_TRANSFER_INFO info = { .Version = 2 }, other = { .Version = 2 };
	ULONG size, regs, other_size;
	NTSTATUS status;

	status = sys.ops->CalculateScatterGatherList(sys.adapter, NULL, NULL, sys.regs * PAGE_SIZE,
						     &size, &regs);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, regs, sys.regs);
	master->DmaOperations->CalculateScatterGatherList(master, NULL, NULL, sys.regs * PAGE_SIZE,
							  &other_size, NULL);
	KUNIT_EXPECT_EQ(test, size, other_size);
	KUNIT_EXPECT_EQ(test, sys.ops->GetDmaTransferInfo(sys.adapter, mdl, 0, WK_BYTES, FALSE,
							  &info), STATUS_SUCCESS);
	master->DmaOperations->GetDmaTransferInfo(master, mdl, 0, WK_BYTES, FALSE, &other);
	KUNIT_EXPECT_EQ(test, memcmp(&info, &other, sizeof(info)), 0);
}

/* The channel is the list's until it is put, whatever the routine has returned from. */
static void owned_until_put(struct kunit *test)
{
	struct wk_listing *listing = wk_listing(test);
	struct wk_sys *sys = &listing->sys;
	struct wk_call next, last;

	KUNIT_EXPECT_EQ(test, wk_get_list(listing, &listing->call, false), STATUS_SUCCESS);
	wk_call_init(&next, sys->adapter, KeepObject);
	sys->ops->AllocateAdapterChannel(sys->adapter, sys->object, 2, wk_control, &next);
	wk_call_init(&last, sys->adapter, DeallocateObject);
	KUNIT_EXPECT_EQ(test, wk_build_list(listing, &last, false), STATUS_SUCCESS);
	wk_dma_complete(test, sys->chan);
	wk_expect_report(test, WD_REPORT_CHANNEL_FREED, 1);
	wk_sys_free(sys);
	KUNIT_EXPECT_EQ(test, wk_calls(), 1);
	wk_put_list(listing, listing->call.list);
	KUNIT_EXPECT_EQ(test, next.count, 1);
	KUNIT_EXPECT_EQ(test, last.count, 0);
	wk_sys_free(sys);
	KUNIT_EXPECT_EQ(test, last.count, 1);
	KUNIT_EXPECT_TRUE(test, wk_dma_is_busy(sys->chan));
	wk_dma_complete(test, sys->chan);
	wk_put_list(listing, last.list);
	wk_expect_report(test, WD_REPORT_LIST_FREED, 1);
	wk_put_list(listing, last.list);
}

/*
 * Put while the controller runs, as after a short receive: it is stopped, what has come is there.
 */
static void put_while_running(struct kunit *test, struct wk_listing *listing, bool build)
{
	struct wk_sys *sys = &listing->sys;
	u32 mappings;

	sys->chan->synchronize_ms = 100;
	KUNIT_EXPECT_EQ(test, build ? wk_build_list(listing, &listing->call, false) :
			wk_get_list(listing, &listing->call, false), STATUS_SUCCESS);
	mappings = wk_mappings(test);
	wk_dma_move(test, sys->chan, PAGE_SIZE + 10);
	wk_put_list(listing, listing->call.list);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_terminates, 1);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_synchronizes, 0);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	KUNIT_EXPECT_EQ(test, memcmp(listing->buffer->va, sys->dma->memory, PAGE_SIZE + 10), 0);
	KUNIT_EXPECT_EQ(test, listing->buffer->va[PAGE_SIZE + 10], wk_pattern(1, PAGE_SIZE + 10));
	/* The list's memory is the driver's again. */
	memset(listing->memory, 0xA5, WK_BUFFER);
	wk_sys_settle(sys);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_synchronizes, 1);
}

static void put_early(struct kunit *test)
{
	put_while_running(test, wk_listing(test), false);
}

static void put_early_build(struct kunit *test)
{
	put_while_running(test, wk_listing(test), true);
}

static void put_early_window(struct kunit *test)
{
	put_while_running(test, wk_listing_of(test, (struct wk_dma_kind){ .max_sg_burst = 1 }),
			  true);
}

static void put_early_pool(struct kunit *test)
{
	struct wk_listing *listing;

	wk_force_bounce(test, true);
	listing = wk_listing(test);
	wk_force_bounce(test, false);
	put_while_running(test, listing, true);
}

static void refused_by_the_controller(struct kunit *test)
{
	struct wk_listing *listing = wk_listing(test);
	struct wk_sys *sys = &listing->sys;
	u32 mappings = wk_mappings(test);

	sys->chan->fail_prep = true;
	KUNIT_EXPECT_EQ(test, wk_get_list(listing, &listing->call, false),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, listing->call.count, 0);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	/* One in the driver's memory waits for better times, and is the first then. */
	KUNIT_EXPECT_EQ(test, wk_build_list(listing, &listing->call, false), STATUS_SUCCESS);
	msleep(100);
	KUNIT_EXPECT_EQ(test, listing->call.count, 0);
	sys->chan->fail_prep = false;
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(listing->call.count)));
	/* All of it, although it was mapped in vain before. */
	KUNIT_EXPECT_EQ(test, sys->chan->seen_nents, 2);
	KUNIT_EXPECT_EQ(test, wk_dma_move(test, sys->chan, U32_MAX), WK_BYTES);
	wk_dma_callback(test, sys->chan, DMA_TRANS_NOERROR);
	wk_put_list(listing, listing->call.list);
	KUNIT_EXPECT_EQ(test, listing->call.count, 1);
}

static void put_with_the_adapter(struct kunit *test)
{
	struct wk_listing *listing = wk_listing(test);
	struct wk_sys *sys = &listing->sys;

	KUNIT_EXPECT_EQ(test, wk_build_list(listing, &listing->call, false), STATUS_SUCCESS);
	wk_expect_report(test, WD_REPORT_CHANNEL_LEFT, 1);
	wk_expect_report(test, WD_REPORT_LISTS_LEFT, 1);
	wk_put_adapter(test, sys->adapter);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_terminates, 1);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(sys->chan->nr_synchronizes));
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(lists_move_data),
	KUNIT_CASE(sizes_are_as_for_bus_masters),
	KUNIT_CASE(owned_until_put),
	KUNIT_CASE(put_early),
	KUNIT_CASE(put_early_build),
	KUNIT_CASE(put_early_window),
	KUNIT_CASE(put_early_pool),
	KUNIT_CASE(refused_by_the_controller),
	KUNIT_CASE(put_with_the_adapter),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_system_list",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
