"""What the converter had to change or doubts, and where: like a compiler's messages.

Codes are stable: they appear in settings, comments and other people's scripts. Add, never rename.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "info"]
Level: TypeAlias = Literal["error", "warning", "info", "off"]  # what a folder may make of a code


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of diagnostic. `help` says what it means and what to do."""

    severity: Severity
    help: str


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One message about one place. `line` and `column` count from 1 in the original file; 0 means the whole file."""

    path: str
    line: int
    column: int
    code: str
    message: str
    severity: Severity

    @property
    def place(self) -> str:
        """`path:line:column`, which terminals and editors make a link of."""
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.message} [{self.code}]"


@dataclass(frozen=True, slots=True)
class Silence:
    """A code that is turned off on one line of a file, counted as in `Diagnostic`; 0 means the whole file."""

    code: str
    line: int = 0


CODES: dict[str, Code] = {
    "front-matter-invalid": Code(
        "error",
        "The front matter cannot be read, so the page is held back. Mend the YAML or TOML at this line.",
    ),
    "front-matter-unclosed": Code(
        "warning",
        "The file begins with `---` and a key, as front matter does, but no second `---` ends it, so the page shows it as "
        "text. Write the closing fence on a line of its own, or leave a blank line behind the first if it is a divider.",
    ),
    "front-matter-type": Code(
        "warning",
        "A front matter key that pagemill knows has a value of the wrong type; the value is ignored.",
    ),
    "encoding": Code("error", "The file is not UTF-8, so the page is held back. Save it as UTF-8."),
    "lfs-pointer": Code(
        "error",
        "Git LFS holds the file and only a pointer is here, so the page is held back, or the picture is not shown. Install "
        "git-lfs and fetch it (`git lfs pull`).",
    ),
    "link-broken": Code(
        "warning",
        "A link names a file that is not in the folder, or is a directory; its text stays, without a link.",
    ),
    "link-anchor-broken": Code(
        "warning",
        "A link names a heading that the page does not have. To another page it leads to that page's top; on the page "
        "itself its text stays, without a link.",
    ),
    "link-outside": Code(
        "warning",
        "A link leaves the folder, itself or through a symbolic link; its text stays, without a link.",
    ),
    "link-unsafe": Code(
        "warning",
        "A link's scheme (javascript:, data:, file:) is not one that a page may hold; its text stays.",
    ),
    "link-invalid": Code(
        "warning",
        "A link's address is not a whole URL, and a service would refuse it; its text stays, and what it has of an address "
        "beside it.",
    ),
    "link-dead": Code(
        "warning",
        "There is nothing behind an external address: no such page (404, 410), no such host, or a certificate that is "
        "not valid. Only `check --external` asks.",
    ),
    "link-unsure": Code(
        "info",
        "An external address could not be judged: its server refuses programs, asks for fewer requests, is in trouble, "
        "or gave no answer in time. Open it in a browser, or check it again later; `external.ignore` leaves it out. "
        "Only `check --external` asks.",
    ),
    "link-moved": Code(
        "info",
        "An external address has moved for good (301, 308), and its old name may end one day. Write the new one. Only "
        "`check --external` asks.",
    ),
    "image-not-mirrored": Code(
        "info",
        "With `images.mirror`, a picture on the web has no copy that can be uploaded: a publish has not fetched it yet, it "
        "could not be had, is no picture, or is too large. The page shows it from where it is; `check --external` says "
        "whether it can be reached.",
    ),
    "link-held-back": Code(
        "warning",
        "A link names a file that is not published (a draft, ignored, or with an error); its text stays.",
    ),
    "file-not-uploaded": Code(
        "warning",
        "A local picture or file is not uploaded: `uploads` is off, or the service has no place for it (Buildin: the icon and "
        "the cover of a page). Its description stays, or its name. `files_url` says where the folder's files can be read.",
    ),
    "file-empty": Code(
        "warning",
        "A picture or file that a page shows has no bytes, and a service takes none without. Its name stays.",
    ),
    "file-too-large": Code(
        "warning",
        "A picture or file that a page shows is larger than the service takes (Buildin 100 MiB, Notion 5 GiB, and less in a "
        "workspace without a paid plan). Its description stays, or its name.",
    ),
    "file-type": Code(
        "warning",
        "A file is not what its name says (a web page saved as `logo.png`), or of a type that Notion does not take. Its "
        "description stays, or its name.",
    ),
    "asset-unreadable": Code(
        "warning",
        "A picture or file that a page shows cannot be read, is no regular file, or leads out of the folder. Its description "
        "stays, or its name.",
    ),
    "html-kept": Code(
        "info",
        "HTML has no block of its own here; its text is kept, its tags are not. What only looks like a tag, such as "
        "`<name>`, is shown as it is written; write it as code, or `\\<name>`.",
    ),
    "html-dropped-comment": Code("info", "An HTML comment is not published."),
    "html-unclosed": Code(
        "warning",
        "A `<details>` has no end tag of its own, so that all that follows is folded into it, up to the end of the page or of "
        "the list or quote that it stands in. Write `</details>`, indented as its beginning is.",
    ),
    "html-comment-open": Code(
        "warning",
        "An HTML comment has no end, so nothing below it is published, up to the end of the page or of the list or quote that "
        "it stands in. Write `-->` where it ends.",
    ),
    "html-dropped": Code(
        "warning", "Scripts and style sheets are not words of the page; they are not published."
    ),
    "nesting-limit": Code(
        "warning",
        "Lists, quotes or brackets are nested deeper than the parser reads; from there on the text is kept as written.",
    ),
    "list-start": Code(
        "info", "A numbered list does not begin with 1; the service numbers its items itself."
    ),
    "table-alignment": Code(
        "info", "Table columns are aligned in the file; the service has no alignment for cells."
    ),
    "heading-level": Code("info", "The service has no heading of this level; a lower one is used."),
    "code-language": Code(
        "info", "The service does not know this code language; the code is shown as plain text."
    ),
    "text-split": Code("info", "A text is longer than one item may be; it is sent in several, unchanged."),
    "equation-long": Code("warning", "An equation is longer than the service allows; it is kept as code."),
    "url-long": Code(
        "warning", "A URL is longer than the service allows; it is kept as text beside its link text."
    ),
    "image-inline": Code(
        "info",
        "A picture within a line of text stands as a block of its own, at its place; a picture of the folder in a table cell "
        "stands right below the table, since no cell can hold one.",
    ),
    "image-theme": Code(
        "info", "Of two pictures, one for light pages and one for dark ones, the light one is shown."
    ),
    "block-in-table": Code("info", "A table cell holds more than a line of text; it is kept as text."),
    "table-wide": Code(
        "warning", "A table has more columns than the service allows; the rest stands in the last cell."
    ),
    "table-row-long": Code(
        "warning",
        "A table row has more cells than the table's head; the rest stands in the last cell, as it is written. GitHub leaves it "
        "out. Write a pipe that belongs to the text as `\\|`, within code too.",
    ),
    "structure-degraded": Code("info", "The service has no such block; the nearest one is used."),
    "front-matter-property": Code(
        "info", "A front matter key has no property to go to on a plain page; it is kept for databases only."
    ),
    "fold-open": Code(
        "info",
        "A note that folds, and begins open, is shown as a callout, which does not fold; `<details open>` is shown as a toggle, "
        "which begins folded.",
    ),
    "embed-note": Code(
        "info",
        "A note that another one shows (`![[Note]]`) is a link to its page: it stands within a line of text, it is not in the "
        "folder or not published, it has no such heading or block, it is shown in itself, or the page shows more than "
        "2,000,000 characters of other files, of which each counts for 500 (less in a folder of very many files).",
    ),
    "image-size": Code("info", "The size of a picture is not kept; the service chooses it."),
    "task-state": Code(
        "info",
        "A task has a state of its own (`- [/] text`); a page knows open and done, so it counts as done.",
    ),
    "comment-dropped": Code("info", "A comment (%%…%%) is not published."),
    "comment-unclosed": Code(
        "warning",
        "A comment (`%%`) is not closed, so nothing of what follows is published. Close it, or write `\\%%` for the signs.",
    ),
    "attributes-dropped": Code(
        "info",
        "Classes and other attributes (`{ .class }`) have no place on a page; only an id is kept, as a name for links.",
    ),
    "abbreviation-listed": Code(
        "info",
        "The explanation of an abbreviation has no place in the text; it is listed at the end of the page.",
    ),
    "footnote-repeated": Code(
        "warning",
        "Two footnotes have one name. References lead to the first; the other stands at the end of the notes. "
        "Give it a name of its own.",
    ),
    "title-dropped": Code(
        "info",
        "The words that show when a reader points at a link or an abbreviation have no place on a page. "
        "It is said once for a file; write them into the text if a reader needs them.",
    ),
    "snippet-kept": Code(
        "warning",
        "A line that includes another file is shown as it is written: the folder has no such file, or no such part of "
        "it, it is hidden, ignored or no text, or it includes itself; or the page includes more than 2,000,000 characters, "
        "of which each inclusion counts for 500 (less in a folder of very many files).",
    ),
    "icon-dropped": Code("info", "An icon has no place in a text; the text around it stays."),
    "container-unknown": Code(
        "info", "A fenced container (`:::name`) has a name that no kind of note has; it is shown as a note."
    ),
    "container-fence": Code(
        "warning",
        "A `:::` opens a container that nothing closes, or closes none that is open: perhaps the two have different "
        "numbers of colons.",
    ),
    "code-marks": Code(
        "info",
        "Lines of code are marked in the file; no service has such marks, so they look like the others.",
    ),
    "include-kept": Code(
        "info",
        "A file includes the text of another one, which cannot be had: the folder has no such file, or no such part of "
        "it, it is hidden, ignored or no text, it includes itself, or the page includes more than 2,000,000 characters, of "
        "which each inclusion counts for 500 (less in a folder of very many files). A link to it, or the line as written, "
        "stands there.",
    ),
    "shortcode-kept": Code(
        "info",
        "A shortcode is not one that pagemill knows; it is kept as it is written, and its content as text.",
    ),
    "template-kept": Code(
        "info", "A piece of a template, which only the site can fill in, is kept as it is written."
    ),
    "component-kept": Code(
        "info",
        "A component or program of the site stands in the file; its text is kept, or its source as code.",
    ),
    "component-dropped": Code(
        "info",
        "A script, a style sheet or an import of the site's own tool stands in the file; it is not published.",
    ),
    "role-kept": Code(
        "info", "A role refers to a label that only the book knows; its text is kept, without a link."
    ),
    "directive-kept": Code("info", "A directive has no block of its own here; it is kept as code."),
    "drift": Code(
        "warning",
        "Somebody has edited, in the workspace, a block that the file leaves as it was. `on_drift` says what happens.",
    ),
    "conflict": Code(
        "error",
        "A block was changed both in the workspace and in the file, or would be deleted and has open comments (then "
        "`--force` deletes it). Nothing was lost: look at both, then publish with "
        "`--on-conflict theirs` (keep the workspace's) or `--on-conflict ours` (write the file's).",
    ),
    "page-strangers": Code(
        "warning",
        "The state was lost, and a page that was found again holds blocks that the file does not have. They are taken "
        "for somebody else's and stay; delete them there if they are old.",
    ),
    "property-unknown": Code("warning", "The database has no such property; the key is not published."),
    "property-type": Code(
        "error",
        "A front matter value does not fit its property, so the record is held back. Mend the value at this line.",
    ),
    "property-read-only": Code(
        "warning", "The service computes this property itself; the front matter's value is not sent."
    ),
    "database-settings": Code(
        "error",
        "A `_database.toml` cannot be read, or says what a database cannot be. Mend it at this place.",
    ),
    "database-nested": Code(
        "error", "A database stands below a page, not directly in another database. Move its folder."
    ),
    "property-conflict": Code(
        "error",
        "A property was changed both in the workspace and in the file. `on_property_conflict` says what happens.",
    ),
    "title-empty": Code("warning", "The page has no title; the file's name is used."),
    "page-claimed-twice": Code(
        "error",
        "Two files would be the page of one folder. Rename one of them, or ignore it in the settings.",
    ),
    "name-invalid": Code(
        "error",
        "A file or folder name holds control characters or is not text, so it is not published. Rename it.",
    ),
    "name-collision": Code(
        "warning",
        "Two names differ only by case or by how accents are written; on other systems they are one file.",
    ),
    "file-unreadable": Code("error", "A file or folder cannot be read, so it is held back."),
    "symlink-outside": Code(
        "error",
        "A symbolic link leaves the folder or leads to a hidden file. Nothing there is read, and nothing at all is published "
        "before the link is removed or named in `.pagemillignore`.",
    ),
    "symlink-loop": Code(
        "error",
        "A symbolic link leads back to itself or to a folder that it stands in. Nothing at all is published before the link "
        "is removed or named in `.pagemillignore`.",
    ),
    "symlink-broken": Code("warning", "A symbolic link leads to nothing; it is left out."),
    "ignore-pattern": Code("warning", "A line of an ignore file is not a valid pattern; it is skipped."),
    "nav-invalid": Code(
        "warning", "The site's mkdocs.yml cannot be read; pages stand in the order of their names."
    ),
    "category-invalid": Code(
        "warning",
        "A folder's `_category_` file cannot be read; the folder has the title and place of its name.",
    ),
    "category-text": Code(
        "info",
        "The description in a folder's `_category_` file is not published: a folder's page has no text but that of its index "
        "file. Write it into an `index.md`.",
    ),
    "silence-invalid": Code(
        "warning",
        "A comment or the front matter turns off what cannot be turned off: a code that there is not, or an error.",
    ),
    "link-case": Code(
        "warning", "A link differs from the file's name by case or accents; it breaks on other systems."
    ),
}


def as_sentence(error: object) -> str:
    """What an error says, on one line, as messages are written: with a capital letter and a stop."""
    text = " ".join(str(error).split())
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def diagnostic(code: str, message: str, path: str, line: int = 0, column: int = 0) -> Diagnostic:
    """A diagnostic of a known code; where a line is known and its column is not, the line's first.

    Raises:
        KeyError: the code is not in `CODES` (a mistake in pagemill, not in a document).
    """
    return Diagnostic(path, line, column or min(line, 1), code, message, CODES[code].severity)
