// Package moduletest gives tests modules to fetch without a network.
package moduletest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
	"golang.org/x/tools/txtar"
)

// Setup makes the archives of a folder the only modules that are there, for the rest
// of the test, behind a proxy in files and with an empty module cache. It returns
// the proxy's folder and the cache. An archive's comment is the module's path and version.
func Setup(t testing.TB, archives string) (proxy, cache string) {
	t.Helper()
	dir := t.TempDir()
	proxy, cache = filepath.Join(dir, "proxy"), filepath.Join(dir, "cache")
	names, err := filepath.Glob(filepath.Join(archives, "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no modules in %s: %v", archives, err)
	}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := publish(proxy, a); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	url := "file://" + filepath.ToSlash(proxy)
	if !strings.HasPrefix(filepath.ToSlash(proxy), "/") {
		url = "file:///" + filepath.ToSlash(proxy)
	}
	for name, value := range map[string]string{
		"GOPROXY": url, "GOSUMDB": "off", "GOMODCACHE": cache, "GOPATH": filepath.Join(dir, "gopath"), "GOENV": "off",
		"GOPRIVATE": "", "GONOPROXY": "", "GONOSUMDB": "", "GONOSUMCHECK": "", "NETRC": filepath.Join(dir, "netrc"),
	} {
		t.Setenv(name, value)
	}
	return proxy, cache
}

// publish adds a module to a proxy.
func publish(proxy string, a *txtar.Archive) error {
	fields := strings.Fields(string(a.Comment))
	if len(fields) != 2 {
		return fmt.Errorf("the comment is not a module's path and version: %q", a.Comment)
	}
	m := module.Version{Path: fields[0], Version: fields[1]}
	escaped, err := module.EscapePath(m.Path)
	if err != nil {
		return err
	}
	dir := filepath.Join(proxy, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	var files []zip.File
	mod := "module " + m.Path + "\n"
	for _, f := range a.Files {
		files = append(files, file{f})
		if f.Name == "go.mod" {
			mod = string(f.Data)
		}
	}
	var b bytes.Buffer
	if err := zip.Create(&b, m, files); err != nil {
		return err
	}
	list, err := os.OpenFile(filepath.Join(dir, "list"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer list.Close()
	if _, err := fmt.Fprintln(list, m.Version); err != nil {
		return err
	}
	for suffix, data := range map[string]string{
		".info": fmt.Sprintf("{\"Version\":%q,\"Time\":\"2024-01-02T03:04:05Z\"}", m.Version), ".mod": mod, ".zip": b.String(),
	} {
		if err := os.WriteFile(filepath.Join(dir, m.Version+suffix), []byte(data), 0o666); err != nil {
			return err
		}
	}
	return nil
}
