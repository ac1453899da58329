"""A hostile folder, published by the real command and read in a real browser: words, and nothing that runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from chromium import Browser
from command import pagemill, serving

pytestmark = pytest.mark.slow

OWNED = "document.documentElement.dataset.owned"
SVG = f"<svg xmlns='http://www.w3.org/2000/svg' onload='{OWNED}=1'><script>{OWNED}=1</script><text>drawn</text></svg>"
HTML = f"""\
---
title: "<script>{OWNED}=1</script>Hostile"
icon: "javascript:{OWNED}=1"
cover: "javascript:{OWNED}=1"
---
<script>{OWNED}=1</script>

<img src=x onerror="{OWNED}=1"> text <b onclick="{OWNED}=1">bold</b>

{SVG}

<iframe src="javascript:parent.{OWNED}=1"></iframe>

<style>main {{ display: none }}</style><base href="https://evil.example/"><meta http-equiv="refresh" content="0">

[run](javascript:{OWNED}=1) [tab](java&#9;script:{OWNED}=1) [data](data:text/html,<script>{OWNED}=1</script>)
<javascript:{OWNED}=1> ![img](javascript:{OWNED}=1) [ref]

[ref]: JAVASCRIPT:{OWNED}=1 "onmouseover={OWNED}=1"

![svg](data:image/svg+xml;base64,PHN2Zy8+) ![rel](x.svg)

$\\href{{javascript:{OWNED}=1}}{{x}} \\text{{<script>{OWNED}=1</script>}}$

```"><script>{OWNED}=1</script>
</code></pre><script>{OWNED}=1</script>
```

> [!NOTE] "><script>{OWNED}=1</script>

| <script>{OWNED}=1</script> | [x](vbscript:x) |
|---|---|
| </td></table><script>{OWNED}=1</script> | `<svg onload={OWNED}=1>` |
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    made = Browser(tmp_path_factory.mktemp("profile"))
    yield made
    made.close()


def published(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / "docs").mkdir(exist_ok=True)
        (root / "docs" / name).write_text(text, encoding="utf-8")
    result = pagemill("publish", "docs", "--workspace", "w.db", cwd=root)
    assert "Traceback" not in result.err
    assert result.code == 0, result.err


def pages(root: Path) -> dict[str, str]:
    """Ids of the pages by title."""
    with sqlite3.connect(root / "w.db") as db:
        return dict(db.execute("SELECT title, id FROM node WHERE title IS NOT NULL"))


def assert_harmless(browser: Browser) -> None:
    browser.until("document.querySelector('.theme:not([hidden])')")  # our own script has run
    for element in ("a[href]", "summary", "main p"):
        browser.run(f"document.querySelectorAll('main {element}').forEach((node) => node.dispatchEvent("
                    "new MouseEvent('mouseover', {bubbles: true})))")  # fmt: skip
    assert browser.run(f"{OWNED} === undefined")
    assert (
        browser.run("document.querySelectorAll('main :is(script, style, iframe, base, meta, object)').length")
        == 0
    )
    assert browser.run(
        "[...document.querySelectorAll('*')].flatMap((node) => [...node.attributes])"
        ".filter((found) => found.name.startsWith('on') || /^\\s*(java|vb)script:/i.test(found.value)).length"
    ) == 0  # fmt: skip
    assert browser.run("getComputedStyle(document.querySelector('main')).display") == "block"


def test_hostile_markdown_shows_as_words(tmp_path: Path, browser: Browser) -> None:
    published(tmp_path, {"index.md": "# Top\n\n[hostile](hostile.md)\n", "hostile.md": HTML, "x.svg": SVG})
    found = next(id for title, id in pages(tmp_path).items() if "Hostile" in title)
    browser.problems.clear()
    with serving(tmp_path, "--workspace", "w.db") as url:
        for path in (f"/p/{found}", f"/p/{found}/history", "/", "/recent", "/search?q=%3Cscript%3E"):
            browser.open(url + path)
            assert_harmless(browser)
        browser.open(f"{url}/p/{found}")
        assert "run" in browser.run("document.querySelector('main').innerText")
        assert browser.run("document.querySelectorAll('main a').length") == 0
        assert browser.run("document.title").startswith("<script>")
        browser.open("about:blank")
    assert browser.problems == []


def test_a_huge_table_and_deep_lists_stay_readable(tmp_path: Path, browser: Browser) -> None:
    wide = "\n".join("|" + "|".join(f"{row}.{column}" for column in range(60)) + "|" for row in range(150))
    table = wide.replace("\n", "\n|" + "-|" * 60 + "\n", 1)
    deep = "\n".join("  " * level + f"- level {level}" for level in range(60))
    long = "# Long\n\n" + "x" * 100_000 + "\n\n" + ">" * 80 + " quoted\n"
    published(
        tmp_path, {"table.md": f"# Table\n\n{table}\n", "deep.md": f"# Deep\n\n{deep}\n", "long.md": long}
    )
    found = pages(tmp_path)
    with serving(tmp_path, "--workspace", "w.db") as url:
        for title in ("Table", "Deep", "Long"):
            for width in (390, 1280):
                browser.size(width, 800)
                browser.open(f"{url}/p/{found[title]}")
                assert_harmless(browser)
                assert browser.run("document.documentElement.scrollWidth <= innerWidth"), title
        browser.open(f"{url}/p/{found['Table']}")
        assert browser.run("document.querySelectorAll('main tr').length") == 150
        browser.open("about:blank")


def test_an_uploaded_drawing_runs_nothing(tmp_path: Path, browser: Browser) -> None:
    with serving(tmp_path, "--workspace", "w.db") as url:
        headers = {"Authorization": "Bearer t", "Notion-Version": "2026-03-11"}
        with httpx.Client(base_url=url, headers=headers) as client:
            made = client.post("/v1/file_uploads", json={"filename": "x.svg"}).json()
            files = {"file": ("x.svg", SVG.encode(), "image/svg+xml")}
            assert client.post(f"/v1/file_uploads/{made['id']}/send", files=files).status_code == 200
            image = {"image": {"file_upload": {"id": made["id"]}}}
            page = client.post("/v1/pages", json={"parent": {"workspace": True}, "children": [image]}).json()
            block = client.get(f"/v1/blocks/{page['id']}/children").json()["results"][0]
        browser.open(f"{url}/p/{page['id']}")
        assert_harmless(browser)
        browser.until("document.querySelector('main img').naturalWidth > 0")
        browser.call("Page.navigate", url=block["image"]["file"]["url"])  # no script, no timers to wait with
        while browser.run("document.documentElement.localName") != "svg":
            pass
        assert browser.run(f"{OWNED} === undefined")
        assert browser.run("self.origin") == "null"  # sandboxed: no business with the workspace
        browser.open("about:blank")
