"""JSON in and out: the API, its errors, its gate; nothing of what is done."""
