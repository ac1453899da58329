"""The generated pages are those that the code would generate now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from converters.diagnostics import CODES
from converters.extensions import EXTENSIONS

DOCS = Path(__file__).parent.parent / "docs"


def test_generated_pages_are_up_to_date_and_every_extension_has_a_sample() -> None:
    done = subprocess.run([sys.executable, DOCS / "make.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_code_has_its_entry() -> None:
    text = (DOCS / "diagnostics.md").read_text("utf-8")
    for code, about in CODES.items():
        assert f"\n### {code}\n\n{about.help}\n" in text


def test_every_extension_has_a_table() -> None:
    text = (DOCS / "mapping.md").read_text("utf-8")
    for name, extension in EXTENSIONS.items():
        section = text.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
        assert "| written | in Notion | in Buildin |" in section, name
        assert extension.summary[1:] in section
