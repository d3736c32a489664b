"""Write every transcript anew."""

from tests.golden.transcripts import TRANSCRIPTS, file_of, tell

for name in TRANSCRIPTS:
    file_of(name).write_text(tell(name), encoding="utf-8")
