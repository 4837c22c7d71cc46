"""The text format of Protocol Buffers: fields that are numbers, words, texts, or messages in braces.

https://protobuf.dev/reference/protobuf/textformat-spec/
"""

from __future__ import annotations

import re
from typing import Any

from cnnstudio.formats.foreign.refusals import NotUnderstood

MAX_DEPTH = 50
MAX_TOKENS = 2_000_000
_TOKEN = re.compile(
    r"""[\s,;]+|\#[^\n]*|(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(?P<word>[A-Za-z_][\w./-]*)"""
    r"""|(?P<number>[-+]?(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)f?)|(?P<sign>[{}<>:\[\]-])"""
)


class Message(dict[str, list[Any]]):
    """The fields of a message, each with all its values in their order."""

    def all(self, *names: str) -> list[Any]:
        """Every value of the first of these fields that is there."""
        return next((self[name] for name in names if name in self), [])

    def one(self, name: str, default: Any = None) -> Any:
        """The last value of a field, as protobuf takes it."""
        values = self.get(name)
        return values[-1] if values else default

    def message(self, name: str) -> Message:
        """A field that is a message, an empty one if it is not there."""
        value = self.one(name)
        return value if isinstance(value, Message) else Message()


def parse(text: str) -> Message:
    """A whole text; NotUnderstood, with the line, where it is none."""
    tokens = _tokens(text)
    message, at = _message(tokens, 0, "", 0)
    if at < len(tokens):
        raise NotUnderstood(f"line {tokens[at][2]}: '{tokens[at][1]}' closes what was not opened.")
    return message


Token = tuple[str, str, int]
"""Kind, text and line."""


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    at, line = 0, 1
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.end() == at:
            raise NotUnderstood(f"line {line}: {text[at : at + 20]!r} is not the text format of Caffe.")
        if match.lastgroup is not None:
            tokens.append((match.lastgroup, match.group(), line))
            if len(tokens) > MAX_TOKENS:
                raise NotUnderstood(f"holds more than {MAX_TOKENS:,} words, and so many are not read.")
        line += text.count("\n", at, match.end())
        at = match.end()
    return tokens


def _message(tokens: list[Token], at: int, closing: str, depth: int) -> tuple[Message, int]:
    if depth > MAX_DEPTH:
        raise NotUnderstood("nests its messages too deeply.")
    message = Message()
    while at < len(tokens):
        kind, text, line = tokens[at]
        if text == closing and kind == "sign":
            return message, at + 1
        if kind != "word":
            if text in ("}", ">") and not closing:
                return message, at
            raise NotUnderstood(f"line {line}: '{text[:30]}' stands where the name of a field is expected.")
        value, at = _value(tokens, at + 1, depth, line)
        message.setdefault(text, []).extend(value)
    if closing:
        raise NotUnderstood(f"ends where '{closing}' is expected.")
    return message, at


def _value(tokens: list[Token], at: int, depth: int, line: int) -> tuple[list[Any], int]:
    """The values of a field: one, or a list in brackets."""
    if at < len(tokens) and tokens[at][1] == ":":
        at += 1
    if at >= len(tokens):
        raise NotUnderstood(f"line {line}: a field without a value.")
    kind, text, _ = tokens[at]
    if kind == "sign" and text in "{<":
        message, at = _message(tokens, at + 1, "}" if text == "{" else ">", depth + 1)
        return [message], at
    if kind == "sign" and text == "[":
        values: list[Any] = []
        at += 1
        while at < len(tokens) and tokens[at][1] != "]":
            more, at = _value(tokens, at, depth + 1, line)
            values.extend(more)
        return values, at + 1
    return [_scalar(kind, text, line)], at + 1


def _scalar(kind: str, text: str, line: int) -> Any:
    if kind == "text":
        return text[1:-1].replace("\\n", "\n").replace('\\"', '"').replace("\\'", "'")
    if kind == "word":
        return {"true": True, "false": False}.get(text, text)
    if kind == "number":
        # `1.0f` is a float of protobuf's; in `0x1f` the letter is a digit.
        plain = text.rstrip("f") if "x" not in text.lower() else text
        # A leading zero is octal for protobuf and an error for Python: read as a float, it is refused where a size is
        # needed.
        return int(plain, 0) if re.fullmatch(r"[-+]?(0[xX][\da-fA-F]+|[1-9]\d{0,18}|0)", plain) else float(plain)
    raise NotUnderstood(f"line {line}: '{text}' stands where a value is expected.")
