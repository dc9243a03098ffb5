package notebook

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
)

var (
	svgID       = regexp.MustCompile(`(\bid\s*=\s*)(["'])([^"']*)(["'])`)
	svgURL      = regexp.MustCompile(`url\(\s*(["']?)#([^"')]*)(["']?)\s*\)`)
	svgHref     = regexp.MustCompile(`(\bhref\s*=\s*)(["'])#([^"']*)(["'])`)
	svgARIA     = regexp.MustCompile(`(\baria-(?:labelledby|describedby)\s*=\s*)(["'])([^"' ]+)(["'])`)
	svgHead     = regexp.MustCompile(`(?s)^\s*(?:<\?xml.*?\?>\s*|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?[^>]*>\s*|<!--.*?-->\s*)*`)
	svgTag      = regexp.MustCompile(`(?s)<svg\b[^>]*>`)
	svgWidth    = regexp.MustCompile(`\swidth\s*=\s*["']([0-9.]+)(px|pt|cm|mm|in|)["']`)
	svgHeight   = regexp.MustCompile(`\sheight\s*=\s*["']([0-9.]+)(px|pt|cm|mm|in|)["']`)
	svgIsolated = regexp.MustCompile(`(?i)<(?:style|script|foreignObject)\b`)
)

// svgHTML returns a picture to stand in the page. It is inlined, its ids made
// unique by n, so that its text can be found and copied; a picture with a style
// sheet or script of its own, which would reach into the page, goes in an img.
// label is what a screen reader says.
func svgHTML(svg string, n int, label string) string {
	svg = svgHead.ReplaceAllString(svg, "")
	tag := svgTag.FindString(svg)
	if tag == "" || svgIsolated.MatchString(svg) {
		return `<img alt="` + label + `" src="data:image/svg+xml;base64,` + base64.StdEncoding.EncodeToString([]byte(svg)) + `">`
	}
	// A picture with a size but no viewBox would be cut, not shrunk, on a small screen.
	open := tag
	if w, h := svgWidth.FindStringSubmatch(tag), svgHeight.FindStringSubmatch(tag); w != nil && h != nil &&
		!strings.Contains(tag, "viewBox") && w[2] == h[2] && (w[2] == "" || w[2] == "px") {
		open = strings.Replace(open, "<svg", fmt.Sprintf(`<svg viewBox="0 0 %s %s"`, w[1], h[1]), 1)
	}
	if !strings.Contains(tag, "role=") {
		open = strings.Replace(open, "<svg", `<svg role="img" aria-label="`+label+`"`, 1)
	}
	svg = strings.Replace(svg, tag, open, 1)
	if svgID.MatchString(svg) {
		prefix := fmt.Sprintf("s%d-", n)
		svg = svgID.ReplaceAllString(svg, "${1}${2}"+prefix+"${3}${4}")
		svg = svgARIA.ReplaceAllString(svg, "${1}${2}"+prefix+"${3}${4}")
		svg = svgURL.ReplaceAllString(svg, "url(${1}#"+prefix+"${2}${3})")
		svg = svgHref.ReplaceAllString(svg, "${1}${2}#"+prefix+"${3}${4}")
	}
	return svg
}
