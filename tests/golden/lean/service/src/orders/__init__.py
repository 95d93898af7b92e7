"""The functions of orders, one package each."""
