"""`python -m cnnstudio` is the same as the command `cnnstudio`."""

import sys

from cnnstudio.cli import main
from cnnstudio.installation import bundle

if __name__ == "__main__":
    if bundle() is not None:
        from multiprocessing import freeze_support

        # In a bundle this very program is started again for each process of a sweep, and is to be that and no window.
        freeze_support()
    sys.exit(main())
