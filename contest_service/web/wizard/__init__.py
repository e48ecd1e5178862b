"""Making a contest: seven steps, each of which edits one part of a draft that is always whole."""
