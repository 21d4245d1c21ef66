"""Value sets of the user: where they lie, and which shipped ones they stand in for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class UserSets:
    """Folders of value sets that win over the others; ``mapping`` says which sets (joined) stand in for a name.

    The mapping counts beside the `mapping.yaml` of the folders.
    """

    folders: tuple[Path, ...] = ()
    mapping: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


NO_USER_SETS = UserSets()
