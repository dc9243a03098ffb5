package install

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"time"
)

// Doctor checks what a notebook needs and writes one line for each check:
//
//	ok    what was found
//	note  what may surprise, and what to do about it
//	FIX   what does not work, and what to do about it
//
// It returns an error when a line says FIX. It changes nothing.
func Doctor(w io.Writer) error {
	return newDoctor(w, thisPlatform()).run()
}

// doctor is one examination.
type doctor struct {
	w       io.Writer
	p       platform
	jupyter string // path of jupyter, or empty
	checks  int
	fixes   int
}

func newDoctor(w io.Writer, p platform) *doctor {
	d := &doctor{w: w, p: p}
	d.jupyter, _ = exec.LookPath("jupyter")
	return d
}

func (d *doctor) line(level, format string, args ...any) {
	d.checks++
	if level == "FIX" {
		d.fixes++
	}
	fmt.Fprintf(d.w, "%-5s %s\n", level, strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " "))
}

func (d *doctor) ok(format string, args ...any)   { d.line("ok", format, args...) }
func (d *doctor) note(format string, args ...any) { d.line("note", format, args...) }
func (d *doctor) fix(format string, args ...any)  { d.line("FIX", format, args...) }

func (d *doctor) run() error {
	d.program()
	d.loopback()
	d.findJupyter()
	for _, k := range d.kernels() {
		d.kernel(k)
	}
	if d.fixes > 0 {
		return fmt.Errorf("install: %d of %d checks need something done, see FIX above", d.fixes, d.checks)
	}
	return nil
}

// program describes the one running.
func (d *doctor) program() {
	path, err := os.Executable()
	if err != nil {
		d.note("program: %s %s/%s; it cannot tell where it is: %v", runtime.Version(), runtime.GOOS, runtime.GOARCH, err)
		return
	}
	if temporary(path, d.p.getenv("GOCACHE")) {
		d.note("program: %s is a build that go run throws away; make build makes one that stays, bin/swingby", path)
		return
	}
	d.ok("program: %s, built with %s for %s/%s", path, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// loopback tries what the kernel's sockets need: to listen on 127.0.0.1 and be reached there.
func (d *doctor) loopback() {
	err := func() error {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		c, err := net.DialTimeout("tcp", l.Addr().String(), 2*time.Second)
		if err != nil {
			return err
		}
		return c.Close()
	}()
	if err != nil {
		d.fix("loopback: a socket on 127.0.0.1 cannot be reached (%v); let a firewall or sandbox allow connections within this machine", err)
		return
	}
	d.ok("loopback: sockets on 127.0.0.1 work")
}

// findJupyter tells which Jupyter would start the kernel.
func (d *doctor) findJupyter() {
	if d.jupyter == "" {
		d.note("jupyter: not on PATH; make lab sets one up, or: python3 -m pip install jupyterlab (swingby exec needs none)")
		return
	}
	out, err := output(20*time.Second, d.jupyter, "--version")
	if err != nil {
		d.fix("jupyter: %s does not tell its version (%v); reinstall it: python3 -m pip install --force-reinstall jupyterlab", d.jupyter, err)
		return
	}
	var parts []string
	for _, l := range strings.Split(out, "\n") {
		name, version, ok := strings.Cut(l, ":")
		name, version = strings.TrimSpace(name), strings.TrimSpace(version)
		switch name {
		case "jupyterlab", "notebook", "jupyter_client":
			if ok && version != "not installed" {
				parts = append(parts, name+" "+version)
			}
		}
	}
	if len(parts) == 0 {
		d.note("jupyter: %s has neither JupyterLab nor Notebook; python3 -m pip install jupyterlab", d.jupyter)
		return
	}
	d.ok("jupyter: %s, %s", d.jupyter, strings.Join(parts, ", "))
}

// found is a kernelspec of Swingby.
type found struct {
	dir  string
	spec kernelspec
}

// kernels finds the kernelspecs of Swingby, by asking Jupyter if there is one.
func (d *doctor) kernels() []found {
	visible, asked := d.listed()
	mine := make(map[string]bool)
	var all []found
	seen := make(map[string]string) // name → folder that wins it
	for _, data := range d.p.searchDirs() {
		entries, err := os.ReadDir(filepath.Join(data, "kernels"))
		if err != nil {
			continue
		}
		for _, e := range entries {
			dir := filepath.Join(data, "kernels", e.Name())
			spec, err := readSpec(dir)
			if err != nil || !spec.ours() {
				continue
			}
			mine[dir] = true
			name := strings.ToLower(e.Name())
			if first, ok := seen[name]; ok && !asked {
				d.note("kernelspec: %s is hidden by %s; remove one with swingby uninstall", dir, first)
				continue
			}
			seen[name] = dir
			if !asked {
				all = append(all, found{dir, spec})
			}
		}
	}
	if asked {
		all = visible
		for _, k := range visible {
			delete(mine, k.dir)
		}
		var hidden []string
		for dir := range mine {
			hidden = append(hidden, dir)
		}
		sort.Strings(hidden)
		for _, dir := range hidden {
			d.note("kernelspec: %s is not seen by %s, which looks elsewhere first or only; for its environment: swingby install --sys-prefix", dir, d.jupyter)
		}
	}
	if len(all) == 0 {
		d.fix("kernelspec: Jupyter does not know Swingby yet; run: swingby install")
	}
	return all
}

// listed asks Jupyter for the kernelspecs of Swingby it sees.
func (d *doctor) listed() (all []found, asked bool) {
	if d.jupyter == "" {
		return nil, false
	}
	out, err := output(20*time.Second, d.jupyter, "kernelspec", "list", "--json")
	if err != nil {
		d.fix("jupyter: %s kernelspec list fails (%v); reinstall it: python3 -m pip install --force-reinstall jupyter_client", d.jupyter, err)
		return nil, false
	}
	var list struct {
		Kernelspecs map[string]struct {
			ResourceDir string     `json:"resource_dir"`
			Spec        kernelspec `json:"spec"`
		} `json:"kernelspecs"`
	}
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		d.fix("jupyter: %s kernelspec list --json gives no JSON (%v); update it: python3 -m pip install --upgrade jupyter_client", d.jupyter, err)
		return nil, false
	}
	for _, k := range list.Kernelspecs {
		if k.Spec.ours() {
			all = append(all, found{k.ResourceDir, k.Spec})
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].dir < all[j].dir })
	return all, true
}

// kernel examines one kernelspec: does the program it names exist, and work?
func (d *doctor) kernel(k found) {
	again := "swingby install"
	if name := filepath.Base(k.dir); name != DefaultName {
		again += " --name " + name
	}
	program := k.spec.Argv[0]
	if _, err := os.Stat(program); err != nil {
		d.fix("kernelspec: %s names %s, which is not there; run again, from where the program is now: %s", k.dir, program, again)
		return
	}
	version, err := output(10*time.Second, program, "version")
	if err != nil {
		d.fix("kernelspec: %s names %s, which does not start (%v); build it again and run: %s", k.dir, program, err, again)
		return
	}
	d.ok("kernelspec: %s, starting %s (%s)", k.dir, program, firstLine(version))
	if self, err := os.Executable(); err == nil && !sameFile(self, program) {
		d.note("kernelspec: that is another program than this one; to change it: %s", again)
	}
	took, err := tryKernel(k.spec.Argv, 15*time.Second)
	if err != nil {
		d.fix("kernel: %s does not answer (%v); build it again and run: %s", program, err, again)
		return
	}
	d.ok("kernel: starts and answers in %d ms", took.Milliseconds())
	took, err = tryCell(program, 30*time.Second)
	if err != nil {
		d.fix("cell: %s cannot run one (%v); build it again and run: %s", program, err, again)
		return
	}
	d.ok("cell: a notebook of one cell runs in %d ms", took.Milliseconds())
}

// output runs a program with a time limit and returns what it prints; an error
// carries the last line it wrote to standard error.
func output(limit time.Duration, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	c.WaitDelay = time.Second
	err := c.Run()
	if ctx.Err() != nil {
		return "", fmt.Errorf("no answer within %v", limit)
	}
	if err != nil {
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		if last := lines[len(lines)-1]; last != "" {
			err = fmt.Errorf("%w: %s", err, last)
		}
		return "", err
	}
	return stdout.String(), nil
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errors.Join(errX, errY) == nil && os.SameFile(x, y)
}
