"""Python source and notebooks, read without executing a line.

What cannot be followed raises NotFollowed, with its line; an error that the source itself raises is Raised; a file as
a whole is refused by a FileError.
"""
