"""Whatever a person, a file or a terminal may give: drawn at random, valid, nearly valid and wild.

Beside each surface stands the strategy that draws what reaches it:

===================  =======================  ==============================================
``test_scenarios``   ``scenarios, programs``  texts of scenarios, and what is computed of them
``test_questions``   ``scenarios``            what the debugger claims about their numbers
``test_panes``       ``scenarios``            what the screen draws of them
``test_sessions``    ``lines``                lines of the command language, whole sessions
``test_replays``     ``replays``              recorded walks, files of commands
``test_keys``        ``keys``                 keys, mouse, sizes of the terminal
``test_keymap``      ``settings``             the person's configuration
``test_arguments``   ``arguments``            the words of the command line
``test_stored``      ``stored``               arrays in files
===================  =======================  ==============================================

A default run takes a few seconds of it. Some ten minutes of it:

    HYPOTHESIS_PROFILE=long .venv/bin/pytest tests/fuzz

Nothing drawn is larger than `LIMITS` allows by far: what is tried is our own guard, and not what
lies behind it.
"""
