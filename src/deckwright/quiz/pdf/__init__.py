"""Quizzes as PDFs."""
