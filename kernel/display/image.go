package display

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
)

// Images are shown pixel by pixel, except that those with both sides below
// tinySide are enlarged by a whole factor until one reaches it.
const (
	tinySide  = 64
	maxPixels = 100_000_000
)

// Picture is an image with the factor to enlarge it by. Make one with [Image].
type Picture struct {
	img   image.Image
	scale int
}

// Image shows an image, one CSS pixel a pixel. An image.Image shows by itself;
// Image is for setting how much larger to draw it:
//
//	display.Image(img).Scale(8)
//
// Tiny images (less than 64 pixels wide and high) are enlarged unless Scale says
// otherwise. Enlarged pixels are squares, not blurs.
func Image(img image.Image) *Picture { return &Picture{img: img} }

// Scale sets the factor, at least 1, and returns p.
func (p *Picture) Scale(factor int) *Picture {
	p.scale = max(1, factor)
	return p
}

// MIMEBundle renders the image.
func (p *Picture) MIMEBundle() (data, metadata map[string]any) {
	b := p.bundle()
	return b.Data, b.Metadata
}

func (p *Picture) bundle() Bundle {
	if p == nil || p.img == nil {
		return bundle("display: Image was given nil instead of an image")
	}
	w, h := p.img.Bounds().Dx(), p.img.Bounds().Dy()
	if w <= 0 || h <= 0 {
		return bundle(fmt.Sprintf("<empty image, %d×%d pixels>", w, h))
	}
	if w > maxPixels/h {
		return bundle(fmt.Sprintf("<image, %d×%d pixels, too large to show: the most is %d million>", w, h, maxPixels/1_000_000))
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, p.img); err != nil {
		return bundle(fmt.Sprintf("display: image of %d×%d pixels cannot be encoded: %v", w, h, err))
	}
	scale := p.scale
	if scale == 0 {
		scale = max(1, (tinySide+max(w, h)-1)/max(w, h))
	}
	b := bundle(fmt.Sprintf("<image, %d×%d pixels>", w, h))
	code := base64.StdEncoding.EncodeToString(buf.Bytes())
	b.Data[mimePNG] = code
	if scale > 1 {
		b.Metadata[mimePNG] = map[string]any{"width": w * scale, "height": h * scale}
		b.Data[mimeHTML] = fmt.Sprintf(`<img alt="image, %d×%d pixels" width="%d" height="%d" style="image-rendering:pixelated" src="data:image/png;base64,%s">`,
			w, h, w*scale, h*scale, code)
	}
	return b
}
