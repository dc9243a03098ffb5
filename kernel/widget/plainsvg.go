package widget

import "strings"

// plainSVG reports whether a drawing consists of shapes, text and enclosed pictures alone, so that it may stand in a page as
// markup: it runs nothing, fetches nothing, styles nothing but itself, and has no identities to clash with those of
// another. The figures of package display are such; what is not shows as a picture of its own, as JupyterLab shows all
// SVG.
//
// It reads tags and attributes as a parser of HTML does inside an svg element, and accepts only what it knows.
func plainSVG(s string) bool {
	if !strings.HasPrefix(s, "<svg") {
		return false
	}
	depth := 0
	for s != "" {
		at := strings.IndexByte(s, '<')
		if at < 0 {
			break
		}
		if depth == 0 && strings.TrimSpace(s[:at]) != "" {
			return false // text outside the drawing
		}
		s = s[at+1:]
		if rest, ok := strings.CutPrefix(s, "/"); ok {
			name, rest, ok := strings.Cut(rest, ">")
			if depth--; !ok || depth < 0 || !plainElements[name] {
				return false
			}
			s = rest
			continue
		}
		end := strings.IndexAny(s, " \n\t/>")
		if end < 0 || !plainElements[s[:end]] || depth == 0 && s[:end] != "svg" {
			return false
		}
		s = s[end:]
		for {
			s = strings.TrimLeft(s, " \n\t")
			if rest, ok := strings.CutPrefix(s, "/>"); ok {
				s = rest
				break
			}
			if rest, ok := strings.CutPrefix(s, ">"); ok {
				s = rest
				depth++
				break
			}
			name, rest, ok := strings.Cut(s, `="`)
			if !ok {
				return false
			}
			value, rest, ok := strings.Cut(rest, `"`)
			if !ok || !plainAttribute(name, value) {
				return false
			}
			s = rest
		}
	}
	return depth == 0 && strings.TrimSpace(s) == ""
}

func plainAttribute(name, value string) bool {
	switch name {
	case "style": // the two that figures have
		return value == "max-width:100%;height:auto" || value == "image-rendering:pixelated"
	case "href", "xlink:href":
		return strings.HasPrefix(value, "data:image/png;base64,") || strings.HasPrefix(value, "data:image/jpeg;base64,")
	case "transform":
		return true
	}
	// Nothing with a parenthesis: url(…) would fetch, or look for an identity.
	return plainAttributes[name] && !strings.Contains(value, "(") && !strings.Contains(value, "&")
}

func set(names string) map[string]bool {
	m := map[string]bool{}
	for _, name := range strings.Fields(names) {
		m[name] = true
	}
	return m
}

var (
	plainElements   = set("svg g path text tspan rect circle ellipse line polyline polygon image")
	plainAttributes = set(`xmlns xmlns:xlink xml:space width height viewBox preserveAspectRatio
		d x y x1 y1 x2 y2 cx cy r rx ry dx dy points rotate
		fill fill-opacity fill-rule opacity stroke stroke-opacity stroke-width stroke-dasharray stroke-dashoffset
		stroke-linecap stroke-linejoin stroke-miterlimit shape-rendering text-rendering
		font-family font-size font-style font-weight text-anchor textLength lengthAdjust dominant-baseline`)
)
