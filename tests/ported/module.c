// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes a module of the drivers, so that whatever they call must be exported.
 */
#include <linux/module.h>

MODULE_DESCRIPTION("Drivers that must compile; not to be loaded");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(WDMDMA);
