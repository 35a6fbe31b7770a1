// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world of a test (fixture.h).
 */
#include <linux/debugfs.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#include "fixture.h"

/* A number that dma-debug shows in debugfs; -1 when it is not there. */
static u32 wk_dma_debug(const char *name)
{
	struct dentry *dir = debugfs_lookup("dma-api", NULL);
	struct dentry *file = dir ? debugfs_lookup(name, dir) : NULL;
	u32 value = file ? *(u32 *)d_inode(file)->i_private : U32_MAX;

	dput(file);
	dput(dir);
	return value;
}

static bool wk_dma_debug_is_disabled(void)
{
	struct dentry *dir = debugfs_lookup("dma-api", NULL);
	struct dentry *file = dir ? debugfs_lookup("disabled", dir) : NULL;
	bool disabled = !file || *(bool *)d_inode(file)->i_private;

	dput(file);
	dput(dir);
	return disabled;
}

static u32 wk_dma_entries(void)
{
	return wk_dma_debug("nr_total_entries") - wk_dma_debug("num_free_entries");
}

int wk_suite_init(struct kunit_suite *suite)
{
	return wk_device_register();
}

void wk_suite_exit(struct kunit_suite *suite)
{
	wk_device_unregister();
}

static int wk_build_world(struct kunit *test, bool untranslated)
{
	struct wk_world *world = kunit_kzalloc(test, sizeof(*world), GFP_KERNEL);
	unsigned int code;

	KUNIT_ASSERT_NOT_NULL(test, world);
	world->dma_errors = wk_dma_debug("error_count");
	world->dma_entries = wk_dma_entries();
	for (code = 0; code < WK_CODES; code++)
		world->reports[code] = wdmdma_report_count(code);
	world->dev = wk_device_get(test, untranslated);
	world->domain = wk_device_domain(world->dev);
	test->priv = world;
	world->object = wdmdma_get_device_object(world->dev);
	KUNIT_ASSERT_NOT_NULL(test, world->object);
	return 0;
}

int wk_init(struct kunit *test)
{
	return wk_build_world(test, false);
}

int wk_init_untranslated(struct kunit *test)
{
	return wk_build_world(test, true);
}

enum wdmdma_mapping_class wk_uncopied_class(struct kunit *test)
{
	struct wk_world *world = test->priv;

	return world->domain ? WDMDMA_TRANSLATED : WDMDMA_DIRECT;
}

void wk_expect_report(struct kunit *test, u32 code, u32 count)
{
	struct wk_world *world = test->priv;

	world->expected[code] += count;
}

void wk_expect_unflushed(struct kunit *test, u32 count)
{
	wk_expect_report(test, WD_REPORT_FREED_MAPPED, count);
	wk_expect_report(test, WD_REPORT_NOT_FLUSHED, count);
}

void wk_unbind(struct kunit *test)
{
	struct wk_world *world = test->priv;

	device_release_driver(world->dev);
	world->object = NULL;
	memset(world->adapters, 0, sizeof(world->adapters));
}

static void wk_expect_idle(struct kunit *test, PDMA_ADAPTER adapter)
{
	struct wdmdma_adapter_stats stats = wk_stats(test, adapter);

	KUNIT_EXPECT_EQ_MSG(test, stats.lists_live, 0, "scatter/gather lists left");
	KUNIT_EXPECT_EQ_MSG(test, stats.sets_live, 0, "register sets left");
	KUNIT_EXPECT_EQ_MSG(test, stats.buffers_live, 0, "common buffers left");
	KUNIT_EXPECT_EQ_MSG(test, stats.vectors_live, 0, "vectors left");
	KUNIT_EXPECT_EQ_MSG(test, stats.waiting, 0, "requests still waiting");
}

void wk_exit(struct kunit *test)
{
	struct wk_world *world = test->priv;
	unsigned int i, code;

	if (!world)
		return;
	for (i = 0; i < WK_ADAPTERS; i++) {
		PDMA_ADAPTER adapter = world->adapters[i];

		if (!adapter)
			continue;
		wk_expect_idle(test, adapter);
		adapter->DmaOperations->PutDmaAdapter(adapter);
	}
	wdmdma_put_device_object(world->object);
	wk_device_put(world->dev);

	for (code = 0; code < WK_CODES; code++)
		KUNIT_EXPECT_EQ_MSG(test, wdmdma_report_count(code) - world->reports[code],
				    world->expected[code], "reports of code 0x%02X", code);
	KUNIT_EXPECT_EQ_MSG(test, wk_dma_entries(), world->dma_entries, "DMA mappings left");
	KUNIT_EXPECT_FALSE_MSG(test, wk_dma_debug_is_disabled(), "dma-debug switched itself off");
	KUNIT_EXPECT_EQ_MSG(test, wk_dma_debug("error_count"), world->dma_errors,
			    "dma-debug found errors");
	test->priv = NULL;
}

DEVICE_DESCRIPTION wk_description(ULONG version, BOOLEAN scatter_gather, unsigned int bits,
				  ULONG maximum_length)
{
	return (DEVICE_DESCRIPTION){
		.Version = version,
		.Master = TRUE,
		.ScatterGather = scatter_gather,
		.Dma32BitAddresses = bits == 32,
		.Dma64BitAddresses = bits == 64,
		.DmaAddressWidth = bits,
		.InterfaceType = Internal,
		.MaximumLength = maximum_length,
	};
}

PDMA_ADAPTER wk_get_described_adapter(struct kunit *test, DEVICE_DESCRIPTION *description,
				      ULONG *regs)
{
	struct wk_world *world = test->priv;
	ULONG unused;
	PDMA_ADAPTER adapter = IoGetDmaAdapter(world->object, description, regs ? : &unused);
	unsigned int i;

	if (!adapter)
		return NULL;
	for (i = 0; i < WK_ADAPTERS && world->adapters[i]; i++)
		;
	KUNIT_ASSERT_LT_MSG(test, i, WK_ADAPTERS, "more adapters than wk_exit() can put");
	world->adapters[i] = adapter;
	return adapter;
}

PDMA_ADAPTER wk_get_adapter(struct kunit *test, ULONG version, ULONG maximum_length, ULONG *regs)
{
	DEVICE_DESCRIPTION description = wk_description(version, TRUE, 64, maximum_length);
	PDMA_ADAPTER adapter = wk_get_described_adapter(test, &description, regs);

	KUNIT_ASSERT_NOT_NULL_MSG(test, adapter, "IoGetDmaAdapter failed");
	return adapter;
}

PDMA_ADAPTER wk_get_limited_adapter(struct kunit *test, ULONG version, ULONG maximum_length,
				    u32 pool_registers, ULONG *regs)
{
	struct wdmdma_limits limits = { .pool_registers = pool_registers };
	struct wk_world *world = test->priv;
	PDMA_ADAPTER adapter;

	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
	adapter = wk_get_adapter(test, version, maximum_length, regs);
	limits.pool_registers = 0;
	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
	return adapter;
}

void wk_put_adapter(struct kunit *test, PDMA_ADAPTER adapter)
{
	struct wk_world *world = test->priv;
	unsigned int i;

	for (i = 0; i < WK_ADAPTERS; i++)
		if (world->adapters[i] == adapter)
			world->adapters[i] = NULL;
	adapter->DmaOperations->PutDmaAdapter(adapter);
}

struct wdmdma_adapter_stats wk_stats(struct kunit *test, PDMA_ADAPTER adapter)
{
	struct wdmdma_adapter_stats stats = {};

	KUNIT_EXPECT_EQ(test, wdmdma_get_adapter_stats(adapter, &stats), 0);
	return stats;
}

static void wk_free_buffer(void *data)
{
	struct wk_buffer *buffer = data;
	unsigned int i;

	if (buffer->scattered) {
		vunmap(buffer->va);
		/* Every second page only keeps its neighbours apart. */
		for (i = 0; i < 2 * buffer->nr_pages; i++)
			__free_page(buffer->pages[i]);
	} else {
		free_pages_exact(buffer->va, buffer->bytes);
	}
	kvfree(buffer->pages);
	kfree(buffer);
}

static struct wk_buffer *wk_alloc_buffer(struct kunit *test, unsigned int pages, bool scattered)
{
	struct wk_buffer *buffer = kzalloc(sizeof(*buffer), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	buffer->nr_pages = pages;
	buffer->bytes = (size_t)pages * PAGE_SIZE;
	buffer->scattered = scattered;
	buffer->pages = kvcalloc(2 * pages, sizeof(*buffer->pages), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, buffer->pages);
	return buffer;
}

struct wk_buffer *wk_alloc_scattered(struct kunit *test, unsigned int pages)
{
	struct wk_buffer *buffer = wk_alloc_buffer(test, pages, true);
	unsigned int i, j;

	for (i = 0; i < 2 * pages; i++) {
		buffer->pages[i] = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, buffer->pages[i]);
	}
	/* The pages used are the first half: swap away any that follows its neighbour. */
	for (i = 1; i < pages; i++) {
		for (j = pages; j < 2 * pages &&
		     page_to_pfn(buffer->pages[i]) == page_to_pfn(buffer->pages[i - 1]) + 1; j++)
			swap(buffer->pages[i], buffer->pages[j]);
		KUNIT_ASSERT_NE(test, page_to_pfn(buffer->pages[i]),
				page_to_pfn(buffer->pages[i - 1]) + 1);
	}
	buffer->va = vmap(buffer->pages, pages, VM_MAP, PAGE_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, buffer->va);
	wk_fill(buffer->va, buffer->bytes, 1);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, wk_free_buffer, buffer), 0);
	return buffer;
}

struct wk_buffer *wk_alloc_contiguous(struct kunit *test, unsigned int pages)
{
	struct wk_buffer *buffer = wk_alloc_buffer(test, pages, false);

	buffer->va = alloc_pages_exact(buffer->bytes, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, buffer->va);
	wk_fill(buffer->va, buffer->bytes, 2);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, wk_free_buffer, buffer), 0);
	return buffer;
}

phys_addr_t wk_phys(const struct wk_buffer *buffer, size_t offset)
{
	if (!buffer->scattered)
		return virt_to_phys(buffer->va) + offset;
	return page_to_phys(buffer->pages[offset >> PAGE_SHIFT]) + (offset & ~PAGE_MASK);
}

static void wk_free_mdl(void *mdl)
{
	IoFreeMdl(mdl);
}

PMDL wk_mdl(struct kunit *test, struct wk_buffer *buffer, size_t offset, size_t bytes)
{
	PMDL mdl = IoAllocateMdl(buffer->va + offset, bytes, FALSE, FALSE, NULL);

	KUNIT_ASSERT_NOT_NULL(test, mdl);
	KUNIT_ASSERT_LE(test, offset + bytes, buffer->bytes);
	MmBuildMdlForNonPagedPool(mdl);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, wk_free_mdl, mdl), 0);
	return mdl;
}

void wk_fill(void *va, size_t bytes, u32 seed)
{
	u8 *p = va;
	size_t i;

	for (i = 0; i < bytes; i++)
		p[i] = wk_pattern(seed, i);
}

void wk_expect_pattern(struct kunit *test, const void *va, size_t bytes, u32 seed)
{
	const u8 *p = va;
	size_t i;

	for (i = 0; i < bytes && p[i] == wk_pattern(seed, i); i++)
		;
	KUNIT_EXPECT_EQ_MSG(test, i, bytes, "first wrong byte of pattern %u", seed);
}

MODULE_DESCRIPTION("KUnit suites of wdmdma");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(WDMDMA);
