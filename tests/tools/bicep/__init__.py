"""Checks Bicep without its compiler, which is in no registry of Python's or Node's.

`second_opinion` has every file parsed by pycep, which checkov uses, too. `syntax` is a parser of
our own, as pycep's tree has neither places nor the precedence of operators. `check` finds what the
compiler would refuse: names that mean nothing, modules that are called wrongly, and so on. What it
does not know are the types of resources: whether a property exists, and what it takes.
"""
