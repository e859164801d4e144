"""A report as pages for people: report.md and report.html, made of nothing but report.json."""
