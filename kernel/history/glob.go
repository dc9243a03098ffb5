package history

import (
	"regexp"
	"strings"
)

// glob compiles a pattern with *, ? and [sets], all of which match line ends as well. A [ that no ] follows is itself.
func glob(pattern string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteString(".")
		case '[':
			set, n := globSet(pattern[i:])
			b.WriteString(set)
			i += n - 1
		default:
			if c < 0x80 {
				b.WriteString(regexp.QuoteMeta(string(rune(c))))
			} else {
				b.WriteByte(c)
			}
		}
	}
	b.WriteString(`\z`)
	re, err := regexp.Compile(b.String())
	if err != nil { // a range that runs backwards, or bytes that are no text: match it literally
		return regexp.MustCompile(`\A` + regexp.QuoteMeta(strings.ToValidUTF8(pattern, "")) + `\z`)
	}
	return re
}

// globSet translates the set at the start of p and returns how many bytes it took.
func globSet(p string) (set string, n int) {
	i := 1
	negate := i < len(p) && (p[i] == '^' || p[i] == '!')
	if negate {
		i++
	}
	end := strings.IndexByte(p[min(i+1, len(p)):], ']') // a ] in the first place is an element
	if end < 0 {
		return `\[`, 1
	}
	end += i + 1
	body := strings.NewReplacer(`\`, `\\`, `]`, `\]`, `[`, `\[`, `^`, `\^`).Replace(p[i:end])
	if negate {
		return "[^" + body + "]", end + 1
	}
	return "[" + body + "]", end + 1
}
