// SPDX-License-Identifier: GPL-2.0-only
/*
 * MapTransferEx: which elements a range of a chain gives, where a call stops and how the next one
 * goes on, for each way of mapping.
 */
#include <linux/dma-mapping.h>
#include <linux/sizes.h>

#include "v3.h"

#define WK_MAX_ELEMENTS	24

/* A list in memory of the driver's, and what lies behind it */
struct wk_sgl {
	union {
		SCATTER_GATHER_LIST list;
		u8 bytes[16 + 24 * WK_MAX_ELEMENTS];
	};
	u8 behind[32];
};

/* A set, and what is mapped with it */
struct wk_packet {
	struct wk_v3 v3;
	PVOID base;
	ULONG regs;
	struct wk_sgl sgl;
};

static struct wk_packet *wk_packet(struct kunit *test, enum wk_way way, ULONG regs)
{
	struct wk_packet *packet = kunit_kzalloc(test, sizeof(*packet), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, packet);
	packet->v3 = wk_v3_way(test, way);
	packet->base = wk_get_set(&packet->v3, regs);
	packet->regs = regs;
	return packet;
}

static void wk_packet_end(struct wk_packet *packet)
{
	wk_end_set(&packet->v3, packet->base, packet->regs);
	wk_expect_free(&packet->v3);
}

static NTSTATUS wk_map(struct wk_packet *packet, PMDL mdl, u64 offset, ULONG *bytes, BOOLEAN write,
		       ULONG list_bytes)
{
	memset(&packet->sgl, 0xA5, sizeof(packet->sgl));
	return packet->v3.ops->MapTransferEx(packet->v3.adapter, mdl, packet->base, offset, 0,
					     bytes, write, &packet->sgl.list, list_bytes, NULL,
					     NULL);
}

/* A call that must map something; checks what it says about it. */
static ULONG wk_map_some(struct wk_packet *packet, PMDL mdl, u64 offset, ULONG wanted,
			 BOOLEAN write, ULONG elements)
{
	struct kunit *test = packet->v3.test;
	SCATTER_GATHER_LIST *list = &packet->sgl.list;
	ULONG bytes = wanted, i;

	KUNIT_ASSERT_EQ(test, wk_map(packet, mdl, offset, &bytes, write, 16 + 24 * elements),
			STATUS_SUCCESS);
	KUNIT_ASSERT_GT(test, bytes, 0);
	KUNIT_EXPECT_LE(test, bytes, wanted);
	KUNIT_ASSERT_LE(test, list->NumberOfElements, elements);
	KUNIT_EXPECT_EQ(test, wk_list_bytes(list), bytes);
	KUNIT_EXPECT_EQ(test, list->Reserved, 0);
	for (i = 0; i < list->NumberOfElements; i++)
		KUNIT_EXPECT_EQ(test, list->Elements[i].Reserved, 0);
	KUNIT_EXPECT_FALSE(test, memchr_inv(packet->sgl.bytes + 16 + 24 * elements, 0xA5,
					    sizeof(packet->sgl) - 16 - 24 * elements));
	return bytes;
}

static void wk_flush(struct wk_packet *packet, PMDL mdl, u64 offset, ULONG bytes, BOOLEAN write)
{
	KUNIT_EXPECT_EQ(packet->v3.test,
			packet->v3.ops->FlushAdapterBuffersEx(packet->v3.adapter, mdl,
							      packet->base, offset, bytes, write),
			STATUS_SUCCESS);
}

/* MDLs as network packets have them: odd, short, across a page line, and empty ones anywhere */
static const struct { u32 offset, bytes; } wk_pieces[] = {
	{ 5, 0 }, { 100, 54 }, { PAGE_SIZE, 0 }, { PAGE_SIZE + 1000, 2 * PAGE_SIZE },
	{ 6 * PAGE_SIZE - 3, PAGE_SIZE + 6 }, { 8 * PAGE_SIZE, 1 }, { 0, 0 },
};

#define WK_CHAIN_BYTES	(54 + 2 * PAGE_SIZE + PAGE_SIZE + 6 + 1)
#define WK_CHAIN_REGS	8
#define WK_CHAIN_PAGES	10

static PMDL wk_chain(struct kunit *test, struct wk_buffer *memory)
{
	PMDL mdls[ARRAY_SIZE(wk_pieces)];
	int i;

	for (i = 0; i < ARRAY_SIZE(wk_pieces); i++)
		mdls[i] = wk_mdl(test, memory, wk_pieces[i].offset, wk_pieces[i].bytes);
	return wk_link(mdls, ARRAY_SIZE(wk_pieces));
}

/* Going along chain and list, every element ends before, or where, its MDL does. */
static void wk_expect_inside_mdls(struct kunit *test, PMDL mdl, u64 offset,
				  const SCATTER_GATHER_LIST *list)
{
	u64 left = 0;
	ULONG i;

	for (; offset >= MmGetMdlByteCount(mdl); mdl = mdl->Next)
		offset -= MmGetMdlByteCount(mdl);
	left = MmGetMdlByteCount(mdl) - offset;
	for (i = 0; i < list->NumberOfElements; i++) {
		for (; !left; left = MmGetMdlByteCount(mdl))
			mdl = mdl->Next;
		KUNIT_ASSERT_GT(test, list->Elements[i].Length, 0);
		KUNIT_ASSERT_LE(test, list->Elements[i].Length, left);
		left -= list->Elements[i].Length;
	}
}

static void wk_move(struct wk_packet *packet, u8 *device, BOOLEAN write)
{
	if (write)
		wk_device_read_list(packet->v3.test, &packet->sgl.list, device);
	else
		wk_device_write_list(packet->v3.test, &packet->sgl.list, device);
}

/*
 * A whole chain in as many calls as it takes: each maps what it can, is flushed, and the next one
 * starts behind it. Returns the number of calls.
 */
static unsigned int wk_transfer(struct wk_packet *packet, PMDL chain, ULONG total, BOOLEAN write,
				ULONG elements)
{
	struct kunit *test = packet->v3.test;
	u8 *device = kunit_kzalloc(test, total, GFP_KERNEL);
	u8 *memory = kunit_kzalloc(test, total, GFP_KERNEL);
	unsigned int calls = 0;
	ULONG done, bytes;

	wk_fill(device, total, 61);
	for (done = 0; done < total; done += bytes, calls++) {
		bytes = wk_map_some(packet, chain, done, total - done, write, elements);
		wk_expect_inside_mdls(test, chain, done, &packet->sgl.list);
		wk_move(packet, device + done, write);
		wk_flush(packet, chain, done, bytes, write);
	}
	KUNIT_EXPECT_EQ(test, done, total);
	wk_chain_read(chain, 0, memory, total);
	KUNIT_EXPECT_MEMEQ(test, device, memory, total);
	kunit_kfree(test, memory);
	kunit_kfree(test, device);
	return calls;
}

static void wk_chain_is_mapped_in_one_call(struct kunit *test)
{
	struct wk_packet *packet = wk_packet(test, wk_way(test), WK_CHAIN_REGS);
	struct wk_buffer *memory = wk_alloc_scattered(test, WK_CHAIN_PAGES);
	PMDL chain = wk_chain(test, memory);
	u32 mappings = wk_mappings(test);
	int write;

	for (write = 0; write <= 1; write++) {
		wk_fill(memory->va, memory->bytes, 60 + write);
		KUNIT_EXPECT_EQ(test, wk_transfer(packet, chain, WK_CHAIN_BYTES, write,
						  WK_MAX_ELEMENTS), 1);
		KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	}
	wk_packet_end(packet);
}

/* With scatter/gather an element for each run of pages, without one for each MDL */
static void wk_elements(struct kunit *test)
{
	enum wk_way way = wk_way(test);
	struct wk_packet *packet = wk_packet(test, way, 8);
	struct wk_buffer *memory = wk_alloc_contiguous(test, 4);
	struct wk_buffer *torn = wk_alloc_scattered(test, 3);
	PMDL mdls[] = {
		wk_mdl(test, memory, 0, 100), wk_mdl(test, memory, 100, 2 * PAGE_SIZE),
		wk_mdl(test, torn, 50, 2 * PAGE_SIZE),
	};
	SCATTER_GATHER_ELEMENT *elements = packet->sgl.list.Elements;
	PMDL chain = wk_link(mdls, 3);
	ULONG total = 100 + 4 * PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, wk_map_some(packet, chain, 0, total, TRUE, WK_MAX_ELEMENTS), total);
	KUNIT_EXPECT_EQ(test, elements[0].Length, 100);
	if (way != WK_POOL)
		KUNIT_EXPECT_EQ_MSG(test, elements[1].Length, 2 * PAGE_SIZE, "never across MDLs");
	if (way == WK_WINDOW || (way == WK_DIRECT && wk_joins(test))) {
		KUNIT_ASSERT_EQ(test, packet->sgl.list.NumberOfElements, 3);
		KUNIT_EXPECT_EQ(test, elements[2].Length, 2 * PAGE_SIZE);
	} else if (way == WK_DIRECT) {
		KUNIT_ASSERT_EQ(test, packet->sgl.list.NumberOfElements, 5);
		KUNIT_EXPECT_EQ(test, elements[2].Length, PAGE_SIZE - 50);
		KUNIT_EXPECT_EQ(test, elements[4].Length, 50);
	}
	if (way == WK_DIRECT) {
		wk_expect_at(test, elements[0].Address.QuadPart, memory, 0);
		wk_expect_at(test, elements[1].Address.QuadPart, memory, 100);
		wk_expect_at(test, elements[2].Address.QuadPart, torn, 50);
	}
	wk_flush(packet, chain, 0, total, TRUE);
	wk_packet_end(packet);
}

static const u32 wk_list_sizes[] = { 0, 15, 16, 39, 40, 63, 64, 16 + 24 * 3 };

static void wk_list_size_desc(const u32 *bytes, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u bytes", *bytes);
}

KUNIT_ARRAY_PARAM(wk_list_size, wk_list_sizes, wk_list_size_desc);

/* (bytes - 16) / 24 elements, and nothing hidden in them */
static void wk_list_buffer_holds(struct kunit *test)
{
	u32 size = *(const u32 *)test->param_value;
	struct wk_packet *packet = wk_packet(test, WK_DIRECT, 8);
	struct wk_buffer *memory = wk_alloc_scattered(test, 6);
	PMDL mdl = wk_mdl(test, memory, 0, 6 * PAGE_SIZE);
	u32 elements = size < 16 ? 0 : (size - 16) / 24;
	ULONG bytes = 6 * PAGE_SIZE;
	NTSTATUS status = wk_map(packet, mdl, 0, &bytes, TRUE, size);

	if (wk_joins(test))
		elements = min(elements, 1U);

	KUNIT_EXPECT_EQ(test, status, elements ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, bytes, elements && !wk_joins(test) ? elements * PAGE_SIZE :
			6 * PAGE_SIZE);
	if (elements)
		KUNIT_EXPECT_EQ(test, packet->sgl.list.NumberOfElements, elements);
	KUNIT_EXPECT_FALSE(test, memchr_inv(packet->sgl.bytes + (elements ? 16 + 24 * elements : 0),
					    0xA5, sizeof(packet->sgl) -
					    (elements ? 16 + 24 * elements : 0)));
	if (elements)
		wk_flush(packet, mdl, 0, bytes, TRUE);
	wk_packet_end(packet);
}

/* KMDF's packet mode has room for one element. Without scatter/gather that is one MDL. */
static void wk_small_lists_go_on(struct kunit *test)
{
	enum wk_way way = wk_way(test);
	struct wk_packet *packet = wk_packet(test, way, WK_CHAIN_REGS);
	struct wk_buffer *memory = wk_alloc_scattered(test, WK_CHAIN_PAGES);
	PMDL chain = wk_chain(test, memory);
	unsigned int calls, elements;
	int write;

	for (elements = 1; elements <= 3; elements++) {
		for (write = 0; write <= 1; write++) {
			wk_fill(memory->va, memory->bytes, 62 + write);
			calls = wk_transfer(packet, chain, WK_CHAIN_BYTES, write, elements);
			if (way == WK_WINDOW)
				KUNIT_EXPECT_EQ(test, calls, DIV_ROUND_UP(4, elements));
			else
				KUNIT_EXPECT_LE(test, calls, DIV_ROUND_UP(8, elements));
			KUNIT_EXPECT_GT(test, calls, 1);
		}
	}
	wk_packet_end(packet);
}

static void wk_few_registers_go_on(struct kunit *test)
{
	struct wk_buffer *memory = wk_alloc_scattered(test, WK_CHAIN_PAGES);
	PMDL chain = wk_chain(test, memory);
	ULONG regs;
	int write;

	for (regs = 1; regs <= 3; regs++) {
		struct wk_packet *packet = wk_packet(test, wk_way(test), regs);

		for (write = 0; write <= 1; write++) {
			wk_fill(memory->va, memory->bytes, 64 + write);
			KUNIT_EXPECT_EQ(test, wk_transfer(packet, chain, WK_CHAIN_BYTES, write,
							  WK_MAX_ELEMENTS),
					DIV_ROUND_UP(WK_CHAIN_REGS, regs));
		}
		wk_packet_end(packet);
	}
}

/* The calls since the last flush use up the registers together. */
static void wk_registers_add_up(struct kunit *test)
{
	struct wk_packet *packet = wk_packet(test, wk_way(test), 3);
	struct wk_buffer *memory = wk_alloc_scattered(test, 8);
	PMDL mdl = wk_mdl(test, memory, 100, 6 * PAGE_SIZE);
	ULONG bytes = PAGE_SIZE, first, second;

	first = wk_map_some(packet, mdl, 0, PAGE_SIZE - 100, TRUE, WK_MAX_ELEMENTS);
	KUNIT_EXPECT_EQ(test, first, PAGE_SIZE - 100);
	second = wk_map_some(packet, mdl, first, 5 * PAGE_SIZE, TRUE, WK_MAX_ELEMENTS);
	KUNIT_EXPECT_EQ(test, second, 2 * PAGE_SIZE);
	wk_expect_report(test, WD_REPORT_NOT_FLUSHED, 1);
	KUNIT_EXPECT_EQ(test, wk_map(packet, mdl, 4 * PAGE_SIZE, &bytes, TRUE, 40),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, bytes, PAGE_SIZE);
	wk_flush(packet, mdl, first, second, TRUE);
	wk_flush(packet, mdl, 0, first, TRUE);
	KUNIT_EXPECT_EQ(test, wk_map_some(packet, mdl, 4 * PAGE_SIZE, PAGE_SIZE, TRUE, 2),
			PAGE_SIZE);
	wk_flush(packet, mdl, 4 * PAGE_SIZE, PAGE_SIZE, TRUE);
	wk_packet_end(packet);
}

/* What is asked for behind the chain is not mapped, but for the rest of its last page (G4). */
static void wk_chain_ends(struct kunit *test)
{
	struct wk_packet *packet = wk_packet(test, wk_way(test), WK_CHAIN_REGS);
	struct wk_buffer *memory = wk_alloc_scattered(test, WK_CHAIN_PAGES);
	PMDL mdls[] = {
		wk_mdl(test, memory, 10, 100), wk_mdl(test, memory, PAGE_SIZE, PAGE_SIZE - 20),
	};
	const ULONG total = 100 + PAGE_SIZE - 20;
	PMDL chain = wk_link(mdls, 2);
	ULONG bytes;

	KUNIT_EXPECT_EQ(test, wk_map_some(packet, chain, 0, U32_MAX, TRUE, 8), total);
	wk_flush(packet, chain, 0, total, TRUE);
	KUNIT_EXPECT_EQ(test, wk_map_some(packet, chain, 50, total - 50 + 20, TRUE, 8),
			total - 50 + 20);
	wk_flush(packet, chain, 50, total - 50 + 20, TRUE);
	KUNIT_EXPECT_EQ(test, wk_map_some(packet, chain, 50, total - 50 + 21, TRUE, 8), total - 50);
	wk_flush(packet, chain, 50, total, TRUE);
	KUNIT_EXPECT_EQ(test, wk_map_some(packet, chain, total - 1, 1, TRUE, 8), 1);
	wk_flush(packet, chain, total - 1, 1, TRUE);

	wk_expect_report(test, WD_REPORT_NOT_IN_MDL, 3);
	bytes = 1;
	KUNIT_EXPECT_EQ(test, wk_map(packet, chain, total, &bytes, TRUE, 40),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_map(packet, chain, 0x100000000ULL, &bytes, TRUE, 40),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_map(packet, chain, -1ULL, &bytes, TRUE, 40),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, bytes, 1);
	wk_packet_end(packet);
}

static void wk_nothing_asked_for(struct kunit *test)
{
	struct wk_packet *packet = wk_packet(test, wk_way(test), 1);
	struct wk_buffer *memory = wk_alloc_scattered(test, 1);
	PMDL mdl = wk_mdl(test, memory, 0, PAGE_SIZE);
	u32 mappings = wk_mappings(test);
	ULONG bytes = 0;
	int i;

	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, wk_map(packet, mdl, 0, &bytes, TRUE, 40), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, bytes, 0);
		KUNIT_EXPECT_EQ(test, packet->sgl.list.NumberOfElements, 0);
		KUNIT_EXPECT_EQ(test, packet->sgl.list.Reserved, 0);
	}
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	/* No flush is owed: the register is free, and so is the set. */
	KUNIT_EXPECT_EQ(test, wk_map_some(packet, mdl, 0, PAGE_SIZE, TRUE, 1), PAGE_SIZE);
	wk_flush(packet, mdl, 0, PAGE_SIZE, TRUE);
	wk_packet_end(packet);
}

static void wk_bad_arguments_are_refused(struct kunit *test)
{
	struct wk_packet *packet = wk_packet(test, WK_DIRECT, 2);
	struct wk_v3 *v3 = &packet->v3;
	struct wk_buffer *memory = wk_alloc_scattered(test, 2);
	PMDL mdl = wk_mdl(test, memory, 0, PAGE_SIZE);
	PMDL unbuilt = IoAllocateMdl(memory->va, PAGE_SIZE, FALSE, FALSE, NULL);
	PVOID base = packet->base, stale = wk_get_set(v3, 2);
	PVOID wrong[] = { NULL, stale, memory };
	ULONG bytes = PAGE_SIZE;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, unbuilt);
	wk_end_set(v3, stale, 2);
	KUNIT_EXPECT_EQ(test, wk_map(packet, NULL, 0, &bytes, TRUE, 40), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_map(packet, mdl, 0, NULL, TRUE, 40), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, v3->ops->MapTransferEx(v3->adapter, mdl, base, 0, 0, &bytes, TRUE,
						     NULL, 40, NULL, NULL),
			STATUS_INVALID_PARAMETER);
	wk_expect_report(test, WD_REPORT_REGS_FREED, ARRAY_SIZE(wrong));
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		packet->base = wrong[i];
		KUNIT_EXPECT_EQ(test, wk_map(packet, mdl, 0, &bytes, TRUE, 40),
				STATUS_INVALID_PARAMETER);
	}
	packet->base = base;
	wk_expect_report(test, WD_REPORT_NOT_LOCKED, 2);
	MmGetMdlPfnArray(unbuilt)[0] = page_to_pfn(memory->pages[0]);
	KUNIT_EXPECT_EQ(test, wk_map(packet, unbuilt, 0, &bytes, TRUE, 40),
			STATUS_INVALID_PARAMETER);
	unbuilt->MdlFlags |= MDL_PAGES_LOCKED;
	MmGetMdlPfnArray(unbuilt)[0] = ~(PFN_NUMBER)0;
	KUNIT_EXPECT_EQ(test, wk_map(packet, unbuilt, 0, &bytes, TRUE, 40),
			STATUS_INVALID_PARAMETER);
	IoFreeMdl(unbuilt);
	KUNIT_EXPECT_EQ(test, bytes, PAGE_SIZE);
	/* None of that has cost a register. */
	KUNIT_EXPECT_EQ(test, wk_map_some(packet, mdl, 0, PAGE_SIZE, TRUE, 1), PAGE_SIZE);
	wk_flush(packet, mdl, 0, PAGE_SIZE, TRUE);
	wk_packet_end(packet);
}

/* DeviceOffset and the completion routine are for system DMA. */
static void wk_system_dma_arguments_are_ignored(struct kunit *test)
{
	struct wk_packet *packet = wk_packet(test, wk_way(test), 1);
	struct wk_v3 *v3 = &packet->v3;
	struct wk_buffer *memory = wk_alloc_scattered(test, 1);
	PMDL mdl = wk_mdl(test, memory, 0, PAGE_SIZE);
	ULONG bytes = PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, v3->ops->MapTransferEx(v3->adapter, mdl, packet->base, 0, 0xFFFFFFFF,
						     &bytes, TRUE, &packet->sgl.list, 40,
						     (PDMA_COMPLETION_ROUTINE)8, WK_POISON),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, bytes, PAGE_SIZE);
	wk_flush(packet, mdl, 0, bytes, TRUE);
	wk_packet_end(packet);
}

/* A common buffer in the chain has its address already; its neighbours are mapped. */
static void wk_common_buffer_in_the_chain(struct kunit *test)
{
	struct wk_packet *packet = wk_packet(test, wk_way(test), 8);
	struct wk_v3 *v3 = &packet->v3;
	struct wk_buffer *memory = wk_alloc_scattered(test, 2);
	SCATTER_GATHER_ELEMENT *elements = packet->sgl.list.Elements;
	PHYSICAL_ADDRESS logical;
	PVOID va = v3->ops->AllocateCommonBuffer(v3->adapter, 2 * PAGE_SIZE, &logical, TRUE);
	ULONG total = 100 + PAGE_SIZE + 200;
	PMDL mdls[3], chain;
	u32 mappings;

	KUNIT_ASSERT_NOT_NULL(test, va);
	mdls[0] = wk_mdl(test, memory, 0, 100);
	mdls[1] = IoAllocateMdl(va + 40, PAGE_SIZE, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, mdls[1]);
	MmBuildMdlForNonPagedPool(mdls[1]);
	mdls[2] = wk_mdl(test, memory, PAGE_SIZE, 200);
	chain = wk_link(mdls, 3);
	mappings = wk_mappings(test);
	KUNIT_EXPECT_EQ(test, wk_map_some(packet, chain, 0, total, FALSE, 8), total);
	KUNIT_EXPECT_EQ(test, packet->sgl.list.NumberOfElements, 3);
	KUNIT_EXPECT_EQ(test, elements[1].Address.QuadPart, logical.QuadPart + 40);
	KUNIT_EXPECT_EQ(test, elements[1].Length, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3->adapter).common_maps, 1);
	if (wk_way(test) == WK_DIRECT)
		KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings + 2);
	wk_flush(packet, chain, 0, total, FALSE);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	wk_transfer(packet, chain, total, TRUE, 8);
	wk_transfer(packet, chain, total, FALSE, 1);
	IoFreeMdl(mdls[1]);
	v3->ops->FreeCommonBuffer(v3->adapter, 2 * PAGE_SIZE, logical, va, TRUE);
	wk_packet_end(packet);
}

static struct kunit_case wk_transfer_ex_cases[] = {
	KUNIT_CASE_PARAM(wk_chain_is_mapped_in_one_call, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_elements, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_list_buffer_holds, wk_list_size_gen_params),
	KUNIT_CASE_PARAM(wk_small_lists_go_on, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_few_registers_go_on, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_registers_add_up, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_chain_ends, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_nothing_asked_for, wk_way_gen_params),
	KUNIT_CASE(wk_bad_arguments_are_refused),
	KUNIT_CASE_PARAM(wk_system_dma_arguments_are_ignored, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_common_buffer_in_the_chain, wk_way_gen_params),
	{}
};

static struct kunit_suite wk_transfer_ex_suite = {
	.name = "wdmdma_transfer_ex",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_transfer_ex_cases,
};

kunit_test_suite(wk_transfer_ex_suite);
