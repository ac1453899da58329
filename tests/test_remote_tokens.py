"""Tokens are found, checked and never shown."""

from __future__ import annotations

import copy
import pickle
import sys
from types import SimpleNamespace

import pytest

from publisher.errors import Exit, TokenError
from publisher.remote.tokens import Secret, checked, token

TEXT = "ntn_a1B2-c3.D4~e5+f6/g7=="


def nothing(service: str) -> str | None:
    return None


def test_found_in_the_environment_first():
    assert token("notion", {"NOTION_TOKEN": TEXT}, nothing).reveal() == TEXT
    assert token("buildin", {"BUILDIN_TOKEN": "a", "PAGEMILL_BUILDIN_TOKEN": "b"}, nothing).reveal() == "b"
    assert token("notion", {"NOTION_TOKEN": "env"}, lambda service: "ring").reveal() == "env"


def test_then_in_the_keyring():
    asked: list[str] = []

    def ring(service: str) -> str:
        asked.append(service)
        return TEXT + "\n"

    assert token("buildin", {"BUILDIN_TOKEN": "  "}, ring).reveal() == TEXT
    assert asked == ["buildin"]


def test_neither_names_both_ways():
    with pytest.raises(TokenError) as caught:
        token("buildin", {}, nothing)
    assert "BUILDIN_TOKEN" in caught.value.hint
    assert "keyring set pagemill buildin" in caught.value.hint
    assert caught.value.exit is Exit.TOKEN


def test_a_broken_keyring_holds_nothing(monkeypatch):
    def broken(*_: str) -> str:
        raise OSError("no D-Bus")

    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=broken))
    with pytest.raises(TokenError):
        token("notion", {})
    monkeypatch.setitem(sys.modules, "keyring", None)  # not installed
    with pytest.raises(TokenError):
        token("notion", {})


def test_the_keyring_is_asked_for_the_service(monkeypatch):
    stored = {("pagemill", "notion"): TEXT}
    fake = SimpleNamespace(get_password=lambda *key: stored.get(key))
    monkeypatch.setitem(sys.modules, "keyring", fake)
    assert token("notion", {}).reveal() == TEXT


@pytest.mark.parametrize("text", [TEXT + "\n", "\r\n" + TEXT, f"  {TEXT}\t", "\ufeff".strip("\ufeff") + TEXT])
def test_white_space_around_is_dropped(text):
    assert checked(text, "NOTION_TOKEN").reveal() == TEXT


@pytest.mark.parametrize(
    "text", ["two\nlines", "Bearer x", '"quoted"', "'q'", "tökén", "a\x00b", "\ufeffx", "a;b"]
)
def test_what_no_token_has_is_diagnosed_without_showing_it(text):
    with pytest.raises(TokenError, match="NOTION_TOKEN") as caught:
        checked(text, "NOTION_TOKEN")
    assert text not in str(caught.value)


def test_an_empty_token_is_none():
    with pytest.raises(TokenError, match="empty"):
        checked(" \n", "the token")


def test_a_secret_is_never_shown():
    secret = Secret(TEXT)
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", f"{[secret]}", "%s" % secret):  # noqa: UP031
        assert TEXT not in shown
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)
    assert secret == Secret(TEXT)
    assert secret != Secret("other")
    assert secret != TEXT
    assert len({secret, Secret(TEXT)}) == 1
