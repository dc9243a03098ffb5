package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// statuses is the table of exit statuses, as the package comment has it.
var statuses = []struct{ status, meaning string }{
	{"0", "all went well"},
	{"1", "a file could not be read or written, or something else went wrong"},
	{"2", "the command line or a parameter makes no sense; nothing has run"},
	{"3", "a cell failed (exec, verify, repl without a terminal), or a point (sweep)"},
	{"4", "time ran out (exec, verify)"},
	{"5", "something differs (verify, doctor)"},
	{"130, 143", "interrupted by SIGINT, by SIGTERM"},
}

func runMan(_ context.Context, fs *flag.FlagSet, args []string) error {
	if err := none(fs, args); err != nil {
		return err
	}
	writeMan(os.Stdout)
	return nil
}

// writeMan writes the manual page, in the macros of man(7).
func writeMan(w io.Writer) {
	fmt.Fprintf(w, ".TH SWINGBY 1 \"\" %s \"User Commands\"\n", roffArgument("Swingby "+programVersion()))
	fmt.Fprint(w, ".SH NAME\nswingby \\- a Jupyter kernel for Go, with a library for studying how neural networks learn concepts\n")
	fmt.Fprint(w, ".SH SYNOPSIS\n.B swingby\n.I COMMAND\n[\\fIarguments\\fR]\n.SH COMMANDS\n")
	for _, c := range commands {
		fmt.Fprintf(w, ".SS %s\n.B swingby %s\n%s\n.PP\n%s\n", roffArgument(c.name), c.name, roff(c.args), roff(c.about))
		for _, f := range flagsOf(c) {
			value, usage := flag.UnquoteUsage(f)
			fmt.Fprintf(w, ".TP\n.B \\-%s", roff(f.Name))
			if value != "" {
				fmt.Fprintf(w, " \\fI%s\\fR", roff(value))
			}
			fmt.Fprintf(w, "\n%s\n", roff(usage))
		}
	}
	fmt.Fprint(w, ".SH EXIT STATUS\n")
	for _, s := range statuses {
		fmt.Fprintf(w, ".TP\n.B %s\n%s\n", s.status, roff(s.meaning))
	}
	fmt.Fprint(w, ".PP\n.B swingby run\nends with the status of the program it runs.\n")
	fmt.Fprint(w, ".SH ENVIRONMENT\n.TP\n.B SWINGBY_HISTORY\nThe file that keeps the cells of all kernels and of the repl.\n.TP\n.B GOMAXPROCS\nHow many cores the cells use. No number depends on it.\n")
	fmt.Fprint(w, ".SH EXAMPLES\n.nf\nswingby exec \\-p mu=1,2.5 \\-p seed=7 \\-o runs/ notebooks/*.ipynb\nswingby verify \\-rtol 1e\\-9 \\-junit report.xml notebooks/*.ipynb\nswingby export \\-to go \\-o analysis.go notebooks/01\\-swing\\-by.ipynb\nsource <(swingby completion bash)\nswingby man | man \\-l \\-\n.fi\n")
}

// roff escapes text for a line of its own.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

func roffArgument(s string) string { return `"` + strings.ReplaceAll(roff(s), `"`, `""`) + `"` }
