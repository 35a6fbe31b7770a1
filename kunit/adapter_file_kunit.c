// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs' wdmdma/adapters/N, read as a user reads it: who made an adapter and of what, what it has
 * done and holds; and that it is there exactly while the adapter is.
 */
#include <linux/kthread.h>
#include <linux/sizes.h>

#include "bounce.h"
#include "see.h"
#include "system.h"
#include "verifier.h"

static void who_and_what(struct kunit *test)
{
	struct wk_world *world = test->priv;
	DEVICE_DESCRIPTION description = wk_description(2, TRUE, 32, SZ_64K);
	char line[200], *text;
	PDMA_ADAPTER adapter;
	ULONG regs;
	u64 id;

	description.DmaPort = 7;
	adapter = wk_get_described_adapter(test, &description, &regs);
	KUNIT_ASSERT_NOT_NULL(test, adapter);
	id = wk_adapter_id(adapter);
	text = wk_adapter_file(test, id);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "adapter"), id);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "map_registers"), regs);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "last_address"), U32_MAX);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "table_version"), 2);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "verifier"), 0);
	snprintf(line, sizeof(line), "device: %s", dev_name(world->dev));
	KUNIT_EXPECT_TRUE(test, wk_file_has(text, line));
	snprintf(line, sizeof(line), "driver: %s", dev_driver_string(world->dev));
	KUNIT_EXPECT_TRUE(test, wk_file_has(text, line));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "\nowner: wk_get_described_adapter+"));
	snprintf(line, sizeof(line),
		 "description: version=2 master=1 scatter_gather=1 %s dma_64_bit=0 bus=0 %s",
		 "demand_mode=0 auto_initialize=0 dma_32_bit=1 ignore_count=0 reserved1=0",
		 "channel=0 interface=");
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, line), "%s", text);
	/* Version 2 ends there. */
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, " maximum_length=65536 port=7\n"));
	/* Nothing has been done yet. */
	KUNIT_EXPECT_NULL(test, strstr(text, "common_buffer:"));
	KUNIT_EXPECT_NULL(test, strstr(text, "violations:"));
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "bytes_mapped"), 0);

	adapter = wk_get_adapter(test, DEVICE_DESCRIPTION_VERSION, SZ_64K, NULL);
	wk_expect_number(test, wk_adapter_id(adapter), "table_version", 1);
	description = wk_description(3, TRUE, 40, SZ_64K);
	adapter = wk_get_described_adapter(test, &description, NULL);
	text = wk_adapter_file(test, wk_adapter_id(adapter));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, " port=0 address_bits=40 controller=0 "));
}

static void registers(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 3);
	PMDL mdl = wk_mdl(test, buffer, 100, 2 * PAGE_SIZE);
	u64 id = wk_adapter_id(v3.adapter);
	PVOID base = wk_get_set(&v3, 3), other = wk_get_set(&v3, 5);
	ULONG length = PAGE_SIZE;
	char *text;

	v3.ops->MapTransfer(v3.adapter, mdl, base, MmGetMdlVirtualAddress(mdl), &length, TRUE);
	text = wk_adapter_file(test, id);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "map_registers_allocated"), 8);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "map_registers_freed"), 0);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "map_registers_peak"), 8);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "channels_allocated"), 2);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "channels_freed"), 2);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "bytes_not_flushed"), length);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "bytes_mapped"), length);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "map_registers_mapped"),
			DIV_ROUND_UP(100 + length, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, wk_joins(test) ? "maps_translated" :
								  "maps_direct"), 1);
	v3.ops->FlushAdapterBuffers(v3.adapter, mdl, base, MmGetMdlVirtualAddress(mdl), length,
				    TRUE);
	wk_end_set(&v3, base, 3);
	text = wk_adapter_file(test, id);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "map_registers_freed"), 3);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "map_registers_mapped"), 0);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "bytes_not_flushed"), 0);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "bytes_mapped"), length);
	/* The most at once, not the most in all */
	base = wk_get_set(&v3, 2);
	wk_expect_number(test, id, "map_registers_peak", 8);
	wk_end_set(&v3, base, 2);
	wk_end_set(&v3, other, 5);
	text = wk_adapter_file(test, id);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "map_registers_allocated"), 10);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "map_registers_freed"), 10);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "channels_allocated"), 3);
}

static void channel_and_waiters(struct kunit *test)
{
	struct wk_rig rig = wk_rig(test, WK_CHANNEL);
	u64 id = wk_adapter_id(rig.v3.adapter);
	struct wk_context context;
	struct wk_call call;

	wk_own_channel(&rig.v3, 1);
	wk_expect_number(test, id, "channels_allocated", 1);
	wk_expect_number(test, id, "channels_freed", 0);
	wk_expect_number(test, id, "requests_waiting", 0);
	wk_passing_call(&rig, &call);
	wk_context_init(&rig.v3, &context);
	wk_wait(&rig, &context, &call);
	wk_expect_number(test, id, "requests_waiting", 1);
	wk_release(&rig);
	wk_expect_number(test, id, "channels_allocated", 2);
	wk_expect_number(test, id, "channels_freed", 2);
	wk_expect_number(test, id, "requests_waiting", 0);
}

static void lists(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, wk_way(test));
	struct wk_buffer *buffer = wk_alloc_scattered(test, 2);
	u64 id = wk_adapter_id(v3.adapter);
	struct wk_ask ask = {
		.mdl = wk_mdl(test, buffer, 0, 2 * PAGE_SIZE),
		.bytes = 2 * PAGE_SIZE,
		.read = true,
	};
	struct wk_context context;
	struct wk_call call;

	wk_call_init(&call, v3.adapter, 0);
	wk_context_init(&v3, &context);
	ask.context = &context;
	ask.call = &call;
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	wk_expect_number(test, id, "lists_allocated", 1);
	wk_expect_number(test, id, "lists_freed", 0);
	wk_expect_number(test, id, "map_registers_allocated", 2);
	wk_put_ex(&v3, call.list);
	wk_expect_number(test, id, "lists_allocated", 1);
	wk_expect_number(test, id, "lists_freed", 1);
	wk_expect_number(test, id, "map_registers_freed", 2);
	wk_expect_number(test, id, "bytes_bounced", wk_stats(test, v3.adapter).bounced_bytes);
}

/* One that has to be mapped again and again is one list. */
static void a_starved_list(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 1);
	u64 id = wk_adapter_id(v3.adapter);
	struct wk_ask ask = {
		.mdl = wk_mdl(test, buffer, 0, PAGE_SIZE),
		.bytes = PAGE_SIZE,
		.build = true,
		.buffer = kunit_kzalloc(test, WK_LIST_BYTES, GFP_KERNEL),
		.buffer_bytes = WK_LIST_BYTES,
	};
	struct wk_context context;
	struct wk_call call;

	wk_call_init(&call, v3.adapter, 0);
	wk_context_init(&v3, &context);
	ask.context = &context;
	ask.call = &call;
	KUNIT_ASSERT_EQ(test, wdmdma_fail_next_maps(v3.adapter, 3), 0);
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	KUNIT_ASSERT_TRUE(test, wk_wait_for(READ_ONCE(call.count)));
	wk_expect_number(test, id, "lists_allocated", 1);
	wk_expect_number(test, id, "map_registers_allocated", 1);
	wk_expect_number(test, id, "lists_freed", 0);
	wk_put_ex(&v3, call.list);
	wk_expect_number(test, id, "lists_freed", 1);
	wk_expect_number(test, id, "map_registers_freed", 1);
}

static void common_buffers(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT), other = wk_v3_way(test, WK_DIRECT);
	u64 id = wk_adapter_id(v3.adapter);
	PHYSICAL_ADDRESS address, second, third;
	PVOID va = v3.ops->AllocateCommonBuffer(v3.adapter, 300, &address, TRUE);
	PVOID more = v3.ops->AllocateCommonBuffer(v3.adapter, SZ_8K, &second, TRUE), theirs;
	char line[120], *text = wk_adapter_file(test, id);

	KUNIT_ASSERT_NOT_NULL(test, va);
	KUNIT_ASSERT_NOT_NULL(test, more);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "common_buffers_allocated"), 2);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "common_buffers_freed"), 0);
	snprintf(line, sizeof(line), "common_buffer: va=%p address=0x%llx bytes=300 element=0", va,
		 address.QuadPart);
	KUNIT_EXPECT_TRUE(test, wk_file_has(text, line));
	snprintf(line, sizeof(line), "common_buffer: va=%p address=0x%llx bytes=8192 element=0",
		 more, second.QuadPart);
	KUNIT_EXPECT_TRUE(test, wk_file_has(text, line));
	/* Those of another adapter are not shown. */
	theirs = other.ops->AllocateCommonBuffer(other.adapter, 77, &third, TRUE);
	text = wk_adapter_file(test, wk_adapter_id(other.adapter));
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "common_buffers_allocated"), 1);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, " bytes=77 "));
	KUNIT_EXPECT_FALSE(test, wk_file_has(text, line));
	KUNIT_EXPECT_NULL(test, strstr(wk_adapter_file(test, id), " bytes=77 "));
	other.ops->FreeCommonBuffer(other.adapter, 77, third, theirs, TRUE);
	v3.ops->FreeCommonBuffer(v3.adapter, SZ_8K, second, more, TRUE);
	text = wk_adapter_file(test, id);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "common_buffers_allocated"), 2);
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "common_buffers_freed"), 1);
	KUNIT_EXPECT_FALSE(test, wk_file_has(text, line));
	/* Who made it is known of verified adapters only. */
	KUNIT_EXPECT_NULL(test, strstr(text, "\n\t"));
	v3.ops->FreeCommonBuffer(v3.adapter, 300, address, va, TRUE);
	wk_expect_number(test, id, "common_buffers_freed", 2);
}

static void verified(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, 2, PAGE_SIZE, NULL);
	const DMA_OPERATIONS *ops = adapter->DmaOperations;
	u64 id = wk_adapter_id(adapter);
	PHYSICAL_ADDRESS address;
	PVOID va = ops->AllocateCommonBuffer(adapter, 300, &address, TRUE);
	char *text;

	local_bh_disable();
	ops->FreeAdapterChannel(adapter);
	ops->FreeAdapterChannel(adapter);
	ops->PutScatterGatherList(adapter, NULL, FALSE);
	local_bh_enable();
	wk_expect_report(test, WD_REPORT_CHANNEL_FREED, 2);
	wk_expect_report(test, WD_REPORT_LIST_FREED, 1);
	text = wk_adapter_file(test, id);
	KUNIT_EXPECT_TRUE(test, wk_file_has(text, "violations: class=0xE6 code=0x04 count=2"));
	KUNIT_EXPECT_TRUE(test, wk_file_has(text, "violations: class=0xE6 code=0x06 count=1"));
	KUNIT_EXPECT_EQ(test, wk_file_number(test, text, "verifier"), 1);
	if (IS_ENABLED(CONFIG_STACKDEPOT))
		KUNIT_EXPECT_NOT_NULL(test, strstr(text, "\n\tverified+"));
	ops->FreeCommonBuffer(adapter, 300, address, va, TRUE);
}

/* It is gone when the adapter is, also while it is open. */
static void comes_and_goes(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_description(3, TRUE, 64, SZ_64K);
	struct wk_v3 v3 = wk_v3_way(test, WK_DIRECT);
	u64 id = wk_adapter_id(v3.adapter);
	char path[64];
	long error;
	ULONG regs;

	snprintf(path, sizeof(path), "/sys/kernel/debug/wdmdma/adapters/%llu", id);
	KUNIT_EXPECT_NOT_NULL(test, wk_read_file(test, path, &error));
	wk_put_adapter(test, v3.adapter);
	/* What it consists of is freed soon; from the put on there is nothing to be read. */
	KUNIT_EXPECT_NULL(test, wk_read_file(test, path, &error));
	KUNIT_EXPECT_TRUE(test, error == -ENODEV || error == -ENOENT || error == -EIO);
	KUNIT_EXPECT_TRUE(test, wk_wait_for((wk_read_file(test, path, &error), error == -ENOENT)));
	/* One that cannot be made leaves none. */
	description.Master = FALSE;
	description.DmaRequestLine = 0x77;
	KUNIT_EXPECT_NULL(test, wk_get_described_adapter(test, &description, &regs));
	snprintf(path, sizeof(path), "/sys/kernel/debug/wdmdma/adapters/%llu", id + 1);
	KUNIT_EXPECT_NULL(test, wk_read_file(test, path, &error));
	KUNIT_EXPECT_EQ(test, error, -ENOENT);
}

struct wk_reader {
	u64 id;				/* of the adapter that there is, or was last */
	char text[256];
	unsigned int texts, seen;
};

/* Reads the files of adapters that come and go. */
static int wk_read_all(void *data)
{
	struct wk_reader *reader = data;
	char path[64];

	while (!kthread_should_stop()) {
		struct file *file;

		snprintf(path, sizeof(path), "/sys/kernel/debug/wdmdma/adapters/%llu",
			 READ_ONCE(reader->id));
		file = filp_open(path, O_RDONLY, 0);
		if (!IS_ERR(file)) {
			reader->seen++;
			reader->texts += wk_read_seq(file, reader->text, sizeof(reader->text)) > 0;
			filp_close(file, NULL);
		}
		cond_resched();
	}
	return 0;
}

static void read_while_it_goes(struct kunit *test)
{
	struct wk_reader reader = {};
	struct task_struct *thread = kthread_run(wk_read_all, &reader, "wdmdma-reader");
	unsigned int i;

	KUNIT_ASSERT_FALSE(test, IS_ERR(thread));
	for (i = 0; i < 300 || (!reader.texts && i < 3000); i++) {
		PDMA_ADAPTER adapter = wk_get_adapter(test, 2, SZ_64K, NULL);
		PHYSICAL_ADDRESS address;
		PVOID va = adapter->DmaOperations->AllocateCommonBuffer(adapter, 1, &address, TRUE);

		WRITE_ONCE(reader.id, wk_adapter_id(adapter));
		cond_resched();
		adapter->DmaOperations->FreeCommonBuffer(adapter, 1, address, va, TRUE);
		wk_put_adapter(test, adapter);
	}
	kthread_stop(thread);
	KUNIT_EXPECT_GT(test, reader.texts, 0);
	kunit_info(test, "%u files opened, %u of them read\n", reader.seen, reader.texts);
}

static struct kunit_case wk_adapter_file_cases[] = {
	KUNIT_CASE(who_and_what),
	KUNIT_CASE(registers),
	KUNIT_CASE(channel_and_waiters),
	KUNIT_CASE_PARAM(lists, wk_way_gen_params),
	KUNIT_CASE(a_starved_list),
	KUNIT_CASE(common_buffers),
	KUNIT_CASE(comes_and_goes),
	KUNIT_CASE(read_while_it_goes),
	{}
};

static struct kunit_suite wk_adapter_file_suite = {
	.name = "wdmdma_adapter_file",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_adapter_file_cases,
};

static struct kunit_case wk_adapter_file_verified_cases[] = {
	KUNIT_CASE(verified),
	{}
};

static struct kunit_suite wk_adapter_file_verified_suite = {
	.name = "wdmdma_adapter_file_verified",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_verified,
	.exit = wk_exit_verified,
	.test_cases = wk_adapter_file_verified_cases,
};

kunit_test_suites(&wk_adapter_file_suite, &wk_adapter_file_verified_suite);
