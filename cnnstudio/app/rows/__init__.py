"""Rows and cells, the same in every list and table: where texts stand, how they are painted, how rows follow edits."""
