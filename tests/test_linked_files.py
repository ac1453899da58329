"""Files that text links to stand in blocks of their own, and on Buildin behind the creation of their page."""

from __future__ import annotations

import json

import pytest

from converters.blocks import FileRef, Heading, ListItem, Media, PageRef, Paragraph, Span, Table
from converters.dialects import DIALECTS
from converters.dialects.base import BlockInput, PageHead, resolve
from converters.dialects.uploads import upload_address, uploads
from converters.document import convert
from publisher.facts import facts_of
from publisher.planning.files import LocalFile, with_linked_files
from publisher.planning.limits import DEFAULT
from publisher.planning.ops import END, START, Append, CreatePage
from publisher.planning.order import NewPage, order, page_handle
from publisher.planning.packing import Handles

FILES = {f"{name}.pdf": LocalFile(f"{name}.pdf", f"{name * 20}", 10, "application/pdf") for name in "abc"}
HEAD = PageHead(b'{"title":[]}')


def find(ref: PageRef | FileRef) -> LocalFile | None:
    return FILES.get(ref.path) if isinstance(ref, FileRef) else None


def link(name: str) -> tuple[Span, ...]:
    return (Span("see "), Span(name, link=FileRef(f"{name}.pdf")))


def encoded(*blocks: object) -> tuple[BlockInput, ...]:
    return DIALECTS["notion"].encode(blocks, "x.md")[0]  # type: ignore[arg-type]


def shown(block: BlockInput) -> str:
    url = json.loads(block.content)["file"]["url"]
    assert block.type == "file"
    return str(url).removeprefix("pagemill:upload/")[0]


def test_a_linked_file_stands_inside_the_block_that_links_to_it_first() -> None:
    inner = Paragraph(link("b"))
    done = with_linked_files(
        encoded(Paragraph(link("a")), ListItem(link("a"), children=(inner,)), Paragraph((Span("no"),))), find
    )
    assert [[shown(child) for child in block.children if child.type == "file"] for block in done] == [
        ["a"],
        [],
        [],
    ]
    assert [shown(child) for child in done[1].children[0].children] == ["b"]


def test_what_holds_no_blocks_has_its_files_at_the_end_and_nothing_changes_its_place() -> None:
    blocks = encoded(Heading(2, link("c")), Table(((link("a"),), (link("b"),))), Paragraph(link("c")))
    done = with_linked_files(blocks, find)
    assert done[:3] == blocks
    assert [shown(block) for block in done[3:]] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("| a |\n|---|\n| ![one](a.pdf) and ![two](b.pdf) ![again](a.pdf) |\n\nend\n\n## Head\n", 3),
        ('<table>\n<tr><td><img src="a.pdf" alt="one"></td></tr><tr><td><ul><li>t<img src="b.pdf"></li></ul></td></tr>\n'
         '</table>\n\nend\n\n## Head\n', 2),
    ],
)  # fmt: skip
def test_what_a_table_shows_stands_right_below_it_and_links_to_headings_hit(text: str, line: int) -> None:
    document = convert(text, "x.md")
    blocks = DIALECTS["notion"].encode(document.blocks, "x.md")[0]
    done = [resolve(block, lambda ref: upload_address(FILES[ref.path].hash)) for block in blocks]  # type: ignore[union-attr]
    assert [block.type for block in done] == ["table", "pdf", "pdf", "paragraph", "heading_2"]
    assert uploads(block.content for block in done) == (FILES["a.pdf"].hash, FILES["b.pdf"].hash)
    assert with_linked_files(blocks, find) == blocks
    assert facts_of(document, text.encode(), blocks, ()).anchors == {"head": 4}
    assert {(item.code, item.line) for item in document.diagnostics} >= {("image-inline", line)}


def test_where_no_file_goes_up_the_words_of_a_cell_stay() -> None:
    text = "| a |\n|---|\n| x ![words](a.png) |\n"
    blocks = DIALECTS["notion"].encode(convert(text, "x.md").blocks, "x.md")[0]
    table, below = (resolve(block, lambda _: None) for block in blocks)
    assert b"x words" in table.children[1].content
    assert (below.type, b"words" in below.content) == ("paragraph", True)


def test_pictures_and_files_that_do_not_go_up_add_nothing() -> None:
    blocks = encoded(Media(FileRef("a.pdf")), Paragraph((Span("x", link=FileRef("gone.pdf")),)))
    assert with_linked_files(blocks, find) == blocks


def picture(name: str) -> BlockInput:
    (block,) = encoded(Media(FileRef(name)))
    return resolve(block, lambda _: upload_address(name * 20))


def text(words: str) -> BlockInput:
    return encoded(Paragraph((Span(words),)))[0]


@pytest.mark.parametrize("parent", [False, True])
def test_where_files_need_their_page_first_they_come_right_after_it(parent: bool) -> None:
    blocks = (text("one"), picture("a"), text("two"), picture("b"))
    pages = [NewPage("p", HEAD, blocks)]
    if parent:
        pages.append(NewPage("q", HEAD, (), parent="p"))
    together = order(pages, (), DEFAULT, Handles())
    assert [len(step.ops) for step in together] == [1] * len(pages)
    steps = order(pages, (), DEFAULT, Handles(), page_first=True)
    ops = [op for step in steps for op in step.ops if step.key == "p"]
    create, *later = ops
    assert isinstance(create, CreatePage)
    assert uploads(block.content for block in create.children) == ()
    (append,) = later
    assert isinstance(append, Append)
    assert append.parent == page_handle("p")
    assert append.after == (START if parent else END)  # the pages below stand behind it
    assert create.children + append.blocks == blocks


def test_a_long_page_with_a_picture_at_its_end_costs_nothing_more() -> None:
    blocks = (*(text(str(number)) for number in range(150)), picture("a"))
    whole = order([NewPage("p", HEAD, blocks)], (), DEFAULT, Handles())
    late = order([NewPage("p", HEAD, blocks)], (), DEFAULT, Handles(), page_first=True)
    assert [len(step.ops) for step in whole] == [2]
    assert sum(len(step.ops) for step in late) == 2
    assert [step.needs for step in late] == [(), (0,)]
