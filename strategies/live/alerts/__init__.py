"""Alerts: a command or a webhook is told of HALT, ESCAPE, disconnects; nobody waits."""

from strategies.live.alerts.bell import AlertSettings, Bell

__all__ = ["AlertSettings", "Bell"]
