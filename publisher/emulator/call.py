"""What a handler gets and gives: a request without HTTP around it, and an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from publisher.emulator.check import Refusal, integer, invalid, loads, mapping
from publisher.emulator.rows import BlockRow, PageRow
from publisher.emulator.store import Store
from publisher.emulator.switches import Switches, Token
from publisher.emulator.writing import dump

BOT = str(uuid5(NAMESPACE_URL, "pagemill:bot"))
PERSON = str(uuid5(NAMESPACE_URL, "pagemill:person"))
WORKSPACE = str(uuid5(NAMESPACE_URL, "pagemill:workspace"))

Need: TypeAlias = Literal[
    "", "read", "insert", "update", "search", "users", "read_comments", "insert_comments"
]


@dataclass(frozen=True, slots=True)
class Environment:
    """What all handlers share."""

    store: Store
    base_url: str
    switches: Switches


@dataclass(frozen=True)
class Call:
    """One request. `ids` are the variable parts of the path; `headers` have lower-case names."""

    env: Environment
    method: str
    path: str
    ids: tuple[str, ...]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    token: Token
    request_id: str
    version: str = ""

    @cached_property
    def json(self) -> dict[str, Any]:
        """The body as an object.

        Raises:
            Refusal: not JSON, or not an object.
        """
        return mapping(loads(self.body), None)

    @property
    def store(self) -> Store:
        return self.env.store

    def page_size(self, default: int, most: int = 100) -> int:
        """`page_size` of the query string."""
        text = (self.query.get("page_size") or [""])[0]
        if not text:
            return default
        try:
            value: Any = int(text)
        except ValueError:
            value = text
        return integer(value, (None, "page_size"), least=1, most=most)

    @property
    def start_cursor(self) -> str | None:
        return (self.query.get("start_cursor") or [None])[0] or None  # type: ignore[list-item]

    def allow_query(self, *names: str) -> None:
        """Refuse query parameters that the operation does not know."""
        for name in self.query:
            if name not in names:
                raise invalid((None, name), "should be not present.")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `committed` names what a write made, for answers that get lost on the way back."""

    body: Mapping[str, Any] | bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    committed: tuple[str, tuple[str, ...]] = ("", ())

    def encoded(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return dump(self.body).encode()


@dataclass(frozen=True, slots=True)
class Route:
    """An operation: `template` has "*" for each id; `run` gets a `Writer` when `writes`.

    `when` names a field of `Switches` that must be on for the operation to exist.
    """

    method: str
    template: str
    run: Callable[..., Reply]
    need: Need = "read"
    writes: bool = False
    databases: bool = False
    when: str = ""


def get_page(call: Call, id: str | None, name: str, kind: str = "page") -> PageRow:
    """The page, database or data source of that id.

    Raises:
        Refusal: not_found.
    """
    found = None if id is None else call.store.page(id)
    if found is None or found.kind != kind:
        raise Refusal("not_found", f"Could not find {name} with ID: {id}.")
    return found


def get_block(call: Call, id: str | None) -> BlockRow:
    """The block of that id.

    Raises:
        Refusal: not_found.
    """
    found = None if id is None else call.store.block(id)
    if found is None:
        raise Refusal("not_found", f"Could not find block with ID: {id}.")
    return found
