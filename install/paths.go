package install

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// platform holds what the place of a kernelspec depends on, so that the rules
// of every system can be tested on each of them.
type platform struct {
	goos   string
	getenv func(string) string
	home   func() (string, error)
	// prefix asks the Python on PATH for its sys.prefix.
	prefix func() (string, error)
}

func thisPlatform() platform {
	return platform{goos: runtime.GOOS, getenv: os.Getenv, home: os.UserHomeDir, prefix: pythonPrefix}
}

// set reports whether an environment variable means yes, as jupyter_core reads
// it: there, and not one of the words for no.
func (p platform) set(name string) bool {
	switch strings.ToLower(p.getenv(name)) {
	case "", "no", "n", "false", "off", "0", "0.0":
		return false
	}
	return true
}

// dataDir is Jupyter's data directory of the user.
func (p platform) dataDir() (string, error) {
	if dir := p.getenv("JUPYTER_DATA_DIR"); dir != "" {
		return dir, nil
	}
	platformDirs := p.set("JUPYTER_PLATFORM_DIRS")
	if p.goos == "windows" {
		variable := "APPDATA"
		if platformDirs {
			variable = "LOCALAPPDATA"
		}
		if dir := p.getenv(variable); dir != "" {
			return filepath.Join(dir, "jupyter"), nil
		}
		// Without APPDATA Jupyter falls back on its configuration folder.
		if dir := p.getenv("JUPYTER_CONFIG_DIR"); dir != "" && !platformDirs {
			return filepath.Join(dir, "data"), nil
		}
	}
	if p.goos != "windows" && p.goos != "darwin" {
		if dir := p.getenv("XDG_DATA_HOME"); dir != "" {
			return filepath.Join(dir, "jupyter"), nil
		}
	}
	home, err := p.home()
	if err != nil {
		return "", fmt.Errorf("install: no home folder to install into (%v); set JUPYTER_DATA_DIR or give a prefix", err)
	}
	switch {
	case p.goos == "windows" && platformDirs:
		return filepath.Join(home, "AppData", "Local", "jupyter"), nil
	case p.goos == "windows":
		return filepath.Join(home, ".jupyter", "data"), nil
	case p.goos == "darwin" && platformDirs:
		return filepath.Join(home, "Library", "Application Support", "jupyter"), nil
	case p.goos == "darwin":
		return filepath.Join(home, "Library", "Jupyter"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}

// sysPrefix is the Python environment in use: the active one if there is one,
// else that of the Python on PATH.
func (p platform) sysPrefix() (string, error) {
	for _, variable := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if dir := p.getenv(variable); dir != "" {
			return dir, nil
		}
	}
	dir, err := p.prefix()
	if err != nil {
		return "", fmt.Errorf("install: no Python environment found (%v); activate one, or give its folder with --prefix", err)
	}
	return dir, nil
}

// systemDirs are the data directories of the whole machine.
func (p platform) systemDirs() []string {
	if p.goos == "windows" {
		// Not trusted unless asked for, since other users may write there.
		if dir := p.getenv("PROGRAMDATA"); dir != "" && p.set("JUPYTER_USE_PROGRAMDATA") {
			return []string{filepath.Join(dir, "jupyter")}
		}
		return nil
	}
	return []string{"/usr/local/share/jupyter", "/usr/share/jupyter"}
}

// searchDirs are the data directories in the order in which Jupyter looks.
// It is what Jupyter would say where there is no Jupyter to ask.
func (p platform) searchDirs() []string {
	var dirs []string
	add := func(dir string) {
		for _, d := range dirs {
			if d == dir {
				return
			}
		}
		dirs = append(dirs, dir)
	}
	for _, dir := range filepath.SplitList(p.getenv("JUPYTER_PATH")) {
		if dir != "" {
			add(filepath.Clean(dir))
		}
	}
	var env []string
	if dir, err := p.sysPrefix(); err == nil {
		env = append(env, filepath.Join(dir, "share", "jupyter"))
	}
	// Inside an environment, its kernels come before the user's.
	preferEnv := p.getenv("VIRTUAL_ENV") != "" ||
		p.getenv("CONDA_PREFIX") != "" && p.getenv("CONDA_DEFAULT_ENV") != "" && p.getenv("CONDA_DEFAULT_ENV") != "base"
	if p.getenv("JUPYTER_PREFER_ENV_PATH") != "" {
		preferEnv = p.set("JUPYTER_PREFER_ENV_PATH")
	}
	if preferEnv {
		for _, dir := range env {
			add(dir)
		}
	}
	if dir, err := p.dataDir(); err == nil {
		add(dir)
	}
	for _, dir := range env {
		add(dir)
	}
	for _, dir := range p.systemDirs() {
		add(dir)
	}
	return dirs
}

// pythonPrefix asks the Python on PATH where it lives.
func pythonPrefix() (string, error) {
	for _, name := range []string{"python3", "python"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out, err := exec.Command(path, "-c", "import sys; print(sys.prefix)").Output()
		if err != nil {
			return "", fmt.Errorf("%s does not say its prefix: %v", path, err)
		}
		if dir := strings.TrimSpace(string(out)); dir != "" {
			return dir, nil
		}
	}
	return "", errors.New("there is no python3 on PATH")
}
