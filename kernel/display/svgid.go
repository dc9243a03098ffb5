package display

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
)

var (
	svgIDRE  = regexp.MustCompile(`(\sid\s*=\s*)("[^"]*"|'[^']*')`)
	svgRefRE = regexp.MustCompile(`(url\(\s*['"]?#|href\s*=\s*["']\s*#|#)([A-Za-z_][\w.:-]*)`)
	hexRE    = regexp.MustCompile(`^(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$`)
)

// scopeSVG gives the ids of a drawing, and the references to them, a prefix made
// of its content. Where drawings stand in one page, as in an exported notebook,
// url(#clip0) otherwise finds the first drawing's clip path. The same drawing gets
// the same prefix each time, so that a notebook run again stays the same.
func scopeSVG(s string) string {
	found := svgIDRE.FindAllStringSubmatch(s, -1)
	if found == nil {
		return s
	}
	ids := make(map[string]bool, len(found))
	for _, m := range found {
		ids[m[2][1:len(m[2])-1]] = true
	}
	sum := sha256.Sum256([]byte(s))
	prefix := "s" + hex.EncodeToString(sum[:5]) + "-"
	s = svgIDRE.ReplaceAllStringFunc(s, func(m string) string {
		i := strings.IndexAny(m, `"'`)
		return m[:i+1] + prefix + m[i+1:]
	})
	return svgRefRE.ReplaceAllStringFunc(s, func(m string) string {
		i := strings.IndexByte(m, '#')
		id := m[i+1:]
		if !ids[id] || i == 0 && hexRE.MatchString(id) { // #fff is a colour
			return m
		}
		return m[:i+1] + prefix + id
	})
}
