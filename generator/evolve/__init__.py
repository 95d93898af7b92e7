"""Changes a service that is there: reads it, decides for every file, proposes. Writes nothing."""
