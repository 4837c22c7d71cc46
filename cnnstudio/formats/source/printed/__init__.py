"""Printed networks as source: what `print(model)` and `model.summary()` show, line by line."""
