"""The practice beacon: its chain, its file, and how it answers."""
