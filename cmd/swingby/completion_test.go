package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBash lets bash complete, as it does when a person presses Tab.
func TestBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal("this test needs bash")
	}
	dir := t.TempDir()
	var script strings.Builder
	if err := writeCompletion(&script, "bash"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "completion.bash")
	for name, text := range map[string]string{file: script.String(), filepath.Join(dir, "a b.ipynb"): "", filepath.Join(dir, "x.txt"): "", filepath.Join(dir, "s.go"): ""} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ words, want string }{
		{"swingby ver", "verify,version"},
		{"swingby exec -ti", "-timeout"},
		{"swingby verify -j", "-junit"},
		{"swingby exec a", "a b.ipynb"},
		{"swingby run s", "s.go"},
		{"swingby exec x", ""},
	} {
		words := strings.Fields(c.words)
		cmd := exec.Command(bash, "--norc", "-c", `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _swingby; IFS=,; echo "${COMPREPLY[*]}"`, "bash", file)
		cmd.Args = append(cmd.Args, words...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != c.want {
			t.Errorf("%s: bash offers %q (%v), want %q", c.words, got, err, c.want)
		}
	}
}

// TestCompletions: every command and flag is known to every shell and stands in the manual page.
func TestCompletions(t *testing.T) {
	var man strings.Builder
	writeMan(&man)
	texts := map[string]string{"man": man.String()}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		var b strings.Builder
		if err := writeCompletion(&b, shell); err != nil {
			t.Fatal(err)
		}
		texts[shell] = b.String()
	}
	flags := 0
	for _, c := range commands {
		for name, text := range texts {
			if !strings.Contains(text, c.name) {
				t.Errorf("%s does not know %s", name, c.name)
			}
		}
		for _, f := range flagsOf(c) {
			flags++
			for name, mark := range map[string]string{"bash": "-" + f.Name, "zsh": "-" + f.Name + "[", "fish": "-o " + f.Name, "man": `.B \-` + roff(f.Name)} {
				if !strings.Contains(texts[name], mark) {
					t.Errorf("%s does not know %s -%s", name, c.name, f.Name)
				}
			}
		}
	}
	if flags < 20 {
		t.Errorf("only %d flags were found", flags)
	}
	if err := writeCompletion(&man, "csh"); err == nil {
		t.Error("csh is accepted")
	}
}
