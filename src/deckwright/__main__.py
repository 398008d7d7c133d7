"""`python -m deckwright`, for machines where the command is not on the path."""

import sys

from deckwright.cli import main

if __name__ == "__main__":  # a second process may import this file again
    sys.exit(main())
