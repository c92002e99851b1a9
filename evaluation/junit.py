"""A report as JUnit XML, as CI systems read it: a suite a column, a test a case."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from evaluation.baseline import Comparison
from evaluation.report import Cell, Report, Row

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(report: Report, comparison: Comparison | None = None) -> str:
    """The XML. Held against a baseline, what was already wrong there is skipped and only what became worse fails."""
    root = Element("testsuites", name="sanad prompts test", time=f"{report.seconds:.3f}")
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for column in report.columns:
        suite = SubElement(root, "testsuite", name=_clean(column.name), timestamp=report.began)
        counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
        seconds = 0.0
        for row in report.rows:
            cell = row.cell(column.name)
            if cell is None:
                continue
            counts["tests"] += 1
            taken = sum(t.seconds for t in cell.tries)
            seconds += taken
            test = SubElement(
                suite,
                "testcase",
                classname=_clean(f"{column.name}.{row.file}"),
                name=_clean(row.id),
                time=f"{taken:.3f}",
            )
            if kind := _verdict(test, row, cell, comparison):
                counts[kind] += 1
        for key, value in counts.items():
            suite.set(key, str(value))
            totals[key] += value
        suite.set("time", f"{seconds:.3f}")
    for key, value in totals.items():
        root.set(key, str(value))
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _verdict(test: Element, row: Row, cell: Cell, comparison: Comparison | None) -> str:
    """Write what is wrong below a test, and name the counter that it belongs to."""
    worse = {(c.case, c.column): c.why for c in comparison.worse} if comparison else {}
    if comparison is not None and (row.id, cell.column) not in worse:
        if cell.status == "pass":
            return ""
        SubElement(test, "skipped", message=_clean(f"no worse than the baseline: {'; '.join(cell.faults)}"))
        return "skipped"
    if cell.status == "pass" and not worse:
        return ""
    kind = "error" if cell.status == "error" else "failure"
    message = worse.get((row.id, cell.column)) or "; ".join(cell.faults)
    answer = cell.shown.answer
    told = SubElement(test, kind, message=_clean(message))
    told.text = _clean("\n".join((*row.turns, "→", answer.text if answer else "")))
    return "errors" if kind == "error" else "failures"


def _clean(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold, which a model may well write."""
    return _FORBIDDEN.sub("\ufffd", text)
