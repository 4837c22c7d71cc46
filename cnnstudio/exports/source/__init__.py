"""What the targets that write Python source share: names, statements, and blocks as classes or functions."""
