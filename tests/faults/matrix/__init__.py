"""The fault matrix: every case that was thought of, and the test that plays it or why none does.

Ids are those of the matrix: F are processes and infrastructure, E speech engines and what else
thinks, C chunks and the life of a meeting. A test is ``path under tests/::function``.
"""

from tests.faults.matrix.lives import LIVES
from tests.faults.matrix.processes import PROCESSES
from tests.faults.matrix.thinking import THINKING

MATRIX = {**PROCESSES, **THINKING, **LIVES}
