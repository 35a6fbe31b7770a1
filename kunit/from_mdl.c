// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the suites of CreateCommonBufferFromMdl share (from_mdl.h).
 */
#include "from_mdl.h"

struct wk_made wk_made(struct kunit *test, bool scattered)
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

NTSTATUS wk_create_of(struct wk_made *made, PMDL mdl, wk_config *configs, ULONG count)
{
	const struct wk_v3 *v3 = &made->v3;
	NTSTATUS status = v3->ops->CreateCommonBufferFromMdl(v3->adapter, mdl, configs, count,
							     &made->address);

	if (status)
		KUNIT_EXPECT_EQ(v3->test, made->address.QuadPart, WK_UNTOUCHED);
	return status;
}

NTSTATUS wk_create(struct wk_made *made, wk_config *configs, ULONG count)
{
	return wk_create_of(made, made->mdl, configs, count);
}

void wk_free(struct wk_made *made, ULONG bytes, u64 address, void *va)
{
	PHYSICAL_ADDRESS logical = { .QuadPart = address };

	made->v3.ops->FreeCommonBuffer(made->v3.adapter, bytes, logical, va, TRUE);
	made->address.QuadPart = WK_UNTOUCHED;
}

u32 wk_live(const struct wk_made *made)
{
	return wk_stats(made->v3.test, made->v3.adapter).buffers_live;
}

void wk_expect_gone(struct wk_made *made)
{
	KUNIT_EXPECT_EQ(made->v3.test, wk_live(made), 0);
	KUNIT_EXPECT_EQ(made->v3.test, wk_mappings(made->v3.test), made->idle);
}

/* The device reaches the memory through one range that starts at @address. */
void wk_expect_shared(struct wk_made *made, u64 address, size_t offset, size_t bytes)
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
