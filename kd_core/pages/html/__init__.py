"""report.html: one file that needs no network and no script; a module for each section."""
