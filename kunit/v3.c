// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the suites of version 3 share (v3.h).
 */
#include <linux/debugfs.h>
#include <linux/minmax.h>
#include <linux/sizes.h>

#include "v3.h"

static const enum wk_way wk_ways[] = { WK_DIRECT, WK_POOL, WK_WINDOW };

const void *wk_way_gen_params(const void *prev, char *desc)
{
	static const char * const names[] = { "direct", "pool", "window" };
	const enum wk_way *next = prev ? (const enum wk_way *)prev + 1 : wk_ways;

	if (next == wk_ways + ARRAY_SIZE(wk_ways))
		return NULL;
	strscpy(desc, names[*next], KUNIT_PARAM_DESC_SIZE);
	return next;
}

struct wk_v3 wk_v3_of(struct kunit *test, DEVICE_DESCRIPTION description,
		      struct wdmdma_limits limits)
{
	const struct wdmdma_limits none = {};
	struct wk_world *world = test->priv;
	struct wk_v3 v3 = { .test = test, .object = world->object };

	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &limits), 0);
	v3.adapter = wk_get_described_adapter(test, &description, &v3.regs);
	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(world->object, &none), 0);
	KUNIT_ASSERT_NOT_NULL(test, v3.adapter);
	v3.ops = v3.adapter->DmaOperations;
	wk_calls_reset();
	return v3;
}

struct wk_v3 wk_v3_way(struct kunit *test, enum wk_way way)
{
	struct wdmdma_limits limits = { .force_bounce = way != WK_DIRECT };
	struct wk_v3 v3 = wk_v3_of(test, wk_description(3, way != WK_WINDOW, 64, SZ_64K), limits);

	KUNIT_ASSERT_EQ(test, v3.regs, 17);
	KUNIT_ASSERT_EQ(test, wk_stats(test, v3.adapter).mapping,
			way == WK_DIRECT ? wk_uncopied_class(test) : WDMDMA_BOUNCED);
	return v3;
}

struct wk_v3 wk_v3_pool(struct kunit *test, u32 pool)
{
	struct wdmdma_limits limits = { .pool_registers = pool };
	struct wk_v3 v3 = wk_v3_of(test, wk_description(3, TRUE, 64, SZ_64K), limits);

	KUNIT_ASSERT_EQ(test, v3.regs, pool);
	return v3;
}

void wk_context_init(const struct wk_v3 *v3, PVOID context)
{
	KUNIT_ASSERT_EQ(v3->test, v3->ops->InitializeDmaTransferContext(v3->adapter, context),
			STATUS_SUCCESS);
}

NTSTATUS wk_channel_ex(const struct wk_v3 *v3, PVOID context, ULONG regs, ULONG flags,
		       struct wk_call *call, PVOID *base)
{
	return v3->ops->AllocateAdapterChannelEx(v3->adapter, v3->object, context, regs, flags,
						 call ? wk_control : NULL, call, base);
}

NTSTATUS wk_list_ex(const struct wk_v3 *v3, const struct wk_ask *ask)
{
	PDRIVER_LIST_CONTROL routine = ask->call ? wk_list_control : NULL;

	if (ask->build)
		return v3->ops->BuildScatterGatherListEx(v3->adapter, v3->object, ask->context,
				ask->mdl, ask->offset, ask->bytes, ask->flags, routine, ask->call,
				!ask->read, ask->buffer, ask->buffer_bytes, NULL, NULL, ask->list);
	return v3->ops->GetScatterGatherListEx(v3->adapter, v3->object, ask->context, ask->mdl,
			ask->offset, ask->bytes, ask->flags, routine, ask->call, !ask->read, NULL,
			NULL, ask->list);
}

void wk_put_ex(const struct wk_v3 *v3, PSCATTER_GATHER_LIST list)
{
	v3->ops->PutScatterGatherList(v3->adapter, list, TRUE);
}

PVOID wk_own_channel(const struct wk_v3 *v3, ULONG regs)
{
	struct wk_context context;
	PVOID base = NULL;

	wk_context_init(v3, &context);
	KUNIT_ASSERT_EQ(v3->test, wk_channel_ex(v3, &context, regs, DMA_SYNCHRONOUS_CALLBACK,
						NULL, &base), STATUS_SUCCESS);
	KUNIT_ASSERT_NOT_NULL(v3->test, base);
	return base;
}

PVOID wk_get_set(const struct wk_v3 *v3, ULONG regs)
{
	PVOID base = wk_own_channel(v3, regs);

	v3->ops->FreeAdapterObject(v3->adapter, DeallocateObjectKeepRegisters);
	return base;
}

void wk_end_set(const struct wk_v3 *v3, PVOID base, ULONG regs)
{
	v3->ops->FreeMapRegisters(v3->adapter, base, regs);
}

PMDL wk_link(PMDL *mdls, unsigned int count)
{
	unsigned int i;

	for (i = 1; i < count; i++)
		mdls[i - 1]->Next = mdls[i];
	return mdls[0];
}

static void wk_chain_copy(PMDL mdl, u64 offset, u8 *bytes, size_t left, bool read)
{
	for (; left; mdl = mdl->Next) {
		size_t here;
		u8 *va;

		if (offset >= MmGetMdlByteCount(mdl)) {
			offset -= MmGetMdlByteCount(mdl);
			continue;
		}
		here = min_t(size_t, left, MmGetMdlByteCount(mdl) - offset);
		va = (u8 *)MmGetMdlVirtualAddress(mdl) + offset;
		if (read)
			memcpy(bytes, va, here);
		else
			memcpy(va, bytes, here);
		bytes += here;
		left -= here;
		offset = 0;
	}
}

void wk_chain_read(PMDL mdl, u64 offset, void *to, size_t bytes)
{
	wk_chain_copy(mdl, offset, to, bytes, true);
}

void wk_chain_write(PMDL mdl, u64 offset, const void *from, size_t bytes)
{
	wk_chain_copy(mdl, offset, (void *)from, bytes, false);
}

u32 wk_mappings(struct kunit *test)
{
	struct dentry *dir = debugfs_lookup("dma-api", NULL);
	struct dentry *total = debugfs_lookup("nr_total_entries", dir);
	struct dentry *unused = debugfs_lookup("num_free_entries", dir);
	u32 live = *(u32 *)d_inode(total)->i_private - *(u32 *)d_inode(unused)->i_private;

	dput(unused);
	dput(total);
	dput(dir);
	return live;
}

void wk_expect_free(const struct wk_v3 *v3)
{
	struct wdmdma_adapter_stats stats = wk_stats(v3->test, v3->adapter);

	KUNIT_EXPECT_EQ(v3->test, stats.waiting, 0);
	KUNIT_EXPECT_EQ(v3->test, stats.sets_live, 0);
	KUNIT_EXPECT_EQ(v3->test, stats.lists_live, 0);
	wk_own_channel(v3, v3->regs);
	v3->ops->FreeAdapterChannel(v3->adapter);
}

static const enum wk_kind wk_kinds[] = { WK_CHANNEL, WK_GET, WK_BUILD };

const void *wk_kind_gen_params(const void *prev, char *desc)
{
	static const char * const names[] = { "channel", "Get", "Build" };
	const enum wk_kind *next = prev ? (const enum wk_kind *)prev + 1 : wk_kinds;

	if (next == wk_kinds + ARRAY_SIZE(wk_kinds))
		return NULL;
	strscpy(desc, names[*next], KUNIT_PARAM_DESC_SIZE);
	return next;
}

struct wk_rig wk_rig(struct kunit *test, enum wk_kind kind)
{
	struct wk_rig rig = {
		.v3 = wk_v3_pool(test, WK_REGS),
		.kind = kind,
		.memory = wk_alloc_scattered(test, WK_REGS),
	};
	unsigned int i;

	for (i = 1; i <= WK_REGS; i++)
		rig.mdl[i] = wk_mdl(test, rig.memory, 0, i * PAGE_SIZE);
	for (i = 0; i < WK_BUFFERS; i++) {
		rig.buffers[i] = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, rig.buffers[i]);
	}
	return rig;
}

NTSTATUS wk_request(struct wk_rig *rig, PVOID context, ULONG regs, ULONG flags,
		    struct wk_call *call)
{
	struct wk_ask ask = {
		.context = context,
		.mdl = rig->mdl[regs],
		.bytes = regs * PAGE_SIZE,
		.flags = flags,
		.call = call,
		.build = rig->kind == WK_BUILD,
		.buffer_bytes = WK_LIST_BYTES,
	};

	if (rig->kind == WK_CHANNEL)
		return wk_channel_ex(&rig->v3, context, regs, flags, call, NULL);
	if (ask.build)
		ask.buffer = rig->buffers[rig->nr_buffers++ % WK_BUFFERS];
	return wk_list_ex(&rig->v3, &ask);
}

static void wk_put_inside(struct wk_call *call)
{
	call->adapter->DmaOperations->PutScatterGatherList(call->adapter, call->list, TRUE);
}

void wk_passing_call(struct wk_rig *rig, struct wk_call *call)
{
	wk_call_init(call, rig->v3.adapter, DeallocateObject);
	if (rig->kind != WK_CHANNEL)
		call->inside = wk_put_inside;
}

void wk_lasting_call(struct wk_rig *rig, struct wk_call *call)
{
	wk_call_init(call, rig->v3.adapter, DeallocateObjectKeepRegisters);
}

void wk_end(struct wk_rig *rig, struct wk_call *call, ULONG regs)
{
	if (rig->kind == WK_CHANNEL)
		wk_end_set(&rig->v3, call->base, regs);
	else
		wk_put_ex(&rig->v3, call->list);
}

void wk_wait(struct wk_rig *rig, PVOID context, struct wk_call *call)
{
	struct kunit *test = rig->v3.test;
	u32 before = wk_stats(test, rig->v3.adapter).waiting;

	wk_passing_call(rig, call);
	KUNIT_ASSERT_EQ(test, wk_request(rig, context, 1, 0, call), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call->count, 0);
	KUNIT_ASSERT_EQ(test, wk_stats(test, rig->v3.adapter).waiting, before + 1);
}

BOOLEAN wk_cancel(struct wk_rig *rig, PVOID context)
{
	return rig->v3.ops->CancelAdapterChannel(rig->v3.adapter, rig->v3.object, context);
}

void wk_release(struct wk_rig *rig)
{
	rig->v3.ops->FreeAdapterChannel(rig->v3.adapter);
}
