"""``leadfollow leadlag | events``: who leads, and what happens around triggers."""
