"""How it is told: page, workbook, tables and figures, made from what the gate has released and from nothing else."""

from whatworked.report.write import write_report

__all__ = ["write_report"]
