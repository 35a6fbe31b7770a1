# SPDX-License-Identifier: GPL-2.0
"""Rules about adapters: how they are described, got and given back, and their map registers."""
from . import look, source
from .rules import rule

MAPS = ('MapTransfer', 'MapTransferEx')
CHANNELS = ('AllocateAdapterChannel', 'AllocateAdapterChannelEx')
LISTS = ('GetScatterGatherList', 'GetScatterGatherListEx', 'BuildScatterGatherList',
         'BuildScatterGatherListEx')
WITH_CONTEXT = ('AllocateAdapterChannelEx', 'GetScatterGatherListEx', 'BuildScatterGatherListEx')
FLOOR = 2  # every adapter has that many map registers
COUNT = {'AllocateAdapterChannel': 2, 'AllocateAdapterChannelEx': 3}  # argument with registers
SPANS = ('ADDRESS_AND_SIZE_TO_SPAN_PAGES', 'COMPUTE_PAGES_SPANNED', 'BYTES_TO_PAGES')
COMPARISONS = frozenset('< > <= >='.split())


def member_uses(driver, members, files=None):
    """Each place where one of some members is called by name."""
    for file in files or driver.files:
        if not file.names.isdisjoint(members):
            for i, text in enumerate(file.texts):
                if text in members and i and file.texts[i - 1] in ('->', '.'):
                    yield file, file.offsets[i], text
        for macro in file.macros:
            for i, text in enumerate(macro.texts):
                if text in members and i and macro.texts[i - 1] in ('->', '.'):
                    yield file, macro.offsets[i], text


@rule('flush-missing', 'trap', 'MapTransfer, and FlushAdapterBuffers nowhere in the driver')
def flush_missing(driver):
    """Data stays in bounce pages, mappings stay."""
    if not driver.has('FlushAdapterBuffers', 'FlushAdapterBuffersEx'):
        for call in driver.calls(*MAPS):
            yield (*call.place, f'{call.name} is never followed by FlushAdapterBuffers: data that '
                   'was copied does not arrive, and the mapping stays')


@rule('put-list-missing', 'trap', 'a scatter/gather list, and PutScatterGatherList nowhere')
def put_list_missing(driver):
    """Lists leak."""
    if not driver.has('PutScatterGatherList'):
        for call in driver.calls(*LISTS):
            yield (*call.place, f'the list of {call.name} is never given to PutScatterGatherList: '
                   'data that was copied does not arrive, and map registers run out')


@rule('put-adapter-missing', 'trap', 'IoGetDmaAdapter, and PutDmaAdapter nowhere')
def put_adapter_missing(driver):
    """Adapters leak."""
    if not driver.has('PutDmaAdapter'):
        for call in driver.calls('IoGetDmaAdapter'):
            yield (*call.place, 'the adapter is never given to PutDmaAdapter')


@rule('release-missing', 'trap', 'map registers or a channel are kept, and nothing frees them')
def release_missing(driver):
    """What AdapterControl keeps must be freed."""
    if not driver.has(*CHANNELS):
        return
    for action, free in (('DeallocateObjectKeepRegisters', ('FreeMapRegisters',)),
                         ('KeepObject', ('FreeAdapterChannel', 'FreeAdapterObject'))):
        if not driver.has(*free):
            for body, i in returned_actions(driver, action):
                yield (body.file, body.offsets[i], f'{action} is returned, and {" or ".join(free)} '
                       'called nowhere: the next request waits for ever')


def returned_actions(driver, *actions):
    """Where a function with the type of AdapterControl names one of some actions."""
    for body in driver.bodies:
        if driver.roles.get(body.name) == 'DRIVER_CONTROL':
            for i, text in enumerate(body.texts):
                if text in actions and body.texts[i - 1] not in ('==', '!=', 'case'):
                    yield body, i


@rule('action-of-slave', 'trap', 'an AdapterControl of system DMA that gives the channel away')
def action_of_slave(driver):
    """A slave returns KeepObject and frees its channel."""
    for body, i in returned_actions(driver, 'DeallocateObject', 'DeallocateObjectKeepRegisters'):
        if driver.master(body.file) is False:
            yield (body.file, body.offsets[i], f'{body.texts[i]} with system DMA: the channel '
                   'would be given away under the transfer; return KeepObject')
    for call in driver.calls('FreeMapRegisters'):
        if driver.master(call.body.file) is False:
            yield (*call.place, 'FreeMapRegisters with system DMA: the registers go with '
                   'FreeAdapterChannel')


@rule('action-of-master', 'check', 'an AdapterControl of a bus master that keeps the channel')
def action_of_master(driver):
    """Legal, but one request at a time, and easily never freed."""
    for body, i in returned_actions(driver, 'KeepObject'):
        first, last = look.statement(body.texts, i)
        if driver.master(body.file) is True and '?' not in body.texts[first:last]:
            yield (body.file, body.offsets[i], 'KeepObject for a bus master: nobody else gets the '
                   'adapter before FreeAdapterChannel; usual is DeallocateObjectKeepRegisters')


@rule('registers-fixed', 'trap', 'a fixed number of map registers')
def registers_fixed(driver):
    """IoGetDmaAdapter says how many there are; two is what every adapter has."""
    for call in driver.calls(*CHANNELS):
        number = look.value(call.argument(COUNT[call.name]), driver.constants)
        if number is not None and number > FLOOR:
            yield (*call.place, f'{call.name} with {number} map registers: an adapter may have '
                   'fewer; at most what IoGetDmaAdapter said')


@rule('registers-ignored', 'trap', 'nobody looks at the number that IoGetDmaAdapter said')
def registers_ignored(driver):
    """Drivers that ask for map registers must split by it."""
    if not driver.has(*CHANNELS):
        return
    calls = [call for call in driver.calls('IoGetDmaAdapter') if call.argument(2)[:1] == ['&']]
    if any(is_count_read(driver, call) for call in calls):
        return
    for call in calls:
        name = look.last_name(call.argument(2))[0]
        yield (*call.place, f'nobody looks at {name}: a request for more map registers than '
               'it says is refused')


def is_count_read(driver, call):
    """Whether anything reads what a call of IoGetDmaAdapter has stored."""
    name, is_member = look.last_name(call.argument(2))
    if is_member:
        return any(look.reads(*range_of(file, name, call)) for file in driver.files
                   if name in file.names)
    return any(not call.at <= i <= call.end
               for i in look.reads(call.body.texts, name, False))


def range_of(file, name, call):
    """What look.reads() is to look through: a file's tokens without IoGetDmaAdapter's calls."""
    texts, i = list(file.texts), 0
    while call.name in texts[i:]:
        i = texts.index(call.name, i) + 1
        end = source.closing(texts, i)
        if end is not None:
            texts[i:end] = ['0'] * (end - i)
    return texts, name, True


@rule('registers-unchecked', 'trap', 'pages of a buffer as map registers, however many there are')
def registers_unchecked(driver):
    """A long request spans more pages than there are registers."""
    for call in driver.calls(*CHANNELS):
        count = call.argument(COUNT[call.name])
        texts = call.body.texts
        if any(text in SPANS for text in count):
            if not any(text in ('min', '?', 'MIN', '__min') for text in count):
                yield (*call.place, f'{call.name} for all pages of the buffer: more than '
                       'IoGetDmaAdapter said is refused; split the transfer')
            continue
        name, is_member = look.last_name(count)
        if name is None:
            continue
        spans = [other for other in call.body.named(*SPANS) if other.at < call.at
                 and (look.target(texts, other.at) or (None,))[0] == name]
        if spans and not is_limited(texts, name, is_member, spans[-1].at, call.at):
            yield (*call.place, f'{name} is all pages of the buffer: more than IoGetDmaAdapter '
                   'said is refused; split the transfer')


def is_limited(texts, name, is_member, first, last):
    """Whether a number is compared, or made smaller, before last."""
    for i in look.uses(texts, name, is_member, first, last):
        start = look.expression_start(texts, i)
        around = texts[start - 1:start] + texts[i + 1:i + 2]
        if not COMPARISONS.isdisjoint(around) and not look.is_printed(texts, i):
            return True
        if any(outer.lower().strip('_') == 'min' for outer in look.enclosing_calls(texts, i)):
            return True
    begin = look.statement(texts, first)
    return any(text in ('min', 'MIN', '__min', '?') for text in texts[begin[0]:begin[1]])


@rule('context-not-initialised', 'trap', 'requests with a context that nothing initialises')
def context_not_initialised(driver):
    """Version 3 wants a context that InitializeDmaTransferContext has written."""
    if not driver.has('InitializeDmaTransferContext'):
        for call in driver.calls(*WITH_CONTEXT, 'MapTransferEx'):
            yield (*call.place, f'{call.name}, and InitializeDmaTransferContext nowhere: a context '
                   'that was not initialised is refused')


@rule('table-version', 'trap', 'members of a later table than the description asks for')
def table_version(driver):
    """The table is that of DEVICE_DESCRIPTION.Version; later members are NULL."""
    asked = asked_version(driver)
    if asked is None:
        return
    versions = driver.provided.versions
    late = {name for name, version in versions.items() if version > max(asked, 1)}
    for file, offset, name in member_uses(driver, late):
        yield (file, offset, f'{name} is in the table of version {versions[name]}, but the '
               f'description says {asked}: the pointer is NULL')


def asked_version(driver):
    """The highest DEVICE_DESCRIPTION.Version that the driver names, or None: it cannot be told."""
    known = {'DEVICE_DESCRIPTION_VERSION': 0, 'DEVICE_DESCRIPTION_VERSION1': 1,
             'DEVICE_DESCRIPTION_VERSION2': 2, 'DEVICE_DESCRIPTION_VERSION3': 3}
    named = [version for name, version in known.items() if name in driver.names]
    for body in driver.bodies:
        if 'IoGetDmaAdapter' in body.names:
            for i in look.uses(body.texts, 'Version', True):
                if look.is_assigned(body.texts, i) and body.texts[i + 3:i + 4] == [';']:
                    text = body.texts[i + 2]
                    number = look.value([text], driver.constants)
                    if text not in known and number is None:
                        return None
                    named.append(known.get(text, number))
                elif look.is_assigned(body.texts, i):
                    return None
    return max(named, default=None)


@rule('late-member', 'trap', 'members that came with Windows 10, without a look at Size')
def late_member(driver):
    """They exist only where Size says so."""
    for file in driver.files:
        names = driver.provided.late & file.names
        if names and not looks_at_size(file, names):
            for _, offset, name in member_uses(driver, names, [file]):
                yield (file, offset, f'{name} without a look at the table\'s Size: it is there '
                       'only with version 3 of late Windows; test it before use')


def looks_at_size(file, names):
    """Whether a file compares the table's Size or one of the members with NULL."""
    texts = file.texts
    for i, text in enumerate(texts):
        if text == 'Size' and texts[i - 1] in ('->', '.'):
            start = look.expression_start(texts, i)
            if not COMPARISONS.isdisjoint(texts[start - 1:start] + texts[i + 1:i + 2]):
                return True
        elif text == 'RTL_CONTAINS_FIELD':
            return True
    return any(look.is_tested(texts, name, True) for name in names)


@rule('description-not-zeroed', 'trap', 'a DEVICE_DESCRIPTION on the stack that is not cleared')
def description_not_zeroed(driver):
    """What a version does not know must be zero."""
    for body in driver.bodies:
        texts = body.texts
        for i in look.uses(texts, 'DEVICE_DESCRIPTION', False):
            name = texts[i + 1] if i + 1 < len(texts) else ''
            if not source.is_identifier(name) or texts[i + 2:i + 3] != [';'] or \
                    'static' in texts[max(i - 2, 0):i]:
                continue
            if not is_cleared(body, name):
                yield (body.file, body.offsets[i], f'{name} is not cleared before its members are '
                       'set: RtlZeroMemory, or = { 0 }')


def is_cleared(body, name):
    """Whether a variable is set as a whole."""
    for i in look.uses(body.texts, name, False):
        if look.is_assigned(body.texts, i):
            return True
        if body.texts[i - 1] == '&' and any(
                outer not in ('IoGetDmaAdapter', 'if') for outer in
                look.enclosing_calls(body.texts, i)):
            return True  # RtlZeroMemory, memset, or a function of the driver's
    return False


@rule('adapter-unchecked', 'trap', 'the result of IoGetDmaAdapter is not compared with NULL')
def adapter_unchecked(driver):
    """NULL is an ordinary answer."""
    yield from unchecked(driver, 'IoGetDmaAdapter', 'it is NULL where the platform cannot serve '
                         'the description')


@rule('common-buffer-unchecked', 'trap', 'a common buffer is not compared with NULL')
def common_buffer_unchecked(driver):
    """So it is here, above 4 MiB without an IOMMU for instance."""
    for name in ('AllocateCommonBuffer', 'AllocateCommonBufferEx',
                 'AllocateCommonBufferWithBounds'):
        yield from unchecked(driver, name, 'it is NULL when there is no memory in one piece')


def unchecked(driver, name, why):
    """Calls whose result nobody compares with NULL before the function, or its caller, ends."""
    for call in driver.calls(name):
        texts = call.body.texts
        found = look.target(texts, call.at)
        if not found or found[0] is None:
            continue
        result, is_member, place = found
        first = look.expression_start(texts, place - 1)
        if look.is_tested(texts, result, is_member, first) or is_tested_inline(texts, call):
            continue
        if is_member and any(look.is_tested(caller.body.texts, result, True, caller.at)
                             for caller in driver.callers(call.body.function)):
            continue
        yield (*call.place, f'nobody looks whether {result} of {name} is NULL: {why}')


def is_tested_inline(texts, call):
    """(X = call()) == NULL, or if (X = call())"""
    end = call.end + 1
    while texts[end:end + 1] == [')']:
        start = look.opening(texts, end)
        before = texts[start - 1] if start else ''
        if before in ('if', 'while', '!', '==', '!=') or \
                texts[end + 1:end + 2] in (['=='], ['!='], ['&&'], ['||'], ['?']):
            return True
        end += 1
    return False


@rule('status-ignored', 'trap', 'the status of a request is not looked at')
def status_ignored(driver):
    """Then the routine is never called."""
    for call in driver.calls(*CHANNELS, *LISTS, 'MapTransferEx'):
        if look.is_discarded(call):
            yield (*call.place, f'nobody looks at what {call.name} returns: when it fails the '
                   'routine is never called, or nothing is mapped')


@rule('alignment-mask', 'check', 'the alignment of an adapter as AlignmentRequirement')
def alignment_mask(driver):
    """The one is a size, 1 mostly, the other a mask."""
    for call in driver.calls('GetDmaAlignment'):
        found = look.target(call.body.texts, call.at)
        if found and found[0] == 'AlignmentRequirement' and \
                call.body.texts[call.end + 1:call.end + 2] != ['-']:
            yield (*call.place, 'GetDmaAlignment is a number of bytes, AlignmentRequirement a '
                   'mask: one less')
