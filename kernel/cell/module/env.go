package module

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/mod/module"
)

// An Env is what the go command's environment says about modules.
type Env struct {
	Proxy   string // GOPROXY
	NoProxy string // GONOPROXY: patterns of modules not to ask a proxy for
	SumDB   string // GOSUMDB
	NoSumDB string // GONOSUMDB: patterns of modules not to check
	Cache   string // GOMODCACHE
	Config  string // the folder of the checksum database's state
	Netrc   string // the file with passwords
}

// Environment reads the environment of this process and the file that go env -w
// writes. Where the ordinary module cache cannot be written, Cache is a folder of the
// user's own cache.
func Environment() Env {
	file := goenv()
	get := func(name, otherwise string) string {
		if v := os.Getenv(name); v != "" {
			return v
		}
		if v := file[name]; v != "" {
			return v
		}
		return otherwise
	}
	private := get("GOPRIVATE", "")
	e := Env{
		Proxy:   get("GOPROXY", "https://proxy.golang.org,direct"),
		NoProxy: get("GONOPROXY", private),
		SumDB:   get("GOSUMDB", "sum.golang.org"),
		NoSumDB: get("GONOSUMDB", private),
		Netrc:   get("NETRC", ""),
	}
	if get("GONOSUMCHECK", "") == "1" {
		e.SumDB = "off"
	}
	home, _ := os.UserHomeDir()
	gopath := get("GOPATH", "")
	if list := filepath.SplitList(gopath); len(list) > 0 {
		gopath = list[0]
	}
	if gopath == "" && home != "" {
		gopath = filepath.Join(home, "go")
	}
	if gopath != "" {
		e.Cache = filepath.Join(gopath, "pkg", "mod")
		e.Config = filepath.Join(gopath, "pkg", "sumdb")
	}
	e.Cache = get("GOMODCACHE", e.Cache)
	if !writable(e.Cache) {
		if user, err := os.UserCacheDir(); err == nil {
			e.Cache = filepath.Join(user, "swingby", "mod")
			e.Config = filepath.Join(user, "swingby", "sumdb")
		}
	}
	if e.Netrc == "" && home != "" {
		name := ".netrc"
		if runtime.GOOS == "windows" {
			name = "_netrc"
		}
		e.Netrc = filepath.Join(home, name)
	}
	return e
}

// goenv reads the file that go env -w writes.
func goenv() map[string]string {
	name := os.Getenv("GOENV")
	if name == "off" {
		return nil
	}
	if name == "" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return nil
		}
		name = filepath.Join(dir, "go", "env")
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	vars := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(key, "#") {
			vars[key] = value
		}
	}
	return vars
}

// writable reports whether files can be made in a folder, which may not be there yet.
func writable(dir string) bool {
	if dir == "" || os.MkdirAll(filepath.Join(dir, "cache", "download"), 0o777) != nil {
		return false
	}
	f, err := os.CreateTemp(filepath.Join(dir, "cache", "download"), ".swingby")
	if err != nil {
		return false
	}
	f.Close()
	return os.Remove(f.Name()) == nil
}

// direct reports whether a module must come from its repository.
func (e Env) direct(path string) bool { return module.MatchPrefixPatterns(e.NoProxy, path) }

// unchecked reports whether a module is kept from the checksum database.
func (e Env) unchecked(path string) bool {
	return e.SumDB == "off" || module.MatchPrefixPatterns(e.NoSumDB, path)
}

// A proxy is one entry of GOPROXY.
type proxy struct {
	url string // "direct" and "off" are entries too
	any bool   // the next entry is asked whatever went wrong with this one
}

// proxies takes GOPROXY apart.
func (e Env) proxies() []proxy {
	var list []proxy
	rest := e.Proxy
	for rest != "" {
		p := proxy{url: rest}
		if i := strings.IndexAny(rest, ",|"); i >= 0 {
			p.url, p.any = rest[:i], rest[i] == '|'
			rest = rest[i+1:]
		} else {
			rest = ""
		}
		if p.url = strings.TrimRight(strings.TrimSpace(p.url), "/"); p.url != "" {
			list = append(list, p)
		}
	}
	return list
}
