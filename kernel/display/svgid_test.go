package display

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"
)

func TestScopeSVG(t *testing.T) {
	const src = `<svg><defs><clipPath id="clip0"><rect/></clipPath><linearGradient id='fff'/></defs>` +
		`<style>#clip0 { stroke: #fff; color: #abc }</style>` +
		`<g clip-path="url(#clip0)" fill="#fff"/><g fill="url('#fff')"/><use xlink:href="#clip0"/><use href="#other"/><text data-id="clip0">#clip0x</text></svg>`
	got := scopeSVG(src)
	prefix := regexp.MustCompile(`id="(s[0-9a-f]{10}-)clip0"`).FindStringSubmatch(got)
	if prefix == nil {
		t.Fatalf("id is not scoped: %s", got)
	}
	want := `<svg><defs><clipPath id="Pclip0"><rect/></clipPath><linearGradient id='Pfff'/></defs>` +
		`<style>#Pclip0 { stroke: #fff; color: #abc }</style>` +
		`<g clip-path="url(#Pclip0)" fill="#fff"/><g fill="url('#Pfff')"/><use xlink:href="#Pclip0"/><use href="#other"/><text data-id="clip0">#clip0x</text></svg>`
	if got := strings.ReplaceAll(got, prefix[1], "P"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if scopeSVG(src) != got {
		t.Error("the same drawing gets another prefix")
	}
	if other := scopeSVG(src + " "); strings.Contains(other, prefix[1]) {
		t.Error("another drawing gets the same prefix")
	}
	if plain := `<svg fill="#fff"/>`; scopeSVG(plain) != plain {
		t.Error("a drawing without ids is changed")
	}
}

// FuzzScopeSVG: a drawing without its new prefix is the drawing as it was.
func FuzzScopeSVG(f *testing.F) {
	f.Add(`<svg><clipPath id="c"/><g clip-path="url(#c)" fill="#fff"/><use href='#c'/></svg>`)
	f.Add(`<a id=''/># id="#"`)
	f.Fuzz(func(t *testing.T, src string) {
		sum := sha256.Sum256([]byte(src))
		prefix := "s" + hex.EncodeToString(sum[:5]) + "-"
		if got := strings.ReplaceAll(scopeSVG(src), prefix, ""); got != src {
			t.Errorf("%q becomes %q", src, got)
		}
	})
}
