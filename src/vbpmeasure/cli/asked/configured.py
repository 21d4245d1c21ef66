"""The settings of a command: its flags weighed against the environment and the configuration file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vbpmeasure.commands.watching import WatchRequest
    from vbpmeasure.config.settings import Settings, Value
    from vbpmeasure.data.mapping import TableSources
    from vbpmeasure.results.disclosure.profiles import Disclosure
    from vbpmeasure.runs.request import RunRequest


def settings(
    config: str | None,
    *,
    roots: Iterable[Path] | None = None,
    value_sets: Iterable[Path] | None = None,
    params: Iterable[str] | None = None,
    **flags: Value,
) -> Settings:
    """Return the settings of a command; ``flags`` are what it was given, by setting, None where nothing was.

    ``config`` is ``--config``, ``roots`` are ``--measures``, ``value_sets`` ``--value-sets``, ``params`` the texts of
    ``--param``. Raises ``Failure``
    when the configuration or a variable cannot be used.
    """
    from vbpmeasure.config.load import load_config
    from vbpmeasure.config.settings import resolve

    given = {
        **flags,
        "measure_folders": tuple(str(root) for root in roots or ()),
        "value_set_folders": tuple(str(folder) for folder in value_sets or ()),
    }
    return resolve(load_config(config), given, tuple(params or ()))


def key_flag(text: str | None) -> tuple[str, ...] | None:
    """Return what ``--enrollment-key`` says as a setting: its columns, `none` for no key, None when not given."""
    from vbpmeasure.runs import request

    return None if text is None else request.enrollment_key(text) or ("none",)


def run_request(found: Settings, *, disclosure: Disclosure | None = None, waterfall: bool = False) -> RunRequest:
    """Return the run that the settings describe; raises ``Failure`` for settings that no run can have."""
    from vbpmeasure.commands.mandating import with_mandate
    from vbpmeasure.monitoring.limits import limits
    from vbpmeasure.runs import request
    from vbpmeasure.runs.pseudonyms import pseudonyms
    from vbpmeasure.runs.selection import Selection

    found, mandate = with_mandate(found)
    document = found.config.document
    out = found.text("out")
    return request.RunRequest(
        data=request.data_place(found.text("data"), found.tables),
        year=found.needed_year(),
        selection=Selection(
            select=found.names("measures"),
            exclude=found.names("exclude"),
            roots=found.roots,
            value_sets=found.value_sets,
            overrides=request.overrides(found.asked_params),
            standing=request.overrides(found.standing_params),
        ),
        by=found.names("by"),
        enrollment_key=request.enrollment_key(",".join(found.names("enrollment_key"))),
        drop_bad_rows=found.text("bad_rows") == "drop",
        out=None if out is None else Path(out),
        format=found.text("format") or "table",
        person_level=found.truth("person_level"),
        **({} if disclosure is None else {"disclosure": disclosure}),
        waterfall=waterfall,
        supplemental=found.text("supplemental") or "with",
        sources_left_out=found.config.supplemental,
        race_standard=found.text("race_standard") or "omb1997",
        tabulation=found.text("tabulation"),
        languages=found.text("languages"),
        code_systems=found.names("code_systems"),
        mandate=mandate,
        completeness=found.config.completeness,
        as_of=request.date(found.text("as_of"), "--as-of"),
        tables={} if request.spark_schema(found.text("data")) and not _mapped(found.tables) else found.tables,
        access=found.access,
        buckets=request.bucket_number(found.text("buckets")),
        executor=found.text("executor"),
        spark_schema=request.spark_schema(found.text("data")),
        master=found.text("master"),
        cache=_cache(found),
        config=None if document is None else request.ConfigFile(document.name, document.sha256),
        limits=limits(
            found.names("fail_under"),
            found.names("fail_over"),
            (found.origin("fail_under"), found.origin("fail_over")),
        ),
        pseudonyms=pseudonyms(found.text("pseudonymize")),
    )


def watch_request(found: Settings, asked: RunRequest) -> WatchRequest:
    """Return what surrounds the run; raises ``Failure`` for settings that do not go together."""
    from vbpmeasure.commands.watching import ORIGINS, WatchRequest
    from vbpmeasure.monitoring.limits import points

    def path(name: str) -> Path | None:
        text = found.text(name)
        return None if text is None else Path(text)

    return WatchRequest(
        limits=asked.limits,
        drift=points(found.text("fail_on_drift"), found.origin("fail_on_drift")),
        drift_from=path("drift_from"),
        metrics_file=path("metrics_file"),
        lineage_file=path("openlineage"),
        origins={name: found.origin(name) for name in ORIGINS},
    )


def _mapped(tables: TableSources) -> bool:
    """Return whether the configuration says anything of tables but where they lie without `--data`."""
    return any(source.path is not None or not source.mapping.empty for each in tables.values() for source in each)


def _cache(found: Settings) -> Path | None:
    """Return the folder of the cache, None when it is off."""
    from vbpmeasure.runs.cache.store import default_folder

    if not found.truth("cache"):
        return None
    said = found.text("cache_dir")
    return default_folder() if said is None else Path(said)
