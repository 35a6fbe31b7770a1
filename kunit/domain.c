// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two devices (domain.h).
 */
#include <linux/sizes.h>

#include "domain.h"

PDMA_ADAPTER wk_pair_adapter(struct wk_pair *pair, DEVICE_DESCRIPTION description, ULONG *regs)
{
	ULONG unused;

	return IoGetDmaAdapter(pair->object_b, &description, regs ? : &unused);
}

struct wk_pair wk_pair(struct kunit *test, enum wk_way way)
{
	const struct wdmdma_limits limits = { .force_bounce = way != WK_DIRECT }, none = {};
	struct wk_world *world = test->priv;
	struct wk_pair pair = {
		.test = test,
		.a = wk_v3_way(test, WK_DIRECT),
		.dev_a = world->dev,
		.dev_b = wk_second_get(test),
	};

	pair.object_b = wdmdma_get_device_object(pair.dev_b);
	KUNIT_ASSERT_NOT_NULL(test, pair.object_b);
	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(pair.object_b, &limits), 0);
	pair.b = (struct wk_v3){ .test = test, .object = pair.object_b };
	pair.b.adapter = wk_pair_adapter(&pair, wk_description(3, way != WK_WINDOW, 64, SZ_64K),
					 &pair.b.regs);
	KUNIT_ASSERT_EQ(test, wdmdma_set_limits(pair.object_b, &none), 0);
	KUNIT_ASSERT_NOT_NULL(test, pair.b.adapter);
	pair.b.ops = pair.b.adapter->DmaOperations;
	pair.domain = wk_domain(&pair.a);
	KUNIT_ASSERT_NOT_NULL(test, pair.domain);
	return pair;
}

void wk_pair_end(struct wk_pair *pair)
{
	if (pair->b.adapter)
		pair->b.ops->PutDmaAdapter(pair->b.adapter);
	if (pair->object_b)
		wdmdma_put_device_object(pair->object_b);
	wk_device_put(pair->dev_b);
}

NTSTATUS wk_join(const struct wk_v3 *v3, HANDLE domain)
{
	return v3->ops->JoinDmaDomain(v3->adapter, domain);
}

NTSTATUS wk_leave(const struct wk_v3 *v3)
{
	return v3->ops->LeaveDmaDomain(v3->adapter);
}

HANDLE wk_domain(const struct wk_v3 *v3)
{
	return v3->ops->GetDmaDomain(v3->adapter);
}
