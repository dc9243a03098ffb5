package display

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestPrompt(t *testing.T) {
	defer SetPrompter(nil)
	SetPrompter(func(prompt string, password bool) (string, error) {
		if password {
			return prompt + " hidden", nil
		}
		return "", io.EOF
	})
	if got, err := Password("key?"); got != "key? hidden" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Prompt("name?"); !errors.Is(err, io.EOF) {
		t.Errorf("%v", err)
	}
	SetPrompter(nil)
	if _, err := Password("key?"); err == nil {
		t.Error("a password is asked for where it would be seen")
	}
}

func TestReadLine(t *testing.T) {
	r := strings.NewReader("one\r\n\ntwo")
	for _, want := range []string{"one", "", "two"} {
		if got, err := readLine(r); got != want || err != nil {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	if _, err := readLine(r); err != io.EOF {
		t.Errorf("%v", err)
	}
}
