"""Files of a sweep: its rows as CSV, JSON or Parquet, and the journal from which it goes on after a kill."""
