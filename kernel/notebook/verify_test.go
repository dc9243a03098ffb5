package notebook

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// verified is a notebook that has text, a result, a figure as SVG and PNG, JSON
// and a picture, executed.
func verified(t *testing.T) *Notebook {
	t.Helper()
	nb := notebookOf(
		"task, err := sim.NewTask(sim.Axes{Mu: []float64{1, 1.5}, Sigma: []float64{0.05, 0.05, 0.05}, D: 3})\nw0, err := torch.UUT(2333, 3, 5)\nrun, err := theory.Symmetric{Task: task, W0: w0, Eta: 0.01, Steps: 500, Rate: theory.RateA2}.Run(ctx)\nfmt.Println(run.TestLoss().Extrema(), err)\nw0",
		"figure.Losses(run.TrainLoss(), run.TestLoss())",
		"display.Show(display.JSON(map[string]any{\"loss\": run.TestLoss().Last()}))\nrun.TestLoss().Last()",
	)
	if err := Exec(t.Context(), nb, ExecOptions{}); err != nil {
		t.Fatal(err)
	}
	return nb
}

// copyOf is a notebook read back from its bytes.
func copyOf(t *testing.T, nb *Notebook) *Notebook {
	t.Helper()
	c, err := Parse(nb.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// compareAll compares the outputs of two notebooks without running anything.
func compareAll(a, b *Notebook, tol Tolerance) (what, text string) {
	for i := range a.Cells {
		compareOutputs(a.Cells[i].Outputs, b.Cells[i].Outputs, tol, func(w, s string, _ ...File) {
			what += w + "; "
			text += s + "\n"
		})
	}
	return what, text
}

// withoutBlock is a PNG with a block of pixels in another colour.
func withoutBlock(t *testing.T, text string) string {
	t.Helper()
	img, err := decodePicture(text)
	if err != nil {
		t.Fatal(err)
	}
	rgba := image.NewNRGBA(img.Bounds())
	draw.Draw(rgba, rgba.Bounds(), img, img.Bounds().Min, draw.Src)
	draw.Draw(rgba, image.Rect(40, 50, 48, 58), image.NewUniform(color.NRGBA{255, 0, 0, 255}), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, rgba); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// TestVerify finds what was changed in a stored notebook, each with one change,
// and finds nothing in one that was not, on one core as on several.
func TestVerify(t *testing.T) {
	nb := verified(t)
	for _, cores := range []string{"1", "3"} {
		t.Setenv("GOMAXPROCS", cores)
		v, err := Verify(t.Context(), nb, VerifyOptions{})
		if err != nil || !v.OK() || v.Count(Same) != 3 {
			t.Fatalf("with %s cores: error %v, %+v", cores, err, v)
		}
	}
	digit := func(s string) string { // changes the last digit of the first number with decimals
		at := regexp.MustCompile(`[0-9]+\.[0-9]+`).FindStringIndex(s)[1] - 1
		return s[:at] + string('0'+(s[at]-'0'+1)%10) + s[at+1:]
	}
	for _, c := range []struct {
		name   string
		change func(nb *Notebook)
		tol    Tolerance
		what   string // differences
		text   string // in the text of them
	}{
		{"one digit of a text", func(nb *Notebook) { nb.Cells[0].Outputs[0].Text = digit(nb.Cells[0].Outputs[0].Text) },
			Tolerance{Rel: 1e-9}, "outputs[0] text; ", "1 of "},
		{"one digit of a table", func(nb *Notebook) {
			d := nb.Cells[0].Outputs[1].Data
			d["text/html"] = digit(d["text/html"].(string))
		}, Tolerance{}, "outputs[1] text/html; ", ""},
		{"one digit of a value", func(nb *Notebook) {
			d := nb.Cells[2].Outputs[1].Data
			d["text/plain"] = digit(d["text/plain"].(string))
		}, Tolerance{}, "outputs[1] text/plain; ", ""},
		{"a number in JSON", func(nb *Notebook) {
			d := nb.Cells[2].Outputs[0].Data
			d["application/json"], _ = decode([]byte(`{"loss": 1}`))
		}, Tolerance{Rel: 1e-3}, "outputs[0] application/json; ", "\"loss\": 1"},
		{"a block of pixels", func(nb *Notebook) {
			d := nb.Cells[1].Outputs[0].Data
			d["image/png"] = withoutBlock(t, d["image/png"].(string))
		}, Tolerance{Rel: 1e-3, Pixel: 16}, "outputs[0] image/png; ", "64 of "},
		{"a line of an SVG", func(nb *Notebook) {
			d := nb.Cells[1].Outputs[0].Data
			d["image/svg+xml"] = strings.Replace(d["image/svg+xml"].(string), "<path", `<path opacity="0.5"`, 1)
		}, Tolerance{Rel: 1e-3}, "outputs[0] image/svg+xml; ", "opacity"},
		{"a missing output", func(nb *Notebook) { nb.Cells[0].Outputs = nb.Cells[0].Outputs[:1] },
			Tolerance{Rel: 1e-3}, "list of outputs; ", "+ execute_result"},
		{"a format that no longer comes", func(nb *Notebook) { nb.Cells[1].Outputs[0].Data["image/jpeg"] = "AAAA" },
			Tolerance{Rel: 1e-3}, "list of outputs; ", "image/jpeg"},
		{"a format that is not stored", func(nb *Notebook) {
			delete(nb.Cells[1].Outputs[0].Data, "image/png")
			delete(nb.Cells[1].Outputs[0].Metadata, "image/png")
		}, Tolerance{}, "", ""},
		{"a control that a page has stored", func(nb *Notebook) {
			view := &Output{Type: DisplayData, Data: map[string]any{mimeView: map[string]any{"model_id": "1"}, "text/plain": "VBox"}}
			nb.Cells[1].Outputs = append([]*Output{view}, nb.Cells[1].Outputs...)
		}, Tolerance{}, "", ""},
		{"a digit within the tolerance", func(nb *Notebook) { nb.Cells[0].Outputs[0].Text = digit(nb.Cells[0].Outputs[0].Text) },
			Tolerance{Rel: 1e-2}, "", ""},
		{"execution counts and pieces of streams", func(nb *Notebook) {
			n := 7
			nb.Cells[0].ExecutionCount = &n
			s := nb.Cells[0].Outputs[0].Text
			nb.Cells[0].Outputs[0].Text = s[:3]
			nb.Cells[0].Outputs = append([]*Output{nb.Cells[0].Outputs[0], {Type: Stream, Name: "stdout", Text: s[3:]}}, nb.Cells[0].Outputs[1:]...)
		}, Tolerance{}, "", ""},
	} {
		changed := copyOf(t, nb)
		c.change(changed)
		what, text := compareAll(changed, nb, c.tol)
		if what != c.what || !strings.Contains(text, c.text) {
			t.Errorf("%s: found %q, want %q:\n%s", c.name, what, c.what, text)
		}
	}
}

// TestChangedPictures: what verify gives a person to look at shows the block that was changed, and nothing else.
func TestChangedPictures(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 100, 80))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(img, image.Rect(10, 10, 20, 70), image.Black, image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	stored := base64.StdEncoding.EncodeToString(b.Bytes())
	files := changedPictures(stored, withoutBlock(t, stored), "image/png", 0)
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "stored.png now.png difference.png" {
		t.Fatalf("files %s", got)
	}
	if !bytes.Equal(files[0].Data, b.Bytes()) {
		t.Error("stored.png is not the picture that is stored")
	}
	marked, err := png.Decode(bytes.NewReader(files[2].Data))
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for y := range 80 {
		for x := range 100 {
			if pixel(marked, x, y) == (color.NRGBA{0xff, 0, 0xff, 0xff}) {
				count++
				if x < 40 || x >= 48 || y < 50 || y >= 58 {
					t.Fatalf("pixel %d, %d is marked", x, y)
				}
			}
		}
	}
	if count != 64 {
		t.Errorf("%d pixels are marked, want 64", count)
	}
	if files := changedPictures(stored, "!", "image/png", 0); len(files) != 1 || files[0].Name != "stored.png" {
		t.Errorf("beside what is no picture: %d files", len(files))
	}
}

func TestNearest(t *testing.T) {
	rel := Tolerance{Rel: 1e-3}
	for _, c := range []struct {
		a, b  string
		tol   Tolerance
		svg   bool
		equal bool
	}{
		{"x = 1.0000", "x = 1.0001", rel, false, true},
		{"x = 1.0000", "x = 1.0001", Tolerance{}, false, false},
		{"x = 1.000", "x = 1.002", rel, false, false},
		{"x = 1", "y = 1", rel, false, false},
		{"-1.0000", "1.0000", rel, false, false},
		{"a  9.9999e-06 b", "a 1.0000e-05 b", rel, false, true},
		{"w1000 1", "w1001 1", rel, false, false},
		{"#aa1000", "#aa1001", rel, false, false},
		{"0", "1e-12", Tolerance{Abs: 1e-9}, false, true},
		{"0", "1e-12", rel, false, false},
		{"12345678901234567890", "12345678901234567891", rel, false, false},
		{"1000 steps\n5", "1000.5 steps\n6", rel, false, false},
		{"NaN", "NaN", rel, false, true},
		{"NaN", "1", rel, false, false},
		{`<path d="M10.01,20"/>`, `<path d="M10.02,20"/>`, rel, true, true},
		{`<path d="M10.01,20"/>`, `<path d="M10.02,20"/>`, Tolerance{}, true, false},
		{"<g\nx=\"1.01\"/>", "<g\nx=\"1.02\"/>", rel, true, true},
		{`<text x="1">1.01</text>`, `<text x="1">1.02</text>`, rel, true, false},
		{`<text fill="#111111">`, `<text fill="#111112">`, rel, true, false},
	} {
		m := textMatch{tol: c.tol, svg: c.svg}
		if got := m.nearest(c.a, c.b) == c.a; got != c.equal {
			t.Errorf("%q and %q with %+v: equal is %t, want %t", c.a, c.b, c.tol, got, c.equal)
		}
	}
}

// FuzzNearest: nothing that differs in more than numbers is ever taken for the same.
func FuzzNearest(f *testing.F) {
	f.Add("x = 1.0", "x = 1.1")
	f.Add("<a 1>1</a>", "<a 2>2</a>")
	f.Fuzz(func(t *testing.T, a, b string) {
		exact := textMatch{}
		if exact.nearest(a, b) == a && a != b && strings.TrimSpace(a) == a {
			t.Errorf("%q is taken for %q", b, a)
		}
		loose := textMatch{tol: Tolerance{Rel: 1}}
		words := regexp.MustCompile(`[-+]?[0-9.][0-9.eE+-]*|\s`)
		if loose.nearest(a, b) == a && words.ReplaceAllString(a, "") != words.ReplaceAllString(b, "") {
			t.Errorf("%q is taken for %q", b, a)
		}
	})
}

// TestVerifyFile: tags, failures, limits and the report for CI.
func TestVerifyFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "n.ipynb")
	nb := notebookOf("#rtol=1e-2: result 1.001", "#verify-skip: result 2", "#skip-execution: x", "out a", "fail no", "result 3")
	for i, text := range map[int]string{0: "1.000", 1: "9", 5: "3"} {
		n := i
		nb.Cells[i].ExecutionCount = &n
		nb.Cells[i].Outputs = []*Output{{Type: ExecuteResult, ExecutionCount: &n, Data: map[string]any{"text/plain": text}}}
	}
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	before := read(t, path)
	var s sessions
	v, err := VerifyFile(t.Context(), path, VerifyOptions{Exec: ExecOptions{Start: s.start}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range v.Cells {
		got = append(got, c.Status)
	}
	if g, want := strings.Join(got, " "), "same skipped skipped differs failed skipped"; g != want {
		t.Errorf("cells are %s, want %s", g, want)
	}
	sameBytes(t, "notebook", read(t, path), before)

	var report struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name    string  `xml:"name,attr"`
				Failure *string `xml:"failure"`
				Error   *string `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(JUnit([]*Verification{v}, map[string]error{"other.ipynb": errors.New("is empty \x00")}), &report); err != nil {
		t.Fatal(err)
	}
	c := report.Suites[0].Cases
	if report.Tests != 7 || report.Failures != 1 || report.Errors != 2 || c[3].Name != "cell 4: out a" ||
		c[3].Failure == nil || !strings.Contains(*c[3].Failure, "+ stream stdout") || c[4].Error == nil || c[0].Failure != nil || c[0].Error != nil {
		t.Errorf("report %+v", report)
	}

	nb.Cells[0].Metadata["tags"] = []any{"rtol=abc"}
	if _, err := Verify(t.Context(), nb, VerifyOptions{Exec: ExecOptions{Start: s.start}}); err == nil || err.Error() != `cell 1: the tag "rtol=abc" must be a number from 0, such as rtol=1e-6` {
		t.Errorf("error %v", err)
	}
	hang := notebookOf("hang")
	hang.Cells[0].Outputs = []*Output{{Type: Stream, Name: "stdout", Text: "x"}}
	if err := hang.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	if _, err := VerifyFile(t.Context(), path, VerifyOptions{Timeout: 10 * time.Millisecond, Exec: ExecOptions{Start: s.start}}); !errors.Is(err, ErrTimeout) {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(path, notebookOf("out a").Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := VerifyFile(context.Background(), path, VerifyOptions{Exec: ExecOptions{Start: s.start}}); err == nil || !strings.Contains(err.Error(), "is stored without outputs") {
		t.Errorf("error %v", err)
	}
}
