"""The rules for cards and decks."""
