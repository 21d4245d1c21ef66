"""Adapters: other formats become tables of the data contract.

To write one: open a `ConversionFolder` (module `folder`) and give it rows as mappings from contract column to value::

    report = Report(converter="synthea", strict=False)
    with ConversionFolder(out, report) as folder:
        for number, line in enumerate(lines, 1):
            report.read("patients.csv")
            if no_person(line):
                report.skip(NO_PERSON, "patients.csv", number, what="patients")   # counted, named, never silent
                continue
            folder.add("immunization", {"person_id": ..., "occurrence_date": ..., "source_code": ...})
        folder.commit()
    diagnostics = report.diagnostics()      # one warning per reason, with the first places; `strict` makes them errors

A reason (``Reason(key, code, message)`` of module `report`) is a constant of the adapter: its diagnostic code has a
page in `diagnostics/family_3xx_*.py`. Rows go to Parquet in row groups as they come; columns that no row fills are left
out of the finished file, so that a run can say what the data lacks. Nothing of the output is visible before `commit`,
which also writes ``conversion_report.json``.
"""
