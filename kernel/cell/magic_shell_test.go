package cell

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMagicInterrupt stops magics that would go on.
func TestMagicInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // the commands are those of unix
	}
	for name, src := range map[string]string{
		"command":    "!sleep 3600",
		"stubborn":   "!trap '' TERM INT; sleep 3600; sleep 3600",
		"background": "%%bash\nsleep 3600 &\nwait",
		"loop":       "!true\nfor {}",
		"time":       "%time time.Sleep(time.Hour)",
		"timeit":     "%timeit time.Sleep(50 * time.Millisecond)",
		"endless":    "%timeit func() { for {} }()",
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t)
			runCell(t, s, 1, "kept := 42")
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(100*time.Millisecond, cancel) // when it runs, if the machine is not busy
			captureOutput(t, func() {
				_, err := s.Execute(ctx, 2, src)
				var e *Error
				if !errors.As(err, &e) || e.Name != "interrupted" || !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want an interrupted cell", err)
				}
			})
			if got := runCell(t, s, 3, "kept"); got != "=> int: 42\n" {
				t.Errorf("after the interrupt: %s", got)
			}
		})
	}
}

// TestInterruptKillsGroup checks that what a command started is gone as well.
func TestInterruptKillsGroup(t *testing.T) {
	if runtime.GOOS == "windows" {
		return
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	s := newSession(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { // what it started, and that only, has the pipe open
		_, err := s.Execute(ctx, 1, "%%bash\nmkfifo "+pipe+".new\nmv "+pipe+".new "+pipe+"\n(exec 9>"+pipe+"; sleep 3600) &\nwait")
		ended <- err
	}()
	for fileMissing(pipe) {
		time.Sleep(5 * time.Millisecond)
	}
	r, err := os.Open(pipe)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the script ends with %v", err)
	}
	if text, err := io.ReadAll(r); err != nil || len(text) > 0 { // until it is gone
		t.Errorf("read %q, %v", text, err)
	}
}

func fileMissing(path string) bool {
	_, err := os.Stat(path)
	return err != nil
}

func TestMagicEnvironment(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("SWINGBY_API_KEY", "very secret")
	t.Setenv("SWINGBY_PLAIN", "seen")
	t.Setenv("SWINGBY_TOKEN", "")
	t.Setenv("HOME", dir)
	s := newSession(t)
	got := runCell(t, s, 1, "%env")
	if strings.Contains(got, "very secret") || !strings.Contains(got, "SWINGBY_API_KEY=<hidden>\n") || !strings.Contains(got, "SWINGBY_PLAIN=seen\n") {
		t.Errorf("%%env shows %s", got)
	}
	if got := runCell(t, s, 10, "%env SWINGBY_TOKEN=abc\nos.Getenv(\"SWINGBY_TOKEN\")"); got != "SWINGBY_TOKEN=<hidden>\n=> string: \"abc\"\n" {
		t.Errorf("setting a secret shows %s", got)
	}
	if err := os.Mkdir("sub dir", 0o777); err != nil {
		t.Fatal(err)
	}
	got = runCell(t, s, 2, "%cd \"sub dir\"\n%pwd\n%cd\n%cd -q -\n%pwd\n%cd ~\nos.WriteFile(\"here\", nil, 0o666);")
	here, _ := os.Getwd()
	sub := filepath.Join(here, "sub dir")
	if want := strings.Join([]string{sub, sub, here, sub, here, ""}, "\n"); got != want {
		t.Errorf("directories:\n%s\nwant\n%s", got, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "here")); err != nil {
		t.Error(err)
	}
}
