"""``python -m tui_backprop`` is ``tui-backprop``.

It stands apart because Python looks for exactly this file.
"""

import sys

from tui_backprop.cli import main

if __name__ == "__main__":
    sys.exit(main())
