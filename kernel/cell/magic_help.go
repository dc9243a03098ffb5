package cell

import (
	"fmt"
	"regexp"
	"strings"
)

var helpMagic = &magic{
	name: "help", line: true, max: 1,
	usage:   []string{"%help [NAME]"},
	doc:     "List the magics, or describe one of them. The name may be written with or without its %.",
	example: "%help who",
	run: func(r *runner, in *invocation, args []string) (*Result, error) {
		if len(args) == 1 {
			name := strings.TrimLeft(args[0], "%!")
			m := findMagic(name)
			if m == nil || name == "" && args[0] != "!" {
				msg := "unknown magic " + args[0]
				if near := nearestMagic(name); near != nil {
					msg += "; did you mean " + near.spellings()[0] + "?"
				}
				return nil, usageError(msg)
			}
			r.page(m.help(), m.helpMarkdown())
			return nil, nil
		}
		var b, md strings.Builder
		md.WriteString("| | |\n|---|---|\n")
		for _, m := range magics {
			fmt.Fprintf(&b, "%-22s %s\n", strings.Join(m.spellings(), " "), m.summary())
			fmt.Fprintf(&md, "| `%s` | %s |\n", strings.Join(m.spellings(), "` `"), m.summary())
		}
		const more = "\nA line that starts with % or ! at the top level of a cell is a magic; one with %% stands first and takes the whole cell.\n%help NAME says more about one.\n"
		b.WriteString(more)
		md.WriteString(more)
		r.page(b.String(), md.String())
		return nil, nil
	},
}

var aboutMagic = &magic{
	name: "?", max: 1,
	usage:   []string{"?NAME", "NAME?", "??NAME", "NAME??"},
	doc:     "Describe what a name stands for: a variable, function, type, package, or a magic. The name may have dots, as in strings.ToUpper; without one the magics are listed. Two question marks show all there is, the source of a cell's own function for one.",
	example: "?strings.ToUpper",
	run: func(r *runner, in *invocation, args []string) (*Result, error) {
		if len(args) == 0 {
			return helpMagic.run(r, in, nil)
		}
		name := args[0]
		if name[0] == '%' || name[0] == '!' {
			m := findMagic(strings.TrimLeft(name, "%!"))
			if m == nil || name[0] == '!' && name != "!" {
				return nil, fmt.Errorf("there is no magic %s", name)
			}
			r.page(m.help(), m.helpMarkdown())
			return nil, nil
		}
		detail := 0
		if in.body == "??" {
			detail = 1
		}
		plain, markdown, ok := r.s.inspect(name, len(name), detail)
		if !ok {
			return nil, fmt.Errorf("nothing is known of %s", name)
		}
		r.page(plain, markdown)
		return nil, nil
	},
}

// help is the plain text of a magic's documentation.
func (m *magic) help() string {
	var b strings.Builder
	for _, u := range m.usage {
		fmt.Fprintln(&b, u)
	}
	fmt.Fprintf(&b, "\n%s\n\nExample:\n", wrap(m.doc, 80))
	for line := range strings.SplitSeq(m.example, "\n") {
		fmt.Fprintln(&b, strings.TrimRight("    "+line, " "))
	}
	return b.String()
}

// wrap breaks a paragraph into lines of at most width bytes, where words allow.
func wrap(text string, width int) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		switch {
		case column == 0:
		case column+1+len(word) > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}

// helpMarkdown is the same as Markdown, as inspection and the documentation have it.
func (m *magic) helpMarkdown() string {
	return fmt.Sprintf("```\n%s\n```\n\n%s\n\n```go\n%s\n```\n", strings.Join(m.usage, "\n"), m.doc, m.example)
}

// question is a line that asks about a name.
var question = regexp.MustCompile(`^[ \t]*(?:(\?\??)[ \t]*(%%?\pL[\pL\pN_]*|!|[\pL_][\pL\pN_.]*)|(%%?\pL[\pL\pN_]*|[\pL_][\pL\pN_.]*)(\?\??)|(\?\??))[ \t\r]*\n?$`)

// newQuestion takes the line src[at:end] apart if it asks about a name, nil if
// not. at is where the line's text starts. Its body is the question mark, single or double.
func newQuestion(src string, at, end int) *invocation {
	m := question.FindStringSubmatchIndex(src[at:end])
	if m == nil {
		return nil
	}
	name, mark := m[4:6], m[2:4]
	switch {
	case m[6] >= 0:
		name, mark = m[6:8], m[8:10]
	case m[10] >= 0:
		name, mark = []int{m[11], m[11]}, m[10:12]
	}
	return &invocation{name: "?", at: at, args: src[at+name[0] : at+name[1]], argsAt: at + name[0], body: src[at+mark[0] : at+mark[1]], bodyAt: at + mark[0]}
}
