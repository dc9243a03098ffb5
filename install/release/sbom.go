package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
)

// The tool that reads a Go program's own list of modules and finds their licences; it is run, not linked.
const sbomTool = "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0"

// writeSBOM writes what is linked into a program, with versions, hashes and
// licences, as CycloneDX 1.6. It has neither a time nor a serial number, since
// the same program must give the same list.
func writeSBOM(to, program, version string) error {
	c := exec.Command("go", "run", sbomTool, "bin", "-json", "-output-version", "1.6", "-noserial", "-notimestamp",
		"-std", "-licenses", "-assert-licenses", "-version", version, program)
	c.Env = append(os.Environ(), "GOFLAGS=", "CGO_ENABLED=0")
	out, err := c.Output()
	if err != nil {
		if e, ok := err.(*exec.ExitError); ok {
			return fmt.Errorf("%s: %w: %s", sbomTool, err, e.Stderr)
		}
		return fmt.Errorf("%s: %w", sbomTool, err)
	}
	out, err = completeSBOM(out)
	if err != nil {
		return err
	}
	return create(to, func(f *os.File) error {
		_, err := f.Write(out)
		return err
	})
}

// completeSBOM adds the licences the tool cannot find, which are not of modules
// it can download: the program's own and that of Go. It fails if one is missing still.
func completeSBOM(text []byte) ([]byte, error) {
	var bom map[string]any
	if err := json.Unmarshal(text, &bom); err != nil {
		return nil, fmt.Errorf("the SBOM is not JSON: %w", err)
	}
	licence := []any{map[string]any{"license": map[string]any{"id": "BSD-3-Clause"}}}
	metadata, _ := bom["metadata"].(map[string]any)
	own, _ := metadata["component"].(map[string]any)
	if own == nil {
		return nil, fmt.Errorf("the SBOM does not say what it is of")
	}
	own["licenses"] = licence
	components, _ := bom["components"].([]any)
	for _, c := range components {
		m, ok := c.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("a component of the SBOM is %T, not an object", c)
		}
		if m["name"] == "std" {
			m["licenses"] = licence
		}
		if found, _ := m["licenses"].([]any); len(found) == 0 {
			return nil, fmt.Errorf("the SBOM has no licence for %v", m["name"])
		}
	}
	out, err := json.MarshalIndent(bom, "", "  ")
	return append(out, '\n'), err
}
