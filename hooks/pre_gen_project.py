"""Stops wrong choices before anything is rendered."""

import sys

if sys.version_info < (3, 11):
    sys.stderr.write("error: serverless-py needs Python 3.11 or newer, Cookiecutter runs on an older one\n")
    sys.exit(2)

sys.path.insert(0, {{ template_root | tojson }})

from generator.cookiecutter_route import pre_gen_project  # noqa: E402

pre_gen_project(r'''{{ cookiecutter | tojson }}''')
