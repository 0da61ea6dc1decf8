"""The ledger: SQLite by default, PostgreSQL for several nodes."""
