"""serverless-py: creates Python serverless services and keeps evolving them.

ARCHITECTURE.md has the map. The modules are read in this order:
answers -> spec -> packs -> render -> tree -> base -> write.
"""

__version__ = "0.1.0"
