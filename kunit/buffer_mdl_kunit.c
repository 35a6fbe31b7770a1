// SPDX-License-Identifier: GPL-2.0-only
/*
 * CreateCommonBufferFromMdl: memory becomes a common buffer, which device and processor share and
 * transfers find.
 *
 * Memory in one physical piece becomes one everywhere, scattered memory only behind an IOMMU.
 */
#include <linux/mm.h>

#include "from_mdl.h"

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
	wk_config part = wk_part(0, 2 * SZ_4K);
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
		wk_config access = wk_access(type);
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
		limits = wk_limits(address, address + WK_BYTES - 1);
		KUNIT_EXPECT_EQ(test, wk_create(&made, &limits, 1), STATUS_SUCCESS);
		wk_free(&made, WK_BYTES, address, made.memory->va);
		limits = wk_limits(address + 1, -1);
		KUNIT_EXPECT_EQ(test, wk_create(&made, &limits, 1), STATUS_INVALID_PARAMETER);
		limits = wk_limits(0, address + WK_BYTES - 2);
		KUNIT_EXPECT_EQ(test, wk_create(&made, &limits, 1), STATUS_INVALID_PARAMETER);
	} else {
		limits = wk_limits(0, SZ_64M - 1);
		KUNIT_ASSERT_EQ(test, wk_create(&made, &limits, 1), STATUS_SUCCESS);
		KUNIT_EXPECT_LE(test, made.address.QuadPart + WK_BYTES - 1, SZ_64M - 1);
		wk_expect_shared(&made, made.address.QuadPart, 0, WK_BYTES);
		wk_free(&made, WK_BYTES, made.address.QuadPart, made.memory->va);
		limits = wk_limits(1ULL << 60, -1);
		KUNIT_EXPECT_EQ(test, wk_create(&made, &limits, 1), STATUS_NOT_SUPPORTED);
	}
	wk_expect_gone(&made);
}

static struct kunit_case wk_buffer_mdl_cases[] = {
	KUNIT_CASE_PARAM(wk_memory_becomes_one_range, wk_memory_gen_params),
	KUNIT_CASE(wk_transfers_use_the_buffer),
	KUNIT_CASE(wk_more_than_the_buffer_is_memory),
	KUNIT_CASE(wk_permissions),
	KUNIT_CASE(wk_fit_mdls),
	KUNIT_CASE(wk_limits_are_exact),
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
