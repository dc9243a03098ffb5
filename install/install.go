package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Options say what to install and where. The zero value installs this program
// for the current user, under the default names.
type Options struct {
	// User, Prefix and SysPrefix choose the place; at most one may be set, and
	// none means User.
	User      bool
	Prefix    string
	SysPrefix bool

	// Name is the folder's name and what notebooks store; empty means DefaultName.
	// Letters are made lower case, as Jupyter does.
	Name string
	// DisplayName is what front ends show; empty means DefaultDisplayName.
	DisplayName string
	// Executable is the program the kernelspec starts; empty means the one running.
	Executable string
}

// Install writes the kernelspec and returns its folder.
func Install(o Options) (dir string, err error) {
	p := thisPlatform()
	dir, err = o.dir(p)
	if err != nil {
		return "", err
	}
	display := o.DisplayName
	if display == "" {
		display = DefaultDisplayName
	}
	if err := checkDisplayName(display); err != nil {
		return "", err
	}
	executable, err := o.executable(p)
	if err != nil {
		return "", err
	}
	spec, err := newSpec(executable, display).encode()
	if err != nil {
		return "", err
	}
	if err := replaceable(dir); err != nil {
		return "", err
	}
	files := map[string][]byte{"kernel.json": spec}
	for _, name := range logoNames {
		b, err := logos.ReadFile("logo/" + name)
		if err != nil {
			return "", fmt.Errorf("install: %w", err)
		}
		files[name] = b
	}
	if err := writeFolder(dir, files); err != nil {
		return "", fmt.Errorf("install: cannot write %s: %w; choose another place with --user, --prefix or --sys-prefix", dir, cause(err))
	}
	return dir, nil
}

// Uninstall removes the kernelspec that Install writes for the same options and
// returns the folder that is gone.
func Uninstall(o Options) (dir string, err error) {
	dir, err = o.dir(thisPlatform())
	if err != nil {
		return "", err
	}
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("install: no kernel at %s; `swingby doctor` lists the places where Jupyter looks", dir)
	}
	if err := replaceable(dir); err != nil {
		return "", err
	}
	// Renamed first, so that Jupyter never sees a folder half removed.
	gone, err := os.MkdirTemp(filepath.Dir(dir), hidden)
	if err != nil {
		return "", fmt.Errorf("install: cannot remove %s: %w", dir, cause(err))
	}
	defer os.RemoveAll(gone)
	if err := os.Rename(dir, filepath.Join(gone, "old")); err != nil {
		return "", fmt.Errorf("install: cannot remove %s: %w", dir, cause(err))
	}
	if err := os.RemoveAll(gone); err != nil {
		return "", fmt.Errorf("install: %s is uninstalled, but %s could not be deleted: %w", dir, gone, cause(err))
	}
	return dir, nil
}

// dir is the folder of the kernelspec.
func (o Options) dir(p platform) (string, error) {
	chosen := 0
	for _, set := range []bool{o.User, o.Prefix != "", o.SysPrefix} {
		if set {
			chosen++
		}
	}
	if chosen > 1 {
		return "", errors.New("install: more than one place given; use one of --user, --prefix and --sys-prefix")
	}
	name := o.Name
	if name == "" {
		name = DefaultName
	}
	name, err := checkName(name)
	if err != nil {
		return "", err
	}
	var data string
	switch {
	case o.Prefix != "":
		data = filepath.Join(o.Prefix, "share", "jupyter")
	case o.SysPrefix:
		prefix, err := p.sysPrefix()
		if err != nil {
			return "", err
		}
		data = filepath.Join(prefix, "share", "jupyter")
	default:
		if data, err = p.dataDir(); err != nil {
			return "", err
		}
	}
	dir, err := filepath.Abs(filepath.Join(data, "kernels", name))
	if err != nil {
		return "", fmt.Errorf("install: %w", err)
	}
	return dir, nil
}

// executable is the absolute path of the program, checked to be one that will
// still be there tomorrow.
func (o Options) executable(p platform) (string, error) {
	path := o.Executable
	var err error
	if path == "" {
		if path, err = os.Executable(); err != nil {
			return "", fmt.Errorf("install: this program cannot tell where it is: %v; name it with Options.Executable", err)
		}
	}
	if path, err = filepath.Abs(path); err != nil {
		return "", fmt.Errorf("install: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("install: no program at %s; build it first: make build", path)
	}
	if !info.Mode().IsRegular() || runtime.GOOS != "windows" && info.Mode().Perm()&0o111 == 0 {
		return "", fmt.Errorf("install: %s is not a program that can be started", path)
	}
	if temporary(path, p.getenv("GOCACHE")) {
		return "", fmt.Errorf("install: %s is a build that go run or go test throws away, and the kernelspec would point to nothing; build first (make build) and run bin/swingby install", path)
	}
	return path, nil
}

// temporary reports whether the go command put a program where it will vanish:
// go run uses $TMPDIR/go-build123/… or the build cache, by default a folder
// named go-build.
func temporary(path, gocache string) bool {
	for _, element := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == filepath.Separator }) {
		if rest, ok := strings.CutPrefix(element, "go-build"); ok && strings.Trim(rest, "0123456789") == "" {
			return true
		}
	}
	return gocache != "" && strings.HasPrefix(path, filepath.Clean(gocache)+string(filepath.Separator))
}

// replaceable says no to a folder that holds something else than Swingby.
func replaceable(dir string) error {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	spec, err := readSpec(dir)
	if err == nil && spec.ours() {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("it is the kernel %q", spec.DisplayName)
	}
	return fmt.Errorf("install: %s is not Swingby's (%v); it is left as it is: choose another --name, or remove it yourself", dir, err)
}
