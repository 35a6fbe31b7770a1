// SPDX-License-Identifier: GPL-2.0-only
/* Functions in classes, with what C++ may have before their bodies. */
#include <wdm.h>

namespace ring {

template <typename Item> class Queue final : public Base<Item> {
public:
	explicit Queue(ULONG size) noexcept : m_size(size), m_first{0}, m_last{ 0 }
	{
		KeInitializeSpinLock(&m_lock); // CLEAR lock-not-initialised
	}
	~Queue();
	NTSTATUS Map(PMDL mdl) const override
	{
		KIRQL irql;

		KeAcquireSpinLock(&m_lock, &irql);
		NTSTATUS status = m_ops->GetScatterGatherList( // CLEAR passive-level
			m_adapter, m_self, mdl, MmGetMdlVirtualAddress(mdl), m_size, Ready,
			this, TRUE);
		KeReleaseSpinLock(&m_lock, irql);
		return status;
	}
	auto MapLow(PMDL mdl) -> NTSTATUS
	{
		return m_ops->GetScatterGatherList( // FOUND passive-level
			m_adapter, m_self, mdl, MmGetMdlVirtualAddress(mdl), m_size, Ready,
			this, TRUE);
	}
private:
	ULONG m_first{0}, m_last = 0;
	void IoOwnMethod(void);
};

template <typename Item> Queue<Item>::~Queue()
{
	IoOwnMethod(); // CLEAR not-provided
	Helper::IoElsewhere(this); // CLEAR not-provided
	::IoCreateDevice(nullptr); // FOUND not-provided
	m_ops->PutScatterGatherList(m_adapter, m_list, TRUE);
}

} // namespace ring
