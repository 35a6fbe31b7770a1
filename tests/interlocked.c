// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program that tries wdmdma/interlocked.h, which needs no kernel: on arm64 it is in assembler. What
 * each routine returns and leaves, and whether threads on several processors miss each other.
 */
#include <pthread.h>
#include <stdio.h>

#include <wdmdma/interlocked.h>

#define THREADS 4
#define LOOPS 100000

static unsigned int tried, wrong;

static void expect(const char *what, LONG64 is, LONG64 wanted)
{
	tried++;
	if (is == wanted)
		return;
	wrong++;
	printf("interlocked: %s is %lld, not %lld\n", what, is, wanted);
}

#define EXPECT(is, wanted) expect(#is, is, wanted)

/* The same for each width; the values have the sign bit, and bits above 32 are noticed */
#define DEFINE_TRY(bits, suffix, type, least, most)				\
static void try_##bits(void)							\
{										\
	type value = most;							\
										\
	EXPECT(InterlockedIncrement##suffix(&value), least);			\
	EXPECT(InterlockedDecrement##suffix(&value), most);			\
	EXPECT(InterlockedExchangeAdd##suffix(&value, 1), most);		\
	EXPECT(InterlockedExchangeAdd##suffix(&value, -1), least);		\
	EXPECT(InterlockedExchange##suffix(&value, -2), most);			\
	EXPECT(InterlockedCompareExchange##suffix(&value, 5, 6), -2);		\
	EXPECT(InterlockedCompareExchange##suffix(&value, least, -2), -2);	\
	EXPECT(InterlockedOr##suffix(&value, 0x55), least);			\
	EXPECT(InterlockedAnd##suffix(&value, 0x0f), (type)((least) | 0x55));	\
	EXPECT(InterlockedXor##suffix(&value, -1), 0x05);			\
	EXPECT(value, ~0x05);							\
}

DEFINE_TRY(16, 16, SHORT, -0x7fff - 1, 0x7fff)
DEFINE_TRY(32, /* none */, LONG, MINLONG, MAXLONG)
DEFINE_TRY(64, 64, LONG64, MINLONGLONG, MAXLONGLONG)

static void try_others(void)
{
	LONG bits[2] = { 1, 0 };
	PVOID pointer = bits;

	EXPECT(InterlockedExchangePointer(&pointer, &pointer) == bits, 1);
	EXPECT(InterlockedCompareExchangePointer(&pointer, NULL, bits) == (PVOID)&pointer, 1);
	EXPECT(InterlockedCompareExchangePointer(&pointer, bits, &pointer) == (PVOID)&pointer, 1);
	EXPECT(pointer == bits, 1);
	EXPECT(InterlockedBitTestAndSet(bits, 63), 0);
	EXPECT(InterlockedBitTestAndReset(bits, 0), 1);
	EXPECT(InterlockedBitTestAndComplement(bits, 1), 0);
	EXPECT(bits[0], 2);
	EXPECT(bits[1], MINLONG);
}

static struct {
	SHORT narrow[2];
	LONG plain, swapped;
	LONG64 wide;
} shared;

static pthread_barrier_t start;

static void *thread(void *argument)
{
	int i;

	pthread_barrier_wait(&start);
	for (i = 0; i < LOOPS; i++) {
		LONG before;

		InterlockedIncrement16(&shared.narrow[1]);
		InterlockedIncrement(&shared.plain);
		InterlockedExchangeAdd64(&shared.wide, 0x100000001LL);
		do
			before = *(volatile LONG *)&shared.swapped;
		while (InterlockedCompareExchange(&shared.swapped, before + 1, before) != before);
	}
	return argument;
}

static void try_threads(void)
{
	pthread_t threads[THREADS];
	int i;

	pthread_barrier_init(&start, NULL, THREADS);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, thread, NULL))
			wrong++;
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	EXPECT(shared.narrow[0], 0);
	EXPECT(shared.narrow[1], (SHORT)(THREADS * LOOPS));
	EXPECT(shared.plain, THREADS * LOOPS);
	EXPECT(shared.swapped, THREADS * LOOPS);
	EXPECT(shared.wide, THREADS * LOOPS * 0x100000001LL);
}

int main(void)
{
	try_16();
	try_32();
	try_64();
	try_others();
	try_threads();
	printf("interlocked: %u results, %u wrong\n", tried, wrong);
	return wrong != 0;
}
