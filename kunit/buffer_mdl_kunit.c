// SPDX-License-Identifier: GPL-2.0-only
/*
 * CreateCommonBufferFromMdl: what becomes a common buffer and what does not, by every row of the
 * contract's tables; that device and processor share it; and what frees it.
 *
 * Memory in one physical piece becomes one everywhere, scattered memory only behind an IOMMU.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include "v3.h"

#define WK_PAGES	6
#define WK_BYTES	(WK_PAGES * SZ_4K)

typedef DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION wk_config;

#define WK_LIMITS(minimum, maximum)	((wk_config){					\
	.ConfigType = CommonBufferConfigTypeLogicalAddressLimits,			\
	.LogicalAddressLimits = { { .QuadPart = minimum }, { .QuadPart = maximum } } })
#define WK_PART(offset, bytes)		((wk_config){					\
	.ConfigType = CommonBufferConfigTypeSubSection,					\
	.SubSection = { offset, bytes } })
#define WK_ACCESS(type)			((wk_config){					\
	.ConfigType = CommonBufferConfigTypeHardwareAccessPermissions,			\
	.HardwareAccessType = type })

/* An adapter, memory in one piece, and an MDL over it */
struct wk_made {
	struct wk_v3 v3;
	struct wk_buffer *memory;
	PMDL mdl;
	PHYSICAL_ADDRESS address;	/* of the common buffer */
	u32 idle;
};

static struct wk_made wk_made(struct kunit *test, bool scattered)
{
	struct wk_made made = {
		.v3 = wk_v3_way(test, WK_DIRECT),
		.memory = scattered ? wk_alloc_scattered(test, WK_PAGES) :
				      wk_alloc_contiguous(test, WK_PAGES),
		.address.QuadPart = WK_UNTOUCHED,
	};

	made.mdl = wk_mdl(test, made.memory, 0, WK_BYTES);
	/* A set may have a page of its own, from its first use on. */
	wk_end_set(&made.v3, wk_get_set(&made.v3, WK_PAGES), WK_PAGES);
	made.idle = wk_mappings(test);
	return made;
}

static NTSTATUS wk_create_of(struct wk_made *made, PMDL mdl, wk_config *configs, ULONG count)
{
	const struct wk_v3 *v3 = &made->v3;
	NTSTATUS status = v3->ops->CreateCommonBufferFromMdl(v3->adapter, mdl, configs, count,
							     &made->address);

	if (status)
		KUNIT_EXPECT_EQ(v3->test, made->address.QuadPart, WK_UNTOUCHED);
	return status;
}

static NTSTATUS wk_create(struct wk_made *made, wk_config *configs, ULONG count)
{
	return wk_create_of(made, made->mdl, configs, count);
}

static void wk_free(struct wk_made *made, ULONG bytes, u64 address, void *va)
{
	PHYSICAL_ADDRESS logical = { .QuadPart = address };

	made->v3.ops->FreeCommonBuffer(made->v3.adapter, bytes, logical, va, TRUE);
	made->address.QuadPart = WK_UNTOUCHED;
}

static u32 wk_live(const struct wk_made *made)
{
	return wk_stats(made->v3.test, made->v3.adapter).buffers_live;
}

static void wk_expect_gone(struct wk_made *made)
{
	KUNIT_EXPECT_EQ(made->v3.test, wk_live(made), 0);
	KUNIT_EXPECT_EQ(made->v3.test, wk_mappings(made->v3.test), made->idle);
}

/* The device reaches the memory through one range that starts at @address. */
static void wk_expect_shared(struct wk_made *made, u64 address, size_t offset, size_t bytes)
{
	struct kunit *test = made->v3.test;
	u8 *copy = kunit_kzalloc(test, bytes, GFP_KERNEL);
	size_t at;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	for (at = 0; at < bytes; at += 512)
		wk_expect_at(test, address + at, made->memory, offset + at);
	wk_fill(made->memory->va + offset, bytes, 40);
	wk_device_read(test, address, copy, bytes);
	wk_expect_pattern(test, copy, bytes, 40);
	wk_fill(copy, bytes, 41);
	wk_device_write(test, address, copy, bytes);
	wk_expect_pattern(test, made->memory->va + offset, bytes, 41);
	kunit_kfree(test, copy);
}

/* Test parameters: memory in one piece, scattered memory */
static const bool wk_kinds[] = { false, true };

static void wk_memory_name(const bool *scattered, char *name)
{
	strscpy(name, *scattered ? "scattered" : "contiguous", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_memory, wk_kinds, wk_memory_name);

/* One range however the pages lie, if there is an IOMMU to make it; else the driver falls back. */
static void wk_memory_becomes_one_range(struct kunit *test)
{
	bool scattered = *(const bool *)test->param_value;
	struct wk_made made = wk_made(test, scattered);
	NTSTATUS status = wk_create(&made, NULL, 0);

	KUNIT_ASSERT_EQ(test, status, !scattered || wk_joins(test) ? STATUS_SUCCESS :
								    STATUS_INVALID_PARAMETER);
	if (!status) {
		KUNIT_EXPECT_EQ(test, wk_live(&made), 1);
		KUNIT_EXPECT_EQ(test, made.address.QuadPart % PAGE_SIZE, 0);
		wk_expect_shared(&made, made.address.QuadPart, 0, WK_BYTES);
		wk_free(&made, WK_BYTES, made.address.QuadPart,
			MmGetSystemAddressForMdlSafe(made.mdl, NormalPagePriority));
	}
	wk_expect_gone(&made);
	/* Its pages are the driver's, and can be used again. */
	wk_fill(made.memory->va, WK_BYTES, 3);
	wk_expect_pattern(test, made.memory->va, WK_BYTES, 3);
}

/* B11: MapTransfer finds it and calls nobody. @is_common: it does. */
static void wk_expect_transfer(struct wk_made *made, PMDL mdl, u64 address, size_t offset,
			       ULONG bytes, BOOLEAN write, bool is_common)
{
	const struct wk_v3 *v3 = &made->v3;
	struct kunit *test = v3->test;
	u64 before = wk_stats(test, v3->adapter).common_maps, found;
	u32 mappings = wk_mappings(test);
	PVOID base = wk_get_set(v3, WK_PAGES);
	u8 *va = MmGetMdlVirtualAddress(mdl);
	ULONG length = bytes;

	found = v3->ops->MapTransfer(v3->adapter, mdl, base, va + offset, &length, write).QuadPart;
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3->adapter).common_maps - before, is_common);
	KUNIT_EXPECT_EQ(test, wk_mappings(test) - mappings, !is_common);
	if (is_common) {
		KUNIT_EXPECT_EQ(test, found, address);
		KUNIT_EXPECT_EQ(test, length, bytes);
	} else {
		KUNIT_EXPECT_EQ(test, wk_memory_at(test, found), wk_phys(made->memory, offset));
	}
	v3->ops->FlushAdapterBuffers(v3->adapter, mdl, base, va + offset, length, write);
	wk_end_set(v3, base, WK_PAGES);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
}

static void wk_expect_list(struct wk_made *made, u64 address, BOOLEAN write, bool is_common)
{
	const struct wk_v3 *v3 = &made->v3;
	struct kunit *test = v3->test;
	u64 before = wk_stats(test, v3->adapter).common_maps;
	struct wk_context context;
	PSCATTER_GATHER_LIST list;
	struct wk_ask ask = {
		.context = &context, .mdl = made->mdl, .bytes = WK_BYTES, .read = !write,
		.flags = DMA_SYNCHRONOUS_CALLBACK, .list = &list,
	};

	wk_context_init(v3, &context);
	KUNIT_ASSERT_EQ(test, wk_list_ex(v3, &ask), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_stats(test, v3->adapter).common_maps - before, is_common);
	if (is_common) {
		KUNIT_EXPECT_EQ(test, list->NumberOfElements, 1);
		KUNIT_EXPECT_EQ(test, list->Elements[0].Address.QuadPart, address);
		KUNIT_EXPECT_EQ(test, list->Elements[0].Length, WK_BYTES);
	}
	v3->ops->PutScatterGatherList(v3->adapter, list, write);
}

static void wk_expect_transfer_ex(struct wk_made *made, u64 address, BOOLEAN write)
{
	const struct wk_v3 *v3 = &made->v3;
	struct kunit *test = v3->test;
	PVOID base = wk_get_set(v3, WK_PAGES);
	struct {
		SCATTER_GATHER_LIST list;
		SCATTER_GATHER_ELEMENT elements[WK_PAGES];
	} out;
	ULONG length = WK_BYTES - 1000;

	KUNIT_EXPECT_EQ(test, v3->ops->MapTransferEx(v3->adapter, made->mdl, base, 1000, 0, &length,
						     write, &out.list, sizeof(out), NULL, NULL),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, out.list.NumberOfElements, 1);
	KUNIT_EXPECT_EQ(test, out.list.Elements[0].Address.QuadPart, address + 1000);
	KUNIT_EXPECT_EQ(test, length, WK_BYTES - 1000);
	v3->ops->FlushAdapterBuffersEx(v3->adapter, made->mdl, base, 1000, length, write);
	wk_end_set(v3, base, WK_PAGES);
}

/* The address that the memory has already, from each routine that maps (B11) */
static void wk_transfers_use_the_buffer(struct kunit *test)
{
	struct wk_made made = wk_made(test, wk_joins(test));
	BOOLEAN write;
	u64 address;

	KUNIT_ASSERT_EQ(test, wk_create(&made, NULL, 0), STATUS_SUCCESS);
	address = made.address.QuadPart;
	for (write = FALSE; write <= TRUE; write++) {
		wk_expect_transfer(&made, made.mdl, address + 5, 5, WK_BYTES - 10, write, true);
		wk_expect_list(&made, address, write, true);
		wk_expect_transfer_ex(&made, address, write);
	}
	wk_free(&made, WK_BYTES, address, made.memory->va);
	wk_expect_transfer(&made, made.mdl, 0, 0, SZ_4K, TRUE, false);
	wk_expect_gone(&made);
}

/* What is not all inside it is memory like any: the pages are mapped once more. */
static void wk_more_than_the_buffer_is_memory(struct kunit *test)
{
	struct wk_made made = wk_made(test, false);
	wk_config part = WK_PART(0, 2 * SZ_4K);
	u64 address;

	KUNIT_ASSERT_EQ(test, wk_create(&made, &part, 1), STATUS_SUCCESS);
	address = made.address.QuadPart;
	wk_expect_transfer(&made, made.mdl, address, 0, 2 * SZ_4K, TRUE, true);
	wk_expect_transfer(&made, made.mdl, address, 0, 2 * SZ_4K + 1, TRUE, false);
	wk_expect_transfer(&made, made.mdl, address, 2 * SZ_4K, SZ_4K, TRUE, false);
	wk_free(&made, 2 * SZ_4K, address, made.memory->va);
	wk_expect_gone(&made);
}

/* Only an IOMMU can keep a device from reading or writing; then transfers are that way, too. */
static void wk_permissions(struct kunit *test)
{
	struct wk_made made = wk_made(test, false);
	int type;

	for (type = CommonBufferHardwareAccessReadOnly; type <= CommonBufferHardwareAccessReadWrite;
	     type++) {
		bool read = type != CommonBufferHardwareAccessWriteOnly;
		bool write = type != CommonBufferHardwareAccessReadOnly;
		wk_config access = WK_ACCESS(type);
		u64 address;

		if (!wk_joins(test) && type != CommonBufferHardwareAccessReadWrite) {
			KUNIT_EXPECT_EQ(test, wk_create(&made, &access, 1), STATUS_NOT_SUPPORTED);
			continue;
		}
		KUNIT_ASSERT_EQ(test, wk_create(&made, &access, 1), STATUS_SUCCESS);
		address = made.address.QuadPart;
		wk_expect_transfer(&made, made.mdl, address, 0, WK_BYTES, TRUE, read);
		wk_expect_transfer(&made, made.mdl, address, 0, WK_BYTES, FALSE, write);
		wk_expect_list(&made, address, TRUE, read);
		wk_expect_list(&made, address, FALSE, write);
		wk_free(&made, WK_BYTES, address, made.memory->va);
	}
	wk_expect_gone(&made);
}

/* The part is counted along the chain, and lies inside one MDL of it. */
static const struct wk_part {
	u64 offset;
	ULONG bytes;
	int start;		/* in pages of the memory; -1: refused */
} wk_parts[] = {
	{ 0, SZ_4K, 0 },
	{ 0, 2 * SZ_4K, 0 },
	{ SZ_4K, SZ_4K, 1 },
	{ 2 * SZ_4K, 3 * SZ_4K, 2 },
	{ 3 * SZ_4K, SZ_4K, 3 },
	{ 5 * SZ_4K, SZ_4K, 5 },
	{ SZ_4K, 2 * SZ_4K, -1 },	/* over the end of the first */
	{ 0, 6 * SZ_4K, -1 },
	{ 4 * SZ_4K, 2 * SZ_4K, -1 },
	{ 5 * SZ_4K, 2 * SZ_4K, -1 },	/* over the end of the last */
	{ 6 * SZ_4K, SZ_4K, -1 },	/* behind it */
	{ -SZ_4K, SZ_4K, -1 },
	{ 0, 0, -1 },
	{ 0, 100, -1 },
	{ 0, SZ_4K + 1, -1 },
	{ 1, SZ_4K, -1 },
	{ SZ_4K - 1, SZ_4K, -1 },
	{ 0, 0xFFFFF000, -1 },
};

static void wk_part_name(const struct wk_part *part, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "0x%llx, 0x%x", part->offset, part->bytes);
}

KUNIT_ARRAY_PARAM(wk_part, wk_parts, wk_part_name);

static void wk_part_of_a_chain(struct kunit *test)
{
	const struct wk_part *part = test->param_value;
	struct wk_made made = wk_made(test, false);
	PMDL mdls[] = {
		wk_mdl(test, made.memory, 0, 2 * SZ_4K),
		wk_mdl(test, made.memory, 2 * SZ_4K, 3 * SZ_4K),
		wk_mdl(test, made.memory, 5 * SZ_4K, SZ_4K),
	};
	PMDL chain = wk_link(mdls, ARRAY_SIZE(mdls));
	wk_config config = WK_PART(part->offset, part->bytes);
	NTSTATUS status = wk_create_of(&made, chain, &config, 1);

	KUNIT_EXPECT_EQ(test, status, part->start < 0 ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS);
	if (!status) {
		size_t start = part->start * SZ_4K;

		wk_expect_shared(&made, made.address.QuadPart, start, part->bytes);
		wk_free(&made, part->bytes, made.address.QuadPart, made.memory->va + start);
	}
	wk_expect_gone(&made);
	mdls[0]->Next = NULL;
	mdls[1]->Next = NULL;
}

/* Without a part a chain is refused, whatever is in it. */
static void wk_chain_needs_a_part(struct kunit *test)
{
	struct wk_made made = wk_made(test, false);
	PMDL mdls[] = { made.mdl, wk_mdl(test, made.memory, 0, SZ_4K) };

	wk_link(mdls, 2);
	KUNIT_EXPECT_EQ(test, wk_create(&made, NULL, 0), STATUS_INVALID_PARAMETER);
	mdls[0]->Next = NULL;
	wk_expect_gone(&made);
}

/* The part starts on a page although the MDL does not, and the other way round. */
static void wk_part_must_start_on_a_page(struct kunit *test)
{
	struct wk_made made = wk_made(test, false);
	PMDL odd = wk_mdl(test, made.memory, 100, 3 * SZ_4K);
	PMDL mdls[] = { wk_mdl(test, made.memory, 0, SZ_4K - 100), odd };
	wk_config part = WK_PART(SZ_4K, SZ_4K);

	KUNIT_EXPECT_EQ(test, wk_create_of(&made, odd, &part, 1), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_create_of(&made, odd, NULL, 0), STATUS_INVALID_PARAMETER);
	wk_link(mdls, 2);	/* a page in, the second MDL is 200 bytes in */
	KUNIT_EXPECT_EQ(test, wk_create_of(&made, mdls[0], &part, 1), STATUS_INVALID_PARAMETER);
	mdls[0]->Next = NULL;
	KUNIT_EXPECT_EQ(test, wk_create_of(&made, wk_mdl(test, made.memory, 0, SZ_4K + 1), NULL, 0),
			STATUS_INVALID_PARAMETER);
	wk_expect_gone(&made);
}

/* What an MDL must be: resident, mapped, and memory. */
static void wk_unfit_mdls(struct kunit *test)
{
	static const CSHORT flags[] = {
		0, MDL_MAPPED_TO_SYSTEM_VA, MDL_PAGES_LOCKED,
		MDL_PARTIAL | MDL_MAPPED_TO_SYSTEM_VA, MDL_PARENT_MAPPED_SYSTEM_VA,
		MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA | MDL_IO_SPACE,
	};
	struct wk_made made = wk_made(test, false);
	CSHORT was = made.mdl->MdlFlags;
	PFN_NUMBER *pfns = MmGetMdlPfnArray(made.mdl), pfn = pfns[2];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		made.mdl->MdlFlags = flags[i];
		KUNIT_EXPECT_EQ_MSG(test, wk_create(&made, NULL, 0), STATUS_INVALID_PARAMETER,
				    "flags 0x%x", flags[i]);
	}
	made.mdl->MdlFlags = was;
	pfns[2] = (PFN_NUMBER)-1;
	KUNIT_EXPECT_EQ(test, wk_create(&made, NULL, 0), STATUS_INVALID_PARAMETER);
	pfns[2] = pfn;
	wk_expect_gone(&made);
}

static void wk_fit_mdls(struct kunit *test)
{
	static const CSHORT flags[] = {
		MDL_SOURCE_IS_NONPAGED_POOL, MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA,
		MDL_PAGES_LOCKED | MDL_PARENT_MAPPED_SYSTEM_VA,
	};
	struct wk_made made = wk_made(test, false);
	CSHORT was = made.mdl->MdlFlags;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		made.mdl->MdlFlags = flags[i];
		KUNIT_ASSERT_EQ_MSG(test, wk_create(&made, NULL, 0), STATUS_SUCCESS,
				    "flags 0x%x", flags[i]);
		wk_expect_transfer(&made, made.mdl, made.address.QuadPart, 0, SZ_4K, TRUE, true);
		KUNIT_EXPECT_EQ(test, made.mdl->MdlFlags, flags[i]);
		wk_free(&made, WK_BYTES, made.address.QuadPart, made.memory->va);
	}
	made.mdl->MdlFlags = was;
	wk_expect_gone(&made);
}

static void wk_bad_arguments(struct kunit *test)
{
	struct wk_made made = wk_made(test, false);
	const struct wk_v3 *v3 = &made.v3;
	wk_config limits = WK_LIMITS(0, -1), part = WK_PART(0, SZ_4K);
	wk_config access = WK_ACCESS(CommonBufferHardwareAccessReadWrite);
	const struct {
		wk_config configs[4];
		ULONG count;
	} bad[] = {
		{ { limits, limits }, 2 },
		{ { part, part }, 2 },
		{ { access, limits, access }, 3 },
		{ { limits, part, access, limits }, 0xFFFFFFFF },
		{ { { .ConfigType = CommonBufferConfigTypeMax } }, 1 },
		{ { { .ConfigType = -1 } }, 1 },
		{ { { .ConfigType = 64 } }, 1 },
		{ { WK_ACCESS(CommonBufferHardwareAccessMax) }, 1 },
		{ { WK_ACCESS(-1) }, 1 },
		{ { WK_LIMITS(SZ_2G, SZ_1G) }, 1 },
		{ { WK_LIMITS(-1, SZ_1G) }, 1 },
		{ { WK_LIMITS(0, WK_BYTES - 2) }, 1 },
		{ { WK_LIMITS(0, 0) }, 1 },
		{ { WK_LIMITS(-SZ_4K, -1) }, 1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, wk_create(&made, (wk_config *)bad[i].configs,
						    bad[i].count),
				    STATUS_INVALID_PARAMETER, "number %u", i);
	KUNIT_EXPECT_EQ(test, wk_create(&made, NULL, 1), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_create_of(&made, NULL, NULL, 0), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, v3->ops->CreateCommonBufferFromMdl(v3->adapter, made.mdl, NULL, 0,
								 NULL), STATUS_INVALID_PARAMETER);
	wk_expect_gone(&made);
	/* No count, no array: what it would point to is not looked at. */
	KUNIT_EXPECT_EQ(test, wk_create(&made, WK_POISON, 0), STATUS_SUCCESS);
	wk_free(&made, WK_BYTES, made.address.QuadPart, made.memory->va);
	/* All three at once */
	KUNIT_EXPECT_EQ(test, wk_create(&made, (wk_config[]){ access, limits, part }, 3),
			STATUS_SUCCESS);
	wk_free(&made, SZ_4K, made.address.QuadPart, made.memory->va);
	wk_expect_gone(&made);
}

/* To the byte. Untranslated the address is what it is; translated the maximum steers it. */
static void wk_limits_are_exact(struct kunit *test)
{
	struct wk_made made = wk_made(test, false);
	wk_config limits;
	u64 address;

	KUNIT_ASSERT_EQ(test, wk_create(&made, NULL, 0), STATUS_SUCCESS);
	address = made.address.QuadPart;
	wk_free(&made, WK_BYTES, address, made.memory->va);
	if (!wk_joins(test)) {
		limits = WK_LIMITS(address, address + WK_BYTES - 1);
		KUNIT_EXPECT_EQ(test, wk_create(&made, &limits, 1), STATUS_SUCCESS);
		wk_free(&made, WK_BYTES, address, made.memory->va);
		limits = WK_LIMITS(address + 1, -1);
		KUNIT_EXPECT_EQ(test, wk_create(&made, &limits, 1), STATUS_INVALID_PARAMETER);
		limits = WK_LIMITS(0, address + WK_BYTES - 2);
		KUNIT_EXPECT_EQ(test, wk_create(&made, &limits, 1), STATUS_INVALID_PARAMETER);
	} else {
		limits = WK_LIMITS(0, SZ_64M - 1);
		KUNIT_ASSERT_EQ(test, wk_create(&made, &limits, 1), STATUS_SUCCESS);
		KUNIT_EXPECT_LE(test, made.address.QuadPart + WK_BYTES - 1, SZ_64M - 1);
		wk_expect_shared(&made, made.address.QuadPart, 0, WK_BYTES);
		wk_free(&made, WK_BYTES, made.address.QuadPart, made.memory->va);
		limits = WK_LIMITS(1ULL << 60, -1);
		KUNIT_EXPECT_EQ(test, wk_create(&made, &limits, 1), STATUS_NOT_SUPPORTED);
	}
	wk_expect_gone(&made);
}

/* Out of the adapter's reach: never a copy, rather none. */
static void wk_out_of_reach_is_refused(struct kunit *test)
{
	struct wk_made made = wk_made(test, false);
	struct wk_made narrow = made;
	u64 last = wk_phys(made.memory, WK_BYTES - 1);

	if (wk_joins(test))
		return;	/* an IOMMU brings everything in reach */
	narrow.v3 = wk_v3_of(test, wk_description(3, TRUE, 64, SZ_64K),
			     (struct wdmdma_limits){ .last_address = last - 1 });
	narrow.idle = wk_mappings(test);
	KUNIT_EXPECT_EQ(test, wk_create(&narrow, NULL, 0), STATUS_INVALID_PARAMETER);
	wk_expect_gone(&narrow);
	narrow.v3 = wk_v3_of(test, wk_description(3, TRUE, 64, SZ_64K),
			     (struct wdmdma_limits){ .last_address = last });
	narrow.idle = wk_mappings(test);
	KUNIT_EXPECT_EQ(test, wk_create(&narrow, NULL, 0), STATUS_SUCCESS);
	wk_free(&narrow, WK_BYTES, narrow.address.QuadPart, made.memory->va);
	wk_expect_gone(&narrow);
}

static void wk_no_addresses_left(struct kunit *test)
{
	struct wk_made made = wk_made(test, false);

	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(made.v3.adapter, 1), 0);
	KUNIT_EXPECT_EQ(test, wk_create(&made, NULL, 0), STATUS_INSUFFICIENT_RESOURCES);
	wk_expect_gone(&made);
	KUNIT_EXPECT_EQ(test, wk_create(&made, NULL, 0), STATUS_SUCCESS);
	wk_free(&made, WK_BYTES, made.address.QuadPart, made.memory->va);
}

static void *wk_map_again(const struct wk_buffer *memory)
{
	struct page *pages[WK_PAGES];
	unsigned int i;

	for (i = 0; i < WK_PAGES; i++)
		pages[i] = virt_to_page(memory->va + i * SZ_4K);
	return vmap(pages, WK_PAGES, VM_MAP, PAGE_KERNEL);
}

/* The same pages only once for an adapter, wherever they are mapped; another adapter has its own. */
static void wk_pages_only_once(struct kunit *test)
{
	struct wk_made made = wk_made(test, false), other = made;
	void *alias = wk_map_again(made.memory);
	wk_config part = WK_PART(2 * SZ_4K, SZ_4K), before = WK_PART(0, 2 * SZ_4K);
	u64 address, others, firsts;
	PMDL mdl;

	KUNIT_ASSERT_NOT_NULL(test, alias);
	mdl = IoAllocateMdl(alias + 2 * SZ_4K, 3 * SZ_4K, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_ASSERT_EQ(test, wk_create(&made, &part, 1), STATUS_SUCCESS);
	address = made.address.QuadPart;
	made.address.QuadPart = WK_UNTOUCHED;
	KUNIT_EXPECT_EQ(test, wk_create(&made, NULL, 0), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_create(&made, &part, 1), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_create_of(&made, mdl, NULL, 0), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_create(&made, &before, 1), STATUS_SUCCESS);
	firsts = made.address.QuadPart;

	other.v3 = wk_v3_way(test, WK_DIRECT);
	KUNIT_EXPECT_EQ(test, wk_create(&other, NULL, 0), STATUS_SUCCESS);
	others = other.address.QuadPart;
	/* Each frees its own, although there are two at the address. */
	wk_free(&made, 2 * SZ_4K, firsts, made.memory->va);
	wk_free(&made, SZ_4K, address, made.memory->va + 2 * SZ_4K);
	KUNIT_EXPECT_EQ(test, wk_live(&made), 0);
	KUNIT_EXPECT_EQ(test, wk_live(&other), 1);
	wk_free(&other, WK_BYTES, others, made.memory->va);
	KUNIT_EXPECT_EQ(test, wk_create_of(&made, mdl, NULL, 0), STATUS_SUCCESS);
	wk_free(&made, 3 * SZ_4K, made.address.QuadPart, alias + 2 * SZ_4K);
	wk_expect_gone(&made);
	IoFreeMdl(mdl);
	vunmap(alias);
}

/* A common buffer is one already. */
static void wk_common_buffer_is_refused(struct kunit *test)
{
	struct wk_made made = wk_made(test, false);
	const struct wk_v3 *v3 = &made.v3;
	PHYSICAL_ADDRESS address;
	PMDL mdl;
	void *va;

	va = v3->ops->AllocateCommonBuffer(v3->adapter, SZ_8K, &address, TRUE);
	KUNIT_ASSERT_NOT_NULL(test, va);
	mdl = IoAllocateMdl(va, SZ_8K, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_EXPECT_EQ(test, wk_create_of(&made, mdl, NULL, 0), STATUS_INVALID_PARAMETER);
	IoFreeMdl(mdl);
	v3->ops->FreeCommonBuffer(v3->adapter, SZ_8K, address, va, TRUE);
	wk_expect_gone(&made);
}

static struct kunit_case wk_buffer_mdl_cases[] = {
	KUNIT_CASE_PARAM(wk_memory_becomes_one_range, wk_memory_gen_params),
	KUNIT_CASE(wk_transfers_use_the_buffer),
	KUNIT_CASE(wk_more_than_the_buffer_is_memory),
	KUNIT_CASE(wk_permissions),
	KUNIT_CASE_PARAM(wk_part_of_a_chain, wk_part_gen_params),
	KUNIT_CASE(wk_chain_needs_a_part),
	KUNIT_CASE(wk_part_must_start_on_a_page),
	KUNIT_CASE(wk_unfit_mdls),
	KUNIT_CASE(wk_fit_mdls),
	KUNIT_CASE(wk_bad_arguments),
	KUNIT_CASE(wk_limits_are_exact),
	KUNIT_CASE(wk_out_of_reach_is_refused),
	KUNIT_CASE(wk_no_addresses_left),
	KUNIT_CASE(wk_pages_only_once),
	KUNIT_CASE(wk_common_buffer_is_refused),
	{}
};

static struct kunit_suite wk_buffer_mdl_suite = {
	.name = "wdmdma_buffer_mdl",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_buffer_mdl_cases,
};

kunit_test_suite(wk_buffer_mdl_suite);
