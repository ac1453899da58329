"""The golden cases: fixtures/blocks/<case>/input.md, what document it is, and what each service is sent."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from outline import outline
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation

from converters.blocks import Document
from converters.dialects import DIALECTS
from converters.document import Options, convert_bytes
from converters.extensions import FLAVORS
from publisher.including import of_directory

CASES = Path(__file__).parent.parent / "fixtures" / "blocks"
SENTENCE = re.compile(r"[A-Z“<`\d].*[.?]", re.DOTALL)
NAMES = sorted(folder.name for folder in CASES.iterdir() if folder.is_dir())


class InFolder(SingleFileSnapshotExtension):
    """Keeps a golden beside its input."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(CASES)

    @classmethod
    def get_location(cls, *, test_location: PyTestLocation, index: Any) -> str:
        return str(CASES / f"{index}.{cls.file_extension}")

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: Any = 0) -> str:
        return str(index).rpartition("/")[2]


class JsonInFolder(InFolder):
    file_extension = "json"


def converted(case: str) -> Document:
    """The case's document; a file `options.toml` may name its `flavor` and further `extensions`.

    What it includes is in `files`.
    """
    file = CASES / case / "options.toml"
    wanted = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    names = FLAVORS[wanted.get("flavor", "github")] | set(wanted.get("extensions", ()))
    options = Options(extensions=names)
    content = of_directory(CASES / case / "files", options)(
        f"guide/{case}.md", (CASES / case / "input.md").read_bytes()
    )
    return convert_bytes(content.data, f"guide/{case}.md", options, content.parts)


@pytest.mark.parametrize("case", NAMES)
def test_the_document_is_as_kept(case: str, snapshot: SnapshotAssertion) -> None:
    document = converted(case)
    assert outline(document) == snapshot(name=f"{case}/document", extension_class=InFolder)


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize("case", NAMES)
def test_the_block_inputs_are_as_kept(case: str, dialect: str, snapshot: SnapshotAssertion) -> None:
    document = converted(case)
    inputs, _ = DIALECTS[dialect].encode(document.blocks, document.path)
    sent = [json.loads(DIALECTS[dialect].render(item)) for item in inputs]
    text = json.dumps(sent, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    assert text == snapshot(name=f"{case}/expected.{dialect}", extension_class=JsonInFolder)


def test_messages_are_sentences() -> None:
    said = set()
    for case in NAMES:
        document = converted(case)
        sent = (item for dialect in DIALECTS.values() for item in dialect.encode(document.blocks, case)[1])
        said |= {item.message for item in (*document.diagnostics, *sent)}
    assert [text for text in sorted(said) if not SENTENCE.fullmatch(text)] == []
    assert len(said) > 100


def test_every_case_has_an_input() -> None:
    assert [name for name in NAMES if not (CASES / name / "input.md").is_file()] == []
    assert len(NAMES) >= 40
