package install

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

//go:embed logo/logo-32x32.png logo/logo-64x64.png logo/logo-svg.svg
var logos embed.FS

// The names Jupyter looks for; a front end takes the one that suits it.
var logoNames = []string{"logo-32x32.png", "logo-64x64.png", "logo-svg.svg"}

const (
	// DefaultName is the name notebooks store.
	DefaultName = "swingby"
	// DefaultDisplayName is the name people see.
	DefaultDisplayName = "Go (Swingby)"
)

// kernelspec is the file kernel.json.
//
// kernel_protocol_version is left out on purpose: from 5.5 on it lets a client
// demand the registration handshake (JEP 66).
type kernelspec struct {
	Argv          []string       `json:"argv"`
	DisplayName   string         `json:"display_name"`
	Language      string         `json:"language"`
	InterruptMode string         `json:"interrupt_mode"`
	Metadata      map[string]any `json:"metadata"`
}

func newSpec(executable, displayName string) kernelspec {
	return kernelspec{
		Argv:          []string{executable, "kernel", "-f", "{connection_file}"},
		DisplayName:   displayName,
		Language:      "go",
		InterruptMode: "message",
		// No debugger key before there is a debugger: it makes a button.
		Metadata: map[string]any{},
	}
}

func (s kernelspec) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(s); err != nil {
		return nil, fmt.Errorf("install: kernel.json: %w", err)
	}
	return b.Bytes(), nil
}

// readSpec reads the kernelspec in a folder.
func readSpec(dir string) (kernelspec, error) {
	var s kernelspec
	b, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("%s is not a kernelspec: %v", filepath.Join(dir, "kernel.json"), err)
	}
	return s, nil
}

// ours reports whether a kernelspec is one that Install wrote. It goes by the
// command, which no other kernel has, since people may edit the rest.
func (s kernelspec) ours() bool {
	return s.Language == "go" && len(s.Argv) == 4 &&
		slices.Equal(s.Argv[1:], []string{"kernel", "-f", "{connection_file}"})
}

// checkName returns the name as Jupyter files it, in lower case.
func checkName(name string) (string, error) {
	ok := name != "" && len(name) <= 100 && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".")
	for _, r := range name {
		ok = ok && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r))
	}
	if !ok {
		return "", fmt.Errorf("install: bad kernel name %q; use ASCII letters, digits, '-', '_' and '.' (not first or last), 100 at most", name)
	}
	return strings.ToLower(name), nil
}

func checkDisplayName(name string) error {
	if strings.TrimSpace(name) == "" || strings.ContainsFunc(name, unicode.IsControl) {
		return fmt.Errorf("install: bad display name %q; use one line of printable text", name)
	}
	return nil
}
