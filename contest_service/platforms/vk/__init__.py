"""VKontakte, and any server that speaks its API."""
