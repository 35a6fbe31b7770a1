/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What time it is, and which processors there are.
 *
 * Times are LARGE_INTEGERs that count 100 ns; the time of day counts from 1601, the
 * interrupt time from when the machine was started.
 */
#ifndef WDMDMA_CLOCK_H
#define WDMDMA_CLOCK_H

#include <wdmdma/types.h>
#include <wdmdma/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Documented in wdmdma/clock.c */
LARGE_INTEGER wdmdma_ke_query_performance_counter(PLARGE_INTEGER frequency);
void wdmdma_ke_query_system_time(PLARGE_INTEGER now);
void wdmdma_ke_query_tick_count(PLARGE_INTEGER ticks);
ULONG wdmdma_ke_query_time_increment(void);
ULONGLONG wdmdma_ke_query_interrupt_time(void);
ULONGLONG wdmdma_ke_query_unbiased_interrupt_time(void);

ULONG wdmdma_ke_get_current_processor_number_ex(PPROCESSOR_NUMBER number);
ULONG wdmdma_ke_query_active_processor_count_ex(USHORT group);
ULONG wdmdma_ke_query_maximum_processor_count_ex(USHORT group);
KAFFINITY wdmdma_ke_query_active_processors(void);
NTSTATUS wdmdma_ke_get_processor_number_from_index(ULONG index, PPROCESSOR_NUMBER number);
ULONG wdmdma_ke_get_processor_index_from_number(PPROCESSOR_NUMBER number);

#ifdef __cplusplus
}
#endif

#define KeQueryPerformanceCounter wdmdma_ke_query_performance_counter
#define KeQuerySystemTime wdmdma_ke_query_system_time
#define KeQuerySystemTimePrecise wdmdma_ke_query_system_time
#define KeQueryTickCount wdmdma_ke_query_tick_count
#define KeQueryTimeIncrement wdmdma_ke_query_time_increment
#define KeQueryInterruptTime wdmdma_ke_query_interrupt_time
#define KeQueryUnbiasedInterruptTime wdmdma_ke_query_unbiased_interrupt_time

static inline ULONGLONG KeQueryInterruptTimePrecise(PULONGLONG counter)
{
	*counter = (ULONGLONG)wdmdma_ke_query_performance_counter(NULL).QuadPart;
	return wdmdma_ke_query_interrupt_time();
}

#define KeGetCurrentProcessorNumberEx wdmdma_ke_get_current_processor_number_ex
#define KeGetCurrentProcessorNumber() wdmdma_ke_get_current_processor_number_ex(NULL)
#define KeGetCurrentProcessorIndex() wdmdma_ke_get_current_processor_number_ex(NULL)
#define KeQueryActiveProcessorCountEx wdmdma_ke_query_active_processor_count_ex
#define KeQueryMaximumProcessorCountEx wdmdma_ke_query_maximum_processor_count_ex
#define KeQueryMaximumProcessorCount() \
	wdmdma_ke_query_maximum_processor_count_ex(ALL_PROCESSOR_GROUPS)
#define KeQueryActiveProcessors wdmdma_ke_query_active_processors
#define KeGetProcessorNumberFromIndex wdmdma_ke_get_processor_number_from_index
#define KeGetProcessorIndexFromNumber wdmdma_ke_get_processor_index_from_number

/* The count and, if wanted, the first group's processors as a mask */
static inline ULONG KeQueryActiveProcessorCount(PKAFFINITY processors)
{
	if (processors)
		*processors = wdmdma_ke_query_active_processors();
	return wdmdma_ke_query_active_processor_count_ex(ALL_PROCESSOR_GROUPS);
}

#define INVALID_PROCESSOR_INDEX 0xffffffffU

#endif /* WDMDMA_CLOCK_H */
