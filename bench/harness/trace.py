"""trace.py EXECUTABLE OUTPUT [ARGUMENT...]: runs a native executable, and records which of its methods run.

The executable must have its symbols, be for x86-64 and be linked to a fixed address. Each method has a breakpoint, which
is removed at its first hit. SIGUSR1 discards the recorded hits, and sets all breakpoints again. OUTPUT is written when the
process has ended, with one line per method: its class and name, in the order of the first hits.
"""

import ctypes
import ctypes.util
import os
import re
import signal
import subprocess
import sys

TRACE_ME, CONT, GETREGS, SETREGS, SET_OPTIONS = 0, 7, 12, 13, 0x4200
TRACE_CLONE, EXIT_KILL = 0x8, 0x100000
ALL_THREADS = 0x40000000
RIP = 16  # index in user_regs_struct on x86-64
BREAKPOINT = b"\xcc"
SYMBOL = re.compile(r"([0-9a-f]+) t (\S+)_[A-Za-z0-9]{22}$", re.MULTILINE)  # the suffix is a hash of the signature

libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def ptrace(request, thread, data=None):
    if libc.ptrace(request, thread, None, data) == -1:
        raise OSError(ctypes.get_errno(), f"ptrace {request} of thread {thread}")


class Trace:
    def __init__(self, executable, arguments):
        listing = subprocess.run(["nm", executable], check=True, capture_output=True, text=True).stdout
        self.names = {int(address, 16): name for address, name in SYMBOL.findall(listing)}
        if not self.names:
            raise RuntimeError(f"{executable} has no symbols of methods")
        self.process = subprocess.Popen([executable, *arguments], preexec_fn=lambda: ptrace(TRACE_ME, 0))
        os.waitpid(self.process.pid, 0)  # the process stops after exec
        ptrace(SET_OPTIONS, self.process.pid, TRACE_CLONE | EXIT_KILL)
        self.memory = os.open(f"/proc/{self.process.pid}/mem", os.O_RDWR)
        self.start = min(self.names)
        self.code = os.pread(self.memory, max(self.names) + 1 - self.start, self.start)
        self.reset()
        self.wants_reset = False
        ptrace(CONT, self.process.pid)

    def want_reset(self, *_):
        """Sets the breakpoints at the next stop, because the signal can arrive while a breakpoint is being removed."""
        self.wants_reset = True

    def reset(self):
        self.met = {}
        code = bytearray(self.code)
        for address in self.names:
            code[address - self.start] = BREAKPOINT[0]
        os.pwrite(self.memory, code, self.start)

    def run(self):
        """Runs until the process has ended; returns its exit code."""
        while True:
            thread, status = os.waitpid(-1, ALL_THREADS)
            if self.wants_reset:
                self.wants_reset = False
                self.reset()
            if os.WIFSTOPPED(status):
                self.stopped(thread, os.WSTOPSIG(status), status >> 16)
            elif thread == self.process.pid:
                return os.waitstatus_to_exitcode(status)

    def stopped(self, thread, stopped_by, event):
        if event or stopped_by == signal.SIGSTOP:
            stopped_by = 0  # a thread that has created another thread, or a new thread
        elif stopped_by == signal.SIGTRAP:
            stopped_by = 0
            self.at_breakpoint(thread)
        try:
            ptrace(CONT, thread, stopped_by)
        except ProcessLookupError:
            pass  # the thread has ended in the meantime

    def at_breakpoint(self, thread):
        registers = (ctypes.c_ulonglong * 27)()
        ptrace(GETREGS, thread, registers)
        address = registers[RIP] - 1
        if address not in self.names:
            raise RuntimeError(f"stopped at {address:x}, where no method begins")
        # Another thread may have hit the breakpoint at the same time.
        if self.met.setdefault(address, len(self.met)) == len(self.met) - 1:
            at = address - self.start
            os.pwrite(self.memory, self.code[at : at + 1], address)
        registers[RIP] = address
        ptrace(SETREGS, thread, registers)


def main():
    executable, output, *arguments = sys.argv[1:]
    trace = Trace(executable, arguments)
    signal.signal(signal.SIGUSR1, trace.want_reset)
    signal.signal(signal.SIGTERM, lambda *_: trace.process.send_signal(signal.SIGTERM))
    code = trace.run()
    with open(output, "w", encoding="utf-8") as file:
        file.writelines(f"{name}\n" for name in dict.fromkeys(trace.names[address] for address in trace.met))
    return code


if __name__ == "__main__":
    sys.exit(main())
