// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adapters that bounce (bounce.h). UML has no memory out of reach of a device, so the reach is
 * lowered to an address between two blocks of memory, the near and the far one.
 */
#include <linux/ctype.h>
#include <linux/io.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "bounce.h"

#define WK_BLOCK_ORDER	6
#define WK_BLOCK_PAGES	BIT(WK_BLOCK_ORDER)
/* Between the blocks: wdmdma's own pages must find place below the limit. */
#define WK_BLOCK_GAP	SZ_64M

struct wk_bounce wk_get_bounce(struct kunit *test, BOOLEAN scatter_gather, ULONG maximum_length,
			       struct wdmdma_limits limits)
{
	DEVICE_DESCRIPTION description = wk_description(2, scatter_gather, 64, maximum_length);
	struct wk_bounce bounce = {
		.test = test,
		.forced = limits.force_bounce,
		.pool = limits.pool_registers,
	};
	struct wk_world *world = test->priv;

	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
	bounce.adapter = wk_get_described_adapter(test, &description, &bounce.regs);
	KUNIT_ASSERT_NOT_NULL_MSG(test, bounce.adapter, "IoGetDmaAdapter failed");
	limits = (struct wdmdma_limits){};
	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
	bounce.ops = bounce.adapter->DmaOperations;
	bounce.last_address = wk_stats(test, bounce.adapter).last_address;
	KUNIT_ASSERT_EQ(test, wk_stats(test, bounce.adapter).mapping, WDMDMA_BOUNCED);
	wk_calls_reset();
	return bounce;
}

struct wk_bounce wk_get_forced(struct kunit *test, BOOLEAN scatter_gather, ULONG maximum_length,
			       u32 pool_registers)
{
	struct wdmdma_limits limits = {
		.force_bounce = true,
		.pool_registers = pool_registers,
	};

	return wk_get_bounce(test, scatter_gather, maximum_length, limits);
}

/* Allocates blocks until two are far enough apart; frees the others. */
static void wk_find_blocks(struct kunit *test, struct page **near, struct page **far)
{
	struct page *page, *next;
	LIST_HEAD(blocks);

	*near = NULL;
	*far = NULL;
	do {
		page = alloc_pages(GFP_KERNEL | __GFP_NOWARN, WK_BLOCK_ORDER);
		if (!page)
			break;
		list_add(&page->lru, &blocks);
		if (!*near || page_to_pfn(page) < page_to_pfn(*near))
			*near = page;
		if (!*far || page_to_pfn(page) > page_to_pfn(*far))
			*far = page;
	} while (page_to_phys(*far) - page_to_phys(*near) < WK_BLOCK_GAP);

	list_for_each_entry_safe(page, next, &blocks, lru) {
		list_del(&page->lru);
		if (page != *near && page != *far)
			__free_pages(page, WK_BLOCK_ORDER);
	}
	KUNIT_ASSERT_NOT_NULL_MSG(test, page, "no two blocks are far enough apart");
	split_page(*near, WK_BLOCK_ORDER);
	split_page(*far, WK_BLOCK_ORDER);
}

static void wk_free_split(void *data)
{
	struct wk_buffer *buffer = data;
	unsigned int i;

	vunmap(buffer->va);
	for (i = 0; i < buffer->nr_pages; i++)
		__free_page(buffer->pages[i]);
	kfree(buffer->pages);
	kfree(buffer);
}

struct wk_buffer *wk_alloc_split(struct kunit *test, const char *pattern, u64 *last_address)
{
	struct wk_buffer *buffer = kzalloc(sizeof(*buffer), GFP_KERNEL);
	DECLARE_BITMAP(taken, 2 * WK_BLOCK_PAGES) = {};
	unsigned int next[2] = {}, i, side;
	struct page *blocks[2];

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	wk_find_blocks(test, &blocks[0], &blocks[1]);
	*last_address = page_to_phys(blocks[1]) - 1;
	buffer->nr_pages = strlen(pattern);
	buffer->bytes = buffer->nr_pages * PAGE_SIZE;
	buffer->scattered = true;
	buffer->pages = kcalloc(buffer->nr_pages, sizeof(*buffer->pages), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, buffer->pages);
	for (i = 0; i < buffer->nr_pages; i++) {
		side = tolower(pattern[i]) == 'f';
		if (islower(pattern[i]))
			next[side]++;
		KUNIT_ASSERT_LT(test, next[side], WK_BLOCK_PAGES);
		buffer->pages[i] = blocks[side] + next[side];
		__set_bit(side * WK_BLOCK_PAGES + next[side]++, taken);
	}
	for_each_clear_bit(i, taken, 2 * WK_BLOCK_PAGES)
		__free_page(blocks[i / WK_BLOCK_PAGES] + i % WK_BLOCK_PAGES);
	buffer->va = vmap(buffer->pages, buffer->nr_pages, VM_MAP, PAGE_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, buffer->va);
	wk_fill(buffer->va, buffer->bytes, 1);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, wk_free_split, buffer), 0);
	return buffer;
}

bool wk_must_bounce(const struct wk_bounce *bounce, const struct wk_buffer *buffer, size_t offset,
		    size_t bytes)
{
	return bounce->forced || wk_phys(buffer, offset) + bytes - 1 > bounce->last_address;
}

bool wk_is_in(const struct wk_buffer *buffer, u64 address)
{
	unsigned int i;

	for (i = 0; i < buffer->nr_pages; i++)
		if (PHYS_PFN(wk_phys(buffer, i * PAGE_SIZE)) == PHYS_PFN(address))
			return true;
	return false;
}

void wk_expect_same_at(struct kunit *test, const void *left, const void *right, size_t bytes,
		       unsigned int line)
{
	const u8 *a = left, *b = right;
	size_t i;

	for (i = 0; i < bytes && a[i] == b[i]; i++)
		;
	KUNIT_EXPECT_EQ_MSG(test, i, bytes, "first byte that differs, in line %u", line);
}

void wk_expect_mapped(const struct wk_bounce *bounce, const struct wk_buffer *buffer,
		      size_t offset, u64 address, size_t bytes)
{
	struct kunit *test = bounce->test;

	while (bytes) {
		size_t part = min(bytes, PAGE_SIZE - offset_in_page(offset));

		if (wk_must_bounce(bounce, buffer, offset, part)) {
			KUNIT_EXPECT_LE(test, address + part - 1, bounce->last_address);
			KUNIT_EXPECT_EQ(test, offset_in_page(address), offset_in_page(offset));
			KUNIT_EXPECT_FALSE_MSG(test, wk_is_in(buffer, address), "not copied");
		} else {
			wk_expect_at(test, address, buffer, offset);
		}
		offset += part;
		address += part;
		bytes -= part;
	}
}

void wk_expect_list(const struct wk_bounce *bounce, const struct wk_buffer *buffer,
		    const SCATTER_GATHER_LIST *list, const struct wk_span *spans, unsigned int nr)
{
	struct kunit *test = bounce->test;
	const SCATTER_GATHER_ELEMENT *element = list->Elements;
	ULONG left = list->NumberOfElements;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		size_t offset = spans[i].offset, end = offset + spans[i].bytes;
		bool was_copied = false;
		u64 behind = 0;

		for (; offset < end && left; element++, left--) {
			u64 address = element->Address.QuadPart;
			bool is_copied = !wk_is_in(buffer, address);

			KUNIT_EXPECT_EQ(test, element->Reserved, 0);
			KUNIT_ASSERT_LE_MSG(test, offset + element->Length, end,
					    "an element lies in one MDL");
			KUNIT_ASSERT_GT(test, element->Length, 0);
			wk_expect_mapped(bounce, buffer, offset, address, element->Length);
			if (behind && is_copied == was_copied)
				KUNIT_EXPECT_NE_MSG(test, address, behind, "could be joined");
			behind = address + element->Length;
			was_copied = is_copied;
			offset += element->Length;
		}
		KUNIT_EXPECT_EQ_MSG(test, offset, end, "span %u is not covered", i);
	}
	KUNIT_EXPECT_EQ_MSG(test, left, 0, "elements behind the last span");
}

void wk_ask_set(const struct wk_bounce *bounce, ULONG regs, struct wk_call *call)
{
	NTSTATUS status;

	wk_call_init(call, bounce->adapter, DeallocateObjectKeepRegisters);
	status = bounce->ops->AllocateAdapterChannel(bounce->adapter, NULL, regs, wk_control,
						     call);
	KUNIT_ASSERT_EQ(bounce->test, status, STATUS_SUCCESS);
}

PVOID wk_take_set(const struct wk_bounce *bounce, ULONG regs)
{
	struct wk_call call;

	wk_ask_set(bounce, regs, &call);
	KUNIT_ASSERT_EQ_MSG(bounce->test, call.count, 1, "%u registers not granted at once",
			    regs);
	return call.base;
}

void wk_free_set(const struct wk_bounce *bounce, PVOID base, ULONG regs)
{
	bounce->ops->FreeMapRegisters(bounce->adapter, base, regs);
}

u64 wk_map(const struct wk_bounce *bounce, PMDL mdl, PVOID base, u64 offset, ULONG *bytes,
	   BOOLEAN write)
{
	return bounce->ops->MapTransfer(bounce->adapter, mdl, base,
				MmGetMdlVirtualAddress(mdl) + offset, bytes, write).QuadPart;
}

void wk_flush(const struct wk_bounce *bounce, PMDL mdl, PVOID base, u64 offset, ULONG bytes,
	      BOOLEAN write)
{
	PVOID va = MmGetMdlVirtualAddress(mdl) + offset;

	KUNIT_EXPECT_TRUE(bounce->test, bounce->ops->FlushAdapterBuffers(bounce->adapter, mdl, base,
									 va, bytes, write));
}

unsigned int wk_transfer(const struct wk_bounce *bounce, PMDL mdl, PVOID base, u64 offset,
			 ULONG bytes, BOOLEAN write, u8 *device)
{
	unsigned int calls = 0;
	ULONG done, mapped;

	for (done = 0; done < bytes; done += mapped, calls++) {
		u64 address;

		mapped = bytes - done;
		address = wk_map(bounce, mdl, base, offset + done, &mapped, write);
		KUNIT_ASSERT_NE(bounce->test, address, WK_NOTHING);
		KUNIT_ASSERT_GT(bounce->test, mapped, 0);
		KUNIT_ASSERT_LE(bounce->test, mapped, bytes - done);
		if (write)
			wk_device_read(bounce->test, address, device + done, mapped);
		else
			wk_device_write(bounce->test, address, device + done, mapped);
	}
	return calls;
}

void wk_expect_refusal(const struct wk_bounce *bounce, PMDL mdl, PVOID base, u64 offset,
		       ULONG bytes, u32 code)
{
	wk_expect_report(bounce->test, code, 1);
	KUNIT_EXPECT_EQ(bounce->test, wk_map(bounce, mdl, base, offset, &bytes, TRUE), WK_NOTHING);
	KUNIT_EXPECT_EQ(bounce->test, bytes, 0);
}

void wk_ask_list(const struct wk_bounce *bounce, PMDL mdl, u64 offset, ULONG bytes, BOOLEAN write,
		 struct wk_call *call)
{
	PVOID va = MmGetMdlVirtualAddress(mdl) + offset;
	NTSTATUS status;

	wk_call_init(call, bounce->adapter, KeepObject);
	status = bounce->ops->GetScatterGatherList(bounce->adapter, NULL, mdl, va, bytes,
						   wk_list_control, call, write);
	KUNIT_ASSERT_EQ(bounce->test, status, STATUS_SUCCESS);
}

PSCATTER_GATHER_LIST wk_get_list(const struct wk_bounce *bounce, PMDL mdl, u64 offset, ULONG bytes,
				 BOOLEAN write)
{
	struct wk_call call;

	wk_ask_list(bounce, mdl, offset, bytes, write, &call);
	KUNIT_ASSERT_EQ_MSG(bounce->test, call.count, 1, "no list at once");
	KUNIT_EXPECT_EQ(bounce->test, wk_list_bytes(call.list), bytes);
	return call.list;
}

void wk_put_list(const struct wk_bounce *bounce, PSCATTER_GATHER_LIST list, BOOLEAN write)
{
	bounce->ops->PutScatterGatherList(bounce->adapter, list, write);
}

void wk_expect_whole_pool(const struct wk_bounce *bounce)
{
	struct kunit *test = bounce->test;
	ULONG bytes = bounce->regs * PAGE_SIZE;
	struct wk_buffer *buffer = wk_alloc_scattered(test, bounce->regs);
	u8 *device = kvmalloc(bytes, GFP_KERNEL);
	PMDL mdl = wk_mdl(test, buffer, 0, bytes);
	struct wk_call more;
	PVOID base;

	KUNIT_ASSERT_NOT_NULL(test, device);
	KUNIT_EXPECT_EQ(test, wk_stats(test, bounce->adapter).sets_live, 0);
	base = wk_take_set(bounce, bounce->regs);
	if (bounce->pool) {
		wk_ask_set(bounce, 1, &more);
		KUNIT_EXPECT_EQ_MSG(test, more.count, 0, "the pool holds more than it should");
	}
	wk_fill(device, bytes, 90);
	wk_transfer(bounce, mdl, base, 0, bytes, FALSE, device);
	wk_flush(bounce, mdl, base, 0, bytes, FALSE);
	wk_expect_pattern(test, buffer->va, bytes, 90);
	wk_free_set(bounce, base, bounce->regs);
	if (bounce->pool) {
		KUNIT_ASSERT_EQ(test, more.count, 1);
		wk_free_set(bounce, more.base, 1);
	}
	kvfree(device);
}
