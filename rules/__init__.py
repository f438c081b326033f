"""Rule cards and the library catalogue: data only, edited by people who know the libraries."""
