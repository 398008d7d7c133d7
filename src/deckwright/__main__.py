"""`python -m deckwright`, for machines where the command is not on the path."""

import sys

from deckwright.cli import main

sys.exit(main())
