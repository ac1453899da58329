"""`pagemill serve` with its options, over real HTTP; and that its page in the documentation is true."""

from __future__ import annotations

import json
import re
import socket
import tomllib
from pathlib import Path

import httpx
import pytest
from command import ask, pagemill, serving

from publisher.emulator.faults import parse
from publisher.emulator.switches import load_tokens

PAGE = (Path(__file__).parents[1] / "docs" / "serve.md").read_text(encoding="utf-8")
TOKENS = '["w"]\n["r"]\nname = "reader"\ninsert = false\nupdate = false\n["blind"]\nread = false\n'


@pytest.fixture
def tokens(tmp_path: Path) -> str:
    (tmp_path / "tokens.toml").write_text(TOKENS, encoding="utf-8")
    return "tokens.toml"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_file_guards_the_services_and_the_pages(tmp_path: Path, tokens: str) -> None:
    with serving(tmp_path, "--tokens", tokens) as url:
        assert ask("POST", url + "/v2/pages", {}, bearer("w")).status_code == 200
        assert ask("POST", url + "/v2/pages", {}, bearer("r")).status_code == 403
        assert ask("GET", url + "/v2/users/me", None, bearer("other")).status_code == 401
        for path in ("/", "/search", "/recent", "/static/site.css", "/events", "/p/x"):
            refused = httpx.get(url + path)
            assert refused.status_code == 401, path
            assert refused.headers["WWW-Authenticate"].startswith("Basic ")
        for name, status in (("w", 200), ("r", 200), ("blind", 401), ("other", 401), ("", 401)):
            assert httpx.get(url, auth=("anybody", name)).status_code == status, name
        assert httpx.get(url, headers={"Authorization": "Basic ?"}).status_code == 401


def test_the_pages_are_open_without_a_token_file(tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        assert httpx.get(url).status_code == 200
        assert httpx.get(url, headers={"Host": "evil.example"}).status_code == 421


def test_others_get_in_with_tokens_only(tmp_path: Path, tokens: str) -> None:
    alone = pagemill("serve", "--host", "0.0.0.0", "--port", "0", cwd=tmp_path)
    assert alone.code == 2
    assert "--tokens" in alone.err
    assert not (tmp_path / ".pagemill").exists()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    shared = (
        "--host",
        "0.0.0.0",
        "--port",
        str(port),
        "--tokens",
        tokens,
        "--url",
        "http://docs.example:80/",
    )
    with serving(tmp_path, *shared) as said:
        assert said == "http://docs.example:80"
        url = f"http://127.0.0.1:{port}"
        for host, status in (("docs.example", 200), ("192.168.7.9", 200), ("evil.example", 421)):
            headers = {**bearer("w"), "Host": host}
            assert ask("POST", url + "/v2/pages", {}, headers).status_code == status, host
        page = ask("POST", url + "/v2/pages", {}, bearer("w")).json()
        assert page["url"].startswith("http://docs.example:80/")


def test_faults_and_the_log(tmp_path: Path) -> None:
    with serving(tmp_path, "--fault", "429:3@2,edit@w3", "--log", "log.jsonl") as url:
        words = {"rich_text": [{"type": "text", "text": {"content": "mine"}}]}
        paragraph = {"type": "paragraph", "paragraph": words}
        page = ask("POST", url + "/v2/pages", {"children": [paragraph]}).json()["id"]
        refused = ask("GET", f"{url}/v2/pages/{page}")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3")
        for _ in range(2):
            ask("PATCH", f"{url}/v2/pages/{page}", {"icon": None})
        read = ask("GET", f"{url}/v2/blocks/{page}/children").json()["results"][0]
        text = "".join(item["plain_text"] for item in read["paragraph"]["rich_text"])
        assert text == "mine (edited by somebody else)"
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["status"] for line in lines] == [200, 429, 200, 200, 200]
    assert [line["nature"] for line in lines] == ["write", "read", "write", "write", "read"]
    documented = PAGE.partition("one line of JSON")[2].partition("In Python")[0]
    assert all(f"`{name}`" in documented for name in lines[0] if name not in ("code", "seconds"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--port", "99999"], "99999"),
        (["--fault", "418@1"], "'418@1'"),
        (["--tokens", "none.toml"], "none.toml"),
        (["--tokens", "broken.toml"], "broken.toml"),
        (["--log", "nowhere/log"], "nowhere"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, arguments: list[str], says: str) -> None:
    (tmp_path / "broken.toml").write_text("x\n", encoding="utf-8")
    result = pagemill("serve", *arguments, cwd=tmp_path)
    assert (result.code, says in result.err) == (2, True), result.err
    assert "Traceback" not in result.err


def test_the_documentation_is_true(tmp_path: Path) -> None:
    rows = re.findall(r"^\| (`[^|]+`) \|", PAGE.partition("| effect |")[2], re.MULTILINE)
    effects = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert len(effects) == 15
    for effect in effects:
        parse(f"{effect}@1")
    for spec in re.findall(r'--fault "([^"]+)"', PAGE):
        assert parse(spec).rules
    example = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]
    file = tmp_path / "tokens.toml"
    file.write_text(example, encoding="utf-8")
    assert set(load_tokens(file)) == set(tomllib.loads(example))
    rights = PAGE.partition("| key |")[2].partition("`revoked")[0]
    for key in re.findall(r"^\| `(\w+)` \|", rights, re.MULTILINE):
        file.write_text(f"[a]\n{key} = false\n", encoding="utf-8")
        assert getattr(load_tokens(file)["a"], key) is False
