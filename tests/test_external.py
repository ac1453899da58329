"""`check --external`: what is asked for, how politely, and what is made of the answers. No network, no waiting."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
import virtual_time

from converters.diagnostics import Diagnostic
from converters.external import WebUse
from publisher import cli
from publisher.config import load
from publisher.converting import check
from publisher.errors import Exit
from publisher.external import check as check_module
from publisher.external import hosts
from publisher.external.check import External
from publisher.external.hosts import IN_ALL, PAUSE, PER_HOST, is_askable
from publisher.external.known import FILE, Known
from publisher.external.verdict import ALIVE, Verdict
from publisher.remote.web import Unheard, Web, is_private

Answer = Callable[[httpx.Request], httpx.Response]
DAY = 86_400.0


@dataclass
class Net:
    """The open web: what each address answers, and what was asked of it when. `seconds` is how long an answer takes."""

    answers: dict[str, int | str | Answer | Exception] = field(default_factory=dict)
    hosts: dict[str, Sequence[str] | Exception] = field(default_factory=dict)
    seconds: float = 0.0
    asked: list[tuple[float, str, str]] = field(default_factory=list)
    under_way: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    wall: float = 1_000_000.0

    def web(self) -> Web:
        return Web(
            lambda: self.wall,
            connections=99,
            resolve=self.resolve,
            transport=httpx.MockTransport(self.answer),
        )

    async def resolve(self, host: str) -> Sequence[str]:
        found = self.hosts.get(host, ["93.184.215.14"])
        if isinstance(found, Exception):
            raise found
        return found

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((asyncio.get_running_loop().time(), request.method, str(request.url)))
        for key in (request.url.host, "all"):
            self.under_way[key] += 1
            self.most[key] = max(self.most[key], self.under_way[key])
        try:
            if self.seconds:
                await asyncio.sleep(self.seconds)
            return self._answer(self.answers.get(str(request.url), 200), request)
        finally:
            self.under_way.subtract([request.url.host, "all"])

    def _answer(self, answer: int | str | Answer | Exception, request: httpx.Request) -> httpx.Response:
        match answer:
            case int():
                return httpx.Response(answer)
            case str():  # "301 https://b.dev/"
                status, _, to = answer.partition(" ")
                return httpx.Response(int(status), headers={"location": to})
            case Exception():
                raise answer
            case _:
                return answer(request)

    @property
    def requests(self) -> list[str]:
        return [f"{method} {url}" for _, method, url in self.asked]


def look(net: Net, *urls: str, **more: object) -> list[Diagnostic]:
    """What is said of addresses that stand on a line each."""
    uses = [WebUse("a.md", line, 1, url) for line, url in enumerate(urls, 1)]
    external = External(web=net.web, wall=lambda: net.wall, **more)  # type: ignore[arg-type]
    return list(virtual_time.run(external.find(uses)))


def said(net: Net, url: str) -> tuple[str, str]:
    """The code and the message for one address, beside another one that is alive."""
    (item,) = look(net, "https://alive.dev/", url)
    return item.code, item.message


def test_what_is_alive_is_asked_for_once_and_not_spoken_of() -> None:
    net = Net()
    assert look(net, "https://a.dev/x", "https://a.dev/x#part", "https://a.dev/x", "http://b.dev/") == []
    assert sorted(net.requests) == ["HEAD http://b.dev/", "HEAD https://a.dev/x"]


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "dead"), (410, "dead"), (401, "unsure"), (403, "unsure"), (418, "unsure"), (501, "unsure")],
)
def test_a_refusal_is_asked_again_with_get_and_judged(status: int, code: str) -> None:
    net = Net({"https://a.dev/": status})
    assert said(net, "https://a.dev/")[0] == f"link-{code}"
    assert net.requests[1:] == ["HEAD https://a.dev/", "GET https://a.dev/"]


def test_every_place_of_a_dead_address_is_named_with_what_to_do() -> None:
    net = Net({"https://a.dev/x": 404})
    found = look(net, "https://a.dev/x", "https://a.dev/", "https://a.dev/x#part")
    assert [str(item) for item in found] == [
        f"a.md:{line}:1: warning: {url} answers 404: there is no such page. Mend the link or take it out. [link-dead]"
        for line, url in ((1, "https://a.dev/x"), (3, "https://a.dev/x#part"))
    ]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 501, 503])
def test_a_server_that_does_not_like_head_is_believed_with_get(status: int) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status if request.method == "HEAD" else 200)

    assert look(Net({"https://a.dev/": answer}), "https://a.dev/") == []


def test_of_a_body_nothing_is_read() -> None:
    async def body():  # type: ignore[no-untyped-def]
        pytest.fail("the body was read")
        yield b""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(405) if request.method == "HEAD" else httpx.Response(200, content=body())

    assert look(Net({"https://a.dev/": answer}), "https://a.dev/") == []


# -- redirects ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 308])
def test_what_has_moved_for_good_is_named_with_its_new_address(status: int) -> None:
    net = Net({"https://a.dev/x": f"{status} /y", "https://a.dev/y": f"{status} https://b.dev/z"})
    (item,) = look(net, "https://a.dev/x#part")
    assert (item.code, item.severity) == ("link-moved", "info")
    assert item.message == (
        "https://a.dev/x#part has moved for good to https://b.dev/z#part. Write that instead."
    )


@pytest.mark.parametrize("status", [302, 303, 307])
def test_what_is_elsewhere_for_now_is_as_it_should_be(status: int) -> None:
    assert look(Net({"https://a.dev/": f"{status} https://b.dev/"}), "https://a.dev/") == []


def test_only_what_is_for_good_from_the_beginning_on_counts() -> None:
    net = Net({"https://a.dev/": "301 https://b.dev/", "https://b.dev/": "302 https://c.dev/login"})
    assert "moved for good to https://b.dev/." in said(net, "https://a.dev/")[1]
    net = Net({"https://a.dev/": "302 https://b.dev/", "https://b.dev/": "301 https://c.dev/"})
    assert look(net, "https://a.dev/") == []


def test_a_redirect_to_nothing_is_dead_and_says_where() -> None:
    net = Net({"https://a.dev/": "301 https://b.dev/x", "https://b.dev/x": 404})
    code, message = said(net, "https://a.dev/")
    assert code == "link-dead"
    assert message.startswith(
        "https://a.dev/ leads to https://b.dev/x, which answers 404: there is no such page."
    )


def test_redirects_end() -> None:
    net = Net({"https://a.dev/": "301 https://a.dev/"})
    assert said(net, "https://a.dev/") == (
        "link-unsure",
        "https://a.dev/ leads on and on, 10 times. Open it in a browser.",
    )
    assert len(net.requests) == 1 + 11


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "mailto:a@b.dev",
        "http://wiki/",
        "http://",
    ],
)
def test_a_redirect_off_the_open_web_is_not_followed(to: str) -> None:
    net = Net({"https://a.dev/": f"302 {to}"})
    assert said(net, "https://a.dev/")[0] == "link-unsure"
    assert all("a.dev" in request or "alive" in request for request in net.requests)


def test_a_redirect_to_a_name_of_a_private_address_is_not_followed() -> None:
    net = Net({"https://a.dev/": "302 https://inner.dev/"}, {"inner.dev": ["93.184.215.14", "10.0.0.7"]})
    code, message = said(net, "https://a.dev/")
    assert code == "link-unsure"
    assert "leads to https://inner.dev/, which is not on the open web" in message
    assert not any("inner" in request for request in net.requests)


# -- what is not asked for ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000/", "http://app.localhost/", "http://127.0.0.1:4747/", "http://10.1.2.3/", "http://[::1]:80/",
        "http://192.168.1.1/", "http://169.254.169.254/", "http://0.0.0.0/", "http://[fe80::1]/", "http://[::ffff:10.0.0.1]/",
        "http://printer.local/", "http://intranet/wiki", "https://example.com/x", "https://api.example.org/",
        "https://a.test/", "https://shop.example/", "https://x.invalid/", "mailto:a@b.dev", "http://[broken/",
    ],
)  # fmt: skip
def test_this_computer_its_network_and_examples_are_passed_over(url: str) -> None:
    net = Net()
    assert look(net, url) == []
    assert net.requests == []


def test_a_name_of_a_private_address_is_passed_over() -> None:
    net = Net(hosts={"wiki.acme.dev": ["10.0.0.7"], "v6.dev": ["fd00::1"]})
    assert look(net, "https://wiki.acme.dev/", "https://v6.dev/") == []
    assert net.requests == []


def test_patterns_of_the_settings_are_passed_over() -> None:
    net = Net({"https://a.dev/x/y": 404, "https://b.dev/": 404})
    assert look(net, "https://a.dev/x/y#z", "https://b.dev/", ignored=["https://a.dev/*", "*://b.dev/"]) == []
    assert net.requests == []
    assert is_askable("https://a.dev/", ["https://a.dev"])


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("8.8.8.8", False),
        ("2606:4700::1111", False),
        ("198.18.0.9", False),
        ("100.64.0.1", True),
        ("224.0.0.1", True),
    ],
)
def test_which_addresses_are_private(address: str, private: bool) -> None:
    assert is_private(address) is private


def test_a_name_that_leads_elsewhere_when_it_is_looked_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile name server: an open address for the check, this machine for the connection."""
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1000))
        writer.close()

    async def main() -> None:
        async def resolve(host: str) -> list[str]:
            return ["93.184.215.14"]

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        web = Web(lambda: 0.0, connections=1, resolve=resolve)
        try:
            with pytest.raises(Unheard) as caught:
                await web.ask("GET", f"http://127.0.0.1:{port}/")
            assert caught.value.cause == "private"
        finally:
            await web.close()
            server.close()
            await server.wait_closed()

    asyncio.run(main())
    assert heard in ([], [b""])


def test_nothing_of_ours_goes_with_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTION_TOKEN", "secret")
    heard: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        heard.append(request.headers)
        return httpx.Response(200, headers={"set-cookie": "id=1; Path=/"})

    net = Net({"https://a.dev/x": answer, "https://a.dev/y": answer})
    assert look(net, "https://me:pass@a.dev/x", "https://a.dev/y") == []
    assert len(heard) == 2
    for headers in heard:
        assert not {"cookie", "authorization", "referer"} & set(headers)
        assert headers["user-agent"].startswith("pagemill/")


# -- no answer ---------------------------------------------------------------------------------------------------------


def certificate(request: httpx.Request) -> httpx.Response:
    wrong = ssl.SSLCertVerificationError("certificate verify failed")
    wrong.verify_message = "certificate has expired"
    raise httpx.ConnectError("bad") from wrong


@pytest.mark.parametrize(
    ("answer", "code", "words", "requests"),
    [
        (certificate, "dead", "the certificate of a.dev is not valid (certificate has expired)", ["HEAD"]),
        (httpx.ConnectError("refused"), "unsure", "a.dev takes no connection", ["HEAD"]),
        (httpx.ConnectTimeout(""), "unsure", "a.dev gave no answer within 10 s", ["HEAD"]),
        (httpx.ReadTimeout(""), "unsure", "a.dev gave no answer within 10 s", ["HEAD", "GET"]),
        (httpx.ReadError(""), "unsure", "a.dev broke the connection off", ["HEAD", "GET", "GET"]),
    ],
)
def test_no_answer(answer: Answer | Exception, code: str, words: str, requests: list[str]) -> None:
    net = Net({"https://a.dev/": answer})
    found, message = said(net, "https://a.dev/")
    assert found == f"link-{code}"
    assert words in message
    assert [method for _, method, url in net.asked if "alive" not in url] == requests


def test_a_host_that_does_not_exist_is_dead_and_one_that_cannot_be_looked_up_is_not() -> None:
    gone = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    later = socket.gaierror(socket.EAI_AGAIN, "Try again")
    net = Net(hosts={"gone.dev": gone, "later.dev": later})
    code, message = said(net, "https://gone.dev/x")
    assert (code, "there is no host gone.dev" in message) == ("link-dead", True)
    assert said(net, "https://later.dev/x")[0] == "link-unsure"


def test_headers_that_never_end_are_not_waited_for() -> None:
    net = Net(seconds=500.0)
    (item,) = look(net, "https://a.dev/")
    assert (item.code, net.asked[-1][0]) == ("link-unsure", 20.0)


def test_offline_is_not_mistaken_for_dead_links(tmp_path: Path) -> None:
    gone = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    net = Net(hosts={"a.dev": gone, "b.dev": gone})
    found = look(net, "https://a.dev/", "https://b.dev/", state=tmp_path)
    assert {item.code for item in found} == {"link-unsure"}
    assert "Is this computer's network up?" in found[0].message
    net.hosts.clear()
    assert look(net, "https://a.dev/", "https://b.dev/", state=tmp_path) == []


# -- politeness --------------------------------------------------------------------------------------------------------


def test_a_host_is_asked_by_two_at_a_time_with_pauses() -> None:
    net = Net(seconds=3.0)
    look(net, *(f"https://a.dev/{number}" for number in range(6)))
    times = [at for at, _, _ in net.asked]
    assert net.most["a.dev"] == PER_HOST
    assert all(later - earlier >= PAUSE - 1e-9 for earlier, later in pairwise(times))


def test_turns_come_however_times_are_rounded() -> None:
    net = Net(seconds=0.3)
    assert look(net, *(f"https://a.dev/{number}" for number in range(300))) == []
    assert len(net.asked) == 300


def test_many_hosts_are_asked_at_once_but_not_all() -> None:
    net = Net(seconds=1.0)
    look(net, *(f"https://host{number}.dev/" for number in range(100)))
    assert net.most["all"] == IN_ALL
    assert max(at for at, _, _ in net.asked) == pytest.approx(100 // IN_ALL)


def later(times: int, header: str = "", status: int = 429) -> Answer:
    left = [times]

    def answer(request: httpx.Request) -> httpx.Response:
        left[0] -= 1
        return httpx.Response(
            status if left[0] >= 0 else 200, headers={"retry-after": header} if header else {}
        )

    return answer


@pytest.mark.parametrize(
    ("answer", "waited"),
    [
        (later(2), 1.0 + 2.0),
        (later(2, "7"), 14.0),
        (later(2, "Mon, 12 Jan 1970 13:46:50 GMT"), 20.0),
        (later(2, "soon"), 1.0 + 2.0),
        (later(3, "5", 503), 10.0),  # one more for GET, at once
    ],
)
def test_what_passes_is_waited_for_as_long_as_the_server_says(answer: Answer, waited: float) -> None:
    net = Net({"https://a.dev/": answer})
    assert look(net, "https://a.dev/") == []
    times = [at for at, _, _ in net.asked]
    assert times[-1] - times[0] == pytest.approx(waited, abs=PAUSE + 0.01)


def test_after_two_retries_it_is_given_up() -> None:
    net = Net({"https://a.dev/": 429})
    assert said(net, "https://a.dev/")[0] == "link-unsure"
    assert net.requests.count("HEAD https://a.dev/") == 3
    net = Net({"https://a.dev/": 500})
    assert "answers 500: its server is in trouble. Check it again later." in said(net, "https://a.dev/")[1]
    assert net.requests.count("GET https://a.dev/") == 3


def test_a_host_that_wants_a_long_pause_is_left_alone() -> None:
    net = Net({"https://a.dev/0": later(9, "3600")})
    found = look(net, *(f"https://a.dev/{number}" for number in range(9)))
    assert "answers 429" in found[0].message
    assert "https://a.dev/8 was not asked for: a.dev asks to wait 3600 s." in [item.message for item in found]
    assert len(net.requests) <= 3


def test_a_host_that_is_down_is_left_alone_soon() -> None:
    urls = [f"https://a.dev/{number}" for number in range(50)]
    net = Net({url: httpx.ConnectTimeout("") for url in urls})
    found = look(net, *urls)
    assert len(found) == 50
    assert len(net.requests) <= 4
    assert "was not asked for: a.dev gave no answer to 3 others." in found[-1].message


# -- verdicts that last ------------------------------------------------------------------------------------------------


def test_verdicts_last_a_week_or_an_hour(tmp_path: Path) -> None:
    net = Net(
        {"https://dead.dev/": 404, "https://moved.dev/": "301 https://new.dev/", "https://no.dev/": 403}
    )
    urls = ("https://alive.dev/", "https://dead.dev/", "https://moved.dev/", "https://no.dev/")
    first = look(net, *urls, state=tmp_path)
    assert [item.code for item in first] == ["link-dead", "link-moved", "link-unsure"]
    net.asked.clear()
    net.wall += 3_599
    assert look(net, *urls, state=tmp_path) == first
    assert net.asked == []
    net.wall += 1
    assert look(net, *urls, state=tmp_path) == first
    assert {url for _, _, url in net.asked} == {"https://dead.dev/", "https://no.dev/"}
    net.asked.clear()
    net.wall += 7 * DAY
    look(net, *urls, state=tmp_path)
    assert {url for _, _, url in net.asked} >= set(urls)


def test_again_asks_for_everything(tmp_path: Path) -> None:
    net = Net({"https://a.dev/": 404})
    assert len(look(net, "https://a.dev/", state=tmp_path)) == 1
    net.answers.clear()
    assert len(look(net, "https://a.dev/", state=tmp_path)) == 1
    assert look(net, "https://a.dev/", state=tmp_path, again=True) == []
    assert look(net, "https://a.dev/", state=tmp_path) == []


def test_a_run_that_is_stopped_keeps_what_it_knows(tmp_path: Path) -> None:
    def stop(request: httpx.Request) -> httpx.Response:
        signal.raise_signal(signal.SIGINT)
        return httpx.Response(200)

    urls = [f"https://a.dev/{number}" for number in range(9)]
    net = Net(dict.fromkeys(urls[1:], stop))
    external = External(web=net.web, wall=lambda: net.wall, state=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        external.look([WebUse("a.md", 1, 1, url) for url in urls])
    assert len(net.requests) == 2
    known = Known(tmp_path, lambda: net.wall)
    assert known.find(urls[0]) == ALIVE
    known.close()


def test_known_without_a_usable_file(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    (tmp_path / "file").touch()
    for directory in (tmp_path, tmp_path / "file", None):
        known = Known(directory, lambda: 0.0)
        known.save("https://a.dev/", ALIVE)
        assert known.find("https://a.dev/") == ALIVE
        known.close()


def test_verdicts_of_another_version_and_of_tomorrow_do_not_count(tmp_path: Path) -> None:
    known = Known(tmp_path, lambda: 500.0)
    known.save("https://a.dev/", Verdict("dead", "is gone."))
    known.close()
    known = Known(tmp_path, lambda: 400.0)
    assert known.find("https://a.dev/") is None
    known.close()
    db = sqlite3.connect(tmp_path / FILE)
    db.execute("PRAGMA user_version = 99")
    db.close()
    known = Known(tmp_path, lambda: 500.0)
    assert known.find("https://a.dev/") is None
    known.close()


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two files and a draft, and the open web in place of the real one."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("# A\n\n[x](https://a.dev/x) [y](gone.md)\n", encoding="utf-8")
    (docs / "b.md").write_text(
        "---\npagemill: {off: [link-unsure]}\n---\n\n[x](https://a.dev/x) <!-- pagemill: off link-dead -->\n\n"
        "![p](https://a.dev/p.png)\n\n[n](https://a.dev/n)\n",
        encoding="utf-8",
    )
    (docs / "c.md").write_text("---\ndraft: true\n---\n[x](https://a.dev/draft)\n", encoding="utf-8")
    net = Net(
        {"https://a.dev/x": 404, "https://a.dev/p.png": "301 https://b.dev/p.png", "https://a.dev/n": 403}
    )
    monkeypatch.setattr(check_module, "External", partial(External, web=net.web))
    monkeypatch.setattr(hosts, "PAUSE", 0.0)
    monkeypatch.chdir(tmp_path)
    return docs


def test_a_folder_is_judged_by_its_settings_and_comments(docs: Path) -> None:
    settings = load({"folder": docs, "diagnostics": {"link-moved": "warning"}}, {})
    uses: list[WebUse] = []

    def ask(found: Sequence[WebUse]) -> list[Diagnostic]:
        uses.extend(found)
        net = Net(
            {"https://a.dev/x": 404, "https://a.dev/p.png": "301 https://b.dev/", "https://a.dev/n": 403}
        )
        return list(virtual_time.run(External(web=net.web).find(found)))

    found = check(str(docs), settings, ask)
    assert [(item.path, item.line, item.column, item.code, item.severity) for item in found.items] == [
        ("a.md", 3, 5, "link-dead", "warning"),
        ("a.md", 3, 22, "link-broken", "warning"),
        ("b.md", 7, 6, "link-moved", "warning"),
    ]
    assert not any("draft" in use.url for use in uses)
    (docs / "d.md").write_text("---\ntitle: D\ncover: https://a.dev/x\n---\n", encoding="utf-8")
    one = check(str(docs / "d.md"), settings, ask)
    assert [(item.line, item.code) for item in one.items] == [(3, "link-dead")]


def test_the_command(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", "docs"]) == Exit.OK
    assert "link-dead" not in capsys.readouterr().out
    assert not (docs.parent / ".pagemill").exists()
    assert cli.run(["check", "docs", "--external", "--json"]) == Exit.OK
    shown = capsys.readouterr()
    codes = [item["code"] for item in json.loads(shown.out)["diagnostics"]]
    assert codes == ["link-dead", "link-broken", "link-moved"]
    assert shown.err == "Asking for 3 external addresses.\n"
    assert (docs.parent / ".pagemill" / FILE).exists()
    assert cli.run(["check", "docs", "--external", "--strict"]) == Exit.FAILED
    shown = capsys.readouterr()
    assert "docs/a.md:3:5: error: https://a.dev/x answers 404" in shown.out
    assert shown.err == "Asking for 0 external addresses; 3 more are known from before.\n"
    assert cli.run(["check", "docs", "--external", "--no-cache", "--format", "github"]) == Exit.OK
    shown = capsys.readouterr()
    assert "title=link-dead::https://a.dev/x answers 404" in shown.out
    assert shown.err == "Asking for 3 external addresses.\n"


def test_the_settings_name_what_is_not_asked_for(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (docs / "pagemill.toml").write_text('[external]\nignore = ["https://a.dev/*"]\n', encoding="utf-8")
    (docs / "e.md").write_text(
        "# E\n\n[l](http://localhost:1/) [x](https://example.com/)\n", encoding="utf-8"
    )
    assert cli.run(["check", "docs", "--external"]) == Exit.OK
    shown = capsys.readouterr()
    assert shown.err == (
        "Asking for 0 external addresses.\n"
        "5 not asked: this computer, private networks, example.com, external.ignore.\n"
    )
    assert "link-dead" not in shown.out


def test_without_external_nothing_of_it_is_imported() -> None:
    code = (
        "import sys, publisher.check_commands, publisher.converting\n"
        "sys.exit(any(name.startswith(('publisher.external', 'publisher.remote.web')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
