"""The report as JUnit XML, for servers that show the results of tests."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from mldebt.findings import Finding, Report
from mldebt.render.options import Options
from mldebt.render.place import short
from mldebt.render.safe import visible

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, options: Options) -> str:
    """A failed test for each finding that is told; one that passes where there is none."""
    found = [finding for finding in report.findings if not finding.suppressed]
    number = str(max(len(found), 1))
    suite = ElementTree.Element("testsuite", name="mldebt", tests=number, failures=str(len(found)), errors="0")
    for finding in found:
        _case(suite, finding)
    if not found:
        ElementTree.SubElement(suite, "testcase", classname="mldebt", name="no findings")
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _case(suite: ElementTree.Element, finding: Finding) -> None:
    path, message = _fit(visible(finding.at.path)), _fit(visible(finding.message))
    # Jenkins' schema knows neither `file` nor `line`; the place is the test's name.
    case = ElementTree.SubElement(suite, "testcase", classname=path, name=_fit(f"{finding.rule} {short(finding.at)}"))
    failure = ElementTree.SubElement(case, "failure", type=finding.severity.value, message=message)
    steps = [f"{short(stop.at)}  {visible(stop.label)}" for stop in finding.trail]
    failure.text = _fit("\n".join([message, *steps]))


def _fit(text: str) -> str:
    """Text that XML 1.0 can hold."""
    return _NO_XML.sub("\ufffd", text)
