"""Lead/follow: Binance has moved, dYdX still trades at a premium or discount."""

from strategies.lead_follow.params import LeadFollowParams

__all__ = ["LeadFollowParams"]
