"""Why an encrypted file cannot be read."""


class SealError(OSError):
    """An encrypted file cannot be read; what is stored stays as it is."""


class MediaKeyMissing(SealError):
    """It may be read as soon as the operator gives the key back."""

    def __init__(self, name: str, key_id: str) -> None:
        self.key_id = key_id
        super().__init__(
            f"{name} is encrypted with the key {key_id}, which MEDIA_ENCRYPTION_KEYS does not "
            "hold. Add it there; nothing is lost."
        )


class MediaTampered(SealError):
    """Its bytes are not those that were written under this name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} was changed, cut or exchanged after it was encrypted, or its key is another "
            "one under the same id. Restore it from a backup."
        )


def explain_sealed(error: SealError) -> str:
    """For a person who only wants to listen; the log names file and key for the operator."""
    if isinstance(error, MediaKeyMissing):
        return (
            "The audio is encrypted with a key that the server does not have at present. Nothing "
            "is lost: ask its operator to add the key (MEDIA_ENCRYPTION_KEYS)."
        )
    return (
        "The stored audio was changed or cut and is not played. Ask the server's operator to "
        "restore it from a backup (manage.py verify)."
    )
