"""Retries by permanence: what may pass is tried again, as long as nothing can be written twice by it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, wait_exponential, wait_random

from publisher.errors import ConflictError, Interrupted, PagemillError, UnknownOutcomeError
from publisher.remote.port import Answer, PassingError, Request, Transport


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request may take with all its attempts and pauses, in seconds; the throttle's waits do not count.

    `refused`: while the service only says "later", and how much (Notion: Retry-After of at most a minute for a
    connection, more for a workspace); here pauses count alone. `failing`: on errors and lost answers, and refusals that
    do not say when to come again. `absent`: while nothing was ever heard from the service at the address.
    """

    refused: float = 900.0
    failing: float = 180.0
    absent: float = 5.0


class Retry:
    """Sends again what may pass.

    A refusal before anything was done (429, 529) and a connection that never stood are repeated whatever the
    request is. Server errors and lost answers are repeated for reads and idempotent requests; a plain write
    then ends at once with `UnknownOutcomeError`, and so does any write that was perhaps done when patience ends.
    """

    def __init__(
        self,
        inner: Transport,
        *,
        patience: Patience | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._inner = inner
        self._patience = patience or Patience()
        self._sleep = sleep
        self._backoff = wait_exponential(multiplier=0.5, max=30.0) + wait_random(0.0, 1.0)
        self._heard = False

    async def send(self, request: Request) -> Answer:
        call = _Call(request)
        # tenacity keeps the state of a run per thread, so every request has its own
        attempts = AsyncRetrying(
            retry=call.may_repeat,
            wait=self._pause,
            stop=lambda state: self._is_over(call, state),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            answer: Answer = await attempts(self._inner.send, request)
        except PassingError as error:
            self._heard = self._heard or _is_service(error)
            raise call.verdict(error) from error
        except Interrupted as error:
            if not call.maybe_written:
                raise
            raise UnknownOutcomeError("Stopped before its answer was known.", _READ_FIRST) from error
        except ConflictError as error:
            if not call.maybe_written:
                raise
            # The page may have been changed by our own earlier attempt.
            raise UnknownOutcomeError(error.message, _READ_FIRST) from error
        self._heard = True
        return answer

    async def close(self) -> None:
        await self._inner.close()

    def _pause(self, state: RetryCallState) -> float:
        error = _error(state)
        backoff = self._backoff(state)
        return error.retry_after + min(backoff, 1.0) if error.retry_after else backoff

    def _is_over(self, call: _Call, state: RetryCallState) -> bool:
        error = _error(state)
        self._heard = self._heard or _is_service(error)
        paused = state.idle_for + state.upcoming_sleep
        if _says_when(error):
            return paused > self._patience.refused
        absent = not self._heard and (error.status > 0 or not error.maybe_written)
        if call.request.stream is not None and state.attempt_number < TRIES:
            return paused > self._patience.failing
        return paused + call.asked > (self._patience.absent if absent else self._patience.failing)


@dataclass(slots=True)
class _Call:
    """One request and what its attempts so far may have done."""

    request: Request
    maybe_written: bool = False
    attempts: int = 0
    asked: float = 0.0  # seconds that its attempts took

    def may_repeat(self, state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        if error is None:
            return False
        self.attempts = state.attempt_number
        if not isinstance(error, PassingError):
            return False
        self.asked += error.seconds
        if error.maybe_written and self.request.nature != "read":
            self.maybe_written = True
            return self.request.nature == "idempotent"
        return True

    def verdict(self, error: PassingError) -> PagemillError:
        """What a person is told when there is no further attempt."""
        message = error.message
        if self.attempts > 1:
            message += f"\nTried {self.attempts} times."
        if error.retry_after is not None and error.retry_after > 0:
            message += f"\nThe service asks to wait {error.retry_after:.0f} s."
        if self.maybe_written:
            return UnknownOutcomeError(message, _READ_FIRST)
        return error.verdict(message, error.hint)


TRIES = 3  # of an upload at least: one may take minutes, and break for a reason that has passed
_READ_FIRST = "It is not known whether this was done. Run again: the page is read before anything is sent."


def _is_service(error: PassingError) -> bool:
    """Whether it was the service that said so: a success that is none comes from something else on the way."""
    return error.status >= 300


def _says_when(error: PassingError) -> bool:
    return not error.maybe_written and error.status > 0 and bool(error.retry_after)


def _error(state: RetryCallState) -> PassingError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, PassingError)  # `may_repeat` lets nothing else through
    return error
