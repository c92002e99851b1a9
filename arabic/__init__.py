"""Pure functions over Arabic text: normalising, stems, sentences, numbers, dates, dialect, bidi."""
