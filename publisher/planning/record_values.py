"""What of a record's properties is to be sent: what differs from what was last written, with ids in place of files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from converters.blocks import PageRef
from converters.dialects.base import PageHead, compact, parse_address
from converters.inference import WRITABLE
from converters.properties import Property, PropertyValue
from publisher.planning.limits import DEFAULT, Limits

PROPERTY = "property:"  # what a property's digest is called among those of a head


def digest(content: bytes) -> str:
    return blake2b(content, digest_size=8).hexdigest()


def record_digests(head: PageHead) -> dict[str, str]:
    """What the state keeps of a record's head: each property, so that only those that changed are sent."""
    found = {name: digest(getattr(head, name)) for name in ("icon", "cover")}
    values: Mapping[str, Any] = json.loads(head.properties)
    return found | {PROPERTY + name: digest(compact(value)) for name, value in values.items()}


def symbolic(value: PropertyValue) -> bool:
    """Whether a relation names files, whose ids are known only once they are there."""
    return (
        value.type == "relation"
        and isinstance(value.value, tuple)
        and any(parse_address(item) is not None for item in value.value)
    )


def targets(value: PropertyValue) -> tuple[str, ...]:
    """The keys of the pages that a relation names by their files."""
    items = value.value if isinstance(value.value, tuple) else ()
    refs = (parse_address(item) for item in items)
    return tuple(ref.target for ref in refs if isinstance(ref, PageRef))


def with_ids(value: PropertyValue, id_of: Callable[[str], str]) -> PropertyValue | None:
    """A relation with ids in place of files; None if one of them has no id (`id_of` gives "") yet."""
    if not symbolic(value):
        return value
    assert isinstance(value.value, tuple)
    ids = []
    for item in value.value:
        ref = parse_address(item)
        id = id_of(ref.target) if isinstance(ref, PageRef) else item
        if not id:
            return None
        ids.append(id)
    return replace(value, value=tuple(ids))


def changes(
    values: Iterable[PropertyValue],
    head: Mapping[str, str],
    schema: Iterable[Property],
    render: Callable[[Iterable[PropertyValue]], bytes],
) -> tuple[tuple[PropertyValue, ...], dict[str, str]]:
    """The properties to send, and what the state's head is to say of properties afterwards.

    `head` holds the digests as last written. What the file no longer says is cleared; what pagemill never set is not
    its to clear.
    """
    values, schema = list(values), list(schema)
    rendered: Mapping[str, Any] = json.loads(render(values))
    now = {PROPERTY + name: digest(compact(value)) for name, value in rendered.items()}
    found = [value for value in values if head.get(PROPERTY + value.name) != now[PROPERTY + value.name]]
    for name in head:
        if name.startswith(PROPERTY) and name not in now:
            empty = cleared(name[len(PROPERTY) :], schema)
            found += [empty] if empty is not None else []
    return tuple(found), now


def cleared(name: str, schema: Iterable[Property]) -> PropertyValue | None:
    """The empty value of a property; None if there is no such property, or it cannot be emptied."""
    column = next((column for column in schema if column.name == name), None)
    if column is None or column.type == "title" or column.type not in WRITABLE:
        return None
    return PropertyValue(name, column.type, False if column.type == "checkbox" else None)


def batches(
    updates: Sequence[tuple[str, bytes]], most: int = 100, limits: Limits = DEFAULT
) -> Iterator[list[tuple[str, bytes]]]:
    """Updates (id, rendered properties) in requests of at most so many, each within the bytes of a request."""
    batch: list[tuple[str, bytes]] = []
    size = 100
    for id, properties in updates:
        cost = len(properties) + len(id) + 40
        if batch and (len(batch) == most or size + cost > limits.bytes):
            yield batch
            batch, size = [], 100
        batch.append((id, properties))
        size += cost
    if batch:
        yield batch
