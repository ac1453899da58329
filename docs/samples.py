"""What `mapping.md` shows: each construct of Markdown with a small sample. Written here, converted by `make.py`."""

from __future__ import annotations

Sample = tuple[str, str]  # what it is called, how it is written

CORE: dict[str, tuple[Sample, ...]] = {
    "Text": (
        ("bold, italic, struck, code", "**a** *b* ~~c~~ `d`"),
        ("line break", "one\\\ntwo"),
        ("line end in a paragraph", "one\ntwo"),
        ("link", "[text](https://example.org)"),
        ("link with a title", '[text](https://example.org "title")'),
        ("link to a file of the folder", "[text](other.md#part)"),
        ("link that no page may hold", "[text](javascript:void)"),
        ("address in the text", "see https://example.org"),
        ("e-mail address", "<me@example.org>"),
        ("prices", "$5 and $10"),
        ("entities and escapes", "&copy; \\*no\\*"),
    ),
    "Headings": (
        ("title of the page", "# Title\n\ntext"),
        ("heading 2", "## Two"),
        ("heading 3", "### Three"),
        ("heading 4", "#### Four"),
        ("headings 5 and 6", "##### Five\n\n###### Six"),
        ("picture in a heading", "## a ![alt](https://example.org/a.png)"),
    ),
    "Lists": (
        ("bulleted", "- a\n- b"),
        ("numbered", "1. a\n2. b"),
        ("numbered, from another number", "3. a\n4. b"),
        ("tasks", "- [ ] open\n- [x] done"),
        ("nested", "- a\n  - b\n    1. c"),
        ("with blocks", "- a\n\n  b\n\n  > c"),
    ),
    "Blocks": (
        ("quote", "> a\n>\n> b"),
        ("divider", "---"),
        ("code", "```python\nprint()\n```"),
        ("code with a title", '```js title="app.js"\nrun()\n```'),
        ("code in a language that the service does not know", "```brainwave\nx\n```"),
        ("diagram", "```mermaid\ngraph LR\n```"),
        ("indented code", "    x = 1"),
        ("text of more than 2,000 characters", "a" * 2_001),
    ),
    "Tables": (
        ("table", "| a | b |\n|---|---|\n| c | d |"),
        ("aligned columns", "| a | b |\n|:--|--:|\n| c | d |"),
        ("picture in a cell", "| a |\n|---|\n| ![alt](https://example.org/a.png) |"),
        ("more than 100 columns", "|" + "a|" * 101 + "\n|" + "-|" * 101),
    ),
    "Pictures": (
        ("picture", '![alt](https://example.org/a.png "title")'),
        ("picture of the folder", "![alt](a.png)"),
        ("picture in a paragraph", "one ![alt](https://example.org/a.png) two"),
        ("picture in a list item", "- one ![alt](https://example.org/a.png) two"),
        ("picture in a link", "[![alt](https://example.org/a.png)](https://example.org)"),
        ("film, sound, PDF", "![film](https://example.org/a.mp4)\n![sound](https://example.org/a.mp3)\n![paper](https://example.org/a.pdf)"),
    ),
    "HTML": (
        ("details", "<details><summary>More</summary>\n\ntext\n\n</details>"),
        ("keys, marks, underline", "<kbd>Ctrl</kbd> <mark>a</mark> <u>b</u>"),
        ("raised and lowered", "H<sub>2</sub>O, 10<sup>6</sup>, x<sup>q</sup>"),
        ("line break", "a<br>b"),
        ("picture", '<img src="https://example.org/a.png" alt="alt" width="100">'),
        ("centred paragraph", '<p align="center">text</p>'),
        ("picture for dark pages", '<picture><source srcset="https://example.org/d.png"><img src="https://example.org/a.png"></picture>'),
        ("table", "<table><tr><th>a</th></tr><tr><td>b</td></tr></table>"),
        ("table with blocks in its cells", "<table><tr><td><ul><li>a</li><li>b</li></ul></td></tr></table>"),
        ("list", "<ul><li>a</li></ul>"),
        ("frame", '<iframe src="https://example.org/film"></iframe>'),
        ("film", '<video src="https://example.org/a.mp4"></video>'),
        ("name of a place", '<a id="here"></a>text'),
        ("comment", "<!-- note to self -->"),
        ("script and style", "<script>run()</script>"),
        ("any other tag", "<font>a</font>"),
    ),
    "Front matter": (
        ("title, icon, cover", "---\ntitle: T\nicon: 🌱\ncover: https://example.org/a.png\n---\ntext"),
        ("any other key", "---\nstatus: done\n---\ntext"),
        ("TOML", '+++\ntitle = "T"\n+++\ntext'),
        ("what cannot be read", "---\ntitle: [\n---\ntext"),
    ),
}  # fmt: skip

EXTENSIONS: dict[str, tuple[Sample, ...]] = {
    "alerts": (
        ("note", "> [!NOTE]\n> a\n>\n> - b"),
        ("tip, important", "> [!TIP]\n> a\n\n> [!IMPORTANT]\n> b"),
        ("warning, caution", "> [!WARNING]\n> a\n\n> [!CAUTION]\n> b"),
    ),
    "footnotes": (
        ("footnote", "a[^1]\n\n[^1]: note"),
        ("footnote in the text", "a^[note]"),
        ("footnote that nothing refers to", "a\n\n[^1]: note"),
        ("two footnotes of one name", "a[^1]\n\n[^1]: one\n[^1]: two"),
    ),
    "math": (
        ("in the text", "$x^2$ and $`a`$"),
        ("block", "$$\nx^2\n$$"),
        ("fenced", "```math\nx^2\n```"),
        ("display mathematics in a text", "a $$x$$ b"),
        ("more than 1,000 characters", "$$\n" + "x" * 1_001 + "\n$$"),
    ),
    "emoji": (("shortcode", ":rocket: :nonesuch:"),),
    "bookmarks": (("address alone on a line", "https://example.org"),),
    "embeds": (("film alone on a line", "https://youtu.be/abc"),),
    "toc": (("table of contents", "[TOC]\n\n[[toc]]\n\n{{TOC}}"),),
    "wikilinks": (
        ("page", "[[Page]]"),
        ("heading and text", "[[Page#Heading|text]]"),
        ("picture", "![[picture.png|300]]"),
        ("another page, shown here", "![[Page]]"),
    ),
    "callouts": (
        ("with a title", "> [!tip] Title\n> text"),
        ("folded", "> [!faq]- Title\n> text"),
        ("nested", "> [!note] a\n> > [!warning] b\n> > c"),
    ),
    "highlight": (("highlight", "==text=="),),
    "comments": (("comment", "a %%text%% b"),),
    "block-ids": (("name of a block", "text ^id"),),
    "line-breaks": (("line end", "one\ntwo"),),
    "admonitions": (
        ("with a title", '!!! note "Title"\n    text'),
        ("without", "!!! warning\n    text"),
        ("folded", '??? tip "Title"\n    text'),
    ),
    "tabs": (("tabs", '=== "A"\n    one\n\n=== "B"\n    two'),),
    "attribute-lists": (("name and class", "## Two {: #here .wide }"),),
    "definitions": (("definition list", "term\n:   definition"),),
    "abbreviations": (("abbreviation", "HTML\n\n*[HTML]: Hyper Text"),),
    "snippets": (
        ("another file", '--8<-- "part.md"'),
        ("a part of a file, as code", '```js\n--8<-- "file.js:1:1"\n```'),
        ("file that is not there", '--8<-- "none.md"'),
    ),
    "icons": (("icon", ":material-check: :octicons-mortar-board-16: done"),),
    "critic": (("changes", "{++new++} {--old--} {~~old~>new~~} {==look==} {>>remark<<}"),),
    "scripts": (("underlined, raised, lowered", "^^new^^ a^2^ H~2~O"),),
    "keys": (("keys", "++ctrl+alt+del++"),),
    "code-languages": (("code with a language", "`#!python range()`"),),
    "markdown-in-html": (("division", "<div markdown>\n*a*\n</div>"),),
    "heading-ids": (("name of a heading", "## Two {#here}"),),
    "block-attributes": (("class of a block", "text\n{.wide #here}"),),
    "span-attributes": (("attribute of a link", '[text](https://example.org){:target="_blank"}'),),
    "code-marks": (
        ("marked lines", "```js {1,3-5}\na()\n```"),
        ("name of a file", "```js [app.js]\na()\n```"),
    ),
    "list-code": (("code in a list item", "1. a\n\n        x = 1"),),
    "term-anchors": (("term", "term\n:   definition"),),
    "vitepress-anchors": (("heading", "## What's new in 1.2?"),),
    "zola-anchors": (("heading", "## What's new in 1.2?"),),
    "kramdown-anchors": (("heading", "## 1. What is it?"),),
    "containers": (
        ("with a title", ":::note Title\ntext\n:::"),
        ("folded", "::: details Title\ntext\n:::"),
        ("nested", "::::tip\na\n:::danger\nb\n:::\n::::"),
        ("unknown kind", ":::custom\ntext\n:::"),
    ),
    "components": (
        (
            "tabs",
            '<Tabs>\n<TabItem label="A">\n\none\n\n</TabItem>\n<TabItem label="B">\n\ntwo\n\n</TabItem>\n</Tabs>',
        ),
        ("badge", 'a <Badge text="new" />'),
        ("any other", "<Chart>\n\ntext\n\n</Chart>"),
    ),
    "mdx": (
        ("import and export", "import A from './a'\n\ntext"),
        ("import of Markdown", "import Part from './part.md'\n\n<Part />"),
        ("comment", "{/* text */}\n\na"),
        ("indented text", "    text"),
    ),
    "includes": (
        ("another file", "<!--@include: ./part.md-->"),
        ("code of a file", "<<< @/file.js"),
        ("file that is not there", "<!--@include: ./none.md-->"),
    ),
    "book-includes": (
        ("another file", "{{#include part.md}}"),
        ("a line of a file, as code", "```js\n{{#include file.js:1}}\n```"),
        ("file that is not there", "{{#include none.md}}"),
    ),
    "shortcodes": (
        ("figure", '{{< figure src="https://example.org/a.png" caption="text" >}}'),
        ("note", "{{% note %}}\ntext\n{{% /note %}}"),
        ("link to a page", '[text]({{< ref "page.md" >}})'),
        ("unknown", "{{< weather >}}"),
    ),
    "glossary-links": (("link to a term", "[term](g)"),),
    "zola-shortcodes": (
        ("note", "{% note() %}\ntext\n{% end %}"),
        ("unknown", '{{ weather(place="here") }}'),
    ),
    "zola-links": (("link to a page", "[text](@/page.md)"),),
    "liquid": (
        ("code", "{% highlight python %}\nx\n{% endhighlight %}"),
        ("link", "[text]({% link a.md %})"),
        ("program", "{% if a %}b{% endif %}"),
    ),
    "vue-templates": (("expression", "{{ $frontmatter.title }}"),),
    "roles": (
        ("role", "{ref}`label`"),
        ("note", "```{note}\ntext\n```"),
        ("tabs", "````{tab-set}\n```{tab-item} A\none\n```\n```{tab-item} B\ntwo\n```\n````"),
        ("table of contents", "```{contents}\n```"),
        ("any other directive", "```{weather} here\ntext\n```"),
    ),
    "book-tabs": (("tab", ":begin_tab:`pytorch`\ntext\n:end_tab:"),),
}

# The other files of the folder that the samples stand in
FILES = {"part.md": "*text* of the file\n", "file.js": "run()\nstop()\n"}

# Extensions that only add to what others make are shown together with these
WITH: dict[str, frozenset[str]] = {"term-anchors": frozenset({"definitions"})}
