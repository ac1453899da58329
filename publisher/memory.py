"""What one run has found out and the next one of the same process need not find out again.

A shape knows the tree of pages, where every link leads, and what is to be said. When only texts changed, and nothing
that others see of a document, all of that still holds for the documents that did not change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from converters.diagnostics import Diagnostic
from publisher import shapes
from publisher.facts import Facts
from publisher.folder import Folder
from publisher.settings import Settings
from publisher.shapes import Shape
from publisher.shown import showing


@dataclass(slots=True)
class Memory:
    """Kept from run to run. `left` are keys of pages to look at again though their files did not change; None: all.

    `examined` are the paths of the documents that the last report speaks of; None: all. `unclear` says that a write of
    the last run got no clear answer, so that the next one should come soon.
    """

    shape: Shape | None = None
    left: set[str] | None = None
    examined: frozenset[str] | None = None
    unclear: bool = False
    _anchored: list[str] = field(default_factory=list)

    def patched(self, folder: Folder) -> Shape | None:
        """The last shape with the documents of this folder that changed; None if a new one has to be made."""
        last = self.shape
        if (
            last is None
            or last.contradictions
            or _gates(folder.settings)
            or not _same_names(last.folder, folder)
        ):
            return None
        before = last.folder.facts
        changed = [facts for path, facts in folder.facts.items() if facts is not before[path]]
        if any(_outside(facts) != _outside(before[facts.path]) for facts in changed):
            return None
        files = _other_files(last.folder, folder)
        if folder.assets is not None:
            last.table.uploads = folder.assets.get
        for name in files:
            last.table.renew_file(name)
        self._anchored = [facts.path for facts in changed if facts.anchors != before[facts.path].anchors]
        for path in self._anchored:
            last.table.renew(path, folder.facts[path].anchors)
        found = replace(last, folder=folder, diagnostics=())
        self.examined = frozenset(facts.path for facts in changed)
        if files:
            self.examined |= showing(found, files)
        found.diagnostics = _said(found, [folder.facts[path] for path in sorted(self.examined)])
        if folder.assets is not None:
            folder.assets.settle()
        return found

    def only(self, found: Shape) -> set[str] | None:
        """The keys of the pages that a patched shape has to be compared for; None: all."""
        if self.left is None:
            return None
        paths = (self.examined or frozenset()) & found.tree.by_path.keys()
        return {found.tree.by_path[path].key for path in paths} | self.left

    def others(self, found: Shape) -> tuple[Diagnostic, ...]:
        """What is to be said of documents that did not change but link to headings of those that did."""
        if not self._anchored or self.examined is None:
            return ()
        keys = {node.key for path in self._anchored if (node := found.tree.by_path.get(path))}
        linking = [
            facts
            for facts in found.folder.facts.values()
            if any(
                getattr(found.table.resolve(use.link, facts.path).goal, "key", None) in keys
                for use in facts.links
            )
        ]
        self.examined = (self.examined or frozenset()) | {facts.path for facts in linking}
        return _said(found, linking)


def _gates(settings: Settings) -> bool:
    """Whether what is said of one document may stop all others."""
    return settings.strict or "error" in settings.diagnostics.values()


def _same_names(last: Folder, now: Folder) -> bool:
    """Whether the same files are there, so that every link leads where it led."""
    then, scan = last.scan, now.scan
    return (
        last.facts.keys() == now.facts.keys()
        and last.diagnostics == now.diagnostics
        and (then.assets, then.ignored, then.aliases) == (scan.assets, scan.ignored, scan.aliases)
    )


def _other_files(last: Folder, now: Folder) -> set[str]:
    """Pictures and other files that have other bytes than before, or can or cannot be shown now."""
    if last.assets is now.assets or last.assets is None or now.assets is None:
        return set()
    then, seen = last.assets.seen, now.assets.seen
    return {name for name in seen if name in then and seen[name] != then[name]}


def _outside(facts: Facts) -> tuple[object, ...]:
    """What the page tree is made of."""
    return facts.title, facts.order, facts.draft, facts.held


def _said(found: Shape, documents: Iterable[Facts]) -> tuple[Diagnostic, ...]:
    said: list[Diagnostic] = []
    for facts in documents:
        if facts.path not in found.tree.drafts:
            said += (*facts.diagnostics, *found.table.check(facts.path, facts.links))
    return shapes.judged(found.folder, said)
