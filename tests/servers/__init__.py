"""Servers that the tests start and stop themselves, never one that is already running."""
