"""What is due: questionnaires and measures by the schedule, what came, what was missed."""

from keyhole.recovery.due.due import Due, due
from keyhole.recovery.due.many import due_counts
from keyhole.recovery.due.schedule import Slot, slots

__all__ = ["Due", "Slot", "due", "due_counts", "slots"]
