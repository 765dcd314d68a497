"""Tables kept as one Parquet file a month, with a book, a lock and known gaps."""

__all__: list[str] = []
