"""Tokens: found in the environment or the system's keyring, carried in a wrapper that does not show them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import NoReturn

from publisher.errors import TokenError


class Secret:
    """A text that appears in no repr, message, log or pickle. `reveal` is the one way to it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is not written down.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


def variables(service: str) -> tuple[str, str]:
    """The environment variables that may hold a service's token; the first one that is set wins."""
    return f"PAGEMILL_{service.upper()}_TOKEN", f"{service.upper()}_TOKEN"


def token(
    service: str,
    environ: Mapping[str, str] = os.environ,
    keyring: Callable[[str], str | None] | None = None,
) -> Secret:
    """The token of a service: from the environment, else from the system's keyring (service "pagemill").

    `keyring` gives the stored password of a service; by default the optional `keyring` package is asked.

    Raises:
        TokenError: there is none, or it holds characters that no token has.
    """
    for name in variables(service):
        if text := environ.get(name, "").strip():
            return checked(text, name)
    if text := ((keyring or _from_keyring)(service) or "").strip():
        return checked(text, "the keyring's entry")
    raise TokenError(
        f"There is no token for {service}.",
        f"Set the environment variable {variables(service)[1]}, or store it once in the system's keyring: "
        f"keyring set pagemill {service} (needs pagemill[keyring]).",
    )


def checked(text: str, source: str) -> Secret:
    """The token, if it can stand in a header. `source` is named in the error, the token is not.

    Raises:
        TokenError: white space, quotation marks, control or other characters that no token has.
    """
    text = text.strip()
    for place, char in enumerate(text, 1):
        if not "!" <= char <= "~" or char in "\"'`,;":
            kind = (
                "white space" if char.isspace() else "a quotation mark" if char in "\"'`" else "a character"
            )
            raise TokenError(
                f"{source} holds {kind} that no token has, at place {place}.",
                "Copy the token again, alone: without quotation marks, name or line break.",
            )
    if not text:
        raise TokenError(f"{source} is empty.", "Copy the token again.")
    return Secret(text)


def _from_keyring(service: str) -> str | None:
    """The optional keyring's password; a keyring that is absent, locked or broken holds nothing."""
    try:
        import keyring  # late: it asks the desktop, and most runs have the token in the environment

        return keyring.get_password("pagemill", service)
    except Exception:  # backends raise errors of their own kinds (D-Bus, ctypes, locked, none at all)
        return None
