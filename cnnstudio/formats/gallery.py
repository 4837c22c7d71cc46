"""The built-in designs in groups, as people look for them, and before them those of a course."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

from msgspec import Struct

from cnnstudio.formats.builtin import builtin_paths


class DesignGroup(Struct, frozen=True):
    """Built-in designs that belong together, by their short names, in the order in which one would look at them."""

    title: str
    stems: tuple[str, ...]


_GROUPS: Final = (
    DesignGroup(
        "For a course",
        ("lenet-like-32x32", "alexnet", "cnn-100x100", "lenet-5", "lenet-5-modern", "lenet-caffe"),
    ),
    DesignGroup(
        "Classics",
        (
            *("alexnet-grouped", "alexnet-torchvision", "zfnet", "nin"),
            *("vgg-11", "vgg-13", "vgg-16", "vgg-19", "vgg-11-bn", "vgg-13-bn", "vgg-16-bn", "vgg-19-bn"),
            *("googlenet", "googlenet-aux", "googlenet-caffe", "googlenet-caffe-aux"),
            *("inception-v3", "inception-v3-aux"),
        ),
    ),
    DesignGroup(
        "Residual",
        (
            *("resnet-18", "resnet-34", "resnet-50", "resnet-50-keras", "resnet-101", "resnet-152"),
            *("wide-resnet-50-2", "resnext-50-32x4d", "densenet-121", "densenet-169", "densenet-201"),
            *("resnet-20-cifar", "wrn-28-10", "densenet-bc-100"),
            *("darknet-53", "xception", "regnet-y-400mf", "convnext-tiny"),
        ),
    ),
    DesignGroup("Attention and mixers", ("vit-b-16", "swin-t", "mobilevit-s", "mlp-mixer-b-16", "convmixer-768-32")),
    DesignGroup(
        "Mobile",
        (
            *("mobilenet-v1", "mobilenet-v2", "mobilenet-v3-small", "mobilenet-v3-large"),
            *("squeezenet-1.0", "squeezenet-1.1", "shufflenet-v2-x1.0", "mnasnet-1.0"),
            *("efficientnet-b0", "efficientnet-v2-s"),
        ),
    ),
    DesignGroup(
        "Segmentation and reconstruction", ("u-net", "segnet", "fcn-resnet50", "deeplabv3-resnet50", "conv-autoencoder")
    ),
    DesignGroup(
        "Detection, generation and points", ("yolov3-tiny", "dcgan-generator", "dcgan-discriminator", "pointnet")
    ),
    DesignGroup("Sequences and volumes", ("fcn-time-series", "m5-audio", "crnn", "c-lstm", "convlstm-video", "c3d")),
    DesignGroup("Several inputs", ("two-stream", "siamese-omniglot")),
)


def builtin_groups() -> tuple[DesignGroup, ...]:
    """Every built-in design in one group; those that no group names come last."""
    named = {stem for group in _GROUPS for stem in group.stems}
    rest = tuple(stem for stem in builtin_paths() if stem not in named)
    return (*_GROUPS, DesignGroup("More", rest)) if rest else _GROUPS


MAX_COURSE: Final = 200
"""Designs of a course that are shown."""


class Gallery(Struct, frozen=True):
    """The designs that are offered to begin with: their files by short name, and their groups in order."""

    paths: dict[str, Path]
    groups: tuple[DesignGroup, ...]


def gallery(course: Path | None = None, titles: Collection[str] = ()) -> Gallery:
    """The designs of a course, if its folder is there, and the built-in ones; of these the groups with these titles.

    All of them if no titles are given, or none of these is one.
    """
    given = course_designs(course) if course is not None else {}
    groups = builtin_groups()
    wanted = tuple(group for group in groups if group.title in titles) or groups
    own = (DesignGroup("Of this course", tuple(given)),) if given else ()
    return Gallery({**given, **builtin_paths()}, (*own, *wanted))


def course_designs(folder: Path) -> dict[str, Path]:
    """The design files in a folder by a short name that no built-in design has."""
    try:
        return {f"course/{path.stem}": path for path in sorted(folder.glob("*.yaml"))[:MAX_COURSE] if path.is_file()}
    except OSError:
        return {}


def is_of_course(path: Path, course: Path | None) -> bool:
    """True if a file is one of the designs of a course, which open as new ones, so that nobody overwrites them."""
    try:
        return course is not None and path.resolve().parent == course.resolve()
    except (OSError, ValueError):
        return False
