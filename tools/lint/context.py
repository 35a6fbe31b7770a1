# SPDX-License-Identifier: GPL-2.0
"""Rules about where code runs, and about what else differs from Windows: levels, exceptions, locks,
types."""
import re

from . import look, source
from .adapters import CHANNELS, LISTS
from .driver import DISPATCH_ROLES, SERVICE_ROLES
from .rules import rule

AT_DISPATCH = tuple(name for name in (*CHANNELS, *LISTS) if name != 'GetScatterGatherListEx')
RAISES = re.compile(r'K[ef]RaiseIrql|\w*Acquire\w*SpinLock|WdfSpinLockAcquire$'
                    r'|WdfInterruptAcquireLock$|KeSynchronizeExecution$')
LOWERS = re.compile(r'KeLowerIrql$|\w*Release\w*SpinLock|WdfSpinLockRelease$')
AT_LEVEL = re.compile(r'\w*SpinLock(At|From)Dpc(Level)?$|NdisDpr\w+SpinLock$')
REQUIRES = re.compile(r'_IRQL_requires_(min_)?$|__drv_(requires|min)IRQL$')
IN_SERVICE = frozenset('CalculateScatterGatherList GetDmaAlignment'.split())
LOCK_ROUTINES = ('KeAcquireSpinLock', 'KeAcquireSpinLockRaiseToDpc', 'KeAcquireSpinLockAtDpcLevel',
                 'KeAcquireInStackQueuedSpinLock', 'KeAcquireInStackQueuedSpinLockAtDpcLevel')


@rule('passive-level', 'check', 'a request that wants DISPATCH_LEVEL, with nothing that raises')
def passive_level(driver):
    """A guess: what raises, takes a lock, is a DPC, or is only called by such, is enough."""
    for call in driver.calls(*AT_DISPATCH):
        if not at_dispatch(driver, call.body, call.at, set()):
            yield (*call.place, f'{call.name} wants DISPATCH_LEVEL: nothing here raises to it, and '
                   'the function is not seen to run there')


def at_dispatch(driver, body, at, seen):
    """Whether there is a reason to think that a place is at DISPATCH_LEVEL."""
    if body.function in seen:
        return True
    seen = seen | {body.function}
    if driver.roles.get(body.name) in DISPATCH_ROLES or says_dispatch(body.head) or \
            any(map(says_dispatch, declarations(driver, body))):
        return True
    if any(AT_LEVEL.match(name) for name in body.names):
        return True
    if any(call.name == 'KeGetCurrentIrql' and 'DISPATCH_LEVEL' in
           body.texts[call.end:call.end + 4] for call in body.calls):
        return True
    level = None
    for call in body.calls:
        if call.at < at and RAISES.match(call.name):
            level = True
        elif call.at < at and LOWERS.match(call.name) and is_on_the_way(body.texts, call.at, at):
            level = False
    if level is not None:
        return level
    callers = list(driver.callers(body.function))
    return bool(callers) and all(at_dispatch(driver, call.body, call.at, seen) for call in callers)


def declarations(driver, body):
    """The heads of a function's declarations, which may have annotations that the body has not."""
    return [file.declared[body.name] for file in driver.files if body.name in file.declared]


def says_dispatch(head):
    """Whether the annotations of a function say that it runs at DISPATCH_LEVEL."""
    return any(REQUIRES.match(text) and head[i + 2:i + 3] == ['DISPATCH_LEVEL']
               for i, text in enumerate(head))


def is_on_the_way(texts, i, at):
    """Whether the block that i is in is still open at the place, or ends without leaving."""
    depth = 0
    for n in range(i, at):
        if texts[n] == '{':
            depth += 1
        elif texts[n] == '}':
            depth -= 1
            if depth < 0:
                return not {'return', 'goto', 'break', 'continue'} & set(texts[i:n])
    return True


@rule('service-routine', 'trap', 'the table is called in an interrupt service routine')
def service_routine(driver):
    """A DPC is where that belongs."""
    members = set(driver.provided.members) - IN_SERVICE
    for body in driver.bodies:
        if driver.roles.get(body.name) in SERVICE_ROLES:
            for call in body.calls:
                if call.name in members:
                    yield (*call.place, f'{call.name} in an interrupt service routine is refused: '
                           'queue a DPC')


@rule('lock-without-try', 'trap', 'MmProbeAndLockPages, and nothing that sees it fail')
def lock_without_try(driver):
    """It raises; where nothing is abandoned, somebody must look."""
    guarded = list(try_bodies(driver))
    for call in driver.calls('MmProbeAndLockPages'):
        is_guarded = any(body is call.body and start <= call.at < end
                         for body, start, end in guarded)
        if not is_guarded and 'MDL_PAGES_LOCKED' not in call.body.texts[call.end:]:
            yield (*call.place, 'MmProbeAndLockPages without __try: nobody sees it fail; '
                   'WdmProbeAndLockPages returns the status')


def try_bodies(driver):
    """Each body of a __try: the function's, and the range."""
    for body in driver.bodies:
        for i in look.uses(body.texts, '__try', False):
            if body.texts[i + 1:i + 2] == ['{']:
                end = source.closing(body.texts, i + 1)
                if end is not None:
                    yield body, i + 2, end


@rule('try-goes-on', 'trap', '__try has more in it after what raises')
def try_goes_on(driver):
    """The body is not abandoned in the middle."""
    for body, start, end in try_bodies(driver):
        for call in body.named('MmProbeAndLockPages', 'ProbeForRead', 'ProbeForWrite',
                               'ExRaiseStatus'):
            rest = body.texts[call.end + 2:end]
            if start <= call.at < end and 'MDL_PAGES_LOCKED' not in rest and \
                    [text for text in rest if text not in '{};']:
                yield (*call.place, f'what follows {call.name} in the __try is done even if it '
                       'raised: test MDL_PAGES_LOCKED, or move it behind the __except')
                break


@rule('try-left', 'trap', '__try is left by return, goto or __leave')
def try_left(driver):
    """What was raised is lost, __finally skipped; __leave is not there."""
    for body, start, end in try_bodies(driver):
        for i in range(start, end):
            if body.texts[i] in ('return', 'goto', '__leave'):
                yield (body.file, body.offsets[i], f'{body.texts[i]} in __try: ' + (
                    'there is none' if body.texts[i] == '__leave' else
                    'what was raised is lost, and __finally skipped'))


@rule('user-mapping', 'trap', 'memory is mapped into a process')
def user_mapping(driver):
    """It raises."""
    for call in driver.calls('MmMapLockedPagesSpecifyCache', 'MmMapLockedPages'):
        if call.argument(1) == ['UserMode']:
            yield (*call.place, f'{call.name} with UserMode raises: nothing is mapped into a '
                   'process; the host can, by mmap')


@rule('lock-not-initialised', 'trap', 'a spin lock without KeInitializeSpinLock')
def lock_not_initialised(driver):
    """A cleared one is none."""
    initialised = {look.last_name(call.argument(0))[0]
                   for call in driver.calls('KeInitializeSpinLock')}
    seen = set()
    for call in driver.calls(*LOCK_ROUTINES):
        argument = call.argument(0)
        name = look.last_name(argument)[0]
        if argument[:1] == ['&'] and name not in initialised | seen:
            seen.add(name)
            yield (*call.place, f'{name} is not given to KeInitializeSpinLock: a cleared lock is '
                   'none here')


@rule('plain-long', 'check', 'long where Windows means 32 bits')
def plain_long(driver):
    """Once a file."""
    for file in driver.files:
        if file.linux or 'long' not in file.names:
            continue
        texts = file.texts
        found = [i for i, text in enumerate(texts) if text == 'long'
                 and 'long' not in texts[max(i - 1, 0):i] + texts[i + 1:i + 2]]
        if found:
            places = 'once' if len(found) == 1 else f'{len(found)} times'
            yield (file, file.offsets[found[0]], f'long, {places} in this file, has 64 bits here: '
                   'for registers and structures of the hardware it is LONG or ULONG')
