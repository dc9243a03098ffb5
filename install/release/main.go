// Command release makes what is handed to people who have no Go: for each
// system an archive with the program, the notebooks, the manual page and
// completions; beside each archive the list of what is linked into its program
// (an SBOM in CycloneDX 1.6); the source as it is committed; and SHA256SUMS over
// all of them.
//
//	go run ./install/release                      all systems, into dist/
//	go run ./install/release -o /tmp/d linux/arm64  one of them
//
// One machine makes them all, since no C is linked. The same commit gives the
// same bytes with the same Go: no clock, user or folder goes in, and files carry
// the time of the commit.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// targets are the systems of a release.
var targets = []string{
	"linux/amd64", "linux/arm64",
	"darwin/amd64", "darwin/arm64",
	"windows/amd64", "windows/arm64",
}

// origin says what a release is made from.
type origin struct {
	version, revision string
	time              time.Time // of the commit
	modified          bool      // the files are not those of the commit
}

func main() {
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: release [flags] [SYSTEM/PROCESSOR...]\n\nWithout systems: %s\n\n", strings.Join(targets, " "))
		flag.PrintDefaults()
	}
	dir := flag.String("o", "dist", "the `folder` the archives go to")
	clean := flag.Bool("clean", false, "refuse files that are not committed, as a real release must")
	flag.Parse()
	if err := run(*dir, *clean, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(dir string, clean bool, wanted []string) error {
	if len(wanted) == 0 {
		wanted = targets
	}
	for _, t := range wanted {
		if !slices.Contains(targets, t) {
			return fmt.Errorf("%q is not a system of releases; they are %s", t, strings.Join(targets, ", "))
		}
	}
	from, err := describe()
	if err != nil {
		return err
	}
	if clean && from.modified {
		return fmt.Errorf("there are files that are not committed; git status lists them")
	}
	work, err := os.MkdirTemp("", "swingby-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}

	common, err := commonFiles(from, work)
	if err != nil {
		return err
	}
	var made []string
	for _, t := range wanted {
		goos, goarch, _ := strings.Cut(t, "/")
		name := fmt.Sprintf("swingby-%s-%s-%s", strings.TrimPrefix(from.version, "v"), goos, goarch)
		fmt.Println("==", name)
		program := filepath.Join(work, goos+"-"+goarch, "swingby")
		if goos == "windows" {
			program += ".exe"
		}
		if err := build(from, program, goos, goarch); err != nil {
			return err
		}
		bom := filepath.Join(dir, name+".cdx.json")
		if err := writeSBOM(bom, program, from.version); err != nil {
			return err
		}
		files := append(slices.Clone(common), file{name: filepath.Base(program), path: program, mode: 0o755})
		archive := filepath.Join(dir, name+".tar.gz")
		write := writeTarGz
		if goos == "windows" {
			archive, write = filepath.Join(dir, name+".zip"), writeZip
		}
		if err := create(archive, func(f *os.File) error { return write(f, name, files, from.time) }); err != nil {
			return err
		}
		made = append(made, archive, bom)
	}
	source := filepath.Join(dir, "swingby-"+strings.TrimPrefix(from.version, "v")+".tar.gz")
	if err := writeSource(source, from); err != nil {
		return err
	}
	made = append(made, source)
	return create(filepath.Join(dir, "SHA256SUMS"), func(f *os.File) error {
		slices.Sort(made)
		for _, m := range made {
			data, err := os.ReadFile(m)
			if err != nil {
				return err
			}
			fmt.Fprintf(f, "%x  %s\n", sha256.Sum256(data), filepath.Base(m))
		}
		return nil
	})
}

// describe asks git what this is.
func describe() (origin, error) {
	var o origin
	version, err := output("git", "describe", "--tags", "--always")
	if err != nil {
		return o, fmt.Errorf("a release is made from a git checkout: %w", err)
	}
	revision, err := output("git", "rev-parse", "HEAD")
	if err != nil {
		return o, err
	}
	at, err := output("git", "log", "-1", "--format=%ct")
	if err != nil {
		return o, err
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return o, err
	}
	changed, err := output("git", "status", "--porcelain", "--untracked-files=no")
	if err != nil {
		return o, err
	}
	o = origin{version, revision, time.Unix(seconds, 0).UTC(), changed != ""}
	if o.modified {
		o.version += "-dirty"
	}
	return o, nil
}

// build links the program for one system.
func build(from origin, to, goos, goarch string) error {
	flags := fmt.Sprintf("-s -w -X main.version=%s -X main.revision=%s -X main.revisionTime=%s", from.version, from.revision, from.time.Format(time.RFC3339))
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", to, "./cmd/swingby")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS="+goos, "GOARCH="+goarch, "GOAMD64=v1", "GOARM64=v8.0")
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("go build for %s/%s: %w", goos, goarch, err)
	}
	return nil
}

// commonFiles is what every archive has beside the program.
func commonFiles(from origin, work string) ([]file, error) {
	list := []file{
		{name: "LICENSE", path: "LICENSE"},
		{name: "licences.txt", path: "docs/licences.txt"},
		{name: "README.md", path: "install/release/README.md"},
	}
	notebooks, err := output("git", "ls-files", "notebooks")
	if err != nil {
		return nil, err
	}
	for n := range strings.Lines(notebooks) {
		n = strings.TrimSpace(n)
		list = append(list, file{name: n, path: n})
	}
	// What the program writes about itself, by the one that runs here.
	program := filepath.Join(work, "host", "swingby")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if err := build(from, program, runtime.GOOS, runtime.GOARCH); err != nil {
		return nil, err
	}
	for _, w := range []struct {
		name string
		args []string
	}{
		{"share/man/man1/swingby.1", []string{"man"}},
		{"share/bash-completion/completions/swingby", []string{"completion", "bash"}},
		{"share/zsh/site-functions/_swingby", []string{"completion", "zsh"}},
		{"share/fish/vendor_completions.d/swingby.fish", []string{"completion", "fish"}},
	} {
		text, err := exec.Command(program, w.args...).Output()
		if err != nil {
			return nil, fmt.Errorf("swingby %s: %w", strings.Join(w.args, " "), err)
		}
		path := filepath.Join(work, filepath.Base(w.name))
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return nil, err
		}
		list = append(list, file{name: w.name, path: path})
	}
	return list, nil
}

// writeSource writes the source as it is committed, from which packagers build. Git
// makes it: its archives have the commit in them, and git get-tar-commit-id reads it.
func writeSource(to string, from origin) error {
	return create(to, func(f *os.File) error {
		c := exec.Command("git", "archive", "--format=tar", "--prefix="+strings.TrimSuffix(filepath.Base(to), ".tar.gz")+"/", from.revision)
		c.Stderr = os.Stderr
		text, err := c.Output()
		if err != nil {
			return fmt.Errorf("git archive: %w", err)
		}
		z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := z.Write(text); err != nil {
			return err
		}
		return z.Close()
	})
}

// output runs a command and returns what it printed, without the end of line.
func output(name string, args ...string) (string, error) {
	c := exec.Command(name, args...)
	var complaint bytes.Buffer
	c.Stderr = &complaint
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, bytes.TrimSpace(complaint.Bytes()))
	}
	return strings.TrimSpace(string(out)), nil
}

// create writes a file whole or not at all.
func create(path string, write func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".release-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails when all went well
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
