"""A folder in two chapters, for laws: the second creates, updates, moves, renames and trashes pages of the first.

No line of it is there twice, so that what was sent twice can be seen.
"""

from __future__ import annotations

from pictures import PDF, png
from site_folder import Site


def first(site: Site) -> None:
    site.write("index.md", "# Handbook\n\nWelcome. See [the guide](guide/start.md) and [money](money.md).\n")
    site.write("guide/index.md", "# Guide\n\nHow we work. Ask [them](../money.md).\n")
    deep = "".join(f"{'  ' * level}- level {level}\n" for level in range(6))
    site.write(
        "guide/start.md", f"# Start\n\nFirst day. Back [home](../index.md).\n\n{deep}\nEnd of the day.\n"
    )
    site.write(
        "money.md",
        "---\nicon: 💶\n---\n# Money\n\nWe [pay](guide/start.md).\n\n| what |\n|---|\n| tea |\n\n"
        "![A cup](img/cup.png)\n",
    )
    site.write("img/cup.png", png(1))
    site.write("long.md", "# Long\n\n" + "".join(f"Line {number}.\n\n" for number in range(110)))
    site.write(
        "terms.md",
        "# Terms\n\nWe pay later[^late].\n\n## Late\n\nSee [this](#late).\n\n[^late]: Not never.\n",
    )
    site.write("old.md", "# Old\n\nThis will go.\n")
    site.write("older/index.md", "# Older\n\nThis too.\n")
    site.write("older/oldest.md", "# Oldest\n\nAnd this.\n")
    site.write("moving.md", "# Moving\n\nThis page moves to another folder, word for word.\n")


def then(site: Site) -> None:
    site.write(
        "index.md", "# Handbook\n\nWelcome all. See [the guide](guide/start.md) and [news](news/today.md).\n"
    )
    deep = "".join(f"{'  ' * level}- level {level}{' changed' * (level > 3)}\n" for level in range(6))
    site.write(
        "guide/start.md",
        f"# Start\n\nBefore.\n\nFirst day. Back [home](../index.md).\n\n{deep}\nLast words.\n",
    )
    site.write(
        "money.md",
        "---\nicon: 💰\ntitle: Cash\n---\n\nWe [pay](guide/start.md).\n\n| what |\n|---|\n| tea |\n| milk |\n\n"
        "![A cup](img/cup.png)\n",
    )
    site.write("img/cup.png", png(2))
    site.write("img/news.pdf", PDF)
    site.write(
        "terms.md",
        "# Terms\n\nWe pay later[^late].\n\n### Late\n\nSee [this](#late), and[^new].\n\n"
        "[^late]: Not never.\n[^new]: Soon.\n",
    )
    lines = [f"Line {number}.\n\n" for number in range(110) if number % 30]
    lines[50:50] = [f"New {number}.\n\n" for number in range(105)]
    site.write("long.md", "# Long\n\n" + "".join(lines))
    site.write(
        "news/today.md",
        "# Today\n\nNew page, from [cash](../money.md).\n\nAll of [it](../img/news.pdf).\n\n- a\n  - b\n    - c\n      - d\n",
    )
    site.write("news/index.md", "# News\n\nSee [today](today.md).\n")
    for path in ("old.md", "older/index.md", "older/oldest.md"):
        site.remove(path)
    site.rename("moving.md", "guide/moved.md")
