package worker

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

// stdin is what cells read as their standard input: every line is asked of the front end.
type stdin struct {
	server *server
	mu     sync.Mutex
	rest   []byte // of the last line
}

// Read returns the rest of the last line, or all or part of a new one, never more than one line.
// A refusal is an error; the end of the input is io.EOF.
func (in *stdin) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.rest) == 0 {
		line, err := in.server.input("", false)
		if err != nil {
			return 0, err
		}
		in.rest = append([]byte(line), '\n')
	}
	n := copy(p, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}

// Prompt asks for one line with a prompt, as a password if so wanted, and
// returns it without its newline: it is display.Prompt and display.Password.
func (in *stdin) Prompt(prompt string, password bool) (string, error) {
	return in.server.input(prompt, password)
}

// forget drops what the last cell left unread of its line: fmt.Scan leaves a newline.
func (in *stdin) forget() {
	if in.mu.TryLock() { // else a goroutine of an earlier cell is reading
		in.rest = nil
		in.mu.Unlock()
	}
}

// input asks the parent for a line and waits for it, or for the cell's interrupt.
func (s *server) input(prompt string, password bool) (string, error) {
	body, err := encodeJSON(inputBody{Prompt: prompt, Password: password})
	if err != nil {
		return "", err
	}
	ch := make(chan inputReplyBody, 1)
	s.mu.Lock()
	s.lastInput++
	id := s.lastInput
	s.inputs[id] = ch
	var interrupted <-chan struct{}
	if s.running != nil {
		interrupted = s.running.Done()
	}
	s.mu.Unlock()
	if err := s.sendOrdered("input", id, body); err != nil {
		return "", err
	}
	select {
	case r := <-ch:
		switch {
		case r.EOF:
			return "", io.EOF
		case r.Error != "":
			return "", fmt.Errorf("input refused: %s", r.Error)
		}
		return r.Value, nil
	case <-interrupted:
		s.mu.Lock()
		delete(s.inputs, id)
		s.mu.Unlock()
		return "", errors.New("input interrupted")
	}
}
