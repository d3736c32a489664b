"""NumPy functions as people write them, after what the examples of autograd are described to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

Random = np.random.Generator


def rosenbrock(x: Any) -> Any:
    """The banana valley."""
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def tanh(x: Any) -> Any:
    """By its exponentials."""
    y = np.exp(-2.0 * x)
    return (1.0 - y) / (1.0 + y)


def taylor_sine(x: Any) -> Any:
    """The sine as a series, as many terms as the numbers ask for."""
    total = term = x
    for i in range(1000):
        term = -term * x * x / ((2 * i + 3) * (2 * i + 2))
        total = total + term
        if np.abs(term) < 0.2:
            break
    return total


def sigmoid(x: Any) -> Any:
    """Written with a tanh."""
    return 0.5 * (np.tanh(x) + 1)


def logistic_regression(weights: Any, inputs: Any, targets: Any) -> Any:
    """The likelihood of labels."""
    predictions = sigmoid(np.dot(inputs, weights))
    label_probabilities = predictions * targets + (1 - predictions) * (1 - targets)
    return -np.sum(np.log(label_probabilities))


def log_sum_exp(x: Any, axis: int) -> Any:
    """Guarded by its maximum."""
    top = np.max(x, axis=axis, keepdims=True)
    return np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top


def neural_net(params: Any, inputs: Any, targets: Any, penalty: float = 0.1) -> Any:
    """A classifier of several layers, with a prior on its weights."""
    for W, b in params:
        outputs = np.dot(inputs, W) + b
        inputs = np.tanh(outputs)
    log_prior = -penalty * sum(np.sum(W**2) + np.sum(b**2) for W, b in params)
    log_likelihood = np.sum((outputs - log_sum_exp(outputs, 1)) * targets)
    return -log_prior - log_likelihood


def rnn(params: Any, sequence: Any) -> Any:
    """A recurrent net that predicts the next step, its loss summed up in place."""
    hidden = np.repeat(params["init"], sequence.shape[1], axis=0)
    loss = 0.0
    for t in range(len(sequence) - 1):
        joined = np.hstack((sequence[t], hidden, np.ones((hidden.shape[0], 1))))
        hidden = np.tanh(np.dot(joined, params["change"]))
        ones = np.ones((hidden.shape[0], 1))
        logits = np.dot(np.concatenate([hidden, ones], axis=1), params["predict"])
        loss -= np.sum((logits - log_sum_exp(logits, 1)) * sequence[t + 1])
    return loss / (len(sequence) - 1)


def lstm(params: Any, sequence: Any) -> Any:
    """Its gates written out, its cells multiplied and added."""

    def layer(weights: Any, *parts: Any) -> Any:
        joined = np.hstack((*parts, np.ones((parts[0].shape[0], 1))))
        return np.dot(joined, weights)

    cells = hidden = np.zeros((sequence.shape[1], params["forget"].shape[1]))
    outputs = []
    for step in sequence:
        change = np.tanh(layer(params["change"], step, hidden))
        forget = sigmoid(layer(params["forget"], step, hidden))
        ingate = sigmoid(layer(params["ingate"], step, hidden))
        outgate = sigmoid(layer(params["outgate"], step, hidden))
        cells = cells * forget + ingate * change
        hidden = outgate * np.tanh(cells)
        outputs.append(np.mean(hidden, axis=0))
    return np.sum(np.array(outputs) ** 2)


def gaussian_mixture(params: Any, data: Any) -> Any:
    """The likelihood of points under several Gaussians with square roots of their precisions."""
    proportions, means, roots = params
    scores = []
    for log_proportion, mean, root in zip(proportions, means, roots, strict=True):
        apart = data - mean
        form = np.einsum("ij,jk,ik->i", apart, np.dot(root.T, root), apart)
        _, logdet = np.linalg.slogdet(np.dot(root.T, root))
        scores.append(log_proportion + 0.5 * (logdet - form - data.shape[1] * np.log(2 * np.pi)))
    return np.sum(log_sum_exp(np.vstack(scores), 0))


def fixed_point(a: Any) -> Any:
    """The square root by Newton's steps, until they stand still."""
    x = np.ones(np.shape(a))
    while True:
        new = 0.5 * (x + a / x)
        if np.abs(new - x).max() < 1e-6:
            return np.sum(new * a)
        x = new


def fluid(field: Any) -> Any:
    """Advection and projection on a grid with wrapped borders."""
    velocity, smoke = field[:, :, 0], field[:, :, 1]
    for _ in range(2):
        divergence = np.roll(velocity, 1, 0) - np.roll(velocity, -1, 0)
        pressure = np.zeros(velocity.shape)
        for _ in range(3):
            around = np.roll(pressure, 1, axis=0) + np.roll(pressure, -1, axis=1)
            pressure = (divergence + around) / 4.0
        velocity = velocity - (np.roll(pressure, -1, axis=0) - pressure)
        row, column = np.meshgrid(*map(np.arange, velocity.shape), indexing="ij")
        center = row.ravel() - velocity.ravel()
        top = np.floor(center.astype(int)).astype(int) % velocity.shape[0]
        share = np.clip(center - np.floor(center), 0.1, 0.9)
        smoke = (1 - share) * smoke[top, column.ravel()] + share * smoke.ravel()
        smoke = np.reshape(smoke, velocity.shape)
    return np.mean((smoke - 1.0) ** 2)


def gaussian_process(params: Any, inputs: Any, targets: Any) -> Any:
    """The marginal likelihood under a kernel of squared distances."""
    scale, noise = np.exp(params[0]), np.exp(params[1]) + 0.001
    apart = np.expand_dims(inputs / scale, 1) - np.expand_dims(inputs / scale, 0)
    covariance = np.exp(-0.5 * np.sum(apart**2, axis=2)) + noise * np.eye(len(targets))
    _, logdet = np.linalg.slogdet(covariance)
    return 0.5 * (targets @ np.linalg.solve(covariance, targets) + logdet)


def rkhs(alphas: Any, kernel: Any) -> Any:
    """A sum over dictionaries, the largest of them picked by Python's own max."""
    total = 0.0
    for x, alpha in alphas.items():
        total += max(alpha * kernel[x, y] for y in range(len(kernel)))
    return total


def variational(params: Any, seed: int) -> Any:
    """The evidence of a Gaussian by samples, drawn from a seed within."""
    mean, log_std = params[:2], params[2:]
    samples = np.random.default_rng(seed).normal(size=(10, 2)) * np.exp(log_std) + mean
    density = -0.5 * np.sum(samples**2, axis=1) - np.logaddexp(0, samples[:, 0])
    return 0.5 * len(mean) * (1.0 + np.log(2 * np.pi)) + np.sum(log_std) + np.mean(density)


def negative_binomial(params: Any, counts: Any) -> Any:
    """A likelihood whose power is a parameter."""
    r, p = np.exp(params[0]), sigmoid(params[1])
    return np.sum(counts * np.log(p) + r * np.log1p(-p) - np.hypot(r, counts))


def standard_layers(x: Any) -> Any:
    """What images go through: padding, windows, a maximum, a norm."""
    padded = np.pad(x, ((1, 1), (1, 1)))
    windows = np.stack([padded[i : i + 3, j : j + 3] for i in range(2) for j in range(2)])
    pooled = np.max(windows.reshape(4, -1), axis=0)
    normal = (pooled - pooled.mean()) / (pooled.std() + 1e-3)
    return np.linalg.norm(normal * np.linspace(-1, 1, 9)) + np.prod(1 + 0.1 * x) - np.var(x)


def examples(random: Random) -> list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]]:
    """Each function with arguments."""
    draw = random.normal
    hot = np.eye(3)[random.integers(0, 3, (4, 2))]
    gates = {name: 0.3 * draw(size=(6, 2)) for name in ("change", "forget", "ingate", "outgate")}
    return [
        (rosenbrock, (draw(size=2),), {}),
        (tanh, (1.5,), {}),
        (taylor_sine, (0.9,), {}),
        (logistic_regression, (draw(size=3), draw(size=(4, 3))),
         {"targets": np.array([True, True, False, True])}),
        (neural_net, ([(draw(size=(3, 4)), draw(size=4)), (draw(size=(4, 2)), draw(size=2))],
                      draw(size=(5, 3))), {"targets": np.eye(2)[[0, 1, 0, 0, 1]]}),
        (rnn, ({"init": draw(size=(1, 2)), "change": draw(size=(6, 2)),
                "predict": draw(size=(3, 3))},), {"sequence": hot}),
        (lstm, (gates,), {"sequence": hot}),
        (gaussian_mixture, ((draw(size=2), draw(size=(2, 2)), draw(size=(2, 2, 2))),),
         {"data": draw(size=(4, 2))}),
        (fixed_point, (random.uniform(0.5, 2.0, 3),), {}),
        (fluid, (0.3 * draw(size=(3, 4, 2)),), {}),
        (gaussian_process, (draw(size=2), draw(size=(4, 2))), {"targets": draw(size=4)}),
        (rkhs, ({0: 1.5, 2: -0.5},), {"kernel": draw(size=(3, 3))}),
        (variational, (draw(size=4),), {"seed": 3}),
        (negative_binomial, (draw(size=2),), {"counts": np.array([1, 4, 2])}),
        (standard_layers, (draw(size=(2, 2)),), {}),
    ]  # fmt: skip


NAMES: Final = [function.__name__ for function, _, _ in examples(np.random.default_rng(0))]
