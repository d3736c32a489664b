"""How fast it is, as ratios that anyone can measure: ``python -m tests.benchmarks``.

    python -m tests.benchmarks                  every benchmark, a few minutes
    python -m tests.benchmarks --quick          the same at small size, to see that it runs
    python -m tests.benchmarks start keys       some of them

It stands apart from the tests because time is measured, never asserted: a slow machine fails
nothing, and the exit status is always 0.

Method. Each program runs in a pseudo-terminal of its own, 120×40, ``TERM=xterm-256color``. Ours and
a bare Textual app (`bare_app`: header, label, footer, Textual's default settings) take turns in the
same run, after a warm-up that writes their bytecode. While a program draws, nothing is done but
stamping each read with its time; afterwards the bytes are replayed on an emulated screen, and the
time counts from the start, or the key, to the read that last changed the screen. Medians are
compared, since a machine always does something else too.

    start      from exec to the first full screen
    keys       from a step key to the repainted screen
    timeline   ``trace.timeline[k]`` for random k of 10⁹ steps, and the memory it takes
    rerun      forward and backward again, against NumPy by hand, autograd, PyTorch and micrograd
    imports    what ``import tui_backprop`` loads, and how long it takes

Last measured of ``rerun`` (CPython 3.11.7, 2 CPUs, NumPy 2.4.6, one thread), our time by theirs:

    MLP 8-16-4, one vector          NumPy by hand 5.7   autograd 0.23   PyTorch 0.75
    a chain of 1,000 ops            autograd 0.17   PyTorch 0.67
    micrograd's demo, node by node  micrograd 2.6
    MLP 784-512-10, batch 256       NumPy by hand 1.18
"""
