package module

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"

	"swingby/kernel/cell/module/moduletest"
)

func TestQuery(t *testing.T) {
	moduletest.Setup(t, "testdata")
	c := NewClient(Environment())
	for _, test := range []struct{ path, query, want string }{
		{"example.org/shapes", "", "example.org/shapes@v1.1.0"},
		{"example.org/shapes", "v1.0.0", "example.org/shapes@v1.0.0"},
		{"example.org/shapes", "v1.0", "example.org/shapes@v1.0.0"},
		{"example.org/shapes", "v1", "example.org/shapes@v1.1.0"},
		{"example.org/shapes/list", "latest", "example.org/shapes@v1.1.0"},
		{"example.org/shapes/nothing", "", "example.org/shapes@v1.1.0 has no package example.org/shapes/nothing"},
		{"example.org/retracted", "", "example.org/retracted@v1.0.0"},
		{"example.org/retracted", "v1.1.0", "example.org/retracted@v1.1.0"},
		{"example.org/major/v2", "", "example.org/major/v2@v2.0.0"},
		{"example.org/major/v2", "v2.1.0-rc.1", "example.org/major/v2@v2.1.0-rc.1"},
		{"example.org/major", "v2.0.0", "versions v2 belong to the path example.org/major/v2: %get example.org/major/v2@v2.0.0"},
		{"example.org/shapes", "v1.9.0", "example.org/shapes has no version v1.9.0; the latest is v1.1.0"},
		{"example.org/shapes", "v3", "example.org/shapes has no version v3; the latest is v1.1.0"},
		{"example.org/shapes", "nobranch", "example.org/shapes has no version nobranch; the latest is v1.1.0"},
		{"example.org/none", "", "there is no module example.org/none: no proxy has it; check the spelling, and that it is public"},
		{"example.org/none", "v1.0.0", "there is no module example.org/none: no proxy has it; check the spelling, and that it is public"},
		{"fmt", "", `"fmt" is no module path: that starts with a host, as in github.com/google/uuid`},
		{"https://example.org/shapes", "", `"https://example.org/shapes" is an address: a module's path starts with the host, github.com/google/uuid`},
		{"example.org/a b", "", `"example.org/a b" is no module path: invalid char ' '`},
		{"example.org//b", "", `"example.org//b" is no module path: double slash`},
	} {
		f, err := c.Query(t.Context(), test.path, test.query)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = f.String()
		}
		if got != test.want {
			t.Errorf("%s@%s: %s\nwant %s", test.path, test.query, got, test.want)
		}
	}
}

func TestSelect(t *testing.T) {
	moduletest.Setup(t, "testdata")
	c := NewClient(Environment())
	for _, test := range []struct{ roots, want string }{
		{"example.org/shapes@v1.1.0", "example.org/shapes@v1.1.0 example.org/units@v1.1.0"},
		{"example.org/shapes@v1.1.0 example.org/units@v1.2.0", "example.org/shapes@v1.1.0 example.org/units@v1.2.0"},
		{"example.org/old@v0.3.0 example.org/shapes@v1.0.0", "example.org/middle@v1.0.0 example.org/old@v0.3.0 example.org/shapes@v1.0.0 example.org/units@v1.2.0"},
	} {
		var roots []Version
		for _, r := range strings.Fields(test.roots) {
			path, v, _ := strings.Cut(r, "@")
			roots = append(roots, Version{Path: path, Version: v})
		}
		l, err := c.Select(t.Context(), roots)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range l.Modules() {
			got = append(got, m.String())
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: %s\nwant %s", test.roots, got, test.want)
		}
	}
}

// fetch gets a module and all that its packages need.
func fetch(ctx context.Context, path, query string) (*List, error) {
	c := NewClient(Environment())
	f, err := c.Query(ctx, path, query)
	if err != nil {
		return nil, err
	}
	l, err := c.Select(ctx, []Version{f.Version})
	if err != nil {
		return nil, err
	}
	if _, err := c.Fetch(ctx, f.Version); err != nil {
		return nil, err
	}
	return l, l.Fetch(ctx, func(path string) bool { return !strings.Contains(path, ".") }, l.Packages(f.Path)...)
}

func TestPackages(t *testing.T) {
	proxy, _ := moduletest.Setup(t, "testdata")
	l, err := fetch(t.Context(), "example.org/shapes", "")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := l.Packages("example.org/shapes"), []string{"example.org/shapes", "example.org/shapes/list"}; !slices.Equal(got, want) {
		t.Errorf("packages %q, want %q", got, want)
	}
	for path, want := range map[string]string{
		"example.org/shapes":                "shapes.go 1.21",
		"example.org/shapes/internal/names": "names.go 1.21",
		"example.org/units":                 "units.go 1.20",
		"example.org/shapes/nothing":        `example.org/shapes@v1.1.0 has no package "example.org/shapes/nothing"`,
		"example.org/other":                 `package "example.org/other" is in none of the modules fetched: %get example.org/other`,
	} {
		got := ""
		if p, err := l.Package(path); err != nil {
			got = err.Error()
		} else if files, err := p.Files(); err != nil {
			got = err.Error()
		} else {
			got = strings.Join(files, " ") + " " + p.Language
		}
		if got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	// All of it is in the cache now.
	if err := os.RemoveAll(proxy); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOPROXY", "off")
	for _, query := range []string{"v1.1.0", "", "v1"} {
		if l, err = fetch(t.Context(), "example.org/shapes", query); err != nil {
			t.Errorf("version %q from the cache: %v", query, err)
		} else if v := l.Version("example.org/shapes"); v != "v1.1.0" {
			t.Errorf("version %q from the cache is %s", query, v)
		}
	}
	if _, err := fetch(t.Context(), "example.org/shapes", "v1.0.0"); err == nil || err.Error() != "example.org/shapes cannot be found: GOPROXY is off" {
		t.Errorf("a version that is not in the cache: %v", err)
	}
}

func TestFilesByConstraint(t *testing.T) {
	moduletest.Setup(t, "testdata")
	l, err := fetch(t.Context(), "example.org/impure", "")
	if err != nil {
		t.Fatal(err)
	}
	for sub, want := range map[string]string{
		"tagged":    "slow.go",
		"cgo":       `package "example.org/impure/cgo" needs cgo, in cgo.go`,
		"elsewhere": `package "example.org/impure/elsewhere" has no Go files for `,
	} {
		p, err := l.Package("example.org/impure/" + sub)
		if err != nil {
			t.Fatal(err)
		}
		files, err := p.Files()
		got := strings.Join(files, " ")
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", sub, got, want)
		}
	}
}

// overHTTP serves a proxy's folder and answers with a status where fail gives one.
func overHTTP(t *testing.T, dir string, fail func(*http.Request) int) string {
	files := http.FileServer(http.Dir(dir))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := fail(r); status != 0 {
			w.WriteHeader(status)
			return
		}
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestProxies(t *testing.T) {
	dir, _ := moduletest.Setup(t, "testdata")
	good := overHTTP(t, dir, func(*http.Request) int { return 0 })
	none := overHTTP(t, dir, func(*http.Request) int { return http.StatusNotFound })
	broken := overHTTP(t, dir, func(*http.Request) int { return http.StatusInternalServerError })
	secret := overHTTP(t, dir, func(r *http.Request) int {
		if user, password, ok := r.BasicAuth(); !ok || user != "ada" || password != "pw" {
			return http.StatusUnauthorized
		}
		return 0
	})
	host := func(url string) string { return strings.TrimPrefix(url, "http://") }
	for _, test := range []struct{ proxies, private, netrc, want string }{
		{good, "", "", ""},
		{none + "," + good, "", "", ""},
		{broken + "|" + good, "", "", ""},
		{good + ",direct", "", "", ""},
		{broken + "," + good, "", "", "example.org/units cannot be found: the proxy " + host(broken) + " says 500 Internal Server Error"},
		{none + ",direct", "", "", "there is no module example.org/units: no proxy has it; check the spelling, and that it is public"},
		{"off", "", "", "example.org/units cannot be found: GOPROXY is off"},
		{"direct", "", "", "example.org/units cannot be found: GOPROXY names no proxy, and only the go command can fetch from a repository"},
		{"http://127.0.0.1:1", "", "", "example.org/units cannot be found: the proxy 127.0.0.1:1 cannot be reached: "},
		{good, "example.org", "", "example.org/units cannot be found: GONOPROXY or GOPRIVATE wants example.org/units from its repository"},
		{secret, "", "", "example.org/units cannot be found: the proxy " + host(secret) + " says 401 Unauthorized"},
		{secret, "", "machine other login x password y\nmachine 127.0.0.1\n login ada\n password pw\n", ""},
		{secret, "", "default login ada password pw\n", ""},
	} {
		t.Setenv("GOPROXY", test.proxies)
		t.Setenv("GOPRIVATE", test.private)
		t.Setenv("GOMODCACHE", filepath.Join(t.TempDir(), "mod"))
		if err := os.WriteFile(os.Getenv("NETRC"), []byte(test.netrc), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := fetch(t.Context(), "example.org/units", "")
		if got := fmt.Sprint(err); test.want == "" && err != nil || test.want != "" && !strings.HasPrefix(got, test.want) {
			t.Errorf("GOPROXY=%s: %s\nwant %s", test.proxies, got, test.want)
		}
	}
}

func TestInterrupt(t *testing.T) {
	moduletest.Setup(t, "testdata")
	stop, asked := make(chan bool), make(chan bool, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked <- true; <-stop }))
	defer s.Close()
	defer close(stop)
	t.Setenv("GOPROXY", s.URL)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	if _, err := fetch(ctx, "example.org/units", ""); err != context.Canceled { // and nothing else ends it
		t.Errorf("error %v", err)
	}
}

func TestProgress(t *testing.T) {
	moduletest.Setup(t, "testdata")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "300000")
		_, _ = w.Write(make([]byte, 300000))
	}))
	defer s.Close()
	c := NewClient(Environment())
	var clock time.Time
	c.now = func() time.Time { clock = clock.Add(slow * 3 / 10); return clock } // each of five reads takes so long
	var notes []string
	c.Progress = func(text string) { notes = append(notes, text) }
	data, err := c.read(t.Context(), s.URL+"/example.org/units/@v/v1.0.0.zip", maxZip)
	if err != nil || len(data) != 300000 || len(notes) != 1 || !strings.HasPrefix(notes[0], "example.org/units/@v/v1.0.0.zip: 0.") || !strings.HasSuffix(notes[0], " of 0.3 MB") {
		t.Errorf("%d bytes, %v, notes %q", len(data), err, notes)
	}
	if _, err := c.read(t.Context(), s.URL+"/x", 1000); err == nil || !strings.Contains(err.Error(), "is larger than") {
		t.Errorf("more than the limit: %v", err)
	}
}

// TestChecksums runs a checksum database of our own.
func TestChecksums(t *testing.T) {
	moduletest.Setup(t, "testdata")
	signer, verifier, err := note.GenerateKey(nil, "sums.example.org")
	if err != nil {
		t.Fatal(err)
	}
	// What the database is to know is what fetching without it finds.
	if _, err := fetch(t.Context(), "example.org/units", "v1.1.0"); err != nil {
		t.Fatal(err)
	}
	c := NewClient(Environment())
	m := Version{Path: "example.org/units", Version: "v1.1.0"}
	name, _ := c.file(m, ".ziphash")
	zipHash, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	name, _ = c.file(m, ".mod")
	mod, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	modHash, err := hashMod(mod)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ zip, mod, none, want string }{
		{string(zipHash), modHash, "", ""},
		{"h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", modHash, "", "the checksum of example.org/units@v1.1.0 is not the one that sums.example.org knows: it has been changed on its way here, and is not used"},
		{string(zipHash), "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "", "the checksum of example.org/units@v1.1.0/go.mod is not the one that sums.example.org knows: it has been changed on its way here, and is not used"},
		{"h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "", "example.org", ""},
	} {
		db := httptest.NewServer(sumdb.NewServer(sumdb.NewTestServer(signer, func(path, version string) ([]byte, error) {
			return fmt.Appendf(nil, "%s %s %s\n%s %s/go.mod %s\n", path, version, test.zip, path, version, test.mod), nil
		})))
		t.Setenv("GOSUMDB", verifier+" "+db.URL)
		t.Setenv("GONOSUMDB", test.none)
		dir := t.TempDir()
		t.Setenv("GOMODCACHE", filepath.Join(dir, "mod"))
		t.Setenv("GOPATH", dir)
		_, err := fetch(t.Context(), "example.org/units", "v1.1.0")
		if got := fmt.Sprint(err); test.want == "" && err != nil || test.want != "" && got != test.want {
			t.Errorf("%v\nwant %s", err, test.want)
		}
		if _, ok := NewClient(Environment()).Dir(m); ok != (test.want == "") {
			t.Errorf("kept: %t, where the error is %v", ok, err)
		}
		db.Close()
	}
	t.Setenv("GOSUMDB", "unknown.example.org")
	t.Setenv("GONOSUMDB", "")
	t.Setenv("GOMODCACHE", filepath.Join(t.TempDir(), "mod"))
	if _, err := fetch(t.Context(), "example.org/units", "v1.1.0"); err == nil || err.Error() != "GOSUMDB: the key of unknown.example.org is not known" {
		t.Errorf("an unknown database: %v", err)
	}
}

func TestEnvironment(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"GOPROXY", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOSUMDB", "GOMODCACHE", "GONOSUMCHECK"} {
		t.Setenv(name, "")
	}
	t.Setenv("GOPATH", dir)
	t.Setenv("GOENV", filepath.Join(dir, "env"))
	if err := os.WriteFile(filepath.Join(dir, "env"), []byte("# mine\nGOPROXY=https://a.example|off\nGOPRIVATE=*.corp.example\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	e := Environment()
	if e.Proxy != "https://a.example|off" || e.Cache != filepath.Join(dir, "pkg", "mod") || e.SumDB != "sum.golang.org" {
		t.Errorf("%+v", e)
	}
	if !e.direct("git.corp.example/x") || !e.unchecked("git.corp.example/x") || e.direct("example.org/x") || e.unchecked("example.org/x") {
		t.Errorf("private modules: %+v", e)
	}
	t.Setenv("GOPROXY", "off")
	t.Setenv("GONOSUMCHECK", "1")
	if e := Environment(); e.Proxy != "off" || !e.unchecked("example.org/x") {
		t.Errorf("the process's own environment: %+v", e)
	}
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "user"))
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOMODCACHE", filepath.Join(dir, "file", "mod"))
	if user, err := os.UserCacheDir(); err == nil {
		if e := Environment(); e.Cache != filepath.Join(user, "swingby", "mod") {
			t.Errorf("a cache that cannot be written: %q", e.Cache)
		}
	}
}
