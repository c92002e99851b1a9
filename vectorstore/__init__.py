"""Passages in Chroma and in a lexical index, their embeddings, fusion and generations."""
