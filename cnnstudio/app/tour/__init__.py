"""A guided tour of the real window: a card that points at one part after the other."""
