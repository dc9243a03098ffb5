package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"swingby/install"
	"swingby/kernel"
	"swingby/kernel/history"
	"swingby/kernel/notebook"
	"swingby/kernel/worker"
	"swingby/simlib/provenance"
)

var commands []command

func init() { // here, because usage lists them
	commands = []command{
		{"kernel", "-f FILE", "Serve Jupyter on the sockets of a connection file. Jupyter starts this; see swingby install.", runKernel},
		{"worker", "", "Run cells for a kernel. The kernel and swingby exec start this themselves.", runWorker},
		{"exec", "[flags] NOTEBOOK...", "Run notebooks without Jupyter. Each is executed in place, or to the file or folder that -o names; a notebook whose cell fails is left as it was. -p sets variables of the cell tagged parameters. The exit status is 0, 3 if a cell failed, 4 if time ran out, 130 or 143 if a signal ended it.", runExec},
		{"verify", "[flags] NOTEBOOK...", "Run notebooks again and compare with the outputs stored in them. Text and pictures must be the same, numbers within the tolerance. A cell states its own by the tags rtol=1e-6, atol=1e-9, pixels=8, or verify-skip. The exit status is 0, 3 if a cell failed, 4 if time ran out, 5 if an output differs.", runVerify},
		{"export", "[flags] NOTEBOOK...", "Write notebooks as they are stored in another format: a self-contained page, Markdown with the pictures in files, or a Go program that prints the same numbers.", runExport},
		{"sweep", "[flags] NOTEBOOK|FUNC", "Run a notebook or a function at every combination of parameters and gather the results in one table. Values are those of variables of the cell tagged parameters, results those that cells tagged results declare. FUNC is FILE.go:Func or package.Func. All cores are used; -on slurm submits the same as a job array, and follows it. Points that fail are told of in the column error, and the others go on. A sweep that was stopped goes on with the same command, or -resume. The exit status is 0, 3 if a point failed, 130 or 143 if a signal ended it.", runSweep},
		{"repl", "[flags]", "Talk to a session in the terminal, cell by cell: Tab completes, the up key brings back earlier cells, Ctrl-C stops a cell, Ctrl-D ends. Without a terminal it runs the cells of standard input.", runREPL},
		{"run", "FILE [arguments]", "Run a Go file (.go, - for standard input) or a notebook (.ipynb) as a program. All that follows FILE is the program's own. The exit status is the program's: 1 if it does not compile, 2 after a panic.", runScript},
		{"build", "--with MODULE[@VERSION] [flags]", "Make a program like this one with the packages of a module compiled in. Cells then import them without %get, and they run at full speed. It needs Go, and Swingby's source.", runBuild},
		{"install", "[flags]", "Make Jupyter find this program: write its kernelspec, for the current user unless told otherwise.", runInstall},
		{"uninstall", "[flags]", "Remove the kernelspec that swingby install writes for the same flags.", runUninstall},
		{"doctor", "[NOTEBOOK...]", "Check what a notebook needs; each line says ok, or what to do. Of notebooks that swingby exec has run, say what is different here: versions, processor, cells, outputs and files. The exit status is 5 if something is that can change numbers.", runDoctor},
		{"completion", "SHELL", "Write a script that completes commands, flags and files for a shell: bash, zsh or fish.", runCompletion},
		{"man", "", "Write the manual page, for man: swingby man | man -l -.", runMan},
		{"version", "[flags]", "Say what this program is and what it was built from: revision, Go, and the versions of all modules linked in.", runVersion},
	}
}

func runKernel(ctx context.Context, fs *flag.FlagSet, args []string) error {
	var file string
	fs.StringVar(&file, "f", "", "the connection `file` Jupyter has written")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if file == "" && len(rest) == 1 {
		file, rest = rest[0], nil
	}
	if file == "" {
		return usagef("no connection file: -f FILE names it")
	}
	if len(rest) > 0 {
		return usagef("unexpected argument %q", rest[0])
	}
	past, err := history.DefaultPath()
	if err != nil {
		fmt.Fprintln(os.Stderr, "swingby kernel:", err) // a kernel without history is a kernel
	}
	return kernel.Run(ctx, file, kernel.Options{Version: programVersion(), History: past})
}

func runWorker(_ context.Context, fs *flag.FlagSet, args []string) error {
	if !notebook.ScriptArgs(args) {
		if err := none(fs, args); err != nil {
			return err
		}
	}
	return worker.Serve()
}

func runScript(ctx context.Context, fs *flag.FlagSet, args []string) error {
	// Flags stand before the file: what follows it belongs to the script.
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	if fs.NArg() == 0 {
		return usagef("no file")
	}
	status, err := notebook.RunScript(ctx, fs.Arg(0), fs.Args()[1:], notebook.ScriptOptions{})
	if err == nil && status != 0 {
		err = exitStatus(status)
	}
	return err
}

// place declares the flags that say where a kernelspec goes.
func place(fs *flag.FlagSet, o *install.Options) {
	fs.BoolVar(&o.User, "user", false, "for the current user (the default)")
	fs.StringVar(&o.Prefix, "prefix", "", "below share/jupyter of this `folder`, for example /usr/local")
	fs.BoolVar(&o.SysPrefix, "sys-prefix", false, "into the Python environment in use")
	fs.StringVar(&o.Name, "name", "", "the kernel's `name`, by which notebooks find it (default \"swingby\")")
}

func runInstall(_ context.Context, fs *flag.FlagSet, args []string) error {
	var o install.Options
	place(fs, &o)
	fs.StringVar(&o.DisplayName, "display-name", "", "the `name` people see (default \"Go (Swingby)\")")
	if err := none(fs, args); err != nil {
		return err
	}
	if err := onePlace(o); err != nil {
		return err
	}
	dir, err := install.Install(o)
	if err != nil {
		return err
	}
	fmt.Println("installed in", dir)
	return nil
}

func runUninstall(_ context.Context, fs *flag.FlagSet, args []string) error {
	var o install.Options
	place(fs, &o)
	if err := none(fs, args); err != nil {
		return err
	}
	if err := onePlace(o); err != nil {
		return err
	}
	dir, err := install.Uninstall(o)
	if err != nil {
		return err
	}
	fmt.Println("removed", dir)
	return nil
}

func onePlace(o install.Options) error {
	n := 0
	for _, set := range []bool{o.User, o.Prefix != "", o.SysPrefix} {
		if set {
			n++
		}
	}
	if n > 1 {
		return usagef("--user, --prefix and --sys-prefix exclude each other")
	}
	return nil
}

func runDoctor(_ context.Context, fs *flag.FlagSet, args []string) error {
	files, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return install.Doctor(os.Stdout)
	}
	status := 0
	now := provenance.Current()
	for _, f := range files {
		nb, err := notebook.ReadFile(f)
		if err != nil {
			return err
		}
		list, err := notebook.Examine(nb, filepath.Dir(f), now)
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		for _, l := range list {
			mark := "ok      "
			if !l.OK {
				mark, status = "differs ", statusDiffers
			}
			fmt.Printf("%s: %s%s\n", f, mark, l.Text)
		}
	}
	if status != 0 {
		return exitStatus(status)
	}
	return nil
}

func runVersion(_ context.Context, fs *flag.FlagSet, args []string) error {
	asJSON := fs.Bool("json", false, "as JSON, with the machine, as manifests of runs have it")
	if err := none(fs, args); err != nil {
		return err
	}
	if *asJSON {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		now := provenance.Current()
		return enc.Encode(map[string]any{"program": now.Program, "machine": now.Machine})
	}
	printVersion(os.Stdout)
	return nil
}

// none parses the flags of a command that takes no other arguments.
func none(fs *flag.FlagSet, args []string) error {
	rest, err := parse(fs, args)
	if err == nil && len(rest) > 0 {
		err = usagef("unexpected argument %q", rest[0])
	}
	return err
}
