"""The TeX that can be printed: a formula's source → a small tree for paper and web pages, or plain words.

In: the text between dollar signs. Out: nodes, or None for TeX outside the subset that docs/cards.md lists; such a
formula is printed as its author wrote it. Anki shows any TeX, with MathJax.
"""

import re
from typing import NamedTuple


class Row(NamedTuple):
    """Nodes side by side."""

    children: tuple["Node", ...]


class Sign(NamedTuple):
    """A letter, number, operator or word."""

    text: str


class Fraction(NamedTuple):
    above: "Node"
    below: "Node"


class Root(NamedTuple):
    inner: "Node"


class Raised(NamedTuple):
    """A base with a subscript, a superscript, or both."""

    base: "Node"
    sub: "Node | None"
    sup: "Node | None"


Node = Row | Sign | Fraction | Root | Raised

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ", "kappa": "κ",
    "lambda": "λ", "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ",
    "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
SIGNS = {
    "times": "×", "cdot": "·", "div": "÷", "pm": "±", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠",
    "neq": "≠", "approx": "≈", "sim": "∼", "equiv": "≡", "to": "→", "rightarrow": "→", "leftarrow": "←",
    "Rightarrow": "⇒", "infty": "∞", "circ": "°", "degree": "°", "sum": "∑", "ln": "ln", "log": "log", "exp": "exp",
    "quad": " ", "left": "", "right": "",
}  # fmt: skip
ESCAPED = {"%": "%", "$": "$", "&": "&", "#": "#", "_": "_", "{": "{", "}": "}", ",": " ", ";": " ", " ": " ", "!": ""}
_TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|\d+(?:[.,]\d+)*|\s+|.", re.DOTALL)
_DEEPEST = 20


def parse(source: str) -> Node | None:
    """The tree of a formula; None if it is not in the subset."""
    reader = _Reader(_TOKEN.findall(source))
    try:
        row = reader.row(0)
    except _OutsideError:
        return None
    return row if reader.done() else None


class _OutsideError(Exception):
    """Not in the subset. Never leaves this module."""


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.place = 0

    def done(self) -> bool:
        return self.place >= len(self.tokens)

    def next(self) -> str:
        if self.done():
            raise _OutsideError
        self.place += 1
        return self.tokens[self.place - 1]

    def row(self, depth: int) -> Row:
        """Nodes up to the end or an unopened brace."""
        nodes: list[Node] = []
        while not self.done() and self.tokens[self.place] != "}":
            sign = self.tokens[self.place]
            if sign.isspace():
                self.place += 1
            elif sign in "^_":
                self.place += 1
                raised = self.one(depth)
                base = nodes.pop() if nodes else Sign("")
                sub, sup = (base.sub, base.sup) if isinstance(base, Raised) else (None, None)
                if (sub if sign == "_" else sup) is not None:
                    raise _OutsideError
                inner = base.base if isinstance(base, Raised) else base
                nodes.append(Raised(inner, raised if sign == "_" else sub, raised if sign == "^" else sup))
            else:
                nodes.append(self.one(depth))
        return Row(tuple(nodes))

    def one(self, depth: int) -> Node:
        """One node: a character, a group in braces, or a command with its arguments."""
        if depth > _DEEPEST:
            raise _OutsideError
        sign = self.next()
        while sign.isspace():
            sign = self.next()
        if sign == "{":
            row = self.row(depth + 1)
            if self.next() != "}":
                raise _OutsideError
            return row
        if sign[0] != "\\":
            if sign in "}^_&#%~":
                raise _OutsideError
            return Sign({"-": "−", "*": "∗"}.get(sign, sign))
        name = sign[1:]
        if name == "frac":
            return Fraction(self.one(depth + 1), self.one(depth + 1))
        if name == "sqrt":
            return Root(self.one(depth + 1))
        if name in ("text", "mathrm"):
            return Sign(self.words())
        for table in (GREEK, SIGNS, ESCAPED):
            if name in table:
                return Sign(table[name])
        raise _OutsideError

    def words(self) -> str:
        """The text of a \\text{…}."""
        if self.next() != "{":
            raise _OutsideError
        words = []
        while (sign := self.next()) != "}":
            if sign == "{":
                raise _OutsideError
            words.append(ESCAPED.get(sign[1:], sign) if sign[0] == "\\" else sign)
        return "".join(words)


def spoken(node: Node) -> str:
    """A formula as a line of text, for readers who cannot see it and for outputs without formulas."""
    match node:
        case Row():
            return "".join(_spaced(child) for child in node.children).strip()
        case Sign():
            return node.text
        case Fraction():
            return f"({spoken(node.above)})/({spoken(node.below)})"
        case Root():
            return f"√({spoken(node.inner)})"
        case Raised():
            sub = f"_{_grouped(node.sub)}" if node.sub else ""
            sup = f"^{_grouped(node.sup)}" if node.sup else ""
            return f"{spoken(node.base)}{sub}{sup}"


def _spaced(node: Node) -> str:
    text = spoken(node)
    return f" {text} " if isinstance(node, Sign) and text in "=<>≤≥≠≈+−×·±→⇒" and text else text


def _grouped(node: Node) -> str:
    text = spoken(node)
    return text if len(text) == 1 else f"({text})"
