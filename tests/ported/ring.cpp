// SPDX-License-Identifier: GPL-2.0-only
// A driver in C++: a ring in a common buffer, guarded by locks that release themselves.
extern "C" {
#include <wdm.h>
}
#include <ntstrsafe.h>

namespace
{
const ULONG RingTag = 'gniR';

class AutoSpinLock {
public:
	explicit AutoSpinLock(KSPIN_LOCK &lock) : m_lock(lock)
	{
		KeAcquireSpinLock(&m_lock, &m_irql);
	}
	~AutoSpinLock()
	{
		KeReleaseSpinLock(&m_lock, m_irql);
	}

private:
	AutoSpinLock(const AutoSpinLock &);
	AutoSpinLock &operator=(const AutoSpinLock &);
	KSPIN_LOCK &m_lock;
	KIRQL m_irql;
};

template <typename T> class Ring {
public:
	NTSTATUS Initialize(PDEVICE_OBJECT pdo, PUCHAR registers, ULONG entries)
	{
		DEVICE_DESCRIPTION description;

		RtlZeroMemory(&description, sizeof(description));
		description.Version = DEVICE_DESCRIPTION_VERSION2;
		description.Master = TRUE;
		description.ScatterGather = TRUE;
		description.Dma64BitAddresses = TRUE;
		description.InterfaceType = PCIBus;
		description.MaximumLength = entries * sizeof(T);
		KeInitializeSpinLock(&m_lock);
		KeInitializeEvent(&m_moved, SynchronizationEvent, FALSE);
		KeInitializeDpc(&m_dpc, &Ring::DpcRoutine, this);
		KeInitializeTimer(&m_timer);
		m_registers = registers;
		m_entries = entries;
		m_adapter = IoGetDmaAdapter(pdo, &description, &m_mapRegisters);
		if (m_adapter == nullptr)
			return STATUS_INSUFFICIENT_RESOURCES;
		m_ring = static_cast<T *>(m_adapter->DmaOperations->AllocateCommonBuffer(
			m_adapter, static_cast<ULONG>(entries * sizeof(T)), &m_address, TRUE));
		return m_ring ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
	}

	VOID Push(const T &entry)
	{
		AutoSpinLock guard(m_lock);

		m_ring[m_head] = entry;
		m_head = (m_head + 1) % m_entries;
		KeMemoryBarrier();
		WRITE_REGISTER_ULONG(reinterpret_cast<PULONG>(m_registers), m_head);
	}

	NTSTATUS WaitForMove(LONGLONG milliseconds)
	{
		LARGE_INTEGER timeout;

		timeout.QuadPart = -10000 * milliseconds;
		KeSetTimer(&m_timer, timeout, &m_dpc);
		return KeWaitForSingleObject(&m_moved, Executive, KernelMode, FALSE, &timeout);
	}

	VOID Destroy()
	{
		KeCancelTimer(&m_timer);
		KeFlushQueuedDpcs();
		if (m_ring)
			m_adapter->DmaOperations->FreeCommonBuffer(
				m_adapter, static_cast<ULONG>(m_entries * sizeof(T)), m_address,
				m_ring, TRUE);
		if (m_adapter)
			m_adapter->DmaOperations->PutDmaAdapter(m_adapter);
	}

private:
	static VOID DpcRoutine(PKDPC, PVOID context, PVOID, PVOID)
	{
		Ring *self = static_cast<Ring *>(context);

		InterlockedIncrement(&self->m_moves);
		KeSetEvent(&self->m_moved, IO_NO_INCREMENT, FALSE);
	}

	KSPIN_LOCK m_lock;
	KEVENT m_moved;
	KDPC m_dpc;
	KTIMER m_timer;
	PUCHAR m_registers;
	PDMA_ADAPTER m_adapter;
	ULONG m_mapRegisters;
	T *m_ring;
	PHYSICAL_ADDRESS m_address;
	ULONG m_entries, m_head;
	LONG m_moves;
};

struct Descriptor {
	ULONG64 Address;
	ULONG Length;
	ULONG Flags;
};

static_assert(sizeof(Descriptor) == 16, "the hardware's");
} // namespace

extern "C" NTSTATUS RingSelfTest(PDEVICE_OBJECT pdo, PUCHAR registers)
{
	typedef Ring<Descriptor> DescriptorRing;
	UNICODE_STRING name;
	CHAR text[32];
	NTSTATUS status;

	PAGED_CODE();

	DescriptorRing *ring = static_cast<DescriptorRing *>(
		ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(DescriptorRing), RingTag));
	if (!ring)
		return STATUS_NO_MEMORY;
	RtlInitUnicodeString(&name, L"ring");
	status = RtlStringCbPrintfA(text, sizeof(text), "%wZ %lu", &name,
				    static_cast<ULONG>(min(PAGE_SIZE, 65536UL)));
	if (NT_SUCCESS(status))
		status = ring->Initialize(pdo, registers, 256);
	if (NT_SUCCESS(status)) {
		Descriptor descriptor = { 0, 0, 1 };

		ring->Push(descriptor);
		status = ring->WaitForMove(100);
		DbgPrint("ring: 0x%08lX\n", status);
	}
	ring->Destroy();
	ExFreePoolWithTag(ring, RingTag);
	return status;
}
