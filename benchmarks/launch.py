"""Runs one command and prints what it cost: CPU seconds, peak KiB, exit status.

A process of its own, and a small one: what Linux reports as a child's peak memory is at least
that of the process which started it. Usage: launch.py COMMAND...
"""

import os
import sys

command = sys.argv[1:]
child = os.fork()
if child == 0:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.execv(command[0], command)
_, status, usage = os.wait4(child, 0)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
