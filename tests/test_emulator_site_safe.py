"""Hostile content is harmless on the site, and addresses lead where they should."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from site_sample import block, database, get, page, parse, record, row, shown, table, text

from publisher.emulator.site.headers import POLICY
from publisher.emulator.site.links import Links, canonical, host, picture, safe
from publisher.emulator.site.maths import mathml
from publisher.emulator.store import Store
from publisher.emulator.writing import NewBlock

SCRIPT = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\"'`</title></textarea>-->"
ID = "0f8b1c52-5f3a-4d6e-9a7b-1c2d3e4f5a6b"
HEX = ID.replace("-", "")

# The elements and attributes that the site itself writes; whatever else appears came from content.
TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "link",
        "script",
        "body",
        "svg",
        "symbol",
        "path",
        "use",
        "main",
        "article",
    ),
    *(
        "div",
        "aside",
        "header",
        "nav",
        "section",
        "form",
        "label",
        "input",
        "button",
        "kbd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
    ),
    *(
        "a",
        "p",
        "span",
        "time",
        "img",
        "figure",
        "figcaption",
        "blockquote",
        "pre",
        "code",
        "strong",
        "em",
        "s",
        "u",
    ),
    *("ul", "ol", "li", "dl", "dt", "dd", "details", "summary", "br", "hr", "del", "ins", "mark"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mstyle", "msup", "mspace"),
}


def everywhere(words: str) -> list[NewBlock]:
    """A block of each kind with `words` wherever words can stand."""
    texts = (
        "paragraph",
        "heading_1",
        "bulleted_list_item",
        "numbered_list_item",
        "to_do",
        "quote",
        "callout",
        "toggle",
    )
    items = [text(words), text(words, bold=True, link=words), {"type": "equation", "text": words}]
    mention = {"type": "mention", "text": words, "mention": {"type": "user", "id": words, "name": words}}
    icon = {"type": "emoji", "emoji": words}
    blocks = [
        block(type, *items, mention, icon=icon, color=words, background=words, align=words) for type in texts
    ]
    blocks += [
        block("code", words, language=words, caption=items),
        NewBlock("equation", {"expression": words}),
    ]
    blocks += [NewBlock("equation", {"expression": rf"\text{{{words}}} \href{{javascript:alert(1)}}{{x}}"})]
    media = ("image", "file", "pdf", "video", "audio", "bookmark", "embed", "link_preview")
    blocks += [NewBlock(type, {"url": words, "name": words, "caption": items}) for type in media]
    blocks += [table(row(words, words)), NewBlock("link_to_page", {"page_id": words})]
    blocks += [NewBlock("synced_block", {"synced_from": words}), NewBlock("x-" + words, {"title": words})]
    return blocks


def assert_harmless(html: str) -> None:
    for node in parse(html):
        assert node.tag in TAGS, node.tag
        assert not [name for name in node.attributes if name.startswith("on") or name == "style"], (
            node.attributes
        )
        href = node.attributes.get("href", "#")
        assert href.startswith(("/", "#", "?", "http://", "https://", "mailto:", "tel:")), href
        if node.tag == "script":
            assert node.attributes["src"].startswith("/static/")
            assert not node.text
        if node.tag == "img":
            assert node.attributes["src"].startswith(("/static/", "http://", "https://", "data:image/"))


@pytest.mark.parametrize(
    "words",
    [
        SCRIPT,
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        " \tjava\nscript:alert(1)",
        "//evil",
    ],
)
def test_hostile_words_are_words(words: str) -> None:
    store = Store()
    icon, cover = {"type": "external", "external": {"url": words}}, words
    made = page(store, words, *everywhere(words), icon=words, cover=cover)
    base = database(store, words, {words: {"type": "title", "title": {}}, "t" + words: {"type": "rich_text"}})
    entry = record(store, base, words, words, **{"t" + words: {"rich_text": [text(words)]}})
    with store.write(words, words) as writer:
        first = store.children(made)[0]
        node = writer.node(first.id)
        assert node is not None
        writer.update(node, {**first.content, "icon": icon, "rich_text": [text(words + "!")]})
    paths = ("/", f"/p/{made}", f"/p/{made}/history", f"/p/{base}", f"/p/{entry}", "/recent", f"/tree/{made}")
    for path in paths:
        answer = get(store, path)
        assert answer.status_code == 200, path
        assert_harmless(answer.text)


def test_a_hostile_search_is_shown_as_it_was_typed() -> None:
    store = Store()
    page(store, "P", block("paragraph", SCRIPT))
    answer = get(store, "/search?q=%3Cscript%3E")
    assert_harmless(answer.text)
    assert parse(answer.text).one("mark").text == "<script>"


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_mathml_holds_nothing_but_mathematics(expression: str) -> None:
    for source in (expression, rf"\text{{{expression}}}"):
        for node in parse(mathml(source)):
            assert node.tag in {"code", "math"} or node.tag.startswith("m")
            assert not {"href", "style", "src", "id"} & node.attributes.keys()


@pytest.mark.parametrize(
    "path", ["/", "/p/nothing", "/static/site.css", "/static/none", "/events-not", "/search", "/a/b"]
)
def test_every_answer_carries_the_policy(path: str) -> None:
    headers = get(Store(), path).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_policy_allows_no_inline_code() -> None:
    assert "unsafe" not in POLICY
    assert POLICY.startswith("default-src 'none'")


@pytest.mark.parametrize("path", ["/static/../views.py", "/static/%2e%2e/views.py", "/static//etc/passwd"])
def test_only_own_files_are_served(path: str) -> None:
    assert get(Store(), path).status_code == 404


@pytest.mark.parametrize("url", ["http://a", "HTTPS://a/b?c#d", "mailto:a@b", "tel:+47 1", " https://a "])
def test_safe_addresses(url: str) -> None:
    assert safe(url) == url.strip()


@pytest.mark.parametrize(
    "url",
    [
        "javascript:x",
        "JaVaScRiPt:x",
        "java\nscript:x",
        "data:text/html,x",
        "vbscript:x",
        "file:///a",
        "//a",
        "a",
        "",
        "http:",
        "https://a\x00b",
    ],
)
def test_unsafe_addresses_are_no_links(url: str) -> None:
    assert safe(url) is None


def test_pictures_may_be_raster_data_but_not_drawings_with_scripts() -> None:
    assert picture("data:image/png;base64,AAAA")
    assert picture("data:image/svg+xml;base64,AAAA") is None
    assert picture("javascript:x") is None


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:8470/p/{ID}",
        f"https://www.notion.so/{HEX}",
        f"https://www.notion.so/team/Some-title-{HEX}?pvs=4",
        f"https://buildin.ai/{ID}",
        f"https://buildin.ai/docs/{ID}/",
        f"/p/{ID.upper()}",
        f"/{HEX}",
    ],
)
def test_addresses_of_own_pages_become_relative(url: str) -> None:
    links = Links(lambda page_id: "Here" if page_id == ID else None)
    assert links.href(url) == f"/p/{ID}"
    assert links.href(f"{url}#{HEX}") == f"/p/{ID}#{ID}"
    assert links.href(f"{url}#words") == f"/p/{ID}"


def test_other_pages_keep_their_address() -> None:
    links = Links(lambda page_id: None)
    assert links.href(f"https://www.notion.so/{HEX}") == f"https://www.notion.so/{HEX}"
    assert links.href(f"/p/{ID}") is None
    assert links.href(f"#{HEX}") == f"#{ID}"
    assert links.href("#words") is None


def test_each_page_is_looked_up_once() -> None:
    asked: list[str] = []
    links = Links(lambda page_id: asked.append(page_id))
    for _ in range(3):
        links.href(f"https://buildin.ai/{ID}")
    assert asked == [ID]


@given(st.text(max_size=80))
def test_canonical_and_host_never_fail(words: str) -> None:
    assert canonical(words) is None or len(words) in (32, 33, 34, 35, 36)
    assert isinstance(host(words), str)


@pytest.mark.parametrize("origin", ["http://127.0.0.1:4747", "http://localhost:9", "https://[::1]"])
def test_uploaded_files_are_found_wherever_the_workspace_is_served_now(origin: str) -> None:
    url = f"{origin}/files/{ID}/a%20b.png"
    assert picture(url) == safe(url) == f"/files/{ID}/a%20b.png"
    body = shown(NewBlock("image", {"url": url, "upload": ID}), NewBlock("pdf", {"url": url, "upload": ID}))
    assert (
        body.one("img").attributes["src"] == body.one("a.card").attributes["href"] == f"/files/{ID}/a%20b.png"
    )
    assert body.one("span.card-detail").text == "PDF"
    assert safe(f"https://example.org/files/{ID}/a.png") == f"https://example.org/files/{ID}/a.png"


def test_a_javascript_link_is_plain_text() -> None:
    body = shown(block("paragraph", text("click", link="javascript:alert(1)")))
    assert not body.all("a")
    assert body.one("p").text == "click"


@pytest.mark.slow
def test_huge_and_hostile_pages_are_quick() -> None:
    store = Store()
    many = page(
        store, "Many", *(block("paragraph", "words ", text("bold", bold=True)) for _ in range(10_000))
    )
    wide = page(store, "Wide", table(*(row(*["x"] * 50) for _ in range(1_000))))
    slow = page(
        store,
        "Slow",
        *(block("code", f"{n}\n" + "a = (\n" * 2_000, language="perl") for n in range(40)),
        *(block("paragraph", {"type": "equation", "text": f"{n}" + "&" * 900}) for n in range(400)),
        *(NewBlock("table_of_contents", {}) for _ in range(100)),
        *(block("heading_1", f"h{n}") for n in range(500)),
    )
    for made in (many, wide, slow):
        answer = get(store, f"/p/{made}")
        assert answer.status_code == 200
        assert len(answer.content) < 20_000_000
