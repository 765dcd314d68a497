"""Text in CSV cells that a spreadsheet must not take for a formula."""

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["plain_cells"]

_FORMULA = r"^[=+\-@\t\r]"


def plain_cells(table: pa.Table) -> pa.Table:
    """``table`` with an apostrophe before texts that begin like a formula (OWASP, CSV injection).

    Numbers are numbers and stay as they are.
    """
    for at, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            column = table.column(at)
            looks = pc.match_substring_regex(column, _FORMULA)
            marked = pc.if_else(looks, pc.binary_join_element_wise("'", column, ""), column)
            table = table.set_column(at, field, marked)
    return table
