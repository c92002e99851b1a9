"""Sources and readers, release metadata, passages, the catalogue and the pipeline that publishes a generation."""
