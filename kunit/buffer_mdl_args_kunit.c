// SPDX-License-Identifier: GPL-2.0-only
/*
 * CreateCommonBufferFromMdl: what is asked for, and what is refused, by every row of the contract's
 * tables.
 */
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "bounce.h"
#include "from_mdl.h"

/* The part is counted along the chain, and lies inside one MDL of it. */
static const struct wk_part_row {
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

static void wk_part_name(const struct wk_part_row *part, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "0x%llx, 0x%x", part->offset, part->bytes);
}

KUNIT_ARRAY_PARAM(wk_part_row, wk_parts, wk_part_name);

static void wk_part_of_a_chain(struct kunit *test)
{
	const struct wk_part_row *part = test->param_value;
	struct wk_made made = wk_made(test, false);
	PMDL mdls[] = {
		wk_mdl(test, made.memory, 0, 2 * SZ_4K),
		wk_mdl(test, made.memory, 2 * SZ_4K, 3 * SZ_4K),
		wk_mdl(test, made.memory, 5 * SZ_4K, SZ_4K),
	};
	PMDL chain = wk_link(mdls, ARRAY_SIZE(mdls));
	wk_config config = wk_part(part->offset, part->bytes);
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
	wk_config part = wk_part(SZ_4K, SZ_4K);

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

/* Arrays of configurations by kind, or with one bad value */
static const struct wk_bad {
	int types[4];
	ULONG count;
	u64 minimum, maximum;
	int access;
} wk_bads[] = {
	{ { 0, 0 }, 2, 0, -1, 2 },
	{ { 1, 1 }, 2, 0, -1, 2 },
	{ { 2, 0, 2 }, 3, 0, -1, 2 },
	{ { 0, 1, 2, 0 }, 0xFFFFFFFF, 0, -1, 2 },
	{ { CommonBufferConfigTypeMax }, 1, 0, -1, 2 },
	{ { -1 }, 1, 0, -1, 2 },
	{ { 64 }, 1, 0, -1, 2 },
	{ { 2 }, 1, 0, -1, CommonBufferHardwareAccessMax },
	{ { 2 }, 1, 0, -1, -1 },
	{ { 0 }, 1, SZ_2G, SZ_1G, 2 },
	{ { 0 }, 1, -1, SZ_1G, 2 },
	{ { 0 }, 1, 0, WK_BYTES - 2, 2 },
	{ { 0 }, 1, 0, 0, 2 },
	{ { 0 }, 1, -SZ_4K, -1, 2 },
};

static wk_config wk_config_of(const struct wk_bad *bad, int type)
{
	switch (type) {
	case CommonBufferConfigTypeLogicalAddressLimits:
		return wk_limits(bad->minimum, bad->maximum);
	case CommonBufferConfigTypeSubSection:
		return wk_part(0, SZ_4K);
	case CommonBufferConfigTypeHardwareAccessPermissions:
		return wk_access(bad->access);
	default:
		return (wk_config){ .ConfigType = type };
	}
}

static void wk_bad_configurations(struct kunit *test)
{
	struct wk_made made = wk_made(test, false);
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(wk_bads); i++) {
		wk_config configs[4];

		for (j = 0; j < ARRAY_SIZE(configs); j++)
			configs[j] = wk_config_of(&wk_bads[i], wk_bads[i].types[j]);
		KUNIT_EXPECT_EQ_MSG(test, wk_create(&made, configs, wk_bads[i].count),
				    STATUS_INVALID_PARAMETER, "number %u", i);
	}
	wk_expect_gone(&made);
}

static void wk_bad_arguments(struct kunit *test)
{
	struct wk_made made = wk_made(test, false);
	const struct wk_v3 *v3 = &made.v3;
	wk_config all[] = {
		wk_access(CommonBufferHardwareAccessReadWrite), wk_limits(0, -1), wk_part(0, SZ_4K),
	};

	KUNIT_EXPECT_EQ(test, wk_create(&made, NULL, 1), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_create_of(&made, NULL, NULL, 0), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, v3->ops->CreateCommonBufferFromMdl(v3->adapter, made.mdl, NULL, 0,
								 NULL), STATUS_INVALID_PARAMETER);
	wk_expect_gone(&made);
	/* No count, no array: what it would point to is not looked at. */
	KUNIT_EXPECT_EQ(test, wk_create(&made, WK_POISON, 0), STATUS_SUCCESS);
	wk_free(&made, WK_BYTES, made.address.QuadPart, made.memory->va);
	/* All three at once */
	KUNIT_EXPECT_EQ(test, wk_create(&made, all, ARRAY_SIZE(all)), STATUS_SUCCESS);
	wk_free(&made, SZ_4K, made.address.QuadPart, made.memory->va);
	wk_expect_gone(&made);
}

/* Out of the adapter's reach: never a copy, rather none. */
static void wk_out_of_reach_is_refused(struct kunit *test)
{
	struct wk_made made = {};
	u64 last;

	if (wk_joins(test))
		return;	/* an IOMMU brings everything in reach */
	made.memory = wk_alloc_split(test, "nNNfFF", &last);
	made.v3 = wk_v3_of(test, wk_description(3, TRUE, 64, SZ_64K),
			   (struct wdmdma_limits){ .last_address = last });
	made.address.QuadPart = WK_UNTOUCHED;
	made.idle = wk_mappings(test);
	made.mdl = wk_mdl(test, made.memory, 3 * SZ_4K, 3 * SZ_4K);
	KUNIT_EXPECT_EQ(test, wk_create(&made, NULL, 0), STATUS_INVALID_PARAMETER);
	wk_expect_gone(&made);
	made.mdl = wk_mdl(test, made.memory, 0, 3 * SZ_4K);
	KUNIT_EXPECT_EQ(test, wk_create(&made, NULL, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, made.address.QuadPart, wk_phys(made.memory, 0));
	wk_free(&made, 3 * SZ_4K, made.address.QuadPart, made.memory->va);
	wk_expect_gone(&made);
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

/* The same pages only once for an adapter, wherever they are mapped; another has its own. */
static void wk_pages_only_once(struct kunit *test)
{
	struct wk_made made = wk_made(test, false), other = made;
	void *alias = wk_map_again(made.memory);
	wk_config part = wk_part(2 * SZ_4K, SZ_4K), before = wk_part(0, 2 * SZ_4K);
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

static struct kunit_case wk_buffer_mdl_args_cases[] = {
	KUNIT_CASE_PARAM(wk_part_of_a_chain, wk_part_row_gen_params),
	KUNIT_CASE(wk_chain_needs_a_part),
	KUNIT_CASE(wk_part_must_start_on_a_page),
	KUNIT_CASE(wk_unfit_mdls),
	KUNIT_CASE(wk_bad_configurations),
	KUNIT_CASE(wk_bad_arguments),
	KUNIT_CASE(wk_out_of_reach_is_refused),
	KUNIT_CASE(wk_no_addresses_left),
	KUNIT_CASE(wk_pages_only_once),
	KUNIT_CASE(wk_common_buffer_is_refused),
	{}
};

static struct kunit_suite wk_buffer_mdl_args_suite = {
	.name = "wdmdma_buffer_mdl_args",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_buffer_mdl_args_cases,
};

kunit_test_suite(wk_buffer_mdl_args_suite);
