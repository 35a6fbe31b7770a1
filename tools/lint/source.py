# SPDX-License-Identifier: GPL-2.0
"""Source files as tokens: no comments, no strings looked into, no #if 0.

A File has its tokens (texts and where each starts), the macros it defines, the names it defines or
declares, and its functions. Of other conditionals both branches are kept; braces are counted from
the #if again in each of them.
"""
import bisect
import os
import re
import stat

SUFFIXES = ('.c', '.cpp', '.cc', '.cxx', '.h', '.hpp', '.inl')

# What a macro's body and a file are cut into. Group 1 is a directive; white space is in no token.
TOKEN = re.compile(
    r'//[^\n]*'
    r'|/\*.*?(?:\*/|\Z)'
    r'|(^[ \t]*\#[^\n/]*(?:/(?!\*)[^\n/]*|/\*.*?(?:\*/|\Z)[^\n/]*)*)'
    r'|(?:u8|[uUL])?R"(?P<mark>[^()\\\s"]{0,16})\(.*?\)(?P=mark)"'
    r'|(?:u8|[uUL])?"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
    r"|[uUL]?'[^'\\\n]*(?:\\.[^'\\\n]*)*'"
    r'|[A-Za-z_$][\w$]*'
    r"|\.?\d(?:[eEpP][+-]|'(?=\w)|[\w.])*"
    r'|->|\+\+|--|<<=|>>=|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|<<|>>|::|\.\.\.|\#\#|[^\s\w]',
    re.S | re.M)
COMMENT = re.compile(r'//[^\n]*|/\*.*?(?:\*/|\Z)', re.S)
DEFINE = re.compile(r'[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)(\(([^)]*)\))?')
DIRECTIVE = re.compile(r'[ \t]*#[ \t]*(\w+)[ \t]*(.*)', re.S)
IGNORE = re.compile(r'wdmdma-lint:\s*ignore\s+([\w-]+(?:\s*,\s*[\w-]+)*)')

IDENTIFIER = re.compile(r'[A-Za-z_$]')
KEYWORDS = frozenset('if for while switch return sizeof do else case goto catch defined typeof '
                     '__typeof__ alignof static_assert decltype __except throw new '
                     'delete'.split())
AFTER_PARAMETERS = frozenset('{ : const noexcept override final try ->'.split())
ACCESS = frozenset('public protected private'.split())
CONDITIONALS = frozenset(('#if', '#else', '#endif'))
OPENING = {'(': ')', '[': ']', '{': '}'}
CLOSING = frozenset(OPENING.values())
PASSES = 64  # of one list of tokens through the macros: one that is defined in a circle ends there


class SourceError(Exception):
    """A file cannot be read."""


def is_identifier(text):
    """Whether a token is a name."""
    return IDENTIFIER.match(text) is not None


def decode(data):
    """The text of a file, or None of one that is not text."""
    for mark, encoding in ((b'\xef\xbb\xbf', 'utf-8-sig'), (b'\xff\xfe', 'utf-16'),
                           (b'\xfe\xff', 'utf-16')):
        if data.startswith(mark):
            return data.decode(encoding, 'replace')
    if b'\0' in data:
        return None
    try:
        return data.decode('utf-8')
    except UnicodeDecodeError:
        return data.decode('cp1252', 'replace')


def splice(text):
    """The text with its continued lines joined, and where in it each line of the file starts."""
    text = text.replace('\r\n', '\n').replace('\r', '\n')
    pieces, starts, offset = [], [], 0
    for line in text.split('\n'):
        starts.append(offset)
        piece = line[:-1] if line.endswith('\\') else line + '\n'
        pieces.append(piece)
        offset += len(piece)
    return ''.join(pieces), starts


class Macro:
    """#define: its parameters (None if it takes none) and the tokens it stands for."""

    def __init__(self, name, parameters, texts, offsets, offset):
        self.name, self.parameters = name, parameters
        self.texts, self.offsets, self.offset = texts, offsets, offset


class Function:
    """Where in its file's tokens a function's head and body are."""

    def __init__(self, file, name, head, start, end):
        self.file, self.name, self.start, self.end = file, name, start, end
        self.head = head  # texts up to the brace


def tokens_of(text, base=0):
    """Texts and offsets of a macro's body."""
    texts, offsets = [], []
    for match in TOKEN.finditer(text):
        token = match.group()
        if not token.startswith(('//', '/*')):
            texts.append(token)
            offsets.append(base + match.start())
    return texts, offsets


class File:
    """One source file."""

    def __init__(self, path, text):
        self.path = path
        text, self.starts = splice(text)
        self.texts, self.offsets, self.macros = [], [], []
        self.ignored = {}  # line -> names of rules
        self.linux = False  # whether it includes Linux' headers
        self.scan(text)
        self.names = set(self.texts)
        self.functions = []
        self.declared = {}  # name -> texts of its declaration, if it is not a definition
        self.find_functions()

    def line(self, offset):
        """The line, from 1, of an offset in the joined text."""
        return bisect.bisect_right(self.starts, offset)

    def scan(self, text):
        """Cut it into tokens."""
        texts, offsets = self.texts, self.offsets
        conditions = []  # of each #if that is open: whether its tokens count, in the end or never
        dead = 0  # how many of them say no
        has_ignores = 'wdmdma-lint:' in text
        for match in TOKEN.finditer(text):
            token = match.group()
            if match.lastindex == 1:
                if has_ignores:
                    for comment in COMMENT.finditer(token):
                        self.ignore(comment.group(), match.start() + comment.start())
                dead = self.directive(token, match.start(), conditions, dead)
            elif token.startswith(('//', '/*')):
                if has_ignores:
                    self.ignore(token, match.start())
            elif not dead:
                texts.append(token)
                offsets.append(match.start())

    def ignore(self, comment, offset):
        """Note what a comment says is to be ignored, on its line and the next."""
        match = IGNORE.search(comment)
        if match:
            rules = set(re.split(r'\s*,\s*', match.group(1)))
            last = self.line(offset + len(comment) - 1)
            for line in range(self.line(offset), last + 2):
                self.ignored.setdefault(line, set()).update(rules)

    def directive(self, token, offset, conditions, dead):
        """Follow a directive; return how many conditions now keep tokens out."""
        match = DIRECTIVE.match(token)
        if not match:
            return dead
        word, rest = match.group(1), COMMENT.sub(' ', match.group(2)).strip()
        if word in ('if', 'ifdef', 'ifndef'):
            never = word == 'if' and rest in ('0', '(0)', 'FALSE', 'false')
            always = word == 'if' and rest in ('1', '(1)', 'TRUE', 'true')
            conditions.append([never, always])
            if not dead:
                self.mark('#if', offset)
            return dead + never
        if word in ('else', 'elif') and conditions:
            was_never, always = conditions[-1]
            never = always or (word == 'elif' and rest in ('0', '(0)'))
            conditions[-1] = [never, always]
            dead += never - was_never
            if dead - never == 0:
                self.mark('#else', offset)
        elif word == 'endif' and conditions:
            dead -= conditions.pop()[0]
            if not dead:
                self.mark('#endif', offset)
        elif word == 'define' and not dead:
            self.define(token, offset)
        elif word == 'include' and not dead and rest.startswith('<linux/'):
            self.linux = True
        return dead

    def mark(self, text, offset):
        """A token that says where a conditional is."""
        self.texts.append(text)
        self.offsets.append(offset)

    def define(self, token, offset):
        """Note a macro."""
        match = DEFINE.match(token)
        if match:
            parameters = match.group(3)
            if match.group(2) is not None:
                parameters = [name.strip() for name in parameters.split(',') if name.strip()]
            texts, offsets = tokens_of(token[match.end():], offset + match.end())
            self.macros.append(Macro(match.group(1), parameters, texts, offsets, offset))

    def body(self, start, end):
        """Texts and offsets of a range, without conditionals."""
        pairs = [(text, offset) for text, offset in
                 zip(self.texts[start:end], self.offsets[start:end]) if text not in CONDITIONALS]
        return [pair[0] for pair in pairs], [pair[1] for pair in pairs]

    def brace_ends(self):
        """For each opening brace the index of the one that closes it."""
        ends, stack, conditions = {}, [], []
        for i, text in enumerate(self.texts):
            if text == '{':
                stack.append(i)
            elif text == '}':
                if stack:
                    ends.setdefault(stack.pop(), i)
            elif text == '#if':
                conditions.append(list(stack))
            elif text == '#else':
                if conditions:
                    stack = list(conditions[-1])
            elif text == '#endif' and conditions:
                conditions.pop()
        return ends

    def find_functions(self):
        """Find what is defined and declared outside of functions."""
        texts, ends = self.texts, self.brace_ends()
        start = i = 0
        while i < len(texts):
            text = texts[i]
            if text == '{':
                head = [t for t in texts[start:i] if t not in CONDITIONALS]
                if i in ends and is_initialiser(head):
                    i = ends[i] + 1
                    continue
                name = head_name(head)
                if name and i in ends:
                    self.functions.append(Function(self, name, head, i + 1, ends[i]))
                    i = ends[i]
                start = i + 1
            elif text == ';':
                self.declare([t for t in texts[start:i] if t not in CONDITIONALS])
                start = i + 1
            elif text == '}' or (text == ':' and i and texts[i - 1] in ACCESS):
                start = i + 1
            i += 1

    def declare(self, head):
        """Note the names that a declaration declares."""
        name = head_name(head)
        if name and head[0] != name:  # else it is a call, in a body that was not seen to be one
            self.declared[name] = head
        elif len(head) > 1 and head[0] != 'typedef' and '(' not in head:
            for i, text in enumerate(head):
                if i and is_identifier(text) and (i + 1 == len(head) or head[i + 1] == ','):
                    self.declared[text] = head


def is_initialiser(head):
    """Whether a brace behind this is a member's value, before a constructor's body."""
    return ':' in head and ')' in head[:head.index(':')] and is_identifier(head[-1]) and \
        head[-1] not in AFTER_PARAMETERS


def head_name(head):
    """The name of the function that a declaration, or what is before a brace, is about, or None.

    It is the first name with parameters that something follows which can follow parameters.
    Annotations start with an underscore, or are in capitals behind the parameters.
    """
    if not head or head[0] in ('typedef', 'enum', 'return'):
        return None
    found, i = None, 0
    while i < len(head):
        if head[i] == '=':
            return None
        if head[i] == '(':
            end = closing(head, i)
            if end is None:
                return None
            name = head[i - 1] if i else ''
            if is_identifier(name) and not name.startswith('_') and name not in KEYWORDS \
                    and not (found and not found.isupper() and name.isupper()):
                found = name
                if end + 1 == len(head) or head[end + 1] in AFTER_PARAMETERS:
                    return found
            i = end
        i += 1
    return found


def closing(texts, start):
    """The index of what closes the bracket at start, or None."""
    depth = 0
    for i in range(start, len(texts)):
        if texts[i] in OPENING:
            depth += 1
        elif texts[i] in CLOSING:
            depth -= 1
            if depth == 0:
                return i
    return None


def pairs(texts):
    """What closing() says of each bracket that something closes, all at once."""
    ends, stack = {}, []
    for i, text in enumerate(texts):
        if text in OPENING:
            stack.append(i)
        elif text in CLOSING and stack:
            ends[stack.pop()] = i
    return ends


def arguments(texts, start, end):
    """The ranges between the commas of a bracket that opens at start and closes at end."""
    ranges, depth, first = [], 0, start + 1
    for i in range(start + 1, end):
        if texts[i] in OPENING:
            depth += 1
        elif texts[i] in CLOSING:
            depth -= 1
        elif texts[i] == ',' and depth == 0:
            ranges.append((first, i))
            first = i + 1
    if first < end or ranges:
        ranges.append((first, end))
    return ranges


def expand(texts, offsets, macros):
    """The tokens with macros replaced by what they stand for, at the place of their use.

    Nothing is pasted or made a string. A macro within itself stays.
    """
    for _ in range(PASSES):
        if not any(text in macros for text in texts):
            break
        result, places, i, changed = [], [], 0, False
        while i < len(texts):
            macro, end = macros.get(texts[i]), i
            values = {}
            if macro and macro.parameters is not None:
                end = None
                if i + 1 < len(texts) and texts[i + 1] == '(':
                    end = closing(texts, i + 1)
                if end is None:
                    macro, end = None, i
                else:
                    values = bind(macro, [texts[a:b] for a, b in arguments(texts, i + 1, end)])
            if macro and macro.name not in macro.texts:
                changed = True
                for text in macro.texts:
                    replacement = values.get(text, (text,))
                    result.extend(replacement)
                    places.extend([offsets[i]] * len(replacement))
            else:
                end = i
                result.append(texts[i])
                places.append(offsets[i])
            i = end + 1
        texts, offsets = result, places
        if not changed or len(texts) > 200000:
            break
    return texts, offsets


def bind(macro, values):
    """What each parameter of a macro stands for."""
    bound = {}
    for i, name in enumerate(macro.parameters):
        if name.endswith('...'):
            rest = values[i:]
            joined = [text for n, value in enumerate(rest) for text in ([','] if n else []) + value]
            bound[name[:-3].strip() or '__VA_ARGS__'] = joined
        else:
            bound[name] = values[i] if i < len(values) else []
    return bound


def find(path):
    """The sources below a path; a path that is no directory is one."""
    if not os.path.isdir(path):
        yield path
    for directory, subdirectories, names in os.walk(path):
        subdirectories[:] = sorted(name for name in subdirectories if not name.startswith('.'))
        for name in sorted(names):
            if name.lower().endswith(SUFFIXES) and not name.endswith('.mod.c'):
                yield os.path.join(directory, name)


def read(path):
    """The file, or None if it is no text."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise SourceError(f'{path}: not a file')
        with open(path, 'rb') as stream:
            text = decode(stream.read())
    except OSError as error:
        raise SourceError(f'{path}: {error.strerror}') from error
    return None if text is None else File(path, text)
