"""What the options of a prompt test choose: versions of prompts, models, a grader, and who gets the key."""

from collections.abc import Sequence

from answering.chat import ChatConfig
from answering.usage import Limits
from commands.compose import fail
from commands.prompt_columns import EXTRACTIVE, Responses, chat_model, contestants
from evaluation.grader import Grader
from evaluation.runs import Contestant
from prompts.loader import load_prompt
from settings import Settings

_KINDS = ("answer", "repair", "condense", "grade")
_RUBRIC = "The answer says what was asked, wholly and plainly, and nothing that its quotes do not say."


def chosen_columns(
    config: Settings, prompts: Sequence[str], models: Sequence[str], grader: str | None, responses: Responses
) -> list[Contestant]:
    """The columns that are asked for; by default the extractive answerer and the model of the settings.

    Raises BadPrompt, ChatSetup; ends the command where versions and models do not go together.
    """
    for name in prompts:
        if name.partition("/")[0] not in _KINDS:
            kinds = ", ".join(_KINDS)
            fail(
                f"لا يُختبر الموجّه {name} بالأسئلة؛ الأنواع التي تُختبر: {kinds}",
                f"the prompt {name} takes no part in answering; kinds that can be tested: {kinds}",
            )
    named = [name for name in dict.fromkeys(prompts) if not name.startswith("grade/")]
    names = list(dict.fromkeys(models)) or [EXTRACTIVE, *([config.chat_model] if config.chat_model else [])]
    chats = [None if name == EXTRACTIVE else chat_for(config, name, (*models, grader)) for name in names]
    if named and not any(chats):
        fail(
            "الموجّهات تحتاج إلى نموذج: سمّه بالخيار --model أو بالإعداد SANAD_CHAT_MODEL",
            "prompts need a model: name one with --model or in SANAD_CHAT_MODEL",
        )
    limits = Limits(config.chat_seconds, config.chat_calls, config.chat_tokens)
    return contestants(named, _fixed(config, named), chats, responses, limits, config.prompts_dir)


def chosen_grader(
    config: Settings, prompts: Sequence[str], models: Sequence[str], name: str | None, responses: Responses
) -> Grader | None:
    """The grader that was named, with the version of its prompt. Raises BadPrompt, ChatSetup."""
    if name is None:
        return None
    version = next((p for p in prompts if p.startswith("grade/")), "grade/v1")
    prompt = load_prompt(version, config.prompts_dir)
    return Grader(chat_model(prompt, chat_for(config, name, (*models, name)), responses, 0), prompt, _RUBRIC)


def _fixed(config: Settings, named: Sequence[str]) -> list[str]:
    """Of every kind in use that is not named, the version that the settings choose."""
    used = {"answer": config.prompt_answer, "repair": config.prompt_repair}
    if config.chat_condense == "model":
        used["condense"] = config.prompt_condense
    return [f"{k}/{v}" for k, v in used.items() if not any(n.startswith(f"{k}/") for n in named)]


def chat_for(config: Settings, name: str, all_named: Sequence[str | None]) -> ChatConfig:
    """The server and the key of the settings are their model's; without one, those of the only provider that is named.

    No other provider gets to see them.
    """
    providers = {n.partition(":")[0] for n in all_named if n and n != EXTRACTIVE}
    owner = config.chat_model.partition(":")[0] if config.chat_model else providers.pop() if len(providers) == 1 else ""
    own = name.partition(":")[0] == owner
    return ChatConfig(name, config.chat_url if own else None, config.chat_key if own else None, config.chat_output)
