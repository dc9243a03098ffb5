package widget

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"

	"gonum.org/v1/plot"

	"swingby/kernel/display"
)

func wave(title string) *display.Figure {
	p := plot.New()
	p.Title.Text = title
	return display.Plot(p).Vector()
}

// updates are the messages sent to the models of a Live, in short.
func (p *page) updates(w *Live) []string {
	names := map[string]string{w.picture.ID(): "picture", w.picture.Layout().ID(): "layout", w.output.ID(): "output"}
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []string
	for _, f := range p.sent {
		_, state, _ := strings.Cut(string(f.Data), `"state":`)
		list = append(list, names[f.ID]+" "+state[:min(len(state), 40)])
	}
	p.sent = nil
	return list
}

// TestLive: a figure that follows another is one message, and what is none takes its place.
func TestLive(t *testing.T) {
	p := newPage(t)
	w := NewLive()
	show(w)
	check := func(what, want string) {
		t.Helper()
		got := strings.Join(p.updates(w), "\n")
		for _, line := range strings.Split(want, "\n") {
			begin, rest, _ := strings.Cut(got, "\n")
			if line = strings.TrimSpace(line); !strings.HasPrefix(begin, line) || line == "" && begin != "" {
				t.Fatalf("%s: sent %q, want %q", what, begin, line)
			}
			got = rest
		}
		if got != "" {
			t.Errorf("%s: sent %q too", what, got)
		}
	}
	p.take()
	w.Show(wave("one"))
	check("first", `picture {"value":"<div role=\"img\" aria-la
		layout {"display":null}
		output {"outputs":[]}`)
	if page := w.picture.Value(); !strings.HasPrefix(page, `<div role="img" aria-label="plot &#34;one&#34;, 576×384"><svg `) || !strings.HasSuffix(page, "</svg>\n</div>") {
		t.Errorf("the page gets %.200s", page)
	}
	w.Show(wave("two"))
	check("second", `picture {"value":`)
	w.Replace(func() {
		fmt.Fprintln(display.Stdout(), "1 < 2")
		display.Show(wave("three"))
	})
	check("with text", `picture {"value":"<pre style=`)
	if page := w.picture.Value(); !strings.Contains(page, ">1 &lt; 2\n</pre><div") {
		t.Errorf("the page gets %.300s", page)
	}
	drawing := w.Drawing()
	w.Show(display.HTML("<b>x</b>"))
	check("a table", `output {"outputs":[{"data":
		layout {"display":"none"}
		picture {"value":""}`)
	w.Show("again")
	check("another", `output {"outputs":[{"data":`)
	if w.Drawing() != drawing || !plainSVG(drawing) {
		t.Error("the last drawing is not kept")
	}
	w.Show(wave("four"))
	check("a figure again", `picture {"value":
		layout {"display":null}
		output {"outputs":[]}`)
	w.Replace(func() { fmt.Fprint(display.Stdout(), "\x1b[1mbold\x1b[0m"); display.Show(wave("five")) })
	check("codes of terminals", `output {
		layout {
		picture {`)
	w.Clear()
	check("nothing", `output {"outputs":[]}`)
}

// TestInteractShowsElsewhere: the figure is in the bundle, for where there are no widgets.
func TestInteractShowsElsewhere(t *testing.T) {
	newPage(t)
	x := Interact(func(n int) *display.Figure { return wave(fmt.Sprint(n)) }, []int{0, 4})
	if svg, _ := x.MIMEBundle()["image/svg+xml"].(string); !strings.Contains(svg, ">2</text>") {
		t.Errorf("the bundle has %.100q", svg)
	}
}

func TestPlainSVG(t *testing.T) {
	data, _ := wave("a < b & c").MIMEBundle()
	figure := data["image/svg+xml"].(string)
	for svg, want := range map[string]bool{
		figure: true,
		`<svg xmlns="http://www.w3.org/2000/svg"><g transform="scale(2)"><path d="M0 0"/></g><text x="1">&lt;</text></svg>`: true,
		`<svg><image xlink:href="data:image/png;base64,AAAA" style="image-rendering:pixelated"/></svg>`:                     true,
		"":                              false,
		"<b>x</b>":                      false,
		`<svg/>`:                        true,
		`<svg>`:                         false,
		`<svg/><script/>`:               false,
		`<svg/>text`:                    false,
		`<svg></svg></svg>`:             false,
		`<svg><script>x</script></svg>`: false,
		`<svg><style>x</style></svg>`:   false,
		`<svg onload="x"/>`:             false,
		`<svg onload=x />`:              false,
		`<svg id="x"/>`:                 false,
		`<svg style="position:fixed"/>`: false,
		`<svg fill="url(#x)"/>`:         false,
		`<svg fill="&#117;rl(#x)"/>`:    false,
		`<svg><foreignObject/></svg>`:   false,
		`<svg><a href="data:image/png;base64,"/></svg>`:  false,
		`<svg><image href="http://127.0.0.1/"/></svg>`:   false,
		`<svg><image href="data:image/svg+xml,"/></svg>`: false,
		`<svg><!-- --></svg>`:                            false,
		`<svg><![CDATA[x]]></svg>`:                       false,
		`<svg width='1'/>`:                               false,
		`<svg width="1"onload="x"/>`:                     false,
		`<svg/onload="x"/>`:                              false,
	} {
		if got := plainSVG(svg); got != want {
			t.Errorf("plainSVG(%.200q) is %v", svg, got)
		}
	}
}

// FuzzPlainSVG: what is accepted is a drawing to a parser of XML too, of the same elements and attributes.
func FuzzPlainSVG(f *testing.F) {
	data, _ := wave("x").MIMEBundle()
	f.Add(data["image/svg+xml"].(string))
	f.Add(`<svg xmlns="http://www.w3.org/2000/svg" width="1"><g><text x="1">&lt;</text></g></svg>`)
	f.Fuzz(func(t *testing.T, s string) {
		if !plainSVG(s) {
			return
		}
		d := xml.NewDecoder(strings.NewReader(s))
		d.Strict = false
		for {
			token, err := d.RawToken()
			if err == io.EOF {
				return
			}
			if err != nil {
				return // a text that XML cannot have, or ends that do not match: shown as far as it goes
			}
			switch token := token.(type) {
			case xml.StartElement:
				if !plainElements[token.Name.Local] {
					t.Errorf("%q has an element %v", s, token.Name)
				}
				for _, a := range token.Attr {
					if strings.HasPrefix(strings.ToLower(a.Name.Local), "on") || strings.Contains(strings.ToLower(a.Value), "javascript:") && a.Name.Local == "href" {
						t.Errorf("%q has an attribute %v", s, a)
					}
				}
			case xml.Comment, xml.Directive, xml.ProcInst:
				t.Errorf("%q has %T", s, token)
			}
		}
	})
}

func BenchmarkPlainSVG(b *testing.B) {
	data, _ := wave("x").MIMEBundle()
	s := data["image/svg+xml"].(string)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		plainSVG(s)
	}
}
