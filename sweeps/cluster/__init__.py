"""Where work runs when one process is not enough: a Dask cluster, on this machine or others."""
