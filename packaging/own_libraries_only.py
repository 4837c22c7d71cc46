"""Run first in a bundle: programs that it starts, a browser or another Python, get the system's libraries.

PyInstaller's starter points the loader to the bundle's own. The loader has read that by now.
"""

import os

for name in ("LD_LIBRARY_PATH", "LIBPATH"):
    before = os.environ.pop(f"{name}_ORIG", None)
    if before is not None:
        os.environ[name] = before
    else:
        os.environ.pop(name, None)
