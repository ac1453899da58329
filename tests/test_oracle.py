"""An independent parser reads the same block tree."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "bench"))

from oracle import differences, ours, theirs  # noqa: E402 - bench/ is no package

from converters.blocks import Code  # noqa: E402
from converters.document import convert  # noqa: E402
from converters.frontmatter import split  # noqa: E402
from converters.parser import build  # noqa: E402

PARSER = build()

SAMPLES = [
    "# a\n\nb\nc\n===\n\n#not\n\n## d ##\n",
    "- a\n- b\n\n  c\n    - d\n\n1) x\n2) y\n\n   > z\n",
    "10. a\n11. b\n    1. c\n* d\n+ e\n",
    "> a\nb\n> - c\nd\n\n> > e\n> f\n",
    "```py title\nx\n\n y\n```\n\n~~~\n```\n~~~\n\n    code\n\n\tmore\n",
    "- ```\n  a\n ```\n- b\n\n      code\n",
    "| a | b |\n|---|:-:|\n| c \\| d | e |\n| f |\n\nafter\n",
    "| a |\n|---|---|\nno table\n",
    "<div>\n*a*\n\n*b*\n</div>\n\n<!-- c\n\nd -->\n\n<x-y>\nz\n",
    "a <b>c</b>\n<p>not a block\n",
    "***\n- - -\n_ _ _\na\n***\n",
    "[a]: b 'c'\n[d]: e\nf\n\n[g]:\n",
    "*a\n\n- \n\n  b\n-\n  c\n",
    "\ta\n\n  \tb\n- \tc\n\n\t\td\n",
    "a\n    b\n\n1. c\n\n\n       d\n",
    "\u00a0\n\u2028a\u0000\n",
    "a\\\nb  \nc\n- d\n",
    "- a\n  ***\n  b\n  # c\n",
]


@pytest.mark.parametrize("text", SAMPLES)
def test_both_parsers_see_the_same_blocks(text: str) -> None:
    assert differences(ours(PARSER, text), theirs(text)) == []


@pytest.mark.parametrize("file", sorted((ROOT / "fixtures").rglob("*.md")), ids=lambda file: file.parent.name)
def test_both_parsers_see_the_same_blocks_in_our_files(file: Path) -> None:
    text = split(file.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")).body
    assert differences(ours(PARSER, text), theirs(text)) == []


def test_the_comparison_tells_trees_apart() -> None:
    text = "# a\n\n- b\n  > c\n\n```\nd\n```\n"
    assert ours(PARSER, text) == [
        "0 heading 1", "0 list", "1 item", "2 text", "2 quote", "3 text", "0 code '' 1 lines, 1 characters",
    ]  # fmt: skip
    for other in (
        "## a\n\n- b\n  > c\n\n```\nd\n```\n",
        "# a\n\n- b\n\n> c\n\n```\nd\n```\n",
        "# a\n\n- b\n  > c\n\n```\ne!\n```\n",
    ):
        assert differences(ours(PARSER, text), theirs(other)) != []


def test_escapes_in_an_info_string_are_decoded() -> None:
    (code,) = convert('``` c\\+\\+ title="&copy;"\nx\n```\n', "a.md").blocks
    assert isinstance(code, Code)
    assert (code.language, [span.text for span in code.caption]) == ("c++", ["©"])  # type: ignore[union-attr]
