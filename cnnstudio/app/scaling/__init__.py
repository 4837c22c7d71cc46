"""The dialog that scales a design."""
