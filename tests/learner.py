"""Somebody with Anki: the real backend, importing as Anki Desktop does by default. The tests' door to `anki`."""

import re
import time
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import anki.lang
from anki.collection import Collection, ImportAnkiPackageRequest
from anki.import_export_pb2 import ImportCsvRequest

anki.lang.set_lang("en_US")  # some helpers of the backend refuse to work before a language is chosen


class Card(NamedTuple):
    """One card as the backend renders it."""

    id_: str
    """The field Card ID."""
    ordinal: int
    deck: str
    notetype: str
    front: str
    back: str


class Learner:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.collection: Any = Collection(str(path))

    def close(self) -> None:
        self.collection.close()

    def imports(self, package: Path) -> Any:
        """Imports a package with the options that the import window offers, and returns the log."""
        options = self.collection._backend.get_import_anki_package_presets()
        request = ImportAnkiPackageRequest(package_path=str(package), options=options)
        log = self.collection.import_anki_package(request).log
        self.collection.models._clear_cache()  # an import may change note types behind the cache
        return log

    def imports_text(self, path: Path) -> Any:
        """Imports a text with what the import window offers for it, and returns the log."""
        metadata = self.collection.get_csv_metadata(str(path), None)
        log = self.collection.import_csv(ImportCsvRequest(path=str(path), metadata=metadata)).log
        self.collection.models._clear_cache()
        return log

    def note(self, id_: str) -> Any:
        """The note with a card id."""
        [note_id] = self.note_ids(id_)
        return self.collection.get_note(note_id)

    def touches(self, id_: str, at: int, tag: str = "", **fields: str) -> None:
        """Edits fields (`Personal_Notes` for Personal Notes) and adds a tag, at a time in seconds since 1970."""
        note = self.note(id_)
        for name, text in fields.items():
            note[name.replace("_", " ")] = text
        note.tags += [tag] if tag else []
        self.collection.update_note(note)
        self.collection.db.execute("update notes set mod = ? where id = ?", at, note.id)

    def answers(self, id_: str) -> None:
        """Reviews every card of a note as good."""
        for card in self.note(id_).cards():
            if time.time() % 1 > 0.9:  # Anki's check reports an answer that takes it past a full second
                time.sleep(0.2)
            card.start_timer()
            states = self.collection._backend.get_scheduling_states(card.id)
            answer = self.collection.sched.build_answer(card=card, states=states, rating=3)
            self.collection.sched.answer_card(answer)

    def schedule(self, id_: str) -> list[Any]:
        """Everything about a note's cards that is the learner's, and where they lie."""
        return list(
            self.collection.db.all(
                "select c.id, c.ord, c.did, c.type, c.queue, c.due, c.ivl, c.factor, c.reps, c.lapses, c.flags, "
                "c.data, (select count() from revlog where cid = c.id) from cards c join notes n on c.nid = n.id "
                "where n.id = ? order by c.ord",
                self.note_ids(id_)[0],
            )
        )

    def notetypes(self) -> list[str]:
        """The names of the note types in use that are not Anki's own."""
        used = set(self.collection.db.list("select distinct mid from notes"))
        return sorted(entry.name for entry in self.collection.models.all_names_and_ids() if entry.id in used)

    def cards(self) -> list[Card]:
        """All cards, in the order of their notes' ids."""
        cards = []
        for card_id in self.collection.find_cards("", order="c.nid, c.ord"):
            card = self.collection.get_card(card_id)
            note = card.note()
            output = card.render_output()
            cards.append(
                Card(
                    note["Card ID"],
                    card.ord,
                    self.collection.decks.name(card.did),
                    note.note_type()["name"],
                    output.question_text,
                    output.answer_text,
                )
            )
        return cards

    def tags(self, id_: str) -> list[str]:
        """The tags of the note with a card id."""
        return list(self.collection.get_note(self.note_ids(id_)[0]).tags)

    def note_ids(self, id_: str) -> list[int]:
        return list(self.collection.find_notes(f'"Card ID:{id_}"'))

    def state(self) -> tuple[list[Any], list[Any]]:
        """Every note and card, for telling whether something changed them."""
        notes = self.collection.db.all("select id, guid, mid, tags, flds, sfld, csum from notes order by id")
        return notes, self.collection.db.all("select id, nid, did, ord, type, queue, due from cards order by id")

    def check(self) -> tuple[str, bool]:
        """What Anki's integrity check reports, and whether it found nothing to repair."""
        report, fine = self.collection.fix_integrity()
        return report, fine


def readable(html: str) -> str:
    """A card's HTML as a person would read it: text by blocks, links and images spelt out, no scripts."""
    html = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    html = re.sub(r'<img src="([^"]*)" alt="([^"]*)"[^>]*>', r"[image \1: \2]", html)
    html = re.sub(r'<a href="([^"]*)"[^>]*>(.*?)</a>', r"[\2](\1)", html)
    html = re.sub(r"<hr[^>]*>", "\n----\n", html)
    html = re.sub(r'<li class="(correct|wrong|retired)">', r"\n* (\1) ", html)
    html = re.sub(r"<li>", "\n* ", html)
    html = re.sub(r'<span class="cloze"[^>]*>(.*?)</span>', r"«\1»", html)
    html = re.sub(r"</?(strong|b|em|sub|sup|code|th)>", lambda m: f"<{m[0].strip('<>')}>", html)
    html = re.sub(r"</?(?:div|p|ul|ol|table|tr|br|pre|button)[^>]*>", "\n", html)
    html = re.sub(r"<(?!/?(?:strong|b|em|sub|sup|code|th)>)[^>]*>", " ", html)
    lines = (re.sub(r"\s+", " ", line).strip() for line in unescape(html).split("\n"))
    return "\n".join(line for line in lines if line)
