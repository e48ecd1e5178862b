"""Contests on social communities: watched, judged, drawn by a public beacon, provable offline."""
