"""A workspace with one page of everything, for the tests of the site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread
from typing import Any

from starlette.applications import Starlette

from publisher.emulator.rows import DATA_SOURCE, DATABASE, PAGE
from publisher.emulator.site import routes
from publisher.emulator.store import Store
from publisher.emulator.writing import Head, NewBlock

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


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
