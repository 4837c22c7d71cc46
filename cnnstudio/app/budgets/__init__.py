"""The dialog that keeps budgets with a design, and ranks what to shrink."""
