"""A small network for tables and the one loop that trains networks, for comparisons and for the demo."""
