package display

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
)

// Prompter asks the user for one line, which is not to be seen while it is typed if it is a password.
type Prompter func(prompt string, password bool) (string, error)

var prompter atomic.Pointer[Prompter]

// SetPrompter sets how Prompt and Password ask, for the whole process. A nil p restores the default, which
// prints the prompt and reads a line of os.Stdin, and has no way to hide a password.
func SetPrompter(p Prompter) {
	if p == nil {
		prompter.Store(nil)
		return
	}
	prompter.Store(&p)
}

// Prompt asks the user for one line of text, in the notebook's input box, and returns it without its end.
// The error is io.EOF when the user ends the input, and says why when the client takes none.
func Prompt(text string) (string, error) { return ask(text, false) }

// Password is Prompt for what must not be seen: the client hides what is typed, and neither it nor the
// notebook keeps it.
func Password(text string) (string, error) { return ask(text, true) }

func ask(text string, password bool) (string, error) {
	if p := prompter.Load(); p != nil {
		return (*p)(text, password)
	}
	if password {
		return "", errors.New("display: a password would be seen here; call Password in a notebook or console")
	}
	fmt.Fprint(os.Stdout, text)
	return readLine(os.Stdin)
}

// readLine reads byte by byte, so as to leave what follows to the next reader.
func readLine(r io.Reader) (string, error) {
	var b strings.Builder
	for c := make([]byte, 1); ; {
		switch n, err := r.Read(c); {
		case n == 1 && c[0] == '\n':
			return strings.TrimSuffix(b.String(), "\r"), nil
		case n == 1:
			b.WriteByte(c[0])
		case errors.Is(err, io.EOF) && b.Len() > 0:
			return b.String(), nil
		case err != nil:
			return "", err
		}
	}
}
