"""Run first in a bundle, for what a Python that is installed does at its start, and PyInstaller's starter does not.

Programs that it starts, a browser or another Python, get the system's libraries: the starter points the loader to the
bundle's own, and the loader has read that by now. Where nothing says a language, as for services, text
is UTF-8, or Qt warns each time.
"""

import os

for name in ("LD_LIBRARY_PATH", "LIBPATH"):
    before = os.environ.pop(f"{name}_ORIG", None)
    if before is not None:
        os.environ[name] = before
    else:
        os.environ.pop(name, None)

said = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := os.environ.get(name))), "C")
if os.name == "posix" and said in ("C", "POSIX") and not os.environ.get("LC_ALL"):
    os.environ["LC_CTYPE"] = "C.UTF-8"
