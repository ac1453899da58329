"""One file converted: its facts and its block inputs, also as another process can be sent them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeAlias

from converters.dialects import DIALECTS
from converters.dialects.base import BlockInput, Dialect
from converters.document import Options, convert_bytes
from converters.whole import Part, located, shown
from publisher import bodies
from publisher.facts import Facts, facts_of, read_facts, write_facts
from publisher.including import Content

Packed: TypeAlias = tuple[dict[str, Any], bytes]


def convert_file(
    content: Content, path: str, dialect: Dialect, chosen: Options
) -> tuple[Facts, tuple[BlockInput, ...]]:
    document = convert_bytes(content.data, path, chosen, content.parts)
    inputs, more = dialect.encode(document.blocks, path)
    facts = facts_of(document, content.data, inputs, located(content.parts, more), content.files)
    return facts, _relined(inputs, path, content.parts) if content.parts else inputs


def _relined(inputs: Iterable[BlockInput], path: str, parts: tuple[Part, ...]) -> tuple[BlockInput, ...]:
    """Blocks with the lines of their own file: that which asks for it, for what another file's text became."""
    return tuple(
        replace(block, line=shown(parts, path, block.line), children=_relined(block.children, path, parts))
        for block in inputs
    )


def convert_packed(service: str, chosen: Options, path: str, data: bytes) -> Packed:
    """A file converted, as another process can be sent it: its facts as plain values, its block inputs in bytes."""
    facts, inputs = convert_file(Content(data), path, DIALECTS[service], chosen)
    return dict(write_facts(facts)), bodies.pack(inputs)


def unpacked(path: str, hash: bytes, packed: Packed) -> tuple[Facts, bytes]:
    """The facts of a packed file, and its block inputs, still packed."""
    values, blocks = packed
    return read_facts(path, hash, values), blocks
