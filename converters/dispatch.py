"""markdown-it's own rules, each asked only where it can begin.

markdown-it asks every rule at every line and at every special character, and a rule's first act is nearly always to
look at the character there and decline: a third of the time of a parse. Here the character is looked up once. The rules
themselves are untouched, and one that is not in the tables, such as a plugin's, is asked everywhere, as before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.states import InlineState, make_token

BlockRule: TypeAlias = Callable[[StateBlock, int, int, bool], bool]
InlineRule: TypeAlias = Callable[[StateInline, bool], bool]
Rule = TypeVar("Rule")

# The characters at which a rule can match; a rule that is not here can match at any
BLOCK_STARTS: Mapping[str, str] = {
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*+-0123456789",
    "reference": "[",
    "html_block": "<",
    "heading": "#",
    "footnote_def": "[",
    "math_block": "$",
    "tex_block": "\\",
    "comment_block": "%",
    "admonition": "!?",
    "tabs": "=",
    "definition": ":",
    "definition_next": ":~",
    "abbreviation": "*",
    "snippet": "-",
    "html_markdown": "<",
    "containers": ":",
    "book_tabs": ":",
    "labels": "(",
    "colon_directives": ":",
    "myst_comments": "%",
    "block_breaks": "+^",
    "components": "<",
    "code_component": "<",
    "list_items": "*+-0123456789",
    "mkdocstrings": ":",
    "generic_blocks": "/",
    "esm": "ie",
    "mdx_comment": "{",
    "shortcodes": "{",
    "zola-shortcodes": "{",
    "liquid": "{",
    "vue-templates": "{",
    "substitutions": "{",
    "block_attributes": "{",
}
INLINE_STARTS: Mapping[str, str] = {
    "newline": "\n",
    "escape": "\\",
    "backticks": "`",
    "address": "*_~",
    "strikethrough": "~",
    "emphasis": "*_",
    "link": "[",
    "image": "!",
    "autolink": "<",
    "html_inline": "<",
    "listeners": "<",
    "shortcodes-html": "<",
    "zola-shortcodes-html": "<",
    "liquid-html": "<",
    "vue-templates-html": "<",
    "substitutions-html": "<",
    "entity": "&",
    "footnote_inline": "^",
    "footnote_ref": "[",
    "math_inline": "$",
    "math_ticks": "$",
    "tex_inline": "\\",
    "wikilink": "[!",
    "mark": "=",
    "comment_inline": "%",
    "attributes": "{",
    "attribute_list": "{",
    "components": "<",
    "mdx_comment": "{",
    "expression": "{",
    "spaced_reference": "[",
    "expression_tag": "<",
    "shortcodes": "{",
    "zola-shortcodes": "{",
    "liquid": "{",
    "vue-templates": "{",
    "substitutions": "{",
    "roles": "{:",
    "critic": "{",
    "keys": "+",
    "icon": ":",
    "insert": "^",
    "superscript": "^",
    "subscript": "~",
}


# Brackets within brackets: each level costs five of Python's 1,000 frames, and nobody nests links
INLINE_NESTING = 50


def by_character(
    rules: Sequence[tuple[str, Rule]], starts: Mapping[str, str]
) -> tuple[dict[str, tuple[Rule, ...]], tuple[Rule, ...]]:
    """For each character the rules to ask, in their order; and those for all other characters."""
    characters = {character for name, _ in rules for character in starts.get(name, "")}
    table = {
        character: tuple(rule for name, rule in rules if character in starts.get(name, character))
        for character in characters
    }
    return table, tuple(rule for name, rule in rules if name not in starts)


class Rules:
    """Stands in for the ruler of a block parser to which no more rules will be added."""

    def __init__(self, parser: ParserBlock) -> None:
        self._ruler = parser.ruler
        self._active = parser.ruler.get_active_rules()
        self._names = dict(zip(map(id, parser.ruler.getRules("")), self._active, strict=True))
        self._chains: dict[str, list[BlockRule]] = {}

    def get_active_rules(self) -> list[str]:
        return self._active

    def getRules(self, chain: str = "") -> list[BlockRule]:
        """One rule that stands for all rules of the chain."""
        found = self._chains.get(chain)
        if found is None:
            rules = self._ruler.getRules(chain)
            named = [(self._names.get(id(rule), ""), rule) for rule in rules]
            found = self._chains[chain] = [_first_match(named)] if rules else []
        return found


def _first_match(rules: Sequence[tuple[str, BlockRule]]) -> BlockRule:
    table, others = by_character(rules, BLOCK_STARTS)
    lookup = table.get

    def match(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        position = state.bMarks[line] + state.tShift[line]
        source = state.src
        character = source[position] if position < len(source) else ""
        for rule in lookup(character, others):  # noqa: SIM110  # a generator would cost more than it saves
            if rule(state, line, end, silent):
                return True
        return False

    return match


class InlineParser(ParserInline):
    """`ParserInline` with its two loops over the rules, which look up the character first."""

    _table: dict[str, tuple[InlineRule, ...]]
    _others: tuple[InlineRule, ...]

    def freeze(self) -> None:
        """Take the rules as they are now. The rule for plain text has to be the first, as it is by default."""
        rules = list(zip(self.ruler.get_active_rules(), self.ruler.getRules(""), strict=True))
        assert rules[0][0] == "text"
        self._table, self._others = by_character(rules[1:], INLINE_STARTS)
        if not self._others:  # stop only where a rule can begin, or a link's text may end (0.02)
            self.terminator_re = re.compile("[" + re.escape("".join({*self._table, "]"})) + "]")

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        """As `ParserInline`; half of all texts are plain, and most others hold no pair of marks to look for (0.05)."""
        if not self.terminator_re.search(src):
            if src:
                token = make_token("text", "", 0, 0, False)
                token.content = src
                tokens.append(token)
            return tokens
        state = InlineState(src, md, env, tokens)
        self.tokenize(state)
        if state.paired():
            for rule in self.ruler2.getRules(""):
                rule(state)
        return state.tokens

    def tokenize(self, state: StateInline) -> None:
        source, end, append = state.src, state.posMax, state.append_pending
        search, lookup, others = self.terminator_re.search, self._table.get, self._others
        deep = state.level >= INLINE_NESTING
        while (position := state.pos) < end:
            found = search(source, position, end)
            stop = found.start() if found else end
            if stop > position:
                append(source[position:stop])
                state.pos = position = stop
                if stop == end:
                    break
            for rule in () if deep else lookup(source[position], others):
                if rule(state, False):
                    break
            else:
                append(source[position])
                state.pos += 1
        if state.pending:
            state.pushPending()

    def skipToken(self, state: StateInline) -> None:
        position = state.pos
        if position in state.cache:
            state.pos = state.cache[position]
            return
        found = self.terminator_re.search(state.src, position, state.posMax)
        stop = found.start() if found else state.posMax
        if stop > position:
            state.pos = stop
        elif state.level >= INLINE_NESTING:
            state.pos = state.posMax + 1  # as markdown-it does: give up on the rest of the text
        else:
            state.level += 1
            for rule in self._table.get(state.src[position], self._others):
                if rule(state, True):
                    break
            else:
                state.pos += 1
            state.level -= 1
        state.cache[position] = state.pos
