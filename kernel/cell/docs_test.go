package cell_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"swingby/kernel/cell"
	"swingby/kernel/display"
)

// goBlocks returns the blocks of Go of a Markdown file, each with the line that it begins on.
func goBlocks(t *testing.T, file string) (blocks []string, lines []int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var block *strings.Builder
	for i, line := range strings.SplitAfter(string(text), "\n") {
		switch {
		case block == nil && strings.TrimSpace(line) == "```go":
			block = new(strings.Builder)
			lines = append(lines, i+2)
		case block != nil && strings.TrimSpace(line) == "```":
			blocks = append(blocks, block.String())
			block = nil
		case block != nil:
			block.WriteString(line)
		}
	}
	if block != nil {
		t.Fatalf("%s: the last block of Go has no end", file)
	}
	return blocks, lines
}

// The cells of a page run one after the other in a session of its own, and what they show is no error.
func TestPagesRun(t *testing.T) {
	for _, page := range []struct {
		file   string
		before string // a cell that the page takes for granted
	}{
		{file: "../../docs/simlib.md"},
		{file: "../../README.md"},
		// A run of minutes, which a context that is done ends at once.
		{file: "../../docs/diffusion.md", before: `import (
	"context"
	"swingby/simlib/diffusion"
)
ctx, cancel := context.WithCancel(context.Background())
cancel()`},
	} {
		t.Run(page.file, func(t *testing.T) {
			s, err := cell.New(cell.Config{})
			if err != nil {
				t.Fatal(err)
			}
			blocks, lines := goBlocks(t, page.file)
			if len(blocks) == 0 {
				t.Fatal("no Go on this page")
			}
			if page.before != "" {
				blocks, lines = append([]string{page.before}, blocks...), append([]int{0}, lines...)
			}
			for i, src := range blocks {
				res, err := s.Execute(context.Background(), i+1, src)
				var e *cell.Error
				switch {
				case errors.As(err, &e):
					t.Fatalf("the cell at line %d:\n%s", lines[i], strings.Join(e.Traceback, "\n"))
				case err != nil:
					t.Fatalf("the cell at line %d: %v", lines[i], err)
				}
				if len(res.Values) == 0 {
					continue
				}
				// A figure that cannot be drawn says so.
				for mime, shown := range display.Render(res.Values, res.Types).Data {
					if text := fmt.Sprint(shown); mime == "text/plain" && strings.Contains(text, "want ") || text == "" {
						t.Errorf("the cell at line %d shows as %s: %s", lines[i], mime, text)
					}
				}
			}
		})
	}
}
