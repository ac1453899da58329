"""What the front matter of a file says about its page."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable
from typing import Any

from converters.blocks import FileRef, Url
from converters.dialects.encode import is_emoji
from converters.extensions.emoji import emoji
from converters.frontmatter import FrontMatter
from converters.links import classify
from converters.state import State

_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|ico|bmp)\Z", re.IGNORECASE)
_ICON_NAME = re.compile(r"(?:material|octicons|fontawesome|simple)/[\w/-]+\Z")  # of MkDocs themes


class Head:
    """Reads the keys that pagemill knows; a value of the wrong type is reported and counts as absent."""

    def __init__(
        self, state: State, front: FrontMatter, extensions: frozenset[str], order_keys: Iterable[str]
    ) -> None:
        self.state = state
        self.extensions = extensions
        self.order_keys = order_keys
        self.front = front
        self.rest: dict[str, Any] = dict(front.metadata)

    def take(self, key: str) -> Any:
        return self.rest.pop(key, None)

    def wrong(self, key: str, expected: str) -> None:
        line = self.front.lines.get(key, 1)
        self.state.report("front-matter-type", f"“{key}” should be {expected}; it is ignored.", line, 1)

    def title(self) -> str:
        value = self.take("title")
        if value is None:
            return ""
        if isinstance(value, (bool, list, dict)):
            self.wrong("title", "text")
            return ""
        title = " ".join((value if isinstance(value, str) else _scalar(value)).split())
        if not title:
            self.state.report("title-empty", "The title is empty.", self.front.lines.get("title", 1), 1)
        return title

    def icon(self) -> str:
        icon, sign = self.take("icon"), self.take("emoji")
        key, value = ("icon", icon) if icon is not None else ("emoji", sign)
        if value is None or value == "":
            return ""
        if isinstance(value, str):
            text = value.strip()
            if "emoji" in self.extensions:
                text = emoji(text)
            if is_emoji(text) or (text := self.picture(text)):
                return text
            if "icons" in self.extensions and _ICON_NAME.match(value.strip()):
                line = self.front.lines.get(key, 1)
                self.state.report("icon-dropped", f"The icon {value.strip()} is not shown.", line, 1)
                return ""
        self.wrong(key, "an emoji or the address of a picture")
        return ""

    def cover(self) -> str:
        value = self.take("cover")
        if value is None or value == "":
            return ""
        # Hugo themes write `cover: {image: …}`
        if isinstance(value, dict) and isinstance(value.get("image"), str):
            value = value["image"]
        if isinstance(value, str) and (found := self.picture(value.strip())):
            return found
        self.wrong("cover", "the address of a picture")
        return ""

    def picture(self, address: str) -> str:
        """An absolute URL, or the path of a local picture from the folder's root."""
        link = classify(address, self.state.path, media=True)
        if isinstance(link, Url):
            return link.url if link.url[:4].lower() == "http" else ""
        return link.path if isinstance(link, FileRef) and _PICTURE.search(link.path) else ""

    def order(self) -> float | None:
        found: float | None = None
        for key in self.order_keys:
            value = self.take(key)
            if value is None or (key == "weight" and value == 0):  # Hugo: 0 is no weight
                continue
            number = _number(value)
            if number is None:
                self.wrong(key, "a number")
            elif found is None:
                found = number
        return found

    def draft(self) -> bool:
        draft = self._flag("draft", strict=True)
        return bool(draft) or self._flag("published", strict=False) is False

    def off(self) -> tuple[str, ...]:
        """The codes of `pagemill: {off: [...]}`; one may stand without brackets."""
        value = self.take("pagemill")
        if value is None:
            return ()
        if isinstance(value, dict):  # YAML reads a bare `off` as false
            value = {"off" if key is False else key: part for key, part in value.items()}
        codes = value.get("off", []) if isinstance(value, dict) and value.keys() <= {"off"} else None
        codes = [codes] if isinstance(codes, str) else codes
        if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
            self.wrong("pagemill", "“off” and a list of codes")
            return ()
        return tuple(codes)

    def _flag(self, key: str, strict: bool) -> bool | None:
        value = self.rest.get(key)
        if isinstance(value, str):
            value = {"true": True, "yes": True, "false": False, "no": False}.get(value.strip().lower(), value)
        if isinstance(value, bool):
            del self.rest[key]
            return value
        if strict and key in self.rest:
            if value is not None:
                self.wrong(key, "true or false")
            del self.rest[key]
        return None


def _scalar(value: Any) -> str:
    return value.isoformat() if isinstance(value, (datetime.date, datetime.time)) else str(value)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
