"""The parts that targets of Python source share: names, statements, and blocks as classes or functions."""
