"""Accessibility of the site, as axe-core judges it in a real browser: no violation, in light, dark and narrow.

axe-core is not part of the project: `make axe` gets it with npm and runs this; AXE_CORE may name its axe.min.js.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Browser
from site_sample import block, database, page, record, row, served, table, text

from publisher.emulator.store import Store
from publisher.emulator.writing import NewBlock

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def axe() -> str:
    """The source of axe-core; skips the test if it is nowhere."""
    place = Path(os.environ.get("AXE_CORE") or ROOT / "node_modules" / "axe-core" / "axe.min.js")
    if not place.is_file():
        pytest.skip("no axe-core: `make axe` gets it, or set AXE_CORE to its axe.min.js")
    return place.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    made = Browser(tmp_path_factory.mktemp("profile"))
    yield made
    made.close()


COLORS = ("gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
CODE = 'def f(x: int) -> str:  # a comment\n    return f"{x}" + str(1.5)\n'
PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def whole(store: Store) -> str:
    """A page with every kind of block, and colours on text, on blocks and behind them; its id."""
    words = [text(f"{name} ", color=name) for name in COLORS]
    behind = [text(f"{name} ", background=name) for name in COLORS]
    link = text("a link", link="https://example.org/")
    inner = (block("paragraph", "inside"), block("code", CODE, language="python"))
    leaf = block("bulleted_list_item", "leaf")
    return page(
        store,
        "Everything",
        block("paragraph", *words, *behind, link, text("code", code=True)),
        *(block("paragraph", f"on {name}", link, background=name) for name in COLORS),
        *(
            block("callout", f"callout {name}", link, text("code", code=True), background=name)
            for name in COLORS
        ),
        *(block(f"heading_{level}", f"Heading {level}") for level in (1, 2, 3, 4)),
        block("heading_2", "Folding heading", is_toggleable=True, children=inner),
        block("bulleted_list_item", "one", children=(leaf, block("numbered_list_item", "two"))),
        block("numbered_list_item", "first"),
        block("to_do", "open", children=(block("to_do", "done", checked=True),)),
        block("quote", "quoted", link, children=inner),
        block("callout", "note", icon={"type": "emoji", "emoji": "💡"}, children=inner),
        block("toggle", "fold", children=inner),
        block("code", CODE, language="python", caption=[text("captioned")]),
        block("code", "graph LR", language="mermaid"),
        NewBlock("equation", {"expression": "x^2 + \\frac{1}{y}"}),
        NewBlock("divider", {}),
        NewBlock("table_of_contents", {}),
        NewBlock("breadcrumb", {}),
        table(row("A", "B"), row("a", link), side=True),
        NewBlock("image", {"url": PNG, "caption": [text("a dot")]}),
        NewBlock("image", {"url": PNG}),
        *(NewBlock(kind, {"url": "https://example.org/a"}) for kind in ("video", "audio", "file", "pdf")),
        *(
            NewBlock(kind, {"url": "https://example.org/a", "caption": [text("c")]})
            for kind in ("bookmark", "embed")
        ),
        NewBlock("column_list", {}, tuple(NewBlock("column", {}, inner) for _ in range(2))),
        NewBlock("synced_block", {"synced_from": None}, inner),
        icon="🚀",
        cover=PNG,
    )


def records(store: Store) -> tuple[str, str]:
    """A database with typed properties, and one of its records."""
    options = [{"id": name, "name": name, "color": name} for name in COLORS]
    schema: dict[str, dict[str, object]] = {
        "Name": {"type": "title", "title": {}},
        "Status": {"type": "select", "select": {"options": options}},
        "Tags": {"type": "multi_select", "multi_select": {"options": options}},
        "Due": {"type": "date", "date": {}},
        "Effort": {"type": "number", "number": {"format": "number"}},
        "Done": {"type": "checkbox", "checkbox": {}},
        "Link": {"type": "url", "url": {}},
    }
    base = database(store, "Tasks", schema)
    entry = record(
        store,
        base,
        "Entry",
        Name={"title": [text("Entry")]},
        Status={"select": options[5]},
        Tags={"multi_select": options},
        Due={"date": {"start": "2026-03-01", "end": None, "time_zone": None}},
        Effort={"number": 3},
        Done={"checkbox": True},
        Link={"url": "https://example.org/"},
    )
    return base, entry


@pytest.mark.parametrize("scheme", ["light", "dark", "narrow"])
def test_axe_finds_nothing(browser: Browser, scheme: str) -> None:
    source = axe()
    store = Store()
    made = whole(store)
    base, entry = records(store)
    for level in range(5):
        made = page(store, f"Level {level}", block("paragraph", "needle"), parent=made) if level else made
    top = store.ancestors(made)[0].id
    dark = {"name": "prefers-color-scheme", "value": "dark" if scheme == "dark" else "light"}
    still = {"name": "prefers-reduced-motion", "value": "reduce"}
    browser.call("Emulation.setEmulatedMedia", features=[dark, still])
    browser.size(390 if scheme == "narrow" else 1440, 900)
    pages = ("/", f"/p/{top}", f"/p/{made}", f"/p/{top}/history", f"/p/{base}", f"/p/{entry}", "/recent")
    found = []
    with served(store) as url:
        for path in (*pages, "/search?q=needle", "/search", "/p/none"):
            browser.open(url + path)
            browser.until("document.querySelector('.theme:not([hidden])')")
            browser.run(source + "; 0")
            found += [f"{path}: {entry}" for entry in browser.run(violations())]
        browser.open("about:blank")
    assert found == []


def violations() -> str:
    """The script that runs axe; gives a line for each element that breaks a rule."""
    shown = "`${rule.id}: ${node.target} ${node.html.slice(0, 120)} ${node.failureSummary}`"
    lines = f"rule.nodes.map((node) => {shown})"
    options = f"{{runOnly: {list(RULES)}}}"
    return f"axe.run(document, {options}).then((found) => found.violations.flatMap((rule) => {lines}))"
