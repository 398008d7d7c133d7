"""`python -m deckwright`, for machines where the command is not on the path."""

import sys

from deckwright.cli import program

sys.exit(program())
