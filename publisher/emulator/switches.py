"""What the public sources leave open, and who may do what.

Every field of `Switches` is a fact that no public source confirms. The default is the reading that is safer for a
client: one that works here also works when the other reading is true.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Switches:
    """Unconfirmed facts.

    buildin_delete: DELETE of pages, blocks and databases exists (documented, missing from the OpenAPI document).
    buildin_in_trash: `in_trash` may be written on PATCH (likewise).
    buildin_depth, buildin_array, buildin_blocks, buildin_bytes: levels of children below the top level of a
        request, blocks per array, blocks and bytes per request; Buildin publishes only 100 at the top level.
    buildin_text, buildin_rich_text, buildin_equation: UTF-16 code units per text, items per rich text, units per
        equation; the first is from the V1 guide.
    buildin_null_anchor: `"after": null` is allowed (in an example of the documentation, against the schema).
    buildin_new_options, notion_new_options: a select value may name an option that the schema does not have yet.
    block_edits_touch_page: writing blocks changes the `last_edited_time` (and Buildin's ETag) of their page.
    buildin_shared_files: an uploaded file may be shown on other pages than the one it was uploaded for.
    notion_max_file: bytes of one uploaded file (5 MiB on free plans).
    """

    buildin_delete: bool = True
    buildin_in_trash: bool = True
    buildin_depth: int = 2
    buildin_array: int = 100
    buildin_blocks: int = 1000
    buildin_bytes: int = 500_000
    buildin_text: int = 2000
    buildin_rich_text: int = 100
    buildin_equation: int = 1000
    buildin_null_anchor: bool = False
    buildin_new_options: bool = False
    notion_new_options: bool = False
    block_edits_touch_page: bool = True
    buildin_shared_files: bool = False
    notion_max_file: int = 5 * 1024 * 1024


LOCAL = Switches(notion_max_file=5 * 1024**3)  # for people's own files: as much as paid plans take


@dataclass(frozen=True, slots=True)
class Token:
    """What one bearer token may do; by default everything.

    On Buildin the rights are scopes (without `insert` and `update` there is no pages.write and no blocks.write), on
    Notion capabilities. `revoked` answers 401; `plan` False answers 403 to everything, as for a workspace whose plan
    has no public API.
    """

    name: str = "pagemill"
    read: bool = True
    insert: bool = True
    update: bool = True
    databases: bool = True
    search: bool = True
    users: bool = True
    read_comments: bool = True
    insert_comments: bool = True
    revoked: bool = False
    plan: bool = True


READ_ONLY = Token("read-only", insert=False, update=False)
INSERT_ONLY = Token("insert-only", read=False, update=False)
NO_DATABASES = Token("no-databases", databases=False)


def load_tokens(path: Path) -> dict[str, Token]:
    """Tokens from a TOML file, one table for each secret; what is left out is allowed::

        ["secret of a reader"]
        name = "reader"
        insert = false
        update = false

    Raises:
        OSError: the file cannot be read.
        ValueError: it is not TOML, or a table has an unknown key or a value of the wrong type.
    """
    known: dict[str, Any] = {field.name: type(field.default) for field in fields(Token)}
    tokens = {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    for secret, entry in tables.items():
        if not isinstance(entry, dict):
            raise ValueError(f"{path}: {secret!r} should be a table")
        for key, value in entry.items():
            if key not in known:
                raise ValueError(f"{path}: there is no right {key!r}; there are {', '.join(known)}")
            if type(value) is not known[key]:
                raise ValueError(f"{path}: {key} of {secret!r} should be a {known[key].__name__}")
        tokens[secret] = Token(**entry)
    return tokens
