// SPDX-License-Identifier: GPL-2.0-only
/*
 * Joining and leaving a DMA domain, again and again, and while another processor maps: either goes
 * first, and what has been given to the device stays good.
 */
#include <linux/array_size.h>
#include <linux/delay.h>
#include <linux/io.h>

#include "domain.h"
#include "race.h"

static void again_and_again(struct kunit *test)
{
	struct wk_pair pair = wk_pair(test, WK_POOL);
	unsigned int i, rounds = 1000;

	for (i = 0; i < rounds; i++) {
		KUNIT_ASSERT_EQ(test, wk_join(&pair.b, pair.domain), STATUS_SUCCESS);
		KUNIT_ASSERT_EQ(test, wk_leave(&pair.b), STATUS_SUCCESS);
	}
	wk_pair_end(&pair);
}

/* One processor joins and leaves, another maps: either goes first, and data is never wrong. */
struct wk_contest {
	struct kunit *test;
	struct wk_wrong wrong;
	struct wk_pair pair;
	PMDL mdl;
	phys_addr_t phys;
	atomic_t end;
	u32 rounds, joined, refused, mapped, turned_away;
};

static void wk_contest_join(void *data)
{
	struct wk_contest *it = data;
	struct wk_dice dice = wk_dice(1);
	u32 round;

	for (round = 0; round < it->rounds && !wk_is_wrong(&it->wrong); round++) {
		NTSTATUS status;

		while ((status = wk_join(&it->pair.b, it->pair.domain)) == STATUS_RESOURCE_IN_USE) {
			it->refused++;
			wk_dither(&dice);
			cond_resched();
		}
		wk_must(&it->wrong, status == STATUS_SUCCESS, round);
		it->joined++;
		wk_dither(&dice);
		while ((status = wk_leave(&it->pair.b)) == STATUS_RESOURCE_IN_USE) {
			it->refused++;
			wk_dither(&dice);
			cond_resched();
		}
		wk_must(&it->wrong, status == STATUS_SUCCESS, round);
	}
	atomic_set(&it->end, 1);
}

/* A list: the device's page table cannot change while it lives. */
static bool wk_contest_list(struct wk_contest *it, struct wk_dice *dice, u32 round)
{
	PSCATTER_GATHER_LIST list;
	struct wk_context context;
	phys_addr_t phys;
	struct wk_ask ask = {
		.context = &context, .mdl = it->mdl, .bytes = PAGE_SIZE,
		.flags = DMA_SYNCHRONOUS_CALLBACK, .list = &list,
	};

	it->pair.b.ops->InitializeDmaTransferContext(it->pair.b.adapter, &context);
	if (wk_list_ex(&it->pair.b, &ask) != STATUS_SUCCESS)
		return false;
	wk_dither(dice);
	phys = wk_memory_of(it->pair.dev_b, list->Elements[0].Address.QuadPart);
	wk_must(&it->wrong, phys == it->phys, round);
	wk_put_ex(&it->pair.b, list);
	return true;
}

/* Nor while there is a common buffer. */
static bool wk_contest_buffer(struct wk_contest *it, struct wk_dice *dice, u32 round)
{
	const struct wk_v3 *b = &it->pair.b;
	PHYSICAL_ADDRESS address;
	u32 *va = b->ops->AllocateCommonBuffer(b->adapter, PAGE_SIZE, &address, TRUE);
	phys_addr_t phys;

	if (!va)
		return false;
	WRITE_ONCE(*va, round + 1);
	wk_dither(dice);
	phys = wk_memory_of(it->pair.dev_b, address.QuadPart);
	wk_must(&it->wrong, phys && *(u32 *)phys_to_virt(phys) == round + 1, round);
	b->ops->FreeCommonBuffer(b->adapter, PAGE_SIZE, address, va, TRUE);
	return true;
}

/* Nor while somebody has the channel. */
static bool wk_contest_channel(struct wk_contest *it, struct wk_dice *dice, u32 round)
{
	const struct wk_v3 *b = &it->pair.b;
	PVOID va = MmGetMdlVirtualAddress(it->mdl), base;
	struct wk_context context;
	ULONG bytes = PAGE_SIZE;
	u64 address;

	b->ops->InitializeDmaTransferContext(b->adapter, &context);
	if (wk_channel_ex(b, &context, 2, DMA_SYNCHRONOUS_CALLBACK, NULL, &base) != STATUS_SUCCESS)
		return false;
	wk_dither(dice);
	address = b->ops->MapTransfer(b->adapter, it->mdl, base, va, &bytes, TRUE).QuadPart;
	wk_must(&it->wrong, wk_memory_of(it->pair.dev_b, address) == it->phys, round);
	b->ops->FlushAdapterBuffers(b->adapter, it->mdl, base, va, bytes, TRUE);
	b->ops->FreeAdapterChannel(b->adapter);
	return true;
}

static void wk_contest_map(void *data)
{
	static bool (* const ways[])(struct wk_contest *it, struct wk_dice *dice, u32 round) = {
		wk_contest_list, wk_contest_buffer, wk_contest_channel,
	};
	struct wk_contest *it = data;
	struct wk_dice dice = wk_dice(2);
	u32 round;

	for (round = 0; !atomic_read(&it->end) && !wk_is_wrong(&it->wrong); round++) {
		u32 pauses = wk_roll(&dice, 4);
		bool has_got;

		while (pauses--)
			wk_dither(&dice);
		has_got = ways[round % ARRAY_SIZE(ways)](it, &dice, round);
		it->mapped += has_got;
		it->turned_away += !has_got;
		cond_resched();
	}
}

static void joining_and_mapping(struct kunit *test)
{
	static void (* const parties[])(void *data) = { wk_contest_join, wk_contest_map };
	struct wk_contest *it = kunit_kzalloc(test, sizeof(*it), GFP_KERNEL);
	struct wk_buffer *memory = wk_alloc_scattered(test, 1);

	KUNIT_ASSERT_NOT_NULL(test, it);
	it->test = test;
	it->pair = wk_pair(test, WK_DIRECT);
	it->mdl = wk_mdl(test, memory, 0, PAGE_SIZE);
	it->phys = wk_phys(memory, 0);
	it->rounds = 100;
	wk_run_parties(test, ARRAY_SIZE(parties), parties, it);
	wk_judge(test, &it->wrong);
	kunit_info(test, "%u joined, %u refused, %u mapped, %u turned away\n", it->joined,
		   it->refused, it->mapped, it->turned_away);
	/* Some asked just then. */
	if (wk_joins(test))
		KUNIT_EXPECT_NE(test, it->turned_away, 0);
	wk_pair_end(&it->pair);
}

/* One processor joins and leaves, another opens adapters of the same device, and puts them. */
static void wk_contest_siblings(void *data)
{
	struct wk_contest *it = data;
	struct wk_dice dice = wk_dice(3);
	u32 round;

	for (round = 0; !atomic_read(&it->end) && !wk_is_wrong(&it->wrong); round++) {
		PDMA_ADAPTER adapter;

		adapter = wk_pair_adapter(&it->pair, wk_description(3, TRUE, 64, SZ_64K), NULL);
		it->mapped += !!adapter;
		it->turned_away += !adapter;
		/* Joining waits for those that leave: it is to come in between, mostly. */
		msleep(wk_roll(&dice, 4));
		if (adapter)
			adapter->DmaOperations->PutDmaAdapter(adapter);
		msleep(1 + wk_roll(&dice, 8));
	}
}

static void joining_and_putting_siblings(struct kunit *test)
{
	static void (* const parties[])(void *data) = { wk_contest_join, wk_contest_siblings };
	const struct wdmdma_limits bounced = { .force_bounce = true }, none = {};
	struct wk_contest *it = kunit_kzalloc(test, sizeof(*it), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, it);
	it->test = test;
	it->pair = wk_pair(test, WK_POOL);
	it->rounds = 100;
	/* They have pages of their own to be moved. */
	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(it->pair.object_b, &bounced), 0);
	wk_run_parties(test, ARRAY_SIZE(parties), parties, it);
	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(it->pair.object_b, &none), 0);
	wk_judge(test, &it->wrong);
	kunit_info(test, "%u joined, %u refused, %u opened, %u not\n", it->joined, it->refused,
		   it->mapped, it->turned_away);
	KUNIT_EXPECT_NE(test, it->mapped, 0);
	wk_pair_end(&it->pair);
}

/* One processor lets a device come and go, another joins its domain. */
struct wk_visit {
	struct wk_wrong wrong;
	struct wk_pair pair;
	HANDLE domain;			/* READ_ONCE() */
	atomic_t end;
	u32 rounds, joined, missed;
};

static void wk_visit_own(void *data)
{
	DEVICE_DESCRIPTION description = wk_description(3, TRUE, 64, SZ_64K);
	struct wk_visit *it = data;
	struct wk_dice dice = wk_dice(4);
	u32 round;
	ULONG regs;

	for (round = 0; round < it->rounds && !wk_is_wrong(&it->wrong); round++) {
		PDEVICE_OBJECT object = wdmdma_get_device_object(it->pair.dev_b);
		PDMA_ADAPTER adapter = IoGetDmaAdapter(object, &description, &regs);

		if (!wk_must(&it->wrong, object && adapter, round))
			break;
		WRITE_ONCE(it->domain, adapter->DmaOperations->GetDmaDomain(adapter));
		msleep(wk_roll(&dice, 4));
		adapter->DmaOperations->PutDmaAdapter(adapter);
		wdmdma_put_device_object(object);
		wk_dither(&dice);
	}
	atomic_set(&it->end, 1);
}

static void wk_visit_join(void *data)
{
	struct wk_visit *it = data;
	u32 round;

	for (round = 0; !atomic_read(&it->end) && !wk_is_wrong(&it->wrong); round++) {
		NTSTATUS status = wk_join(&it->pair.a, READ_ONCE(it->domain));

		it->joined += status == STATUS_SUCCESS;
		it->missed += status != STATUS_SUCCESS;
		if (status == STATUS_SUCCESS)
			wk_must(&it->wrong, wk_leave(&it->pair.a) == STATUS_SUCCESS, round);
		else
			wk_must(&it->wrong, status == STATUS_INVALID_PARAMETER_2 ||
				status == STATUS_NOT_SUPPORTED, round);
		cond_resched();
	}
}

static void joining_who_goes(struct kunit *test)
{
	static void (* const parties[])(void *data) = { wk_visit_own, wk_visit_join };
	struct wk_visit *it = kunit_kzalloc(test, sizeof(*it), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, it);
	it->pair = wk_pair(test, WK_DIRECT);
	it->rounds = 300;
	it->pair.b.ops->PutDmaAdapter(it->pair.b.adapter);
	wdmdma_put_device_object(it->pair.object_b);
	it->pair.b.adapter = NULL;
	it->pair.object_b = NULL;
	wk_run_parties(test, ARRAY_SIZE(parties), parties, it);
	wk_judge(test, &it->wrong);
	kunit_info(test, "%u joined, %u missed\n", it->joined, it->missed);
	KUNIT_EXPECT_NE(test, it->joined, 0);
	wk_pair_end(&it->pair);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(again_and_again),
	KUNIT_CASE(joining_and_mapping),
	KUNIT_CASE(joining_and_putting_siblings),
	KUNIT_CASE(joining_who_goes),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_domain_race",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
