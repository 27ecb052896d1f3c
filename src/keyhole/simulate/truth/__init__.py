"""What DEFINITIONS would measure, taken from the equations; nothing here uses keyhole.anatomy."""
