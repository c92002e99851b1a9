"""Count the everyday words of Arabic, which are no misspelt names: «المصرية» is not «المجرية».

    python -m training.common_words TEXT_DIR [--out arabic/data/common_words.txt]

TEXT_DIR holds *.jsonl.gz files of {"title", "text"} or {"title", "paragraphs": [...]} (Wikipedia, CC BY-SA; news).
"""

import argparse
import re
from collections import Counter
from pathlib import Path

from training.train_static import documents

LEAST = 60
"""How often a word stands in about nine million words of text; typing errors stand there less often."""
_WORD = re.compile(r"[\u0621-\u064a]{4,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path("arabic/data/common_words.txt"))
    args = parser.parse_args()
    counts: Counter[str] = Counter()
    for title, paragraphs in documents(args.folder):
        for text in (title, *paragraphs):
            counts.update(_WORD.findall(text))
    words = sorted(word for word, n in counts.items() if n >= LEAST)
    args.out.write_text("\n".join(words) + "\n", "utf-8")


if __name__ == "__main__":
    main()
