"""An edit by somebody else: what `--fault edit@N` does between two requests of a client."""

from __future__ import annotations

import json
from random import Random

from publisher.emulator.call import PERSON
from publisher.emulator.store import Store

WORDS = " (edited by somebody else)"


def edit(store: Store, seed: str) -> None:
    """Append a few words to one block of text, chosen by `seed` among those not in trash; without any, do nothing."""
    found = store.rows(
        "SELECT n.id FROM node n WHERE n.title IS NULL AND n.trash = 0 "
        "AND json_array_length(n.content, '$.rich_text') > 0 ORDER BY n.seq"
    )
    if not found:
        return
    chosen = Random(seed).choice(found)[0]
    with store.write("", PERSON) as writer:
        node = writer.node(chosen)
        if node is not None:
            content = json.loads(node.content)
            words = [*content["rich_text"], {"type": "text", "text": WORDS}]
            writer.update(node, {**content, "rich_text": words})
