"""Ingest so many synthetic releases into a data folder, in a process of its own.

python -m benchmarks.latency_build DATA_DIR RELEASES
"""

import sys
from pathlib import Path

from benchmarks.synthetic import write
from ingest.pipeline import ingest
from vectorstore.embeddings import load_embeddings


def main() -> None:
    data, count = Path(sys.argv[1]), int(sys.argv[2])
    write(data / "source", count)
    report = ingest([data / "source"], data_dir=data, embeddings=load_embeddings())
    sys.stdout.write(f"{report.releases} releases, {report.passages} passages in {report.seconds:.0f} s\n")


if __name__ == "__main__":
    main()
