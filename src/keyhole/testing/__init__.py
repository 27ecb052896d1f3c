"""Keyhole: testing."""
