"""Runs the AWS CLI for each list of arguments in standard input, in one process:
a start takes ten times as long as a command."""

import contextlib
import io
import json
import runpy
import sys


def run(aws, arguments):
    sys.argv = [aws, *arguments]
    stdout, stderr = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        try:
            runpy.run_path(aws, run_name="__main__")
            status = None
        except SystemExit as exit:
            status = exit.code
    return {"status": status or 0, "stdout": stdout.getvalue(), "stderr": stderr.getvalue()}


path = sys.argv[1]
print(json.dumps([run(path, arguments) for arguments in json.load(sys.stdin)]))
