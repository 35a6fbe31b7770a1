// SPDX-License-Identifier: GPL-2.0-only
/* Logical addresses as pointers. */
#include <wdm.h>

class Buffer {
public:
	bool Allocate(PDMA_ADAPTER adapter);
	void Touch(PSCATTER_GATHER_LIST list);
private:
	PHYSICAL_ADDRESS m_where;
	PVOID m_buffer;
};

bool Buffer::Allocate(PDMA_ADAPTER adapter)
{
	m_buffer = adapter->DmaOperations->AllocateCommonBuffer(adapter, PAGE_SIZE, &m_where, TRUE);
	return m_buffer != nullptr;
}

void Buffer::Touch(PSCATTER_GATHER_LIST list)
{
	PUCHAR first = (PUCHAR)(ULONG_PTR)m_where.QuadPart; // FOUND logical-as-pointer
	ULONG *second = reinterpret_cast<ULONG *>(list->Elements[0].Address.QuadPart);
	// FOUND-BEFORE logical-as-pointer
	void *third = (void *)((ULONG_PTR)list->Elements[1].Address.LowPart + 4);
	// FOUND-BEFORE logical-as-pointer
	PVOID fourth = MmMapIoSpace(m_where, PAGE_SIZE, MmNonCached); // FOUND logical-as-pointer
	PULONG halves = (PULONG)&m_where; // CLEAR logical-as-pointer
	PHYSICAL_ADDRESS same = (PHYSICAL_ADDRESS)m_where; // CLEAR logical-as-pointer
	ULONG_PTR number = (ULONG_PTR)m_where.QuadPart; // CLEAR logical-as-pointer
	PUCHAR registers = (PUCHAR)MmMapIoSpace(m_bar, PAGE_SIZE, MmNonCached);
	// CLEAR-BEFORE logical-as-pointer
	DbgPrint("%p\n", (PVOID)m_where.QuadPart); // CLEAR logical-as-pointer

	use(first, second, third, fourth, halves, same, number, registers);
}
