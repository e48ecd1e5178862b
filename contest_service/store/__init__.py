"""What PostgreSQL holds: async functions, connection first, the SQL beside the one that uses it."""
