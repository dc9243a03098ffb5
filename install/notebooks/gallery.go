package main

import (
	"encoding/base64"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"swingby/kernel/notebook"
)

// gallery is the page of all figures and the pictures on it, by file name.
type gallery struct {
	page     string
	pictures map[string][]byte
}

// figure is one picture of a notebook.
type figure struct {
	name    string // of the picture's file
	heading string // the nearest above it
	see     string // the sentences that say what to see
}

var (
	heading = regexp.MustCompile(`(?m)^#{1,3} +(.+)$`)
	// paperFigures is how a heading names figures of the paper: "Figure 2a", "Figures 11 and 12", "Figures 2c and 3".
	paperFigures = regexp.MustCompile(`Figures? (\d+[a-c]?(?:(?:, | and )\d+[a-c]?)*)`)
	number       = regexp.MustCompile(`\d+[a-c]?`)
	see          = regexp.MustCompile(`(?s)\*\*What to see\.?\*\*\.?(.*?)(?:\n\n|$)`)
	section      = regexp.MustCompile(`^\d+\. `)
)

// newGallery takes the figures out of notebooks.
func newGallery(files []file) gallery {
	g := gallery{pictures: map[string][]byte{}}
	var body strings.Builder
	found := map[string][]string{} // figures of the paper -> links
	for _, f := range files {
		title, figures := g.figures(f)
		if len(figures) == 0 {
			continue
		}
		fmt.Fprintf(&body, "\n## [%s](../notebooks/%s)\n", title, f.name)
		last := ""
		for _, fig := range figures {
			if fig.heading != last && fig.heading != title {
				fmt.Fprintf(&body, "\n### %s\n", fig.heading)
			}
			if m := paperFigures.FindStringSubmatch(fig.heading); m != nil && fig.heading != last {
				for _, n := range number.FindAllString(m[1], -1) {
					found[n] = append(found[n], fmt.Sprintf("[%s](../notebooks/%s)", title, f.name))
				}
			}
			last = fig.heading
			fmt.Fprintf(&body, "\n![%s](gallery/%s)\n", html.EscapeString(fig.heading), fig.name)
			if fig.see != "" {
				fmt.Fprintf(&body, "\n%s\n", fig.see)
			}
		}
	}
	var page strings.Builder
	page.WriteString("<!-- Written by go run ./install/notebooks (make generate). -->\n\n# Gallery\n\n" +
		"Every figure of the notebooks, as they are stored: each is made by the cell above it there, and made anew and compared by `make test`.\n\n" +
		"| figure of the paper | notebook |\n|---|---|\n")
	var numbers []string
	for n := range found {
		numbers = append(numbers, n)
	}
	slices.SortFunc(numbers, func(a, b string) int {
		x, _ := strconv.Atoi(strings.TrimRight(a, "abc"))
		y, _ := strconv.Atoi(strings.TrimRight(b, "abc"))
		if x != y {
			return x - y
		}
		return strings.Compare(a, b)
	})
	for _, n := range numbers {
		fmt.Fprintf(&page, "| %s | %s |\n", n, strings.Join(slices.Compact(found[n]), ", "))
	}
	page.WriteString(body.String())
	g.page = page.String()
	return g
}

// figures returns a notebook's title and its figures, and keeps their pictures.
func (g gallery) figures(f file) (title string, figures []figure) {
	base := strings.TrimSuffix(f.name, ".ipynb")
	above := ""
	for i, c := range f.Cells {
		if c.Type == notebook.Markdown {
			for _, m := range heading.FindAllStringSubmatch(c.Source, -1) {
				above = section.ReplaceAllString(m[1], "")
				if title == "" {
					title = above
				}
			}
			continue
		}
		for _, o := range c.Outputs {
			var data []byte
			kind := ".svg"
			switch {
			case text(o, "image/svg+xml") != "":
				data = []byte(text(o, "image/svg+xml"))
			case text(o, "image/png") != "":
				raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text(o, "image/png")), ""))
				if err != nil {
					continue
				}
				data, kind = raw, ".png"
			default:
				continue
			}
			fig := figure{name: fmt.Sprintf("%s-%d%s", base, len(figures)+1, kind), heading: above}
			// What to see stands below the figure, or above it in the same section.
			if m := firstSee(f.Cells, i); m != "" {
				fig.see = m
			}
			figures = append(figures, fig)
			g.pictures[fig.name] = data
		}
	}
	return title, figures
}

// firstSee finds the sentences on what to see next to a cell.
func firstSee(cells []*notebook.Cell, i int) string {
	for _, k := range []int{i + 1, i - 1} {
		if k < 0 || k >= len(cells) || cells[k].Type != notebook.Markdown {
			continue
		}
		if m := see.FindStringSubmatch(cells[k].Source); m != nil {
			s := strings.TrimSpace(strings.Join(strings.Fields(m[1]), " "))
			return strings.TrimSpace(strings.TrimPrefix(s, ":"))
		}
	}
	return ""
}
