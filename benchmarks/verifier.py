"""How many corruptions of right sentences the verifier catches, how many right ones it rejects, and how long it takes.

Right sentences are cut from releases, made by rules in three languages, and written by hand; corruptions are made by
rules and written by hand. Run from the repository's root: `python -m benchmarks.verifier [--folder samples/releases] [--show]`.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from answering import verify_quotes, verify_reading, verify_words
from answering.verify import verify
from arabic.orders import speaks_to_a_model
from benchmarks.verifier_cases import Case, hand_cases, read_folder, right_cases
from benchmarks.verifier_corruptions import corrupt

_HAND = Path(__file__).parent / "data" / "verifier"
_SENTENCES = 3
"""How many an answer has whose verification is timed."""


def stands(cases: Sequence[Case]) -> list[bool]:
    """Of each case whether its sentence stands."""
    return [verify([c.sentence], c.sources, c.language).clean for c in cases]


def milliseconds(cases: Sequence[Case], seed: int) -> list[float]:
    """Processor time that verifying an answer of three sentences takes, nothing of it having been read before."""
    order = list(cases)
    random.Random(seed).shuffle(order)  # noqa: S311
    times = []
    for case in order[:200]:
        mine = [c.sentence for c in order if c.sources is case.sources][:_SENTENCES]
        for cached in (
            verify_reading.read, verify_quotes.sentence_spans, verify_quotes._bare, verify_words.stem_set,
            verify_words._exact_stems, verify_reading.units_named, verify_words._skeletons, speaks_to_a_model,
        ):  # fmt: skip
            cached.cache_clear()
        began = time.thread_time()
        verify(mine, case.sources, case.language)
        times.append(1000 * (time.thread_time() - began))
    return sorted(times)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, action="append", help="samples/releases and the second set without one")
    parser.add_argument("--wanted", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print what was judged wrongly")
    options = parser.parse_args()
    folders = options.folder or [Path("samples/releases"), Path("benchmarks/data/second-set/releases")]
    reads = [one for folder in folders for one in read_folder(folder)]
    made = right_cases(reads, options.seed)
    by_hand = hand_cases(reads, _HAND / "paraphrases.yaml")
    right = [*by_hand, *made[: max(0, options.wanted - len(by_hand))]]
    good = stands(right)
    mistakes = hand_cases(reads, _HAND / "mistakes.yaml")
    pool = [c for c, ok in zip([*right, *made], [*good, *[True] * len(made)], strict=True) if ok]
    wrong = [*corrupt(pool, reads, options.wanted - len(mistakes), options.seed), *mistakes]
    passed = stands(wrong)
    if options.show:
        _show(right, good, wanted=True)
        _show(wrong, passed, wanted=False)
    _table("right sentences, and how many stand", right, good)
    _table("corruptions, and how many are caught", wrong, [not p for p in passed])
    print(f"caught {len(wrong) - sum(passed)} of {len(wrong)} ({100 * (1 - sum(passed) / len(wrong)):.1f} %)")
    rejected = len(right) - sum(good)
    print(
        f"rejected {rejected} of {len(right)} right ones ({100 * rejected / len(right):.1f} %); {len(made)} can be made"
    )
    times = milliseconds([c for c, ok in zip(right, good, strict=True) if ok], options.seed)
    print(
        f"ms of processor time for an answer of {_SENTENCES} sentences, cold: median {times[len(times) // 2]:.1f}, "
        f"p95 {times[int(0.95 * len(times))]:.1f}, most {times[-1]:.1f}"
    )


def _show(cases: Sequence[Case], stand: Sequence[bool], *, wanted: bool) -> None:
    for case, ok in zip(cases, stand, strict=True):
        if ok != wanted:
            faults = [(f.kind, f.detail) for f in verify([case.sentence], case.sources, case.language).faults]
            print("REJECTED" if wanted else "MISSED", case.kind, faults, "\n   ", case.sentence.text)
            print("   ", [c.quote for c in case.sentence.citations])


def _table(title: str, cases: Sequence[Case], fine: Sequence[bool]) -> None:
    total, good = Counter(c.kind for c in cases), Counter(c.kind for c, ok in zip(cases, fine, strict=True) if ok)
    print(title)
    for kind, number in sorted(total.items()):
        print(f"  {kind:38} {good[kind]:4} of {number:4}")


if __name__ == "__main__":
    main()
