"""``leadfollow gate``: what stands before a bot while it trades."""

__all__: list[str] = []
