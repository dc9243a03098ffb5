package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"

	"swingby/kernel/history"
	"swingby/kernel/repl"
)

func runREPL(ctx context.Context, fs *flag.FlagSet, args []string) error {
	var pictures string
	noHistory := false
	fs.StringVar(&pictures, "pictures", "auto", "how pictures show: `kitty`, iterm2, sixel, none, or auto for what the terminal can")
	fs.BoolVar(&noHistory, "no-history", false, "neither read nor keep the history of cells")
	if err := none(fs, args); err != nil {
		return err
	}
	o := repl.Options{Banner: fmt.Sprintf("Swingby %s, %s. %%help lists magics, NAME? describes a name, Ctrl-D ends.", programVersion(), runtime.Version())}
	var err error
	if o.Pictures, err = repl.ParsePictures(pictures, os.Stdin, os.Stdout); err != nil {
		return usagef("%v", err)
	}
	if !noHistory {
		if o.History, err = history.DefaultPath(); err != nil {
			fmt.Fprintln(os.Stderr, "swingby repl:", err) // a conversation without history is one
		}
	}
	if err := repl.Run(ctx, o); errors.Is(err, repl.ErrFailed) {
		return exitStatus(statusFailed)
	} else if err != nil {
		return err
	}
	return nil
}
