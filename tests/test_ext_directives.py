"""MyST: directives between back-ticks and between colons, their options, comments and breaks; fences of containers."""

from __future__ import annotations

import pytest
from outline import blocks

from converters.document import Options, convert
from converters.extensions import FLAVORS
from converters.extensions.directive_kinds import read_options


def tree(markdown: str, flavor: str = "myst") -> str:
    document = convert(markdown, "guide/page.md", Options(FLAVORS[flavor]))
    return " / ".join(line.partition(": ")[2] or line.strip() for line in blocks(document.blocks))


def said(markdown: str, flavor: str = "myst") -> list[str]:
    document = convert(markdown, "guide/page.md", Options(FLAVORS[flavor]))
    return [f"{item.line}:{item.column} {item.code}" for item in document.diagnostics]


@pytest.mark.parametrize(
    ("text", "named", "lines", "rest"),
    [
        (":a: b\n:c:\n\nd", {"a": "b", "c": ""}, 2, "\nd"),
        ("  :a: b\nd", {"a": "b"}, 1, "d"),
        ("---\na: b\nc:\n---\nd", {"a": "b", "c": ""}, 4, "d"),
        ("---\nd", {}, 0, "---\nd"),
        ("d\n:a: b", {}, 0, "d\n:a: b"),
        ("", {}, 0, ""),
    ],
)
def test_options(text: str, named: dict[str, str], lines: int, rest: str) -> None:
    options = read_options(text)
    assert (dict(options.named), options.lines, options.text) == (named, lines, rest)


@pytest.mark.parametrize(
    ("markdown", "expected", "codes"),
    [
        (":::{note}\n:class: a\nb\n:::", "Callout icon=📝 color=blue b", ["1:1 attributes-dropped"]),
        ("```{note}\n---\nclass: a\n---\nb\n```", "Callout icon=📝 color=blue b", ["1:1 attributes-dropped"]),
        ("- a\n  :::{tip}\n  :class: b\n  c\n  :::", "ListItem a / Callout color=green c", ["2:3 attributes-dropped"]),
        ("```{admonition} A\n:class: warning\nb\n```", "Callout icon=⚠️ color=yellow **A** / Paragraph b", ["1:1 attributes-dropped"]),
        (":::{figure} a.png\nThe *b* [c](d.md)\n\ne\n:::",
         "Media file:guide/a.png / caption The _b_ [c](page:guide/d.md) / Paragraph e", []),
        ("```{figure} a.png\n:alt: b\n```", "Media file:guide/a.png / caption b", []),
        (":::{image} a.png\n:alt: b\n:target: c.md\n:::", "Media file:guide/a.png / caption [b](page:guide/c.md)", []),
        ("```{figure-md} a\n![b](c.png)\n```", "Media file:guide/c.png / caption b", []),
        (":::{math}\n:label: a\nb\n:::", "Equation expression=b", []),
        (":::{code-block} js\n# a\n:::", "Code language=js '# a'", []),
        (":::{list-table}\n* - a\n:::", "Table / | a", []),
        ("```{list-table} T\n:header-rows: 0\n:stub-columns: 1\n* - a\n  - b\n\n    c\n* -\n  - [x] d\n```",
         "Paragraph **T** / Table row_header=True / | a | b⏎c / |  | ☑ d", []),
        ("```{list-table}\n* a\n```", "ListItem a", ["1:1 structure-degraded"]),
        ("```{list-table}\n```", "", ["1:1 structure-degraded"]),
        ("```{prf:lemma}\na\n```", "Callout icon=📝 color=blue **Lemma** / Paragraph a", []),
        ("```{prf:example} *B*\na\n```", "Callout icon=🧪 color=purple **Example (**_**B**_**)** / Paragraph a", []),
        ("```{exercise}\na\n```", "Callout icon=❓ color=yellow **Exercise** / Paragraph a", []),
        ("- x\n\n  :::{csv-table}\n  a, b\n  :::", "ListItem x / Code 'a, b' / caption csv-table",
         ["3:3 directive-kept"]),
        ("```{a} b\n:c: d\n```", "Code 'b\\n:c: d' / caption a", ["1:1 directive-kept"]),
        (":::{a} b\n*c*\n:::", "Callout icon=📝 **b** / Paragraph _c_", ["1:1 container-unknown"]),
        ("```{table} A\n| b |\n|---|\n| c |\n```", "Paragraph **A** / Table header=True / | b / | c", []),
        ("```{include} a.md\n```", "Paragraph [A](page:guide/a.md)", ["1:1 include-kept"]),
        ("```{literalinclude} a.py\n:lines: 1\n```", "Paragraph [A](file:guide/a.py)", ["1:1 attributes-dropped", "1:1 include-kept"]),
        ("```{iframe} https://a.org/b\n```", "Embed url=https://a.org/b", []),
        ("```{button-link} https://a.org/b\nc\n```", "Paragraph [c](https://a.org/b)", []),
        ("```{rubric} A\n```", "Paragraph **A**", []),
        (":::{card} A\n:link: b.md\nc\n:::", "Paragraph [**A**](page:guide/b.md) / Paragraph c", []),
        ("::::{grid} 1 2\n:::{grid-item}\na\n:::\n::::", "Paragraph a", []),
        ("```{epigraph}\na\n```", "Quote a", []),
        ("```{versionchanged} 2\n```", "Callout icon=ℹ️ color=blue **Changed in version ****2**", []),
        ("```{raw} html\n<b>a</b>\n```", "Paragraph **a**", []),
        ("```{raw} latex\na\n```", "Code 'latex\\na' / caption raw", ["1:1 directive-kept"]),
        ("% a\n% b\n\nc\n% d\ne", "Paragraph c / Paragraph e", ["1:1 comment-dropped", "5:1 comment-dropped"]),
        ("100 % a\n\n    % b", "Paragraph 100 % a / Code '% b'", []),
        ("a\n+++\nb\n\n+++ {}\n^^^", "Paragraph a / Paragraph b", []),
        ("++a\n\n+++a", "Paragraph ++a / Paragraph +++a", []),
        ("{{ a }}", "Paragraph `{{ a }}`", ["1:1 template-kept"]),
        ("[a](project:b.md#c) [d](path:e.zip) <doc:f>",
         "Paragraph [a](page:guide/b.md#c) [d](file:guide/e.zip) [doc:f](page:guide/f)", []),
        ("H{sub}`2`O {del}`a` {u}`b` {strong}`c` {emphasis}`d`", "Paragraph H₂O ~~a~~ __b__ **c** _d_", []),
        ("{a}`b`", "Paragraph `b`", ["1:1 role-kept"]),
    ],
)  # fmt: skip
def test_myst(markdown: str, expected: str, codes: list[str]) -> None:
    assert tree(markdown) == expected
    assert said(markdown) == codes


def test_a_formula_may_have_a_name_behind_it() -> None:
    document = convert("$$\na\n$$ (b)\n\n[c](#b)", "p.md", Options(FLAVORS["myst"]))
    assert "b" in document.anchors
    assert tree("$$\na\n$$ (b)") == "Equation expression=a"


def test_what_a_caption_links_to_stands_on_its_own_line() -> None:
    document = convert(
        "a\n\n```{figure} b.png\n:alt: c\n\nd\n[e](f.md)\n```", "p.md", Options(FLAVORS["myst"])
    )
    assert sorted((use.line, use.column) for use in document.links) == [(3, 1), (7, 1)]


@pytest.mark.parametrize(
    ("markdown", "expected", "codes"),
    [
        ("::: tip\na", "Callout color=green a", ["1:1 container-fence"]),
        ("a\n\n:::\n\nb", "Paragraph a / Paragraph b", ["3:1 container-fence"]),
        ("::: tip\na\n:::", "Callout color=green a", []),
        (":::: tip\n::: info\na\n:::\n::::", "Callout color=green / Callout icon=ℹ️ color=blue a", []),
    ],
)
def test_fences_that_have_no_other(markdown: str, expected: str, codes: list[str]) -> None:
    assert tree(markdown, "vitepress") == expected
    assert said(markdown, "vitepress") == codes


def test_attributes_behind_a_link_of_vitepress() -> None:
    assert tree('[a](b.md){target="_blank"} c', "vitepress") == "Paragraph [a](page:guide/b.md) c"
    assert said('[a](b.md){target="_blank"} c', "vitepress") == ["1:10 attributes-dropped"]
