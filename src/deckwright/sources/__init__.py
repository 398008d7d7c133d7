"""What source texts say, and whether the cards agree with them."""
