# SPDX-License-Identifier: GPL-2.0
"""Small questions about the tokens of a function, which is all that rules know: no types."""
import re

from . import source

NUMBER = re.compile(r'(0[xX][0-9a-fA-F]+|\d+)[uUlL]*$')
PRINTS = re.compile(r'(Dbg|Kd)Print|Trace|Log|(NT_)?(VERIFY|ASSERT)')
TESTS = frozenset('if while likely unlikely NT_VERIFY'.split())
DISCARDED = frozenset('; { } else do'.split())
STATEMENT = frozenset(';{}')


def expression_start(texts, i):
    """Where the path that ends in name i starts: of A->B[1].C the A."""
    while i > 0:
        if texts[i - 1] in ('->', '.', '::'):
            i -= 2
            while i > 0 and texts[i] in (')', ']'):
                i = opening(texts, i) - 1
            if i < 0 or not source.is_identifier(texts[i]) or texts[i] in source.KEYWORDS:
                return i + 1
        else:
            return i
    return max(i, 0)


def opening(texts, end):
    """The index of what opens the bracket that closes at end, or 0."""
    depth = 0
    for i in range(end, -1, -1):
        if texts[i] in source.CLOSING:
            depth += 1
        elif texts[i] in source.OPENING:
            depth -= 1
            if depth == 0:
                return i
    return 0


def enclosing_calls(texts, i):
    """The names that the brackets around i belong to, from the inside."""
    depth = 0
    for n in range(i - 1, -1, -1):
        if texts[n] in (')', ']'):
            depth += 1
        elif texts[n] in ('(', '['):
            if depth:
                depth -= 1
            elif n and texts[n] == '(' and source.is_identifier(texts[n - 1]):
                yield texts[n - 1]
        elif texts[n] in STATEMENT and not depth:
            return


def is_printed(texts, i):
    """Whether i is only printed or asserted."""
    return any(PRINTS.match(name) for name in enclosing_calls(texts, i))


def statement(texts, i):
    """The range of the statement around i."""
    start = end = i
    while start > 0 and texts[start - 1] not in STATEMENT:
        start -= 1
    while end < len(texts) and texts[end] not in STATEMENT:
        end += 1
    return start, end


def last_name(texts):
    """The name that a path ends in, and whether it is a structure's member; (None, False) of none.

    Indices and casts do not count: of (PULONG)&Device->Ring[i].Length it is Length.
    """
    found, i = (None, False), 0
    while i < len(texts):
        if texts[i] == '[':
            end = source.closing(texts, i)
            if end is None:
                break
            i = end
        elif source.is_identifier(texts[i]):
            found = texts[i], i > 0 and texts[i - 1] in ('->', '.')
        i += 1
    return found


def target(texts, i):
    """What the value of the expression at i is assigned to, as last_name(), and where: or None."""
    depth = 0
    for n in range(i - 1, -1, -1):
        if texts[n] in (')', ']'):
            depth += 1
        elif texts[n] in ('(', '['):
            depth -= 1
            if depth < 0 and n and source.is_identifier(texts[n - 1]) \
                    and texts[n - 1] not in source.KEYWORDS:
                return None  # an argument
        elif texts[n] in STATEMENT:
            return None
        elif texts[n] == ',' and depth <= 0:
            return None
        elif texts[n] == '=' and depth <= 0:
            start = n - 1
            while start > 0 and texts[start] == ']':
                start = opening(texts, start) - 1
            return (*last_name(texts[expression_start(texts, start):n]), n)
    return None


def is_discarded(call):
    """Whether nobody looks at what a call returns."""
    texts = call.body.texts
    start = expression_start(texts, call.at)
    while start > 0 and texts[start - 1] in ('(', '*'):
        start -= 1
    before = texts[start - 1] if start else '{'
    if before == ')':
        condition = opening(texts, start - 1)
        before = ';' if condition and texts[condition - 1] in ('if', 'while', 'for') else before
        if texts[condition:start] in (['(', 'void', ')'], ['(', 'VOID', ')']):
            before = ';'
    return before in DISCARDED and texts[call.end + 1:call.end + 2] == [';']


def uses(texts, name, is_member, first=0, last=None):
    """Where a name is used: as a structure's member or not. Its declaration is no use."""
    for i in range(first, len(texts) if last is None else last):
        if texts[i] != name:
            continue
        if (i > 0 and texts[i - 1] in ('->', '.')) != is_member:
            continue
        yield i


def is_assigned(texts, i):
    """Whether name i is only assigned to."""
    return texts[i + 1:i + 2] == ['=']


def is_declared(texts, i):
    """Whether name i is being declared, without a value."""
    before = texts[i - 1] if i else ''
    return texts[i + 1:i + 2] in ([';'], [',']) and \
        (before in ('*', ',') or (source.is_identifier(before) and before not in source.KEYWORDS))


def reads(texts, name, is_member, first=0, last=None):
    """Where a name's value is used."""
    return [i for i in uses(texts, name, is_member, first, last)
            if not is_assigned(texts, i) and not is_declared(texts, i)]


def is_tested(texts, name, is_member, first=0):
    """Whether something depends on a pointer's being NULL, from first on, or its being returned."""
    for i in uses(texts, name, is_member, first):
        start = expression_start(texts, i)
        before = texts[start - 1] if start else ''
        after = texts[i + 1] if i + 1 < len(texts) else ''
        if is_printed(texts, i):
            continue
        if after == ')' and before == '(' and start > 1 and texts[start - 2] in TESTS:
            return True
        if before in ('!', '==', '!=', '&&', '||', 'return') or \
                after in ('==', '!=', '&&', '||', '?'):
            return True
    return False


def in_loop(texts, i):
    """Whether i is in the body of a loop, as far as braces tell."""
    depth = 0
    for n in range(i, -1, -1):
        if texts[n] == '}':
            depth += 1
        elif texts[n] == '{':
            if depth:
                depth -= 1
            elif n and texts[n - 1] == 'do':
                return True
            elif n and texts[n - 1] == ')' and \
                    texts[opening(texts, n - 1) - 1] in ('for', 'while'):
                return True
    return False


def value(texts, constants):
    """What a constant expression comes to, or None; constants are macros, by name."""
    flat = flatten(texts, constants)
    tokens = flat + ['']
    position = 0

    def primary():
        nonlocal position
        token = tokens[position]
        position += 1
        number = NUMBER.match(token)
        if number:
            digits = number.group(1)
            octal = len(digits) > 1 and digits.isdigit() and digits[0] == '0'
            return int(digits, 8 if octal else 0)
        if token == '(':
            result = binary(0)
            if tokens[position] != ')':
                raise ValueError
            position += 1
            return result
        raise ValueError

    def binary(least):
        nonlocal position
        result = primary()
        while least <= LEVELS.get(tokens[position], -1):
            operator = tokens[position]
            position += 1
            result = calculate(operator, result, binary(LEVELS[operator] + 1))
        return result

    try:
        result = binary(0)
    except (ValueError, RecursionError):
        return None
    return result if position == len(flat) else None


LEVELS = {'|': 0, '&': 1, '<<': 2, '>>': 2, '+': 3, '-': 3, '*': 4, '/': 4, '%': 4}


def calculate(operator, left, right):
    """One step, in numbers that C has."""
    if max(abs(left), abs(right)) >= 1 << 64 or (operator in ('/', '%') and not right) or \
            (operator in ('<<', '>>') and not 0 <= right < 64):
        raise ValueError
    return {'|': lambda: left | right, '&': lambda: left & right, '<<': lambda: left << right,
            '>>': lambda: left >> right, '+': lambda: left + right, '-': lambda: left - right,
            '*': lambda: left * right, '/': lambda: left // right,
            '%': lambda: left % right}[operator]()


def flatten(texts, constants):
    """The texts with the driver's constants put in."""
    for _ in range(8):
        result = []
        for text in texts:
            result.extend(['(', *constants[text], ')'] if text in constants else
                          ['4096'] if text == 'PAGE_SIZE' else [text])
        if result == list(texts) or len(result) > 1000:
            break
        texts = result
    return list(texts)


def is_constant(texts, constants):
    """Whether only numbers, sizes and the driver's constants are in an expression."""
    flat = flatten(texts, constants)
    i = 0
    while i < len(flat):
        if flat[i] == 'sizeof':
            end = source.closing(flat, i + 1) if flat[i + 1:i + 2] == ['('] else None
            if end is None:
                return False
            i = end
        elif source.is_identifier(flat[i]):
            return False
        i += 1
    return bool(flat)
