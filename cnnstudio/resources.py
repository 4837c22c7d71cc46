"""The one way to a file under resources/, in a checkout, in an installed wheel and in a frozen bundle."""

from pathlib import Path

from cnnstudio.installation import bundle

PACKAGE = Path(__file__).resolve().parent


def root() -> Path:
    """The folder that holds the resources of this installation."""
    inside = bundle()
    if inside is not None:
        return inside / "resources"
    # The wheel is asked first: beside an installed package lies site-packages, whose `resources` is not ours.
    installed = PACKAGE / "_resources"
    return installed if installed.is_dir() else PACKAGE.parent / "resources"


def path(*parts: str) -> Path:
    """The path of one resource, which exists: path("designs", "AlexNet.yaml").

    Raises FileNotFoundError if it is missing.
    """
    found = root().joinpath(*parts)
    if not found.exists():
        wanted = "/".join(("resources", *parts))
        raise FileNotFoundError(f"CNN Studio is missing its file {wanted} (looked in {root()}). Install it again.")
    return found


def documents() -> Path:
    """The folder of the manual's pages: `docs` in a checkout, and beside the resources where it is installed.

    The changelog lies beside it.
    """
    installed = root() / "docs"
    return installed if installed.is_dir() else PACKAGE.parent / "docs"
