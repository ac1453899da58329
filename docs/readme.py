"""Fill the generated tables of README.md: options from the command line's own parser, settings from their definitions.

python docs/readme.py          writes them
python docs/readme.py --check  says whether they are as they should be (exit code 1 if not)
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from publisher.options import parser
from publisher.settings import SPECS, Settings, Spec, setting_name

README = Path(__file__).resolve().parents[1] / "README.md"


def commands(top: argparse.ArgumentParser, prefix: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command by name, those within commands too."""
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield f"{prefix}{name}", command
                yield from commands(command, f"{prefix}{name} ")


def options_table() -> str:
    """Every option once, with the commands that take it."""
    rows: dict[tuple[str, str], list[str]] = {}
    for name, command in commands(parser()):
        for action in command._actions:
            if action.option_strings and action.dest != "help":
                rows.setdefault((_spelling(action), action.help or ""), []).append(f"`{name}`")
    lines = (f"| {option} | {', '.join(names)} | {help} |\n" for (option, help), names in rows.items())
    return "| option | commands | what it does |\n|---|---|---|\n" + "".join(lines)


def _spelling(action: argparse.Action) -> str:
    value = action.metavar or ("{" + ",".join(map(str, action.choices)) + "}" if action.choices else "")
    takes = "" if action.nargs == 0 else f" {value or action.dest.upper()}"
    return f"`{', '.join(action.option_strings)}{takes}`"


def settings_table() -> str:
    """The settings as a Markdown table, for the README."""
    defaults = {setting_name(item.name): item.default for item in dataclasses.fields(Settings)}
    rows = (
        f"| `{name}` | {_values(spec)} | {_default(defaults[name])} | {spec.help} |\n"
        for name, spec in SPECS.items()
    )
    return "| setting | values | default | what it does |\n|---|---|---|---|\n" + "".join(rows)


def _values(spec: Spec) -> str:
    names = {
        "texts": "list of texts",
        "paths": "list of paths",
        "flag": "`true`, `false`",
        "flags": "table of names and switches",
    }
    if spec.kind == "properties":
        return "table of front matter keys"
    if spec.kind == "levels":
        return f"table of codes and {', '.join(f'`{choice}`' for choice in spec.choices)}"
    choices = ", ".join(f"`{choice}`" for choice in spec.choices)
    if spec.kind in names:
        return f"list of {choices}" if choices else names[spec.kind]
    return choices or {"integer": "whole number"}.get(spec.kind, spec.kind)


def _default(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return ", ".join(f"`{part}`" for part in value)
    return f"`{value}`" if isinstance(value, str | int | float | Path) and value != "" else ""


def filled(text: str) -> str:
    """The README with its tables as they should be."""
    for name, table in (("options", options_table()), ("settings", settings_table())):
        pattern = re.compile(f"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)", re.DOTALL)
        text = pattern.sub(lambda match, table=table: match[1] + table + match[2], text)
    return text


def main(arguments: list[str]) -> int:
    text = README.read_text(encoding="utf-8")
    if "--check" in arguments:
        return 0 if filled(text) == text else 1
    README.write_text(filled(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
