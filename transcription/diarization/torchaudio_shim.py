"""Makes ``import torchaudio`` work beside a torch that it was not built for.

torchaudio loads a library of compiled operators when it is imported, and refuses to be imported
if that fails: with the CPU build of a newer torch (``libc10_cuda.so`` is missing), or where the
two name different CUDA versions. What pyannote.audio needs of it (filter banks, resampling) is
pure torch. So where the import fails, it is done again with the module that loads the operators,
``torchaudio._extension``, replaced by one that says there are none. Written for torchaudio 2.11.
"""

import importlib
import sys
from types import ModuleType
from typing import Any

EXTENSION = "torchaudio._extension"


def ensure_torchaudio() -> bool:
    """Imports torchaudio; True where it needed the shim. Raises ModuleNotFoundError without it."""
    try:
        importlib.import_module("torchaudio")
    except ModuleNotFoundError:
        raise
    except (ImportError, OSError, RuntimeError):
        forget_modules("torchaudio")
        sys.modules[EXTENSION] = build_extension()
        importlib.import_module("torchaudio")
        return True
    return False


def forget_modules(name: str) -> None:
    for module in [key for key in sys.modules if key == name or key.startswith(f"{name}.")]:
        del sys.modules[module]


def build_extension() -> ModuleType:
    """What the rest of torchaudio asks of ``_extension`` while it is imported."""

    def keep_function(function: Any) -> Any:
        return function

    module = ModuleType(EXTENSION)
    module.__path__ = []  # a package: submodules are asked for by name
    facts: dict[str, Any] = {
        "_IS_TORCHAUDIO_EXT_AVAILABLE": False,
        "_IS_ALIGN_AVAILABLE": False,
        "_check_cuda_version": lambda: None,
        "fail_if_no_align": keep_function,
    }
    vars(module).update(facts)
    return module
