package cell

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"swingby/kernel/cell/module/moduletest"
)

// TestGetPersists fetches, and does so again in another session without the proxy.
func TestGetPersists(t *testing.T) {
	proxy, _ := moduletest.Setup(t, "module/testdata")
	const src = "%get example.org/shapes@v1.1.0\nimport \"example.org/shapes\"\nshapes.Version"
	const want = "example.org/shapes v1.1.0\n=> string: \"1.1.0\"\n"
	if got := runCell(t, newSession(t), 1, src); got != want {
		t.Fatal(got)
	}
	if err := os.RemoveAll(proxy); err != nil {
		t.Fatal(err)
	}
	if got := runCell(t, newSession(t), 1, src); got != want {
		t.Errorf("again: %s", got)
	}
	t.Setenv("GOPROXY", "http://127.0.0.1:1")
	got := runCell(t, newSession(t), 1, strings.Replace(src, "@v1.1.0", "", 1))
	if !strings.HasPrefix(got, "example.org/shapes v1.1.0\nto have this version every time: %get example.org/shapes@v1.1.0\nthe newest version in the module cache: the proxy 127.0.0.1:1 cannot be reached") || !strings.HasSuffix(got, "=> string: \"1.1.0\"\n") {
		t.Errorf("the latest version without a network: %s", got)
	}
}

func TestGetInterrupted(t *testing.T) {
	moduletest.Setup(t, "module/testdata")
	stop, asked := make(chan bool), make(chan bool, 10)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked <- true; <-stop }))
	defer server.Close()
	defer close(stop)
	t.Setenv("GOPROXY", server.URL)
	s := newSession(t)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-asked; cancel() }()
	_, err := s.Execute(ctx, 1, "%get example.org/shapes")
	if e, ok := err.(*Error); !ok || e.Name != "interrupted" {
		t.Errorf("error %v", err)
	}
	if got := runCell(t, s, 2, "1 + 1"); got != "=> int: 2\n" {
		t.Errorf("afterwards: %s", got)
	}
}

func TestGetCompletion(t *testing.T) {
	moduletest.Setup(t, "module/testdata")
	s := newSession(t)
	runCell(t, s, 1, "%get example.org/shapes@v1.1.0\nimport \"example.org/shapes\"\nsq, _ := shapes.NewSquare(2)")
	for src, want := range map[string]string{
		`import "example.org/`: "example.org/shapes example.org/shapes/list",
		"shapes.New":           "NewSquare",
		"sq.":                  "Side Area Name",
		"shapes.Square{":       "Side",
		"%get":                 "%get",
		"import \"example.org/shapes/list\"\nlist.Lar": "Largest",
	} {
		var got []string
		for _, m := range s.Complete(src, len(src)).Matches {
			got = append(got, m.Text)
		}
		if list := strings.Join(got, " "); list != want && !strings.HasPrefix(list, want+" ") {
			t.Errorf("%s completes to %q, want %q first", src, list, want)
		}
	}
	plain, _, ok := s.Inspect("shapes.NewSquare", 10, 0)
	if !ok || !strings.Contains(plain, "NewSquare makes a square.") {
		t.Errorf("inspection says %q", plain)
	}
}

// TestGetThenReset takes another version once nothing uses the first.
func TestGetThenReset(t *testing.T) {
	moduletest.Setup(t, "module/testdata")
	s := newSession(t)
	runCell(t, s, 1, "%get example.org/shapes@v1.1.0\nimport \"example.org/shapes\"")
	if got := runCell(t, s, 2, "%reset\n%get example.org/shapes@v1.0.0\nimport \"example.org/shapes\"\nshapes.Version"); !strings.HasSuffix(got, "\"1.0.0\"\n") {
		t.Errorf("another version after %%reset: %s", got)
	}
}
