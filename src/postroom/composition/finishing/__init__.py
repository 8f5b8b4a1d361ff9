"""What is done to a document after its page was set: letterhead, stamps, further files, sheets for print, attachments.

Declared in template.yaml (``steps``), held against the template's promises when it is published (``check``), resolved
for each record (``plan``) and carried out by pikepdf in the cell that made the page (``apply``), so that a file of
somebody else is never opened beside the database (P10). ADR 0039.
"""
