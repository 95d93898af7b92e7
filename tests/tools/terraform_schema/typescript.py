"""Reads a schema block out of the classes that the Terraform CDK generates.

Three places tell of one attribute: the comment at its property says whether it is required,
optional or computed; the class's (or for a nested block, a function's) `attrs` say its type and
whether it is a block; what the property is made from tells a list from a single block.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import zip_longest
from typing import Literal, NamedTuple

from tools.terraform_schema.schema import Attribute, Block, Mode, Nested, Type

Kind = Literal["provider", "resource", "data source", "ephemeral resource"]

_CLASS = re.compile(r"^export class (\w+) extends [\s\S]*?^}$", re.M)
_INTERFACE = re.compile(r"^export interface (\w+)[\s\S]*?^}$", re.M)
_TO_HCL = re.compile(r"^export function (\w+)ToHclTerraform\([\s\S]*?^}$", re.M)
_MAIN = re.compile(
    r"^export class (\w+) extends \w+\.(Terraform\w+) \{[\s\S]*?tfResourceType = \"(\w+)\"", re.M
)
_PROPERTY = re.compile(
    r"^  // (\w+) - computed: (true|false), optional: (true|false), required: (true|false)$", re.M
)
_ARGUMENT = re.compile(
    r"^ +(\w+): \{\n +value: .*\n +isBlock: (true|false),\n"
    r" +type: \"(\w+)\",\n +storageClassType: \"([^\"]+)\"",
    re.M,
)
_FIELD = re.compile(r"#(\w+) [\s\S]*?readonly \w+(\??):")
_READ = re.compile(r"this\.get(String|Number|Boolean|Any)?(List|Map)?Attribute\('")
_SINGLE = re.compile(r"= new (\w+?)OutputReference\(this")
_SEVERAL = re.compile(r"= new (\w+?)List\(this, \"\w+\", (true|false)\)")
_MAPPED = re.compile(r"= new \w+\.(\w+)Map\(this")
_STORED = re.compile(r"(string|number|boolean|any)((?:List|Map)*)")

_KINDS: dict[str, Kind] = {
    "TerraformProvider": "provider",
    "TerraformResource": "resource",
    "TerraformDataSource": "data source",
    "TerraformEphemeralResource": "ephemeral resource",
}
_MODES: dict[str, Mode] = {"list": "LIST", "set": "SET", "struct": "SINGLE", "map": "MAP"}
_SIMPLE = {"string": "string", "number": "number", "boolean": "bool", "any": "dynamic"}


class Argument(NamedTuple):
    """How it is written: `kind` is simple, list, set, map or struct, `stored` the elements."""

    is_block: bool
    kind: str
    stored: str


class Property(NamedTuple):
    name: str
    computed: bool
    optional: bool
    required: bool
    body: str


class Described(NamedTuple):
    kind: Kind
    type: str  # azurerm_storage_queue
    block: Block


def read_module(text: str) -> Described:
    match = _MAIN.search(text)
    assert match, text[:300]
    name, base, terraform_type = match.groups()
    module = _Module(text)
    own = module.classes[name]
    return Described(_KINDS[base], terraform_type, module.block(own, _arguments(own), ()))


class _Module:
    def __init__(self, text: str) -> None:
        self.classes = {m[1]: m[0] for m in _CLASS.finditer(text)}
        self.interfaces = {m[1]: m[0] for m in _INTERFACE.finditer(text)}
        # Functions are called as their structs are, but for the case of the first letter.
        self.arguments = {m[1].lower(): _arguments(m[0]) for m in _TO_HCL.finditer(text)}

    def block(self, text: str, arguments: Mapping[str, Argument], above: tuple[str, ...]) -> Block:
        attributes: dict[str, Attribute] = {}
        blocks: dict[str, Nested] = {}
        for found in _properties(text):
            argument = arguments.get(found.name)
            if argument and argument.is_block:
                nested = self.nested(found, argument, above)
                if nested:
                    blocks[found.name] = nested
                else:
                    attributes[found.name] = Attribute("dynamic", optional=True)
            else:
                attributes[found.name] = Attribute(
                    self.type_of(found, argument, above),
                    required=found.required,
                    optional=not found.required and (found.optional or not found.computed),
                    computed=not found.required and found.computed,
                )
        return Block(attributes, blocks)

    def nested(self, found: Property, argument: Argument, above: tuple[str, ...]) -> Nested | None:
        mode = _MODES[argument.kind]
        struct = self.struct(argument.stored)
        if struct:
            several = mode in ("LIST", "SET")
            return Nested(
                mode,
                self.struct_block(struct, above),
                minimum=int(several and found.required),
                maximum=int(several and bool(_SINGLE.search(found.body))),
            )
        name = argument.stored.removesuffix("List")
        if name.lower() in self.arguments:
            return Nested(mode, self.interface_block(name), minimum=int(found.required))
        return None

    def struct(self, stored: str) -> str | None:
        """The struct whose class describes it, if there is one."""
        for name in (stored, stored.removesuffix("List"), stored.removesuffix("Map")):
            if f"{name}OutputReference" in self.classes:
                return name
        return None

    def struct_block(self, struct: str, above: tuple[str, ...]) -> Block:
        if struct in above:  # a block in itself, as in a firewall's rules; deep enough here
            return Block()
        text = self.classes[f"{struct}OutputReference"]
        return self.block(text, self.arguments.get(struct.lower(), {}), (*above, struct))

    def interface_block(self, name: str) -> Block:
        """A block of the provider's own configuration: it has an interface alone."""
        required = {
            found: not mark for found, mark in _FIELD.findall(self.interfaces.get(name, ""))
        }
        attributes: dict[str, Attribute] = {}
        blocks: dict[str, Nested] = {}
        for key, argument in self.arguments.get(name.lower(), {}).items():
            needed = required.get(key, False)
            if argument.is_block:
                block = self.interface_block(argument.stored.removesuffix("List"))
                blocks[key] = Nested(_MODES[argument.kind], block, minimum=int(needed))
            else:
                stored = _stored_type(argument) or "dynamic"
                attributes[key] = Attribute(stored, required=needed, optional=not needed)
        return Block(attributes, blocks)

    def type_of(self, found: Property, argument: Argument | None, above: tuple[str, ...]) -> Type:
        kind = (
            _stored_type(argument) or self.collection(argument, above)
            if argument
            else self.computed_type(found.body, above)
        )
        if "Fn.tolist" in found.body and isinstance(kind, list) and kind[0] == "list":
            return ["set", kind[1]]
        return kind

    def collection(self, argument: Argument, above: tuple[str, ...]) -> Type:
        """An attribute that holds objects."""
        struct = self.struct(argument.stored)
        if not struct:
            return "dynamic"
        element = self.object_type(struct, above)
        return [argument.kind, element] if argument.kind in ("list", "set", "map") else element

    def computed_type(self, body: str, above: tuple[str, ...]) -> Type:
        if read := _READ.search(body):
            element = _SIMPLE[(read[1] or "String").lower()]
            return [read[2].lower(), element] if read[2] else element
        if mapped := _MAPPED.search(body):
            return ["map", _SIMPLE.get(mapped[1].lower(), "dynamic")]
        if several := _SEVERAL.search(body):
            return ["set" if several[2] == "true" else "list", self.object_type(several[1], above)]
        if single := _SINGLE.search(body):
            return self.object_type(single[1], above)
        return "dynamic"

    def object_type(self, struct: str, above: tuple[str, ...]) -> Type:
        if struct in above or f"{struct}OutputReference" not in self.classes:
            return "dynamic"
        block = self.struct_block(struct, above)
        return ["object", {name: a.type for name, a in block.attributes.items()}]


def _properties(text: str) -> list[Property]:
    marks = list(_PROPERTY.finditer(text))
    found = []
    for mark, following in zip_longest(marks, marks[1:]):
        body = text[mark.end() : following.start() if following else None]
        computed, optional, required = (flag == "true" for flag in mark.groups()[1:])
        found.append(Property(mark[1], computed, optional, required, body))
    return found


def _arguments(text: str) -> dict[str, Argument]:
    return {
        name: Argument(is_block == "true", kind, stored)
        for name, is_block, kind, stored in _ARGUMENT.findall(text)
    }


def _stored_type(argument: Argument) -> Type | None:
    """The type of what is no object: `stringList` in a set is a set of strings."""
    match = _STORED.fullmatch(argument.stored)
    if not match:
        return None
    kind: Type = _SIMPLE[match[1]]
    for word in re.findall(r"List|Map", match[2]):
        kind = [word.lower(), kind]
    if argument.kind == "set" and isinstance(kind, list):
        return ["set", kind[1]]
    if argument.kind == "map" and not isinstance(kind, list):
        return ["map", kind]
    return kind
