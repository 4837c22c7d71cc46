"""The edits of a design: pure functions that return the new design, and say what they did.

Every edit leaves a valid design. Where one has to change connections besides what was asked for, it says so in
`Edit.notes`; nothing is rewired silently.
"""

from __future__ import annotations

from cnnstudio.core.edits.edit import Edit, EditError, Place
from cnnstudio.core.edits.entering import let_in, let_out
from cnnstudio.core.edits.fields import rename, set_design, set_field, set_inputs, set_memory, work_out
from cnnstudio.core.edits.grouping import at_each_step, group, repeat
from cnnstudio.core.edits.inserting import duplicate, insert, insert_on, paste
from cnnstudio.core.edits.lists import chosen, in_order
from cnnstudio.core.edits.moving import move, move_by
from cnnstudio.core.edits.removing import remove
from cnnstudio.core.edits.sharing import keeping_shares, share, sharing_with, unshare, use_again
from cnnstudio.core.edits.ungrouping import ungroup
from cnnstudio.core.network.design import index_of, items_of

__all__ = [
    "Edit",
    "EditError",
    "Place",
    "at_each_step",
    "chosen",
    "duplicate",
    "group",
    "in_order",
    "index_of",
    "insert",
    "insert_on",
    "items_of",
    "keeping_shares",
    "let_in",
    "let_out",
    "move",
    "move_by",
    "paste",
    "remove",
    "rename",
    "repeat",
    "set_design",
    "set_field",
    "set_inputs",
    "set_memory",
    "share",
    "sharing_with",
    "ungroup",
    "unshare",
    "use_again",
    "work_out",
]
