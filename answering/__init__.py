"""From a question to an answer that stands on verbatim quotes, or to a refusal."""
