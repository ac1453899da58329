"""The schema of a database, read off the front matter of the files that are to be its records.

A type is chosen only if every value of every file fits it; the choice is explained by the values that decided it, so
that a person can check it in the plan, and overrule it with a `Wish`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from converters.properties import Property
from converters.property_types import LIST_LIMIT, NAME_LIMIT, fits
from converters.type_choice import Use, choose, shown

PROPERTY_LIMIT = 100  # properties of a database; Buildin V1 guide
WRITABLE = (
    "rich_text", "number", "select", "multi_select", "status", "date", "checkbox", "url", "email", "phone_number",
    "people", "files", "relation",
)  # fmt: skip
TITLE_KEY = "title"  # the key under which a wish names the title property


@dataclass(frozen=True, slots=True)
class Wish:
    """What the settings say of one front matter key; what is empty is inferred.

    `ignore` keeps the key out of the database. `options` are those to begin with, in their order. `target` is the id
    of the database that a relation points to; empty: the one that holds the record.
    """

    name: str = ""
    type: str = ""
    ignore: bool = False
    options: tuple[str, ...] = ()
    format: str = ""
    target: str = ""
    colors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """The front matter of one file: what pagemill itself reads is not in it."""

    path: str
    properties: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inferred:
    """One property with the reason for its type. `key` is the front matter key, `files` how many files have it."""

    key: str
    property: Property
    why: str
    files: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """A key that becomes no property: why, and where it is met first."""

    key: str
    why: str
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Inference:
    """`properties` begin with the title."""

    properties: tuple[Inferred, ...]
    left: tuple[Left, ...] = ()

    @property
    def schema(self) -> tuple[Property, ...]:
        return tuple(item.property for item in self.properties)


def infer(
    sources: Iterable[Source],
    wishes: Mapping[str, Wish] | None = None,
    is_record: Callable[[str, str], bool] = lambda path, text: False,
    types: Container[str] = WRITABLE,
    is_local: Callable[[str, str], bool] = lambda path, text: False,
) -> Inference:
    """The schema that holds every value of the front matter, as far as one can.

    Args:
        wishes: By front matter key; `title` names the title property. Those named come first, in their order.
        is_record: Whether a text in a file names another file that becomes a record of the same database.
        types: What the service can make; a wish for another type is taken for `select`.
        is_local: Whether a text in a file names a file of the folder that a property can hold.
    """
    wishes = wishes or {}
    uses = _uses(sources)
    folded = {key.casefold(): wish for key, wish in wishes.items()}
    title = wishes.get(TITLE_KEY, Wish()).name or "Title"
    found = [Inferred(TITLE_KEY, Property(title, "title"), "the title of each file")]
    left: list[Left] = []
    names = {title.casefold()}
    for use in _ordered(uses, list(folded)):
        wish = folded.get(use.key.casefold(), Wish())
        made = _property(use, wish, is_record, types, is_local)
        reason = made if isinstance(made, str) else _unfit(made.property.name, names, len(found))
        if reason:
            path, line = use.places[0][:2] if use.places else ("", 0)
            left.append(Left(use.key, reason, path, line))
        elif isinstance(made, Inferred):
            names.add(made.property.name.casefold())
            found.append(made)
    return Inference(tuple(found), tuple(left))


def _uses(sources: Iterable[Source]) -> dict[str, Use]:
    """Every key with its values; keys that differ only by case are one, in the spelling that most files have."""
    uses: dict[str, Use] = {}
    for source in sources:
        for key, value in source.properties.items():
            use = uses.setdefault(key.casefold(), Use(key))
            use.spellings[key] += 1
            if value is not None and value != "" and value != []:
                use.places.append((source.path, source.lines.get(key, 0), value))
    for use in uses.values():
        use.key = max(use.spellings.items(), key=lambda item: item[1])[0]
    return uses


def _ordered(uses: Mapping[str, Use], wished: Sequence[str]) -> list[Use]:
    """Those that the settings name, then the others as often as they are used."""
    first = [uses[key] if key in uses else Use(key) for key in wished if key != TITLE_KEY]
    rest = [use for key, use in uses.items() if key not in wished]
    return first + sorted(rest, key=lambda use: -sum(use.spellings.values()))


def _unfit(name: str, names: set[str], count: int) -> str:
    if name.casefold() in names:
        return f"another property is called `{name}`"
    if count >= PROPERTY_LIMIT:
        return f"a database has at most {PROPERTY_LIMIT} properties"
    return ""


def _property(
    use: Use,
    wish: Wish,
    is_record: Callable[[str, str], bool],
    types: Container[str],
    is_local: Callable[[str, str], bool],
) -> Inferred | str:
    """The property for one key, or why there is none."""
    if wish.ignore:
        return "the settings ignore it"
    name = " ".join((wish.name or use.key).split())
    if not name or len(name) > NAME_LIMIT:
        return f"a property's name has 1 to {NAME_LIMIT} characters"
    if wish.type:
        kind, why = (wish.type if wish.type in types else "select"), "as the settings say"
    elif not use.places:
        return "it has no value in any file"
    else:
        kind, why = choose(use, is_record, is_local)
        if not kind:
            return why
    options = _options(use, kind, wish) if kind in ("select", "multi_select", "status") else ()
    made = Property(name, kind, options, wish.target, wish.format, wish.colors)
    return Inferred(use.key, made, why, sum(use.spellings.values()))


def _options(use: Use, kind: str, wish: Wish) -> tuple[str, ...]:
    """The wished ones, then those that the files name, the most used first."""
    counts: Counter[str] = Counter()
    for value in use.values:
        if not fits(kind, value):
            continue
        parts = value if isinstance(value, list) else [value]
        if kind == "multi_select" and isinstance(value, str):
            parts = value.split(",")
        counts.update({name for part in parts if (name := shown(part).strip())})
    found = sorted(counts, key=lambda name: (-counts[name], name))
    return tuple(dict.fromkeys((*wish.options, *found)))[:LIST_LIMIT]
