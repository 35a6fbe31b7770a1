// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clocks and processors for ported drivers.
 *
 * Processors are Linux's possible ones by their numbers, in groups of 64.
 */
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>

#include <wdmdma/clock.h>

/* 100 ns units: from 1601, where Windows' time starts, to 1970 */
#define WD_EPOCH_TICKS 116444736000000000ULL

#define WD_GROUP_CPUS 64U

/**
 * wdmdma_ke_query_performance_counter() - a fine clock that never goes back
 * @frequency: NULL, or where to put its ticks a second: 10 million, as on today's Windows
 *
 * Context: Any IRQL.
 * Return: Ticks; stands still while the machine is suspended. DDI: KeQueryPerformanceCounter
 */
LARGE_INTEGER wdmdma_ke_query_performance_counter(PLARGE_INTEGER frequency)
{
	LARGE_INTEGER now = { .QuadPart = div_u64(ktime_get_ns(), 100) };

	if (frequency)
		frequency->QuadPart = NSEC_PER_SEC / 100;
	return now;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_query_performance_counter, WDMDMA);

/**
 * wdmdma_ke_query_system_time() - the time of day
 * @now: where to put it: 100 ns units since 1601, UTC
 *
 * Context: Any IRQL. DDI: KeQuerySystemTime, KeQuerySystemTimePrecise
 */
void wdmdma_ke_query_system_time(PLARGE_INTEGER now)
{
	now->QuadPart = div_u64(ktime_get_real_ns(), 100) + WD_EPOCH_TICKS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_query_system_time, WDMDMA);

/**
 * wdmdma_ke_query_tick_count() - a coarse clock
 * @ticks: where to put it: timer ticks of KeQueryTimeIncrement since the machine was started
 *
 * Context: Any IRQL. DDI: KeQueryTickCount
 */
void wdmdma_ke_query_tick_count(PLARGE_INTEGER ticks)
{
	ticks->QuadPart = div_u64(wdmdma_ke_query_interrupt_time(),
				  wdmdma_ke_query_time_increment());
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_query_tick_count, WDMDMA);

/**
 * wdmdma_ke_query_time_increment() - how long a tick of KeQueryTickCount is
 *
 * Context: Any IRQL.
 * Return: 100 ns units: the length of a jiffy. DDI: KeQueryTimeIncrement
 */
ULONG wdmdma_ke_query_time_increment(void)
{
	return NSEC_PER_SEC / HZ / 100;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_query_time_increment, WDMDMA);

/**
 * wdmdma_ke_query_interrupt_time() - how long the machine has been up
 *
 * Context: Any IRQL.
 * Return: 100 ns units, suspended times included. DDI: KeQueryInterruptTime
 */
ULONGLONG wdmdma_ke_query_interrupt_time(void)
{
	return div_u64(ktime_get_boottime_ns(), 100);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_query_interrupt_time, WDMDMA);

/**
 * wdmdma_ke_query_unbiased_interrupt_time() - how long the machine has been working
 *
 * Context: Any IRQL.
 * Return: 100 ns units, suspended times left out. DDI: KeQueryUnbiasedInterruptTime
 */
ULONGLONG wdmdma_ke_query_unbiased_interrupt_time(void)
{
	return div_u64(ktime_get_ns(), 100);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_query_unbiased_interrupt_time, WDMDMA);

/* Processors */

static void wd_processor_number(unsigned int cpu, PPROCESSOR_NUMBER number)
{
	number->Group = cpu / WD_GROUP_CPUS;
	number->Number = cpu % WD_GROUP_CPUS;
	number->Reserved = 0;
}

/**
 * wdmdma_ke_get_current_processor_number_ex() - which processor this is
 * @number: NULL, or where to put its group and number
 *
 * Context: Any IRQL; below DISPATCH_LEVEL it may be another one at once.
 * Return: Its index: Linux's number. DDI: KeGetCurrentProcessorNumberEx,
 *	   KeGetCurrentProcessorNumber
 */
ULONG wdmdma_ke_get_current_processor_number_ex(PPROCESSOR_NUMBER number)
{
	unsigned int cpu = raw_smp_processor_id();

	if (number)
		wd_processor_number(cpu, number);
	return cpu;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_get_current_processor_number_ex, WDMDMA);

static ULONG wd_count_processors(const struct cpumask *mask, USHORT group)
{
	unsigned int cpu;
	ULONG count = 0;

	for_each_cpu(cpu, mask)
		if (group == ALL_PROCESSOR_GROUPS || cpu / WD_GROUP_CPUS == group)
			count++;
	return count;
}

/**
 * wdmdma_ke_query_active_processor_count_ex() - how many processors run
 * @group: group, or ALL_PROCESSOR_GROUPS
 *
 * Their numbers need not follow one another: for an array indexed by processor use the maximum.
 *
 * Context: Any IRQL.
 * Return: Linux's online processors. DDI: KeQueryActiveProcessorCountEx
 */
ULONG wdmdma_ke_query_active_processor_count_ex(USHORT group)
{
	return wd_count_processors(cpu_online_mask, group);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_query_active_processor_count_ex, WDMDMA);

/**
 * wdmdma_ke_query_maximum_processor_count_ex() - how many processors there can ever be
 * @group: group, or ALL_PROCESSOR_GROUPS
 *
 * Context: Any IRQL.
 * Return: One more than the highest processor number that Linux may use, so that it bounds every
 *	   index; in a group, of that group's. DDI: KeQueryMaximumProcessorCountEx
 */
ULONG wdmdma_ke_query_maximum_processor_count_ex(USHORT group)
{
	ULONG first = group * WD_GROUP_CPUS;

	if (group == ALL_PROCESSOR_GROUPS)
		return nr_cpu_ids;
	return nr_cpu_ids > first ? min(nr_cpu_ids - first, WD_GROUP_CPUS) : 0;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_query_maximum_processor_count_ex, WDMDMA);

/**
 * wdmdma_ke_query_active_processors() - which processors of the first group run
 *
 * Context: Any IRQL.
 * Return: A bit for each. DDI: KeQueryActiveProcessors
 */
KAFFINITY wdmdma_ke_query_active_processors(void)
{
	KAFFINITY mask = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu)
		if (cpu < BITS_PER_LONG)
			mask |= 1UL << cpu;
	return mask;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_query_active_processors, WDMDMA);

/**
 * wdmdma_ke_get_processor_number_from_index() - a processor's group and number
 * @index: Linux's number
 * @number: where to put them
 *
 * Context: Any IRQL.
 * Return: STATUS_SUCCESS, or STATUS_INVALID_PARAMETER for a processor there is not.
 *	   DDI: KeGetProcessorNumberFromIndex
 */
NTSTATUS wdmdma_ke_get_processor_number_from_index(ULONG index, PPROCESSOR_NUMBER number)
{
	if (index >= nr_cpu_ids || !cpu_possible(index))
		return STATUS_INVALID_PARAMETER;
	wd_processor_number(index, number);
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_get_processor_number_from_index, WDMDMA);

/**
 * wdmdma_ke_get_processor_index_from_number() - a processor's index
 * @number: its group and number
 *
 * Context: Any IRQL.
 * Return: Linux's number, or INVALID_PROCESSOR_INDEX for a processor there is not.
 *	   DDI: KeGetProcessorIndexFromNumber
 */
ULONG wdmdma_ke_get_processor_index_from_number(PPROCESSOR_NUMBER number)
{
	ULONG index = number->Group * WD_GROUP_CPUS + number->Number;

	if (number->Number >= WD_GROUP_CPUS || index >= nr_cpu_ids || !cpu_possible(index))
		return INVALID_PROCESSOR_INDEX;
	return index;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_get_processor_index_from_number, WDMDMA);
