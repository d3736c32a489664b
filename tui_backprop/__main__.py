"""``python -m tui_backprop`` is ``tui-backprop``."""

import sys

from tui_backprop.cli import main

if __name__ == "__main__":
    sys.exit(main())
