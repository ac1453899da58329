"""Other people in the embedded workspace: what they do by hand, and which of their words stand where."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

from publisher.emulator.rows import BlockRow
from publisher.emulator.store import Store
from publisher.emulator.writing import Head, NewBlock, Place

_WORD = re.compile(r"people\d+")
_TEXTS = ("paragraph", "bulleted_list_item", "numbered_list_item", "toggle", "quote")


class Crowd:
    """People who edit the pages of a workspace at random. Every word they write is new ("people17")."""

    def __init__(self, store: Store, rand: Random) -> None:
        self.store = store
        self.rand = rand
        self.last = 0
        self.edited: dict[
            str, str
        ] = {}  # word -> the block that was there before and that it was written into

    def words(self) -> dict[str, str]:
        """Every word of theirs that stands in a page, and the id of that page."""
        found: dict[str, str] = {}
        pending = self.store.roots()
        while pending:
            page = pending.pop()
            found.update(dict.fromkeys(_WORD.findall(page.title), page.id))
            for block in self.store.subtree(page.id):
                found.update(dict.fromkeys(_WORD.findall(json.dumps(block.content)), page.id))
            pending += self.store.child_pages(page.id)
        return found

    def words_in(self, id: str) -> set[str]:
        """Their words that stand below a block or page."""
        blocks = self.store.subtree(id)
        inside = {word for block in blocks for word in _WORD.findall(json.dumps(block.content))}
        pages = (page for page in self.store.child_pages(id))
        return inside.union(*(self.words_in(page.id) for page in pages))

    def lines(self, page: str) -> list[str]:
        """The texts of a page's blocks, in reading order."""
        blocks = self.store.subtree(page)
        return ["".join(item["text"] for item in block.content.get("rich_text", ())) for block in blocks]

    def parents(self) -> set[str]:
        """Every block that has something below it."""
        return {row[0] for row in self.store.rows("SELECT DISTINCT parent FROM node WHERE trash = 0")}

    def meddle(self) -> str:
        """Somebody edits something; says what."""
        pages = [page for root in self.store.roots() for page in (root, *self._below(root.id))]
        if not pages:
            return ""
        page = self.rand.choice(pages)
        blocks = self.store.subtree(page.id)
        what = self.rand.choice(
            ("edit", "edit", "edit", "add", "add", "delete", "move", "page", "trash", "name")
        )
        if what == "trash" and self.rand.random() < 0.7:
            what = "add"
        with self.store.write("", "people") as writer:
            node = writer.node(page.id)
            assert node is not None
            if what == "page":
                writer.insert_page(page.id, page.id, "child_page", Head(**self._title()))
            elif what == "trash":
                writer.trash(node, True)
            elif what == "name":
                writer.update_page(node, **self._title())
        if what in ("edit", "add", "delete", "move"):
            self._edit_body(what, page.id, blocks)
        return f"{what} {page.title}"

    def _below(self, id: str) -> list[object]:
        return [found for page in self.store.child_pages(id) for found in (page, *self._below(page.id))]

    def _edit_body(self, what: str, page: str, blocks: list[BlockRow]) -> None:
        texts = [block for block in blocks if block.type in _TEXTS]
        one = self.rand.choice(texts) if texts else None
        with self.store.write("", "people") as writer:
            if what == "add" or one is None:
                parent = self.rand.choice([page, *(block.id for block in texts)])
                place = self._place([block for block in blocks if block.parent_id == parent])
                writer.insert(parent, page, [NewBlock("paragraph", {"rich_text": self._text()})], place)
                return
            node = writer.node(one.id)
            assert node is not None
            if what == "edit":
                text = self._text()
                self.edited[text[0]["text"]] = one.id
                writer.update(node, {**one.content, "rich_text": text})
            elif what == "delete":
                writer.trash(node, True)
            else:
                parent = self.rand.choice([page, *(block.id for block in texts)])
                if not writer.inside(parent, one.id):
                    siblings = [block for block in blocks if block.parent_id == parent and block.id != one.id]
                    writer.move(node, parent, page, self._place(siblings))

    def _place(self, siblings: list[BlockRow]) -> Place:
        at = self.rand.randint(0, len(siblings))
        return Place("after", siblings[at - 1].id) if at else Place("start")

    def _word(self) -> str:
        self.last += 1
        return f"people{self.last}"

    def _title(self) -> dict[str, Any]:
        text = self._text()
        return {"title": text[0]["text"], "properties": {"title": {"type": "title", "title": text}}}

    def _text(self) -> list[dict[str, str]]:
        return [{"type": "text", "text": self._word()}]
