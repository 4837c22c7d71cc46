"""The edit that a cell of the layer table makes."""

from __future__ import annotations

from cnnstudio.core import edits
from cnnstudio.core.counting.columns import Column
from cnnstudio.core.edits import Edit, EditError
from cnnstudio.core.network.design import Design, ItemPath, find
from cnnstudio.core.network.field_arithmetic import is_arithmetic
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.dialects.naming import parse_typed


def cell_edit(design: Design, selection: tuple[ItemPath, ...], path: ItemPath, column: Column, text: str) -> Edit:
    """Sets the field of a row, and of all selected rows that share it if the row is among them; `/2` changes each.

    Raises EditError if a row has no such field, or the text is no value of it.
    """
    if column.fields == ("name",):
        return edits.rename(design, path, text)
    declared = field_at(design, path, column)
    if declared is None:
        raise EditError(f"'{path[-1]}' has no {column.title.lower()}.")
    paths = [place for place in selection if field_at(design, place, column)] if path in selection else [path]
    shared = [place for place in paths if hasattr(find(design, place), declared.name)]
    if is_arithmetic(declared, text):
        return edits.work_out(design, shared, declared.name, text)
    try:
        value = parse_typed(declared, text)
    except ValueError as error:
        raise EditError(str(error)) from None
    return edits.set_field(design, shared, declared.name, value)


def field_at(design: Design, path: ItemPath, column: Column) -> Field | None:
    """The field that a cell edits, None if its layer has no such field."""
    fields = fields_of(type(find(design, path)))
    return next((field for field in fields if field.name in column.fields), None)
