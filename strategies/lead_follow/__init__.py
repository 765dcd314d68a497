"""Lead/follow: Binance moves first, dYdX still trades at a premium or discount."""

from strategies.lead_follow.params import LeadFollowParams

__all__ = ["LeadFollowParams"]
