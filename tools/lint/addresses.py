# SPDX-License-Identifier: GPL-2.0
"""Rules about addresses and lengths: logical ones that are no physical ones, MDLs' that are no
pointers, and what MapTransfer and common buffers say.
"""
import re

from . import look, source
from .adapters import MAPS
from .rules import rule

POINTER = re.compile(r'(P|LP)[A-Z][A-Z0-9_]*$')
NO_POINTER = frozenset('PHYSICAL_ADDRESS PFN_NUMBER'.split())
LOGICAL = re.compile(r'.*(Logical|Dma)Addr(ess)?$', re.I)
GIVEN_LOGICAL = {'AllocateCommonBuffer': 2, 'AllocateCommonBufferEx': 3,
                 'AllocateCommonBufferWithBounds': 7, 'AllocateDomainCommonBuffer': 7,
                 'GetCommonBufferFromVectorByIndex': 4, 'CreateCommonBufferFromMdl': 4}
HARMLESS = re.compile(r'MmMapIoSpace|MmFree|MmUnmap|RtlZero|Mm\w*ContiguousMemory')
ACCESS = re.compile(r'(Rtl(Copy|Move|Zero|Fill|Compare|SecureZero)Memory|RtlEqualMemory'
                    r'|mem(cpy|move|set|cmp))$')
CASTS = 16  # one behind the other, and brackets: more are not followed
PARTS = ('LowPart', 'HighPart', 'QuadPart')


def logical_names(driver):
    """Names that hold logical addresses: variables and members that they are stored in."""
    if not hasattr(driver, 'logical_names'):
        names = set()
        for call in driver.calls('MapTransfer'):
            found = look.target(call.body.texts, call.at)
            if found and found[0]:
                names.add(found[0])
        for name, number in GIVEN_LOGICAL.items():
            for call in driver.calls(name):
                argument = call.argument(number)
                if argument[:1] == ['&']:
                    names.add(look.last_name(argument)[0])
        driver.logical_names = names - {None, 'QuadPart', 'u'}
    return driver.logical_names


def is_logical(driver, texts, i):
    """Whether name i is, or is a part of, a logical address."""
    name = texts[i]
    if name in PARTS and i > 1 and texts[i - 1] == '.':
        return is_logical(driver, texts, i - 2)
    if name == 'u' and i > 1 and texts[i - 1] == '.':
        return is_logical(driver, texts, i - 2)
    if name == ')':  # MapTransfer(...).LowPart
        called = texts[look.opening(texts, i) - 1]
        return driver.provided.wrappers.get(called, called) == 'MapTransfer'
    if name in logical_names(driver) or LOGICAL.match(name):
        return True
    return name == 'Address' and 'Elements' in texts[look.expression_start(texts, i):i]


def logical_argument(driver, call, number):
    """The logical address that an argument is, or None."""
    texts = call.argument(number)
    if not texts or texts[0] == '&':
        return None
    for i in range(len(texts) - 1, -1, -1):
        if source.is_identifier(texts[i]):
            return texts[i] if is_logical(driver, texts, i) else None
    return None


@rule('logical-as-pointer', 'trap', 'a logical address is made a pointer, or mapped')
def logical_as_pointer(driver):
    """What the device uses is no address of the processor's."""
    for body in driver.bodies:
        texts = body.texts
        for i, text in enumerate(texts):
            if text == '(' and not (i and (source.is_identifier(texts[i - 1])
                                           or texts[i - 1] in (')', ']'))):
                yield from cast(driver, body, i)
            elif text in ('reinterpret_cast', 'static_cast') and texts[i + 1:i + 2] == ['<']:
                yield from cxx_cast(driver, body, i)
        for call in body.named('MmMapIoSpace', 'MmMapIoSpaceEx', 'MmGetVirtualForPhysical'):
            if logical_argument(driver, call, 0):
                yield (*call.place, f'{call.name} of a logical address: it is none of physical '
                       'memory')


def is_pointer(texts):
    """Whether a cast to these is one to a pointer."""
    if not texts or not all(source.is_identifier(text) or text == '*' for text in texts):
        return False
    last = texts[-1]
    return last == '*' or (POINTER.match(last) is not None and last not in NO_POINTER
                           and len(texts) <= 3)


def cast(driver, body, start):
    """A logical address behind the cast that opens at start, and behind any others."""
    texts, end = body.texts, body.ends.get(start)
    if end is None or end - start > 6 or not is_pointer(texts[start + 1:end]):
        return
    yield from operand(driver, body, start, end + 1)


def operand(driver, body, start, i):
    """Whether what a cast applies to, from i on, is a logical address."""
    texts = body.texts
    for _ in range(CASTS):
        if texts[i:i + 1] != ['(']:
            break
        end = body.ends.get(i, i)
        is_cast = i < end <= i + 6 and texts[end + 1:end + 2] and \
            all(source.is_identifier(word) or word == '*' for word in texts[i + 1:end]) and \
            (source.is_identifier(texts[end + 1]) or texts[end + 1] == '(')
        i = end + 1 if is_cast else i + 1
    while i < len(texts) and source.is_identifier(texts[i]):
        last = i
        i += 1
        while i < len(texts) and texts[i] == '[':
            i = body.ends.get(i, len(texts)) + 1
        if texts[i:i + 1] in (['->'], ['.']):
            i += 1
            continue
        if texts[i:i + 1] != ['('] and is_logical(driver, texts, last) and \
                not look.is_printed(texts, start):
            yield (body.file, body.offsets[start],
                   'a logical address is made a pointer: it is the device\'s, not the processor\'s')
        return


def cxx_cast(driver, body, start):
    """reinterpret_cast<TYPE>(logical address)"""
    texts = body.texts
    if '>' in texts[start:start + 8]:
        end = texts.index('>', start)
        if is_pointer(texts[start + 2:end]) and texts[end + 1:end + 2] == ['(']:
            yield from operand(driver, body, start, end + 1)


@rule('physical-address', 'trap', 'a physical address is given to the device')
def physical_address(driver):
    """What MmGetPhysicalAddress says is not what the device needs."""
    for call in driver.calls('MmGetPhysicalAddress'):
        texts = call.body.texts
        if look.is_printed(texts, call.at) or look.is_discarded(call) or \
                any(HARMLESS.match(name) for name in look.enclosing_calls(texts, call.at)):
            continue
        found = look.target(texts, call.at)
        if found and found[0] and not found[1] and not escapes(texts, found[0], call.end):
            continue
        yield (*call.place, 'a physical address is no logical one: behind an IOMMU, or where data '
               'is copied, the device needs what MapTransfer or a common buffer gives')
    for body in driver.bodies:
        yield from frames(body)


def escapes(texts, name, first):
    """Whether a variable is used for more than printing and comparing."""
    for i in look.reads(texts, name, False, first):
        end = i + 1
        while texts[end:end + 1] == ['.']:
            end += 2
        around = [texts[i - 1]] + texts[end:end + 1]
        if not look.is_printed(texts, i) and not {'==', '!='} & set(around) and \
                not any(HARMLESS.match(call) for call in look.enclosing_calls(texts, i)):
            return True
    return False


def frames(body):
    """Page frame numbers of an MDL that are made addresses."""
    texts = body.texts
    for call in body.named('MmGetMdlPfnArray'):
        found = look.target(texts, call.at)
        name = found[0] if found else None
        for i in range(call.at, len(texts) - 1):
            if texts[i:i + 2] in (['<<', 'PAGE_SHIFT'], ['*', 'PAGE_SIZE'], ['<<', '12']):
                first, last = look.statement(texts, i)
                if (first <= call.at < last or (name and name in texts[first:i])) and \
                        not look.is_printed(texts, i):
                    yield (body.file, body.offsets[i], 'a page frame number is made an address: '
                           'it is physical, and not what the device uses')


@rule('mdl-address-followed', 'trap', 'the address that an MDL has is used as a pointer')
def mdl_address_followed(driver):
    """MmGetMdlVirtualAddress is an index: it can be a user's address, or NULL."""
    for call in driver.calls('MmGetMdlVirtualAddress'):
        texts = call.body.texts
        for i in followed(texts, call):
            yield (call.body.file, call.body.offsets[i], 'what MmGetMdlVirtualAddress says is an '
                   'index and not to be followed; use MmGetSystemAddressForMdlSafe')


def followed(texts, call):
    """Where the result of MmGetMdlVirtualAddress is followed."""
    accessed = [name for name in look.enclosing_calls(texts, call.at) if ACCESS.match(name)]
    if accessed or is_followed_at_once(texts, call):
        yield call.at
        return
    found = look.target(texts, call.at)
    if not found or not found[0]:
        return
    name, is_member, _ = found
    for i in look.uses(texts, name, is_member, call.end):
        if look.is_assigned(texts, i):
            return
        start = look.expression_start(texts, i)
        before, after = texts[start - 1:start], texts[i + 1:i + 2]
        if after in (['['], ['->']) or (before == ['*'] and is_unary(texts, start - 1)) or \
                (not texts[i + 1:i + 2] == ['('] and is_accessed(texts, i)):
            yield i
            return


def is_accessed(texts, i):
    """Whether i is in the first two arguments of a routine that reads or writes memory."""
    for name in look.enclosing_calls(texts, i):
        return ACCESS.match(name) is not None
    return False


def is_unary(texts, i):
    """Whether the * at i follows a pointer."""
    before = texts[i - 1] if i else ';'
    if before == ')':
        words = texts[look.opening(texts, i - 1) + 1:i - 1]
        return bool(words) and (words[-1] == '*' or POINTER.match(words[-1]) is not None)
    return not (source.is_identifier(before) or look.NUMBER.match(before)) or before == 'return'


def is_followed_at_once(texts, call):
    """*(PULONG)MmGetMdlVirtualAddress(Mdl), or with brackets and [ or -> behind it"""
    end, start = call.end + 1, call.at
    if texts[end:end + 1] in (['['], ['->']):
        return True
    while True:
        while start > 1 and texts[start - 1] == ')':
            opened = look.opening(texts, start - 1)
            words = texts[opened + 1:start - 1]
            if not words or not all(source.is_identifier(word) or word == '*' for word in words) \
                    or source.is_identifier(texts[opened - 1]):
                return False
            start = opened
        if start and texts[start - 1] == '*' and is_unary(texts, start - 1):
            return True
        if start and texts[start - 1] == '(' and texts[end:end + 1] == [')'] and \
                not (start > 1 and source.is_identifier(texts[start - 2])):
            start, end = start - 1, end + 1
            if texts[end:end + 1] in (['['], ['->']):
                return True
            continue
        return False


@rule('stack-memory', 'trap', 'an MDL of a variable on the stack')
def stack_memory(driver):
    """A stack need not be where DMA can go, and is gone when the function returns."""
    for call in driver.calls('IoAllocateMdl', 'MmInitializeMdl'):
        buffer = call.argument(0 if call.name == 'IoAllocateMdl' else 1)
        name = buffer[-1] if buffer else ''
        texts = call.body.texts
        for i in look.uses(texts, name, False, 0, call.at):
            is_array = texts[i + 1:i + 2] == ['[']
            before = texts[i - 1] if i else ''
            if buffer in ([name], ['&', name]) and source.is_identifier(before) and \
                    before not in source.KEYWORDS and (is_array or buffer[0] == '&') and \
                    'static' not in texts[max(i - 3, 0):i]:
                yield (*call.place, f'{name} is on the stack, which is no memory for DMA: '
                       'allocate it')
                break


@rule('length-ignored', 'trap', 'MapTransfer mapped less, and nobody looks')
def length_ignored(driver):
    """*Length is what one address covers, or 0."""
    for call in driver.calls(*MAPS):
        argument = call.argument(4 if call.name == 'MapTransfer' else 5)
        if argument[:1] != ['&']:
            continue
        name, is_member = look.last_name(argument)
        texts = call.body.texts
        if name is None:
            continue
        if is_member:
            found = any(set(look.reads(file.texts, name, True)) - in_maps(driver, file.texts)
                        for file in driver.files if name in file.names)
        else:
            loop = look.in_loop(texts, call.at)
            found = [i for i in look.reads(texts, name, False, 0 if loop else call.end)
                     if not call.at <= i <= call.end]
        if not found:
            yield (*call.place, f'nobody looks at {name} after {call.name}: it may have mapped '
                   'less, or nothing')


def in_maps(driver, texts):
    """The indices that are in calls of MapTransfer."""
    found = set()
    for i, text in enumerate(texts[:-1]):
        if driver.provided.wrappers.get(text, text) in MAPS and texts[i + 1] == '(':
            found.update(range(i, (source.closing(texts, i + 1) or i) + 1))
    return found


@rule('low-part-only', 'trap', 'only the low half of a 64-bit logical address is used')
def low_part_only(driver):
    """A device with 64 bits of address gets addresses above 4 GiB."""
    if not reaches_64_bits(driver):
        return
    for body in driver.bodies:
        texts = body.texts
        whole = {texts[i - 2] for i, text in enumerate(texts)
                 if text in ('HighPart', 'QuadPart') and i > 1 and not is_low_cast(texts, i)}
        for i, text in enumerate(texts):
            if i < 2 or texts[i - 1] != '.' or not is_logical(driver, texts, i) or \
                    texts[i - 2] in whole or look.is_printed(texts, i) or \
                    look.is_assigned(texts, i):
                continue
            if text == 'LowPart' or (text == 'QuadPart' and is_low_cast(texts, i)):
                yield (body.file, body.offsets[i], 'only the low half of a logical address, and '
                       'the description says that the device has 64 bits')


def is_low_cast(texts, i):
    """Whether (ULONG) is before the path that ends in QuadPart at i, and nothing is shifted."""
    start = look.expression_start(texts, i)
    return texts[start - 3:start] in (['(', 'ULONG', ')'], ['(', 'UINT32', ')'],
                                      ['(', 'DWORD', ')'], ['(', 'ULONG32', ')'])


def reaches_64_bits(driver):
    """Whether a description says more than 32 bits."""
    if any(value in (['TRUE'], ['1']) for value in driver.assigned('Dma64BitAddresses')):
        return True
    widths = (look.value(width, driver.constants) for width in driver.assigned('DmaAddressWidth'))
    return any(width is not None and width > 32 for width in widths)


@rule('common-buffer-length', 'trap', 'a common buffer is freed with another length')
def common_buffer_length(driver):
    """The length must be that of the allocation."""
    lengths = {}
    for call in driver.calls(*list(GIVEN_LOGICAL)[:3]):
        name = look.last_name(call.argument(GIVEN_LOGICAL[call.name]))[0]
        lengths.setdefault(name, []).append(
            call.argument(1 if call.name == 'AllocateCommonBuffer' else
                          2 if call.name == 'AllocateCommonBufferEx' else 3))
    for call in driver.calls('FreeCommonBuffer'):
        name = look.last_name(call.argument(2))[0]
        known, freed = lengths.get(name), call.argument(1)
        if known and not any(same(length, freed, driver.constants) for length in known):
            yield (*call.place, f'{name} is freed with {" ".join(freed)}, and was allocated with '
                   f'{" ".join(known[0])}')


def same(first, second, constants):
    """Whether two lengths are the same, or may be: what is in variables nobody knows."""
    if first == second or not is_known(first, constants) or not is_known(second, constants):
        return True
    one, other = look.value(first, constants), look.value(second, constants)
    if one is None and other is None:
        return look.flatten(first, constants) == look.flatten(second, constants)
    return one is not None and one == other


def is_known(texts, constants):
    """Whether a length is no variable."""
    return look.is_constant(texts, constants)
