"""Uploaded files on their way into requests: content names them by what is in them, a service by its own reference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from converters.dialects.uploads import Hosted, attach, uploads
from publisher.errors import PagemillError, RejectedError
from publisher.remote.port import Answer, Request, Transport


class Supplier(Protocol):
    """Brings files into the workspace. Hashes are those that content names them by."""

    async def supply(self, hashes: Sequence[str]) -> Mapping[str, Hosted]:
        """The uploaded files, each brought there first if need be.

        Raises:
            PagemillError: one of them cannot be uploaded.
        """
        ...

    async def lost(self, files: Mapping[str, Hosted], named: bool) -> bool:
        """Whether the service no longer has one of those supplied files; that one is uploaded anew when it is asked for.

        `named`: the refusal speaks of a file, which has to do where the service cannot be asked.
        """
        ...

    def used(self, hashes: Sequence[str]) -> None:
        """They stand on a page now, and do not expire any more."""
        ...


_FILE = re.compile(r"upload|oss_?name|\bfile\b", re.IGNORECASE)


def _may_be_file(status: int, named: bool) -> bool:
    """Whether a refusal can be about a file that is not there any more; a 404 is mostly about the page."""
    return status == 400 or (status in (404, 410) and named)


class Attach:
    """Sends requests that name files once these are there, with the service's references to them.

    Everything outside of it sees the names, so that what is recorded, compared and reviewed does not depend on how a
    service calls an upload. `supplier` is set by whoever has files to bring; all other requests pass as they are.
    """

    def __init__(self, inner: Transport) -> None:
        self.supplier: Supplier | None = None
        self.inner = inner

    async def send(self, request: Request) -> Answer:
        hashes = uploads([request.body]) if request.body else ()
        if not hashes:
            return await self.inner.send(request)
        if self.supplier is None:
            raise PagemillError(
                "A file was to be attached, but there is nobody to upload it.",
                "Please report this message; --no-uploads publishes without files.",
            )
        files = await self.supplier.supply(hashes)
        try:
            answer = await self._attached(request, files)
        except RejectedError as error:
            named = _FILE.search(error.message) is not None
            if not _may_be_file(error.status, named) or not await self.supplier.lost(files, named):
                raise
            answer = await self._attached(request, await self.supplier.supply(hashes))
        self.supplier.used(hashes)
        return answer

    async def bring(self, contents: Iterable[bytes]) -> None:
        """Upload the files that contents name, ahead of the requests that show them.

        Raises:
            PagemillError: one of them cannot be uploaded.
        """
        if self.supplier is not None and (hashes := uploads(contents)):
            await self.supplier.supply(hashes)

    async def _attached(self, request: Request, files: Mapping[str, Hosted]) -> Answer:
        body = attach(request.body or b"", files.__getitem__)
        return await self.inner.send(replace(request, body=body))

    async def close(self) -> None:
        await self.inner.close()
