"""The sentences of the product, in English and Chinese.

They stand apart from what they describe so that a translator finds all of them in one place, and a
test can see that no language lacks one.
"""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, dict[str, str]]] = {
    "en": {
        "input": "{name} is an input: the walk ends with its gradient.",
        "const": "{name} is a constant: no gradient flows into it.",
        "op": "{name} is computed from {parents}: {summary}.",
        "seed": "v is placed on {name}. backward(v) computes vᵀJ: entry i is the sum over j of "
        "v_j times the partial of y_j by x_i.",
        "seed_ones": "v was left out, so all ones are assumed. PyTorch would raise here, since "
        "{name} has {count} entries.",
        "seed_one": "v was left out; {name} is one number, so v is 1.",
        "zero_grad": "Every gradient is set to 0. What comes next does not add to what was.",
        "partial": "{y} depends on {x} with slope {slope}, and {v} is {v_value}: "
        "{x} receives {contribution}.",
        "structural_zero": "{y} does not read {x}: the slope is 0 whatever the numbers are.",
        "picked_zero": "{y} does not read {x}: the data of {op} pick other entries.",
        "dead": "The slope of {y} in {x} is 0 here, so nothing arrives.",
        "kink": "At a kink the slope is a choice, the same as PyTorch's: {convention}.",
        "whole": "{op} is pulled back as a whole, by a formula for all of it: adding this term "
        "would give {sum}.",
        "whole_only": "No partial is different from 0 whatever the numbers are, but a formula for "
        "a whole op makes what is not finite of v.",
        "no_gradient": "Nothing reaches an input from here: no step goes backward.",
        "J_later": "J comes with the backward pass: rows are outputs, columns are inputs.",
        "v_later": "v comes with the seed.",
        "pending": "computing …",
        "total": "whole graph",
        "forward": "forward in time",
        "playing": "playing",
        "paused": "paused",
        "away": "left",
        "replay_line": "a line on, back",
        "replay_chapter": "chapters",
        "replay_play": "play, pause",
        "replay_speed": "speed",
        "replay_return": "return to the replay",
        "reverse": "back in time",
        "step": "step",
        "build": "BUILD",
        "seed_phase": "SEED",
        "backward": "BACKWARD",
        "zero_phase": "ZERO_GRAD",
        "pass": "pass {number} of {count}",
        "pulling": "pulling back into {name}",
        "pulling_argument": "pulling back into {name}, argument {number}",
        "seed_here": "v is placed here",
        "rows_columns": "rows {y}, columns {x}",
    },
    "zh": {
        "input": "{name} 是输入：走到最后就得到它的梯度。",
        "const": "{name} 是常量：梯度不会流向它。",
        "op": "{name} 由 {parents} 算出：{summary}。",
        "seed": "把 v 放到 {name} 上。backward(v) 计算 vᵀJ："
        "第 i 个分量是 v_j 乘以 y_j 对 x_i 的偏导数，再对 j 求和。",
        "seed_ones": "没有给出 v，于是当作全 1。{name} 有 {count} 个分量，PyTorch 在这里会报错。",
        "seed_one": "没有给出 v；{name} 是一个数，所以 v 为 1。",
        "zero_grad": "所有梯度清零。后面的结果不再加到以前的上面。",
        "partial": "{y} 对 {x} 的斜率是 {slope}，{v} 是 {v_value}：{x} 得到 {contribution}。",
        "structural_zero": "{y} 不读取 {x}：无论数值如何，斜率都是 0。",
        "picked_zero": "{y} 不读取 {x}：{op} 的数据选中的是别的分量。",
        "dead": "{y} 对 {x} 的斜率在这里是 0，所以什么也传不过来。",
        "kink": "在折点处斜率是约定的，与 PyTorch 相同：{convention}。",
        "whole": "{op} 是用一个公式整体反传的：把这一项加上去本应得到 {sum}。",
        "whole_only": "无论数值如何，没有不为 0 的偏导数；但整个运算的公式由 v 得出了非有限的数。",
        "no_gradient": "从这里到不了任何输入：没有反向的步骤。",
        "J_later": "J 在反向传播时出现：行是输出，列是输入。",
        "v_later": "v 在放置种子时出现。",
        "pending": "正在计算……",
        "total": "整个计算图",
        "forward": "向前",
        "playing": "播放中",
        "paused": "已暂停",
        "away": "已离开",
        "replay_line": "前进、后退一行",
        "replay_chapter": "章节",
        "replay_play": "播放、暂停",
        "replay_speed": "速度",
        "replay_return": "回到回放",
        "reverse": "后退",
        "step": "步",
        "build": "构图",
        "seed_phase": "种子",
        "backward": "反向",
        "zero_phase": "清零",
        "pass": "第 {number}/{count} 遍",
        "pulling": "向 {name} 反传",
        "pulling_argument": "向 {name} 反传（第 {number} 个参数）",
        "seed_here": "v 放在这里",
        "rows_columns": "行 {y}，列 {x}",
    },
}


def phrase(language: str, key: str, **values: object) -> str:
    """A sentence in a language; English where the language is not known."""
    return PHRASES.get(language, PHRASES["en"])[key].format(**values)
