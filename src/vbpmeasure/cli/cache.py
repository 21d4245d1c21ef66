"""`vbpmeasure cache`: the counts and rows that runs with `--cache` keep."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from vbpmeasure.cli.asked import configured
from vbpmeasure.cli.asked.options import CacheDir, ConfigFile, Diagnostics, Quiet, Verbose
from vbpmeasure.cli.screen import streams

if TYPE_CHECKING:
    from vbpmeasure.runs.cache.store import CountCache

app = typer.Typer(help="Show or clear what `run --cache` keeps.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Show or clear what `run --cache` keeps."""


@app.command("show")
def show(
    cache_dir: CacheDir = None,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Show where the cache is and how much it holds."""
    from vbpmeasure.runs.cache import entries

    cache = _cache(cache_dir, config)
    kept = cache.kept()
    sets, size = entries.sizes(cache.folder)
    streams.out(
        f"{cache.folder}\ncounts of measures: {kept.files:,}, {kept.bytes:,} bytes\n"
        f"sets of rows of persons: {sets:,}, {size:,} bytes"
    )


@app.command("clear")
def clear(
    cache_dir: CacheDir = None,
    config: ConfigFile = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    diagnostics: Diagnostics = None,
) -> None:
    """Remove everything that the cache holds; the next run counts anew."""
    from vbpmeasure.disk.errors import output_failure
    from vbpmeasure.runs.cache import entries

    cache = _cache(cache_dir, config)
    sets, _ = entries.sizes(cache.folder)
    removed = cache.clear()
    try:
        entries.clear(cache.folder)
    except OSError as error:
        raise output_failure(error, cache.folder, "--cache-dir") from None
    streams.note(
        f"removed from {cache.folder}: counts of measures: {removed.files:,}, sets of rows of persons: {sets:,}"
    )


def _cache(folder: Path | None, config: str | None) -> CountCache:
    from vbpmeasure.runs.cache.store import CountCache, default_folder

    said = configured.settings(config, cache_dir=None if folder is None else str(folder)).text("cache_dir")
    return CountCache(default_folder() if said is None else Path(said))
