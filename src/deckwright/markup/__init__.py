"""The author's Markdown, gaps and formulas, and what outputs make of them."""
