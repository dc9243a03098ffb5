package notebook

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // with PNG the formats that pictures in notebooks have
	_ "image/jpeg"
	"image/png"
	"strings"
)

// comparePictures compares two pictures in base64 pixel by pixel; "" says that
// no channel of any pixel differs by more than tolerance (of 255). Pictures that
// cannot be decoded are compared byte by byte.
func comparePictures(stored, now string, tolerance int) string {
	if stored == now {
		return ""
	}
	a, errA := decodePicture(stored)
	b, errB := decodePicture(now)
	switch {
	case errA != nil && errB != nil:
		x, y := strings.Join(strings.Fields(stored), ""), strings.Join(strings.Fields(now), "")
		if x == y {
			return ""
		}
		return fmt.Sprintf("- %d bytes of base64\n+ %d bytes of base64, first different at %d", len(x), len(y), firstDifference(x, y))
	case errA != nil:
		return fmt.Sprintf("- no picture: %v\n+ %s", errA, pictureSize(b))
	case errB != nil:
		return fmt.Sprintf("- %s\n+ no picture: %v", pictureSize(a), errB)
	case a.Bounds().Size() != b.Bounds().Size():
		return fmt.Sprintf("- %s\n+ %s", pictureSize(a), pictureSize(b))
	}
	var where image.Rectangle
	count, largest := 0, 0
	size := a.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			d := channelDifference(pixel(a, x, y), pixel(b, x, y))
			if d <= tolerance {
				continue
			}
			count++
			largest = max(largest, d)
			where = where.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	if count == 0 {
		return ""
	}
	all := size.X * size.Y
	return fmt.Sprintf("%d of %d pixels differ (%.2g %%), all in columns %d to %d and rows %d to %d of %s;\nthe largest difference of a channel is %d of 255",
		count, all, 100*float64(count)/float64(all), where.Min.X, where.Max.X-1, where.Min.Y, where.Max.Y-1, pictureSize(a), largest)
}

// changedPictures is two pictures in base64 that differ, as files; if they have
// the same size a third shows where.
func changedPictures(stored, now, mime string, tolerance int) []File {
	var files []File
	for _, p := range []struct{ name, text string }{{"stored", stored}, {"now", now}} {
		raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(p.text), ""))
		if err != nil {
			continue // no picture to look at; the text of the difference says so
		}
		files = append(files, File{p.name + extensionOf(mime), raw})
	}
	a, errA := decodePicture(stored)
	b, errB := decodePicture(now)
	if errA != nil || errB != nil || a.Bounds().Size() != b.Bounds().Size() {
		return files
	}
	size := a.Bounds().Size()
	marked := image.NewNRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			p := pixel(a, x, y)
			if channelDifference(p, pixel(b, x, y)) > tolerance {
				marked.SetNRGBA(x, y, color.NRGBA{R: 0xff, B: 0xff, A: 0xff})
				continue
			}
			// A quarter of the contrast, on white.
			grey := 0xff - (0xff-color.GrayModel.Convert(p).(color.Gray).Y)/4
			marked.SetNRGBA(x, y, color.NRGBA{grey, grey, grey, 0xff})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, marked); err != nil {
		return files // larger than PNG can be
	}
	return append(files, File{"difference.png", out.Bytes()})
}

func decodePicture(text string) (image.Image, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, fmt.Errorf("is not base64: %w", err)
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	return img, err
}

func pictureSize(img image.Image) string {
	return fmt.Sprintf("%d × %d pixels", img.Bounds().Dx(), img.Bounds().Dy())
}

func pixel(img image.Image, x, y int) color.NRGBA {
	at := img.Bounds().Min.Add(image.Pt(x, y))
	return color.NRGBAModel.Convert(img.At(at.X, at.Y)).(color.NRGBA)
}

func channelDifference(a, b color.NRGBA) int {
	d := func(x, y uint8) int { return max(int(x)-int(y), int(y)-int(x)) }
	alpha := d(a.A, b.A)
	if a.A == 0 && b.A == 0 {
		return 0 // both invisible
	}
	return max(d(a.R, b.R), d(a.G, b.G), d(a.B, b.B), alpha)
}
