"""How fast it is, as ratios that anyone can measure: ``python -m tests.benchmarks``.

Time is measured, never asserted: a slow machine fails nothing, and the exit status is always 0.

    python -m tests.benchmarks                  every benchmark, a few minutes
    python -m tests.benchmarks --quick          the same at small size, to see that it runs
    python -m tests.benchmarks start keys       some of them

Method. Each program runs in a pseudo-terminal of its own, 120×40, ``TERM=xterm-256color``. Ours and
a bare Textual app (`bare_app`: header, label, footer, Textual's default settings) take turns in the
same run, after a warm-up that writes their bytecode. While a program draws, nothing is done but
stamping each read with its time; afterwards the bytes are replayed on an emulated screen, and the
time counts from the start, or the key, to the read that last changed the screen. Medians are
compared, since a machine always does something else too.

    start      from exec to the first full screen
    keys       from a step key to the repainted screen; many nodes and a big J against the seed
    hold       a key held down for half a minute: whether anything queues up behind it
    growth     load time, memory and a step from 10³ to 10⁶ nodes, against ``ast.parse``; a plot
    timeline   ``trace.timeline[k]`` for random k: sparse and dense ops, deep graphs; memory
    rerun      forward and backward again, against NumPy by hand, autograd, PyTorch and micrograd
    ops        each op of the table at 10⁴ entries, against NumPy and a VJP by hand
    replay     a replay of 10⁴ commands printed; one line back against one line forward
    load       large scenarios: seconds and memory of whole commands, with ``--against TREE`` beside
               those of another version
    before     what a person waits for in long walks, beside an earlier version of the same commands
    attach     a PyTorch pass recorded by the bare one; frames of a large model; where a NaN began
    imports    what ``import tui_backprop`` loads, and how long it takes

Last measured (CPython 3.11.7, Linux, 2 CPUs, NumPy 2.4.6, Textual 8.2.8, PyTorch 2.13.0), our time
by theirs, with the target and whether it was met:

    start      1.38                                          1.3   missed
    keys       the seed by the bare app 0.85                 1.0   met
               10⁵ nodes by the seed 0.84, backward 1.03     1.15  met
               J of 1000×1000 by the seed 1.09               1.15  met
               25 a second, idle and busy, by the bare app
               vector-double at 120×40 0.88, 0.88            1.0   met
               mlp-2-3-1 at 80×24 0.85, 0.86                 1.0   met
               attention-head at 160×48 0.84, 0.86           1.0   met
    hold       8 ms after the last of 1,200 keys             50 ms met
    growth     1.6 times ``ast.parse`` at 10⁵ nodes          25    met
               load time: exponent 0.99 from 10³ to 10⁶            met
               56 MB at 10⁵ nodes, whose arrays are 1.5 MB   63 MB met
    timeline   median 0.4 ms, W @ x and elementwise          1 ms  met
               median 0.8 ms, layer_norm of 8×8000           1 ms  met
               median 0.7 ms, 10⁵ nodes deep                 1 ms  met
               worst 12.9 ms of all                          16 ms met
    rerun      MLP 8-16-4: NumPy by hand 1.57                1.5   missed
                           autograd 0.056                    0.1   met
                           PyTorch 0.16                      0.25  met
               1,000 ops: NumPy by hand 1.15                 1.3   met
                          autograd 0.06, PyTorch 0.22        0.2, 0.5   met
               micrograd's demo, node by node 0.08           0.67  met
               MLP 784-512-10, batch 256, NumPy 1.17         1.05  missed
    ops        181 ops at 10⁴ entries: median 1.16           2     met
               the worst about 1.95, take, std                2     met
    load       why on 10⁶ × 10³ partials, zeros shown: 103 MB   150 MB met
               0.09 of the time before zeros were counted    0.1   met
               check of 10⁷ entries 796 MB                   1 GiB met
    replay     10⁴ commands printed in 1.8 s                 2 s   met
               a line back by a line forward 0.10            1     met
               opened by its scenario opened 1.04            1     missed
               of 10⁴ lines 1.06                             1     missed
    before     health of 10⁵ nodes 0.14, of vectors 0.17     0.08  missed
               compare of two equal walks 0.36               0.15  missed
               the last page of why, 10⁴ steps 0.042         0.02  missed
               a condition over prod(v) 0.032                0.05  met
               check of 10⁶ nodes 0.27, memory 0.24          0.2 missed, 0.4 met
               opening 10⁶ nodes 0.69, memory 0.83           0.6, 0.7   missed
               JSON of 10⁶ steps 0.14                        0.3   met
               of 10⁴ steps with their formulas 0.23         0.3   met
               a headless replay of 10⁴ lines 1.09           0.5   missed
    export     a step as CSV, and as JSON, by its frame
               W @ x 0.09 and 0.09                           0.3   met
               softmax and layer_norm 0.14 and 0.15          0.3   met
               8×8 over and over 0.15 and 0.14               0.3   met
               numbers 0.25 and 0.25                         0.3   met
               memory of ten times as many steps 1.2         1.2   met
    attach     a pass recorded: network 1.31, encoder 1.29   1.3   missed, met
               10,000 tiny nodes 2.14, forward 1.26          3, 2.5   met
               beyond two passes 0.92 s by norms, 0.71 s     1 s   met
               memory by gradients 2.25 by norms, 4.39       2     missed
               a frame 42 ms by norms, 23 ms                 100 ms   met
               origin of a NaN 0.05 s                        1 s   met
    page       of 10⁴ steps in Chromium: 0.67 and 1.48 MB    3 MB  met
               first paint 52 and 56 ms                      1 s   met
               key to repaint 17 ms, an empty page's 17 ms
               the worst of 1,600 keys 24 and 40 ms          50 ms met

What is left of the misses: importing NumPy, PyYAML and our own modules is nearly all that start
takes beyond the bare app; a replay loads the commands, to refuse a wrong line before the screen
opens. Of the small network's time two thirds are its NumPy calls, the rest is copying leaves, NumPy
told to be quiet, and making a `Trace`; the large one copies its leaves and keeps every value. What
takes long in a walk of 10⁵ nodes is to load and to evaluate it, no more what is asked of it; of a
check it is PyTorch, which runs every op. A replay writes each step for itself. In a table a small
edge costs as many calls into NumPy as a large one.
"""
