"""The passes over a draft before it becomes a design: each pass replaces one kind of thing, and says so by its
name.
"""
