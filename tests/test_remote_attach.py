"""Files in requests: brought there first, and once more only when a refusal can be about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from virtual_time import run

from converters.dialects.base import compact
from converters.dialects.uploads import Hosted, upload_address
from publisher.errors import RejectedError, TokenError
from publisher.remote.attach import Attach
from publisher.remote.port import Answer, Request

HASH = "0123456789abcdef0123"
PICTURE = {"type": "image", "image": {"type": "file", "file": {"url": upload_address(HASH)}}}
BODY = compact({"children": [PICTURE]})
REQUEST = Request("PATCH", "/p", BODY, "write")


class Service:
    """Refuses the first request."""

    def __init__(self, error: Exception) -> None:
        self.error: Exception | None = error

    async def send(self, request: Request) -> Answer:
        error, self.error = self.error, None
        if error is not None:
            raise error
        return Answer(200, {}, b"{}")

    async def close(self) -> None: ...


class Files:
    """Has lost its files if it is asked; `checks` says that it can find out without a hint."""

    def __init__(self, checks: bool) -> None:
        self.checks = checks
        self.supplied = 0

    async def supply(self, hashes: Sequence[str]) -> Mapping[str, Hosted]:
        self.supplied += 1
        return {hash: Hosted("file_upload", {"id": f"u-{self.supplied}"}, "a.png") for hash in hashes}

    async def lost(self, files: Mapping[str, Hosted], named: bool) -> bool:
        return self.checks or named

    def used(self, hashes: Sequence[str]) -> None: ...


def supplied(error: Exception, checks: bool) -> int:
    """How often the files were asked for."""
    attach, files = Attach(Service(error)), Files(checks)
    attach.supplier = files
    try:
        run(attach.send(REQUEST))
    except type(error):
        assert files.supplied == 1
    return files.supplied


def refused(status: int, message: str) -> RejectedError:
    return RejectedError(message, status=status, code="c")


@pytest.mark.parametrize("checks", [False, True])
@pytest.mark.parametrize(
    "error",
    [
        refused(400, "children[0].image: oss_name: is not the name of an uploaded file."),
        refused(400, "File upload u-1 has expired."),
        refused(404, "Could not find file_upload with ID: u-1."),
    ],
)
def test_a_file_that_is_gone_is_brought_again(error: RejectedError, checks: bool) -> None:
    assert supplied(error, checks) == 2


@pytest.mark.parametrize("checks", [False, True])
@pytest.mark.parametrize(
    "error",
    [
        refused(404, "Could not find page with ID: p."),
        refused(403, "The plan allows no more blocks."),
        refused(413, "Too large a file."),
        TokenError("no"),
    ],
)
def test_other_refusals_bring_nothing_again(error: Exception, checks: bool) -> None:
    assert supplied(error, checks) == 1


def test_a_bad_request_that_names_no_file_is_looked_into_where_that_is_possible() -> None:
    error = refused(400, "children[0].image.caption should be an array.")
    assert (supplied(error, False), supplied(error, True)) == (1, 2)
