"""What learners have, what the next release changes for them, and how they are told."""
