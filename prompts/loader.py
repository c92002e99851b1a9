"""Prompt files: `<kind>/<version>.yaml`, checked as they are read and rendered by putting values in once.

A variable stands as `{{name}}`. Values are put in in one pass and are never read as templates themselves, so that no
text of a document or a user can become part of the instructions.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import yaml

Role = Literal["system", "user", "assistant"]
_ROLES = ("system", "user", "assistant")
_NAME = re.compile(r"([a-z][a-z0-9_]*)/(v[1-9][0-9]*)")
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_STRAY = re.compile(r"\{\{")  # «}}» also closes JSON

VARIABLES: Mapping[str, frozenset[str]] = {
    "answer": frozenset({"boundary", "language", "passages", "ledger", "history", "question"}),
    "repair": frozenset({"boundary", "language", "faults"}),
    "condense": frozenset({"boundary", "language", "history", "question"}),
    "facts": frozenset({"boundary", "passage", "known"}),
    "grade": frozenset({"boundary", "language", "question", "answer", "quotes", "rubric"}),
}
"""What the house gives to the prompts of each kind."""

_NEEDED: Mapping[str, frozenset[str]] = {
    "answer": frozenset({"boundary", "language", "passages", "question"}),
    "repair": frozenset({"faults"}),
    "condense": frozenset({"boundary", "history", "question"}),
    "facts": frozenset({"boundary", "passage"}),
    "grade": frozenset({"boundary", "question", "answer", "quotes", "rubric"}),
}
"""Without these a prompt of the kind cannot work."""


class BadPrompt(ValueError):
    """A prompt that is missing or that breaks the rules; the messages name the file and what was expected."""

    def __init__(self, name: str, arabic: str, english: str) -> None:
        self.message_ar = f"الموجّه {name}: {arabic}"
        self.message_en = f"prompt {name}: {english}"
        super().__init__(self.message_en)


@dataclass(frozen=True, slots=True)
class PromptSettings:
    """How the model is asked; a `temperature` of None leaves it to the provider."""

    temperature: float | None
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Message:
    """A part of the conversation, as a template or rendered."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One version of a prompt; published versions never change."""

    kind: str
    version: str
    changelog: str
    variables: tuple[str, ...]
    messages: tuple[Message, ...]
    settings: PromptSettings

    @property
    def name(self) -> str:
        """Such as answer/v1: what answers carry."""
        return f"{self.kind}/{self.version}"

    @property
    def instructions(self) -> str:
        """The fixed text of all messages, without variables: what no answer may repeat."""
        return "\n".join(_VARIABLE.sub(" ", m.text) for m in self.messages)

    def render(self, values: Mapping[str, str]) -> tuple[Message, ...]:
        """The messages with their values. Raises KeyError for a variable without a value; others are left out."""
        return tuple(Message(m.role, _VARIABLE.sub(lambda v: values[v[1]], m.text)) for m in self.messages)


def load_prompt(name: str, folder: Path | None = None) -> Prompt:
    """The prompt of that name ("answer/v1") in `folder`, the shipped one without. Raises BadPrompt."""
    match = _NAME.fullmatch(name)
    if not match:
        raise BadPrompt(name, "الاسم بصيغة answer/v1", "a name looks like answer/v1")
    path = prompt_path(name, folder)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(n for n in list_prompts(folder) if n.startswith(f"{match[1]}/")) or "–"
        raise BadPrompt(name, f"لا يوجد؛ المتاح: {known}", f"there is none; available: {known}") from error
    return parse_prompt(match[1], match[2], text)


def prompt_path(name: str, folder: Path | None = None) -> Path:
    """Where the file of a prompt lies."""
    return (folder or Path(__file__).parent) / f"{name}.yaml"


def list_prompts(folder: Path | None = None) -> list[str]:
    """The names of all prompts, kinds in order of the alphabet, versions of their number."""
    root = folder or Path(__file__).parent
    found = [_NAME.fullmatch(f"{p.parent.name}/{p.stem}") for p in root.glob("*/v*.yaml")]
    return [m[0] for m in sorted((m for m in found if m), key=lambda m: (m[1], int(m[2][1:])))]


def parse_prompt(kind: str, version: str, text: str) -> Prompt:
    """A prompt from the text of its file. Raises BadPrompt naming the first rule that it breaks."""
    name = f"{kind}/{version}"
    if kind not in VARIABLES:
        kinds = ", ".join(VARIABLES)
        raise BadPrompt(name, f"نوع غير معروف؛ الأنواع: {kinds}", f"unknown kind; the kinds are {kinds}")
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" {where.line + 1}" if where is not None else ""
        raise BadPrompt(name, f"ليس YAML صالحاً، السطر{line}", f"not valid YAML, line{line}") from error
    top = _mapping(name, "file", data, {"changelog", "variables", "settings", "messages"})
    changelog = top["changelog"]
    if not isinstance(changelog, str) or not changelog.strip():
        raise BadPrompt(name, "changelog سطر يقول ما الجديد", "changelog is a line that says what is new")
    messages = _messages(name, top["messages"])
    return Prompt(
        kind, version, changelog.strip(), _variables(name, kind, top["variables"], messages), messages,
        _settings(name, top["settings"]),
    )  # fmt: skip


def _mapping(name: str, what: str, data: object, keys: set[str]) -> dict[str, Any]:
    """A mapping with exactly these keys."""
    if not isinstance(data, dict):
        raise BadPrompt(name, f"{what}: المتوقع مفاتيح وقيم", f"{what}: expected keys and values")
    unknown, missing = sorted(map(str, data.keys() - keys)), sorted(keys - data.keys())
    if unknown:
        raise BadPrompt(name, f"{what}: مفتاح غير معروف {unknown[0]}", f"{what}: unknown key {unknown[0]}")
    if missing:
        raise BadPrompt(name, f"{what}: ينقص المفتاح {missing[0]}", f"{what}: missing key {missing[0]}")
    return cast("dict[str, Any]", data)


def _messages(name: str, data: object) -> tuple[Message, ...]:
    if not isinstance(data, list) or not data:
        raise BadPrompt(name, "messages: المتوقع قائمة", "messages: expected a list")
    found = []
    for i, item in enumerate(data, 1):
        row = _mapping(name, f"message {i}", item, {"role", "text"})
        if row["role"] not in _ROLES or not isinstance(row["text"], str) or not row["text"].strip():
            roles = ", ".join(_ROLES)
            raise BadPrompt(
                name, f"الرسالة {i}: الدور أحد {roles} ومعه نص", f"message {i}: a role of {roles}, and a text"
            )
        if _STRAY.search(_VARIABLE.sub("", row["text"])):
            raise BadPrompt(name, f"الرسالة {i}: قوسان بلا اسم متغير", f"message {i}: braces without a variable's name")
        found.append(Message(row["role"], row["text"]))
    return tuple(found)


def _variables(name: str, kind: str, data: object, messages: tuple[Message, ...]) -> tuple[str, ...]:
    if not isinstance(data, list) or not all(isinstance(v, str) for v in data) or len(set(data)) < len(data):
        raise BadPrompt(
            name, "variables: المتوقع قائمة أسماء بلا تكرار", "variables: expected a list of names, each once"
        )
    declared = set(data)
    used = {v for m in messages for v in _VARIABLE.findall(m.text)}
    for bad, arabic, english in (
        (used - declared, "متغير مستعمل غير معلن", "variable used and not declared"),
        (declared - used, "متغير معلن غير مستعمل", "variable declared and not used"),
        (declared - VARIABLES[kind], "متغير لا يُعطى لهذا النوع", "variable that this kind is not given"),
        (_NEEDED[kind] - declared, "متغير لا بد منه", "variable that this kind needs"),
    ):
        if bad:
            raise BadPrompt(name, f"{arabic}: {min(bad)}", f"{english}: {min(bad)}")
    return tuple(data)


def _settings(name: str, data: object) -> PromptSettings:
    row = _mapping(name, "settings", data, {"temperature", "max_tokens"})
    temperature, tokens = row["temperature"], row["max_tokens"]
    number = isinstance(temperature, int | float) and not isinstance(temperature, bool) and 0 <= temperature <= 2
    if temperature is not None and not number:
        raise BadPrompt(name, "temperature: من 0 إلى 2 أو null", "temperature: 0 to 2, or null")
    if not isinstance(tokens, int) or isinstance(tokens, bool) or not 16 <= tokens <= 32_000:
        raise BadPrompt(name, "max_tokens: عدد من 16 إلى 32000", "max_tokens: a number from 16 to 32000")
    return PromptSettings(None if temperature is None else float(temperature), tokens)
