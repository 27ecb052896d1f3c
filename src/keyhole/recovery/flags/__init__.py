"""Red flags: signs that ask for action whatever the curve says. Nothing here reassures."""

from keyhole.recovery.flags.red import Raised, RedFlag, known_signs, raised, red_flags

__all__ = ["Raised", "RedFlag", "known_signs", "raised", "red_flags"]
