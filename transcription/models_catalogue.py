"""The ggml models of whisper.cpp: their files, what they cost and what they are for."""

from dataclasses import dataclass

BASE_URL = "https://huggingface.co/ggerganov/whisper.cpp/resolve/main"


@dataclass(frozen=True, slots=True)
class WhisperModel:
    """A published model file; ``mebibytes`` is rounded, the server knows the exact size.

    ``width`` is the length of the vectors inside, by which a file shows what it is. ``sha1`` is
    whisper.cpp's own list (models/README.md); empty where it names none.
    """

    name: str
    mebibytes: int
    width: int
    use: str
    sha1: str = ""

    @property
    def file_name(self) -> str:
        return f"ggml-{self.name}.bin"

    @property
    def is_english_only(self) -> bool:
        return ".en" in self.name


_LISTED = (
    WhisperModel(
        "tiny", 75, 384, "live on a small machine", "bd577a113a864445d4c299885e0cb97d4ba92b5f"
    ),
    WhisperModel(
        "tiny.en",
        75,
        384,
        "live English on a small machine",
        "c78c86eb1a8faa21b369bcd33207cc90d64ae9df",
    ),
    WhisperModel("tiny-q5_1", 31, 384, "tiny, less memory"),
    WhisperModel("tiny.en-q5_1", 31, 384, "tiny.en, less memory"),
    WhisperModel("base", 142, 512, "live", "465707469ff3a37a2b9b8d8f89f2f99de7299dac"),
    WhisperModel("base.en", 142, 512, "live English", "137c40403d78fd54d454da0f9bd998f78703390c"),
    WhisperModel("base-q5_1", 57, 512, "base, less memory"),
    WhisperModel("base.en-q5_1", 57, 512, "base.en, less memory"),
    WhisperModel(
        "small", 466, 768, "good text on 4 cores", "55356645c2b361a969dfd0ef2c5a50d530afd8d5"
    ),
    WhisperModel(
        "small.en",
        466,
        768,
        "good English text on 4 cores",
        "db8a495a91d927739e50b3fc1cc4c6b8f6c2d022",
    ),
    WhisperModel("small-q5_1", 181, 768, "small, less memory"),
    WhisperModel("small.en-q5_1", 181, 768, "small.en, less memory"),
    WhisperModel(
        "medium",
        1534,
        1024,
        "better text, 8 cores or a GPU",
        "fd9727b6e1217c2f614f9b698455c4ffd82463b4",
    ),
    WhisperModel(
        "medium.en",
        1534,
        1024,
        "better English text, 8 cores or a GPU",
        "8c30f0e44ce9560643ebd10bbe50cd20eafd3723",
    ),
    WhisperModel("medium-q5_0", 514, 1024, "medium, less memory"),
    WhisperModel("medium.en-q5_0", 514, 1024, "medium.en, less memory"),
    WhisperModel(
        "large-v3", 2952, 1280, "the best text, a GPU", "ad82bf6a9043ceed055076d0fd39f5f186ff8062"
    ),
    WhisperModel(
        "large-v3-q5_0",
        1081,
        1280,
        "large-v3, less memory",
        "e6e2ed78495d403bef4b7cff42ef4aaadcfea8de",
    ),
    WhisperModel(
        "large-v3-turbo",
        1549,
        1280,
        "nearly the best text, a GPU",
        "4af2b29d7ec73d781377bfd1758ca957a807e941",
    ),
    WhisperModel(
        "large-v3-turbo-q5_0",
        547,
        1280,
        "large-v3-turbo, less memory",
        "e050f7970618a659205450ad97eb95a18d69c9ee",
    ),
)
MODELS = {model.name: model for model in _LISTED}
