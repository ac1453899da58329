"""Breaking the embedded workspace on purpose, the same way every time.

A rule is an effect and a condition on the request. The text form, for the command line::

    SPEC    = item *("," item)
    item    = effect "@" when | "rate=" N ["/" SECONDS] | "seed=" N
    effect  = name [":" ARGUMENT]
    when    = ["r" | "w"] ( N | N "-" M | N "+" | "*" N | P "%" )

`N` is the N-th request (counted from 1), `N-M` a range, `N+` from there on, `*N` every N-th, `P%` that share of the
requests, chosen by the seed. With `r` or `w` only reads or writes are counted and hit. Effects:

    429 529                refused, with Retry-After (ARGUMENT seconds, 1 if none)
    500 502 503 504        refused, nothing was done
    500-after … 504-after  done, but answered with that status; a Notion 503 then names what was committed
    reset, reset-after     the connection breaks before or after the work is done
    truncate               done, but the body of the answer is cut in half
    delay                  the answer waits ARGUMENT seconds
    revoked                401: the token is no longer good
    plan                   403: the plan has no API, or its limit of blocks is reached
    edit                   just before, somebody else adds words to a block of text, chosen by the seed

`429@5,503-after@w10%,rate=180/60,seed=3` refuses the fifth request, loses the answers of a tenth of all writes, and
allows 180 requests in any minute's window. What somebody else does can be anything in Python: `Faults.edits`.
"""

from __future__ import annotations

import asyncio
import math
import re
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Literal, TypeAlias

from publisher.emulator import stranger
from publisher.emulator.check import Refusal
from publisher.emulator.store import Store

Nature: TypeAlias = Literal["read", "write"]
Stage: TypeAlias = Literal["before", "after"]


class ConnectionLost(ConnectionResetError):
    """The answer will never come. Over HTTP the socket is closed; in process the client gets this exception."""


@dataclass(frozen=True, slots=True)
class When:
    """Which requests are hit: numbers from `first` to `last`, every `every`-th, or by chance `share` (0 to 1)."""

    first: int = 1
    last: float = math.inf
    every: int = 1
    share: float = 1.0
    only: Nature | None = None

    def hits(self, number: int, nature: Nature, chance: Callable[[], float]) -> bool:
        if self.only is not None and self.only != nature:
            return False
        if not self.first <= number <= self.last or number % self.every:
            return False
        return self.share >= 1 or chance() < self.share


@dataclass(frozen=True, slots=True)
class Rule:
    """`status` 0 breaks the connection; `cut` halves the answer; `delay` and `edit` let the request pass."""

    when: When
    stage: Stage = "before"
    status: int = 0
    cut: bool = False
    delay: float = 0.0
    retry_after: float = 1.0
    reason: str = ""
    edit: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `requests` in each window of `seconds`; windows follow one another from the first request on."""

    requests: int
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to one request."""

    number: int = 0
    delay: float = 0.0
    rule: Rule | None = None
    refusal: Refusal | None = None
    edit: Callable[[Store], object] | None = None


@dataclass
class Faults:
    """What goes wrong, and when.

    `edits` maps request numbers (from 1) to what somebody else does just before that request is handled. `clock`
    gives seconds since 1970 for the rate windows, `sleep` waits; both can be replaced, so that nothing has to wait.
    `refusals` counts what the rate window refused, `injected` the rules that struck.
    """

    rules: Sequence[Rule] = ()
    rate: Rate | None = None
    seed: int = 0
    edits: Mapping[int, Callable[[Store], object]] = field(default_factory=dict)
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    refusals: int = field(default=0, init=False)
    injected: int = field(default=0, init=False)
    _counts: dict[str, int] = field(default_factory=dict, init=False)
    _window: tuple[float, int] = field(default=(-math.inf, 0), init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def judge(self, nature: Nature) -> Verdict:
        """The fate of the next request. Thread-safe; decisions depend on the request's number, not on timing."""
        with self._lock:
            number = self._count("all")
            own = self._count(nature)
            edit = self.edits.get(number)
            refusal = self._limit()
            if refusal is not None:
                return Verdict(number, refusal=refusal, edit=edit)
            delay = 0.0
            for place, rule in enumerate(self.rules):
                counted = number if rule.when.only is None else own
                if not rule.when.hits(counted, nature, lambda place=place: self._chance(place, number)):  # type: ignore[misc]
                    continue
                self.injected += 1
                if rule.edit:
                    edit = edit or partial(stranger.edit, seed=f"{self.seed}:{number}")
                elif not rule.delay:
                    return Verdict(number, delay, rule, edit=edit)
                delay += rule.delay
            return Verdict(number, delay, edit=edit)

    def _count(self, name: str) -> int:
        self._counts[name] = self._counts.get(name, 0) + 1
        return self._counts[name]

    def _chance(self, place: int, number: int) -> float:
        return Random(f"{self.seed}:{place}:{number}").random()

    def _limit(self) -> Refusal | None:
        if self.rate is None:
            return None
        now = self.clock()
        start, used = self._window
        if now - start >= self.rate.seconds:
            start, used = now, 0
        self._window = (start, used + 1)
        if used < self.rate.requests:
            return None
        self.refusals += 1
        return limited(self.rate.seconds - (now - start), self.rate.requests, now)


def limited(seconds: float, limit: int = 0, now: float | None = None) -> Refusal:
    """A 429 that asks to wait `seconds`."""
    wait = max(1, math.ceil(seconds))
    reset = math.ceil((time.time() if now is None else now) + wait)
    headers = {
        "Retry-After": str(wait),
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(reset),
    }
    additional = {"rate_limit_reason": "public_api_request_rate_limit", "retry_after": str(wait)}
    message = "You have been rate limited. Please try again in a few minutes."
    return Refusal("rate_limited", message, headers=headers, additional=additional)


def refusal_of(rule: Rule) -> Refusal:
    """The error that a rule answers with, before anything is done."""
    wait = {"Retry-After": str(max(1, math.ceil(rule.retry_after)))}
    match rule.status:
        case 429:
            return limited(rule.retry_after)
        case 529:
            return Refusal("overload", "The service is overloaded. Please try again later.", headers=wait)
        case 401:
            return Refusal("unauthorized", "API token is invalid.")
        case 403:
            return Refusal("forbidden", rule.reason or "The plan of this workspace does not allow this.")
        case 503:
            return Refusal("unavailable", "The service is unavailable. Please try again later.")
        case 504:
            return Refusal("gateway_timeout", "The server did not answer in time.")
        case _:
            return Refusal("internal", "An unexpected error occurred.")


# The text form

_ITEM = re.compile(r"(?P<name>[a-z0-9-]+)(?::(?P<argument>[0-9.]+))?@(?P<only>[rw])?(?P<when>[0-9.*%+-]+)\Z")
_BEFORE = ("429", "529", "500", "502", "503", "504")


def parse(spec: str) -> Faults:
    """Faults from their text form.

    Raises:
        ValueError: the text does not follow the grammar; the message names the item.
    """
    rules, rate, seed = [], None, 0
    for item in filter(None, (part.strip() for part in spec.split(","))):
        if item.startswith("seed="):
            seed = _int(item[5:], item)
        elif item.startswith("rate="):
            requests, _, seconds = item[5:].partition("/")
            rate = Rate(_int(requests, item), float(_int(seconds, item)) if seconds else 60.0)
        else:
            rules.append(_rule(item))
    return Faults(rules, rate, seed)


def _int(text: str, item: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"fault {item!r}: {text!r} is not a number")
    return int(text)


def _rule(item: str) -> Rule:
    found = _ITEM.match(item)
    if found is None:
        raise ValueError(f"fault {item!r} should look like 429@5, 503-after@w10% or delay:2@3+")
    only: Nature | None = {"r": "read", "w": "write", None: None}[found["only"]]
    when = _when(found["when"], only, item)
    name, argument = found["name"], found["argument"]
    try:
        seconds = float(argument) if argument else 1.0
    except ValueError:
        raise ValueError(f"fault {item!r}: {argument!r} is not a number of seconds") from None
    base, _, after = name.partition("-")
    stage: Stage = "after" if after == "after" else "before"
    if base in _BEFORE and (not after or (stage == "after" and base not in ("429", "529"))):
        return Rule(when, stage, int(base), retry_after=seconds)
    if name in ("reset", "reset-after"):
        return Rule(when, stage)
    others = {
        "truncate": Rule(when, "after", cut=True),
        "delay": Rule(when, delay=seconds),
        "revoked": Rule(when, status=401),
        "plan": Rule(when, status=403),
        "edit": Rule(when, edit=True),
    }
    if name not in others:
        raise ValueError(f"fault {item!r}: there is no effect {name!r}")
    return others[name]


def _when(text: str, only: Nature | None, item: str) -> When:
    if text.endswith("%"):
        try:
            share = float(text[:-1]) / 100
        except ValueError:
            raise ValueError(f"fault {item!r}: {text!r} is not a share") from None
        return When(share=share, only=only)
    if text.startswith("*"):
        return When(every=max(1, _int(text[1:], item)), only=only)
    if text.endswith("+"):
        return When(first=_int(text[:-1], item), only=only)
    first, dash, last = text.partition("-")
    return When(_int(first, item), _int(last if dash else first, item), only=only)
