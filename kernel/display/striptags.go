package display

import (
	"html"
	"regexp"
	"strings"
)

var (
	closeRE = regexp.MustCompile(`(?i)</(?:script|style)\s*>`)
	spaceRE = regexp.MustCompile(`[ \t\r]*\n\s*`)
)

// block names the elements at whose end a line ends.
var block = map[string]bool{"p": true, "div": true, "tr": true, "li": true, "pre": true, "table": true, "ul": true, "ol": true,
	"h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true}

// stripTags is the plain text form of a piece of HTML: readable, no more. It reads no further than to what fits into
// it, so the length of the piece does not matter.
func stripTags(s string) string {
	var out []byte
	whole := true
	// Where there was no end once there is none later: each is looked for through the whole text once at most.
	noTag, noComment, noClose := false, false, false
	for s != "" {
		if len(out) > 4*maxText {
			if out = spaceRE.ReplaceAll(out, []byte("\n")); len(out) > 2*maxText {
				whole = false
				break
			}
		}
		i := strings.IndexByte(s[:min(len(s), maxText)], '<')
		if i < 0 {
			i = min(len(s), maxText)
		}
		out = append(out, s[:i]...)
		if s = s[i:]; s == "" || s[0] != '<' {
			continue
		}
		n := 0
		if !noComment && strings.HasPrefix(s, "<!--") {
			if n = strings.Index(s[4:], "-->"); n >= 0 {
				s = s[4+n+3:]
				continue
			}
			noComment = true
		}
		name, end := tag(s)
		if !noClose && !end && (name == "script" || name == "style") {
			if at := closeRE.FindStringIndex(s); at != nil {
				s = s[at[1]:]
				continue
			}
			noClose = true
		}
		n = -1
		if !noTag && name != "" {
			n = strings.IndexByte(s, '>')
			noTag = n < 0
		}
		if n < 0 {
			out = append(out, '<')
			s = s[1:]
			continue
		}
		if end && block[name] || !end && name == "br" {
			out = append(out, '\n')
		}
		s = s[n+1:]
	}
	text := strings.TrimSpace(html.UnescapeString(string(spaceRE.ReplaceAll(out, []byte("\n")))))
	if !whole && len(text) <= maxText {
		return text + "…"
	}
	return cutText(text, maxText)
}

// tag returns the name, in small letters, of the tag that s begins with, and whether it is one that ends an element; the
// name is empty when this < is less than something. A long name, which is none of HTML's, is cut.
func tag(s string) (name string, end bool) {
	s = s[1:]
	if end = strings.HasPrefix(s, "/"); end {
		s = s[1:]
	}
	var buf [8]byte
	n := 0
	for n < min(len(s), len(buf)) {
		c := s[n]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if !('a' <= c && c <= 'z' || c == '!' || n > 0 && '0' <= c && c <= '9') {
			break
		}
		buf[n] = c
		n++
	}
	return string(buf[:n]), end
}
