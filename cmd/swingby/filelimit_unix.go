//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// A file that would grow past the limit on files (ulimit -f) is an error of who writes it, a cell or the history, and not
// the end of the process, which Go makes of the signal. Commands that cells start have the signal as ever.
func init() { signal.Notify(make(chan os.Signal, 1), syscall.SIGXFSZ) }
