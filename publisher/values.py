"""Values of settings: raw ones from a file, the environment or the options become those that `Settings` holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from converters.diagnostics import Level
from converters.silence import fault
from publisher.errors import UsageError
from publisher.settings import ALIASES, SPECS, Kind, Settings, Spec

if TYPE_CHECKING:
    from converters.inference import Wish

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


@dataclass(frozen=True, slots=True)
class Layer:
    """Raw values from one place. `where` names the origin of a key for people, `base` is what paths start from.

    `text` says that values are strings to be parsed (the environment); `trusted` that a person set them for this run.
    """

    values: Mapping[str, object]
    where: Callable[[str], str]
    base: Path = Path()
    text: bool = False
    trusted: bool = True


def merge(layers: Iterable[Layer]) -> Settings:
    """The settings of all layers, the later one winning.

    Raises:
        UsageError: an unknown key or a value of the wrong type or range; the message begins with its origin.
    """
    values: dict[str, Any] = {}
    provenance: dict[str, str] = {}
    for layer in layers:
        for name, raw in layer.values.items():
            where = layer.where(name)
            name = ALIASES.get(name, name)
            check_name(name, SPECS, where)
            values[name.replace(".", "_")] = _value(name, raw, layer, where)
            provenance[name] = where
    return Settings(**values, provenance=provenance)


def check_name(name: str, known: Iterable[str], where: str) -> None:
    """Raises:
    UsageError: the name is not one of the known ones; the nearest of them is named.
    """
    names = list(known)
    if name in names:
        return
    near = get_close_matches(name.lower().replace("-", "_"), names, 1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known settings: {', '.join(sorted(names))}."
    raise UsageError(f"{where}: unknown setting {name!r}", hint)


def _value(name: str, raw: object, layer: Layer, where: str) -> Any:
    spec = SPECS[name]
    try:
        value = _PARSERS[spec.kind](raw, spec, layer)
    except ValueError as error:
        raise UsageError(f"{where}: {name} {error}", f"{name}: {spec.help}") from None
    return value


def _text(raw: object, spec: Spec, layer: Layer) -> str:
    if not isinstance(raw, str):
        raise ValueError(f"must be a text in quotes, not {_kind(raw)}")
    return raw.strip()


def _choice(raw: object, spec: Spec, layer: Layer) -> str:
    text = _text(raw, spec, layer)
    if text not in spec.choices:
        near = get_close_matches(text.lower(), spec.choices, 1)
        raise ValueError(
            f"must be {_either(spec.choices)}, not {text!r}"
            + (f" (did you mean {near[0]!r}?)" if near else "")
        )
    return text


def _texts(raw: object, spec: Spec, layer: Layer) -> tuple[str, ...]:
    if isinstance(raw, str) and layer.text:
        raw = [item for item in (part.strip() for part in raw.split(",")) if item]
    if not isinstance(raw, list | tuple) or not all(isinstance(item, str) for item in raw):
        raise ValueError(f"must be a list of texts, not {_kind(raw)}")
    for item in raw:
        if spec.choices and item not in spec.choices:
            raise ValueError(f"may hold {_either(spec.choices)}, not {item!r}")
    return tuple(raw)


def _flag(raw: object, spec: Spec, layer: Layer) -> bool:
    if isinstance(raw, bool):
        return raw
    if layer.text and isinstance(raw, str) and raw.strip().lower() in _TRUE | _FALSE:
        return raw.strip().lower() in _TRUE
    raise ValueError(f"must be true or false, not {_kind(raw)}")


def _number(raw: object, spec: Spec, layer: Layer) -> float:
    if layer.text and isinstance(raw, str):
        try:
            raw = float(raw) if spec.kind == "number" else int(raw)
        except ValueError:
            raise ValueError(f"must be a number, not {raw!r}") from None
    allowed = (int, float) if spec.kind == "number" else (int,)
    if isinstance(raw, bool) or not isinstance(raw, allowed):
        raise ValueError(
            f"must be a {'number' if spec.kind == 'number' else 'whole number'}, not {_kind(raw)}"
        )
    if not spec.low <= raw <= spec.high:  # also refuses nan
        raise ValueError(f"must be from {spec.low:g} to {spec.high:g}, not {raw}")
    return raw


def _path(raw: object, spec: Spec, layer: Layer) -> Path:
    if isinstance(raw, Path):
        return layer.base / raw
    text = _text(raw, spec, layer)
    if not text or "\0" in text:
        raise ValueError("must be a path, not an empty text" if not text else "holds a null character")
    return layer.base / Path(text).expanduser()


def _paths(raw: object, spec: Spec, layer: Layer) -> tuple[Path, ...]:
    if isinstance(raw, tuple) and all(isinstance(item, Path) for item in raw):
        return tuple(layer.base / item for item in raw)
    return tuple(_path(item, spec, layer) for item in _texts(raw, spec, layer))


def _flags(raw: object, spec: Spec, layer: Layer) -> dict[str, bool]:
    """A table of names and switches, or a list of names in which a leading "-" switches off."""
    if isinstance(raw, Mapping):
        if not all(isinstance(value, bool) for value in raw.values()):
            raise ValueError("must map names to true or false")
        return dict(raw)
    names = _texts(raw, spec, layer)
    return {name.lstrip("-"): not name.startswith("-") for name in names}


def _levels(raw: object, spec: Spec, layer: Layer) -> dict[str, Level]:
    """A table of codes and severities; in the environment `html-kept=off,link-broken=error`."""
    if isinstance(raw, str) and layer.text:
        pairs = (part.partition("=") for part in raw.split(",") if part.strip())
        raw = {code.strip(): level.strip() for code, _, level in pairs}
    if not isinstance(raw, Mapping):
        raise ValueError(f"must be a table of codes and severities, not {_kind(raw)}")
    for code, level in raw.items():
        if wrong := fault(code):
            raise ValueError(f"cannot be set: {wrong}")
        if level not in spec.choices:
            raise ValueError(f"{code} must be {_either(spec.choices)}, not {level!r}")
    return dict(raw)


def _address(raw: object, spec: Spec, layer: Layer) -> str:
    text = _text(raw, spec, layer)
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        host = parts.hostname
        _ = parts.port  # raises when it is no number
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or any(char.isspace() for char in text):
        raise ValueError(f"must be an http or https address, not {text!r}")
    # A token goes to this address: what lies in a repository must not be able to choose it.
    if spec is SPECS["base_url"] and not layer.trusted and host not in _LOOPBACK:
        raise ValueError(
            "in a settings file may only be on this computer; use --base-url or the environment for another host"
        )
    return text.rstrip("/")


def _properties(raw: object, spec: Spec, layer: Layer) -> dict[str, Wish]:
    from publisher.wishes import read_wishes  # a push without docs need not wait for it

    return read_wishes(raw)


_PARSERS: Mapping[Kind, Callable[[object, Spec, Layer], Any]] = {
    "text": _text,
    "choice": _choice,
    "texts": _texts,
    "flag": _flag,
    "integer": _number,
    "number": _number,
    "path": _path,
    "paths": _paths,
    "flags": _flags,
    "address": _address,
    "levels": _levels,
    "properties": _properties,
}
_KINDS = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a table",
}


def _kind(raw: object) -> str:
    name = next((name for kind, name in _KINDS.items() if isinstance(raw, kind)), type(raw).__name__)
    return f"{name} ({raw!r})" if isinstance(raw, bool | int | float | str) else name


def _either(choices: tuple[str, ...]) -> str:
    quoted = [repr(choice) for choice in choices]
    return ", ".join(quoted[:-1]) + f" or {quoted[-1]}"
