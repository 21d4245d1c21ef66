"""Codes of the 2xx family that importing, storing and replacing value sets report (VBM250 to VBM266)."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    "VBM250": CodeInfo(
        "A file of value sets cannot be read",
        "The file is missing, may not be opened, or is not what its ending says: no UTF-8 text (UTF-16 needs its byte "
        "order mark), no workbook, no JSON with a FHIR ValueSet, or text with an unclosed quote. Workbooks with more "
        "rows or cells than a list of codes can have, and those that grow a hundredfold when they are unpacked, are "
        "not read either.",
        "Save it again from its source: CSV UTF-8, .xlsx, or FHIR JSON.",
    ),
    "VBM251": CodeInfo(
        "A table of codes lacks a column or sheet",
        "An import needs a column with the code and one with the code system. Name, OID and version of the set come "
        "from columns too, or from options. A workbook is read from one sheet, `Value Sets to Codes` unless named.",
        "Rename the columns as the message says, or name the sheet with --sheet.",
    ),
    "VBM252": CodeInfo(
        "A cell that is needed is empty",
        "A row has no code, no code system or no set name, or has another number of cells than the header. A row that "
        "was skipped would be a code that never matches.",
        "Complete the row in the source, or remove it there.",
    ),
    "VBM253": CodeInfo(
        "A source names an unknown code system",
        "Codes mean something only within their system. The names, OIDs and FHIR addresses of the systems "
        "that the data contract carries are known, this one is not.",
        "Correct its spelling, or leave the rows of the system out with --leave-out when no data of yours carries it "
        "(ICD-9, DRGs): they are counted.",
    ),
    "VBM254": CodeInfo(
        "A code was spoiled on its way",
        "The text does not have the form of its system's codes, so it would never match. Spreadsheets turn codes into "
        "numbers: 08 becomes 8, 90700 becomes 90700.0, 1E5 becomes 100000, 1-8 becomes a date, and a long SNOMED CT "
        "identifier loses its last digits.",
        "Export the list again with the code column as text.",
    ),
    "VBM255": CodeInfo(
        "A source lists a code twice",
        "The same code of the same system stands twice in one set. It would count once, but the second row was perhaps "
        "meant to be another code.",
        "Remove one of the two rows.",
    ),
    "VBM256": CodeInfo(
        "Rows of a source contradict each other",
        "One code stands under two code systems in a set, or one set has two OIDs or two versions. It is open "
        "which one is meant.",
        "Keep the one that the publisher names; import each version from a file of its own.",
    ),
    "VBM257": CodeInfo(
        "A source gives an empty value set",
        "A set without codes matches nothing, and a rate of zero that comes from an empty list looks like a real one.",
        "Check the source, and --leave-out when it was given.",
    ),
    "VBM258": CodeInfo(
        "A FHIR ValueSet that does not list its codes",
        "A compose with a filter, with other value sets or with a whole code system is a rule, and a terminology "
        "service is needed to turn it into codes. An expansion that is one page of several holds only a part.",
        "Import the whole expansion of the set.",
    ),
    "VBM259": CodeInfo(
        "Names of sets that cannot be told apart",
        "A set is stored under its name in small letters, digits and underscores. Two names of the source become one, "
        "or one has no letter or digit at all, or more of them than the name of a file can have.",
        "Rename one of them in the source.",
    ),
    "VBM260": CodeInfo(
        "A stored value set is not what was imported",
        "The file was changed, cut short or damaged after the import: its "
        "codes do not have the digest that it names. A "
        "manifest could not say which codes were used.",
        "Import the set again from its source.",
    ),
    "VBM261": CodeInfo(
        "Another set is stored under this name and version",
        "The folder holds other codes under the same name and version. Overwriting them in silence would change the "
        "meaning of earlier results.",
        "Give the new one its version with --set-version, choose another folder, or overwrite with --replace.",
    ),
    "VBM262": CodeInfo(
        "A mapping of value sets has the wrong form",
        "The mapping is one name of the definitions a line, with the set, or the list of sets, that stands in for it.",
        "Write `imm_dtap: DTaP Immunization`, or `imm_dtap: [dtap_immunization, dtap_vaccine_procedure]`.",
    ),
    "VBM263": CodeInfo(
        "A mapping replaces a set that does not exist",
        "The name on the left is no value set of the measures, so the entry would have no effect, and the set that was "
        "meant would be used as shipped.",
        "Correct the name; `vbpmeasure valuesets list` shows all of them.",
    ),
    "VBM264": CodeInfo(
        "A mapping names an unknown set",
        "The set that should stand in is in none of the value-set folders, or several sets have its title or OID.",
        "Correct the name, or import the set into the folder.",
    ),
    "VBM265": CodeInfo(
        "Reading a workbook needs an extra",
        "Workbooks are read by openpyxl, which is installed on demand only.",
        "pip install 'vbpmeasure[xlsx]', or save the sheet as CSV UTF-8.",
    ),
    "VBM266": CodeInfo(
        "Nothing to compare under this name",
        "`valuesets diff` takes names of sets, `NAME@VERSION`, `shipped:NAME`, and files.",
        "Correct the name; `vbpmeasure valuesets list` shows all of them.",
    ),
}
