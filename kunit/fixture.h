/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The world of a test: a device bound to a driver, its device object, adapters on it, and the
 * device itself, which reads and writes memory through the addresses it is given.
 *
 * The device is QEMU's edu where there is one, which may be behind an IOMMU, else a platform
 * device, which never is. A suite that is about physical addresses says so with
 * wk_init_untranslated().
 *
 * wk_init() builds the world, wk_exit() takes it down and asserts what every test must leave
 * behind: nothing outstanding on any adapter, exactly the misuse reports that the test announced,
 * no DMA mapping left, dma-debug still enabled and its error count where it was.
 */
#ifndef WDMDMA_KUNIT_FIXTURE_H
#define WDMDMA_KUNIT_FIXTURE_H

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/platform_device.h>

#include <wdmdma/types.h>
#include <wdmdma/status.h>
#include <wdmdma/io.h>
#include <wdmdma/mdl.h>
#include <wdmdma/dma.h>
#include <wdmdma/wdmdma.h>

#include "../wdmdma/report.h"

#define WK_ADAPTERS	8
#define WK_CODES	0x140

struct wk_world {
	struct device *dev;
	struct iommu_domain *domain;	/* that translates the device's addresses, or NULL */
	PDEVICE_OBJECT object;
	PDMA_ADAPTER adapters[WK_ADAPTERS];	/* put by wk_exit() unless wk_put_adapter() did */
	u64 reports[WK_CODES];
	u32 expected[WK_CODES];
	u32 dma_errors;
	u32 dma_entries;
};

int wk_suite_init(struct kunit_suite *suite);
void wk_suite_exit(struct kunit_suite *suite);
int wk_init(struct kunit *test);
int wk_init_untranslated(struct kunit *test);
void wk_exit(struct kunit *test);

/* The test will cause @count reports of @code; any other number fails it. */
void wk_expect_report(struct kunit *test, u32 code, u32 count);

/* ... will free registers of @count sets that still map something: two reports each. */
void wk_expect_unflushed(struct kunit *test, u32 count);

/* Unbinds the driver from the test's device now; wk_exit() copes. */
void wk_unbind(struct kunit *test);

/* A further device, untranslated, with its own device object; taken down by wk_remove_device(). */
struct platform_device *wk_add_device(struct kunit *test);
void wk_remove_device(struct platform_device *pdev);

/* A description of a bus master: version, scatter/gather, and a reach of 24, 32 or 64 bits. */
DEVICE_DESCRIPTION wk_description(ULONG version, BOOLEAN scatter_gather, unsigned int bits,
				  ULONG maximum_length);

/* Waits a while for what a tasklet or a work item will do. Evaluates to @condition. */
#define wk_wait_for(condition) ({				\
	unsigned int wk_tries = 250;				\
	bool wk_met;						\
	while (!(wk_met = (condition)) && wk_tries--)		\
		msleep(20);					\
	wk_met;							\
})

/* A 64-bit scatter/gather adapter on the test's device, asserted to exist. @regs may be NULL. */
PDMA_ADAPTER wk_get_adapter(struct kunit *test, ULONG version, ULONG maximum_length, ULONG *regs);
/* The same with a pool of @pool_registers, so that requests can be made to wait. */
PDMA_ADAPTER wk_get_limited_adapter(struct kunit *test, ULONG version, ULONG maximum_length,
				    u32 pool_registers, ULONG *regs);
/* Any description; may return NULL. A live adapter is put by wk_exit(). */
PDMA_ADAPTER wk_get_described_adapter(struct kunit *test, DEVICE_DESCRIPTION *description,
				      ULONG *regs);
void wk_put_adapter(struct kunit *test, PDMA_ADAPTER adapter);
struct wdmdma_adapter_stats wk_stats(struct kunit *test, PDMA_ADAPTER adapter);

/*
 * Memory to transfer. Scattered: no two pages are physically adjacent, @va is a vmap of them.
 * Contiguous: one block. Filled with a pattern of its own.
 */
struct wk_buffer {
	u8 *va;
	size_t bytes;
	struct page **pages;
	unsigned int nr_pages;
	bool scattered;
};

struct wk_buffer *wk_alloc_scattered(struct kunit *test, unsigned int pages);
struct wk_buffer *wk_alloc_contiguous(struct kunit *test, unsigned int pages);

/* How an adapter maps that reaches everything and copies nothing */
enum wdmdma_mapping_class wk_uncopied_class(struct kunit *test);
/* Does an IOMMU make one element of an MDL, however its pages lie? */
static inline bool wk_joins(struct kunit *test)
{
	return wk_uncopied_class(test) == WDMDMA_TRANSLATED;
}

/* Physical address of a byte of a buffer */
phys_addr_t wk_phys(const struct wk_buffer *buffer, size_t offset);
/* Physical address of what the device reaches at a logical address; 0 if that is nothing. */
phys_addr_t wk_memory_at(struct kunit *test, u64 address);
/* ... what some device reaches there by its present page table */
phys_addr_t wk_memory_of(struct device *dev, u64 address);
/* Fails the test unless the device reaches that byte of the buffer at @address, uncopied. */
#define wk_expect_at(test, address, buffer, offset) ({					\
	struct kunit *wk_test = test;							\
	KUNIT_EXPECT_EQ(wk_test, wk_memory_at(wk_test, address), wk_phys(buffer, offset));\
})

/* A built MDL over a part of a buffer, freed when the test ends. */
PMDL wk_mdl(struct kunit *test, struct wk_buffer *buffer, size_t offset, size_t bytes);

/* Byte @i of pattern @seed */
static inline u8 wk_pattern(u32 seed, size_t i)
{
	return (seed * 0x9E3779B1u + i * 31 + (i >> 8)) >> 3 & 0xFF;
}

void wk_fill(void *va, size_t bytes, u32 seed);
/* Fails the test unless @va holds pattern @seed. */
void wk_expect_pattern(struct kunit *test, const void *va, size_t bytes, u32 seed);

/* The driver of the test's device (device.c) */
int wk_device_register(void);
void wk_device_unregister(void);
struct device *wk_device_get(struct kunit *test, bool untranslated);
/* Another device like the test's, bound; given back in the same way */
struct device *wk_second_get(struct kunit *test);
/* ... one of two, 0 and 1, that the IOMMU cannot tell apart; only where wk_joins() */
struct device *wk_grouped_get(struct kunit *test, unsigned int index);
void wk_device_put(struct device *dev);
struct iommu_domain *wk_device_domain(struct device *dev);

/* The device: moves real bytes through the logical addresses it was given. */
void wk_device_write(struct kunit *test, u64 address, const void *from, size_t bytes);
void wk_device_read(struct kunit *test, u64 address, void *to, size_t bytes);
/* ... through a whole list, in order. */
void wk_device_write_list(struct kunit *test, const SCATTER_GATHER_LIST *list, const void *from);
void wk_device_read_list(struct kunit *test, const SCATTER_GATHER_LIST *list, void *to);
u64 wk_list_bytes(const SCATTER_GATHER_LIST *list);

#endif
