"""The functions of billing, one package each."""
