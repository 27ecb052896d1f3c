"""A phantom as files, and read again."""
