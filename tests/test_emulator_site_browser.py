"""The site in a real browser: nothing hostile runs, nothing is refused, nothing hangs over, pages follow along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Browser
from site_sample import block, database, page, record, row, served, table, text

from publisher.emulator.store import Store
from publisher.emulator.writing import NewBlock, Place

pytestmark = pytest.mark.slow

OWNED = "document.documentElement.dataset.owned"
HOSTILE = f"<script>{OWNED}=1</script><img src=x onerror='{OWNED}=1'><svg onload='{OWNED}=1'><style>*{{display:none}}"
LONG = "https://example.org/" + "a" * 300


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    made = Browser(tmp_path_factory.mktemp("profile"))
    yield made
    made.close()


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store()
    yield made
    made.close()


@pytest.fixture
def site(store: Store, browser: Browser) -> Iterator[str]:
    browser.problems.clear()
    browser.size(1280, 900)
    with served(store) as address:
        yield address
        browser.open("about:blank")


def everything(store: Store, words: str) -> str:
    """A page with blocks of all shapes; its id."""
    link = f"javascript:{OWNED}=1"
    tex = rf"\text{{{words}}}"
    return page(
        store,
        words,
        block(
            "paragraph",
            words,
            text("link", link=link),
            {"type": "equation", "text": tex},
            text(LONG, code=True),
        ),
        block("heading_1", words),
        block("bulleted_list_item", words, children=(block("to_do", words, checked=True),)),
        block("callout", words, icon={"type": "emoji", "emoji": "💡"}),
        block("toggle", words, children=(block("paragraph", "folded"),)),
        block("code", f"def f():\n    return '{LONG}'", language="python"),
        NewBlock("equation", {"expression": "+".join(f"x_{{{n}}}" for n in range(80))}),
        table(row(*(f"column {n}" for n in range(12))), row(*[words] * 12)),
        NewBlock("bookmark", {"url": LONG, "caption": [text(words)]}),
        NewBlock(
            "column_list", {}, tuple(NewBlock("column", {}, (block("paragraph", LONG),)) for _ in range(3))
        ),
        icon="🚀",
    )


def test_hostile_content_runs_nothing(store: Store, site: str, browser: Browser) -> None:
    made = everything(store, HOSTILE)
    for path in (f"/p/{made}", f"/p/{made}/history", "/", "/recent", "/search?q=script"):
        browser.open(site + path)
        browser.until("document.querySelector('.theme:not([hidden])')")  # our own script has run
        assert browser.run(f"{OWNED} === undefined")
        assert browser.run("document.querySelectorAll('main script, main style, main [onerror]').length") == 0
        assert browser.run("getComputedStyle(document.querySelector('main')).display") == "block"
    assert browser.problems == []


def test_a_whole_page_breaks_no_rule_of_its_policy(store: Store, site: str, browser: Browser) -> None:
    browser.open(f"{site}/p/{everything(store, 'Sample')}")
    browser.until("document.querySelector('.copy:not([hidden])')")
    assert browser.run("document.querySelector('math mfrac, math msub').namespaceURI").endswith("MathML")
    assert browser.problems == []


@pytest.mark.parametrize("width", [380, 700, 1280])
def test_nothing_hangs_over_the_side(store: Store, site: str, browser: Browser, width: int) -> None:
    made = everything(store, "Sample")
    schema = {f"Property {n}": {"type": "rich_text", "rich_text": {}} for n in range(8)}
    base = database(store, "Base", {"Name": {"type": "title", "title": {}}, **schema})
    entry = record(store, base, "Entry", "", **{name: {"rich_text": [text(LONG)]} for name in schema})
    browser.size(width, 800)
    for path in (f"/p/{made}", f"/p/{base}", f"/p/{entry}", f"/p/{made}/history", "/", "/search?q=a"):
        browser.open(site + path)
        assert browser.run("document.documentElement.scrollWidth <= innerWidth"), path


def test_an_open_page_follows_what_is_published(store: Store, site: str, browser: Browser) -> None:
    made = page(store, "Live", *(block("paragraph", f"line {n}") for n in range(80)), block("toggle", "t"))
    browser.open(f"{site}/p/{made}")
    browser.run("document.querySelector('main details').open = true")
    last = store.children(made)[79]
    with store.write("PATCH") as writer:
        node = writer.node(last.id)
        assert node is not None
        writer.update(node, {"rich_text": [text("changed while you look")]})
        (added,) = writer.insert(made, made, [block("paragraph", "and added")], Place("after", last.id))
    browser.until(f"document.getElementById('{added}')")
    assert browser.run(f"document.getElementById('{last.id}').textContent") == "changed while you look"
    assert browser.run("[...document.querySelectorAll('.changed')].map((block) => block.id)") == [
        last.id,
        added,
    ]
    assert browser.run("document.querySelector('main details').open")
    browser.until(f"document.getElementById('{last.id}').getBoundingClientRect().bottom <= innerHeight")
    assert browser.problems == []


def test_a_new_page_appears_in_the_tree(store: Store, site: str, browser: Browser) -> None:
    top = page(store, "Top")
    browser.open(f"{site}/p/{top}")
    made = page(store, "Fresh", parent=top)
    browser.until(f"document.querySelector('#tree a[href=\"/p/{made}\"]')")


def test_keys_and_the_menu(store: Store, site: str, browser: Browser) -> None:
    browser.open(f"{site}/p/{page(store, 'Keys')}")
    browser.press("/")
    browser.until("document.activeElement.id === 'q'")
    browser.press("Escape")
    browser.press("k", modifiers=2)
    browser.until("document.activeElement.id === 'q'")
    browser.size(380, 800)
    browser.until("document.querySelector('#side').inert")
    browser.run("document.querySelector('.open-side').click()")
    assert not browser.run("document.querySelector('#side').inert")
    browser.press("Escape")
    browser.until("document.querySelector('#side').inert")


def test_the_theme_is_kept(store: Store, site: str, browser: Browser) -> None:
    browser.open(site)
    browser.run("localStorage.clear()")
    light = browser.run("getComputedStyle(document.body).backgroundColor")
    browser.run("document.querySelector('.theme').click()")
    browser.open(f"{site}/recent")
    assert browser.run("getComputedStyle(document.body).backgroundColor") != light
    browser.run("localStorage.clear()")


def test_a_link_to_a_block_opens_the_toggles_around_it(store: Store, site: str, browser: Browser) -> None:
    inner = block("toggle", "inner", children=(block("paragraph", "the place"),))
    made = page(store, "Deep", block("toggle", "outer", children=(inner,)))
    place = store.subtree(made)[-1]
    browser.open(f"{site}/p/{made}#{place.id.replace('-', '')}")
    browser.until("[...document.querySelectorAll('main details')].every((toggle) => toggle.open)")


# Every pair of text and ground that the style sheet names; computed as WCAG 2 says.
_CONTRAST = """
(() => {
  const parts = (color) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (color) => parts(color)
    .map((part) => part / 255)
    .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$|transparent/.test(color)) return color;
    }
    return "white";
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const words = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!words || !element.getClientRects().length || getComputedStyle(element).visibility !== "visible") continue;
    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return [...new Set(poor)];
})()
"""
_COLOURS = ("gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_its_ground(store: Store, site: str, browser: Browser, theme: str) -> None:
    coloured = [
        block("paragraph", text(color, color=color), text(color, background=color)) for color in _COLOURS
    ]
    callouts = [
        block("callout", text("x", color="gray"), text("c", code=True), background=color)
        for color in _COLOURS
    ]
    code = block(
        "code",
        "# c\n@d\nclass A(B):\n    '''s'''\n    def f(self): return len([1, None, 'x'])",
        language="python",
    )
    made = page(store, "Colours", *coloured, *callouts, code, block("to_do", "done", checked=True))
    base = database(store, "Base", {"Name": {"type": "title", "title": {}}, "S": {"type": "multi_select"}})
    options = [{"name": color, "color": color} for color in (*_COLOURS, "default")]
    record(store, base, "Entry", S={"multi_select": options})
    with store.write("PATCH /v2/blocks/x") as writer:
        first = writer.node(store.children(made)[0].id)
        last = writer.node(store.children(made)[-1].id)
        assert first is not None
        assert last is not None
        writer.update(first, {"rich_text": [text("other words")]})
        writer.trash(last, True)
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
    for path in (f"/p/{made}", f"/p/{base}", f"/p/{made}/history", "/", "/search?q=words"):
        browser.open(site + path)
        assert browser.run(_CONTRAST) == [], path
    browser.call("Emulation.setEmulatedMedia", features=[])


def test_a_picture_of_a_page_can_be_taken(store: Store, site: str, browser: Browser, tmp_path: Path) -> None:
    browser.open(f"{site}/p/{everything(store, 'Sample')}")
    browser.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
