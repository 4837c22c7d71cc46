"""An interpreter of the part of Python in which networks are written: it knows no framework, and reaches no object of
this program.
"""
