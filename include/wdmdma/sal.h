/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Source annotations and compiler spellings of Windows driver source.
 *
 * gcc checks none of the annotations, so they all expand to nothing; they are here
 * so that annotated source compiles unchanged. The two-underscore SAL 1 words __in
 * and __out are deliberately missing: linux/wait.h has a label named __out.
 */
#ifndef WDMDMA_SAL_H
#define WDMDMA_SAL_H

/* Direction and nullness of parameters */
#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _In_reads_(...)
#define _In_reads_opt_(...)
#define _In_reads_bytes_(...)
#define _In_reads_bytes_opt_(...)
#define _In_range_(...)
#define _In_z_bytecount_(...)
#define _In_count_(...)
#define _In_bytecount_(...)
#define _In_reads_or_z_(...)
#define _In_reads_z_(...)
#define _In_reads_to_ptr_(...)
#define _In_function_class_(...)
#define _Out_
#define _Out_opt_
#define _Out_range_(...)
#define _Out_writes_z_(...)
#define _Out_writes_all_opt_(...)
#define _Out_writes_bytes_to_ptr_(...)
#define _Out_z_cap_(...)
#define _Out_cap_(...)
#define _Out_writes_(...)
#define _Out_writes_opt_(...)
#define _Out_writes_all_(...)
#define _Out_writes_to_(...)
#define _Out_writes_bytes_(...)
#define _Out_writes_bytes_opt_(...)
#define _Out_writes_bytes_all_(...)
#define _Out_writes_bytes_to_(...)
#define _Out_writes_bytes_to_opt_(...)
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Outptr_opt_result_maybenull_
#define _Outptr_result_bytebuffer_(...)
#define _Outptr_result_buffer_(...)
#define _Inout_
#define _Inout_opt_
#define _Inout_z_
#define _Inout_updates_z_(...)
#define _Inout_updates_all_(...)
#define _Inout_updates_(...)
#define _Inout_updates_opt_(...)
#define _Inout_updates_bytes_(...)
#define _Inout_updates_bytes_opt_(...)
#define _Reserved_
#define _Const_
#define _Null_
#define _Null_terminated_
#define _NullNull_terminated_
#define _Readable_bytes_(...)
#define _Writable_bytes_(...)
#define _Pre_
#define _Post_
#define _Deref_out_
#define _Deref_out_range_(...)
#define _COM_Outptr_
#define _Notnull_
#define _Maybenull_
#define _Printf_format_string_

/* Results */
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Ret_range_(...)
#define _Ret_writes_bytes_maybenull_(...)
#define _Check_return_
#define _Must_inspect_result_
#define _Success_(...)
#define _Return_type_success_(...)
#define _Post_maybenull_
#define _Post_notnull_
#define _Post_invalid_
#define _Post_satisfies_(...)
#define _Post_writable_byte_size_(...)
#define _Pre_notnull_
#define _Pre_maybenull_
#define _Pre_valid_
#define _Pre_satisfies_(...)

/* Members */
#define _Field_z_
#define _Field_range_(...)
#define _Field_size_(...)
#define _Field_size_opt_(...)
#define _Field_size_bytes_(...)
#define _Field_size_bytes_opt_(...)
#define _Struct_size_bytes_(...)
#define _Guarded_by_(...)
#define _Interlocked_operand_
#define _Interlocked_

/* Conditions, classes and analysis */
#define _At_(...)
#define _At_buffer_(...)
#define _When_(...)
#define _On_failure_(...)
#define _Always_(...)
#define _Group_(...)
#define _Function_class_(...)
#define _Dispatch_type_(...)
#define _Use_decl_annotations_
#define _Analysis_assume_(...)
#define _Analysis_assume_nullterminated_(...)
#define _Analysis_noreturn_
#define _Notvalid_
#define _Literal_
#define _Points_to_data_
#define _Strict_type_match_
#define _Kernel_clear_do_init_(...)
#define __analysis_assume(...)
#define __analysis_assert(...)

/* IRQL and locks */
#define _IRQL_requires_(...)
#define _IRQL_requires_max_(...)
#define _IRQL_requires_min_(...)
#define _IRQL_requires_same_
#define _IRQL_always_function_max_(...)
#define _IRQL_always_function_min_(...)
#define _IRQL_raises_(...)
#define _IRQL_saves_
#define _IRQL_saves_global_(...)
#define _IRQL_restores_
#define _IRQL_restores_global_(...)
#define _IRQL_uses_cancel_
#define _IRQL_is_cancel_
#define _Requires_lock_held_(...)
#define _Requires_lock_not_held_(...)
#define _Requires_no_locks_held_
#define _Acquires_lock_(...)
#define _Releases_lock_(...)
#define _Acquires_exclusive_lock_(...)
#define _Releases_exclusive_lock_(...)
#define _Acquires_shared_lock_(...)
#define _Releases_shared_lock_(...)
#define _Has_lock_kind_(...)
#define _Has_lock_level_(...)
#define _Lock_level_order_(...)
#define _Create_lock_level_(...)

/* The driver dialect */
#define __drv_aliasesMem
#define __drv_freesMem(...)
#define __drv_allocatesMem(...)
#define __drv_strictTypeMatch(...)
#define __drv_strictType(...)
#define __drv_when(...)
#define __drv_preferredFunction(...)
#define __drv_dispatchType(...)
#define __drv_maxIRQL(...)
#define __drv_requiresIRQL(...)
#define __drv_sameIRQL
#define __drv_functionClass(...)
#define __drv_minIRQL(...)
#define __drv_raisesIRQL(...)
#define __drv_setsIRQL(...)
#define __drv_savesIRQL
#define __drv_restoresIRQL
#define __drv_mustHold(...)
#define __drv_neverHold(...)
#define __drv_acquiresExclusiveResource(...)
#define __drv_releasesExclusiveResource(...)
#define __drv_mustHoldCriticalRegion
#define __drv_out_deref(...)
#define __drv_in(...)
#define __drv_isCancelIRQL
#define __drv_useCancelIRQL
#define __drv_reportError(...)
#define _IRQL_limited_to_(...)
#define _Requires_exclusive_lock_held_(...)
#define _Requires_shared_lock_held_(...)
#define _Post_same_lock_(...)
#define _Interlocked_operand_volatile_
#define _Benign_race_begin_
#define _Benign_race_end_
#define _Enum_is_bitflag_
#define _Flexible_array_(...)
#define _Analysis_mode_(...)
#define __callback

/* Old style direction words, and const by its Windows name */
#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef OPTIONAL
#define OPTIONAL
#endif
#ifndef CONST
#define CONST const
#endif

/* Calling conventions and linkage: one convention, one way to link */
#define NTAPI
#define NTKERNELAPI
#define NTSYSAPI
#define NTSYSCALLAPI
#define NTHALAPI
#define NTKRNLVISTAAPI
#define UNALIGNED
#define RESTRICTED_POINTER
#ifndef __unaligned
#define __unaligned
#endif
#define NOTHING
#ifndef __cdecl
#define __cdecl
#endif
#ifndef __stdcall
#define __stdcall
#endif
#ifndef __fastcall
#define __fastcall
#endif
#define FASTCALL

#ifdef __cplusplus
#define EXTERN_C extern "C"
#else
#define EXTERN_C extern
#endif

#define WDMDMA_ATTRIBUTE(...) __attribute__((__VA_ARGS__))
#define DECLSPEC_ALIGN(bytes) WDMDMA_ATTRIBUTE(aligned(bytes))
#define DECLSPEC_CACHEALIGN DECLSPEC_ALIGN(64)
#define DECLSPEC_NORETURN WDMDMA_ATTRIBUTE(noreturn)
#define DECLSPEC_NOINLINE WDMDMA_ATTRIBUTE(noinline)
#define DECLSPEC_SELECTANY WDMDMA_ATTRIBUTE(weak)
#define DECLSPEC_IMPORT
#define DECLSPEC_EXPORT

/*
 * FORCEINLINE carries its own `static`, as headers write it alone; __forceinline
 * does not, as C source writes `static __forceinline`.
 */
#define FORCEINLINE static inline WDMDMA_ATTRIBUTE(always_inline)
#ifndef __forceinline
#define __forceinline inline WDMDMA_ATTRIBUTE(always_inline)
#endif

/* Locked or paged code: Linux's never is paged out */
#define PAGED_CODE_LOCKED() ((void)0)

#ifndef UNREFERENCED_PARAMETER
#define UNREFERENCED_PARAMETER(param) ((void)(param))
#endif
#define DBG_UNREFERENCED_PARAMETER(param) ((void)(param))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(var) ((void)(var))
#define UNREFERENCED_LOCAL_VARIABLE(var) ((void)(var))

/*
 * Assertions report once and go on; there is no debugger to break into. The Linux
 * names are looked up where the macro is used, which is why none is included here.
 */
#if defined(__KERNEL__) && !defined(__cplusplus)
#define PAGED_CODE() might_sleep()
#define NT_ASSERT(expr) ((void)WARN_ON_ONCE(!(expr)))
#define NT_VERIFY(expr) (!WARN_ON_ONCE(!(expr)))
#else
#define PAGED_CODE() ((void)0)
#define NT_ASSERT(expr) ((void)sizeof(!(expr)))
#define NT_VERIFY(expr) (!!(expr))
#endif

#define NT_ASSERTMSG(msg, expr) ((void)(msg), NT_ASSERT(expr))
#define NT_FRE_ASSERT(expr) NT_ASSERT(expr)

#ifndef ASSERT
#define ASSERT(expr) NT_ASSERT(expr)
#endif
#define RTL_SOFT_ASSERT(expr) NT_ASSERT(expr)
#ifndef ASSERTMSG
#define ASSERTMSG(msg, expr) ((void)(msg), NT_ASSERT(expr))
#endif

#ifndef C_ASSERT
#ifdef __cplusplus
#define C_ASSERT(expr) static_assert(expr, #expr)
#else
#define C_ASSERT(expr) _Static_assert(expr, #expr)
#endif
#endif

#endif /* WDMDMA_SAL_H */
