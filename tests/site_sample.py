"""A workspace with one page of everything, for the tests of the site."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from threading import Thread
from typing import Any

import httpx
from starlette.applications import Starlette

from publisher.emulator.rows import DATA_SOURCE, DATABASE, PAGE
from publisher.emulator.site import routes
from publisher.emulator.store import Store
from publisher.emulator.writing import Head, NewBlock


def text(words: str, **marks: Any) -> dict[str, Any]:
    """One item of rich text as it is stored."""
    return {"type": "text", "text": words, **marks}


def block(type: str, *items: Any, children: tuple[NewBlock, ...] = (), **content: Any) -> NewBlock:
    """A block; plain strings among `items` become items of its text."""
    if items:
        content["rich_text"] = [text(item) if isinstance(item, str) else item for item in items]
    return NewBlock(type, content, children)


def row(*cells: Any) -> NewBlock:
    return NewBlock(
        "table_row", {"cells": [[text(cell)] if isinstance(cell, str) else [cell] for cell in cells]}
    )


def table(*rows: NewBlock, head: bool = True, side: bool = False) -> NewBlock:
    content = {"width": len(rows[0].content["cells"]), "has_column_header": head, "has_row_header": side}
    return NewBlock("table", content, rows)


def page(
    store: Store,
    title: str,
    *blocks: NewBlock,
    parent: str | None = None,
    icon: str = "",
    cover: str = "",
    id: str = "",
) -> str:
    """Write a page and its blocks in one write; its id."""
    head = Head(
        title,
        {"title": {"type": "title", "title": [text(title)]}},
        {"type": "emoji", "emoji": icon} if icon else None,
        {"type": "external", "external": {"url": cover}} if cover else None,
    )
    with store.write("POST /v2/pages", "tester") as writer:
        made = writer.insert_page(parent, parent, PAGE, head, id=id)
        writer.insert(made, made, blocks)
    return made


def database(
    store: Store, title: str, schema: dict[str, Any], parent: str | None = None, icon: str = ""
) -> str:
    """Write a database with one data source; `schema` gives the type's settings by property name and type."""
    entries = {
        f"p{n}": {"id": f"p{n}", "name": name, **entry} for n, (name, entry) in enumerate(schema.items())
    }
    with store.write("POST /v2/databases", "tester") as writer:
        made = writer.insert_page(
            parent, parent, DATABASE, Head(title, {}, {"type": "emoji", "emoji": icon} if icon else None)
        )
        writer.insert_page(made, made, DATA_SOURCE, Head(title, entries))
    return made


def record(store: Store, database_id: str, title: str, icon: str = "", **values: Any) -> str:
    """Write a record; values by property name."""
    source = store.data_sources(database_id)[0]
    ids = {name: entry["id"] for name, entry in source.properties.items()}
    named = {ids[name]: {"type": source.properties[name]["type"], **value} for name, value in values.items()}
    emoji = {"type": "emoji", "emoji": icon} if icon else None
    with store.write("POST /v2/pages", "tester") as writer:
        return writer.insert_page(source.id, database_id, PAGE, Head(title, named, emoji))


def app(store: Store, base_url: str = "http://127.0.0.1:8470") -> Starlette:
    return Starlette(routes=routes(store, base_url))


@contextmanager
def served(store: Store) -> Iterator[str]:
    """The site on a free port of this machine; its address."""
    import socket

    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        app(store, address), log_level="warning", timeout_graceful_shutdown=1, lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield address  # connections wait in the listener until the server accepts them
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


def get(store: Store, path: str, base_url: str = "http://127.0.0.1:8470") -> httpx.Response:
    """One request to the site, in process."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app(store, base_url))
        async with httpx.AsyncClient(transport=transport, base_url=base_url) as client:
            return await client.get(path)

    return asyncio.run(ask())


_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


class Node:
    """An element of parsed HTML."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.inside: list[Node | str] = []

    @property
    def text(self) -> str:
        return "".join(part for part in self._parts() if isinstance(part, str))

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def __iter__(self) -> Iterator[Node]:
        """All elements below this one, in document order."""
        return (part for part in self._parts() if isinstance(part, Node))

    def _parts(self) -> Iterator[Node | str]:
        waiting = list(reversed(self.inside))
        while waiting:
            part = waiting.pop()
            yield part
            if isinstance(part, Node):
                waiting.extend(reversed(part.inside))

    def all(self, selector: str) -> list[Node]:
        """Elements by tag, `.class`, `#id` or a tag with a class (`li.todo`)."""
        if selector.startswith("#"):
            return [node for node in self if node.attributes.get("id") == selector[1:]]
        tag, _, name = selector.partition(".")
        return [node for node in self if (not tag or node.tag == tag) and (not name or name in node.classes)]

    def one(self, selector: str) -> Node:
        found = self.all(selector)
        assert len(found) == 1, f"{len(found)} elements are {selector}"
        return found[0]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Node("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def parse(html: str) -> Node:
    """The tree of a page; fails if a tag is not closed where it should be, or an id stands twice."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    assert len(parser.open) == 1, f"<{parser.open[-1].tag}> is never closed"
    root = parser.open[0]
    ids = [node.attributes["id"] for node in root if "id" in node.attributes]
    assert len(ids) == len(set(ids)), "an id stands twice"
    return root


def shown(*blocks: NewBlock, store: Store | None = None) -> Node:
    """The body of a page made of these blocks."""
    store = store or Store()
    answer = get(store, f"/p/{page(store, 'Sample', *blocks)}")
    assert answer.status_code == 200
    return parse(answer.text).one("div.body")
