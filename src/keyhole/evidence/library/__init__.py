"""The living library: what has been printed on MISS against open surgery, and its doubts."""
