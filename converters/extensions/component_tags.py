"""How the tags of components are read: `<Tabs groupId="os">`, `</Tabs>`, `<Badge text={'new'} />`, `<>`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from converters.extensions.grammars import LONGEST, Tag

_BRACES = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*+\})*+\})*+\}"
_TAG = re.compile(
    rf"""<(?P<close>/?)(?P<name>[A-Z][\w.:-]*+|(?=>))(?P<attrs>(?:\s++(?:[A-Za-z_@:#.][\w@:.\-\[\]$]*+"""
    rf"""(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|{_BRACES}))?|{_BRACES}))*+)\s*+(?P<alone>/?)>""",
)
_ATTRIBUTE = re.compile(rf"""([A-Za-z_@:#.][\w@:.\-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|({_BRACES})))?""")
_TEXT_IN_BRACES = re.compile(r"""\{\s*(?:"([^"]*)"|'([^']*)'|`([^`$]*)`)\s*\}""")
_FILE_IN_BRACES = re.compile(r"""\b(?:require|useBaseUrl|withBase)\(\s*["'`]([^"'`${}]+)["'`]""")
_NAME_IN_BRACES = re.compile(
    r"""([A-Za-z_][\w-]*)\s*=\s*\{\s*(?:\{\s*light\s*:\s*)?([A-Za-z_$][\w$]*)(?:\.\w+)?\s*[,}]"""
)
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|bmp|ico|tiff?)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Component:
    """One tag of a component; `role` as in `Tag`, `named` are its attributes that are texts."""

    name: str
    role: str
    text: str
    end: int
    named: Mapping[str, str]

    def first(self, names: tuple[str, ...]) -> str:
        return next((self.named[name] for name in names if self.named.get(name)), "")

    def tag(self) -> Tag:
        """The component as the shortcode of the same name."""
        return Tag(self.name.lower(), "open", self.text, 0, 0, (), self.named)


def read(source: str, position: int) -> Component | None:
    """The component's tag at a position."""
    match = _TAG.match(source, position, position + LONGEST)
    if match is None:
        return None
    role = "close" if match["close"] else "alone" if match["alone"] else "open"
    return Component(match["name"], role, match[0], match.end(), _attributes(match["attrs"]))


def with_files(found: Component, files: Mapping[str, str]) -> Component:
    """The component with the files that are imported by the names in it; one that only shows a picture as its tag.

    `<Image img={logo} />` and `<ThemedImage sources={{light: logo}} />` do, and `<Logo />`, which is imported itself.
    """
    named = {name: files[value] for name, value in _NAME_IN_BRACES.findall(found.text) if value in files}
    if found.name == "ThemedImage" and (light := found.named.get("sources")):
        named["sources"] = light
    shown = next(filter(_PICTURE.search, (*named.values(), files.get(found.name, ""))), "")
    named = {**found.named, **named}
    if shown and not any(named.get(key) for key in ("href", "to", "url", "link")):
        return replace(found, name="img", named={**named, "src": shown})
    return replace(found, named=named)


def _attributes(text: str) -> dict[str, str]:
    named: dict[str, str] = {}
    for name, double, single, braces in _ATTRIBUTE.findall(text):
        inner = _TEXT_IN_BRACES.fullmatch(braces) if braces else None
        file = _FILE_IN_BRACES.search(braces) if braces and inner is None else None
        said = (inner[1] or inner[2] or inner[3]) if inner else file[1] if file else ""
        value = said if braces else double or single
        named.setdefault(name, value or "")
    return named
