"""Run by a Python with an older `anki`: imports packages and texts one after another into one collection, as Anki
Desktop did then, and prints what the learner has after each, as JSON. Usage: old_anki.py COLLECTION TOUCHED-AT FILE…

After the first import every card is answered, and every note gets a tag and a personal note, dated TOUCHED-AT.
"""

import json
import sys
from typing import Any

from anki.collection import Collection


def imports(collection: Any, package: str) -> Any:
    """Imports a file with the options that the import window offers, and returns the log. For packages, it offers none
    up to 2.1.66."""
    if package.endswith(".txt"):
        from anki.import_export_pb2 import ImportCsvRequest

        metadata = collection.get_csv_metadata(package, None)
        return collection.import_csv(ImportCsvRequest(path=package, metadata=metadata)).log
    try:
        from anki.collection import ImportAnkiPackageRequest
    except ImportError:
        return collection.import_anki_package(package).log
    options = collection._backend.get_import_anki_package_presets()
    return collection.import_anki_package(ImportAnkiPackageRequest(package_path=package, options=options)).log


path, touched_at, *packages = sys.argv[1:]
collection: Any = Collection(path)
seen = []
for number, package in enumerate(packages):
    log = imports(collection, package)
    collection.models._clear_cache()
    if number == 0:
        for note_id in collection.find_notes(""):
            note = collection.get_note(note_id)
            for card in note.cards():
                card.start_timer()
                states = collection._backend.get_scheduling_states(card.id)
                collection.sched.answer_card(collection.sched.build_answer(card=card, states=states, rating=3))
            note["Personal Notes"] = "mine"
            note.tags.append("mine")
            collection.update_note(note)
        collection.db.execute("update notes set mod = ?", int(touched_at))
    notes = {}
    for note_id in collection.find_notes(""):
        note = collection.get_note(note_id)
        rows = collection.db.all("select ord, reps, did from cards where nid = ? order by ord", note_id)
        notes[note["Card ID"]] = {"fields": dict(note.items()), "tags": note.tags, "cards": rows}
    types = [entry.name for entry in collection.models.all_names_and_ids() if entry.name.startswith("Test deck")]
    report, fine = collection.fix_integrity()
    seen.append(
        {"new": len(log.new), "updated": len(log.updated), "conflicting": len(log.conflicting), "notes": notes,
         "types": types, "empty": len(collection.get_empty_cards().notes), "fine": fine,
         "report": report}
    )  # fmt: skip
collection.close()
print(json.dumps(seen))
