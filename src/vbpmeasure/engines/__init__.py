"""Two engines for one plan: ``polars`` is the product, ``reference`` is the plain interpreter that judges it."""
