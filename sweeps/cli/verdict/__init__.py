"""``leadfollow verdict``: which claims hold, and which set may trade."""
