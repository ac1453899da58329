"""Settings as values: what can be set, of which kind, and how the layers merge. Pure; `config` does the reading.

A setting comes from the settings file, from the environment or from an option; the later one wins. Each value
remembers where it came from, so that an error can name the line or the option that is wrong.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from converters.diagnostics import Level

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
# those of `converters.extensions`, which takes long to import
FLAVORS = (
    "commonmark", "github", "obsidian", "mkdocs", "docusaurus", "vitepress",
    "hugo", "zola", "jekyll", "myst", "mdbook",
)  # fmt: skip
LEVELS: tuple[Level, ...] = ("off", "info", "warning", "error")


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
    own_links: bool = field(
        default=True,
        metadata=_spec(
            "flag",
            "Link footnotes with their notes, and `#headings` of the page itself. Blocks have addresses when they are there, "
            "so a page with such links takes a read more and up to one request for each block that links; off: they are "
            "text.",
        ),
    )
    flavor: str = field(
        default="auto",
        metadata=_spec(
            "text",
            "The tool that the folder was written for; sets groups of extensions. `auto`: as the folder's own files say.",
            choices=("auto", *FLAVORS),
        ),
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
        metadata=_spec(
            "path",
            "The directory of the state; by default `.pagemill` beside the folder, or in it, "
            "where it is a whole repository or was first published from within.",
        ),
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

    @property
    def service(self) -> str:
        """The service whose forms and limits count: the target, or the one that the embedded workspace plays."""
        return self.dialect if self.target == "local" else self.target

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
