"""Where settings come from: the settings file, the environment, the options; a later one wins.

The file is `pagemill.toml`, or `[tool.pagemill]` in `pyproject.toml`, in the folder or the nearest directory above
it, up to the repository's top (a directory with `.git`). A table named like a target holds settings that count for
that target only. Every setting can be given as `PAGEMILL_<NAME>`; `PAGEMILL_BUILDIN_URL` and `PAGEMILL_NOTION_URL`
are the `base_url` of one service.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from errno import ENOENT
from functools import partial
from os import strerror
from pathlib import Path
from typing import Any, TypeAlias

from publisher.errors import UsageError
from publisher.settings import ALIASES, GROUPS, SPECS, TARGETS, Settings
from publisher.values import Layer, check_name, merge

__all__ = ["Settings", "load"]

FILE = "pagemill.toml"
_PROJECT = "pyproject.toml"
_PREFIX = "PAGEMILL_"
Reader: TypeAlias = Callable[[Path], bytes | None]
_OPTIONS = {"folder": "FOLDER", "target": "--to"}
_TABLES = (*GROUPS, *dict.fromkeys(name.partition(".")[0] for name in ALIASES))
_NOT_IN_TARGET = ("folder", "target")


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A settings file as read. `table` is where the settings begin: () or ("tool", "pagemill")."""

    path: Path
    text: str
    values: Mapping[str, object]
    table: tuple[str, ...] = ()

    def where(self, *keys: str) -> str:
        """`pagemill.toml:3` for a key, for messages; only the file if the line cannot be found."""
        line = line_of(self.text, (*self.table, *keys))
        return f"{self.path}:{line}" if line else str(self.path)


def load(
    options: Mapping[str, object],
    environ: Mapping[str, str],
    cwd: Path | None = None,
    config: str | Path | None = None,
    read: Reader | None = None,
) -> Settings:
    """The settings of a run, with absolute paths.

    `options` holds what was given on the command line by setting name; None means not given. `cwd` is what relative
    paths in options and environment start from. `config` names the settings file to use instead of looking for one.
    `read` gives the bytes of a settings file, None where there is none; by default they are read from the disk.

    Raises:
        UsageError: an unreadable settings file, an unknown setting, or a value of the wrong type; with file and line.
    """
    cwd = (cwd or Path.cwd()).absolute()
    given = {name: value for name, value in options.items() if value is not None}
    chosen = Layer(given, lambda name: _OPTIONS.get(name, "--" + name.replace("_", "-")), cwd)
    if config is not None:
        file: SettingsFile | None = _open(cwd / config, read)
    else:
        start = given.get("folder", environ.get(_PREFIX + "FOLDER") or ".")
        file = find(cwd / Path(str(start)).expanduser(), read)
    layers = [*_file_layers(file, None), *_environ_layers(environ, None, cwd), chosen]
    target = merge([_only(layer, ("target",)) for layer in layers]).target
    layers = [*_file_layers(file, target), *_environ_layers(environ, target, cwd), chosen]
    return _complete(merge(layers), cwd)


def _complete(settings: Settings, cwd: Path) -> Settings:
    folder = cwd / settings.folder
    state = settings.state or default_state(folder, cwd)
    return replace(
        settings, folder=folder, state=state, workspace=settings.workspace or state / "workspace.db"
    )


def default_state(folder: Path, cwd: Path | None = None) -> Path:
    """`.pagemill` beside the folder; inside, where what is beside it is not ours.

    That is so where the folder is a whole repository, and where it is in none and one stands in it (`cwd`). A state
    that the folder has already counts first, wherever it was published from: nothing is published twice.
    """
    folder = folder.resolve()
    inside, beside = folder / ".pagemill", folder.parent / ".pagemill"
    for place in (inside, beside):
        if any(
            there for target in TARGETS for there in place.glob(f"{state_name(folder)}.{target}.????????.db")
        ):
            return place
    whole = (folder / ".git").exists() or folder.parent == folder
    alone = cwd is not None and folder == cwd.resolve() and not _in_repository(folder)
    return inside if inside.is_dir() or whole or alone else beside


def state_name(folder: Path) -> str:
    """What the names of a folder's states begin with."""
    return "".join(char if char.isalnum() or char in "-_." else "_" for char in folder.name) or "folder"


def _in_repository(folder: Path) -> bool:
    return any((place / ".git").exists() for place in (folder, *folder.parents))


def find(start: Path, read: Reader | None = None) -> SettingsFile | None:
    """The settings file that counts for a folder: in it, or in the nearest directory above it.

    Raises:
        UsageError: the file cannot be read or is not TOML.
    """
    start = start.resolve()

    def there(path: Path) -> bool:
        return path.is_file() if read is None else read(path) is not None

    for directory in (start, *start.parents):
        if there(path := directory / FILE):
            return _open(path, read)
        if there(path := directory / _PROJECT) and (file := _open(path, read)).values:
            return file
        if (directory / ".git").exists():
            break
    return None


def _open(path: Path, read: Reader | None = None) -> SettingsFile:
    table = ("tool", "pagemill") if path.name == _PROJECT else ()
    try:
        data = path.read_bytes() if read is None else read(path)
        if data is None:
            raise FileNotFoundError(ENOENT, strerror(ENOENT))
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        values: Any = tomllib.loads(text)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read: {error.strerror}",
            "Settings are read from the file that --config names, or from pagemill.toml.",
        ) from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8", "Save the file as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise _syntax(path, text, str(error)) from None
    for key in table:
        values = values.get(key, {}) if isinstance(values, dict) else {}
    if not isinstance(values, dict):
        name = ".".join(table)
        raise UsageError(f"{path}: {name} must be a table", f"Write [{name}] on a line, its settings below.")
    return SettingsFile(path, text, values, table)


def _syntax(path: Path, text: str, message: str) -> UsageError:
    if place := re.search(r" \(at line (\d+), column (\d+)\)$", message):
        return UsageError(f"{path}:{place[1]}:{place[2]}: {message[: place.start()]}", _TOML)
    last = text.count("\n") + 1  # "at end of document"
    return UsageError(f"{path}:{last}: {message}", _TOML)


_TOML = "The file is not TOML: mend it at this place. Texts stand in quotation marks."


def _file_layers(file: SettingsFile | None, target: str | None) -> list[Layer]:
    """The file's own settings, then those in the target's table; all tables are checked, whatever the target."""
    if file is None:
        return []
    general = {name: value for name, value in file.values.items() if name not in (*TARGETS, *_TABLES)}
    for group in _TABLES:
        general |= {f"{group}.{name}": value for name, value in _table(file, group).items()}
    layers = [Layer(general, lambda name: file.where(*name.split(".")), file.path.parent, trusted=False)]
    for name in TARGETS:
        table = _table(file, name)
        layer = Layer(table, partial(file.where, name), file.path.parent, trusted=False)
        for key in table:
            check_name(
                key,
                (item for item in SPECS if item not in _NOT_IN_TARGET and "." not in item),
                file.where(name, key),
            )
        merge([layer])
        if name == target:
            layers.append(layer)
    return layers


def _table(file: SettingsFile, name: str) -> Mapping[str, object]:
    table = file.values.get(name, {})
    if not isinstance(table, Mapping):
        raise UsageError(
            f"{file.where(name)}: {name} must be a table of settings",
            f"Write [{'.'.join((*file.table, name))}] on a line, its settings below.",
        )
    return table


def _environ_layers(environ: Mapping[str, str], target: str | None, cwd: Path) -> list[Layer]:
    """Set and not empty variables; those of other programs that begin alike are left alone."""
    found = {name: value for name in SPECS if (value := environ.get(_variable(name)))}
    layers = [Layer(found, _variable, cwd, text=True)]
    variable = f"{_PREFIX}{(target or '').upper()}_URL"
    if target in ("buildin", "notion") and (url := environ.get(variable)):
        layers.append(Layer({"base_url": url}, lambda _: variable, cwd, text=True))
    return layers


def _variable(name: str) -> str:
    return _PREFIX + name.upper().replace(".", "_")


def _only(layer: Layer, names: tuple[str, ...]) -> Layer:
    return replace(layer, values={name: value for name, value in layer.values.items() if name in names})


_HEADER = re.compile(r"^\s*\[\[?([^\[\]]+)\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


def line_of(text: str, keys: tuple[str, ...]) -> int:
    """The line, from 1, on which a key of a TOML text is set; 0 if it is not found.

    `tomllib` has no positions, so this looks for table headers and keys line by line. Keys within inline tables are
    placed on the line of the nearest key around them.
    """
    table: tuple[str, ...] = ()
    best, best_length = 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            found = table
        elif key := _KEY.match(line):
            found = table + _parts(key[1])
        else:
            continue
        if found == keys[: len(found)] and len(found) > best_length:
            best, best_length = number, len(found)
    return best


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
