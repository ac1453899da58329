"""The properties of records, brought to what the front matter says, apart from bodies.

On Buildin those of a hundred records are one request.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from converters.diagnostics import Diagnostic, diagnostic
from converters.dialects.schema import read_values
from converters.properties import PropertyValue
from publisher import outline as out
from publisher.apply import Applier, Outcome
from publisher.errors import (
    Interrupted,
    PagemillError,
    RejectedError,
    TokenError,
    TrashedError,
    UnknownOutcomeError,
    UnreachableError,
)
from publisher.known import KnownDatabase
from publisher.outline import RecordChange
from publisher.planning.order import page_handle
from publisher.planning.record_values import PROPERTY, batches, changes, with_ids
from publisher.refused import of_record
from publisher.remote.databases import MUTATED, Databases
from publisher.remote.trashed import explained, moved_to_trash
from publisher.remote.workspace import GONE
from publisher.report import Action
from publisher.settings import Settings
from publisher.shapes import Shape


@dataclass(slots=True)
class Keeper:
    """Writes the properties of records.

    `actions` says afterwards what was done to each record, `notes` why it was not; `diagnostics` are what was found
    out on the way.
    """

    found: Shape
    settings: Settings
    applier: Applier
    context: Callable[[str], Any] = lambda _: None
    actions: dict[str, Action] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    async def write(self) -> Outcome:
        """Send the properties, icons and covers that differ from what was last written."""
        outcome = Outcome()
        for key in self.found.bases.plans:
            todo = await self._changes(key)
            known = self.applier.store.databases().get(key)
            if not todo or known is None:
                continue
            together = [one for one in todo if not one.looks]
            if self.applier.workspace.service != "buildin" or len(together) < 2:
                together = []
            alone = [one for one in todo if one not in together] if together else todo
            render = self.found.folder.dialect.properties
            sized = {one.known.id: one for one in together}
            groups = [
                [sized[id] for id, _ in batch]
                for batch in batches([(one.known.id, render(one.values)) for one in together], MUTATED)
            ]
            await self._all(known, [*groups, *([one] for one in alone)], outcome)
        return outcome

    async def _changes(self, key: str) -> list[RecordChange]:
        """The changes of one database's records that can be sent now, relations with ids in them."""
        known = self.applier.store.pages()
        found = []
        for node in self.found.tree.pages:
            if node.parent != key or node.held or (page := known.get(node.key)) is None:
                continue
            change = out.record_change(self.found, out.want(self.found, node), page)
            if change is not None and (ready := self._ready(change)) is not None:
                found.append(ready)
        if found and self.settings.on_property_conflict != "ours":
            found = await self._without_conflicts(key, found)
        return found

    def _ready(self, change: RecordChange) -> RecordChange | None:
        """The change without relations to records that could not be made; the next run tries again."""
        values, digests = [], dict(change.digests)
        for value in change.values:
            if (final := with_ids(value, self._bound)) is not None:
                values.append(final)
            else:
                digests.pop(PROPERTY + value.name, None)
        if not values and not change.looks:
            return None
        return replace(change, values=tuple(values), digests=digests)

    def _bound(self, key: str) -> str:
        handle = page_handle(key)
        id = self.applier.names.id(handle)
        return "" if id == handle else id

    async def _all(
        self, known: KnownDatabase, groups: Sequence[Sequence[RecordChange]], outcome: Outcome
    ) -> None:
        slots = asyncio.Semaphore(self.settings.concurrency)

        async def one(group: Sequence[RecordChange]) -> None:
            async with slots:
                if outcome.fatal or self.applier.stopping.requested:
                    outcome.held.update(change.wanted.key for change in group)
                    return
                await self._send(known, group, outcome)

        async with asyncio.TaskGroup() as tasks:
            for group in groups:
                tasks.create_task(one(group))

    async def _send(self, known: KnownDatabase, group: Sequence[RecordChange], outcome: Outcome) -> None:
        """One request; a refused group is sent one by one, so that only what is wrong stays behind."""
        keys = [change.wanted.key for change in group]
        self.context(keys[0] if len(keys) == 1 else known.key)
        try:
            await (self._alone(group[0]) if len(group) == 1 else self._together(known, group))
        except UnknownOutcomeError:
            outcome.unsettled.update(keys)
        except (TokenError, UnreachableError) as error:
            outcome.fatal = error
            outcome.held.update(keys)
        except Interrupted:
            outcome.held.update(keys)
        except PagemillError as error:
            if len(group) > 1:
                for change in group:
                    await self._send(known, [change], outcome)
            else:
                await self._refused(known, group[0], error, outcome)
        else:
            for change in group:
                self._written(change)
                outcome.done.add(change.wanted.key)

    async def _alone(self, change: RecordChange) -> None:
        head = change.wanted.head
        await self.applier.workspace.update_page(
            change.known.id,
            properties=self.found.folder.dialect.properties(change.values) if change.values else None,
            **{name: getattr(head, name) for name in change.looks},
        )

    async def _together(self, known: KnownDatabase, group: Sequence[RecordChange]) -> None:
        render = self.found.folder.dialect.properties
        updates = [(change.known.id, render(change.values)) for change in group]
        await Databases(self.applier.workspace).mutate(known.source, updates, str(uuid.uuid4()))

    def _written(self, change: RecordChange) -> None:
        """Keep in the state what stands there now."""
        key = change.wanted.key
        page = self.applier.store.page(key)
        assert page is not None
        looks = change.wanted.goal().head
        kept = {name: value for name, value in page.head.items() if not name.startswith(PROPERTY)}
        head = {**kept, **{name: looks[name] for name in change.looks}, **change.digests}
        self.applier.store.update_page(key, head=head, title=change.wanted.node.title)
        self.actions[key] = "update"

    async def _refused(
        self, known: KnownDatabase, change: RecordChange, error: PagemillError, outcome: Outcome
    ) -> None:
        key, workspace = change.wanted.key, self.applier.workspace
        error = await explained(error, change.known.id, (), workspace)
        gone = isinstance(error, TrashedError) and not error.above
        if isinstance(error, RejectedError) and error.status in GONE:
            gone = await workspace.page(change.known.id) is None
            if not gone:  # the schema may have changed: it is read again next time
                self.applier.store.save_database(replace(known, schema={}))
                error = self._named(error, change)
        if gone and self.settings.on_conflict == "ours":
            self.applier.store.forget_page(key)
            outcome.unsettled.add(key)
            return
        outcome.failed[key] = moved_to_trash(change.known.id) if gone else error

    def _named(self, error: RejectedError, change: RecordChange) -> RejectedError:
        """The refusal with the property and the line that it is about."""
        names = [value.name for value in change.values]
        lines = self._lines(change.wanted.path)
        return of_record(error, change.wanted.goal(), names, lines, self.applier.workspace.service)

    def _lines(self, path: str) -> dict[str, int]:
        """Where the keys of a file's front matter stand, by folded name."""
        facts = self.found.folder.facts.get(path)
        return {name.casefold(): line for name, line in (facts.lines if facts else {}).items()}

    # -- what somebody else changed ----------------------------------------------------------------------------------

    async def _without_conflicts(self, key: str, found: Sequence[RecordChange]) -> list[RecordChange]:
        """The changes without properties that somebody changed too, as `on_property_conflict` wants it."""
        known = self.applier.store.databases()[key]
        there = {page.id: page for page in await Databases(self.applier.workspace).records(known.source)}
        kept = []
        for change in found:
            info = there.get(change.known.id)
            theirs = self._theirs(change, read_values(info.properties) if info else ())
            if not theirs:
                kept.append(change)
                continue
            self._say_conflict(change, theirs)
            if self.settings.on_property_conflict == "stop":
                self.actions[change.wanted.key] = "conflict"
                self.notes[change.wanted.key] = "Somebody has changed its properties too (see above)."
                continue
            values = tuple(value for value in change.values if value.name not in theirs)
            kept.append(replace(change, values=values))  # the digests say that ours was dealt with
        return [change for change in kept if change.values or change.looks or self._settled(change)]

    def _settled(self, change: RecordChange) -> bool:
        """Nothing is left to send: what stands there counts as written."""
        self._written(change)
        self.actions[change.wanted.key] = "unchanged"
        return False

    def _theirs(self, change: RecordChange, values: Sequence[PropertyValue]) -> set[str]:
        """The properties about to be sent that hold neither what was last written nor what is to be written."""
        render = self.found.folder.dialect.properties
        plan = self.found.bases.plans[change.wanted.node.parent]
        sending = {value.name: value for value in change.values}
        theirs = set()
        for value in values:
            ours = sending.get(value.name)
            before = change.known.head.get(PROPERTY + value.name, "")
            if ours is None or ours.type == "relation" or (value.value in (None, False) and not before):
                continue
            _, now = changes([value], {}, plan.schema, render)
            if now[PROPERTY + value.name] != before and render([value]) != render([ours]):
                theirs.add(value.name)
        return theirs

    def _say_conflict(self, change: RecordChange, names: set[str]) -> None:
        done = {"theirs": "it stays as it is there", "stop": "the record was left alone"}
        lines = self._lines(change.wanted.path)
        for name in sorted(names):
            message = (
                f"`{name}` was changed in the workspace too; {done[self.settings.on_property_conflict]}."
            )
            line = lines.get(name.casefold(), 0)
            self.diagnostics.append(
                diagnostic("property-conflict", message, change.wanted.path, line, min(line, 1))
            )
