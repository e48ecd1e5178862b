"""What the social networks say: one file or folder each, behind one protocol."""
