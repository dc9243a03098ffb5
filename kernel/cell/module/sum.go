package module

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/dirhash"
)

// knownKeys are the keys of checksum databases that GOSUMDB may name without one.
var knownKeys = map[string]string{
	"sum.golang.org": "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
}

// checksums asks the checksum database whether what a proxy gave is what everybody gets.
type checksums struct {
	c *Client

	mu     sync.Mutex
	client *sumdb.Client
	ctx    context.Context // of the check under way
	name   string
	key    string
	base   string // URL
	broken error  // what the database did that it must never do
}

// check compares the hash of a module's zip file, or with suffix "/go.mod" of its go.mod.
func (s *checksums) check(ctx context.Context, m Version, suffix, hash string) error {
	if s.c.env.unchecked(m.Path) {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ctx = ctx
	if err := s.open(); err != nil {
		return err
	}
	lines, err := s.client.Lookup(m.Path, m.Version+suffix)
	if s.broken != nil {
		return s.broken
	}
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("the checksum of %s cannot be verified: %w", m, err)
	}
	prefix := m.Path + " " + m.Version + suffix + " "
	for _, line := range lines {
		if want, ok := strings.CutPrefix(line, prefix); ok && strings.HasPrefix(want, "h1:") {
			if want != hash {
				return fmt.Errorf("the checksum of %s%s is not the one that %s knows: it has been changed on its way here, and is not used", m, suffix, s.name)
			}
			return nil
		}
	}
	return fmt.Errorf("%s knows no checksum of %s%s", s.name, m, suffix)
}

// open makes the client of the database that GOSUMDB names.
func (s *checksums) open() error {
	if s.client != nil {
		return nil
	}
	fields := strings.Fields(s.c.env.SumDB)
	if len(fields) == 0 || len(fields) > 2 {
		return fmt.Errorf("GOSUMDB: do not know what to do with %q", s.c.env.SumDB)
	}
	s.key = fields[0]
	if k := knownKeys[s.key]; k != "" {
		s.key = k
	}
	name, _, ok := strings.Cut(s.key, "+")
	if !ok {
		return fmt.Errorf("GOSUMDB: the key of %s is not known", name)
	}
	s.name, s.base = name, "https://"+name
	if len(fields) == 2 {
		s.base = strings.TrimRight(fields[1], "/")
	} else {
		for _, p := range s.c.env.proxies() {
			if p.url == "off" || p.url == "direct" {
				break
			}
			if _, err := s.c.read(s.ctx, p.url+"/sumdb/"+name+"/supported", maxText); err == nil {
				s.base = p.url + "/sumdb/" + name
				break
			}
		}
	}
	s.client = sumdb.NewClient(s)
	return nil
}

// The methods that a sumdb.Client calls.

// ReadRemote reads from the database.
func (s *checksums) ReadRemote(path string) ([]byte, error) {
	data, err := s.c.read(s.ctx, s.base+path, maxText)
	if errors.Is(err, errUnknown) {
		return nil, fmt.Errorf("%s does not know it", s.name)
	}
	return data, err
}

// ReadConfig reads the key, or what is remembered of the database's state.
func (s *checksums) ReadConfig(file string) ([]byte, error) {
	if file == "key" {
		return []byte(s.key), nil
	}
	data, err := os.ReadFile(filepath.Join(s.c.env.Config, filepath.FromSlash(file)))
	if errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(file, "/latest") {
		return []byte{}, nil
	}
	return data, err
}

// WriteConfig replaces what is remembered if it is still old.
func (s *checksums) WriteConfig(file string, old, new []byte) error {
	now, err := s.ReadConfig(file)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, old) {
		return sumdb.ErrWriteConflict
	}
	return writeFile(filepath.Join(s.c.env.Config, filepath.FromSlash(file)), new)
}

func (s *checksums) cacheFile(file string) string {
	return filepath.Join(s.c.env.Cache, "cache", "download", "sumdb", filepath.FromSlash(file))
}

// ReadCache reads a part of the database that was read before.
func (s *checksums) ReadCache(file string) ([]byte, error) { return os.ReadFile(s.cacheFile(file)) }

// WriteCache keeps a part of the database.
func (s *checksums) WriteCache(file string, data []byte) {
	_ = writeFile(s.cacheFile(file), data) // or it is read again
}

// Log is of no interest to the user.
func (s *checksums) Log(string) {}

// SecurityError is called when the database contradicts itself.
func (s *checksums) SecurityError(msg string) {
	line, _, _ := strings.Cut(msg, "\n")
	s.broken = fmt.Errorf("%s contradicts itself, somebody may be tampering with it: %s", s.name, line)
}

// hashMod is the hash of a go.mod file as the database has it.
func hashMod(data []byte) (string, error) {
	return dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data)), nil
	})
}
