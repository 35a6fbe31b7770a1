// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a common buffer that was made of an MDL: what FreeCommonBuffer must be told, what it
 * tolerates, and what becomes of a buffer that is never freed.
 */
#include <linux/bottom_half.h>
#include <linux/irqflags.h>
#include <linux/sizes.h>

#include "v3.h"

#define WK_PAGES	5
#define WK_BYTES	(WK_PAGES * SZ_4K)

struct wk_made {
	struct wk_v3 v3;
	struct wk_buffer *memory;
	PMDL mdl;
	u64 address;
	u32 idle;
};

/* @pages from page @start on become a buffer. */
static void wk_create(struct wk_made *made, u64 start, ULONG pages)
{
	DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION part = {
		.ConfigType = CommonBufferConfigTypeSubSection,
		.SubSection = { start * SZ_4K, pages * SZ_4K },
	};
	const struct wk_v3 *v3 = &made->v3;
	PHYSICAL_ADDRESS address;

	KUNIT_ASSERT_EQ(v3->test, v3->ops->CreateCommonBufferFromMdl(v3->adapter, made->mdl, &part,
								     1, &address), STATUS_SUCCESS);
	made->address = address.QuadPart;
}

static struct wk_made wk_made(struct kunit *test)
{
	struct wk_made made = {
		.v3 = wk_v3_way(test, WK_DIRECT),
		.memory = wk_alloc_contiguous(test, WK_PAGES),
	};

	made.mdl = wk_mdl(test, made.memory, 0, WK_BYTES);
	made.idle = wk_mappings(test);
	return made;
}

static void wk_free(struct wk_made *made, ULONG bytes, u64 address, u8 *va)
{
	PHYSICAL_ADDRESS logical = { .QuadPart = address };

	made->v3.ops->FreeCommonBuffer(made->v3.adapter, bytes, logical, va, TRUE);
}

static u32 wk_live(const struct wk_made *made)
{
	return wk_stats(made->v3.test, made->v3.adapter).buffers_live;
}

/* Calls on a buffer of pages 1 and 2: what differs, and what follows */
static const struct wk_free {
	const char *name;
	int length;		/* added to the length, */
	s64 address;		/* ... to the logical address */
	int va;			/* ... and to the virtual address */
	bool freed;
	u32 report;		/* 0: none */
} wk_frees[] = {
	{ "exact", .freed = true },
	{ "start of the MDL", .va = -SZ_4K, .freed = true },
	{ "last byte of the MDL", .va = 4 * SZ_4K - 1, .freed = true },
	{ "inside", .va = 17, .freed = true },
	{ "before the MDL", .va = -SZ_4K - 1, .report = WD_REPORT_BUFFER_FREED },
	{ "behind the MDL", .va = 4 * SZ_4K, .report = WD_REPORT_BUFFER_FREED },
	{ "length", .length = -1, .freed = true, .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "length of the MDL", .va = -SZ_4K, .length = 3 * SZ_4K, .freed = true,
	  .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "address", .address = 1, .freed = true, .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "length and address", .length = 1, .address = SZ_4K,
	  .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "inside, address", .va = 1, .address = 1, .report = WD_REPORT_BUFFER_ARGUMENTS },
	{ "start of the MDL, address", .va = -SZ_4K, .address = -SZ_4K,
	  .report = WD_REPORT_BUFFER_FREED },
};

static void wk_free_name(const struct wk_free *free, char *name)
{
	strscpy(name, free->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_free, wk_frees, wk_free_name);

static void wk_free_goes_by_what_was_made(struct kunit *test)
{
	const struct wk_free *free = test->param_value;
	struct wk_made made = wk_made(test);
	u8 *va = made.memory->va + SZ_4K;

	wk_create(&made, 1, 2);
	if (free->report)
		wk_expect_report(test, free->report, 1);
	wk_free(&made, 2 * SZ_4K + free->length, made.address + free->address, va + free->va);
	KUNIT_EXPECT_EQ(test, wk_live(&made), !free->freed);
	KUNIT_EXPECT_EQ(test, wk_mappings(test) - made.idle, !free->freed);
	if (free->freed)
		wk_expect_report(test, WD_REPORT_BUFFER_FREED, 1);
	wk_free(&made, 2 * SZ_4K, made.address, va);
	KUNIT_EXPECT_EQ(test, wk_live(&made), 0);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), made.idle);
	/* The memory is the driver's all the time. */
	wk_fill(made.memory->va, WK_BYTES, 2);
}

/* Each is named by the address of the MDL, and the logical address says which one is meant. */
static void wk_parts_of_one_mdl(struct kunit *test)
{
	struct wk_made made = wk_made(test);
	u64 addresses[3];

	wk_create(&made, 0, 2);
	addresses[0] = made.address;
	wk_create(&made, 2, 2);
	addresses[1] = made.address;
	wk_create(&made, 4, 1);
	addresses[2] = made.address;
	wk_free(&made, 2 * SZ_4K, addresses[1], made.memory->va);
	KUNIT_EXPECT_EQ(test, wk_live(&made), 2);
	wk_create(&made, 2, 2);		/* that was the one */
	wk_free(&made, SZ_4K, addresses[2], made.memory->va);
	wk_free(&made, 2 * SZ_4K, addresses[0], made.memory->va);
	wk_free(&made, 2 * SZ_4K, made.address, made.memory->va);
	KUNIT_EXPECT_EQ(test, wk_live(&made), 0);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), made.idle);
}

static const struct wk_place {
	const char *name;
	bool interrupts;
} wk_places[] = {
	{ "bottom halves off", false },
	{ "interrupts off", true },
};

static void wk_place_name(const struct wk_place *place, char *name)
{
	strscpy(name, place->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_place, wk_places, wk_place_name);

/* Unknown at once, so that the same pages can become a buffer again, unmapped later */
static void wk_free_at_dispatch_level(struct kunit *test)
{
	const struct wk_place *place = test->param_value;
	struct wk_made made = wk_made(test);
	unsigned int i;

	for (i = 0; i < 6; i++) {	/* dma-debug takes no more mappings of one page */
		wk_create(&made, 0, WK_PAGES);
		if (place->interrupts)
			local_irq_disable();
		else
			local_bh_disable();
		wk_free(&made, WK_BYTES, made.address, made.memory->va);
		if (place->interrupts)
			local_irq_enable();
		else
			local_bh_enable();
		KUNIT_EXPECT_EQ(test, wk_live(&made), 0);
	}
	KUNIT_EXPECT_TRUE(test, wk_wait_for(wk_mappings(test) == made.idle));
}

/* The other adapter of the device is credited with it, with a report. */
static void wk_other_adapter_frees(struct kunit *test)
{
	struct wk_made made = wk_made(test), other = made;

	other.v3 = wk_v3_way(test, WK_DIRECT);
	wk_create(&made, 0, WK_PAGES);
	wk_expect_report(test, WD_REPORT_BUFFER_ARGUMENTS, 1);
	wk_free(&other, WK_BYTES, made.address, made.memory->va);
	KUNIT_EXPECT_EQ(test, wk_live(&made), 0);
	wk_expect_report(test, WD_REPORT_BUFFER_FREED, 1);
	wk_free(&made, WK_BYTES, made.address, made.memory->va);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), made.idle);
}

/* It stays mapped for the device until its driver is gone. */
static void wk_buffer_outlives_its_adapter(struct kunit *test)
{
	struct wk_made made = wk_made(test);
	u8 byte = 0x21;

	wk_create(&made, 0, WK_PAGES);
	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 1);
	wk_put_adapter(test, made.v3.adapter);
	msleep(100);
	wk_device_write(test, made.address + SZ_8K, &byte, 1);
	KUNIT_EXPECT_EQ(test, made.memory->va[SZ_8K], 0x21);
	KUNIT_EXPECT_EQ(test, wk_mappings(test) - made.idle, 1);
	wk_expect_report(test, WD_REPORT_BUFFERS_LEFT, 1);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind(test);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), made.idle);
}

static struct kunit_case wk_buffer_mdl_free_cases[] = {
	KUNIT_CASE_PARAM(wk_free_goes_by_what_was_made, wk_free_gen_params),
	KUNIT_CASE(wk_parts_of_one_mdl),
	KUNIT_CASE_PARAM(wk_free_at_dispatch_level, wk_place_gen_params),
	KUNIT_CASE(wk_other_adapter_frees),
	KUNIT_CASE(wk_buffer_outlives_its_adapter),
	{}
};

static struct kunit_suite wk_buffer_mdl_free_suite = {
	.name = "wdmdma_buffer_mdl_free",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_buffer_mdl_free_cases,
};

kunit_test_suite(wk_buffer_mdl_free_suite);
