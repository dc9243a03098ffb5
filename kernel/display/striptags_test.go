package display

import (
	"strings"
	"testing"
)

func TestStripTags(t *testing.T) {
	for in, want := range map[string]string{
		"<p>a &lt; b</p><p>c</p>":                                   "a < b\nc",
		"<style>p{x:1}</style><script>alert(1)</script>x<!-- y -->": "x",
		"1 < 2": "1 < 2", "a<br/>b": "a\nb", "": "", "<": "<", "a<b": "a<b", "<!-- a": "<!-- a", "<!DOCTYPE html>x": "x",
		"<SCRIPT src=x>1 < 2</Script >y": "y", "<script>a": "a", "<stylex>a</stylex>": "a", "</ p>": "</ p>", "<p\n>a</P>\n\n b": "a\nb",
		"<table><tr><td>1</td></tr><tr><td>2</td></tr></table>": "1\n2",
	} {
		if got := stripTags(in); got != want {
			t.Errorf("stripTags(%q) = %q, want %q", in, got, want)
		}
	}
	const n = 1 << 24
	for name, in := range map[string]string{
		"text": strings.Repeat("a", n), "less": strings.Repeat("<", n), "comments": strings.Repeat("<!--", n/4), "scripts": strings.Repeat("<script", n/7),
		"script": "<script>" + strings.Repeat("a<", n/2) + "</script>end", "tags": strings.Repeat("<b>", n/3), "lines": strings.Repeat(" \n", n/2) + "end", "entities": strings.Repeat("&lt;", n/4),
	} {
		got := stripTags(in)
		if len(got) > maxText+100 || (name == "script" || name == "lines") && got != "end" || name == "tags" && got != "" {
			t.Errorf("%s: %d bytes, %.100q", name, len(got), got)
		}
	}
}

func BenchmarkStripTags(b *testing.B) {
	s := strings.Repeat("<td>1.25</td><td>2.5</td>\n", 100_000)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		stripTags(s)
	}
}

// FuzzStripTags: no text that is no markup is lost, and nothing takes long.
func FuzzStripTags(f *testing.F) {
	f.Add("<p>a</p>", "x")
	f.Add("<script>1</script><!-- -->", "a\nb")
	f.Fuzz(func(t *testing.T, markup, text string) {
		stripTags(markup)
		text = strings.Map(func(r rune) rune {
			if r == '<' || r == '&' || r == '>' || r <= ' ' || r == 0xfffd {
				return 'x'
			}
			return r
		}, text)
		if len(text) > maxText {
			return
		}
		if got := stripTags("<div><b>" + text + "</b></div>"); got != strings.TrimSpace(text) {
			t.Errorf("%q reads %q", text, got)
		}
	})
}
