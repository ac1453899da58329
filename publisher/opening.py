"""The databases of a folder, opened before their records: found or made, with a schema that holds their front matter.

A schema is read once, and again only when something does not fit it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from converters.diagnostics import Diagnostic
from publisher import outline as out
from publisher import shapes
from publisher.apply import Applier, Outcome
from publisher.creations import creations
from publisher.errors import (
    RejectedError,
    TokenError,
    UnknownOutcomeError,
    UnreachableError,
)
from publisher.meeting import alter, make, meet
from publisher.planning.ops import record_parent
from publisher.planning.packing import Handles
from publisher.planning.records import BaseSpec
from publisher.remote.trashed import explained
from publisher.report import Action
from publisher.settings import Settings
from publisher.shapes import Shape

_DOUBTS = ("property-type", "property-unknown", "property-read-only")


@dataclass(slots=True)
class Opener:
    """Opens the databases of one run. `actions` says afterwards what was done to each, `notes` what its schema got."""

    found: Shape
    settings: Settings
    applier: Applier
    handles: Handles
    context: Callable[[str], Any] = lambda _: None
    actions: dict[str, Action] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    async def open(self) -> Outcome:
        """Every database there, with a schema that holds its records, and all records checked against it.

        Raises:
            PagemillError: one cannot be opened; nothing is written to its records then.
        """
        outcome = Outcome()
        for key, spec in self.found.bases.specs.items():
            node = self.found.tree.by_key.get(key)
            if node is None:  # no file in it
                continue
            self.context(key)
            if node.parent and (above := await self._above(node.parent)) is not None:
                outcome.include(above)
                if above.failed or above.unsettled or above.fatal or above.held:
                    return outcome
            try:
                await self._open(spec, self._id(node.parent))
            except UnknownOutcomeError:
                outcome.unsettled.add(key)
            except RejectedError as error:
                known = self.applier.store.databases().get(key)
                place = known.source if known else self._id(node.parent)
                outcome.failed[key] = await explained(error, "", [place], self.applier.workspace)
            except (TokenError, UnreachableError) as error:
                outcome.fatal = error
                return outcome
        return outcome

    async def _open(self, spec: BaseSpec, parent: str) -> None:
        store, workspace = self.applier.store, self.applier.workspace
        known = store.databases().get(spec.key)
        if fresh := known is None or not known.schema:
            known = await meet(spec, parent, store, workspace)
        shapes.check_records(self.found, spec.key, known)
        plan = self.found.bases.plans[spec.key]
        if known is not None and not fresh and (plan.changes or _doubtful(plan.diagnostics)):
            # somebody may have changed the schema meanwhile
            known = await meet(spec, parent, store, workspace)
            shapes.check_records(self.found, spec.key, known)
            plan = self.found.bases.plans[spec.key]
        self.actions[spec.key] = "unchanged"
        if known is None:
            known = await make(plan, parent, store, workspace)
            self.actions[spec.key] = "create"
        elif plan.changes:
            known = await alter(known, plan.changes, store, workspace)
            self.actions[spec.key] = "update"
        self.notes[spec.key] = schema_note(plan.exists, [item.name for item in plan.changes])
        self.applier.names.know(spec.key, record_parent(known.source), known.url)

    async def _above(self, key: str) -> Outcome | None:
        """Make the pages above a database that are not there yet; their text follows when all is known."""
        known = self.applier.store.pages()
        missing = []
        while key and key not in known:
            node = self.found.tree.by_key[key]
            missing.append(out.want(self.found, replace(node, held=True)))
            key = node.parent
        if not missing:
            return None
        steps = creations(
            self.found, missing[::-1], known, self.settings.parent, self.applier.names.find, self.handles
        )
        return await self.applier.run(steps, 1, context=self.context)

    def _id(self, key: str) -> str:
        page = self.applier.store.page(key) if key else None
        return page.id if page is not None else self.settings.parent


def _doubtful(items: Sequence[Diagnostic]) -> bool:
    return any(item.code in _DOUBTS for item in items)


def schema_note(exists: bool, names: Sequence[str]) -> str:
    """What is done to a schema, in one line."""
    if not names:
        return ""
    return ("Properties added or extended: " if exists else "Properties: ") + ", ".join(names)
