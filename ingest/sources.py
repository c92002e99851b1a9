"""From the paths of a command to the files to read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sources:
    """`files` in order, resolved; `roots` are the folders and files that were named: what vanished below them is removed."""

    files: tuple[Path, ...]
    roots: tuple[Path, ...]

    def covers(self, source: str) -> bool:
        """Whether a source lies below one of the roots."""
        path = Path(source)
        return any(path == root or root in path.parents for root in self.roots)


def expand(paths: Iterable[Path], suffixes: Sequence[str]) -> Sources:
    """Folders are walked; in them hidden files and unknown suffixes are passed over, a file named itself never is."""
    files: dict[Path, None] = {}
    roots = []
    for path in paths:
        resolved = path.resolve()
        roots.append(resolved)
        if resolved.is_dir():
            for file in sorted(resolved.rglob("*")):
                hidden = any(part.startswith(".") for part in file.relative_to(resolved).parts)
                if file.is_file() and not hidden and file.suffix.lower() in suffixes:
                    files[file] = None
        else:
            files[resolved] = None
    return Sources(tuple(files), tuple(roots))
