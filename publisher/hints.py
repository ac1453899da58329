"""The next command to type, with what it needs of the options that this one was given."""

from __future__ import annotations

import os
import shlex
from argparse import Namespace
from collections.abc import Iterable

from publisher.folder import dialect_of
from publisher.settings import Settings


def serve(settings: Settings, options: Namespace) -> str:
    """What shows the embedded workspace of this run."""
    return _line("serve", settings, options, _given(options, "workspace", "config"))


def check(settings: Settings, options: Namespace, notes: bool = False) -> str:
    """What prints every diagnostic of this run: what there is to say depends on the service, too. With `notes`, those
    are among them."""
    words = _given(options, "files_url", "config")
    if getattr(options, "target", None) or getattr(options, "dialect", None):
        words += ["--dialect", dialect_of(settings).name]
    if getattr(options, "uploads", None) is not None:
        words.append("--uploads" if options.uploads else "--no-uploads")
    if getattr(options, "strict", None):
        words.append("--strict")
    if notes:
        words.append("-v")
    return _line("check", settings, options, words)


def _given(options: Namespace, *names: str) -> list[str]:
    """The options of these names that have a value, as they are typed."""
    found: list[str] = []
    for name in names:
        if value := getattr(options, name, None):
            found += ["--" + name.replace("_", "-"), str(value)]
    return found


def _line(command: str, settings: Settings, options: Namespace, words: Iterable[str]) -> str:
    folder = options.folder
    if not folder and getattr(options, "plan_file", None):  # the plan has named it
        folder = os.path.relpath(settings.folder)
    return shlex.join(["pagemill", command, *([folder] if folder else []), *words])
