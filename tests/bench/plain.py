"""The plain pipeline that deckwright is measured against: CSafeLoader, html.escape, genanki, one package.

Usage: plain.py FOLDER OUT [nogc]. It checks, renders, cites and compresses nothing.
"""

import gc
import html
import sys
from pathlib import Path

import genanki
import yaml

folder, out = map(Path, sys.argv[1:3])
if "nogc" in sys.argv:
    gc.disable()
model = genanki.Model(
    1_700_000_000_001,
    "plain",
    fields=[{"name": name} for name in ("Question", "Answer", "Explanation", "Source")],
    templates=[{"name": "Card", "qfmt": "{{Question}}", "afmt": "{{Question}}<hr>{{Answer}}{{Explanation}}{{Source}}"}],
)
decks: dict[str, genanki.Deck] = {}
for path in sorted((folder / "cards").glob("*/*.yaml")):
    content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    topic = content["topic"]
    deck = decks.setdefault(topic, genanki.Deck(1_700_000_000_002 + len(decks), topic))
    for card in content["cards"]:
        fields = [html.escape(str(card[key])) for key in ("question", "answer", "explanation", "sources")]
        deck.add_note(genanki.Note(model, fields, tags=content["tags"] + card["tags"], guid=card["id"]))
genanki.Package(list(decks.values())).write_to_file(str(out))
