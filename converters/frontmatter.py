"""Front matter: the YAML, TOML or JSON at the head of a file, taken off before Markdown sees the text.

python-frontmatter knows how to read each kind. Its `load` puts the body under a key `content`, and fails on files that
have such a key themselves, so only its handlers are used; and the fences are found here, because line numbers of the
original file have to stay right, and because a thematic break at the head of a file is not front matter.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

_OPEN = re.compile(r"(---|\+\+\+)[ \t]*\n")
_CLOSE = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*(?:\n|\Z)", re.MULTILINE),
}
# A blank line and then a sentence: two thematic breaks around a paragraph that happens to hold a colon
_TEXT = re.compile(r"[ \t]*\n\s*[\w*_]+[ ][^:\n]*:[ ]")
# An opening fence and a first key right below it, comments aside
_UNCLOSED = re.compile(
    r"(?:(---)[ \t]*\n(?:#.*\n)*[A-Za-z][\w-]*:(?=\s|\Z)|(\+\+\+)[ \t]*\n(?:#.*\n)*[A-Za-z][\w-]*[ \t]*=)"
)
_JSON_OPEN = re.compile(r"\{[ \t]*\n\s*[\"}]")
_YAML_KEY = re.compile(
    r"""^(?:"([^"\n]+)"|'([^'\n]+)'|([^\s#"'&*!|>%@`\-\[\]{},:][^:\n]*?|-[^\s:][^:\n]*?))[ \t]*:(?=\s|\Z)""",
    re.MULTILINE,
)
_TOML_KEY = re.compile(r"^[ \t]*(?:\[{1,2}[ \t]*)?(?:\"([^\"\n]+)\"|'([^'\n]+)'|([\w-]+))", re.MULTILINE)
_JSON_KEY = re.compile(r'^[ \t]*"([^"\n]+)"()()[ \t]*:', re.MULTILINE)
_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")

# What a page may have: aliases let a few lines of YAML stand for billions of values, or for themselves.
MAX_VALUES = 50_000
MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class FrontMatterError:
    """What is wrong, and where in the original file, from 1."""

    message: str
    line: int
    column: int = 1


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The head of a file and its body.

    `offset` is the number of lines before the body. `lines` says where each top-level key stands, from 1. With an
    `error` there is no metadata, and the body is what stands behind the closing fence. `unclosed`: the text begins as
    if it had front matter, which never ends, so that all of it is body.
    """

    metadata: Mapping[str, Any]
    body: str
    offset: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)
    error: FrontMatterError | None = None
    unclosed: bool = False


class _Bad(Exception):
    """A value that cannot be taken; line and column count from 1 within the front matter."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


def split(text: str) -> FrontMatter:
    """Take the front matter off a text whose lines end in "\\n". Never raises.

    A "---" that is not closed, or that holds no keys, is Markdown. An error says where it is.
    """
    found = _fenced(text) or _json(text)
    if found is None:
        return FrontMatter({}, text, unclosed=_unclosed(text))
    raw, body, first, load, keys = found
    offset = text.count("\n", 0, len(text) - len(body)) if body else text.count("\n")
    lines = _key_lines(raw, first, keys)
    try:
        metadata = load(raw)
        _check(metadata)
    except _Bad as bad:
        if keys is _YAML_KEY and not lines:
            return FrontMatter({}, text)
        return FrontMatter(
            {}, body, offset, lines, FrontMatterError(bad.message, bad.line + first - 1, bad.column)
        )
    if metadata is None:
        metadata = {}
    if not isinstance(metadata, dict):
        return FrontMatter({}, text)
    return FrontMatter({str(key): value for key, value in metadata.items()}, body, offset, lines)


_Found = tuple[str, str, int, Callable[[str], Any], re.Pattern[str]]


def _fenced(text: str) -> _Found | None:
    opening = _OPEN.match(text)
    if opening is None:
        return None
    closing = _CLOSE[opening[1]].search(text, opening.end())
    if closing is None:
        return None
    raw, body = text[opening.end() : closing.start()], text[closing.end() :]
    if opening[1] == "+++":
        return raw, body, 2, _load_toml, _TOML_KEY
    if _TEXT.match(raw):
        return None
    return raw, body, 2, _load_yaml, _YAML_KEY


def _unclosed(text: str) -> bool:
    found = _UNCLOSED.match(text)
    return found is not None and _CLOSE[found[1] or found[2]].search(text, found.end()) is None


def _json(text: str) -> _Found | None:
    if not _JSON_OPEN.match(text):
        return None
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        closing = re.search(r"^\}[ \t]*$", text, re.MULTILINE)
        if closing is None:
            return None
        end = closing.end()
    rest = text[end:].partition("\n")
    return (text[:end], rest[2], 1, _load_json, _JSON_KEY) if not rest[0].strip() else None


def _load_yaml(raw: str) -> Any:
    import yaml
    from frontmatter.default_handlers import YAMLHandler

    try:
        return YAMLHandler().load(raw)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if mark and mark.line >= raw.count("\n"):  # behind the last line: what was never closed is to blame
            mark = error.context_mark or mark
        context = f"{error.context} (line {error.context_mark.line + 2}): " if error.context_mark else ""
        message = context + (error.problem or "cannot be read")
        raise _Bad(message, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1) from None
    except yaml.reader.ReaderError as error:
        line = raw.count("\n", 0, error.position) + 1
        raise _Bad(
            f"a character that YAML does not allow (U+{ord(str(error.character)[:1] or '?'):04X})", line
        ) from None
    except RecursionError:
        raise _Bad("nested too deeply") from None
    except (
        Exception
    ) as error:  # the constructors raise whatever `int` and `date` do: "2024-02-30" is a ValueError
        raise _Bad(str(error), _failing_line(raw)) from None


def _failing_line(raw: str) -> int:
    """The line of the first top-level key whose value cannot be built."""
    import yaml
    from frontmatter.default_handlers import YAMLHandler

    starts = [match.start() for match in _YAML_KEY.finditer(raw)]
    for start, end in zip(starts, [*starts[1:], len(raw)], strict=True):
        try:
            YAMLHandler().load(raw[start:end])
        except yaml.YAMLError:
            continue  # an alias to another key's anchor
        except Exception:
            return raw.count("\n", 0, start) + 1
    return 1


def _load_toml(raw: str) -> Any:
    try:
        return tomllib.loads(raw)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        message = _TOML_PLACE.sub("", str(error)).strip()
        if place is None:  # "at end of document"
            raise _Bad(message, max(raw.count("\n"), 1)) from None
        raise _Bad(message, int(place[1]), int(place[2])) from None
    except (RecursionError, ValueError) as error:
        raise _Bad(str(error)) from None


def _load_json(raw: str) -> Any:
    from frontmatter.default_handlers import JSONHandler

    try:
        return JSONHandler().load(raw)
    except json.JSONDecodeError as error:
        raise _Bad(error.msg, error.lineno, error.colno) from None
    except (RecursionError, ValueError) as error:
        raise _Bad(str(error)) from None


def _check(value: Any) -> None:
    """Refuse what is small in the file and endless in use.

    Raises:
        _Bad: more than `MAX_VALUES` values or `MAX_DEPTH` levels, aliases counted each time.
    """
    stack: list[Iterator[Any]] = [iter((value,))]
    count = 0
    while stack:
        for item in stack[-1]:
            count += 1
            if count > MAX_VALUES or len(stack) > MAX_DEPTH:
                _refuse()
            if isinstance(item, dict):
                stack.append(iter(item.values()))
                break
            if isinstance(item, (list, tuple, set)):
                stack.append(iter(item))
                break
        else:
            stack.pop()


def _refuse() -> NoReturn:
    raise _Bad(
        f"more than {MAX_VALUES:,} values, or more than {MAX_DEPTH} levels (do aliases hold each other?)"
    )


def _key_lines(raw: str, first: int, pattern: re.Pattern[str]) -> dict[str, int]:
    lines: dict[str, int] = {}
    line, position = first, 0
    for match in pattern.finditer(raw):
        line += raw.count("\n", position, match.start())
        position = match.start()
        lines.setdefault(match[1] or match[2] or match[3], line)
    return lines
