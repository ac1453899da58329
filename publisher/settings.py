"""Settings as values: what can be set, of which kind, and how the layers merge. Pure; `config` does the reading.

A setting comes from the settings file, from the environment or from an option; the later one wins. Each value
remembers where it came from, so that an error can name the line or the option that is wrong.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import urlsplit

from converters.diagnostics import Level
from converters.silence import fault
from publisher.errors import UsageError

if TYPE_CHECKING:
    from converters.inference import Wish

Target: TypeAlias = Literal["local", "buildin", "notion"]
Kind: TypeAlias = Literal[
    "text",
    "choice",
    "texts",
    "flag",
    "integer",
    "number",
    "path",
    "paths",
    "flags",
    "address",
    "levels",
    "properties",
]

TARGETS: tuple[Target, ...] = ("local", "buildin", "notion")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
LEVELS: tuple[Level, ...] = ("off", "info", "warning", "error")
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


@dataclass(frozen=True, slots=True)
class Spec:
    """What a setting takes. `low` and `high` bound numbers, both included."""

    kind: Kind
    help: str
    choices: tuple[str, ...] = ()
    low: float = 0
    high: float = float("inf")


def _spec(kind: Kind, help: str, **more: Any) -> dict[str, Spec]:
    return {"spec": Spec(kind, help, **more)}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a run may be told, with its defaults. `provenance` maps a setting to where it was set."""

    folder: Path = field(default=Path(), metadata=_spec("path", "The folder of Markdown files to publish."))
    target: Target = field(
        default="local", metadata=_spec("choice", "The workspace to publish to.", choices=TARGETS)
    )
    parent: str = field(
        default="",
        metadata=_spec(
            "text", "The id or address of the page to publish under; empty: the workspace's root."
        ),
    )
    database: str = field(
        default="",
        metadata=_spec(
            "text",
            "Make the files records of a database: its id or address, or the title of one under the parent, which is "
            "made if it is not there.",
        ),
    )
    records: Literal["top", "all"] = field(
        default="top",
        metadata=_spec(
            "choice",
            "`top`: files and folders of the top level are records, what is in a folder hangs below it; `all`: every "
            "file is a record.",
            choices=("top", "all"),
        ),
    )
    properties: Mapping[str, Wish] = field(
        default_factory=dict,
        metadata=_spec(
            "properties",
            "What front matter keys become in a database: a type, `false`, or a table of name, type, options, format.",
        ),
    )
    new_options: Literal["create", "refuse"] = field(
        default="create",
        metadata=_spec(
            "choice",
            "Whether a value may add an option to a select property.",
            choices=("create", "refuse"),
        ),
    )
    new_properties: Literal["auto", "create", "ignore"] = field(
        default="auto",
        metadata=_spec(
            "choice",
            "Whether a front matter key may add a property to a database; `auto`: to one that pagemill made.",
            choices=("auto", "create", "ignore"),
        ),
    )
    on_property_conflict: Literal["ours", "theirs", "stop"] = field(
        default="ours",
        metadata=_spec(
            "choice",
            "What to do with a property that changed both here and there; other than `ours` costs a read per 100 records.",
            choices=("ours", "theirs", "stop"),
        ),
    )
    root: Literal["page", "none"] = field(
        default="page",
        metadata=_spec(
            "choice",
            "`page`: the folder itself is a page that holds all others; `none`: its files stand directly under the parent.",
            choices=("page", "none"),
        ),
    )
    ignore: tuple[str, ...] = field(
        default=(),
        metadata=_spec(
            "texts",
            "What not to publish: patterns as in .gitignore, on top of .gitignore and .pagemillignore.",
        ),
    )
    title_from: tuple[str, ...] = field(
        default=("front-matter", "h1", "file-name"),
        metadata=_spec(
            "texts",
            "Where a page's title comes from; the first that is there counts.",
            choices=("front-matter", "h1", "file-name"),
        ),
    )
    order_keys: tuple[str, ...] = field(
        default=("order", "nav_order", "sidebar_position", "weight"),
        metadata=_spec(
            "texts",
            "Front matter keys that hold a page's place among its siblings; the first that is there counts.",
        ),
    )
    siblings: Literal["folder", "any"] = field(
        default="folder",
        metadata=_spec(
            "choice",
            "In which order Buildin lists new pages, which it does as they are created: `folder`: as in the folder; `any`: as "
            "it takes the fewest requests for links. On Notion they always stand as in the folder.",
            choices=("folder", "any"),
        ),
    )
    flavor: str = field(
        default="auto",
        metadata=_spec("text", "The tool that the folder was written for; sets groups of extensions."),
    )
    extensions: Mapping[str, bool] = field(
        default_factory=dict,
        metadata=_spec("flags", "Markdown extensions to switch on or off by name."),
    )
    files_url: str = field(
        default="",
        metadata=_spec(
            "address",
            "The address at which the folder's pictures and files can be read: links lead there, and none is uploaded.",
        ),
    )
    uploads: bool = field(
        default=True,
        metadata=_spec(
            "flag", "Upload the pictures and files that pages refer to; else only their names are shown."
        ),
    )
    file_roots: tuple[Path, ...] = field(
        default=(),
        metadata=_spec(
            "paths",
            "Further folders whose pictures and files may be referred to (`../assets/a.png`). From a settings file, they "
            "must lie in its repository.",
        ),
    )
    images_max_width: int = field(
        default=0,
        metadata=_spec(
            "integer",
            "Pixels to which wider pictures are scaled down before they are uploaded, 0: none are. Needs "
            "`pip install 'pagemill[images]'`.",
            high=100_000,
        ),
    )
    images_mirror: bool = field(
        default=False,
        metadata=_spec(
            "flag",
            "Fetch the pictures that stand elsewhere on the web and upload them too, so that pages keep them; asks once "
            "a day whether one has changed.",
        ),
    )
    diagnostics: Mapping[str, Level] = field(
        default_factory=dict,
        metadata=_spec(
            "levels",
            "Codes of diagnostics to turn `off`, or to make an `info`, a `warning` or an `error`: "
            '`{"html-kept" = "off", "link-broken" = "error"}`.',
            choices=LEVELS,
        ),
    )
    strict: bool = field(
        default=False,
        metadata=_spec("flag", "Count warnings as errors: nothing is sent before they are mended."),
    )
    prune: bool = field(
        default=False, metadata=_spec("flag", "Move the pages of removed files to the trash.")
    )
    prune_share: float = field(
        default=0.25,
        metadata=_spec(
            "number", "The share of known pages beyond which pruning needs `--force`, 0 to 1.", high=1
        ),
    )
    on_drift: Literal["stop", "keep", "restore"] = field(
        default="keep",
        metadata=_spec(
            "choice",
            "What to do with a block that somebody else changed.",
            choices=("stop", "keep", "restore"),
        ),
    )
    on_conflict: Literal["stop", "theirs", "ours"] = field(
        default="stop",
        metadata=_spec(
            "choice",
            "What to do with a block that changed both here and there.",
            choices=("stop", "theirs", "ours"),
        ),
    )
    prefer: Literal["ids", "requests"] = field(
        default="ids",
        metadata=_spec(
            "choice",
            "What counts first when a page changes: `ids`: that unchanged blocks stay, with their comments and the links "
            "to them; `requests`: that it takes the fewest requests. On Notion a page is then emptied and written anew "
            "where that at least halves them and saves ten. Also `prefer` under `[update]`.",
            choices=("ids", "requests"),
        ),
    )
    comments: Literal["auto", "ask", "ignore"] = field(
        default="auto",
        metadata=_spec(
            "choice",
            "`ask`: delete no block with open comments without `--force`; on Notion that costs a read for each block "
            'that would go, and the token must be allowed to read comments. `auto`: ask, but not with `prefer = "requests"`.',
            choices=("auto", "ask", "ignore"),
        ),
    )
    dialect: Literal["buildin", "notion"] = field(
        default="buildin",
        metadata=_spec(
            "choice",
            "The service whose blocks the embedded workspace is sent.",
            choices=("buildin", "notion"),
        ),
    )
    base_url: str = field(
        default="", metadata=_spec("address", "Another address for the target; empty: the service's own.")
    )
    workspace: Path | None = field(
        default=None,
        metadata=_spec("path", "The embedded workspace's file; by default `workspace.db` in `state`."),
    )
    state: Path | None = field(
        default=None,
        metadata=_spec("path", "The directory of the state; by default `.pagemill` beside the folder."),
    )
    concurrency: int = field(
        default=8, metadata=_spec("integer", "Requests under way at once.", low=1, high=64)
    )
    rate: int = field(
        default=0,
        metadata=_spec(
            "integer", "Requests a minute; 0: what the service publishes as its limit.", high=100_000
        ),
    )
    quiet_ms: int = field(
        default=100,
        metadata=_spec(
            "integer", "Milliseconds without a further change before `watch` publishes.", high=10_000
        ),
    )
    hook_when: Literal["publish", "check"] = field(
        default="publish",
        metadata=_spec(
            "choice",
            "What the pre-push hook does before git sends: publish the pages, or only check the files.",
            choices=("publish", "check"),
        ),
    )
    hook_on_failure: Literal["block", "warn"] = field(
        default="block",
        metadata=_spec("choice", "Whether a failure of the hook stops the push.", choices=("block", "warn")),
    )
    hook_branches: tuple[str, ...] = field(
        default=(),
        metadata=_spec(
            "texts",
            "Branches of the remote whose pushes publish, also as patterns (`release/*`); the first that matches "
            "counts. Empty: the remote's default branch.",
        ),
    )
    hook_remotes: tuple[str, ...] = field(
        default=(),
        metadata=_spec(
            "texts",
            "Remotes to which pushes publish, by name or address, also as patterns. Empty: every named remote.",
        ),
    )
    external_ignore: tuple[str, ...] = field(
        default=(),
        metadata=_spec(
            "texts",
            "External addresses that `check --external` does not ask for; `*` stands for anything: "
            "`https://wiki.acme.org/*`.",
        ),
    )
    provenance: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def asks_comments(self) -> bool:
        """Whether blocks are only deleted once they are known to have no open comments."""
        return self.comments == "ask" or (self.comments == "auto" and self.prefer == "ids")

    @property
    def mirror(self) -> bool:
        """Whether pictures on the web are published as files."""
        return self.images_mirror and self.uploads and not self.files_url

    def origin(self, name: str) -> str:
        """Where a setting was set, for messages: `pagemill.toml:3`, `PAGEMILL_PARENT`, `--parent`, or `default`."""
        return self.provenance.get(name, "default")


# Settings that stand in a table of their own: `hook.when` is `when` under `[hook]`.
GROUPS = ("hook", "external", "images")


# Another spelling: a setting that may also stand in a table.
ALIASES: Mapping[str, str] = {"update.prefer": "prefer"}


def setting_name(field_name: str) -> str:
    """What a field of `Settings` is called in the settings file: `hook_when` is `hook.when`."""
    group, _, rest = field_name.partition("_")
    return f"{group}.{rest}" if group in GROUPS else field_name


SPECS: Mapping[str, Spec] = {
    setting_name(item.name): item.metadata["spec"]
    for item in dataclasses.fields(Settings)
    if "spec" in item.metadata
}


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
