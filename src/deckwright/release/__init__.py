"""What learners have, what the next release does to them, and how it is told."""
