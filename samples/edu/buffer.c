// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of the self-test: patterns, areas, and buffers with their MDLs.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>

#include <wdmdma/ex.h>

#include "selftest.h"

/**
 * edu_pattern() - a byte of a pattern
 * @seed: which pattern
 * @position: where in it
 */
u8 edu_pattern(u32 seed, u32 position)
{
	u32 x = seed * 0x9e3779b1 + position * 0x85ebca6b;

	x ^= x >> 15;
	x *= 0x2c1b3c6d;
	return x ^ (x >> 13);
}

static u8 edu_area_expect(const struct edu_area *area, size_t i, bool has_data)
{
	if (has_data && i >= area->offset && i - area->offset < area->length)
		return edu_pattern(area->data, area->data_offset + i - area->offset);
	return edu_pattern(area->poison, i);
}

/**
 * edu_area_fill() - poison an area
 * @area: its seeds are set
 * @has_data: it is the source: the data goes in, too
 */
void edu_area_fill(const struct edu_area *area, bool has_data)
{
	size_t i;

	for (i = 0; i < area->size; i++)
		area->start[i] = edu_area_expect(area, i, has_data);
}

/**
 * edu_area_check() - does an area hold its data and, around that, its poison?
 * @host: for whom the first wrong byte is reported
 * @area: the area
 * @has_data: false: all of it must be poison
 * @what: its name in the report
 */
bool edu_area_check(struct edu_host *host, const struct edu_area *area, bool has_data,
		    const char *what)
{
	size_t i;

	for (i = 0; i < area->size; i++) {
		u8 expected = edu_area_expect(area, i, has_data);

		if (area->start[i] != expected) {
			dev_err(host->dev, "error: %s: byte %zu is %02x, not %02x; data is at %zu to %zu\n",
				what, i, area->start[i], expected, area->offset,
				area->offset + area->length);
			return false;
		}
	}
	return true;
}

/* Where every byte would take too long: one word a page */
static u32 *edu_area_word(const struct edu_area *area, size_t page)
{
	return (u32 *)(area->start + page * PAGE_SIZE) + edu_pattern(area->poison, page);
}

/**
 * edu_area_stamp() - mark an area that is only going to be mapped
 * @area: @poison is set
 */
void edu_area_stamp(const struct edu_area *area)
{
	size_t page;

	memset(area->start, area->poison, area->size);
	for (page = 0; page < area->size / PAGE_SIZE; page++)
		*edu_area_word(area, page) = area->poison + page;
}

/**
 * edu_area_check_stamps() - has an area stayed as it was marked?
 * @host: for whom a change is reported
 * @area: the area, whose marks are taken away
 */
bool edu_area_check_stamps(struct edu_host *host, const struct edu_area *area)
{
	size_t page;

	for (page = 0; page < area->size / PAGE_SIZE; page++) {
		u32 *word = edu_area_word(area, page);

		if (*word != area->poison + page)
			break;
		memset(word, area->poison, sizeof(*word));
	}
	if (page == area->size / PAGE_SIZE && !memchr_inv(area->start, area->poison, area->size))
		return true;
	dev_err(host->dev, "error: a buffer has changed that was only mapped\n");
	return false;
}

/* Descending, so that no page is followed by its physical neighbour. */
static int edu_cmp_pages(const void *a, const void *b)
{
	unsigned long x = page_to_pfn(*(struct page * const *)a);
	unsigned long y = page_to_pfn(*(struct page * const *)b);

	return x < y ? 1 : x > y ? -1 : 0;
}

static int edu_buffer_alloc_scattered(struct edu_buffer *buffer)
{
	unsigned int nr_pages = buffer->area.size / PAGE_SIZE;

	buffer->pages = kcalloc(nr_pages, sizeof(*buffer->pages), GFP_KERNEL);
	if (!buffer->pages)
		return -ENOMEM;
	for (; buffer->nr_pages < nr_pages; buffer->nr_pages++) {
		buffer->pages[buffer->nr_pages] = alloc_page(GFP_KERNEL);
		if (!buffer->pages[buffer->nr_pages])
			return -ENOMEM;
	}
	sort(buffer->pages, nr_pages, sizeof(*buffer->pages), edu_cmp_pages, NULL);
	buffer->area.start = vmap(buffer->pages, nr_pages, VM_MAP, PAGE_KERNEL);
	return buffer->area.start ? 0 : -ENOMEM;
}

static int edu_buffer_alloc_bare(struct edu_buffer *buffer)
{
	PHYSICAL_ADDRESS low = { .QuadPart = 0 }, high = { .QuadPart = -1 };

	buffer->bare = MmAllocatePagesForMdlEx(low, high, low, buffer->area.size, MmCached,
					       MM_ALLOCATE_FULLY_REQUIRED);
	if (!buffer->bare)
		return -ENOMEM;
	buffer->area.start = MmGetSystemAddressForMdlSafe(buffer->bare, NormalPagePriority);
	return buffer->area.start ? 0 : -ENOMEM;
}

static PMDL edu_build_mdl(void *va, u32 bytes)
{
	PMDL mdl = IoAllocateMdl(va, bytes, FALSE, FALSE, NULL);

	if (mdl)
		MmBuildMdlForNonPagedPool(mdl);
	return mdl;
}

/* The pages know no address of their own: in their MDL the first byte is at 0. */
static int edu_buffer_make_bare_mdl(struct edu_buffer *buffer, bool partial)
{
	struct edu_area *area = &buffer->area;
	PVOID va = (PVOID)area->offset;

	if (!partial) {
		buffer->mdl = buffer->bare;
		return 0;
	}
	buffer->mdl = IoAllocateMdl(va, area->length, FALSE, FALSE, NULL);
	if (!buffer->mdl)
		return -ENOMEM;
	IoBuildPartialMdl(buffer->bare, buffer->mdl, va, area->length);
	return 0;
}

static int edu_buffer_make_mdl(struct edu_buffer *buffer, bool partial)
{
	struct edu_area *area = &buffer->area;
	u8 *va = area->start + area->offset;

	if (buffer->bare)
		return edu_buffer_make_bare_mdl(buffer, partial);
	if (!partial) {
		buffer->mdl = edu_build_mdl(va, area->length);
		return buffer->mdl ? 0 : -ENOMEM;
	}
	buffer->source = edu_build_mdl(area->start, area->size);
	buffer->mdl = IoAllocateMdl(va, area->length, FALSE, FALSE, NULL);
	if (!buffer->source || !buffer->mdl)
		return -ENOMEM;
	IoBuildPartialMdl(buffer->source, buffer->mdl, va, area->length);
	return 0;
}

/**
 * edu_buffer_init() - allocate a piece of a transfer's buffer and build its MDL
 * @host: the device
 * @buffer: zeroed, but for the area's @data_offset
 * @piece: what is wanted
 *
 * Context: Process, sleeps.
 * Return: 0 or -ENOMEM; edu_buffer_free() cleans up in both cases.
 */
int edu_buffer_init(struct edu_host *host, struct edu_buffer *buffer,
		    const struct edu_piece *piece)
{
	struct edu_area *area = &buffer->area;
	int ret = 0;

	buffer->memory = piece->memory;
	area->offset = piece->offset;
	area->length = piece->length;
	/* At least a byte of poison behind the data. */
	area->size = ((piece->offset + piece->length) / PAGE_SIZE + 1) * PAGE_SIZE;

	switch (piece->memory) {
	case EDU_SLAB:
		area->start = kmalloc(area->size, GFP_KERNEL);
		break;
	case EDU_SCATTERED:
		ret = edu_buffer_alloc_scattered(buffer);
		break;
	case EDU_BARE:
		ret = edu_buffer_alloc_bare(buffer);
		break;
	case EDU_COMMON:
		area->start = EduGetCommonBuffer(host->edu);
		area->size = EDU_COMMON_BUFFER_LENGTH;
		break;
	}
	if (!ret && !area->start)
		ret = -ENOMEM;
	return ret ? : edu_buffer_make_mdl(buffer, piece->partial);
}

/**
 * edu_buffer_free() - give back what edu_buffer_init() has got
 * @buffer: the buffer
 */
void edu_buffer_free(struct edu_buffer *buffer)
{
	if (buffer->mdl && buffer->mdl != buffer->bare)
		IoFreeMdl(buffer->mdl);
	if (buffer->bare) {
		MmFreePagesFromMdl(buffer->bare);
		ExFreePool(buffer->bare);
	}
	if (buffer->source)
		IoFreeMdl(buffer->source);
	if (buffer->memory == EDU_SLAB)
		kfree(buffer->area.start);
	if (buffer->memory == EDU_SCATTERED && buffer->area.start)
		vunmap(buffer->area.start);
	while (buffer->nr_pages)
		__free_page(buffer->pages[--buffer->nr_pages]);
	kfree(buffer->pages);
}
