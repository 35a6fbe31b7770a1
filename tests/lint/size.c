// SPDX-License-Identifier: GPL-2.0-only
/* Looks at the table's Size before it calls what came late. */
#include <ntddk.h>

VOID SizUse(PDMA_ADAPTER Adapter, PMDL Mdl)
{
	PDMA_OPERATIONS Operations = Adapter->DmaOperations;

	if (Operations->Size > FIELD_OFFSET(DMA_OPERATIONS, FlushDmaBuffer))
		Operations->FlushDmaBuffer(Adapter, Mdl, TRUE); /* CLEAR late-member */
}
