"""What an export fits on the minutes of its evidence: until when it holds, and what is unheard of.

Fitted on the whole frame: the regime edges and thresholds alone belong to the searches' rows.
"""

from datetime import timedelta

import numpy as np

from research.features.panel import Panel
from strategies.bot.guards import Guards, SpreadBands, VolatilityGuard
from strategies.bot.settings import BotSettings
from strategies.bot.validity import RANGED, Validity, fit_range

__all__ = ["guards_of", "validity_of"]

_SLOW = 0.99
_BANDS = tuple(SpreadBands.model_fields)
_CHOSEN = (
    "max_dydx_age_ms",
    "max_binance_age_ms",
    "max_consecutive_losses",
    "loss_cooldown_min",
    "max_daily_loss_usdt",
    "max_concurrent_positions",
)


def validity_of(panel: Panel, settings: BotSettings) -> Validity | None:
    """Date and ranges; None where ATR or spread are unknown throughout."""
    ranges = {name: fit_range(panel.column(name), settings.window_min) for name in RANGED}
    if ranges["atr_pct"] is None or ranges["spread_pct"] is None:
        return None
    last = panel.frame.table.index[-1]
    expires = (last + timedelta(minutes=1 + settings.valid_days * 1440)).floor("min")
    return Validity.model_validate(
        {
            "expires_at": f"{expires:%Y-%m-%dT%H:%MZ}",
            "days": settings.valid_days,
            "window_min": settings.window_min,
            "ranges": {name: fitted for name, fitted in ranges.items() if fitted is not None},
        }
    )


def guards_of(panel: Panel, settings: BotSettings, order_usdt: float) -> Guards | None:
    """The guards that were chosen, and volatility as the evidence had it; None without any."""
    known = panel.realized_vol_pct[~np.isnan(panel.realized_vol_pct)]
    if not known.size or not known.max() > 0:
        return None
    slow, halt = (float(each) for each in np.quantile(known, (_SLOW, 1.0)))
    return Guards(
        **{name: getattr(settings, name) for name in _CHOSEN},
        order_usdt=order_usdt,
        min_depth_usdt=settings.depth_orders * order_usdt,
        volatility=VolatilityGuard(
            lookback_min=panel.settings.features.realized_vol_min,
            slow_above=max(slow, halt * 1e-6),
            halt_above=halt,
        ),
        spread=SpreadBands(**{name: getattr(settings, name) for name in _BANDS}),
    )
