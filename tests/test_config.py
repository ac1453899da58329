"""Settings: where they come from, which one wins, and what is said about wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from publisher.config import default_state, find, line_of, load
from publisher.errors import UsageError
from publisher.settings import Settings
from publisher.values import Layer, merge


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a folder of documents in it; nothing above it is looked at."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "docs" / "guide").mkdir(parents=True)
    return tmp_path


def settings(
    project: Path, text: str = "", environ: dict[str, str] | None = None, **options: object
) -> Settings:
    (project / "pagemill.toml").write_text(text, encoding="utf-8")
    return load({"folder": "docs", **options}, environ or {}, project)


def refused(project: Path, text: str = "", environ: dict[str, str] | None = None, **options: object) -> str:
    with pytest.raises(UsageError) as caught:
        settings(project, text, environ, **options)
    return str(caught.value)


def test_defaults_without_a_file(project: Path) -> None:
    found = load({"folder": "docs"}, {}, project)
    assert found.folder == project / "docs"
    assert (found.target, found.parent, found.root, found.prune) == ("local", "", "page", False)
    assert found.state == project / ".pagemill"
    assert found.workspace == project / ".pagemill" / "workspace.db"
    assert found.origin("target") == "default"
    assert found.origin("folder") == "FOLDER"


def test_options_beat_environment_beats_file(project: Path) -> None:
    text = 'parent = "file"\ntarget = "notion"\nrate = 10\n'
    environ = {"PAGEMILL_PARENT": "environment", "PAGEMILL_RATE": "20"}
    found = settings(project, text, environ, rate=30)
    assert (found.target, found.parent, found.rate) == ("notion", "environment", 30)
    assert found.origin("target") == f"{project / 'pagemill.toml'}:2"
    assert found.origin("parent") == "PAGEMILL_PARENT"
    assert found.origin("rate") == "--rate"


def test_options_that_were_not_given_do_not_count(project: Path) -> None:
    assert settings(project, "prune = true", prune=None).prune is True


def test_empty_environment_variables_do_not_count(project: Path) -> None:
    assert settings(project, 'parent = "p"', {"PAGEMILL_PARENT": ""}).parent == "p"


def test_environment_values_are_parsed(project: Path) -> None:
    environ = {
        "PAGEMILL_IGNORE": "*.tmp, drafts/ ,",
        "PAGEMILL_PRUNE": "Yes",
        "PAGEMILL_PRUNE_SHARE": "0.5",
        "PAGEMILL_EXTENSIONS": "math,-footnotes",
        "PAGEMILL_STATE": "elsewhere",
    }
    found = settings(project, "", environ)
    assert found.ignore == ("*.tmp", "drafts/")
    assert (found.prune, found.prune_share) == (True, 0.5)
    assert found.extensions == {"math": True, "footnotes": False}
    assert found.state == project / "elsewhere"


def test_a_targets_table_counts_for_that_target_only(project: Path) -> None:
    text = 'parent = "all"\n[notion]\nparent = "n"\nrate = 60\n[buildin]\nparent = "b"\n'
    assert settings(project, text).parent == "all"
    found = settings(project, text, target="notion")
    assert (found.parent, found.rate) == ("n", 60)
    assert found.origin("parent") == f"{project / 'pagemill.toml'}:3"
    assert settings(project, text, target="notion", parent="mine").parent == "mine"


def test_the_address_of_one_service(project: Path) -> None:
    environ = {"PAGEMILL_NOTION_URL": "http://127.0.0.1:4747/"}
    assert settings(project, "", environ, target="notion").base_url == "http://127.0.0.1:4747"
    assert settings(project, "", environ, target="buildin").base_url == ""
    assert (
        settings(project, "", environ, target="notion", base_url="https://b.example").base_url
        == "https://b.example"
    )


def test_a_file_cannot_send_the_token_to_another_host(project: Path) -> None:
    assert settings(project, 'base_url = "http://localhost:4747"').base_url == "http://localhost:4747"
    assert "only be on this computer" in refused(project, 'base_url = "https://evil.example"')
    assert "only be on this computer" in refused(
        project, '[notion]\nbase_url = "http://localhost.evil.example"'
    )
    assert "only be on this computer" in refused(project, 'base_url = "http://localhost@evil.example"')
    assert settings(project, 'files_url = "https://cdn.example/x/"').files_url == "https://cdn.example/x"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('target = "local"\nparnt = "x"', 2, "unknown setting 'parnt'\nDid you mean 'parent'?"),
        ("title-from = []", 1, "Did you mean 'title_from'?"),
        ("zzz = 1", 1, "Known settings: "),
        ("[zzz]\na = 1", 1, "unknown setting 'zzz'"),
        ("[notion]\n\nparnt = 1", 3, "Did you mean 'parent'?"),
        ('[notion]\nfolder = "x"', 2, "unknown setting 'folder'"),
        ("notion = 3", 1, "must be a table"),
        (
            'target = "nation"',
            1,
            "must be 'local', 'buildin' or 'notion', not 'nation' (did you mean 'notion'?)",
        ),
        ('\nprune = "true"', 2, "must be true or false, not a text"),
        ("ignore = 'x'", 1, "must be a list of texts, not a text"),
        ("ignore = ['x', 1]", 1, "must be a list of texts"),
        ("title_from = ['h2']", 1, "may hold 'front-matter', 'h1' or 'file-name', not 'h2'"),
        ("concurrency = 0", 1, "must be from 1 to 64, not 0"),
        ("concurrency = 2.5", 1, "must be a whole number"),
        ("concurrency = true", 1, "must be a whole number, not true or false"),
        ("prune_share = nan", 1, "must be from 0 to 1"),
        ("prune_share = 1.5", 1, "must be from 0 to 1"),
        ("parent = 12", 1, "must be a text in quotes, not a number"),
        ("state = ''", 1, "must be a path"),
        ("files_url = 'ftp://x'", 1, "must be an http or https address"),
        ("files_url = 'http://x:port'", 1, "must be an http or https address"),
        ("extensions = { math = 1 }", 1, "must map names to true or false"),
        ("provenance = {}", 1, "unknown setting 'provenance'"),
    ],
)
def test_wrong_settings_name_file_and_line(project: Path, text: str, line: int, message: str) -> None:
    said = refused(project, text)
    assert said.startswith(f"{project / 'pagemill.toml'}:{line}: ")
    assert message in said


def test_wrong_tables_are_found_whatever_the_target(project: Path) -> None:
    assert "PAGEMILL" not in refused(project, "[notion]\nrate = 'fast'", target="local")


def test_wrong_environment_and_options_are_named(project: Path) -> None:
    assert refused(project, "", {"PAGEMILL_RATE": "fast"}).startswith("PAGEMILL_RATE: rate must be a number")
    assert refused(project, "", {"PAGEMILL_PRUNE": "maybe"}).startswith("PAGEMILL_PRUNE: prune must be true")
    assert refused(project, target="nope").startswith("--to: target must be")
    assert refused(project, on_drift="kep").startswith("--on-drift: on_drift must be")


def test_variables_of_others_are_left_alone(project: Path) -> None:
    assert settings(project, "", {"PAGEMILL_COLOUR": "no", "PAGEMILL": "x"}).provenance.keys() == {"folder"}


def test_a_syntax_error_has_line_and_column(project: Path) -> None:
    file = project / "pagemill.toml"
    assert refused(project, 'target = "local"\nparent = ').startswith(f"{file}:2: Invalid value")
    assert refused(project, "a = 1\nb = = 2\n").startswith(f"{file}:2:5: Invalid value")


def test_a_file_that_is_not_text(project: Path) -> None:
    (project / "pagemill.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="is not UTF-8"):
        load({"folder": "docs"}, {}, project)


def test_a_byte_order_mark_is_no_error(project: Path) -> None:
    assert settings(project, '\ufeffparent = "p"').parent == "p"


def test_the_nearest_file_counts(project: Path) -> None:
    (project / "pagemill.toml").write_text('parent = "far"')
    assert load({"folder": "docs/guide"}, {}, project).parent == "far"
    (project / "docs" / "pagemill.toml").write_text('parent = "near"')
    assert load({"folder": "docs/guide"}, {}, project).parent == "near"


def test_nothing_above_the_repository_is_read(project: Path) -> None:
    (project / "pagemill.toml").write_text("nonsense = 1")
    (project / "docs" / ".git").write_text("gitdir: elsewhere")  # a submodule
    assert load({"folder": "docs"}, {}, project).parent == ""


def test_pyproject_counts_only_with_our_table(project: Path) -> None:
    (project / "docs" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (project / "pyproject.toml").write_text("[tool.other]\nparnt = 1\n\n[tool.pagemill]\nparent = 'p'\n")
    found = load({"folder": "docs"}, {}, project)
    assert found.parent == "p"
    assert found.origin("parent") == f"{project / 'pyproject.toml'}:5"
    (project / "pyproject.toml").write_text("[tool]\npagemill = 3\n")
    with pytest.raises(UsageError, match=r"tool\.pagemill must be a table"):
        load({"folder": "docs"}, {}, project)


def test_a_named_file_is_used_alone(project: Path) -> None:
    (project / "pagemill.toml").write_text('parent = "found"')
    (project / "other.toml").write_text('parent = "named"')
    assert load({"folder": "docs"}, {}, project, "other.toml").parent == "named"
    with pytest.raises(UsageError, match=r"missing\.toml: cannot be read"):
        load({"folder": "docs"}, {}, project, "missing.toml")


def test_paths_start_where_they_are_written(project: Path) -> None:
    (project / "pagemill.toml").write_text('folder = "docs"\nstate = "kept"\nworkspace = "w.db"\n')
    found = load({}, {}, project / "docs" / "guide")
    assert found.folder == project / "docs"
    assert (found.state, found.workspace) == (project / "kept", project / "w.db")
    found = load({"workspace": "w.db"}, {}, project / "docs" / "guide")
    assert found.workspace == project / "docs" / "guide" / "w.db"


def test_the_state_stands_beside_the_folder(project: Path) -> None:
    assert default_state(project / "docs") == project / ".pagemill"
    assert default_state(project) == project / ".pagemill"  # a whole repository keeps it inside
    (project / "docs" / ".pagemill").mkdir()
    assert default_state(project / "docs") == project / "docs" / ".pagemill"


def test_outside_of_git_the_folder_that_one_stands_in_keeps_its_state(tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    vault.mkdir()
    assert default_state(vault, tmp_path) == tmp_path / ".pagemill"
    assert default_state(vault, vault) == vault / ".pagemill"
    assert load({}, {}, vault).state == vault / ".pagemill"
    (tmp_path / ".git").mkdir()
    assert default_state(vault, vault) == tmp_path / ".pagemill"


def test_a_state_that_is_there_already_counts(tmp_path: Path) -> None:
    vault = tmp_path / "my vault"
    vault.mkdir()
    beside = tmp_path / ".pagemill"
    beside.mkdir()
    (beside / "other.notion.0123abcd.db").touch()
    (beside / "my_vault.local.0123abcd.db.lock").touch()
    assert default_state(vault, vault) == vault / ".pagemill"  # these are not its own
    (beside / "my_vault.notion.0123abcd.db").touch()
    (vault / ".pagemill").mkdir()  # a folder in it was published
    assert default_state(vault, vault) == beside
    (vault / ".pagemill" / "my_vault.local.0123abcd.db").touch()
    assert default_state(vault, tmp_path) == vault / ".pagemill"


def test_no_settings_file_at_all(project: Path) -> None:
    assert find(project / "docs") is None
    assert find(project / "missing" / "folder") is None


def test_lines_of_keys() -> None:
    text = '# a\na = 1\n[b]\n"c d" = 2\n[b.e] # x\nf.g = 3\n[[h]]\ni = "j = 4"\n'
    keys = [("a",), ("b",), ("b", "c d"), ("b", "e", "f", "g"), ("h", "i"), ("zzz",)]
    assert [line_of(text, key) for key in keys] == [2, 3, 4, 6, 8, 0]


def test_merging_is_pure() -> None:
    layers = [Layer({"rate": 1, "parent": "a"}, lambda name: "one"), Layer({"rate": 2}, lambda name: "two")]
    found = merge(layers)
    assert (found.rate, found.parent) == (2, "a")
    assert found.provenance == {"rate": "two", "parent": "one"}
    assert merge([]) == Settings()
