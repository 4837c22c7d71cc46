"""The tools that turn a checkout into something that runs: wheel, resources, contracts, bootstrap."""

import ast
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path

import pytest

import cnnstudio
from cnnstudio import resources
from cnnstudio.manual.contents import Manual
from tests.places import ROOT

HEAVY = {"PySide6", "pyqtgraph", "numpy"}


def run(
    *command: str | Path, cwd: Path = ROOT, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A finished process; its output is part of the failure when its exit code is asserted."""
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )


def resource_files(root: Path) -> set[str]:
    """Every file under a folder, as names relative to it."""
    return {file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file()}


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by way of the source distribution, as a release is."""
    folder = tmp_path_factory.mktemp("dist")
    built = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    assert built.returncode == 0, built.stdout
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as pip would fill it."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_wheel_holds_every_resource(unpacked: Path) -> None:
    wanted = resource_files(ROOT / "resources") | {f"docs/{name}" for name in resource_files(ROOT / "docs")}
    assert wanted | {"CHANGELOG.md"} == resource_files(unpacked / "cnnstudio" / "_resources")


def test_wheel_holds_the_package_and_nothing_beside_it(unpacked: Path) -> None:
    assert {path.name for path in unpacked.iterdir()} == {
        "cnnstudio",
        f"cnnstudio-{cnnstudio.__version__}.dist-info",
    }
    sources = {file.relative_to(ROOT) for file in (ROOT / "cnnstudio").rglob("*.py")}
    packed = {file.relative_to(unpacked) for file in (unpacked / "cnnstudio").rglob("*.py")}
    assert sources == {file for file in packed if "_resources" not in file.parts}


def test_wheel_tells_type_checkers_that_it_is_typed(unpacked: Path) -> None:
    assert (unpacked / "cnnstudio" / "py.typed").is_file()


def test_wheel_and_source_distribution_carry_the_licences(unpacked: Path, wheel: Path) -> None:
    licences = unpacked / f"cnnstudio-{cnnstudio.__version__}.dist-info" / "licenses"
    assert resource_files(licences) == {"LICENSE", "THIRD-PARTY.txt"}
    with tarfile.open(next(wheel.parent.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "THIRD-PARTY.txt", "CONTRIBUTING.md", "docs/architecture.md", "cnnstudio/py.typed"} <= names


def test_resources_are_found_in_an_unpacked_wheel(unpacked: Path, tmp_path: Path) -> None:
    script = "from cnnstudio import resources; print(resources.path())"
    # -P keeps the checkout off the path; PYTHONPATH stands before the editable install.
    found = run(sys.executable, "-P", "-c", script, cwd=tmp_path, environment={"PYTHONPATH": str(unpacked)})
    assert found.stdout.strip() == str(unpacked / "cnnstudio" / "_resources")


def test_the_manual_is_whole_in_an_unpacked_wheel(unpacked: Path, tmp_path: Path) -> None:
    script = "from cnnstudio.manual.contents import Manual; print(sum(len(page.text) > 99 for page in Manual().pages))"
    found = run(sys.executable, "-P", "-c", script, cwd=tmp_path, environment={"PYTHONPATH": str(unpacked)})
    assert int(found.stdout) == len(Manual().pages)


def test_command_and_version_stand_in_the_metadata(unpacked: Path) -> None:
    metadata = unpacked / f"cnnstudio-{cnnstudio.__version__}.dist-info"
    assert "cnnstudio = cnnstudio.cli:main" in (metadata / "entry_points.txt").read_text(encoding="utf-8")
    assert f"\nVersion: {cnnstudio.__version__}\n" in (metadata / "METADATA").read_text(encoding="utf-8")


# Resources


def test_resources_of_a_checkout_lie_beside_the_package() -> None:
    assert resources.path() == ROOT / "resources"


def test_resources_of_a_frozen_bundle_lie_inside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    icon = tmp_path / "resources" / "icons" / "layer.svg"
    icon.parent.mkdir(parents=True)
    icon.touch()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resources.path("icons", "layer.svg") == icon


def test_missing_resource_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"missing its file resources/icons/none\.svg \(looked in .*\)"):
        resources.path("icons", "none.svg")


# Who may import what


def loaded_by(module: str) -> set[str]:
    """The top-level modules that a fresh Python has loaded after importing one."""
    script = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = run(sys.executable, "-c", script)
    assert done.returncode == 0, done.stdout
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["core", "layers", "formats", "reports", "cli"])
def test_no_qt_and_no_numpy_without_a_window(module: str) -> None:
    assert loaded_by(f"cnnstudio.{module}") & HEAVY == set()


def imported_names(file: Path) -> Iterator[str]:
    """The top-level names of all imports in a file, also those inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_core_imports_only_the_standard_library_and_msgspec() -> None:
    files = list((ROOT / "cnnstudio" / "core").rglob("*.py"))
    assert files
    allowed = sys.stdlib_module_names | {"cnnstudio", "msgspec"}
    foreign = {(file.name, name) for file in files for name in imported_names(file) if name not in allowed}
    assert foreign == set()


# The pins


def pinned_names() -> set[str]:
    """The projects that constraints.txt pins, in pip's normal spelling."""
    lines = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {normal(line.partition("==")[0]) for line in lines if "==" in line}


def normal(name: str) -> str:
    """A project's name as pip compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_requirement_has_a_tested_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    names = {normal(re.split(r"[^\w.-]", requirement)[0]) for requirement in requirements}
    assert names - pinned_names() == set()


# The bootstrap

Bootstrap = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def bootstrap(tmp_path: Path) -> Bootstrap:
    """The bootstrap of a copied checkout whose pip writes down its arguments and installs nothing."""
    shutil.copytree(ROOT / "packaging", tmp_path / "packaging", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    fake_pip = tmp_path / "fakes" / "pip.py"
    fake_pip.parent.mkdir()
    fake_pip.write_text(
        "import os, sys\n"
        "if __name__ == '__main__':\n"
        "    with open('pip.log', 'a') as log:\n"
        "        print(*sys.argv[1:], file=log)\n"
        "    sys.exit(os.environ.get('PIP_FAILS'))\n",
        encoding="utf-8",
    )
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)

    def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        script = tmp_path / "packaging" / "bootstrap.py"
        environment["PYTHONPATH"] = str(fake_pip.parent)
        return run(sys.executable, script, *arguments, environment=environment)

    return start


def pip_calls(checkout: Path) -> list[str]:
    """The calls of the fake pip, one a line."""
    log = checkout / "pip.log"
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


posix_only = pytest.mark.skipif(os.name == "nt", reason="the fake environment is laid out as on POSIX")


@posix_only
def test_bootstrap_installs_once(bootstrap: Bootstrap, tmp_path: Path) -> None:
    first = bootstrap("--extra", "test")
    assert (first.returncode, first.stdout) == (0, "Installing the Python packages, with those for test\n")
    calls = pip_calls(tmp_path)
    assert calls[-1].endswith("--editable .[test]")
    assert all("constraints.txt" in call for call in calls)

    second = bootstrap("--extra", "test")
    assert (second.returncode, second.stdout) == (0, "")
    assert pip_calls(tmp_path) == calls


@posix_only
def test_bootstrap_keeps_what_an_earlier_run_installed(bootstrap: Bootstrap, tmp_path: Path) -> None:
    bootstrap("--extra", "test")
    calls = pip_calls(tmp_path)
    assert bootstrap().stdout == ""
    bootstrap("--extra", "bench")
    assert pip_calls(tmp_path)[-1].endswith("--editable .[bench,test]")
    assert len(pip_calls(tmp_path)) == 2 * len(calls)


@posix_only
@pytest.mark.parametrize("changed", ["pyproject.toml", "packaging/constraints.txt"])
def test_bootstrap_installs_again_after_a_change(bootstrap: Bootstrap, tmp_path: Path, changed: str) -> None:
    bootstrap()
    calls = pip_calls(tmp_path)
    with (tmp_path / changed).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    bootstrap()
    assert len(pip_calls(tmp_path)) == 2 * len(calls)


@posix_only
def test_bootstrap_says_why_pip_failed_and_tries_again(bootstrap: Bootstrap, tmp_path: Path) -> None:
    failed = bootstrap(PIP_FAILS="ERROR: no such host")
    assert failed.returncode == 1
    assert "CNN Studio is not ready: pip could not install its packages." in failed.stdout
    assert "ERROR: no such host" in failed.stdout
    calls = pip_calls(tmp_path)
    assert bootstrap().returncode == 0
    assert len(pip_calls(tmp_path)) > len(calls)


CONFLICT = "The user requested (constraint) {}==1.0\nERROR: ResolutionImpossible: for help visit a page"
NOTHING = (
    "ERROR: Could not find a version that satisfies the requirement {}>=6.8.3 (from cnnstudio) (from versions: none)"
)


@posix_only
@pytest.mark.parametrize("said", [CONFLICT, NOTHING])
@pytest.mark.parametrize(
    ("package", "advice"), [("pyside6-essentials", "Qt|Python for x86-64|6.9.3 will do"), ("msgspec", "Another Python")]
)
def test_bootstrap_names_the_package_that_is_not_made_for_this_system(
    bootstrap: Bootstrap, said: str, package: str, advice: str
) -> None:
    failed = bootstrap(PIP_FAILS=said.format(package))
    assert failed.returncode == 1
    assert f"CNN Studio is not ready: {package} is not made for this system ({platform.system()}" in failed.stdout
    assert re.search(advice, failed.stdout)
    assert "Is there a network?" not in failed.stdout


@posix_only
def test_bootstrap_blames_the_network_where_there_is_none(bootstrap: Bootstrap) -> None:
    offline = "WARNING: Retrying after [Errno -3] Temporary failure in name resolution\n" + NOTHING.format("msgspec")
    assert "Is there a network?" in bootstrap(PIP_FAILS=offline).stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks for libraries of Linux")
@pytest.mark.parametrize(("display", "status"), [("", 0), (":1", 1)])
def test_bootstrap_needs_no_libraries_of_qt_without_a_display(
    bootstrap: Bootstrap, tmp_path: Path, display: str, status: int
) -> None:
    """`make run` prints the summary then."""
    none = "def CDLL(name):\n    raise OSError(name)\n"
    (tmp_path / "fakes" / "ctypes.py").write_text(none, encoding="utf-8")
    # Nothing can be installed where neither apt nor sudo is found.
    nowhere = {"PATH": "/nonexistent", "QT_QPA_PLATFORM": "", "WAYLAND_DISPLAY": "", "DISPLAY": display}
    done = bootstrap("--system", "display", **nowhere)
    assert done.returncode == status, done.stdout
    assert "Qt needs system libraries: libGL.so.1" in done.stdout


def test_bootstrap_refuses_an_old_python_in_one_sentence() -> None:
    # Only the version is pretended, so a real old Python's syntax is not what this shows.
    script = (
        "import runpy, sys; sys.version_info = (3, 9, 2, 'final', 0); "
        "runpy.run_path('packaging/bootstrap.py', run_name='__main__')"
    )
    done = run(sys.executable, "-c", script)
    assert done.returncode == 1
    assert done.stdout == "CNN Studio needs Python 3.11 or later; this is Python 3.9.\n"
