# SPDX-License-Identifier: GPL-2.0
"""Which members of the table and which routines of Windows a driver uses, and what is not there."""
from . import source
from .driver import ROUTINE, WINDOWS
from .rules import rule

# What drivers called before there was DMA_OPERATIONS, or WDM
OLD_HAL = frozenset('''HalGetAdapter HalTranslateBusAddress HalAssignSlotResources HalGetBusData
    HalGetBusDataByOffset HalSetBusData HalSetBusDataByOffset HalGetInterruptVector
    IoAssignResources IoReportResourceUsage IoCreateController IoAllocateController'''.split())


def streams(file):
    """The tokens of a file and of its macros' bodies."""
    yield file.texts, file.offsets
    for macro in file.macros:
        yield macro.texts, macro.offsets


def used(driver):
    """name -> [(file, offset)] of all members and routines that are used."""
    if not hasattr(driver, 'used'):
        driver.used = {}
        for file in driver.files:
            wanted = {name for texts, _ in streams(file) for name in set(texts)
                      if is_wanted(driver, name)}
            wanted -= variables(driver, file, wanted)
            for texts, offsets in streams(file):
                for i, text in enumerate(texts):
                    if text in wanted and is_use(driver, texts, i):
                        driver.used.setdefault(text, []).append((file, offsets[i]))
    return driver.used


def variables(driver, file, names):
    """Those of some names that are variables or parameters of a file, and no routines."""
    texts = file.texts
    doubtful = {name for name in names if not driver.provided.has(name)}
    if not doubtful:
        return doubtful
    return {text for i, text in enumerate(texts[:-1])
            if text in doubtful and texts[i + 1] != '(' and i and
            (texts[i - 1] == '*' or (source.is_identifier(texts[i - 1])
                                     and texts[i - 1] not in source.KEYWORDS))}


def is_wanted(driver, name):
    """Whether a name can be a member or routine of Windows'."""
    provided = driver.provided
    if name in provided.members:
        return True
    if name in provided.routines:
        return provided.routines[name] != 'wdmdma/sal.h' and ROUTINE.match(name) is not None
    return name not in driver.own and (WINDOWS.match(name) is not None or
                                       hint(provided, name) is not None)


def is_use(driver, texts, i):
    """Whether token i uses the member or calls the routine of its name."""
    before = texts[i - 1] if i else ''
    after = texts[i + 1] if i + 1 < len(texts) else ''
    if texts[i] in driver.provided.members:
        return before in ('->', '.') and (after != '=' or before == '->')
    if after != '(' or before in ('->', '.'):
        return False
    if before == '::' and i > 1 and source.is_identifier(texts[i - 2]):
        return False
    # a name before it is the type in a declaration
    return not source.is_identifier(before) or before in source.KEYWORDS


def hint(provided, name):
    """What to do instead of a routine, or None."""
    if name in provided.hints:
        return provided.hints[name]
    for pattern, text in provided.hints.items():
        if pattern.endswith('*') and name.startswith(pattern[:-1]) and \
                name[len(pattern) - 1:][:1].isupper():
            return text
    return None


def count(driver):
    """The names of members and routines that are used, and of those that are not there."""
    names = set(used(driver))
    missing = {name for name in names if not driver.provided.has(name)}
    members = names & set(driver.provided.members)
    return {'members': members, 'routines': names - members, 'missing': missing}


@rule('used', 'use', 'a member or routine that wdmdma has, at its first use')
def uses(driver):
    """One line a name."""
    provided = driver.provided
    for name, places in used(driver).items():
        if provided.has(name):
            times = 'once' if len(places) == 1 else f'{len(places)} times'
            calls = provided.wrappers.get(name)
            older = f', an older name of {calls}' if calls else ''
            yield (*places[0], f'{name}: {provided.kind(name)}, provided{older}; {times}')


@rule('not-provided', 'missing', 'a member or routine that wdmdma has not')
def not_provided(driver):
    """One line a use."""
    yield from missing(driver, lambda name: name not in OLD_HAL)


@rule('old-hal', 'missing', "one of the HAL's routines from before WDM")
def old_hal(driver):
    """The same, of routines that were for DMA and resources once."""
    yield from missing(driver, lambda name: name in OLD_HAL)


def missing(driver, is_meant):
    """Uses of what is not there."""
    provided = driver.provided
    for name, places in used(driver).items():
        if not provided.has(name) and is_meant(name):
            instead = hint(provided, name)
            for place in places:
                yield (*place, f'{name}: {provided.kind(name)}, not provided' +
                       (f': {instead}' if instead else ''))
