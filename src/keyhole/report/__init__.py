"""Report: one patient's pages. The layout is here; every picture comes from view.

Vocabulary: *album*, the pictures of one option; *cell*, one entry of a table: a text, or an
unknown with its reason; *notice*, a refusal or a warning as it is shown.
"""

from keyhole.report.write import write_findings_report, write_report

__all__ = ["write_findings_report", "write_report"]
