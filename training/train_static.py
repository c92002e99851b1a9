"""Train the bundled static embedding model: token vectors that are averaged, learned with in-batch negatives.

    python training/train_static.py TEXT_DIR [--out vectorstore/models/static-ar]

TEXT_DIR holds *.jsonl.gz files of {"title", "text"} or {"title", "paragraphs": [...]}. Pairs are title → paragraph and
sentence → rest of its paragraph. Saved in sentence-transformers' format, half precision, readable without torch.
"""

import argparse
import gzip
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from arabic.normalize import normalize
from arabic.sentences import split_sentences


def documents(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """(title, paragraphs) of every document, normalised."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                paragraphs = row.get("paragraphs") or row["text"].split("\n")
                yield normalize(row["title"]), [normalize(p)[:1500] for p in paragraphs if len(p) > 60]


def pairs(folder: Path, seed: int) -> list[tuple[str, str]]:
    """Shuffled training pairs."""
    draw = random.Random(seed)  # noqa: S311
    found = []
    for title, paragraphs in documents(folder):
        for i, paragraph in enumerate(paragraphs):
            if i < 2:
                found.append((title, paragraph))
            sentences = [s.text for s in split_sentences(paragraph) if len(s.text) > 25]
            if len(sentences) > 1:
                chosen = draw.randrange(len(sentences))
                rest = " ".join(s for j, s in enumerate(sentences) if j != chosen)
                found.append((sentences[chosen], rest))
    draw.shuffle(found)
    return found


def main() -> int:
    """Train and save; prints the number of pairs and the loss as it falls."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("text_dir", type=Path)
    parser.add_argument("--out", type=Path, default=Path("vectorstore/models/static-ar"))
    parser.add_argument("--vocabulary", type=int, default=20_000)
    parser.add_argument("--dimension", type=int, default=192)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()

    import torch
    from safetensors.torch import load_file, save_file
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import StaticEmbedding
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    torch.manual_seed(args.seed)
    found = pairs(args.text_dir, args.seed)
    print(f"{len(found)} pairs", flush=True)  # noqa: T201

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=40))  # noqa: S106
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=args.vocabulary, special_tokens=["[PAD]", "[UNK]"], min_frequency=3)
    tokenizer.train_from_iterator((text for pair in found for text in pair), trainer)

    module = StaticEmbedding(tokenizer, embedding_dim=args.dimension)
    model = SentenceTransformer(modules=[module], device="cpu")
    optimiser = torch.optim.Adam(module.parameters(), lr=args.rate)
    steps = args.epochs * (len(found) // args.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, args.rate, total_steps=steps)
    ids = [[tokenizer.encode(text, add_special_tokens=False).ids[:256] for text in pair] for pair in found]

    def embed(rows: list[list[int]]) -> torch.Tensor:
        offsets = torch.tensor([0, *(len(r) for r in rows[:-1])]).cumsum(0)
        flat = torch.tensor([t for r in rows for t in r])
        return torch.nn.functional.normalize(module.embedding(flat, offsets), dim=1)

    step = 0
    for _ in range(args.epochs):
        for start in range(0, len(ids) - args.batch + 1, args.batch):
            batch = ids[start : start + args.batch]
            queries, passages = embed([b[0] for b in batch]), embed([b[1] for b in batch])
            scores = queries @ passages.T * 20
            labels = torch.arange(len(batch))
            loss = (
                torch.nn.functional.cross_entropy(scores, labels) + torch.nn.functional.cross_entropy(scores.T, labels)
            ) / 2
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            step += 1
            if step % 50 == 0 or step == steps:
                print(f"step {step}/{steps} loss {loss.item():.3f}", flush=True)  # noqa: T201
    model.save(str(args.out), create_model_card=False)
    for path in args.out.rglob("*.safetensors"):
        save_file({name: tensor.half() for name, tensor in load_file(path).items()}, path)
    (args.out / "sanad.json").write_text(json.dumps({"normalize": True}) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
