"""The schema of a database, read off the front matter of the files that are to be its records.

A type is chosen only if every value of every file fits it; the choice is explained by the values that decided it, so
that a person can check it in the plan, and overrule it with a `Wish`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from converters.properties import LIST_LIMIT, NAME_LIMIT, Property, fits

PROPERTY_LIMIT = 100  # properties of a database; Buildin V1 guide
WRITABLE = (
    "rich_text", "number", "select", "multi_select", "status", "date", "checkbox", "url", "email", "phone_number",
    "people", "files", "relation",
)  # fmt: skip
TITLE_KEY = "title"  # the key under which a wish names the title property
FEW = 20  # options that people still choose from, rather than type

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PHONE = re.compile(r"(?:tel:)?\+?[0-9][0-9 ()./-]{5,}")
_PHONE_KEY = re.compile(r"phone|tel\b|mobile|fax", re.IGNORECASE)
_FILE = re.compile(
    r"\.(?:png|jpe?g|gif|webp|svg|pdf|zip|csv|docx?|xlsx?|pptx?|mp[34]|webm)(?:[?#]|$)", re.IGNORECASE
)
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


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


@dataclass(slots=True)
class _Use:
    """All that the folder says under one key: (file, line, value), null left out."""

    key: str
    places: list[tuple[str, int, Any]] = field(default_factory=list)
    spellings: Counter[str] = field(default_factory=Counter)

    @property
    def values(self) -> list[Any]:
        return [value for _, _, value in self.places]


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


def _uses(sources: Iterable[Source]) -> dict[str, _Use]:
    """Every key with its values; keys that differ only by case are one, in the spelling that most files have."""
    uses: dict[str, _Use] = {}
    for source in sources:
        for key, value in source.properties.items():
            use = uses.setdefault(key.casefold(), _Use(key))
            use.spellings[key] += 1
            if value is not None and value != "" and value != []:
                use.places.append((source.path, source.lines.get(key, 0), value))
    for use in uses.values():
        use.key = max(use.spellings.items(), key=lambda item: item[1])[0]
    return uses


def _ordered(uses: Mapping[str, _Use], wished: Sequence[str]) -> list[_Use]:
    """Those that the settings name, then the others as often as they are used."""
    first = [uses[key] if key in uses else _Use(key) for key in wished if key != TITLE_KEY]
    rest = [use for key, use in uses.items() if key not in wished]
    return first + sorted(rest, key=lambda use: -sum(use.spellings.values()))


def _unfit(name: str, names: set[str], count: int) -> str:
    if name.casefold() in names:
        return f"another property is called `{name}`"
    if count >= PROPERTY_LIMIT:
        return f"a database has at most {PROPERTY_LIMIT} properties"
    return ""


def _property(
    use: _Use,
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
        kind, why = _choose(use, is_record, is_local)
        if not kind:
            return why
    options = _options(use, kind, wish) if kind in ("select", "multi_select", "status") else ()
    made = Property(name, kind, options, wish.target, wish.format, wish.colors)
    return Inferred(use.key, made, why, sum(use.spellings.values()))


def _options(use: _Use, kind: str, wish: Wish) -> tuple[str, ...]:
    """The wished ones, then those that the files name, the most used first."""
    counts: Counter[str] = Counter()
    for value in use.values:
        if not fits(kind, value):
            continue
        parts = value if isinstance(value, list) else [value]
        if kind == "multi_select" and isinstance(value, str):
            parts = value.split(",")
        counts.update({name for part in parts if (name := _shown(part).strip())})
    found = sorted(counts, key=lambda name: (-counts[name], name))
    return tuple(dict.fromkeys((*wish.options, *found)))[:LIST_LIMIT]


# -- the choice of a type ----------------------------------------------------------------------------------------------


def _choose(
    use: _Use, is_record: Callable[[str, str], bool], is_local: Callable[[str, str], bool]
) -> tuple[str, str]:
    """A type and the reason; no type for what no property can hold."""
    for path, line, value in use.places:
        if not fits("rich_text", value) and not fits("date", value):
            return "", f"it holds a table, or more than a property can, in {_place(path, line)}"
    for kind, what, test in _TESTS:
        if all(test(use.key, value) and fits(kind, value) for value in use.values):
            return kind, f"{what}: {_examples(use)}"
    if _all_name(use, lambda path, text: is_local(path, text) or _is_web_file(text)):
        return "files", f"all are files: {_examples(use)}"
    if _all_name(use, is_record):
        return "relation", f"all name other files: {_examples(use)}"
    return _text(use)


def _all_name(use: _Use, test: Callable[[str, str], bool]) -> bool:
    """Whether all values are texts, or lists of them, of which the test is true in their files."""
    for path, _, value in use.places:
        items = value if isinstance(value, list) else [value]
        if len(items) > LIST_LIMIT or not all(isinstance(item, str) and test(path, item) for item in items):
            return False
    return True


def _text(use: _Use) -> tuple[str, str]:
    """One of a few words, several words, or text."""
    lists = sum(isinstance(value, list) for value in use.values)
    if lists:
        names = {_shown(item).strip() for value in use.values for item in _items(value)}
        if len(names) <= LIST_LIMIT and all(fits("multi_select", _items(value)) for value in use.values):
            return "multi_select", f"lists of {_count(len(names), 'word')}: {_examples(use)}"
        why = (
            f"more than {LIST_LIMIT} different values"
            if len(names) > LIST_LIMIT
            else "values that no option can have"
        )
        return "rich_text", f"lists with {why}: {_examples(use)}"
    if not all(isinstance(value, str) for value in use.values):
        if not any(isinstance(value, str) for value in use.values):
            return "rich_text", f"values of several types: {_examples(use)}"
        odd = next(place for place in use.places if isinstance(place[2], str))
        return "rich_text", f"values of several types, such as `{_short(odd[2])}` in {_place(odd[0], odd[1])}"
    counts = Counter(value.strip() for value in use.values)
    if (
        len(counts) <= FEW
        and len(use.values) >= 2 * len(counts)
        and all(fits("select", name) for name in counts)
    ):
        return (
            "select",
            f"{_count(len(counts), 'value')} in {_count(len(use.values), 'file')}: {_examples(use)}",
        )
    return "rich_text", f"text: {_examples(use)}"


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_number(key: str, value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_date(key: str, value: Any) -> bool:
    """A day or a moment as YAML and TOML write them; a text of eight digits is none."""
    if isinstance(value, Mapping):
        return "start" in value
    return not isinstance(value, str) or bool(_DAY.match(value.strip()))


def _all(test: Callable[[str], object]) -> Callable[[str, Any], bool]:
    return lambda key, value: (
        isinstance(value, list) and all(isinstance(item, str) and test(item) for item in value)
    )


def _is_contact(key: str, value: Any) -> bool:
    return (
        isinstance(value, str)
        and bool(_PHONE.fullmatch(value.strip()))
        and (value.strip().startswith("+") or bool(_PHONE_KEY.search(key)))
    )


def _is_web_file(text: str) -> bool:
    return bool(_FILE.search(text)) and fits("files", text)


def _is_file(key: str, value: Any) -> bool:
    return _all(_FILE.search)(key, value)


_TESTS: Final[tuple[tuple[str, str, Callable[[str, Any], bool]], ...]] = (
    ("checkbox", "all are true or false", lambda key, value: isinstance(value, bool)),
    ("number", "all are numbers", _is_number),
    ("date", "all are dates", _is_date),
    ("email", "all are email addresses", lambda key, value: isinstance(value, str)),
    ("url", "all are addresses of the web", lambda key, value: isinstance(value, str)),
    ("files", "all are addresses of files", _is_file),
    ("people", "all are lists of ids", _all(_UUID.fullmatch)),
    ("phone_number", "all are phone numbers", _is_contact),
)


# -- words about it ----------------------------------------------------------------------------------------------------


def _examples(use: _Use) -> str:
    """Up to three different values and where each stands first."""
    seen: dict[str, str] = {}
    for path, line, value in use.places:
        text = _short(value)
        if text not in seen:
            seen[text] = _place(path, line)
        if len(seen) == 3:
            break
    return ", ".join(f"`{text}` in {place}" for text, place in seen.items())


def _short(value: Any) -> str:
    text = ", ".join(map(_shown, value)) if isinstance(value, list) else _shown(value)
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:39] + "…"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _place(path: str, line: int) -> str:
    return f"{path}:{line}" if line else path


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")
