"""The memory view: what training or inference takes of a card, and where its peak lies."""
