"""The real command in a process of its own, for tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile

import httpx
import warm

PAGEMILL = [sys.executable, "-m", "publisher"]


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """Nothing of the person's own settings and tokens, and no keyring; what is compiled is kept for the next process."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PAGEMILL_")
        and not name.endswith("_TOKEN")
        and name != "PYTHONDONTWRITEBYTECODE"
    }
    return {
        **kept,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "COLUMNS": "80",
        **(extra or {}),
    }


def pagemill(
    *arguments: str, cwd: Path, env: dict[str, str] | None = None, stdin: bytes = b"", timeout: float = 60
) -> Result:
    return run(arguments, cwd, environment(env), stdin, timeout)


def run(
    arguments: Sequence[str], cwd: Path, env: dict[str, str], stdin: bytes = b"", timeout: float = 60
) -> Result:
    """`pagemill` in this environment; see `warm` for how it starts."""
    if warm.POSSIBLE and _parent().fits(env):
        with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
            given.write(stdin)
            given.seek(0)
            code = _parent().run(arguments, cwd, env, (given, out, err), timeout)
            said = [
                os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode() for file in (out, err)
            ]
        return Result(code, *said)
    done = subprocess.run(
        [*PAGEMILL, *arguments], cwd=cwd, env=env, input=stdin, capture_output=True, timeout=timeout
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


@cache
def _parent() -> warm.Parent:
    return warm.Parent(environment())


@contextmanager
def serving(cwd: Path, *arguments: str) -> Iterator[str]:
    """`pagemill serve` on a free port, over a workspace in `cwd` if none is named; gives the address that it says."""
    named = "--workspace" in arguments or (bool(arguments) and not arguments[0].startswith("-"))
    where = [] if named else ["--workspace", str(cwd / "workspace.db")]
    process = subprocess.Popen(
        [*PAGEMILL, "serve", "--port", "0", *where, *arguments],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://[\w.-]+:\d+", process.stdout.readline())
        assert found, "serve did not say where"
        yield found.group()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def ask(method: str, url: str, body: object = None, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.request(
        method, url, json=body, headers={"Authorization": "Bearer t", **(headers or {})}, timeout=10
    )
