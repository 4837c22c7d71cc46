"""PyYAML, as every module here is to import it: quickly."""

from cnnstudio.formats.yaml.later_patterns import patterns_compiled_later

with patterns_compiled_later("yaml"):
    import yaml

__all__ = ["yaml"]
