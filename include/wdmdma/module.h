/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which Linux module the code that includes this is part of. Routines that call the
 * driver back later are told, and keep the module from being unloaded until they have.
 */
#ifndef WDMDMA_MODULE_H
#define WDMDMA_MODULE_H

struct module;

#ifdef MODULE
#ifdef __cplusplus
extern "C" struct module __this_module;
#else
extern struct module __this_module;
#endif
#define WDMDMA_THIS_MODULE (&__this_module)
#else
#define WDMDMA_THIS_MODULE ((struct module *)0)
#endif

#endif /* WDMDMA_MODULE_H */
