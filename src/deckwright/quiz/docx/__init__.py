"""Quizzes as Word documents, for teachers who adjust them. Only this package imports python-docx (`import docx`).

`sheets` says what is on a sheet; it uses `trees` for texts of cards, `document` for all else, and `pictures`.
"""
