"""Codes turned off for a line, a file, a folder."""

from __future__ import annotations

import pytest

from converters.blocks import Document
from converters.diagnostics import Diagnostic, Silence, diagnostic
from converters.document import Options, convert
from converters.silence import fault, judge


def silences(text: str) -> set[tuple[str, int]]:
    document = convert(text, "a.md")
    assert not [
        item for item in document.diagnostics if item.code in ("silence-invalid", "html-dropped-comment")
    ]
    return {(item.code, item.line) for item in document.silences}


def complaints(document: Document) -> list[tuple[int, str]]:
    return [(item.line, item.message) for item in document.diagnostics if item.code == "silence-invalid"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[x](y) <!-- pagemill: off link-broken -->\nnext\n", {1}),
        ("<!-- pagemill: off link-broken -->\n[x](y)\n", {1, 2}),
        ("a\n\n<!-- pagemill: off link-broken -->\n\n\n[x](y)\nmore\n", {3, 6}),
        ("<!--\npagemill: off\n  link-broken\n-->\n[x](y)\n", {1, 2, 3, 4, 5}),
        ("> <!-- pagemill: off link-broken -->\n>\n> [x](y)\n", {1, 3}),
        ("1. <!-- pagemill: off link-broken -->\n   [x](y)\n", {1, 2}),
        ("---\ntitle: T\n---\n<!--pagemill:off link-broken-->\ntext\n", {4, 5}),
        ("text\n\n<!-- pagemill: off link-broken -->", {3}),
        ("<!-- pagemill: off link-broken\n", {1, 2}),
    ],
)
def test_a_comment_silences_its_line_and_alone_the_next_one(text: str, lines: set[int]) -> None:
    assert silences(text) == {("link-broken", line) for line in lines}


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ("%% pagemill: off link-broken %%\n\ntext\n", "comments"),
        ("{/* pagemill: off link-broken */}\n\ntext\n", "mdx"),
    ],
)
def test_comments_of_other_tools_do_it_too(text: str, extension: str) -> None:
    document = convert(text, "a.md", Options(frozenset({extension})))
    assert {silence.line for silence in document.silences} == {1, 3}
    assert document.diagnostics == ()


def test_comments_before_one_line_add_up() -> None:
    text = "<!-- pagemill: off link-broken -->\n<!-- pagemill: off html-kept, link-case -->\nx\n"
    assert {code for code, line in silences(text) if line == 3} == {"link-broken", "html-kept", "link-case"}


def test_a_comment_before_another_one_speaks_of_it_and_of_the_text() -> None:
    text = "<!-- pagemill: off html-dropped-comment -->\n<!-- other -->\n\ntext <!-- too -->\nnot this <!-- c -->\n"
    document = convert(text, "a.md")
    assert {item.line for item in document.silences} == {1, 2, 4}
    left = judge(document.diagnostics, {"a.md": document.silences}, {})
    assert [(item.code, item.line) for item in left] == [("html-dropped-comment", 5)]


@pytest.mark.parametrize(
    "front",
    [
        "---\npagemill:\n  off: [html-kept]\n---\n",
        "---\npagemill: {off: html-kept}\n---\n",
        '+++\n[pagemill]\noff = ["html-kept"]\n+++\n',
        '{\n"pagemill": {"off": ["html-kept"]}\n}\n',
    ],
)
def test_the_front_matter_silences_the_file_and_is_no_property(front: str) -> None:
    document = convert(front + "# T\n", "a.md")
    assert document.silences == (Silence("html-kept"),)
    assert "pagemill" not in document.properties
    assert document.diagnostics == ()


def test_what_cannot_be_turned_off_is_said_with_the_nearest_name() -> None:
    text = "---\npagemill: {off: [html-kpet, encoding]}\n---\n\n<!-- pagemill: off nonsense -->\n<!-- pagemill: of -->\n"
    document = convert(text, "a.md")
    assert document.silences == ()
    found = complaints(document)
    assert [line for line, _ in found] == [2, 2, 5, 6]
    assert any("“html-kept”" in message for _, message in found)
    assert any("cannot be turned off" in message for _, message in found)


@pytest.mark.parametrize("value", ["5", "[html-kept]", "{of: [html-kept]}", "{off: 5}", "{off: [1]}"])
def test_a_key_of_the_wrong_shape_is_ignored_and_said(value: str) -> None:
    document = convert(f"---\npagemill: {value}\n---\n", "a.md")
    assert document.silences == ()
    assert [(item.code, item.line) for item in document.diagnostics] == [("front-matter-type", 2)]


def test_other_comments_say_nothing() -> None:
    document = convert("<!-- pagemills: off html-kept -->\n<!-- off html-kept -->\n", "a.md")
    assert document.silences == ()
    assert {item.code for item in document.diagnostics} == {"html-dropped-comment"}


def item(code: str, line: int = 1, path: str = "a.md") -> Diagnostic:
    return diagnostic(code, "said", path, line, 1)


def left(*items: Diagnostic, **how: object) -> list[tuple[str, int, str]]:
    arguments: dict[str, object] = {"off": {}, "levels": {}, **how}
    return [(found.code, found.line, found.severity) for found in judge(items, **arguments)]  # type: ignore[arg-type]


def test_judge_takes_out_what_is_silenced() -> None:
    off = {"a.md": (Silence("html-kept"), Silence("link-broken", 2))}
    assert left(item("html-kept", 9), item("link-broken", 2), item("link-broken", 3), off=off) == [
        ("link-broken", 3, "warning")
    ]
    assert left(item("html-kept", 9, "b.md"), off=off) == [("html-kept", 9, "info")]


def test_judge_sets_the_folders_severities_and_then_the_strict_ones() -> None:
    levels = {"html-kept": "warning", "link-broken": "info", "link-case": "off"}
    found = (item("html-kept"), item("link-broken"), item("link-case"), item("link-unsafe"), item("encoding"))
    assert left(*found, levels=levels) == [
        ("html-kept", 1, "warning"), ("link-broken", 1, "info"), ("link-unsafe", 1, "warning"), ("encoding", 1, "error"),
    ]  # fmt: skip
    assert [severity for *_, severity in left(*found, levels=levels, strict=True)] == [
        "error", "info", "error", "error",
    ]  # fmt: skip


def test_errors_stay_errors_whatever_is_said() -> None:
    off = {"a.md": (Silence("encoding"),)}
    assert left(item("encoding"), off=off, levels={"encoding": "off"}) == [("encoding", 1, "error")]
    assert "cannot be turned off" in fault("encoding")
    assert fault("link-broken") == ""


def test_many_comments_take_linear_time() -> None:
    count = 3_000
    document = convert("<!-- pagemill: off link-broken -->\n\n" * count + "x\n", "a.md")
    assert len({silence.line for silence in document.silences}) == count + 1
