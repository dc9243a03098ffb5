package module

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/zip"
)

// file is where the cache keeps a file of a module's version, with a suffix such as ".mod".
func (c *Client) file(m Version, suffix string) (string, error) {
	dir, err := c.versions(m.Path)
	if err != nil {
		return "", err
	}
	v, err := module.EscapeVersion(m.Version)
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, v+suffix), nil
}

// versions is the cache's folder for the versions of a module.
func (c *Client) versions(path string) (string, error) {
	p, err := module.EscapePath(path)
	if err != nil {
		return "", err
	}
	return filepath.Join(c.env.Cache, "cache", "download", filepath.FromSlash(p), "@v"), nil
}

// source is where the files of a version lie, or will.
func (c *Client) source(m Version) (string, error) {
	p, err := module.EscapePath(m.Path)
	if err != nil {
		return "", err
	}
	v, err := module.EscapeVersion(m.Version)
	if err != nil {
		return "", err
	}
	return filepath.Join(c.env.Cache, filepath.FromSlash(p)+"@"+v), nil
}

// Dir returns the folder with a module's files if the cache has them.
func (c *Client) Dir(m Version) (dir string, ok bool) {
	dir, err := c.source(m)
	if err != nil {
		return "", false
	}
	if partial, err := c.file(m, ".partial"); err != nil || exists(partial) {
		return "", false // the go command has not finished with it
	}
	info, err := os.Stat(dir)
	return dir, err == nil && info.IsDir()
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// Fetch returns the folder with a module's files, after downloading them if need be.
func (c *Client) Fetch(ctx context.Context, m Version) (dir string, err error) {
	if dir, ok := c.Dir(m); ok {
		return dir, nil
	}
	name, err := c.file(m, ".zip")
	if err != nil {
		return "", err
	}
	if !exists(name) || !exists(strings.TrimSuffix(name, ".zip")+".ziphash") {
		data, err := c.versionFile(ctx, m, ".zip", maxZip)
		if err != nil {
			return "", err
		}
		if err := c.keepZip(ctx, m, name, data); err != nil {
			return "", err
		}
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if dir, err = c.source(m); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return "", err
	}
	// Others see the folder once it is complete.
	tmp, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".tmp-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	if err := zip.Unzip(tmp, m, name); err != nil {
		return "", fmt.Errorf("%s: %w", m, err)
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return "", err
	}
	if err := os.Rename(tmp, dir); err != nil && !exists(dir) {
		return "", err
	}
	return dir, nil
}

// keepZip checks a module's zip file and puts it into the cache with its hash.
func (c *Client) keepZip(ctx context.Context, m Version, name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	tmp, err := writeTemp(name, data)
	if err != nil {
		return err
	}
	defer os.Remove(tmp)
	hash, err := dirhash.HashZip(tmp, dirhash.DefaultHash)
	if err != nil {
		return fmt.Errorf("%s: %w", m, err)
	}
	if err := c.sums.check(ctx, m, "", hash); err != nil {
		return err
	}
	if err := os.Rename(tmp, name); err != nil {
		return err
	}
	return writeFile(strings.TrimSuffix(name, ".zip")+".ziphash", []byte(hash))
}

// GoMod returns a module's go.mod file, from the cache or a proxy.
func (c *Client) GoMod(ctx context.Context, m Version) (*modfile.File, error) {
	name, err := c.file(m, ".mod")
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		if data, err = c.versionFile(ctx, m, ".mod", maxText); err != nil {
			return nil, err
		}
		hash, err := hashMod(data)
		if err != nil {
			return nil, err
		}
		if err := c.sums.check(ctx, m, "/go.mod", hash); err != nil {
			return nil, err
		}
		if err := writeFile(name, data); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	f, err := modfile.ParseLax(m.String()+"/go.mod", data, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m, err)
	}
	if f.Module != nil && f.Module.Mod.Path != m.Path {
		return nil, fmt.Errorf("%s calls itself %s: use that path", m, f.Module.Mod.Path)
	}
	return f, nil
}

// versionFile downloads a file of a version.
func (c *Client) versionFile(ctx context.Context, m Version, suffix string, limit int64) ([]byte, error) {
	v, err := module.EscapeVersion(m.Version)
	if err != nil {
		return nil, err
	}
	data, err := c.get(ctx, m.Path, "@v/"+v+suffix, limit)
	if errors.Is(err, errUnknown) {
		return nil, fmt.Errorf("%s: %w", m, err)
	}
	return data, err
}

// cached lists the versions of a module whose files the cache has, oldest first.
func (c *Client) cached(path string) []string {
	dir, err := c.versions(path)
	if err != nil {
		return nil
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*.zip"))
	var list []string
	for _, name := range names {
		v, err := module.UnescapeVersion(strings.TrimSuffix(filepath.Base(name), ".zip"))
		if err == nil && semver.IsValid(v) && exists(strings.TrimSuffix(name, ".zip")+".mod") {
			list = append(list, v)
		}
	}
	semver.Sort(list)
	return list
}

// writeFile writes a file that others may be reading or writing too.
func writeFile(name string, data []byte) error {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	tmp, err := writeTemp(name, data)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, name); err != nil {
		os.Remove(tmp)
		return err
	}
	return nil
}

// writeTemp writes a file beside name and returns its own name.
func writeTemp(name string, data []byte) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".tmp-")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}
