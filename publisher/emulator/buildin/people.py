"""Buildin's operations on users, and search."""

from __future__ import annotations

from typing import Any

from publisher.emulator.buildin import show
from publisher.emulator.call import BOT, PERSON, WORKSPACE, Call, Reply, Route
from publisher.emulator.check import At, Refusal, as_uuid, closed, integer, number, one_of, string
from publisher.emulator.finding import Search, search
from publisher.emulator.rows import DATABASE, PAGE
from publisher.emulator.schema import plain
from publisher.emulator.switches import Token

SEMANTIC_PAGES = 500  # how many are looked into
SCOPES = (
    "pages.read", "pages.write", "blocks.read", "blocks.write", "databases.read", "databases.write",
    "users.read", "users.email.read", "search.read",
)  # fmt: skip


def scopes(token: Token) -> dict[str, bool]:
    """Buildin's names for what a token may do."""
    writes = token.insert and token.update
    granted = {"read": token.read, "write": writes}
    found = {scope: granted[scope.rsplit(".", 1)[1]] for scope in SCOPES}
    for scope in ("databases.read", "databases.write"):
        found[scope] = found[scope] and token.databases
    found["users.read"] = found["users.email.read"] = token.users
    found["search.read"] = token.search
    return found


def me(call: Call) -> Reply:
    bot = {
        "object": "bot_user",
        "id": BOT,
        "name": call.token.name,
        "workspace_id": WORKSPACE,
        "workspace_name": "pagemill",
        "owner": show.user(PERSON),
        "capabilities": scopes(call.token),
        "type": "integration",
        "integration_id": BOT,
    }
    return Reply(bot)


def user(call: Call) -> Reply:
    if as_uuid(call.ids[0]) != PERSON:
        raise Refusal("not_found", f"Could not find user with ID: {call.ids[0]}.")
    person = {
        "object": "user",
        "id": PERSON,
        "type": "person",
        "name": "Somebody",
        "avatar_url": None,
        "person": {"email": None},
    }
    return Reply(person)


def find(call: Call) -> Reply:
    names = ("query", "filter", "sort", "start_cursor", "page_size")
    body = closed(call.json, None, optional=names)
    types = _types(body)
    order, descending = _sort(body)
    wanted = Search(string(body.get("query", ""), (None, "query")), types, order, descending)  # type: ignore[arg-type]
    size = integer(body.get("page_size", 20), (None, "page_size"), least=1, most=100)
    rows, cursor = search(call.store, wanted, size, cursor_of(body), as_uuid=False)
    return Reply(show.listing([result(call, row) for row in rows], cursor))


def cursor_of(body: dict[str, Any]) -> str | None:
    """`start_cursor` of a body; null and missing mean the beginning."""
    found = body.get("start_cursor")
    return None if found is None else string(found, (None, "start_cursor"), least=1)


def result(call: Call, row: Any) -> Any:
    if row.kind == "page":
        return show.page(row, call.env)
    return show.database(call.store.database(row.id) or row, call.env)


def _types(body: dict[str, Any]) -> tuple[str, ...]:
    if "filter" not in body:
        return (PAGE, DATABASE)
    at: At = (None, "filter")
    found = closed(body["filter"], at, required=("property", "value"))
    one_of(found["property"], (at, "property"), ("object",))
    kinds = {"page": (PAGE,), "database": (DATABASE,), "folder": (), "mind_map": ()}
    return kinds[one_of(found["value"], (at, "value"), kinds)]


def _sort(body: dict[str, Any]) -> tuple[str, bool]:
    if "sort" not in body:
        return "edited", True
    at: At = (None, "sort")
    found = closed(body["sort"], at, required=("timestamp",), optional=("direction",))
    stamp = one_of(found["timestamp"], (at, "timestamp"), ("last_edited_time", "created_time"))
    direction = one_of(found.get("direction", "descending"), (at, "direction"), ("ascending", "descending"))
    return ("edited" if stamp == "last_edited_time" else "created"), direction == "descending"


def semantic(call: Call) -> Reply:
    """Search in what the last edited pages say: the share of the query's words that title and blocks hold."""
    names = ("space_id", "page_size", "score_threshold")
    body = closed(call.json, None, required=("query",), optional=names)
    words = string(body["query"], (None, "query"), least=1).casefold().split()
    size = integer(body.get("page_size", 20), (None, "page_size"), least=1, most=50)
    least = number(body.get("score_threshold", 0), (None, "score_threshold"))
    everything = Search("", (PAGE,))
    rows, _ = search(call.store, everything, SEMANTIC_PAGES, None, as_uuid=False)
    scored = []
    for row in rows:
        text = " ".join([row.title, *_texts(call, row.id)])
        hits = sum(word in text.casefold() for word in words)
        score = hits / len(words) if words else 0.0
        if hits and score >= least:
            scored.append((score, row, text))
    scored.sort(key=lambda entry: -entry[0])
    results = [
        {
            "object": "search_result",
            "page_id": row.id,
            "page_title": row.title,
            "score": score,
            "snippet": text[:200],
            "url": f"{call.env.base_url}/p/{row.id}",
        }
        for score, row, text in scored[:size]
    ]
    return Reply(show.listing(results, None))


def _texts(call: Call, id: str) -> list[str]:
    return [plain(block.content.get("rich_text", ())) for block in call.store.subtree(id)]


ROUTES = (
    Route("GET", "users/me", me, ""),
    Route("GET", "users/*", user, "users"),
    Route("POST", "search", find, "search"),
    Route("POST", "search/semantic", semantic, "search"),
)
