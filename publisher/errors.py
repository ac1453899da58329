"""Errors for people: what happened and what to do next. The command line prints them without a traceback."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    FAILED = 1  # pages or checks failed, or nothing could be sent
    USAGE = 2  # bad usage or configuration
    CONFLICT = 3  # somebody else's edit, or another run, is in the way
    TOKEN = 4  # token missing or refused
    UNREACHABLE = 5  # the service could not be reached
    INTERRUPTED = 130  # Ctrl-C, state saved


class PagemillError(Exception):
    """The base of all errors that a person can mend. `hint` says how."""

    exit = Exit.FAILED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class Interrupted(Exception):
    """Ctrl-C came; nothing is half done, and the next run goes on there."""


class UsageError(PagemillError):
    """A wrong option, setting or path."""

    exit = Exit.USAGE


def not_a_workspace(path: object, error: object) -> UsageError:
    """What a person is told of a file that does not hold an embedded workspace."""
    return UsageError(
        f"{path} cannot be used as a workspace: {error}.",
        "Name another file with --workspace: one that is not there yet is made.",
    )


class ConflictError(PagemillError):
    """Somebody else's edit, or another run, is in the way."""

    exit = Exit.CONFLICT


class TrashedError(ConflictError):
    """Somebody moved a page to the trash. `page` is its id; `above` says that it stands above the one in question."""

    def __init__(self, message: str, page: str, above: bool) -> None:
        super().__init__(message)
        self.page = page
        self.above = above


class TokenError(PagemillError):
    """No token, or the service refused it."""

    exit = Exit.TOKEN


class UnreachableError(PagemillError):
    """The service gives no answer: no network, a wrong address, an outage that outlasted the retries."""

    exit = Exit.UNREACHABLE


class StorageError(UnreachableError):
    """What is kept on a disk cannot be written or read: the state, or the embedded workspace. Nothing can go on.

    Of a write to the service it says nothing: it may have been done, and only its note is missing.
    """

    exit = Exit.FAILED


class RejectedError(PagemillError):
    """The service refused one request. Keeps its code and request id, and in `words` just what it said itself."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str,
        request_id: str = "",
        hint: str = "",
        words: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, hint)
        self.status = status
        self.code = code
        self.request_id = request_id
        self.words = words or (message,)


class UploadError(PagemillError):
    """A file that a page shows cannot be read, or is refused. `hash` is what content names it by."""

    def __init__(self, message: str, hint: str, *, hash: str) -> None:
        super().__init__(message, hint)
        self.hash = hash


class UnknownOutcomeError(PagemillError):
    """A write whose answer was lost: it may have happened. Read before anything is sent again."""
