package repl

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/mattn/go-sixel"

	"swingby/kernel/worker"
)

// TestMain lets the test binary be the worker that Run starts.
func TestMain(m *testing.M) {
	if len(os.Args) >= 2 && os.Args[1] == "worker" {
		if err := worker.Serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// talk runs cells as from a pipe.
func talk(t *testing.T, text string) (stdout, stderr string, err error) {
	t.Helper()
	file := func(text string) *os.File {
		f, err := os.CreateTemp(t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Seek(0, 0); err != nil {
			t.Fatal(err)
		}
		return f
	}
	in, out, errs := file(text), file(""), file("")
	err = Run(t.Context(), Options{In: in, Out: out, Err: errs})
	read := func(f *os.File) string {
		b, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	return read(out), read(errs), err
}

func TestPipe(t *testing.T) {
	out, errs, err := talk(t, "x := 20\nfunc f(n int) int {\n\treturn n + 1\n}\n\nf(x)\nfmt.Println(\"text\")\nvar name string\n_, _ = fmt.Scanln(&name)\nSwingby\nname\n!echo shell\n[]int{1,\n2}")
	if want := "21\ntext\n\"Swingby\"\nshell\n[]int{1, 2}\n"; err != nil || errs != "" || out != want {
		t.Errorf("error %v, printed %q and %q, want %q", err, out, errs, want)
	}
	out, errs, err = talk(t, "1 + 1\nvar a []int\na[3]\n2 + 2\n")
	if !errors.Is(err, ErrFailed) || out != "2\n" || !strings.Contains(errs, "index out of range") {
		t.Errorf("error %v, printed %q and %q", err, out, errs)
	}
	out, errs, err = talk(t, "x := 1\nvar mu sync.Mutex\nmu.Unlock()\nx\n")
	if !errors.Is(err, ErrFailed) || out != "" || !strings.Contains(errs, "unlock of unlocked mutex") {
		t.Errorf("error %v, printed %q and %q", err, out, errs)
	}
}

// picture is a PNG of two colours, in base64, longer than one sequence of kitty's.
func picture(t *testing.T) (img image.Image, text string) {
	t.Helper()
	rgba := image.NewNRGBA(image.Rect(0, 0, 120, 90))
	for y := range 90 {
		for x := range 120 {
			rgba.Set(x, y, color.NRGBA{uint8(x * y * 7), uint8(x*x + y), uint8(x ^ y*3), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, rgba); err != nil {
		t.Fatal(err)
	}
	return rgba, base64.StdEncoding.EncodeToString(b.Bytes())
}

// TestPictures reads back what the protocols hold.
func TestPictures(t *testing.T) {
	img, text := picture(t)
	if len(text) <= 2*kittyChunk {
		t.Fatalf("the picture has %d bytes, too few to be cut", len(text))
	}
	var b bytes.Buffer
	if err := Kitty.Write(&b, text); err != nil {
		t.Fatal(err)
	}
	got, last := "", ""
	for i, part := range strings.Split(strings.TrimSuffix(b.String(), "\x1b\\\n"), "\x1b\\") {
		head, data, ok := strings.Cut(strings.TrimPrefix(part, "\x1b_G"), ";")
		if !ok || len(data) > kittyChunk || (i == 0) != strings.HasPrefix(head, "f=100,a=T,") {
			t.Fatalf("part %d has the head %q and %d bytes", i, head, len(data))
		}
		got, last = got+data, head
	}
	if got != text || last != "m=0" {
		t.Errorf("kitty: %d bytes came of %d, the last head is %q", len(got), len(text), last)
	}

	b.Reset()
	if err := ITerm.Write(&b, text); err != nil {
		t.Fatal(err)
	}
	if head, data, _ := strings.Cut(b.String(), ":"); !strings.HasPrefix(head, "\x1b]1337;File=inline=1;size=") || data != text+"\a\n" {
		t.Errorf("iterm2: head %q", head)
	}

	b.Reset()
	if err := Sixel.Write(&b, text); err != nil {
		t.Fatal(err)
	}
	var back image.Image
	if err := sixel.NewDecoder(&b).Decode(&back); err != nil || back.Bounds().Dx() != img.Bounds().Dx() {
		t.Errorf("sixel: error %v, %v", err, back)
	}
	for _, p := range []Pictures{Kitty, ITerm, Sixel} {
		if err := p.Write(&b, "no picture!"); err == nil {
			t.Errorf("%s takes what is no picture", p)
		}
	}
}

func TestByEnvironment(t *testing.T) {
	for _, c := range []struct {
		env  string
		want Pictures
	}{
		{"TERM=xterm-kitty", Kitty}, {"TERM_PROGRAM=ghostty", Kitty}, {"TERM_PROGRAM=iTerm.app", ITerm}, {"LC_TERMINAL=iTerm2", ITerm},
		{"TERM=foot", Sixel}, {"WT_SESSION=1", Sixel}, {"TERM=xterm-256color", NoPictures}, {"TERM=tmux-256color LC_TERMINAL=iTerm2", NoPictures},
		{"TMUX=/tmp/x TERM_PROGRAM=iTerm.app", NoPictures},
	} {
		getenv := func(name string) string {
			for _, a := range strings.Fields(c.env) {
				if v, ok := strings.CutPrefix(a, name+"="); ok {
					return v
				}
			}
			return ""
		}
		if got := byEnvironment(getenv); got != c.want {
			t.Errorf("%s: %s, want %s", c.env, got, c.want)
		}
	}
	if _, err := ParsePictures("vga", os.Stdin, os.Stdout); err == nil {
		t.Error("an unknown protocol is accepted")
	}
}

func TestHighlight(t *testing.T) {
	got := highlight("func f() string { return \"a\" + `b // 1")
	want := keywordColour + "func" + resetColour + " f() string { " + keywordColour + "return" + resetColour + " " +
		stringColour + "\"a\"" + resetColour + " + " + stringColour + "`b // 1" + resetColour
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
