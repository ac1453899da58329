"""Where the addresses on the web stand in a file: each as `file:line:column`, found again in the text.

Blocks know the line on which they begin and no more. To note every address while a file is converted would cost each
publish what only `check --external` wants to know.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

# Behind an address its end: what could go on with it is another, longer one.
_END = r"(?![\w/%=&#~+@-]|[.,;:!?]\w)"
_LETTERS = re.compile(r"(?:%[89A-F][0-9A-F])+", re.IGNORECASE)  # beyond ASCII
_BARE_HOST = re.compile(r"https?://[^/?#]+/")
# What is left in a canonical address of a path that held the page's title too
_PAGE_ID = re.compile(r"https://www\.notion\.so/([0-9a-f]{32})")


@dataclass(frozen=True, slots=True, order=True)
class WebUse:
    """One place where an address on the web stands; line and column count from 1 in the original file."""

    path: str
    line: int
    column: int
    url: str


def web_uses(path: str, data: bytes, found: Iterable[tuple[str, int]]) -> tuple[WebUse, ...]:
    """Where addresses stand.

    Args:
        path: The file, for the result.
        data: Its bytes.
        found: The addresses with the lines of their blocks; line 0 is for one that may stand anywhere.
    """
    wanted = list(found)
    if not wanted:
        return ()
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    places = _Places(text.replace("\r\n", "\n").replace("\r", "\n"), {line for _, line in wanted})
    return tuple(dict.fromkeys(WebUse(path, *places.of(url, line), url) for url, line in wanted))


class _Places:
    """Finds addresses in a text. The same address in the same block is found at its next place each time."""

    def __init__(self, text: str, lines: Iterable[int]) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._blocks = sorted(lines)
        self._at: dict[tuple[str, int], Iterator[int]] = {}
        self._last: dict[tuple[str, int], tuple[int, int]] = {}

    def of(self, url: str, line: int) -> tuple[int, int]:
        """Line and column of an address in the block that begins on `line`; the block's where it is not found."""
        key = url, line
        search = self._at.get(key)
        if search is None:
            search = self._at[key] = self._search(url, line)
        position = next(search, None)
        if position is not None:
            self._last[key] = self._place(position)
        return self._last.setdefault(key, (max(line, 1), 1))

    def _search(self, url: str, line: int) -> Iterator[int]:
        """Its places in the block; if there are none that of its definition (`[name]: address`), or the nearest."""
        spelled = f"(?:{'|'.join(map(re.escape, _spellings(url)))}){_END}"
        begin, end = self._extent(line)
        inside = [match.start() for match in re.finditer(spelled, self._text[begin:end], re.I)]
        if inside:
            yield from (begin + position for position in inside)
            return
        defined = re.search(rf"^[ \t>]*\[[^\]\n]+\]:\s*<?(?P<url>{spelled})", self._text, re.I | re.M)
        if defined:
            yield defined.start("url")
            return
        anywhere = [match.start() for match in re.finditer(spelled, self._text, re.I)]
        yield from sorted(anywhere, key=lambda position: abs(position - begin))[:1]

    def _extent(self, line: int) -> tuple[int, int]:
        """From where to where a block may reach: to the line on which the next one with an address begins."""
        if not 0 < line <= len(self._starts):
            return 0, len(self._text)
        after = bisect_right(self._blocks, line)
        following = self._blocks[after] if after < len(self._blocks) else len(self._starts) + 1
        end = self._starts[following - 1] if following <= len(self._starts) else len(self._text)
        return self._starts[line - 1], end

    def _place(self, position: int) -> tuple[int, int]:
        line = bisect_right(self._starts, position)
        return line, position - self._starts[line - 1] + 1


def _spellings(url: str) -> Sequence[str]:
    """How an address may be written in a file, in the order of trust."""
    letters = _LETTERS.sub(lambda match: unquote(match[0]), url)
    found = [url, letters, unquote(url)]
    if _BARE_HOST.fullmatch(url):
        found.append(url[:-1])
    if page := _PAGE_ID.match(url):
        found.append(page[1])
    found += [html.escape(item, quote=False) for item in found if "&" in item]
    found += [item.replace("_", "\\_") for item in found if "_" in item]
    found += [item.partition("://")[2] for item in found if "://www." in item]
    return tuple(dict.fromkeys(found))
