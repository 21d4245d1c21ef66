"""``python -m vbpmeasure`` is the same as the ``vbpmeasure`` command."""

from vbpmeasure.cli.entry import main

if __name__ == "__main__":
    main()
