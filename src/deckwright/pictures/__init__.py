"""Pictures without what they say of people."""
