"""External links: what stands behind the addresses of a folder's documents. Only `check --external` comes here."""
