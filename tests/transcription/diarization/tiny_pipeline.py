"""A complete pyannote pipeline on disk, made here: real classes, real files, no training.

The segmentation network says "one voice, all the time" whatever it hears: its last layer has a
bias and no weights. The embedding network has random weights, which still tell a low hum from a
hiss. So a recording of two such sounds has two speakers, and the change lies where it should.
"""

from pathlib import Path
from typing import Any

import numpy as np

from transcription.audio import SAMPLE_RATE, Audio

WINDOW_SECONDS = 2.0
LOCAL_SPEAKERS, AT_ONCE = 3, 2
EMBEDDING_SIZE, PLDA_SIZE = 256, 128
CONFIG = """\
dependencies:
  pyannote.audio: 4.0.0
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    clustering: VBxClustering
    segmentation: $model/segmentation
    segmentation_batch_size: 32
    segmentation_step: 0.25
    embedding: $model/embedding
    embedding_batch_size: 32
    embedding_exclude_overlap: true
    plda: $model/plda
params:
  clustering: {threshold: 0.6, Fa: 0.07, Fb: 0.8}
  segmentation: {min_duration_off: 0.0}
"""


def make_pipeline(folder: Path) -> Path:
    """The folder, with everything ``Pipeline.from_pretrained`` wants in it."""
    # heavy: the tests are collected where there is no torch
    import torch  # noqa: PLC0415

    torch.manual_seed(5)
    save_model(make_segmentation(), folder / "segmentation")
    save_model(make_embedding(), folder / "embedding")
    save_plda(folder / "plda")
    (folder / "config.yaml").write_text(CONFIG)
    return folder


def make_segmentation() -> Any:
    import torch  # noqa: PLC0415
    from pyannote.audio.core.task import Problem, Resolution, Specifications  # noqa: PLC0415
    from pyannote.audio.models.segmentation import PyanNet  # noqa: PLC0415

    small = {"hidden_size": 4, "num_layers": 1, "bidirectional": False, "monolithic": True}
    model = PyanNet(lstm=small, linear={"hidden_size": 4, "num_layers": 1})
    model.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=WINDOW_SECONDS,
        classes=[f"speaker {number}" for number in range(LOCAL_SPEAKERS)],
        powerset_max_classes=AT_ONCE,
        permutation_invariant=True,
    )
    model.build()
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.zero_()
        model.classifier.bias[1] = 10.0  # class 0 is silence, class 1 the first speaker alone
    return model


def make_embedding() -> Any:
    from pyannote.audio.core.task import Problem, Resolution, Specifications  # noqa: PLC0415
    from pyannote.audio.models.embedding import WeSpeakerResNet34  # noqa: PLC0415

    model = WeSpeakerResNet34()
    model.specifications = Specifications(
        problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, duration=WINDOW_SECONDS
    )
    return model


def save_model(model: Any, folder: Path) -> None:
    from lightning import Trainer  # noqa: PLC0415

    folder.mkdir(parents=True)
    trainer = Trainer(
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=False,
        default_root_dir=folder,
    )
    trainer.strategy.connect(model)
    trainer.save_checkpoint(folder / "pytorch_model.bin", weights_only=False)


def save_plda(folder: Path) -> None:
    """A transform that keeps the first dimensions, and a PLDA that says they are independent."""
    folder.mkdir()
    np.savez(
        folder / "xvec_transform.npz",
        mean1=np.zeros(EMBEDDING_SIZE),
        mean2=np.zeros(PLDA_SIZE),
        lda=np.eye(EMBEDDING_SIZE, PLDA_SIZE),
    )
    np.savez(
        folder / "plda.npz",
        mu=np.zeros(PLDA_SIZE),
        tr=np.eye(PLDA_SIZE),
        psi=np.linspace(10.0, 1.0, PLDA_SIZE),
    )


def make_hum(seconds: float) -> Audio:
    """A low voice, more or less."""
    moments = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    waves = [np.sin(2 * np.pi * 110 * number * moments) / number for number in range(1, 8)]
    return Audio((6000 * np.sum(waves, axis=0)).astype(np.int16))


def make_hiss(seconds: float) -> Audio:
    noise = np.random.default_rng(3).normal(0, 3000, round(seconds * SAMPLE_RATE))
    return Audio(noise.astype(np.int16))
