"""The type of a property, chosen by the values that a folder has under one key, and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from converters.property_types import LIST_LIMIT, fits

FEW = 20  # options that people still choose from, rather than type

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PHONE = re.compile(r"(?:tel:)?\+?[0-9][0-9 ()./-]{5,}")
_PHONE_KEY = re.compile(r"phone|tel\b|mobile|fax", re.IGNORECASE)
_FILE = re.compile(
    r"\.(?:png|jpe?g|gif|webp|svg|pdf|zip|csv|docx?|xlsx?|pptx?|mp[34]|webm)(?:[?#]|$)", re.IGNORECASE
)
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


@dataclass(slots=True)
class Use:
    """All that the folder says under one key: (file, line, value), null left out."""

    key: str
    places: list[tuple[str, int, Any]] = field(default_factory=list)
    spellings: Counter[str] = field(default_factory=Counter)

    @property
    def values(self) -> list[Any]:
        return [value for _, _, value in self.places]


def choose(
    use: Use, is_record: Callable[[str, str], bool], is_local: Callable[[str, str], bool]
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


def _all_name(use: Use, test: Callable[[str, str], bool]) -> bool:
    """Whether all values are texts, or lists of them, of which the test is true in their files."""
    for path, _, value in use.places:
        items = value if isinstance(value, list) else [value]
        if len(items) > LIST_LIMIT or not all(isinstance(item, str) and test(path, item) for item in items):
            return False
    return True


def _text(use: Use) -> tuple[str, str]:
    """One of a few words, several words, or text."""
    lists = sum(isinstance(value, list) for value in use.values)
    if lists:
        names = {shown(item).strip() for value in use.values for item in _items(value)}
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


def _examples(use: Use) -> str:
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
    text = ", ".join(map(shown, value)) if isinstance(value, list) else shown(value)
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:39] + "…"


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _place(path: str, line: int) -> str:
    return f"{path}:{line}" if line else path


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")
