package repl

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-sixel"
	"golang.org/x/term"
)

// Pictures is a way to show a picture in a terminal.
type Pictures string

// The protocols there are.
const (
	NoPictures Pictures = "none"
	Kitty      Pictures = "kitty"  // kitty, Ghostty, Konsole, WezTerm
	ITerm      Pictures = "iterm2" // iTerm2, WezTerm, VS Code, mintty
	Sixel      Pictures = "sixel"  // xterm -ti vt340, foot, mlterm, Windows Terminal, tmux
)

// ParsePictures reads the name of a protocol; "auto" is what the terminal is known to have.
func ParsePictures(name string, in, out *os.File) (Pictures, error) {
	switch p := Pictures(strings.ToLower(name)); p {
	case NoPictures, Kitty, ITerm, Sixel:
		return p, nil
	case "", "auto":
		return detect(in, out, os.Getenv), nil
	}
	return NoPictures, fmt.Errorf("repl: there are no pictures of the kind %q: auto, kitty, iterm2, sixel or none", name)
}

// detect finds what the terminal can, by what it says of itself in the
// environment. It is not asked: an answer that comes late, over a slow line, would be taken for keys.
func detect(in, out *os.File, getenv func(string) string) Pictures {
	if !term.IsTerminal(int(in.Fd())) || !term.IsTerminal(int(out.Fd())) {
		return NoPictures
	}
	return byEnvironment(getenv)
}

func byEnvironment(getenv func(string) string) Pictures {
	kind, program := getenv("TERM"), getenv("TERM_PROGRAM")
	switch {
	case getenv("TMUX") != "", strings.HasPrefix(kind, "screen"), strings.HasPrefix(kind, "tmux"):
		return NoPictures // what is around it may not pass them on
	case getenv("KITTY_WINDOW_ID") != "", kind == "xterm-kitty", kind == "xterm-ghostty", program == "ghostty":
		return Kitty
	case program == "iTerm.app", program == "WezTerm", program == "vscode", program == "mintty", getenv("LC_TERMINAL") == "iTerm2":
		return ITerm
	case strings.HasPrefix(kind, "foot"), strings.HasPrefix(kind, "mlterm"), strings.HasPrefix(kind, "contour"), strings.Contains(kind, "sixel"), getenv("WT_SESSION") != "":
		return Sixel
	}
	return NoPictures
}

// kittyChunk is the most of a picture that one sequence of kitty's may hold.
const kittyChunk = 4096

// Write shows a picture, a PNG in base64, as a notebook holds it.
func (p Pictures) Write(w io.Writer, picture string) error {
	picture = strings.Join(strings.Fields(picture), "")
	raw, err := base64.StdEncoding.DecodeString(picture)
	if err != nil {
		return fmt.Errorf("repl: the picture is not base64: %w", err)
	}
	var b bytes.Buffer
	switch p {
	case Kitty:
		for first := true; picture != "" || first; first = false {
			n := min(kittyChunk, len(picture))
			more := 0
			if n < len(picture) {
				more = 1
			}
			head := fmt.Sprintf("m=%d", more)
			if first {
				head = "f=100,a=T," + head
			}
			b.WriteString("\x1b_G" + head + ";" + picture[:n] + "\x1b\\")
			picture = picture[n:]
		}
	case ITerm:
		fmt.Fprintf(&b, "\x1b]1337;File=inline=1;size=%d:%s\a", len(raw), picture)
	case Sixel:
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			return fmt.Errorf("repl: the picture cannot be decoded: %w", err)
		}
		if err := sixel.NewEncoder(&b).Encode(img); err != nil {
			return err
		}
	default:
		return errors.New("repl: this terminal shows no pictures")
	}
	b.WriteByte('\n')
	_, err = w.Write(b.Bytes())
	return err
}
