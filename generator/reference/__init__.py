"""The reference: a page for each provider, trigger, tool and CI system, made from the packs."""
