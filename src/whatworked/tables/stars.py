"""The marks of significance that a protocol chose: the one of a p-value, and their key in words."""

from whatworked.findings.model import Findings


def stars(p_value: float | None, findings: Findings) -> str:
    """Return the mark of the smallest limit that a p-value lies below, empty where there is none."""
    if p_value is None:
        return ""
    marks = [mark for mark, below in sorted(findings.stars, key=lambda star: star[1]) if p_value < below]
    return marks[0] if marks else ""


def star_key(findings: Findings) -> str:
    """Return what each mark says."""
    key = ", ".join(f"{mark} p < {below:g}" for mark, below in sorted(findings.stars, key=lambda star: -star[1]))
    return f"Stars: {key}." if key else "No stars are printed."
