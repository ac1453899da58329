"""What a service refuses is named by the line of the file, for both services and every kind of request."""

from __future__ import annotations

from pathlib import Path

import pytest
from pictures import png
from site_folder import Site, actions

from converters.dialects.base import BlockInput, PageHead
from publisher.emulator.buildin import rich as buildin_rich
from publisher.emulator.check import At, invalid, string
from publisher.emulator.notion import rich as notion_rich
from publisher.emulator.switches import Switches
from publisher.errors import PagemillError, RejectedError, UploadError
from publisher.known import KnownPage
from publisher.planning.ops import Append, CreatePage, DeleteBlock, Op, UpdateBlock, UpdatePage
from publisher.refused import REASON, naming, of_record
from publisher.report import Report
from publisher.wording import page_line

PAGE = KnownPage("guide/a", "id", "", "", "A", path="guide/a.md")


def picky(value: object, at: At, *, limit: int | None = None, least: int = 0) -> str:
    """As the embedded workspace, but it does not take one word."""
    if "forbidden" in (text := string(value, at, limit=limit, least=least)):
        raise invalid(at, "should hold no such word.")
    return text


@pytest.fixture(params=["notion", "buildin"])
def site(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    for rich in (notion_rich, buildin_rich):
        monkeypatch.setattr(rich, "string", picky)
    return Site(tmp_path, {"dialect": request.param, "root": "none", "flavor": "mkdocs"})


def note(report: Report, path: str) -> str:
    """What the person at the terminal reads below the page's line."""
    page = next(page for page in report.pages if page.path == path)
    assert page.action == "failed"
    return page_line(page, 80).partition("\n")[2].strip()


def service(site: Site) -> str:
    return str(site.options["dialect"]).capitalize()


def test_a_new_page(site: Site) -> None:
    site.write("guide/a.md", "---\nicon: 🦊\n---\n# A\n\nFine.\n\n- one\n- two\n    - a forbidden item\n")
    site.write("b.md", "# B\n\nFine.\n")
    report = site.publish()
    assert actions(report)["b.md"] == "create"
    said = note(report, "guide/a.md")
    start = f"guide/a.md:10: {service(site)} refused this bulleted list item “a forbidden item”: "
    assert said.startswith(start + "rich_text[0].")
    assert "should hold no such word. (validation_error, request id " in said
    assert "Change it there and publish again" in said
    assert "children" not in said
    site.write("guide/a.md", "# A\n\nFine.\n")
    assert actions(site.publish())["guide/a.md"] == "create"


def test_what_is_appended(site: Site) -> None:
    site.write("a.md", "# A\n\nFirst.\n\nLast.\n")
    site.publish()
    table = "| a | b |\n|---|---|\n| c | forbidden |\n"
    site.write("a.md", f"# A\n\nFirst.\n\nNew.\n\n{table}\nLast.\n")
    said = note(site.publish(), "a.md")
    assert said.startswith(f"a.md:9: {service(site)} refused this table row “c forbidden”: cells[1][0]")


def test_an_update(site: Site) -> None:
    site.write("a.md", "# A\n\nFirst.\n\nLast.\n")
    site.publish()
    site.write("a.md", "# A\n\nFirst.\n\nLast forbidden.\n")
    said = note(site.publish(), "a.md")
    assert said.startswith(f"a.md:5: {service(site)} refused this paragraph “Last forbidden.”: rich_text[0]")


def test_what_a_file_includes_is_where_it_is_asked_for(site: Site) -> None:
    site.write("a.md", '# A\n\nFirst.\n\n--8<-- "part.txt"\n\nLast.\n')
    site.write("part.txt", "Some.\n\nSome forbidden.\n")
    assert note(site.publish(), "a.md").startswith(
        f"a.md:5: {service(site)} refused this paragraph “Some forbidden.”"
    )


def test_a_title(site: Site) -> None:
    site.write("a.md", "# A forbidden title\n\nFirst.\n")
    said = note(site.publish(), "a.md")
    assert said.startswith(f"a.md: {service(site)} refused the page's title or properties: properties.title")
    assert "first heading" in said


def test_a_property(site: Site) -> None:
    site.options |= {"database": "Tasks", "properties": {"state": "rich_text"}}
    for name in "ab":
        site.write(f"{name}.md", f"---\ntitle: {name}\nstate: fine\n---\n\nText.\n")
    site.publish()
    for name in "ab":
        site.write(f"{name}.md", f"---\ntitle: {name}\nstate: {'forbidden' * (name == 'b')}\n---\n\nText.\n")
    report = site.publish()
    assert actions(report)["a.md"] == "update"
    assert note(report, "b.md").startswith(f"b.md:3: {service(site)} refused `state`: ")


@pytest.mark.parametrize("site", ["notion"], indirect=True)  # the limit of Buildin is known before
def test_a_picture(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.emulator.switches.LOCAL", Switches(notion_max_file=20))
    site.write("img/a.png", png(7))
    site.write("a.md", "# A\n\nFirst.\n\n- item\n\n    ![A](img/a.png)\n")
    said = note(site.publish(), "a.md")
    assert said.startswith("a.md:7: img/a.png could not be uploaded. Notion answered POST /v1/file_uploads")


# -- the words of the services ---------------------------------------------------------------------------------------


def text(words: str, line: int, *children: BlockInput) -> BlockInput:
    return BlockInput(
        "paragraph", b'{"rich_text":[{"text":{"content":"%s"}}]}' % words.encode(), children, line=line
    )


BLOCKS = (text("one", 3), text("two", 0, text("deep", 0), text("deeper", 8)), text("x" * 50, 40))
HEAD = PageHead(b"{}")


def told(op: Op, *words: str, status: int = 400, code: str = "validation_error") -> str:
    error = RejectedError("It was refused.", status=status, code=code, words=words)
    with pytest.raises(RejectedError) as caught, naming(op, PAGE, "notion"):
        raise error
    assert (caught.value.status, caught.value.code, caught.value.words) == (status, error.code, words)
    return caught.value.message.removesuffix(" (validation_error)")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "body failed validation: body.children[0].paragraph.rich_text should be defined.",
            "guide/a.md:3: Notion refused this paragraph “one”: rich_text should be defined.",
        ),
        (
            "body failed validation. Fix one: body.children[1].paragraph.children[1].to_do should be defined.",
            "guide/a.md:8: Notion refused this paragraph “deeper”: should be defined.",
        ),
        (
            "body.children[1].paragraph.children[0].type is unknown",
            "guide/a.md: Notion refused this paragraph “deep”: is unknown",
        ),
        (
            "Unsupported block type at children[2]",
            f"guide/a.md:40: Notion refused this paragraph “{'x' * 39}…”: Unsupported block type at this block",
        ),
        ("Invalid URL for link.", "guide/a.md:3-40: Notion refused what one of these lines became: Invalid URL for link."),
        (
            "body failed validation: body.icon.emoji should be one.",
            "guide/a.md: Notion refused the page's icon: icon.emoji should be one.",
        ),
        ("body failed validation: body.parent.page_id should be a valid uuid.", "It was refused."),
        ("Can't edit block that is archived.", "It was refused."),
    ],
)  # fmt: skip
def test_creations(words: str, message: str) -> None:
    assert told(CreatePage("@page", "", HEAD, BLOCKS), words) == message


def test_places_apart_from_the_sentence() -> None:
    place = "at children[0].paragraph.rich_text: too_long (limit 100, actual 101)"
    assert told(Append("p", "", BLOCKS), "Invalid body.", place).endswith(
        "guide/a.md:3: Notion refused this paragraph “one”: rich_text: too_long (limit 100, actual 101)"
    )


def test_updates_and_single_blocks() -> None:
    update = UpdateBlock("b", BLOCKS[1])
    assert told(update, "body.paragraph.icon is no icon").startswith(
        "guide/a.md: Notion refused this paragraph “two”"
    )
    said = told(Append("p", "", BLOCKS[:1]), "long " * 100)
    assert said.startswith("guide/a.md:3: Notion refused this paragraph “one”: long")
    assert len(said) < REASON + 60


@pytest.mark.parametrize(
    "op", [CreatePage("@page", "", HEAD, BLOCKS), UpdatePage("p"), Append("p", "", BLOCKS)]
)
@pytest.mark.parametrize(
    ("status", "code"), [(404, "object_not_found"), (400, "missing_version"), (413, "http_413")]
)
def test_what_is_no_matter_of_content_passes(op: Op, status: int, code: str) -> None:
    assert told(op, "Could not find children[0].", status=status, code=code) == "It was refused."


def test_a_deletion_has_no_line() -> None:
    assert told(DeleteBlock("b"), "Not valid.") == "It was refused."


def test_a_picture_is_named_by_its_address() -> None:
    content = b'{"caption":[],"external":{"url":"https://e.org/a.png"}}'
    said = told(Append("p", "", (BlockInput("image", content, line=2),)), "Invalid image URL.")
    assert said == "guide/a.md:2: Notion refused this image “https://e.org/a.png”: Invalid image URL."


def test_a_file_that_no_block_shows_is_of_the_page() -> None:
    with pytest.raises(PagemillError) as caught, naming(UpdatePage("p"), PAGE, "notion"):
        raise UploadError("a.png cannot be read.", "Make it readable.", hash="0" * 32)
    assert str(caught.value) == "guide/a.md: a.png cannot be read.\nMake it readable."


def test_properties_by_their_longest_name() -> None:
    error = RejectedError(
        "no", status=400, code="validation_error", words=("body.properties.Due date.date is none",)
    )
    said = of_record(error, PAGE, ["Due", "Due date"], {"due": 2, "due date": 4}, "buildin").message
    assert (
        said
        == "guide/a.md:4: Buildin refused `Due date`: properties.Due date.date is none (validation_error)"
    )
    gone = RejectedError("no", status=404, code="c")
    assert of_record(gone, PAGE, ["Due"], {}, "buildin") is gone
