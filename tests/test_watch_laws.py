"""What is remembered from run to run must not make a difference: after any edits nothing is left to send."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from site_folder import Site

from publisher.job import Job
from publisher.memory import Memory
from publisher.remote.workspace import Workspace
from publisher.store import Store
from publisher.sync import Run
from publisher.watching.look import Look
from publisher.watching.quiet import Batch
from publisher.workplace import open_workspace, state_file

NAMES = ("a.md", "b.md", "sub/c.md", "sub/index.md")
PARTS = (
    "Plain words of no weight.", "## Head", "## Other head", "See [a](/a.md).", "See [head](/a.md#head).",
    "See [c](/sub/c.md#other-head).", "See [nothing](/none.md).", "![x](/x.png)",
)  # fmt: skip
FRONTS = (
    "",
    "---\ntitle: Title\n---\n",
    "---\norder: 2\n---\n",
    "---\ndraft: true\n---\n",
    "---\ntitle: [\n---\n",
)

texts = st.builds(
    lambda front, parts: front + "\n\n".join(parts) + "\n",
    st.sampled_from(FRONTS),
    st.lists(st.sampled_from(PARTS), max_size=4),
)
edits = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES), texts),
    st.tuples(st.just("remove"), st.sampled_from((*NAMES, "x.png")), st.just("")),
    st.tuples(st.just("picture"), st.just("x.png"), st.just("")),
    st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
)


def apply(site: Site, kind: str, name: str, other: str) -> set[str]:
    """Make an edit; gives the paths that events would name."""
    there = (site.folder / name).exists()
    if kind == "write":
        site.write(name, other)
    elif kind == "picture":
        site.write(name, b"png")
    elif not there:
        return set()
    elif kind == "remove":
        site.remove(name)
    else:
        site.folder.joinpath(other).parent.mkdir(exist_ok=True)
        (site.folder / name).replace(site.folder / other)
        return {name, other}
    return {name}


@given(st.lists(st.lists(edits, min_size=1, max_size=2), max_size=6))
@settings(max_examples=40)
def test_with_a_memory_as_without(rounds: list[list[tuple[str, str, str]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        site = Site(Path(name), {"files_url": "https://example.org/docs"})
        site.write("a.md", "# A\n\n## Head\n\nText.\n")
        site.write("b.md", "# B\n\nSee [head](/a.md#head).\n")
        asyncio.run(_publish_each(site, rounds))


async def _publish_each(site: Site, rounds: list[list[tuple[str, str, str]]]) -> None:
    chosen = site.settings()
    store = Store(state_file(chosen))
    workspace: Workspace = open_workspace(chosen, lambda: None)
    try:
        look, memory = Look(chosen, store), Memory()
        job = Job(chosen, lambda count: workspace, folder=look.folder, memory=memory)
        await Run(job, store).publish()
        for edits in rounds:
            paths = {path for edit in edits for path in apply(site, *edit)}
            sight = look.look(Batch(frozenset(paths)))
            if sight.folder is not None:
                job = Job(chosen, lambda count: workspace, folder=sight.folder, memory=memory)
                await Run(job, store).publish()
            left = site.plan()
            assert left.writes == 0, [(page.path, page.action) for page in left.pages]
    finally:
        await workspace.close()
        store.close()
