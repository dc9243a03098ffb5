package notebook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// This file holds what makes the written bytes equal those of Python's nbformat:
// json.dumps(nb, indent=1, sort_keys=True, ensure_ascii=False, separators=(",", ": "))
// after nbformat's split_lines.

// encode appends v as Python's json module does.
func encode(b *bytes.Buffer, v any, depth int) {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int:
		b.WriteString(strconv.Itoa(v))
	case *int:
		if v == nil {
			b.WriteString("null")
		} else {
			b.WriteString(strconv.Itoa(*v))
		}
	case json.Number:
		b.WriteString(pythonNumber(v.String()))
	case string:
		encodeString(b, v)
	case []any:
		if len(v) == 0 {
			b.WriteString("[]")
			return
		}
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			newline(b, depth+1)
			encode(b, e, depth+1)
		}
		newline(b, depth)
		b.WriteByte(']')
	case map[string]any:
		if len(v) == 0 {
			b.WriteString("{}")
			return
		}
		b.WriteByte('{')
		for i, k := range sortedKeys(v) {
			if i > 0 {
				b.WriteByte(',')
			}
			newline(b, depth+1)
			encodeString(b, k)
			b.WriteString(": ")
			encode(b, v[k], depth+1)
		}
		newline(b, depth)
		b.WriteByte('}')
	default:
		// A value put there by a program rather than read from a file.
		p, err := plain(v)
		if err != nil {
			p = fmt.Sprint(v)
		}
		encode(b, p, depth)
	}
}

func newline(b *bytes.Buffer, depth int) {
	b.WriteByte('\n')
	for range depth {
		b.WriteByte(' ')
	}
}

// plain turns any value into the types encode knows, by way of encoding/json.
func plain(v any) (any, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(&b)
	dec.UseNumber()
	var p any
	err := dec.Decode(&p)
	return p, err
}

func encodeString(b *bytes.Buffer, s string) {
	b.WriteByte('"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			b.WriteRune(r) // a broken byte becomes U+FFFD
			i += n
			continue
		}
		switch c {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '\f':
			b.WriteString(`\f`)
		case '\b':
			b.WriteString(`\b`)
		default:
			if c < 0x20 {
				fmt.Fprintf(b, `\u%04x`, c)
			} else {
				b.WriteByte(c)
			}
		}
		i++
	}
	b.WriteByte('"')
}

// pythonNumber rewrites a JSON number the way Python reads and prints it:
// integers keep their digits, the rest becomes repr(float).
func pythonNumber(s string) string {
	if !strings.ContainsAny(s, ".eE") {
		if s == "-0" {
			return "0"
		}
		return s
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) {
		return s // beyond float64: Python would write Infinity, which is not JSON
	}
	return pythonFloat(f)
}

// pythonFloat is repr(f): the shortest digits that read back as f, with an
// exponent below 1e-4 and from 1e16 on.
func pythonFloat(f float64) string {
	exp := strconv.FormatFloat(f, 'e', -1, 64)
	_, e, _ := strings.Cut(exp, "e")
	if n, _ := strconv.Atoi(e); f != 0 && (n < -4 || n >= 16) {
		return exp
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// isLineEnd lists the characters at which Python's str.splitlines ends a line.
func isLineEnd(r rune) bool {
	switch r {
	case '\n', '\v', '\f', '\r', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}

// splitLines cuts text into lines that keep their ends, as str.splitlines(True).
func splitLines(s string) []any {
	lines := []any{}
	start := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if !isLineEnd(r) {
			continue
		}
		if r == '\r' && i < len(s) && s[i] == '\n' {
			i++
		}
		lines = append(lines, s[start:i])
		start = i
	}
	if start < len(s) {
		lines = append(lines, s[start:])
	}
	return lines
}

// joinLines undoes splitLines; ok is false when v is neither text nor a list of text.
func joinLines(v any) (s string, ok bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []any:
		var b strings.Builder
		for _, e := range v {
			line, ok := e.(string)
			if !ok {
				return "", false
			}
			b.WriteString(line)
		}
		return b.String(), true
	}
	return "", false
}

// isJSON reports whether a MIME type's value is JSON, to be left alone.
func isJSON(mime string) bool {
	return mime == "application/json" || strings.HasPrefix(mime, "application/") && strings.HasSuffix(mime, "+json")
}

// joinBundle makes one string of every text of a MIME bundle, in place.
func joinBundle(data map[string]any) {
	for mime, v := range data {
		if l, ok := v.([]any); ok && !isJSON(mime) {
			if s, ok := joinLines(l); ok {
				data[mime] = s
			}
		}
	}
}

// splitBundle returns a copy of a MIME bundle with its texts cut into lines.
// Pictures in base64 stay one string.
func splitBundle(data map[string]any) map[string]any {
	m := make(map[string]any, len(data))
	for mime, v := range data {
		if s, ok := v.(string); ok && (strings.HasPrefix(mime, "text/") ||
			mime == "application/javascript" || mime == "image/svg+xml") {
			m[mime] = splitLines(s)
		} else {
			m[mime] = v
		}
	}
	return m
}
