"""Outputs for Anki: packages, and text that updates notes in place."""
