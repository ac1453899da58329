"""Real repositories for tests: a bare remote and clones of it, with nobody's own settings of git."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from command import Result, environment, run

GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "file",
}


@dataclass
class Clone:
    """A working tree. `env` is added to what git and pagemill are run with."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)

    def _environment(self, env: dict[str, str] | None) -> dict[str, str]:
        ours = {name: value for name, value in environment().items() if not name.startswith("GIT_")}
        return {**ours, **GIT, **self.env, **(env or {})}

    def git(self, *arguments: str, env: dict[str, str] | None = None, code: int | None = 0) -> Result:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env=self._environment(env), capture_output=True, timeout=60
        )
        result = Result(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert code is None or result.code == code, result
        return result

    def pagemill(
        self,
        *arguments: str,
        env: dict[str, str] | None = None,
        stdin: str = "",
        code: int | None = 0,
        cwd: str = ".",
    ) -> Result:
        result = run(arguments, self.root / cwd, self._environment(env), stdin.encode())
        assert code is None or result.code == code, result
        return result

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())

    def commit(self, message: str = "change", **files: str) -> str:
        """Write files (`__` stands for a slash, `_md` at the end for `.md`), commit everything, and give the id."""
        for name, text in files.items():
            self.write(re.sub(r"_(md|py|yml)$", r".\1", name.replace("__", "/")), text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.head()

    def head(self) -> str:
        return self.git("rev-parse", "HEAD").out.strip()

    def push(self, *arguments: str, env: dict[str, str] | None = None, code: int | None = 0) -> Result:
        return self.git("push", *(arguments or ("origin", "HEAD")), env=env, code=code)

    def pages(self, env: dict[str, str] | None = None) -> dict[str, str]:
        """What a look at the state says: title and text of every page in the embedded workspace, by title."""
        return workspace_texts(self.root / ".pagemill" / "workspace.db")


def workspace_texts(database: Path) -> dict[str, str]:
    """Title and text of every page of an embedded workspace that is not in trash."""
    import httpx

    from publisher.emulator.app import create_app

    if not database.exists():
        return {}

    async def read() -> dict[str, str]:
        transport = httpx.ASGITransport(app=create_app(database))
        async with httpx.AsyncClient(
            transport=transport,
            base_url="http://127.0.0.1",
            headers={"Authorization": "Bearer t", "Notion-Version": "2026-03-11"},
        ) as client:
            answer = await client.post("/v1/search", json={"page_size": 100})
            found = {}
            for page in answer.json()["results"]:
                title = "".join(item["plain_text"] for item in page["properties"]["title"]["title"])
                blocks = (await client.get(f"/v1/blocks/{page['id']}/children?page_size=100")).json()[
                    "results"
                ]
                texts = [
                    "".join(item["plain_text"] for item in block[block["type"]].get("rich_text", []))
                    for block in blocks
                ]
                found[title] = "\n".join(line for line in texts if line)
            return found

    import asyncio

    return asyncio.run(read())


def bare(root: Path) -> Path:
    """An empty repository to push to, whose default branch is main."""
    remote = root / "remote.git"
    Clone(root).git("init", "-q", "--bare", "-b", "main", str(remote))
    return remote


def clone(root: Path, remote: Path, name: str = "work") -> Clone:
    """A clone with `main` checked out, whether or not the remote has it yet."""
    where = Clone(root)
    where.git("clone", "-q", str(remote), name)
    made = Clone(root / name)
    if not (made.root / ".git" / "refs" / "remotes" / "origin").exists():
        made.git("checkout", "-q", "-B", "main")
    return made


@pytest.fixture
def nobodys_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process, too, sees nobody's own settings of git."""
    for name, value in GIT.items():
        monkeypatch.setenv(name, value)
