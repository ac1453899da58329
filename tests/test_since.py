"""Publishing from CI: only what changed, with the state and without it, and the report as Markdown."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from repositories import Clone, nobodys_git  # noqa: F401 - a fixture

from converters.diagnostics import diagnostic
from publisher.errors import UsageError
from publisher.markdown import MARK, markdown
from publisher.report import PageReport, Report
from publisher.since import changed_files

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="needs git"),
    pytest.mark.usefixtures("nobodys_git"),
]


@pytest.fixture
def work(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "work")
    made.root.mkdir()
    made.git("init", "-q", "-b", "main")
    made.commit(
        docs__index_md="# Docs\n\nSee [a](a.md).\n",
        docs__a_md="# A\n\nText of a.\n",
        docs__b_md="# B\n\nText of b.\n",
    )
    return made


def published(work: Clone, *options: str, code: int = 0, **env: str) -> dict[str, object]:
    result = work.pagemill("publish", "docs", "--json", *options, env=env, code=code)
    report: dict[str, object] = json.loads(result.out)
    return report


def test_only_what_changed_since_a_revision(work: Clone) -> None:
    published(work)
    work.commit(docs__a_md="# A\n\nChanged first.\n")
    work.commit(docs__b_md="# B\n\nChanged second.\n", docs__new__deep__c_md="# C\n\nSee [b](../../b.md).\n")
    report = published(work, "--since", "HEAD^")
    assert (report["created"], report["updated"]) == (3, 1)  # with the two folders above c.md
    pages = work.pages()
    assert (pages["A"], pages["B"], pages["C"]) == ("Text of a.", "Changed second.", "See b.")
    assert published(work)["updated"] == 1
    assert work.pages()["A"] == "Changed first."


def test_what_is_not_committed_counts(work: Clone) -> None:
    published(work)
    work.write("docs/a.md", "# A\n\nNot committed.\n")
    work.write("docs/new.md", "# New\n\nNot added.\n")
    report = published(work, "--since", "HEAD")
    assert (report["created"], report["updated"]) == (1, 1)


def test_without_the_state_only_the_changed_pages_are_looked_at(work: Clone) -> None:
    for number in range(8):
        work.write(f"docs/p{number}.md", f"# Page {number}\n\nText {number}.\n")
    work.commit()
    published(work)
    work.commit(docs__a_md="# A\n\nChanged.\n")
    for state in (work.root / ".pagemill").glob("docs.local.*"):
        state.unlink()
    before = work.pages()
    report = published(work, "--since", "HEAD^")
    assert (report["created"], report["updated"], report["writes"]) == (0, 1, 1)
    assert isinstance(report["reads"], int)
    assert report["reads"] <= 11 + 4  # every page for its address; the root, its children, the changed page
    assert work.pages() == {**before, "A": "Changed."}
    assert published(work)["writes"] == 0


def test_renamed_and_removed_files(work: Clone) -> None:
    work.commit(docs__old_md="# Old\n\nA text that is long enough to be known again.\n")
    published(work)
    work.git("mv", "docs/old.md", "docs/renamed.md")
    work.git("rm", "-q", "docs/b.md")
    work.commit()
    report = published(work, "--since", "HEAD^", "--prune", "--force")
    assert (report["created"], report["trashed"]) == (0, 1)
    assert {"Old"} <= set(work.pages())


def test_other_files_errors_do_not_fail_the_run(work: Clone) -> None:
    published(work)
    work.commit(docs__b_md="---\ntitle: [\n---\n")
    work.commit(docs__a_md="# A\n\nGood.\n")
    assert published(work, "--since", "HEAD^")["failed"] == 0
    assert published(work, "--since", "HEAD~2", code=1)["failed"] == 1


def test_a_plan_is_limited_too(work: Clone) -> None:
    published(work)
    work.commit(docs__a_md="# A\n\nChanged.\n")
    work.commit(docs__b_md="# B\n\nChanged.\n")
    plan = json.loads(work.pagemill("plan", "docs", "--json", "--since", "HEAD^").out)
    assert [page["path"] for page in plan["pages"] if page["action"] == "update"] == ["b.md"]


def test_what_changed_means_in_ci(work: Clone, tmp_path: Path) -> None:
    docs = work.root / "docs"
    first = work.head()
    second = work.commit(docs__a_md="# A\n\nSecond.\n")
    work.commit(docs__b_md="# B\n\nThird.\n")
    event = tmp_path / "event.json"

    def changed(**environ: str) -> set[str] | None:
        found = changed_files(docs, None, True, environ)
        return None if found is None else set(found.paths)

    def github(value: object) -> dict[str, str]:
        event.write_text(json.dumps(value), encoding="utf-8")
        return {"GITHUB_EVENT_PATH": str(event)}

    assert changed_files(docs, None, False, {}) is None
    assert changed() == {"b.md"}
    assert changed(**github({"before": first})) == {"a.md", "b.md"}
    assert changed(**github({"pull_request": {"base": {"sha": second}}})) == {"b.md"}
    assert changed(**github({"before": "0" * 40})) == {"b.md"}
    assert changed(**github([])) == {"b.md"}
    assert changed(CI_COMMIT_BEFORE_SHA=first) == {"a.md", "b.md"}
    assert changed(CI_COMMIT_BEFORE_SHA="0" * 40, CI_MERGE_REQUEST_DIFF_BASE_SHA=second) == {"b.md"}
    work.git("checkout", "-q", first)
    assert changed() is None  # the first commit: everything is new


def test_mistakes(work: Clone, tmp_path: Path) -> None:
    result = work.pagemill("publish", "docs", "--since", "nothing", code=2)
    assert "not a commit" in result.err
    assert "fetch-depth" in result.err
    with pytest.raises(UsageError):
        changed_files(tmp_path, "HEAD", False, {})
    work.pagemill("publish", "docs", "--since", "HEAD", "--changed", code=2)


def test_the_report_as_markdown(work: Clone) -> None:
    work.commit(docs__b_md="# B\n\n[x](nowhere.md)\n")
    lines = work.pagemill("plan", "docs", "--format", "markdown").out.splitlines()
    assert lines[0] == MARK
    assert lines[1].startswith("**pagemill** plan, local: 3 to create")
    assert r"| \+ create | A | `a.md` | 1 |" in lines
    assert any(re.match(r"- warning: `docs/b\.md:3:1` .*\(`link-broken`\)", line) for line in lines)
    done = work.pagemill("publish", "docs", "--format", "markdown")
    assert done.out.startswith(f"{MARK}\n**pagemill** publish, local: 3 created")


def test_a_long_report_stays_within_a_comment() -> None:
    pages = [PageReport("`" * 300, "x" * 5000, "create", requests=1, note="n" * 999) for _ in range(5000)]
    items = [diagnostic("link-broken", "m" * 999, "p" * 999, 1, 1)] * 5000
    report = Report(pages=pages, diagnostics=items)
    text = "\n".join(markdown(report, "docs"))
    assert 40_000 < len(text) < 60_000
    assert text.count(" more.\n") == 2


def test_nothing_in_a_title_or_a_path_means_anything_in_markdown() -> None:
    page = PageReport(
        "a|`b`.md", "| `x` @you <b> [l](u)\n# \x1b", "conflict", note="*so*", url="https://example.org/1"
    )
    row = next(
        line
        for line in markdown(Report(pages=[page]), "docs")
        if "conflict" in line and line.startswith("| ")
    )
    assert row == (
        r"| \! conflict | [\| \`x\` &#64;you &lt;b\> \[l\]\(u\) \# \\x1b](https://example.org/1)<br>\*so\* "
        r"| `` a\|`b`.md `` |  |"
    )
