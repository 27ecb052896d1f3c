"""Steps from telephones and bands, and what lying and sitting costs."""

from keyhole.recovery.movement.apple import read_apple_health
from keyhole.recovery.movement.google import read_fitbit
from keyhole.recovery.movement.plain_csv import read_steps_csv

__all__ = ["read_apple_health", "read_fitbit", "read_steps_csv"]
