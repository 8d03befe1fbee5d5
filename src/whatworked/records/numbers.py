"""What a column of numbers may hold: numbers, or a mark that stands for one that is not given.

Every other text is refused: a number with a thousands separator might be one with a decimal comma.
The expressions take text without blanks around it and keep to the portable subset of `whatworked.engine.sql`.
"""

from whatworked.engine.sql import identifier, literal

# The marks of the Government Statistical Service and of older releases; each may stand in square brackets.
MARKS = {
    "c": "confidential",
    "u": "unreliable",
    "x": "not available",
    "z": "not applicable",
    "k": "rounds to nought",
    "low": "rounds to nought",
    ":": "not available",
    "-": "no figure",
    "..": "not available",
    "*": "withheld",
    "blank": "nothing given",
    "nan": "not a number",
}

PROBLEMS = {
    "comma": "with a comma",
    "percent": "with a percent sign",
    "currency": "with a currency sign",
    "letters": "with letters",
    "other": "of another form",
    "infinite": "infinite or too large",
    "negative": "below nought",
    "fraction": "not whole",
}

LARGEST = 1.7e308
# The largest number up to which a float64 holds every whole number.
LARGEST_WHOLE = 9_007_199_254_740_992.0


def number(column: str) -> str:
    """Return the expression of a text column as DOUBLE, NULL where it is no number.

    DuckDB would read 1_000 as a thousand, other engines not at all.
    """
    return f"TRY_CAST(REPLACE({identifier(column)}, '_', '?') AS DOUBLE)"


def kind(text: str, number: str, *, signed: bool = False, whole: bool = False) -> str:
    """Return the expression that names what a column holds in place of a sound number: a mark or a problem.

    Parameters
    ----------
    text : column with the text
    number : column with the same as `number` reads it
    signed : numbers below nought are sound
    whole : fractions are a problem
    """
    text, number = identifier(text), identifier(number)
    largest = LARGEST_WHOLE if whole else LARGEST
    problems = [
        (f"{number} IS NULL AND {text} LIKE '%,%'", "comma"),
        (f"{number} IS NULL AND REPLACE({text}, '%', '') <> {text}", "percent"),
        (f"{number} IS NULL AND ({text} LIKE '%£%' OR {text} LIKE '%$%' OR {text} LIKE '%€%')", "currency"),
        (f"{number} IS NULL AND LOWER({text}) <> UPPER({text})", "letters"),
        (f"{number} IS NULL", "other"),
        (f"{number} < {literal(-largest)} OR {number} > {literal(largest)}", "infinite"),
    ]
    if not signed:
        problems.append((f"{number} < 0", "negative"))
    if whole:
        problems.append((f"FLOOR({number}) <> {number}", "fraction"))
    arms = [*_marked(text), *problems]
    return "CASE\n" + "\n".join(f"WHEN {test} THEN {literal(name)}" for test, name in arms) + "\nEND"


def _marked(text: str) -> list[tuple[str, str]]:
    """Return the test of each mark, with its name."""
    tests = []
    for mark in MARKS:
        spelled = {"blank": [""], "nan": ["nan", "+nan", "-nan"]}.get(mark, [mark, f"[{mark}]"])
        listed = ", ".join(literal(spelling) for spelling in spelled)
        test = f"LOWER({text}) IN ({listed})"
        tests.append((f"{text} IS NULL OR {test}" if mark == "blank" else test, mark))
    return tests
