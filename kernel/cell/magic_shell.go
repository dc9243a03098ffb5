package cell

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"

	"swingby/stdlib"
)

var commandMagic = &magic{
	name:    "",
	usage:   []string{"!COMMAND"},
	doc:     "Run a command of the system's shell: bash, else sh, on Windows cmd. Its output shows as it comes, and it has no input. A backslash at the end of the line continues it. An exit status other than 0 is an error of the cell; write !COMMAND || true where that is no matter. An interrupt kills the command and what it has started. A Go expression that starts a line with ! needs parentheses: (!ok).",
	example: "!echo hello",
	run: func(r *runner, in *invocation, _ []string) (*Result, error) {
		line := in.args
		if runtime.GOOS == "windows" {
			return nil, r.command("!"+line, "cmd", "/C", line)
		}
		shell := "bash"
		if _, err := exec.LookPath(shell); err != nil {
			shell = "sh"
		}
		return nil, r.command("!"+line, shell, "-c", line)
	},
}

var bashMagic = &magic{
	name: "bash", cell: true,
	usage:   []string{"%%bash\nSCRIPT"},
	doc:     "Run the lines below as a script of bash. Output shows as it comes; an exit status other than 0 is an error of the cell. As in any script, only the last command's status counts unless the script says set -e. An interrupt kills the script and what it has started.",
	example: "%%bash\nfor i in 1 2; do\n    echo $i\ndone",
	run: func(r *runner, in *invocation, _ []string) (*Result, error) {
		return nil, r.script(in, "bash")
	},
}

var shMagic = &magic{
	name: "sh", cell: true,
	usage:   []string{"%%sh\nSCRIPT"},
	doc:     "Run the lines below as a script of sh. It is as %%bash in everything else.",
	example: "%%sh\ntest 1 -lt 2 && echo fine",
	run: func(r *runner, in *invocation, _ []string) (*Result, error) {
		return nil, r.script(in, "sh")
	},
}

// maxScript is the longest script: Linux takes 128 KiB as one argument.
const maxScript = 120 << 10

func (r *runner) script(in *invocation, shell string) error {
	script := padded(r.src, in.bodyAt, len(r.src)) // the shell's messages have the cell's lines
	if len(script) > maxScript {
		return fmt.Errorf("a script of %d bytes is too long; write it with %%%%writefile and run that with !%s FILE", len(script), shell)
	}
	return r.command(in.String(), shell, "-c", script)
}

// command runs a program of the system with the cell's output.
func (r *runner) command(title, program string, args ...string) error {
	path, err := exec.LookPath(program)
	if err != nil {
		return fmt.Errorf("there is no %s on this system's PATH", program)
	}
	cmd := exec.CommandContext(r.ctx, path, args...)
	cmd.Args[0] = program // as its messages begin
	// The process has the cell's outputs themselves, so nothing waits for what it leaves
	// running, and its text is in place among the cell's.
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	inGroup(cmd)
	cmd.Cancel = func() error { return killGroup(cmd) }
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	if ctxErr := r.ctx.Err(); ctxErr != nil {
		return r.s.runtimeError(&interrupted{ctxErr}, r.count)
	}
	if err == nil {
		return nil
	}
	msg := clip(title, 60) + ": " + err.Error()
	e := &Error{Name: "command error", Message: msg, Traceback: []string{"command error: " + msg}, cause: err}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 127 && strings.HasPrefix(title, "!") {
		e.Traceback = append(e.Traceback, "    a line that starts with ! is a command of the shell; to negate a Go value there, write (!ok)")
	}
	return e
}

var envMagic = &magic{
	name: "env", line: true, max: -1,
	usage:   []string{"%env", "%env NAME", "%env NAME=VALUE"},
	doc:     "List the environment, show one variable, or set it for the cells and commands to come. In the list, and when they are set, the values of names that look like secrets (key, token, secret, password, credential) are hidden, because notebooks are passed on.",
	example: "%env STAGE=test",
	run: func(r *runner, in *invocation, _ []string) (*Result, error) {
		name, value, set := strings.Cut(in.args, "=")
		switch {
		case in.args == "":
			list := os.Environ()
			slices.Sort(list)
			for _, kv := range list {
				name, value, _ := strings.Cut(kv, "=")
				if secretName(name) {
					value = "<hidden>"
				}
				fmt.Fprintf(os.Stdout, "%s=%s\n", name, value)
			}
		case name == "" || strings.ContainsAny(name, " \t\n"):
			return nil, usageError("a name has no spaces, and no space stands before =")
		case set:
			if w, ok := words(value); ok && len(w) == 1 && strings.ContainsAny(value[:1], `'"`) {
				value = w[0]
			}
			if err := os.Setenv(name, value); err != nil {
				return nil, err
			}
			if secretName(name) {
				value = "<hidden>"
			}
			fmt.Fprintf(os.Stdout, "%s=%s\n", name, value)
		default:
			value, ok := os.LookupEnv(name)
			if !ok {
				return nil, errors.New(name + " is not set")
			}
			fmt.Fprintln(os.Stdout, value)
		}
		return nil, nil
	},
}

func secretName(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"key", "token", "secret", "passw", "credential"}, func(s string) bool { return strings.Contains(name, s) })
}

// envNames completes the name of a variable.
func envNames(prefix string) (list []Match) {
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); name != "" && strings.HasPrefix(name, prefix) {
			list = append(list, Match{Text: name, Kind: "variable"})
		}
	}
	slices.SortFunc(list, func(a, b Match) int { return strings.Compare(a.Text, b.Text) })
	return list
}

var cdMagic = &magic{
	name: "cd", line: true, max: 2,
	usage:   []string{"%cd [-q] [DIR]", "%cd [-q] -"},
	doc:     "Change the directory of the cells and commands to come, and show it. Without DIR it is the home directory, with - the one before. -q does not show it.",
	example: "%cd -q .",
	run: func(r *runner, in *invocation, args []string) (*Result, error) {
		quiet := len(args) > 0 && args[0] == "-q"
		if quiet {
			args = args[1:]
		}
		dir := "~"
		switch len(args) {
		case 0:
		case 1:
			dir = args[0]
		default:
			return nil, usageError("more than one directory; quote a name with spaces")
		}
		if dir == "-" {
			if dir = r.s.lastDir; dir == "" {
				return nil, errors.New("there is no directory before this one")
			}
		}
		before, _ := os.Getwd()
		if err := os.Chdir(expandHome(dir)); err != nil {
			return nil, err
		}
		r.s.lastDir = before
		if quiet {
			return nil, nil
		}
		return nil, printDir()
	},
}

var pwdMagic = &magic{
	name: "pwd", line: true,
	usage:   []string{"%pwd"},
	doc:     "Show the directory that cells and commands run in.",
	example: "%pwd",
	run:     func(r *runner, in *invocation, args []string) (*Result, error) { return nil, printDir() },
}

func printDir() error {
	dir, err := os.Getwd()
	if err == nil {
		fmt.Fprintln(os.Stdout, dir)
	}
	return err
}

// expandHome replaces a ~ at the start of a path by the home directory.
func expandHome(path string) string {
	if path == "~" || strings.HasPrefix(path, "~/") {
		if home, err := os.UserHomeDir(); err == nil {
			return home + path[1:]
		}
	}
	return path
}

var writefileMagic = &magic{
	name: "writefile", cell: true, min: 1, max: 2, optional: true,
	usage:   []string{"%%writefile [-a] FILE\nTEXT"},
	doc:     "Write the lines below to a file. What it held before is lost, unless -a appends.",
	example: "%%writefile notes.txt\nfirst line",
	run: func(r *runner, in *invocation, args []string) (*Result, error) {
		flags, verb := os.O_CREATE|os.O_WRONLY|os.O_TRUNC, "Writing"
		if args[0] == "-a" {
			flags, verb = os.O_CREATE|os.O_WRONLY|os.O_APPEND, "Appending to"
			args = args[1:]
		}
		if len(args) != 1 {
			return nil, usageError("one file name is needed; quote a name with spaces")
		}
		name := expandHome(args[0])
		if _, err := os.Stat(name); err == nil && verb == "Writing" {
			verb = "Overwriting"
		}
		f, err := os.OpenFile(name, flags, 0o666)
		if err != nil {
			return nil, err
		}
		text := in.body
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		_, err = f.WriteString(text)
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		fmt.Fprintf(os.Stdout, "%s %s\n", verb, args[0])
		return nil, nil
	},
}

var htmlMagic = &magic{
	name: "html", cell: true,
	usage:   []string{"%%html\nHTML"},
	doc:     "Show the lines below as HTML.",
	example: "%%html\n<b>bold</b>",
	run: func(r *runner, in *invocation, _ []string) (*Result, error) {
		return nil, show("HTML", in.body)
	},
}

var markdownMagic = &magic{
	name: "markdown", cell: true,
	usage:   []string{"%%markdown\nMARKDOWN"},
	doc:     "Show the lines below as Markdown.",
	example: "%%markdown\n*slanted*",
	run: func(r *runner, in *invocation, _ []string) (*Result, error) {
		return nil, show("Markdown", in.body)
	},
}

var javascriptMagic = &magic{
	name: "javascript", cell: true,
	usage:   []string{"%%javascript\nJAVASCRIPT"},
	doc:     "Run the lines below as JavaScript in the page that shows the notebook. The front end must trust the notebook.",
	example: "%%javascript\nelement.append(\"hello\")",
	run: func(r *runner, in *invocation, _ []string) (*Result, error) {
		return nil, show("JavaScript", in.body)
	},
}

// show displays a text as what a function of package display makes of it. It goes
// through the symbols that cells import, because this package knows nothing of displays.
func show(function, text string) error {
	syms, ok := stdlib.Symbols("swingby/kernel/display")
	if !ok || !syms[function].IsValid() || !syms["Show"].IsValid() {
		return errors.New("package display is not built in")
	}
	bundle := syms[function].Call([]reflect.Value{reflect.ValueOf(strings.TrimSuffix(text, "\n"))})
	syms["Show"].Call(bundle)
	return nil
}
