"""Codes of the 2xx family that measure definitions report; `family_2xx_value_sets` has those of value-set files."""

from __future__ import annotations

from vbpmeasure.diagnostics.codes_model import CodeInfo

FAMILY: dict[str, CodeInfo] = {
    # --- the shape of a definition ---
    "VBM201": CodeInfo(
        "An unknown key",
        "Every key of a definition is known to the language. A misspelled key that was ignored would change who "
        "counts.",
        "Correct the key as suggested, or remove it. `docs/language.md` lists the keys of each place.",
    ),
    "VBM202": CodeInfo(
        "A missing key",
        "Something that the construct cannot do without is not there, such as the numerator of a rate.",
        "Add the key; the message says where.",
    ),
    "VBM203": CodeInfo(
        "A value that does not fit its place",
        "The text is none of the words, numbers or structures that are allowed here.",
        "Write the value in the form that the message names. `yes` and `no` are booleans, numbers are digits.",
    ),
    "VBM204": CodeInfo(
        "No verb",
        "A criterion is the name of a piece or has one verb (`count`, `enrolled`, `age` ...), and an event has "
        "one trigger (`code`, `diagnosis`, `principal_diagnosis`, `any`). Here there is none.",
        "Add the verb, or correct its spelling.",
    ),
    "VBM205": CodeInfo(
        "Several verbs",
        "Two verbs in one mapping leave open how they combine.",
        "Give each its own list item under `all:` or `any:`.",
    ),
    "VBM206": CodeInfo(
        "A date or duration that cannot be read",
        "A date is an anchor (`birth`, `birthday N`, `death`, `period start`, `period end`, `index`, or a defined "
        "date) and offsets in years, months and days, in this order because that is how they are applied.",
        "Write for example `birthday 1 + 90 days` or `period end - 1 year + 1 day`; durations are days: `14 days`.",
    ),
    "VBM207": CodeInfo(
        "A window that is not one window",
        "A window says both its ends, in one way: `between: [A, B]`, `from`/`after` with `to`/`before`, `on`, or "
        "`during: period`. An open end would hide an assumption.",
        "Keep one way, and name the missing end; `birth` is the earliest date there is.",
    ),
    "VBM208": CodeInfo(
        "A basis that cannot be claimed",
        "Results are unaudited and HEDIS-like. No definition file can make them certified.",
        "Write `basis: inspired-by`.",
    ),
    "VBM209": CodeInfo(
        "A name of the wrong form",
        "Names become column values, file names and parts of commands: small letters, digits and underscores, a "
        "letter first.",
        "Rename it, for example `w30_6`. Anchors (`birth`) and units (`days`) are taken by the language.",
    ),
    # --- names ---
    "VBM210": CodeInfo(
        "An unknown piece",
        "A piece is a name of `define`, here or in a fragment that the measure uses.",
        "Correct the name, define the piece, or add the fragment to `use`.",
    ),
    "VBM211": CodeInfo(
        "An unknown value set",
        "A run never counts zero because a code list is missing: it refuses.",
        "Correct the name, or add the value set to `value_sets` of the measures folder.",
    ),
    "VBM212": CodeInfo(
        "An unknown parameter",
        "Parameters are declared under `parameters`, here or in a fragment that the measure uses.",
        "Correct the name or declare the parameter.",
    ),
    "VBM213": CodeInfo(
        "An unknown rate",
        "`met` and `total_of` name rates of the same measure by their id.",
        "Correct the id.",
    ),
    "VBM214": CodeInfo(
        "An unknown fragment",
        "`use` names files of the `shared` folder, without their ending.",
        "Correct the name, or add the file.",
    ),
    "VBM215": CodeInfo(
        "An unknown exclusion",
        "A name in `exclusions` is an exclusion of a used fragment, or a criterion that the measure defines.",
        "Correct the name, define it, or add the fragment to `use`.",
    ),
    "VBM216": CodeInfo(
        "A piece of the wrong kind",
        "An event is rows with dates, a criterion is true or false, a date is one day. They cannot stand in for "
        "each other: it would be open how many dates are needed, or which one is meant.",
        "Count the event (`{count: NAME, ...}`), or name a piece of the kind that is needed.",
    ),
    "VBM217": CodeInfo(
        "Something that is defined by itself",
        "A piece or a rate uses itself, directly or through others, so it has no meaning.",
        "Break the circle that the message prints.",
    ),
    "VBM218": CodeInfo(
        "A name that is given twice",
        "Two pieces, rates, parameters or exclusions share a name, so it is open which one is meant.",
        "Rename one of them.",
    ),
    "VBM219": CodeInfo(
        "A measure that is defined twice",
        "Two files define a measure of the same id, and results could not say which one they come from.",
        "Give your measure another id, or leave one of the folders out.",
    ),
    # --- meaning ---
    "VBM220": CodeInfo(
        "A window that nothing can lie in",
        "The window ends before it starts, whoever's birth date is put in, so the criterion can never hold.",
        "Swap the ends or correct the offsets.",
    ),
    "VBM221": CodeInfo(
        "The wrong grain",
        "`index` is the date of an index event. The units of this measure are persons, who have none or many of them.",
        "Count from `birth`, a birthday, the period, or a defined date (`date: {first: EVENT, ...}`).",
    ),
    "VBM222": CodeInfo(
        "Something that nothing uses",
        "A piece, parameter, fragment or shared list has no effect. Often a reference to it was meant and got lost.",
        "Use it or remove it.",
    ),
    "VBM223": CodeInfo(
        "A value set without codes",
        "An empty set matches nothing, and a count of zero that comes from a missing list looks like a real one.",
        "Fill the value set.",
    ),
    "VBM224": CodeInfo(
        "Codes that can never match in this role",
        "Each role looks at certain columns: `diagnosis` at diagnoses, `place` at place-of-service codes, "
        "`modifier` at modifiers, `provider` at provider taxonomies. Codes of another system are not found there. "
        "An error when no code of the set fits, a warning when some do not.",
        "Name another value set, another role, or take the codes out of the set.",
    ),
    "VBM225": CodeInfo(
        "No references",
        "A definition without a source cannot be audited. A draft gets a warning.",
        "Add `references` with at least one title.",
    ),
    "VBM226": CodeInfo(
        "A parameter value without a source",
        "Values that change by year are where definitions go wrong; each says where it comes from. A draft gets a "
        "warning.",
        "Add `source` to the value.",
    ),
    "VBM227": CodeInfo(
        "No value for the measurement year",
        "The first value of the parameter starts later than the year asked for, and none is guessed.",
        "Add a value that starts earlier, override the parameter, or run another year.",
    ),
    "VBM228": CodeInfo(
        "Cases that do not fit the parameter",
        "`choose` needs exactly one case for each value that its parameter can have: the options of a choice, yes "
        "and no of a boolean.",
        "Add the missing case, remove the one that cannot occur.",
    ),
    "VBM229": CodeInfo(
        "Years that are not measurement years",
        "`per: year` gives each measurement year an allowance of its own, so the window must be counted from the "
        "period.",
        "Count both ends from `period start` or `period end`, or leave `per: year` out.",
    ),
    "VBM230": CodeInfo(
        "Rates that do not fit together",
        "`met` joins numerators, which is only sound over one population with the same exclusions; `total_of` "
        "joins populations, which is only sound with the same exclusions. Neither can join totals.",
        "Give the rates the same population and exclusions, best by writing them once at the top of the measure.",
    ),
    "VBM231": CodeInfo(
        "A parameter value of the wrong type",
        "The value is not of the parameter's type, is out of its range, or the parameter has the wrong type for "
        "its use.",
        "Write yes or no, a whole number, or one of the options, as the parameter's type says.",
    ),
    "VBM232": CodeInfo(
        "A count that means nothing",
        "At least none, dates at least no day apart, more criteria than there are, or a rate of which a part is the "
        "same for everybody: always or never true.",
        "Use a number of 1 or more, and at most the number of criteria.",
    ),
    "VBM233": CodeInfo(
        "Filters that contradict each other",
        "An event and one inside it both filter the same thing, and the two cannot be joined into one filter.",
        "Keep one of the two filters.",
    ),
    "VBM234": CodeInfo(
        "An allowance for gaps that contradicts itself",
        "`gaps` says how many gaps are allowed and one of `gap_days` and `gap_months` how long each may be; one "
        "without the other has no meaning.",
        "Write both, such as `gaps: 1, gap_days: 45`, or neither.",
    ),
    "VBM235": CodeInfo(
        "A rate with too many parts",
        "Every name of a piece is written out when the plan is built. Pieces that name each other twice, level upon "
        "level, double its size each time until no machine can hold it.",
        "Name each piece once, or split the measure.",
    ),
    "VBM236": CodeInfo(
        "A verdict on unknown providers without a provider",
        "`unknown_provider` says what becomes of rows for which no taxonomy is known when a `provider` is asked for. "
        "On its own, under `unless` or beside `any`, it would loosen or tighten a filter that stands elsewhere, while "
        "filters only ever add up; `not_provider` lets unknown providers pass always.",
        "Write it beside `provider`. What depends on a parameter is written as `unknown_provider: PARAMETER`, or as "
        "two filters under `unless`, each with its `provider`.",
    ),
    "VBM237": CodeInfo(
        "Two rates of one title",
        "Reports and work lists name the rates of a measure by their titles. Two tables of a report with one caption, "
        "or two tasks of a work list with one text, cannot be told apart, least of all by those who hear them. A "
        "warning.",
        "Say in each title what the other rate is not: the ages, the days, whom it counts.",
    ),
    # --- the catalog ---
    "VBM240": CodeInfo(
        "An unknown measure",
        "No measure of the shipped folder or of yours has this id.",
        "`vbpmeasure list` shows the ids; `--measures` adds a folder of your own.",
    ),
    "VBM241": CodeInfo(
        "An unknown tag",
        "No measure carries this tag.",
        "`vbpmeasure list` shows the tags.",
    ),
    "VBM242": CodeInfo(
        "A folder without measures",
        "The path does not exist, or holds neither `NAME/measure.yaml` nor `shared` nor `value_sets`.",
        "Correct the path.",
    ),
    "VBM243": CodeInfo(
        "A folder or file that is not called like what it defines",
        "A measure is found by the name of its folder and a fragment by that of its file, without reading all of them, "
        "so the names must agree.",
        "Rename the folder or file, or the id.",
    ),
}
