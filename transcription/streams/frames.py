"""How the formats that need no earlier piece begin: by a magic number or a frame of MP3 or AAC."""

EBML, FLAC, TAGGED = b"\x1a\x45\xdf\xa3", b"fLaC", b"ID3"
OGG_FIRST_PAGE = 2  # in the flags
MP4_STARTS = {b"ftyp", b"moov", b"wide"}
FRAME_HEADER_BYTES, ADTS_HEADER_BYTES = 4, 7
MPEG_1 = 3
LAYER_3, LAYER_2, LAYER_1 = 1, 2, 3
# Kilobits a second by index (ISO 11172-3 and 13818-3); 0 is free format, which no recorder makes.
SYNC_BYTE, SYNC_BITS, ADTS_SYNC_BITS = 0xFF, 0xE0, 0xF0
BITRATES = {
    (True, LAYER_1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, LAYER_2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, LAYER_3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, LAYER_1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, LAYER_2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, LAYER_3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
SAMPLE_RATES = {
    3: (44_100, 48_000, 32_000),
    2: (22_050, 24_000, 16_000),
    0: (11_025, 12_000, 8_000),
}


def starts_file(data: bytes) -> bool:
    """Whether a file of WebM, Ogg, FLAC, MP3, MP4 or AAC can start like this."""
    if data.startswith((EBML, FLAC, TAGGED)) or data[4:8] in MP4_STARTS:
        return True
    if data.startswith(b"OggS\0"):
        return bool(data[5:6] and data[5] & OGG_FIRST_PAGE)
    return _starts_with_frame(data)


def _starts_with_frame(data: bytes) -> bool:
    """Two frames in a row, or one as long as the data: a single header may be an accident."""
    length = measure_frame(data)
    if not length:
        return False
    return length >= len(data) or bool(measure_frame(data[length : length + ADTS_HEADER_BYTES]))


def measure_frame(header: bytes) -> int:
    """Bytes of the MPEG audio or ADTS frame with this header; 0 if it is none."""
    if (
        len(header) < FRAME_HEADER_BYTES
        or header[0] != SYNC_BYTE
        or header[1] & SYNC_BITS != SYNC_BITS
    ):
        return 0
    layer = header[1] >> 1 & 3
    return _measure_mpeg(header, layer) if layer else _measure_adts(header)


def _measure_mpeg(header: bytes, layer: int) -> int:
    version, index, rate_index = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    rates = SAMPLE_RATES.get(version, ())
    bitrates = BITRATES[version == MPEG_1, layer]
    if rate_index >= len(rates) or index >= len(bitrates):
        return 0
    padding, bits = header[2] >> 1 & 1, bitrates[index] * 1000
    if layer == LAYER_1:
        return (12 * bits // rates[rate_index] + padding) * 4
    samples = 576 if layer == LAYER_3 and version != MPEG_1 else 1152
    return samples // 8 * bits // rates[rate_index] + padding if bits else 0


def _measure_adts(header: bytes) -> int:
    if len(header) < ADTS_HEADER_BYTES or header[1] & ADTS_SYNC_BITS != ADTS_SYNC_BITS:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length > ADTS_HEADER_BYTES else 0
