package display

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"strings"
	"testing"
)

func testImage(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.NRGBA{uint8(x), uint8(y), 9, 255})
		}
	}
	return img
}

func TestImageFiles(t *testing.T) {
	var p, j bytes.Buffer
	if err := png.Encode(&p, testImage(5, 4)); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&j, testImage(5, 4), nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		b          Bundle
		mime, text string
		raw        []byte
	}{
		{PNG(p.Bytes()), mimePNG, "<PNG image, 5×4 pixels>", p.Bytes()},
		{JPEG(j.Bytes()), mimeJPEG, "<JPEG image, 5×4 pixels>", j.Bytes()},
	} {
		if c.b.String() != c.text || c.b.Data[c.mime] != base64.StdEncoding.EncodeToString(c.raw) {
			t.Errorf("%s: %v", c.mime, c.b.Data)
		}
	}
	for _, b := range []Bundle{PNG([]byte("GIF89a")), PNG(nil), JPEG([]byte("no"))} {
		if formats(b) != "text/plain" || !strings.HasPrefix(b.String(), "display: ") || !strings.Contains(b.String(), "not a ") {
			t.Errorf("bytes that are no image: %v", b.Data)
		}
	}
}

func TestImage(t *testing.T) {
	b := Render([]any{testImage(100, 30)}, nil)
	raw, err := base64.StdEncoding.DecodeString(b.Data[mimePNG].(string))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if img.Bounds() != image.Rect(0, 0, 100, 30) || img.At(7, 3) != (color.RGBA{7, 3, 9, 255}) {
		t.Errorf("image came back as %v, %v", img.Bounds(), img.At(7, 3))
	}
	if formats(b) != "image/png text/plain" || len(b.Metadata) != 0 {
		t.Errorf("an image of 100 pixels is enlarged: %s %v", formats(b), b.Metadata)
	}
	for _, c := range []struct {
		p    *Picture
		w, h int
	}{
		{Image(testImage(8, 4)), 64, 32},
		{Image(testImage(60, 1)), 120, 2},
		{Image(testImage(8, 4)).Scale(3), 24, 12},
		{Image(testImage(100, 30)).Scale(2), 200, 60},
	} {
		b := c.p.bundle()
		if got := fmt.Sprint(b.Metadata[mimePNG]); got != fmt.Sprintf("map[height:%d width:%d]", c.h, c.w) {
			t.Errorf("metadata %s, want %d by %d", got, c.w, c.h)
		}
		if !strings.Contains(b.Data[mimeHTML].(string), fmt.Sprintf(`width="%d" height="%d" style="image-rendering:pixelated"`, c.w, c.h)) {
			t.Errorf("%.200s", b.Data[mimeHTML])
		}
	}
	for _, b := range []Bundle{Image(nil).bundle(), Image(image.NewGray(image.Rectangle{})).bundle(), Image(image.NewUniform(color.Black)).bundle()} {
		if formats(b) != "text/plain" {
			t.Errorf("nothing to draw, yet %s", formats(b))
		}
	}
	if b := Image(testImage(8, 4)).Scale(1).bundle(); formats(b) != "image/png text/plain" {
		t.Errorf("Scale(1) enlarges: %s", formats(b))
	}
}

func TestJSON(t *testing.T) {
	m := map[string]any{"b": []int{1}, "a": "<x>"}
	b := JSON(m)
	m["a"] = "changed"
	if got := fmt.Sprintf("%s", b.Data[mimeJSON]); got != `{"a":"\u003cx\u003e","b":[1]}` {
		t.Errorf("JSON: %s", got)
	}
	if b := JSON(math.NaN()); formats(b) != "text/plain" || b.String() != "display: JSON was given a float64 that is not JSON: json: unsupported value: NaN" {
		t.Errorf("NaN: %v", b.Data)
	}
}

func ExampleHTML() {
	b := HTML("<h3>Results &amp; more</h3><p>All <b>well</b>.</p>")
	fmt.Println(b.Data["text/html"])
	fmt.Println(b)
	// Output:
	// <h3>Results &amp; more</h3><p>All <b>well</b>.</p>
	// Results & more
	// All well.
}

func ExampleMarkdown() {
	fmt.Println(Markdown("the loss falls as $e^{-t}$").Data["text/markdown"])
	// Output: the loss falls as $e^{-t}$
}

func ExampleLaTeX() {
	fmt.Println(LaTeX(`\frac{1}{2}`))
	fmt.Println(LaTeX(`$x_0$`))
	// Output:
	// $$\frac{1}{2}$$
	// $x_0$
}

func ExampleSVG() {
	b := SVG(`<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><circle r="4"/></svg>`)
	fmt.Println(b)
	fmt.Println(b.Data["image/svg+xml"])
	// Output:
	// <SVG image, 84 bytes>
	// <svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><circle r="4"/></svg>
}

func ExampleJSON() {
	fmt.Println(JSON(map[string]any{"seed": 7, "mu": []float64{1, 2}}))
	// Output:
	// {
	//   "mu": [
	//     1,
	//     2
	//   ],
	//   "seed": 7
	// }
}

func ExampleJavaScript() {
	b := JavaScript(`console.log("hi")`)
	fmt.Println(b)
	// Output: <JavaScript, 17 bytes>
}

func ExampleText() {
	fmt.Println(Text("no quotes"))
	// Output: no quotes
}

func ExampleImage() {
	img := image.NewGray(image.Rect(0, 0, 16, 16))
	data, metadata := Image(img).Scale(4).MIMEBundle()
	fmt.Println(data["text/plain"], metadata["image/png"])
	// Output: <image, 16×16 pixels> map[height:64 width:64]
}
