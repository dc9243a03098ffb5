package module

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/mod/module"
)

// A Version is a module at a version.
type Version = module.Version

// errUnknown says that the proxies that were asked do not have something.
var errUnknown = errors.New("no proxy has it")

// errUnreachable says that nothing is known because a proxy could not be asked.
var errUnreachable = errors.New("there is no network")

// refusal is a proxy's answer other than yes and no, or the lack of one.
type refusal struct{ text string }

func (r *refusal) Error() string        { return r.text }
func (r *refusal) Is(target error) bool { return target == errUnreachable }

func refused(format string, args ...any) error { return &refusal{fmt.Sprintf(format, args...)} }

// A Client fetches modules. It may be used by several goroutines at once.
type Client struct {
	env Env
	// Progress is told what a download that takes long is doing; it may be nil.
	Progress func(text string)

	sums checksums
	now  func() time.Time
}

// NewClient returns a client for an environment.
func NewClient(env Env) *Client {
	c := &Client{env: env, now: time.Now}
	c.sums.c = c
	return c
}

func (c *Client) progress(format string, args ...any) {
	if c.Progress != nil {
		c.Progress(fmt.Sprintf(format, args...))
	}
}

// limits of what is read from a proxy: more is an attack or a mistake. They are the go command's.
const (
	maxText = 16 << 20
	maxZip  = 500 << 20
)

// get fetches a file of a module, such as "@v/v1.2.3.mod", from the first proxy that has it.
func (c *Client) get(ctx context.Context, path, file string, limit int64) ([]byte, error) {
	escaped, err := module.EscapePath(path)
	if err != nil {
		return nil, err
	}
	if c.env.direct(path) {
		return nil, fmt.Errorf("GONOPROXY or GOPRIVATE wants %s from its repository, which only the go command can fetch: go mod download %[1]s", path)
	}
	err = errors.New("GOPROXY is empty")
	for _, p := range c.env.proxies() {
		switch p.url {
		case "off":
			if errors.Is(err, errUnknown) {
				return nil, err
			}
			return nil, refused("GOPROXY is off")
		case "direct":
			if errors.Is(err, errUnknown) || errors.Is(err, errUnreachable) {
				return nil, err // what a repository would say is for the go command to ask
			}
			return nil, refused("GOPROXY names no proxy, and only the go command can fetch from a repository")
		}
		var data []byte
		data, err = c.read(ctx, p.url+"/"+escaped+"/"+file, limit)
		if err == nil || ctx.Err() != nil || !p.any && !errors.Is(err, errUnknown) {
			return data, err
		}
	}
	return nil, err
}

// read reads a file: or http: URL.
func (c *Client) read(ctx context.Context, where string, limit int64) ([]byte, error) {
	u, err := url.Parse(where)
	if err != nil {
		return nil, fmt.Errorf("GOPROXY: %w", err)
	}
	switch u.Scheme {
	case "file":
		name := filepath.FromSlash(u.Path)
		if runtime.GOOS == "windows" {
			name = strings.TrimPrefix(name, `\`)
		}
		data, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, errUnknown
		}
		return data, err
	case "http", "https":
	default:
		return nil, fmt.Errorf("GOPROXY: do not know what to do with %q", u.Redacted())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, where, nil)
	if err != nil {
		return nil, err
	}
	if u.User == nil {
		if login, password, ok := netrc(c.env.Netrc, u.Hostname()); ok {
			req.SetBasicAuth(login, password)
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, refused("the proxy %s cannot be reached: %v", u.Host, err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return nil, errUnknown
	case resp.StatusCode != http.StatusOK:
		return nil, refused("the proxy %s says %s", u.Host, resp.Status)
	}
	var b bytes.Buffer
	if err := c.copy(&b, io.LimitReader(resp.Body, limit+1), resp.ContentLength, u); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, refused("the proxy %s: %v", u.Host, err)
	}
	if int64(b.Len()) > limit {
		return nil, fmt.Errorf("%s is larger than %d MB", u.Redacted(), limit>>20)
	}
	return b.Bytes(), nil
}

// slow is how long a download may take before its progress is told, and between two such notes.
const slow = 2 * time.Second

// copy reads a body, and tells the user if that takes long.
func (c *Client) copy(w io.Writer, r io.Reader, size int64, u *url.URL) error {
	next := c.now().Add(slow)
	var done int64
	for {
		n, err := io.CopyN(w, r, 64<<10)
		done += n
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if now := c.now(); now.After(next) {
			next = now.Add(slow)
			of := ""
			if size > 0 {
				of = fmt.Sprintf(" of %.1f", float64(size)/1e6)
			}
			c.progress("%s: %.1f%s MB", strings.TrimPrefix(u.Path, "/"), float64(done)/1e6, of)
		}
	}
}

// netrc looks a machine's login and password up.
func netrc(file, machine string) (login, password string, ok bool) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", "", false
	}
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Split(bufio.ScanWords)
	here := false
	for sc.Scan() {
		switch key := sc.Text(); key {
		case "machine", "default":
			if here && login != "" && password != "" {
				return login, password, true
			}
			login, password = "", ""
			here = key == "default"
			if key == "machine" && sc.Scan() {
				here = sc.Text() == machine
			}
		case "login", "password", "account":
			if sc.Scan() && here {
				switch key {
				case "login":
					login = sc.Text()
				case "password":
					password = sc.Text()
				}
			}
		}
	}
	return login, password, here && login != "" && password != ""
}
