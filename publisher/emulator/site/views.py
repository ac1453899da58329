"""The pages of the site: what each address shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from publisher.emulator.site import blocks, events, history, icons, properties, search, tree
from publisher.emulator.site.links import Links, canonical
from publisher.emulator.site.walk import Context, Row

if TYPE_CHECKING:
    from starlette.requests import Request

    from publisher.emulator.rows import PageRow
    from publisher.emulator.store import Store

RECORDS = 200  # of a database on one page
WRITES = 100  # of a page's history
RECENT_PAGES = 100
RECENT = 1000  # writes looked at for the list of recent ones
_OUTLINE = 3  # headings from which on a page gets an outline at its side


class Lookup:
    """Pages by id, read from the store once for each answer."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pages: dict[str, PageRow | None] = {}
        self.links = Links(self.title)

    def page(self, page_id: str) -> PageRow | None:
        if page_id not in self._pages:
            known = canonical(page_id)
            self._pages[page_id] = self._store.page(known) if known else None
        return self._pages[page_id]

    def title(self, page_id: str) -> str | None:
        page = self.page(page_id)
        return (page.title or "Untitled") if page else None

    def icon(self, page_id: str) -> Mapping[str, Any] | None:
        page = self.page(page_id)
        return page.icon if page else None


class Site:
    """Answers for the addresses of the site. Methods run in a thread each; the store is made for that."""

    def __init__(self, store: Store, base_url: str) -> None:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        self._store = store
        self._base_url = base_url.rstrip("/")
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["when"] = when
        self._templates.globals["icon"] = lambda value, kind="page": Markup(icons.icon(value, kind))
        self._templates.globals["glyph"] = lambda name: Markup(icons.symbol(name))

    def _html(self, template: str, /, status: int = 200, **values: Any) -> HTMLResponse:
        values = {"trail": (), "here": None, "query": "", "place": "", "base_url": self._base_url, **values}
        values.setdefault("version", self._store.version())
        if "tree" not in values:
            way = [*(page.id for page in values["trail"]), *([values["here"].id] if values["here"] else ())]
            values["tree"] = tree.tree(self._store, way)
        return HTMLResponse(self._templates.get_template(template).render(values), status)

    def home(self, request: Request) -> Response:
        """The welcome page: what is at the root, and what was edited last."""
        recent = self._store.search("", limit=8)
        return self._html("home.html", place="home", roots=self._store.roots(), recent=recent)

    def page(self, request: Request) -> Response:
        """A page or a database; the id of a block leads to its page."""
        wanted = canonical(request.path_params["id"])
        page = self._store.page(wanted) if wanted else None
        if wanted is None or page is None:
            block = self._store.block(wanted) if wanted else None
            return RedirectResponse(f"/p/{block.page_id}#{block.id}") if block else self.missing(request)
        if page.kind == "data_source":
            return RedirectResponse(f"/p/{page.parent_id}")
        return self._database(page, request) if page.kind == "database" else self._page(page)

    def _page(self, page: PageRow) -> Response:
        version = self._store.version()  # before reading, so that no write is missed
        lookup = Lookup(self._store)
        trail = self._store.ancestors(page.id)
        context = Context(lookup.links, _by_parent(self._store.subtree(page.id)), lookup.icon)
        context.crumbs = self._templates.get_template("crumbs.html").render(
            trail=trail, here=page, inside=True
        )
        body = blocks.page_body(context, page.id)
        outline = blocks.contents(context.outline) if len(context.outline) >= _OUTLINE else ""
        return self._html(
            "page.html",
            version=version,
            here=page,
            trail=trail,
            cover=icons.file_url(page.cover),
            body=Markup(body),
            outline=Markup(outline),
            properties=self._properties(page, lookup),
        )

    def _properties(self, page: PageRow, lookup: Lookup) -> list[tuple[str, str, Markup]]:
        database = self._store.database(page.database_id) if page.database_id else None
        schema = database.properties if database else {}
        return [
            (name, kind, Markup(html))
            for name, kind, html in properties.rows(page.properties, lookup.links, schema)
        ]

    def _database(self, page: PageRow, request: Request) -> Response:
        version = self._store.version()
        database = self._store.database(page.id) or page
        lookup = Lookup(self._store)
        start = _number(request.query_params.get("start"))
        records = self._store.records(page.id)
        names = [name for name, entry in database.properties.items() if entry.get("type") != "title"]
        columns = [(name, str(database.properties[name].get("type"))) for name in names]
        table = [
            (
                record,
                [
                    Markup(
                        properties.cell(record.properties.get(name), lookup.links, database.properties[name])
                    )
                    for name in names
                ],
            )
            for record in records[start : start + RECORDS]
        ]
        first = next(
            (name for name, entry in database.properties.items() if entry.get("type") == "title"), "Name"
        )
        return self._html(
            "database.html",
            version=version,
            here=database,
            trail=self._store.ancestors(page.id),
            cover=icons.file_url(page.cover),
            first=first,
            columns=columns,
            table=table,
            numeric=properties.is_numeric,
            start=start,
            step=RECORDS,
            total=len(records),
        )

    def history(self, request: Request) -> Response:
        """What each write did to a page, newest first."""
        wanted = canonical(request.path_params["id"])
        page = self._store.page(wanted) if wanted else None
        if page is None:
            return self.missing(request)
        lookup = Lookup(self._store)
        changes = self._store.history(page.id)
        found = list(history.writes(self._store, changes, Context(lookup.links, {}, lookup.icon)))
        return self._html(
            "history.html",
            here=page,
            trail=self._store.ancestors(page.id),
            writes=found[:WRITES],
        )

    def branch(self, request: Request) -> Response:
        """One level of the tree, as a fragment."""
        wanted = canonical(request.path_params["id"])
        if wanted is None or self._store.page(wanted) is None:
            return self.missing(request)
        return self._html("branch.html", tree=tree.below(self._store, wanted))

    def search(self, request: Request) -> Response:
        """Pages whose title, and places whose words, hold what was asked for."""
        query = request.query_params.get("q", "").strip()[:200]
        lookup = Lookup(self._store)
        titles = self._store.search(query, search.TITLES) if query else []
        pages = search.pages(self._store, query) if query else []
        found = [(lookup.page(entry.page_id), entry) for entry in pages]
        return self._html(
            "search.html", query=query, titles=titles, pages=[pair for pair in found if pair[0]]
        )

    def recent(self, request: Request) -> Response:
        """The pages that were written last, with what was done."""
        changes = self._store.changes_since(max(0, self._store.version() - RECENT), RECENT * 2)
        lookup = Lookup(self._store)
        rows = [(lookup.page(row.page_id), row) for row in history.recent(changes)[:RECENT_PAGES]]
        return self._html("recent.html", place="recent", rows=[pair for pair in rows if pair[0]])

    async def events(self, request: Request) -> Response:
        """Says when something was written."""
        return events.stream(self._store, request)

    def missing(self, request: Request) -> Response:
        """An address without a page. One that ends in the id of a page, as the services write them, leads there."""
        own = Lookup(self._store).links.href(request.url.path)
        return RedirectResponse(own) if own else self._html("missing.html", 404)


def when(time: datetime) -> Markup:
    """A time for people, with the exact one for the script that turns it into the reader's own."""
    return Markup('<time datetime="{}">{}</time>').format(
        time.isoformat(), time.strftime("%d %b %Y, %H:%M UTC").lstrip("0")
    )


def _by_parent(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.parent_id, []).append(row)  # type: ignore[attr-defined]
    return found


def _number(text: str | None) -> int:
    return min(int(text), 10**9) if text and text.isascii() and text.isdigit() else 0
