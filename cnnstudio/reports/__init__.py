"""An analysis written out, one module a form."""
