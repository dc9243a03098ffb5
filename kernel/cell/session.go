package cell

import (
	"context"
	"errors"
	"io"
)

// Config says how a session meets the world; the zero value is ready to use.
type Config struct {
	// Stdin is what fmt.Scan and friends read; nil means no input.
	Stdin io.Reader
}

// Session is a running interpreter with the declarations of every cell so far.
// Execute must not be called concurrently; the other methods may be called at any time.
type Session struct{}

// Result is what a cell's last expression gave.
type Result struct {
	// Values holds all values of the last expression; nil when the cell has no result.
	Values []any
	// Types are the static types of Values as they are spelled in Go.
	Types []string
}

// New starts a session.
func New(cfg Config) (*Session, error) { return &Session{}, nil }

// Execute checks, lowers and runs one cell. count is its execution count, n of In[n].
// Errors are of type *Error, or ctx.Err() wrapped in one when the cell was interrupted.
func (s *Session) Execute(ctx context.Context, count int, src string) (Result, error) {
	return Result{}, errors.New("cell: not yet")
}

// Eval evaluates one expression in the session, for user_expressions.
func (s *Session) Eval(ctx context.Context, expr string) (Result, error) {
	return Result{}, errors.New("cell: not yet")
}

// Error is a failed cell, as a front end shows it.
type Error struct {
	// Name is the kind: "compile error", "panic", "interrupted", or the dynamic type of a panic's error value.
	Name string
	// Message is one line or several, without position.
	Message string
	// Traceback holds the lines to show, plain text or with ANSI colours.
	Traceback []string
}

func (e *Error) Error() string { return e.Name + ": " + e.Message }

// Completion lists what could stand at the cursor.
type Completion struct {
	Start, End int // bytes of src that a match replaces
	Matches    []Match
}

// Match is one completion.
type Match struct {
	Text      string
	Kind      string // "function", "method", "field", "variable", "constant", "type", "module", "keyword", "path"
	Signature string
}

// Complete returns completions at a byte offset of src.
func (s *Session) Complete(src string, cursor int) Completion { return Completion{} }

// Inspect returns documentation of the name at or before a byte offset of src, as Markdown and plain text.
func (s *Session) Inspect(src string, cursor, detail int) (plain, markdown string, ok bool) {
	return "", "", false
}

// IsComplete says whether src is "complete", "incomplete" (with the indent of the next line) or "invalid".
func (s *Session) IsComplete(src string) (status, indent string) { return "complete", "" }
