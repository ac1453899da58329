"""What an address turned out to be, and how that is said. Values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from converters.diagnostics import Diagnostic, diagnostic
from converters.external import WebUse
from publisher.remote.web import Unheard

State: TypeAlias = Literal["alive", "moved", "dead", "unsure", "skipped"]

_CODES: Mapping[State, str] = {"moved": "link-moved", "dead": "link-dead", "unsure": "link-unsure"}
_MEND = "Mend the link or take it out."
_LATER = "Check it again later."
_SHOWN = 300  # characters of an address in a message


@dataclass(frozen=True, slots=True)
class Verdict:
    """`says` goes on behind the address, as a sentence. `to` is where one that is alive has moved for good."""

    state: State
    says: str = ""
    to: str = ""


ALIVE = Verdict("alive")
SKIPPED = Verdict("skipped")


def of_status(status: int, leads: str = "") -> Verdict:
    """The verdict on the status of the last answer. `leads` names the address that gave it, behind redirects."""
    answers = f"leads to {shown(leads)}, which answers {status}" if leads else f"answers {status}"
    match status:
        case _ if status < 400:
            return ALIVE
        case 404 | 410:
            return Verdict("dead", f"{answers}: there is no such page. {_MEND}")
        case 401 | 407:
            return Verdict("unsure", f"{answers}: it wants a login. Open it in a browser.")
        case 429:
            return Verdict("unsure", f"{answers}: it asks for fewer requests. {_LATER}")
        case _ if status < 500:
            return Verdict("unsure", f"{answers}, perhaps to programs only. Open it in a browser.")
        case _:
            return Verdict("unsure", f"{answers}: its server is in trouble. {_LATER}")


def of_silence(error: Unheard, url: str, leads: str = "") -> Verdict:
    """The verdict where no answer came. `url` is what was asked for."""
    host = urlsplit(url).hostname or url
    before = f"leads to {shown(leads)}; " if leads else "cannot be reached: "
    match error.cause:
        case "private" if leads:
            return Verdict("unsure", f"leads to {shown(leads)}, which is not on the open web. {_MEND}")
        case "private":
            return SKIPPED
        case "name":
            return Verdict("dead", f"{before}there is no host {host}. {_MEND}")
        case "certificate":
            more = "Mend the link, or name your own certificates in SSL_CERT_FILE."
            return Verdict("dead", f"{before}the certificate of {host} is not valid ({error.why}). {more}")
        case "address":
            return Verdict("dead", f"{before}it is not an address that can be asked for. {_MEND}")
        case "absent" | "time" | "lost":
            return Verdict("unsure", f"{before}{host} {error.why}. {_LATER}")


def shown(url: str) -> str:
    return url if len(url) <= _SHOWN else f"{url[:_SHOWN]}…"


def diagnostics(uses: Iterable[WebUse], verdicts: Mapping[str, Verdict]) -> Iterator[Diagnostic]:
    """What is to be said at each place where an address stands; `verdicts` are by address without `#part`."""
    for use in uses:
        verdict = verdicts.get(bare(use.url))
        code = _CODES.get(verdict.state) if verdict is not None else None
        if verdict is not None and code is not None:
            says = verdict.says or _moved(use.url, verdict.to)
            yield diagnostic(code, f"{shown(use.url)} {says}", use.path, use.line, use.column)


def _moved(url: str, to: str) -> str:
    anchor = "" if "#" in to else url[len(bare(url)) :]
    return f"has moved for good to {shown(to + anchor)}. Write that instead."


def bare(url: str) -> str:
    """An address without its `#part`, which no server is told."""
    return url.partition("#")[0]
