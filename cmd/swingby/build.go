package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// builder makes a program with more packages. The source stays as it is: what is
// different, go.mod and the generated tables of package stdlib, is in a folder of its own.
type builder struct {
	ctx    context.Context
	source string
	tmp    string
	out    string
}

func runBuild(ctx context.Context, fs *flag.FlagSet, args []string) error {
	var with modulesFlag
	b := &builder{ctx: ctx}
	fs.Var(&with, "with", "the `module` to compile in, as path or path@version; may be given several times")
	fs.StringVar(&b.out, "o", "swingby-with", "write the program to this `file`")
	fs.StringVar(&b.source, "source", "", "the `folder` of Swingby's source (default: where this program was built)")
	if err := none(fs, args); err != nil {
		return err
	}
	if len(with) == 0 {
		return usagef("no module: --with MODULE names it")
	}
	if _, err := exec.LookPath("go"); err != nil {
		return errors.New("there is no go on PATH, and only Go can compile a module: install it from https://go.dev/dl/")
	}
	var err error
	if b.source, err = sourceTree(b.source); err != nil {
		return err
	}
	if b.out, err = filepath.Abs(b.out); err != nil {
		return err
	}
	if runtime.GOOS == "windows" && filepath.Ext(b.out) == "" {
		b.out += ".exe"
	}
	if b.tmp, err = os.MkdirTemp("", "swingby-build-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.tmp)
	return b.build(with)
}

// modulesFlag collects --with.
type modulesFlag []string

func (m *modulesFlag) String() string { return strings.Join(*m, " ") }

func (m *modulesFlag) Set(s string) error {
	path, version, at := strings.Cut(s, "@")
	if path == "" || strings.HasPrefix(path, "-") || at && version == "" {
		return errors.New("a module is written path or path@version")
	}
	*m = append(*m, s)
	return nil
}

// sourceTree finds Swingby's source: the folder named, else where this program was built.
func sourceTree(dir string) (string, error) {
	named := dir != ""
	if !named {
		_, file, _, ok := runtime.Caller(0)
		if !ok || !filepath.IsAbs(file) {
			return "", errors.New("this program does not know where its source is: --source FOLDER names it")
		}
		dir = filepath.Dir(filepath.Dir(filepath.Dir(file)))
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err == nil && strings.HasPrefix(string(data), "module swingby\n") {
		return dir, nil
	}
	if named {
		return "", fmt.Errorf("%s is not Swingby's source: it has no go.mod of module swingby", dir)
	}
	return "", fmt.Errorf("the source this program was built from, %s, is not there: --source FOLDER names another", dir)
}

func (b *builder) build(with []string) error {
	overlay, err := b.tables(with)
	if err != nil {
		return err
	}
	b.say("compiling; the first time this takes minutes")
	if _, err := b.run("build", b.modfile(), "-mod=mod", "-overlay", overlay, "-o", b.out, "./cmd/swingby"); err != nil {
		return fmt.Errorf("the program does not compile: %w", err)
	}
	b.say("%s is ready; make it a kernel of Jupyter by: %s install --name swingby-with --display-name \"Go (Swingby with %s)\"", b.out, b.out, summary(with))
	return nil
}

func (b *builder) modfile() string { return "-modfile=" + filepath.Join(b.tmp, "go.mod") }

// tables writes what is different about the source, and returns the file that tells
// the go command.
func (b *builder) tables(with []string) (overlay string, err error) {
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(b.source, name))
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(b.tmp, name), data, 0o666); err != nil {
			return "", err
		}
	}
	var packages []string
	for _, m := range with {
		b.say("fetching %s", m)
		if _, err := b.run("get", b.modfile(), m); err != nil {
			return "", fmt.Errorf("%s cannot be fetched: %w", m, err)
		}
		path, _, _ := strings.Cut(m, "@")
		list, err := b.packages(path)
		if err != nil {
			return "", err
		}
		if len(list) == 0 {
			return "", fmt.Errorf("%s has no package that can be compiled in: each needs cgo, or is a command or internal", m)
		}
		packages = append(packages, list...)
	}
	slices.Sort(packages)
	packages = slices.Compact(packages)
	b.say("reading %d packages: %s", len(packages), summary(packages))
	dir := filepath.Join(b.tmp, "overlay")
	if _, err := b.run("run", "./stdlib/internal/gen", "-with", strings.Join(packages, ","), "-modfile", filepath.Join(b.tmp, "go.mod"), "-overlay", dir); err != nil {
		return "", fmt.Errorf("their tables cannot be made: %w", err)
	}
	return filepath.Join(dir, "overlay.json"), nil
}

// packages lists the packages at and below a path that cells could import.
func (b *builder) packages(path string) ([]string, error) {
	out, err := b.run("list", b.modfile(), "-mod=mod", "-e", "-f", "{{if not .Error}}{{if not .DepsErrors}}{{if .GoFiles}}{{if ne .Name \"main\"}}{{.ImportPath}}{{end}}{{end}}{{end}}{{end}}", path, path+"/...")
	if err != nil {
		return nil, fmt.Errorf("the packages of %s cannot be listed: %w", path, err)
	}
	var list []string
	for p := range strings.FieldsSeq(out) {
		hidden := slices.ContainsFunc(strings.Split(p, "/"), func(elem string) bool {
			return elem == "internal" || elem == "vendor" || elem == "cmd" || elem == "testdata"
		})
		if !hidden {
			list = append(list, p)
		}
	}
	return list, nil
}

// run runs the go command in the source tree. Its error is what go says.
func (b *builder) run(args ...string) (string, error) {
	cmd := exec.CommandContext(b.ctx, "go", args...)
	cmd.Dir = b.source
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if b.ctx.Err() != nil {
		return "", b.ctx.Err()
	}
	if err != nil {
		if text := strings.TrimSpace(stderr.String()); text != "" {
			return "", errors.New(text)
		}
		return "", err
	}
	return stdout.String(), nil
}

func (b *builder) say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// summary is a list that stays on a line.
func summary(list []string) string {
	const most = 4
	if n := len(list); n > most {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), n-most)
	}
	return strings.Join(list, ", ")
}
