"""The subset of SQL that DuckDB, Spark and DataFusion read alike, as a lint for tests."""

import sqlglot
from sqlglot import expressions as ast

# What SQLGlot calls the constructs of the subset.
ALLOWED = {
    "Select", "From", "Table", "Subquery", "Where", "Group", "Union", "Alias", "TableAlias", "Column", "Identifier",
    "Star", "Literal", "Null", "Neg", "Paren", "Case", "If", "Cast", "TryCast", "DataType", "Window", "Order",
    "Ordered", "Distinct", "Tuple", "And", "Or", "Not", "Is", "In", "Like", "EQ", "NEQ", "GT", "GTE", "LT", "LTE",
    "Add", "Sub", "Mul", "Join", "Count", "Sum", "Min", "Max", "Coalesce", "Nullif", "Lower", "Upper", "Trim",
    "Replace", "Floor", "FirstValue", "RowNumber", "DenseRank", "DPipe", "Lag", "Lead", "Boolean",
}  # fmt: skip
TYPES = {"TEXT", "DOUBLE", "BIGINT", "INT", "DATE"}
NOT_PORTABLE = {
    "a type of one engine": lambda node: isinstance(node, ast.DataType) and node.this.name not in TYPES,
    "ORDER BY without NULLS LAST": lambda node: (
        isinstance(node, ast.Ordered) and node.args["nulls_first"] is not False and not isinstance(node.this, ast.Case)
    ),
    "a window without an order": lambda node: (
        isinstance(node, ast.Window) and not node.args.get("order") and not isinstance(node.this, ast.AggFunc)
    ),
    "a join other than INNER or LEFT with ON, or CROSS": lambda node: (
        isinstance(node, ast.Join)
        and (node.side not in ("", "LEFT") or bool(node.args.get("using")) or node.kind not in ("", "CROSS"))
    ),
    "a part of a date other than year, month and day": lambda node: (
        isinstance(node, ast.Var) and node.name not in ("YEAR", "MONTH", "DAY")
    ),
    "a division of anything but two DOUBLEs": lambda node: (
        isinstance(node, ast.Div)
        and not all(isinstance(side, ast.Cast) and side.to.this.name == "DOUBLE" for side in (node.left, node.right))
    ),
    "DISTINCT ON": lambda node: isinstance(node, ast.Distinct) and bool(node.args.get("on")),
    "a star with exceptions": lambda node: isinstance(node, ast.Star) and any(node.args.values()),
}


def violations(text, *, more=frozenset()):
    """Name everything in a statement that is not in the subset; `more` are constructs that its room may use too."""
    try:
        nodes = [node for statement in sqlglot.parse(text) for node in statement.walk()]
    except sqlglot.ParseError:
        return ["syntax"]
    unknown = [type(node).__name__ for node in nodes if type(node).__name__ not in ALLOWED | more]
    return unknown + [name for name, found in NOT_PORTABLE.items() if any(map(found, nodes))]
