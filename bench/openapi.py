"""Hold the embedded workspace's answers against the services' OpenAPI documents.

    python -m bench.openapi SPEC_DIR

SPEC_DIR holds `buildin-v2.docs-merged.openapi.json` and `notion.openapi.json`. A scripted session uses every
operation of the documents that the workspace has; each answer, and each body sent, is validated against the schema
of its operation. Exit code 1 if anything does not fit.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from publisher.emulator.app import create_app

URL = "http://127.0.0.1:4747"


class Spec:
    """One OpenAPI document."""

    def __init__(self, path: Path) -> None:
        self.document = json.loads(path.read_text(encoding="utf-8"))
        open_parts(self.document, self.document)
        resource = Resource.from_contents(self.document, default_specification=DRAFT202012)
        self.registry = Registry().with_resource("spec", resource)
        self.used: set[tuple[str, str]] = set()

    def operation(self, method: str, path: str) -> tuple[str, Mapping[str, Any]] | None:
        """The operation that a request belongs to; fixed names win over parameters."""
        found = []
        for template, item in self.document["paths"].items():
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
            if re.fullmatch(pattern, path) and method.lower() in item:
                found.append((template.count("{"), template, item[method.lower()]))
        if not found:
            return None
        _, template, operation = min(found, key=lambda entry: entry[0])
        self.used.add((method, template))
        return template, operation

    def complain(self, pointer: str, value: Any) -> str:
        """What is wrong with a value by the schema at a place of the document; empty if nothing."""
        validator = Draft202012Validator({"$ref": f"spec#{pointer}"}, registry=self.registry)
        error = best_match(validator.iter_errors(value))
        return "" if error is None else f"{error.json_path}: {error.message[:200]}"

    def unused(self) -> list[str]:
        """Operations of the document that no request used."""
        every = {
            (method.upper(), template)
            for template, item in self.document["paths"].items()
            for method in item
            if method in ("get", "post", "patch", "put", "delete")
        }
        return sorted(f"{method} {template}" for method, template in every - self.used)


def open_parts(document: Any, value: Any) -> None:
    """Let the parts of every `allOf` have other keys, in place.

    Notion's document closes each part of an `allOf`, so that no value could ever fit two of them.
    """
    if isinstance(value, list):
        for item in value:
            open_parts(document, item)
    elif isinstance(value, dict):
        for part in value.get("allOf", ()):
            open_part(document, part)
        for item in value.values():
            open_parts(document, item)


def open_part(document: Any, part: Any) -> None:
    """Take `additionalProperties: false` from a schema, the one it refers to, and its alternatives."""
    if "$ref" in part:
        target = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        part = target
    if part.get("additionalProperties") is False:
        del part["additionalProperties"]
    for alternative in (*part.get("oneOf", ()), *part.get("anyOf", ()), *part.get("allOf", ())):
        open_part(document, alternative)


def pointer(*parts: str) -> str:
    """A JSON pointer."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


class Checked:
    """A client of one service that validates what it sends and gets."""

    def __init__(self, spec: Spec, prefix: str, client: httpx.AsyncClient) -> None:
        self.spec, self.prefix, self.client = spec, prefix, client
        self.problems: list[str] = []
        self.requests = 0

    async def __call__(self, method: str, path: str, body: Any = None, status: int = 200, **more: Any) -> Any:
        sent = {} if body is None else {"json": body}
        answer = await self.client.request(method, f"{self.prefix}{path}", **sent, **more)
        self.requests += 1
        where = f"{method} {self.prefix}{path}"
        if answer.status_code != status:
            self.problems.append(f"{where}: status {answer.status_code}, not {status}: {answer.text[:300]}")
            return {}
        bare = (self.prefix + path).split("?")[0]
        known = self.spec.operation(method, bare)
        if known is not None:
            self._check(where, known[0], method.lower(), body, answer, status)
        return answer.json()

    def _check(
        self, where: str, template: str, method: str, body: Any, answer: httpx.Response, status: int
    ) -> None:
        at = ("paths", template, method)
        item = self.spec.document["paths"][template][method]
        if body is not None and status == 200 and "requestBody" in item:
            schema = pointer(*at, "requestBody", "content", "application/json", "schema")
            if complaint := self.spec.complain(schema, body):
                self.problems.append(f"{where}: request {complaint}")
        response = item["responses"].get(str(status), {})
        if "$ref" in response:
            where_is = response["$ref"].removeprefix("#") + pointer("content", "application/json", "schema")
        elif "content" in response:
            where_is = pointer(*at, "responses", str(status), "content", "application/json", "schema")
        else:
            return
        value = answer.json()
        value.pop(
            "request_id", None
        ) if self.prefix == "/v1" else None  # recorded in reality, not in the document
        if complaint := self.spec.complain(where_is, value):
            self.problems.append(f"{where}: answer {complaint}")


def text(content: str, **more: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": {"content": content}, **more}]


RICH = [
    *text("plain "),
    {
        "type": "text",
        "text": {"content": "link", "link": {"url": "https://example.com/"}},
        "annotations": {"bold": True},
    },
    {"type": "equation", "equation": {"expression": "x^2"}},
]


def buildin_blocks(page: str) -> list[dict[str, Any]]:
    """Every block type that Buildin lets be written."""
    words = {"rich_text": RICH, "text_color": "red", "background_color": "light_blue", "text_align": "left"}
    media = {"external": {"url": "https://example.com/a.png"}, "caption": RICH}
    plain: dict[str, Any] = {
        **dict.fromkeys(("paragraph", "bulleted_list_item", "numbered_list_item", "quote", "toggle"), words),
        **{key: {**words, "is_toggleable": True} for key in ("heading_1", "heading_2", "heading_3")},
        "to_do": {**words, "checked": True},
        "code": {"rich_text": RICH, "language": "Mermaid", "display_mode": "split"},
        "callout": {**words, "icon": {"type": "emoji", "emoji": "💡"}},
        "divider": {},
        "bookmark": {"url": "https://example.com", "caption": RICH},
        "embed": {"url": "https://example.com"},
        "image": {**media, "type": "external"},
        "file": media,
        "equation": {"expression": "x"},
        "link_to_page": {"type": "page_id", "page_id": page},
    }
    blocks = [{"object": "block", "type": kind, kind: content} for kind, content in plain.items()]
    row = {"type": "table_row", "table_row": {"cells": [RICH, []]}}
    table = {"table_width": 2, "has_column_header": True, "width_mode": "adaptive"}
    return [*blocks, {"type": "table", "table": table, "children": [row]}]


def notion_blocks(page: str) -> list[dict[str, Any]]:
    """Every block type of the Notion document that can be written."""
    words = {"rich_text": RICH, "color": "red_background"}
    media = {"external": {"url": "https://example.com/a.png"}, "caption": RICH}
    row = {"table_row": {"cells": [RICH, []]}}
    plain: dict[str, Any] = {
        **dict.fromkeys(("paragraph", "bulleted_list_item", "numbered_list_item", "quote", "toggle"), words),
        **{key: {**words, "is_toggleable": True} for key in ("heading_1", "heading_2", "heading_3")},
        "to_do": {**words, "checked": True},
        "template": {"rich_text": RICH},
        "callout": {**words, "icon": {"type": "emoji", "emoji": "💡"}},
        "code": {"rich_text": RICH, "language": "python", "caption": RICH},
        **{key: {} for key in ("divider", "breadcrumb")},
        "table_of_contents": {"color": "gray"},
        **{key: {"url": "https://example.com", "caption": RICH} for key in ("bookmark", "embed")},
        **dict.fromkeys(("image", "video", "pdf", "audio"), media),
        "file": {**media, "name": "a.txt"},
        "equation": {"expression": "x"},
        "link_to_page": {"page_id": page},
        "table": {"table_width": 2, "has_row_header": True, "children": [row]},
        "column_list": {"children": [{"column": {"children": [{"paragraph": words}]}}] * 2},
    }
    return [{kind: content} for kind, content in plain.items()]


async def buildin_session(call: Checked) -> None:
    title = {"title": {"type": "title", "title": text("Page")}}
    root = await call("POST", "/pages", {"properties": title, "icon": {"type": "emoji", "emoji": "📘"}})
    page = root["id"]
    kid = await call("POST", "/pages", {"parent": {"page_id": page}, "properties": title})
    await call("GET", f"/pages/{page}")
    cover = {"type": "external", "external": {"url": "https://example.com/c.png"}}
    await call("PATCH", f"/pages/{page}", {"cover": cover, "icon": None})
    await call("PATCH", f"/pages/{kid['id']}/move", {"parent": {"workspace": True}})
    await call("GET", f"/pages/{page}/properties/title")
    added = await call("PATCH", f"/blocks/{page}/children", {"children": buildin_blocks(page)})
    await call("GET", f"/blocks/{page}/children?page_size=100")
    for block in added["results"]:
        await call("GET", f"/blocks/{block['id']}")
    first = added["results"][0]["id"]
    await call("PATCH", f"/blocks/{first}", {"paragraph": {"rich_text": RICH}})
    await call("DELETE", f"/blocks/{first}")
    await call("GET", f"/pages/{page}/content/markdown")
    await buildin_databases(call, page)
    await call("POST", "/search", {"query": "page", "page_size": 5})
    await call("POST", "/search", {"filter": {"property": "object", "value": "database"}})
    await call("POST", "/search/semantic", {"query": "plain link"})
    me = await call("GET", "/users/me")
    await call("GET", f"/users/{me['owner']['id']}")
    upload = {
        "filename": "a.png",
        "content_type": "image/png",
        "content_length": 3,
        "parent": {"type": "page_id", "page_id": page},
    }
    file = await call("POST", "/files/upload-url", upload)
    await call.client.put(file["upload_url"], content=b"abc", headers=file["headers"])
    stored = {"type": "image", "image": {"type": "file", "file": {"oss_name": file["oss_name"], "size": 3}}}
    image = await call("PATCH", f"/blocks/{page}/children", {"children": [stored]})
    await call("GET", f"/files/download-url?block_id={image['results'][0]['id']}&oss_name={file['oss_name']}")
    await call("DELETE", f"/pages/{page}")
    for path, body, status in (("/pages", {"x": 1}, 400), ("/pages", {"parent": {"page_id": first}}, 404)):
        await call("POST", path, body, status)


async def buildin_databases(call: Checked, page: str) -> None:
    kinds = (
        "rich_text", "number", "select", "multi_select", "date", "people", "files", "checkbox", "url", "email",
        "phone_number", "formula", "rollup", "created_time", "created_by", "last_edited_time", "last_edited_by",
    )  # fmt: skip
    schema: dict[str, Any] = {"Name": {"type": "title"}}
    schema |= {kind: {"type": kind} for kind in kinds}
    options = {"options": [{"name": "a", "color": "grey"}, {"name": "b"}]}
    schema["select"] = {"type": "select", "select": options}
    schema["multi_select"] = {"type": "multi_select", "multi_select": options}
    database = await call(
        "POST", "/databases", {"parent": {"page_id": page}, "title": text("Base"), "properties": schema}
    )
    id = database["id"]
    await call(
        "PATCH",
        f"/databases/{id}",
        {"description": text("d"), "properties": {"more": {"type": "url"}, "email": None}},
    )
    await call("GET", f"/databases/{id}")
    await call(
        "POST",
        "/databases",
        {
            "properties": {
                "R": {"type": "relation", "relation": {"database_id": id, "type": "single_property"}},
                "N": {"type": "title"},
            }
        },
    )
    person = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
    values = {
        "Name": {"type": "title", "title": text("r")},
        "number": {"type": "number", "number": 2.5},
        "select": {"type": "select", "select": {"name": "a"}},
        "multi_select": {"type": "multi_select", "multi_select": [{"name": "a"}, {"name": "b"}]},
        "date": {"type": "date", "date": {"start": "2026-01-02", "end": None, "time_zone": None}},
        "people": {"type": "people", "people": [{"object": "user", "id": person}]},
        "files": {
            "type": "files",
            "files": [{"name": "f", "type": "external", "external": {"url": "https://e.com/f"}}],
        },
        "checkbox": {"type": "checkbox", "checkbox": True},
        "url": {"type": "url", "url": "https://example.com"},
    }
    record = await call("POST", "/pages", {"parent": {"database_id": id}, "properties": values})
    await call("GET", f"/pages/{record['id']}")
    for name in (*kinds, "title"):
        if name != "email":
            await call("GET", f"/pages/{record['id']}/properties/{name}")
    filters = {
        "and": [
            {"property": "number", "number": {"greater_than": 1}},
            {"property": "Name", "title": {"equals": "r"}},
        ]
    }
    await call("POST", f"/databases/{id}/query", {"filter": filters, "sorts": [{"property": "number"}]})
    mutation = {
        "properties": {"extra": {"type": "number"}},
        "create_records": [{"title": "x", "properties": {"extra": {"type": "number", "number": 1}}}],
        "update_records": [
            {"record_id": record["id"], "properties": {"checkbox": {"type": "checkbox", "checkbox": False}}}
        ],
    }
    await call("POST", f"/databases/{id}/mutations", mutation)
    await call("DELETE", f"/databases/{id}")


async def notion_session(call: Checked) -> None:
    title = {"title": {"title": text("Page")}}
    root = await call(
        "POST", "/pages", {"parent": {"workspace": True}, "properties": title, "icon": {"emoji": "📘"}}
    )
    page = root["id"]
    kid = await call(
        "POST",
        "/pages",
        {"parent": {"page_id": page}, "properties": title, "position": {"type": "page_start"}},
    )
    await call("GET", f"/pages/{page}")
    cover = {"type": "external", "external": {"url": "https://example.com/c.png"}}
    await call("PATCH", f"/pages/{page}", {"cover": cover, "icon": None, "is_locked": True})
    await call("POST", f"/pages/{kid['id']}/move", {"parent": {"page_id": page}})
    await call("GET", f"/pages/{page}/properties/title")
    blocks = notion_blocks(page)
    added = await call(
        "PATCH", f"/blocks/{page}/children", {"children": blocks, "position": {"type": "start"}}
    )
    await call("GET", f"/blocks/{page}/children?page_size=100")
    for block in added["results"]:
        await call("GET", f"/blocks/{block['id']}")
    first = added["results"][0]["id"]
    await call("PATCH", f"/blocks/{first}", {"paragraph": {"rich_text": RICH}})
    await call("DELETE", f"/blocks/{first}")
    await call("GET", f"/pages/{page}/markdown")
    await notion_databases(call, page)
    await call("POST", "/search", {"query": "page", "page_size": 5})
    await call("POST", "/search", {"filter": {"property": "object", "value": "data_source"}})
    me = await call("GET", "/users/me")
    await call("GET", f"/users/{me['id']}")
    await call("GET", "/users")
    file = await call("POST", "/file_uploads", {"filename": "a.txt", "content_type": "text/plain"})
    await call("POST", f"/file_uploads/{file['id']}/send", files={"file": ("a.txt", b"abc", "text/plain")})
    await call("GET", f"/file_uploads/{file['id']}")
    await call("GET", "/file_uploads")
    parts = await call(
        "POST", "/file_uploads", {"mode": "multi_part", "filename": "b.txt", "number_of_parts": 1}
    )
    await call("POST", f"/file_uploads/{parts['id']}/send", files={"file": b"abc"}, data={"part_number": "1"})
    await call("POST", f"/file_uploads/{parts['id']}/complete", {})
    attached = {"image": {"file_upload": {"id": file["id"]}}}
    await call("PATCH", f"/blocks/{page}/children", {"children": [attached]})
    for parent in ({"page_id": page}, {"type": "block_id", "block_id": added["results"][1]["id"]}):
        comment = await call("POST", "/comments", {"parent": parent, "rich_text": RICH})
    answer = {"discussion_id": comment["discussion_id"], "rich_text": RICH}
    await call("POST", "/comments", {**answer, "display_name": {"type": "custom", "custom": {"name": "A"}}})
    await call("GET", f"/comments/{comment['id']}")
    await call("GET", f"/comments?block_id={added['results'][1]['id']}&page_size=1")
    await call("PATCH", f"/pages/{page}", {"erase_content": True})
    await call("POST", "/pages", {"x": 1}, 400)
    await call("POST", "/pages", {"parent": {"page_id": first}}, 404)


async def notion_databases(call: Checked, page: str) -> None:
    kinds = (
        "rich_text", "number", "select", "multi_select", "date", "people", "files", "checkbox", "url", "email",
        "phone_number", "formula", "created_time", "created_by", "last_edited_time", "last_edited_by", "status",
        "unique_id",
    )  # fmt: skip
    schema: dict[str, Any] = {"Name": {"title": {}}} | {kind: {kind: {}} for kind in kinds}
    options = {"options": [{"name": "a", "color": "gray"}, {"name": "b"}]}
    schema |= {"select": {"select": options}, "multi_select": {"multi_select": options}}
    first = {"properties": schema}
    parent = {"type": "page_id", "page_id": page}
    database = await call(
        "POST", "/databases", {"parent": parent, "title": text("Base"), "initial_data_source": first}
    )
    id, source = database["id"], database["data_sources"][0]["id"]
    await call("PATCH", f"/databases/{id}", {"description": text("d"), "is_inline": True})
    await call("GET", f"/databases/{id}")
    relation = {"R": {"relation": {"data_source_id": source, "single_property": {}}}, "email": None}
    await call("PATCH", f"/data_sources/{source}", {"properties": relation, "title": text("S")})
    await call("GET", f"/data_sources/{source}")
    await call("GET", f"/data_sources/{source}/templates")
    other = {"parent": {"database_id": id}, "properties": {"T": {"title": {}}}}
    await call("POST", "/data_sources", other)
    values = {
        "Name": {"title": text("r")},
        "number": {"number": 2.5},
        "select": {"select": {"name": "a"}},
        "multi_select": {"multi_select": [{"name": "a"}, {"name": "b"}]},
        "status": {"status": {"name": "Done"}},
        "date": {"date": {"start": "2026-01-02"}},
        "files": {"files": [{"name": "f", "external": {"url": "https://e.com/f"}}]},
        "checkbox": {"checkbox": True},
    }
    record = await call("POST", "/pages", {"parent": {"data_source_id": source}, "properties": values})
    await call("GET", f"/pages/{record['id']}")
    for name in kinds:
        if name not in ("email", "formula", "unique_id"):
            await call("GET", f"/pages/{record['id']}/properties/{name}")
    filters = {
        "and": [
            {"property": "number", "number": {"greater_than": 1}},
            {"property": "Name", "title": {"equals": "r"}},
        ]
    }
    sorts = [{"property": "number", "direction": "ascending"}]
    await call("POST", f"/data_sources/{source}/query", {"filter": filters, "sorts": sorts})


async def run(directory: Path) -> int:
    problems = 0
    for name, prefix, session in (
        ("buildin-v2.docs-merged.openapi.json", "/v2", buildin_session),
        ("notion.openapi.json", "/v1", notion_session),
    ):
        headers = {"Authorization": "Bearer bench", "Notion-Version": "2026-03-11"}
        transport = httpx.ASGITransport(app=create_app(None))
        async with httpx.AsyncClient(transport=transport, base_url=URL, headers=headers) as client:
            call = Checked(Spec(directory / name), prefix, client)
            await session(call)
        print(f"{name}: {call.requests} requests, {len(call.problems)} do not fit")
        for problem in call.problems:
            print(f"  {problem}")
        for operation in call.spec.unused():
            print(f"  not used: {operation}")
        problems += len(call.problems)
    return 1 if problems else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bench.openapi SPEC_DIR")
    sys.exit(asyncio.run(run(Path(sys.argv[1]))))
