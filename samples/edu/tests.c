// SPDX-License-Identifier: GPL-2.0-only
/*
 * The transfers that the self-test makes. A table ends with a test that has no name.
 */
#include "selftest.h"

const struct edu_test edu_tests[] = {
	{
		.name = "common buffer",
		.adapter = EduWideAdapter,
		.method = EduCommonBuffer,
		.pieces = { { EDU_COMMON, 4091, 3001 } },
	}, {
		.name = "MapTransfer (common buffer)",
		.adapter = EduWideAdapter,
		.method = EduMapTransfer,
		.pieces = { { EDU_COMMON, 8191, 2503 } },
		.one_call = true,
	}, {
		.name = "MapTransfer in rounds (slab)",
		.adapter = EduPacketAdapter,
		.method = EduMapTransfer,
		.pieces = { { EDU_SLAB, 1235, 13001 } },
		.min_rounds = 2,
	}, {
		.name = "MapTransfer in rounds (scattered)",
		.adapter = EduPacketAdapter,
		.method = EduMapTransfer,
		.pieces = { { EDU_SCATTERED, 3333, 9003 } },
		.min_rounds = 2,
	}, {
		.name = "MapTransfer in a loop (scattered)",
		.adapter = EduPacketAdapter,
		.method = EduMapTransferLoop,
		.pieces = { { EDU_SCATTERED, 4001, 9001 } },
		.loop = true,
	}, {
		.name = "MapTransfer in rounds (bare pages)",
		.adapter = EduPacketAdapter,
		.method = EduMapTransfer,
		.pieces = { { EDU_BARE, 2222, 11001 } },
		.min_rounds = 2,
	}, {
		.name = "MapTransfer (KeepObject)",
		.adapter = EduPacketAdapter,
		.method = EduKeepChannel,
		.pieces = { { EDU_SLAB, 77, 3003 } },
	}, {
		.name = "GetScatterGatherList",
		.adapter = EduWideAdapter,
		.method = EduGetList,
		.pieces = { { EDU_SCATTERED, 3331, 5003 } },
	}, {
		.name = "GetScatterGatherList (chain)",
		.adapter = EduWideAdapter,
		.method = EduGetList,
		.pieces = {
			{ EDU_SLAB, 129, 1501 },
			{ EDU_SCATTERED, 7001, 2777, .partial = true },
			{ EDU_SCATTERED, 4093, 1049 },
		},
	}, {
		.name = "GetScatterGatherList (chain of pages)",
		.adapter = EduWideAdapter,
		.method = EduGetList,
		.pieces = {
			{ EDU_SLAB, 3072, 1024 },
			{ EDU_SCATTERED, 0, 4096 },
			{ EDU_SCATTERED, 0, 501 },
		},
		.min_elements = 3,
	}, {
		.name = "BuildScatterGatherList",
		.adapter = EduWideAdapter,
		.method = EduBuildList,
		.pieces = { { EDU_SCATTERED, 2049, 3003 } },
	},
	{ }
};

/* Six at once, for an adapter with so few map registers that they must wait for each other */
const struct edu_test edu_queued_tests[EDU_MAX_BATCH] = {
	{
		.name = "queued MapTransfer (KeepObject)",
		.adapter = EduPoolAdapter,
		.method = EduKeepChannel,
		.pieces = { { EDU_SCATTERED, 3501, 1201 } },
	}, {
		.name = "queued GetScatterGatherList",
		.adapter = EduPoolAdapter,
		.method = EduGetList,
		.pieces = { { EDU_SLAB, 4001, 1303 } },
	}, {
		.name = "queued BuildScatterGatherList",
		.adapter = EduPoolAdapter,
		.method = EduBuildList,
		.pieces = { { EDU_SCATTERED, 4095, 1501 } },
	}, {
		.name = "queued GetScatterGatherList (chain)",
		.adapter = EduPoolAdapter,
		.method = EduGetList,
		.pieces = { { EDU_SLAB, 13, 777 }, { EDU_SCATTERED, 3999, 555 } },
	}, {
		.name = "queued BuildScatterGatherList",
		.adapter = EduPoolAdapter,
		.method = EduBuildList,
		.pieces = { { EDU_SCATTERED, 3777, 1101 } },
	}, {
		.name = "queued GetScatterGatherList",
		.adapter = EduPoolAdapter,
		.method = EduGetList,
		.pieces = { { EDU_SCATTERED, 4090, 999 } },
	},
};

/* By routines of version 3 */
const struct edu_test edu_extended_tests[] = {
	{
		.name = "MapTransferEx in rounds (chain)",
		.adapter = EduExtendedAdapter,
		.method = EduMapTransferEx,
		.pieces = {
			{ EDU_SCATTERED, 3333, 5003 },
			{ EDU_SLAB, 129, 1501 },
			{ EDU_SCATTERED, 4093, 3001, .partial = true },
		},
		.min_rounds = 2,
	}, {
		.name = "GetScatterGatherListEx (chain)",
		.adapter = EduExtendedAdapter,
		.method = EduGetListEx,
		.pieces = { { EDU_SCATTERED, 4001, 2003 }, { EDU_SLAB, 17, 999 } },
		.min_elements = 2,
	}, {
		.name = "GetScatterGatherListEx (synchronous, chain)",
		.adapter = EduExtendedAdapter,
		.method = EduGetListExNow,
		.pieces = { { EDU_SLAB, 4091, 1003 }, { EDU_SCATTERED, 8191, 1501 } },
		.min_elements = 2,
		.synchronous = true,
	}, {
		.name = "BuildScatterGatherListEx (chain)",
		.adapter = EduExtendedAdapter,
		.method = EduBuildListEx,
		.pieces = {
			{ EDU_SCATTERED, 301, 99 },
			{ EDU_SLAB, 4095, 1999 },
			{ EDU_SCATTERED, 4093, 701 },
		},
		.min_elements = 3,
	}, {
		.name = "BuildScatterGatherListEx (synchronous, bare pages)",
		.adapter = EduExtendedAdapter,
		.method = EduBuildListExNow,
		.pieces = { { EDU_BARE, 6001, 3001 } },
		.synchronous = true,
	},
	{ }
};

/*
 * As edu_queued_tests; one is cancelled before its turn. It waits wherever their memory lies: the
 * first has all registers.
 */
const struct edu_test edu_extended_queued_tests[EDU_MAX_BATCH] = {
	{
		.name = "queued MapTransferEx",
		.adapter = EduExtendedAdapter,
		.method = EduMapTransferEx,
		.pieces = { { EDU_SCATTERED, 4095, 4098 }, { EDU_SCATTERED, 4095, 4098 } },
	}, {
		.name = "queued BuildScatterGatherListEx",
		.adapter = EduExtendedAdapter,
		.method = EduBuildListExNow,
		.pieces = { { EDU_SLAB, 4001, 1303 } },
	}, {
		.name = "queued GetScatterGatherListEx",
		.adapter = EduExtendedAdapter,
		.method = EduGetListEx,
		.pieces = { { EDU_SCATTERED, 4095, 1501 } },
	}, {
		.name = "waiting MapTransferEx",
		.adapter = EduExtendedAdapter,
		.method = EduMapTransferEx,
		.pieces = { { EDU_SLAB, 13, 777 }, { EDU_SCATTERED, 3999, 555 } },
		.cancel = true,
	}, {
		.name = "queued BuildScatterGatherListEx",
		.adapter = EduExtendedAdapter,
		.method = EduBuildListEx,
		.pieces = { { EDU_SCATTERED, 3777, 1101 } },
	}, {
		.name = "queued MapTransferEx (chain)",
		.adapter = EduExtendedAdapter,
		.method = EduMapTransferEx,
		.pieces = { { EDU_SCATTERED, 4090, 999 }, { EDU_SLAB, 4000, 501 } },
	},
};

const struct edu_test edu_window_tests[] = {
	{
		.name = "MapTransfer as one window (scattered)",
		.adapter = EduWindowAdapter,
		.method = EduMapTransfer,
		.pieces = { { EDU_SCATTERED, 4001, 13001 } },
		.min_rounds = 1,
		.one_call = true,
	}, {
		.name = "MapTransfer as windows (chain)",
		.adapter = EduWindowAdapter,
		.method = EduMapTransfer,
		.pieces = { { EDU_SCATTERED, 4001, 4201 }, { EDU_SLAB, 17, 1999 } },
		.min_rounds = 2,
	},
	{ }
};

const struct edu_test edu_narrow_tests[] = {
	{
		.name = "GetScatterGatherList (narrow)",
		.adapter = EduNarrowAdapter,
		.method = EduGetList,
		.pieces = { { EDU_SCATTERED, 3331, 2501 } },
		.inspect = true,
		.narrow = true,
	}, {
		.name = "GetScatterGatherList (narrow, chain)",
		.adapter = EduNarrowAdapter,
		.method = EduGetList,
		.pieces = {
			{ EDU_SCATTERED, 4090, 1009 },
			{ EDU_BARE, 4091, 333, .partial = true },
			{ EDU_SCATTERED, 8000, 201 },
		},
		.inspect = true,
		.min_elements = 3,
		.narrow = true,
	}, {
		.name = "BuildScatterGatherList (narrow)",
		.adapter = EduNarrowAdapter,
		.method = EduBuildList,
		.pieces = { { EDU_SLAB, 4095, 1900 } },
		.narrow = true,
	}, {
		.name = "MapTransfer (narrow)",
		.adapter = EduNarrowAdapter,
		.method = EduMapTransfer,
		.pieces = { { EDU_SCATTERED, 3999, 4999 } },
		.narrow = true,
	}, {
		.name = "MapTransfer in a loop (narrow)",
		.adapter = EduNarrowAdapter,
		.method = EduMapTransferLoop,
		.pieces = { { EDU_SCATTERED, 4001, 5003 } },
		.loop = true,
		.narrow = true,
	}, {
		.name = "GetScatterGatherList in 32 bits",
		.adapter = Edu32BitAdapter,
		.method = EduGetList,
		.pieces = { { EDU_SCATTERED, 4001, 4501 } },
		.inspect = true,
		.address_end = EDU_32BIT_END,
	}, {
		.name = "MapTransfer in 32 bits",
		.adapter = Edu32BitAdapter,
		.method = EduMapTransfer,
		.pieces = { { EDU_SCATTERED, 3001, 3501 } },
		.address_end = EDU_32BIT_END,
	}, {
		.name = "GetScatterGatherList beside narrow",
		.adapter = EduWideAdapter,
		.method = EduGetList,
		.pieces = { { EDU_SCATTERED, 2001, 1999 } },
		.inspect = true,
	},
	{ }
};

/* A mebibyte at once: mapped, and each element compared with the pages */
const struct edu_test edu_map_tests[] = {
	{
		.name = "a mebibyte (slab)",
		.adapter = EduLargeAdapter,
		.method = EduMapOnly,
		.pieces = { { EDU_SLAB, 4001, EDU_MAP_LENGTH } },
	}, {
		.name = "a mebibyte (scattered)",
		.adapter = EduLargeAdapter,
		.method = EduMapOnly,
		.pieces = { { EDU_SCATTERED, 3331, EDU_MAP_LENGTH } },
	}, {
		.name = "a mebibyte (chain)",
		.adapter = EduLargeAdapter,
		.method = EduMapOnly,
		.pieces = {
			{ EDU_SCATTERED, 4096, 400 * 1024 },
			{ EDU_SLAB, 0, 300 * 1024 },
			{ EDU_SCATTERED, 0, 324 * 1024 },
		},
	},
	{ }
};
