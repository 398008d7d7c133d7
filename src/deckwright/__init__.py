"""deckwright: clinical facts as YAML question cards, compiled into Anki packages."""
