"""Bytes of the author's files → cards, settings and sources, with their places and what is wrong with them."""
