# SPDX-License-Identifier: GPL-2.0
"""What wdmdma has, and a driver's sources as what its rules ask about: calls, names, descriptions.

What wdmdma has is read from its own sources: the table from wdmdma/ops.c and include/wdmdma/dma.h,
everything else from the headers. routines.txt has hints about what Windows has and wdmdma has not.
"""
import os
import re

from . import source

# A name like this that is called, and that the driver does not have itself, is one of Windows'.
WINDOWS = re.compile(r'(?:Io|Iof|Ke|Kf|Mm|Ex|Exf|Hal|Ob|Obf|Ps|Po|Pof|Zw|Nt|Rtl|Se|Cc|Cm|Fs|FsRtl'
                     r'|Wdf|Ndis|StorPort|ScsiPort|Flt|Ks|Pc|Wmi|Etw|Usb|Hid)[A-Z][A-Za-z0-9]*$')
# Of these a declaration alone makes none of the driver's own: Windows exports what it declares not
UNDOCUMENTED = re.compile(r'(?:Ke|Mm|Ex|Hal|Ob|Ps|Zw|Nt|Rtl|Se)[A-Z]')
IMPORTED = frozenset('NTKERNELAPI NTSYSAPI NTSYSCALLAPI NTHALAPI DECLSPEC_IMPORT'.split())
# What the headers define and is called like a routine; annotations and constants are not
ROUTINE = re.compile(r'(?:[A-Z][a-z]+\w*[A-Z]\w*|(?:READ|WRITE)_(?:REGISTER|PORT)_\w+'
                     r'|Vf[A-Z]\w+)$')
LAST_OF_WINDOWS_8 = 'CancelMappedTransfer'  # members behind it came with Windows 10 and later

LONGEST = 20000  # tokens of a function that rules look into; some of them take its square

# Routines that run at DISPATCH_LEVEL, by the type they are declared with
DISPATCH_ROLES = frozenset('''KDEFERRED_ROUTINE IO_DPC_ROUTINE DRIVER_STARTIO DRIVER_CONTROL
    DRIVER_LIST_CONTROL DMA_COMPLETION_ROUTINE IO_TIMER_ROUTINE EVT_WDF_DPC EVT_WDF_INTERRUPT_DPC
    EVT_WDF_PROGRAM_DMA'''.split())
SERVICE_ROLES = frozenset('KSERVICE_ROUTINE KMESSAGE_SERVICE_ROUTINE'.split())
# The same by what they are given to: name, which argument
GIVEN_TO = {'KeInitializeDpc': ('KDEFERRED_ROUTINE', 1),
            'KeInitializeThreadedDpc': ('KDEFERRED_ROUTINE', 1),
            'IoInitializeDpcRequest': ('IO_DPC_ROUTINE', 1),
            'IoConnectInterrupt': ('KSERVICE_ROUTINE', 1),
            'AllocateAdapterChannel': ('DRIVER_CONTROL', 3),
            'AllocateAdapterChannelEx': ('DRIVER_CONTROL', 5),
            'GetScatterGatherList': ('DRIVER_LIST_CONTROL', 5),
            'GetScatterGatherListEx': ('DRIVER_LIST_CONTROL', 7),
            'BuildScatterGatherList': ('DRIVER_LIST_CONTROL', 5),
            'BuildScatterGatherListEx': ('DRIVER_LIST_CONTROL', 7),
            'MapTransferEx': ('DMA_COMPLETION_ROUTINE', 9)}


class Provided:
    """What wdmdma has."""

    def __init__(self, root):
        include = os.path.join(root, 'include')
        table = os.path.join(root, 'wdmdma', 'ops.c')
        headers = [source.read(path) for path in source.find(include)]
        if not headers:
            raise source.SourceError(f'{include}: no headers')
        self.routines = {}  # name -> header
        self.members = []  # of the table, in its order
        self.wrappers = {}  # an older name -> the member that it calls
        for header in headers:
            self.read_header(header, os.path.relpath(header.path, include))
        self.versions = self.read_table(source.read(table))
        self.hints = read_hints(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                             'routines.txt'))
        late = self.members.index(LAST_OF_WINDOWS_8) + 1
        self.late = frozenset(self.members[late:])

    def read_header(self, header, name):
        """Note what a header declares and defines."""
        found = [macro.name for macro in header.macros] + list(header.declared)
        found += [function.name for function in header.functions]
        self.routines.update((routine, name) for routine in found)
        texts = header.texts
        for i, text in enumerate(texts[:-2]):
            if text == 'struct' and texts[i + 1:i + 3] == ['_DMA_OPERATIONS', '{']:
                end = source.closing(texts, i + 2)
                self.members = [texts[n - 1] for n in range(i, end) if texts[n] == ';'][1:]
        for function in header.functions:
            for n in range(function.start, function.end - 2):
                if texts[n:n + 2] == ['DmaOperations', '->']:
                    self.wrappers[function.name] = texts[n + 2]

    def read_table(self, table):
        """The version from which on the table has each member that ops.c sets."""
        versions = {}
        for macro in table.macros:
            match = re.match(r'WD_MEMBERS_V(\d)$', macro.name)
            if match:
                for i, text in enumerate(macro.texts[:-2]):
                    if text == '.' and macro.texts[i + 2] == '=':
                        versions[macro.texts[i + 1]] = int(match.group(1))
        if not versions or not set(versions) <= set(self.members):
            raise source.SourceError(f'{table.path}: not the table that the headers declare')
        return versions

    def has(self, name):
        """Whether it has a member or routine."""
        return name in self.versions if name in self.members else name in self.routines

    def kind(self, name):
        """What a member or routine is called in reports."""
        if name in self.members:
            return 'member of DMA_OPERATIONS'
        if self.routines.get(name, '').endswith('mdl.h') or re.match(r'(Io|Mm)\w*Mdl', name):
            return 'MDL routine'
        return 'routine'


def read_hints(path):
    """name -> what to do instead; of a name that ends in *, whatever starts so."""
    hints = {}
    with open(path, encoding='utf-8') as stream:
        for line in stream:
            name, _, hint = line.strip().partition(' ')
            if name and not name.startswith('#'):
                hints[name] = hint.strip()
    return hints


class Call:
    """A call in a function: what is called, and where its arguments are in the function's body."""

    def __init__(self, body, name, at, start, end):
        self.body, self.name, self.at, self.start, self.end = body, name, at, start, end
        self.arguments = None

    def argument(self, number):
        """The texts of an argument; of one that is not there, none."""
        if self.arguments is None:
            self.arguments = source.arguments(self.body.texts, self.start, self.end)
        if number >= len(self.arguments):
            return []
        first, last = self.arguments[number]
        return self.body.texts[first:last]

    @property
    def place(self):
        """Where it is, for a finding."""
        return self.body.file, self.body.offsets[self.at]


class Body:
    """A function's tokens with macros expanded, and the calls in them."""

    def __init__(self, driver, function):
        self.driver, self.function, self.file = driver, function, function.file
        self.name, self.head = function.name, function.head
        texts, offsets = self.file.body(function.start, function.end)
        self.texts, self.offsets = source.expand(texts, offsets, driver.macros)
        self.names = set(self.texts)
        self.ends = source.pairs(self.texts)  # of brackets
        self.calls = list(self.find_calls())

    def find_calls(self):
        """Whatever is called: members and older names by the member, others by their name."""
        texts, provided = self.texts, self.driver.provided
        for i, text in enumerate(texts[:-1]):
            start = i + 1
            if texts[start] == ')' and texts[start + 1:start + 2] == ['(']:
                start += 1  # (*Adapter->DmaOperations->MapTransfer)(...)
            if texts[start] != '(' or not source.is_identifier(text) or text in source.KEYWORDS:
                continue
            is_member = i > 0 and texts[i - 1] in ('->', '.')
            if is_member and text not in provided.members:
                continue
            if start > i + 1 and not is_member:
                continue
            end = self.ends.get(start)
            if end is not None:
                name = text if is_member else provided.wrappers.get(text, text)
                yield Call(self, name, i, start, end)

    def named(self, *names):
        """The calls of these names."""
        return [call for call in self.calls if call.name in names]


class Driver:
    """A driver's sources: what a path that was given has below it."""

    def __init__(self, provided, files):
        self.provided, self.files = provided, files
        self.own = set()  # names of its routines and macros
        self.names = set()
        for file in files:
            self.names |= file.names
            for macro in file.macros:
                self.own.add(macro.name)
                self.names.update(macro.texts)
            self.own.update(function.name for function in file.functions)
            self.own.update(name for name, head in file.declared.items() if '(' in head
                            and not UNDOCUMENTED.match(name) and IMPORTED.isdisjoint(head))
        self.macros = self.interesting_macros()
        self.constants = {macro.name: macro.texts for file in files for macro in file.macros
                          if macro.parameters is None and macro.texts}
        self.by_name = {}  # of functions; several files may have one of a name
        self.of_function = {}
        self.masters = {}
        interesting = set(provided.members) | set(provided.wrappers) | set(self.macros)
        interesting |= ALWAYS
        for file in files:
            for function in file.functions:
                self.by_name.setdefault(function.name, []).append(function)
        bodies = [self.body(function) for file in files if file.names & interesting
                  for function in file.functions
                  if not interesting.isdisjoint(file.texts[function.start:function.end])]
        self.bodies = [body for body in bodies if len(body.texts) <= LONGEST]
        self.skipped = [f'{body.file.path}: {body.name}: too long, only searched for names'
                        for body in bodies if len(body.texts) > LONGEST]
        self.roles = self.find_roles()

    def interesting_macros(self):
        """Macros, by name, that lead to something that rules look at."""
        macros = {macro.name: macro for file in self.files for macro in file.macros}
        wanted = set(self.provided.members) | set(self.provided.wrappers) | ALWAYS
        found = {}
        while True:
            more = {name: macro for name, macro in macros.items()
                    if name not in found and not wanted.isdisjoint(macro.texts)}
            if not more:
                return found
            found.update(more)
            wanted |= set(more)

    def body(self, function):
        """The body of a function, made once."""
        if function not in self.of_function:
            self.of_function[function] = Body(self, function)
        return self.of_function[function]

    def calls(self, *names):
        """All calls of these names, of the bodies that rules look at."""
        return [call for body in self.bodies for call in body.named(*names)]

    def has(self, *names):
        """Whether a member, or what calls it, is used anywhere."""
        others = [name for name, member in self.provided.wrappers.items() if member in names]
        return not self.names.isdisjoint(names) or not self.names.isdisjoint(others)

    def callers(self, function):
        """The calls of a function of the driver."""
        static = 'static' in function.head
        for file in [function.file] if static else self.files:
            if function.name in file.names:
                for other in file.functions:
                    if other.end - other.start <= LONGEST and \
                            function.name in file.texts[other.start:other.end]:
                        yield from self.body(other).named(function.name)

    def find_roles(self):
        """What the driver's functions are to the system: name -> type."""
        roles = {}
        for file in self.files:
            for name, head in file.declared.items():
                words = [word for word in head if word not in ('static', 'extern')]
                if words[0] in DISPATCH_ROLES | SERVICE_ROLES:
                    roles[name] = words[0]
            for function in file.functions:
                if 'IO_ALLOCATION_ACTION' in function.head:
                    roles[function.name] = 'DRIVER_CONTROL'
                elif 'PKDPC' in function.head or '_KDPC' in function.head:
                    roles.setdefault(function.name, 'KDEFERRED_ROUTINE')
            for i, text in enumerate(file.texts[:-2]):
                if text == 'DriverStartIo' and file.texts[i + 1] == '=':
                    roles[file.texts[i + 2]] = 'DRIVER_STARTIO'
        for call in self.calls(*GIVEN_TO):
            role, number = GIVEN_TO[call.name]
            for text in call.argument(number):
                if text in self.by_name:
                    roles.setdefault(text, role)
        return roles

    def assigned(self, member, files=None):
        """What is assigned to a member of a structure, as texts up to what ends it."""
        for file in files or self.files:
            if member not in file.names:
                continue
            texts = file.texts
            for i, text in enumerate(texts[:-2]):
                if text == member and texts[i + 1] == '=' and texts[i - 1] in ('->', '.'):
                    end = i + 2
                    while end < len(texts) and texts[end] not in (';', ',', '}'):
                        end += 1
                    yield texts[i + 2:end]

    def master(self, file):
        """TRUE, FALSE or None: what adapters are, if all of the file's, or the driver's, agree."""
        if file not in self.masters:
            self.masters[file] = self.find_master(file)
        return self.masters[file]

    def find_master(self, file):
        """The same, by looking."""
        for files in [file], self.files:
            values = set(map(tuple, self.assigned('Master', files)))
            if values:
                known = {('TRUE',): True, ('1',): True, ('FALSE',): False, ('0',): False}
                answers = {known.get(value) for value in values}
                return answers.pop() if len(answers) == 1 else None
        return None


# Names that make a function one that rules look at, beside those of the table
ALWAYS = frozenset('''IoGetDmaAdapter MmGetPhysicalAddress MmGetMdlVirtualAddress MmGetMdlPfnArray
    MmGetVirtualForPhysical MmMapIoSpace MmMapIoSpaceEx ADDRESS_AND_SIZE_TO_SPAN_PAGES LowPart
    COMPUTE_PAGES_SPANNED DEVICE_DESCRIPTION MmProbeAndLockPages __leave MmMapLockedPages
    MmMapLockedPagesSpecifyCache LogicalAddress QuadPart IO_ALLOCATION_ACTION KeepObject
    DeallocateObject DeallocateObjectKeepRegisters KeAcquireSpinLock KeAcquireSpinLockRaiseToDpc
    KeAcquireSpinLockAtDpcLevel KeAcquireInStackQueuedSpinLock KeInitializeSpinLock KeRaiseIrql
    KeAcquireInStackQueuedSpinLockAtDpcLevel KeLowerIrql KeRaiseIrqlToDpcLevel KfRaiseIrql
    KeReleaseSpinLock KeReleaseInStackQueuedSpinLock KeInitializeDpc KeInitializeThreadedDpc
    IoInitializeDpcRequest IoConnectInterrupt IoAllocateMdl MmInitializeMdl'''.split())
