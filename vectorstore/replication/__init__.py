"""Generations copied through object storage: the writer pushes what it published, replicas pull and swap it.

    PREFIX/CURRENT.json            the pointer, written last: lineage, number and the digest of the index
    PREFIX/indexes/<sha256>.json   what a generation consists of: path, size and SHA-256 of each file
    PREFIX/objects/<sha256>        the files, named by what is in them, so that nothing is stored or sent twice

A generation is known by the digest of its index, for a writer that was built anew gives old numbers to other content.
"""
