"""The real command in a process of its own, for tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

PAGEMILL = [sys.executable, "-m", "publisher"]


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """Nothing of the person's own settings and tokens, and no keyring."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PAGEMILL_") and not k.endswith("_TOKEN")}
    return {
        **kept,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "COLUMNS": "80",
        **(extra or {}),
    }


def pagemill(
    *arguments: str, cwd: Path, env: dict[str, str] | None = None, stdin: bytes = b"", timeout: float = 60
) -> Result:
    done = subprocess.run(
        [*PAGEMILL, *arguments],
        cwd=cwd,
        env=environment(env),
        input=stdin,
        capture_output=True,
        timeout=timeout,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


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
