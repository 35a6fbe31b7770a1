# SPDX-License-Identifier: GPL-2.0
"""The list of rules. A rule is a function that is given a Driver and yields (file, offset, text)
of what it finds; its kind is "trap" for what is wrong, "check" for what may be.
"""


class Rule:
    """A rule, by its name."""

    def __init__(self, name, kind, summary, find):
        self.name, self.kind, self.summary, self.find = name, kind, summary, find


RULES = {}


def rule(name, kind, summary):
    """Make a rule of a function."""
    def add(find):
        RULES[name] = Rule(name, kind, summary, find)
        return find
    return add
