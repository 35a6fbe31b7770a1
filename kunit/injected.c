// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the suites of fault injection share (injected.h).
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "injected.h"

void wk_set_injection(struct kunit *test, const struct wdmdma_injection *injection)
{
	KUNIT_ASSERT_EQ(test, wdmdma_set_injection(injection), 0);
}

void wk_inject_nothing(struct kunit *test)
{
	wk_set_injection(test, &(struct wdmdma_injection){});
}

void wk_exit_injected(struct kunit *test)
{
	wk_inject_nothing(test);
	wk_exit(test);
}

/* One kind of fault, each time, so often */
struct wdmdma_injection wk_injection(enum wdmdma_fault fault, s32 times)
{
	struct wdmdma_injection injection = { .enabled = true, .delay_ms = WK_DELAY_MS };

	injection.faults[fault].probability = 100;
	injection.faults[fault].times = times;
	return injection;
}

void wk_inject_fault(struct kunit *test, enum wdmdma_fault fault, s32 times)
{
	const struct wdmdma_injection injection = wk_injection(fault, times);

	wk_set_injection(test, &injection);
}

/* A version 2 adapter with scatter/gather and whatever is injected */
struct wk_bounce wk_injected_adapter(struct kunit *test)
{
	struct wk_bounce it = { .test = test };

	it.adapter = wk_get_adapter(test, 2, SZ_64K, &it.regs);
	it.ops = it.adapter->DmaOperations;
	it.last_address = wk_stats(test, it.adapter).last_address;
	wk_calls_reset();
	return it;
}

/* The device reads and writes the memory of an MDL by a set, in so many calls of MapTransfer. */
unsigned int wk_inject_move(const struct wk_bounce *it, struct wk_buffer *buffer, PMDL mdl,
			    PVOID base)
{
	struct kunit *test = it->test;
	u8 *device = kvmalloc(WK_INJECT_BYTES, GFP_KERNEL);
	unsigned int calls;

	KUNIT_ASSERT_NOT_NULL(test, device);
	wk_fill(buffer->va, WK_INJECT_BYTES, 7);
	calls = wk_transfer(it, mdl, base, 0, WK_INJECT_BYTES, TRUE, device);
	wk_flush(it, mdl, base, 0, WK_INJECT_BYTES, TRUE);
	wk_expect_pattern(test, device, WK_INJECT_BYTES, 7);
	wk_fill(device, WK_INJECT_BYTES, 8);
	KUNIT_EXPECT_EQ(test, wk_transfer(it, mdl, base, 0, WK_INJECT_BYTES, FALSE, device), calls);
	wk_flush(it, mdl, base, 0, WK_INJECT_BYTES, FALSE);
	wk_expect_pattern(test, buffer->va, WK_INJECT_BYTES, 8);
	kvfree(device);
	return calls;
}

NTSTATUS wk_inject_try_set(const struct wk_bounce *it, struct wk_call *call)
{
	wk_call_init(call, it->adapter, DeallocateObjectKeepRegisters);
	return it->ops->AllocateAdapterChannel(it->adapter, NULL, 4, wk_control, call);
}

NTSTATUS wk_inject_try_list(const struct wk_bounce *it, PMDL mdl, struct wk_call *call)
{
	wk_call_init(call, it->adapter, KeepObject);
	return it->ops->GetScatterGatherList(it->adapter, NULL, mdl, MmGetMdlVirtualAddress(mdl),
					     WK_INJECT_BYTES, wk_list_control, call, TRUE);
}

NTSTATUS wk_inject_try_build(const struct wk_bounce *it, PMDL mdl, struct wk_call *call,
			     void *buffer)
{
	wk_call_init(call, it->adapter, KeepObject);
	return it->ops->BuildScatterGatherList(it->adapter, NULL, mdl, MmGetMdlVirtualAddress(mdl),
					       WK_INJECT_BYTES, wk_list_control, call, TRUE, buffer,
					       SZ_1K);
}

/* Everything works, at once, uncopied and in as few pieces as there can be. */
void wk_expect_uninjected(const struct wk_bounce *it)
{
	struct kunit *test = it->test;
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 4);
	PMDL mdl = wk_mdl(test, buffer, 0, WK_INJECT_BYTES);
	PHYSICAL_ADDRESS address;
	PSCATTER_GATHER_LIST list;
	PVOID base, va;

	KUNIT_EXPECT_EQ(test, wk_stats(test, it->adapter).mapping, wk_uncopied_class(test));
	base = wk_take_set(it, it->regs);
	KUNIT_EXPECT_EQ(test, wk_inject_move(it, buffer, mdl, base), 1);
	wk_free_set(it, base, it->regs);
	list = wk_get_list(it, mdl, 0, WK_INJECT_BYTES, TRUE);
	KUNIT_EXPECT_EQ(test, list->NumberOfElements, 1);
	wk_put_list(it, list, TRUE);
	va = it->ops->AllocateCommonBuffer(it->adapter, SZ_8K, &address, TRUE);
	KUNIT_ASSERT_NOT_NULL(test, va);
	it->ops->FreeCommonBuffer(it->adapter, SZ_8K, address, va, TRUE);
}
