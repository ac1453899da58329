"""Uploaded files in content: names by hash, references in requests, and the way back from an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.blocks import FileRef, Media, Paragraph, Span, Url
from converters.dialects import DIALECTS
from converters.dialects.base import BlockInput, PageHead, Resolver, parse_address, resolve, resolve_head
from converters.dialects.uploads import (
    HASH_LENGTH,
    NAME_LIMIT,
    Hosted,
    attach,
    hash_of,
    hosted_name,
    upload_address,
    uploads,
)

HASH = "0123456789abcdef0123"
OTHER = "f" * HASH_LENGTH
NOTION = Hosted("file_upload", {"id": "u-1"}, "a plan.pdf")
BUILDIN = Hosted("file", {"oss_name": "o/1", "size": 7})


def uploaded(hash: str = HASH) -> Resolver:
    return lambda ref: upload_address(hash) if isinstance(ref, FileRef) else None


def picture(service: str, hash: str = HASH, kind: Any = "image") -> BlockInput:
    media = Media(FileRef("a b.png"), kind, (Span("shown"),))
    (block,), _ = DIALECTS[service].encode([media], "x.md")
    return resolve(block, uploaded(hash))


@given(st.text(min_size=1).map(lambda name: name.replace("/", "_")), st.sampled_from([HASH, OTHER]))
def test_the_name_of_an_upload_tells_its_hash(name: str, hash: str) -> None:
    hosted = hosted_name(name, hash)
    assert len(hosted) <= NAME_LIMIT
    assert hash_of(f"https://files.example/7b8b/{hosted.replace('?', '%3F')}?signature=1#x") == hash


@pytest.mark.parametrize(
    "url", ["https://files.example/a.png", f"https://x.example/{HASH}.png", f"https://x/{HASH}/a.png", ""]
)
def test_other_addresses_tell_none(url: str) -> None:
    assert hash_of(url) == ""


@pytest.mark.parametrize("service", ["notion", "buildin"])
def test_a_resolved_picture_names_its_bytes_and_is_done(service: str) -> None:
    block = picture(service)
    assert json.loads(block.content)["file"] == {"url": upload_address(HASH)}
    assert not block.symbolic
    assert uploads([block.content]) == (HASH,)
    assert block == resolve(block, uploaded(OTHER))  # nothing is left to fill in
    assert block.digest != picture(service, OTHER).digest
    assert parse_address(upload_address(HASH)) is None


@pytest.mark.parametrize("service", ["notion", "buildin"])
def test_text_cannot_link_to_an_uploaded_file(service: str) -> None:
    text = (
        Span("the plan", link=FileRef("a.pdf")),
        Span(" and "),
        Span("more", link=Url("https://x.example/")),
    )
    (block,), _ = DIALECTS[service].encode([Paragraph(text)], "x.md")
    done = resolve(block, uploaded())
    assert uploads([done.content]) == ()
    assert [item["text"]["content"] for item in json.loads(done.content)["rich_text"]] == [
        "the plan and ",
        "more",
    ]


def test_requests_hold_the_services_references() -> None:
    notion = DIALECTS["notion"].render(picture("notion"))
    image = json.loads(attach(notion, {HASH: NOTION}.__getitem__))["image"]
    assert image["file_upload"] == {"id": "u-1"}
    assert "file" not in image
    assert "name" not in image
    buildin = DIALECTS["buildin"].render(picture("buildin"))
    assert json.loads(attach(buildin, {HASH: BUILDIN}.__getitem__))["image"]["file"] == {
        "oss_name": "o/1",
        "size": 7,
    }


def test_a_file_block_of_notion_shows_the_files_own_name() -> None:
    rendered = DIALECTS["notion"].render(picture("notion", kind="file"))
    done = json.loads(attach(rendered, {HASH: NOTION}.__getitem__))
    assert done["file"]["file_upload"] == {"id": "u-1"}
    assert done["file"]["name"] == "a plan.pdf"
    assert done["file"]["caption"][0]["text"]["content"] == "shown"


def test_nested_files_and_heads_are_found() -> None:
    toggle = BlockInput("toggle", b'{"rich_text":[]}', (picture("notion"), picture("notion", OTHER)))
    rendered = DIALECTS["notion"].render(toggle)
    assert uploads([rendered]) == (HASH, OTHER)
    done = attach(rendered, lambda hash: Hosted("file_upload", {"id": hash}))
    assert uploads([done]) == ()
    assert HASH.encode() in done
    assert OTHER.encode() in done
    cover = b'{"external":{"url":"pagemill:file/a.png"},"type":"external"}'
    head = resolve_head(PageHead(b"{}", b"null", cover), uploaded())
    assert json.loads(attach(head.cover, {HASH: NOTION}.__getitem__)) == {
        "type": "file_upload",
        "file_upload": {"id": "u-1"},
    }


def test_what_only_looks_like_a_name_in_text_stays() -> None:
    text = f'"file":{{"url":"{upload_address(HASH)}"}}'
    (block,), _ = DIALECTS["notion"].encode([Paragraph((Span(text),))], "x.md")
    assert attach(DIALECTS["notion"].render(block), {}.__getitem__) == DIALECTS["notion"].render(block)


@pytest.mark.parametrize("service", ["notion", "buildin"])
def test_reading_gives_back_what_was_meant(service: str) -> None:
    ours = picture(service)
    caption = json.loads(ours.content)["caption"]
    url = f"https://files.example/ab/{hosted_name('a b.png', HASH)}?X-Signature=2"
    file = {"url": url, "expiry_time": "2026-01-01T00:00:00.000Z"}
    block = {"id": "1", "type": "image", "image": {"type": "file", "file": file, "caption": caption}}
    read = DIALECTS[service].read(block)
    assert read.input == ours
    file["url"] = "https://files.example/ab/theirs.png?X-Signature=3"  # somebody put another picture there
    assert DIALECTS[service].read(block).input != ours
