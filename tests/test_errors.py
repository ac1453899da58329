"""Every error that a person can meet says what to do next."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import publisher
from publisher import errors, streaming

NAMES = {
    name
    for module in (errors, streaming)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, errors.PagemillError)
}
SPEAKING = {
    "FileChangedError",  # becomes a conflict where it is caught
    "TrashedError",  # its sentence ends with what helps
}
SAID_BY_OTHERS = {("git.py", "UsageError")}  # git's own words, hints among them


@cache
def raised() -> list[tuple[str, ast.Call, str]]:
    """Every place that makes an error: its file, the call, the error's name."""
    root = Path(publisher.__file__).parent
    return [
        (file.relative_to(root).as_posix(), node, node.func.id)
        for file in sorted(root.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES
    ]


def test_every_error_has_a_hint() -> None:
    found = raised()
    assert len(found) > 60
    mute = {
        f"{file}:{call.lineno}"
        for file, call, name in found
        if name not in SPEAKING
        and len(call.args) < 2
        and "hint" not in {item.arg for item in call.keywords}
        and (file, name) not in SAID_BY_OTHERS
    }
    assert not mute


def test_no_hint_is_only_a_word() -> None:
    hints = [
        call.args[1].value
        for _, call, _ in raised()
        if len(call.args) > 1 and isinstance(call.args[1], ast.Constant)
    ]
    assert hints
    assert all(isinstance(hint, str) and len(hint.split()) > 1 for hint in hints)
