"""deckwright: clinical facts as YAML question cards, compiled into Anki packages and printable quiz sheets."""
