"""What each setting of a run is, and who said so: a flag, the environment, the configuration file, or nobody."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from vbpmeasure.config.category_words import WORDS, may_have_others, unknown_words
from vbpmeasure.config.load import Config
from vbpmeasure.data.buckets import MOST
from vbpmeasure.data.mapping import TableSource, TableSources
from vbpmeasure.data.remote.access import Access
from vbpmeasure.data.remote.address import parse
from vbpmeasure.data.remote.versions import versions
from vbpmeasure.diagnostics.model import Diagnostic, Failure, Span
from vbpmeasure.executors.model import EXECUTORS
from vbpmeasure.plan.measures import DEFAULT_ENROLLMENT_KEY
from vbpmeasure.results.categories import DEFAULT_STANDARD
from vbpmeasure.spec.days import DAY_FORM, day_of
from vbpmeasure.spec.numbers import whole_number
from vbpmeasure.terminology.user_sets import UserSets

SAMPLE = "sample"
# Roll-ups of languages that ship with the measures; anything else is a file.
LANGUAGE_TABLES = ("detailed",)

# What is a year is for the command to say; this is only what four digits can be.
_MOST_YEAR = 9999

Value = str | int | bool | tuple[str, ...] | None


class Origin(StrEnum):
    """Who said it, the strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its value, who said so, and where (an option, a variable, a line of the file)."""

    name: str
    value: Value
    origin: Origin = Origin.DEFAULT
    place: str = ""


@dataclass(frozen=True, slots=True)
class _Spec:
    """How a setting is called and read. ``path`` marks values that start at the folder of the file."""

    name: str
    read: Callable[[str, str], Value]
    default: Value = None
    flag: str = ""
    path: bool = False

    @property
    def variable(self) -> str:
        return f"VBPMEASURE_{self.name.upper()}"


def _text(text: str, _: str) -> Value:
    return text


def _names(text: str, _: str) -> Value:
    return tuple(part for part in (p.strip() for p in text.split(",")) if part)


def _year(text: str, variable: str) -> Value:
    year = whole_number(text, _MOST_YEAR)
    if year is None:
        raise _unusable(variable, "a year of four digits is needed")
    return year


def _buckets(text: str, variable: str) -> Value:
    if text.lower() != "auto" and not whole_number(text, MOST):
        raise _unusable(variable, f"a number from 1 to {MOST:,}, or `auto`, is needed")
    return text


def _day(text: str, variable: str) -> Value:
    if day_of(text) is None:
        raise _unusable(variable, DAY_FORM)
    return text


def _flag(text: str, variable: str) -> Value:
    plain = text.lower()
    if plain not in {"1", "true", "yes", "0", "false", "no"}:
        raise _unusable(variable, "`yes` or `no` is needed")
    return plain in {"1", "true", "yes"}


def _one_of(*words: str) -> Callable[[str, str], Value]:
    def read(text: str, variable: str) -> Value:
        if text not in words:
            raise _unusable(variable, f"one of {', '.join(words)} is needed")
        return text

    return read


def _unusable(variable: str, why: str) -> Failure:
    return Failure(Diagnostic("VBM130", f"the environment variable {variable} cannot be used: {why}", where=variable))


SPECS: tuple[_Spec, ...] = (
    _Spec("data", _text, flag="--data", path=True),
    _Spec("year", _year, flag="--year"),
    _Spec("measures", _names, (), flag="MEASURES, --select"),
    _Spec("exclude", _names, (), flag="--exclude"),
    _Spec("by", _names, (), flag="--by"),
    _Spec("out", _text, flag="--out", path=True),
    _Spec("format", _one_of("table", "csv", "json", "parquet"), "table", flag="--format"),
    _Spec("measure_folders", _names, (), flag="--measures", path=True),
    _Spec("value_set_folders", _names, (), flag="--value-sets", path=True),
    _Spec("enrollment_key", _names, DEFAULT_ENROLLMENT_KEY, flag="--enrollment-key"),
    _Spec("bad_rows", _one_of("refuse", "drop"), "refuse", flag="--bad-rows"),
    _Spec("person_level", _flag, False, flag="--person-level"),
    _Spec("supplemental", _one_of("with", "without", "both"), "with", flag="--supplemental"),
    _Spec("buckets", _buckets, "auto", flag="--buckets"),
    _Spec("executor", _one_of(*EXECUTORS), flag="--executor"),
    _Spec("master", _text, flag="--master"),
    _Spec("cache", _flag, False, flag="--cache"),
    _Spec("cache_dir", _text, flag="--cache-dir", path=True),
    _Spec("race_standard", _text, DEFAULT_STANDARD, flag="--race-standard"),
    _Spec("tabulation", _text, flag="--tabulation"),
    _Spec("languages", _text, flag="--languages", path=True),
    _Spec("code_systems", _names, (), flag="--code-systems"),
    _Spec("mandate", _text, flag="--mandate"),
    _Spec("as_of", _day, flag="--as-of"),
    _Spec("as_of_version", _names, (), flag="--as-of-version"),
    _Spec("fail_under", _names, (), flag="--fail-under"),
    _Spec("fail_over", _names, (), flag="--fail-over"),
    _Spec("fail_on_drift", _text, flag="--fail-on-drift"),
    _Spec("drift_from", _text, flag="--drift-from", path=True),
    _Spec("metrics_file", _text, flag="--metrics-file", path=True),
    _Spec("openlineage", _text, flag="--openlineage", path=True),
    _Spec("pseudonymize", _text, flag="--pseudonymize", path=True),
)
_PARAMS = "params"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one command, by name; ``params`` by ``MEASURE.NAME``. ``config`` is the file behind them."""

    config: Config
    found: Mapping[str, Setting]
    params: Mapping[str, Setting] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """Return a setting that is one text, or None when nobody said it."""
        value = self.found[name].value
        return None if value is None else str(value)

    def origin(self, name: str) -> str:
        """Return who says a setting, for messages: an option, a variable, or a line of the file with the key there.

        Where nobody does, the option that would.
        """
        setting = self.found[name]
        if setting.origin is Origin.FILE:
            return f"{setting.place} ({name})"
        return setting.place or next(spec.flag for spec in SPECS if spec.name == name)

    def names(self, name: str) -> tuple[str, ...]:
        """Return a setting that is a list of names."""
        value = self.found[name].value
        return value if isinstance(value, tuple) else ()

    def truth(self, name: str) -> bool:
        """Return a setting that is yes or no."""
        return self.found[name].value is True

    @property
    def year(self) -> int | None:
        """The measurement year, when somebody said it."""
        value = self.found["year"].value
        return value if isinstance(value, int) else None

    def needed_year(self) -> int:
        """Return the measurement year; raises ``Failure`` VBM139 when nobody said it."""
        if self.year is None:
            raise Failure(
                Diagnostic(
                    "VBM139",
                    "no measurement year was given",
                    hint="give `--year YYYY`, VBPMEASURE_YEAR, or `year` under [run] in vbpmeasure.toml",
                )
            )
        return self.year

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders of measures beside the shipped ones."""
        return tuple(Path(folder) for folder in self.names("measure_folders"))

    @property
    def value_sets(self) -> UserSets:
        """The user's value sets: folders of whoever says so, and the mapping of the file."""
        said, _ = self.config.value_sets_table()
        mapping = {name: found if isinstance(found, str) else tuple(found) for name, found in said.items()}
        return UserSets(tuple(Path(folder) for folder in self.names("value_set_folders")), mapping)

    @property
    def asked_params(self) -> tuple[str, ...]:
        """The parameters of the command line, as it writes them: ``MEASURE.NAME=VALUE``."""
        return self._params(Origin.FLAG)

    @property
    def standing_params(self) -> tuple[str, ...]:
        """The parameters of the environment and the file, written alike; they hold for the measures that are run."""
        return self._params(Origin.ENVIRONMENT, Origin.FILE)

    def _params(self, *origins: Origin) -> tuple[str, ...]:
        found = [s for s in self.params.values() if s.origin in origins]
        return tuple(s.name if s.value is None else f"{s.name}={s.value}" for s in found)

    @property
    def access(self) -> Access:
        """How stores and catalogs are reached, and the versions that are asked for (``Failure`` VBM411)."""
        found = self.config.access
        return Access(found.storage, found.catalogs, versions(self.names("as_of_version")))

    @property
    def tables(self) -> TableSources:
        """The sources of the configuration as they hold for the data of this command.

        A data folder that a flag or the environment names is where all tables are; of the file only the mapping holds
        then. The shipped sample is in the contract's shape and needs no mapping.
        """
        data = self.found["data"]
        if data.origin not in {Origin.FLAG, Origin.ENVIRONMENT}:
            return self.config.tables
        if data.value == SAMPLE and not Path(SAMPLE).exists():
            return {}
        return {
            name: (TableSource(label=sources[0].label, mapping=sources[0].mapping, span=sources[0].span),)
            for name, sources in self.config.tables.items()
            if len(sources) == 1
        }


def resolve(config: Config, flags: Mapping[str, Value], params: tuple[str, ...] = ()) -> Settings:
    """Return the settings: flag before environment before file before default.

    ``flags`` hold what the command line gave, by setting (None, an empty tuple and a missing key: not given);
    ``params`` its `MEASURE.NAME=VALUE` texts. Parameters are weighed one by one, everything else as a whole.
    Raises ``Failure``: VBM130 with every variable that cannot be used, VBM122 for words of the file that no category
    system has.
    """
    found: dict[str, Setting] = {}
    wrong: list[Diagnostic] = []
    for spec in SPECS:
        try:
            found[spec.name] = _setting(spec, config, flags.get(spec.name))
        except Failure as failure:
            wrong += failure.diagnostics
    if not may_have_others(Settings(config, found).roots):
        wrong += _unknown_words(found, config)
    if wrong:
        raise Failure(wrong)
    return Settings(config, found, _params(config, params))


def _unknown_words(found: Mapping[str, Setting], config: Config) -> Iterator[Diagnostic]:
    for name, words in WORDS.items():
        setting = found[name]
        if setting.origin is Origin.ENVIRONMENT and setting.value not in words:
            yield from _unusable(setting.place, f"one of {', '.join(words)} is needed").diagnostics
    if config.document is not None:
        unknown = list(unknown_words(config.run, config.document))
        yield from config.document.failure(unknown).diagnostics if unknown else ()


def _setting(spec: _Spec, config: Config, flag: Value) -> Setting:
    if flag not in (None, ()):
        return Setting(spec.name, flag, Origin.FLAG, spec.flag)
    text = os.environ.get(spec.variable, "").strip()
    if text:
        return Setting(spec.name, spec.read(text, spec.variable), Origin.ENVIRONMENT, spec.variable)
    said = config.run.get(spec.name)
    if said is not None and config.document is not None:
        place = _words(config.document.value("run", spec.name))
        return Setting(spec.name, _of_file(spec, said, config.folder), Origin.FILE, place)
    return Setting(spec.name, spec.default)


def _of_file(spec: _Spec, said: object, folder: Path) -> Value:
    if isinstance(said, int) and not isinstance(said, bool) and isinstance(spec.default, tuple):
        return (str(said),)
    if isinstance(said, dt.date):
        return said.isoformat()
    if isinstance(said, dict):
        return tuple(f"{name}={value}" for name, value in said.items())
    listed = isinstance(spec.default, tuple)
    if listed and isinstance(said, str):
        said = _names(said, "")
    if spec.path:
        # `sample` is the shipped sample here as on the command line, unless such a folder stands beside the file.
        shipped = spec.name == "data" and said == SAMPLE and not (folder / SAMPLE).exists()
        shipped = shipped or (spec.name == "data" and str(said).startswith("spark:"))
        shipped = shipped or (spec.name == "languages" and said in LANGUAGE_TABLES)
        shipped = shipped or (spec.name == "pseudonymize" and str(said).startswith("env:"))
        if isinstance(said, str):
            return said if shipped or parse(said) is not None else str(folder / said)
        if isinstance(said, list | tuple):
            return tuple(str(folder / str(one)) for one in said)
    if isinstance(said, list | tuple):
        return tuple(str(one) for one in said)
    return said if isinstance(said, str | int | bool) else str(said)


def _params(config: Config, flags: tuple[str, ...]) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for measure, values in config.run.get(_PARAMS, {}).items():
        for name, value in values.items():
            assert config.document is not None
            place = _words(config.document.value("run", _PARAMS, measure, name))
            text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
            found[f"{measure}.{name}"] = Setting(f"{measure}.{name}", text, Origin.FILE, place)
    variable = f"VBPMEASURE_{_PARAMS.upper()}"
    for origin, place, texts in (
        (Origin.ENVIRONMENT, variable, [t.strip() for t in os.environ.get(variable, "").split(",") if t.strip()]),
        (Origin.FLAG, "--param", list(flags)),
    ):
        for text in texts:
            # A text of another form keeps its whole self as the name: whoever reads the override complains about it.
            name, equals, value = text.partition("=")
            key = name.strip() if equals else text
            found[key] = Setting(key, value if equals else None, origin, place)
    return found


def _words(span: Span | None) -> str:
    return "" if span is None else f"{span.path}:{span.line}"
