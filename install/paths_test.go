package install

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
)

func pretend(goos string, env map[string]string) platform {
	return platform{
		goos:   goos,
		getenv: func(name string) string { return env[name] },
		home:   func() (string, error) { return "/home/ada", nil },
		prefix: func() (string, error) { return "/usr", nil },
	}
}

// The expected places are those of jupyter_core 5.9.1.
func TestDataDir(t *testing.T) {
	for _, c := range []struct {
		goos string
		env  map[string]string
		want []string
	}{
		{"linux", nil, []string{"/home/ada", ".local", "share", "jupyter"}},
		{"linux", map[string]string{"XDG_DATA_HOME": "/data"}, []string{"/data", "jupyter"}},
		{"linux", map[string]string{"XDG_DATA_HOME": "/data", "JUPYTER_DATA_DIR": "/mine"}, []string{"/mine"}},
		{"freebsd", nil, []string{"/home/ada", ".local", "share", "jupyter"}},
		{"darwin", nil, []string{"/home/ada", "Library", "Jupyter"}},
		{"darwin", map[string]string{"XDG_DATA_HOME": "/data"}, []string{"/home/ada", "Library", "Jupyter"}},
		{"darwin", map[string]string{"JUPYTER_PLATFORM_DIRS": "1"}, []string{"/home/ada", "Library", "Application Support", "jupyter"}},
		{"darwin", map[string]string{"JUPYTER_PLATFORM_DIRS": "False"}, []string{"/home/ada", "Library", "Jupyter"}},
		{"windows", map[string]string{"APPDATA": "/roaming", "LOCALAPPDATA": "/local"}, []string{"/roaming", "jupyter"}},
		{"windows", map[string]string{"APPDATA": "/roaming", "LOCALAPPDATA": "/local", "JUPYTER_PLATFORM_DIRS": "yes"}, []string{"/local", "jupyter"}},
		{"windows", map[string]string{"JUPYTER_CONFIG_DIR": "/config"}, []string{"/config", "data"}},
		{"windows", nil, []string{"/home/ada", ".jupyter", "data"}},
		{"windows", map[string]string{"JUPYTER_DATA_DIR": "/mine", "APPDATA": "/roaming"}, []string{"/mine"}},
	} {
		got, err := pretend(c.goos, c.env).dataDir()
		if want := filepath.Join(c.want...); err != nil || got != want {
			t.Errorf("%s %v: %q, %v; want %q", c.goos, c.env, got, err, want)
		}
	}
	p := pretend("linux", nil)
	p.home = func() (string, error) { return "", errors.New("$HOME is not defined") }
	if _, err := p.dataDir(); err == nil {
		t.Error("a user without a home folder has a data directory")
	}
}

func TestSearchOrder(t *testing.T) {
	user := filepath.Join("/home/ada", ".local", "share", "jupyter")
	const local, usr = "/usr/local/share/jupyter", "/usr/share/jupyter"
	venv := filepath.Join("/venv", "share", "jupyter")
	for _, c := range []struct {
		env  map[string]string
		want []string
	}{
		{nil, []string{user, usr, local}},
		{map[string]string{"VIRTUAL_ENV": "/venv"}, []string{venv, user, local, usr}},
		{map[string]string{"VIRTUAL_ENV": "/venv", "JUPYTER_PREFER_ENV_PATH": "0"}, []string{user, venv, local, usr}},
		{map[string]string{"CONDA_PREFIX": "/venv", "CONDA_DEFAULT_ENV": "base"}, []string{user, venv, local, usr}},
		{map[string]string{"CONDA_PREFIX": "/venv", "CONDA_DEFAULT_ENV": "base", "JUPYTER_PREFER_ENV_PATH": "1"}, []string{venv, user, local, usr}},
		{map[string]string{"CONDA_PREFIX": "/venv", "CONDA_DEFAULT_ENV": "go"}, []string{venv, user, local, usr}},
		{map[string]string{"JUPYTER_PATH": "/one/" + string(filepath.ListSeparator) + "/two"}, []string{"/one", "/two", user, usr, local}},
	} {
		if got := pretend("linux", c.env).searchDirs(); !slices.Equal(got, c.want) {
			t.Errorf("%v:\n got %q\nwant %q", c.env, got, c.want)
		}
	}
	windows := pretend("windows", map[string]string{"APPDATA": "/roaming", "PROGRAMDATA": "/program"})
	want := []string{filepath.Join("/roaming", "jupyter"), filepath.Join("/usr", "share", "jupyter")}
	if got := windows.searchDirs(); !slices.Equal(got, want) {
		t.Errorf("windows: %q, want %q", got, want)
	}
}

func TestTemporary(t *testing.T) {
	for _, c := range []struct {
		path, cache string
		want        bool
	}{
		{"/tmp/go-build123456/b001/exe/swingby", "", true},
		{"/home/ada/.cache/go-build/ab/abcd-d/swingby", "", true},
		{"/cache/ab/abcd-d/swingby", "/cache", true},
		{"/cached/swingby", "/cache", false},
		{"/home/ada/go-builder/bin/swingby", "", false},
		{"/home/ada/bin/swingby", "", false},
		{"/tmp/checkout/bin/swingby", "", false},
	} {
		if got := temporary(filepath.FromSlash(c.path), filepath.FromSlash(c.cache)); got != c.want {
			t.Errorf("temporary(%q, %q) = %v", c.path, c.cache, got)
		}
	}
}
