package cell

import (
	"go/token"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"swingby/stdlib"
)

// completeString completes inside a string: the path of an import, or of a file.
func (s *Session) completeString(src string, before []lexeme, t lexeme, cursor int) Completion {
	start := t.off + 1
	c := Completion{Start: min(start, cursor), End: cursor}
	text := src[c.Start:cursor]
	if inImport(before) {
		c.End = t.end
		if closedString(src[t.off:t.end]) {
			c.End--
		}
		if i := strings.IndexAny(src[cursor:c.End], " \t;)"); i >= 0 { // the string is not closed yet
			c.End = cursor + i
		}
		var inside []Match
		list := append([]stdlib.Package{{Path: "unsafe", Name: "unsafe"}}, stdlib.Packages()...)
		for _, p := range append(list, s.fetchedPackages()...) {
			m := Match{Text: p.Path, Kind: "module", Signature: p.Synopsis}
			if strings.HasPrefix(p.Path, text) {
				c.Matches = append(c.Matches, m)
			} else if strings.HasPrefix(path.Base(p.Path), text) || strings.HasPrefix(p.Name, text) {
				inside = append(inside, m)
			}
		}
		c.Matches = append(c.Matches, inside...)
		return c
	}
	if strings.ContainsAny(text, "\\\n") {
		return c
	}
	dir, name := path.Split(text)
	c.Start = cursor - len(name)
	c.Matches = fileNames(dir, name, src[t.off] == '"')
	return c
}

// inImport reports whether the next token is part of an import declaration.
func inImport(toks []lexeme) bool {
	for i := len(toks) - 1; i >= 0; i-- {
		switch t := toks[i]; t.tok {
		case token.IMPORT:
			return true
		case token.SEMICOLON, token.COMMENT, token.IDENT, token.PERIOD, token.STRING, token.LPAREN:
		default:
			return false
		}
		if i+1 < len(toks) && toks[i].tok == token.STRING && !closedList(toks[i:]) {
			return false
		}
	}
	return false
}

// closedList reports whether the string that toks start with is an import spec
// of its own, with a semicolon after it.
func closedList(toks []lexeme) bool { return len(toks) > 1 && toks[1].tok == token.SEMICOLON }

// fileNames lists the files of a directory whose name starts with prefix. It
// looks at a bounded number of entries, in case the directory is enormous.
func fileNames(dir, prefix string, quoted bool) []Match {
	const most = 5000
	if dir == "" {
		dir = "."
	}
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	entries, _ := f.ReadDir(most) // an error leaves what was read before it
	var list []Match
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, prefix) || name[0] == '.' && prefix == "" {
			continue
		}
		if quoted && strconv.Quote(name) != `"`+name+`"` || strings.ContainsAny(name, "`\r") {
			continue // would need escapes
		}
		if e.IsDir() {
			name += "/"
		}
		list = append(list, Match{Text: name, Kind: "path"})
	}
	slices.SortFunc(list, func(a, b Match) int { return strings.Compare(a.Text, b.Text) })
	const shown = 500
	return list[:min(len(list), shown)]
}
