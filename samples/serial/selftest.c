// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends and receives, and says how it went. Of what was sent the log has length and checksum, so
 * that whoever reads the line can tell whether it has arrived.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/module.h>

#include "message.h"

#define SERIAL_TIMEOUT	(20 * HZ)
#define SERIAL_DIVISOR	0x1234

static bool loop;
module_param(loop, bool, 0444);
MODULE_PARM_DESC(loop, "the controller can go round a buffer (default no)");

static bool slow;
module_param(slow, bool, 0444);
MODULE_PARM_DESC(slow, "the controller takes its time, so that a transfer can be watched and stopped (default no)");

/* A request and what waits for it */
struct serial_try {
	SERIAL_REQUEST request;
	struct serial_message message;
	struct completion completion;
	unsigned int completions;	/* must be 1 */
};

static __printf(2, 3) void serial_fail(struct serial_host *host, const char *format, ...)
{
	struct va_format vaf = { .fmt = format };
	va_list args;

	va_start(args, format);
	vaf.va = &args;
	dev_err(host->dev, "error: %pV\n", &vaf);
	va_end(args);
	host->mismatches++;
}

static void serial_completed(PSERIAL_REQUEST request)
{
	struct serial_try *try = request->Context;

	try->completions++;
	complete(&try->completion);
}

static int serial_try_init(struct serial_host *host, struct serial_try *try,
			   enum serial_memory memory, u32 count)
{
	memset(try, 0, sizeof(*try));
	init_completion(&try->completion);
	if (serial_message_init(&try->message, memory, count)) {
		serial_fail(host, "out of memory");
		return -ENOMEM;
	}
	try->request.Mdl = try->message.mdl;
	try->request.Length = count * sizeof(*try->message.words);
	try->request.Completion = serial_completed;
	try->request.Context = try;
	return 0;
}

static void serial_try_fill(struct serial_host *host, struct serial_try *try)
{
	try->request.Transmit = TRUE;
	serial_message_fill(&try->message, ++host->seed);
}

/* Returns when the request is completed, in any case: its memory is to be freed. */
static bool serial_try_wait(struct serial_host *host, struct serial_try *try, const char *name)
{
	if (wait_for_completion_timeout(&try->completion, SERIAL_TIMEOUT))
		return true;
	serial_fail(host, "%s: timed out", name);
	SerialCancel(host->serial, &try->request);
	wait_for_completion(&try->completion);
	return false;
}

/* Counts a request that has ended, and compares its end with what was wanted. */
static bool serial_try_judge(struct serial_host *host, struct serial_try *try, NTSTATUS status,
			     u32 done, const char *name)
{
	PSERIAL_REQUEST request = &try->request;

	host->transfers += request->Done != 0;
	host->bytes += request->Done;
	if (request->Status == status && request->Done == done && try->completions == 1)
		return true;
	serial_fail(host, "%s: status 0x%08x, %u of %u bytes, completed %u times", name,
		    request->Status, request->Done, request->Length, try->completions);
	return false;
}

/* For whoever reads the line */
static void serial_log_sent(struct serial_host *host, struct serial_try *try, const char *name)
{
	u32 count = try->request.Done / sizeof(*try->message.words);

	dev_info(host->dev, "sent: %u characters, crc32 %08x, %s, %u rounds\n", count,
		 serial_message_crc(&try->message, count), name, try->request.Rounds);
}

static void serial_test_send(struct serial_host *host, enum serial_memory memory, u32 count,
			     u32 rounds, const char *name)
{
	struct serial_try try;

	if (!serial_try_init(host, &try, memory, count)) {
		serial_try_fill(host, &try);
		SerialSubmit(host->serial, &try.request);
		serial_try_wait(host, &try, name);
		serial_try_judge(host, &try, STATUS_SUCCESS, try.request.Length, name);
		if (try.request.Rounds < rounds)
			serial_fail(host, "%s: %u rounds", name, try.request.Rounds);
		serial_log_sent(host, &try, name);
	}
	serial_message_free(&try.message);
}

/* All at once. The last is taken back, which it may be too late for. */
static void serial_test_queue(struct serial_host *host)
{
	struct serial_try try[3];
	NTSTATUS status;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(try); i++)
		ret |= serial_try_init(host, &try[i], i & 1 ? SERIAL_CHAIN : SERIAL_SLAB,
				       100 + 50 * i);
	for (i = 0; !ret && i < ARRAY_SIZE(try); i++) {
		serial_try_fill(host, &try[i]);
		SerialSubmit(host->serial, &try[i].request);
	}
	if (!ret && !completion_done(&try[2].completion))
		SerialCancel(host->serial, &try[2].request);
	for (i = 0; !ret && i < ARRAY_SIZE(try); i++) {
		serial_try_wait(host, &try[i], "queue");
		status = i == 2 && try[i].request.Status == STATUS_CANCELLED ? STATUS_CANCELLED :
			 STATUS_SUCCESS;
		serial_try_judge(host, &try[i], status, status ? try[i].request.Done :
				 try[i].request.Length, "queue");
		serial_log_sent(host, &try[i], status ? "queue, taken back" : "queue");
	}
	for (i = 0; i < ARRAY_SIZE(try); i++)
		serial_message_free(&try[i].message);
}

/* The register keeps what was written to it, however often it is read. */
static void serial_test_register(struct serial_host *host, enum serial_memory memory, u32 count)
{
	struct serial_try try;
	u32 i;

	if (!serial_try_init(host, &try, memory, count)) {
		serial_message_wipe(&try.message);
		try.request.Register = SERIAL_DIVISOR_REGISTER;
		SerialSetDivisor(host->serial, SERIAL_DIVISOR + count);
		SerialSubmit(host->serial, &try.request);
		serial_try_wait(host, &try, "register");
		serial_try_judge(host, &try, STATUS_SUCCESS, try.request.Length, "register");
		for (i = 0; i < count && try.message.words[i] == SERIAL_DIVISOR + count; i++)
			;
		if (i < count)
			serial_fail(host, "register: word %u is 0x%08x", i, try.message.words[i]);
		else
			dev_info(host->dev, "received: %u words from a register\n", count);
	}
	serial_message_free(&try.message);
}

static bool serial_wait_for_echo(struct serial_host *host)
{
	unsigned int tries = 500;

	while (!SerialReceiveFifoIsFull(host->serial) && --tries)
		msleep(20);
	return tries;
}

/*
 * The other end of the line sends back the first characters it gets. Where nothing is known of the
 * UART's FIFO the transfer waits for them.
 */
static void serial_test_echo(struct serial_host *host)
{
	struct serial_try try;
	u32 right;

	if (!serial_try_init(host, &try, SERIAL_SLAB, SERIAL_FIFO_LENGTH)) {
		serial_message_wipe(&try.message);
		if (!host->has_uart)
			SerialSubmit(host->serial, &try.request);
		serial_test_send(host, SERIAL_SLAB, SERIAL_FIFO_LENGTH, 1, "to be sent back");
		if (host->has_uart && !serial_wait_for_echo(host))
			serial_fail(host, "nothing comes back");
		if (host->has_uart)
			SerialSubmit(host->serial, &try.request);
		serial_try_wait(host, &try, "receive");
		serial_try_judge(host, &try, STATUS_SUCCESS, try.request.Length, "receive");
		right = serial_message_matches(&try.message, host->seed);
		if (right < SERIAL_FIFO_LENGTH)
			serial_fail(host, "receive: character %u is 0x%08x", right,
				    try.message.words[right]);
		else
			dev_info(host->dev, "received: %u characters, as sent\n", right);
	}
	serial_message_free(&try.message);
}

/* Nothing is there to be received. */
static void serial_test_stop_waiting(struct serial_host *host)
{
	struct serial_try try;

	if (!serial_try_init(host, &try, SERIAL_SCATTERED, 2000)) {
		SerialSubmit(host->serial, &try.request);
		msleep(500);
		if (SerialBytesLeft(host->serial, FALSE) != try.request.RoundLength)
			serial_fail(host, "%u of %u bytes are left of what waits",
				    SerialBytesLeft(host->serial, FALSE), try.request.RoundLength);
		SerialCancel(host->serial, &try.request);
		serial_try_wait(host, &try, "stop waiting");
		serial_try_judge(host, &try, STATUS_CANCELLED, 0, "stop waiting");
	}
	serial_message_free(&try.message);
}

/* Watched, and stopped half way */
static void serial_test_stop(struct serial_host *host)
{
	u32 left, before, steps = 0;
	struct serial_try try;

	if (!serial_try_init(host, &try, SERIAL_SLAB, 40)) {
		serial_try_fill(host, &try);
		before = try.request.Length;
		SerialSubmit(host->serial, &try.request);
		while (before > try.request.Length / 2 && steps < 1000) {
			msleep(20);
			left = SerialBytesLeft(host->serial, TRUE);
			if (left > before)
				serial_fail(host, "%u bytes are left after %u", left, before);
			steps += left != before;
			before = left;
		}
		SerialCancel(host->serial, &try.request);
		serial_try_wait(host, &try, "stop");
		serial_try_judge(host, &try, STATUS_CANCELLED, try.request.Done, "stop");
		if (!try.request.Done || try.request.Done == try.request.Length || steps < 3)
			serial_fail(host, "stop: %u bytes in %u steps", try.request.Done, steps);
		serial_log_sent(host, &try, "stopped");
	}
	serial_message_free(&try.message);
}

/* Twice round, with a notification each half of the buffer */
static void serial_test_loop(struct serial_host *host)
{
	u32 position, last = 0, rounds = 0, tries = 0;
	ULONG length = 64;
	PULONG buffer;
	NTSTATUS status;

	status = SerialStartLoop(host->serial, length, length / 2, &buffer);
	if (!NT_SUCCESS(status)) {
		serial_fail(host, "loop: status 0x%08x", status);
		return;
	}
	while (SerialLoopPasses(host->serial) < 4 && ++tries < 1000) {
		msleep(20);
		position = SerialLoopPosition(host->serial);
		rounds += position < last;
		last = position;
	}
	position = SerialLoopPasses(host->serial);
	status = SerialStopLoop(host->serial);
	if (!NT_SUCCESS(status) || position < 4 || rounds < 1 || rounds > 2)
		serial_fail(host, "loop: status 0x%08x, %u notifications, %u times round", status,
			    position, rounds);
	else
		dev_info(host->dev, "looped: %u characters, %u notifications, %u times round\n",
			 length / (u32)sizeof(*buffer), position, rounds);
}

static void serial_test_lines(struct serial_host *host)
{
	if (!SerialLineExists(host->serial, SERIAL_TRANSMIT_LINE))
		serial_fail(host, "no second adapter for the transmit line");
	if (SerialLineExists(host->serial, SERIAL_NO_LINE))
		serial_fail(host, "there is an adapter for a line that nobody serves");
}

/**
 * serial_selftest() - test a device
 * @work: of struct serial_host
 */
void serial_selftest(struct work_struct *work)
{
	struct serial_host *host = container_of(work, struct serial_host, selftest);

	serial_test_lines(host);
	serial_test_echo(host);
	if (slow)
		serial_test_stop_waiting(host);
	serial_test_send(host, SERIAL_SLAB, 20, 1, "slab");
	serial_test_queue(host);
	if (slow) {
		serial_test_stop(host);
	} else {
		serial_test_send(host, SERIAL_SCATTERED, 10000, 2, "rounds");
		serial_test_send(host, SERIAL_CHAIN, 4034, 1, "chain");
	}
	if (host->has_uart) {
		serial_test_register(host, SERIAL_SLAB, 3);
		serial_test_register(host, SERIAL_SCATTERED, 5000);
		serial_test_register(host, SERIAL_CHAIN, 34);
	}
	if (loop)
		serial_test_loop(host);
	serial_test_send(host, SERIAL_SLAB, 7, 1, "the last");
	dev_info(host->dev, "done: %u transfers, %llu bytes, %u mismatches\n", host->transfers,
		 host->bytes, host->mismatches);
}
