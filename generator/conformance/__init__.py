"""Whether a pack keeps to docs/packs.md: the same test for ours and for one of somebody else's.

It reads what the loader does not ask for, renders every service that the pack has a part in, and
says what is wrong, where, and what mends it. Reads only, but for services in a temporary folder
whose tests it runs.
"""
