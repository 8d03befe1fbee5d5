"""The codes of the SSDA903 return: what each stands for, and in which years a return may use it.

Read out of the return's schemas of 2017 to 2024. Codes that were retired earlier are known by name; the year in which
each went is not, so that all of them are taken as good up to 2016.
"""

from collections.abc import Iterable, Mapping

from whatworked.engine.sql import identifier, literal
from whatworked.records import codes
from whatworked.records.codes import Code

CodeSet = Mapping[str, Code]

BEFORE_THE_SCHEMAS = 2016


def _retired(text: str, meaning: str) -> dict[str, Code]:
    """Return codes that went before the first schema that is held."""
    return dict.fromkeys(text.split(), Code(meaning, last_year=BEFORE_THE_SCHEMAS))


START_REASON: CodeSet = {
    "S": Code("started to be looked after"),
    "L": Code("change of legal status"),
    "P": Code("change of placement and carer"),
    "T": Code("change of placement, same carer"),
    "B": Code("change of legal status, placement and carer"),
    "U": Code("change of legal status and placement, same carer"),
}
LEGAL_STATUS: CodeSet = {
    "C1": Code("interim care order"),
    "C2": Code("full care order"),
    "D1": Code("freeing order"),
    "E1": Code("placement order"),
    "V2": Code("accommodated by agreement"),
    "V3": Code("series of short breaks, the agreement recorded"),
    "V4": Code("series of short breaks, each recorded"),
    "L1": Code("under police protection"),
    "L2": Code("emergency protection order"),
    "L3": Code("child assessment order"),
    "J1": Code("on remand"),
    "J2": Code("detained by the police"),
    "J3": Code("sentenced"),
}
NEED: CodeSet = {code: codes.NEED[code] for code in ["N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8"]}
ETHNICITY: CodeSet = codes.ETHNICITY
PLACEMENT: CodeSet = {
    **dict.fromkeys(["U1", "U2", "U3"], Code("foster care by a relative or friend")),
    **dict.fromkeys(["U4", "U5", "U6"], Code("foster care by another carer")),
    **dict.fromkeys(["A3", "A4", "A5", "A6"], Code("placed for adoption")),
    "P1": Code("with own parents"),
    "P2": Code("independent living"),
    "P3": Code("residential employment"),
    "H5": Code("semi-independent living"),
    "K1": Code("secure children's home"),
    "K2": Code("children's home"),
    "R1": Code("residential care home"),
    "R2": Code("health service establishment"),
    "R3": Code("family centre"),
    "R5": Code("young offender institution"),
    "S1": Code("residential school"),
    **dict.fromkeys(["T0", "T1", "T2", "T3", "T4"], Code("temporary placement")),
    "Z1": Code("other placement"),
    **_retired("F1 F2 F3 F4 F5 F6 Q1 Q2", "foster care"),
    **_retired("A1 A2", "placed for adoption"),
}
END_REASON: CodeSet = {
    "X1": Code("a new episode begins"),
    **dict.fromkeys(["E11", "E12"], Code("adopted")),
    "E13": Code("left care to live with someone without parental responsibility"),
    "E14": Code("accommodation on remand ended"),
    "E15": Code("found to be eighteen or older"),
    "E16": Code("moved abroad"),
    "E17": Code("eighteen and remained with the carers"),
    "E2": Code("died"),
    "E3": Code("care taken over by another council"),
    "E4A": Code("returned home under the care plan"),
    "E4B": Code("returned home otherwise"),
    "E41": Code("residence or child arrangements order"),
    **dict.fromkeys(["E43", "E44"], Code("special guardianship order", last_year=2018)),
    **dict.fromkeys(["E45", "E46", "E47", "E48"], Code("special guardianship order", first_year=2019)),
    **dict.fromkeys(["E5", "E6"], Code("moved into independent living")),
    "E7": Code("passed to adult social services"),
    "E8": Code("any other reason"),
    "E9": Code("sentenced to custody"),
    **_retired("E4", "returned home"),
}

SHORT_BREAKS = ("V3", "V4")
"""Legal statuses of short breaks, which are no care for any question."""

CONTINUES = "X1"
"""The reason for which an episode ends while the child stays in care."""


def is_unknown(column: str, codes: CodeSet, *, year: str) -> str:
    """Return the condition that a column holds a code which its year does not know.

    Parameters
    ----------
    column : name of the column with the code; NULL is no unknown code
    codes : the codes and their years
    year : name of the column with the census year
    """
    column, year = identifier(column), identifier(year)
    spans: dict[tuple[int | None, int | None], list[str]] = {}
    for name, code in codes.items():
        spans.setdefault((code.first_year, code.last_year), []).append(name)
    known = [_known(column, names, years=years, year=year) for years, names in spans.items()]
    return f"({column} IS NOT NULL AND NOT ({' OR '.join(known)}))"


def _known(column: str, names: Iterable[str], *, years: tuple[int | None, int | None], year: str) -> str:
    """Return the condition that a column holds one of the codes in their years."""
    first, last = years
    tests = [f"{column} IN ({', '.join(literal(name) for name in names)})"]
    if first is not None:
        tests.append(f"{year} >= {first}")
    if last is not None:
        tests.append(f"{year} <= {last}")
    return f"({' AND '.join(tests)})"
