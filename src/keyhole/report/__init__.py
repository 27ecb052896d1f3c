"""Keyhole: report."""
