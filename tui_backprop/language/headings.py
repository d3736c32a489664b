"""The words that a printed walk is divided by, in English and Chinese.

They stand apart so that the transcript and the documents call the same things by the same words,
and a translator finds all of them in one place.
"""

from __future__ import annotations

from typing import Final

HEADINGS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "source": "source",
        "program": "program",
        "build": "build",
        "backward": "backward from {name}",
        "zero_grad": "zero_grad",
        "gradients": "gradients",
        "edge": "{op}, argument {number}",
        "nonzeros": "{most} of {all} can be non-zero",
        "step": "step",
        "node": "node",
        "op": "op",
        "shape": "shape",
        "written": "written",
        "value": "value",
        "unknown": "{unknown} is an entry that is not computed yet, {times} multiplies.",
        "cut": "of J and v the first entries and the last are shown",
        "changed": "The scenario is another file than the one that was recorded.",
        "dropped": "The last line was cut short and is left out: {line}",
        "holds": "ok: {text}",
        "fails": "FAILED, line {line}: expected {text}, found {found}",
        "failures": "{count} of {all} assertions failed",
    },
    "zh": {
        "source": "来源",
        "program": "程序",
        "build": "构图",
        "backward": "从 {name} 反向",
        "zero_grad": "清零",
        "gradients": "梯度",
        "edge": "{op} 的参数 {number}",
        "nonzeros": "{all} 个中有 {most} 个可能非零",
        "step": "步",
        "node": "节点",
        "op": "运算",
        "shape": "形状",
        "written": "写法",
        "value": "值",
        "unknown": "{unknown} 表示尚未算出的分量，{times} 是乘号。",
        "cut": "J 和 v 只列出开头和末尾的分量",
        "changed": "场景文件与录制时的不同。",
        "dropped": "最后一行不完整，已略去：{line}",
        "holds": "成立：{text}",
        "fails": "不成立，第 {line} 行：应有 {text}，实际 {found}",
        "failures": "{all} 条断言中有 {count} 条不成立",
    },
}


def heading(language: str, key: str, **values: object) -> str:
    """A heading in a language; English where the language is not known."""
    return HEADINGS.get(language, HEADINGS["en"])[key].format(**values)
