"""What source texts say, and whether cards agree."""
