"""The database's schema, as SQL files that only ever go forward; `snapshot.sql` is their sum."""
