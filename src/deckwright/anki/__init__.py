"""Cards → notes → packages for Anki."""
