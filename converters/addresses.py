"""Addresses that stand in plain text: GFM's extended autolinks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it.rules_inline import StateInline

# Possessive and looking behind, so that no text makes it slow; unlike GFM it stops at
# full-width punctuation, which ends the sentence around an address and not the address.
_STOP = r"\s<\u3000-\u303f\uff00-\uffef"
_BARE = re.compile(
    rf"(?<![A-Za-z])(?:https?|ftp)://[^{_STOP}]++"
    rf"|(?<![^\s*_~(])www\.[^{_STOP}]++"
    r"|(?<![A-Za-z0-9._+\-/])[A-Za-z0-9._+\-]++@[A-Za-z0-9_\-]++(?:\.[A-Za-z0-9_\-]++)++",
    re.IGNORECASE,
)
# The rest of the word that an address stands in; a bracket ends the text of a link
_REST = re.compile(r"[^\s\]]*")
_NEAR = re.compile(r"[^\s\]]{0,500}")  # enough to see whether there is an address at all
_HOST = re.compile(r"(?:[a-z]+://)?(?:[^\s/?#@]*@)?([^\s/?#:]*)", re.IGNORECASE)


def bare_addresses(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each address in the text begins and ends, and the full address it stands for. Linear in the text."""
    for match in _BARE.finditer(text):
        address = _trim(match[0])
        if href := _href(address):
            yield match.start(), match.start() + len(address), href


def address_rule(state: StateInline, silent: bool) -> bool:
    """A sign of emphasis within a bare address is part of it: `https://example.org/__init__.py`."""
    text = "" if silent else state.pending
    if "://" not in text and "www." not in text:
        return False
    word = text[max(map(text.rfind, " \t\n[]")) + 1 :]
    for rest in (_NEAR, _REST):
        found = rest.match(state.src, state.pos, state.posMax)
        length = _goes_on(word, found[0]) if found else 0
        if not length:
            return False
    state.pending = text + state.src[state.pos : state.pos + length]
    state.pos += length
    return True


def _goes_on(word: str, rest: str) -> int:
    """How much of `rest` belongs to the address that `word` ends in; 0 if it ends in none."""
    if "://" in word or "www." in word:
        for start, end, _ in bare_addresses(word + rest):
            if start >= len(word):
                break
            if end > len(word):
                return end - len(word)
    return 0


def _trim(address: str) -> str:
    """GFM: punctuation at the end is not part of an address, nor is a parenthesis that it did not open."""
    end = len(address)
    surplus = address.count(")") - address.count("(")
    while end:
        last = address[end - 1]
        if last == ")" and surplus > 0:
            surplus -= 1
        elif last not in "?!.,:*_~'\";":
            break
        end -= 1
    return address[:end]


def _href(address: str) -> str:
    """The full address of a bare one, empty if it is none after all."""
    lower = address[:8].lower()
    if "@" in address and "://" not in lower and not lower.startswith("www."):
        return "mailto:" + address if "." in address.rpartition("@")[2] and address[-1] not in "-_" else ""
    match = _HOST.match(address)
    host = match[1] if match else ""
    if not any(character.isalnum() for character in host) or "_" in ".".join(host.split(".")[-2:]):
        return ""
    if lower.startswith("www."):
        return "http://" + address if len(host) > len("www.") else ""
    return address
